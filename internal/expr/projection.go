package expr

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Projection is a parsed projection expression.
type Projection struct {
	Paths []Path // in the order of the text
	tree  *selection
}

// Projection parses a projection expression.
func (s *Scope) Projection(text string) (*Projection, error) {
	var projection *Projection
	err := s.parse(ProjectionKind, text, func(p *parser) error {
		nodes, err := p.projection()
		if err != nil {
			return err
		}
		for _, n := range nodes {
			if err := n.checkSteps(); err != nil {
				return err
			}
		}
		paths, err := s.targets(nodes)
		projection = &Projection{paths, selectionOf(paths)}
		return err
	})
	if err != nil {
		return nil, err
	}
	return projection, nil
}

// Apply returns the projected part of an item, which is empty if the item has none of it. List elements keep their
// order and close their gaps. The result shares values with the item, but not the containers that a path leads through.
func (p *Projection) Apply(item map[string]types.AttributeValue) map[string]types.AttributeValue {
	return p.tree.fromMap(item)
}

// Names returns the top-level attribute names, each once, in the order of the text.
func (p *Projection) Names() []string {
	var names []string
	for _, path := range p.Paths {
		if !slices.Contains(names, path[0].Name) {
			names = append(names, path[0].Name)
		}
	}
	return names
}
