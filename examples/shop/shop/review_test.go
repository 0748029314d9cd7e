package shop_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/shop/shop"
)

func TestWriteReview(t *testing.T) {
	f := newShop(t)
	f.product(t, "mug", 1000, 1)
	r := shop.Review{SKU: "mug", CustomerID: "c1", Stars: 4, Text: "It holds tea.", WrittenAt: now}
	require.NoError(t, f.WriteReview(t.Context(), &r))
	// The review and the product, twice each in a transaction; an entry of each in the first index, the review's in the
	// second.
	f.cost(t, units{"table": write(4), shop.ByOwner: write(2), shop.Worklists: write(1)}, "TransactWriteItems")

	require.ErrorIs(t, f.WriteReview(t.Context(), &r), monotable.ErrExists, "one of each customer")
	page, err := f.ProductPage(t.Context(), "mug", 9)
	require.NoError(t, err)
	assert.Equal(t, 1, page.Product.Reviews, "the second was not counted")
	assert.Equal(t, 4, page.Product.Stars)

	require.ErrorIs(t, f.WriteReview(t.Context(),
		&shop.Review{SKU: "none", CustomerID: "c1", Stars: 4, WrittenAt: now}), monotable.ErrNotFound)
	require.ErrorContains(t, f.WriteReview(t.Context(),
		&shop.Review{SKU: "mug", CustomerID: "c2", Stars: 6, WrittenAt: now}), "1 to 5 stars")
}

func TestReviewsBy(t *testing.T) {
	f := newShop(t)
	for i, sku := range []string{"mug", "tea", "hat"} {
		f.product(t, sku, 1000, 1)
		f.review(t, sku, "c1", 5, day(i))
		f.review(t, sku, "c2", 1, day(i))
	}
	reviews, err := f.ReviewsBy(t.Context(), "c1", 2)
	require.NoError(t, err)
	f.cost(t, units{shop.ByOwner: read(0.5)}, "Query")
	assert.Equal(t, []string{"c1 hat", "c1 tea"}, whose(reviews), "the newest are first")
}

func whose(reviews []shop.Review) (all []string) {
	for _, r := range reviews {
		all = append(all, r.CustomerID+" "+r.SKU)
	}
	return all
}

func TestComplaints(t *testing.T) {
	f := newShop(t)
	f.product(t, "mug", 1000, 1)
	for i, stars := range []int{5, 2, 1, 3, 2} {
		f.review(t, "mug", fmt.Sprintf("c%d", i), stars, now)
	}
	reviews, err := f.Complaints(t.Context(), "mug", 2, 9)
	require.NoError(t, err)
	// The entries together, and half a unit for each of three items.
	f.cost(t, units{"table": read(1.5), shop.Worklists: read(0.5)}, "Query", "BatchGetItem")
	assert.Equal(t, []string{"c2 mug", "c1 mug", "c4 mug"}, whose(reviews))
	assert.Equal(t, "It holds tea.", reviews[0].Text, "the index does not have it")
}

func TestImportAndEraseReviews(t *testing.T) {
	f := newShop(t)
	var reviews []shop.Review
	for i := range 30 {
		reviews = append(reviews, shop.Review{
			SKU: fmt.Sprintf("p%d", i%15), CustomerID: fmt.Sprintf("c%d", i/15), Stars: 3, Text: "It fits.",
			WrittenAt: day(-i),
		})
	}
	require.NoError(t, f.ImportReviews(t.Context(), reviews))
	f.cost(t, units{"table": write(30), shop.ByOwner: write(30), shop.Worklists: write(30)}, "BatchWriteItem",
		"BatchWriteItem")

	n, err := f.EraseReviews(t.Context(), "c1")
	require.NoError(t, err)
	assert.Equal(t, 15, n)
	f.cost(t, units{"table": write(15), shop.ByOwner: {Read: 0.5, Write: 15}, shop.Worklists: write(15)}, "Query",
		"BatchWriteItem")

	left, err := f.ReviewsBy(t.Context(), "c1", 99)
	require.NoError(t, err)
	assert.Empty(t, left)
	left, err = f.ReviewsBy(t.Context(), "c0", 99)
	require.NoError(t, err)
	assert.Len(t, left, 15)

	f.forget()
	n, err = f.EraseReviews(t.Context(), "c1")
	require.NoError(t, err)
	assert.Zero(t, n)
	f.cost(t, units{shop.ByOwner: read(0.5)}, "Query")
}
