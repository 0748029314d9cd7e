package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
)

// TransactGetItems reads up to 100 keys of several tables as of one moment.
func (e *Engine) TransactGetItems(
	ctx context.Context, in *dynamodb.TransactGetItemsInput,
) (*dynamodb.TransactGetItemsOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	gets, err := transactGetsOf(in, e.front)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(gets))
	for i, g := range gets {
		names[i] = g.table
	}
	locked, err := e.lockAll(names, false)
	if err != nil {
		return nil, err
	}
	items, units, err := func() ([]packed.Item, []*capacity, error) {
		defer locked.unlock()
		return locked.getAll(gets)
	}()
	if err != nil {
		return nil, err
	}
	out := &dynamodb.TransactGetItemsOutput{Responses: make([]types.ItemResponse, len(items))}
	for i, item := range items {
		if found := gets[i].part.decoded(item); len(found) > 0 { // an item of which nothing was asked is left out
			out.Responses[i].Item = found
		}
	}
	out.ConsumedCapacity = e.settleUnits(ctx, "TransactGetItems", units, in.ReturnConsumedCapacity, nil)
	return out, nil
}

// transactGetsOf finds what is wrong with a request without its tables.
func transactGetsOf(in *dynamodb.TransactGetItemsInput, front refusal.Front) ([]get, error) {
	if front[refusal.TransactGets] && in.TransactItems != nil && len(in.TransactItems) == 0 {
		return nil, refusal.EmptyTransaction()
	}
	var c constraints
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.required(in.TransactItems != nil, "transactItems")
	if in.TransactItems != nil {
		c.count(len(in.TransactItems), shownMembers(len(in.TransactItems)), "transactItems", 1, size.MaxTransaction)
	}
	for i, item := range in.TransactItems {
		field := fmt.Sprintf("transactItems.%d.member.get", i+1)
		c.required(item.Get != nil, field)
		if item.Get != nil {
			c.required(item.Get.TableName != nil, field+".tableName")
			c.tableAt(item.Get.TableName, field+".tableName")
			c.required(item.Get.Key != nil, field+".key")
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	gets := make([]get, len(in.TransactItems))
	for i, item := range in.TransactItems {
		r := item.Get
		if err := checkTableName(r.TableName); err != nil {
			return nil, err
		}
		if err := gets[i].from(*r.TableName, nil, r.ProjectionExpression, nil, r.ExpressionAttributeNames,
			r.Key); err != nil {
			return nil, refusal.Older(err)
		}
	}
	return gets, nil
}

// getAll reads all keys and counts what they cost, table by table.
func (l *lockedTables) getAll(gets []get) ([]packed.Item, []*capacity, error) {
	items := make([]packed.Item, len(gets))
	var units []*capacity
	seen := map[itemID]bool{}
	var reasons []types.CancellationReason
	failed := false
	bytes := 0
	for i, g := range gets {
		t := l.table(g.table)
		if err := g.part.checkScalars(t); err != nil {
			return nil, nil, err
		}
		key, err := t.keyOf(g.key)
		reasons = append(reasons, reasonOf(err))
		if err != nil {
			failed = true
			continue
		}
		if seen[itemID{t, key}] {
			return nil, nil, errTwiceInTransaction
		}
		seen[itemID{t, key}] = true
		items[i], _ = t.items.Get(key)
		bytes += items[i].Size()
		c := capacityOf(&units, g.table)
		c.items++
		c.read += size.TransactReadUnits(items[i].Size())
	}
	if failed {
		return nil, nil, cancelled(reasons)
	}
	if bytes > size.MaxTransactionBytes {
		return nil, nil, errTransactionTooLarge
	}
	return items, units, l.admitGets(gets, items, reasons)
}

// admitGets takes the units of a transaction's reads, or refuses all of it in the place of the first that is throttled.
func (l *lockedTables) admitGets(gets []get, items []packed.Item, reasons []types.CancellationReason) error {
	if l.tables[0].shared.limiter == nil {
		return nil
	}
	demands := make([][]throttled, len(gets))
	for i, g := range gets {
		t := l.table(g.table)
		demands[i] = []throttled{{t: t, partition: t.keys.Partition(keyspace.Map(g.key)),
			units: size.TransactReadUnits(items[i].Size())}}
	}
	refused, err := l.tables[0].shared.admitAll(demands)
	if err != nil {
		reasons[refused] = reasonOf(err)
		return cancelled(reasons)
	}
	return nil
}

// itemID tells an item from all others.
type itemID struct {
	t   *table
	key string
}

// capacityOf finds a table's count in a request over several tables.
func capacityOf(units *[]*capacity, table string) *capacity {
	i := slices.IndexFunc(*units, func(c *capacity) bool { return tableName(c.table) == tableName(table) })
	if i < 0 {
		i = len(*units)
		*units = append(*units, &capacity{table: table, transactional: true})
	}
	return (*units)[i]
}

// settleUnits reports a transaction's units and shapes them for the answer.
func (e *Engine) settleUnits(
	ctx context.Context, operation string, units []*capacity, mode types.ReturnConsumedCapacity, err error,
) []types.ConsumedCapacity {
	var out []types.ConsumedCapacity
	slices.SortFunc(units, func(a, b *capacity) int { return compareNames(a.table, b.table) })
	for _, c := range units {
		e.charged(ctx, operation, c, err)
		if consumed := c.consumed(mode); consumed != nil {
			out = append(out, *consumed)
		}
	}
	return out
}
