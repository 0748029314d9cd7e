package codec

import (
	"reflect"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
)

func (n *node) encodeMap(e *encoder, v reflect.Value) (types.AttributeValue, error) {
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
		elem, err := n.encodeElem(e, entry.Value())
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
func (n *node) encodeElem(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if n.elem.shape == shapeRaw && v.IsNil() && n.elem.options&(omitEmpty|nullEmpty) == 0 {
		return nil, errNilValue
	}
	return n.elem.encode(e, v)
}

func (n *node) encodeSlice(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	set := n.set()
	if set != List && v.Len() == 0 {
		return null(), nil // DynamoDB has no empty sets
	}
	if set == List {
		if e.depth == maxDepth {
			return nil, errTooDeep
		}
		e.depth++
		defer func() { e.depth-- }()
	}
	e.reserve(n.elem.needs(v.Len()))
	if set != List && n.elem.plainIn(set) {
		return n.encodePlainSet(e, set, v)
	}
	elems := make([]types.AttributeValue, 0, v.Len())
	for i := range v.Len() {
		elem, err := n.encodeElem(e, v.Index(i))
		if err != nil {
			return nil, atIndex(i, err)
		}
		if elem == nil {
			continue
		}
		if !set.takes(elem) {
			return nil, atIndex(i, marshalFailure("a "+TypeName(elem)+" cannot be an element of a "+set.String(), nil))
		}
		elems = append(elems, elem)
	}
	return e.collect(set, elems)
}

// collect makes a set, or a list, of elements that it takes.
func (e *encoder) collect(k Kind, elems []types.AttributeValue) (types.AttributeValue, error) {
	av := k.collect(elems)
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

// plainIn tells that every value of the type can be in a set of kind k, and is its element as it is.
func (n *node) plainIn(k Kind) bool {
	if n.custom() || n.options != 0 {
		return false
	}
	switch n.shape {
	case shapeString:
		return k == StringSet
	case shapeInt, shapeUint, shapeFloat, shapeNumber:
		return k == NumberSet
	}
	return false
}

func (n *node) encodePlainSet(e *encoder, k Kind, v reflect.Value) (types.AttributeValue, error) {
	set := make([]string, v.Len())
	if k == StringSet {
		for i := range set {
			set[i] = v.Index(i).String()
			if !e.carries(set[i]) {
				return nil, atIndex(i, errNotText)
			}
		}
		if !e.unchecked && attr.StringsTwice(set) {
			return nil, errTwice
		}
		return &types.AttributeValueMemberSS{Value: set}, nil
	}
	for i := range set {
		var err error
		if set[i], err = n.elem.numeral(e, v.Index(i)); err != nil {
			return nil, atIndex(i, err)
		}
	}
	if !e.unchecked && attr.NumbersTwice(set) {
		return nil, errTwice
	}
	return &types.AttributeValueMemberNS{Value: set}, nil
}

// takes tells whether an element may be in a set of kind k, or in a list.
func (k Kind) takes(elem types.AttributeValue) bool {
	switch elem := elem.(type) {
	case *types.AttributeValueMemberS:
		return k == StringSet || k == List
	case *types.AttributeValueMemberN:
		return k == NumberSet || k == List
	case *types.AttributeValueMemberB:
		return k == BinarySet && elem.Value != nil || k == List
	}
	return k == List
}

// collect makes a set, or a list, of elements that it takes.
func (k Kind) collect(elems []types.AttributeValue) types.AttributeValue {
	switch k {
	case StringSet:
		set := make([]string, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberS).Value
		}
		return &types.AttributeValueMemberSS{Value: set}
	case NumberSet:
		set := make([]string, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberN).Value
		}
		return &types.AttributeValueMemberNS{Value: set}
	case BinarySet:
		set := make([][]byte, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberB).Value
		}
		return &types.AttributeValueMemberBS{Value: set}
	}
	return &types.AttributeValueMemberL{Value: elems}
}

// encodeStruct returns the attributes of a struct, those from its unknown place included.
func (n *node) encodeStruct(e *encoder, v reflect.Value) (map[string]types.AttributeValue, error) {
	e.reserve(n.layout.room)
	m := make(map[string]types.AttributeValue, len(n.layout.fields))
	var base unsafe.Pointer
	if v.CanAddr() {
		base = addressOf(v)
	}
	for _, a := range n.layout.fields {
		if a.plain && base != nil {
			if av := a.node.encodePlain(e, unsafe.Add(base, a.way.offset)); av != nil {
				m[a.name] = av
				continue
			}
		}
		field, ok := a.value(v)
		if !ok {
			continue
		}
		av, err := a.node.encode(e, field)
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
	return m, n.layout.addUnknown(e, v, m)
}

// addUnknown adds the attributes that the struct does not name.
func (l *layout) addUnknown(e *encoder, v reflect.Value, m map[string]types.AttributeValue) error {
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
