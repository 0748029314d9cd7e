package shop

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/monotable/monotable"
)

// Pattern is an access pattern of the shop, with an example of its use. The examples are a story: each plays in the
// shop as Seed and those before it left it.
type Pattern struct {
	Name  string
	Needs string // an index that a DynamoDB without multi-attribute keys does not have; "" for none
	play  func(context.Context, *Shop, *story) (items int, err error)
}

// story is what the patterns' examples hand on to each other.
type story struct {
	now    time.Time
	cursor monotable.Cursor
	placed OrderPage // by the customer of the story
}

// Played is what an example of a pattern did.
type Played struct {
	Pattern  string
	Requests []string // the service's operations, in the order they were sent
	Items    int      // read or written, as the pattern counts them
	Used     monotable.Capacity
}

// An index follows its table some time after a write, and a story asks for what it has just written. What an index does
// not have yet is asked for again, after pauses between these two.
const (
	firstWait = 20 * time.Millisecond
	lastWait  = 4 * time.Second
)

// Play plays the examples of all patterns, in order, through a client to a table that Seed has filled, which has the
// schema's indexes. Patterns that need another index are left out.
func Play(ctx context.Context, client monotable.Client, schema monotable.Schema, now time.Time,
	options ...monotable.OpenOption) ([]Played, error) {
	journal := &Journal{Client: client}
	s, err := Open(journal, schema, options...)
	if err != nil {
		return nil, err
	}
	var played []Played
	told := &story{now: now}
	for _, p := range Patterns {
		if p.Needs != "" && !hasIndex(schema, p.Needs) {
			continue
		}
		var meter monotable.Meter
		items, err := p.play(ctx, s.Metered(&meter), told)
		for wait := firstWait; errors.Is(err, monotable.ErrNotFound) && wait < lastWait && ctx.Err() == nil; wait *= 2 {
			time.Sleep(wait)
			journal.Take()
			meter.Reset()
			items, err = p.play(ctx, s.Metered(&meter), told)
		}
		if err != nil {
			return played, fmt.Errorf("%s: %w", p.Name, err)
		}
		played = append(played, Played{p.Name, journal.Take(), items, meter.Used()})
	}
	return played, nil
}

func hasIndex(schema monotable.Schema, name string) bool {
	return slices.ContainsFunc(schema.Indexes, func(i monotable.Index) bool { return i.Name == name })
}

