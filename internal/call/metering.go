package call

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/size"
)

// metering is a client that tells what its requests consumed.
type metering struct {
	Client
	told func(context.Context, Consumption)
}

// NewMetering is a client that tells what its requests consumed: what the service reports and, marked, what it charges
// without a report. All requests ask for their consumed capacity.
func NewMetering(of Client, told func(context.Context, Consumption)) Client {
	return metering{of, told}
}

// Client is what sends a table's requests.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput,
		...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput,
		...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput,
		...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput,
		...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	TransactGetItems(context.Context, *dynamodb.TransactGetItemsInput,
		...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput,
		...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Consumption is what one request consumed on one table or index.
type Consumption struct {
	Table, Index, Operation string
	Entity, Pattern         string // of the call
	Modelled                bool   // computed by the guide's rules, since the service does not report it
	Read, Write             float64
}

// tell passes on what one request consumed, unless that is nothing.
func (m metering) tell(ctx context.Context, c Consumption) {
	if c.Read != 0 || c.Write != 0 {
		m.told(ctx, c)
	}
}

// tellConsumed passes on what a response reports. The service leaves the split into read and write out of single-item
// and query responses, where the operation says which it was. Attempts whose answer was lost are taken to have cost the
// same.
func (m metering) tellConsumed(ctx context.Context, operation string, write bool, c *types.ConsumedCapacity, lost int) {
	if c == nil {
		return
	}
	tell := func(index string, total, read, written *float64) {
		of := Consumption{Table: aws.ToString(c.TableName), Index: index, Operation: operation,
			Read: aws.ToFloat64(total)}
		switch {
		case read != nil || written != nil:
			of.Read, of.Write = aws.ToFloat64(read), aws.ToFloat64(written)
		case write:
			of.Read, of.Write = 0, of.Read
		}
		m.tell(ctx, of)
		if lost > 0 {
			of.Modelled, of.Read, of.Write = true, of.Read*float64(lost), of.Write*float64(lost)
			m.tell(ctx, of)
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

// tellModelled passes on what the service charges a table without a report, for a failed attempt and those lost before
// it.
func (m metering) tellModelled(ctx context.Context, operation string, table *string, write float64, times int) {
	m.tell(ctx, Consumption{Table: aws.ToString(table), Operation: operation, Modelled: true,
		Write: write * float64(times)})
}

const reportIndexes = types.ReturnConsumedCapacityIndexes

func (m metering) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.GetItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "GetItem", false, out.ConsumedCapacity, attempts.Lost())
	}
	return out, err
}

func (m metering) Query(ctx context.Context, in *dynamodb.QueryInput,
	o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.Query(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "Query", false, out.ConsumedCapacity, attempts.Lost())
	}
	return out, err
}

func (m metering) Scan(ctx context.Context, in *dynamodb.ScanInput,
	o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.Scan(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "Scan", false, out.ConsumedCapacity, attempts.Lost())
	}
	return out, err
}

func (m metering) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.BatchGetItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		for i := range out.ConsumedCapacity {
			m.tellConsumed(ctx, "BatchGetItem", false, &out.ConsumedCapacity[i], attempts.Lost())
		}
	}
	return out, err
}

func (m metering) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.TransactGetItems(ctx, in, attempts.Options(o)...)
	if err == nil {
		for i := range out.ConsumedCapacity {
			m.tellConsumed(ctx, "TransactGetItems", false, &out.ConsumedCapacity[i], attempts.Lost())
		}
	}
	return out, err
}

func (m metering) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.PutItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "PutItem", true, out.ConsumedCapacity, attempts.Lost())
		return out, nil
	}
	m.tellRefused(ctx, "PutItem", in.TableName, in.Item, err, attempts.Lost())
	return out, err
}

func (m metering) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.UpdateItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "UpdateItem", true, out.ConsumedCapacity, attempts.Lost())
		return out, nil
	}
	m.tellRefused(ctx, "UpdateItem", in.TableName, nil, err, attempts.Lost())
	return out, err
}

func (m metering) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.DeleteItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		m.tellConsumed(ctx, "DeleteItem", true, out.ConsumedCapacity, attempts.Lost())
		return out, nil
	}
	m.tellRefused(ctx, "DeleteItem", in.TableName, nil, err, attempts.Lost())
	return out, err
}

func (m metering) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.BatchWriteItem(ctx, in, attempts.Options(o)...)
	if err == nil {
		for i := range out.ConsumedCapacity {
			m.tellConsumed(ctx, "BatchWriteItem", true, &out.ConsumedCapacity[i], attempts.Lost())
		}
	}
	return out, err
}

func (m metering) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	attempts := Watch()
	in.ReturnConsumedCapacity = reportIndexes
	out, err := m.Client.TransactWriteItems(ctx, in, attempts.Options(o)...)
	if err == nil {
		for i := range out.ConsumedCapacity {
			m.tellConsumed(ctx, "TransactWriteItems", true, &out.ConsumedCapacity[i], 0)
		}
		if n := attempts.Lost(); n > 0 {
			// if one took place, the answered one was a replay, and reports its reads
			m.tellTransaction(ctx, in, nil, n)
		}
		return out, nil
	}
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		m.tellTransaction(ctx, in, cancelled.CancellationReasons, 1+attempts.Lost())
	}
	return out, err
}

// tellRefused models a failed condition, which the service charges as a write of the larger of the item that was there
// and the one to be written, on the table alone.
func (m metering) tellRefused(ctx context.Context, operation string, table *string, next attr.Item, err error,
	lost int) {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		m.tellModelled(ctx, operation, table, size.WriteUnits(max(size.Item(failed.Item), size.Item(next))), 1+lost)
	}
}

// tellTransaction models a transaction that was charged without a report.
func (m metering) tellTransaction(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	reasons []types.CancellationReason, times int) {
	for i, action := range in.TransactItems {
		var table *string
		var next attr.Item
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
