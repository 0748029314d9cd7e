package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
)

// BatchGetItem reads up to 100 keys of several tables, each by itself. Past 16 MB the rest is UnprocessedKeys, and past
// 1 MB the rest of one partition key's.
func (e *Engine) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput,
) (*dynamodb.BatchGetItemOutput, error) {
	out, tables, err := e.batchGet(ctx, in)
	if err != nil {
		return nil, err
	}
	out.Responses = make(map[string][]map[string]types.AttributeValue, len(tables))
	for _, b := range tables {
		items := make([]map[string]types.AttributeValue, len(b.items))
		for i, item := range b.items {
			items[i] = b.part.decoded(item)
		}
		if out.Responses[b.given] == nil {
			out.Responses[b.given] = []map[string]types.AttributeValue{} // of which the answer says that there are none
		}
		out.Responses[b.given] = append(out.Responses[b.given], items...)
	}
	return out, nil
}

// BatchGetPacked is BatchGetItem with the items packed, under their tables' names.
func (e *Engine) BatchGetPacked(
	ctx context.Context, in *dynamodb.BatchGetItemInput,
) (*dynamodb.BatchGetItemOutput, map[string][]packed.Item, error) {
	out, tables, err := e.batchGet(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	responses := make(map[string][]packed.Item, len(tables))
	for _, b := range tables {
		for _, item := range b.items {
			responses[b.given] = append(responses[b.given], b.part.packed(item))
		}
		if responses[b.given] == nil {
			responses[b.given] = []packed.Item{}
		}
	}
	return out, responses, nil
}

// batchTable is one table's part of a batch of reads.
type batchTable struct {
	given string // the table as the request names it
	name  string
	gets  []get
	part  *projection
	items []packed.Item // that were found
	units capacity
}

func (e *Engine) batchGet(
	ctx context.Context, in *dynamodb.BatchGetItemInput,
) (*dynamodb.BatchGetItemOutput, []*batchTable, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	tables, err := batchGetOf(in, e.front)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range tables {
		if err := e.checkBatchKeys(b); err != nil {
			return nil, nil, err
		}
	}
	out := &dynamodb.BatchGetItemOutput{UnprocessedKeys: map[string]types.KeysAndAttributes{}}
	room := batchRoom{partitions: map[string]int{}}
	left := leftOutOf(ctx)
	var throttled error
	processed := false
	for _, b := range tables {
		var unprocessed []int
		for i, g := range b.gets {
			if room.full(b, g) || left(b.name, g.key) {
				unprocessed = append(unprocessed, i)
				continue
			}
			var units capacity
			item, err := e.readOne(ctx, &units, g)
			if refusal.IsThrottled(err) {
				unprocessed, throttled = append(unprocessed, i), err
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			processed = true
			if !room.take(b, g, item.Size()) {
				unprocessed = append(unprocessed, i)
				continue
			}
			b.units.add(units)
			if item != "" {
				b.items = append(b.items, item)
			}
		}
		if unprocessed != nil {
			out.UnprocessedKeys[b.given] = unprocessedKeys(in.RequestItems[b.given], unprocessed)
		}
		e.charged(ctx, "BatchGetItem", &b.units, nil)
		if units := b.units.consumed(in.ReturnConsumedCapacity); units != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, *units)
		}
	}
	if throttled != nil && !processed {
		return nil, nil, throttled
	}
	return out, tables, nil
}

// batchRoom counts what a batch may still hold: of all tables together, and of each partition as much as a page.
type batchRoom struct {
	bytes      int
	partitions map[string]int // by table and encoded partition key
}

// full says whether nothing more of a key's partition has room, since something before it had none.
func (r *batchRoom) full(b *batchTable, g get) bool {
	return r.bytes > size.MaxBatchGetBytes || r.partitions[b.given+g.partition] > size.MaxPage
}

// take says whether an item has room. After one that has not, nothing has: of any partition, or of its own.
func (r *batchRoom) take(b *batchTable, g get, bytes int) bool {
	r.bytes += bytes
	if r.bytes > size.MaxBatchGetBytes {
		return false
	}
	if g.partition == "" {
		return true
	}
	r.partitions[b.given+g.partition] += bytes
	if r.partitions[b.given+g.partition] > size.MaxPage {
		r.bytes -= bytes
		return false
	}
	return true
}

