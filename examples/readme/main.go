package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

func main() {
	client := dynamotest.NewClient() // a DynamoDB in this process; a service has dynamodb.NewFromConfig(cfg)
	if err := run(context.Background(), client); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, client interface {
	monotable.Client
	admin.Client
}) error {
	if err := admin.Create(ctx, client, schema, time.Minute, admin.AllowExisting()); err != nil {
		return err
	}
	shop, err := Open(client)
	if err != nil {
		return err
	}
	if err := shop.Customers.Put(ctx, &Customer{ID: "rachel", Name: "Rachel"}); err != nil {
		return err
	}
	placed := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	for i, id := range []string{"o1", "o2", "o3"} {
		o := Order{Customer: "rachel", ID: id, PlacedAt: placed.AddDate(0, 0, i), Status: "paid"}
		if err := shop.Orders.Put(ctx, &o); err != nil {
			return err
		}
	}
	shipped, err := shop.Orders.Update(ctx, Order{Customer: "rachel", ID: "o1", PlacedAt: placed},
		monotable.Set("status", "shipped"), monotable.If(monotable.Is("status", "paid")))
	if err != nil {
		return err
	}
	fmt.Println(shipped.ID, "is", shipped.Status)
	for o, err := range shop.Orders.Query(ctx, Order{Status: "paid"}, monotable.On("by-status"), monotable.Limit(10)) {
		if err != nil {
			return err
		}
		fmt.Println(o.ID, "waits")
	}
	return nil
}
