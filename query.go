package monotable

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/monotable/monotable/internal/read"
)

// Page is a part of a query or a scan.
type Page[T any] struct {
	Items []T    // never nil in a page without an error
	Next  Cursor // "" is the end; without Lookahead, a Limit that the last item meets may give a cursor to an empty page
}

// Query yields the items of one partition in the order of their sort key, sending Query requests as the caller
// iterates; a break ends it. partition needs the partition key's fields alone: a sort field that is set there is
// ErrKey, since sort conditions are options that name their field. At most one error is yielded, and it is the last.
//
// Only items of this entity type come back. On an index that other types share, those in the same range are read and
// paid for, and left out by the service. A partition that a template spreads over shards is asked shard by shard, up to
// Parallel of them at a time, with a Query for each page of each, and comes back merged in the order of the sort key. A
// global index that does not project all of T is refused unless Hydrate is given; read it with a View of what it has. A
// local index fetches what it lacks from the table, at the units of one more read for each item.
func (t *Table[T]) Query(ctx context.Context, partition T, options ...QueryOption) iter.Seq2[T, error] {
	return yielding[T](func(each func(any) bool) error {
		return t.of.query(ctx, reflect.ValueOf(&partition).Elem(), options, each)
	})
}

// Query is Table.Query, of the attributes that V has.
func (v *View[V, T]) Query(ctx context.Context, partition T, options ...QueryOption) iter.Seq2[V, error] {
	return yielding[V](func(each func(any) bool) error {
		return v.of.query(ctx, reflect.ValueOf(&partition).Elem(), options, each)
	})
}

// yielding is the iterator of a read that gives pointers to V.
func yielding[V any](read func(each func(any) bool) error) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		if err := read(func(item any) bool { return yield(*item.(*V), nil) }); err != nil {
			var none V
			yield(none, err)
		}
	}
}

// Collect is a sequence as a slice: what came, and the error that ended it. It sends what iterating sends, holds all of
// it in memory, and gives an empty slice, not nil, where nothing came.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	all := []T{}
	if seq == nil {
		return all, errors.New("monotable: Collect was given no sequence")
	}
	for item, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

func (f *face) query(ctx context.Context, partition reflect.Value, options []QueryOption, each func(any) bool) error {
	return f.failed("Query", f.reads().Query(ctx, partition, readSettings(options, QueryOption.query), each))
}

// QueryPage is Query for one page: with Limit that many items unless the partition ends before, otherwise what one
// response holds (up to 1 MB read). It sends as many Query requests as it needs for at least one item. Next is "" at
// the end.
func (t *Table[T]) QueryPage(ctx context.Context, partition T, options ...QueryOption) (p Page[T], err error) {
	p.Next, err = t.of.queryPage(ctx, reflect.ValueOf(&partition).Elem(), options,
		reflect.ValueOf(&p.Items).Elem())
	return p, err
}

// QueryPage is Table.QueryPage, of the attributes that V has.
func (v *View[V, T]) QueryPage(ctx context.Context, partition T, options ...QueryOption) (p Page[V], err error) {
	p.Next, err = v.of.queryPage(ctx, reflect.ValueOf(&partition).Elem(), options,
		reflect.ValueOf(&p.Items).Elem())
	return p, err
}

func (f *face) queryPage(ctx context.Context, partition reflect.Value, options []QueryOption,
	items reflect.Value) (Cursor, error) {
	next, err := f.reads().QueryPage(ctx, partition, readSettings(options, QueryOption.query), items)
	return Cursor(next), f.failed("QueryPage", err)
}

// Count is the number of items that Query would yield. They are read and paid for all the same; only the answer is
// smaller.
func (t *Table[T]) Count(ctx context.Context, partition T, options ...QueryOption) (int, error) {
	return t.of.count(ctx, reflect.ValueOf(&partition).Elem(), options)
}

// Count is Table.Count.
func (v *View[V, T]) Count(ctx context.Context, partition T, options ...QueryOption) (int, error) {
	return v.of.count(ctx, reflect.ValueOf(&partition).Elem(), options)
}

func (f *face) count(ctx context.Context, partition reflect.Value, options []QueryOption) (int, error) {
	n, err := f.reads().Count(ctx, partition, readSettings(options, QueryOption.query))
	return n, f.failed("Count", err)
}

// Scan yields all items of this entity type in the table, sending Scan requests as the caller iterates; a break ends
// it. It reads, and pays for, every item of the table, those of other types included. With Segments(n) it sends n
// requests at a time; the goroutines for that end before the iteration does. At most one error is yielded, and it is
// the last.
func (t *Table[T]) Scan(ctx context.Context, options ...ScanOption) iter.Seq2[T, error] {
	return yielding[T](func(each func(any) bool) error { return t.of.scan(ctx, options, each) })
}

// Scan is Table.Scan, of the attributes that V has.
func (v *View[V, T]) Scan(ctx context.Context, options ...ScanOption) iter.Seq2[V, error] {
	return yielding[V](func(each func(any) bool) error { return v.of.scan(ctx, options, each) })
}

func (f *face) scan(ctx context.Context, options []ScanOption, each func(any) bool) error {
	return f.failed("Scan", f.reads().Scan(ctx, readSettings(options, ScanOption.scan), each))
}

// ScanPage is Scan for one page: with Limit that many items unless the table ends before, otherwise what one response
// holds (up to 1 MB read). It sends as many Scan requests as it needs for at least one item. Next is "" at the end. It
// takes no Segments.
func (t *Table[T]) ScanPage(ctx context.Context, options ...ScanOption) (p Page[T], err error) {
	p.Next, err = t.of.scanPage(ctx, options, reflect.ValueOf(&p.Items).Elem())
	return p, err
}

