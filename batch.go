package monotable

import (
	"context"
	"fmt"
	"reflect"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/collection"
	"github.com/monotable/monotable/internal/read"
	"github.com/monotable/monotable/internal/write"
)

// BatchOption fits GetMany, PutMany, DeleteMany, DB.BatchWrite and DB.BatchRead.
type BatchOption interface{ batch(*call.Settings) }

type batchOption func(*call.Settings)

func (o batchOption) batch(s *call.Settings) { o(s) }
func (o batchOption) get(s *read.Settings)   { o(&s.Settings) }
func (o batchOption) query(s *read.Settings) { o(&s.Settings) }

// ParallelOption fits batches, GetMany and queries.
type ParallelOption interface {
	BatchOption
	GetOption
	QueryOption
}

// Parallel sends up to n requests of one batch at a time, 4 by default, or of a query that asks several shards, 16 by
// default.
func Parallel(n int) ParallelOption {
	return batchOption(func(s *call.Settings) { s.Parallel, s.Paralleled = n, true })
}

// BatchError says what a batch left undone. The rest of it took place.
type BatchError struct {
	// Left are the places, in what the call was given, of the entries that were not read, or are not known to be
	// written, ascending.
	Left []int
	// Err is why: the service's error, the context's, or that entries stayed unprocessed, which is ErrThrottled.
	// ErrAmbiguous is beside it where an answer was lost, so that some of Left may be written.
	Err error
}

// Error counts what is left.
func (e *BatchError) Error() string {
	left := fmt.Sprintf("%d entries are left", len(e.Left))
	if e.Err == nil { // one that a program made
		return left
	}
	return left + ": " + cause.Text(e.Err)
}

// Unwrap is the reason.
func (e *BatchError) Unwrap() error { return e.Err }

// GetMany reads the items of any number of keys: one BatchGetItem for each hundred different keys, up to Parallel of
// them at a time, and more for those that the service leaves unprocessed, with growing pauses. The result is in the
// order of keys, nil where there is no item; a key given twice is read once. When keys could not be read, the result
// holds the others and the error is a *BatchError with the places of those keys.
func (t *Table[T]) GetMany(ctx context.Context, keys []T, options ...GetOption) (results []*T, err error) {
	err = t.of.getMany(ctx, reflect.ValueOf(keys), options, reflect.ValueOf(&results).Elem())
	return results, err
}

// GetMany is Table.GetMany, of the attributes that V has.
func (v *View[V, T]) GetMany(ctx context.Context, keys []T, options ...GetOption) (results []*V, err error) {
	err = v.of.getMany(ctx, reflect.ValueOf(keys), options, reflect.ValueOf(&results).Elem())
	return results, err
}

func (f *face) getMany(ctx context.Context, keys reflect.Value, options []GetOption, results reflect.Value) error {
	return f.failed("GetMany", f.reads().GetMany(ctx, keys, readSettings(options, GetOption.get), results))
}

// PutMany writes any number of items whether or not they are there, 25 with each BatchWriteItem, up to Parallel of
// those at a time, and more for those that the service leaves unprocessed, with growing pauses. Of two items with one
// key the later one is written. It takes no conditions, and so no types with a version; an item of another entity type
// that has the key, where two types' keys can be the same, is replaced. When items are not known to be written the
// error is a *BatchError with their places, those of all items with such a key; the others are written.
func (t *Table[T]) PutMany(ctx context.Context, items []T, options ...BatchOption) error {
	return t.of.putMany(ctx, reflect.ValueOf(items), options)
}

func (f *face) putMany(ctx context.Context, items reflect.Value, options []BatchOption) error {
	return f.failed("PutMany", f.writes().PutMany(ctx, items, batchSettings(options)))
}

// DeleteMany removes the items of any number of keys, as PutMany writes them.
func (t *Table[T]) DeleteMany(ctx context.Context, keys []T, options ...BatchOption) error {
	return t.of.deleteMany(ctx, reflect.ValueOf(keys), options)
}

func (f *face) deleteMany(ctx context.Context, keys reflect.Value, options []BatchOption) error {
	return f.failed("DeleteMany", f.writes().DeleteMany(ctx, keys, batchSettings(options)))
}

// DeleteCollection deletes one item collection: every item of one partition of the table, of whatever entity types,
// with the guards of their unique constraints. It returns how many items it is known to have removed, with an error
// too. partition needs T's partition fields alone: a sort field that is set is ErrKey, since one item may be meant. Of
// a partition that is spread over shards all shards are emptied.
//
// What was there when the call began is gone when it ends without an error, even if it was changed meanwhile. What is
// added while it runs is removed as well where it lies behind what was read by then, in the order of sort keys, and
// stays where it lies before; no guard is lost of what stays. Nothing is to be kept in order to resume: a further call,
// after an error or a crash, goes on with what is left.
//
// It sends Query requests, which are consistent, and for each page a BatchWriteItem for 25 items and more for those
// that the service leaves unprocessed, as DeleteMany does. An item whose key is one that a type with unique constraints
// makes is removed by a TransactWriteItems of its own, at twice the units, on condition that it is as it was read, and
// again, up to a hundred times, where it was not, or when it was cancelled by a conflict or for want of capacity. Up to
// four requests are under way at a time, with Pace one. An answer that was lost is ErrAmbiguous.
//
// Items of types that the DB does not know are removed too, but not their guards: call New for all types of the
// partition before. A guard in the partition itself is left, as another item's, and is an error in the end.
func (t *Table[T]) DeleteCollection(ctx context.Context, partition T, options ...BulkOption) (deleted int, err error) {
	return t.of.deleteCollection(ctx, reflect.ValueOf(&partition).Elem(), options)
}

func (f *face) deleteCollection(ctx context.Context, partition reflect.Value, options []BulkOption) (int, error) {
	if f == nil {
		return 0, errNotMade
	}
	s := readSettings(options, BulkOption.query)
	deleted, err := collection.Delete(ctx, f.read.Entity, f.write, partition, s)
	return deleted, f.failed("DeleteCollection", err)
}

func batchSettings(options []BatchOption) *call.Settings {
	return given(options, new(call.Settings), BatchOption.batch)
}

// BatchWrite is PutMany and DeleteMany for several entity types at once, of any tables whose DBs share one client: it
// takes PutOps and DeleteOps without conditions. Unlike Write, each takes place or not by itself.
func (db *DB) BatchWrite(ctx context.Context, ops []Op, options ...BatchOption) error {
	if !db.made() {
		return errNotMade
	}
	all := writesOf(ops)
	return failed("BatchWrite", "", write.TableOf(all), write.Batch(ctx, db.line, all, batchSettings(options)))
}

// BatchRead is GetMany for several entity types at once, of any tables whose DBs share one client. Unlike Read, items
// are read each at a moment of its own, for half the units, or a quarter.
func (db *DB) BatchRead(ctx context.Context, ops []ReadOp, options ...BatchOption) error {
	if !db.made() {
		return errNotMade
	}
	s := &read.Settings{Settings: *batchSettings(options)}
	all := readsOf(ops)
	return failed("BatchRead", "", read.TableOf(all), read.Batch(ctx, db.line, all, s))
}
