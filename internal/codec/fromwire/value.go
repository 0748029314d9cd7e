package fromwire

import (
	"encoding/base64"
	"reflect"
	"time"
	"unsafe"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/scalar"
	"github.com/monotable/monotable/internal/size"
)

// value decodes an attribute value into p, where a zero value of w's type is.
func (r *Reader) value(w *node, p unsafe.Pointer) bool {
	tag := r.tag()
	return tag != 0 && r.content(w, tag, p) && r.in.Take('}')
}

// at is the value at p as reflect knows it.
func (w *node) at(p unsafe.Pointer) reflect.Value { return reflect.NewAt(w.n.Type, p).Elem() }

// content decodes what follows the type of an attribute value.
func (r *Reader) content(w *node, tag byte, p unsafe.Pointer) bool {
	if tag <= tagN && w.scalar {
		text, ok := r.in.Text()
		return ok && r.textInto(w, tag, text, p)
	}
	if w.generic {
		av, ok := r.raw(tag)
		return ok && codec.DecodeAt(r.depth, w.n, av, w.at(p)) == nil
	}
	if tag == tagNULL {
		return r.skip(tag)
	}
	switch w.shape {
	case gotype.Pointer:
		target := r.target(w)
		*(*unsafe.Pointer)(p) = target
		return r.content(w.elem, tag, target)
	case gotype.Any:
		x, ok := r.generic(tag, w.n.Options)
		if ok && x != nil {
			*(*any)(p) = x
		}
		return ok
	}
	switch tag {
	case tagBOOL:
		b, ok := r.in.Boolean()
		if !ok || w.shape != gotype.Bool {
			return false
		}
		*(*bool)(p) = b
		return true
	case tagB:
		return r.binary(w, p)
	case tagM:
		return r.mapping(w, p)
	case tagL, tagSS, tagNS, tagBS:
		return r.list(w, tag, p)
	}
	return false
}

// textInto decodes a string, or a number's text, into a scalar.
func (r *Reader) textInto(w *node, tag byte, text []byte, p unsafe.Pointer) bool {
	switch w.shape {
	case gotype.String, gotype.Number:
		*(*string)(p) = r.again(w, text)
		return true
	case gotype.Time:
		if tag == tagN || w.n.Options&gotype.AsString != 0 {
			seconds, ok := scalar.ParseInt(text)
			if ok {
				*(*time.Time)(p) = time.Unix(seconds, 0)
			}
			return ok
		}
		t, ok := r.day.Parse(text)
		if ok {
			*(*time.Time)(p) = t
		}
		return ok
	}
	if tag != tagN && w.n.Options&gotype.AsString == 0 {
		return false
	}
	return gotype.PutNumber(w.shape, p, w.size, text)
}

func (r *Reader) binary(w *node, p unsafe.Pointer) bool {
	switch w.shape {
	case gotype.Bytes:
		b, ok := r.keepBinary()
		if ok {
			*(*[]byte)(p) = b
		}
		return ok
	case gotype.ByteArray:
		text, ok := r.in.Base64()
		if !ok {
			return false
		}
		b, err := base64.StdEncoding.AppendDecode(r.array[:0], text)
		if err != nil || uintptr(len(b)) != w.size {
			return false
		}
		r.array = b
		copy(unsafe.Slice((*byte)(p), w.size), b)
		return true
	}
	return false
}

// target is the address of a zero value of what w points to.
func (r *Reader) target(w *node) unsafe.Pointer {
	if r.options.OwnMemory || w.together < 4 {
		return reflect.New(w.elem.n.Type).UnsafePointer()
	}
	if w.slab.used == w.slab.room {
		w.slab = newSlab(w.slice, w.together)
	}
	w.slab.used++
	return unsafe.Add(w.slab.data, uintptr(w.slab.used-1)*w.elem.size)
}

// mapping decodes a map into a struct or a Go map.
func (r *Reader) mapping(w *node, p unsafe.Pointer) bool {
	if w.shape != gotype.Struct && w.shape != gotype.Map || r.depth >= size.MaxDepth || !r.in.Take('{') {
		return false
	}
	r.depth++
	ok := false
	if w.shape == gotype.Struct {
		ok = r.structure(w, p)
	} else {
		ok = r.goMap(w, p)
	}
	r.depth--
	return ok
}

// list decodes a list or a set into a slice or an array.
func (r *Reader) list(w *node, tag byte, p unsafe.Pointer) bool {
	set := tag - tagSS + tagS // the type of its elements
	if tag == tagL {
		set = 0
		if r.depth >= size.MaxDepth {
			return false
		}
		r.depth++
		defer func() { r.depth-- }()
	} else if w.elem == nil || w.elem.takesSets() {
		return false
	}
	switch {
	case w.shape == gotype.Slice && tag != tagNS &&
		w.elem.shape == gotype.String && w.elem.n.Options == 0 && !w.elem.generic:
		return r.stringList(set, (*[]string)(p))
	case w.shape == gotype.Slice:
		return r.in.Take('[') && r.slice(w, set, (*sliceHeader)(p))
	case w.shape == gotype.Array:
		return r.in.Take('[') && r.goArray(w, set, p)
	}
	return false
}

// takesSets tells an element that is handed a whole set, which is left to the map's way; so is all else that is not
// made here.
func (w *node) takesSets() bool {
	for w.shape == gotype.Pointer && !w.generic {
		w = w.elem
	}
	return w.generic
}

// element decodes an element of a list, or of a set of that type.
func (r *Reader) element(w *node, set byte, p unsafe.Pointer) bool {
	if set == 0 {
		return r.value(w, p)
	}
	return r.in.Take('"') && r.content(w, set, p)
}

func (r *Reader) goArray(w *node, set byte, p unsafe.Pointer) bool {
	if r.in.Take(']') {
		return true
	}
	length := w.n.Type.Len()
	for i := range length {
		if !r.element(w.elem, set, unsafe.Add(p, uintptr(i)*w.elem.size)) {
			return false
		}
		if more, ok := r.in.More(']'); !more || !ok {
			return ok
		}
	}
	return false
}

// slice decodes the elements of a list or a set, whose opening bracket is read, into a slice. They are cut from the
// node's slab: how many there are shows at their end, and then the slice has just those. A slab that proves too small
// is left behind.
func (r *Reader) slice(w *node, set byte, into *sliceHeader) bool {
	if r.in.Take(']') {
		*into = sliceHeader{data: unsafe.Pointer(&noElements)}
		return true
	}
	own := r.options.OwnMemory || w.together < 4
	s := w.slab
	w.slab = slab{} // elements may have slices of their own type
	if own {
		s = newSlab(w.slice, max(1, min(w.count, (len(r.in.Body)-r.in.At)/4)))
		w.count = 0 // as of maps
	}
	for n := 0; ; {
		if s.used+n == s.room {
			room := 2 * (n + 1)
			if !own {
				room = max(room, w.together)
			}
			s = s.move(w.slice, n, room)
		}
		if !r.element(w.elem, set, unsafe.Add(s.data, uintptr(s.used+n)*w.elem.size)) {
			return false
		}
		n++
		if more, ok := r.in.More(']'); !more {
			if ok {
				*into = sliceHeader{unsafe.Add(s.data, uintptr(s.used)*w.elem.size), n, n}
				w.count = n
				if s.used += n; !own && s.used < s.room && s.room <= w.together {
					w.slab = s
				}
			}
			return ok
		}
	}
}
