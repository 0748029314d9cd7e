package codec

import (
	"math"
	"strconv"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/scalar"
)

// encodePlain encodes the scalar at p, a field of its own, or leaves it to encode, with nil: what is zero where that
// matters, and errors.
func (e *encoder) encodePlain(n *gotype.Node, p unsafe.Pointer) types.AttributeValue {
	if e.depth > maxDepth {
		return nil
	}
	var space [len(time.RFC3339Nano)]byte
	omits := n.Options&(gotype.OmitEmpty|gotype.NullEmpty|gotype.OmitZero) != 0
	switch n.Shape {
	case gotype.String:
		if s := *(*string)(p); (s != "" || !omits) && e.carries(s) {
			return e.s(s)
		}
	case gotype.Int:
		i := scalar.GetInt(p, n.Size)
		switch {
		case i == 0 && omits:
			return nil
		case 0 <= i && i < 100:
			return e.numeral(n, strconv.Itoa(int(i))) // does not allocate
		}
		return e.numeral(n, e.text(strconv.AppendInt(space[:0], i, 10)))
	case gotype.Float:
		if n.Size < 8 {
			return nil
		}
		f := *(*float64)(p)
		if size := math.Abs(f); 1e-130 <= size && size < 1e126 {
			return e.numeral(n, e.text(strconv.AppendFloat(space[:0], f, 'f', -1, 64)))
		}
	case gotype.Bool:
		if b := *(*bool)(p); b || !omits {
			return &types.AttributeValueMemberBOOL{Value: b}
		}
	case gotype.Time: // zero for omitzero alone
		if n.Options&gotype.OmitZero != 0 {
			return nil
		}
		av, err := e.encodeTime(n, *(*time.Time)(p))
		if err == nil {
			return av
		}
	}
	return nil
}

// numeral is a number's attribute value, or that of its text where the type is stored as one.
func (e *encoder) numeral(n *gotype.Node, text string) types.AttributeValue {
	if n.Options&gotype.AsString != 0 {
		return e.s(text)
	}
	return e.n(text)
}
