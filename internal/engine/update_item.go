package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
)

// UpdateItem changes attributes of an item, or creates it.
func (e *Engine) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
	w, err := updateOf(in)
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

// updateOf finds what is wrong with a request without its table, and makes its write.
func updateOf(in *dynamodb.UpdateItemInput) (*write, error) {
	if err := checkTableName(in.TableName); err != nil {
		return nil, err
	}
	var c constraints
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.table(in.TableName)
	c.required(in.Key != nil, "key")
	c.updates(in.AttributeUpdates)
	c.expected(in.Expected)
	c.conditionalOperator(in.ConditionalOperator)
	c.collectionMetrics(in.ReturnItemCollectionMetrics)
	c.returnValues(in.ReturnValues)
	c.onFailure(in.ReturnValuesOnConditionCheckFailure, "returnValuesOnConditionCheckFailure")
	if err := c.err(); err != nil {
		return nil, err
	}
	expressions := []parameter{text("UpdateExpression", in.UpdateExpression), text("ConditionExpression", in.ConditionExpression)}
	scope, err := language{
		legacy: []parameter{
			{name: "AttributeUpdates", given: in.AttributeUpdates != nil},
			{name: "Expected", given: in.Expected != nil},
			{name: "ConditionalOperator", given: in.ConditionalOperator != ""},
		},
		expressions: expressions,
		valued:      expressions,
		names:       in.ExpressionAttributeNames,
		values:      in.ExpressionAttributeValues,
	}.scope()
	if err != nil {
		return nil, err
	}
	if err := checkValues(in.Key); err != nil {
		return nil, err
	}
	w := &write{
		kind:      updateWrite,
		table:     *in.TableName,
		key:       in.Key,
		returnOld: in.ReturnValuesOnConditionCheckFailure == types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if w.condition, err = legacyExpected(in.Expected, in.ConditionalOperator); err != nil {
		return nil, err
	}
	if w.update, err = legacyUpdates(in.AttributeUpdates); err != nil {
		return nil, err
	}
	if in.UpdateExpression != nil {
		if w.update, err = parseUpdate(scope, in.UpdateExpression); err != nil {
			return nil, err
		}
	}
	if in.ConditionExpression != nil {
		if w.condition, err = parseCondition(scope, expr.ConditionKind, in.ConditionExpression); err != nil {
			return nil, err
		}
	}
	return w, allUsed(scope)
}
