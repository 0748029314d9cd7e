package edit

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
)

// Step is one element of a path.
type Step struct {
	Name  string // "" for an element of a list
	Index int    // of a list's element; -1 for a name
	Key   bool   // the name is the key of a Go map: a value, which has no place in an error's text
}

// Change writes one path of an item, or removes it.
type Change struct {
	Path  []Step               // the first is a name; all but the last lead to what is there
	Value types.AttributeValue // nil to remove; shared with what the edit was made of
}

// Text writes a path as errors show it: keys of maps left out.
func (c Change) Text() string {
	text := ""
	for _, s := range slices.Backward(c.Path) {
		switch {
		case s.Index >= 0:
			text = attr.Join("["+strconv.Itoa(s.Index)+"]", text)
		case s.Key:
			text = attr.Join(attr.SomeKey, text)
		default:
			text = attr.Join(attr.EscapeName(s.Name), text)
		}
	}
	return text
}
