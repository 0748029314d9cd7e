package engine

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// writeRequest is what PutItem, UpdateItem, DeleteItem and the actions of TransactWriteItems ask for, in one form. What
// an operation does not have is zero.
type writeRequest struct {
	kind         writeKind
	table        *string
	item         map[string]types.AttributeValue // to put, or the key
	update       *string
	condition    *string
	names        map[string]string
	values       map[string]types.AttributeValue
	updates      map[string]types.AttributeValueUpdate
	expected     map[string]types.ExpectedAttributeValue
	operator     types.ConditionalOperator
	returnValues types.ReturnValue
	metrics      types.ReturnItemCollectionMetrics
	consumed     types.ReturnConsumedCapacity
	onFailure    types.ReturnValuesOnConditionCheckFailure
}

// single makes the write of a request that is an operation of its own: it finds all that is wrong without the table.
func (r writeRequest) single() (*write, error) {
	if err := checkTableName(r.table); err != nil {
		return nil, err
	}
	var c constraints
	c.consumedCapacity(r.consumed)
	c.table(r.table)
	if r.kind == putWrite {
		c.required(r.item != nil, "item")
	} else {
		c.required(r.item != nil, "key")
	}
	c.updates(r.updates)
	c.expected(r.expected)
	c.conditionalOperator(r.operator)
	c.collectionMetrics(r.metrics)
	c.returnValues(r.returnValues)
	c.onFailure(r.onFailure, "returnValuesOnConditionCheckFailure")
	if err := c.err(); err != nil {
		return nil, err
	}
	w, err := r.write()
	if err != nil {
		return nil, err
	}
	w.charged = true
	return w, r.checkDepth()
}

// checkDepth refuses values of UpdateItem that no item has room for, in its condition as well: as many lists and maps
// in each other as levels are allowed, since the item is one.
func (r writeRequest) checkDepth() error {
	if r.kind != updateWrite {
		return nil
	}
	tooDeep := func(v types.AttributeValue) bool { return expr.Depth(v) >= size.MaxNesting }
	found := false
	for _, v := range r.values {
		found = found || tooDeep(v)
	}
	for _, x := range r.expected {
		found = found || tooDeep(x.Value) || slices.ContainsFunc(x.AttributeValueList, tooDeep)
	}
	if found {
		return refusal.Invalid("1 validation error detected: " + wire.MessageNesting)
	}
	return nil
}

// write makes the write of a request whose declared bounds hold.
func (r writeRequest) write() (*write, error) {
	scope, err := r.language().scope()
	if err != nil {
		return nil, err
	}
	w := &write{
		kind:      r.kind,
		table:     *r.table,
		key:       r.item,
		returnOld: r.onFailure == types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if r.kind == putWrite {
		w.item, err = packed.Pack(r.item)
	} else {
		err = packed.CheckValues(r.item)
	}
	if err != nil {
		return nil, err
	}
	if r.kind != updateWrite && r.returnValues != "" && r.returnValues != types.ReturnValueNone &&
		r.returnValues != types.ReturnValueAllOld {
		return nil, refusal.Invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	if w.item.Size() > size.MaxItem {
		return nil, errItemTooLarge
	}
	if err := r.legacy(w); err != nil {
		return nil, err
	}
	if err := r.expressions(w, scope); err != nil {
		return nil, err
	}
	w.expressionBytes = scope.Size()
	return w, allUsed(scope)
}

func (r writeRequest) language() language {
	expressions := []parameter{text("ConditionExpression", r.condition)}
	legacy := []parameter{{name: "Expected", given: r.expected != nil},
		{name: "ConditionalOperator", given: r.operator != ""}}
	if r.kind == updateWrite {
		expressions = []parameter{text("UpdateExpression", r.update), expressions[0]}
		legacy = []parameter{{name: "AttributeUpdates", given: r.updates != nil}, legacy[0], legacy[1]}
	}
	return language{legacy: legacy, expressions: expressions, valued: expressions, names: r.names, values: r.values}
}

// legacy adds what the parameters of before there were expressions say.
func (r writeRequest) legacy(w *write) (err error) {
	if w.condition, err = legacyExpected(r.expected, r.operator); err != nil {
		return err
	}
	w.update, err = legacyUpdates(r.updates)
	return err
}

// expressions adds what the expressions say.
func (r writeRequest) expressions(w *write, scope *expr.Scope) (err error) {
	if r.update != nil {
		if w.update, err = parseUpdate(scope, r.update); err != nil {
			return err
		}
	}
	if r.condition != nil {
		w.condition, err = parseCondition(scope, expr.ConditionKind, r.condition)
	}
	return err
}
