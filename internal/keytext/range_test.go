package keytext

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func from(v Value) Condition     { return Condition{Op: From, Low: End{From, v}} }
func after(v Value) Condition    { return Condition{Op: After, Low: End{After, v}} }
func upTo(v Value) Condition     { return Condition{Op: UpTo, High: End{UpTo, v}} }
func upBefore(v Value) Condition { return Condition{Op: Before, High: End{Before, v}} }

func between(low, high Value) Condition {
	return Condition{Op: Between, Low: End{From, low}, High: End{UpTo, high}}
}

func inside(low, high Value) Condition {
	return Condition{Op: After, Low: End{After, low}, High: End{Before, high}}
}

func TestRange(t *testing.T) {
	day := func(d int) Value { return OfTime(time.Date(2024, 5, d, 0, 0, 0, 0, time.UTC)) }
	s, i := OfString, OfInt
	for _, c := range []struct {
		text   string
		kinds  []Kind
		before []Value
		c      Condition
		want   Range
	}{
		{"O#{d|date}#{id}", []Kind{Time, String}, nil, Condition{Op: Eq, Value: day(3)},
			Range{Begins, "O#2024-05-03#", ""}},
		{"O#{d|date}#{id}", []Kind{Time, String}, nil, between(day(3), day(9)),
			Range{Within, "O#2024-05-03", "O#2024-05-09$"}},
		{"O#{d|date}#{id}", []Kind{Time, String}, nil, from(day(3)),
			Range{Within, "O#2024-05-03", "O$"}},
		{"O#{d|date}#{id}", []Kind{Time, String}, nil, upBefore(day(3)),
			Range{Within, "O#", "O#2024-05-03"}},
		{"O#{d|date}#{id}", []Kind{Time, String}, list(day(3)), Condition{Op: Eq, Value: s("a")},
			Range{Equals, "O#2024-05-03#a", ""}},
		{"O#{d|date}#{id}", []Kind{Time, String}, list(day(3)), Condition{Op: BeginsWith, Value: s("a")},
			Range{Begins, "O#2024-05-03#a", ""}},
		{"{d|date}#{id}", []Kind{Time, String}, nil, from(day(3)),
			Range{AtLeast, "2024-05-03", ""}},
		{"{d|date}#{id}", []Kind{Time, String}, nil, upBefore(day(3)),
			Range{Below, "", "2024-05-03"}},
		{"{d|date|desc}#{id}", []Kind{Time, String}, nil, from(day(3)),
			Range{Below, "", "7975-94-96$"}},
		{"{d|date|desc}", []Kind{Time}, nil, from(day(3)), Range{AtMost, "", "7975-94-96"}},
		{"{d|date|desc}", []Kind{Time}, nil, upBefore(day(3)), Range{AtLeast, "7975-94-97", ""}},
		{"S#{n:3}", []Kind{Int}, nil, between(i(0), i(5)), Range{Within, "S#000", "S#005"}},
		{"S#{n:3}", []Kind{Int}, nil, upBefore(i(5)), Range{Within, "S#", "S#004"}},
		{"S#{n:3}", []Kind{Int}, nil, upBefore(i(0)), Range{Within, "S#", "S#00/"}},
		{"S#{n:3|desc}", []Kind{Int}, nil, between(i(0), i(5)), Range{Within, "S#994", "S#999"}},
		{"S#{n:3|desc}", []Kind{Int}, nil, upBefore(i(5)), Range{Within, "S#995", "S$"}},
		{"{n}", []Kind{String}, nil, from(s("m")), Range{AtLeast, "m", ""}},
		{"N#{n|lower}", []Kind{String}, nil, from(s("M")), Range{Within, "N#m", "N$"}},
		{"N#{n}", []Kind{String}, nil, upBefore(s("b\x00")), Range{Within, "N#", "N#b"}},
		{"N#{n}", []Kind{String}, nil, upBefore(s("b")),
			Range{Within, "N#", "N#a" + strings.Repeat(lastRune, 255) + "\x7f"}},
		{"N#{x}", []Kind{Bytes}, nil, upBefore(OfBytes([]byte{0xa0})), Range{Within, "N#", "N#a/g"}},
		{"S#{n:3}", []Kind{Int}, nil, after(i(5)), Range{Within, "S#006", "S$"}},
		{"S#{n:3}", []Kind{Int}, nil, after(i(9)), Range{Within, "S#00:", "S$"}},
		{"S#{n:3}", []Kind{Int}, nil, inside(i(5), i(9)), Range{Within, "S#006", "S#008"}},
		{"S#{n:3}", []Kind{Int}, nil, inside(i(5), i(6)), nothing},
		{"S#{n:3}", []Kind{Int}, nil, inside(i(5), i(5)), nothing},
		{"S#{n:3|desc}", []Kind{Int}, nil, inside(i(5), i(9)), Range{Within, "S#991", "S#993"}},
		{"S#{n:3|desc}", []Kind{Int}, nil, after(i(5)), Range{Within, "S#", "S#993"}},
		{"S#{n:3|desc}", []Kind{Int}, nil, upTo(i(5)), Range{Within, "S#994", "S$"}},
		{"S#{n:3}#{m}", []Kind{Int, String}, nil, inside(i(5), i(9)), Range{Within, "S#006", "S#009"}},
		{"S#{n:3}#{m}", []Kind{Int, String}, nil, upTo(i(9)), Range{Within, "S#", "S#009$"}},
		{"{n}", []Kind{String}, nil, after(s("m")), Range{AtLeast, "m\x00", ""}},
		{"{n}", []Kind{String}, nil, upTo(s("m")), Range{AtMost, "", "m"}},
		{"{n}", []Kind{String}, nil, inside(s("a"), s("a\x00")), nothing},
		{"{n}", []Kind{String}, nil, upBefore(s("\x00")), Range{Below, "", "\x00"}},
		{"N#{x}", []Kind{Bytes}, nil, after(OfBytes([]byte{0xff})), Range{Within, "N#ff0", "N$"}},
		{"{id:3}#{n:2}", []Kind{String, Int}, nil, after(s("abc")), Range{AtLeast, "abd", ""}},
		{"{id:3}#{n:2}", []Kind{String, Int}, nil, after(s("ab")), Range{AtLeast, "ab", ""}},
		{"{id:3}#{n:2}", []Kind{String, Int}, nil, upTo(s("abc")), Range{Below, "", "abc$"}},
		{"{id:3}#{n:2}", []Kind{String, Int}, nil, upTo(s("ab")), Range{Below, "", "ab"}},
		{"{id:3}#{n:2}", []Kind{String, Int}, nil, Condition{Op: BeginsWith, Value: s("ab")}, Range{Begins, "ab", ""}},
		{"{id:3}#{n:2}", []Kind{String, Int}, nil, Condition{Op: Eq, Value: s("a#b")}, Range{Begins, "a#b#", ""}},
		{"{id:3}#{n:2}", []Kind{String, Int}, list(s("a%b")), after(i(7)), Range{Within, "a%b#08", "a%b$"}},
		{"I#{id:4}", []Kind{String}, nil, inside(s("ab"), s("abcd")), Range{Within, "I#ab", "I#abcc"}},
		{"I#{id:4}", []Kind{String}, nil, after(s(lastRune)), Range{Within, "I$", "I$"}},
		{"{id:4}", []Kind{String}, nil, after(s(lastRune)), nothing},
		{"N#{n}#{m}", []Kind{String, String}, nil, Condition{Op: BeginsWith, Value: s("a#")},
			Range{Begins, "N#a%23", ""}},
		{"N#{n|plain}#{m}", []Kind{Int, String}, nil, Condition{Op: Eq, Value: i(5)}, Range{Begins, "N#5#", ""}},
	} {
		got, err := bind(t, c.text, c.kinds...).Range(c.before, c.c)
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, got, "%s %s", c.text, c.c.Op)
	}
}

