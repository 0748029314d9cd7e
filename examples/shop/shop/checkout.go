package shop

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable"
)

// Basket is what someone wants to buy: how many of which SKU.
type Basket map[string]int

// Errors of a checkout.
var (
	ErrNoProduct    = errors.New("shop: no such product")
	ErrSoldOut      = errors.New("shop: not enough in stock")
	ErrPriceChanged = errors.New("shop: the price has changed")
)

// CheckoutError says which product of an order the trouble is about. Its cause is one of the errors above.
type CheckoutError struct {
	SKU string
	Err error
}

// Error is the cause's text.
func (e *CheckoutError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *CheckoutError) Unwrap() error { return e.Err }

// conflictRetries is for transactions on products, which many customers buy at once: DynamoDB refuses two at the same
// moment.
var conflictRetries = monotable.Retry(5)

// shipWithin is how soon an order must leave the warehouse.
const shipWithin = 48 * time.Hour

// Quote makes an order of a basket at today's prices: one BatchGetItem for each hundred products. It writes nothing. A
// SKU that is not in the shop is a *CheckoutError with ErrNoProduct.
func (s *Shop) Quote(ctx context.Context, id string, c Customer, basket Basket, now time.Time) (*Order, []Line, error) {
	var keys []Product
	for _, sku := range slices.Sorted(maps.Keys(basket)) {
		keys = append(keys, Product{SKU: sku})
	}
	products, err := s.Products.GetMany(ctx, keys, s.metered)
	if err != nil {
		return nil, nil, err
	}
	due := now.Add(shipWithin)
	order := &Order{ID: id, CustomerID: c.ID, PlacedAt: now, Status: Paid, Country: c.Country,
		Region: RegionOf(c.Country), DueAt: &due}
	var lines []Line
	for i, p := range products {
		if p == nil {
			return nil, nil, &CheckoutError{keys[i].SKU, ErrNoProduct}
		}
		quantity := basket[p.SKU]
		order.Total += p.Price * Cents(quantity)
		lines = append(lines, Line{OrderID: id, SKU: p.SKU, Name: p.Name, Quantity: quantity, Price: p.Price,
			PlacedAt: now})
	}
	return order, lines, nil
}

// Place stores an order: one TransactWriteItems of the order, its lines, what it takes from each product's stock, and
// what it adds to the customer's account. All of it takes place or none. Placing the same order again within ten
// minutes, because the answer was lost, takes place once: the order's id is the transaction's token, so it is never to
// be given to another order, in another table of the account either. A product that cannot be had is a *CheckoutError
// with ErrSoldOut or ErrPriceChanged. An order has up to 49 lines: a transaction has 100 actions.
func (s *Shop) Place(ctx context.Context, order *Order, lines []Line) error {
	ops := []monotable.Op{s.Orders.CreateOp(order), s.spend(order.CustomerID, order.Total, 1)}
	first := len(ops)
	for i := range lines {
		line := &lines[i]
		available := expression.Name("stock").GreaterThanEqual(expression.Value(line.Quantity))
		samePrice := expression.Name("price").Equal(expression.Value(line.Price))
		ops = append(ops, s.take(line.SKU, line.Quantity, monotable.If(available), monotable.If(samePrice)),
			s.Lines.CreateOp(line))
	}
	err := s.DB.Write(ctx, ops, monotable.Token(order.ID), conflictRetries, s.metered)

	var failed *monotable.Error
	if errors.Is(err, monotable.ErrCondition) && errors.As(err, &failed) && failed.Index >= first {
		line := lines[(failed.Index-first)/2]
		return &CheckoutError{line.SKU, s.unavailable(line, failed.Existing)}
	}
	return err
}

// take is the removal of some of a product's stock.
func (s *Shop) take(sku string, quantity int, conditions ...monotable.OpOption) monotable.Op {
	stock := expression.Name("stock")
	return s.Products.UpdateOp(Product{SKU: sku}, expression.Set(stock, stock.Minus(expression.Value(quantity))),
		conditions...)
}

// spend is the change of a customer's account.
func (s *Shop) spend(customerID string, total Cents, orders int) monotable.Op {
	return s.Customers.UpdateOp(Customer{ID: customerID}, expression.
		Add(expression.Name("spent"), expression.Value(total)).
		Add(expression.Name("orders"), expression.Value(orders)))
}

// unavailable tells why a product could not be had, from the product as it is now.
func (s *Shop) unavailable(line Line, existing monotable.Item) error {
	product, err := s.Products.Decode(existing)
	switch {
	case err != nil:
		return err
	case product.Price != line.Price:
		return ErrPriceChanged
	}
	return ErrSoldOut
}

// Cancel takes an order back, unless it has been shipped: one Query for the order and its lines, and one
// TransactWriteItems of the order, the products' stock and the customer's account. It returns monotable.ErrCondition
// for an order that is not waiting.
func (s *Shop) Cancel(ctx context.Context, id string) error {
	page, err := s.OrderPage(ctx, id)
	if err != nil {
		return err
	}
	cancelled := expression.Set(expression.Name("status"), expression.Value(Cancelled)).
		Remove(expression.Name("due_at"))
	ops := []monotable.Op{
		s.Orders.UpdateOp(page.Order, cancelled, monotable.If(statusIs(Paid))),
		s.spend(page.Order.CustomerID, -page.Order.Total, -1),
	}
	for _, line := range page.Lines {
		ops = append(ops, s.take(line.SKU, -line.Quantity))
	}
	return s.DB.Write(ctx, ops, conflictRetries, s.metered)
}
