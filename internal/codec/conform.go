package codec

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/gotype"
)

// Conform gives av, which attributevalue made of a value without the tags of this field, as the field encodes that
// value: a list as a set, a time as epoch seconds, a number as a string, also where they are elements of a list, a map
// or a struct. What needs no change, or none of these makes right, is returned as it is. av itself does not change.
func (f *Field) Conform(av types.AttributeValue) types.AttributeValue { return conform(f.node, av, 1) }

func conform(n *gotype.Node, av types.AttributeValue, depth int) types.AttributeValue {
	if n = n.Pointee(); isNil(av) || n.Custom() && n.Type != gotype.UnixTimeType || depth > maxDepth {
		return av
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberL:
		if set := n.Set(); set != gotype.NoSet && (n.Shape == gotype.Slice || n.Shape == gotype.Array) {
			return asSet(set, av)
		}
		if kindOf(n) == List {
			return conformElems(n, av, depth)
		}
	case *types.AttributeValueMemberM:
		if kind := kindOf(n); kind == Map || kind == Struct {
			return conformEntries(n, av, depth)
		}
	case *types.AttributeValueMemberS:
		if kindOf(n) == Time && (n.Options&gotype.UnixTime != 0 || n.Type == gotype.UnixTimeType) {
			if at, err := time.Parse(time.RFC3339Nano, av.Value); err == nil {
				return &types.AttributeValueMemberN{Value: strconv.FormatInt(at.Unix(), 10)}
			}
		}
	case *types.AttributeValueMemberN:
		if numeric(n.Shape) && n.Options&gotype.AsString != 0 {
			return &types.AttributeValueMemberS{Value: av.Value}
		}
	}
	return av
}

// asSet is a list as a set of that type, NULL for an empty one, or the list itself where its elements are others.
func asSet(s gotype.Set, list *types.AttributeValueMemberL) types.AttributeValue {
	if len(list.Value) == 0 {
		return null()
	}
	for _, elem := range list.Value {
		if isNil(elem) || !takes(s, elem) {
			return list
		}
	}
	return collected(s, list.Value)
}

func conformElems(n *gotype.Node, list *types.AttributeValueMemberL, depth int) types.AttributeValue {
	var elems []types.AttributeValue
	for i, elem := range list.Value {
		if own := conform(n.Elem, elem, depth+1); own != elem {
			if elems == nil {
				elems = slices.Clone(list.Value)
			}
			elems[i] = own
		}
	}
	if elems == nil {
		return list
	}
	return &types.AttributeValueMemberL{Value: elems}
}

func conformEntries(n *gotype.Node, m *types.AttributeValueMemberM, depth int) types.AttributeValue {
	var entries map[string]types.AttributeValue
	for name, entry := range m.Value {
		of := n.Elem
		if n.Shape == gotype.Struct {
			a := n.Layout.ByName[name]
			if a == nil {
				continue
			}
			of = a.Node
		}
		if own := conform(of, entry, depth+1); own != entry {
			if entries == nil {
				entries = maps.Clone(m.Value)
			}
			entries[name] = own
		}
	}
	if entries == nil {
		return m
	}
	return &types.AttributeValueMemberM{Value: entries}
}

// SetOf is a list as the set that its elements make, the list itself where they make none.
func SetOf(list *types.AttributeValueMemberL) types.AttributeValue {
	if len(list.Value) > 0 {
		for _, s := range []gotype.Set{gotype.StringSet, gotype.NumberSet, gotype.BinarySet} {
			if set := asSet(s, list); set != types.AttributeValue(list) {
				return set
			}
		}
	}
	return list
}
