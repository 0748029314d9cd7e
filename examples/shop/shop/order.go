package shop

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable"
)

// Order is what a customer bought at once. Its lines are items of their own.
type Order struct {
	ID         string    `dynamodbav:"id"`
	CustomerID string    `dynamodbav:"customer_id"`
	PlacedAt   time.Time `dynamodbav:"placed_at"`
	Status     Status    `dynamodbav:"status"`
	Country    string    `dynamodbav:"country"` // where it goes
	// of the country; orders of the first years have none, see BackfillRegion
	Region string `dynamodbav:"region,omitempty"`
	Total  Cents  `dynamodbav:"total"`
	// when it must have been shipped; nil once it is, or is cancelled
	DueAt     *time.Time `dynamodbav:"due_at,omitempty"`
	ShippedAt *time.Time `dynamodbav:"shipped_at,omitempty"`
}

// Status is how far an order has come.
type Status string

// An order is paid when it is placed, then shipped or cancelled.
const (
	Paid      Status = "paid"
	Shipped   Status = "shipped"
	Cancelled Status = "cancelled"
)

// Line is one product in an order, at the price it had.
type Line struct {
	OrderID  string    `dynamodbav:"order_id"`
	SKU      string    `dynamodbav:"sku"`
	Name     string    `dynamodbav:"name"`
	Quantity int       `dynamodbav:"quantity"`
	Price    Cents     `dynamodbav:"price"` // of one
	PlacedAt time.Time `dynamodbav:"placed_at"`
}

// OrderPage is an order with its lines.
type OrderPage struct {
	Order Order
	Lines []Line
}

// OrderPage finds an order by its id alone, as the help desk does: one Query of an index, whose partition holds the
// order and its lines. It returns monotable.ErrNotFound if there is no such order.
func (s *Shop) OrderPage(ctx context.Context, id string) (OrderPage, error) {
	return monotable.Gather[OrderPage](ctx, s.Orders, Order{ID: id}, monotable.On(ByOwner), s.metered)
}

// Summary is a row of a list of orders.
type Summary struct {
	ID       string    `dynamodbav:"id"`
	PlacedAt time.Time `dynamodbav:"placed_at"`
	Status   Status    `dynamodbav:"status"`
	Total    Cents     `dynamodbav:"total"`
}

// OrdersOf reads a page of a customer's orders, the newest first: one Query for each page. The cursor may be handed to
// the customer's browser, if the Shop was opened with monotable.CursorKeys.
func (s *Shop) OrdersOf(ctx context.Context, customerID string, limit int,
	after monotable.Cursor) (monotable.Page[Summary], error) {
	return s.summaries.QueryPage(ctx, Order{CustomerID: customerID}, monotable.Limit(limit),
		monotable.StartAfter(after), s.metered)
}

// OrdersBetween reads a customer's orders of some time, both ends in, the newest first: one Query for each MB.
func (s *Shop) OrdersBetween(ctx context.Context, customerID string, from, to time.Time) ([]Summary, error) {
	return all(s.summaries.Query(ctx, Order{CustomerID: customerID}, monotable.Between("placed_at", from, to),
		s.metered))
}

// SalesOf reads a product's order lines of some time, both ends in, the newest first: one Query for each MB.
func (s *Shop) SalesOf(ctx context.Context, sku string, from, to time.Time) ([]Line, error) {
	return all(s.Lines.Query(ctx, Line{SKU: sku}, monotable.Between("placed_at", from, to), s.metered))
}

// ToShip is an entry in the packers' list: as much of an order as they need.
type ToShip struct {
	ID         string     `dynamodbav:"id"`
	CustomerID string     `dynamodbav:"customer_id"`
	DueAt      *time.Time `dynamodbav:"due_at"`
}

// ToShip reads the orders of a region that wait to be shipped, the most urgent first: one Query of a sparse index,
// which holds no other orders.
func (s *Shop) ToShip(ctx context.Context, region string, limit int) ([]ToShip, error) {
	return all(s.toShip.Query(ctx, Order{Region: region}, monotable.On(Worklists), monotable.Limit(limit), s.metered))
}

// Backlog is the number of orders of a region that wait to be shipped: one Query for each MB of them, which sends no
// items.
func (s *Shop) Backlog(ctx context.Context, region string) (int, error) {
	return s.Orders.Count(ctx, Order{Region: region}, monotable.On(Worklists), s.metered)
}

// Total is an entry in a report of orders by value.
type Total struct {
	ID    string `dynamodbav:"id"`
	Total Cents  `dynamodbav:"total"`
}

// Largest reads the orders of a region and status of at least some value, the largest first: one Query of the index
// whose keys are attributes of the order itself.
func (s *Shop) Largest(ctx context.Context, region string, status Status, least Cents, limit int) ([]Total, error) {
	return all(s.totals.Query(ctx, Order{Region: region, Status: status}, monotable.On(ByRegion),
		monotable.From("total", least), monotable.Descending(), monotable.Limit(limit), s.metered))
}

// Ship marks an order as shipped: one UpdateItem, which takes it off the packers' list and moves it to its new place by
// region and status. It returns monotable.ErrCondition unless the order is paid and not yet shipped.
func (s *Shop) Ship(ctx context.Context, o Order, at time.Time) (Order, error) {
	shipped := expression.Set(expression.Name("status"), expression.Value(Shipped)).
		Set(expression.Name("shipped_at"), expression.Value(at)).
		Remove(expression.Name("due_at"))
	return s.Orders.Update(ctx, o, shipped, monotable.If(statusIs(Paid)), s.metered)
}

func statusIs(s Status) expression.ConditionBuilder {
	return expression.Name("status").Equal(expression.Value(s))
}

// EachOrder calls visit with every order, in no order, from one goroutine: Scan requests of four segments at a time,
// each of up to 1 MB. It reads, and pays for, the whole table: nothing for a web page, and right for an export.
func (s *Shop) EachOrder(ctx context.Context, visit func(Order) error) error {
	for order, err := range s.Orders.Scan(ctx, monotable.Segments(4), s.metered) {
		if err != nil {
			return err
		}
		if err := visit(order); err != nil {
			return err
		}
	}
	return nil
}
