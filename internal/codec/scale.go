package codec

import (
	"bytes"
	"reflect"
	"slices"
	"sync"
	"time"
	"unsafe"

	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/scalar"
	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// Scale weighs the attributes of a plan's values without making items of them. It is immutable and safe for concurrent
// use.
//
// What most fields are made of is read where it lies, by the rules of gotype/way.go; all else, and all that is wrong,
// goes the way of measure.go. The address of a value is asked of reflect for each call, in the one expression that
// makes it a pointer, which package unsafe allows of UnsafeAddr: it costs a third of what Addr does.
type Scale struct {
	gauges []gauge
}

// gauge is one attribute on a scale.
type gauge struct {
	attr    *gotype.Attribute
	offset  uintptr // of the field in the struct
	kind    gaugeKind
	size    uintptr // of the value
	pointer bool    // a pointer to a value of kind is what lies there
	asks    bool    // a zero value is not stored as it is
	empty   int     // bytes of what stands for a value that is nil, or zero where asks: NULL with its name, or nothing
}

// gaugeKind is what lies at a gauge's offset.
type gaugeKind uint8

const (
	byReflection gaugeKind = iota // whatever the others are not
	aString
	aBool
	anInt
	aUint
	aFloat32
	aFloat64
	aTime
	aUnixTime
	someBytes
	aStringSet // a slice of strings
	aStringList
)

// Scale returns the plan's scale, and false where items cannot be weighed by their attributes: T has a place for
// attributes that it does not name, or a Marshaler of its own.
func (p *Plan) Scale() (*Scale, bool) {
	if p.root.Marshals != gotype.NoMethod || p.root.Layout.Unknown != nil {
		return nil, false
	}
	s := &Scale{gauges: make([]gauge, len(p.root.Layout.Fields))}
	for i, a := range p.root.Layout.Fields {
		s.gauges[i] = gaugeOf(a)
	}
	return s, true
}

func gaugeOf(a *gotype.Attribute) gauge {
	g := gauge{attr: a, offset: a.Way.Offset}
	if len(a.Way.Through) > 0 {
		return g // inside an embedded pointer
	}
	n := a.Node
	if n.Options&gotype.OmitZero != 0 {
		return g
	}
	if n.Options&gotype.OmitEmpty == 0 {
		g.empty = len(a.Name) + 1
	}
	g.asks = n.Options&(gotype.OmitEmpty|gotype.NullEmpty) != 0
	if n.Shape == gotype.Pointer && n.Marshals == gotype.NoMethod && n.Broken == nil {
		n, g.pointer, g.asks = n.Elem, true, false
	}
	g.kind, g.size = gaugeKindOf(n), n.Size
	if g.pointer && g.kind >= someBytes {
		g.kind = byReflection // that a slice is nil is not asked behind a pointer
	}
	return g
}

func gaugeKindOf(n *gotype.Node) gaugeKind {
	if n.Marshals != gotype.NoMethod || n.Broken != nil || n.Options&gotype.AsString != 0 {
		return byReflection
	}
	switch n.Shape {
	case gotype.String:
		return aString
	case gotype.Bool:
		return aBool
	case gotype.Int:
		return anInt
	case gotype.Uint:
		return aUint
	case gotype.Float:
		if n.Type.Kind() == reflect.Float32 {
			return aFloat32
		}
		return aFloat64
	case gotype.Time:
		if n.Options&gotype.UnixTime != 0 {
			return aUnixTime
		}
		return aTime
	case gotype.Bytes:
		return someBytes
	case gotype.Slice:
		switch set := n.Set(); {
		case n.Elem.Shape != gotype.String || !n.Elem.PlainIn(gotype.StringSet):
		case set == gotype.StringSet:
			return aStringSet
		case set == gotype.NoSet:
			return aStringList
		}
	}
	return byReflection
}

// Weigh writes to each element of into the bytes, name and value, of the attribute of the same place in the plan's
// Fields, 0 for one that is omitted: what size.Attribute gives of what EncodeUnchecked makes of v, with the same
// errors. v is addressable. What has a Marshaler of its own is encoded for it, and so is what is behind an interface.
func (s *Scale) Weigh(v reflect.Value, into []int) error {
	p := unsafe.Pointer(v.UnsafeAddr())
	for i := range s.gauges {
		g := &s.gauges[i]
		bytes, ok := g.read(p)
		if !ok {
			var err error
			if bytes, err = g.reflected(v); err != nil {
				return err
			}
		}
		into[i] = bytes
	}
	return nil
}

// read weighs the attribute where it lies; not ok leaves it to reflection.
func (g *gauge) read(p unsafe.Pointer) (bytes int, ok bool) {
	at := unsafe.Add(p, g.offset)
	if g.pointer {
		if at = *(*unsafe.Pointer)(at); at == nil {
			return g.empty, true
		}
	}
	zero := false
	switch g.kind {
	case aString:
		bytes = len(*(*string)(at))
		zero = bytes == 0
	case aBool:
		bytes, zero = 1, !*(*bool)(at)
	case anInt:
		i := scalar.GetInt(at, g.size)
		bytes, zero = number.IntSize(i), i == 0
	case aUint:
		u := scalar.GetUint(at, g.size)
		bytes, zero = number.UintSize(u), u == 0
	case aFloat32:
		f := *(*float32)(at)
		if !scalar.InReach(float64(f)) {
			return 0, false
		}
		bytes, zero = number.FloatSize(float64(f), 32), f == 0
	case aFloat64:
		f := *(*float64)(at)
		if !scalar.InReach(f) {
			return 0, false
		}
		bytes, zero = number.FloatSize(f, 64), f == 0
	case aTime:
		if bytes, ok = scalar.TimeSize(*(*time.Time)(at)); !ok {
			return 0, false
		}
	case aUnixTime:
		bytes = number.IntSize((*time.Time)(at).Unix())
	case someBytes:
		b := *(*[]byte)(at)
		if b == nil {
			return g.empty, true
		}
		bytes = len(b)
	case aStringSet, aStringList:
		return g.readStrings(*(*[]string)(at))
	default:
		return 0, false
	}
	if zero && g.asks {
		return g.empty, true
	}
	return len(g.attr.Name) + bytes, true
}

// readStrings is read for a list or a set of strings.
func (g *gauge) readStrings(list []string) (bytes int, ok bool) {
	switch {
	case list == nil:
		return g.empty, true
	case g.kind == aStringList:
		bytes = size.Container + size.Entry*len(list)
	case len(list) == 0:
		return 0, false // there is no empty set
	}
	for i := range list {
		bytes += len(list[i])
	}
	return len(g.attr.Name) + bytes, true
}

// reflected weighs the attribute by its node.
func (g *gauge) reflected(v reflect.Value) (int, error) {
	field, ok := g.attr.Value(v)
	if !ok {
		return 0, nil
	}
	e := measurers.Get().(*encoder)
	defer measurers.Put(e)
	*e = encoder{depth: 1, unchecked: true}
	bytes, there, err := e.measure(g.attr.Node, field)
	if err != nil {
		return 0, failure.At(g.attr.Name, err)
	}
	if !there {
		return 0, nil
	}
	return len(g.attr.Name) + bytes, nil
}

var measurers = sync.Pool{New: func() any { return new(encoder) }}

// Same tells whether two addressable values store the attribute of place i of Fields alike. It is not sure about what
// may be stored alike though it is not the same in Go, or only looks so.
func (s *Scale) Same(i int, v, w reflect.Value) (same, sure bool) {
	g := &s.gauges[i]
	if g.kind == byReflection {
		return false, false
	}
	a, b := g.at(v), g.at(w)
	if a == nil || b == nil {
		return a == b, true
	}
	switch g.kind {
	case aString:
		return *(*string)(a) == *(*string)(b), true
	case aBool:
		return *(*bool)(a) == *(*bool)(b), true
	case anInt:
		return scalar.GetInt(a, g.size) == scalar.GetInt(b, g.size), true
	case aUint:
		return scalar.GetUint(a, g.size) == scalar.GetUint(b, g.size), true
	case aFloat32:
		return *(*float32)(a) == *(*float32)(b), true
	case aFloat64:
		return *(*float64)(a) == *(*float64)(b), true
	case aTime:
		same = *(*time.Time)(a) == *(*time.Time)(b)
		return same, same // one instant has several texts, and several Time values one
	case aUnixTime:
		x, y := (*time.Time)(a), (*time.Time)(b)
		return x.Unix() == y.Unix(), x.IsZero() == y.IsZero()
	case someBytes:
		x, y := *(*[]byte)(a), *(*[]byte)(b)
		return (x == nil) == (y == nil) && bytes.Equal(x, y), true
	case aStringList:
		x, y := *(*[]string)(a), *(*[]string)(b)
		return (x == nil) == (y == nil) && slices.Equal(x, y), true
	case aStringSet:
		x, y := *(*[]string)(a), *(*[]string)(b)
		same = (x == nil) == (y == nil) && slices.Equal(x, y)
		return same, same // sets have no order
	}
	return false, false
}

// at is where the attribute lies in an addressable value; nil behind a nil pointer.
func (g *gauge) at(v reflect.Value) unsafe.Pointer {
	at := unsafe.Add(unsafe.Pointer(v.UnsafeAddr()), g.offset)
	if g.pointer {
		at = *(*unsafe.Pointer)(at)
	}
	return at
}

// String is the attribute of place i of Fields in an addressable value, if it is a string that is there.
func (s *Scale) String(i int, v reflect.Value) (text string, ok bool) {
	if g := &s.gauges[i]; g.kind == aString {
		if at := g.at(v); at != nil {
			return *(*string)(at), true
		}
	}
	return "", false
}

// Int is the attribute of place i of Fields in an addressable value, if it is a signed integer that is there.
func (s *Scale) Int(i int, v reflect.Value) (n int64, ok bool) {
	if g := &s.gauges[i]; g.kind == anInt {
		if at := g.at(v); at != nil {
			return scalar.GetInt(at, g.size), true
		}
	}
	return 0, false
}

// Time is the attribute of place i of Fields in an addressable value, if it is a time that is there: in whole seconds
// where it is stored so.
func (s *Scale) Time(i int, v reflect.Value) (t time.Time, ok bool) {
	g := &s.gauges[i]
	if g.kind != aTime && g.kind != aUnixTime {
		return t, false
	}
	at := g.at(v)
	if at == nil {
		return t, false
	}
	if t = *(*time.Time)(at); g.kind == aUnixTime && !t.IsZero() {
		t = time.Unix(t.Unix(), 0)
	}
	return t, true
}
