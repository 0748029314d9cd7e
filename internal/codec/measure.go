package codec

import (
	"reflect"
	"time"

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// measure is the bytes of what encode makes; there is false where that is omitted.
func (n *node) measure(e *encoder, v reflect.Value) (bytes int, there bool, err error) {
	zero, nullable := isZero(v)
	switch {
	case zero && n.options&omitEmpty != 0:
		return 0, false, nil
	case e.depth > maxDepth:
		return 0, false, errTooDeep
	case zero && (nullable || n.options&nullEmpty != 0):
		return 1, true, nil
	}
	if n.shape == shapePointer {
		return n.elem.measureBody(e, v.Elem())
	}
	return n.measureBody(e, v)
}

// measureBody is measure behind the options for zero values.
func (n *node) measureBody(e *encoder, v reflect.Value) (bytes int, there bool, err error) {
	if n.marshals == noMethod && n.broken == nil {
		switch n.shape {
		case shapeString:
			return v.Len(), true, nil
		case shapeBool:
			return 1, true, nil
		case shapeBytes, shapeByteArray:
			return v.Len(), true, nil
		case shapeInt, shapeUint, shapeFloat:
			if bytes, ok := n.measureNumber(v); ok {
				return bytes, true, nil
			}
		case shapeTime:
			if bytes, ok := n.measureTime(timeOf(v)); ok {
				return bytes, true, nil
			}
		case shapeSlice, shapeArray:
			if set := n.set(); set != List && v.Len() > 0 && n.elem.plainIn(set) && n.elem.shape != shapeNumber {
				return n.measureSet(set, v)
			} else if set == List {
				return n.measureList(e, v)
			}
		case shapeStruct:
			if n.layout.unknown == nil {
				return n.measureStruct(e, v)
			}
		}
	}
	encode := n.encodeBody
	if n.shape == shapeAny && n.marshals == noMethod {
		encode = n.encode
	}
	av, err := encode(e, v)
	if av == nil || err != nil {
		return 0, false, err
	}
	return size.Value(av), true, nil
}

// measureNumber is not ok for what is better encoded: a number stored as a string, a float that DynamoDB does not reach.
func (n *node) measureNumber(v reflect.Value) (bytes int, ok bool) {
	if n.options&asString != 0 {
		return 0, false
	}
	switch n.shape {
	case shapeInt:
		return number.IntSize(v.Int()), true
	case shapeUint:
		return number.UintSize(v.Uint()), true
	}
	f, bits := v.Float(), 64
	if n.typ.Kind() == reflect.Float32 {
		bits = 32
	}
	if !inReach(f) {
		return 0, false
	}
	return number.FloatSize(f, bits), true
}

// measureTime is not ok for a year that RFC 3339 cannot write.
func (n *node) measureTime(t time.Time) (bytes int, ok bool) {
	if n.options&unixTime != 0 {
		return number.IntSize(t.Unix()), true
	}
	return rfc3339Size(t)
}

func (n *node) measureSet(set Kind, v reflect.Value) (bytes int, there bool, err error) {
	for i := range v.Len() {
		elem := v.Index(i)
		if set == StringSet {
			bytes += elem.Len()
			continue
		}
		one, ok := n.elem.measureNumber(elem)
		if !ok {
			_, err := n.elem.numeral(new(encoder), elem)
			return 0, false, atIndex(i, err)
		}
		bytes += one
	}
	return bytes, true, nil
}

func (n *node) measureList(e *encoder, v reflect.Value) (bytes int, there bool, err error) {
	if e.depth == maxDepth {
		return 0, false, errTooDeep
	}
	e.depth++
	defer func() { e.depth-- }()
	bytes = size.Container
	for i := range v.Len() {
		elem := v.Index(i)
		if n.elem.shape == shapeRaw && elem.IsNil() && n.elem.options&(omitEmpty|nullEmpty) == 0 {
			return 0, false, atIndex(i, errNilValue)
		}
		one, stored, err := n.elem.measure(e, elem)
		if err != nil {
			return 0, false, atIndex(i, err)
		}
		if stored {
			bytes += size.Entry + one
		}
	}
	return bytes, true, nil
}

func (n *node) measureStruct(e *encoder, v reflect.Value) (bytes int, there bool, err error) {
	if e.depth == maxDepth {
		return 0, false, errTooDeep
	}
	e.depth++
	defer func() { e.depth-- }()
	bytes = size.Container
	for _, a := range n.layout.fields {
		field, ok := a.value(v)
		if !ok {
			continue
		}
		one, stored, err := a.node.measure(e, field)
		if err != nil {
			return 0, false, at(a.name, err)
		}
		if stored {
			bytes += size.Entry + len(a.name) + one
		}
	}
	return bytes, true, nil
}
