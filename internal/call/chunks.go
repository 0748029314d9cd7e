package call

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/monotable/monotable/internal/cause"
)

// maxBatchTries bounds how often entries that the service leaves unprocessed are sent again without any progress.
const maxBatchTries = 10

// defaultParallel is how many requests of one batch are under way at a time unless Parallel says otherwise; a paced one
// sends them one by one.
const defaultParallel = 4

var errUnprocessed = cause.Of(cause.Throttled, "the service left them unprocessed %d times in a row", maxBatchTries)

// InChunks sends the entries at places in chunks of up to size, some at a time, and what send says is unprocessed again
// after a pause. pace, which may be nil, keeps them to its rate. What could not be done is the result. All goroutines
// have ended when it returns.
func InChunks(ctx context.Context, places []int, size int, s *Settings, pace *Pacer,
	send func(context.Context, []int) (undone []int, err error)) *cause.Unfinished {
	if s.Paralleled && s.Parallel < 1 {
		return &cause.Unfinished{Places: places, Err: fmt.Errorf("Parallel must be positive, it is %d", s.Parallel)}
	}
	parallel := defaultParallel
	switch {
	case s.Paralleled:
		parallel = s.Parallel
	case pace != nil:
		parallel = 1
	}
	paced := func(ctx context.Context, chunk []int) (undone []int, err error) {
		undone = chunk // where its turn never comes
		err = pace.Pay(ctx, func(ctx context.Context) (done int, err error) {
			undone, err = send(ctx, chunk)
			return len(chunk) - len(undone), err
		})
		return undone, err
	}
	var mu sync.Mutex
	var left cause.Unfinished
	free := make(chan struct{}, parallel)
	var running Crew
	for len(places) > 0 {
		free <- struct{}{}
		n := min(len(places), pace.Most(size))
		chunk := places[:n:n]
		places = places[n:]
		running.Go(func() {
			defer func() { <-free }()
			undone, err := untilDone(ctx, chunk, paced)
			if err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			left.Places = append(left.Places, undone...)
			if left.Err == nil || errors.Is(err, cause.Ambiguous) {
				left.Err = err
			}
		})
	}
	running.Wait()
	if left.Err == nil {
		return nil
	}
	slices.Sort(left.Places)
	return &left
}

// untilDone sends a chunk until nothing of it is unprocessed, or there was no progress for maxBatchTries times.
func untilDone(ctx context.Context, chunk []int, send func(context.Context, []int) ([]int, error)) ([]int, error) {
	for try, idle := 1, 0; len(chunk) > 0; try++ {
		if err := ctx.Err(); err != nil {
			return chunk, err
		}
		undone, err := send(ctx, chunk)
		if err != nil || len(undone) == 0 {
			return undone, err
		}
		if idle++; len(undone) < len(chunk) {
			idle = 0
		}
		chunk = undone
		if idle == maxBatchTries {
			return chunk, errUnprocessed
		}
		if err := PauseUpTo(ctx, 50*time.Millisecond<<min(try-1, 6)); err != nil {
			return chunk, err
		}
	}
	return nil, nil
}

// Spread takes in all of n places that share an id with one that is left: an item that was given several times was sent
// once.
func Spread(u *cause.Unfinished, n int, id func(i int) string) {
	undone := map[string]bool{}
	for _, i := range u.Places {
		undone[id(i)] = true
	}
	u.Places = nil
	for i := range n {
		if undone[id(i)] {
			u.Places = append(u.Places, i)
		}
	}
}
