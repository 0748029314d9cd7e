package shop_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/shop/shop"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fixture is an empty shop whose requests and units are counted.
type fixture struct {
	*shop.Shop
	client  *dynamotest.Client
	journal *shop.Journal
	meter   *monotable.Meter
	now     time.Time // what the clock says
}

func newShop(t testing.TB, options ...monotable.OpenOption) *fixture {
	t.Helper()
	f := &fixture{client: dynamotest.New(t, shop.Schema), meter: new(monotable.Meter), now: now}
	f.journal = &shop.Journal{Client: f.client}
	clock := monotable.Clock(func() time.Time { return f.now })
	s, err := shop.Open(f.journal, shop.Schema, append(options, clock)...)
	require.NoError(t, err)
	f.Shop = s.Metered(f.meter)
	return f
}

// forget starts counting again.
func (f *fixture) forget() {
	f.journal.Take()
	f.meter.Reset()
}

// units are what calls consumed: of the table, under "table", and of each index, under its name.
type units map[string]monotable.Units

func read(n float64) monotable.Units  { return monotable.Units{Read: n} }
func write(n float64) monotable.Units { return monotable.Units{Write: n} }

// cost checks the requests sent since the last time, and the units they consumed, and starts counting again.
func (f *fixture) cost(t testing.TB, want units, requests ...string) {
	t.Helper()
	assert.Equal(t, requests, f.journal.Take())
	used := f.meter.Reset()
	got := units{}
	if used.Table != (monotable.Units{}) {
		got["table"] = used.Table
	}
	for name, u := range used.Indexes {
		if u != (monotable.Units{}) {
			got[name] = u
		}
	}
	assert.Equal(t, want, got)
	var sum monotable.Units
	for _, u := range got {
		sum.Read += u.Read
		sum.Write += u.Write
	}
	assert.Equal(t, sum, used.Units, "the parts make the whole")
}

// customer stores a customer called id.
func (f *fixture) customer(t testing.TB, id string) shop.Customer {
	t.Helper()
	c := shop.Customer{ID: id, Email: id + "@example.com", Name: id, Country: "DE"}
	require.NoError(t, f.Register(t.Context(), &c))
	f.forget()
	return c
}

// product stores a product called sku.
func (f *fixture) product(t testing.TB, sku string, price shop.Cents, stock int) shop.Product {
	t.Helper()
	p := shop.Product{SKU: sku, Name: "the " + sku, Category: "mugs", Price: price, Stock: stock}
	require.NoError(t, f.AddProduct(t.Context(), &p))
	f.forget()
	return p
}

// order places an order.
func (f *fixture) order(t testing.TB, id string, c shop.Customer, basket shop.Basket, at time.Time) shop.Order {
	t.Helper()
	order, lines, err := f.Quote(t.Context(), id, c, basket, at)
	require.NoError(t, err)
	require.NoError(t, f.Place(t.Context(), order, lines))
	f.forget()
	return *order
}

// review writes a review.
func (f *fixture) review(t testing.TB, sku, customer string, stars int, at time.Time) shop.Review {
	t.Helper()
	r := shop.Review{SKU: sku, CustomerID: customer, Stars: stars, Text: "It holds tea.", WrittenAt: at}
	require.NoError(t, f.WriteReview(t.Context(), &r))
	f.forget()
	return r
}

func day(n int) time.Time { return now.AddDate(0, 0, n) }
