package codec

import "reflect"

// misfit says why an option does not suit a field's type, where attributevalue would store something else than the option
// says, or something that cannot be read back.
func misfit(t reflect.Type, o options) string {
	t, s, open := pointee(t)
	switch {
	case open:
	case o&anySet != 0 && s != shapeSlice && s != shapeArray:
		return "a set is made of a slice or an array, not of " + t.String()
	case o&anySet != 0:
		return misfitElem(t.Elem(), o)
	case o&unixTime != 0 && s != shapeTime && s != shapeInt && s != shapeUint && s != shapeFloat && s != shapeNumber:
		return "unixtime has no effect on " + t.String()
	case o&asString != 0 && s == shapeTime:
		return "option string makes a time that cannot be read back"
	}
	return ""
}

func misfitElem(t reflect.Type, o options) string {
	t, s, open := pointee(t)
	set, fits := "string set", s == shapeString || s == shapeTime
	switch {
	case o&binarySet != 0:
		set, fits = "binary set", s == shapeBytes || s == shapeByteArray
	case o&numberSet != 0:
		set, fits = "number set", s == shapeInt || s == shapeUint || s == shapeFloat || s == shapeNumber
	}
	if open || fits {
		return ""
	}
	return "a " + set + " cannot have elements of " + t.String()
}

// pointee follows pointers. It is open if only the value itself, or code of the type's own, can tell what it is encoded as.
func pointee(t reflect.Type) (elem reflect.Type, s shape, open bool) {
	for {
		s = shapeOf(t)
		if hasMethods(t) || s == shapeAny || s == shapeRaw {
			return t, s, true
		}
		if s != shapePointer || endlessPointer(t) {
			return t, s, false
		}
		t = t.Elem()
	}
}
