package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// UpdateItem changes attributes of an item, or creates it.
func (e *Engine) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
	done, err := e.writeOne(ctx, "UpdateItem", writeRequest{
		kind:         updateWrite,
		table:        in.TableName,
		item:         in.Key,
		update:       in.UpdateExpression,
		condition:    in.ConditionExpression,
		names:        in.ExpressionAttributeNames,
		values:       in.ExpressionAttributeValues,
		updates:      in.AttributeUpdates,
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
	return &dynamodb.UpdateItemOutput{Attributes: done.attributes, ConsumedCapacity: done.consumed,
		ItemCollectionMetrics: done.metrics}, nil
}
