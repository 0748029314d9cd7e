package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/partiql"
	"github.com/monotable/monotable/internal/size"
)

// ExecuteStatement reads a page of what a SELECT asks for, or does one write.
func (e *Engine) ExecuteStatement(
	ctx context.Context, in *dynamodb.ExecuteStatementInput,
) (*dynamodb.ExecuteStatementOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var c constraints
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.atLeast(in.Limit, "limit", 1)
	c.length(in.NextToken, "nextToken", 1, size.MaxNextToken)
	c.statement("", in.Statement, in.Parameters, in.ReturnValuesOnConditionCheckFailure)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := checkParameters(in.Parameters); err != nil {
		return nil, err
	}
	s, err := e.readStatement(in.Statement, in.Parameters)
	if err != nil {
		return nil, err
	}
	switch s.Kind {
	case partiql.KindExists:
		return nil, asStatementError(partiql.ErrExists)
	case partiql.KindSelect:
		return e.executeSelect(ctx, in, s)
	}
	units := capacity{table: s.Table, items: 1}
	row, _, err := e.writeStatement(s, in.ReturnValuesOnConditionCheckFailure, &units)
	e.charged(ctx, "ExecuteStatement", &units, err)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.ExecuteStatementOutput{Items: []map[string]types.AttributeValue{},
		ConsumedCapacity: units.consumed(in.ReturnConsumedCapacity)}
	if row != nil {
		out.Items = append(out.Items, row)
	}
	return out, nil
}

// statement checks the bounds of a statement, whose fields stand behind prefix.
func (c *constraints) statement(prefix string, text *string, parameters []types.AttributeValue,
	onFailure types.ReturnValuesOnConditionCheckFailure) {
	c.required(text != nil, prefix+"statement")
	c.characters(text, prefix+"statement", 1, size.MaxStatement)
	if parameters != nil && len(parameters) == 0 {
		c.count(0, "[]", prefix+"parameters", 1, 0)
	}
	c.onFailure(onFailure, prefix+"returnValuesOnConditionCheckFailure")
}

// checkParameters refuses parameters that are no values, which the service does before it reads the statement.
func checkParameters(parameters []types.AttributeValue) error {
	for _, v := range parameters {
		if err := packed.CheckValue(v); err != nil {
			return cmp.Or(asStatementError(numberFault(v)), err)
		}
	}
	return nil
}

// numberFault finds a number in a value whose exponent is none.
func numberFault(v types.AttributeValue) error {
	switch v := v.(type) {
	case *types.AttributeValueMemberN:
		return partiql.NumberFault(v.Value)
	case *types.AttributeValueMemberNS:
		for _, text := range v.Value {
			if err := partiql.NumberFault(text); err != nil {
				return err
			}
		}
	case *types.AttributeValueMemberL:
		for _, e := range v.Value {
			if err := numberFault(e); err != nil {
				return err
			}
		}
	case *types.AttributeValueMemberM:
		for _, name := range slices.Sorted(maps.Keys(v.Value)) {
			if err := numberFault(v.Value[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// readStatement reads a statement. That an index has several key attributes goes before what is wrong with a SELECT
// that parses.
func (e *Engine) readStatement(text *string, parameters []types.AttributeValue) (*partiql.Statement, error) {
	s, err := partiql.Read(aws.ToString(text), parameters)
	if err == nil {
		return s, nil
	}
	refused := asStatementError(err)
	if name, index, ok := partiql.IndexOf(aws.ToString(text)); ok {
		_ = e.reading(name, func(t *table) error { // a table that is not there has no such index
			refused = cmp.Or(severalKeys(t.index(index)), refused)
			return nil
		})
	}
	return nil, refused
}

// asStatementError is the refusal of a statement as the service's exception.
func asStatementError(err error) error {
	if refused := (*partiql.Error)(nil); errors.As(err, &refused) {
		return refusal.Invalid(refused.Message)
	}
	return refusal.AsInvalid(err)
}
