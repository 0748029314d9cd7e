package codec

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
)

// Kind is what a field's values become, whatever pointers stand before them.
type Kind uint8

// The kinds. StringSet, NumberSet and BinarySet are slices and arrays encoded as sets. Any is an interface, whose
// encoding is known from its value alone; Raw is a types.AttributeValue; Custom is a type with its own
// attributevalue.Marshaler or Unmarshaler, attributevalue.UnixTime excepted, which is a Time.
const (
	Invalid Kind = iota
	String
	Int
	Uint
	Float
	Number // attributevalue.Number, json.Number: decimal text
	Bool
	Time
	Bytes
	List
	StringSet
	NumberSet
	BinarySet
	Map
	Struct
	Any
	Raw
	Custom
)

var kindNames = [...]string{
	"invalid", "string", "int", "uint", "float", "number", "bool", "time", "bytes", "list",
	"string set", "number set", "binary set", "map", "struct", "any", "attribute value", "custom",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[Invalid]
}

// Field is one attribute of a Plan: of the item itself, or of a map or list within it.
type Field struct {
	Name      string       // attribute name; "[0]" for an element of a list
	GoName    string       // Go selector, such as "Address.City"
	Type      reflect.Type // declared Go type, pointers included
	Kind      Kind
	UnixTime  bool // a Time that is stored as a number of epoch seconds
	AsString  bool // a number that is stored as a string
	OmitEmpty bool // not stored if zero
	OmitZero  bool // not stored if zero, a zero time or struct too
	NullEmpty bool // NULL if zero

	node  *gotype.Node
	steps []step
}

// step leads from a value to one inside it; pointers before it are followed.
type step struct {
	attribute *gotype.Attribute // of a struct; nil for an element
	name      string            // of a map's element
	index     int               // of a list's element
}

func fieldOf(a *gotype.Attribute, to []step, parent string) *Field {
	f := newField(a.Name, attr.Join(parent, a.GoName), a.Node)
	f.steps = append(to[:len(to):len(to)], step{attribute: a})
	return f
}

func newField(name, goName string, n *gotype.Node) *Field {
	f := &Field{
		Name: name, GoName: goName, Type: n.Type, node: n,
		Kind:      kindOf(n),
		AsString:  n.Options&gotype.AsString != 0,
		OmitEmpty: n.Options&gotype.OmitEmpty != 0,
		OmitZero:  n.Options&gotype.OmitZero != 0,
		NullEmpty: n.Options&gotype.NullEmpty != 0,
	}
	f.UnixTime = f.Kind == Time && (n.Options&gotype.UnixTime != 0 || n.Pointee().Type == gotype.UnixTimeType)
	return f
}

// setKinds are the kinds of slices and arrays.
var setKinds = [...]Kind{
	gotype.NoSet: List, gotype.StringSet: StringSet, gotype.NumberSet: NumberSet, gotype.BinarySet: BinarySet,
}

func kindOf(n *gotype.Node) Kind {
	n = n.Pointee()
	switch {
	case n.Type == gotype.UnixTimeType:
		return Time
	case n.Custom():
		return Custom
	}
	switch n.Shape {
	case gotype.String:
		return String
	case gotype.Int:
		return Int
	case gotype.Uint:
		return Uint
	case gotype.Float:
		return Float
	case gotype.Number:
		return Number
	case gotype.Bool:
		return Bool
	case gotype.Time:
		return Time
	case gotype.Bytes, gotype.ByteArray:
		return Bytes
	case gotype.Slice, gotype.Array:
		return setKinds[n.Set()]
	case gotype.Map:
		return Map
	case gotype.Struct:
		return Struct
	case gotype.Any:
		return Any
	case gotype.Raw:
		return Raw
	}
	return Invalid
}

