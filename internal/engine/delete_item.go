package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// DeleteItem deletes the item of a key; a key without an item is no error.
func (e *Engine) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput) (*dynamodb.DeleteItemOutput, error) {
	done, err := e.writeOne(ctx, "DeleteItem", writeRequest{
		kind:         deleteWrite,
		table:        in.TableName,
		item:         in.Key,
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
	return &dynamodb.DeleteItemOutput{Attributes: done.attributes, ConsumedCapacity: done.consumed,
		ItemCollectionMetrics: done.metrics}, nil
}
