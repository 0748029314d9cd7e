package codec

import (
	"encoding/json"
	"reflect"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// shape is how a Go type is handled; each has its own arm in encode.go and in decode.go.
type shape uint8

const (
	shapeInvalid shape = iota
	shapeString
	shapeInt
	shapeUint
	shapeFloat
	shapeNumber // attributevalue.Number, json.Number and the like: text that is a number
	shapeBool
	shapeTime
	shapeBytes     // a slice of bytes
	shapeByteArray // an array of bytes
	shapeSlice
	shapeArray
	shapeMap
	shapeStruct
	shapePointer
	shapeAny // an interface
	shapeRaw // types.AttributeValue, or one of its members
)

// node is one Go type under one set of options. Nodes form a graph that follows the type, recursive types included; a node is
// not changed once its plan is published.
type node struct {
	typ      reflect.Type
	options  options
	size     uintptr // of a value
	shape    shape
	elem     *node   // of pointers, slices, arrays and maps
	key      *mapKey // of maps
	layout   *layout // of structs
	marshals method  // where attributevalue.Marshaler is implemented

	// unmarshals tells that the type itself, a pointer, is an attributevalue.Unmarshaler; addrUnmarshals that a pointer to it is
	// one, and that a value standing on its own is to be addressed for it.
	unmarshals, addrUnmarshals bool

	broken error // what is wrong with the type, where it has methods of its own that may make up for it
}

// method tells which receiver has the Marshaler.
type method uint8

const (
	noMethod    method = iota
	valueMethod        // values have it
	addrMethod         // addressable values have it
)

var (
	timeType        = reflect.TypeFor[time.Time]()
	unixTimeType    = reflect.TypeFor[attributevalue.UnixTime]()
	rawType         = reflect.TypeFor[types.AttributeValue]()
	rawMapType      = reflect.TypeFor[map[string]types.AttributeValue]()
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
	options options
}

var nodes sync.Map // nodeKey -> *node, only whole ones

// nodeOf returns the node of a type that is met at run time, inside an interface.
func nodeOf(typ reflect.Type, o options) (*node, error) {
	key := nodeKey{typ, o}
	if n, ok := nodes.Load(key); ok {
		return n.(*node), nil
	}
	c := compiler{built: map[nodeKey]*node{}}
	n, err := c.compile(typ, o)
	if err != nil {
		return nil, err
	}
	return c.publish(n), nil
}

// compiler builds the nodes of one plan.
type compiler struct {
	built  map[nodeKey]*node
	failed bool // some node is broken; others may lead to it
}

// publish makes what was compiled known to later plans, and returns the node that all of them share.
func (c *compiler) publish(n *node) *node {
	if !c.failed {
		for key, built := range c.built {
			nodes.LoadOrStore(key, built)
		}
	}
	shared, _ := nodes.LoadOrStore(nodeKey{n.typ, n.options}, n)
	return shared.(*node)
}

// compile returns the node of a type. Errors are *TypeError, their Field relative to typ.
func (c *compiler) compile(typ reflect.Type, o options) (*node, error) {
	key := nodeKey{typ, o}
	if n, ok := nodes.Load(key); ok {
		return n.(*node), nil
	}
	if n, ok := c.built[key]; ok {
		if n.broken != nil && !n.custom() {
			return nil, n.broken
		}
		return n, nil
	}
	n := &node{typ: typ, options: o, size: typ.Size()}
	c.built[key] = n
	n.methods()
	err := c.fill(n)
	if err != nil {
		n.broken = err
		c.failed = true
		if !n.custom() {
			return nil, err
		}
	}
	return n, nil
}

// methods finds out where the type has attributevalue's own interfaces, by the rules that attributevalue looks for them:
// a value is addressed only if its type has a name.
func (n *node) methods() {
	t := n.typ
	pointer := reflect.PointerTo(t)
	named := t.Kind() != reflect.Pointer && t.Name() != ""
	switch {
	case t.Kind() == reflect.Interface: // what it holds decides
		return
	case t.Kind() == reflect.Map && t.ConvertibleTo(rawMapType): // its methods, if any, are for attributevalue
		return
	case t.Implements(marshalerType):
		n.marshals = valueMethod
	case named && pointer.Implements(marshalerType):
		n.marshals = addrMethod
	}
	n.unmarshals = t.Kind() == reflect.Pointer && t.Implements(unmarshalerType)
	n.addrUnmarshals = named && pointer.Implements(unmarshalerType)
}

// custom tells a type with a Marshaler or an Unmarshaler of its own.
func (n *node) custom() bool { return n.marshals != noMethod || n.unmarshals || n.addrUnmarshals }

// hasMethods is custom for a Go type.
func hasMethods(t reflect.Type) bool {
	n := node{typ: t}
	n.methods()
	return n.custom()
}

func (c *compiler) fill(n *node) (err error) {
	t := n.typ
	n.shape = shapeOf(t)
	switch n.shape {
	case shapeInvalid: // attributevalue drops these
		return &TypeError{Type: t, Reason: "DynamoDB has no type for " + t.Kind().String()}
	case shapePointer:
		if endlessPointer(t) {
			return &TypeError{Type: t, Reason: "a pointer to itself has no value"}
		}
		n.elem, err = c.compile(t.Elem(), n.options)
	case shapeBytes, shapeByteArray, shapeSlice, shapeArray:
		n.elem, err = c.compile(t.Elem(), n.options.elem())
	case shapeMap:
		if n.key, err = mapKeyOf(t.Key()); err != nil {
			return err
		}
		n.elem, err = c.compile(t.Elem(), n.options.elem())
	case shapeStruct:
		return c.fillStruct(n)
	}
	return err
}

func shapeOf(t reflect.Type) shape {
	if t.Implements(rawType) {
		return shapeRaw
	}
	switch t.Kind() {
	case reflect.String:
		if t.Implements(numberTextType) {
			return shapeNumber
		}
		return shapeString
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return shapeInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return shapeUint
	case reflect.Float32, reflect.Float64:
		return shapeFloat
	case reflect.Bool:
		return shapeBool
	case reflect.Interface:
		return shapeAny
	case reflect.Pointer:
		return shapePointer
	case reflect.Slice, reflect.Array:
		return sliceShape(t)
	case reflect.Map:
		return shapeMap
	case reflect.Struct:
		if t.ConvertibleTo(timeType) {
			return shapeTime
		}
		return shapeStruct
	}
	return shapeInvalid
}

func sliceShape(t reflect.Type) shape {
	bytes, array := t.Elem().Kind() == reflect.Uint8, t.Kind() == reflect.Array
	switch {
	case bytes && array:
		return shapeByteArray
	case bytes:
		return shapeBytes
	case array:
		return shapeArray
	}
	return shapeSlice
}

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

func (c *compiler) fillStruct(n *node) error {
	t := n.typ
	l, err := flatten(t)
	if err != nil {
		return err
	}
	n.layout = l
	if len(l.fields) == 0 && l.unknown == nil && opaque(t) {
		return &TypeError{Type: t, Reason: "type " + t.String() + " has no exported fields and would be stored as an empty map: give it attributevalue.Marshaler and Unmarshaler, or tag the field dynamodbav:\"-\""}
	}
	for _, a := range l.fields {
		if reason := misfit(a.typ, a.options); reason != "" {
			return &TypeError{Type: t, Field: a.goName, Reason: reason}
		}
		if a.node, err = c.compile(a.typ, a.options); err != nil {
			return inField(t, a.goName, err)
		}
		a.plain = len(a.way.through) == 0 && a.node.plain()
	}
	l.room = l.needs()
	return nil
}

// opaque tells that all that a struct has is unexported.
func opaque(t reflect.Type) bool {
	for i := range t.NumField() {
		if t.Field(i).IsExported() {
			return false
		}
	}
	return t.NumField() > 0
}

// pointee follows pointers up to a type with methods of its own.
func (n *node) pointee() *node {
	for n.shape == shapePointer && n.marshals == noMethod && !n.unmarshals {
		n = n.elem
	}
	if n.shape == shapePointer && n.elem.custom() { // *T has T's methods
		return n.elem
	}
	return n
}

// plain tells a scalar without methods of its own.
func (n *node) plain() bool {
	switch n.shape {
	case shapeString, shapeNumber, shapeInt, shapeUint, shapeFloat, shapeTime, shapeBool:
		return !n.custom() && n.broken == nil
	}
	return false
}
