package keytext

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/monotable/monotable/internal/number"
)

// append adds the text of v, and returns why there is none.
func (s *segment) append(dst []byte, v Value) (text []byte, reason string) {
	if s.form == sharded {
		return s.appendShard(dst, v)
	}
	if v.kind != s.kind {
		if v.kind == None {
			return dst, "it is not set"
		}
		return dst, fmt.Sprintf("it is %s, and was given %s", s.kind, v.kind)
	}
	switch s.kind {
	case String:
		return s.appendString(dst, v.text)
	case Int:
		negative, magnitude := sign(v.Int())
		return s.appendInteger(dst, negative, magnitude)
	case Uint:
		return s.appendInteger(dst, false, v.bits)
	case Float:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return dst, "it is not a finite number"
		}
		var buffer [32]byte
		return s.appendDecimal(dst, strconv.AppendFloat(buffer[:0], v.Float(), 'f', -1, int(v.size)))
	case Number:
		d, err := number.Parse(v.text)
		if err != nil {
			return dst, "it is not a number as DynamoDB has them"
		}
		var buffer [64]byte
		return s.appendDecimal(dst, d.AppendText(buffer[:0]))
	case Time:
		return s.appendTime(dst, v.time)
	case Bool:
		return append(dst, "01"[v.bits^descending(s.Desc)]), ""
	default: // Bytes
		if len(v.bytes) == 0 {
			return dst, "it is empty"
		}
		return hex.AppendEncode(dst, v.bytes), ""
	}
}

func descending(desc bool) uint64 {
	if desc {
		return 1
	}
	return 0
}

func sign(i int64) (negative bool, magnitude uint64) {
	if i < 0 {
		return true, -uint64(i)
	}
	return false, uint64(i)
}

func (s *segment) appendString(dst []byte, text string) ([]byte, string) {
	if text == "" {
		return dst, "it is empty"
	}
	if !utf8.ValidString(text) {
		return dst, "it is not valid UTF-8"
	}
	text = s.fold(text)
	switch {
	case s.form == sized && len(text) != s.Digits:
		return dst, fmt.Sprintf("it has not the %d bytes that the template gives it", s.Digits)
	case s.form == escaped:
		return s.appendEscaped(dst, text), ""
	case s.form == raw && endsEarly(text, s.after):
		return dst, fmt.Sprintf("it contains %q, which ends it in the template, and raw does not escape", s.after)
	}
	return append(dst, text...), ""
}

// fold changes the case where the template asks for it.
func (s *segment) fold(text string) string {
	switch {
	case s.Lower:
		return strings.ToLower(text)
	case s.Upper:
		return strings.ToUpper(text)
	}
	return text
}

// appendEscaped percent-escapes the separator and the percent sign, so that the first separator in a key ends the
// field.
func (s *segment) appendEscaped(dst []byte, text string) []byte {
	for {
		plain := strings.IndexByte(text, '%')
		if sep := strings.Index(text, s.separator); sep >= 0 && (plain < 0 || sep < plain) {
			plain = sep
		}
		if plain < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:plain]...)
		n := 1
		if text[plain] != '%' {
			n = len(s.separator)
		}
		for _, c := range []byte(text[plain : plain+n]) {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
		text = text[plain+n:]
	}
}

const upperHex = "0123456789ABCDEF"

// endsEarly tells whether the literal occurs in text+literal before the end of text.
func endsEarly(text, literal string) bool {
	if strings.Contains(text, literal) {
		return true
	}
	for n := 1; n < len(literal); n++ { // the last n bytes of text may be the beginning of the literal
		if strings.HasSuffix(text, literal[:n]) && strings.HasPrefix(literal, literal[n:]) {
			return true
		}
	}
	return false
}

func (s *segment) appendInteger(dst []byte, negative bool, magnitude uint64) ([]byte, string) {
	var buffer [uintDigits]byte
	digits := strconv.AppendUint(buffer[:0], magnitude, 10)
	if s.form == plain {
		if negative {
			dst = append(dst, '-')
		}
		return append(dst, digits...), ""
	}
	if len(digits) > s.Digits {
		return dst, fmt.Sprintf("it needs more than the %d digits that the template gives it", s.Digits)
	}
	return s.appendPadded(dst, negative, digits, nil), ""
}

