package keytext

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/number"
)

// sample is a random template whose fields are f0, f1 and so on, bound to random kinds.
type sample struct {
	*Bound
	kinds []Kind
}

var (
	// Values are made of what the literals are made of, so that they come into each other's way.
	pieces = []string{"a", "B", "#", "%", "%23", "##", "-", "--", "~", "→", "€", "\x00", "\U0010ffff", "\ud7ff",
		"\ue000", "İ", "ß", "1"}
	literals = []string{"#", "#", "#", "##", "#a#", "-", "--", "-a-", "~", "→", "→→", "/1", "|", "\U0010ffff", "x", ""}
)

func anyText(t *rapid.T, label string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 4).Draw(t, label), "")
}

// ofWidth is a text of so many bytes: the first characters of one, and more of them.
func ofWidth(text string, width int) string {
	var b strings.Builder
	for _, r := range text {
		if b.Len()+utf8.RuneLen(r) <= width {
			b.WriteRune(r)
		}
	}
	return b.String() + strings.Repeat("a", width-b.Len())
}

// anyField is the text of one field and its kind; not every pair can be bound.
func anyField(t *rapid.T, name string) (string, Kind) {
	field, kind := wholeField(t, name)
	return field + rapid.SampledFrom([]string{"", "", "", "", "|shard:2", "|shard:30"}).Draw(t, "shards"), kind
}

func wholeField(t *rapid.T, name string) (string, Kind) {
	kind := Kind(rapid.IntRange(int(String), int(Bytes)).Draw(t, "kind"))
	desc := rapid.SampledFrom([]string{"", "|desc"}).Draw(t, "desc")
	switch kind {
	case String:
		return name + rapid.SampledFrom([]string{"", "", "|raw", "|lower", "|upper", "|raw|lower", ":1", ":4", ":7",
			":5|lower", ":6|upper"}).Draw(t, "case"), kind
	case Int, Uint:
		return name + rapid.SampledFrom([]string{"" + desc, ":1" + desc, ":3" + desc, "|plain"}).Draw(t, "digits"), kind
	case Float, Number:
		return name + rapid.SampledFrom([]string{":1.1" + desc, ":3.2" + desc, ":2" + desc, ":40.3" + desc, "|plain"}).
			Draw(t, "digits"), kind
	case Time:
		return name + rapid.SampledFrom([]string{desc, "|year" + desc, "|month" + desc, "|date" + desc, "|hour" + desc,
			"|min" + desc,
			"|s" + desc, "|ms" + desc, "|us" + desc, "|ns" + desc, "|unix" + desc, "|unixms" + desc, ":14|unix" + desc,
			"|unix|plain"}).
			Draw(t, "unit"), kind
	case Bool:
		return name + desc, kind
	}
	return name, kind
}

// anyTemplate draws until a template can be bound.
func anyTemplate(t *rapid.T, least, most int) sample {
	return rapid.Custom(func(t *rapid.T) sample {
		text := rapid.SampledFrom(literals).Draw(t, "lead")
		s := sample{}
		for i := range rapid.IntRange(least, most).Draw(t, "fields") {
			field, kind := anyField(t, fmt.Sprintf("f%d", i))
			text += "{" + field + "}" + rapid.SampledFrom(literals).Draw(t, "literal")
			s.kinds = append(s.kinds, kind)
		}
		template, err := Parse(text)
		if err == nil {
			s.Bound, err = template.Bind(s.kindOf)
		}
		if err != nil {
			s.Bound = nil
		}
		return s
	}).Filter(func(s sample) bool { return s.Bound != nil }).Draw(t, "template")
}

func (s sample) kindOf(path string) (Kind, bool) {
	var i int
	if n, _ := fmt.Sscanf(path, "f%d", &i); n != 1 || i >= len(s.kinds) {
		return None, false
	}
	return s.kinds[i], true
}

// value draws one that fits field i.
func (s sample) value(t *rapid.T, i int) Value {
	return rapid.Custom(func(t *rapid.T) Value {
		switch s.kinds[i] {
		case String:
			if s.segments[i].Digits > 0 {
				return OfString(ofWidth(anyText(t, "text"), s.segments[i].Digits))
			}
			return OfString(anyText(t, "text"))
		case Int:
			return OfInt(rapid.OneOf(rapid.Int64Range(-12, 12), rapid.Int64Range(-999, 999), rapid.Int64(),
				rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})).Draw(t, "int"))
		case Uint:
			return OfUint(rapid.OneOf(rapid.Uint64Range(0, 12), rapid.Uint64(), rapid.Just[uint64](math.MaxUint64)).
				Draw(t, "uint"))
		case Float:
			f := float64(rapid.IntRange(-99999, 99999).Draw(t, "float")) / rapid.SampledFrom([]float64{1, 10, 100, 8}).
				Draw(t, "over")
			return OfFloat(rapid.SampledFrom([]float64{f, f, f, math.Copysign(0, -1), float64(float32(0.1)), 1e22,
				-1e22, 0.1}).Draw(t, "or"))
		case Number:
			return OfNumber(fmt.Sprintf("%de%d",
				rapid.OneOf(rapid.Int64Range(-30, 30), rapid.Int64()).Draw(t, "digits"),
				rapid.IntRange(-4, 20).Draw(t, "exponent")))
		case Time:
			return OfTime(anyTime(t))
		case Bool:
			return OfBool(rapid.Bool().Draw(t, "bool"))
		default:
			return OfBytes(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 0x9f, 0xa0, 0xff}), 1, 4).Draw(t, "bytes"))
		}
	}).Filter(func(v Value) bool {
		_, reason := s.segments[i].append(nil, v)
		return reason == ""
	}).Draw(t, fmt.Sprintf("f%d", i))
}

