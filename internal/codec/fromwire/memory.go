package fromwire

import (
	"reflect"
	"unsafe"
)

// sliceHeader is the layout of every slice.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

var noElements struct{} // what an empty slice points to

// slab is memory for values of one type, cut from the front. The zero slab is empty.
type slab struct {
	values reflect.Value // a slice, all of it
	data   unsafe.Pointer
	used   int
	room   int
}

func newSlab(slice reflect.Type, room int) slab {
	values := reflect.MakeSlice(slice, room, room)
	return slab{values: values, data: values.UnsafePointer(), room: room}
}

// move is a new slab of that room that begins with the values of s from its place used on, count of them.
func (s *slab) move(slice reflect.Type, count, room int) slab {
	larger := newSlab(slice, room)
	if count > 0 {
		reflect.Copy(larger.values, s.values.Slice(s.used, s.used+count))
	}
	return larger
}
