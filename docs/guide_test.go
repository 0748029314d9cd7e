package docs_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

type Address struct {
	Street string `dynamodbav:"street,omitempty"`
	City   string `dynamodbav:"city,omitempty"`
}

type Customer struct {
	ID      string         `dynamodbav:"id"`
	Email   string         `dynamodbav:"email"`
	Name    string         `dynamodbav:"name"`
	Address Address        `dynamodbav:"address"`
	Spent   int            `dynamodbav:"spent"`
	Tags    []string       `dynamodbav:"tags,stringset,omitempty"`
	Version int64          `dynamodbav:"version"`
	More    monotable.Item `monotable:"unknown"` // attributes that Customer does not name
}

type Order struct {
	Customer  string    `dynamodbav:"customer"`
	ID        string    `dynamodbav:"id"`
	PlacedAt  time.Time `dynamodbav:"placed_at"`
	Status    string    `dynamodbav:"status"`
	Total     int       `dynamodbav:"total"`
	ShippedAt time.Time `dynamodbav:"shipped_at" monotable:"omitzero"` // left out while it is zero
}

var schema = monotable.Schema{
	Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type",
	Indexes: []monotable.Index{{Name: "GSI1", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK")}},
}

var customerModel = monotable.Model{
	Keys: map[string]string{
		"PK": "CUSTOMER#{id}", "SK": "CUSTOMER",
		"GSI1PK": "CITY#{address.city}", "GSI1SK": "{id}", // who has no city is not in the index
	},
	Unique:  map[string]string{"email": "{email|lower}"},
	Version: "version",
}

var orderModel = monotable.Model{Keys: map[string]string{
	"PK": "CUSTOMER#{customer}", "SK": "ORDER#{placed_at}#{id}",
	"GSI1PK": "STATUS#{status}", "GSI1SK": "{placed_at}#{id}",
}}

// shop is the guide's table, with its two types.
type shop struct {
	client    *dynamotest.Client
	db        *monotable.DB
	customers *monotable.Table[Customer]
	orders    *monotable.Table[Order]
}

var day = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

// open makes the table with Rachel in it, and three orders of hers.
func open(ctx context.Context) shop {
	s := shop{client: dynamotest.NewClient()}
	check(admin.Create(ctx, s.client, schema, time.Minute))
	var err, err1, err2 error
	s.db, err = monotable.Open(s.client, schema, monotable.CursorKeys([]byte("sixteen bytes or more")))
	check(err)
	s.customers, err1 = monotable.New[Customer](s.db, customerModel)
	s.orders, err2 = monotable.New[Order](s.db, orderModel)
	check(errors.Join(err1, err2))
	check(s.customers.Create(ctx, &Customer{ID: "c1", Email: "rachel@example.com", Name: "Rachel",
		Address: Address{City: "Oslo"}}))
	for i, status := range []string{"shipped", "paid", "paid"} {
		check(s.orders.Create(ctx, &Order{Customer: "c1", ID: fmt.Sprint("o", i+1), PlacedAt: day.AddDate(0, 0, i),
			Status: status, Total: 10 * (i + 1)}))
	}
	return s
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func Example_keys() {
	ctx := context.Background()
	s := open(ctx)
	item, err := s.orders.Encode(Order{Customer: "c1", ID: "o9", PlacedAt: day, Status: "paid", Total: 5})
	check(err)
	for _, key := range []string{"PK", "SK", "GSI1PK", "GSI1SK"} {
		text, _ := item.String(key)
		fmt.Println(key, text)
	}
	_, err = s.orders.Get(ctx, Order{Customer: "c1"})
	fmt.Println(errors.Is(err, monotable.ErrKey), err)
	// Output:
	// PK CUSTOMER#c1
	// SK ORDER#2026-11-28T00:00:00.000000000Z#o9
	// GSI1PK STATUS#paid
	// GSI1SK 2026-11-28T00:00:00.000000000Z#o9
	// true monotable: Get Order: key: placed_at, which key SK is made of, is not set
}

func Example_items() {
	ctx := context.Background()
	s := open(ctx)
	c, err := s.customers.Get(ctx, Customer{ID: "c1"})
	check(err)
	c.Name = "Rachel G."
	check(s.customers.Put(ctx, &c)) // c.More holds what Customer does not name, and is written back

	item, err := s.customers.Encode(c)
	check(err)
	city, err := item.String("address.city")
	fmt.Println(city, err)
	_, err = item.Int("name")
	fmt.Println(err)
	fmt.Println(item.Size(), "bytes")
	// Output:
	// Oslo <nil>
	// monotable: attribute name is a string, not a number
	// 132 bytes
}

func Example_reading() {
	ctx := context.Background()
	s := open(ctx)

	order, err := s.orders.Get(ctx, Order{Customer: "c1", PlacedAt: day, ID: "o1"})
	if errors.Is(err, monotable.ErrNotFound) {
		fmt.Println("there is none")
	}
	fmt.Println(order.ID, order.Status)

	november, err := monotable.Collect(s.orders.Query(ctx, Order{Customer: "c1"},
		monotable.From("placed_at", day), monotable.Before("placed_at", day.AddDate(0, 0, 2))))
	fmt.Println(len(november), err)

	for o, err := range s.orders.Query(ctx, Order{Status: "paid"}, monotable.On("GSI1"), monotable.Descending(),
		monotable.Limit(10)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(o.ID)
	}

	several, err := s.orders.GetMany(ctx, []Order{
		{Customer: "c1", PlacedAt: day, ID: "o1"}, {Customer: "c1", PlacedAt: day, ID: "none"},
	})
	fmt.Println(several[0].ID, several[1] == nil, err)
	// Output:
	// o1 shipped
	// 2 <nil>
	// o3
	// o2
	// o1 true <nil>
}

// Account is a partition: a customer with the orders.
type Account struct {
	Customer Customer
	Orders   []Order
}

// Status is what a list of orders needs.
type Status struct {
	ID     string `dynamodbav:"id"`
	Status string `dynamodbav:"status"`
}

func Example_collections() {
	ctx := context.Background()
	s := open(ctx)
	account, err := monotable.Gather[Account](ctx, s.customers, Customer{ID: "c1"})
	fmt.Println(account.Customer.Name, len(account.Orders), err)

	statuses, err := monotable.As[Status](s.orders)
	check(err)
	all, err := monotable.Collect(statuses.Query(ctx, Order{Customer: "c1"}))
	fmt.Println(all, err)
	// Output:
	// Rachel 3 <nil>
	// [{o1 shipped} {o2 paid} {o3 paid}] <nil>
}

func Example_writing() {
	ctx := context.Background()
	s := open(ctx)
	key := Order{Customer: "c1", PlacedAt: day.AddDate(0, 0, 1), ID: "o2"}

	shipped, err := s.orders.Update(ctx, key, monotable.Set("status", "shipped"),
		monotable.If(monotable.Is("status", "paid")))
	fmt.Println(shipped.Status, err)

	_, err = s.orders.Update(ctx, key, monotable.Set("status", "shipped"), monotable.If(monotable.Is("status", "paid")))
	var failed *monotable.Error
	if errors.Is(err, monotable.ErrCondition) && errors.As(err, &failed) {
		status, _ := failed.Existing.String("status")
		fmt.Println("it is", status, "already")
	}

	in := Customer{ID: "c1", Name: "Rachel G.", Address: Address{City: "Bergen"}} // from a request's body
	c, err := s.customers.Update(ctx, in, monotable.Patch(in, "name", "address.city"), monotable.AtVersion(1))
	fmt.Println(c.Name, c.Address.City, c.Version, err)

	c, err = s.customers.Modify(ctx, Customer{ID: "c1"}, func(c *Customer) error {
		c.Tags = append(c.Tags, "vip")
		return nil
	})
	fmt.Println(c.Tags, c.Version, err)

	_, err = s.customers.Update(ctx, c, monotable.Add("spent", 20), monotable.AtVersion(1))
	fmt.Println(errors.Is(err, monotable.ErrVersion))

	check(s.orders.Delete(ctx, key))
	// Output:
	// shipped <nil>
	// it is shipped already
	// Rachel G. Bergen 2 <nil>
	// [vip] 3 <nil>
	// true
}

var (
	ErrGone    = errors.New("that customer is gone")
	ErrOrdered = errors.New("that order was placed already")
)

func Example_transactions() {
	ctx := context.Background()
	s := open(ctx)
	place := func(o Order) error {
		return s.db.Write(ctx, []monotable.Op{
			s.orders.CreateOp(&o).Else(ErrOrdered),
			s.customers.UpdateOp(Customer{ID: o.Customer}, monotable.Add("spent", o.Total)).Else(ErrGone),
		}, monotable.Retry(3))
	}
	fmt.Println(place(Order{Customer: "c1", ID: "o4", PlacedAt: day, Status: "paid", Total: 40}))
	fmt.Println(errors.Is(place(Order{Customer: "c1", ID: "o4", PlacedAt: day, Status: "paid"}), ErrOrdered))
	fmt.Println(errors.Is(place(Order{Customer: "c2", ID: "o5", PlacedAt: day, Status: "paid"}), ErrGone))

	var c *Customer
	var o *Order
	err := s.db.Read(ctx, []monotable.ReadOp{
		s.customers.GetOp(Customer{ID: "c1"}, &c),
		s.orders.GetOp(Order{Customer: "c1", PlacedAt: day, ID: "o4"}, &o),
	})
	fmt.Println(c.Spent, o.Total, err)
	// Output:
	// <nil>
	// true
	// true
	// 40 40 <nil>
}

func Example_uniqueness() {
	ctx := context.Background()
	s := open(ctx)
	err := s.customers.Create(ctx, &Customer{ID: "c2", Email: "RACHEL@example.com", Name: "Another"})
	var failed *monotable.Error
	if errors.Is(err, monotable.ErrExists) && errors.As(err, &failed) {
		fmt.Println("taken:", failed.Constraint)
	}
	c, err := s.customers.GetBy(ctx, "email", Customer{Email: "rachel@example.com"})
	fmt.Println(c.ID, err)
	_, err = s.customers.Modify(ctx, Customer{ID: "c1"}, func(c *Customer) error {
		c.Email = "rachel@example.org" // the old address is free again
		return nil
	})
	fmt.Println(err)
	// Output:
	// taken: email
	// c1 <nil>
	// <nil>
}

func Example_cursors() {
	ctx := context.Background()
	s := open(ctx)
	page := func(after monotable.Cursor) (monotable.Page[Order], error) {
		return s.orders.QueryPage(ctx, Order{Customer: "c1"}, monotable.Limit(2), monotable.StartAfter(after),
			monotable.Lookahead())
	}
	first, err := page("")
	check(err)
	second, err := page(first.Next)
	check(err)
	fmt.Println(len(first.Items), first.Next != "", len(second.Items), second.Next == "")
	_, err = page("made up")
	fmt.Println(errors.Is(err, monotable.ErrCursor))
	// Output:
	// 2 true 1 true
	// true
}

func Example_costs() {
	ctx := context.Background()
	s := open(ctx)
	var spent monotable.Meter
	_, err := s.orders.Update(ctx, Order{Customer: "c1", PlacedAt: day, ID: "o1"}, monotable.Set("status", "returned"),
		monotable.Metered(&spent))
	check(err)
	fmt.Println(spent.Used())

	before := Order{Customer: "c1", ID: "o1", PlacedAt: day, Status: "paid", Total: 10}
	after := before
	after.Status = "shipped"
	cost, err := s.orders.UpdateCost(&before, &after) // sends nothing
	check(err)
	fmt.Println(cost.Capacity)

	var request any
	_, err = s.orders.Get(ctx, Order{Customer: "c1", PlacedAt: day, ID: "o1"}, monotable.Preview(&request))
	fmt.Printf("%T %v\n", request, errors.Is(err, monotable.ErrPreview))
	// Output:
	// 3 write units: table 1 write unit, GSI1 2 write units
	// 3 write units: table 1 write unit, GSI1 2 write units
	// *dynamodb.GetItemInput true
}

func Example_migrating() {
	ctx := context.Background()
	s := open(ctx)
	check(s.put(ctx, Order{Customer: "c1", ID: "o7", PlacedAt: day, Status: "paid"}))
	orders, err := s.paid(ctx)
	fmt.Println(len(orders), err)
	again, err := monotable.Collect(s.orders.Query(ctx, Order{Status: "paid"}, monotable.On("GSI1")))
	fmt.Println(len(again), err)
	// Output:
	// 3 <nil>
	// 3 <nil>
}

func TestAnOrderShipsOnce(t *testing.T) {
	client := dynamotest.New(t, schema) // with the schema's table; gone when the test ends
	db, err := monotable.Open(client, schema, monotable.Clock(func() time.Time { return day }))
	require.NoError(t, err)
	orders, err := monotable.New[Order](db, orderModel)
	require.NoError(t, err)
	key := Order{Customer: "c1", ID: "o1", PlacedAt: day, Status: "paid"}
	require.NoError(t, orders.Create(t.Context(), &key))
	ship := func() error {
		_, err := orders.Update(t.Context(), key, monotable.Set("status", "shipped"),
			monotable.If(monotable.Is("status", "paid")))
		return err
	}

	client.Inject(dynamotest.Fault{
		On:    dynamotest.Match{Operation: "UpdateItem"},
		Times: 1,
		Do:    dynamotest.LoseAnswer(), // it takes place, and nobody is told
	})
	require.ErrorIs(t, ship(), monotable.ErrAmbiguous)
	dynamotest.AssertCost(t, client, dynamotest.Budget{Write: 1, Calls: 1}, func() {
		require.ErrorIs(t, ship(), monotable.ErrCondition)
	})
	require.Contains(t, client.Dump("shop"), `status S "shipped"`)
}
