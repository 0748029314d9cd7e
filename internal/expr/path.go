package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Elem is one step of a document path: an attribute name, or an index into a list.
type Elem struct {
	Name  string // the attribute name, with its placeholder resolved; "" for an index
	Index int    // the index into a list, or -1 for a name
}

// Path is a document path. Its first element is always a name.
type Path []Elem

// String returns the path as the service's messages show it: [a, [0], b].
func (p Path) String() string {
	var b strings.Builder
	for i, e := range p {
		b.WriteString([...]string{"[", ", "}[min(i, 1)])
		if e.Index >= 0 {
			fmt.Fprintf(&b, "[%d]", e.Index)
		} else {
			b.WriteString(e.Name)
		}
	}
	b.WriteByte(']')
	return b.String()
}

// texts are the path as messages show it, whole and without the names from within values.
func (p Path) texts() (message, quiet string) {
	outer := slices.Clone(p)
	for i := range outer[1:] {
		if outer[1+i].Index < 0 {
			outer[1+i].Name = "…"
		}
	}
	return p.String(), outer.String()
}

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

// In finds what the path leads to in an item, nil if that does not exist.
func (p Path) In(item Item) types.AttributeValue { return p.of(item) }

// of finds what the path leads to, nil if that does not exist.
func (p Path) of(item Item) types.AttributeValue {
	v, ok := item.Attribute(p[0].Name)
	if !ok {
		return nil
	}
	return p[1:].within(v)
}

// within follows the path from a value, nil if it leads nowhere.
func (p Path) within(v types.AttributeValue) types.AttributeValue {
	for _, e := range p {
		switch container := v.(type) {
		case *types.AttributeValueMemberM:
			if e.Index >= 0 {
				return nil
			}
			v = container.Value[e.Name]
		case *types.AttributeValueMemberL:
			if e.Index < 0 || e.Index >= len(container.Value) {
				return nil
			}
			v = container.Value[e.Index]
		default:
			return nil
		}
	}
	return v
}

// checkOverlap refuses two paths of which one lies in the other, or that take one value for a list and for a map.
func checkOverlap(one, two Path) error {
	for i := range min(len(one), len(two)) {
		if one[i] == two[i] {
			continue
		}
		if (one[i].Index < 0) != (two[i].Index < 0) {
			return faultf(
				"Two document paths conflict with each other; must remove or rewrite one of these paths; path one: "+
					"%s, path "+
					"two: %s", one, two)
		}
		return nil
	}
	return faultf(
		"Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %s, path "+
			"two: %s", one, two)
}
