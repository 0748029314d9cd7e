package admin_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// A deployment creates the table once. With AllowExisting it may run again: the table is then compared with the schema.
func ExampleCreate() {
	ctx := context.Background()
	client := dynamotest.NewClient() // or dynamodb.NewFromConfig(cfg)
	schema := monotable.Schema{
		Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), TTL: "expires_at",
		Indexes: []monotable.Index{{Name: "by-status", Partition: monotable.S("status"), Sort: monotable.S("SK")}},
	}
	for range 2 {
		err := admin.Create(ctx, client, schema, 5*time.Minute, admin.AllowExisting(),
			admin.PointInTimeRecovery(), admin.DeletionProtection(), admin.Tags(map[string]string{"team": "pets"}))
		if err != nil {
			log.Fatal(err)
		}
	}
	err := admin.Create(ctx, client, schema, 5*time.Minute)
	fmt.Println(errors.Is(err, monotable.ErrExists))
	// Output: true
}

// A service whose table is made by others, a SAM template say, may ask when it starts whether it is the table it knows.
func ExampleVerify() {
	ctx := context.Background()
	client := dynamotest.NewClient()
	made := monotable.Schema{Name: "pets", Partition: monotable.S("id")}
	if err := admin.Create(ctx, client, made, time.Minute); err != nil {
		log.Fatal(err)
	}

	known := monotable.Schema{
		Name: "pets", Partition: monotable.N("id"), TTL: "expires_at",
		Indexes: []monotable.Index{{Name: "by-name", Partition: monotable.S("name")}},
	}
	err := admin.Verify(ctx, client, known)
	var mismatch *admin.MismatchError
	if errors.As(err, &mismatch) {
		for _, difference := range mismatch.Differences {
			fmt.Println(difference)
		}
	}
	// Output:
	// partition key: want id (N), have id (S)
	// TTL attribute: want expires_at, have none
	// index by-name: want a global index, have none
}

// Those who create tables in their own way can have the request.
func ExampleCreateTableInput() {
	schema := monotable.Schema{
		Name: "orders", Partition: monotable.S("id"),
		Indexes: []monotable.Index{
			{Name: "by-region", Partition: monotable.S("region", "status"), Sort: monotable.N("total").S("id")},
		},
	}
	in, err := admin.CreateTableInput(schema, admin.Provisioned(10, 5), admin.ProvisionedIndex("by-region", 20, 5))
	if err != nil {
		log.Fatal(err)
	}
	for _, index := range in.GlobalSecondaryIndexes {
		for _, key := range index.KeySchema {
			fmt.Println(*index.IndexName, key.KeyType, *key.AttributeName)
		}
		fmt.Println(*index.ProvisionedThroughput.ReadCapacityUnits, "read units")
	}
	// Output:
	// by-region HASH region
	// by-region HASH status
	// by-region RANGE total
	// by-region RANGE id
	// 20 read units
}

// Delete waits until the name is free again.
func ExampleDelete() {
	ctx := context.Background()
	client := dynamotest.NewClient()
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	if err := admin.Create(ctx, client, schema, time.Minute); err != nil {
		log.Fatal(err)
	}
	fmt.Println(admin.Delete(ctx, client, schema, time.Minute))
	fmt.Println(errors.Is(admin.Delete(ctx, client, schema, time.Minute), monotable.ErrNotFound))
	// Output:
	// <nil>
	// true
}
