package expr

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Elem is one step of a document path: an attribute name, or an index into a list.
type Elem struct {
	Name  string // the attribute name, with its placeholder resolved; "" for an index
	Index int    // the index into a list, or -1 for a name
}

// Path is a document path. Its first element is always a name.
type Path []Elem

// Item is what a condition reads. A packed item can decode its attributes one by one.
type Item interface {
	// Attribute returns the value of a top-level attribute. The value is read only and is not kept.
	Attribute(name string) (types.AttributeValue, bool)
}

// MapItem is an Item that is a map. A nil MapItem is an item that does not exist.
type MapItem map[string]types.AttributeValue

// Attribute returns the value under name.
func (m MapItem) Attribute(name string) (types.AttributeValue, bool) {
	v, ok := m[name]
	return v, ok
}