// Patterns are all that the shop does with its table.
var Patterns = []Pattern{
	{Name: "Register a customer", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		return 1, s.Register(ctx, &Customer{ID: "rachel", Email: "Rachel@example.com", Name: "Rachel", Country: "CA"})
	}},
	{Name: "Sign in by e-mail", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		_, err := s.SignIn(ctx, "rachel@EXAMPLE.com")
		return 1, err
	}},
	{Name: "Read a customer", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		_, err := s.Customer(ctx, "rachel")
		return 1, err
	}},
	{Name: "Change an e-mail", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		_, err := s.ChangeEmail(ctx, "rachel", "rachel@example.org")
		return 1, err
	}},
	{Name: "Add a product", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		return 1, s.AddProduct(ctx, &Product{SKU: "mugs-99", Name: "The mug of the year", Category: "mugs", Price: 1900,
			Stock: 12})
	}},
	{Name: "A category by price, 10 products", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		page, err := s.Category(ctx, "mugs", 0, 9999, 10, "")
		return len(page.Items), err
	}},
	{Name: "A product with 10 reviews", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		page, err := s.ProductPage(ctx, "books-00", 10)
		return 1 + len(page.Reviews), err
	}},
	{Name: "Save a cart", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		return 1, s.SaveCart(ctx, "browser-1", Basket{"mugs-99": 2, "books-00": 1}, t.now)
	}},
	{Name: "Open a cart", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		_, err := s.OpenCart(ctx, "browser-1")
		return 1, err
	}},
	{Name: "Quote a basket", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		// never used before, by another run either: it is the transaction's token
		id := fmt.Sprintf("o%016x", rand.Uint64())
		order, lines, err := s.Quote(ctx, id, Customer{ID: "rachel", Country: "CA"},
			Basket{"mugs-99": 2, "books-00": 1}, t.now)
		if err == nil {
			t.placed = OrderPage{*order, lines}
		}
		return len(lines), err
	}},
	{Name: "Place an order of 2 lines", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		return 2 + 2*len(t.placed.Lines), s.Place(ctx, &t.placed.Order, t.placed.Lines)
	}},
	{Name: "Place it again: the answer was lost", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		return 0, s.Place(ctx, &t.placed.Order, t.placed.Lines)
	}},
	{Name: "An account with its 10 newest orders", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		account, err := s.Account(ctx, "rachel", 10)
		return 1 + len(account.Orders), err
	}},
	{Name: "An order with its lines, by its id", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		page, err := s.OrderPage(ctx, t.placed.Order.ID)
		return 1 + len(page.Lines), err
	}},
	{Name: "A customer's orders, first 3", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		page, err := s.OrdersOf(ctx, "c01", 3, "")
		t.cursor = page.Next
		return len(page.Items), err
	}},
	{Name: "A customer's orders, next 3", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		page, err := s.OrdersOf(ctx, "c01", 3, t.cursor)
		return len(page.Items), err
	}},
	{Name: "A customer's orders of 30 days", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		orders, err := s.OrdersBetween(ctx, "c01", t.now.AddDate(0, 0, -30), t.now)
		return len(orders), err
	}},
	{Name: "A region's orders to ship", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		list, err := s.ToShip(ctx, "na", 25)
		return len(list), err
	}},
	{Name: "How many wait to be shipped", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		return s.Backlog(ctx, "na")
	}},
	{Name: "Ship an order", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		_, err := s.Ship(ctx, t.placed.Order, t.now)
		return 1, err
	}},
	{Name: "Cancel an order", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		return 4, s.Cancel(ctx, "o0239")
	}},
	{Name: "A region's 5 largest shipped orders", Needs: ByRegion,
		play: func(ctx context.Context, s *Shop, t *story) (int, error) {
			largest, err := s.Largest(ctx, "na", Shipped, 10000, 5)
			return len(largest), err
		}},
	{Name: "A product's sales of 30 days", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		sales, err := s.SalesOf(ctx, "books-00", t.now.AddDate(0, 0, -30), t.now)
		return len(sales), err
	}},
	{Name: "Change a price", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		_, err := s.ChangePrice(ctx, "mugs-99", 2100)
		return 1, err
	}},
	{Name: "Restock", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		_, err := s.Restock(ctx, "mugs-99", 24)
		return 1, err
	}},
	{Name: "A bundle's stock at one moment", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		parts, err := s.Bundle(ctx, "mugs-99", "books-00", "posters-02")
		return len(parts), err
	}},
	{Name: "Write a review", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		return 2, s.WriteReview(ctx, &Review{SKU: "mugs-99", CustomerID: "rachel", Stars: 5, Text: "It holds tea.",
			WrittenAt: t.now})
	}},
	{Name: "A customer's 10 newest reviews", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		reviews, err := s.ReviewsBy(ctx, "rachel", 10)
		return len(reviews), err
	}},
	{Name: "A product's 10 worst reviews", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		reviews, err := s.Complaints(ctx, "books-00", 2, 10)
		return len(reviews), err
	}},
	{Name: "Import 30 reviews", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		var reviews []Review
		for i := range 30 {
			reviews = append(reviews, Review{SKU: "shirts-03", CustomerID: fmt.Sprintf("c%02d", i), Stars: 1 + i%5,
				Text: "It fits.", WrittenAt: t.now})
		}
		return len(reviews), s.ImportReviews(ctx, reviews)
	}},
	{Name: "Erase a customer's reviews", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		return s.EraseReviews(ctx, "c02")
	}},
	{Name: "Export all orders", play: func(ctx context.Context, s *Shop, t *story) (n int, err error) {
		err = s.EachOrder(ctx, func(Order) error {
			n++
			return nil
		})
		return n, err
	}},
	{Name: "Backfill of regions, dry run", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		done, err := s.BackfillRegion(ctx, Backfill{DryRun: true})
		return done.Found, err
	}},
	{Name: "Backfill of regions", play: func(ctx context.Context, s *Shop, t *story) (int, error) {
		done, err := s.BackfillRegion(ctx, Backfill{})
		return done.Written, err
	}},
}
