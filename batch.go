package monotable

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cursor"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/response"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// maxBatchTries bounds how often entries that the service leaves unprocessed are sent again without any progress.
const maxBatchTries = 10

// defaultParallel is how many requests of one batch are under way at a time unless Parallel says otherwise.
const defaultParallel = 4

// BatchOption fits GetMany, PutMany, DeleteMany, DB.BatchWrite and DB.BatchRead.
type BatchOption interface{ batch(*settings) }

type batchOption func(*settings)

func (o batchOption) batch(s *settings) { o(s) }
func (o batchOption) get(s *settings)   { o(s) }
func (o batchOption) query(s *settings) { o(s) }
func (o CallOption) batch(s *settings)  { apply(o.set, s) }

// ParallelOption fits batches, GetMany and queries.
type ParallelOption interface {
	BatchOption
	GetOption
	QueryOption
}

// Parallel sends up to n requests of one batch at a time, 4 by default, or of a query that asks several shards, 16 by
// default.
func Parallel(n int) ParallelOption {
	return batchOption(func(s *settings) { s.parallel, s.paralleled = n, true })
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
	return fmt.Sprintf("%d entries are left: %v", len(e.Left), e.Err)
}

// Unwrap is the reason.
func (e *BatchError) Unwrap() error { return e.Err }

var errUnprocessed = fmt.Errorf("%w: the service left them unprocessed %d times in a row", ErrThrottled, maxBatchTries)

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

// getMany sets results, a []*V, unless nothing could be read.
func (r *reader) getMany(ctx context.Context, keys reflect.Value, options []GetOption, results reflect.Value) error {
	if r.core == nil {
		return errNotMade
	}
	s := getSettings(options)
	fail := func(err error) error { return r.fail("GetMany", err) }
	if err := r.CheckUnexpired(&r.Table); s.unexpired && err != nil {
		return fail(err)
	}
	wanted := make([]attributes, keys.Len())
	for i := range wanted {
		var err error
		if wanted[i], err = r.PrimaryKey(keys.Index(i)); err != nil {
			return fail(fmt.Errorf("key %d: %w", i, err))
		}
	}
	found, err := r.getBatch(ctx, wanted, r.read, s)
	values := reflect.MakeSlice(results.Type(), len(wanted), len(wanted))
	for i, of := range found {
		if of.Page == nil {
			if len(of.Item) == 0 || !r.Owns(of.Item) || s.unexpired && r.Expired(of.Item) {
				continue
			}
		}
		value, err := r.newValue(of)
		if err != nil {
			return fail(fmt.Errorf("key %d: %w", i, err))
		}
		values.Index(i).Set(value)
	}
	results.Set(values)
	if err != nil {
		return fail(err)
	}
	return nil
}

// PutMany writes any number of items whether or not they are there, 25 with each BatchWriteItem, up to Parallel of
// those at a time, and more for those that the service leaves unprocessed, with growing pauses. Of two items with one
// key the later one is written. It takes no conditions, and so no types with a version; an item of another entity type
// that has the key, where two types' keys can be the same, is replaced. When items are not known to be written the
// error is a *BatchError with their places, those of all items with such a key; the others are written.
func (t *Table[T]) PutMany(ctx context.Context, items []T, options ...BatchOption) error {
	return t.of.putMany(ctx, reflect.ValueOf(items), options)
}

func (e *core) putMany(ctx context.Context, items reflect.Value, options []BatchOption) error {
	if e == nil {
		return errNotMade
	}
	ops := make([]Op, items.Len())
	for i := range ops {
		ops[i] = e.putOp("Put", items.Index(i).Addr(), false, nil)
	}
	return e.db.batchWrite(ctx, "PutMany", ops, options)
}

// DeleteMany removes the items of any number of keys, as PutMany writes them.
func (t *Table[T]) DeleteMany(ctx context.Context, keys []T, options ...BatchOption) error {
	return t.of.deleteMany(ctx, reflect.ValueOf(keys), options)
}

func (e *core) deleteMany(ctx context.Context, keys reflect.Value, options []BatchOption) error {
	if e == nil {
		return errNotMade
	}
	ops := make([]Op, keys.Len())
	for i := range ops {
		ops[i] = e.deleteOp(keys.Index(i), nil)
	}
	return e.db.batchWrite(ctx, "DeleteMany", ops, options)
}

