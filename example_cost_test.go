package monotable_test

import (
	"context"
	"fmt"
	"log"

	"github.com/monotable/monotable"
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
	fmt.Println(cost)
	// Output:
	// 1 + 2 = 3
	// 3 write units
	//   table      1 write unit   PutItem: 108 bytes before and 108 after; each 1 KB of the larger of the item before and after is a unit
	//   by-status  2 write units  PutItem: 108 bytes before and 108 after; the key changes: each 1 KB of the old entry and each of the new one is a unit
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
