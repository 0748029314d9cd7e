package number

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSizesOfGoNumbers(t *testing.T) {
	size := func(text string) int { return mustParse(t, text).Size() }
	ints := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1000, 1000),
		rapid.SampledFrom([]int64{0, math.MinInt64, math.MaxInt64, 1e18, -1e18, 110, 99, 100}))
	decimals := rapid.Custom(func(t *rapid.T) float64 { // prices and the like, and their neighbours
		f := float64(rapid.Int64Range(-1e16, 1e16).Draw(t, "units")>>rapid.IntRange(0, 50).
			Draw(t, "shift")) / math.Pow10(rapid.IntRange(0, 9).Draw(t, "decimals"))
		return math.Nextafter(f, rapid.SampledFrom([]float64{f, f, 1e300, -1e300}).Draw(t, "towards"))
	})
	floats := rapid.OneOf(rapid.Float64Range(-1e125, 1e125), rapid.Float64Range(-100, 100), decimals,
		rapid.SampledFrom([]float64{0, 0.1, 0.012, -0.5, 1e-100, 1 << 53, 1<<53 + 2, 1e22}))
	rapid.Check(t, func(t *rapid.T) {
		i := ints.Draw(t, "int")
		require.Equal(t, size(strconv.FormatInt(i, 10)), IntSize(i))
		u := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{math.MaxUint64, 1e19, 1e19 - 1})).Draw(t, "uint")
		require.Equal(t, size(strconv.FormatUint(u, 10)), UintSize(u))
		f := floats.Draw(t, "float")
		if f != 0 && math.Abs(f) < 1e-130 {
			return
		}
		require.Equal(t, size(strconv.FormatFloat(f, 'f', -1, 64)), FloatSize(f, 64))
		if g := float32(f); !math.IsInf(float64(g), 0) && g != 0 {
			require.Equal(t, size(strconv.FormatFloat(float64(g), 'f', -1, 32)), FloatSize(float64(g), 32))
		}
	})
}
