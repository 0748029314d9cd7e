package keytext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bound is a template whose fields have kinds: it makes keys and reads them. It is immutable and safe for many
// goroutines.
type Bound struct {
	template *Template
	segments []segment
}

// segment is one field as it stands in a key, with what is behind it.
type segment struct {
	Ref
	kind      Kind
	form      form
	after     string   // the literal behind it
	separator string   // the first character of after, which form escaped escapes
	chars     int      // of form clock: how much of a time's full text is kept
	last      bool     // nothing is behind it, neither literal nor field
	of        *segment // of form sharded: how the value would be written
}

// form is how a field is written.
type form uint8

const (
	verbatim form = iota // a string at the end of the key
	escaped              // a string with something behind it
	raw                  // a string with something behind it that its value may not contain
	hexed                // bytes
	plain                // a number without padding
	sharded              // a shard's number
	integer              // fixed width from here on
	decimal
	clock
	flag
	sized // a string of so many bytes
)

// fixed tells whether the template or the first character of the text tells its length, so that anything may follow.
func (f form) fixed() bool { return f >= integer }

// Digits of integers for which the template names none.
const (
	intDigits    = 19
	uintDigits   = 20
	unixDigits   = 12 // seconds of the years 0 to 9999
	unixmsDigits = 15
)

// Bind gives every field its kind, which kindOf tells by the field's path; it says false where there is no attribute
// that a key can be made of. What a field's format asks of its kind and of its place is checked here, once: an error is
// an *Error that names the field and the remedy.
func (t *Template) Bind(kindOf func(path string) (Kind, bool)) (*Bound, error) {
	b := &Bound{template: t, segments: make([]segment, len(t.fields))}
	for i, field := range t.fields {
		s := segment{Ref: field, after: t.after[i]}
		s.last = s.after == "" && i == len(t.fields)-1
		var ok bool
		if s.kind, ok = kindOf(s.Path); !ok || s.kind == None {
			return nil, t.refuse(field, "there is no attribute of that name that a key can be made of")
		}
		if s.after != "" {
			_, n := utf8.DecodeRuneInString(s.after)
			s.separator = s.after[:n]
		}
		reason := s.settle()
		if reason == "" {
			reason = s.place()
		}
		if reason != "" {
			return nil, t.refuse(field, reason)
		}
		b.segments[i] = s
	}
	return b, nil
}

// settle finds the form for the kind and fills in default widths; it returns what in the template does not suit the
// kind.
func (s *segment) settle() string {
	if s.Shards > 0 {
		return s.settleShard()
	}
	if reason := s.unsuited(); reason != "" {
		return reason
	}
	switch s.kind {
	case String:
		if s.Digits > 0 {
			return s.settleSized()
		}
		s.form = escaped
		if s.last {
			s.form = verbatim
		} else if s.Raw {
			s.form = raw
		}
	case Bytes:
		s.form = hexed
	case Bool:
		s.form = flag
	case Time:
		if !strings.HasPrefix(s.Unit, "unix") {
			s.form, s.chars = clock, nsChars
			if s.Unit != "" {
				s.chars = units[s.Unit]
			}
			break
		}
		return s.integer(map[string]int{"unix": unixDigits, "unixms": unixmsDigits}[s.Unit], intDigits)
	case Int:
		return s.integer(intDigits, intDigits)
	case Uint:
		return s.integer(uintDigits, uintDigits)
	case Float, Number:
		s.form = decimal
		if s.Plain {
			s.form = plain
		} else if s.Digits == 0 {
			return fmt.Sprintf("%s must say its digits before and after the point, as in {%s:8.2}", s.kind, s.Path)
		} else if s.Digits > maxDigits {
			return fmt.Sprintf("%s has at most %d digits", s.kind, maxDigits)
		}
		return ""
	default:
		return "it is of an unknown kind"
	}
	if s.Digits > 0 {
		return fmt.Sprintf("digits are for numbers and a width is for strings, and this is %s", s.kind)
	}
	if s.Plain {
		return fmt.Sprintf("plain is for numbers, and this is %s", s.kind)
	}
	return ""
}

