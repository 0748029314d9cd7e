package monotable

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/size"
)

// metering is a client that tells a call's meter and the DB's observer what its requests consumed.
type metering struct {
	Client
	db     *DB
	s      *settings
	entity string
}

// metered is the DB's client, watched if somebody counts.
func (db *DB) metered(s *settings, entity string) Client {
	if len(s.meters) == 0 && db.observe == nil {
		return db.client
	}
	return metering{db.client, db, s, entity}
}

// via is the client that a call's requests on this entity type go to.
func (e *core) via(s *settings) Client {
	client := e.db.via(s)
	if m, ok := client.(metering); ok {
		m.entity = e.Name
		return m
	}
	return client
}

// entityOfAll is the entity type that all of n operations are of; "" if they are of several.
func entityOfAll(n int, of func(i int) *core) string {
	for i := range n {
		if of(i) != of(0) {
			return ""
		}
	}
	if n == 0 {
		return ""
	}
	return entityName(of(0))
}

// tell passes on what one request consumed.
func (m metering) tell(ctx context.Context, u Usage) {
	if u.Units == (Units{}) {
		return
	}
	u.Entity, u.Pattern = m.entity, m.s.pattern
	for _, meter := range m.s.meters {
		meter.add(u)
	}
	if m.db.observe != nil {
		m.db.observe(ctx, u)
	}
}

// tellConsumed passes on what a response reports. The service leaves the split into read and write out of single-item and query
// responses, where the operation says which it was. Attempts whose answer was lost are taken to have cost the same.
func (m metering) tellConsumed(ctx context.Context, operation string, write bool, c *types.ConsumedCapacity, lost int) {
	if c == nil {
		return
	}
	tell := func(index string, total, read, written *float64) {
		units := Units{Read: deref(total)}
		switch {
		case read != nil || written != nil:
			units = Units{deref(read), deref(written)}
		case write:
			units = Units{Write: deref(total)}
		}
		u := Usage{Table: deref(c.TableName), Index: index, Operation: operation, Units: units}
		m.tell(ctx, u)
		if lost > 0 {
			u.Modelled, u.Units = true, Units{units.Read * float64(lost), units.Write * float64(lost)}
			m.tell(ctx, u)
		}
	}
	if c.Table == nil && len(c.LocalSecondaryIndexes) == 0 && len(c.GlobalSecondaryIndexes) == 0 {
		tell("", c.CapacityUnits, c.ReadCapacityUnits, c.WriteCapacityUnits)
		return
	}
	if c.Table != nil {
		tell("", c.Table.CapacityUnits, c.Table.ReadCapacityUnits, c.Table.WriteCapacityUnits)
	}
	for _, indexes := range []map[string]types.Capacity{c.LocalSecondaryIndexes, c.GlobalSecondaryIndexes} {
		for name, x := range indexes {
			tell(name, x.CapacityUnits, x.ReadCapacityUnits, x.WriteCapacityUnits)
		}
	}
}

// tellModelled passes on what the service charges a table without a report, for a failed attempt and those lost before it.
func (m metering) tellModelled(ctx context.Context, operation string, table *string, write float64, times int) {
	m.tell(ctx, Usage{Table: deref(table), Operation: operation, Modelled: true, Units: Units{Write: write * float64(times)}})
}

const reportIndexes = types.ReturnConsumedCapacityIndexes

func (m metering) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.GetItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "GetItem", false, out.ConsumedCapacity, attempts.Lost())
	}
	return out, err
}

func (m metering) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.Query(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "Query", false, out.ConsumedCapacity, attempts.Lost())
	}
	return out, err
}

func (m metering) Scan(ctx context.Context, in *dynamodb.ScanInput, o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.Scan(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "Scan", false, out.ConsumedCapacity, attempts.Lost())
	}
	return out, err
}

func (m metering) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.BatchGetItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		for i := range out.ConsumedCapacity {
			m.tellConsumed(ctx, "BatchGetItem", false, &out.ConsumedCapacity[i], attempts.Lost())
		}
	}
	return out, err
}

func (m metering) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.TransactGetItems(ctx, in, attempts.Options(o)...)
	if err == nil {
		for i := range out.ConsumedCapacity {
			m.tellConsumed(ctx, "TransactGetItems", false, &out.ConsumedCapacity[i], attempts.Lost())
		}
	}
	return out, err
}

func (m metering) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.PutItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "PutItem", true, out.ConsumedCapacity, attempts.Lost())
		return out, nil
	}
	m.tellRefused(ctx, "PutItem", in.TableName, in.Item, err, attempts.Lost())
	return out, err
}

func (m metering) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.UpdateItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "UpdateItem", true, out.ConsumedCapacity, attempts.Lost())
		return out, nil
	}
	m.tellRefused(ctx, "UpdateItem", in.TableName, nil, err, attempts.Lost())
	return out, err
}

func (m metering) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.DeleteItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "DeleteItem", true, out.ConsumedCapacity, attempts.Lost())
		return out, nil
	}
	m.tellRefused(ctx, "DeleteItem", in.TableName, nil, err, attempts.Lost())
	return out, err
}

func (m metering) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.BatchWriteItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		for i := range out.ConsumedCapacity {
			m.tellConsumed(ctx, "BatchWriteItem", true, &out.ConsumedCapacity[i], attempts.Lost())
		}
	}
	return out, err
}

func (m metering) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	attempts := call.Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.TransactWriteItems(ctx, in, attempts.Options(o)...)
	if err == nil {
		for i := range out.ConsumedCapacity {
			m.tellConsumed(ctx, "TransactWriteItems", true, &out.ConsumedCapacity[i], 0)
		}
		if n := attempts.Lost(); n > 0 {
			m.tellTransaction(ctx, in, nil, n) // if one took place, the answered one was a replay, and reports its reads
		}
		return out, nil
	}
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		m.tellTransaction(ctx, in, cancelled.CancellationReasons, 1+attempts.Lost())
	}
	return out, err
}

// tellRefused models a failed condition, which the service charges as a write of the larger of the item that was there and the
// one to be written, on the table alone.
func (m metering) tellRefused(ctx context.Context, operation string, table *string, next attributes, err error, lost int) {
	if existing, condition := refused(err); condition {
		m.tellModelled(ctx, operation, table, size.WriteUnits(max(size.Item(existing), size.Item(next))), 1+lost)
	}
}

// tellTransaction models a transaction that was charged without a report.
func (m metering) tellTransaction(ctx context.Context, in *dynamodb.TransactWriteItemsInput, reasons []types.CancellationReason, times int) {
	for i, action := range in.TransactItems {
		var table *string
		var next attributes
		switch {
		case action.Put != nil:
			table, next = action.Put.TableName, action.Put.Item
		case action.Update != nil:
			table = action.Update.TableName
		case action.Delete != nil:
			table = action.Delete.TableName
		default:
			table = action.ConditionCheck.TableName
		}
		bytes := size.Item(next)
		if i < len(reasons) {
			bytes = max(bytes, size.Item(reasons[i].Item))
		}
		m.tellModelled(ctx, "TransactWriteItems", table, size.TransactWriteUnits(bytes), times)
	}
}

// deref is the value, or its zero.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
