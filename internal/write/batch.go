package write

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/size"
)

// PutMany writes any number of items.
func (e *Entity) PutMany(ctx context.Context, items reflect.Value, s *call.Settings) error {
	if e == nil {
		return cause.NotMade
	}
	ops := make([]Op, items.Len())
	for i := range ops {
		ops[i] = e.PutOp(items.Index(i).Addr(), false, &Settings{})
	}
	return Batch(ctx, e.Line, ops, s)
}

// DeleteMany removes the items of any number of keys.
func (e *Entity) DeleteMany(ctx context.Context, keys reflect.Value, s *call.Settings) error {
	if e == nil {
		return cause.NotMade
	}
	ops := make([]Op, keys.Len())
	for i := range ops {
		ops[i] = e.DeleteOp(keys.Index(i), &Settings{})
	}
	return Batch(ctx, e.Line, ops, s)
}

// Batch sends ops that need no condition. Of two on one item the later one counts.
func Batch(ctx context.Context, line *call.Line, ops []Op, s *call.Settings) error {
	if err := s.CheckPace(); err != nil {
		return err
	}
	b := &writeBatch{s: s, ops: ops, entries: make([]batchEntry, len(ops)), doubt: map[int]bool{}}
	last := make(map[string]int, len(ops)) // by item
	for i := range ops {
		if err := b.addEntry(line, i); err != nil {
			failed := failedAt(ops, i, err)
			failed.Operation = ""
			return failed
		}
		last[b.entries[i].id] = i
	}
	b.client = line.Via(s, entityOf(ops))
	places := slices.AppendSeq(make([]int, 0, len(last)), maps.Values(last))
	slices.Sort(places)
	left := call.InChunks(ctx, places, size.MaxBatchWrite, s, s.Pacer(), b.send)
	if left == nil {
		return nil
	}
	if slices.ContainsFunc(left.Places, func(i int) bool { return b.doubt[i] }) &&
		!errors.Is(left.Err, cause.Ambiguous) {
		left.Err = cause.Because(cause.Ambiguous, left.Err)
	}
	call.Spread(left, len(ops), func(i int) string { return b.entries[i].id })
	return left
}

// writeBatch is one call that writes any number of items.
type writeBatch struct {
	client  call.Client
	s       *call.Settings
	ops     []Op
	entries []batchEntry // of ops

	mu    sync.Mutex
	doubt map[int]bool // entries that the service left unprocessed behind an attempt that may have written them
}

// batchEntry is one write of a batch.
type batchEntry struct {
	table   string
	request types.WriteRequest
	id      string // of the item, over all tables
}

// addEntry makes an operation's entry.
func (b *writeBatch) addEntry(line *call.Line, i int) error {
	op := &b.ops[i]
	if err := op.check(line); err != nil {
		return err
	}
	if len(op.instead) > 0 {
		return errors.New("Else: a batch has no conditions that could fail: use Write")
	}
	e := batchEntry{table: op.entity.Schema.Name}
	switch put, remove := op.actions[0].item.Put, op.actions[0].item.Delete; {
	case put != nil && op.plain && len(op.actions) == 1:
		e.request.PutRequest = &types.PutRequest{Item: put.Item}
	case remove != nil && op.plain && len(op.actions) == 1:
		e.request.DeleteRequest = &types.DeleteRequest{Key: remove.Key}
	default:
		return errors.New("a batch takes puts and deletes without conditions, and so without versions and unique " +
			"constraints: use Write")
	}
	key, _ := target(op.actions[0].item)
	id, err := op.entity.KeyID(key)
	e.id = e.table + "\x00" + id
	b.entries[i] = e
	return err
}

// send writes the entries at some places, and tells which the service left unprocessed.
func (b *writeBatch) send(ctx context.Context, chunk []int) (undone []int, err error) {
	in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{},
		ReturnConsumedCapacity: b.s.Report()}
	for n, i := range chunk {
		requests, ok := in.RequestItems[b.entries[i].table]
		if !ok {
			requests = make([]types.WriteRequest, 0, len(chunk)-n)
		}
		in.RequestItems[b.entries[i].table] = append(requests, b.entries[i].request)
	}
	attempts := call.Of(call.Free)
	out, err := b.client.BatchWriteItem(ctx, in, attempts.Options(b.s.SDK)...)
	if err != nil {
		return chunk, undoneFor(attempts, err)
	}
	for table, requests := range out.UnprocessedItems {
		for _, request := range requests {
			i := slices.IndexFunc(chunk, func(i int) bool {
				return b.entries[i].table == table && b.ops[i].entity.SameTarget(b.entries[i].request, request)
			})
			if i < 0 {
				return chunk, errors.New("the service left an entry unprocessed that was not sent")
			}
			undone = append(undone, chunk[i])
		}
	}
	b.settle(chunk, undone, attempts.Doubtful())
	return undone, nil
}

// settle notes which entries of an answered request are in doubt: those that are left, of which an attempt before may
// have written some.
func (b *writeBatch) settle(chunk, undone []int, doubtful bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, i := range chunk {
		if !slices.Contains(undone, i) {
			delete(b.doubt, i)
		}
	}
	for _, i := range undone {
		b.doubt[i] = b.doubt[i] || doubtful
	}
}

// undoneFor is why a request's entries are not known to be written.
func undoneFor(attempts *call.Record, err error) error {
	ambiguous := attempts.Ambiguous(err)
	if call.Throttled(err) {
		err = cause.Because(cause.Throttled, err)
	}
	if ambiguous {
		err = cause.Because(cause.Ambiguous, err)
	}
	return err
}
