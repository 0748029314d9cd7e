package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// UpdateItem changes attributes of an item, or creates it.
func (e *Engine) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
	w, err := writeRequest{
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
	}.single()
	if err != nil {
		return nil, err
	}
	done, err := e.writeOne(ctx, "UpdateItem", w, in.ReturnItemCollectionMetrics)
	if err != nil {
		return nil, err
	}
	return &dynamodb.UpdateItemOutput{
		Attributes:            done.returned(in.ReturnValues),
		ConsumedCapacity:      done.capacity.consumed(in.ReturnConsumedCapacity),
		ItemCollectionMetrics: done.metrics,
	}, nil
}

// returned gives the attributes that an update was asked to return.
func (d *written) returned(values types.ReturnValue) map[string]types.AttributeValue {
	var updated map[string]types.AttributeValue
	switch {
	case values == types.ReturnValueAllOld:
		return d.old.Map()
	case values == types.ReturnValueAllNew:
		return d.new.Map()
	case values == types.ReturnValueUpdatedOld && d.update != nil:
		updated = d.update.Updated(d.old.Map())
	case values == types.ReturnValueUpdatedNew && d.update != nil:
		updated = d.update.Updated(d.new.Map())
	}
	if len(updated) == 0 {
		return nil
	}
	return updated
}
