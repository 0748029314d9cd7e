package shop_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/shop/shop"
)

func TestQuote(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 5)
	f.product(t, "tea", 500, 5)
	order, lines, err := f.Quote(t.Context(), "o1", c, shop.Basket{"tea": 3, "mug": 2}, now)
	require.NoError(t, err)
	f.cost(t, units{"table": read(1)}, "BatchGetItem")
	assert.Equal(t, shop.Cents(3500), order.Total)
	assert.Equal(t, "eu", order.Region)
	require.Len(t, lines, 2)
	assert.Equal(t, "mug", lines[0].SKU)

	_, _, err = f.Quote(t.Context(), "o2", c, shop.Basket{"none": 1}, now)
	require.ErrorIs(t, err, shop.ErrNoProduct)
	var trouble *shop.CheckoutError
	require.True(t, errors.As(err, &trouble))
	assert.Equal(t, "none", trouble.SKU)
}

func TestPlace(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 5)
	f.product(t, "tea", 500, 5)
	order, lines, err := f.Quote(t.Context(), "o1", c, shop.Basket{"tea": 3, "mug": 2}, now)
	require.NoError(t, err)
	f.forget()

	require.NoError(t, f.Place(t.Context(), order, lines))
	// Order, customer, two products and two lines, twice each in a transaction. An entry of each but the customer,
	// whose e-mail stays as it is, in the first index; the order's in the other two.
	f.cost(t, units{"table": write(12), shop.ByOwner: write(5), shop.Worklists: write(1), shop.ByRegion: write(1)},
		"TransactWriteItems")
	assertStock(t, f, map[string]int{"mug": 3, "tea": 2})
	assertSpent(t, f, "c1", 3500, 1)

	require.NoError(t, f.Place(t.Context(), order, lines), "the answer was lost, and it is sent again")
	f.cost(t, units{"table": read(12)}, "TransactWriteItems")
	assertStock(t, f, map[string]int{"mug": 3, "tea": 2})
	assertSpent(t, f, "c1", 3500, 1)
}

// Whether or not the first attempt took place, the second leaves one order.
func TestPlaceAgainAfterAFailure(t *testing.T) {
	for _, effect := range []dynamotest.Effect{dynamotest.InternalError(), dynamotest.LoseAnswer()} {
		f := newShop(t)
		c := f.customer(t, "c1")
		f.product(t, "mug", 1000, 5)
		order, lines, err := f.Quote(t.Context(), "o1", c, shop.Basket{"mug": 2}, now)
		require.NoError(t, err)
		f.client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "TransactWriteItems"}, Times: 1, Do: effect})
		require.Error(t, f.Place(t.Context(), order, lines))
		require.NoError(t, f.Place(t.Context(), order, lines))
		assertStock(t, f, map[string]int{"mug": 3})
		assertSpent(t, f, "c1", 2000, 1)
	}
}

func TestPlaceRefuses(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 5)
	f.product(t, "tea", 500, 2)
	refused := func(id string, basket shop.Basket, between func(), want error, sku string) {
		t.Helper()
		order, lines, err := f.Quote(t.Context(), id, c, basket, now)
		require.NoError(t, err)
		between()
		err = f.Place(t.Context(), order, lines)
		require.ErrorIs(t, err, want)
		var trouble *shop.CheckoutError
		require.True(t, errors.As(err, &trouble))
		assert.Equal(t, sku, trouble.SKU)
		_, err = f.OrderPage(t.Context(), id)
		require.ErrorIs(t, err, monotable.ErrNotFound)
	}
	nothing := func() {}
	refused("o1", shop.Basket{"mug": 1, "tea": 3}, nothing, shop.ErrSoldOut, "tea")
	refused("o2", shop.Basket{"mug": 1, "tea": 1}, func() {
		_, err := f.ChangePrice(t.Context(), "mug", 1100)
		require.NoError(t, err)
	}, shop.ErrPriceChanged, "mug")
	assertStock(t, f, map[string]int{"mug": 5, "tea": 2})
	assertSpent(t, f, "c1", 0, 0)

	order, lines, err := f.Quote(t.Context(), "o3", shop.Customer{ID: "nobody", Country: "DE"}, shop.Basket{"mug": 1},
		now)
	require.NoError(t, err)
	require.ErrorIs(t, f.Place(t.Context(), order, lines), monotable.ErrNotFound, "there is no such customer")
}

func TestCancel(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 5)
	f.product(t, "tea", 500, 5)
	f.order(t, "o1", c, shop.Basket{"tea": 3, "mug": 2}, now)

	require.NoError(t, f.Cancel(t.Context(), "o1"))
	// Order, customer and two products, twice each in a transaction. The first index rewrites three entries, the work
	// list loses one, by region one is removed and written anew.
	f.cost(t, units{"table": write(8), shop.ByOwner: {Read: 0.5, Write: 3}, shop.Worklists: write(1),
		shop.ByRegion: write(2)},
		"Query", "TransactWriteItems")
	assertStock(t, f, map[string]int{"mug": 5, "tea": 5})
	assertSpent(t, f, "c1", 0, 0)
	page, err := f.OrderPage(t.Context(), "o1")
	require.NoError(t, err)
	assert.Equal(t, shop.Cancelled, page.Order.Status)

	require.ErrorIs(t, f.Cancel(t.Context(), "o1"), monotable.ErrCondition, "only once")
	assertStock(t, f, map[string]int{"mug": 5, "tea": 5})
	require.ErrorIs(t, f.Cancel(t.Context(), "o2"), monotable.ErrNotFound)
}

