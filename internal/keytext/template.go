// Package keytext turns the fields of an entity into the text of a key attribute and back, by templates such as
//
//	ORDER#{placed_at}#{id}
//
// A template is literal text and fields in braces; {{ and }} are the braces themselves. A field is a path of attribute
// names with dots, then the digits of a number or the bytes of a string, then modifiers:
//
//	{id}              a string, integer, time, bool or bytes
//	{address.city}    a nested attribute
//	{id:26}           a string of exactly 26 bytes
//	{stars:3}         three digits: 007; integers have 19 (unsigned 20) unless told otherwise
//	{price:8.2}       eight digits before the point and two after it: 00000012.50; floats and decimals must say
//	{email|lower}     folded to lower case; |upper likewise
//	{stars:3|desc}    in descending order: numbers, times and bools
//	{n|plain}         a number without padding: it groups, and does not order
//	{sku|raw}         a string without escaping: a value that contains the literal after it is refused
//	{at|date}         a time cut to a precision: year, month, date, hour, min, s, ms, us, or ns, the default
//	{id|shard:10}     a number below 10 that is chosen by the value: a partition spread over ten
//	{at|unix}         a time as whole seconds since 1970, |unixms milliseconds: integers of 12 and 15 digits unless told
//
// # Text
//
// Every field but a string without a width, bytes and a plain number has a width that the template or its first
// character tells, and text that sorts as the values do, byte by byte, as DynamoDB sorts. Integers and decimals are
// padded with zeros; a negative one is "-" and the complement (9 minus each digit), so that -2 is before -1 and both
// before 0. Times are UTC, 2006-01-02T15:04:05.000000000Z, of the years 0000 to 9999. A bool is 0 or 1. In descending
// order every digit is complemented, and a negative number is ":" and its digits.
//
// Bytes are lower-case hex. A string of a width, and one at the very end of a template, is verbatim and sorts in full;
// another one with something behind it only groups, and in it the first character of the literal that follows and "%"
// are percent-escaped, so that ("A#","B") and ("A","#B") are different keys.
//
// Nothing is cut to fit: an unset field, an empty string, a zero time, a number that needs more digits, a string of
// another width are errors. Only a precision and a case folding lose something, since that is what they are asked for.
package keytext

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a number's digits in a template: what DynamoDB's numbers can have (Developer Guide, "Data types"). A string
// can be as long as a sort key.
const (
	maxDigits   = 126
	maxDecimals = 130
	maxWidth    = maxKey
)

// Template is a key template's syntax: literals and fields. It knows nothing of types; Bind gives it those. It is
// immutable.
type Template struct {
	text   string
	lead   string   // the literal before the first field
	fields []Ref    // in the order of the text
	after  []string // after[i] is the literal behind fields[i]
}

// Ref is one field of a template: which attribute, and how it is written.
type Ref struct {
	Path     string // attribute names with dots: "address.city"
	Digits   int    // digits before the point, or bytes of a string; 0 is the type's own
	Decimals int    // digits after the point
	Unit     string // a time's precision, "unix" or "unixms"; "" is ns
	Lower    bool   // folded to lower case
	Upper    bool   // folded to upper case
	Desc     bool   // descending
	Plain    bool   // a number without padding
	Raw      bool   // a string without escaping
	Shards   int    // a shard of so many, chosen by the value; 0 for the value itself
	offset   int    // of its brace in the template
}

// Error is what is wrong with a template, with its use, or with a value or key given to it. It names the template and
// the field, and never a value.
type Error struct {
	Template string
	Field    string // the field's path; "" when it is not about one
	Offset   int    // byte offset in the template of a syntax error; -1 for others
	Reason   string
	Err      error // what the caller's own function reported, or nil
}

// Error is the whole sentence.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "key template %q", e.Template)
	if e.Offset >= 0 {
		fmt.Fprintf(&b, ", byte %d", e.Offset)
	}
	if e.Field != "" {
		fmt.Fprintf(&b, ", field %q", e.Field)
	}
	b.WriteString(": ")
	b.WriteString(e.Reason)
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the error that the caller's own function reported.
func (e *Error) Unwrap() error { return e.Err }

