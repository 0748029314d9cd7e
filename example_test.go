package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// Pet is the lesson's item: a key, a name, and whatever else a pet's owner wrote.
type Pet struct {
	ID   int            `dynamodbav:"id"`
	Name string         `dynamodbav:"name"`
	More monotable.Item `monotable:"unknown"`
}

// The lesson: a table whose key is T's own attribute.
func Example() {
	ctx := context.Background()
	client := dynamotest.NewClient() // or dynamodb.NewFromConfig(cfg)
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	if err := admin.Create(ctx, client, schema, 0); err != nil {
		log.Fatal(err)
	}
	db, err := monotable.Open(client, schema)
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
	rachel, err := pets.Get(ctx, Pet{ID: 1})
	fmt.Println(rachel.Name, err)

	_, err = pets.Get(ctx, Pet{ID: 0}) // 0 is an id
	fmt.Println(errors.Is(err, monotable.ErrNotFound))

	err = pets.Create(ctx, &Pet{ID: 1, Name: "Mike"})
	var failed *monotable.Error
	if errors.Is(err, monotable.ErrExists) && errors.As(err, &failed) {
		name, _ := failed.Existing.String("name")
		fmt.Println("taken by", name)
	}
	// Output:
	// Rachel <nil>
	// true
	// taken by Rachel
}

// Order lives in a table with other types, under keys that templates make.
type Order struct {
	CustomerID string `dynamodbav:"customer_id"`
	ID         string `dynamodbav:"id"`
	Number     int    `dynamodbav:"number"`
	Status     string `dynamodbav:"status"`
	Total      int64  `dynamodbav:"total"`
}

var shop = monotable.Schema{
	Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type",
	Indexes: []monotable.Index{{Name: "by-status", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK")}},
}

func orders(ctx context.Context) *monotable.Table[Order] {
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
		"GSI1PK": "STATUS#{status}", "GSI1SK": "{number:6}",
	}})
	if err != nil {
		log.Fatal(err)
	}
	for i := range 5 {
		order := Order{CustomerID: "c1", ID: fmt.Sprint("o", i), Number: i, Status: "open", Total: int64(100 * i)}
		if err := orders.Put(ctx, &order); err != nil {
			log.Fatal(err)
		}
	}
	return orders
}

// A query takes the partition as a T, and conditions on sort fields as options.
func ExampleTable_Query() {
	ctx := context.Background()
	for order, err := range orders(ctx).Query(ctx, Order{CustomerID: "c1"}, monotable.From("number", 2),
		monotable.Descending()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(order.ID, order.Total)
	}
	// Output:
	// o4 400
	// o3 300
	// o2 200
}

// A page's cursor goes to the caller and comes back with the next request.
func ExampleTable_QueryPage() {
	ctx := context.Background()
	orders := orders(ctx)
	var at monotable.Cursor
	for {
		page, err := orders.QueryPage(ctx, Order{CustomerID: "c1"}, monotable.Limit(2), monotable.StartAfter(at))
		if err != nil {
			log.Fatal(err)
		}
		for _, order := range page.Items {
			fmt.Print(order.ID, " ")
		}
		fmt.Println(page.Next != "")
		if at = page.Next; at == "" {
			break
		}
	}
	// Output:
	// o0 o1 true
	// o2 o3 true
	// o4 false
}

// An update rewrites the index keys that are made of what it changes.
func ExampleTable_Update() {
	ctx := context.Background()
	orders := orders(ctx)
	paid, open := monotable.Set("status", "paid"), monotable.Is("status", "open")
	order, err := orders.Update(ctx, Order{CustomerID: "c1", Number: 3}, paid, monotable.If(open))
	fmt.Println(order.ID, order.Status, err)

	_, err = orders.Update(ctx, Order{CustomerID: "c1", Number: 3}, paid, monotable.If(open))
	fmt.Println(errors.Is(err, monotable.ErrCondition))

	for order, err := range orders.Query(ctx, Order{Status: "paid"}, monotable.On("by-status")) {
		fmt.Println(order.ID, err)
	}
	// Output:
	// o3 paid <nil>
	// true
	// o3 <nil>
}

// Modify reads, changes and writes the difference, as often as it takes.
func ExampleTable_Modify() {
	ctx := context.Background()
	order, err := orders(ctx).Modify(ctx, Order{CustomerID: "c1", Number: 4}, func(o *Order) error {
		o.Total += 50
		return nil
	})
	fmt.Println(order.Total, err)
	// Output: 450 <nil>
}

// A view reads some of the attributes, and cannot be written back.
func ExampleAs() {
	ctx := context.Background()
	type Summary struct {
		ID    string `dynamodbav:"id"`
		Total int64  `dynamodbav:"total"`
	}
	summaries, err := monotable.As[Summary](orders(ctx))
	if err != nil {
		log.Fatal(err)
	}
	summary, err := summaries.Get(ctx, Order{CustomerID: "c1", Number: 1})
	fmt.Println(summary, err)
	// Output: {o1 100} <nil>
}

// A meter sums what calls consumed.
func ExampleMetered() {
	ctx := context.Background()
	orders := orders(ctx)
	var meter monotable.Meter
	order := Order{CustomerID: "c2", ID: "o9", Number: 9, Status: "open"}
	if err := orders.Put(ctx, &order, monotable.Metered(&meter)); err != nil {
		log.Fatal(err)
	}
	used := meter.Used()
	fmt.Println(used.Table.Write, used.Indexes["by-status"].Write)
	// Output: 1 1
}
