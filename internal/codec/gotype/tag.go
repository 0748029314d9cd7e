package gotype

import (
	"reflect"
	"strconv"
	"strings"
)

// Options are the dynamodbav options of one field. They travel with its type to where the plan is compiled, since one
// Go type may be laid out in several ways.
type Options uint16

// The options.
const (
	OmitEmpty Options = 1 << iota
	OmitEmptyElem
	NullEmpty
	nullEmptyElem
	AsString
	AsBinarySet
	AsNumberSet
	AsStringSet
	UnixTime
	OmitZero // monotable:"omitzero"
)

const anySet = AsBinarySet | AsNumberSet | AsStringSet

var optionNames = map[string]Options{
	"omitempty":     OmitEmpty,
	"omitemptyelem": OmitEmptyElem,
	"nullempty":     NullEmpty,
	"nullemptyelem": nullEmptyElem,
	"string":        AsString,
	"binaryset":     AsBinarySet,
	"numberset":     AsNumberSet,
	"stringset":     AsStringSet,
	"unixtime":      UnixTime,
}

// elem is what an element of a list, set or map inherits from its field: omitemptyelem reaches all levels below,
// nullemptyelem the first one only, everything else none. That is attributevalue's rule.
func (o Options) elem() Options {
	var e Options
	if o&OmitEmptyElem != 0 {
		e |= OmitEmpty | OmitEmptyElem
	}
	if o&nullEmptyElem != 0 {
		e |= NullEmpty
	}
	return e
}

// fieldTag is what the tags of one struct field say.
type fieldTag struct {
	name    string // attribute name; "" for the field's own
	options Options
	ignored bool // dynamodbav:"-"
	unknown bool // monotable:"unknown"
}

// parseTag reads the dynamodbav and monotable tags. The reason is "" if they are sound.
func parseTag(tag reflect.StructTag) (t fieldTag, reason string) {
	if place, ok := tag.Lookup("monotable"); ok {
		switch place {
		case "unknown":
			t.unknown = true
		case "omitzero":
			t.options |= OmitZero
		default:
			return t, `tag monotable has the values "unknown" and "omitzero", not ` + strconv.Quote(place)
		}
	}
	text := tag.Get("dynamodbav")
	name, rest, more := strings.Cut(text, ",")
	if t.unknown && text != "" && text != "-" {
		return t, `a field tagged monotable:"unknown" is no attribute itself: remove its dynamodbav tag`
	}
	if name == "-" {
		t.ignored = true
		return t, ""
	}
	t.name = name
	for more {
		var option string
		option, rest, more = strings.Cut(rest, ",")
		bit, known := optionNames[option]
		if !known && option != "" {
			return t, "unknown dynamodbav option " + strconv.Quote(option)
		}
		t.options |= bit
	}
	return t, conflict(t.options)
}

// conflict says which options contradict one another: attributevalue finds some of these at the first zero value, and
// obeys the first of two set options in silence.
func conflict(o Options) string {
	switch {
	case o&OmitEmpty != 0 && o&NullEmpty != 0:
		return "omitempty and nullempty exclude each other"
	case o&OmitZero != 0 && o&NullEmpty != 0:
		return "omitzero and nullempty exclude each other"
	case o&OmitEmptyElem != 0 && o&nullEmptyElem != 0:
		return "omitemptyelem and nullemptyelem exclude each other"
	case o&anySet&(o&anySet-1) != 0:
		return "one attribute is one kind of set: binaryset, numberset or stringset"
	}
	return ""
}
