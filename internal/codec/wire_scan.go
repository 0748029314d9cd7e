package codec

import (
	"unicode/utf16"
	"unicode/utf8"
)

// wireText walks one JSON text in the compact form that the service writes. Its methods report false for whatever they are not
// sure of, a mere blank among it: somebody slower is asked then. None of them reads beyond the text.
type wireText struct {
	body    []byte
	at      int
	scratch []byte // of the last string that had escapes
}

// take reads the byte c.
func (t *wireText) take(c byte) bool {
	if t.at < len(t.body) && t.body[t.at] == c {
		t.at++
		return true
	}
	return false
}

// word reads the given text.
func (t *wireText) word(w string) bool {
	if len(t.body)-t.at >= len(w) && string(t.body[t.at:t.at+len(w)]) == w {
		t.at += len(w)
		return true
	}
	return false
}

// more reads what stands between the members of a container: a comma, or the closing bracket.
func (t *wireText) more(closing byte) (more, ok bool) {
	if t.at >= len(t.body) {
		return false, false
	}
	switch t.body[t.at] {
	case ',':
		t.at++
		return true, true
	case closing:
		t.at++
		return false, true
	}
	return false, false
}

// quoted reads a string. What it returns is a part of the text, or scratch where there were escapes: good until the next one.
// Text that is not UTF-8 is left to others, who differ over it.
func (t *wireText) quoted() ([]byte, bool) {
	if !t.take('"') {
		return nil, false
	}
	return t.text()
}

// text is quoted for a string whose opening quote is read.
func (t *wireText) text() ([]byte, bool) {
	end, ascii := special(t.body, t.at)
	if end >= len(t.body) {
		return nil, false
	}
	s := t.body[t.at:end]
	switch t.body[end] {
	case '"':
		t.at = end + 1
		return s, ascii || utf8.Valid(s)
	case '\\':
		return t.escaped(end)
	}
	return nil, false
}

// escaped reads the rest of a string whose first escape is at.
func (t *wireText) escaped(at int) ([]byte, bool) {
	s := append(t.scratch[:0], t.body[t.at:at]...)
	t.at = at
	for t.at < len(t.body) {
		switch t.body[t.at] {
		case '"':
			t.at++
			t.scratch = s
			return s, utf8.Valid(s)
		case '\\':
			r, ok := t.escape()
			if !ok {
				return nil, false
			}
			s = utf8.AppendRune(s, r)
		default:
			end, _ := special(t.body, t.at)
			if end == t.at { // a control character
				return nil, false
			}
			s = append(s, t.body[t.at:end]...)
			t.at = end
		}
	}
	return nil, false
}

var wireEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads one escape sequence. Half a surrogate pair alone is the replacement character.
func (t *wireText) escape() (rune, bool) {
	if t.at+1 >= len(t.body) {
		return 0, false
	}
	if c := t.body[t.at+1]; c != 'u' {
		t.at += 2
		return rune(wireEscapes[c]), wireEscapes[c] != 0
	}
	r, ok := t.hex()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if before := t.at; t.at+1 < len(t.body) && t.body[t.at] == '\\' && t.body[t.at+1] == 'u' {
		low, ok := t.hex()
		if !ok {
			return 0, false
		}
		if r := utf16.DecodeRune(r, low); r != utf8.RuneError {
			return r, true
		}
		t.at = before
	}
	return utf8.RuneError, true
}

// hex reads \uXXXX.
func (t *wireText) hex() (r rune, ok bool) {
	if t.at+6 > len(t.body) {
		return 0, false
	}
	for _, c := range t.body[t.at+2 : t.at+6] {
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
	t.at += 6
	return r, true
}

// boolean reads true or false.
func (t *wireText) boolean() (value, ok bool) {
	if t.word("true") {
		return true, true
	}
	return false, t.word("false")
}

// base64 reads the text of a binary, whose opening quote is read, and which has no escapes.
func (t *wireText) base64() ([]byte, bool) {
	start := t.at
	end, _ := special(t.body, start)
	if end >= len(t.body) || t.body[end] != '"' {
		return nil, false
	}
	t.at = end + 1
	return t.body[start:end], true
}
