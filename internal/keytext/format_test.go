package keytext

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bind makes a Bound whose fields have the kinds of the values.
func bind(t testing.TB, text string, kinds ...Kind) *Bound {
	t.Helper()
	template, err := Parse(text)
	require.NoError(t, err, text)
	i := -1
	b, err := template.Bind(func(string) (Kind, bool) { i++; return kinds[i], true })
	require.NoError(t, err, text)
	return b
}

func kindsOf(values []Value) []Kind {
	var kinds []Kind
	for _, v := range values {
		kinds = append(kinds, v.kind)
	}
	return kinds
}

func list(values ...Value) []Value { return values }

func TestFormat(t *testing.T) {
	at := time.Date(2024, 2, 29, 23, 30, 15, 123_456_789, time.FixedZone("", -3600))
	for _, c := range []struct {
		text   string
		values []Value
		want   string
	}{
		{"PROFILE", nil, "PROFILE"},
		{"{{{a}}}", list(OfString("x")), "{x}"},
		{"ORDER#{a}#{b}", list(OfString("50%#1"), OfString("50%#1")), "ORDER#50%25%231#50%#1"},
		{"{a}#", list(OfString("a#b")), "a%23b#"},
		{"{a}→{b}", list(OfString("a→b"), OfString("→")), "a%E2%86%92b→→"},
		{"{a}#{b}", list(OfString("A#"), OfString("B")), "A%23#B"},
		{"{a}#{b}", list(OfString("A"), OfString("#B")), "A##B"},
		{"{a|lower}#{b|upper}", list(OfString("Ä#B"), OfString("äb")), "ä%23b#ÄB"},
		{"{a:6|lower}", list(OfString("\u212a98765")), "k98765"}, // a Kelvin sign has three bytes, and a k has one
		{"{a:4}#{b:3|lower}{c}", list(OfString("a#%c"), OfString("ABC"), OfString("D")), "a#%c#abcD"},
		{"{a|raw}--{b|raw}", list(OfString("a-b%"), OfString("-c--")), "a-b%---c--"},
		{"{a}", list(OfInt(5)), "0000000000000000005"},
		{"{a}", list(OfInt(0)), "0000000000000000000"},
		{"{a}", list(OfInt(-1)), "-9999999999999999998"},
		{"{a}", list(OfInt(math.MinInt64)), "-0776627963145224191"},
		{"{a}", list(OfUint(math.MaxUint64)), "18446744073709551615"},
		{"{a:3}", list(OfInt(7)), "007"},
		{"{a:3}", list(OfInt(-7)), "-992"},
		{"{a:3|desc}", list(OfInt(7)), "992"},
		{"{a:3|desc}", list(OfInt(-7)), ":007"},
		{"{a|plain}", list(OfInt(-7)), "-7"},
		{"{a|plain}", list(OfFloat(-0.5)), "-0.5"},
		{"{a|plain}", list(OfNumber("-1.50e2")), "-150"},
		{"{a:8.2}", list(OfFloat(12.5)), "00000012.50"},
		{"{a:3.2}", list(OfFloat(-12.5)), "-987.49"},
		{"{a:3.2|desc}", list(OfFloat(12.5)), "987.49"},
		{"{a:3.2|desc}", list(OfFloat(-12.5)), ":012.50"},
		{"{a:3.2}", list(OfFloat(math.Copysign(0, -1))), "000.00"},
		{"{a:3.2}", list(OfFloat32(0.1)), "000.10"},
		{"{a:3}", list(OfFloat(12)), "012"},
		{"{a:3.0}", list(OfNumber("12.0")), "012"},
		{"{a:30.3}", list(OfNumber("1e22")), "000000010000000000000000000000.000"},
		{"{a}", list(OfTime(at)), "2024-03-01T00:30:15.123456789Z"},
		{"{a|us}", list(OfTime(at)), "2024-03-01T00:30:15.123456Z"},
		{"{a|ms}", list(OfTime(at)), "2024-03-01T00:30:15.123Z"},
		{"{a|s}", list(OfTime(at)), "2024-03-01T00:30:15Z"},
		{"{a|min}", list(OfTime(at)), "2024-03-01T00:30Z"},
		{"{a|hour}", list(OfTime(at)), "2024-03-01T00Z"},
		{"{a|date}", list(OfTime(at)), "2024-03-01"},
		{"{a|month}", list(OfTime(at)), "2024-03"},
		{"{a|year}", list(OfTime(at)), "2024"},
		{"{a|date|desc}", list(OfTime(at)), "7975-96-98"},
		{"{a|unix}", list(OfTime(at)), "001709253015"},
		{"{a:10|unix}", list(OfTime(at)), "1709253015"},
		{"{a|unixms}", list(OfTime(at)), "001709253015123"},
		{"{a|unix|plain}", list(OfTime(time.Unix(-1, 5))), "-1"},
		{"{a}{b|desc}", list(OfBool(true), OfBool(true)), "10"},
		{"{a}{b|desc}", list(OfBool(false), OfBool(false)), "01"},
		{"{a}", list(OfBytes([]byte{0, 0xab})), "00ab"},
	} {
		b := bind(t, c.text, kindsOf(c.values)...)
		got, err := b.Format(func(i int) (Value, error) { return c.values[i], nil })
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, got, c.text)
		_, err = b.Parse(got)
		assert.NoError(t, err, c.text)
	}
}

func TestFormatErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		kind   Kind
		value  Value
		reason string
	}{
		{"{a}", String, Value{}, "not set"},
		{"{a}", String, OfString(""), "empty"},
		{"{a}", String, OfString("secret\xff"), "UTF-8"},
		{"{a}", String, OfInt(987654), "is a string, and was given an integer"},
		{"{a|raw}##", String, OfString("secret##"), `contains "##"`},
		{"{a|raw}##", String, OfString("secret#"), `contains "##"`},
		{"{a}", Bytes, OfBytes(nil), "empty"},
		{"{a}", Time, OfTime(time.Time{}), "zero time"},
		{"{a|unix}", Time, OfTime(time.Time{}), "zero time"},
		{"{a}", Time, OfTime(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), "0000 to 9999"},
		{"{a}", Time, OfTime(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)), "0000 to 9999"},
		{"{a:9|unix}", Time, OfTime(time.Unix(1234567890, 0)), "more than the 9 digits"},
		{"{a:5}", String, OfString("987654"), "has not the 5 bytes"},
		{"{a:7}", String, OfString("987654"), "has not the 7 bytes"},
		{"{a:3}", Int, OfInt(987654), "more than the 3 digits"},
		{"{a:3}", Int, OfInt(-987654), "more than the 3 digits"},
		{"{a:3}", Uint, OfUint(987654), "more than the 3 digits"},
		{"{a:3.2}", Float, OfFloat(987654), "3 digits before and 2 after"},
		{"{a:3.2}", Float, OfFloat(0.987654), "3 digits before and 2 after"},
		{"{a:3.2}", Float, OfFloat(math.NaN()), "not a finite"},
		{"{a|plain}", Float, OfFloat(math.Inf(-1)), "not a finite"},
		{"{a:3.2}", Number, OfNumber("0.987654"), "3 digits before and 2 after"},
		{"{a:3.2}", Number, OfNumber("secret"), "not a number"},
		{"{a:3.2}", Number, OfNumber(""), "not a number"},
	} {
		b := bind(t, c.text, c.kind)
		_, err := b.Format(func(int) (Value, error) { return c.value, nil })
		_, again := b.Prefix([]Value{c.value})
		assert.Equal(t, err, again)
		var e *Error
		if assert.ErrorAs(t, err, &e, c.text) {
			assert.Equal(t, "a", e.Field)
			assert.Contains(t, err.Error(), c.reason, c.text)
			assert.NotContains(t, err.Error(), "secret")
			assert.NotContains(t, err.Error(), "987654")
		}
	}
	_, err := bind(t, "A#{a}", Int).Prefix(make([]Value, 2))
	assert.ErrorContains(t, err, "it has 1 fields, and was given 2 values")
}

func TestPrefixEndsAtSegments(t *testing.T) {
	b := bind(t, "ORDER#{at|date}#{id}#LINE#{n:3}", Time, String, Int)
	values := list(OfTime(time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC)), OfString("f34"), OfInt(7))
	for n, want := range []string{"ORDER#", "ORDER#2024-05-06#", "ORDER#2024-05-06#f34#LINE#",
		"ORDER#2024-05-06#f34#LINE#007"} {
		got, err := b.Prefix(values[:n])
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for n, want := range []bool{true, false, true} {
		assert.Equal(t, want, b.Ordered(n))
	}
}