// Parse reads a template's text. An error is an *Error with the offset of the byte that is wrong.
func Parse(text string) (*Template, error) {
	t := &Template{text: text}
	if text == "" {
		return nil, t.syntax(0, "it is empty")
	}
	if !utf8.ValidString(text) {
		return nil, t.syntax(0, "it is not valid UTF-8")
	}
	var literal strings.Builder
	endLiteral := func() {
		if len(t.fields) == 0 {
			t.lead = literal.String()
		} else {
			t.after = append(t.after, literal.String())
		}
		literal.Reset()
	}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c != '{' && c != '}':
			literal.WriteByte(c)
			i++
		case i+1 < len(text) && text[i+1] == c:
			literal.WriteByte(c)
			i += 2
		case c == '}':
			return nil, t.syntax(i, `"}" without "{"; a brace in the text is written "}}"`)
		default:
			n := strings.IndexAny(text[i+1:], "{}")
			if n < 0 || text[i+1+n] != '}' {
				return nil, t.syntax(i, `"{" without "}"; a brace in the text is written "{{"`)
			}
			field, err := t.field(text[i+1:i+1+n], i+1)
			if err != nil {
				return nil, err
			}
			endLiteral()
			t.fields = append(t.fields, field)
			i += n + 2
		}
	}
	endLiteral()
	return t, nil
}

// field reads what stands between two braces; offset is where it stands.
func (t *Template) field(text string, offset int) (Ref, error) {
	head, modifiers, modified := strings.Cut(text, "|")
	path, digits, sized := strings.Cut(head, ":")
	f := Ref{Path: path, offset: offset - 1}
	for name := range strings.SplitSeq(path, ".") {
		if name == "" {
			return f, t.syntax(offset, "a field needs the name of an attribute")
		}
	}
	if sized {
		if reason := f.size(digits); reason != "" {
			return f, t.syntax(offset+len(path)+1, reason)
		}
	}
	if !modified {
		return f, nil
	}
	at := offset + len(head) + 1
	for name := range strings.SplitSeq(modifiers, "|") {
		if reason := f.modify(name); reason != "" {
			return f, t.syntax(at, reason)
		}
		at += len(name) + 1
	}
	return f, nil
}

// size reads the digits of a number, "8" or "8.2", or the bytes of a string; it returns what is wrong with them.
func (f *Ref) size(text string) string {
	whole, fraction, pointed := strings.Cut(text, ".")
	var ok bool
	if f.Digits, ok = count(whole, 1, maxWidth); !ok {
		return fmt.Sprintf("after the colon stand a number's digits, 1 to %d, or a string's bytes, 1 to %d: {stars:3}, "+
			"{price:8.2}, {id:26}", maxDigits, maxWidth)
	}
	if !pointed {
		return ""
	}
	if f.Decimals, ok = count(fraction, 0, maxDecimals); !ok {
		return fmt.Sprintf("after the point stands the number of decimals, 0 to %d: {price:8.2}", maxDecimals)
	}
	return ""
}

func count(text string, least, most int) (int, bool) {
	if text == "" || len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= least && n <= most
}

// modify applies one modifier; it returns what is wrong with it.
func (f *Ref) modify(name string) string {
	if shards, ok := strings.CutPrefix(name, "shard:"); ok {
		return f.shard(shards)
	}
	switch name {
	case "lower", "upper":
		if f.Lower || f.Upper {
			return "a field is folded to one case, once"
		}
		f.Lower, f.Upper = name == "lower", name == "upper"
	case "desc":
		f.Desc = true
	case "plain":
		f.Plain = true
	case "raw":
		f.Raw = true
	default:
		if _, ok := units[name]; !ok {
			return fmt.Sprintf("unknown modifier %q; there are lower, upper, desc, plain, raw, shard:10, and for "+
				"times %s", name, unitNames)
		}
		if f.Unit != "" {
			return "a time has one precision"
		}
		f.Unit = name
	}
	switch {
	case f.Plain && f.Digits > 0:
		return "plain is without padding, and so without digits after a colon"
	case f.Plain && f.Desc:
		return "plain does not order, and so has no descending order"
	}
	return ""
}

func (t *Template) syntax(offset int, reason string) error {
	return &Error{Template: t.text, Offset: offset, Reason: reason}
}

// String is the template's text, as it was given to Parse.
func (t *Template) String() string { return t.text }

// Fields are the template's fields, in the order of the text; the caller may keep them. A field may be there twice.
func (t *Template) Fields() []Ref { return append([]Ref(nil), t.fields...) }

// Lead is the literal before the first field: the whole key when there are no fields.
func (t *Template) Lead() string { return t.lead }
