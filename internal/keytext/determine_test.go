package keytext_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/keytext"
)

func TestDetermines(t *testing.T) {
	for _, c := range []struct {
		a, b    string
		seconds bool
		want    bool
	}{
		{"{x}", "{x}", false, true},
		{"{x}", "{x|lower}", false, true},
		{"{x|lower}", "{x}", false, false},
		{"{x|lower}", "{x|lower}", false, true},
		{"{x|lower}", "{x|upper}", false, false},
		{"{x|upper}", "{x|lower}", false, false},
		{"{x|raw}", "{x|lower}", false, true},
		{"{x|date}", "{x}", false, false},
		{"{x|date}", "{x|month}", false, true},
		{"{x|month}", "{x|date}", false, false},
		{"{x|ns}", "{x}", false, true},
		{"{x|s}", "{x|unix}", false, true},
		{"{x|unixms}", "{x|s|desc}", false, true},
		{"{x|s}", "{x|ms}", false, false},
		{"{x|s}", "{x}", true, true},
		{"{x|unix}", "{x|ms}", true, true},
		{"{x|min}", "{x|s}", true, false},
		{"{x:8}", "{x:9}", false, true},
		{"{x:8}", "{x}", false, true},
		{"{x}", "{x:8|lower}", false, true},
		{"{x:8|lower}", "{x:8}", false, false},
		{"{x|shard:4}", "{x}", false, false},
		{"{x|shard:4}", "{x|shard:4}", false, true},
		{"{x|shard:4}", "{x|shard:8}", false, false},
		{"{x:3|shard:4}", "{x:4|shard:4}", false, false},
		{"{x}", "{x|shard:4}", false, true},
		{"{x|lower}", "{x|shard:4}", false, false},
		{"{x|lower}", "{x|lower|shard:4}", false, true},
		{"{x|hour}", "{x|date|shard:4}", false, true},
		{"{x|date}", "{x|hour|shard:4}", false, false},
	} {
		ref := func(text string) keytext.Ref {
			parsed, err := keytext.Parse(text)
			require.NoError(t, err)
			return parsed.Fields()[0]
		}
		assert.Equal(t, c.want, ref(c.a).Determines(ref(c.b), c.seconds), "%s of %s", c.b, c.a)
		assert.Equal(t, ref(c.a).Determines(keytext.Ref{}, c.seconds), ref(c.a).Keeps(c.seconds))
	}
}

// What is said to be determined is: values of one text in the one form have one text in the other.
func TestDeterminedTexts(t *testing.T) {
	forms := map[keytext.Kind][]string{
		keytext.String: {"{x}", "{x|lower}", "{x|upper}", "{x}#", "{x|upper}#", "{x|shard:3}", "{x|lower|shard:3}",
			"{x|raw}##", "{x:1}", "{x:2}#", "{x:2|lower}", "{x:2|shard:3}"},
		keytext.Time: {"{x}", "{x|year}", "{x|month}", "{x|date}", "{x|hour}", "{x|min}", "{x|s}", "{x|ms}", "{x|us}",
			"{x|ns}", "{x|unix}", "{x|unixms}",
			"{x|date|desc}", "{x|shard:3}", "{x|hour|shard:3}", "{x|unix|plain}"},
	}
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom([]keytext.Kind{keytext.String, keytext.Time}).Draw(rt, "kind")
		seconds := rapid.Bool().Draw(rt, "seconds")
		value := func() keytext.Value {
			if kind == keytext.String {
				return keytext.OfString(rapid.StringMatching(`[sSſkKKiIİ#%]{1,2}`).Draw(rt, "text"))
			}
			step := rapid.SampledFrom([]time.Duration{time.Nanosecond, time.Microsecond, time.Millisecond, time.Second,
				time.Minute, time.Hour, 24 * time.Hour, 800 * time.Hour}).Draw(rt, "step")
			at := time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC).
				Add(step * time.Duration(rapid.IntRange(-2, 2).Draw(rt, "steps")))
			if seconds {
				at = time.Unix(at.Unix(), 0)
			}
			return keytext.OfTime(at)
		}
		bound := func(name string) (*keytext.Bound, keytext.Ref) {
			parsed, err := keytext.Parse(rapid.SampledFrom(forms[kind]).Draw(rt, name))
			require.NoError(rt, err)
			b, err := parsed.Bind(func(string) (keytext.Kind, bool) { return kind, true })
			require.NoError(rt, err)
			return b, parsed.Fields()[0]
		}
		text := func(b *keytext.Bound, v keytext.Value) (string, bool) {
			text, err := b.Format(func(int) (keytext.Value, error) { return v, nil })
			return text, err == nil
		}
		a, of := bound("a")
		b, other := bound("b")
		x, y := value(), value()
		ax, ok1 := text(a, x)
		ay, ok2 := text(a, y)
		bx, ok3 := text(b, x)
		by, ok4 := text(b, y)
		if ok1 && ok2 && ok3 && ok4 && ax == ay && of.Determines(other, seconds) {
			require.Equal(rt, bx, by)
		}
	})
}
