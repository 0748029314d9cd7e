package codec

import (
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// decodePlain decodes a scalar at p, a field of its own, if av suits it. Otherwise it is left to decode, errors among it.
func (d *decoder) decodePlain(n *node, av types.AttributeValue, p unsafe.Pointer) bool {
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

// bytesOf are the bytes of a string, to be read.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
