package keytext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPropertyRoundTripAndInjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyTemplate(t, 1, 3)
		all := s.neighbours(t)
		keys := make([]string, len(all))
		for i, values := range all {
			keys[i] = s.format(t, values)
			back, err := s.Parse(keys[i])
			require.NoError(t, err, "%s: %q", s.template, keys[i])
			require.True(t, s.equal(values, back), "%s: %q: %v became %v", s.template, keys[i], values, back)
			require.Equal(t, keys[i], s.format(t, back), "the values read back make the same key")
			whole, err := s.Bound.Prefix(values)
			require.NoError(t, err)
			require.Equal(t, keys[i], whole)
		}
		for i := range all {
			for j := range i {
				require.Equal(t, s.equal(all[i], all[j]), keys[i] == keys[j], "%s: %v and %v are %q and %q",
					s.template, all[i], all[j], keys[i], keys[j])
			}
		}
	})
}

func TestPropertyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyTemplate(t, 1, 3)
		all := s.neighbours(t)
		a, b := rapid.SampledFrom(all).Draw(t, "a"), rapid.SampledFrom(all).Draw(t, "b")
		i := 0
		for i < len(a) && s.compare(i, a[i], b[i]) == 0 {
			i++
		}
		if i == len(a) || !s.Ordered(i) {
			return
		}
		want := s.compare(i, a[i], b[i])
		if s.segments[i].Desc {
			want = -want
		}
		ka, kb := s.format(t, a), s.format(t, b)
		require.Equal(t, want, strings.Compare(ka, kb), "%s: %q and %q", s.template, ka, kb)
	})
}

func TestPropertyPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyTemplate(t, 1, 4)
		all := s.neighbours(t)
		like := rapid.SampledFrom(all).Draw(t, "prefix of")
		n := rapid.IntRange(0, len(like)).Draw(t, "fields")
		prefix, err := s.Prefix(like[:n])
		require.NoError(t, err)
		for _, values := range all {
			key := s.format(t, values)
			under := strings.HasPrefix(key, prefix)
			if n == len(like) {
				under = key == prefix
			}
			require.Equal(t, s.equal(values[:n], like[:n]), under, "%s: %q under %q", s.template, key, prefix)
		}
	})
}

// holds evaluates a Range as DynamoDB does.
func (r Range) holds(key string) bool {
	switch r.Compare {
	case Equals:
		return key == r.Low
	case Begins:
		return strings.HasPrefix(key, r.Low)
	case Within:
		return r.Low <= key && key <= r.High
	case AtLeast:
		return key >= r.Low
	case AtMost:
		return key <= r.High
	default:
		return key < r.High
	}
}

// reaches tells by the values alone whether one is within an end.
func (s sample) reaches(n int, v Value, e End) bool {
	if !e.set() {
		return true
	}
	switch order := s.compare(n, v, e.Value); e.Op {
	case From:
		return order >= 0
	case After:
		return order > 0
	case UpTo:
		return order <= 0
	default:
		return order < 0
	}
}

// means tells by the values alone whether they are as the condition says.
func (s sample) means(before []Value, c Condition, values []Value) bool {
	n := len(before)
	if !s.equal(values[:n], before) {
		return false
	}
	v := values[n]
	switch c.Op {
	case Eq:
		return s.compare(n, v, c.Value) == 0
	case BeginsWith:
		f := s.segments[n].Ref
		return strings.HasPrefix(folded(f, v.text), folded(f, c.Value.text))
	}
	return s.reaches(n, v, c.Low) && s.reaches(n, v, c.High)
}

func TestPropertyRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyTemplate(t, 1, 3)
		all := s.neighbours(t)
		like := rapid.SampledFrom(all).Draw(t, "like")
		n := rapid.IntRange(0, len(like)-1).Draw(t, "before")
		bound := func(label string) Value {
			v := rapid.SampledFrom(all).Draw(t, label)[n]
			if rapid.Bool().Draw(t, "another") {
				v = s.value(t, n)
			}
			if s.kinds[n] == Time {
				v = OfTime(cut(s.segments[n].Unit, v.time))
				if v.time.IsZero() {
					v = like[n]
				}
			}
			return v
		}
		c := s.condition(t, n, bound)
		r, err := s.Range(like[:n], c)
		switch {
		case c.Op == BeginsWith && (s.kinds[n] != String || s.segments[n].form == raw || s.segments[n].form == sharded),
			c.Op != Eq && c.Op != BeginsWith && !s.Ordered(n):
			require.Error(t, err, "%s: %s on field %d", s.template, c.Op, n)
			return
		}
		if err != nil && s.kinds[n] == Time {
			require.ErrorContains(t, err, "coarser")
			require.True(t, slices.ContainsFunc([]Value{c.Value, c.Low.Value, c.High.Value}, func(v Value) bool {
				return !cut(s.segments[n].Unit, v.time).Equal(v.time)
			}))
			return
		}
		require.NoError(t, err, "%s: %+v", s.template, c)
		for _, text := range []string{r.Low, r.High} {
			require.True(t, utf8.ValidString(text))
			require.LessOrEqual(t, len(text), maxKey)
		}
		if r.Compare == Within {
			require.NotEmpty(t, r.Low)
			require.LessOrEqual(t, r.Low, r.High, "DynamoDB refuses a BETWEEN that is the wrong way round")
		}
		for _, values := range all {
			key := s.format(t, values)
			require.Equal(t, s.means(like[:n], c, values), r.holds(key), "%s: %+v after %v: %+v holds for %q",
				s.template, c, like[:n], r, key)
		}
	})
}

