package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// PutItem creates an item or replaces all of it.
func (e *Engine) PutItem(ctx context.Context, in *dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) {
	w, err := writeRequest{
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
	}.single()
	if err != nil {
		return nil, err
	}
	done, err := e.writeOne(ctx, "PutItem", w, in.ReturnItemCollectionMetrics)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.PutItemOutput{
		ConsumedCapacity:      done.capacity.consumed(in.ReturnConsumedCapacity),
		ItemCollectionMetrics: done.metrics,
	}
	if in.ReturnValues == types.ReturnValueAllOld {
		out.Attributes = done.old.Map()
	}
	return out, nil
}
