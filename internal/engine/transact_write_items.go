package engine

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
)

// TransactWriteItems does up to 100 writes of several tables, all or none.
func (e *Engine) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput,
) (*dynamodb.TransactWriteItemsOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	writes, err := transactWritesOf(in, e.front)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(writes))
	for i, w := range writes {
		names[i] = w.table
	}
	var digest tokenDigest
	if in.ClientRequestToken != nil {
		digest = digestOf(in)
	}
	locked, err := e.lockAll(names, true)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.TransactWriteItemsOutput{}
	units, err := func() ([]*capacity, error) {
		defer locked.unlock()
		return e.transact(locked, writes, digest, in, out)
	}()
	consumed := e.settleUnits(ctx, "TransactWriteItems", units, in.ReturnConsumedCapacity, err)
	if err != nil {
		return nil, err
	}
	out.ConsumedCapacity = consumed
	return out, nil
}

// transact does the writes under the tables' locks, or tells of the replay of a transaction that was done before.
func (e *Engine) transact(locked *lockedTables, writes []*write, digest tokenDigest,
	in *dynamodb.TransactWriteItemsInput, out *dynamodb.TransactWriteItemsOutput) ([]*capacity, error) {
	token := aws.ToString(in.ClientRequestToken)
	if token != "" {
		replay, err := e.tokens.replays(token, digest, e.options.Clock())
		if err != nil {
			return nil, err
		}
		if replay {
			return locked.replayUnits(writes), nil
		}
	}
	effects, units, err := locked.effects(writes)
	if err != nil {
		return units, err
	}
	for _, f := range effects {
		f.apply(capacityOf(&units, f.table))
		if in.ReturnItemCollectionMetrics == types.ReturnItemCollectionMetricsSize && f.kind != checkWrite {
			if m := f.t.collectionMetrics(f); m != nil {
				addMetrics(&out.ItemCollectionMetrics, f.t.name, *m)
			}
		}
	}
	if token != "" {
		e.tokens.remember(token, digest, e.options.Clock())
	}
	return units, nil
}

// effects evaluates all writes on the items as they are and counts what the tables charge for them. If one cannot be
// done, the error tells of each, in its place.
func (l *lockedTables) effects(writes []*write) ([]effect, []*capacity, error) {
	effects := make([]effect, len(writes))
	reasons := make([]types.CancellationReason, len(writes))
	var units []*capacity
	failed, misfit := false, false
	seen := map[itemID]bool{}
	for i, w := range writes {
		p, err := w.on(l.table(w.table))
		if err == nil {
			id := itemID{p.t, p.key}
			if seen[id] {
				return nil, nil, errTwiceInTransaction
			}
			seen[id] = true
			effects[i], err = p.effect()
			c := capacityOf(&units, w.table)
			c.items++
			c.write += effects[i].transactUnits()
			if err == errUpdateTooLarge && w.charged { // a refusal of the whole request where updates are charged
				return nil, nil, err
			}
		} else if isItemError(err) && misfit { // of several that do not fit their tables the first is told
			err = nil
		} else {
			misfit = true
		}
		if whole := refusal.OfRequest(err); whole != nil {
			return nil, nil, whole
		}
		if err != nil && !isItemError(err) {
			return nil, nil, err
		}
		reasons[i] = reasonOf(err)
		failed = failed || err != nil
	}
	if err := l.admitWrites(effects, reasons, failed); err != nil {
		return nil, nil, err
	}
	if failed {
		return nil, units, cancelled(reasons)
	}
	return effects, units, nil
}

// admitWrites takes the units of a transaction's writes, or refuses all of it in the place of the first that is
// throttled. One that failed takes its units all the same.
func (l *lockedTables) admitWrites(effects []effect, reasons []types.CancellationReason, failed bool) error {
	e := l.tables[0].shared
	if e.limiter == nil {
		return nil
	}
	demands := make([][]throttled, len(effects))
	for i, f := range effects {
		if f.write != nil { // its key fits the table
			demands[i] = f.demands(f.transactUnits(), failed)
		}
	}
	refused, err := e.admitAll(demands)
	if err == nil {
		return nil
	}
	for i := range reasons {
		reasons[i] = reasonOf(nil)
	}
	reasons[refused] = reasonOf(err)
	return cancelled(reasons)
}

// transactUnits gives what the table itself charges for one action of a transaction.
func (f *effect) transactUnits() float64 {
	return size.TransactWriteUnits(max(f.old.Size(), f.new.Size()))
}

// replayUnits counts the reads that a replay is charged for.
func (l *lockedTables) replayUnits(writes []*write) []*capacity {
	var units []*capacity
	for _, w := range writes {
		if p, err := w.on(l.table(w.table)); err == nil {
			item, _ := p.t.items.Get(p.key)
			c := capacityOf(&units, w.table)
			c.items++
			c.read += size.TransactReadUnits(item.Size())
		}
	}
	return units
}

