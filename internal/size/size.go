// Package size counts bytes and capacity units as DynamoDB does (DynamoDB guide, "DynamoDB item sizes and formats" and
// "DynamoDB read and write operations"; numbers as measured). Nothing in it allocates.
package size

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
)

// Container is what a list or a map takes itself, and Entry what each of its elements takes besides its name and value.
const (
	Container = 3
	Entry     = 1
)

// Item returns the bytes of an item: of all its attributes, names and values, without the 100 bytes of storage
// overhead.
func Item(item map[string]types.AttributeValue) int {
	n := 0
	for name, v := range item {
		n += Attribute(name, v)
	}
	return n
}

// Attribute returns the bytes of one top-level attribute: its name in UTF-8 and its value.
func Attribute(name string, v types.AttributeValue) int { return len(name) + Value(v) }

// Value returns the bytes of a value. A nil value and a number that the service would refuse count 0.
func Value(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return Number(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberBOOL, *types.AttributeValueMemberNULL:
		return 1
	case *types.AttributeValueMemberSS:
		return sum(v.Value, func(s string) int { return len(s) })
	case *types.AttributeValueMemberNS:
		return sum(v.Value, Number)
	case *types.AttributeValueMemberBS:
		return sum(v.Value, func(b []byte) int { return len(b) })
	case *types.AttributeValueMemberL:
		return Container + sum(v.Value, func(e types.AttributeValue) int { return Entry + Value(e) })
	case *types.AttributeValueMemberM:
		n := Container
		for name, e := range v.Value {
			n += Entry + Attribute(name, e)
		}
		return n
	}
	return 0
}

// Number returns the bytes of a number's text, whatever its form; 0 for one that the service would refuse.
func Number(text string) int {
	d, err := number.Parse(text)
	if err != nil {
		return 0
	}
	return d.Size()
}

func sum[E any](elements []E, size func(E) int) int {
	n := 0
	for _, e := range elements {
		n += size(e)
	}
	return n
}

// Named is a top-level attribute of an item, with the bytes of its name and value.
type Named struct {
	Name  string
	Bytes int
}

// Attributes are an item's attributes, the heaviest first.
func Attributes(item map[string]types.AttributeValue) []Named {
	sizes := make([]Named, 0, len(item))
	for name, v := range item {
		sizes = append(sizes, Named{name, Attribute(name, v)})
	}
	slices.SortFunc(sizes, func(a, b Named) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
	return sizes
}
