package stream

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/monotable/monotable/internal/wire"
)

var errEnded = errors.New("its function ended the goroutine")

// run handles records until one fails, and gives the failures in the records' order. Every record before the first of
// them was handled.
func (r *Router) run(ctx context.Context, records []Record) []*Error {
	if r.parallel == 1 || len(records) < 2 {
		for i := range records {
			if err := r.one(ctx, &records[i]); err != nil {
				return []*Error{err}
			}
		}
		return nil
	}
	return r.runKeys(ctx, records)
}

// one handles a record unless ctx has ended.
func (r *Router) one(ctx context.Context, record *Record) *Error {
	if ctx.Err() != nil {
		return record.fail("", context.Cause(ctx))
	}
	return r.handle(ctx, record)
}

// runKeys handles the records of up to r.parallel keys at a time, those of one key in order.
func (r *Router) runKeys(ctx context.Context, records []Record) []*Error {
	batch := &progress{failures: map[int]*Error{}, first: len(records)}
	slots := make(chan struct{}, r.parallel)
	var wait sync.WaitGroup
	for _, indexes := range byKey(records) {
		slots <- struct{}{}
		if batch.behind(indexes[0]) {
			break // so are all that follow
		}
		wait.Go(func() {
			defer func() { <-slots }()
			for _, i := range indexes {
				if batch.behind(i) {
					return
				}
				failed := records[i].fail("", errEnded) // unless one returns
				func() {
					defer func() {
						if failed != nil {
							batch.fail(i, failed)
						}
					}()
					failed = r.one(ctx, &records[i])
				}()
				if failed != nil {
					return
				}
			}
		})
	}
	wait.Wait()
	return batch.sorted()
}

// progress is what failed so far in a batch whose keys are handled side by side.
type progress struct {
	mu       sync.Mutex
	failures map[int]*Error // by index of the record
	first    int            // the lowest of them
}

func (p *progress) fail(i int, err *Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures[i] = err
	p.first = min(p.first, i)
}

// behind tells whether a record need not be begun, since it will come again.
func (p *progress) behind(i int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return i > p.first
}

func (p *progress) sorted() []*Error {
	var errs []*Error
	indexes := make([]int, 0, len(p.failures))
	for i := range p.failures {
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	for _, i := range indexes {
		errs = append(errs, p.failures[i])
	}
	return errs
}

// byKey groups the indexes of records by primary key, in order of each key's first record.
func byKey(records []Record) [][]int {
	var groups [][]int
	place := map[string]int{}
	for i := range records {
		key := string(wire.AppendItem(nil, records[i].Keys))
		at, known := place[key]
		if !known {
			at = len(groups)
			place[key] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], i)
	}
	return groups
}

// protect calls a function and makes its panic an error.
func protect(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn()
}
