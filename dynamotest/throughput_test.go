package dynamotest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// Under a clock that stands still, one partition key takes 1,000 writes; a second later it takes a thousand more.
func ExampleWithThroughputLimits() {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	client := dynamotest.NewWith(&testing.T{}, []dynamotest.Option{
		dynamotest.WithClock(func() time.Time { return now }),
		dynamotest.WithThroughputLimits(dynamotest.ThroughputLimits{}),
	}, pets)
	table := petsTable(client)

	untilThrottled := func() (puts int) {
		for {
			err := table.Put(context.Background(), &pet{ID: 1, Name: "Rachel"})
			var throttled *types.ThrottlingException
			if errors.As(err, &throttled) {
				fmt.Println(puts, *throttled.ThrottlingReasons[0].Reason)
				return
			}
			puts++
		}
	}
	untilThrottled()
	now = now.Add(time.Second)
	untilThrottled()
	// Output:
	// 1000 TableWriteKeyRangeThroughputExceeded
	// 1000 TableWriteKeyRangeThroughputExceeded
}

// The limits given are those that count, on either client, and the errors are the service's.
func TestWithThroughputLimits(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	fake := dynamotest.NewClient(dynamotest.WithClock(func() time.Time { return now }),
		dynamotest.WithThroughputLimits(dynamotest.ThroughputLimits{PartitionRead: 5, PartitionWrite: 3,
			Burst: 2 * time.Second}))
	require.NoError(t, admin.Create(ctx, fake, pets, 0, admin.Provisioned(100, 5)))
	server, err := dynamotest.NewServer(fake)
	require.NoError(t, err)
	defer server.Close()
	sdk := dynamodb.NewFromConfig(server.Config(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })

	for range 3 {
		require.NoError(t, putPet(ctx, sdk, 1))
	}
	var exceeded *types.ProvisionedThroughputExceededException
	require.ErrorAs(t, putPet(ctx, sdk, 1), &exceeded)
	assert.Equal(t, "TableWriteKeyRangeThroughputExceeded", *exceeded.ThrottlingReasons[0].Reason)
	assert.Equal(t, "arn:aws:dynamodb:us-east-1:000000000000:table/pets", *exceeded.ThrottlingReasons[0].Resource)
	for id := range 7 {
		require.NoError(t, putPet(ctx, fake, 10+id), "2 s of 5 units, 3 of which are used")
	}
	require.ErrorAs(t, putPet(ctx, fake, 20), &exceeded)
	assert.Equal(t, "TableWriteProvisionedThroughputExceeded", *exceeded.ThrottlingReasons[0].Reason)
	assert.Equal(t, 2, fake.Usage().Errors["ProvisionedThroughputExceededException"])
	assert.EqualValues(t, 10, fake.Usage().Table("pets").Write, "throttled requests are not charged")
	for range 5 {
		require.True(t, petIsThere(t, fake, 1))
	}
	_, err = fake.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("pets"), Key: item{"id": n("1")}})
	require.ErrorAs(t, err, &exceeded)
}