// Forty customers want the last seven mugs.
func TestNothingIsSoldTwice(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 7)
	var sold, refused atomic.Int64
	var running sync.WaitGroup
	for i := range 40 {
		running.Go(func() {
			order, lines, err := f.Quote(t.Context(), fmt.Sprint("o", i), c, shop.Basket{"mug": 1}, now)
			if assert.NoError(t, err) {
				switch err := f.Place(t.Context(), order, lines); {
				case err == nil:
					sold.Add(1)
				case errors.Is(err, shop.ErrSoldOut):
					refused.Add(1)
				default:
					assert.NoError(t, err)
				}
			}
		})
	}
	running.Wait()
	assert.Equal(t, int64(7), sold.Load())
	assert.Equal(t, int64(33), refused.Load())
	assertStock(t, f, map[string]int{"mug": 0})
	assertSpent(t, f, "c1", 7000, 7)
}

// Whatever is ordered, cancelled, shipped and restocked, in whatever order: money, stock and lists add up.
func TestTheBooksBalance(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := newShop(t)
		ctx := context.Background()
		c := f.customer(t, "c1")
		stock := map[string]int{"mug": 6, "tea": 4}
		for sku, n := range stock {
			f.product(t, sku, shop.Cents(100*n), n)
		}
		orders := map[string]shop.OrderPage{}
		status := map[string]shop.Status{}
		for i := range rapid.IntRange(1, 15).Draw(r, "steps") {
			known := make([]string, 0, len(orders))
			for j := range i {
				if id := fmt.Sprint("o", j); status[id] != "" {
					known = append(known, id)
				}
			}
			action := rapid.SampledFrom([]string{"order", "order", "cancel", "ship", "restock"}).Draw(r, "action")
			if len(known) == 0 && action != "restock" {
				action = "order"
			}
			switch action {
			case "order":
				id, basket := fmt.Sprint("o", i),
					shop.Basket{"mug": rapid.IntRange(1, 4).Draw(r, "mugs"), "tea": rapid.IntRange(1, 2).Draw(r, "tea")}
				order, lines, err := f.Quote(ctx, id, c, basket, now)
				require.NoError(r, err)
				err = f.Place(ctx, order, lines)
				if basket["mug"] > stock["mug"] || basket["tea"] > stock["tea"] {
					require.ErrorIs(r, err, shop.ErrSoldOut)
					continue
				}
				require.NoError(r, err)
				orders[id], status[id] = shop.OrderPage{Order: *order, Lines: lines}, shop.Paid
				stock["mug"] -= basket["mug"]
				stock["tea"] -= basket["tea"]
			case "cancel":
				id := rapid.SampledFrom(known).Draw(r, "id")
				err := f.Cancel(ctx, id)
				if status[id] != shop.Paid {
					require.ErrorIs(r, err, monotable.ErrCondition)
					continue
				}
				require.NoError(r, err)
				status[id] = shop.Cancelled
				for _, line := range orders[id].Lines {
					stock[line.SKU] += line.Quantity
				}
			case "ship":
				id := rapid.SampledFrom(known).Draw(r, "id")
				_, err := f.Ship(ctx, orders[id].Order, now)
				if status[id] != shop.Paid {
					require.ErrorIs(r, err, monotable.ErrCondition)
					continue
				}
				require.NoError(r, err)
				status[id] = shop.Shipped
			case "restock":
				_, err := f.Restock(ctx, "mug", 2)
				require.NoError(r, err)
				stock["mug"] += 2
			}
		}
		var spent shop.Cents
		counts := map[shop.Status]int{}
		for id, s := range status {
			counts[s]++
			if s != shop.Cancelled {
				spent += orders[id].Order.Total
			}
		}
		assertStock(r, f, stock)
		assertSpent(r, f, "c1", spent, counts[shop.Paid]+counts[shop.Shipped])
		backlog, err := f.Backlog(ctx, "eu")
		require.NoError(r, err)
		assert.Equal(r, counts[shop.Paid], backlog)
		for _, s := range []shop.Status{shop.Paid, shop.Shipped, shop.Cancelled} {
			list, err := f.Largest(ctx, "eu", s, 0, 99)
			require.NoError(r, err)
			assert.Len(r, list, counts[s])
		}
	})
}

func assertStock(t require.TestingT, f *fixture, want map[string]int) {
	for sku, n := range want {
		p, err := f.Products.Get(context.Background(), shop.Product{SKU: sku})
		require.NoError(t, err)
		assert.Equal(t, n, p.Stock, sku)
	}
	f.forget()
}

func assertSpent(t require.TestingT, f *fixture, customer string, spent shop.Cents, orders int) {
	c, err := f.Customer(context.Background(), customer)
	require.NoError(t, err)
	assert.Equal(t, spent, c.Spent)
	assert.Equal(t, orders, c.Orders)
	f.forget()
}
