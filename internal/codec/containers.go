package codec

import (
	"reflect"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
)

func (e *encoder) encodeMap(n *node, v reflect.Value) (types.AttributeValue, error) {
	if e.depth == maxDepth {
		return nil, errTooDeep
	}
	e.depth++
	defer func() { e.depth-- }()
	e.reserve(n.elem.needs(v.Len()))
	m := make(map[string]types.AttributeValue, v.Len())
	for entry := v.MapRange(); entry.Next(); {
		name, err := n.key.encode(entry.Key())
		if err != nil {
			return nil, err
		}
		if !e.carries(name) {
			return nil, errNotTextName
		}
		if _, taken := m[name]; taken {
			return nil, atKey(name, marshalFailure("two map keys have this name", nil))
		}
		elem, err := e.encodeElem(n, entry.Value())
		if err != nil {
			return nil, atKey(name, err)
		}
		if elem != nil {
			m[name] = elem
		}
	}
	return &types.AttributeValueMemberM{Value: m}, nil
}

// encodeElem encodes an element of a list or map. A nil types.AttributeValue there is a mistake, unlike one that is a field.
func (e *encoder) encodeElem(n *node, v reflect.Value) (types.AttributeValue, error) {
	if n.elem.shape == shapeRaw && v.IsNil() && n.elem.options&(omitEmpty|nullEmpty) == 0 {
		return nil, errNilValue
	}
	return e.encode(n.elem, v)
}

func (e *encoder) encodeSlice(n *node, v reflect.Value) (types.AttributeValue, error) {
	set := n.set()
	if set != noSet && v.Len() == 0 {
		return null(), nil // DynamoDB has no empty sets
	}
	if set == noSet {
		if e.depth == maxDepth {
			return nil, errTooDeep
		}
		e.depth++
		defer func() { e.depth-- }()
	}
	e.reserve(n.elem.needs(v.Len()))
	if set != noSet && n.elem.plainIn(set) {
		return e.encodePlainSet(n, set, v)
	}
	elems := make([]types.AttributeValue, 0, v.Len())
	for i := range v.Len() {
		elem, err := e.encodeElem(n, v.Index(i))
		if err != nil {
			return nil, atIndex(i, err)
		}
		if elem == nil {
			continue
		}
		if !takes(set, elem) {
			return nil, atIndex(i, marshalFailure("a "+TypeName(elem)+" cannot be an element of a "+set.String(), nil))
		}
		elems = append(elems, elem)
	}
	return e.collect(set, elems)
}

// collect makes a set, or a list, of elements that it takes.
func (e *encoder) collect(s set, elems []types.AttributeValue) (types.AttributeValue, error) {
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
		return nil, errTwice
	}
	return av, nil
}

func (e *encoder) encodePlainSet(n *node, s set, v reflect.Value) (types.AttributeValue, error) {
	texts := make([]string, v.Len())
	if s == setOfStrings {
		for i := range texts {
			texts[i] = v.Index(i).String()
			if !e.carries(texts[i]) {
				return nil, atIndex(i, errNotText)
			}
		}
		if !e.unchecked && attr.StringsTwice(texts) {
			return nil, errTwice
		}
		return &types.AttributeValueMemberSS{Value: texts}, nil
	}
	for i := range texts {
		var err error
		if texts[i], err = e.numberText(n.elem, v.Index(i)); err != nil {
			return nil, atIndex(i, err)
		}
	}
	if !e.unchecked && attr.NumbersTwice(texts) {
		return nil, errTwice
	}
	return &types.AttributeValueMemberNS{Value: texts}, nil
}

// takes tells whether an element may be in a set of that kind, or in a list.
func takes(s set, elem types.AttributeValue) bool {
	switch elem := elem.(type) {
	case *types.AttributeValueMemberS:
		return s == setOfStrings || s == noSet
	case *types.AttributeValueMemberN:
		return s == setOfNumbers || s == noSet
	case *types.AttributeValueMemberB:
		return s == setOfBinaries && elem.Value != nil || s == noSet
	}
	return s == noSet
}

// collected is a set, or a list, of elements that it takes.
func collected(s set, elems []types.AttributeValue) types.AttributeValue {
	switch s {
	case setOfStrings:
		set := make([]string, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberS).Value
		}
		return &types.AttributeValueMemberSS{Value: set}
	case setOfNumbers:
		set := make([]string, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberN).Value
		}
		return &types.AttributeValueMemberNS{Value: set}
	case setOfBinaries:
		set := make([][]byte, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberB).Value
		}
		return &types.AttributeValueMemberBS{Value: set}
	}
	return &types.AttributeValueMemberL{Value: elems}
}

// encodeStruct returns the attributes of a struct, those from its unknown place included.
func (e *encoder) encodeStruct(n *node, v reflect.Value) (map[string]types.AttributeValue, error) {
	e.reserve(n.layout.room)
	m := make(map[string]types.AttributeValue, len(n.layout.fields))
	var base unsafe.Pointer
	if v.CanAddr() {
		base = addressOf(v)
	}
	for _, a := range n.layout.fields {
		if a.plain && base != nil {
			if av := e.encodePlain(a.node, unsafe.Add(base, a.way.offset)); av != nil {
				m[a.name] = av
				continue
			}
		}
		field, ok := a.value(v)
		if !ok {
			continue
		}
		av, err := e.encode(a.node, field)
		if err != nil {
			return nil, at(a.name, err)
		}
		if av != nil {
			m[a.name] = av
		}
	}
	if n.layout.unknown == nil {
		return m, nil
	}
	return m, e.addUnknown(n.layout, v, m)
}

// addUnknown adds the attributes that the struct does not name.
func (e *encoder) addUnknown(l *layout, v reflect.Value, m map[string]types.AttributeValue) error {
	place, ok := l.unknown.value(v)
	if !ok {
		return nil
	}
	for name, av := range place.Convert(rawMapType).Interface().(map[string]types.AttributeValue) {
		switch {
		case l.byName[name] != nil:
			return at(name, marshalFailure("is a field of its own and also in "+l.unknown.goName, nil))
		case name == "":
			return marshalFailure(errEmptyKey.Error(), nil)
		case !e.carries(name):
			return errNotTextName
		}
		if err := e.check(av); err != nil {
			return at(name, err)
		}
		m[name] = av
	}
	return nil
}