// BatchWrite is PutMany and DeleteMany for several entity types at once, of any tables whose DBs share one client: it
// takes PutOps and DeleteOps without conditions. Unlike Write, each takes place or not by itself.
func (db *DB) BatchWrite(ctx context.Context, ops []Op, options ...BatchOption) error {
	return db.batchWrite(ctx, "BatchWrite", ops, options)
}

// BatchRead is GetMany for several entity types at once, of any tables whose DBs share one client. Unlike Read, items
// are read each at a moment of its own, for half the units, or a quarter.
func (db *DB) BatchRead(ctx context.Context, ops []ReadOp, options ...BatchOption) error {
	if !db.made() {
		return errNotMade
	}
	fail := func(err error) error { return &Error{Op: "BatchRead", Index: -1, errs: []error{err}} }
	s := given(options, new(settings), BatchOption.batch)
	byEntity := map[*core][]int{}
	for i, op := range ops {
		if err := op.check(db); err != nil {
			return fail(fmt.Errorf("operation %d: %w", i, err))
		}
		byEntity[op.entity] = append(byEntity[op.entity], i)
	}
	var left BatchError
	for e, places := range byEntity {
		keys := make([]attributes, len(places))
		for j, i := range places {
			keys[j] = ops[i].key
		}
		found, err := e.getBatch(ctx, keys, &reading{wire: e.wire}, s)
		var some *BatchError
		if err != nil && !errors.As(err, &some) {
			return fail(err)
		}
		undone := map[int]bool{}
		if some != nil {
			left.Err = some.Err
			for _, j := range some.Left {
				undone[j] = true
				left.Left = append(left.Left, places[j])
			}
		}
		for j, i := range places {
			if undone[j] {
				continue
			}
			if err := ops[i].into(found[j]); err != nil {
				return fail(fmt.Errorf("operation %d: %w", i, err))
			}
		}
	}
	if len(left.Left) > 0 {
		slices.Sort(left.Left)
		return fail(&left)
	}
	return nil
}

// batchWrite sends ops that need no condition. Of two on one item the later one counts.
func (db *DB) batchWrite(ctx context.Context, name string, ops []Op, options []BatchOption) error {
	if !db.made() {
		return errNotMade
	}
	s := given(options, new(settings), BatchOption.batch)
	b := &writeBatch{db: db, s: s, ops: ops, entries: make([]batchEntry, len(ops)), doubt: map[int]bool{}}
	last := map[string]int{} // by item
	for i := range ops {
		if err := b.addEntry(i); err != nil {
			return &Error{Op: name, Entity: ops[i].entityName(), Index: i, errs: []error{err}}
		}
		last[b.entries[i].id] = i
	}
	s.entity = entityOfAll(len(ops), func(i int) *core { return ops[i].entity })
	left := inChunks(ctx, slices.Sorted(maps.Values(last)), size.MaxBatchWrite, s, b.send)
	if left == nil {
		return nil
	}
	if slices.ContainsFunc(left.Left, func(i int) bool { return b.doubt[i] }) && !errors.Is(left.Err, ErrAmbiguous) {
		left.Err = fmt.Errorf("%w: %w", ErrAmbiguous, left.Err)
	}
	left.spread(len(ops), func(i int) string { return b.entries[i].id })
	return &Error{Op: name, Index: -1, errs: []error{left}}
}

