package monotable_test

import (
	"context"
	"fmt"
	"log"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// openTable makes a table in a DynamoDB of its own, and opens it.
func openTable(ctx context.Context, schema monotable.Schema) *monotable.DB {
	client := dynamotest.NewClient()
	if err := admin.Create(ctx, client, schema, 0); err != nil {
		log.Fatal(err)
	}
	db, err := monotable.Open(client, schema)
	if err != nil {
		log.Fatal(err)
	}
	return db
}

// A sparse index holds only the items that have its key: here the orders that a courier has, and no others.
func ExampleIndex_sparse() {
	type Order struct {
		ID      string `dynamodbav:"id"`
		Courier string `dynamodbav:"courier,omitempty"`
	}
	ctx := context.Background()
	db := openTable(ctx, monotable.Schema{
		Name: "orders", Partition: monotable.S("id"),
		Indexes: []monotable.Index{{Name: "out", Partition: monotable.S("courier"), Sort: monotable.S("id")}},
	})
	orders, err := monotable.New[Order](db, monotable.Model{})
	if err != nil {
		log.Fatal(err)
	}
	if err := orders.PutMany(ctx, []Order{{"o1", ""}, {"o2", "ann"}, {"o3", "ann"}}); err != nil {
		log.Fatal(err)
	}
	if _, err := orders.Update(ctx, Order{ID: "o2"}, monotable.Remove("courier")); err != nil {
		log.Fatal(err)
	}
	for order, err := range orders.Query(ctx, Order{Courier: "ann"}, monotable.On("out")) {
		fmt.Println(order.ID, err)
	}
	// Output: o3 <nil>
}

// An inverted index has the table's sort key as its partition key and the other way round: a relation read from both
// ends.
func ExampleIndex_inverted() {
	type Membership struct {
		User  string `dynamodbav:"user"`
		Group string `dynamodbav:"group"`
	}
	ctx := context.Background()
	db := openTable(ctx, monotable.Schema{
		Name: "members", Partition: monotable.S("PK"), Sort: monotable.S("SK"),
		Indexes: []monotable.Index{{Name: "inverted", Partition: monotable.S("SK"), Sort: monotable.S("PK")}},
	})
	members, err := monotable.New[Membership](db,
		monotable.Model{Keys: map[string]string{"PK": "USER#{user}", "SK": "GROUP#{group}"}})
	if err != nil {
		log.Fatal(err)
	}
	if err := members.PutMany(ctx, []Membership{{"ann", "chess"}, {"ann", "choir"}, {"bob", "choir"}}); err != nil {
		log.Fatal(err)
	}
	for m := range members.Query(ctx, Membership{User: "ann"}) {
		fmt.Println("ann is in", m.Group)
	}
	for m := range members.Query(ctx, Membership{Group: "choir"}, monotable.On("inverted")) {
		fmt.Println("choir has", m.User)
	}
	// Output:
	// ann is in chess
	// ann is in choir
	// choir has ann
	// choir has bob
}

// An overloaded index serves several types, each with a key of its own in the same attributes. A query of one type
// finds that type alone.
func ExampleIndex_overloaded() {
	type User struct {
		ID    string `dynamodbav:"id"`
		Email string `dynamodbav:"email"`
	}
	type Ticket struct {
		ID     string `dynamodbav:"id"`
		Status string `dynamodbav:"status"`
		Rank   int    `dynamodbav:"rank"`
	}
	ctx := context.Background()
	db := openTable(ctx, monotable.Schema{
		Name: "desk", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type",
		Indexes: []monotable.Index{{Name: "GSI1", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK")}},
	})
	users, err := monotable.New[User](db, monotable.Model{Keys: map[string]string{
		"PK": "USER#{id}", "SK": "USER", "GSI1PK": "EMAIL#{email|lower}", "GSI1SK": "USER",
	}})
	if err != nil {
		log.Fatal(err)
	}
	tickets, err := monotable.New[Ticket](db, monotable.Model{Keys: map[string]string{
		"PK": "TICKET#{id}", "SK": "TICKET", "GSI1PK": "STATUS#{status}", "GSI1SK": "{rank:3|desc}",
	}})
	if err != nil {
		log.Fatal(err)
	}
	err = db.BatchWrite(ctx, []monotable.Op{
		users.PutOp(&User{"u1", "Ann@example.com"}),
		tickets.PutOp(&Ticket{"t1", "open", 2}), tickets.PutOp(&Ticket{"t2", "open", 9}),
		tickets.PutOp(&Ticket{"t3", "closed", 5}),
	})
	if err != nil {
		log.Fatal(err)
	}
	for user := range users.Query(ctx, User{Email: "ann@EXAMPLE.com"}, monotable.On("GSI1")) {
		fmt.Println(user.ID)
	}
	for ticket := range tickets.Query(ctx, Ticket{Status: "open"}, monotable.On("GSI1")) {
		fmt.Println(ticket.ID, ticket.Rank)
	}
	// Output:
	// u1
	// t2 9
	// t1 2
}

// In an adjacency list a node and its edges share a partition: one query reads a node with all it leads to, and an
// inverted index what leads to it.
func ExampleIndex_adjacencyList() {
	type Part struct {
		ID   string `dynamodbav:"id"`
		Name string `dynamodbav:"name"`
	}
	type Use struct {
		Of    string `dynamodbav:"of"` // the part that is made of others
		ID    string `dynamodbav:"id"` // one that it is made of
		Count int    `dynamodbav:"count"`
	}
	ctx := context.Background()
	db := openTable(ctx, monotable.Schema{
		Name: "parts", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type",
		Indexes: []monotable.Index{{Name: "used-by", Partition: monotable.S("SK"), Sort: monotable.S("PK")}},
	})
	parts, err := monotable.New[Part](db, monotable.Model{Keys: map[string]string{"PK": "PART#{id}",
		"SK": "PART#{id}"}})
	if err != nil {
		log.Fatal(err)
	}
	uses, err := monotable.New[Use](db, monotable.Model{Keys: map[string]string{"PK": "PART#{of}", "SK": "PART#{id}"}})
	if err != nil {
		log.Fatal(err)
	}
	err = db.BatchWrite(ctx, []monotable.Op{
		parts.PutOp(&Part{"bike", "Bicycle"}), parts.PutOp(&Part{"cart", "Cart"}), parts.PutOp(&Part{"wheel", "Wheel"}),
		uses.PutOp(&Use{"bike", "wheel", 2}), uses.PutOp(&Use{"cart", "wheel", 4}),
	})
	if err != nil {
		log.Fatal(err)
	}
	type assembly struct {
		Part Part
		Uses []Use
	}
	bike, err := monotable.Gather[assembly](ctx, parts, Part{ID: "bike"})
	fmt.Println(bike.Part.Name, bike.Uses, err)
	for use := range uses.Query(ctx, Use{ID: "wheel"}, monotable.On("used-by")) {
		fmt.Println(use.Of, "uses", use.Count)
	}
	// Output:
	// Bicycle [{bike wheel 2}] <nil>
	// bike uses 2
	// cart uses 4
}
