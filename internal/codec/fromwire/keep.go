package fromwire

import (
	"encoding/base64"
	"unsafe"
)

// Sizes of what small values are cut from.
const (
	chunkBytes   = 32 << 10
	chunkLargest = 1 << 10 // a longer one has memory of its own
	chunkStrings = 256
	slabBytes    = 4 << 10 // of pointers' targets
)

// keep returns text as a string.
func (r *Reader) keep(text []byte) string {
	switch {
	case len(text) == 0:
		return ""
	case r.options.OwnMemory || len(text) > chunkLargest:
		return string(text)
	}
	if cap(r.chunk)-len(r.chunk) < len(text) {
		r.chunk = make([]byte, 0, r.chunkRoom(len(text)))
	}
	start := len(r.chunk)
	r.chunk = append(r.chunk, text...)
	return unsafe.String(&r.chunk[start], len(text)) // of bytes that are not written again
}

// chunkRoom is the size of a chunk whose first value has that size: no more than what is left of the body can fill.
func (r *Reader) chunkRoom(first int) int { return min(chunkBytes, first+len(r.in.Body)-r.in.At) }

// keepBinary reads a binary, whose opening quote is read; it is never nil.
func (r *Reader) keepBinary() ([]byte, bool) {
	text, ok := r.in.Base64()
	if !ok {
		return nil, false
	}
	size := base64.StdEncoding.DecodedLen(len(text))
	if r.options.OwnMemory || size > chunkLargest {
		b, err := base64.StdEncoding.AppendDecode(make([]byte, 0, size), text)
		return b, err == nil
	}
	if r.bytes == nil || cap(r.bytes)-len(r.bytes) < size {
		r.bytes = make([]byte, 0, r.chunkRoom(size))
	}
	start := len(r.bytes)
	b, err := base64.StdEncoding.AppendDecode(r.bytes, text)
	if err != nil {
		return nil, false
	}
	r.bytes = b
	return b[start:len(b):len(b)], true
}

// keepStrings returns a copy of the strings; it is never nil.
func (r *Reader) keepStrings(list []string) []string {
	n := len(list)
	if r.options.OwnMemory || n > chunkStrings/8 {
		return append(make([]string, 0, n), list...)
	}
	if r.strings == nil || cap(r.strings)-len(r.strings) < n {
		r.strings = make([]string, 0, chunkStrings)
	}
	start := len(r.strings)
	r.strings = append(r.strings, list...)
	return r.strings[start : start+n : start+n]
}

// patience is how many texts in a row differ before a reader no more compares them with the one before, until it is
// used anew.
const patience = 16

// again is keep for texts that may well be the same as the one before.
func (r *Reader) again(w *node, text []byte) string {
	if w.differed == patience {
		return r.keep(text)
	}
	if string(text) == w.last {
		w.differed = 0
		return w.last
	}
	w.differed++
	w.last = r.keep(text)
	return w.last
}
