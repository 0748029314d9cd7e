package engine

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
)

// Conditions of before there were expressions: Expected, QueryFilter, ScanFilter and KeyConditions (DynamoDB guide,
// "Legacy conditional parameters"). Each is turned into a condition expression of its own, so that both languages mean
// the same.

// legacyComparison is one comparison of an attribute.
type legacyComparison struct {
	attribute string
	operator  types.ComparisonOperator
	values    []types.AttributeValue
}

// operands says how many values an operator takes and of which types; a most of 0 means any number, at least one.
type operands struct {
	least, most int
	types       string // type descriptors, each between spaces; "" for all
	pattern     string // the expression, with %[1]s for the attribute and %[2]s, %[3]s for the values
}

const (
	scalarTypes   = " S N B "
	containsTypes = " S N B BOOL NULL "
)

var legacyOperators = map[types.ComparisonOperator]operands{
	types.ComparisonOperatorEq:       {1, 1, "", "%[1]s = %[2]s"},
	types.ComparisonOperatorNe:       {1, 1, "", "%[1]s <> %[2]s"},
	types.ComparisonOperatorLe:       {1, 1, scalarTypes, "%[1]s <= %[2]s"},
	types.ComparisonOperatorLt:       {1, 1, scalarTypes, "%[1]s < %[2]s"},
	types.ComparisonOperatorGe:       {1, 1, scalarTypes, "%[1]s >= %[2]s"},
	types.ComparisonOperatorGt:       {1, 1, scalarTypes, "%[1]s > %[2]s"},
	types.ComparisonOperatorNotNull:  {0, 0, "", "attribute_exists(%[1]s)"},
	types.ComparisonOperatorNull:     {0, 0, "", "attribute_not_exists(%[1]s)"},
	types.ComparisonOperatorContains: {1, 1, containsTypes, "contains(%[1]s, %[2]s)"},
	types.ComparisonOperatorNotContains: {1, 1, containsTypes,
		"attribute_exists(%[1]s) AND NOT contains(%[1]s, %[2]s)"},
	types.ComparisonOperatorBeginsWith: {1, 1, " S B ", "begins_with(%[1]s, %[2]s)"},
	types.ComparisonOperatorIn:         {1, 100, scalarTypes, ""},
	types.ComparisonOperatorBetween:    {2, 2, scalarTypes, "%[1]s BETWEEN %[2]s AND %[3]s"},
}

// check refuses values that do not fit the operator.
func (l legacyComparison) check() error {
	rule := legacyOperators[l.operator]
	if len(l.values) < rule.least || len(l.values) > rule.most {
		return refusal.InvalidParameter("Invalid number of argument(s) for the %s ComparisonOperator", l.operator)
	}
	for i, v := range l.values {
		name := packed.TypeOf(v)
		if i > 0 && name != packed.TypeOf(l.values[0]) {
			return refusal.InvalidParameter("AttributeValues inside AttributeValueList must be of same type")
		}
		if rule.types != "" && !strings.Contains(rule.types, " "+name+" ") {
			return refusal.InvalidParameter("ComparisonOperator %s is not valid for %s AttributeValue type", l.operator,
				name)
		}
	}
	if l.operator == types.ComparisonOperatorBetween {
		return checkBounds(l.values[0], l.values[1])
	}
	return nil
}

