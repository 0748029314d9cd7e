package gotype

import "reflect"

// misfit says why an option does not suit a field's type, where attributevalue would store something else than the
// option says, or something that cannot be read back.
func misfit(t reflect.Type, o Options) string {
	t, s, open := pointee(t)
	switch {
	case open:
	case o&anySet != 0 && s != Slice && s != Array:
		return "a set is made of a slice or an array, not of " + t.String()
	case o&anySet != 0:
		return misfitElem(t.Elem(), o)
	case o&UnixTime != 0 && s != Time && s != Int && s != Uint && s != Float && s != Number:
		return "unixtime has no effect on " + t.String()
	case o&AsString != 0 && s == Time:
		return "option string makes a time that cannot be read back"
	}
	return ""
}

func misfitElem(t reflect.Type, o Options) string {
	t, s, open := pointee(t)
	set, fits := "string set", s == String || s == Time
	switch {
	case o&AsBinarySet != 0:
		set, fits = "binary set", s == Bytes || s == ByteArray
	case o&AsNumberSet != 0:
		set, fits = "number set", s == Int || s == Uint || s == Float || s == Number
	}
	if open || fits {
		return ""
	}
	return "a " + set + " cannot have elements of " + t.String()
}

// pointee follows pointers. It is open if only the value itself, or code of the type's own, can tell what it is encoded
// as.
func pointee(t reflect.Type) (elem reflect.Type, s Shape, open bool) {
	for {
		s = ShapeOf(t)
		if HasMethods(t) || s == Any || s == Raw {
			return t, s, true
		}
		if s != Pointer || endlessPointer(t) {
			return t, s, false
		}
		t = t.Elem()
	}
}
