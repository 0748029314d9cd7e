package codec

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"
	"time"
)

// value decodes an attribute value into v, a zero value of w's type.
func (r *WireReader) value(w *wireNode, v reflect.Value) bool {
	tag := r.tag()
	return tag != 0 && r.content(w, tag, v) && r.take('}')
}

// content decodes what follows the type of an attribute value.
func (r *WireReader) content(w *wireNode, tag byte, v reflect.Value) bool {
	if w.generic {
		av, ok := r.raw(tag)
		return ok && w.n.decode(&decoder{depth: r.depth}, av, v) == nil
	}
	switch tag {
	case tagS, tagN:
		if w.n.shape == shapePointer || w.n.shape == shapeAny {
			break
		}
		text, ok := r.quoted()
		return ok && r.text(w, tag == tagN || w.n.options&asString != 0, text, v)
	case tagNULL:
		return r.skip(tag)
	}
	switch w.n.shape {
	case shapePointer:
		target := r.target(w)
		v.Set(target)
		return r.content(w.elem, tag, target.Elem())
	case shapeAny:
		x, ok := r.generic(tag, w.n.options)
		if ok && x != nil {
			v.Set(reflect.ValueOf(x))
		}
		return ok
	}
	switch tag {
	case tagBOOL:
		b, ok := r.boolean()
		if !ok || w.n.shape != shapeBool {
			return false
		}
		v.SetBool(b)
		return true
	case tagB:
		return r.binary(w, v)
	case tagM:
		return r.mapping(w, v)
	case tagL, tagSS, tagNS, tagBS:
		return r.list(w, tag, v)
	}
	return false
}

// text decodes a string, or a number's text, into a scalar.
func (r *WireReader) text(w *wireNode, number bool, text []byte, v reflect.Value) bool {
	switch w.n.shape {
	case shapeString, shapeNumber:
		if string(text) != w.last {
			w.last = r.keep(text)
		}
		v.SetString(w.last)
		return true
	case shapeInt:
		i, ok := wireInt(text)
		if !number || !ok || v.OverflowInt(i) {
			return false
		}
		v.SetInt(i)
		return true
	case shapeUint:
		i, ok := wireUint(text)
		if !number || !ok || v.OverflowUint(i) {
			return false
		}
		v.SetUint(i)
		return true
	case shapeFloat:
		f, ok := wireFloat(text)
		if !number || !ok || v.OverflowFloat(f) {
			return false
		}
		v.SetFloat(f)
		return true
	case shapeTime:
		if number {
			seconds, ok := wireInt(text)
			if ok {
				setTime(v, time.Unix(seconds, 0))
			}
			return ok
		}
		t, err := time.Parse(time.RFC3339, string(text))
		if err == nil {
			setTime(v, t)
		}
		return err == nil
	}
	return false
}

// wireInt is strconv.ParseInt.
func wireInt(text []byte) (int64, bool) {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	u, ok := shortUint(digits)
	switch {
	case !ok:
		i, err := strconv.ParseInt(string(text), 10, 64)
		return i, err == nil
	case len(digits) < len(text):
		return -int64(u), true
	}
	return int64(u), true
}

// wireUint is strconv.ParseUint.
func wireUint(text []byte) (uint64, bool) {
	if u, ok := shortUint(text); ok {
		return u, true
	}
	u, err := strconv.ParseUint(string(text), 10, 64)
	return u, err == nil
}

// shortUint reads 1 to 18 digits.
func shortUint(digits []byte) (u uint64, ok bool) {
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return 0, false
		}
		u = u*10 + uint64(c)
	}
	return u, true
}

var powersOf10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// wireFloat is strconv.ParseFloat. Up to 15 digits and their power of ten are floats without loss, and so is what one division
// makes of them the float that is nearest.
func wireFloat(text []byte) (float64, bool) {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	var mantissa int64
	point, n := -1, 0
	for i, c := range digits {
		switch {
		case '0' <= c && c <= '9':
			mantissa = mantissa*10 + int64(c-'0')
			n++
		case c == '.' && point < 0:
			point = i
		default:
			n = 16
		}
		if n > 15 {
			break
		}
	}
	if n == 0 || n > 15 {
		f, err := strconv.ParseFloat(string(text), 64)
		return f, err == nil
	}
	f := float64(mantissa)
	if point >= 0 {
		f /= powersOf10[len(digits)-1-point]
	}
	if len(digits) != len(text) {
		f = math.Copysign(f, -1)
	}
	return f, true
}

func (r *WireReader) binary(w *wireNode, v reflect.Value) bool {
	switch w.n.shape {
	case shapeBytes:
		b, ok := r.keepBinary()
		if ok {
			v.SetBytes(b)
		}
		return ok
	case shapeByteArray:
		text, ok := r.base64()
		if !ok {
			return false
		}
		b, err := base64.StdEncoding.AppendDecode(r.array[:0], text)
		if err != nil || len(b) != v.Len() {
			return false
		}
		r.array = b
		copy(v.Bytes(), b)
		return true
	}
	return false
}

