package monotable_test

import (
	"context"
	"fmt"
	"log"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// All open orders in one index partition would be more writes than a partition takes, so that they are spread over
// four, by their ids. A query asks all four and merges what they answer, in the order of the sort key.
func ExampleTable_Query_sharded() {
	ctx := context.Background()
	client := dynamotest.NewClient()
	if err := admin.Create(ctx, client, shop, 0); err != nil {
		log.Fatal(err)
	}
	db, err := monotable.Open(client, shop)
	if err != nil {
		log.Fatal(err)
	}
	orders, err := monotable.New[Order](db, monotable.Model{Keys: map[string]string{
		"PK": "CUSTOMER#{customer_id}", "SK": "ORDER#{number:6}",
		"GSI1PK": "STATUS#{status}#{id|shard:4}", "GSI1SK": "{total:9}",
	}})
	if err != nil {
		log.Fatal(err)
	}
	for i := range 5 {
		order := Order{CustomerID: "c1", ID: fmt.Sprint("o", i), Number: i, Status: "open", Total: int64(100 * i)}
		if err := orders.Put(ctx, &order); err != nil {
			log.Fatal(err)
		}
		item, err := orders.Encode(order)
		if err != nil {
			log.Fatal(err)
		}
		key, _ := item.String("GSI1PK")
		fmt.Println(key)
	}

	dearest, err := orders.QueryPage(ctx, Order{Status: "open"}, monotable.On("by-status"), monotable.Descending(),
		monotable.Limit(3))
	if err != nil {
		log.Fatal(err)
	}
	for _, order := range dearest.Items {
		fmt.Println(order.ID, order.Total)
	}
	// Output:
	// STATUS#open#2
	// STATUS#open#0
	// STATUS#open#3
	// STATUS#open#1
	// STATUS#open#0
	// o4 400
	// o3 300
	// o2 200
}
