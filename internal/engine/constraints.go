package engine

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/wire"
)

// constraints collects the violations of a request's declared bounds, which the service reports together before it
// looks at anything else.
type constraints struct{ found []string }

// maxConstraints is how many violations one answer tells.
const maxConstraints = 10

func (c *constraints) fail(value, field, rule string) {
	if len(c.found) == maxConstraints {
		return
	}
	c.found = append(c.found, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: Member must %s",
		wire.Shown(value), wire.Shown(field), rule))
}

// words notes a violation that has words of its own.
func (c *constraints) words(err error) {
	if len(c.found) < maxConstraints {
		c.found = append(c.found, refusal.Message(err))
	}
}

// err gives the violations as one error, or nil.
func (c *constraints) err() error {
	switch len(c.found) {
	case 0:
		return nil
	case 1:
		return refusal.Invalid(refusal.Envelope + c.found[0])
	}
	return refusal.Invalidf("%d validation errors detected: %s", len(c.found), strings.Join(c.found, "; "))
}

// required refuses what is absent.
func (c *constraints) required(present bool, field string) {
	if !present {
		c.fail("null", field, "not be null")
	}
}

// enum refuses a value that is set and not one of those allowed, which are told in the service's order.
func enum[T ~string](c *constraints, value T, field string, allowed ...T) {
	if value == "" || slices.Contains(allowed, value) {
		return
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	c.fail("'"+string(value)+"'", field, "satisfy enum value set: ["+strings.Join(names, ", ")+"]")
}

// length refuses a text whose length lies outside the bounds; a negative high stands for none.
func (c *constraints) length(value *string, field string, low, high int) {
	switch {
	case value == nil:
	case len(*value) < low:
		c.fail("'"+*value+"'", field, fmt.Sprintf("have length greater than or equal to %d", low))
	case high >= 0 && len(*value) > high:
		c.fail("'"+*value+"'", field, fmt.Sprintf("have length less than or equal to %d", high))
	}
}

// characters is length of a text that is counted in characters.
func (c *constraints) characters(value *string, field string, low, high int) {
	if value == nil {
		return
	}
	switch n := utf8.RuneCountInString(*value); {
	case n < low:
		c.fail("'"+*value+"'", field, fmt.Sprintf("have length greater than or equal to %d", low))
	case n > high:
		c.fail("'"+*value+"'", field, fmt.Sprintf("have length less than or equal to %d", high))
	}
}

// count refuses a collection whose number of members lies outside the bounds. show is the collection as the message has
// it.
func (c *constraints) count(n int, show, field string, low, high int) {
	switch {
	case n < low:
		c.fail("'"+show+"'", field, fmt.Sprintf("have length greater than or equal to %d", low))
	case n > high:
		c.fail("'"+show+"'", field, fmt.Sprintf("have length less than or equal to %d", high))
	}
}

// atLeast refuses a number below low.
func (c *constraints) atLeast(value *int32, field string, low int32) {
	if value != nil && *value < low {
		c.fail(fmt.Sprintf("'%d'", *value), field, fmt.Sprintf("have value greater than or equal to %d", low))
	}
}

// from is atLeast of a member that is given by its name on the wire, in the words of either front end.
func (c *constraints) from(newer bool, value *int32, member string, low int32) {
	switch {
	case value == nil || *value >= low:
	case newer:
		c.words(refusal.TooSmall(member, low))
	default:
		c.atLeast(value, strings.ToLower(member[:1])+member[1:], low)
	}
}

// atMost refuses a number above high.
func (c *constraints) atMost(value *int32, field string, high int32) {
	if value != nil && *value > high {
		c.fail(fmt.Sprintf("'%d'", *value), field, fmt.Sprintf("have value less than or equal to %d", high))
	}
}

// pattern refuses a name with characters that table and index names do not have.
func (c *constraints) pattern(value *string, field string) {
	if value != nil && strings.ContainsFunc(*value, notInName) {
		c.fail("'"+*value+"'", field, "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	}
}

func notInName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '.' || r == '-')
}

// table checks the characters of a table's name.
func (c *constraints) table(name *string) { c.tableAt(name, "tableName") }

// tableAt is table for a name that stands elsewhere.
func (c *constraints) tableAt(name *string, field string) {
	if name != nil {
		plain := tableName(*name)
		c.pattern(&plain, field)
	}
}

// The parameters that many operations share.

func (c *constraints) consumedCapacity(v types.ReturnConsumedCapacity) {
	enum(c, v, "returnConsumedCapacity", "INDEXES", "TOTAL", "NONE")
}

func (c *constraints) returnValues(v types.ReturnValue) {
	enum(c, v, "returnValues", "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
}

func isReturnValue(v types.ReturnValue) bool {
	return v == "" || slices.Contains(v.Values(), v)
}

func isConditionalOperator(v types.ConditionalOperator) bool {
	return v == "" || slices.Contains(v.Values(), v)
}

func (c *constraints) collectionMetrics(v types.ReturnItemCollectionMetrics) {
	enum(c, v, "returnItemCollectionMetrics", "SIZE", "NONE")
}

func (c *constraints) onFailure(v types.ReturnValuesOnConditionCheckFailure, field string) {
	enum(c, v, field, "ALL_OLD", "NONE")
}

func (c *constraints) conditionalOperator(v types.ConditionalOperator) {
	enum(c, v, "conditionalOperator", "OR", "AND")
}

// shownMembers stands for a list in the text of a violation, without its values.
func shownMembers(n int) string {
	if n == 0 {
		return "[]"
	}
	return fmt.Sprintf("[%d members]", n)
}
