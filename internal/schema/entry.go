package schema

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/size"
)

// Holds tells whether an index's entries hold a top-level attribute; nil is the table.
func (i *Index) Holds(s *Schema, name string) bool {
	if i == nil || i.ProjectsAll() || slices.Contains(i.Include, name) {
		return true
	}
	for _, attrs := range [...]Attrs{s.Partition, s.Sort, i.PartitionOf(s), i.Sort} {
		for _, def := range attrs {
			if *def.AttributeName == name {
				return true
			}
		}
	}
	return false
}

// Entry is the bytes of an item's entry in the index; false where it has none: an attribute of its key is not there, or
// of another type.
func (i *Index) Entry(s *Schema, item map[string]types.AttributeValue) (bytes int, there bool) {
	if item == nil {
		return 0, false
	}
	for _, attrs := range [...]Attrs{i.PartitionOf(s), i.Sort} {
		for _, def := range attrs {
			if scalarOf(item[*def.AttributeName]) != def.AttributeType {
				return 0, false
			}
		}
	}
	if i.ProjectsAll() {
		return size.Item(item), true
	}
	i.EachProjected(s, func(name string) bool {
		if v, ok := item[name]; ok {
			bytes += size.Attribute(name, v)
		}
		return true
	})
	return bytes, true
}

// SameKey tells whether two items have one index key.
func (i *Index) SameKey(s *Schema, a, b map[string]types.AttributeValue) bool {
	for _, attrs := range [...]Attrs{i.PartitionOf(s), i.Sort} {
		for _, def := range attrs {
			if !attr.Equal(a[*def.AttributeName], b[*def.AttributeName]) {
				return false
			}
		}
	}
	return true
}

// SameEntry tells whether two items project the same.
func (i *Index) SameEntry(s *Schema, a, b map[string]types.AttributeValue) bool {
	if i.ProjectsAll() {
		return attr.EqualItems(a, b)
	}
	same := true
	i.EachProjected(s, func(name string) bool {
		x, had := a[name]
		y, has := b[name]
		same = had == has && (!had || attr.Equal(x, y))
		return same
	})
	return same
}

// EachProjected gives the names of what entries hold that are not whole items, each once, until told to stop.
func (i *Index) EachProjected(s *Schema, each func(name string) bool) {
	seen := make([]string, 0, 8)
	visit := func(name string) bool {
		if slices.Contains(seen, name) {
			return true
		}
		seen = append(seen, name)
		return each(name)
	}
	for _, attrs := range [...]Attrs{s.Partition, s.Sort, i.PartitionOf(s), i.Sort} {
		for _, def := range attrs {
			if !visit(*def.AttributeName) {
				return
			}
		}
	}
	for _, name := range i.Include {
		if !visit(name) {
			return
		}
	}
}

// scalarOf is the type of a value that can be a key; "" for another, and for none.
func scalarOf(v types.AttributeValue) types.ScalarAttributeType {
	switch v.(type) {
	case *types.AttributeValueMemberS:
		return types.ScalarAttributeTypeS
	case *types.AttributeValueMemberN:
		return types.ScalarAttributeTypeN
	case *types.AttributeValueMemberB:
		return types.ScalarAttributeTypeB
	}
	return ""
}
