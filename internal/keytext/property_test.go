package keytext

import (
	"cmp"
	"fmt"
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
	case Between:
		return s.compare(n, v, c.Value) >= 0 && s.compare(n, v, c.To) <= 0
	case From:
		return s.compare(n, v, c.Value) >= 0
	case Before:
		return s.compare(n, v, c.Value) < 0
	default:
		f := s.segments[n].Ref
		return strings.HasPrefix(folded(f, v.text), folded(f, c.Value.text))
	}
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
		c := Condition{Op: Op(rapid.IntRange(int(Eq), int(BeginsWith)).Draw(t, "op")), Value: bound("value")}
		if c.Op == Between {
			c.To = bound("to")
			if s.compare(n, c.Value, c.To) > 0 {
				c.Value, c.To = c.To, c.Value
			}
		}
		r, err := s.Range(like[:n], c)
		switch {
		case c.Op == BeginsWith && (s.kinds[n] != String || s.segments[n].form == raw || s.segments[n].form == sharded),
			c.Op != Eq && c.Op != BeginsWith && !s.Ordered(n):
			require.Error(t, err, "%s: %s on field %d", s.template, c.Op, n)
			return
		}
		if err != nil && s.kinds[n] == Time {
			require.ErrorContains(t, err, "coarser")
			require.NotZero(t, cut(s.segments[n].Unit, c.Value.time).
				Compare(c.Value.time)+cut(s.segments[n].Unit, c.To.time).Compare(c.To.time))
			return
		}
		require.NoError(t, err, "%s: %s %v %v", s.template, c.Op, c.Value, c.To)
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
			require.Equal(t, s.means(like[:n], c, values), r.holds(key), "%s: %s %v %v after %v: %+v holds for %q",
				s.template, c.Op, c.Value, c.To, like[:n], r, key)
		}
	})
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
		last := predecessor(a)
		require.True(t, utf8.ValidString(last))
		require.LessOrEqual(t, len(last), maxKey)
		require.Equal(t, cmp.Compare(b, a) < 0, b <= last, "%q and the predecessor of %q", b, a)
	})
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
		if b.Bound, err = template.Bind(b.kindOf); err != nil {
			return
		}
		if _, err = b.Parse(string(key)); err == nil {
			met++
			require.True(t, Overlaps(a.template, template), "%s and %s: %q", a.template, template, string(key))
		}
		if len(b.segments) > 0 { // and the other way round
			if _, err = a.Parse(b.format(t, b.values(t))); err == nil {
				require.True(t, Overlaps(a.template, template), "%s and %s", a.template, template)
			}
		}
	})
	require.Positive(t, met, "some pair has met")
}
