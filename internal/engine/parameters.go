package engine

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
)

// parameter is an optional parameter of a request, by its name on the wire.
type parameter struct {
	name  string
	given bool
	empty bool // an expression without text
}

func text(name string, value *string) parameter {
	return parameter{name: name, given: value != nil, empty: value != nil && *value == ""}
}

// present joins the names of the parameters that were given.
func present(all []parameter, given bool, separator string) string {
	var names []string
	for _, p := range all {
		if p.given == given {
			names = append(names, p.name)
		}
	}
	return strings.Join(names, separator)
}

// language is how a request says its conditions: with expressions or with the legacy parameters, never both.
type language struct {
	legacy      []parameter
	expressions []parameter
	valued      []parameter // the expressions that may use values
	names       map[string]string
	values      map[string]types.AttributeValue
}

// scope checks that one language is spoken and opens the scope of its expressions, nil if there are none.
func (l language) scope() (*expr.Scope, error) {
	for _, p := range l.expressions {
		if p.empty {
			return nil, refusal.Invalidf("Invalid %s: The expression can not be empty;", p.name)
		}
	}
	legacy := present(l.legacy, true, ", ")
	expressions := present(l.expressions, true, ", ")
	if legacy != "" && expressions != "" {
		return nil,
			refusal.Invalidf("Can not use both expression and non-expression parameters in the same request: "+
				"Non-expression parameters: {%s} Expression parameters: {%s}",
				legacy, expressions)
	}
	if l.names != nil && expressions == "" {
		return nil, refusal.Invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	if l.values != nil && present(l.valued, true, "") == "" {
		verb := "is"
		if len(l.valued) > 1 {
			verb = "are"
		}
		return nil,
			refusal.Invalidf("ExpressionAttributeValues can only be specified when using expressions: %s %s null",
				present(l.valued, false, " and "), verb)
	}
	if expressions == "" {
		return nil, nil
	}
	scope, err := expr.NewScope(l.names, l.values)
	return scope, refusal.AsInvalid(err)
}

// parseCondition parses a condition or filter that may be absent.
func parseCondition(scope *expr.Scope, kind expr.Kind, text *string) (condition, error) {
	if text == nil {
		return nil, nil
	}
	parsed, err := scope.Condition(kind, *text)
	if err != nil {
		return nil, refusal.AsInvalid(err)
	}
	return parsed, nil
}

// parseProjection parses a projection that may be absent.
func parseProjection(scope *expr.Scope, text *string) (*expr.Projection, error) {
	if text == nil {
		return nil, nil
	}
	parsed, err := scope.Projection(*text)
	if err != nil {
		return nil, refusal.AsInvalid(err)
	}
	return parsed, nil
}

// parseUpdate parses an update that may be absent.
func parseUpdate(scope *expr.Scope, text *string) (updater, error) {
	if text == nil {
		return nil, nil
	}
	parsed, err := scope.Update(*text)
	if err != nil {
		return nil, refusal.AsInvalid(err)
	}
	return expressionUpdate{parsed}, nil
}

// allUsed ends the parsing of a request's expressions.
func allUsed(scope *expr.Scope) error {
	if scope == nil {
		return nil
	}
	return refusal.AsInvalid(scope.CheckUnused())
}

// expressionUpdate is an update expression as an updater.
type expressionUpdate struct{ *expr.Update }

func (u expressionUpdate) touches() []string {
	names := make([]string, len(u.Actions))
	for i, a := range u.Actions {
		names[i] = a.Path[0].Name
	}
	return names
}
