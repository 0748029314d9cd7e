package edit

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/gotype"
)

// errLostElements is why a list is not written.
const errLostElements = "cannot be changed as a whole: its elements hold attributes that T does not name, and which " +
	"element became which cannot be told. Change elements in one call and add or remove some in another, or give " +
	"their type a field tagged monotable:\"unknown\""

// list finds the changes of a list: v is the list's view, the differ's path leads to it.
func (d *differ) list(v view, raw, before, after []types.AttributeValue) error {
	elem := v.elem()
	array := v.n != nil && v.n.Shape == gotype.Array
	longer := array && len(before) > len(raw) && v.n.Elem.Options&gotype.OmitEmpty == 0
	if len(before) != len(raw) && !longer {
		// Some are left out of the encoding, so that it does not tell which is which.
		if slices.ContainsFunc(raw, elem.loses) {
			return d.lost()
		}
		d.replace(&types.AttributeValueMemberL{Value: after})
		return nil
	}
	from, sure := make([]int, len(after)), true
	if array && len(after) == len(before) {
		for j := range from {
			from[j] = j
		}
	} else {
		from, sure = align(before, after, func(i int) bool { return i < len(raw) && elem.loses(raw[i]) })
	}
	if !sure || elem.confused(raw, before, from, len(after)) {
		return d.lost()
	}
	if inPlace(from, len(before), before, after, len(raw)) {
		for i := range after {
			if i < len(raw) {
				if err := d.value(Step{Index: i}, elem, raw[i], before[i], after[i]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	merged := make([]types.AttributeValue, len(after))
	for j, i := range from {
		if i < 0 || i >= len(raw) {
			merged[j] = after[j]
			continue
		}
		var err error
		if merged[j], err = d.merge(Step{Index: j}, elem, raw[i], before[i], after[j]); err != nil {
			return err
		}
	}
	d.replace(&types.AttributeValueMemberL{Value: merged})
	return nil
}

func (d *differ) lost() error {
	last := d.path[len(d.path)-1]
	return (&differ{path: d.path[:len(d.path)-1]}).fail(last, errLostElements)
}

// inPlace tells whether every element is where it was, and those that changed are stored.
func inPlace(from []int, count int, before, after []types.AttributeValue, stored int) bool {
	if len(from) != count {
		return false
	}
	for j, i := range from {
		if i != j || i >= stored && !attr.Equal(before[i], after[j]) {
			return false
		}
	}
	return true
}

// loses tells whether a stored value holds attributes that T does not name, which its encoding would lose.
func (v view) loses(raw types.AttributeValue) bool {
	if v.n == nil {
		return false
	}
	switch raw := raw.(type) {
	case *types.AttributeValueMemberL:
		return v.n.Elem != nil && slices.ContainsFunc(raw.Value, viewOf(v.n.Elem).loses)
	case *types.AttributeValueMemberM:
		switch v.n.Shape {
		case gotype.Map:
			return slices.ContainsFunc(slices.Collect(maps.Values(raw.Value)), viewOf(v.n.Elem).loses)
		case gotype.Struct:
			return losesIn(v.n.Layout, raw.Value)
		}
	}
	return false
}

// losesIn tells whether a map that is a struct's holds attributes that T does not name.
func losesIn(l *gotype.Layout, raw map[string]types.AttributeValue) bool {
	for name, av := range raw {
		a := l.Find(name)
		if a == nil && l.Unknown == nil || a != nil && viewOf(a.Node).loses(av) {
			return true
		}
	}
	return false
}

// confused tells that elements which T encodes alike are stored differently, and that it matters which of them became
// what.
func (v view) confused(raw, before []types.AttributeValue, from []int, after int) bool {
	if v.n != nil && !slices.ContainsFunc(raw, v.loses) {
		return false
	}
	if inOrder(from, len(before)) {
		return false
	}
	kept := make([]bool, len(before))
	for _, i := range from {
		if i >= 0 {
			kept[i] = true
		}
	}
	first := map[string]int{}
	gone := map[string]bool{} // that not all of these were kept as they are
	differ := map[string]bool{}
	for i := range raw {
		key := string(appendKey(nil, before[i]))
		gone[key] = gone[key] || !kept[i]
		if other, ok := first[key]; !ok {
			first[key] = i
		} else if !attr.Equal(raw[other], raw[i]) {
			differ[key] = true
		}
	}
	for key := range differ {
		if gone[key] {
			return true
		}
	}
	return false
}

// inOrder tells that nothing was moved, added or removed.
func inOrder(from []int, before int) bool {
	for j, i := range from {
		if i != j {
			return false
		}
	}
	return len(from) == before
}
