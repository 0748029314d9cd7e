package codec

import (
	"reflect"
	"time"

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// measure is the bytes of what encode makes; there is false where that is omitted.
func (e *encoder) measure(n *node, v reflect.Value) (bytes int, there bool, err error) {
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
		return e.measureBody(n.elem, v.Elem())
	}
	return e.measureBody(n, v)
}

// measureBody is measure behind the options for zero values.
func (e *encoder) measureBody(n *node, v reflect.Value) (bytes int, there bool, err error) {
	if n.marshals == noMethod && n.broken == nil {
		switch n.shape {
		case shapeString:
			return v.Len(), true, nil
		case shapeBool:
			return 1, true, nil
		case shapeBytes, shapeByteArray:
			return v.Len(), true, nil
		case shapeInt, shapeUint, shapeFloat:
			if bytes, ok := measureNumber(n, v); ok {
				return bytes, true, nil
			}
		case shapeTime:
			if bytes, ok := measureTime(n, timeOf(v)); ok {
				return bytes, true, nil
			}
		case shapeSlice, shapeArray:
			if set := n.set(); set != noSet && v.Len() > 0 && n.elem.plainIn(set) && n.elem.shape != shapeNumber {
				return measureSet(n, set, v)
			} else if set == noSet {
				return e.measureList(n, v)
			}
		case shapeStruct:
			if n.layout.unknown == nil {
				return e.measureStruct(n, v)
			}
		}
	}
	encode := e.encodeBody
	if n.shape == shapeAny && n.marshals == noMethod {
		encode = e.encode
	}
	av, err := encode(n, v)
	if av == nil || err != nil {
		return 0, false, err
	}
	return size.Value(av), true, nil
}

// measureNumber is not ok for what is better encoded: a number stored as a string, a float that DynamoDB does not reach.
func measureNumber(n *node, v reflect.Value) (bytes int, ok bool) {
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
func measureTime(n *node, t time.Time) (bytes int, ok bool) {
	if n.options&unixTime != 0 {
		return number.IntSize(t.Unix()), true
	}
	return rfc3339Size(t)
}

func measureSet(n *node, set set, v reflect.Value) (bytes int, there bool, err error) {
	for i := range v.Len() {
		elem := v.Index(i)
		if set == setOfStrings {
			bytes += elem.Len()
			continue
		}
		one, ok := measureNumber(n.elem, elem)
		if !ok {
			_, err := new(encoder).numberText(n.elem, elem)
			return 0, false, atIndex(i, err)
		}
		bytes += one
	}
	return bytes, true, nil
}

func (e *encoder) measureList(n *node, v reflect.Value) (bytes int, there bool, err error) {
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
		one, stored, err := e.measure(n.elem, elem)
		if err != nil {
			return 0, false, atIndex(i, err)
		}
		if stored {
			bytes += size.Entry + one
		}
	}
	return bytes, true, nil
}

func (e *encoder) measureStruct(n *node, v reflect.Value) (bytes int, there bool, err error) {
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
		one, stored, err := e.measure(a.node, field)
		if err != nil {
			return 0, false, at(a.name, err)
		}
		if stored {
			bytes += size.Entry + len(a.name) + one
		}
	}
	return bytes, true, nil
}
