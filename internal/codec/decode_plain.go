package codec

import (
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/gotype"
)

// decodePlain decodes a scalar at p, a field of its own, if av suits it. Otherwise it is left to decode, errors among
// it.
func (d *decoder) decodePlain(n *gotype.Node, av types.AttributeValue, p unsafe.Pointer) bool {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		if av == nil || d.depth > maxDepth || n.Options&gotype.AsString != 0 {
			return false
		}
		switch n.Shape {
		case gotype.String, gotype.Number:
			*(*string)(p) = av.Value
			return true
		case gotype.Time:
			t, ok := d.day.UTC(bytesOf(av.Value))
			if ok {
				*(*time.Time)(p) = t
			}
			return ok
		}
	case *types.AttributeValueMemberN:
		if av == nil || d.depth > maxDepth {
			return false
		}
		if n.Shape == gotype.Number || n.Shape == gotype.String {
			*(*string)(p) = av.Value
			return true
		}
		return gotype.PutNumber(n.Shape, p, n.Size, bytesOf(av.Value))
	case *types.AttributeValueMemberBOOL:
		if av == nil || d.depth > maxDepth || n.Shape != gotype.Bool {
			return false
		}
		*(*bool)(p) = av.Value
		return true
	}
	return false
}

// bytesOf are the bytes of a string, to be read.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
