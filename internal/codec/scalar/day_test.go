package scalar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// One day at a time is remembered: times are drawn so that days come again, in both directions.
func TestDayLikeTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var reads, writes Day
		near := rapid.Int64Range(-63000000000, 253402300799).Draw(t, "near")
		for range 8 {
			second := near + rapid.Int64Range(-200000, 200000).Draw(t, "seconds")
			nanosecond := rapid.SampledFrom([]int64{0, 1, 10, 120_000_000, 999_999_999, 500}).Draw(t, "nanoseconds")
			at := time.Unix(second, nanosecond).UTC()
			want := at.Format(time.RFC3339Nano)
			text, ok := writes.Append([]byte("x"), at)
			if year := at.Year(); year < 0 || year > 9999 {
				require.False(t, ok, want)
				continue
			}
			require.True(t, ok, want)
			require.Equal(t, "x"+want, string(text))
			got, ok := reads.UTC(text[1:])
			require.True(t, ok, want)
			require.Equal(t, at, got)
		}
	})
}

func TestDayEdges(t *testing.T) {
	var d Day
	for _, at := range []time.Time{
		{}, time.Unix(0, 0).UTC(), time.Unix(-1, 999999999).UTC(), time.Unix(86399, 1).UTC(), time.Unix(86400, 0).UTC(),
		time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
	} {
		text, ok := d.Append(nil, at)
		require.True(t, ok)
		require.Equal(t, at.Format(time.RFC3339Nano), string(text))
	}
	for _, year := range []int{-1, 10000, -9999} {
		_, ok := d.Append(nil, time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC))
		require.False(t, ok, year)
	}
}
