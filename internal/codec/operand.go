package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
)

// EncodeAny encodes x as an operand for this field, just as T itself would encode it: a time for a unixtime field
// becomes a number, a []string for a stringset a string set. Zero values are encoded, not omitted. It returns an error
// if x's type does not fit the field, or its value does not fit the field's type. An x that is a types.AttributeValue
// is checked with Accepts.
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
	target := f.node.Pointee()
	if v.Type() == f.Type {
		for v.Kind() == reflect.Pointer && v.Type() != target.Type {
			if v = v.Elem(); v.Kind() == reflect.Pointer && v.IsNil() {
				return null(), nil
			}
		}
	}
	switch {
	case target.Shape == gotype.Any:
		return (&encoder{depth: 1}).encodeHeld(target, v)
	case v.Type() == target.Type:
		return (&encoder{depth: 1}).encodeBody(target, addressable(v))
	case f.Kind != Custom && converts(v.Type(), target):
		return (&encoder{depth: 1}).encodeBody(target, addressable(v.Convert(target.Type)))
	case !f.suits(v.Type()):
		return nil, f.unsuitable(v.Type())
	}
	zeros := gotype.OmitEmpty | gotype.NullEmpty | gotype.OmitZero
	own, err := gotype.Of(v.Type(), f.node.Options&^zeros)
	if err != nil {
		return nil, failure.Marshal(err.Error(), nil)
	}
	av, err := (&encoder{depth: 1}).encodeBody(own, v)
	if err != nil {
		return nil, err
	}
	if !accepts(target, av) {
		return nil, f.unsuitable(v.Type())
	}
	into := reflect.New(target.Type).Elem()
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

// converts tells whether values of Go type t are values of the target's type under another name. Numbers are left to
// their text, which does not overflow unnoticed.
func converts(t reflect.Type, target *gotype.Node) bool {
	return t.ConvertibleTo(target.Type) && gotype.ShapeOf(t) == target.Shape && !numeric(target.Shape) &&
		(!gotype.HasMethods(t) || t == gotype.UnixTimeType)
}

// suits tells whether an operand of another Go type may be tried: numbers for numbers, and so on; integers for
// unixtime; lists and sets whose elements are scalars.
func (f *Field) suits(t reflect.Type) bool {
	target, given := f.node.Pointee(), gotype.ShapeOf(t)
	switch f.Kind {
	case Int, Uint, Float, Number:
		return numeric(given)
	case Time:
		return f.UnixTime && (given == gotype.Int || given == gotype.Uint) || given == gotype.Time
	case Bytes:
		return given == gotype.Bytes || given == gotype.ByteArray
	case StringSet, NumberSet, BinarySet:
		return given == gotype.Slice || given == gotype.Array
	case List:
		return (given == gotype.Slice || given == gotype.Array) && isScalar(target.Elem)
	case Map:
		return given == gotype.Map && isScalar(target.Elem)
	case Raw:
		return true
	}
	return given == target.Shape && f.Kind != Struct && f.Kind != Custom
}

func numeric(s gotype.Shape) bool {
	return s == gotype.Int || s == gotype.Uint || s == gotype.Float || s == gotype.Number
}

// isScalar tells what is neither made of elements nor by methods of its own.
func isScalar(n *gotype.Node) bool {
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
	return failure.Marshal("an operand "+given+" does not suit Go type "+f.Type.String(), nil)
}

// AcceptsType reports whether encoding this field could give an attribute value of av's type, its elements' types
// included. Attributes that a struct does not name may have any type.
func (f *Field) AcceptsType(av types.AttributeValue) bool {
	return !isNil(av) && accepts(f.node, av)
}

// Accepts returns nil if av has a type that encoding this field could give and the field can read its value back; else
// an error that names the attribute.
func (f *Field) Accepts(av types.AttributeValue) error {
	if err := attr.Check(av); err != nil {
		return f.at(foreign(err))
	}
	if !accepts(f.node, av) {
		return f.at(failure.Mismatch(TypeName(av), f.Type))
	}
	return f.Decode(av, reflect.New(f.Type).Elem())
}

// acceptsNull tells whether the type has a nil, or an option or a set makes its zero value NULL.
func acceptsNull(n *gotype.Node) bool {
	switch n.Shape {
	case gotype.Pointer, gotype.Any, gotype.Raw, gotype.Map, gotype.Slice, gotype.Bytes:
		return true
	}
	return n.Custom() || n.Options&gotype.NullEmpty != 0 || n.Shape == gotype.Array && n.Set() != gotype.NoSet
}

func accepts(n *gotype.Node, av types.AttributeValue) bool {
	if isNil(av) {
		return false
	}
	if _, isNull := av.(*types.AttributeValueMemberNULL); isNull {
		return acceptsNull(n)
	}
	n = n.Pointee()
	switch kindOf(n) {
	case String:
		return TypeName(av) == "string"
	case Int, Uint, Float, Number:
		if n.Options&gotype.AsString != 0 {
			return TypeName(av) == "string"
		}
		return TypeName(av) == "number"
	case Time:
		if n.Options&gotype.UnixTime != 0 || n.Type == gotype.UnixTimeType {
			return TypeName(av) == "number"
		}
		return TypeName(av) == "string"
	case Bool:
		return TypeName(av) == "bool"
	case Bytes:
		return TypeName(av) == "binary"
	case StringSet, NumberSet, BinarySet:
		return TypeName(av) == n.Set().String()
	case List:
		list, ok := av.(*types.AttributeValueMemberL)
		return ok && acceptsElems(n, list.Value)
	case Map:
		m, ok := av.(*types.AttributeValueMemberM)
		return ok && acceptsEntries(n, m.Value)
	case Struct:
		m, ok := av.(*types.AttributeValueMemberM)
		return ok && acceptsAttributes(n.Layout, m.Value)
	}
	return true
}

func acceptsElems(n *gotype.Node, list []types.AttributeValue) bool {
	for _, av := range list {
		if !accepts(n.Elem, av) {
			return false
		}
	}
	return true
}

func acceptsEntries(n *gotype.Node, m map[string]types.AttributeValue) bool {
	for _, av := range m {
		if !accepts(n.Elem, av) {
			return false
		}
	}
	return true
}

func acceptsAttributes(l *gotype.Layout, m map[string]types.AttributeValue) bool {
	for name, av := range m {
		if a := l.ByName[name]; a != nil && !accepts(a.Node, av) {
			return false
		}
	}
	return true
}