// inner returns the field at one more element of a path.
func (f *Field) inner(name string) (*Field, bool) {
	n := f.node.Pointee()
	if n.Custom() {
		return nil, false
	}
	index := -1
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		i, err := strconv.Atoi(name[1 : len(name)-1])
		if err != nil || i < 0 {
			return nil, false
		}
		index = i
	}
	switch {
	case n.Shape == gotype.Struct:
		a, ok := n.Layout.ByName[name]
		if !ok {
			return nil, false
		}
		return fieldOf(a, f.steps, f.GoName), true
	case n.Shape == gotype.Map && index < 0,
		(n.Shape == gotype.Slice || n.Shape == gotype.Array) && n.Set() == gotype.NoSet && index >= 0:
		elem := newField(name, attr.Join(f.GoName, name), n.Elem)
		elem.steps = append(f.steps[:len(f.steps):len(f.steps)], step{name: name, index: index})
		return elem, true
	}
	return nil, false
}

// Elem is the field of the elements of a list, a set or a map; it has no place of its own, so that Value and Set do not
// work on it.
func (f *Field) Elem() (*Field, bool) {
	n := f.node.Pointee()
	if n.Custom() || n.Elem == nil || n.Shape == gotype.Bytes || n.Shape == gotype.ByteArray {
		return nil, false
	}
	return newField("", f.GoName, n.Elem), true
}

// Value is the field's value inside v, of the plan's type; false where a nil pointer or a missing element stands in the
// way.
func (f *Field) Value(v reflect.Value) (reflect.Value, bool) {
	ok := len(f.steps) > 0
	for _, s := range f.steps {
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		if v, ok = s.from(v); !ok {
			return reflect.Value{}, false
		}
	}
	return v, ok
}

func (s step) from(v reflect.Value) (reflect.Value, bool) {
	switch {
	case s.attribute != nil:
		return s.attribute.Value(v)
	case v.Kind() != reflect.Map:
		if s.index >= v.Len() {
			return reflect.Value{}, false
		}
		return v.Index(s.index), true
	}
	key, err := gotype.MapKeyOf(v.Type().Key())
	if err != nil {
		return reflect.Value{}, false
	}
	k := reflect.New(key.Type).Elem()
	if key.Decode(s.name, k) != nil {
		return reflect.Value{}, false
	}
	elem := v.MapIndex(k)
	return elem, elem.IsValid()
}

// Set writes the field inside the settable v, of the plan's type, allocating pointers on the way. It returns an error
// for an element of a map or list, and for a value that is not of the field's type.
func (f *Field) Set(v reflect.Value, to reflect.Value) error {
	if len(f.steps) == 0 || !to.Type().AssignableTo(f.Type) {
		return f.at(&failure.Error{Reason: "cannot be set to a value of Go type " + to.Type().String()})
	}
	for _, s := range f.steps {
		if s.attribute == nil {
			return f.at(&failure.Error{Reason: "an element of a map or list cannot be set on its own"})
		}
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = s.attribute.Place(v)
	}
	v.Set(to)
	return nil
}

// at sets an error into the field.
func (f *Field) at(err error) error {
	if n := len(f.steps); n > 0 && f.steps[n-1].attribute == nil {
		if step := f.steps[n-1]; step.index < 0 {
			return failure.AtKey(step.name, err)
		}
		return failure.Within(f.Name, f.Name, err)
	}
	return failure.At(f.Name, err)
}

// Encode encodes a value of the field's type; false means that the attribute is omitted.
func (f *Field) Encode(fieldValue reflect.Value) (types.AttributeValue, bool, error) {
	av, err := (&encoder{depth: 1}).encode(f.node, fieldValue)
	if err != nil {
		return nil, false, f.at(err)
	}
	return av, av != nil, nil
}

// Decode writes av into a settable value of the field's type.
func (f *Field) Decode(av types.AttributeValue, into reflect.Value) error {
	if err := (&decoder{depth: 1}).decode(f.node, av, into); err != nil {
		return f.at(err)
	}
	return nil
}
