package throttle

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var errRefused = errors.New("refused")

// Whatever the requests and pauses, a bucket never gives more than it held, what flowed in since and one request's
// overdraft; it is never refused what it holds.
func TestBucketsGiveWhatFlowsIn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rate := rapid.Float64Range(0.5, 100).Draw(r, "rate")
		size := rate * rapid.Float64Range(1, 300).Draw(r, "burst")
		l := NewLimiter(Limits{})
		start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		now, taken := start, 0.0
		for range rapid.IntRange(1, 100).Draw(r, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 10_000).Draw(r, "pause")) * time.Millisecond)
			units := rapid.Float64Range(0.5, 400).Draw(r, "units")
			_, err := l.Grant(now, []Claim{{Rate: rate, Size: size, Units: units, Refusal: func() error {
				return errRefused
			}}})
			if err == nil {
				taken += units
			}
			require.LessOrEqual(r, taken, size+rate*now.Sub(start).Seconds()+400)
			if err != nil {
				require.Less(r, l.buckets[ID{}].level, units)
			}
		}
	})
}
