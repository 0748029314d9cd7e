package fromwire

import (
	"reflect"
	"unsafe"

	"github.com/monotable/monotable/internal/codec/gotype"
)

// goMap decodes the entries of a map, whose opening bracket is read, into a Go map.
func (r *Reader) goMap(w *node, p unsafe.Pointer) bool {
	switch w.n.Type { // those that are met most
	case stringMapType:
		return entries(r, w, (*map[string]string)(p))
	case floatMapType:
		return entries(r, w, (*map[string]float64)(p))
	case intMapType:
		return entries(r, w, (*map[string]int)(p))
	case int64MapType:
		return entries(r, w, (*map[string]int64)(p))
	case boolMapType:
		return entries(r, w, (*map[string]bool)(p))
	}
	w = w.enter()
	ok := r.reflected(w, w.at(p))
	w.busy = false
	return ok
}

var (
	stringMapType = reflect.TypeFor[map[string]string]()
	floatMapType  = reflect.TypeFor[map[string]float64]()
	intMapType    = reflect.TypeFor[map[string]int]()
	int64MapType  = reflect.TypeFor[map[string]int64]()
	boolMapType   = reflect.TypeFor[map[string]bool]()
)

// mapRoom is how many entries a map is made for: as many as the one before had, unless it has none. That is believed
// once, so that what is made is in proportion to what was read.
func (r *Reader) mapRoom(w *node) int {
	if r.in.At < len(r.in.Body) && r.in.Body[r.in.At] == '}' {
		return 0
	}
	room := min(w.count, (len(r.in.Body)-r.in.At)/8)
	w.count = 0
	return room
}

// entries decodes the entries of a map of scalars.
func entries[V any](r *Reader, w *node, into *map[string]V) bool {
	m := make(map[string]V, r.mapRoom(w))
	*into = m
	if r.in.Take('}') {
		return true
	}
	cell, ok := w.cell.(*V)
	if !ok {
		cell = new(V)
		w.cell = cell
	}
	for {
		name, ok := r.in.Quoted()
		if !ok || !r.in.Take(':') {
			return false
		}
		key := r.name(w, name)
		var zero V
		*cell = zero
		if !r.value(w.elem, unsafe.Pointer(cell)) {
			return false
		}
		m[key] = *cell
		if more, ok := r.in.More('}'); !more || !ok {
			w.count = len(m)
			return ok
		}
	}
}

// reflected decodes the entries of a map of any type.
func (r *Reader) reflected(w *node, v reflect.Value) bool {
	v.Set(reflect.MakeMapWithSize(w.n.Type, r.mapRoom(w)))
	if r.in.Take('}') {
		return true
	}
	if !w.key.IsValid() {
		w.key, w.value = reflect.New(w.n.Type.Key()).Elem(), reflect.New(w.n.Type.Elem()).Elem()
	}
	for {
		name, ok := r.in.Quoted()
		if !ok || !r.in.Take(':') {
			return false
		}
		w.key.SetZero()
		if text := r.name(w, name); w.n.Key.Plain {
			w.key.SetString(text)
		} else if w.n.Key.Decode(text, w.key) != nil {
			return false
		}
		w.value.SetZero()
		if !r.value(w.elem, gotype.AddressOf(w.value)) {
			return false
		}
		v.SetMapIndex(w.key, w.value)
		if more, ok := r.in.More('}'); !more || !ok {
			w.count = v.Len()
			return ok
		}
	}
}

// maxNames bounds how many names of a map's entries are known.
const maxNames = 256

// name returns the name of a map's entry as a string; the names of many items' maps are the same ones.
func (r *Reader) name(w *node, text []byte) string {
	if name, ok := w.names[string(text)]; ok {
		return name
	}
	name := r.keep(text)
	if w.names == nil {
		w.names = map[string]string{}
	}
	if len(w.names) < maxNames {
		w.names[name] = name
	}
	return name
}
