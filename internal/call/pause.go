package call

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pause waits before another try: at random up to a bound that doubles from 2 ms to 256 ms.
func Pause(ctx context.Context, try int) error {
	return PauseUpTo(ctx, 2*time.Millisecond<<min(try-1, 7))
}

// PauseUpTo waits a random time below bound, or until ctx ends.
func PauseUpTo(ctx context.Context, bound time.Duration) error {
	timer := time.NewTimer(rand.N(bound))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
