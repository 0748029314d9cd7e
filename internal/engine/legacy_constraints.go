package engine

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/size"
)

// comparisonOperators are told in the service's order.
var comparisonOperators = []types.ComparisonOperator{
	"IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE", "CONTAINS",
}

// expected checks the operators of Expected.
func (c *constraints) expected(expected map[string]types.ExpectedAttributeValue) {
	for _, name := range sortedNames(expected) {
		enum(c, expected[name].ComparisonOperator, "expected."+name+".member.comparisonOperator",
			comparisonOperators...)
	}
}

// conditions checks the operators of a legacy filter or of key conditions.
func (c *constraints) conditions(conditions map[string]types.Condition, field string) {
	for _, name := range sortedNames(conditions) {
		at := field + "." + name + ".member.comparisonOperator"
		c.required(conditions[name].ComparisonOperator != "", at)
		enum(c, conditions[name].ComparisonOperator, at, comparisonOperators...)
	}
}

// attributesToGet checks the number of names of a legacy projection.
func (c *constraints) attributesToGet(names []string, field string) {
	if names != nil {
		c.count(len(names), shownMembers(len(names)), field, 1, size.MaxProjection)
	}
}

// updates checks the actions of AttributeUpdates.
func (c *constraints) updates(updates map[string]types.AttributeValueUpdate) {
	for _, name := range sortedNames(updates) {
		enum(c, updates[name].Action, "attributeUpdates."+name+".member.action", "ADD", "DELETE", "PUT")
	}
}

// sortedNames gives the names of a parameter's attributes in order; mostly there are none.
func sortedNames[V any](attributes map[string]V) []string {
	if len(attributes) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(attributes))
}
