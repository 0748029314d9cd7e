package engine

import (
	"cmp"
	"maps"
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
	wording      phrasing
}

// single makes the write of a request that is an operation of its own: it finds all that is wrong without the table.
func (r writeRequest) single(front refusal.Front) (*write, error) {
	if err := r.checkDeclared(front[refusal.Writes]); err != nil {
		return nil, err
	}
	r.wording = phrasing{newer: front[refusal.Writes], enveloped: front[refusal.Writes]}
	w, err := r.write()
	if err == errItemTooLarge { // without the envelope
		return nil, err
	}
	if err == nil && front[refusal.Depth] && r.kind == updateWrite {
		err = r.checkDepth()
	}
	if err != nil {
		return nil, r.wording.of(err)
	}
	w.charged = front[refusal.Charge]
	return w, nil
}

// checkDeclared checks the declared bounds. What is required is looked for with all others, in the words of before; the
// newer front end has some words of its own where nothing is missing.
func (r writeRequest) checkDeclared(newer bool) error {
	if r.table != nil && *r.table != "" && (isARN(*r.table) || len(*r.table) <= 255) {
		if err := checkTableName(r.table); err != nil {
			return err
		}
	}
	complete := r.table != nil && r.item != nil
	switch {
	case newer && complete && *r.table == "":
		return refusal.EmptyTableName()
	case newer && complete && r.kind != putWrite && !isReturnValue(r.returnValues):
		return refusal.Enveloped(refusal.BadReturnValues())
	}
	var c constraints
	r.declared(&c, newer && complete)
	return c.err()
}

// declared collects the violations of the declared bounds, in the order of each operation (captured from us-east-1,
// 2026).
func (r writeRequest) declared(c *constraints, newer bool) {
	c.consumedCapacity(r.consumed)
	c.required(r.table != nil, "tableName")
	if r.table != nil && !isARN(*r.table) {
		c.length(r.table, "tableName", 1, 255)
		c.table(r.table)
	}
	if r.kind == putWrite {
		c.required(r.item != nil, "item")
		if newer && !isReturnValue(r.returnValues) {
			c.words(refusal.BadReturnValues())
		}
	} else {
		c.returnValues(r.returnValues)
		c.conditionalOperator(r.operator)
		c.required(r.item != nil, "key")
	}
	c.updates(r.updates)
	c.expected(r.expected)
	if r.kind == putWrite {
		c.conditionalOperator(r.operator)
	}
	c.collectionMetrics(r.metrics)
	if r.kind == putWrite && !newer {
		c.returnValues(r.returnValues)
	}
	c.onFailure(r.onFailure, "returnValuesOnConditionCheckFailure")
}

// checkDepth refuses values that no item has room for, those of a condition as well: as many lists and maps in each
// other as levels are allowed, since the item is one.
func (r writeRequest) checkDepth() error {
	found := slices.ContainsFunc(slices.Collect(maps.Values(r.values)), isTooDeep)
	for _, x := range r.expected {
		found = found || isTooDeep(x.Value) || slices.ContainsFunc(x.AttributeValueList, isTooDeep)
	}
	if found {
		return refusal.Invalid(wire.MessageNesting)
	}
	return nil
}

func isTooDeep(v types.AttributeValue) bool { return expr.Depth(v) >= size.MaxNesting }

// write makes the write of a request whose declared bounds hold.
func (r writeRequest) write() (*write, error) {
	speech, tooDeep := r.language().shallow() // the service tells everything else first
	scope, err := speech.scope()
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
	if packed.IsTooDeep(err) {
		tooDeep, err = err, packed.CheckTooDeep(r.item)
	}
	if err != nil && !packed.IsTooDeep(err) {
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
	return w, cmp.Or(allUsed(scope), tooDeep)
}

func (r writeRequest) language() language {
	expressions := []parameter{text("ConditionExpression", r.condition)}
	legacy := []parameter{{name: "Expected", given: r.expected != nil},
		{name: "ConditionalOperator", given: r.operator != ""}}
	if r.kind == updateWrite {
		expressions = []parameter{text("UpdateExpression", r.update), expressions[0]}
		legacy = []parameter{{name: "AttributeUpdates", given: r.updates != nil}, legacy[0], legacy[1]}
	}
	return language{legacy: legacy, expressions: expressions, valued: expressions, names: r.names, values: r.values,
		wording: r.wording}
}

// legacy adds what the parameters of before there were expressions say.
func (r writeRequest) legacy(w *write) (err error) {
	if w.update, err = legacyUpdates(r.updates); err != nil {
		return err
	}
	w.condition, err = legacyExpected(r.expected, r.operator)
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