// unsuited is what modifiers ask that the kind has not.
func (s *segment) unsuited() string {
	switch {
	case (s.Lower || s.Upper) && s.kind != String:
		return fmt.Sprintf("lower and upper are for strings, and this is %s", s.kind)
	case s.Raw && s.kind != String:
		return fmt.Sprintf("raw is for strings, and this is %s", s.kind)
	case s.Unit != "" && s.kind != Time:
		return fmt.Sprintf("%s is a precision of times, and this is %s", s.Unit, s.kind)
	case s.Desc && (s.kind == String || s.kind == Bytes):
		return fmt.Sprintf("%s has no descending text; numbers, times and bools have", s.kind)
	case s.Raw && s.Digits > 0:
		return fmt.Sprintf("a string of a width is never escaped: write {%s:%d} without raw", s.Path, s.Digits)
	}
	return ""
}

// settleSized settles a string that has a width.
func (s *segment) settleSized() string {
	s.form = sized
	if s.Decimals > 0 {
		return fmt.Sprintf("a string's width is a number of bytes: {%s:%d}", s.Path, s.Digits)
	}
	return ""
}

// integer settles an integer's width.
func (s *segment) integer(usual, most int) string {
	s.form = integer
	switch {
	case s.Plain:
		s.form = plain
	case s.Digits > most:
		return fmt.Sprintf("%s has at most %d digits", s.kind, most)
	case s.Decimals > 0:
		return fmt.Sprintf("%s has no decimals: {%s:%d}", s.kind, s.Path, s.Digits)
	case s.Digits == 0:
		s.Digits = usual
	}
	return ""
}

// place tells what is wrong with what stands behind the field, so that where the field ends could not be told.
func (s *segment) place() string {
	if s.last || s.form.fixed() || s.form == raw && s.after != "" {
		return ""
	}
	if s.after == "" {
		return "where it ends cannot be told from the field behind it; put a literal between them, as in {a}#{b}, or " +
			"give a string a width, as in {a:26}{b}"
	}
	first, _ := utf8.DecodeRuneInString(s.after)
	if s.form == escaped && special(first) {
		return fmt.Sprintf("the literal behind it starts with %q, which values may be full of; start it with a "+
			"character that is "+
			"no letter, no digit and none of - + . : %%, as in {%s}#, give it a width if all values have it, as in "+
			"{%s:26}, or write {%s|raw}, which refuses values that contain the literal",
			first, s.Path, s.Path, s.Path)
	}
	if (s.form == plain || s.form == sharded) && (first >= '0' && first <= '9' || first == '.') {
		return fmt.Sprintf("the literal behind it starts with %q, as a number may go on", first)
	}
	if s.form == hexed && (first >= '0' && first <= '9' || first >= 'a' && first <= 'f') {
		return fmt.Sprintf("the literal behind it starts with %q, as hex may go on", first)
	}
	return ""
}

// special tells the characters that the text of fields other than strings is made of, and the escape itself.
func special(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-+.:%", r)
}

func (t *Template) refuse(field Ref, reason string) error {
	return &Error{Template: t.text, Field: field.Path, Offset: -1, Reason: reason}
}

// Template is the template that was bound.
func (b *Bound) Template() *Template { return b.template }

// Kind is the kind of field i.
func (b *Bound) Kind(i int) Kind { return b.segments[i].kind }

// Ordered tells whether keys that agree in the fields before i sort by field i: every field of a width, and a string or
// bytes at the very end.
func (b *Bound) Ordered(i int) bool { return b.segments[i].ordered() }

func (s *segment) ordered() bool {
	return s.form.fixed() || s.last && s.form != plain && s.form != sharded
}
