package otelmonotable_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	otelmonotable "github.com/monotable/monotable/examples/otel"
)

// order is an item of the table shop.
type order struct {
	CustomerID string `dynamodbav:"customer_id"`
	ID         string `dynamodbav:"id"`
	Status     string `dynamodbav:"status"`
}

var shop = monotable.Schema{
	Name: "shop", Partition: monotable.S("customer_id"), Sort: monotable.S("id"),
	Indexes: []monotable.Index{{Name: "by-status", Partition: monotable.S("status"), Sort: monotable.S("id")}},
}

// read collects what the provider's counters have, by name and then by attributes.
func read(t *testing.T, reader sdk.Reader) map[string]map[attribute.Set]float64 {
	var collected metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &collected))
	counters := map[string]map[attribute.Set]float64{}
	for _, scope := range collected.ScopeMetrics {
		for _, m := range scope.Metrics {
			assert.Contains(t, map[string]string{
				otelmonotable.ReadCapacity: "{read_unit}", otelmonotable.WriteCapacity: "{write_unit}",
			}, m.Name)
			sum := m.Data.(metricdata.Sum[float64])
			assert.True(t, sum.IsMonotonic)
			counters[m.Name] = map[attribute.Set]float64{}
			for _, point := range sum.DataPoints {
				counters[m.Name][point.Attributes] = point.Value
			}
		}
	}
	return counters
}

func open(t *testing.T, provider metric.MeterProvider) *monotable.Table[order] {
	capacity, err := otelmonotable.Capacity(provider.Meter("example.com/shop"))
	require.NoError(t, err)
	db, err := monotable.Open(dynamotest.New(t, shop), shop, capacity)
	require.NoError(t, err)
	orders, err := monotable.New[order](db, monotable.Model{Type: "Order"})
	require.NoError(t, err)
	return orders
}

func dimensions(operation string, more ...attribute.KeyValue) attribute.Set {
	return attribute.NewSet(append(more,
		otelmonotable.System.String("aws.dynamodb"), otelmonotable.Table.String("shop"),
		otelmonotable.Operation.String(operation))...)
}

// What a reader collects is what the calls consumed, by table, index, entity type, operation and access pattern.
func TestCapacityIsCollected(t *testing.T) {
	ctx := t.Context()
	reader := sdk.NewManualReader()
	orders := open(t, sdk.NewMeterProvider(sdk.WithReader(reader)))
	var meter monotable.Meter
	metered := monotable.Metered(&meter)

	place := monotable.Pattern("place order")
	require.NoError(t, orders.Create(ctx, &order{"c1", "o1", "open"}, metered, place))
	require.NoError(t, orders.Create(ctx, &order{"c1", "o2", "open"}, metered, place))
	require.ErrorIs(t, orders.Create(ctx, &order{"c1", "o2", "open"}, metered, place), monotable.ErrExists)
	require.NoError(t, orders.PutMany(ctx, []order{{"c2", "o3", "paid"}, {"c2", "o4", "paid"}}, metered))
	_, err := orders.Get(ctx, order{CustomerID: "c1", ID: "o1"}, metered)
	require.NoError(t, err)
	_, err = orders.Get(ctx, order{CustomerID: "c1", ID: "nowhere"}, metered, monotable.Consistent())
	require.ErrorIs(t, err, monotable.ErrNotFound)
	for _, err := range orders.Query(ctx, order{Status: "paid"}, monotable.On("by-status"), metered,
		monotable.Pattern("orders to ship")) {
		require.NoError(t, err)
	}

	entity := otelmonotable.Entity.String("Order")
	pattern, index := otelmonotable.Pattern.String("place order"), otelmonotable.Index.String("by-status")
	counters := read(t, reader)
	assert.Equal(t, map[string]map[attribute.Set]float64{
		otelmonotable.WriteCapacity: {
			dimensions("PutItem", entity, pattern):                                    2,
			dimensions("PutItem", entity, pattern, index):                             2,
			dimensions("PutItem", entity, pattern, otelmonotable.Modelled.Bool(true)): 1,
			dimensions("BatchWriteItem", entity):                                      2,
			dimensions("BatchWriteItem", entity, index):                               2,
		},
		otelmonotable.ReadCapacity: {
			dimensions("GetItem", entity): 0.5 + 1,
			dimensions("Query", entity, index, otelmonotable.Pattern.String("orders to ship")): 0.5,
		},
	}, counters)

	var units monotable.Units
	for _, n := range counters[otelmonotable.ReadCapacity] {
		units.Read += n
	}
	for _, n := range counters[otelmonotable.WriteCapacity] {
		units.Write += n
	}
	assert.Equal(t, meter.Used().Units, units, "the counters have what the meter has")
}

// Deltas suit collectors that want them: each collection has what was consumed since the last.
func TestCapacityAsDeltas(t *testing.T) {
	ctx := t.Context()
	reader := sdk.NewManualReader(sdk.WithTemporalitySelector(sdk.DeltaTemporalitySelector))
	orders := open(t, sdk.NewMeterProvider(sdk.WithReader(reader)))
	for i, want := range []float64{1, 2} {
		for range int(want) {
			require.NoError(t, orders.Put(ctx, &order{"c1", string(rune('a' + i)), "open"}))
		}
		total := read(t, reader)[otelmonotable.WriteCapacity][dimensions("PutItem",
			otelmonotable.Entity.String("Order"))]
		assert.Equal(t, want, total)
	}
}

// refusing is a meter that makes no counter of one name.
type refusing struct {
	metric.Meter
	name string
}

var errRefused = errors.New("refused")

func (m refusing) Float64Counter(name string, o ...metric.Float64CounterOption) (metric.Float64Counter, error) {
	if name == m.name {
		return nil, errRefused
	}
	return m.Meter.Float64Counter(name, o...)
}

func TestCapacityReturnsTheMetersError(t *testing.T) {
	for _, name := range []string{otelmonotable.ReadCapacity, otelmonotable.WriteCapacity} {
		_, err := otelmonotable.Capacity(refusing{noop.NewMeterProvider().Meter("none"), name})
		assert.ErrorIs(t, err, errRefused, name)
	}
	_, err := otelmonotable.Capacity(noop.NewMeterProvider().Meter("none"))
	assert.NoError(t, err)
}

func TestNamesAreThoseOfTheSemanticConventions(t *testing.T) {
	assert.Equal(t, semconv.DBSystemNameAWSDynamoDB, otelmonotable.System.String("aws.dynamodb"))
	assert.Equal(t, semconv.DBCollectionNameKey, otelmonotable.Table)
	assert.Equal(t, semconv.AWSDynamoDBIndexNameKey, otelmonotable.Index)
	assert.Equal(t, semconv.DBOperationNameKey, otelmonotable.Operation)
}
