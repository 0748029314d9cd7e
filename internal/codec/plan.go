package codec

import (
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var errNotBuilt = errors.New("codec: being built")

// Plan is how one Go struct type is laid out as an item. It is compiled once per type, cached, immutable, and safe for
// concurrent use.
type Plan struct{}

// Of returns the plan of the struct type t. Everything that can be wrong with t's tags and field types is found here; the
// error is a *TypeError that names the Go field.
func Of(t reflect.Type) (*Plan, error) { return nil, errNotBuilt }

// Type is the struct type that the plan was compiled from.
func (p *Plan) Type() reflect.Type { return nil }

// Encode returns the item of the struct value v.
func (p *Plan) Encode(v reflect.Value) (map[string]types.AttributeValue, error) {
	return nil, errNotBuilt
}

// Decode writes the item into the settable struct value into.
func (p *Plan) Decode(item map[string]types.AttributeValue, into reflect.Value) error {
	return errNotBuilt
}

// Fields are T's top-level attributes in order, those of embedded structs flattened.
func (p *Plan) Fields() []*Field { return nil }

// Field returns the top-level attribute with exactly that name.
func (p *Plan) Field(name string) (*Field, bool) { return nil, false }

// Lookup returns the attribute at a path of names, through structs, pointers, maps ("key") and lists ("[0]").
func (p *Plan) Lookup(path ...string) (*Field, bool) { return nil, false }

// Unknown reports whether T has a place for attributes that it does not name.
func (p *Plan) Unknown() bool { return false }

// Kind is what a field's values become, whatever pointers stand before them.
type Kind uint8

// The kinds. StringSet, NumberSet and BinarySet are slices and arrays encoded as sets; Any is an interface, whose encoding is
// known from its value alone; Raw is a types.AttributeValue; Custom is a type with its own attributevalue.Marshaler or
// Unmarshaler.
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

// Field is one attribute of a Plan.
type Field struct {
	Name      string       // attribute name
	GoName    string       // Go selector, such as "Address.City"
	Type      reflect.Type // declared Go type, pointers included
	Kind      Kind
	UnixTime  bool // a Time stored as epoch seconds
	AsString  bool // a number stored as a string
	OmitEmpty bool
	NullEmpty bool
}

// Value is the field's value inside struct v of the plan's type; false where a nil pointer stands in the way.
func (f *Field) Value(v reflect.Value) (reflect.Value, bool) { return reflect.Value{}, false }

// Set writes the field inside the settable struct v, allocating pointers on the way.
func (f *Field) Set(v reflect.Value, to reflect.Value) error { return errNotBuilt }

// Encode encodes a value of the field's type; false means that the attribute is omitted.
func (f *Field) Encode(fieldValue reflect.Value) (types.AttributeValue, bool, error) {
	return nil, false, errNotBuilt
}

// Decode writes av into a settable value of the field's type.
func (f *Field) Decode(av types.AttributeValue, into reflect.Value) error { return errNotBuilt }

// EncodeAny encodes x as an operand for this field, as T itself would encode it; an error if x's type does not fit.
func (f *Field) EncodeAny(x any) (types.AttributeValue, error) { return nil, errNotBuilt }

// AcceptsType reports whether av has a type that encoding this field could have given.
func (f *Field) AcceptsType(av types.AttributeValue) bool { return false }

// Accepts returns nil if this field could have been encoded as av and reads it back; else an error without values.
func (f *Field) Accepts(av types.AttributeValue) error { return errNotBuilt }

// Elem is the field of a list's, set's or map's elements.
func (f *Field) Elem() (*Field, bool) { return nil, false }

// Error is an encoding or decoding error with the path of its attribute. It never contains values.
type Error struct {
	Path string // such as "address.city" or "pets[0].name"; "" for the item itself
	Err  error
}

func (e *Error) Error() string { return e.Path }
func (e *Error) Unwrap() error { return e.Err }

// TypeError says what is wrong with a Go type: which field, and what about its tag or type.
type TypeError struct {
	Type   reflect.Type // the struct given to Of
	Field  string       // Go selector; "" for the type itself
	Reason string
}

func (e *TypeError) Error() string { return e.Reason }
