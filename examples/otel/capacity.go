// Package otelmonotable records the capacity that monotable's calls consume as OpenTelemetry metrics.
//
// A service that has a MeterProvider gives its DB one option more:
//
//	capacity, err := otelmonotable.Capacity(otel.Meter("example.com/shop"))
//	if err != nil {
//		return err
//	}
//	db, err := monotable.Open(client, schema, capacity)
//
// From then on every request of the DB adds to two counters, once for the table and once for each index that took part:
//
//	aws.dynamodb.consumed_read_capacity   {read_unit}
//	aws.dynamodb.consumed_write_capacity  {write_unit}
//
// What they can be broken down by:
//
//	db.system.name           aws.dynamodb
//	db.collection.name       the table
//	aws.dynamodb.index_name  the index; not there for the table itself
//	db.operation.name        the request: Query, PutItem, TransactWriteItems
//	monotable.entity         the entity type; not there for a batch or transaction of several
//	monotable.pattern        what monotable.Pattern called the access pattern; not there without it
//	monotable.modelled       true for what the service charges without reporting it, as monotable.Metered says
//
// Names that begin with db and aws are OpenTelemetry's own, of its semantic conventions for DynamoDB, so that they
// stand beside those of the client's spans. A time series is made for every combination of these values, and all of
// them are few: no key or other value of an item is among them.
//
// It is a module of its own, so that monotable itself requires nothing of OpenTelemetry: import it, or copy this one
// file.
package otelmonotable

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/monotable/monotable"
)

// Names of the two counters.
const (
	ReadCapacity  = "aws.dynamodb.consumed_read_capacity"
	WriteCapacity = "aws.dynamodb.consumed_write_capacity"
)

// Keys of the attributes that the counters have.
const (
	System    = attribute.Key("db.system.name")
	Table     = attribute.Key("db.collection.name")
	Index     = attribute.Key("aws.dynamodb.index_name")
	Operation = attribute.Key("db.operation.name")
	Entity    = attribute.Key("monotable.entity")
	Pattern   = attribute.Key("monotable.pattern")
	Modelled  = attribute.Key("monotable.modelled")
)

// Capacity is an option for monotable.Open that adds what the DB's requests consume to two counters of the meter. All
// requests then ask the service for their consumed capacity, which costs nothing. The call's context reaches the meter,
// so that exemplars lead from a figure to the trace that spent it.
//
// It returns the meter's error if a counter cannot be made.
func Capacity(meter metric.Meter) (monotable.OpenOption, error) {
	read, err := meter.Float64Counter(ReadCapacity, metric.WithUnit("{read_unit}"),
		metric.WithDescription("Read capacity units that DynamoDB requests consumed."))
	if err != nil {
		return nil, err
	}
	write, err := meter.Float64Counter(WriteCapacity, metric.WithUnit("{write_unit}"),
		metric.WithDescription("Write capacity units that DynamoDB requests consumed."))
	if err != nil {
		return nil, err
	}
	return monotable.Observe(func(ctx context.Context, u monotable.Usage) {
		dimensions := metric.WithAttributeSet(dimensionsOf(u))
		if u.Read > 0 {
			read.Add(ctx, u.Read, dimensions)
		}
		if u.Write > 0 {
			write.Add(ctx, u.Write, dimensions)
		}
	}), nil
}

// dimensionsOf is what the metrics are broken down by.
func dimensionsOf(u monotable.Usage) attribute.Set {
	dimensions := []attribute.KeyValue{System.String("aws.dynamodb"), Table.String(u.Table),
		Operation.String(u.Operation)}
	for _, optional := range []attribute.KeyValue{Index.String(u.Index), Entity.String(u.Entity),
		Pattern.String(u.Pattern)} {
		if optional.Value.AsString() != "" {
			dimensions = append(dimensions, optional)
		}
	}
	if u.Modelled {
		dimensions = append(dimensions, Modelled.Bool(true))
	}
	return attribute.NewSet(dimensions...)
}
