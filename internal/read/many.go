package read

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/response"
	"github.com/monotable/monotable/internal/size"
)

// GetMany sets results, a []*V, unless nothing could be read.
func (r *Reader) GetMany(ctx context.Context, keys reflect.Value, s *Settings, results reflect.Value) error {
	if r == nil {
		return cause.NotMade
	}
	if err := r.CheckUnexpired(&r.Table); s.Unexpired && err != nil {
		return err
	}
	if err := s.CheckPace(); err != nil {
		return err
	}
	wanted := make([]attr.Item, keys.Len())
	for i := range wanted {
		var err error
		if wanted[i], err = r.PrimaryKey(keys.Index(i)); err != nil {
			return fmt.Errorf("key %d: %w", i, err)
		}
	}
	found, err := r.getBatch(ctx, wanted, r.Form, s, s.Pacer())
	values := reflect.MakeSlice(results.Type(), len(wanted), len(wanted))
	for i, of := range found {
		if of.Page == nil {
			if len(of.Item) == 0 || !r.Owns(of.Item) || s.Unexpired && r.Expired(of.Item) {
				continue
			}
		}
		value, err := r.newValue(of)
		if err != nil {
			return cause.At(fmt.Errorf("key %d: %w", i, err), wanted[i])
		}
		values.Index(i).Set(value)
	}
	results.Set(values)
	return err
}

// getBatch reads items by key, as read has them: a row without an item where there is none. An error is a
// *cause.Unfinished when some keys were not read. Without a pace its units are charged to the call that it is part of.
func (e *Entity) getBatch(ctx context.Context, keys []attr.Item, read *Form, s *Settings,
	pace *call.Pacer) ([]response.Row, error) {
	b := &readBatch{Entity: e, s: s, keys: keys, ids: make([]string, len(keys)), first: map[string]int{},
		found: map[string]response.Row{}}
	var places []int
	for i, key := range keys {
		var err error
		if b.ids[i], err = e.KeyID(key); err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		if _, seen := b.first[b.ids[i]]; !seen {
			b.first[b.ids[i]] = i
			places = append(places, i)
		}
	}
	if read.Partial != nil {
		b.request.ProjectionExpression, b.request.ExpressionAttributeNames = entity.Projection(read.Partial)
	}
	if s.Consistent {
		b.request.ConsistentRead = &s.Consistent
	}
	if len(places) == len(keys) { // items that are given twice are decoded twice
		b.wire = read.Wire.WithKeys(&e.Table)
	}
	left := call.InChunks(ctx, places, size.MaxBatchGet, &s.Settings, pace, b.send)
	items := make([]response.Row, len(keys))
	for i, id := range b.ids {
		if items[i] = b.found[id]; b.first[id] != i { // given twice, it is an item of its own each time
			items[i].Item = attr.CloneItem(items[i].Item)
		}
	}
	if left == nil {
		return items, nil
	}
	call.Spread(left, len(keys), func(i int) string { return b.ids[i] })
	return items, left
}

// readBatch is one call that reads any number of items by their keys.
type readBatch struct {
	*Entity
	s       *Settings
	keys    []attr.Item
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
	call := b.wire.ByKey(response.FormTables, b.s.Unexpired)
	out, err := b.via(b.s).BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{b.Schema.Name: request}, ReturnConsumedCapacity: b.s.Report(),
	}, call.Options(b.s.SDK)...)
	if err != nil {
		return chunk, err
	}
	var items []attr.Item
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
		b.s.Spending().AddUnpaced(&out.ConsumedCapacity[i])
	}
	for _, r := range page.Rows(items) {
		id, err := b.KeyID(r.Entry)
		if err != nil {
			return chunk, err
		}
		b.found[id] = r
	}
	for _, left := range out.UnprocessedKeys {
		for _, key := range left.Keys {
			id, err := b.KeyID(key)
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

// hydrator reads the whole items behind index entries. Entries whose item is gone are left out.
func (e *Entity) hydrator(read *Form, all bool,
	s *Settings) func(context.Context, []response.Row) ([]response.Row, error) {
	return func(ctx context.Context, rows []response.Row) ([]response.Row, error) {
		keys := make([]attr.Item, len(rows))
		for i, r := range rows {
			keys[i] = e.KeyOf(r.Entry)
		}
		found, err := e.getBatch(ctx, keys, read, s, nil)
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
