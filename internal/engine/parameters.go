package engine

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// parameter is an optional parameter of a request, by its name on the wire.
type parameter struct {
	name  string
	given bool
}

func text(name string, value *string) parameter { return parameter{name: name, given: value != nil} }

// phrasing is in which words an operation refuses: it depends on how far its region has come.
type phrasing struct {
	newer     bool // of the newer front end
	enveloped bool // with the envelope before what is found without the table
}

func phrasingOfReads(front refusal.Front) phrasing { return phrasing{newer: front[refusal.Reads]} }

// of words a refusal that was found without the table.
func (w phrasing) of(err error) error {
	switch {
	case err == nil:
		return nil
	case w.enveloped:
		return refusal.Enveloped(refusal.Newer(err))
	case w.newer:
		return refusal.Newer(err)
	}
	return refusal.Older(err)
}

// ofScope words what is wrong with a request's names and values. The newer front end names no parameter for a value.
func (w phrasing) ofScope(err error, values map[string]types.AttributeValue) error {
	var refused *expr.Error
	if !errors.As(err, &refused) || refused.Value == "" {
		return refusal.AsInvalid(err)
	}
	value := w.of(packed.CheckOperand(values[refused.Value]))
	if value == nil || w.newer {
		return cmp.Or(value, refusal.AsInvalid(err))
	}
	return refusal.InOperand(value, refused.Value)
}

func names(all []parameter) []string {
	list := make([]string, len(all))
	for i, p := range all {
		list[i] = p.name
	}
	return list
}

// present joins the names of the parameters that were given.
func present(all []parameter) string {
	var given []string
	for _, p := range all {
		if p.given {
			given = append(given, p.name)
		}
	}
	return strings.Join(given, ", ")
}

// language is how a request says its conditions: with expressions or with the legacy parameters, never both.
type language struct {
	legacy      []parameter
	expressions []parameter
	valued      []parameter // the expressions that may use values
	names       map[string]string
	values      map[string]types.AttributeValue
	wording     phrasing
}

// shallow is the language with empty values for those that have too many levels, and the refusal of the first of them.
func (l language) shallow() (language, error) {
	deep := slices.DeleteFunc(sortedNames(l.values), func(name string) bool {
		return expr.Depth(l.values[name]) <= size.MaxNesting
	})
	if len(deep) == 0 {
		return l, nil
	}
	l.values = maps.Clone(l.values)
	for _, name := range deep {
		if _, list := l.values[name].(*types.AttributeValueMemberL); list {
			l.values[name] = &types.AttributeValueMemberL{}
		} else {
			l.values[name] = &types.AttributeValueMemberM{}
		}
	}
	refused := refusal.Invalid(wire.MessageNesting)
	if l.wording.newer {
		return l, refused
	}
	return l, refusal.InOperand(refused, deep[0])
}

// scope checks that one language is spoken and opens the scope of its expressions, nil if there are none.
func (l language) scope() (*expr.Scope, error) {
	legacy := present(l.legacy)
	expressions := present(l.expressions)
	if legacy != "" && expressions != "" {
		return nil,
			refusal.Invalidf("Can not use both expression and non-expression parameters in the same request: "+
				"Non-expression parameters: {%s} Expression parameters: {%s}",
				legacy, expressions)
	}
	if l.names != nil && expressions == "" {
		return nil, refusal.Invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	if l.values != nil && present(l.valued) == "" {
		return nil, refusal.ValuesWithoutExpression(l.wording.enveloped, names(l.valued)...)
	}
	if expressions == "" {
		return nil, nil
	}
	scope, err := expr.NewScope(l.names, l.values)
	return scope, l.wording.ofScope(err, l.values)
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

func (u expressionUpdate) gives(name string) string {
	for _, a := range u.Actions {
		if len(a.Path) == 1 && a.Path[0].Name == name && (a.Kind == expr.Set || a.Kind == expr.Add) {
			return expr.TypeOf(a.Value)
		}
	}
	return ""
}

func (u expressionUpdate) onlyRemoves() bool {
	return !slices.ContainsFunc(u.Actions, func(a expr.Action) bool { return a.Kind != expr.Remove })
}
