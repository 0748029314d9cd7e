package gotype

import (
	"reflect"
	"unsafe"
)

// Fields are written by their addresses: a chain of reflect.Values costs several times what there is to be done. It is
// sound because of these rules, which every use of package unsafe in the codec and its packages keeps:
//
//   - An address is an unsafe.Pointer from the moment that reflect gave it, never a uintptr, so that the collector
//     knows of it and the values that it leads to.
//   - It comes with the node or attribute of the type that reflect made the memory for. What is written there is of
//     that type, or of the type under it, which has the same layout (Go specification, "Type identity"); the compiler
//     sees to write barriers.
//   - Offsets are those of reflect.StructField, added within the struct; those of elements are multiples of the
//     element's size, and below the length that was allocated.
//   - Memory comes from reflect.New and reflect.MakeSlice, with the type that it is for.
//
// Types whose values are made otherwise, those with methods of their own among them, are handed to reflect at that
// address.

// Way leads from a struct's address to that of one of its fields, through embedded pointers.
type Way struct {
	Offset  uintptr
	Through []passage
}

// passage is an embedded pointer on the way.
type passage struct {
	to     reflect.Type
	offset uintptr // in what it points to
}

func wayOf(t reflect.Type, index []int) (w Way) {
	for i, x := range index {
		if i > 0 && t.Kind() == reflect.Pointer {
			t = t.Elem()
			w.Through = append(w.Through, passage{to: t})
		}
		field := t.Field(x)
		if n := len(w.Through); n > 0 {
			w.Through[n-1].offset += field.Offset
		} else {
			w.Offset += field.Offset
		}
		t = field.Type
	}
	return w
}

// From is the field's address, given that of its struct. Embedded pointers that are nil are given something to point
// to.
func (w *Way) From(base unsafe.Pointer) unsafe.Pointer {
	p := unsafe.Add(base, w.Offset)
	for i := range w.Through {
		pointer := (*unsafe.Pointer)(p)
		if *pointer == nil {
			*pointer = reflect.New(w.Through[i].to).UnsafePointer()
		}
		p = unsafe.Add(*pointer, w.Through[i].offset)
	}
	return p
}

// AddressOf is the address of an addressable value.
func AddressOf(v reflect.Value) unsafe.Pointer { return v.Addr().UnsafePointer() }
