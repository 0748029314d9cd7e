package shop_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/shop/shop"
)

func TestCart(t *testing.T) {
	f := newShop(t)
	basket := shop.Basket{"mug": 2, "tea": 1}
	require.NoError(t, f.SaveCart(t.Context(), "browser", basket, now))
	f.cost(t, units{"table": write(1)}, "PutItem")

	f.now = day(29)
	cart, err := f.OpenCart(t.Context(), "browser")
	require.NoError(t, err)
	f.cost(t, units{"table": read(0.5)}, "GetItem")
	assert.Equal(t, basket, cart.Basket)
	assert.True(t, cart.ExpiresAt.Equal(day(30)))

	f.now = day(30)
	_, err = f.OpenCart(t.Context(), "browser")
	require.ErrorIs(t, err, monotable.ErrNotFound, "it is still stored, and no longer a cart")
	f.cost(t, units{"table": read(0.5)}, "GetItem")
}
