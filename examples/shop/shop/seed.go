package shop

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/monotable/monotable"
)

// The shop's first months, the same in every run: 40 products in four categories, 30 customers, 240 orders of the last
// 60 days, the best customer's every fourth among them, and the reviews of two
// products.
const (
	seedProducts  = 40
	seedCustomers = 30
	seedOrders    = 240
	seedReviews   = 60
)

var (
	categories = []string{"books", "mugs", "posters", "shirts"}
	countries  = []string{"CA", "DE", "FR", "JP", "US"}
)

// Seed fills an empty table with a small shop as it is at now. Every tenth order is an old one, stored without a
// region.
func (s *Shop) Seed(ctx context.Context, now time.Time) error {
	random := rand.New(rand.NewPCG(2012, 1))
	var products []Product
	for i := range seedProducts {
		category := categories[i%len(categories)]
		p := Product{
			SKU: fmt.Sprintf("%s-%02d", category, i), Name: fmt.Sprintf("No. %d of our %s", i, category),
			Category: category, Price: Cents(500 + 125*random.IntN(60)), Stock: 40,
		}
		if err := s.AddProduct(ctx, &p); err != nil {
			return err
		}
		products = append(products, p)
	}
	var customers []Customer
	for i := range seedCustomers {
		c := Customer{
			ID: fmt.Sprintf("c%02d", i), Email: fmt.Sprintf("Customer%02d@example.com", i),
			Name: fmt.Sprintf("Customer %d", i), Country: countries[i%len(countries)],
		}
		if err := s.Register(ctx, &c); err != nil {
			return err
		}
		customers = append(customers, c)
	}
	var past []monotable.Op
	for i := range seedOrders {
		placed := now.Add(-time.Duration(seedOrders-i) * 6 * time.Hour)
		customer := customers[random.IntN(len(customers))]
		if i%4 == 0 {
			customer = customers[1]
		}
		page := pastOrder(fmt.Sprintf("o%04d", i), customer, placed, products[random.IntN(len(products))], products[0])
		if now.Sub(placed) < shipWithin {
			page.Order.Status, page.Order.DueAt, page.Order.ShippedAt = Paid, new(placed.Add(shipWithin)), nil
		}
		if i%10 == 5 {
			page.Order.Region = ""
		}
		past = append(past, s.Orders.PutOp(&page.Order))
		for j := range page.Lines {
			past = append(past, s.Lines.PutOp(&page.Lines[j]))
		}
	}
	if err := s.DB.BatchWrite(ctx, past); err != nil {
		return err
	}
	var reviews []Review
	for i := range seedReviews {
		reviews = append(reviews, Review{
			SKU: products[i/len(customers)].SKU, CustomerID: customers[i%len(customers)].ID, Stars: 1 + random.IntN(5),
			Text:      "It came in a box, it is what the picture shows, and the cat likes the box.",
			WrittenAt: now.Add(-time.Duration(i) * time.Hour),
		})
	}
	return s.ImportReviews(ctx, reviews)
}

// pastOrder is an order of one each of some products, shipped a day after it was placed.
func pastOrder(id string, c Customer, placed time.Time, products ...Product) OrderPage {
	page := OrderPage{Order: Order{
		ID: id, CustomerID: c.ID, PlacedAt: placed, Status: Shipped, Country: c.Country, Region: RegionOf(c.Country),
		ShippedAt: new(placed.Add(24 * time.Hour)),
	}}
	for i, p := range products {
		if i > 0 && p.SKU == products[0].SKU {
			continue
		}
		page.Order.Total += p.Price
		page.Lines = append(page.Lines, Line{OrderID: id, SKU: p.SKU, Name: p.Name, Quantity: 1, Price: p.Price,
			PlacedAt: placed})
	}
	return page
}
