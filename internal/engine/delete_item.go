package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// DeleteItem deletes the item of a key; a key without an item is no error.
func (e *Engine) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput) (*dynamodb.DeleteItemOutput, error) {
	w, err := writeRequest{
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
	}.single()
	if err != nil {
		return nil, err
	}
	done, err := e.writeOne(ctx, "DeleteItem", w, in.ReturnItemCollectionMetrics)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.DeleteItemOutput{
		ConsumedCapacity:      done.capacity.consumed(in.ReturnConsumedCapacity),
		ItemCollectionMetrics: done.metrics,
	}
	if in.ReturnValues == types.ReturnValueAllOld {
		out.Attributes = done.old.Map()
	}
	return out, nil
}
