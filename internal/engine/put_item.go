package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// PutItem creates an item or replaces all of it.
func (e *Engine) PutItem(ctx context.Context, in *dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) {
	done, err := e.writeOne(ctx, "PutItem", writeRequest{
		kind:         putWrite,
		table:        in.TableName,
		item:         in.Item,
		condition:    in.ConditionExpression,
		names:        in.ExpressionAttributeNames,
		values:       in.ExpressionAttributeValues,
		expected:     in.Expected,
		operator:     in.ConditionalOperator,
		returnValues: in.ReturnValues,
		metrics:      in.ReturnItemCollectionMetrics,
		consumed:     in.ReturnConsumedCapacity,
		onFailure:    in.ReturnValuesOnConditionCheckFailure,
	})
	if err != nil {
		return nil, err
	}
	return &dynamodb.PutItemOutput{Attributes: done.attributes, ConsumedCapacity: done.consumed,
		ItemCollectionMetrics: done.metrics}, nil
}
