package plan_test

import (
	"fmt"
	"log"
	"os"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/plan"
)

// A workload is what is stored and what is done with it; its plan says what that needs and what it costs a month.
func Example() {
	sheet, err := plan.Prices("us-east-1")
	if err != nil {
		log.Fatal(err)
	}
	p, err := plan.New(plan.Workload{
		Name:    "orders",
		Indexes: []plan.Index{{Name: "by-status"}},
		Entities: []plan.Entity{
			{Name: "Order", Count: 5_000_000, Sizes: plan.Bytes(1200),
				Entries: []plan.Entry{{Index: "by-status", Sizes: plan.Bytes(200)}}},
		},
		Patterns: []plan.AccessPattern{
			{Name: "place an order", Operation: plan.PutItem, Entity: "Order", Average: 20, Peak: 100},
			{Name: "read an order", Operation: plan.GetItem, Entity: "Order", Average: 200, Peak: 800},
			{Name: "orders by status", Operation: plan.Query, Entity: "Order", Index: "by-status", Items: 50,
				Average: 5, Peak: 20},
			{Name: "mark as paid", Operation: plan.UpdateItem, Entity: "Order", Average: 20, Peak: 100,
				Effects: plan.Effects{"by-status": plan.Moves}},
		},
		PeakHours: 2,
	}, sheet)
	if err != nil {
		log.Fatal(err)
	}
	for _, bill := range p.Bills {
		fmt.Printf("%-37s %8.2f USD a month\n", bill.Name, bill.Total)
	}
	paid := p.Patterns[3]
	fmt.Printf("%s: %v write units each, %.0f%% of the cheapest bill\n", paid.Name, paid.Each.Write, 100*paid.Share)
	// Output:
	// on-demand, Standard                     267.13 USD a month
	// provisioned for the peak, Standard      535.20 USD a month
	// provisioned, auto scaling, Standard     111.73 USD a month
	// on-demand, Standard-IA                  331.51 USD a month
	// provisioned for the peak, Standard-IA   664.47 USD a month
	// provisioned, auto scaling, Standard-IA   137.43 USD a month
	// mark as paid: 4 write units each, 50% of the cheapest bill
}

// The sizes of an entity type come from samples: T's values as the table would store them.
func ExampleEntityOf() {
	type Order struct {
		CustomerID string `dynamodbav:"customer_id"`
		ID         string `dynamodbav:"id"`
		Status     string `dynamodbav:"status"`
	}
	schema := monotable.Schema{Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"),
		Indexes: []monotable.Index{{Name: "by-status", Partition: monotable.S("status"), Sort: monotable.S("SK"),
			KeysOnly: true}}}
	db, err := monotable.Open(dynamotest.NewClient(), schema)
	if err != nil {
		log.Fatal(err)
	}
	orders, err := monotable.New[Order](db, monotable.Model{Keys: map[string]string{"PK": "CUSTOMER#{customer_id}",
		"SK": "ORDER#{id}"}})
	if err != nil {
		log.Fatal(err)
	}
	entity, err := plan.EntityOf(orders, schema, 1_000_000, Order{CustomerID: "c1", ID: "o1", Status: "open"},
		Order{CustomerID: "c2", ID: "o22", Status: "paid"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(entity.Name, entity.Sizes.Mean(), entity.Entries[0].Index, entity.Entries[0].Sizes.Mean())
	// Output:
	// Order 51 by-status 33.5
}

// Busy keys are held against what one partition can do.
func ExampleTraffic_HotKeys() {
	hot, err := plan.Traffic{
		Name:   "GSI1, by status",
		Keys:   plan.Zipf(5, 1),
		Writes: 3000, // a second, at peak
		Seed:   1,
	}.HotKeys()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("busiest key: %.0f%% of the requests, %.0f write units a second\n", 100*hot.Busiest[0].Share,
		hot.Busiest[0].Write)
	fmt.Printf("refused: %.0f%%; shards that end it: %d\n", 100*hot.Writing.Sustained, hot.WriteShards)
	// Output:
	// busiest key: 44% of the requests, 1314 write units a second
	// refused: 10%; shards that end it: 2
}

// A report is text, Markdown, JSON or a page.
func ExampleText() {
	hot, err := plan.Traffic{Name: "votes", Keys: plan.Uniform(2), Writes: 2500, Seed: 1}.HotKeys()
	if err != nil {
		log.Fatal(err)
	}
	if err := plan.Text(os.Stdout, hot); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Hot keys: votes
	// ===============
	//
	// Busiest keys
	// ------------
	// Keys: uniform over 2 keys. Peak: 0 read and 2,500 write units a second.
	// 2 keys ask for more than a partition can do. Of the writes, 20% are refused as long as that lasts;
	// simulated over 15m, 20%. Written under 2 shards each, the keys stay within a partition.
	// key       share  RU/s   WU/s  of a partition
	// each key    50%     0  1,250            125%
	// - Simulated: 2,249,583 requests in 15m, with seed 1; a refused request is not sent again.
	// - Adaptive capacity may split a busy item collection by its sort keys and so relieve it, but not one
	//   single item. When, AWS does not publish, and it is not counted on here.
}