// writeBatch is one call that writes any number of items.
type writeBatch struct {
	db      *DB
	s       *settings
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
func (b *writeBatch) addEntry(i int) error {
	op := &b.ops[i]
	if err := op.check(b.db); err != nil {
		return err
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
	id, err := op.entity.keyID(key)
	e.id = e.table + "\x00" + id
	b.entries[i] = e
	return err
}

// send writes the entries at some places, and tells which the service left unprocessed.
func (b *writeBatch) send(ctx context.Context, chunk []int) (undone []int, err error) {
	in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{},
		ReturnConsumedCapacity: b.s.report()}
	for n, i := range chunk {
		requests, ok := in.RequestItems[b.entries[i].table]
		if !ok {
			requests = make([]types.WriteRequest, 0, len(chunk)-n)
		}
		in.RequestItems[b.entries[i].table] = append(requests, b.entries[i].request)
	}
	attempts := call.Of(call.Free)
	out, err := b.db.via(b.s).BatchWriteItem(ctx, in, attempts.Options(b.s.sdk)...)
	if err != nil {
		return chunk, undoneFor(attempts, err)
	}
	for table, requests := range out.UnprocessedItems {
		for _, request := range requests {
			i := slices.IndexFunc(chunk, func(i int) bool {
				return b.entries[i].table == table && b.ops[i].entity.sameTarget(b.entries[i].request, request)
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

// spread takes in all of n places that share an id with one that is left: an item that was given several times was sent
// once.
func (e *BatchError) spread(n int, id func(i int) string) {
	undone := map[string]bool{}
	for _, i := range e.Left {
		undone[id(i)] = true
	}
	e.Left = nil
	for i := range n {
		if undone[id(i)] {
			e.Left = append(e.Left, i)
		}
	}
}

// undoneFor is why a request's entries are not known to be written.
func undoneFor(attempts *call.Record, err error) error {
	ambiguous := attempts.Ambiguous(err)
	if call.Throttled(err) {
		err = fmt.Errorf("%w: %w", ErrThrottled, err)
	}
	if ambiguous {
		err = fmt.Errorf("%w: %w", ErrAmbiguous, err)
	}
	return err
}

// sameTarget tells whether two write requests are on one item.
func (e *core) sameTarget(a, b types.WriteRequest) bool {
	key := func(r types.WriteRequest) attributes {
		if r.PutRequest != nil {
			return r.PutRequest.Item
		}
		if r.DeleteRequest != nil {
			return r.DeleteRequest.Key
		}
		return nil
	}
	x, errX := e.keyID(key(a))
	y, errY := e.keyID(key(b))
	return errX == nil && errY == nil && x == y
}

// keyID is a primary key as a map key: equal for equal keys, numbers by their value.
func (e *core) keyID(item attributes) (string, error) {
	var id []byte
	for _, parts := range [][]entity.Part{e.Table.Partition, e.Table.Sort} {
		for i := range parts {
			value, err := canonical(item[parts[i].Name])
			if err != nil {
				return "", fmt.Errorf("%w: %s: %w", ErrKey, parts[i].Name, err)
			}
			id = cursor.AppendText(id, string(wire.AppendValue(nil, value)))
		}
	}
	return string(id), nil
}

// getBatch reads items by key, as read has them: a row without an item where there is none. An error is a *BatchError
// when some keys were not read.
func (e *core) getBatch(ctx context.Context, keys []attributes, read *reading, s *settings) ([]response.Row, error) {
	b := &readBatch{core: e, s: s, keys: keys, ids: make([]string, len(keys)), first: map[string]int{},
		found: map[string]response.Row{}}
	var places []int
	for i, key := range keys {
		var err error
		if b.ids[i], err = e.keyID(key); err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		if _, seen := b.first[b.ids[i]]; !seen {
			b.first[b.ids[i]] = i
			places = append(places, i)
		}
	}
	if read.partial != nil {
		b.request.ProjectionExpression, b.request.ExpressionAttributeNames = entity.Projection(read.partial)
	}
	if s.consistent {
		b.request.ConsistentRead = &s.consistent
	}
	if len(places) == len(keys) { // items that are given twice are decoded twice
		b.wire = read.wire.WithKeys(&e.Table)
	}
	left := inChunks(ctx, places, size.MaxBatchGet, s, b.send)
	items := make([]response.Row, len(keys))
	for i, id := range b.ids {
		if items[i] = b.found[id]; b.first[id] != i { // given twice, it is an item of its own each time
			items[i].Item = Item(items[i].Item).Clone()
		}
	}
	if left == nil {
		return items, nil
	}
	left.spread(len(keys), func(i int) string { return b.ids[i] })
	return items, left
}

// readBatch is one call that reads any number of items by their keys.
type readBatch struct {
	*core
	s       *settings
	keys    []attributes
	ids     []string       // of keys
	first   map[string]int // the first place of each
	request types.KeysAndAttributes
	wire    *response.Reading

	mu    sync.Mutex
	found map[string]response.Row // by id
}

// send reads the keys at some places, and tells which the service left unprocessed.
func (b *readBatch) send(ctx context.Context, chunk []int) (undone []int, err error) {
	request := b.request
	for _, i := range chunk {
		request.Keys = append(request.Keys, b.keys[i])
	}
	call := b.wire.ByKey(response.FormTables, b.s.unexpired)
	out, err := b.via(b.s).BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{b.Schema.Name: request}, ReturnConsumedCapacity: b.s.report(),
	}, call.Options(b.s.sdk)...)
	if err != nil {
		return chunk, err
	}
	var items []attributes
	for _, some := range out.Responses {
		items = append(items, some...)
	}
	page, err := call.Result(out.ResultMetadata, len(items))
	if err != nil {
		return chunk, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range out.ConsumedCapacity {
		b.s.spending.addUnpaced(&out.ConsumedCapacity[i])
	}
	for _, r := range page.Rows(items) {
		id, err := b.keyID(r.Entry)
		if err != nil {
			return chunk, err
		}
		b.found[id] = r
	}
	for _, left := range out.UnprocessedKeys {
		for _, key := range left.Keys {
			id, err := b.keyID(key)
			if err != nil {
				return chunk, err
			}
			i, sent := b.first[id]
			if !sent {
				return chunk, errors.New("the service left a key unprocessed that was not sent")
			}
			undone = append(undone, i)
		}
	}
	return undone, nil
}

// inChunks sends the entries at places in chunks of size, some at a time, and what send says is unprocessed again after
// a pause. What could not be done is the result. All goroutines have ended when it returns.
func inChunks(ctx context.Context, places []int, size int, s *settings,
	send func(context.Context, []int) (undone []int, err error)) *BatchError {
	if s.paralleled && s.parallel < 1 {
		return &BatchError{places, fmt.Errorf("Parallel must be positive, it is %d", s.parallel)}
	}
	parallel := defaultParallel
	if s.paralleled {
		parallel = s.parallel
	}
	var mu sync.Mutex
	var left BatchError
	free := make(chan struct{}, parallel)
	var running call.Crew
	for chunk := range slices.Chunk(places, size) {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			undone, err := untilDone(ctx, chunk, send)
			if err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			left.Left = append(left.Left, undone...)
			if left.Err == nil || errors.Is(err, ErrAmbiguous) {
				left.Err = err
			}
		})
	}
	running.Wait()
	if left.Err == nil {
		return nil
	}
	slices.Sort(left.Left)
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
		if err := call.PauseUpTo(ctx, 50*time.Millisecond<<min(try-1, 6)); err != nil {
			return chunk, err
		}
	}
	return nil, nil
}

// canonical is a key value written in one way: equal numbers as one text.
func canonical(value types.AttributeValue) (types.AttributeValue, error) {
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return value, nil
	}
	d, err := number.Parse(n.Value)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberN{Value: d.String()}, nil
}

// hydrator reads the whole items behind index entries. Entries whose item is gone are left out.
func (e *core) hydrator(read *reading, all bool,
	s *settings) func(context.Context, []response.Row) ([]response.Row, error) {
	return func(ctx context.Context, rows []response.Row) ([]response.Row, error) {
		keys := make([]attributes, len(rows))
		for i, r := range rows {
			keys[i] = e.keyOf(r.Entry)
		}
		found, err := e.getBatch(ctx, keys, read, s)
		if err != nil {
			return nil, err
		}
		whole := rows[:0]
		for i, r := range rows {
			if of := found[i]; of.Page != nil || len(of.Item) > 0 && (all || e.Owns(of.Item)) {
				r.Item, r.Page, r.At = of.Item, of.Page, of.At
				whole = append(whole, r)
			}
		}
		return whole, nil
	}
}

// keyOf is the primary key of an item or entry as it was read.
func (e *core) keyOf(item attributes) attributes {
	key := make(attributes, 2)
	for _, parts := range [][]entity.Part{e.Table.Partition, e.Table.Sort} {
		for i := range parts {
			key[parts[i].Name] = item[parts[i].Name]
		}
	}
	return key
}
