package monotable

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
)

// Equal reports whether both items have the same attributes with the same values, as DynamoDB compares them: numbers by
// value (1 equals 1.0), sets whatever their order.
func (i Item) Equal(o Item) bool {
	if len(i) != len(o) {
		return false
	}
	for name, av := range i {
		other, ok := o[name]
		if !ok || !attr.Equal(av, other) {
			return false
		}
	}
	return true
}

// Diff returns the paths at which the items differ, sorted: those of the innermost attributes that are different, or
// that only one of the items has. It is nil exactly if the items are equal.
func (i Item) Diff(o Item) []string {
	paths := diffItems(nil, "", i, o)
	slices.Sort(paths)
	return paths
}

func diffItems(paths []string, in string, a, b map[string]types.AttributeValue) []string {
	for name, av := range a {
		path := attr.Join(in, attr.EscapeName(name))
		if other, ok := b[name]; ok {
			paths = diffValues(paths, path, av, other)
		} else {
			paths = append(paths, path)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			paths = append(paths, attr.Join(in, attr.EscapeName(name)))
		}
	}
	return paths
}

func diffValues(paths []string, path string, a, b types.AttributeValue) []string {
	if !attr.Absent(a) && !attr.Absent(b) {
		switch a := a.(type) {
		case *types.AttributeValueMemberM:
			if b, ok := b.(*types.AttributeValueMemberM); ok {
				return diffItems(paths, path, a.Value, b.Value)
			}
		case *types.AttributeValueMemberL:
			if b, ok := b.(*types.AttributeValueMemberL); ok {
				return diffLists(paths, path, a.Value, b.Value)
			}
		}
	}
	if !attr.Equal(a, b) {
		paths = append(paths, path)
	}
	return paths
}

func diffLists(paths []string, path string, a, b []types.AttributeValue) []string {
	for i := range max(len(a), len(b)) {
		at := path + "[" + strconv.Itoa(i) + "]"
		if i < len(a) && i < len(b) {
			paths = diffValues(paths, at, a[i], b[i])
		} else {
			paths = append(paths, at)
		}
	}
	return paths
}
