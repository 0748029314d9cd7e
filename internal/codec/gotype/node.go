package gotype

import (
	"encoding/json"
	"reflect"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/failure"
)

// Shape is how a Go type is handled; each has its own arm in the encoder and in the decoder.
type Shape uint8

// The shapes.
const (
	Invalid Shape = iota
	String
	Int
	Uint
	Float
	Number // attributevalue.Number, json.Number and the like: text that is a number
	Bool
	Time
	Bytes     // a slice of bytes
	ByteArray // an array of bytes
	Slice
	Array
	Map
	Struct
	Pointer
	Any // an interface
	Raw // types.AttributeValue, or one of its members
)

// Node is one Go type under one set of options. Nodes form a graph that follows the type, recursive types included; a
// node is not changed once its plan is published.
type Node struct {
	Type     reflect.Type
	Options  Options
	Size     uintptr // of a value
	Shape    Shape
	Elem     *Node   // of pointers, slices, arrays and maps
	Key      *MapKey // of maps
	Layout   *Layout // of structs
	Marshals Method  // where attributevalue.Marshaler is implemented

	// Unmarshals tells that the type itself, a pointer, is an attributevalue.Unmarshaler; AddrUnmarshals that a pointer
	// to it is one, and that a value standing on its own is to be addressed for it.
	Unmarshals, AddrUnmarshals bool

	Broken error // what is wrong with the type, where it has methods of its own that may make up for it
}

// Method tells which receiver has the Marshaler.
type Method uint8

// The receivers.
const (
	NoMethod    Method = iota
	valueMethod        // values have it
	AddrMethod         // addressable values have it
)

// Types that are told apart.
var (
	TimeType        = reflect.TypeFor[time.Time]()
	UnixTimeType    = reflect.TypeFor[attributevalue.UnixTime]()
	rawType         = reflect.TypeFor[types.AttributeValue]()
	RawMapType      = reflect.TypeFor[map[string]types.AttributeValue]()
	bytesSliceType  = reflect.TypeFor[[][]byte]()
	marshalerType   = reflect.TypeFor[attributevalue.Marshaler]()
	unmarshalerType = reflect.TypeFor[attributevalue.Unmarshaler]()
	numberTextType  = reflect.TypeFor[numberText]()
)

// numberText is what marks a string type as a number: attributevalue.Number and json.Number have these methods.
type numberText interface {
	Float64() (float64, error)
	Int64() (int64, error)
	String() string
}

var _ numberText = json.Number("")

// nodeKey is what nodes are told apart by.
type nodeKey struct {
	typ     reflect.Type
	options Options
}

var nodes sync.Map // nodeKey -> *Node, only whole ones

// Of returns the node of a type under options: the one that all share. Errors are *failure.TypeError.
func Of(typ reflect.Type, o Options) (*Node, error) {
	key := nodeKey{typ, o}
	if n, ok := nodes.Load(key); ok {
		return n.(*Node), nil
	}
	c := compiler{built: map[nodeKey]*Node{}}
	n, err := c.compile(typ, o)
	if err != nil {
		return nil, err
	}
	return c.publish(n), nil
}

// compiler builds the nodes of one plan.
type compiler struct {
	built  map[nodeKey]*Node
	failed bool // some node is broken; others may lead to it
}

// publish makes what was compiled known to later plans, and returns the node that all of them share.
func (c *compiler) publish(n *Node) *Node {
	if !c.failed {
		for key, built := range c.built {
			nodes.LoadOrStore(key, built)
		}
	}
	shared, _ := nodes.LoadOrStore(nodeKey{n.Type, n.Options}, n)
	return shared.(*Node)
}

// compile returns the node of a type. Errors are *failure.TypeError, their Field relative to typ.
func (c *compiler) compile(typ reflect.Type, o Options) (*Node, error) {
	key := nodeKey{typ, o}
	if n, ok := nodes.Load(key); ok {
		return n.(*Node), nil
	}
	if n, ok := c.built[key]; ok {
		if n.Broken != nil && !n.Custom() {
			return nil, n.Broken
		}
		return n, nil
	}
	n := &Node{Type: typ, Options: o, Size: typ.Size()}
	c.built[key] = n
	n.methods()
	err := c.fill(n)
	if err != nil {
		n.Broken = err
		c.failed = true
		if !n.Custom() {
			return nil, err
		}
	}
	return n, nil
}

