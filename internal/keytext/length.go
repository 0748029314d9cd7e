package keytext

import (
	"strings"
	"time"
	"unicode/utf8"
)

// LiteralLen is the bytes of the template's literals: what a key has besides its fields.
func (b *Bound) LiteralLen() int {
	n := len(b.template.lead)
	for i := range b.segments {
		n += len(b.segments[i].after)
	}
	return n
}

// StringLen is the bytes that Append writes for field i and a string. Not ok leaves it to Append: the field is of
// another form, or the string is not one that it is sure of.
func (b *Bound) StringLen(i int, text string) (bytes int, ok bool) {
	s := &b.segments[i]
	if s.kind != String || s.form == raw || s.form == sharded || text == "" || !utf8.ValidString(text) {
		return 0, false
	}
	if s.Lower || s.Upper {
		for i := range len(text) {
			if text[i] >= utf8.RuneSelf {
				return 0, false // the other case may have another length
			}
		}
	}
	bytes = len(text)
	if s.form == sized && bytes != s.Digits {
		return 0, false
	}
	if s.form == escaped { // two bytes more for each byte that is
		bytes += 2 * strings.Count(text, "%")
		bytes += 2 * len(s.separator) * strings.Count(text, s.separator)
	}
	return bytes, true
}

// IntLen is StringLen for a signed integer.
func (b *Bound) IntLen(i int, n int64) (bytes int, ok bool) {
	s := &b.segments[i]
	if s.kind != Int {
		return 0, false
	}
	return s.intLen(n)
}

func (s *segment) intLen(n int64) (bytes int, ok bool) {
	negative, magnitude := sign(n)
	digits := 1
	for ; magnitude >= 10; magnitude /= 10 {
		digits++
	}
	switch {
	case s.form == integer && digits <= s.Digits:
		digits = s.Digits
	case s.form != plain:
		return 0, false
	}
	if negative {
		digits++
	}
	return digits, true
}

// Unix seconds of the first and the last time whose year has four digits.
const (
	firstSecond = -62167219200
	lastSecond  = 253402300799
)

// TimeLen is StringLen for an instant.
func (b *Bound) TimeLen(i int, t time.Time) (bytes int, ok bool) {
	s := &b.segments[i]
	if s.kind != Time || t.IsZero() {
		return 0, false
	}
	second := t.Unix()
	switch {
	case s.Unit == "unix":
		return s.intLen(second)
	case s.form != clock || second < firstSecond || second > lastSecond:
		return 0, false
	case s.chars > dateChars:
		return s.chars + len("Z"), true
	}
	return s.chars, true
}
