package fromwire

import (
	"reflect"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// List is a slice of values that a Reader adds items to.
type List struct {
	slab slab // used counts its values
	typ  reflect.Type
	size uintptr
}

// NewList is an empty list of values of that type: the plan's of the reader, or a map of attribute values.
func NewList(typ reflect.Type) *List {
	return &List{typ: reflect.SliceOf(typ), size: typ.Size()}
}

// Len is the number of values.
func (l *List) Len() int { return l.slab.used }

// Room is how many more values there is memory for.
func (l *List) Room() int { return l.slab.room - l.slab.used }

// Values are the values, a slice that shares the list's memory.
func (l *List) Values() reflect.Value {
	if l.slab.room == 0 {
		return reflect.Zero(l.typ)
	}
	return l.slab.values.Slice3(0, l.slab.used, l.slab.used)
}

// Last is the value that was added last.
func (l *List) Last() reflect.Value { return l.Values().Index(l.Len() - 1) }

// Reset drops the values and keeps their memory.
func (l *List) Reset() {
	if l.slab.used > 0 {
		l.slab.values.Slice(0, l.slab.used).Clear()
	}
	l.slab.used = 0
}

// firstRoom is how many values a list has room for before anything is known of them.
const firstRoom = 16

// grow makes room. The values so far came from done bytes of text, of which left more are to come; count is how many
// values there will be in all, or 0. It is believed as far as the values' size so far bears it out.
func (l *List) grow(left, done, count int) {
	n := l.slab.used
	room := firstRoom
	switch {
	case n >= firstRoom:
		likely := left/max(done/n, 1) + 1
		most := 64 * n // those to come may be longer
		room = n + max(min(likely+likely/16, most), n/8)
		if n < count && count-n <= min(2*likely, most) {
			room = count
		}
	case n < count && count < firstRoom:
		room = count
	}
	all := slab{values: l.slab.values}
	larger := all.move(l.typ, n, room)
	larger.used = n
	l.slab = larger
}

// Add decodes the item at body[at:] as one more value, and returns where the item ends. count is how many values the
// list is likely to have in the end; 0 if that is not known. If the reader is not sure it returns false, and the value
// is not there.
func (r *Reader) Add(l *List, body []byte, at, count int) (end int, ok bool) {
	if l.slab.used == l.slab.room {
		l.grow(len(body)-at, at, count)
	}
	p := unsafe.Add(l.slab.data, uintptr(l.slab.used)*l.size)
	l.slab.used++
	if r.root != nil {
		end, ok = r.item(body, at, p)
	} else {
		var item map[string]types.AttributeValue
		item, end, ok = r.Attributes(body, at)
		*(*map[string]types.AttributeValue)(p) = item
	}
	if !ok {
		l.Drop()
	}
	return end, ok
}

// Drop takes back the value that was added last.
func (l *List) Drop() {
	l.slab.used--
	l.slab.values.Index(l.slab.used).SetZero()
}
