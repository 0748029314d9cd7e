package edit

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
)

// Apply is the item that changes make of raw. It shares nothing with raw but with the changes' values. A path that
// leads nowhere is left out, as Changes makes none.
func Apply(raw map[string]types.AttributeValue, changes []Change) map[string]types.AttributeValue {
	item := attr.CloneItem(raw)
	if item == nil {
		item = map[string]types.AttributeValue{}
	}
	for _, c := range changes {
		write(&types.AttributeValueMemberM{Value: item}, c.Path, c.Value)
	}
	return item
}

// Whole is the same changes with no more than most paths in one attribute of the item: an attribute with more of them
// is set as a whole, to what they make of it, all that T does not name included. It is for what an expression has no
// room for. Where another writer may have changed the attribute since raw was read, its change would be lost: guard on
// it.
func Whole(raw map[string]types.AttributeValue, changes []Change, most int) []Change {
	counts := map[string]int{}
	for _, c := range changes {
		if len(c.Path) > 1 {
			counts[c.Path[0].Name]++
		}
	}
	var fewer []Change
	for _, c := range changes {
		name := c.Path[0].Name
		switch count := counts[name]; {
		case len(c.Path) == 1 || count > 0 && count <= most:
			fewer = append(fewer, c)
		case count > 0:
			fewer = append(fewer, Change{Path: c.Path[:1:1], Value: merged(raw[name], name, changes)})
			counts[name] = 0
		}
	}
	return fewer
}

// merged is what changes make of one attribute of the item.
func merged(av types.AttributeValue, name string, changes []Change) types.AttributeValue {
	var own []Change
	for _, c := range changes {
		if c.Path[0].Name == name {
			own = append(own, c)
		}
	}
	return applyTo(attr.Clone(av), own)
}

// applyTo makes the changes, whose paths begin with the value's own step, to a value.
func applyTo(av types.AttributeValue, changes []Change) types.AttributeValue {
	for _, c := range changes {
		if len(c.Path) == 1 {
			av = c.Value
		} else {
			write(av, c.Path[1:], c.Value)
		}
	}
	return av
}

// write writes or removes what a path leads to from a map or list.
func write(in types.AttributeValue, path []Step, value types.AttributeValue) {
	for ; len(path) > 1; path = path[1:] {
		switch container := in.(type) {
		case *types.AttributeValueMemberM:
			in = container.Value[path[0].Name]
		case *types.AttributeValueMemberL:
			if path[0].Index < 0 || path[0].Index >= len(container.Value) {
				return
			}
			in = container.Value[path[0].Index]
		}
	}
	last := path[0]
	switch container := in.(type) {
	case *types.AttributeValueMemberM:
		if value == nil {
			delete(container.Value, last.Name)
		} else {
			container.Value[last.Name] = value
		}
	case *types.AttributeValueMemberL:
		if value != nil && last.Index >= 0 && last.Index < len(container.Value) {
			container.Value[last.Index] = value
		}
	}
}
