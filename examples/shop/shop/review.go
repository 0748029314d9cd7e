package shop

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable"
)

// Review is what a customer thinks of a product. A customer reviews a product once.
type Review struct {
	SKU        string    `dynamodbav:"sku"`
	CustomerID string    `dynamodbav:"customer_id"`
	Stars      int       `dynamodbav:"stars"` // 1 to 5
	Text       string    `dynamodbav:"text"`
	WrittenAt  time.Time `dynamodbav:"written_at"`
}

// Validate refuses stars that there are none of; every write of a whole review calls it.
func (r *Review) Validate() error {
	if r.Stars < 1 || r.Stars > 5 {
		return errors.New("shop: a review has 1 to 5 stars")
	}
	return nil
}

// WriteReview stores a review and counts it on its product: one TransactWriteItems. It returns monotable.ErrExists if
// the customer has reviewed the product, and monotable.ErrNotFound if there is no such product.
func (s *Shop) WriteReview(ctx context.Context, r *Review) error {
	count := expression.
		Add(expression.Name("reviews"), expression.Value(1)).
		Add(expression.Name("stars"), expression.Value(r.Stars))
	return s.DB.Write(ctx, []monotable.Op{
		s.Reviews.CreateOp(r),
		s.Products.UpdateOp(Product{SKU: r.SKU}, count),
	}, conflictRetries, s.metered)
}

// ReviewsBy reads the newest of a customer's reviews: one Query of an index.
func (s *Shop) ReviewsBy(ctx context.Context, customerID string, limit int) ([]Review, error) {
	return all(s.Reviews.Query(ctx, Review{CustomerID: customerID}, monotable.On(ByOwner), monotable.Limit(limit),
		s.metered))
}

// Complaints reads a product's reviews of up to some stars, the worst first: one Query of an index that knows their
// keys, and one BatchGetItem for each hundred of them, for their texts.
func (s *Shop) Complaints(ctx context.Context, sku string, stars, limit int) ([]Review, error) {
	return all(s.Reviews.Query(ctx, Review{SKU: sku}, monotable.On(Worklists),
		monotable.Between("stars", 1, stars), monotable.Limit(limit), monotable.Hydrate(), s.metered))
}

// ImportReviews stores reviews of the shop's predecessor: one BatchWriteItem for each 25. A review that is there is
// overwritten; products do not count them.
func (s *Shop) ImportReviews(ctx context.Context, reviews []Review) error {
	return s.Reviews.PutMany(ctx, reviews, s.metered)
}

// EraseReviews removes all that a customer wrote: one Query of an index for each MB of reviews, and one BatchWriteItem
// for each 25 of them. It returns how many there were.
func (s *Shop) EraseReviews(ctx context.Context, customerID string) (int, error) {
	reviews, err := all(s.Reviews.Query(ctx, Review{CustomerID: customerID}, monotable.On(ByOwner), s.metered))
	if err != nil {
		return 0, err
	}
	return len(reviews), s.Reviews.DeleteMany(ctx, reviews, s.metered)
}