// batchGetOf finds what is wrong with a request without its tables, and sorts it by table.
func batchGetOf(in *dynamodb.BatchGetItemInput, front refusal.Front) ([]*batchTable, error) {
	names := slices.Sorted(maps.Keys(in.RequestItems))
	if err := checkBatchGet(in, names, front[refusal.BatchGets]); err != nil {
		return nil, err
	}
	total := 0
	for _, name := range names {
		if err := checkTableName(&name); err != nil {
			return nil, err
		}
		total += len(in.RequestItems[name].Keys)
	}
	if total > size.MaxBatchGet {
		return nil, refusal.Invalid("Too many items requested for the BatchGetItem call")
	}
	if err := checkOneLanguage(in.RequestItems); err != nil {
		return nil, err
	}
	words := phrasingOfReads(front)
	var tables []*batchTable
	for _, name := range names {
		request := in.RequestItems[name]
		b := &batchTable{given: name, name: tableName(name), units: capacity{table: name}}
		var all get
		if err := all.from(name, request.ConsistentRead, request.ProjectionExpression, request.AttributesToGet,
			request.ExpressionAttributeNames, request.Keys...); err != nil {
			return nil, words.of(err)
		}
		b.part = all.part
		for _, key := range request.Keys {
			b.gets = append(b.gets, get{table: name, key: key, consistent: aws.ToBool(request.ConsistentRead)})
		}
		tables = append(tables, b)
	}
	return tables, nil
}

// checkBatchGet checks the declared bounds of a batch.
func checkBatchGet(in *dynamodb.BatchGetItemInput, names []string, newer bool) error {
	if in.RequestItems != nil && len(names) == 0 {
		return refusal.EmptyBatch("BatchGetItem", newer)
	}
	var c constraints
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.required(in.RequestItems != nil, "requestItems")
	if in.RequestItems != nil && len(names) > size.MaxBatchGet {
		c.count(len(names), "{}", "requestItems", 1, size.MaxBatchGet)
	}
	if slices.ContainsFunc(names, isNoName) {
		c.words(refusal.BadNames(jsonOf(in.RequestItems)))
	}
	for _, name := range names {
		keys := in.RequestItems[name].Keys
		field := "requestItems." + name + ".member.keys"
		c.required(keys != nil, field)
		switch {
		case keys == nil:
		case newer && len(keys) < 1:
			c.words(refusal.TooFew("RequestItems."+name+".member.Keys", 1))
		case newer && len(keys) > size.MaxBatchGet:
			c.words(refusal.TooMany("RequestItems."+name+".member.Keys", size.MaxBatchGet))
		case newer:
		default:
			c.count(len(keys), shownMembers(len(keys)), field, 1, size.MaxBatchGet)
		}
		c.attributesToGet(in.RequestItems[name].AttributesToGet, "requestItems."+name+".member.attributesToGet")
	}
	return c.err()
}

// isNoName tells a text that can name no table, and is no ARN.
func isNoName(name string) bool {
	return !isARN(name) && (len(name) < 3 || len(name) > 255 || strings.ContainsFunc(name, notInName))
}

// checkOneLanguage refuses a batch with an expression for one table and a legacy projection for another.
func checkOneLanguage(tables map[string]types.KeysAndAttributes) error {
	var legacy, expression bool
	for _, k := range tables {
		legacy = legacy || k.AttributesToGet != nil
		expression = expression || k.ProjectionExpression != nil
	}
	_, err := language{
		legacy:      []parameter{{name: "AttributesToGet", given: legacy}},
		expressions: []parameter{{name: "ProjectionExpression", given: expression}},
	}.scope()
	return err
}

// checkBatchKeys checks the keys against their table.
func (e *Engine) checkBatchKeys(b *batchTable) error {
	return e.reading(b.given, func(t *table) error {
		if err := b.part.checkScalars(t); err != nil {
			return err
		}
		for i, g := range b.gets {
			if _, err := t.keyOf(g.key); err != nil {
				return err
			}
			// else no partition has more than a page
			if len(b.gets) > size.MaxPage/size.MaxItem && len(t.keys.Sort) > 0 {
				b.gets[i].partition = t.keys.Partition(keyspace.Map(g.key))
			}
		}
		return nil
	})
}

// unprocessedKeys is the part of a request that has the keys at the given places.
func unprocessedKeys(request types.KeysAndAttributes, places []int) types.KeysAndAttributes {
	left := types.KeysAndAttributes{
		AttributesToGet:          slices.Clone(request.AttributesToGet),
		ConsistentRead:           copyOf(request.ConsistentRead),
		ExpressionAttributeNames: maps.Clone(request.ExpressionAttributeNames),
		ProjectionExpression:     copyOf(request.ProjectionExpression),
	}
	for _, i := range places {
		left.Keys = append(left.Keys, copyItem(request.Keys[i]))
	}
	return left
}

// copyItem copies an item whose values are right.
func copyItem(item map[string]types.AttributeValue) map[string]types.AttributeValue {
	packed, err := packed.Pack(item)
	if err != nil {
		return nil
	}
	return packed.Map()
}
