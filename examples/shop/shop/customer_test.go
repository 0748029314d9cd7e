package shop_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/shop/shop"
)

func TestRegister(t *testing.T) {
	f := newShop(t)
	c := shop.Customer{ID: "c1", Email: "Rachel@example.com", Name: "Rachel", Country: "CA"}
	require.NoError(t, f.Register(t.Context(), &c))
	// The customer and the guard of the e-mail, twice each in a transaction; the e-mail's entry in the index once.
	f.cost(t, units{"table": write(4), shop.Worklists: write(1)}, "TransactWriteItems")
	assert.Equal(t, now, c.JoinedAt)

	err := f.Register(t.Context(), &shop.Customer{ID: "c2", Email: "rachel@EXAMPLE.com"})
	require.ErrorIs(t, err, shop.ErrEmailTaken)
	_, err = f.Customer(t.Context(), "c2")
	require.ErrorIs(t, err, monotable.ErrNotFound)

	err = f.Register(t.Context(), &shop.Customer{ID: "c1", Email: "other@example.com"})
	require.ErrorIs(t, err, monotable.ErrExists)
	assert.False(t, errors.Is(err, shop.ErrEmailTaken))
}

func TestSignIn(t *testing.T) {
	f := newShop(t)
	f.customer(t, "c1")
	f.customer(t, "c2")
	login, err := f.SignIn(t.Context(), "C2@example.com")
	require.NoError(t, err)
	assert.Equal(t, shop.Login{ID: "c2"}, login)
	f.cost(t, units{shop.Worklists: read(0.5)}, "Query")

	_, err = f.SignIn(t.Context(), "c@example.com")
	require.ErrorIs(t, err, monotable.ErrNotFound)
	f.cost(t, units{shop.Worklists: read(0.5)}, "Query")
}

func TestCustomer(t *testing.T) {
	f := newShop(t)
	want := f.customer(t, "c1")
	got, err := f.Customer(t.Context(), "c1")
	require.NoError(t, err)
	assert.Equal(t, want, got)
	f.cost(t, units{"table": read(0.5)}, "GetItem")
}

func TestChangeEmail(t *testing.T) {
	f := newShop(t)
	f.customer(t, "c1")
	f.customer(t, "c2")
	c, err := f.ChangeEmail(t.Context(), "c1", "new@example.com")
	require.NoError(t, err)
	assert.Equal(t, "new@example.com", c.Email)
	// The customer, the old guard and the new one; the index loses one entry and gains one.
	f.cost(t, units{"table": {Read: 1, Write: 6}, shop.Worklists: write(2)}, "GetItem", "TransactWriteItems")

	_, err = f.SignIn(t.Context(), "c1@example.com")
	require.ErrorIs(t, err, monotable.ErrNotFound)
	login, err := f.SignIn(t.Context(), "new@example.com")
	require.NoError(t, err)
	assert.Equal(t, "c1", login.ID)

	_, err = f.ChangeEmail(t.Context(), "c2", "NEW@example.com")
	require.ErrorIs(t, err, shop.ErrEmailTaken)
	require.NoError(t, f.Register(t.Context(), &shop.Customer{ID: "c3", Email: "c1@example.com"}),
		"the old one is free")
}

func TestAccount(t *testing.T) {
	f := newShop(t)
	c := f.customer(t, "c1")
	f.product(t, "mug", 1000, 10)
	for i, id := range []string{"o1", "o2", "o3"} {
		f.order(t, id, c, shop.Basket{"mug": 1}, day(i))
	}
	account, err := f.Account(t.Context(), "c1", 2)
	require.NoError(t, err)
	f.cost(t, units{"table": read(1)}, "Query")
	assert.Equal(t, shop.Cents(3000), account.Customer.Spent)
	assert.Equal(t, 3, account.Customer.Orders)
	require.Len(t, account.Orders, 2)
	assert.Equal(t, "o3", account.Orders[0].ID, "the newest is first")
	assert.Equal(t, "o2", account.Orders[1].ID)

	_, err = f.Account(t.Context(), "c2", 2)
	require.ErrorIs(t, err, monotable.ErrNotFound)
}
