package engine

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
)

// projection is the part of items that a read asks for; nil stands for all of them.
type projection struct {
	names  []string         // the top-level attributes
	nested *expr.Projection // where a path goes deeper
}

// projectionOf parses a request's projection expression or takes its AttributesToGet; nil if it has neither.
func projectionOf(scope *expr.Scope, text *string, attributesToGet []string) (*projection, error) {
	parsed, err := parseProjection(scope, text)
	if err != nil {
		return nil, err
	}
	if parsed == nil {
		if attributesToGet == nil {
			return nil, nil
		}
		return &projection{names: attributesToGet}, nil
	}
	p := &projection{names: parsed.Names()}
	if slices.ContainsFunc(parsed.Paths, func(path expr.Path) bool { return len(path) > 1 }) {
		p.nested = parsed
	}
	return p, nil
}

// checkScalars refuses paths that go below a key attribute.
func (p *projection) checkScalars(t *table) error {
	if p == nil || p.nested == nil {
		return nil
	}
	return t.checkScalars(p.nested.Paths)
}

// packed projects an item.
func (p *projection) packed(item packed.Item) packed.Item {
	if p == nil || item == "" {
		return item
	}
	whole := item.Project(func(name string) bool { return slices.Contains(p.names, name) })
	if p.nested == nil {
		return whole
	}
	part, err := packed.Pack(p.nested.Apply(whole.Map()))
	if err != nil { // a part of an item is fit to be one
		return whole
	}
	return part
}

// decoded projects an item and makes a map of it.
func (p *projection) decoded(item packed.Item) map[string]types.AttributeValue {
	if p == nil || p.nested == nil {
		return p.packed(item).Map()
	}
	if item == "" {
		return nil
	}
	return p.nested.Apply(item.Map())
}

// checkAttributesToGet refuses a legacy projection with a name that is none, or twice.
func checkAttributesToGet(names []string) error {
	for i, name := range names {
		if err := packed.CheckName(name); err != nil {
			return err
		}
		if slices.Contains(names[:i], name) {
			return refusal.InvalidParameter("Duplicate value in attribute name: %s", name)
		}
	}
	return nil
}
