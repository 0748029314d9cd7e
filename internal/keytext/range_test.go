package keytext

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
		{"O#{d|date}#{id}", []Kind{Time, String}, nil, Condition{Eq, day(3), Value{}},
			Range{Begins, "O#2024-05-03#", ""}},
		{"O#{d|date}#{id}", []Kind{Time, String}, nil, Condition{Between, day(3), day(9)},
			Range{Within, "O#2024-05-03", "O#2024-05-09$"}},
		{"O#{d|date}#{id}", []Kind{Time, String}, nil, Condition{From, day(3), Value{}},
			Range{Within, "O#2024-05-03", "O$"}},
		{"O#{d|date}#{id}", []Kind{Time, String}, nil, Condition{Before, day(3), Value{}},
			Range{Within, "O#", "O#2024-05-03"}},
		{"O#{d|date}#{id}", []Kind{Time, String}, list(day(3)), Condition{Eq, s("a"), Value{}},
			Range{Equals, "O#2024-05-03#a", ""}},
		{"O#{d|date}#{id}", []Kind{Time, String}, list(day(3)), Condition{BeginsWith, s("a"), Value{}},
			Range{Begins, "O#2024-05-03#a", ""}},
		{"{d|date}#{id}", []Kind{Time, String}, nil, Condition{From, day(3), Value{}},
			Range{AtLeast, "2024-05-03", ""}},
		{"{d|date}#{id}", []Kind{Time, String}, nil, Condition{Before, day(3), Value{}},
			Range{Below, "", "2024-05-03"}},
		{"{d|date|desc}#{id}", []Kind{Time, String}, nil, Condition{From, day(3), Value{}},
			Range{Below, "", "7975-94-96$"}},
		{"{d|date|desc}", []Kind{Time}, nil, Condition{From, day(3), Value{}}, Range{AtMost, "", "7975-94-96"}},
		{"{d|date|desc}", []Kind{Time}, nil, Condition{Before, day(3), Value{}}, Range{AtLeast, "7975-94-97", ""}},
		{"S#{n:3}", []Kind{Int}, nil, Condition{Between, i(0), i(5)}, Range{Within, "S#000", "S#005"}},
		{"S#{n:3}", []Kind{Int}, nil, Condition{Before, i(5), Value{}}, Range{Within, "S#", "S#004"}},
		{"S#{n:3}", []Kind{Int}, nil, Condition{Before, i(0), Value{}}, Range{Within, "S#", "S#00/"}},
		{"S#{n:3|desc}", []Kind{Int}, nil, Condition{Between, i(0), i(5)}, Range{Within, "S#994", "S#999"}},
		{"S#{n:3|desc}", []Kind{Int}, nil, Condition{Before, i(5), Value{}}, Range{Within, "S#995", "S$"}},
		{"{n}", []Kind{String}, nil, Condition{From, s("m"), Value{}}, Range{AtLeast, "m", ""}},
		{"N#{n|lower}", []Kind{String}, nil, Condition{From, s("M"), Value{}}, Range{Within, "N#m", "N$"}},
		{"N#{n}", []Kind{String}, nil, Condition{Before, s("b\x00"), Value{}}, Range{Within, "N#", "N#b"}},
		{"N#{n}", []Kind{String}, nil, Condition{Before, s("b"), Value{}},
			Range{Within, "N#", "N#a" + strings.Repeat(lastRune, 255) + "\x7f"}},
		{"N#{x}", []Kind{Bytes}, nil, Condition{Before, OfBytes([]byte{0xa0}), Value{}}, Range{Within, "N#", "N#a/g"}},
		{"N#{n}#{m}", []Kind{String, String}, nil, Condition{BeginsWith, s("a#"), Value{}},
			Range{Begins, "N#a%23", ""}},
		{"N#{n|plain}#{m}", []Kind{Int, String}, nil, Condition{Eq, i(5), Value{}}, Range{Begins, "N#5#", ""}},
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
		{"N#{a}#{b}", []Kind{String, String}, nil, Condition{Op: From, Value: OfString("x")},
			`field "a": its text groups and does not sort, so that From`},
		{"N#{a|plain}", []Kind{Int}, nil, Condition{Op: Between, Value: OfInt(1), To: OfInt(2)},
			"so that Between cannot be asked"},
		{"N#{a|plain}", []Kind{Int}, nil, Condition{Op: BeginsWith, Value: OfInt(1)},
			"BeginsWith can be asked of strings"},
		{"N#{a|raw}--", []Kind{String}, nil, Condition{Op: BeginsWith, Value: OfString("x")},
			"BeginsWith can be asked of strings"},
		{"N#{a:3}", []Kind{Int}, nil, Condition{Op: Between, Value: OfInt(2), To: OfInt(1)}, "wrong way round"},
		{"N#{a:3|desc}", []Kind{Int}, nil, Condition{Op: Between, Value: OfInt(2), To: OfInt(1)}, "wrong way round"},
		{"N#{a:3}", []Kind{Int}, nil, Condition{Op: From, Value: OfInt(1000)}, "more than the 3 digits"},
		{"N#{a:3}", []Kind{Int}, nil, Condition{Op: Between, Value: OfInt(1), To: OfInt(1000)},
			"more than the 3 digits"},
		{"N#{a}", []Kind{String}, nil, Condition{Op: BeginsWith, Value: OfString("")}, "empty"},
		{"N#{a|date}", []Kind{Time}, nil, Condition{Op: From, Value: noon}, "coarser"},
		{"N#{a|date}", []Kind{Time}, nil, Condition{Op: Eq, Value: noon}, "coarser"},
		{"N#{a}", []Kind{String}, nil, Condition{Op: 9, Value: OfString("x")}, "no condition Op(9)"},
		{"N#{a}", []Kind{String}, list(OfString("x")), Condition{Op: Eq}, "no field 2 for Eq"},
		{"N#{a}#{b}", []Kind{String, String}, list(OfString("")), Condition{Op: Eq}, `field "a": it is empty`},
	} {
		_, err := bind(t, c.text, c.kinds...).Range(c.before, c.c)
		assert.ErrorContains(t, err, c.reason, c.text)
	}
}
