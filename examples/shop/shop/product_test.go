package shop_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/shop/shop"
)

func TestAddProduct(t *testing.T) {
	f := newShop(t)
	mug := shop.Product{SKU: "mug", Name: "Mug", Category: "mugs", Price: 1200, Stock: 3}
	require.NoError(t, f.AddProduct(t.Context(), &mug))
	f.cost(t, units{"table": write(1), shop.ByOwner: write(1)}, "PutItem")
	assert.Equal(t, int64(1), mug.Version)

	require.ErrorIs(t, f.AddProduct(t.Context(), &shop.Product{SKU: "mug", Category: "mugs", Price: 1}),
		monotable.ErrExists)
	f.forget()
	require.ErrorContains(t, f.AddProduct(t.Context(), &shop.Product{SKU: "free", Category: "mugs"}), "has a price")
	f.cost(t, units{})
}

func TestProductPage(t *testing.T) {
	f := newShop(t)
	f.product(t, "mug", 1200, 3)
	for _, customer := range []string{"c3", "c1", "c2"} {
		f.review(t, "mug", customer, 4, now)
	}
	page, err := f.ProductPage(t.Context(), "mug", 2)
	require.NoError(t, err)
	f.cost(t, units{"table": read(0.5)}, "Query")
	assert.Equal(t, 3, page.Product.Reviews)
	assert.Equal(t, 12, page.Product.Stars)
	require.Len(t, page.Reviews, 2)
	assert.Equal(t, "c1", page.Reviews[0].CustomerID)

	_, err = f.ProductPage(t.Context(), "none", 2)
	require.ErrorIs(t, err, monotable.ErrNotFound)
}

func TestCategory(t *testing.T) {
	f := newShop(t)
	for sku, price := range map[string]shop.Cents{"d": 10000, "a": 999, "b": 1000, "c": 1001} {
		f.product(t, sku, price, 1)
	}
	page, err := f.Category(t.Context(), "mugs", 999, 1001, 2, "")
	require.NoError(t, err)
	f.cost(t, units{shop.ByOwner: read(0.5)}, "Query")
	assert.Equal(t, []string{"a", "b"}, skus(page.Items))

	page, err = f.Category(t.Context(), "mugs", 999, 1001, 2, page.Next)
	require.NoError(t, err)
	f.cost(t, units{shop.ByOwner: read(0.5)}, "Query")
	assert.Equal(t, []string{"c"}, skus(page.Items))
	assert.Empty(t, page.Next)

	_, err = f.Category(t.Context(), "mugs", 0, 1001, 2, "forged")
	require.ErrorIs(t, err, monotable.ErrCursor)
	f.cost(t, units{})
}

func skus(products []shop.Product) (all []string) {
	for _, p := range products {
		all = append(all, p.SKU)
	}
	return all
}

func TestChangePrice(t *testing.T) {
	f := newShop(t)
	f.product(t, "a", 1000, 1)
	f.product(t, "b", 2000, 1)
	p, err := f.ChangePrice(t.Context(), "a", 3000)
	require.NoError(t, err)
	// The index loses the old entry and gains the new one.
	f.cost(t, units{"table": {Read: 1, Write: 1}, shop.ByOwner: write(2)}, "GetItem", "UpdateItem")
	assert.Equal(t, int64(2), p.Version)
	page, err := f.Category(t.Context(), "mugs", 0, 9999, 9, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"b", "a"}, skus(page.Items), "it moved")

	_, err = f.ChangePrice(t.Context(), "a", 0)
	require.ErrorContains(t, err, "has a price")
	_, err = f.ChangePrice(t.Context(), "none", 1)
	require.ErrorIs(t, err, monotable.ErrNotFound)
}

func TestRestock(t *testing.T) {
	f := newShop(t)
	f.product(t, "mug", 1000, 1)
	p, err := f.Restock(t.Context(), "mug", 5)
	require.NoError(t, err)
	f.cost(t, units{"table": write(1), shop.ByOwner: write(1)}, "UpdateItem")
	assert.Equal(t, 6, p.Stock)

	_, err = f.Restock(t.Context(), "none", 5)
	require.ErrorIs(t, err, monotable.ErrNotFound)
}

// A change of price and a stock that moves under it do not undo each other.
func TestPriceAndStockChangeTogether(t *testing.T) {
	f := newShop(t)
	f.product(t, "mug", 1000, 0)
	var running sync.WaitGroup
	for i := range 16 {
		running.Go(func() {
			_, err := f.Restock(t.Context(), "mug", 1)
			assert.NoError(t, err)
		})
		running.Go(func() {
			_, err := f.ChangePrice(t.Context(), "mug", shop.Cents(1001+i))
			assert.NoError(t, err)
		})
	}
	running.Wait()
	p, err := f.Products.Get(t.Context(), shop.Product{SKU: "mug"})
	require.NoError(t, err)
	assert.Equal(t, 16, p.Stock)
	assert.Equal(t, int64(33), p.Version)
}

func TestBundle(t *testing.T) {
	f := newShop(t)
	f.product(t, "mug", 1000, 4)
	f.product(t, "tea", 500, 2)
	parts, err := f.Bundle(t.Context(), "mug", "none", "tea")
	require.NoError(t, err)
	f.cost(t, units{"table": read(6)}, "TransactGetItems")
	require.Len(t, parts, 3)
	assert.Equal(t, 4, parts[0].Stock)
	assert.Nil(t, parts[1])
	assert.Equal(t, 2, parts[2].Stock)
}
