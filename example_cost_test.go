package monotable_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// What an order's change of status will cost: its entry in the index by status moves.
func ExampleTable_WriteCost() {
	orders := orders(context.Background())
	open := Order{CustomerID: "c1", ID: "o1", Number: 1, Status: "open", Total: 2995}
	paid := open
	paid.Status = "paid"

	cost, err := orders.WriteCost(&open, &paid)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cost.Table.Write, "+", cost.Indexes["by-status"].Write, "=", cost.Write)
	fmt.Println(strings.ReplaceAll(cost.String(), "; ", ";\n    ")) // for a narrow page
	// Output:
	// 1 + 2 = 3
	// 3 write units
	//   table      1 write unit   PutItem: 108 bytes before and 108 after;
	//     each 1 KB of the larger of the item before and after is a unit
	//   by-status  2 write units  PutItem: 108 bytes before and 108 after;
	//     the key changes: each 1 KB of the old entry and each of the new one is a unit
}

// Reads are rounded to 4 KB: each item of a batch by itself, the items of a page together.
func ExampleReadCost() {
	get, err := monotable.ReadCost(6500)
	if err != nil {
		log.Fatal(err)
	}
	batch, err := monotable.BatchReadCost([]int{6500, 1500, 0}, monotable.Consistent())
	if err != nil {
		log.Fatal(err)
	}
	query, err := monotable.QueryCost(1500, 64, monotable.Consistent())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(get)
	fmt.Println(batch)
	fmt.Println(query)
	// Output:
	// 1 read unit
	//   table  1 read unit  GetItem: 6,500 bytes; each 4 KB read eventually consistently is half a unit
	// 4 read units
	//   table  2 read units  BatchGetItem: 6,500 bytes; each 4 KB read consistently is a unit
	//   table  1 read unit   BatchGetItem: 1,500 bytes; each 4 KB read consistently is a unit
	//   table  1 read unit   BatchGetItem: nothing found; each 4 KB read consistently is a unit
	// 24 read units
	//   table  24 read units  Query: 96,000 bytes; each 4 KB read consistently is a unit
}

// A meter sums what calls consumed, by access pattern where they say which they are.
func ExamplePattern() {
	ctx := context.Background()
	orders := orders(ctx)
	var meter monotable.Meter
	for _, err := range orders.Query(ctx, Order{CustomerID: "c1"}, monotable.Metered(&meter),
		monotable.Pattern("orders by customer")) {
		if err != nil {
			log.Fatal(err)
		}
	}
	order := Order{CustomerID: "c1", ID: "o9", Number: 9, Status: "open"}
	if err := orders.Create(ctx, &order, monotable.Metered(&meter), monotable.Pattern("place order")); err != nil {
		log.Fatal(err)
	}
	// it exists, and is charged
	_ = orders.Create(ctx, &order, monotable.Metered(&meter), monotable.Pattern("place order"))

	fmt.Println(meter.Used())
	fmt.Println(meter.Patterns()["orders by customer"])
	for _, u := range meter.Breakdown() {
		fmt.Println(u.Operation, u.Index, u.Units, u.Modelled)
	}
	// Output:
	// 0.5 read unit, 3 write units: table 0.5 read unit, 2 write units, by-status 1 write unit (some of it modelled)
	// 0.5 read unit
	// PutItem  1 write unit false
	// PutItem  1 write unit true
	// Query  0.5 read unit false
	// PutItem by-status 1 write unit false
}

// A hook sees what every request of a DB consumed: here it is logged.
func ExampleObserve_slog() {
	logger := slog.New(slog.NewTextHandler(os.Stdout,
		&slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
				return slog.Attr{}
			}
			return a
		}}))
	observe := monotable.Observe(func(ctx context.Context, u monotable.Usage) {
		logger.LogAttrs(ctx, slog.LevelInfo, "capacity",
			slog.String("table", u.Table), slog.String("index", u.Index), slog.String("entity", u.Entity),
			slog.String("operation", u.Operation), slog.String("pattern", u.Pattern),
			slog.Float64("read", u.Read), slog.Float64("write", u.Write), slog.Bool("modelled", u.Modelled))
	})

	ctx, client := context.Background(), dynamotest.NewClient()
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	if err := admin.Create(ctx, client, schema, 0); err != nil {
		log.Fatal(err)
	}
	db, err := monotable.Open(client, schema, observe)
	if err != nil {
		log.Fatal(err)
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
	// Output:
	// msg=capacity table=pets index="" entity=Pet operation=PutItem pattern="" read=0 write=1 modelled=false
	// msg=capacity table=pets index="" entity=Pet operation=GetItem pattern="pet by id" read=0.5 write=0 modelled=false
}
