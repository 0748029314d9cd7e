package otelmonotable_test

import (
	"context"
	"fmt"
	"log"

	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	otelmonotable "github.com/monotable/monotable/examples/otel"
)

// A service has an exporter for a reader, and gives its provider to otel.SetMeterProvider; here the figures are read
// back.
func ExampleCapacity() {
	ctx := context.Background()
	reader := sdk.NewManualReader()
	provider := sdk.NewMeterProvider(sdk.WithReader(reader))

	capacity, err := otelmonotable.Capacity(provider.Meter("example.com/pets"))
	if err != nil {
		log.Fatal(err)
	}
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	client := dynamotest.NewClient()
	if err := admin.Create(ctx, client, schema, 0); err != nil {
		log.Fatal(err)
	}
	db, err := monotable.Open(client, schema, capacity)
	if err != nil {
		log.Fatal(err)
	}
	type Pet struct {
		ID   int    `dynamodbav:"id"`
		Name string `dynamodbav:"name"`
	}
	pets, err := monotable.New[Pet](db, monotable.Model{})
	if err != nil {
		log.Fatal(err)
	}

	if err := pets.Create(ctx, &Pet{ID: 1, Name: "Rachel"}); err != nil {
		log.Fatal(err)
	}
	if _, err := pets.Get(ctx, Pet{ID: 1}, monotable.Pattern("pet by id")); err != nil {
		log.Fatal(err)
	}

	var collected metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &collected); err != nil {
		log.Fatal(err)
	}
	for _, m := range collected.ScopeMetrics[0].Metrics {
		for _, point := range m.Data.(metricdata.Sum[float64]).DataPoints {
			fmt.Println(m.Name, point.Value, m.Unit)
			for _, dimension := range point.Attributes.ToSlice() {
				fmt.Printf("  %s = %s\n", dimension.Key, dimension.Value.String())
			}
		}
	}
	// Output:
	// aws.dynamodb.consumed_read_capacity 0.5 {read_unit}
	//   db.collection.name = pets
	//   db.operation.name = GetItem
	//   db.system.name = aws.dynamodb
	//   monotable.entity = Pet
	//   monotable.pattern = pet by id
	// aws.dynamodb.consumed_write_capacity 1 {write_unit}
	//   db.collection.name = pets
	//   db.operation.name = PutItem
	//   db.system.name = aws.dynamodb
	//   monotable.entity = Pet
}
