package keytext

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The length of a key is that of its literals and of the texts of its fields, and known without making them where they
// are of the usual kinds.
func TestPropertyLength(t *testing.T) {
	known := map[Kind]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := anyTemplate(t, 1, 3)
		values := make([]Value, len(s.kinds))
		total := s.LiteralLen()
		for i := range values {
			values[i] = s.value(t, i)
			text, reason := s.segments[i].append(nil, values[i])
			require.Empty(t, reason)
			total += len(text)
			bytes, ok := s.fieldLen(i, values[i])
			if ok {
				known[s.kinds[i]]++
				require.Equal(t, len(text), bytes, "%s: %q", s.template, text)
			}
		}
		require.Len(t, s.format(t, values), total)
	})
	for _, kind := range []Kind{String, Int, Time} {
		require.NotZero(t, known[kind], kind)
	}
}

func (s sample) fieldLen(i int, v Value) (int, bool) {
	switch v.kind {
	case String:
		return s.StringLen(i, v.text)
	case Int:
		return s.IntLen(i, v.Int())
	case Time:
		return s.TimeLen(i, v.time)
	}
	return 0, false
}

// What Append refuses has no length.
func TestLengthOfWhatIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyTemplate(t, 1, 1)
		v := rapid.OneOf(
			rapid.Map(rapid.SampledFrom([]string{"", "\xff", "a\xc3#"}), OfString),
			rapid.Map(rapid.Int64(), OfInt),
			rapid.Map(rapid.Custom(anyTime), OfTime),
			rapid.Map(rapid.Int64(), func(n int64) Value { return OfTime(time.Unix(n, 0)) }),
		).Draw(t, "value")
		if _, reason := s.segments[0].append(nil, v); reason != "" {
			_, ok := s.fieldLen(0, v)
			require.False(t, ok, "%s: %s", s.template, reason)
		}
	})
}
