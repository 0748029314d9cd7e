package number_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/number"
)

func TestNextAndPrevious(t *testing.T) {
	nines, zeros := strings.Repeat("9", 37), strings.Repeat("0", 36)
	for _, c := range []struct{ d, next string }{
		{"0", "1e-130"},
		{"-1e-130", "0"},
		{"1e-130", "1." + zeros + "1e-130"},
		{"1", "1." + zeros + "1"},
		{"9." + nines, "10"},
		{"0.9" + nines, "1"},
		{"-1", "-0.9" + nines},
		{"-1." + zeros + "1", "-1"},
		{"9." + nines[1:] + "8e125", "9." + nines + "e125"},
		{"-9." + nines + "e125", "-9." + nines[1:] + "8e125"},
		{"1" + strings.Repeat("0", 18) + "0" + strings.Repeat("0", 18), "1" + strings.Repeat("0", 36) + "1"},
	} {
		d, want := parsed(t, c.d), parsed(t, c.next)
		next, ok := d.Next()
		assert.True(t, ok && next == want, "behind %s is %s, not %s", c.d, want, next)
		back, ok := want.Previous()
		assert.True(t, ok && back == d, "before %s is %s, not %s", want, d, back)
	}
	_, ok := parsed(t, "9."+nines+"e125").Next()
	assert.False(t, ok)
	assert.Equal(t, parsed(t, "-9."+nines+"e125"), number.Least)
	_, ok = number.Least.Previous()
	assert.False(t, ok)
}

// Between a number and the next one there is no other: half of their distance is no number of 38 digits.
func TestNothingIsBetweenNeighbours(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		digits := rapid.StringMatching(`-?(0|[1-9][09]{0,36}[0-9])`).Draw(rt, "digits")
		d, err := number.Parse(digits + "e" + rapid.SampledFrom([]string{"0", "-20", "80", "-92"}).Draw(rt, "exponent"))
		if err != nil {
			return
		}
		next, ok := d.Next()
		require.True(rt, ok)
		require.Equal(rt, -1, d.Compare(next))
		back, ok := next.Previous()
		require.True(rt, ok)
		require.Equal(rt, d, back)
		x, _ := new(big.Rat).SetString(d.String())
		y, _ := new(big.Rat).SetString(next.String())
		middle := new(big.Rat).Mul(new(big.Rat).Add(x, y), big.NewRat(1, 2))
		_, err = number.Parse(middle.FloatString(200))
		require.Error(rt, err, "%s is between %s and %s", middle.FloatString(200), d, next)
	})
}

func parsed(t *testing.T, text string) number.Decimal {
	d, err := number.Parse(text)
	require.NoError(t, err, text)
	return d
}
