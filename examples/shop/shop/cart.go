package shop

import (
	"context"
	"time"

	"github.com/monotable/monotable"
)

// Cart is a visitor's basket, kept for a month after it was last touched.
type Cart struct {
	ID        string    `dynamodbav:"id"` // of the browser's session: visitors need not be customers
	Basket    Basket    `dynamodbav:"basket"`
	ExpiresAt time.Time `dynamodbav:"expires_at,unixtime"` // DynamoDB deletes it some time after
}

const cartLife = 30 * 24 * time.Hour

// SaveCart stores a visitor's basket: one PutItem.
func (s *Shop) SaveCart(ctx context.Context, id string, basket Basket, now time.Time) error {
	return s.Carts.Put(ctx, &Cart{ID: id, Basket: basket, ExpiresAt: now.Add(cartLife)}, s.metered)
}

// OpenCart reads a visitor's basket: one GetItem. It returns monotable.ErrNotFound if there is none, or it has expired
// and DynamoDB has not come round to deleting it.
func (s *Shop) OpenCart(ctx context.Context, id string) (Cart, error) {
	return s.Carts.Get(ctx, Cart{ID: id}, monotable.Unexpired(), s.metered)
}
