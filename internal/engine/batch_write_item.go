package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// BatchWriteItem puts and deletes up to 25 items of several tables, each by itself, after all of them were found right.
func (e *Engine) BatchWriteItem(
	ctx context.Context, in *dynamodb.BatchWriteItemInput,
) (*dynamodb.BatchWriteItemOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	batches, err := batchWriteOf(in, e.front[refusal.BatchWrites])
	if err != nil {
		return nil, err
	}
	for _, b := range batches {
		if err := e.checkBatchWrites(b); err != nil {
			return nil, err
		}
	}
	r := batchWriting{in: in, left: leftOutOf(ctx),
		out: &dynamodb.BatchWriteItemOutput{UnprocessedItems: map[string][]types.WriteRequest{}}}
	for _, b := range batches {
		units := capacity{table: b.table}
		err := e.writeBatch(&r, b, &units)
		e.charged(ctx, "BatchWriteItem", &units, nil)
		if err != nil {
			return nil, err
		}
		if c := units.consumed(in.ReturnConsumedCapacity); c != nil {
			r.out.ConsumedCapacity = append(r.out.ConsumedCapacity, *c)
		}
	}
	if r.throttled != nil && !r.processed {
		return nil, r.throttled
	}
	return r.out, nil
}

// batchWriting is a batch of writes under way.
type batchWriting struct {
	in        *dynamodb.BatchWriteItemInput
	out       *dynamodb.BatchWriteItemOutput
	left      func(table string, item map[string]types.AttributeValue) bool // what is to be left unprocessed
	throttled error                                                         // the last one
	processed bool                                                          // a write took place
}

// writeBatch does one table's writes and counts their units.
func (e *Engine) writeBatch(r *batchWriting, b batchWrites, units *capacity) error {
	leave := func(i int) {
		r.out.UnprocessedItems[b.table] = append(r.out.UnprocessedItems[b.table],
			copyWriteRequest(r.in.RequestItems[b.table][i]))
	}
	for i, w := range b.writes {
		if r.left(tableName(b.table), w.key) {
			leave(i)
			continue
		}
		var metrics *types.ItemCollectionMetrics
		err := e.writing(b.table, func(t *table) error {
			f, err := w.effectOn(t)
			if err != nil {
				return err
			}
			if err := f.admit(false); err != nil {
				return err
			}
			units.write += f.units()
			f.apply(units)
			if r.in.ReturnItemCollectionMetrics == types.ReturnItemCollectionMetricsSize {
				metrics = t.collectionMetrics(f)
			}
			return nil
		})
		if refusal.IsThrottled(err) {
			leave(i)
			r.throttled = err
			continue
		}
		if err != nil {
			return err
		}
		units.items++
		r.processed = true
		if metrics != nil {
			addMetrics(&r.out.ItemCollectionMetrics, tableName(b.table), *metrics)
		}
	}
	return nil
}

// copyWriteRequest copies a write whose values are right.
func copyWriteRequest(r types.WriteRequest) types.WriteRequest {
	if r.PutRequest != nil {
		return types.WriteRequest{PutRequest: &types.PutRequest{Item: copyItem(r.PutRequest.Item)}}
	}
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: copyItem(r.DeleteRequest.Key)}}
}

// effectOn evaluates a write on a table.
func (w *write) effectOn(t *table) (effect, error) {
	p, err := w.on(t)
	if err != nil {
		return effect{}, err
	}
	return p.effect()
}

// addMetrics adds one item collection's metrics to those of its table.
func addMetrics(to *map[string][]types.ItemCollectionMetrics, table string, m types.ItemCollectionMetrics) {
	if *to == nil {
		*to = map[string][]types.ItemCollectionMetrics{}
	}
	(*to)[table] = append((*to)[table], m)
}

// batchWrites is one table's part of a batch.
type batchWrites struct {
	table  string
	writes []*write
}

// batchWriteOf finds what is wrong with a request without its tables, and sorts it by table.
func batchWriteOf(in *dynamodb.BatchWriteItemInput, newer bool) ([]batchWrites, error) {
	names := slices.Sorted(maps.Keys(in.RequestItems))
	if err := checkBatchWrite(in, names, newer); err != nil {
		return nil, err
	}
	total := 0
	for _, name := range names {
		if err := checkTableName(&name); err != nil {
			return nil, err
		}
		total += len(in.RequestItems[name])
	}
	if total > size.MaxBatchWrite {
		return nil, refusal.Invalid("Too many items requested for the BatchWriteItem call")
	}
	var batches []batchWrites
	for _, name := range names {
		b := batchWrites{table: name}
		for _, r := range in.RequestItems[name] {
			w, err := batchWriteOne(name, r)
			if err != nil {
				return nil, refusal.Older(err)
			}
			w.batched = true
			b.writes = append(b.writes, w)
		}
		batches = append(batches, b)
	}
	return batches, nil
}

// checkBatchWrite checks the declared bounds of a batch.
func checkBatchWrite(in *dynamodb.BatchWriteItemInput, names []string, newer bool) error {
	if in.RequestItems != nil && len(names) == 0 {
		return refusal.EmptyBatch("BatchWriteItem", newer)
	}
	var c constraints
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.collectionMetrics(in.ReturnItemCollectionMetrics)
	c.required(in.RequestItems != nil, "requestItems")
	if len(names) > size.MaxBatchWrite {
		c.count(len(names), "{}", "requestItems", 1, size.MaxBatchWrite)
	}
	if slices.ContainsFunc(names, isNoName) {
		c.words(refusal.BadNames(shownWrites(in.RequestItems, names)))
	}
	for _, name := range names {
		requests := in.RequestItems[name]
		switch n := len(requests); {
		case n > 0 && n <= size.MaxBatchWrite:
		case newer && n == 0:
			c.words(refusal.TooFew("RequestItems."+name+".member", 1))
		case newer:
			c.words(refusal.TooMany("RequestItems."+name+".member", size.MaxBatchWrite))
		default:
			c.words(refusal.BadWrites(shownWrites(in.RequestItems, names), size.MaxBatchWrite))
		}
		for i, r := range requests {
			field := fmt.Sprintf("requestItems.%s.member.%d.member.", name, i+1)
			c.required(r.PutRequest == nil || r.PutRequest.Item != nil, field+"putRequest.item")
			c.required(r.DeleteRequest == nil || r.DeleteRequest.Key != nil, field+"deleteRequest.key")
		}
	}
	return c.err()
}

func batchWriteOne(table string, r types.WriteRequest) (*write, error) {
	switch {
	case (r.PutRequest != nil) == (r.DeleteRequest != nil): // told alike for none and for both
		return nil, refusal.Invalid(wire.MessageSeveral)
	case r.PutRequest != nil:
		return writeRequest{kind: putWrite, table: &table, item: r.PutRequest.Item}.write()
	}
	return writeRequest{kind: deleteWrite, table: &table, item: r.DeleteRequest.Key}.write()
}

// checkBatchWrites checks the writes against their table, and that no key stands there twice.
func (e *Engine) checkBatchWrites(b batchWrites) error {
	return e.reading(b.table, func(t *table) error {
		seen := make(map[string]bool, len(b.writes))
		for _, w := range b.writes {
			p, err := w.on(t)
			if err != nil {
				return err
			}
			if seen[p.key] {
				return refusal.Invalid("Provided list of item keys contains duplicates")
			}
			seen[p.key] = true
		}
		return nil
	})
}