// checkBounds refuses a range whose ends are the wrong way round. Both have one scalar type.
func checkBounds(low, high types.AttributeValue) error {
	tag, lowText, _ := packed.ScalarOf(low)
	_, highText, _ := packed.ScalarOf(high)
	if string(keyspace.AppendPart(nil, tag, lowText)) > string(keyspace.AppendPart(nil, tag, highText)) {
		return refusal.Invalid(
			"The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
	}
	return nil
}

// parse turns the comparison into a condition expression.
func (l legacyComparison) parse() (*expr.Condition, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	const name = "#a"
	values := map[string]types.AttributeValue{}
	placeholders := make([]any, 0, 3)
	placeholders = append(placeholders, name)
	listed := make([]string, len(l.values))
	for i, v := range l.values {
		listed[i] = ":v" + strconv.Itoa(i)
		values[listed[i]] = v
		placeholders = append(placeholders, listed[i])
	}
	text := "#a IN (" + strings.Join(listed, ", ") + ")"
	if l.operator != types.ComparisonOperatorIn {
		text = fmt.Sprintf(legacyOperators[l.operator].pattern, placeholders...)
	}
	if len(values) == 0 {
		values = nil
	}
	scope, err := expr.NewScope(map[string]string{name: l.attribute}, values)
	if err != nil {
		return nil, refusal.AsInvalid(err)
	}
	parsed, err := scope.Condition(expr.ConditionKind, text)
	return parsed, refusal.AsInvalid(err)
}

// legacyCondition is a condition on several attributes, each by one comparison.
type legacyCondition struct {
	parameter string
	paths     []expr.Path
	tests     []*expr.Condition
	any       bool // one that holds is enough
}

// Eval says whether all comparisons hold, or any of them.
func (l *legacyCondition) Eval(item expr.Item) (bool, error) {
	for _, test := range l.tests {
		met, err := test.Eval(item)
		if err != nil || met == l.any {
			return met, err
		}
	}
	return !l.any, nil
}

// Paths gives the attributes.
func (l *legacyCondition) Paths() []expr.Path { return l.paths }

func (l *legacyCondition) onKey(name string) error {
	return refusal.Invalid(l.parameter + " can only contain non-primary key attributes: Primary key attribute: " + name)
}

// combine makes a condition of comparisons; nil of none.
func combine(
	parameter string, comparisons []legacyComparison, operator types.ConditionalOperator,
) (*legacyCondition, error) {
	switch {
	case operator != "" && len(comparisons) == 0:
		return nil, refusal.Invalid("ConditionalOperator cannot be used without Filter or Expected")
	case operator != "" && len(comparisons) == 1:
		return nil,
			refusal.Invalid("ConditionalOperator can only be used when Filter or Expected has two or more elements")
	case len(comparisons) == 0:
		return nil, nil
	}
	l := &legacyCondition{parameter: parameter, any: operator == types.ConditionalOperatorOr}
	for _, c := range comparisons {
		test, err := c.parse()
		if err != nil {
			return nil, err
		}
		l.paths = append(l.paths, expr.Path{{Name: c.attribute, Index: -1}})
		l.tests = append(l.tests, test)
	}
	return l, nil
}

// legacyExpected turns Expected and ConditionalOperator into a condition.
func legacyExpected(
	expected map[string]types.ExpectedAttributeValue, operator types.ConditionalOperator,
) (condition, error) {
	var comparisons []legacyComparison
	for _, name := range sortedNames(expected) {
		c, err := expectedComparison(name, expected[name])
		if err != nil {
			return nil, err
		}
		comparisons = append(comparisons, c)
	}
	combined, err := combine("Expected", comparisons, operator)
	if combined == nil || err != nil {
		return nil, err // an interface around a nil pointer would be a condition
	}
	return combined, nil
}

// expectedComparison gives the comparison of one attribute of Expected, which has two ways of saying it.
func expectedComparison(name string, x types.ExpectedAttributeValue) (legacyComparison, error) {
	c := legacyComparison{attribute: name, operator: x.ComparisonOperator, values: x.AttributeValueList}
	fail := func(format string, args ...any) (legacyComparison, error) {
		return c, refusal.InvalidParameter(format+" for Attribute: %s", append(args, name)...)
	}
	if x.Value != nil {
		if err := packed.CheckOperand(x.Value); err != nil {
			return c, err
		}
	}
	for _, v := range x.AttributeValueList {
		if err := packed.CheckOperand(v); err != nil {
			return c, err
		}
	}
	shown := "null"
	if x.Exists != nil {
		shown = strconv.FormatBool(*x.Exists)
	}
	switch {
	case x.AttributeValueList != nil && x.Value != nil:
		return fail("Value and AttributeValueList cannot be used together")
	case x.ComparisonOperator != "" && x.Exists != nil:
		return fail("Exists and ComparisonOperator cannot be used together")
	case x.ComparisonOperator == "" && x.AttributeValueList != nil:
		return fail("AttributeValueList can only be used with a ComparisonOperator")
	case x.ComparisonOperator != "":
		if x.Value != nil {
			c.values = []types.AttributeValue{x.Value}
		}
		if c.values == nil && legacyOperators[c.operator].least > 0 {
			return fail("Value or AttributeValueList must be used with ComparisonOperator: %s", c.operator)
		}
		return c, nil
	case shown == "false" && x.Value != nil:
		return fail("Value cannot be used when Exists is false")
	case shown == "false":
		c.operator = types.ComparisonOperatorNull
		return c, nil
	case x.Value == nil:
		return fail("Value must be provided when Exists is %s", shown)
	}
	c.operator = types.ComparisonOperatorEq
	c.values = []types.AttributeValue{x.Value}
	return c, nil
}

// comparisonsOf gives the comparisons of a filter or of key conditions, in the order of their attributes.
func comparisonsOf(conditions map[string]types.Condition) ([]legacyComparison, error) {
	var comparisons []legacyComparison
	for _, name := range sortedNames(conditions) {
		for _, v := range conditions[name].AttributeValueList {
			if err := packed.CheckOperand(v); err != nil {
				return nil, err
			}
		}
		comparisons = append(comparisons,
			legacyComparison{name, conditions[name].ComparisonOperator, conditions[name].AttributeValueList})
	}
	return comparisons, nil
}

// legacyFilter turns QueryFilter or ScanFilter into a filter.
func legacyFilter(
	conditions map[string]types.Condition, operator types.ConditionalOperator, parameter string,
) (filter, error) {
	comparisons, err := comparisonsOf(conditions)
	if err != nil {
		return nil, err
	}
	combined, err := combine(parameter, comparisons, operator)
	if combined == nil || err != nil {
		return nil, err
	}
	return combined, nil
}

// keyOperators are the comparisons that a key condition can have.
var keyOperators = map[types.ComparisonOperator]expr.Op{
	types.ComparisonOperatorEq:         expr.OpEqual,
	types.ComparisonOperatorLe:         expr.OpLessOrEqual,
	types.ComparisonOperatorLt:         expr.OpLess,
	types.ComparisonOperatorGe:         expr.OpGreaterOrEqual,
	types.ComparisonOperatorGt:         expr.OpGreater,
	types.ComparisonOperatorBeginsWith: expr.OpBeginsWith,
	types.ComparisonOperatorBetween:    expr.OpBetween,
}

// legacyKeyConditions turns KeyConditions into key terms.
func legacyKeyConditions(conditions map[string]types.Condition) ([]expr.KeyTerm, error) {
	comparisons, err := comparisonsOf(conditions)
	if err != nil {
		return nil, err
	}
	var terms []expr.KeyTerm
	for _, c := range comparisons {
		if err := c.check(); err != nil {
			return nil, err
		}
		op, ok := keyOperators[c.operator]
		if !ok {
			return nil, refusal.Invalid("Attempted conditional constraint is not an indexable operation")
		}
		terms = append(terms, expr.KeyTerm{Attribute: c.attribute, Op: op, Values: c.values})
	}
	return terms, nil
}
