package gotype

import (
	"unsafe"

	"github.com/monotable/monotable/internal/codec/scalar"
)

// PutNumber writes the number of a text to a Go number of that shape and size; it is false where the text is not for
// it.
func PutNumber(of Shape, p unsafe.Pointer, size uintptr, text []byte) bool {
	switch of {
	case Int:
		i, ok := scalar.ParseInt(text)
		return ok && scalar.SetInt(p, size, i)
	case Uint:
		u, ok := scalar.ParseUint(text)
		return ok && scalar.SetUint(p, size, u)
	case Float:
		f, ok := scalar.ParseFloat(text)
		return ok && scalar.SetFloat(p, size, f)
	}
	return false
}
