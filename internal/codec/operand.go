package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
)

// EncodeAny encodes x as an operand for this field, just as T itself would encode it: a time for a unixtime field becomes a
// number, a []string for a stringset a string set. Zero values are encoded, not omitted. It returns an error if x's type does
// not fit the field, or its value does not fit the field's type. An x that is a types.AttributeValue is checked with Accepts.
func (f *Field) EncodeAny(x any) (types.AttributeValue, error) {
	if av, ok := x.(types.AttributeValue); ok && !isNil(av) {
		return av, f.Accepts(av)
	}
	v := reflect.ValueOf(x)
	for v.Kind() == reflect.Pointer && !v.IsNil() && v.Type() != f.Type {
		v = v.Elem()
	}
	if !v.IsValid() {
		return f.encodeNil(x)
	}
	if _, isNil := isZero(v); isNil {
		return f.encodeNil(x)
	}
	av, err := f.encodeOperand(v)
	if err != nil {
		return nil, f.at(err)
	}
	return av, nil
}

// encodeNil is NULL, where T could encode one.
func (f *Field) encodeNil(x any) (types.AttributeValue, error) {
	if acceptsNull(f.node) {
		return null(), nil
	}
	return nil, f.at(f.unsuitable(reflect.TypeOf(x)))
}

func (f *Field) encodeOperand(v reflect.Value) (types.AttributeValue, error) {
	target := f.node.pointee()
	if v.Type() == f.Type {
		for v.Kind() == reflect.Pointer && v.Type() != target.typ {
			if v = v.Elem(); v.Kind() == reflect.Pointer && v.IsNil() {
				return null(), nil
			}
		}
	}
	switch {
	case target.shape == shapeAny:
		return (&encoder{depth: 1}).encodeHeld(target, v)
	case v.Type() == target.typ:
		return (&encoder{depth: 1}).encodeBody(target, addressable(v))
	case f.Kind != Custom && converts(v.Type(), target):
		return (&encoder{depth: 1}).encodeBody(target, addressable(v.Convert(target.typ)))
	case !f.suits(v.Type()):
		return nil, f.unsuitable(v.Type())
	}
	zeros := omitEmpty | nullEmpty
	own, err := nodeOf(v.Type(), f.node.options&^zeros)
	if err != nil {
		return nil, marshalFailure(err.Error(), nil)
	}
	av, err := (&encoder{depth: 1}).encodeBody(own, v)
	if err != nil {
		return nil, err
	}
	if !accepts(target, av) {
		return nil, f.unsuitable(v.Type())
	}
	into := reflect.New(target.typ).Elem()
	if err := (&decoder{depth: 1}).decode(target, av, into); err != nil {
		return nil, err
	}
	return (&encoder{depth: 1}).encodeBody(target, into)
}

// addressable copies v to where methods of its pointer are found.
func addressable(v reflect.Value) reflect.Value {
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	return copied
}

// converts tells whether values of Go type t are values of the target's type under another name. Numbers are left to their
// text, which does not overflow unnoticed.
func converts(t reflect.Type, target *node) bool {
	return t.ConvertibleTo(target.typ) && shapeOf(t) == target.shape && !numeric(target.shape) && (!hasMethods(t) || t == unixTimeType)
}

// suits tells whether an operand of another Go type may be tried: numbers for numbers, and so on; integers for unixtime; lists
// and sets whose elements are scalars.
func (f *Field) suits(t reflect.Type) bool {
	target, given := f.node.pointee(), shapeOf(t)
	switch f.Kind {
	case Int, Uint, Float, Number:
		return numeric(given)
	case Time:
		return f.UnixTime && (given == shapeInt || given == shapeUint) || given == shapeTime
	case Bytes:
		return given == shapeBytes || given == shapeByteArray
	case StringSet, NumberSet, BinarySet:
		return given == shapeSlice || given == shapeArray
	case List:
		return (given == shapeSlice || given == shapeArray) && isScalar(target.elem)
	case Map:
		return given == shapeMap && isScalar(target.elem)
	case Raw:
		return true
	}
	return given == target.shape && f.Kind != Struct && f.Kind != Custom
}

func numeric(s shape) bool {
	return s == shapeInt || s == shapeUint || s == shapeFloat || s == shapeNumber
}

// isScalar tells what is neither made of elements nor by methods of its own.
func isScalar(n *node) bool {
	switch kindOf(n) {
	case List, StringSet, NumberSet, BinarySet, Map, Struct, Custom:
		return false
	}
	return true
}

func (f *Field) unsuitable(t reflect.Type) error {
	given := "nil"
	if t != nil {
		given = "of Go type " + t.String()
	}
	return marshalFailure("an operand "+given+" does not suit Go type "+f.Type.String(), nil)
}

// AcceptsType reports whether encoding this field could give an attribute value of av's type, its elements' types included.
// Attributes that a struct does not name may have any type.
func (f *Field) AcceptsType(av types.AttributeValue) bool {
	return !isNil(av) && accepts(f.node, av)
}

// Accepts returns nil if av has a type that encoding this field could give and the field can read its value back; else an
// error that names the attribute.
func (f *Field) Accepts(av types.AttributeValue) error {
	if err := attr.Check(av); err != nil {
		return f.at(foreign(err))
	}
	if !accepts(f.node, av) {
		return f.at(mismatch(TypeName(av), f.Type))
	}
	return f.Decode(av, reflect.New(f.Type).Elem())
}

// acceptsNull tells whether the type has a nil, or an option or a set makes its zero value NULL.
func acceptsNull(n *node) bool {
	switch n.shape {
	case shapePointer, shapeAny, shapeRaw, shapeMap, shapeSlice, shapeBytes:
		return true
	}
	return n.custom() || n.options&nullEmpty != 0 || n.shape == shapeArray && n.set() != noSet
}

func accepts(n *node, av types.AttributeValue) bool {
	if isNil(av) {
		return false
	}
	if _, isNull := av.(*types.AttributeValueMemberNULL); isNull {
		return acceptsNull(n)
	}
	n = n.pointee()
	switch kindOf(n) {
	case String:
		return TypeName(av) == "string"
	case Int, Uint, Float, Number:
		if n.options&asString != 0 {
			return TypeName(av) == "string"
		}
		return TypeName(av) == "number"
	case Time:
		if n.options&unixTime != 0 || n.typ == unixTimeType {
			return TypeName(av) == "number"
		}
		return TypeName(av) == "string"
	case Bool:
		return TypeName(av) == "bool"
	case Bytes:
		return TypeName(av) == "binary"
	case StringSet, NumberSet, BinarySet:
		return TypeName(av) == n.set().String()
	case List:
		list, ok := av.(*types.AttributeValueMemberL)
		return ok && acceptsElems(n, list.Value)
	case Map:
		m, ok := av.(*types.AttributeValueMemberM)
		return ok && acceptsEntries(n, m.Value)
	case Struct:
		m, ok := av.(*types.AttributeValueMemberM)
		return ok && acceptsAttributes(n.layout, m.Value)
	}
	return true
}

func acceptsElems(n *node, list []types.AttributeValue) bool {
	for _, av := range list {
		if !accepts(n.elem, av) {
			return false
		}
	}
	return true
}

func acceptsEntries(n *node, m map[string]types.AttributeValue) bool {
	for _, av := range m {
		if !accepts(n.elem, av) {
			return false
		}
	}
	return true
}

func acceptsAttributes(l *layout, m map[string]types.AttributeValue) bool {
	for name, av := range m {
		if a := l.byName[name]; a != nil && !accepts(a.node, av) {
			return false
		}
	}
	return true
}
