package monotable

import (
	"bytes"
	"reflect"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/number"
)

// Equal reports whether both items have the same attributes with the same values, as DynamoDB compares them: numbers by value
// (1 equals 1.0), sets whatever their order.
func (i Item) Equal(o Item) bool {
	if len(i) != len(o) {
		return false
	}
	for name, av := range i {
		other, ok := o[name]
		if !ok || !equalValues(av, other) {
			return false
		}
	}
	return true
}

// Diff returns the paths at which the items differ, sorted: those of the innermost attributes that are different, or that
// only one of the items has. It is nil exactly if the items are equal.
func (i Item) Diff(o Item) []string {
	paths := diffItems(nil, "", i, o)
	slices.Sort(paths)
	return paths
}

func diffItems(paths []string, in string, a, b map[string]types.AttributeValue) []string {
	for name, av := range a {
		path := joinPath(in, codec.EscapeName(name))
		if other, ok := b[name]; ok {
			paths = diffValues(paths, path, av, other)
		} else {
			paths = append(paths, path)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			paths = append(paths, joinPath(in, codec.EscapeName(name)))
		}
	}
	return paths
}

func diffValues(paths []string, path string, a, b types.AttributeValue) []string {
	if !absent(a) && !absent(b) {
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
	if !equalValues(a, b) {
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

func joinPath(in, name string) string {
	if in == "" {
		return name
	}
	return in + "." + name
}

// absent tells a nil AttributeValue, and a nil member of the union.
func absent(av types.AttributeValue) bool {
	return av == nil || reflect.ValueOf(av).IsNil()
}

// equalValues compares two values as Equal does. Numbers that are none are compared by their text.
func equalValues(a, b types.AttributeValue) bool {
	if absent(a) || absent(b) {
		return absent(a) && absent(b)
	}
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		b, ok := b.(*types.AttributeValueMemberS)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberN:
		b, ok := b.(*types.AttributeValueMemberN)
		return ok && (a.Value == b.Value || normalNumber(a.Value) == normalNumber(b.Value))
	case *types.AttributeValueMemberB:
		b, ok := b.(*types.AttributeValueMemberB)
		return ok && bytes.Equal(a.Value, b.Value)
	case *types.AttributeValueMemberBOOL:
		b, ok := b.(*types.AttributeValueMemberBOOL)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberNULL:
		b, ok := b.(*types.AttributeValueMemberNULL)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberSS:
		b, ok := b.(*types.AttributeValueMemberSS)
		return ok && sameSet(a.Value, b.Value, func(s string) string { return s })
	case *types.AttributeValueMemberNS:
		b, ok := b.(*types.AttributeValueMemberNS)
		return ok && sameSet(a.Value, b.Value, normalNumber)
	case *types.AttributeValueMemberBS:
		b, ok := b.(*types.AttributeValueMemberBS)
		return ok && sameSet(a.Value, b.Value, func(b []byte) string { return string(b) })
	case *types.AttributeValueMemberL:
		b, ok := b.(*types.AttributeValueMemberL)
		return ok && slices.EqualFunc(a.Value, b.Value, equalValues)
	case *types.AttributeValueMemberM:
		b, ok := b.(*types.AttributeValueMemberM)
		return ok && Item(a.Value).Equal(b.Value)
	}
	return reflect.DeepEqual(a, b)
}

// normalNumber is the text that the service would return for a number; a text that is no number stays as it is.
func normalNumber(text string) string {
	d, err := number.Parse(text)
	if err != nil {
		return text
	}
	return d.String()
}

// sameSet compares the elements of two sets, in whatever order; key tells elements apart.
func sameSet[E any](a, b []E, key func(E) string) bool {
	if len(a) != len(b) {
		return false
	}
	counts := make(map[string]int, len(a))
	for _, e := range a {
		counts[key(e)]++
	}
	for _, e := range b {
		counts[key(e)]--
		if counts[key(e)] < 0 {
			return false
		}
	}
	return true
}