// methods finds out where the type has attributevalue's own interfaces, by the rules that attributevalue looks for
// them: a value is addressed only if its type has a name.
func (n *Node) methods() {
	t := n.Type
	pointer := reflect.PointerTo(t)
	named := t.Kind() != reflect.Pointer && t.Name() != ""
	switch {
	case t.Kind() == reflect.Interface: // what it holds decides
		return
	case t.Kind() == reflect.Map && t.ConvertibleTo(RawMapType): // its methods, if any, are for attributevalue
		return
	case t.Implements(marshalerType):
		n.Marshals = valueMethod
	case named && pointer.Implements(marshalerType):
		n.Marshals = AddrMethod
	}
	n.Unmarshals = t.Kind() == reflect.Pointer && t.Implements(unmarshalerType)
	n.AddrUnmarshals = named && pointer.Implements(unmarshalerType)
}

// Custom tells a type with a Marshaler or an Unmarshaler of its own.
func (n *Node) Custom() bool { return n.Marshals != NoMethod || n.Unmarshals || n.AddrUnmarshals }

// HasMethods is custom for a Go type.
func HasMethods(t reflect.Type) bool {
	n := Node{Type: t}
	n.methods()
	return n.Custom()
}

func (c *compiler) fill(n *Node) (err error) {
	t := n.Type
	n.Shape = ShapeOf(t)
	switch n.Shape {
	case Invalid: // attributevalue drops these
		return &failure.TypeError{Type: t, Reason: "DynamoDB has no type for " + t.Kind().String()}
	case Pointer:
		if endlessPointer(t) {
			return &failure.TypeError{Type: t, Reason: "a pointer to itself has no value"}
		}
		n.Elem, err = c.compile(t.Elem(), n.Options)
	case Bytes, ByteArray, Slice, Array:
		n.Elem, err = c.compile(t.Elem(), n.Options.elem())
	case Map:
		if n.Key, err = MapKeyOf(t.Key()); err != nil {
			return err
		}
		n.Elem, err = c.compile(t.Elem(), n.Options.elem())
	case Struct:
		return c.fillStruct(n)
	}
	return err
}

// ShapeOf tells a type's shape, whatever methods it has.
func ShapeOf(t reflect.Type) Shape {
	if t.Implements(rawType) {
		return Raw
	}
	switch t.Kind() {
	case reflect.String:
		if t.Implements(numberTextType) {
			return Number
		}
		return String
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Int
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return Uint
	case reflect.Float32, reflect.Float64:
		return Float
	case reflect.Bool:
		return Bool
	case reflect.Interface:
		return Any
	case reflect.Pointer:
		return Pointer
	case reflect.Slice, reflect.Array:
		return sliceShape(t)
	case reflect.Map:
		return Map
	case reflect.Struct:
		if t.ConvertibleTo(TimeType) {
			return Time
		}
		return Struct
	}
	return Invalid
}

func sliceShape(t reflect.Type) Shape {
	bytes, array := t.Elem().Kind() == reflect.Uint8, t.Kind() == reflect.Array
	switch {
	case bytes && array:
		return ByteArray
	case bytes:
		return Bytes
	case array:
		return Array
	}
	return Slice
}

// endlessPointer tells a type such as P in "type P *P".
func endlessPointer(t reflect.Type) bool {
	seen := map[reflect.Type]bool{}
	for ; t.Kind() == reflect.Pointer; t = t.Elem() {
		if seen[t] {
			return true
		}
		seen[t] = true
	}
	return false
}

func (c *compiler) fillStruct(n *Node) error {
	t := n.Type
	l, err := flatten(t)
	if err != nil {
		return err
	}
	n.Layout = l
	if len(l.Fields) == 0 && l.Unknown == nil && opaque(t) {
		return &failure.TypeError{Type: t, Reason: "type " + t.String() +
			" has no exported fields and would be stored as an empty map: " +
			"give it attributevalue.Marshaler and Unmarshaler, or tag the field dynamodbav:\"-\""}
	}
	for _, a := range l.Fields {
		if reason := misfit(a.Type, a.options); reason != "" {
			return &failure.TypeError{Type: t, Field: a.GoName, Reason: reason}
		}
		if a.Node, err = c.compile(a.Type, a.options); err != nil {
			return failure.InField(t, a.GoName, err)
		}
		a.Plain = len(a.Way.Through) == 0 && a.Node.plain()
	}
	l.Room = l.needs()
	return nil
}

// opaque tells that all that a struct has is unexported.
func opaque(t reflect.Type) bool {
	for field := range t.Fields() {
		if field.IsExported() {
			return false
		}
	}
	return t.NumField() > 0
}

// Pointee follows pointers up to a type with methods of its own.
func (n *Node) Pointee() *Node {
	for n.Shape == Pointer && n.Marshals == NoMethod && !n.Unmarshals {
		n = n.Elem
	}
	if n.Shape == Pointer && n.Elem.Custom() { // *T has T's methods
		return n.Elem
	}
	return n
}

// plain tells a scalar without methods of its own.
func (n *Node) plain() bool {
	switch n.Shape {
	case String, Number, Int, Uint, Float, Time, Bool:
		return !n.Custom() && n.Broken == nil
	}
	return false
}
