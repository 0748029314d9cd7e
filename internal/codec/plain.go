package codec

import (
	"math"
	"strconv"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// plain tells a scalar without methods of its own.
func (n *node) plain() bool {
	switch n.shape {
	case shapeString, shapeNumber, shapeInt, shapeUint, shapeFloat, shapeTime, shapeBool:
		return !n.custom() && n.broken == nil
	}
	return false
}

// encodePlain encodes the scalar at p, a field of its own, or leaves it to encode, with nil: what is zero where that matters, and
// errors.
func (n *node) encodePlain(e *encoder, p unsafe.Pointer) types.AttributeValue {
	if e.depth > maxDepth {
		return nil
	}
	var space [len(time.RFC3339Nano)]byte
	omits := n.options&(omitEmpty|nullEmpty) != 0
	switch n.shape {
	case shapeString:
		if s := *(*string)(p); (s != "" || !omits) && e.carries(s) {
			return e.s(s)
		}
	case shapeInt:
		i := getInt(p, n.size)
		switch {
		case i == 0 && omits:
			return nil
		case 0 <= i && i < 100:
			return e.numeral(n, strconv.Itoa(int(i))) // does not allocate
		}
		return e.numeral(n, e.text(strconv.AppendInt(space[:0], i, 10)))
	case shapeFloat:
		if n.size < 8 {
			return nil
		}
		f := *(*float64)(p)
		if size := math.Abs(f); 1e-130 <= size && size < 1e126 {
			return e.numeral(n, e.text(strconv.AppendFloat(space[:0], f, 'f', -1, 64)))
		}
	case shapeBool:
		if b := *(*bool)(p); b || !omits {
			return &types.AttributeValueMemberBOOL{Value: b}
		}
	case shapeTime: // never zero
		av, err := n.encodeTime(e, *(*time.Time)(p))
		if err == nil {
			return av
		}
	}
	return nil
}

// numeral is a number's attribute value, or that of its text where the type is stored as one.
func (e *encoder) numeral(n *node, text string) types.AttributeValue {
	if n.options&asString != 0 {
		return e.s(text)
	}
	return e.n(text)
}

// decodePlain decodes a scalar at p, a field of its own, if av suits it. Otherwise it is left to decode, errors among it.
func (n *node) decodePlain(d *decoder, av types.AttributeValue, p unsafe.Pointer) bool {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		if av == nil || d.depth > maxDepth || n.options&asString != 0 {
			return false
		}
		switch n.shape {
		case shapeString, shapeNumber:
			*(*string)(p) = av.Value
			return true
		case shapeTime:
			t, ok := d.day.utc(bytesOf(av.Value))
			if ok {
				*(*time.Time)(p) = t
			}
			return ok
		}
	case *types.AttributeValueMemberN:
		if av == nil || d.depth > maxDepth {
			return false
		}
		if n.shape == shapeNumber || n.shape == shapeString {
			*(*string)(p) = av.Value
			return true
		}
		return putNumber(n.shape, p, n.size, bytesOf(av.Value))
	case *types.AttributeValueMemberBOOL:
		if av == nil || d.depth > maxDepth || n.shape != shapeBool {
			return false
		}
		*(*bool)(p) = av.Value
		return true
	}
	return false
}
