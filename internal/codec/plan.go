package codec

import (
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
)

// Errors of this package are these, whose text never contains values: of Of a *TypeError, of all else an *Error.
type (
	Error     = failure.Error
	TypeError = failure.TypeError
)

// Plan is how one Go struct type is laid out as an item. It is compiled once per type, cached, immutable, and safe for
// concurrent use.
type Plan struct {
	root   *gotype.Node
	fields []*Field
	byName map[string]*Field
}

var plans sync.Map // reflect.Type -> *Plan

// Of returns the plan of the struct type t. Everything that can be wrong with t's tags and field types is found here;
// the error is a *TypeError that names the Go field.
func Of(t reflect.Type) (*Plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*Plan), nil
	}
	p, err := newPlan(t)
	if err != nil {
		return nil, err
	}
	shared, _ := plans.LoadOrStore(t, p)
	return shared.(*Plan), nil
}

func newPlan(t reflect.Type) (*Plan, error) {
	if t.Kind() != reflect.Struct || gotype.ShapeOf(t) != gotype.Struct {
		return nil, &failure.TypeError{Type: t, Reason: "an item is made of a struct"}
	}
	root, err := gotype.Of(t, 0)
	if err != nil {
		return nil, err
	}
	if root.Broken != nil { // its own Marshaler would be all there is, and no attribute known
		return nil, root.Broken
	}
	p := &Plan{root: root, byName: make(map[string]*Field, len(root.Layout.Fields))}
	for _, a := range root.Layout.Fields {
		f := fieldOf(a, nil, "")
		p.fields = append(p.fields, f)
		p.byName[f.Name] = f
	}
	return p, nil
}

// Root is the plan's type as a node, for the packages that read items by it in ways of their own.
func (p *Plan) Root() *gotype.Node { return p.root }

// Type is the struct type that the plan was compiled from.
func (p *Plan) Type() reflect.Type { return p.root.Type }

// Encode returns the item of v, a value of the plan's type. Errors are *Error and name the attribute's path. A
// types.AttributeValue inside v is not copied.
func (p *Plan) Encode(v reflect.Value) (map[string]types.AttributeValue, error) {
	return p.encode(&encoder{depth: 1}, v)
}

// EncodeUnchecked is Encode for what is to be compared and not to be sent, such as a value that was just decoded: text
// that is not UTF-8, sets with an element twice, and types.AttributeValues that the service would refuse are no errors.
// Two numbers of a stored set may be one in the Go type that they are decoded into.
func (p *Plan) EncodeUnchecked(v reflect.Value) (map[string]types.AttributeValue, error) {
	return p.encode(&encoder{depth: 1, unchecked: true}, v)
}

func (p *Plan) encode(e *encoder, v reflect.Value) (map[string]types.AttributeValue, error) {
	if p.root.Marshals != gotype.NoMethod {
		av, err := e.encodeCustom(p.root, v)
		if err != nil {
			return nil, err
		}
		if m, ok := av.(*types.AttributeValueMemberM); ok {
			return m.Value, nil
		}
		if av != nil {
			reason := "MarshalDynamoDBAttributeValue of Go type " + p.root.Type.String() + " gave no map"
			return nil, failure.Marshal(reason, nil)
		}
	}
	return e.encodeStruct(p.root, v)
}

// Decode writes item into the settable value of the plan's type. It decodes on top of what into holds, as
// attributevalue does: fields without an attribute keep their value, NULL sets a field to its zero value, pointers and
// maps that are there are used again. Errors are *Error and name the attribute's path.
func (p *Plan) Decode(item map[string]types.AttributeValue, into reflect.Value) error {
	if p.root.AddrUnmarshals {
		return decodeCustom(p.root, &types.AttributeValueMemberM{Value: item}, into.Addr())
	}
	return (&decoder{depth: 1}).decodeStruct(p.root.Layout, item, into)
}

// Fields are the top-level attributes in the order of T's fields, those of embedded structs included.
func (p *Plan) Fields() []*Field { return p.fields }

// Field returns the top-level attribute of exactly that name.
func (p *Plan) Field(name string) (*Field, bool) {
	f, ok := p.byName[name]
	return f, ok
}

// Lookup returns the attribute at a path: names lead through structs, pointers and maps, "[0]" through lists. It is
// false where the path leaves what T's type tells, as it does inside an interface.
func (p *Plan) Lookup(path ...string) (*Field, bool) {
	if len(path) == 0 {
		return nil, false
	}
	f, ok := p.Field(path[0])
	for _, name := range path[1:] {
		if !ok {
			return nil, false
		}
		f, ok = f.inner(name)
	}
	return f, ok
}

// Attribute is one attribute of v's encoding, nil where that leaves it out. Names that only a Marshaler or the place
// for attributes without a field could give are had by encoding all of v.
func (p *Plan) Attribute(v reflect.Value, name string) (types.AttributeValue, error) {
	f, ok := p.byName[name]
	if !ok || p.root.Marshals != gotype.NoMethod {
		item, err := p.Encode(v)
		return item[name], err
	}
	fv, ok := f.Value(v)
	if !ok {
		return nil, nil
	}
	av, _, err := f.Encode(fv)
	return av, err
}

// Has tells whether T's encoding could have something at a path. A path that leaves what T's type tells could lead to
// anything.
func (p *Plan) Has(path ...string) bool {
	if p.root.Marshals != gotype.NoMethod || len(path) == 0 {
		return true
	}
	in, ok := p.Field(path[0])
	if !ok {
		return p.Unknown()
	}
	for _, name := range path[1:] {
		next, ok := in.inner(name)
		if !ok {
			return in.Kind == Any || in.Kind == Raw || in.Kind == Custom ||
				in.Kind == Struct && in.node.Pointee().Layout.Unknown != nil
		}
		in = next
	}
	return true
}

// Unknown reports whether T has a place for attributes that it does not name.
func (p *Plan) Unknown() bool { return p.root.Layout.Unknown != nil }
