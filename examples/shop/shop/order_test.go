package shop_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/shop/shop"
)

func TestOrderPage(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 5)
	f.product(t, "tea", 500, 5)
	order := f.order(t, "o1", c, shop.Basket{"tea": 1, "mug": 2}, now)
	f.order(t, "o10", c, shop.Basket{"mug": 1}, now)

	page, err := f.OrderPage(t.Context(), "o1")
	require.NoError(t, err)
	f.cost(t, units{shop.ByOwner: read(0.5)}, "Query")
	assert.Equal(t, order, page.Order)
	assert.Equal(t, []shop.Line{
		{OrderID: "o1", SKU: "mug", Name: "the mug", Quantity: 2, Price: 1000, PlacedAt: now},
		{OrderID: "o1", SKU: "tea", Name: "the tea", Quantity: 1, Price: 500, PlacedAt: now},
	}, page.Lines)

	_, err = f.OrderPage(t.Context(), "o2")
	require.ErrorIs(t, err, monotable.ErrNotFound)
}

func TestOrdersOf(t *testing.T) {
	f := newShop(t, monotable.CursorKeys(bytes.Repeat([]byte{7}, 32)))
	c, other := f.customer(t, "c1"), f.customer(t, "c2")
	f.product(t, "mug", 1000, 9)
	for i, id := range []string{"o1", "o2", "o3"} {
		f.order(t, id, c, shop.Basket{"mug": 1}, day(i))
	}
	f.order(t, "o4", other, shop.Basket{"mug": 1}, now)

	page, err := f.OrdersOf(t.Context(), "c1", 2, "")
	require.NoError(t, err)
	f.cost(t, units{"table": read(0.5)}, "Query")
	assert.Equal(t, []string{"o3", "o2"}, orderIDs(page.Items))

	_, err = f.OrdersOf(t.Context(), "c2", 2, page.Next)
	require.ErrorIs(t, err, monotable.ErrCursor, "another customer's cursor")
	f.cost(t, units{})

	page, err = f.OrdersOf(t.Context(), "c1", 2, page.Next)
	require.NoError(t, err)
	f.cost(t, units{"table": read(0.5)}, "Query")
	assert.Equal(t, []string{"o1"}, orderIDs(page.Items))
	assert.Empty(t, page.Next)
}

func orderIDs(orders []shop.Summary) (all []string) {
	for _, o := range orders {
		all = append(all, o.ID)
	}
	return all
}

func TestOrdersBetween(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 9)
	for i, id := range []string{"o1", "o2", "o3", "o4"} {
		f.order(t, id, c, shop.Basket{"mug": 1}, day(i))
	}
	orders, err := f.OrdersBetween(t.Context(), "c1", day(1), day(2))
	require.NoError(t, err)
	f.cost(t, units{"table": read(0.5)}, "Query")
	assert.Equal(t, []string{"o3", "o2"}, orderIDs(orders), "both ends are in")
}

func TestSalesOf(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 9)
	f.product(t, "tea", 500, 9)
	f.order(t, "o1", c, shop.Basket{"mug": 1}, day(-9))
	f.order(t, "o2", c, shop.Basket{"mug": 2, "tea": 1}, day(-1))
	f.order(t, "o3", c, shop.Basket{"mug": 3}, now)
	f.order(t, "o4", c, shop.Basket{"tea": 4}, now)

	sales, err := f.SalesOf(t.Context(), "mug", day(-7), now)
	require.NoError(t, err)
	f.cost(t, units{"table": read(0.5)}, "Query")
	require.Len(t, sales, 2)
	assert.Equal(t, 3, sales[0].Quantity, "the newest is first")
	assert.Equal(t, 2, sales[1].Quantity)
}

func TestShip(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 9)
	order := f.order(t, "o1", c, shop.Basket{"mug": 1}, now)

	shipped, err := f.Ship(t.Context(), order, day(1))
	require.NoError(t, err)
	// In one index the entry changes, the work list loses it, by region it is removed and written anew.
	f.cost(t, units{"table": write(1), shop.ByOwner: write(1), shop.Worklists: write(1), shop.ByRegion: write(2)},
		"UpdateItem")
	assert.Equal(t, shop.Shipped, shipped.Status)
	assert.Nil(t, shipped.DueAt)
	assert.Equal(t, day(1), *shipped.ShippedAt)

	n, err := f.Backlog(t.Context(), "eu")
	require.NoError(t, err)
	assert.Zero(t, n)
	for status, want := range map[shop.Status]int{shop.Paid: 0, shop.Shipped: 1} {
		list, err := f.Largest(t.Context(), "eu", status, 0, 9)
		require.NoError(t, err)
		assert.Len(t, list, want, status)
	}

	_, err = f.Ship(t.Context(), order, day(2))
	require.ErrorIs(t, err, monotable.ErrCondition, "it has been shipped")
	order.ID = "o2"
	_, err = f.Ship(t.Context(), order, day(2))
	require.ErrorIs(t, err, monotable.ErrNotFound)
}

func TestToShipAndBacklog(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 9)
	f.order(t, "o1", c, shop.Basket{"mug": 1}, day(2))
	f.order(t, "o2", c, shop.Basket{"mug": 1}, day(1))
	_, err := f.Ship(t.Context(), f.order(t, "o3", c, shop.Basket{"mug": 1}, now), now)
	require.NoError(t, err)
	c.Country = "CA"
	f.order(t, "o4", c, shop.Basket{"mug": 1}, now)
	f.forget()

	list, err := f.ToShip(t.Context(), "eu", 9)
	require.NoError(t, err)
	f.cost(t, units{shop.Worklists: read(0.5)}, "Query")
	require.Len(t, list, 2)
	assert.Equal(t, "o2", list[0].ID, "the most urgent is first")
	assert.Equal(t, "c1", list[0].CustomerID)
	assert.Equal(t, day(3), *list[0].DueAt)

	n, err := f.Backlog(t.Context(), "eu")
	require.NoError(t, err)
	f.cost(t, units{shop.Worklists: read(0.5)}, "Query")
	assert.Equal(t, 2, n)
}

func TestLargest(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 100, 999)
	for i, quantity := range []int{9, 10, 2, 100} {
		f.order(t, []string{"o1", "o2", "o3", "o4"}[i], c, shop.Basket{"mug": quantity}, now)
	}
	largest, err := f.Largest(t.Context(), "eu", shop.Paid, 900, 2)
	require.NoError(t, err)
	f.cost(t, units{shop.ByRegion: read(0.5)}, "Query")
	assert.Equal(t, []shop.Total{{ID: "o4", Total: 10000}, {ID: "o2", Total: 1000}}, largest, "numbers sort as numbers")

	largest, err = f.Largest(t.Context(), "eu", shop.Paid, 900, 9)
	require.NoError(t, err)
	assert.Len(t, largest, 3)
}

func TestEachOrder(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 100, 999)
	for _, id := range []string{"o1", "o2", "o3"} {
		f.order(t, id, c, shop.Basket{"mug": 1}, now)
	}
	seen := map[string]bool{}
	require.NoError(t, f.EachOrder(t.Context(), func(o shop.Order) error {
		seen[o.ID] = true
		return nil
	}))
	// Four segments of a few items each.
	f.cost(t, units{"table": read(2)}, "Scan", "Scan", "Scan", "Scan")
	assert.Equal(t, map[string]bool{"o1": true, "o2": true, "o3": true}, seen)

	stop := assert.AnError
	require.ErrorIs(t, f.EachOrder(t.Context(), func(shop.Order) error { return stop }), stop)
}
