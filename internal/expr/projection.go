package expr

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Projection is a parsed projection expression.
type Projection struct{ Paths []Path }

// Apply returns the projected part of an item. List elements keep their order and close their gaps. The result shares the
// item's values but not its containers on the paths' way.
func (p *Projection) Apply(item map[string]types.AttributeValue) map[string]types.AttributeValue {
	panic("expr: Apply is being built")
}

// Names returns the top-level attribute names, each once, in the order of the text.
func (p *Projection) Names() []string { panic("expr: Names is being built") }
