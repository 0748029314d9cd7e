package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
)

// DeleteItem deletes the item of a key; a key without an item is no error.
func (e *Engine) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput) (*dynamodb.DeleteItemOutput, error) {
	w, err := deleteOf(in)
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

// deleteOf finds what is wrong with a request without its table, and makes its write.
func deleteOf(in *dynamodb.DeleteItemInput) (*write, error) {
	if err := checkTableName(in.TableName); err != nil {
		return nil, err
	}
	var c constraints
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.table(in.TableName)
	c.required(in.Key != nil, "key")
	c.expected(in.Expected)
	c.conditionalOperator(in.ConditionalOperator)
	c.collectionMetrics(in.ReturnItemCollectionMetrics)
	c.returnValues(in.ReturnValues)
	c.onFailure(in.ReturnValuesOnConditionCheckFailure, "returnValuesOnConditionCheckFailure")
	if err := c.err(); err != nil {
		return nil, err
	}
	expressions := []parameter{text("ConditionExpression", in.ConditionExpression)}
	scope, err := language{
		legacy:      []parameter{{name: "Expected", given: in.Expected != nil}, {name: "ConditionalOperator", given: in.ConditionalOperator != ""}},
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
	if in.ReturnValues == types.ReturnValueAllNew || in.ReturnValues == types.ReturnValueUpdatedOld || in.ReturnValues == types.ReturnValueUpdatedNew {
		return nil, invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	w := &write{
		kind:      deleteWrite,
		table:     *in.TableName,
		key:       in.Key,
		returnOld: in.ReturnValuesOnConditionCheckFailure == types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if w.condition, err = legacyExpected(in.Expected, in.ConditionalOperator); err != nil {
		return nil, err
	}
	if in.ConditionExpression != nil {
		if w.condition, err = parseCondition(scope, expr.ConditionKind, in.ConditionExpression); err != nil {
			return nil, err
		}
	}
	return w, allUsed(scope)
}