// target is a pointer to a zero value of what w points to.
func (r *WireReader) target(w *wireNode) reflect.Value {
	elem := w.n.typ.Elem()
	count := slabBytes / max(int(elem.Size()), 1)
	if r.options.OwnMemory || count < 4 {
		return reflect.New(elem).Convert(w.n.typ)
	}
	if !w.slab.IsValid() || w.used == w.slab.Len() {
		w.slab, w.used = reflect.MakeSlice(reflect.SliceOf(elem), min(count, 64), min(count, 64)), 0
	}
	p := w.slab.Index(w.used).Addr()
	w.used++
	if p.Type() != w.n.typ {
		p = p.Convert(w.n.typ)
	}
	return p
}

// mapping decodes a map into a struct or a Go map.
func (r *WireReader) mapping(w *wireNode, v reflect.Value) bool {
	if w.n.shape != shapeStruct && w.n.shape != shapeMap || r.depth >= maxDepth || !r.take('{') {
		return false
	}
	r.depth++
	var ok bool
	if w.n.shape == shapeStruct {
		ok = r.structure(w, v)
	} else {
		w = w.enter()
		ok = r.entries(w, v)
		w.busy = false
	}
	r.depth--
	return ok
}

// entries decodes the entries of a map, whose opening bracket is read, into a Go map.
func (r *WireReader) entries(w *wireNode, v reflect.Value) bool {
	v.Set(reflect.MakeMapWithSize(w.n.typ, min(w.size, (len(r.body)-r.at)/8)))
	if r.take('}') {
		return true
	}
	if !w.key.IsValid() {
		w.key, w.value = reflect.New(w.n.typ.Key()).Elem(), reflect.New(w.n.typ.Elem()).Elem()
	}
	for {
		name, ok := r.quoted()
		if !ok || !r.take(':') {
			return false
		}
		w.key.SetZero()
		if text := r.name(w, name); w.n.key.plain {
			w.key.SetString(text)
		} else if w.n.key.decode(text, w.key) != nil {
			return false
		}
		w.value.SetZero()
		if !r.value(w.elem, w.value) {
			return false
		}
		v.SetMapIndex(w.key, w.value)
		if more, ok := r.more('}'); !more || !ok {
			w.size = v.Len()
			return ok
		}
	}
}

// maxNames bounds how many names of a map's entries are known.
const maxNames = 256

// name returns the name of a map's entry as a string; the names of many items' maps are the same ones.
func (r *WireReader) name(w *wireNode, text []byte) string {
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

// list decodes a list or a set into a slice or an array.
func (r *WireReader) list(w *wireNode, tag byte, v reflect.Value) bool {
	elem := tag - tagSS + tagS // of a set
	if tag == tagL {
		elem = 0
		if r.depth >= maxDepth {
			return false
		}
		r.depth++
		defer func() { r.depth-- }()
	} else if w.elem == nil || w.elem.generic {
		return false
	}
	if w.n.shape == shapeSlice && w.elem.n.shape == shapeString && w.elem.n.options == 0 && !w.elem.generic && tag != tagNS {
		if strings, ok := v.Addr().Interface().(*[]string); ok {
			return r.stringList(elem, strings)
		}
	}
	if w.n.shape != shapeSlice && w.n.shape != shapeArray || !r.take('[') {
		return false
	}
	slice := w.n.shape == shapeSlice
	if r.take(']') {
		if slice {
			v.Set(reflect.MakeSlice(w.n.typ, 0, 0))
		}
		return true
	}
	if slice {
		v.Grow(max(1, min(w.size, (len(r.body)-r.at)/4)))
	}
	for i := 0; ; i++ {
		if slice {
			if i == v.Cap() {
				v.Grow(1)
			}
			v.SetLen(i + 1)
		} else if i == v.Len() {
			return false
		}
		if elem == 0 && !r.value(w.elem, v.Index(i)) || elem != 0 && !r.content(w.elem, elem, v.Index(i)) {
			return false
		}
		if more, ok := r.more(']'); !more || !ok {
			w.size = i + 1
			return ok
		}
	}
}

// stringList decodes a list or a set of strings; elem is the type of a set's elements, 0 for a list.
func (r *WireReader) stringList(elem byte, into *[]string) bool {
	list := r.listed[:0]
	if !r.take('[') {
		return false
	}
	if !r.take(']') {
		for more := true; more; {
			if elem == 0 && !r.word(`{"S":`) || elem == tagB {
				return false
			}
			text, ok := r.quoted()
			if !ok || elem == 0 && !r.take('}') {
				return false
			}
			list = append(list, r.keep(text))
			if more, ok = r.more(']'); !ok {
				return false
			}
		}
	}
	r.listed = list
	*into = r.keepStrings(list)
	return true
}
