package engine

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/expr"
)

// pageInput is what the parameters of Query and Scan have in common.
type pageInput struct {
	table, index    *string
	consistent      *bool
	limit           *int32
	start           map[string]types.AttributeValue
	choice          types.Select
	projection      *string
	attributesToGet []string
	filter          *string
	legacyFilter    map[string]types.Condition
	filterName      string // of the legacy filter's parameter
	operator        types.ConditionalOperator
	names           map[string]string
	values          map[string]types.AttributeValue
	consumed        types.ReturnConsumedCapacity
	newer           bool // the newer front end's words for the operation's own rules
	wording         phrasing
}

// check checks the declared bounds.
func (p pageInput) check(c *constraints, filterField string) {
	enum(c, p.choice, "select", "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
	c.consumedCapacity(p.consumed)
	c.from(p.newer, p.limit, "Limit", 1)
	c.table(p.table)
	c.attributesToGet(p.attributesToGet, "attributesToGet")
	c.conditions(p.legacyFilter, filterField)
	c.conditionalOperator(p.operator)
	c.length(p.index, "indexName", 3, 255)
	c.pattern(p.index, "indexName")
}

// scope checks that one language is spoken; more are the operation's own expressions that may use values, and legacy
// its own legacy parameters.
func (p pageInput) scope(legacy []parameter, more ...parameter) (*expr.Scope, error) {
	valued := append([]parameter{text("FilterExpression", p.filter)}, more...)
	return language{
		legacy: append([]parameter{
			{name: "AttributesToGet", given: p.attributesToGet != nil},
			{name: p.filterName, given: p.legacyFilter != nil},
			{name: "ConditionalOperator", given: p.operator != ""},
		}, legacy...),
		expressions: append([]parameter{text("ProjectionExpression", p.projection)}, valued...),
		valued:      valued,
		names:       p.names,
		values:      p.values,
		wording:     p.wording,
	}.scope()
}

// request makes the request without its filter and projection, and checks their legacy forms and the start key's
// values.
func (p pageInput) request() (*pageRequest, error) {
	if err := packed.CheckValues(p.start); err != nil {
		return nil, err
	}
	if err := checkAttributesToGet(p.attributesToGet); err != nil {
		return nil, err
	}
	return &pageRequest{
		table:      *p.table,
		index:      aws.ToString(p.index),
		consistent: aws.ToBool(p.consistent),
		limit:      int(aws.ToInt32(p.limit)),
		start:      p.start,
		choice:     p.choice,
		newer:      p.newer,
	}, nil
}

// parse adds filter and projection to the request.
func (p pageInput) parse(r *pageRequest, scope *expr.Scope) (err error) {
	if r.filter, err = legacyFilter(p.legacyFilter, p.operator, p.filterName); err != nil {
		return err
	}
	if p.filter != nil {
		if r.filter, err = parseFilter(scope, p.filter); err != nil {
			return err
		}
	}
	r.part, err = projectionOf(scope, p.projection, p.attributesToGet)
	return err
}

// projectionName names the parameter that the projection comes from.
func (p pageInput) projectionName() string {
	if p.projection != nil {
		return "ProjectionExpression"
	}
	return "AttributesToGet"
}
