package codec

import "unsafe"

// putNumber writes the number of a text to a Go number of that shape and size; it is false where the text is not for it.
func putNumber(of shape, p unsafe.Pointer, size uintptr, text []byte) bool {
	switch of {
	case shapeInt:
		i, ok := parseInt(text)
		return ok && setInt(p, size, i)
	case shapeUint:
		u, ok := parseUint(text)
		return ok && setUint(p, size, u)
	case shapeFloat:
		f, ok := parseFloat(text)
		return ok && setFloat(p, size, f)
	}
	return false
}
