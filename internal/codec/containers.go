package codec

import (
	"reflect"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
)

func (e *encoder) encodeMap(n *gotype.Node, v reflect.Value) (types.AttributeValue, error) {
	if e.depth == maxDepth {
		return nil, errTooDeep
	}
	e.depth++
	defer func() { e.depth-- }()
	e.reserve(n.Elem.Needs(v.Len()))
	m := make(map[string]types.AttributeValue, v.Len())
	for entry := v.MapRange(); entry.Next(); {
		name, err := n.Key.Encode(entry.Key())
		if err != nil {
			return nil, err
		}
		if !e.carries(name) {
			return nil, failure.ErrNotTextName
		}
		if _, taken := m[name]; taken {
			return nil, failure.AtKey(name, failure.Marshal("two map keys have this name", nil))
		}
		elem, err := e.encodeElem(n, entry.Value())
		if err != nil {
			return nil, failure.AtKey(name, err)
		}
		if elem != nil {
			m[name] = elem
		}
	}
	return &types.AttributeValueMemberM{Value: m}, nil
}

// encodeElem encodes an element of a list or map. A nil types.AttributeValue there is a mistake, unlike one that is a
// field.
func (e *encoder) encodeElem(n *gotype.Node, v reflect.Value) (types.AttributeValue, error) {
	if n.Elem.Shape == gotype.Raw && v.IsNil() && n.Elem.Options&(gotype.OmitEmpty|gotype.NullEmpty) == 0 {
		return nil, errNilValue
	}
	return e.encode(n.Elem, v)
}

func (e *encoder) encodeSlice(n *gotype.Node, v reflect.Value) (types.AttributeValue, error) {
	set := n.Set()
	if set != gotype.NoSet && v.Len() == 0 {
		return null(), nil // DynamoDB has no empty sets
	}
	if set == gotype.NoSet {
		if e.depth == maxDepth {
			return nil, errTooDeep
		}
		e.depth++
		defer func() { e.depth-- }()
	}
	e.reserve(n.Elem.Needs(v.Len()))
	if set != gotype.NoSet && n.Elem.PlainIn(set) {
		return e.encodePlainSet(n, set, v)
	}
	elems := make([]types.AttributeValue, 0, v.Len())
	for i := range v.Len() {
		elem, err := e.encodeElem(n, v.Index(i))
		if err != nil {
			return nil, failure.AtIndex(i, err)
		}
		if elem == nil {
			continue
		}
		if !takes(set, elem) {
			reason := "a " + TypeName(elem) + " cannot be an element of a " + set.String()
			return nil, failure.AtIndex(i, failure.Marshal(reason, nil))
		}
		elems = append(elems, elem)
	}
	return e.collect(set, elems)
}

// collect makes a set, or a list, of elements that it takes.
func (e *encoder) collect(s gotype.Set, elems []types.AttributeValue) (types.AttributeValue, error) {
	av := collected(s, elems)
	if e.unchecked {
		return av, nil
	}
	twice := false
	switch av := av.(type) {
	case *types.AttributeValueMemberSS:
		twice = attr.StringsTwice(av.Value)
	case *types.AttributeValueMemberNS:
		twice = attr.NumbersTwice(av.Value)
	case *types.AttributeValueMemberBS:
		twice = attr.BinariesTwice(av.Value)
	}
	if twice {
		return nil, failure.ErrTwice
	}
	return av, nil
}

func (e *encoder) encodePlainSet(n *gotype.Node, s gotype.Set, v reflect.Value) (types.AttributeValue, error) {
	texts := make([]string, v.Len())
	if s == gotype.StringSet {
		for i := range texts {
			texts[i] = v.Index(i).String()
			if !e.carries(texts[i]) {
				return nil, failure.AtIndex(i, failure.ErrNotText)
			}
		}
		if !e.unchecked && attr.StringsTwice(texts) {
			return nil, failure.ErrTwice
		}
		return &types.AttributeValueMemberSS{Value: texts}, nil
	}
	for i := range texts {
		var err error
		if texts[i], err = e.numberText(n.Elem, v.Index(i)); err != nil {
			return nil, failure.AtIndex(i, err)
		}
	}
	if !e.unchecked && attr.NumbersTwice(texts) {
		return nil, failure.ErrTwice
	}
	return &types.AttributeValueMemberNS{Value: texts}, nil
}

// takes tells whether an element may be in a set of that kind, or in a list.
func takes(s gotype.Set, elem types.AttributeValue) bool {
	switch elem := elem.(type) {
	case *types.AttributeValueMemberS:
		return s == gotype.StringSet || s == gotype.NoSet
	case *types.AttributeValueMemberN:
		return s == gotype.NumberSet || s == gotype.NoSet
	case *types.AttributeValueMemberB:
		return s == gotype.BinarySet && elem.Value != nil || s == gotype.NoSet
	}
	return s == gotype.NoSet
}

// collected is a set, or a list, of elements that it takes.
func collected(s gotype.Set, elems []types.AttributeValue) types.AttributeValue {
	switch s {
	case gotype.StringSet:
		set := make([]string, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberS).Value
		}
		return &types.AttributeValueMemberSS{Value: set}
	case gotype.NumberSet:
		set := make([]string, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberN).Value
		}
		return &types.AttributeValueMemberNS{Value: set}
	case gotype.BinarySet:
		set := make([][]byte, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberB).Value
		}
		return &types.AttributeValueMemberBS{Value: set}
	}
	return &types.AttributeValueMemberL{Value: elems}
}

// encodeStruct returns the attributes of a struct, those from its unknown place included.
func (e *encoder) encodeStruct(n *gotype.Node, v reflect.Value) (map[string]types.AttributeValue, error) {
	e.reserve(n.Layout.Room)
	m := make(map[string]types.AttributeValue, len(n.Layout.Fields))
	var base unsafe.Pointer
	if v.CanAddr() {
		base = gotype.AddressOf(v)
	}
	for _, a := range n.Layout.Fields {
		if a.Plain && base != nil {
			if av := e.encodePlain(a.Node, unsafe.Add(base, a.Way.Offset)); av != nil {
				m[a.Name] = av
				continue
			}
		}
		field, ok := a.Value(v)
		if !ok {
			continue
		}
		av, err := e.encode(a.Node, field)
		if err != nil {
			return nil, failure.At(a.Name, err)
		}
		if av != nil {
			m[a.Name] = av
		}
	}
	if n.Layout.Unknown == nil {
		return m, nil
	}
	return m, e.addUnknown(n.Layout, v, m)
}

// addUnknown adds the attributes that the struct does not name.
func (e *encoder) addUnknown(l *gotype.Layout, v reflect.Value, m map[string]types.AttributeValue) error {
	place, ok := l.Unknown.Value(v)
	if !ok {
		return nil
	}
	for name, av := range place.Convert(gotype.RawMapType).Interface().(map[string]types.AttributeValue) {
		switch {
		case l.ByName[name] != nil:
			return failure.At(name, failure.Marshal("is a field of its own and also in "+l.Unknown.GoName, nil))
		case name == "":
			return failure.ErrNoName
		case !e.carries(name):
			return failure.ErrNotTextName
		}
		if of := l.Fold(name); of != nil && m[of.Name] == nil && !e.unchecked { // it would be read as the field's
			return failure.At(name,
				failure.Marshal("is field "+of.GoName+" in another case, which the item has no value of its own for",
					nil))
		}
		if err := e.check(av); err != nil {
			return failure.At(name, err)
		}
		m[name] = av
	}
	return nil
}
