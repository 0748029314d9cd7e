package codec

import (
	"reflect"
	"time"

	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/scalar"
	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// measure is the bytes of what encode makes; there is false where that is omitted.
func (e *encoder) measure(n *gotype.Node, v reflect.Value) (bytes int, there bool, err error) {
	zero, nullable := isZero(v)
	switch {
	case omitted(n, v, zero):
		return 0, false, nil
	case e.depth > maxDepth:
		return 0, false, errTooDeep
	case zero && (nullable || n.Options&gotype.NullEmpty != 0):
		return 1, true, nil
	}
	if n.Shape == gotype.Pointer {
		return e.measureBody(n.Elem, v.Elem())
	}
	return e.measureBody(n, v)
}

// measureBody is measure behind the options for zero values.
func (e *encoder) measureBody(n *gotype.Node, v reflect.Value) (bytes int, there bool, err error) {
	if n.Marshals == gotype.NoMethod && n.Broken == nil {
		switch n.Shape {
		case gotype.String:
			return v.Len(), true, nil
		case gotype.Bool:
			return 1, true, nil
		case gotype.Bytes, gotype.ByteArray:
			return v.Len(), true, nil
		case gotype.Int, gotype.Uint, gotype.Float:
			if bytes, ok := measureNumber(n, v); ok {
				return bytes, true, nil
			}
		case gotype.Time:
			if bytes, ok := measureTime(n, timeOf(v)); ok {
				return bytes, true, nil
			}
		case gotype.Slice, gotype.Array:
			switch set := n.Set(); {
			case set == gotype.NoSet:
				return e.measureList(n, v)
			case v.Len() > 0 && n.Elem.PlainIn(set) && n.Elem.Shape != gotype.Number:
				return measureSet(n, set, v)
			}
		case gotype.Struct:
			if n.Layout.Unknown == nil {
				return e.measureStruct(n, v)
			}
		}
	}
	encode := e.encodeBody
	if n.Shape == gotype.Any && n.Marshals == gotype.NoMethod {
		encode = e.encode
	}
	av, err := encode(n, v)
	if av == nil || err != nil {
		return 0, false, err
	}
	return size.Value(av), true, nil
}

// measureNumber is not ok for what is better encoded: a number stored as a string, a float that DynamoDB does not
// reach.
func measureNumber(n *gotype.Node, v reflect.Value) (bytes int, ok bool) {
	if n.Options&gotype.AsString != 0 {
		return 0, false
	}
	switch n.Shape {
	case gotype.Int:
		return number.IntSize(v.Int()), true
	case gotype.Uint:
		return number.UintSize(v.Uint()), true
	}
	f, bits := v.Float(), 64
	if n.Type.Kind() == reflect.Float32 {
		bits = 32
	}
	if !scalar.InReach(f) {
		return 0, false
	}
	return number.FloatSize(f, bits), true
}

// measureTime is not ok for a year that RFC 3339 cannot write.
func measureTime(n *gotype.Node, t time.Time) (bytes int, ok bool) {
	if n.Options&gotype.UnixTime != 0 {
		return number.IntSize(t.Unix()), true
	}
	return scalar.TimeSize(t)
}

func measureSet(n *gotype.Node, set gotype.Set, v reflect.Value) (bytes int, there bool, err error) {
	for i := range v.Len() {
		elem := v.Index(i)
		if set == gotype.StringSet {
			bytes += elem.Len()
			continue
		}
		one, ok := measureNumber(n.Elem, elem)
		if !ok {
			_, err := new(encoder).numberText(n.Elem, elem)
			return 0, false, failure.AtIndex(i, err)
		}
		bytes += one
	}
	return bytes, true, nil
}

func (e *encoder) measureList(n *gotype.Node, v reflect.Value) (bytes int, there bool, err error) {
	if e.depth == maxDepth {
		return 0, false, errTooDeep
	}
	e.depth++
	defer func() { e.depth-- }()
	bytes = size.Container
	for i := range v.Len() {
		elem := v.Index(i)
		if n.Elem.Shape == gotype.Raw && elem.IsNil() && n.Elem.Options&(gotype.OmitEmpty|gotype.NullEmpty) == 0 {
			return 0, false, failure.AtIndex(i, errNilValue)
		}
		one, stored, err := e.measure(n.Elem, elem)
		if err != nil {
			return 0, false, failure.AtIndex(i, err)
		}
		if stored {
			bytes += size.Entry + one
		}
	}
	return bytes, true, nil
}

func (e *encoder) measureStruct(n *gotype.Node, v reflect.Value) (bytes int, there bool, err error) {
	if e.depth == maxDepth {
		return 0, false, errTooDeep
	}
	e.depth++
	defer func() { e.depth-- }()
	bytes = size.Container
	for _, a := range n.Layout.Fields {
		field, ok := a.Value(v)
		if !ok {
			continue
		}
		one, stored, err := e.measure(a.Node, field)
		if err != nil {
			return 0, false, failure.At(a.Name, err)
		}
		if stored {
			bytes += size.Entry + len(a.Name) + one
		}
	}
	return bytes, true, nil
}
