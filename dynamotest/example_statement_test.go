package dynamotest_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// Code that speaks PartiQL meets the service's rules: a SELECT by key costs what it reads, and one without is a scan.
func ExampleClient_ExecuteStatement() {
	ctx := context.Background()
	client := dynamotest.NewClient()
	pets := monotable.Schema{Name: "pets", Partition: monotable.S("owner"), Sort: monotable.S("name")}
	if err := admin.Create(ctx, client, pets, 0); err != nil {
		log.Fatal(err)
	}
	execute := func(statement string, parameters ...types.AttributeValue) {
		out, err := client.ExecuteStatement(ctx, &dynamodb.ExecuteStatementInput{Statement: &statement,
			Parameters: parameters, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
		if err != nil {
			var refused smithy.APIError
			fmt.Println(errors.As(err, &refused), refused.ErrorMessage())
			return
		}
		fmt.Println(len(out.Items), "items", aws.ToFloat64(out.ConsumedCapacity.CapacityUnits), "units")
	}
	execute("INSERT INTO pets VALUE {'owner': 'ann', 'name': 'Rex', 'age': 3}")
	execute("UPDATE pets SET age = age + 1 WHERE owner = 'ann' AND name = 'Rex' RETURNING ALL NEW *")
	execute("SELECT age FROM pets WHERE owner = ?", &types.AttributeValueMemberS{Value: "ann"})
	execute("UPDATE pets SET age = 5 WHERE age = 4")

	// Output:
	// 0 items 1 units
	// 1 items 1 units
	// 1 items 0.5 units
	// true Where clause does not contain a mandatory equality on all key attributes
}
