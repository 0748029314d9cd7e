package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
)

// PutItem creates an item or replaces all of it.
func (e *Engine) PutItem(ctx context.Context, in *dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) {
	w, err := putOf(in)
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

// putOf finds what is wrong with a request without its table, and makes its write.
func putOf(in *dynamodb.PutItemInput) (*write, error) {
	if err := checkTableName(in.TableName); err != nil {
		return nil, err
	}
	var c constraints
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.table(in.TableName)
	c.required(in.Item != nil, "item")
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
	w := &write{
		kind:      putWrite,
		table:     *in.TableName,
		key:       in.Item,
		returnOld: in.ReturnValuesOnConditionCheckFailure == types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if w.item, err = pack(in.Item); err != nil {
		return nil, err
	}
	if in.ReturnValues == types.ReturnValueAllNew || in.ReturnValues == types.ReturnValueUpdatedOld || in.ReturnValues == types.ReturnValueUpdatedNew {
		return nil, invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	if w.item.Size() > maxItemSize {
		return nil, errItemTooLarge
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
