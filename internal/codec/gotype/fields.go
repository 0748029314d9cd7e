package gotype

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/failure"
)

// Layout is the attributes of one struct type, embedded structs flattened.
type Layout struct {
	Fields  []*Attribute
	ByName  map[string]*Attribute
	folded  map[string]*Attribute // by foldName; the first of several
	Unknown *Attribute            // the place for attributes that the struct does not name; nil if there is none
	Room    Room
}

// Attribute is one struct field that is an attribute of its own.
type Attribute struct {
	Name    string // of the attribute
	GoName  string // Go selector from the flattened struct
	index   []int
	Type    reflect.Type
	options Options
	tagged  bool // the name comes from a tag
	Way     Way
	Plain   bool // a scalar of the struct itself, without methods of its own
	Node    *Node
}

// embedding is a struct type whose fields are to be flattened, with the way to it.
type embedding struct {
	typ    reflect.Type
	index  []int
	goName string
}

// flatten lists the attributes of a struct by the rules of encoding/json, which attributevalue shares: the shallowest
// field of a name wins; of several at one depth the one that has the name from a tag; else none of them.
func flatten(t reflect.Type) (*Layout, error) {
	var found, unknown []*Attribute
	next := []embedding{{typ: t}}
	visited := map[reflect.Type]bool{}
	var count, nextCount map[reflect.Type]int
	for len(next) > 0 {
		current := next
		next = nil
		count, nextCount = nextCount, map[reflect.Type]int{}
		for _, from := range current {
			if visited[from.typ] {
				continue
			}
			visited[from.typ] = true
			own, err := declared(t, from)
			if err != nil {
				return nil, err
			}
			for range min(max(count[from.typ], 1), 2) { // embedded twice at one depth, its fields hide each other
				found = append(found, own.fields...)
				unknown = append(unknown, own.unknown...)
			}
			for _, e := range own.embedded {
				if nextCount[e.typ]++; nextCount[e.typ] == 1 {
					next = append(next, e)
				}
			}
		}
	}
	if len(unknown) > 1 {
		reason := "a struct has one place for unknown attributes, and " + unknown[0].GoName + " is it"
		return nil, &failure.TypeError{Type: t, Field: unknown[1].GoName, Reason: reason}
	}
	l := &Layout{Fields: dominant(found)}
	if len(unknown) == 1 {
		l.Unknown = unknown[0]
	}
	for _, a := range l.Fields {
		a.Way = wayOf(t, a.index)
	}
	if l.Unknown != nil {
		l.Unknown.Way = wayOf(t, l.Unknown.index)
	}
	l.ByName = make(map[string]*Attribute, len(l.Fields))
	l.folded = make(map[string]*Attribute, len(l.Fields))
	for _, a := range l.Fields {
		l.ByName[a.Name] = a
		if fold := foldName(a.Name); l.folded[fold] == nil {
			l.folded[fold] = a
		}
	}
	return l, nil
}

// declarations are what a struct declares itself.
type declarations struct {
	fields   []*Attribute
	unknown  []*Attribute // places for the attributes that it does not name
	embedded []embedding
}

const (
	badUnknown = "the place for unknown attributes is an exported map[string]types.AttributeValue, " +
		"or a type made of it"
	badEmbedded = "an embedded unexported type can only be flattened if it is a struct without a pointer or a name: " +
		"export it, or tag it dynamodbav:\"-\""
)