func TestParseKeyErrors(t *testing.T) {
	for _, c := range []struct {
		text string
		kind Kind
		key  string
		why  string
	}{
		{"A#{a}", String, "B#secret", "begins otherwise"},
		{"A#{a}", String, "A#", "another form"}, // empty
		{"A#{a}", String, "A#\xff", "UTF-8"},
		{"{a}#", String, "secret", "lacks the literal"},
		{"{a}##", String, "secret#x", "goes on otherwise"},
		{"{a}#", String, "secret#x", "goes on behind the end"},
		{"{a}#", String, "a%2#", "something else"},
		{"{a}#", String, "a%zz#", "something else"},
		{"{a}#", String, "a%41#", "another form"}, // an escape that Format does not write
		{"{a|lower}", String, "Secret", "another form"},
		{"{a:3}#", String, "ab", "ends too early"},
		{"{a:3}#", String, "ab#", "goes on otherwise"},
		{"{a:3}#", String, "abc", "goes on otherwise"},
		{"{a:3}", String, "abcd", "goes on behind the end"},
		{"{a:3|lower}", String, "abC", "another form"},
		{"{a:3}", String, "éé", "another form"}, // its third byte is in the middle of a character
		{"{a:3}", Int, "07", "ends too early"},
		{"{a:3}", Int, "0x7", "something else"},
		{"{a:3}", Int, "+07", "another form"},
		{"{a:3}", Int, "-999", "another form"}, // -0
		{"{a:3}", Int, "0071", "goes on behind the end"},
		{"{a}", Int, "9999999999999999999", "something else"},
		{"{a}", Uint, "99999999999999999999", "something else"},
		{"{a|plain}", Int, "007", "another form"},
		{"{a|plain}", Int, "-", "something else"},
		{"{a:3.2}", Float, "012,50", "something else"},
		{"{a:1.20}", Float, "0.10000000000000000555", "another form"},                          // 0.1 has one text
		{"{a:40.3}", Number, "1111111111111111111111111111111111111111.000", "something else"}, // 40 significant digits
		{"{a}", Time, "2024-02-30T00:00:00.000000000Z", "something else"},
		{"{a}", Time, "2024-02-03T00:00:00,000000000Z", "another form"},
		{"{a}", Time, "2024-02-03T00:00:00.000000000z", "another form"},
		{"{a}", Time, "0001-01-01T00:00:00.000000000Z", "another form"}, // the zero time
		{"{a|date}", Time, "2024-2-30", "ends too early"},
		{"{a|unix|plain}", Time, "secret", "something else"},
		{"{a}", Bool, "2", "something else"},
		{"{a}", Bool, "", "ends too early"},
		{"{a}", Bytes, "0", "something else"},
		{"{a}", Bytes, "AB", "another form"},
	} {
		_, err := bind(t, c.text, c.kind).Parse(c.key)
		assert.ErrorContains(t, err, c.why, "%s: %q", c.text, c.key)
		if err != nil {
			assert.NotContains(t, strings.ToLower(err.Error()), "secret")
		}
	}
}

// TestFoldingOnceIsEnough: a folded key must fold to itself, or it could not be read back.
func TestFoldingOnceIsEnough(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := string(r)
		if lower := strings.ToLower(s); strings.ToLower(lower) != lower {
			t.Errorf("%U in lower case", r)
		}
		if upper := strings.ToUpper(s); strings.ToUpper(upper) != upper {
			t.Errorf("%U in upper case", r)
		}
	}
}

// FuzzParseKey: what a template reads, it writes the same.
func FuzzParseKey(f *testing.F) {
	for i, key := range []string{"ORDER#2024-03-01T00:30:15.123456789Z#id", "A%23#-992", "a--b", "-987.49",
		":012.50992", "7975-96-98ab", "0100ab"} {
		f.Add(uint8(i), key)
	}
	bounds := []*Bound{
		bind(f, "ORDER#{a}#{b}", Time, String), bind(f, "{a}#{b:3}", String, Int),
		bind(f, "{a|raw}--{b|lower}", String, String),
		bind(f, "{a:3.2}", Float), bind(f, "{a:3.2|desc}{b:3|desc}", Number, Int),
		bind(f, "{a|date|desc}{b}", Time, Bytes),
		bind(f, "{a}{b|desc}{c}", Bool, Bool, Bytes), bind(f, "{a|plain}-{b|unix|plain}", Number, Time),
		bind(f, "{a}{b}", Int, Uint),
		bind(f, "{a}→{b|upper}|{c|unixms|desc}", String, String, Time), bind(f, "{a|plain}", Float),
		bind(f, "{a:3}{b:4|upper}#{c}", String, String, String),
	}
	f.Fuzz(func(t *testing.T, which uint8, key string) {
		b := bounds[int(which)%len(bounds)]
		values, err := b.Parse(key)
		if err != nil {
			return
		}
		again, err := b.Format(func(i int) (Value, error) { return values[i], nil })
		require.NoError(t, err)
		require.Equal(t, key, again)
	})
}

func BenchmarkFormat(b *testing.B) {
	bound := bind(b, "ORDER#{at}#{id}#{n:5}", Time, String, Int)
	values := list(OfTime(time.Date(2024, 2, 3, 4, 5, 6, 7, time.UTC)), OfString("0b0e7c0c-7a54"), OfInt(42))
	get := func(i int) (Value, error) { return values[i], nil }
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bound.Format(get); err != nil {
			b.Fatal(err)
		}
	}
}
