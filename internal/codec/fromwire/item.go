package fromwire

import (
	"reflect"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/gotype"
)

// Item decodes the item at body[at:] into the settable v, a zero value of the plan's type, and returns where it ends.
// If it is not sure it returns false, and v may hold anything.
func (r *Reader) Item(body []byte, at int, v reflect.Value) (end int, ok bool) {
	return r.item(body, at, gotype.AddressOf(v))
}

func (r *Reader) item(body []byte, at int, p unsafe.Pointer) (end int, ok bool) {
	r.in.Body, r.in.At, r.depth = body, at, 1
	clear(r.captured)
	if r.root.generic {
		m, ok := r.rawMap()
		r.captureFrom(m)
		return r.in.At, ok && r.plan.Decode(m, r.root.at(p)) == nil
	}
	ok = r.in.Take('{') && r.structure(r.root, p)
	return r.in.At, ok
}

// Attributes decodes the item at body[at:] as a map, as the SDK would.
func (r *Reader) Attributes(body []byte, at int) (item map[string]types.AttributeValue, end int, ok bool) {
	r.in.Body, r.in.At, r.depth = body, at, 1
	clear(r.captured)
	item, ok = r.rawMap()
	r.captureFrom(item)
	return item, r.in.At, ok
}
