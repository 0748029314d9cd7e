package jsonscan

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Text walks one JSON text in the compact form that the service writes. Its methods report false for whatever they are
// not sure of, a mere blank among it: somebody slower is asked then. None of them reads beyond the text.
type Text struct {
	Body    []byte
	At      int
	scratch []byte // of the last string that had escapes
}

// Take reads the byte c.
func (t *Text) Take(c byte) bool {
	if t.At < len(t.Body) && t.Body[t.At] == c {
		t.At++
		return true
	}
	return false
}

// Word reads the given text.
func (t *Text) Word(w string) bool {
	if len(t.Body)-t.At >= len(w) && string(t.Body[t.At:t.At+len(w)]) == w {
		t.At += len(w)
		return true
	}
	return false
}

// More reads what stands between the members of a container: a comma, or the closing bracket.
func (t *Text) More(closing byte) (more, ok bool) {
	if t.At >= len(t.Body) {
		return false, false
	}
	switch t.Body[t.At] {
	case ',':
		t.At++
		return true, true
	case closing:
		t.At++
		return false, true
	}
	return false, false
}

// Quoted reads a string. What it returns is a part of the text, or scratch where there were escapes: good until the
// next one. Text that is not UTF-8 is left to others, who differ over it.
func (t *Text) Quoted() ([]byte, bool) {
	if !t.Take('"') {
		return nil, false
	}
	return t.Text()
}

// Text is quoted for a string whose opening quote is read.
func (t *Text) Text() ([]byte, bool) {
	end, ascii := Special(t.Body, t.At)
	if end >= len(t.Body) {
		return nil, false
	}
	s := t.Body[t.At:end]
	switch t.Body[end] {
	case '"':
		t.At = end + 1
		return s, ascii || utf8.Valid(s)
	case '\\':
		return t.escaped(end)
	}
	return nil, false
}

// escaped reads the rest of a string whose first escape is at.
func (t *Text) escaped(at int) ([]byte, bool) {
	s := append(t.scratch[:0], t.Body[t.At:at]...)
	t.At = at
	for t.At < len(t.Body) {
		switch t.Body[t.At] {
		case '"':
			t.At++
			t.scratch = s
			return s, utf8.Valid(s)
		case '\\':
			r, ok := t.escape()
			if !ok {
				return nil, false
			}
			s = utf8.AppendRune(s, r)
		default:
			end, _ := Special(t.Body, t.At)
			if end == t.At { // a control character
				return nil, false
			}
			s = append(s, t.Body[t.At:end]...)
			t.At = end
		}
	}
	return nil, false
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads one escape sequence. Half a surrogate pair alone is the replacement character.
func (t *Text) escape() (rune, bool) {
	if t.At+1 >= len(t.Body) {
		return 0, false
	}
	if c := t.Body[t.At+1]; c != 'u' {
		t.At += 2
		return rune(escapes[c]), escapes[c] != 0
	}
	r, ok := t.hex()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if before := t.At; t.At+1 < len(t.Body) && t.Body[t.At] == '\\' && t.Body[t.At+1] == 'u' {
		low, ok := t.hex()
		if !ok {
			return 0, false
		}
		if r := utf16.DecodeRune(r, low); r != utf8.RuneError {
			return r, true
		}
		t.At = before
	}
	return utf8.RuneError, true
}

// hex reads \uXXXX.
func (t *Text) hex() (r rune, ok bool) {
	if t.At+6 > len(t.Body) {
		return 0, false
	}
	for _, c := range t.Body[t.At+2 : t.At+6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	t.At += 6
	return r, true
}

// Boolean reads true or false.
func (t *Text) Boolean() (value, ok bool) {
	if t.Word("true") {
		return true, true
	}
	return false, t.Word("false")
}

// Base64 reads the text of a binary, whose opening quote is read, and which has no escapes.
func (t *Text) Base64() ([]byte, bool) {
	start := t.At
	end, _ := Special(t.Body, start)
	if end >= len(t.Body) || t.Body[end] != '"' {
		return nil, false
	}
	t.At = end + 1
	return t.Body[start:end], true
}