func TestRangeErrors(t *testing.T) {
	noon := OfTime(time.Date(2024, 5, 3, 12, 0, 0, 0, time.UTC))
	for _, c := range []struct {
		text   string
		kinds  []Kind
		before []Value
		c      Condition
		reason string
	}{
		{"N#{a}#{b}", []Kind{String, String}, nil, from(OfString("x")),
			`field "a": its text groups and does not sort, so that From cannot be asked of it; put it last, or give it a ` +
				`width, as in {a:26}`},
		{"N#{a}#{b:3}", []Kind{Bytes, Int}, nil, after(OfBytes([]byte{1})),
			"so that After cannot be asked of it; put it last"},
		{"N#{a:3}", []Kind{String}, nil, Condition{Op: Eq, Value: OfString("ab")}, "it has not the 3 bytes"},
		{"N#{a:3}", []Kind{String}, nil, from(OfString("abcd")), "at most the 3 bytes"},
		{"N#{a:3}", []Kind{String}, nil, Condition{Op: BeginsWith, Value: OfString("abcd")}, "at most the 3 bytes"},
		{"N#{a:3}", []Kind{String}, nil, from(OfString("")), "it is empty"},
		{"N#{a:3}", []Kind{String}, nil, from(OfString("\xff")), "UTF-8"},
		{"N#{a:3}", []Kind{Int}, nil, inside(OfInt(2), OfInt(1)), "the ends of After are the wrong way round"},
		{"N#{a}", []Kind{String}, nil, upTo(OfString(strings.Repeat("a", maxKey))), "more than 1024 bytes"},
		{"N#{a|plain}", []Kind{Int}, nil, between(OfInt(1), OfInt(2)),
			"so that Between cannot be asked"},
		{"N#{a|plain}", []Kind{Int}, nil, Condition{Op: BeginsWith, Value: OfInt(1)},
			"BeginsWith can be asked of strings"},
		{"N#{a|raw}--", []Kind{String}, nil, Condition{Op: BeginsWith, Value: OfString("x")},
			"BeginsWith can be asked of strings"},
		{"N#{a:3}", []Kind{Int}, nil, between(OfInt(2), OfInt(1)), "wrong way round"},
		{"N#{a:3|desc}", []Kind{Int}, nil, between(OfInt(2), OfInt(1)), "wrong way round"},
		{"N#{a:3}", []Kind{Int}, nil, from(OfInt(1000)), "more than the 3 digits"},
		{"N#{a:3}", []Kind{Int}, nil, between(OfInt(1), OfInt(1000)),
			"more than the 3 digits"},
		{"N#{a}", []Kind{String}, nil, Condition{Op: BeginsWith, Value: OfString("")}, "empty"},
		{"N#{a|date}", []Kind{Time}, nil, from(noon), "coarser"},
		{"N#{a|date}", []Kind{Time}, nil, Condition{Op: Eq, Value: noon}, "coarser"},
		{"N#{a}", []Kind{String}, nil, Condition{Op: 9, Value: OfString("x")}, "no condition Op(9)"},
		{"N#{a}", []Kind{String}, list(OfString("x")), Condition{Op: Eq}, "no field 2 for Eq"},
		{"N#{a}#{b}", []Kind{String, String}, list(OfString("")), Condition{Op: Eq}, `field "a": it is empty`},
	} {
		_, err := bind(t, c.text, c.kinds...).Range(c.before, c.c)
		assert.ErrorContains(t, err, c.reason, c.text)
	}
}