// transactWritesOf finds what is wrong with a request without its tables.
func transactWritesOf(in *dynamodb.TransactWriteItemsInput, front refusal.Front) ([]*write, error) {
	newer := front[refusal.TransactWrites]
	if newer && in.TransactItems != nil && len(in.TransactItems) == 0 {
		return nil, refusal.EmptyTransaction()
	}
	var c constraints
	c.length(in.ClientRequestToken, "clientRequestToken", 1, size.MaxToken)
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.collectionMetrics(in.ReturnItemCollectionMetrics)
	c.required(in.TransactItems != nil, "transactItems")
	if in.TransactItems != nil {
		c.count(len(in.TransactItems), shownMembers(len(in.TransactItems)), "transactItems", 1, size.MaxTransaction)
	}
	for i, item := range in.TransactItems {
		c.transactItem(item, fmt.Sprintf("transactItems.%d.member.", i+1))
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	writes := make([]*write, len(in.TransactItems))
	bytes := 0
	for i, item := range in.TransactItems {
		var err error
		if writes[i], err = transactWriteOf(item, newer); err != nil {
			return nil, refusal.Older(err)
		}
		if bytes += writes[i].payload(); bytes > size.MaxTransactionBytes {
			return nil, refusal.Invalidf("Transaction payload size cannot exceed 4MB. Payload Size: %d", bytes)
		}
	}
	return writes, nil
}

// payload gives the bytes that a transaction is charged for an action: those of what it sends, whatever the item is
// that it finds.
func (w *write) payload() int {
	if w.kind == putWrite {
		return w.item.Size() + w.expressionBytes
	}
	return size.Item(w.key) + w.expressionBytes
}

func (c *constraints) transactItem(item types.TransactWriteItem, field string) {
	if r := item.ConditionCheck; r != nil {
		c.action(field+"conditionCheck.", r.TableName, r.ReturnValuesOnConditionCheckFailure)
		c.required(r.Key != nil, field+"conditionCheck.key")
		c.required(r.ConditionExpression != nil, field+"conditionCheck.conditionExpression")
	}
	if r := item.Put; r != nil {
		c.action(field+"put.", r.TableName, r.ReturnValuesOnConditionCheckFailure)
		c.required(r.Item != nil, field+"put.item")
	}
	if r := item.Update; r != nil {
		c.action(field+"update.", r.TableName, r.ReturnValuesOnConditionCheckFailure)
		c.required(r.Key != nil, field+"update.key")
		c.required(r.UpdateExpression != nil, field+"update.updateExpression")
	}
	if r := item.Delete; r != nil {
		c.action(field+"delete.", r.TableName, r.ReturnValuesOnConditionCheckFailure)
		c.required(r.Key != nil, field+"delete.key")
	}
}

func (c *constraints) action(field string, table *string, onFailure types.ReturnValuesOnConditionCheckFailure) {
	c.required(table != nil, field+"tableName")
	c.tableAt(table, field+"tableName")
	c.onFailure(onFailure, field+"returnValuesOnConditionCheckFailure")
}

// transactWriteOf makes the write of one action.
func transactWriteOf(item types.TransactWriteItem, newer bool) (*write, error) {
	var r writeRequest
	given := 0
	if a := item.ConditionCheck; a != nil {
		given++
		r = writeRequest{kind: checkWrite, table: a.TableName, item: a.Key, condition: a.ConditionExpression,
			names: a.ExpressionAttributeNames, values: a.ExpressionAttributeValues,
			onFailure: a.ReturnValuesOnConditionCheckFailure}
	}
	if a := item.Put; a != nil {
		given++
		r = writeRequest{kind: putWrite, table: a.TableName, item: a.Item, condition: a.ConditionExpression,
			names: a.ExpressionAttributeNames, values: a.ExpressionAttributeValues,
			onFailure: a.ReturnValuesOnConditionCheckFailure}
	}
	if a := item.Delete; a != nil {
		given++
		r = writeRequest{kind: deleteWrite, table: a.TableName, item: a.Key, condition: a.ConditionExpression,
			names: a.ExpressionAttributeNames, values: a.ExpressionAttributeValues,
			onFailure: a.ReturnValuesOnConditionCheckFailure}
	}
	if a := item.Update; a != nil {
		given++
		r = writeRequest{kind: updateWrite, table: a.TableName, item: a.Key, update: a.UpdateExpression,
			condition: a.ConditionExpression,
			names:     a.ExpressionAttributeNames, values: a.ExpressionAttributeValues,
			onFailure: a.ReturnValuesOnConditionCheckFailure}
	}
	switch given {
	case 0:
		return nil,
			refusal.Invalid("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
	case 1:
	default:
		return nil, refusal.Invalid("TransactItems can only contain one of Check, Put, Update or Delete")
	}
	if err := checkTableName(r.table); err != nil {
		return nil, err
	}
	if !newer {
		return r.write()
	}
	tooDeep := r.checkDepth()
	if speech, deeper := r.language().shallow(); deeper != nil { // the service tells everything else first
		r.values = speech.values
	}
	w, err := r.write()
	if err != nil || tooDeep != nil {
		return nil, cmp.Or(err, tooDeep)
	}
	w.charged = true
	return w, nil
}

// Replays says whether a call repeats a transaction that was done, under its token: it will be answered, and does
// nothing.
func (e *Engine) Replays(in any) bool {
	var replay bool
	var err error
	switch t := in.(type) {
	case *dynamodb.TransactWriteItemsInput:
		if t != nil && aws.ToString(t.ClientRequestToken) != "" {
			replay, err = e.tokens.replays(*t.ClientRequestToken, digestOf(t), e.options.Clock())
		}
	case *dynamodb.ExecuteTransactionInput:
		if t != nil && aws.ToString(t.ClientRequestToken) != "" {
			replay, err = e.statementTokens.replays(*t.ClientRequestToken, digestStatements(t), e.options.Clock())
		}
	}
	return replay && err == nil
}
