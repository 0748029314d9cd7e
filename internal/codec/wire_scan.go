package codec

import (
	"encoding/binary"
	"math/bits"
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

// The bytes of eight in one word.
const ones, tops = 0x0101010101010101, 0x8080808080808080

// special finds the first byte of b, from i on, that a JSON string cannot hold as it is: a quote, a backslash or a control
// character. ascii tells that no byte before it has its top bit set. It looks at eight bytes at a time, and at 32 of a text that
// goes on.
func special(b []byte, i int) (end int, ascii bool) {
	for {
		for range 4 {
			if len(b)-i < 8 {
				return specialBytes(b, i, true)
			}
			if found := marks(binary.LittleEndian.Uint64(b[i:])) & tops; found != 0 {
				n := i + bits.TrailingZeros64(found)/8
				if b[n] < utf8.RuneSelf {
					return n, true
				}
				return specialMixed(b, i), false
			}
			i += 8
		}
		for ; len(b)-i >= 32; i += 32 {
			block := b[i : i+32 : i+32]
			found := marks(binary.LittleEndian.Uint64(block)) | marks(binary.LittleEndian.Uint64(block[8:])) |
				marks(binary.LittleEndian.Uint64(block[16:])) | marks(binary.LittleEndian.Uint64(block[24:]))
			if found&tops != 0 {
				break
			}
		}
	}
}

// specialMixed is special for text that is not ASCII.
func specialMixed(b []byte, i int) int {
	for ; len(b)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, escape := w^ones*'"', w^ones*'\\'
		// The lowest top bit that is left is that of the first such byte; above it others may be marked that are none.
		if found := ((w-ones*' ')&^w | (quote-ones)&^quote | (escape-ones)&^escape) & tops; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	i, _ = specialBytes(b, i, false)
	return i
}

// marks sets top bits, of which the lowest is that of the first of eight bytes that is special or has its own top bit set. In a
// word without top bits each subtraction sets that of the first byte that it looks for: with their second bits turned, quotes and
// control characters are those below '!'.
func marks(w uint64) uint64 {
	return w | ((w ^ ones*2) - ones*'!') | ((w ^ ones*'\\') - ones)
}

// specialBytes is special for the last few bytes of a text.
func specialBytes(b []byte, i int, ascii bool) (int, bool) {
	for ; i < len(b); i++ {
		c := b[i]
		if c == '"' || c == '\\' || c < ' ' {
			break
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return i, ascii
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

// SkipJSON returns where the JSON value at text[at:] ends, blanks before it included. It is false if there is no well-formed
// value, or one that is nested deeper than maxSkip.
func SkipJSON(text []byte, at int) (end int, ok bool) {
	t := wireText{body: text, at: at}
	var space [64]byte
	open := space[:0] // the brackets that are to come
	for {
		t.blanks()
		if t.at >= len(t.body) {
			return 0, false
		}
		switch c := t.body[t.at]; c {
		case '{', '[':
			if t.at++; len(open) == maxSkip {
				return 0, false
			}
			if t.blanks(); !t.take(c + 2) { // '}' is '{' + 2, and ']' is '[' + 2
				open = append(open, c+2)
				if c == '{' && !t.name() {
					return 0, false
				}
				continue
			}
		default:
			if !t.scalar(c) {
				return 0, false
			}
		}
		for more := false; !more; {
			if len(open) == 0 {
				return t.at, true
			}
			closing := open[len(open)-1]
			t.blanks()
			if more, ok = t.more(closing); !ok {
				return 0, false
			}
			if !more {
				open = open[:len(open)-1]
			} else if t.blanks(); closing == '}' && !t.name() {
				return 0, false
			}
		}
	}
}

// maxSkip bounds how deeply a value that is skipped may nest: an item has 32 levels, of three brackets each at most.
const maxSkip = 128

func (t *wireText) blanks() {
	for t.at < len(t.body) {
		switch t.body[t.at] {
		case ' ', '\t', '\r', '\n':
			t.at++
		default:
			return
		}
	}
}

// name skips a member's name and its colon.
func (t *wireText) name() bool {
	if t.at >= len(t.body) || t.body[t.at] != '"' || !t.skipString() {
		return false
	}
	t.blanks()
	return t.take(':')
}

// scalar skips a string, a number, true, false or null, of which c is the first byte.
func (t *wireText) scalar(c byte) bool {
	switch c {
	case '"':
		return t.skipString()
	case 't':
		return t.word("true")
	case 'f':
		return t.word("false")
	case 'n':
		return t.word("null")
	}
	return t.number()
}

// skipString skips a string, escapes and all.
func (t *wireText) skipString() bool {
	for t.at++; ; {
		end, _ := special(t.body, t.at)
		if t.at = end; end >= len(t.body) {
			return false
		}
		switch t.body[end] {
		case '"':
			t.at++
			return true
		case '\\':
			if _, ok := t.escape(); !ok {
				return false
			}
		default:
			return false
		}
	}
}

// number skips a JSON number.
func (t *wireText) number() bool {
	t.take('-')
	if !t.take('0') && !t.digits() {
		return false
	}
	if t.take('.') && !t.digits() {
		return false
	}
	if t.take('e') || t.take('E') {
		if !t.take('+') {
			t.take('-')
		}
		return t.digits()
	}
	return true
}

func (t *wireText) digits() bool {
	start := t.at
	for t.at < len(t.body) && '0' <= t.body[t.at] && t.body[t.at] <= '9' {
		t.at++
	}
	return t.at > start
}

// Members walks the object at text[at:], blanks before it included, and returns where it ends. each is given a member's name as
// it is in the text and where its value begins, and returns where that ends. Members is false where each is, where the text is
// not well-formed, or where a name has an escape.
func Members(text []byte, at int, each func(name []byte, at int) (end int, ok bool)) (end int, ok bool) {
	t := wireText{body: text, at: at}
	if t.blanks(); !t.take('{') {
		return 0, false
	}
	if t.blanks(); t.take('}') {
		return t.at, true
	}
	for {
		t.blanks()
		start := t.at + 1
		if !t.name() {
			return 0, false
		}
		size, _ := special(text[start:t.at], 0)
		if text[start+size] != '"' {
			return 0, false
		}
		t.blanks()
		if t.at, ok = each(text[start:start+size], t.at); !ok {
			return 0, false
		}
		t.blanks()
		if more, ok := t.more('}'); !more || !ok {
			return t.at, ok
		}
	}
}

// Elements walks the array at text[at:] likewise.
func Elements(text []byte, at int, each func(at int) (end int, ok bool)) (end int, ok bool) {
	t := wireText{body: text, at: at}
	if t.blanks(); !t.take('[') {
		return 0, false
	}
	if t.blanks(); t.take(']') {
		return t.at, true
	}
	for {
		t.blanks()
		if t.at, ok = each(t.at); !ok {
			return 0, false
		}
		t.blanks()
		if more, ok := t.more(']'); !more || !ok {
			return t.at, ok
		}
	}
}
