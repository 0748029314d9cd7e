package wire

import (
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// parser walks one JSON text. Every method that reads leaves at behind what it read; white space before a token is
// skipped by whoever reads the token.
type parser struct {
	text   string
	at     int
	strict bool // refuse attribute values that are not exactly one value, instead of handing them on marked
}

func (p *parser) fail(message string) *Error {
	return &Error{Code: CodeSerialization, Message: message, Offset: p.at}
}

func (p *parser) malformed() *Error { return p.fail("") }

func (p *parser) invalid(message string) *Error {
	return &Error{Code: CodeValidation, Message: message, Offset: p.at}
}

// peek skips white space and returns the byte that follows, 0 at the end of the text.
func (p *parser) peek() byte {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; c {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return c
		}
	}
	return 0
}

// end makes sure that nothing follows.
func (p *parser) end() error {
	p.peek()
	if p.at < len(p.text) {
		return p.malformed()
	}
	return nil
}

// open reads the opening bracket and says whether its container is empty, in which case the closing bracket is read
// too.
func (p *parser) open(closing byte) (empty bool) {
	p.at++
	if p.peek() == closing {
		p.at++
		return true
	}
	return false
}

// more reads what stands between two members of a container: a comma, after which another member must follow, or the
// end.
func (p *parser) more(closing byte) (bool, error) {
	switch p.peek() {
	case ',':
		p.at++
		return true, nil
	case closing:
		p.at++
		return false, nil
	}
	return false, p.malformed()
}

// name reads a member's name and its colon.
func (p *parser) name() (string, error) {
	if p.peek() != '"' {
		return "", p.malformed()
	}
	name, err := p.quoted()
	if err != nil {
		return "", err
	}
	if p.peek() != ':' {
		return "", p.malformed()
	}
	p.at++
	return name, nil
}

// literal reads the given word.
func (p *parser) literal(word string) error {
	if !strings.HasPrefix(p.text[p.at:], word) {
		return p.malformed()
	}
	p.at += len(word)
	return nil
}

// null reads a null if one comes next.
func (p *parser) null() (bool, error) {
	if p.peek() != 'n' {
		return false, nil
	}
	return true, p.literal("null")
}

// plain marks the bytes that stand for themselves inside a JSON string.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// IsPlain says whether s is ASCII that stands for itself inside a JSON string.
func IsPlain(s string) bool { return plainLength(s) == len(s) }

// plainLength counts the bytes at the front of s that are plain, eight at a time.
func plainLength(s string) int {
	if len(s) < 8 {
		for n := range len(s) {
			if !plain[s[n]] {
				return n
			}
		}
		return len(s)
	}
	for n := 0; n+8 <= len(s); n += 8 {
		if odd := oddBytes(s[n : n+8]); odd != 0 {
			return n + bits.TrailingZeros64(odd)/8
		}
	}
	last := len(s) - 8 // what of it was looked at already is plain
	if odd := oddBytes(s[last:]); odd != 0 {
		return last + bits.TrailingZeros64(odd)/8
	}
	return len(s)
}

// oddBytes sets the top bit of each of eight bytes that is not plain. Above such a byte another may look like one,
// never below it.
func oddBytes(s string) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	_ = s[7]
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	return (w | (w - ones*' ') | ((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones)) & tops
}

// quoted reads a string. One without escapes is a part of the text; another is a copy.
func (p *parser) quoted() (string, error) {
	p.at++
	start := p.at
	ascii := true
	for {
		p.at += plainLength(p.text[p.at:])
		if p.at == len(p.text) {
			return "", p.malformed()
		}
		switch c := p.text[p.at]; {
		case c >= utf8.RuneSelf:
			ascii = false
			p.at++
		case c == '"':
			s := p.text[start:p.at]
			if !ascii && !utf8.ValidString(s) {
				return "", p.malformed()
			}
			p.at++
			return s, nil
		case c == '\\':
			return p.escaped(start)
		default:
			return "", p.malformed()
		}
	}
}

// escaped reads the rest of a string that began at start and has its first escape here.
func (p *parser) escaped(start int) (string, error) {
	s := append(make([]byte, 0, p.at-start+64), p.text[start:p.at]...)
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			if !utf8.Valid(s) {
				return "", p.malformed()
			}
			return string(s), nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			s = utf8.AppendRune(s, r)
		case c < 0x20:
			return "", p.malformed()
		default:
			s = append(s, c)
			p.at++
		}
	}
	return "", p.malformed()
}

var escapes = [256]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads one escape sequence. Half a surrogate pair alone is none: in UTF-8 nothing stands for it, and another
// character in its place would make one key of two.
func (p *parser) escape() (rune, error) {
	if p.at+1 >= len(p.text) {
		return 0, p.malformed()
	}
	if c := p.text[p.at+1]; c != 'u' {
		r := escapes[c]
		if r == 0 {
			return 0, p.malformed()
		}
		p.at += 2
		return r, nil
	}
	r, ok := p.hex()
	if !ok {
		return 0, p.malformed()
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if strings.HasPrefix(p.text[p.at:], `\u`) {
		if low, ok := p.hex(); ok {
			if r := utf16.DecodeRune(r, low); r != utf8.RuneError {
				return r, nil
			}
		}
	}
	return 0, p.malformed()
}

// hex reads \uXXXX.
func (p *parser) hex() (rune, bool) {
	if p.at+6 > len(p.text) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.text[p.at+2 : p.at+6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	p.at += 6
	return r, true
}

// number reads a number and returns its text.
func (p *parser) number() (string, error) {
	start := p.at
	if p.at < len(p.text) && p.text[p.at] == '-' {
		p.at++
	}
	if p.at < len(p.text) && p.text[p.at] == '0' {
		p.at++
	} else if !p.digits() {
		return "", p.malformed()
	}
	if p.at < len(p.text) && p.text[p.at] == '.' {
		p.at++
		if !p.digits() {
			return "", p.malformed()
		}
	}
	if p.at < len(p.text) && p.text[p.at]|0x20 == 'e' {
		p.at++
		if p.at < len(p.text) && (p.text[p.at] == '+' || p.text[p.at] == '-') {
			p.at++
		}
		if !p.digits() {
			return "", p.malformed()
		}
	}
	return p.text[start:p.at], nil
}

func (p *parser) digits() bool {
	start := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at > start
}

// skip reads one value of any kind and forgets it. It keeps the open brackets itself, one byte each, so that no depth
// of nesting can exhaust the stack.
func (p *parser) skip() error {
	var open []byte
	for {
		switch c := p.peek(); {
		case c == '{' || c == '[':
			closing := c + 2 // '}' is '{' + 2 and ']' is '[' + 2
			if !p.open(closing) {
				open = append(open, closing)
				if c == '{' {
					if _, err := p.name(); err != nil {
						return err
					}
				}
				continue
			}
		case c == '"':
			if _, err := p.quoted(); err != nil {
				return err
			}
		default:
			if err := p.scalar(c); err != nil {
				return err
			}
		}
		for {
			if len(open) == 0 {
				return nil
			}
			closing := open[len(open)-1]
			more, err := p.more(closing)
			if err != nil {
				return err
			}
			if more {
				if closing == '}' {
					if _, err := p.name(); err != nil {
						return err
					}
				}
				break
			}
			open = open[:len(open)-1]
		}
	}
}

// scalar reads a number, true, false or null, of which c is the first byte.
func (p *parser) scalar(c byte) error {
	switch c {
	case 't':
		return p.literal("true")
	case 'f':
		return p.literal("false")
	case 'n':
		return p.literal("null")
	}
	_, err := p.number()
	return err
}