// declared reads the fields of one struct on the way of flattening the root.
func declared(root reflect.Type, from embedding) (own declarations, err error) {
	names := map[string]string{}
	for i := range from.typ.NumField() {
		sf := from.typ.Field(i)
		goName := attr.Join(from.goName, sf.Name)
		fail := func(reason string) error { return &failure.TypeError{Type: root, Field: goName, Reason: reason} }
		if !sf.IsExported() && !sf.Anonymous {
			if _, tagged := sf.Tag.Lookup("monotable"); tagged {
				return own, fail("a field tagged monotable must be exported")
			}
			continue
		}
		tag, reason := parseTag(sf.Tag)
		if reason != "" {
			return own, fail(reason)
		}
		index := append(slices.Clone(from.index), i)
		if tag.unknown {
			if !sf.IsExported() || !sf.Type.ConvertibleTo(RawMapType) || sf.Type.Kind() != reflect.Map {
				return own, fail(badUnknown)
			}
			own.unknown = append(own.unknown, &Attribute{GoName: goName, index: index, Type: sf.Type})
			continue
		}
		if tag.ignored {
			continue
		}
		if tag.options&OmitZero != 0 && (sf.Type.Kind() == reflect.Pointer || sf.Type.Kind() == reflect.Interface) {
			return own, fail("omitzero is for values: a nil is left out by omitempty")
		}
		typ, pointer := sf.Type, false
		if typ.Name() == "" && typ.Kind() == reflect.Pointer {
			typ, pointer = typ.Elem(), true
		}
		if sf.Anonymous && !sf.IsExported() && (pointer || typ.Kind() != reflect.Struct || tag.name != "") {
			return own, fail(badEmbedded)
		}
		if sf.Anonymous && tag.name == "" && typ.Kind() == reflect.Struct {
			if typ.ConvertibleTo(TimeType) {
				return own, fail("an embedded time has no fields and would be lost: give it an attribute name")
			}
			if tag.options&OmitZero != 0 {
				return own, fail("an embedded struct is flattened: tag its fields omitzero")
			}
			own.embedded = append(own.embedded, embedding{typ: typ, index: index, goName: goName})
			continue
		}
		if !attr.ValidText(tag.name) {
			return own, fail("an attribute's name is UTF-8")
		}
		a := &Attribute{Name: cmp.Or(tag.name, sf.Name), GoName: goName, index: index, Type: sf.Type}
		a.options, a.tagged = tag.options, tag.name != ""
		if other := names[a.Name]; other != "" {
			return own, fail("attribute " + strconv.Quote(a.Name) + " is already field " + other)
		}
		names[a.Name] = sf.Name
		own.fields = append(own.fields, a)
	}
	return own, nil
}

// dominant keeps, of the attributes that share a name, the one that Go's embedding rules and tags make visible, and
// returns what is left in the order of the struct's fields.
func dominant(all []*Attribute) []*Attribute {
	byName := map[string][]*Attribute{}
	for _, a := range all {
		byName[a.Name] = append(byName[a.Name], a)
	}
	visible := make([]*Attribute, 0, len(byName))
	for _, same := range byName {
		if a := winner(same); a != nil {
			visible = append(visible, a)
		}
	}
	slices.SortFunc(visible, func(a, b *Attribute) int { return slices.Compare(a.index, b.index) })
	return visible
}

func winner(same []*Attribute) *Attribute {
	depth := len(same[0].index)
	for _, a := range same {
		depth = min(depth, len(a.index))
	}
	var tagged, untagged []*Attribute
	for _, a := range same {
		switch {
		case len(a.index) > depth:
		case a.tagged:
			tagged = append(tagged, a)
		default:
			untagged = append(untagged, a)
		}
	}
	switch {
	case len(tagged) == 1:
		return tagged[0]
	case len(tagged) == 0 && len(untagged) == 1:
		return untagged[0]
	}
	return nil
}

// Value is the attribute's field inside struct v; false where an embedded pointer is nil.
func (a *Attribute) Value(v reflect.Value) (reflect.Value, bool) {
	if len(a.index) == 1 {
		return v.Field(a.index[0]), true
	}
	for i, x := range a.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// Place is the attribute's field inside the settable struct v, embedded pointers allocated.
func (a *Attribute) Place(v reflect.Value) reflect.Value {
	if len(a.index) == 1 {
		return v.Field(a.index[0])
	}
	for i, x := range a.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}
