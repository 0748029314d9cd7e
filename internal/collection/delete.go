// Package collection deletes item collections: all items of a partition, of whatever types, with their guards.
package collection

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/read"
	"github.com/monotable/monotable/internal/write"
)

// deletion is one call's.
type deletion struct {
	*write.Entity
	guarded []*write.Entity // the types with unique constraints
	s       *call.Settings
	deleted int
	guards  bool // there were guards, which are left
}

// errGuards is for a partition that no item's is.
var errGuards = errors.New("guards of unique constraints are left: they go with the items that have their values")

// Delete removes every item of a partition, and tells how many; with an error, how many until then.
func Delete(ctx context.Context, reads *read.Entity, writes *write.Entity, partition reflect.Value,
	s *read.Settings) (int, error) {
	if reads == nil {
		return 0, cause.NotMade
	}
	ofWrites := s.Settings // whose units have a pace of their own
	d := &deletion{Entity: writes, s: &ofWrites}
	for _, e := range reads.Types.Guarded() {
		d.guarded = append(d.guarded, &write.Entity{Maker: e.Maker, Line: e.Line, ItemType: writes.ItemType})
	}
	err := reads.Stored(ctx, partition, len(d.guarded) == 0, s,
		func(page []attr.Item) error { return d.page(ctx, page) })
	if err == nil && d.guards {
		err = errGuards
	}
	return d.deleted, err
}

// page removes a page's items.
func (d *deletion) page(ctx context.Context, page []attr.Item) error {
	var plain, guarded []attr.Item
	for _, raw := range page {
		switch {
		case d.IsGuard(raw):
			d.guards = true
		case slices.ContainsFunc(d.guarded, func(e *write.Entity) bool { return e.MayGuard(raw) }):
			guarded = append(guarded, raw)
		default:
			plain = append(plain, raw)
		}
	}
	n, err := d.RemoveMany(ctx, plain, d.s)
	d.deleted += n
	if err != nil {
		return err
	}
	return d.removeGuarded(ctx, guarded)
}

// removeGuarded removes items each with its guards, some at a time, until one fails.
func (d *deletion) removeGuarded(ctx context.Context, all []attr.Item) error {
	places := make([]int, len(all))
	for i := range all {
		places[i] = i
	}
	s, pace := *d.s, d.s.Pacer()
	if pace != nil {
		s.Parallel, s.Paralleled = 1, true
	}
	removed := make([]bool, len(all))
	var failed atomic.Pointer[error]
	left := call.InChunks(ctx, places, 1, &s, nil, func(ctx context.Context, one []int) (undone []int, err error) {
		if first := failed.Load(); first != nil {
			return one, *first
		}
		if removed[one[0]], err = d.RemoveSeen(ctx, all[one[0]], d.guarded, &s, pace); err != nil {
			failed.CompareAndSwap(nil, &err)
		}
		return nil, err
	})
	for _, done := range removed {
		if done {
			d.deleted++
		}
	}
	if left != nil {
		return left.Err
	}
	return nil
}