// ScanPage is Table.ScanPage, of the attributes that V has.
func (v *View[V, T]) ScanPage(ctx context.Context, options ...ScanOption) (p Page[V], err error) {
	p.Next, err = v.of.scanPage(ctx, options, reflect.ValueOf(&p.Items).Elem())
	return p, err
}

func (f *face) scanPage(ctx context.Context, options []ScanOption, items reflect.Value) (Cursor, error) {
	next, err := f.reads().ScanPage(ctx, readSettings(options, ScanOption.scan), items)
	return Cursor(next), f.failed("ScanPage", err)
}

// ScanProgress is how far one call of Scan or ScanPage has come. What was read before the cursor that it resumed is not
// in it, except for the segments that had ended.
type ScanProgress struct {
	Items     int64   // given to the caller
	Evaluated int64   // read by the service, whatever their type and whether or not a filter kept them
	Pages     int64   // responses
	Units     float64 // read units consumed
	Segments  int     // of the scan
	Ended     int     // segments that have come to their end
	Share     float64 // an estimate of what is done, 0 to 1; 1 at the end and never before
}

// Progress tells report after each page of a scan how far it has come: when the page's items have been given to the
// caller, on the goroutine that iterates. With Resume the cursor then stands behind the page: a good moment to store
// it.
//
// expected is how many items there are to evaluate, for ScanProgress.Share: all items of the table, of whatever type,
// as DescribeTable's ItemCount has them (at most some six hours old), less what was evaluated before a cursor that is
// resumed. The scan sends no request to find out. With 0 the share is that of the segments that have ended, as coarse
// as they are few.
func Progress(expected int64, report func(ScanProgress)) ScanOption {
	return scanOption(func(s *read.Settings) {
		s.Progress = nil
		if report != nil {
			s.Progress = &read.Progress{Expected: expected, Tell: func(c read.Counts) { report(ScanProgress(c)) }}
		}
	})
}

// Collection yields every item of one partition, of whatever types, in the order of their sort key: as values of the Go
// types that New was called with on the same DB (Customer, Order), and as Item what is of none of them. partition needs
// T's partition fields alone. It sends Query requests as the caller iterates, on an index if On is given; Limit,
// StartAfter, Resume, Filter, Descending, Consistent and Budget work as in Query, sort conditions do not fit.
func (t *Table[T]) Collection(ctx context.Context, partition T, options ...QueryOption) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		err := t.of.collection(ctx, reflect.ValueOf(&partition).Elem(), options,
			func(item any) bool { return yield(item, nil) })
		if err != nil {
			yield(nil, err)
		}
	}
}

func (f *face) collection(ctx context.Context, partition reflect.Value, options []QueryOption,
	each func(any) bool) error {
	return f.failed("Collection", f.reads().Collection(ctx, partition, readSettings(options, QueryOption.query), each))
}

// CollectionOf is Collection for a sealed interface I that the partition's types implement, as values or as pointers.
// An item of another type, an unknown one included, is an error.
func CollectionOf[I, T any](ctx context.Context, root *Table[T], partition T,
	options ...QueryOption) iter.Seq2[I, error] {
	return func(yield func(I, error) bool) {
		var none I
		for value, err := range root.Collection(ctx, partition, options...) {
			if err != nil {
				yield(none, err)
				return
			}
			as, ok := value.(I)
			if !ok {
				pointer := reflect.New(reflect.TypeOf(value))
				pointer.Elem().Set(reflect.ValueOf(value))
				as, ok = pointer.Interface().(I)
			}
			if !ok {
				yield(none, root.of.failed("CollectionOf", fmt.Errorf("%T is not a %s", value, reflect.TypeFor[I]())))
				return
			}
			if !yield(as, nil) {
				return
			}
		}
	}
}

// Gather reads one partition with Query requests and sorts it into V, a struct with a field for each type in it: a
// slice for any number of items, a pointer for one or none, a value for one that must be there (else ErrNotFound). A
// slice of Item takes the types that are not known. An item that has no field is an error, as is a second one where one
// is expected: nothing is dropped. Fields of other types than the DB's are an error.
func Gather[V, T any](ctx context.Context, root *Table[T], partition T, options ...QueryOption) (result V, err error) {
	err = root.of.gather(ctx, reflect.ValueOf(&partition).Elem(), options, reflect.ValueOf(&result).Elem())
	if err != nil {
		var none V
		return none, err
	}
	return result, nil
}

func (f *face) gather(ctx context.Context, partition reflect.Value, options []QueryOption, v reflect.Value) error {
	return f.failed("Gather", f.reads().Gather(ctx, partition, readSettings(options, QueryOption.query), v))
}

// ReadStats counts how a DB's responses to reads were decoded.
type ReadStats struct {
	Fast  uint64 // responses decoded from JSON straight into T
	Maps  uint64 // responses decoded as attribute maps: the client is not the SDK's, or a response was not as expected
	Again uint64 // items of fast responses that were decoded as attribute maps after all
}

// ReadStats tells how responses were decoded since Open, of those reads that have a fast path: Get, GetMany, BatchRead,
// Read, Query, QueryPage, Scan, ScanPage and the reads of collections. It is for tests and debugging; a Fast of 0
// beside many Maps says that the fast path is not active.
func (db *DB) ReadStats() ReadStats {
	if !db.made() {
		return ReadStats{}
	}
	return ReadStats{db.types.Fast.Fast.Load(), db.types.Fast.Maps.Load(), db.types.Fast.Again.Load()}
}
