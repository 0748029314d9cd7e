// Command stumble is a Lambda function on a table's stream that fails at some changes: 5 as an error, 14 by naming it,
// 15 as a panic, 16 with an answer that is none. It prints the others.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(_ context.Context, event events.DynamoDBEvent) (any, error) {
		for _, record := range event.Records {
			switch id := record.Change.Keys["id"].Number(); id {
			case "5":
				return nil, errors.New("not this one")
			case "14":
				failure := events.DynamoDBBatchItemFailure{ItemIdentifier: record.Change.SequenceNumber}
				return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{failure}}, nil
			case "15":
				panic("not this one either")
			case "16":
				return "fine", nil
			default:
				fmt.Printf(`{"function":%q,"id":%s}`+"\n", os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), id)
			}
		}
		return events.DynamoDBEventResponse{}, nil
	})
}