func anyTime(t *rapid.T) time.Time {
	base := rapid.SampledFrom([]time.Time{
		time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(2024, 3, 1, 0, 30, 0, 0, time.FixedZone("", 3600)),
	}).Draw(t, "base")
	step := rapid.SampledFrom([]time.Duration{0, 1, -1, 1000, 1e6, 1e9, -1e9, 60e9, 3600e9, 86400e9, 40 * 86400e9}).
		Draw(t, "step")
	return base.Add(step)
}

func (s sample) values(t *rapid.T) []Value {
	values := make([]Value, len(s.segments))
	for i := range values {
		values[i] = s.value(t, i)
	}
	return values
}

func (s sample) format(t rapid.TB, values []Value) string {
	key, err := s.Format(func(i int) (Value, error) { return values[i], nil })
	if err != nil {
		t.Fatalf("%s of %v: %v", s.template, values, err)
	}
	return key
}

// compare orders two values of field i as they are in a key: folded, and times cut to their precision by arithmetic of
// its own.
func (s sample) compare(i int, a, b Value) int {
	f := s.segments[i].Ref
	if f.Shards > 0 {
		return cmp.Compare(s.shard(i, a), s.shard(i, b))
	}
	switch s.kinds[i] {
	case String:
		return cmp.Compare(folded(f, a.text), folded(f, b.text))
	case Int:
		return cmp.Compare(a.Int(), b.Int())
	case Uint:
		return cmp.Compare(a.Uint(), b.Uint())
	case Float:
		return cmp.Compare(a.Float(), b.Float())
	case Number:
		return decimalOf(a).Compare(decimalOf(b))
	case Time:
		return cut(f.Unit, a.time).Compare(cut(f.Unit, b.time))
	case Bool:
		return cmp.Compare(a.bits, b.bits)
	default:
		return bytes.Compare(a.bytes, b.bytes)
	}
}

// shard is the one that a value of field i is in.
func (s sample) shard(i int, v Value) uint64 {
	if v.kind == shardKind {
		return v.bits
	}
	text, _ := s.segments[i].of.append(nil, v)
	sum := sha256.Sum256(text)
	whole := new(big.Int).SetBytes(sum[:8])
	return whole.Mod(whole, big.NewInt(int64(s.segments[i].Shards))).Uint64()
}

func folded(f Ref, text string) string {
	switch {
	case f.Lower:
		return strings.ToLower(text)
	case f.Upper:
		return strings.ToUpper(text)
	}
	return text
}

func decimalOf(v Value) number.Decimal {
	d, err := number.Parse(v.text)
	if err != nil {
		panic(err)
	}
	return d
}

func cut(unit string, t time.Time) time.Time {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	ns := t.Nanosecond()
	switch unit {
	case "year":
		return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	case "month":
		return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	case "date":
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	case "hour":
		return time.Date(year, month, day, hour, 0, 0, 0, time.UTC)
	case "min":
		return time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	case "s", "unix":
		return time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	case "ms", "unixms":
		return time.Date(year, month, day, hour, minute, second, ns/1e6*1e6, time.UTC)
	case "us":
		return time.Date(year, month, day, hour, minute, second, ns/1e3*1e3, time.UTC)
	}
	return t
}

func (s sample) equal(a, b []Value) bool {
	for i := range a {
		if s.compare(i, a[i], b[i]) != 0 {
			return false
		}
	}
	return true
}

// neighbours are tuples that share their first fields with others, so that prefixes and ranges have something to tell
// apart.
func (s sample) neighbours(t *rapid.T) [][]Value {
	all := [][]Value{s.values(t)}
	for range rapid.IntRange(1, 12).Draw(t, "neighbours") {
		next := append([]Value(nil), rapid.SampledFrom(all).Draw(t, "like")...)
		for i := rapid.IntRange(0, len(next)-1).Draw(t, "from"); i < len(next); i++ {
			next[i] = s.value(t, i)
			if rapid.Bool().Draw(t, "enough") {
				break
			}
		}
		all = append(all, next)
	}
	return all
}
