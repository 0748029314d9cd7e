package keytext

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/monotable/monotable/internal/number"
)

// Parse reads a key back into the values of its fields: those that Format made it of, but for case and precision, a
// Number as DynamoDB normalises it, and of a sharded field the shard alone. A key that Format cannot have made is an
// *Error, which names the field where it differs. A field that is there twice is read twice, and whether the two agree
// is not looked at.
func (b *Bound) Parse(key string) ([]Value, error) {
	if !utf8.ValidString(key) {
		return nil, &Error{Template: b.template.text, Offset: -1, Reason: "the key is not valid UTF-8"}
	}
	rest, ok := strings.CutPrefix(key, b.template.lead)
	if !ok {
		return nil, &Error{Template: b.template.text, Offset: -1, Reason: "the key begins otherwise"}
	}
	values := make([]Value, len(b.segments))
	var again []byte
	for i := range b.segments {
		s := &b.segments[i]
		n := s.length(rest)
		if n < 0 {
			return nil, b.template.refuse(s.Ref, "the key ends too early or lacks the literal behind it")
		}
		text := rest[:n]
		if values[i], ok = s.decode(text); !ok {
			return nil, b.template.refuse(s.Ref, "the key holds something else there")
		}
		var reason string // what is written otherwise than Format writes it was not written by Format
		if again, reason = s.append(again[:0], values[i]); reason != "" || string(again) != text {
			return nil, b.template.refuse(s.Ref, "the key has it in another form there")
		}
		if rest, ok = strings.CutPrefix(rest[n:], s.after); !ok {
			return nil, b.template.refuse(s.Ref, "the key goes on otherwise behind it")
		}
	}
	if rest != "" {
		return nil, &Error{Template: b.template.text, Offset: -1, Reason: "the key goes on behind the end"}
	}
	return values, nil
}

// length is how many bytes of rest are the field's, or -1 where that cannot be.
func (s *segment) length(rest string) int {
	n := 0
	switch s.form {
	case flag:
		n = 1
	case sized:
		n = s.Digits
	case clock:
		n = s.chars
		if n > dateChars {
			n++
		}
	case integer, decimal:
		n = s.Digits
		if s.Decimals > 0 {
			n += 1 + s.Decimals
		}
		if rest != "" && rest[0] == s.minus() {
			n++
		}
	default:
		if s.last {
			return len(rest)
		}
		switch s.form {
		case raw:
			return strings.Index(rest, s.after)
		case plain: // the literal may start with "-", as the number may
			unsigned := strings.TrimPrefix(rest, "-")
			return len(rest) - len(strings.TrimLeft(unsigned, "0123456789."))
		case sharded:
			return len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		}
		return strings.Index(rest, s.separator)
	}
	if n > len(rest) {
		return -1
	}
	return n
}

// decode reads the field's text. It may take text that append would not have written: Parse compares.
func (s *segment) decode(text string) (Value, bool) {
	if s.form == sharded {
		return decodeShard(text)
	}
	switch s.kind {
	case String:
		if s.form == escaped {
			var ok bool
			if text, ok = unescape(text); !ok {
				return Value{}, false
			}
		}
		return OfString(text), true
	case Bytes:
		b, err := hex.DecodeString(text)
		return OfBytes(b), err == nil
	case Bool:
		switch text {
		case "0":
			return OfBool(s.Desc), true
		case "1":
			return OfBool(!s.Desc), true
		}
		return Value{}, false
	case Time:
		return s.decodeTime(text)
	}
	text = s.unpad(text)
	switch s.kind {
	case Int:
		i, err := strconv.ParseInt(text, 10, 64)
		return OfInt(i), err == nil
	case Uint:
		u, err := strconv.ParseUint(text, 10, 64)
		return OfUint(u), err == nil
	case Float:
		f, err := strconv.ParseFloat(text, 64)
		return OfFloat(f), err == nil
	default: // Number
		d, err := number.Parse(text)
		return OfNumber(d.String()), err == nil
	}
}

// unescape undoes appendEscaped.
func unescape(text string) (string, bool) {
	if !strings.Contains(text, "%") {
		return text, true
	}
	var b strings.Builder
	for {
		before, behind, found := strings.Cut(text, "%")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		if len(behind) < 2 {
			return "", false
		}
		c, err := strconv.ParseUint(behind[:2], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(c))
		text = behind[2:]
	}
}

// unpad gives a number's text its usual form: sign and digits. Zeros may stay.
func (s *segment) unpad(text string) string {
	if s.form == plain {
		return text
	}
	negative := text[0] == s.minus()
	if negative {
		text = text[1:]
	}
	if negative != s.Desc {
		digits := []byte(text)
		complement(digits)
		text = string(digits)
	}
	if negative {
		text = "-" + text
	}
	return text
}

func (s *segment) decodeTime(text string) (Value, bool) {
	if s.form != clock {
		i, err := strconv.ParseInt(s.unpad(text), 10, 64)
		if err != nil {
			return Value{}, false
		}
		if s.Unit == "unixms" {
			return OfTime(time.UnixMilli(i).UTC()), true
		}
		return OfTime(time.Unix(i, 0).UTC()), true
	}
	full := []byte("0000-01-01T00:00:00.000000000")
	copy(full, text[:s.chars])
	if s.Desc {
		complement(full[:s.chars])
	}
	t, err := time.Parse("2006-01-02T15:04:05.000000000", string(full))
	return OfTime(t), err == nil
}
