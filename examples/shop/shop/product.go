package shop

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable"
)

// Product is something to buy.
type Product struct {
	SKU      string `dynamodbav:"sku"`
	Name     string `dynamodbav:"name"`
	Category string `dynamodbav:"category"`
	Price    Cents  `dynamodbav:"price"`
	Stock    int    `dynamodbav:"stock"`
	Reviews  int    `dynamodbav:"reviews"` // how many there are
	Stars    int    `dynamodbav:"stars"`   // their stars together
	Version  int64  `dynamodbav:"version"` // one more with each write
}

// Validate refuses what cannot be sold; every write of a whole product calls it.
func (p *Product) Validate() error {
	if p.Price <= 0 || p.Stock < 0 {
		return errors.New("shop: a product has a price, and a stock of none or more")
	}
	return nil
}

// AddProduct stores a new product: one PutItem. It returns monotable.ErrExists if the SKU is taken.
func (s *Shop) AddProduct(ctx context.Context, p *Product) error {
	return s.Products.Create(ctx, p, s.metered)
}

// ProductPage is a product and what customers think of it.
type ProductPage struct {
	Product Product
	Reviews []Review
}

// ProductPage reads a product with some of its reviews: one Query of the product's partition.
func (s *Shop) ProductPage(ctx context.Context, sku string, reviews int) (ProductPage, error) {
	return monotable.Gather[ProductPage](ctx, s.Products, Product{SKU: sku}, monotable.Limit(1+reviews), s.metered)
}

// Category reads a page of a category's products of some price range, the cheapest first: one Query of an index for
// each page of up to limit products.
func (s *Shop) Category(ctx context.Context, category string, from, to Cents, limit int,
	after monotable.Cursor) (monotable.Page[Product], error) {
	return s.Products.QueryPage(ctx, Product{Category: category}, monotable.On(ByOwner),
		monotable.Between("price", from, to), monotable.Limit(limit), monotable.StartAfter(after), s.metered)
}

// ChangePrice sets a product's price and moves it to its new place in its category: one GetItem and one UpdateItem,
// which expects the version that was read. If someone was faster, both again.
func (s *Shop) ChangePrice(ctx context.Context, sku string, price Cents) (Product, error) {
	return s.Products.Modify(ctx, Product{SKU: sku}, func(p *Product) error {
		p.Price = price
		return nil
	}, s.metered)
}

// Restock adds to a product's stock: one UpdateItem, which leaves the arithmetic to DynamoDB.
func (s *Shop) Restock(ctx context.Context, sku string, more int) (Product, error) {
	add := expression.Add(expression.Name("stock"), expression.Value(more))
	return s.Products.Update(ctx, Product{SKU: sku}, add, s.metered)
}

// Bundle reads products as they all are at one moment: one TransactGetItems. A product that is not there is nil.
func (s *Shop) Bundle(ctx context.Context, skus ...string) ([]*Product, error) {
	products := make([]*Product, len(skus))
	var ops []monotable.ReadOp
	for i, sku := range skus {
		ops = append(ops, s.Products.GetOp(Product{SKU: sku}, &products[i]))
	}
	return products, s.DB.Read(ctx, ops, s.metered)
}