// appendDecimal adds a number given as text without exponent.
func (s *segment) appendDecimal(dst, text []byte) ([]byte, string) {
	negative := text[0] == '-'
	if negative {
		text = text[1:]
	}
	whole, fraction := text, []byte(nil)
	for i, c := range text {
		if c == '.' {
			whole, fraction = text[:i], text[i+1:]
			break
		}
	}
	if len(whole) == 1 && whole[0] == '0' && len(fraction) == 0 {
		negative = false // a float's -0
	}
	if s.form == plain {
		if negative {
			dst = append(dst, '-')
		}
		return append(dst, text...), ""
	}
	if len(whole) > s.Digits || len(fraction) > s.Decimals {
		return dst,
			fmt.Sprintf("it needs more than the %d digits before and %d after the point that the template gives it",
				s.Digits, s.Decimals)
	}
	return s.appendPadded(dst, negative, whole, fraction), ""
}

// appendPadded adds a number at its full width: byte order is the numbers' order, or its reverse.
func (s *segment) appendPadded(dst []byte, negative bool, whole, fraction []byte) []byte {
	if negative {
		dst = append(dst, s.minus())
	}
	start := len(dst)
	for range s.Digits - len(whole) {
		dst = append(dst, '0')
	}
	dst = append(dst, whole...)
	if s.Decimals > 0 {
		dst = append(dst, '.')
		dst = append(dst, fraction...)
		for range s.Decimals - len(fraction) {
			dst = append(dst, '0')
		}
	}
	if negative != s.Desc {
		complement(dst[start:])
	}
	return dst
}

// minus marks a negative number, before all digits or, descending, behind them.
func (s *segment) minus() byte {
	if s.Desc {
		return ':'
	}
	return '-'
}

// complement turns each digit d into 9-d.
func complement(text []byte) {
	for i, c := range text {
		if c >= '0' && c <= '9' {
			text[i] = '0' + '9' - c
		}
	}
}

// units are the precisions of times, with the characters of the full text that a time keeps then; longer ones than a
// date end in Z. The two that count from 1970 have none.
var units = map[string]int{"year": 4, "month": 7, "date": dateChars, "hour": 13, "min": 16, "s": 19, "ms": 23, "us": 26,
	"ns": nsChars, "unix": 0, "unixms": 0}

const (
	zeroClock    = "0000-00-00T00:00:00.000000000"
	firstInstant = "0001-01-01T00:00:00.000000000" // the zero time
	dateChars    = len("0000-00-00")
	nsChars      = len(zeroClock)
)

const unitNames = "year, month, date, hour, min, s, ms, us, ns, unix, unixms"

func (s *segment) appendTime(dst []byte, t time.Time) ([]byte, string) {
	if t.IsZero() {
		return dst, "it is the zero time"
	}
	switch s.Unit {
	case "unix":
		negative, magnitude := sign(t.Unix())
		return s.appendInteger(dst, negative, magnitude)
	case "unixms":
		negative, magnitude := sign(t.UnixMilli())
		return s.appendInteger(dst, negative, magnitude)
	}
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return dst, "its year is not one of 0000 to 9999"
	}
	hour, minute, second := t.Clock()
	var full [nsChars]byte
	copy(full[:], zeroClock)
	put(full[0:4], year)
	put(full[5:7], int(month))
	put(full[8:10], day)
	put(full[11:13], hour)
	put(full[14:16], minute)
	put(full[17:19], second)
	put(full[20:29], t.Nanosecond())
	if string(full[:s.chars]) == firstInstant[:s.chars] {
		return dst, "what is left of it is the zero time"
	}
	start := len(dst)
	dst = append(dst, full[:s.chars]...)
	if s.chars > dateChars {
		dst = append(dst, 'Z')
	}
	if s.Desc {
		complement(dst[start:])
	}
	return dst, ""
}

// put writes n with leading zeros over the whole of dst.
func put(dst []byte, n int) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
}