// condition draws one on field n: equality, a beginning, or any pair of ends that are not the wrong way round.
func (s sample) condition(t *rapid.T, n int, bound func(label string) Value) Condition {
	part := func(v Value) Value {
		if s.segments[n].form == sized && rapid.Bool().Draw(t, "part") {
			r := []rune(v.text)
			v.text = string(r[:rapid.IntRange(1, len(r)).Draw(t, "runes")])
		}
		return v
	}
	c := Condition{Op: rapid.SampledFrom([]Op{Eq, BeginsWith, Between, Between, From, Before}).Draw(t, "op")}
	switch c.Op {
	case Eq:
		c.Value = bound("value")
		return c
	case BeginsWith:
		c.Value = part(bound("value"))
		return c
	}
	if c.Op != Before {
		c.Low = End{rapid.SampledFrom([]Op{From, After}).Draw(t, "low"), part(bound("from"))}
	}
	if c.Op != From {
		c.High = End{rapid.SampledFrom([]Op{UpTo, Before}).Draw(t, "high"), part(bound("to"))}
	}
	if c.Op == Between && s.compare(n, c.Low.Value, c.High.Value) > 0 {
		c.Low.Value, c.High.Value = c.High.Value, c.Low.Value
	}
	return c
}

func TestPropertySuccessorAndPredecessor(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string { return anyText(t, "text") })
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if next, ok := successor(a); ok {
			require.True(t, utf8.ValidString(next))
			require.Equal(t, b < next, b < a || strings.HasPrefix(b, a), "%q and the successor of %q", b, a)
		} else {
			require.Empty(t, strings.Trim(a, lastRune))
		}
		last := Previous(a)
		require.True(t, utf8.ValidString(last))
		require.LessOrEqual(t, len(last), maxKey)
		require.Equal(t, cmp.Compare(b, a) < 0, b <= last, "%q and the predecessor of %q", b, a)
	})
}

// Texts that are as long as a key may be have neighbours as well.
func TestNeighboursOfLongTexts(t *testing.T) {
	piece := rapid.SampledFrom([]string{"\x00", "a", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff",
		"\U00010000", lastRune})
	rapid.Check(t, func(t *rapid.T) {
		tail := rapid.Map(rapid.SliceOfN(piece, 0, 4), func(p []string) string { return strings.Join(p, "") })
		long := rapid.Custom(func(t *rapid.T) string {
			text := "k" + strings.Repeat(lastRune, rapid.IntRange(253, 255).Draw(t, "body")) + tail.Draw(t, "tail")
			for len(text) > maxKey {
				_, n := utf8.DecodeLastRuneInString(text)
				text = text[:len(text)-n]
			}
			return text
		})
		a, b := long.Draw(t, "a"), long.Draw(t, "b")
		next, ok := Next(a)
		require.True(t, ok)
		require.True(t, utf8.ValidString(next))
		require.LessOrEqual(t, len(next), maxKey)
		require.Equal(t, b > a, b >= next, "%q and what is behind %q", b, a)
		require.Equal(t, a, Previous(next))
	})
	_, ok := Next(strings.Repeat(lastRune, maxKey/4))
	require.False(t, ok)
	require.Empty(t, Previous("\x00"))
}

// TestPropertyOverlaps makes a second template of a key of the first, by putting fields in place of parts of it: where
// the second reads that key, the two overlap.
func TestPropertyOverlaps(t *testing.T) {
	met := 0
	rapid.Check(t, func(t *rapid.T) {
		a := anyTemplate(t, 0, 3)
		require.True(t, Overlaps(a.template, a.template))
		key := []rune(a.format(t, a.values(t)))
		b := sample{}
		var text strings.Builder
		for at := 0; at < len(key); {
			n := rapid.IntRange(1, len(key)-at).Draw(t, "part")
			if rapid.Bool().Draw(t, "literal") {
				text.WriteString(string(key[at : at+n]))
			} else {
				field, kind := anyField(t, fmt.Sprintf("f%d", len(b.kinds)))
				text.WriteString("{" + field + "}")
				b.kinds = append(b.kinds, kind)
			}
			at += n
		}
		template, err := Parse(text.String())
		require.NoError(t, err)
		require.Equal(t, Overlaps(a.template, template), Overlaps(template, a.template))
		require.Equal(t, Overlaps(a.Bound, template), Overlaps(template, a.Bound))
		if b.Bound, err = template.Bind(b.kindOf); err != nil {
			return
		}
		if _, err = b.Parse(string(key)); err == nil {
			met++
			require.True(t, Overlaps(a.template, template), "%s and %s: %q", a.template, template, string(key))
			require.True(t, Overlaps(a.Bound, b.Bound), "%s and %s: %q", a.template, template, string(key))
		}
		if len(b.segments) > 0 { // and the other way round
			if _, err = a.Parse(b.format(t, b.values(t))); err == nil {
				require.True(t, Overlaps(a.template, template), "%s and %s", a.template, template)
				require.True(t, Overlaps(a.Bound, b.Bound), "%s and %s", a.template, template)
			}
		}
	})
	require.Positive(t, met, "some pair has met")
}
