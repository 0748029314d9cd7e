package codec

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Kind is what a field's values become, whatever pointers stand before them.
type Kind uint8

// The kinds. StringSet, NumberSet and BinarySet are slices and arrays encoded as sets. Any is an interface, whose encoding is
// known from its value alone; Raw is a types.AttributeValue; Custom is a type with its own attributevalue.Marshaler or
// Unmarshaler, attributevalue.UnixTime excepted, which is a Time.
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
	NullEmpty bool // NULL if zero

	node  *node
	steps []step
}

// step leads from a value to one inside it; pointers before it are followed.
type step struct {
	attribute *attribute // of a struct; nil for an element
	name      string     // of a map's element
	index     int        // of a list's element
}

func fieldOf(a *attribute, to []step, parent string) *Field {
	f := newField(a.name, join(parent, a.goName), a.node)
	f.steps = append(to[:len(to):len(to)], step{attribute: a})
	return f
}

func newField(name, goName string, n *node) *Field {
	f := &Field{
		Name: name, GoName: goName, Type: n.typ, node: n,
		Kind:      kindOf(n),
		AsString:  n.options&asString != 0,
		OmitEmpty: n.options&omitEmpty != 0,
		NullEmpty: n.options&nullEmpty != 0,
	}
	f.UnixTime = f.Kind == Time && (n.options&unixTime != 0 || n.pointee().typ == unixTimeType)
	return f
}

func kindOf(n *node) Kind {
	n = n.pointee()
	switch {
	case n.typ == unixTimeType:
		return Time
	case n.custom():
		return Custom
	}
	switch n.shape {
	case shapeString:
		return String
	case shapeInt:
		return Int
	case shapeUint:
		return Uint
	case shapeFloat:
		return Float
	case shapeNumber:
		return Number
	case shapeBool:
		return Bool
	case shapeTime:
		return Time
	case shapeBytes, shapeByteArray:
		return Bytes
	case shapeSlice, shapeArray:
		return [...]Kind{noSet: List, setOfStrings: StringSet, setOfNumbers: NumberSet, setOfBinaries: BinarySet}[n.set()]
	case shapeMap:
		return Map
	case shapeStruct:
		return Struct
	case shapeAny:
		return Any
	case shapeRaw:
		return Raw
	}
	return Invalid
}

// inner returns the field at one more element of a path.
func (f *Field) inner(name string) (*Field, bool) {
	n := f.node.pointee()
	if n.custom() {
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
	case n.shape == shapeStruct:
		a, ok := n.layout.byName[name]
		if !ok {
			return nil, false
		}
		return fieldOf(a, f.steps, f.GoName), true
	case n.shape == shapeMap && index < 0,
		(n.shape == shapeSlice || n.shape == shapeArray) && n.set() == noSet && index >= 0:
		elem := newField(name, join(f.GoName, name), n.elem)
		elem.steps = append(f.steps[:len(f.steps):len(f.steps)], step{name: name, index: index})
		return elem, true
	}
	return nil, false
}

// Elem is the field of the elements of a list, a set or a map; it has no place of its own, so that Value and Set do not work
// on it.
func (f *Field) Elem() (*Field, bool) {
	n := f.node.pointee()
	if n.custom() || n.elem == nil || n.shape == shapeBytes || n.shape == shapeByteArray {
		return nil, false
	}
	return newField("", f.GoName, n.elem), true
}

// Value is the field's value inside v, of the plan's type; false where a nil pointer or a missing element stands in the way.
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
		return s.attribute.value(v)
	case v.Kind() != reflect.Map:
		if s.index >= v.Len() {
			return reflect.Value{}, false
		}
		return v.Index(s.index), true
	}
	key, err := mapKeyOf(v.Type().Key())
	if err != nil {
		return reflect.Value{}, false
	}
	k := reflect.New(key.typ).Elem()
	if key.decode(s.name, k) != nil {
		return reflect.Value{}, false
	}
	elem := v.MapIndex(k)
	return elem, elem.IsValid()
}

// Set writes the field inside the settable v, of the plan's type, allocating pointers on the way. It returns an error for an
// element of a map or list, and for a value that is not of the field's type.
func (f *Field) Set(v reflect.Value, to reflect.Value) error {
	if len(f.steps) == 0 || !to.Type().AssignableTo(f.Type) {
		return f.at(&Error{Reason: "cannot be set to a value of Go type " + to.Type().String()})
	}
	for _, s := range f.steps {
		if s.attribute == nil {
			return f.at(&Error{Reason: "an element of a map or list cannot be set on its own"})
		}
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = s.attribute.place(v)
	}
	v.Set(to)
	return nil
}

// at sets an error into the field.
func (f *Field) at(err error) error {
	if n := len(f.steps); n > 0 && f.steps[n-1].attribute == nil {
		if step := f.steps[n-1]; step.index < 0 {
			return atKey(step.name, err)
		}
		return within(f.Name, f.Name, err)
	}
	return at(f.Name, err)
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
