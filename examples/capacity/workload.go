package main

import (
	"context"
	"time"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/shop/shop"
	"github.com/monotable/monotable/plan"
)

// stored is how many items of each type the shop has after some years.
var stored = map[string]float64{
	"Customer": 20e6, "UNIQUE": 20e6, "Product": 50e3, "Order": 300e6, "Line": 600e6, "Review": 40e6, "Cart": 15e6,
}

// survey seeds a shop in this process and looks at all that is in it then: sizes and index entries as they are stored.
func survey(ctx context.Context, now time.Time) (*plan.Survey, error) {
	client := dynamotest.NewClient()
	if err := admin.Create(ctx, client, shop.Schema, time.Minute); err != nil {
		return nil, err
	}
	s, err := shop.Open(client, shop.Schema, monotable.Clock(func() time.Time { return now }))
	if err != nil {
		return nil, err
	}
	if err := s.Seed(ctx, now); err != nil {
		return nil, err
	}
	for _, visitor := range []string{"browser-1", "browser-2"} {
		if err := s.SaveCart(ctx, visitor, shop.Basket{"mugs-01": 2, "books-00": 1}, now); err != nil {
			return nil, err
		}
	}
	return plan.SurveyTable(ctx, client, shop.Schema, plan.SurveyOptions{Segments: 1, Share: 1, Pace: 1e6})
}

// workload is the shop at its full size: what the survey found of each type, as often as it will be there, and the
// usages.
func workload(found *plan.Survey) plan.Workload {
	w := found.Workload()
	w.PeakHours = peakHours
	w.Seed = 1
	for i := range w.Entities {
		w.Entities[i].Count = stored[w.Entities[i].Name]
	}
	for _, u := range usages {
		w.Patterns = append(w.Patterns, u.patterns()...)
	}
	products, customers := plan.Zipf(50e3, 1), plan.Uniform(20e6) // few products are bought by many
	for i := range w.Entities {
		switch e := &w.Entities[i]; e.Name {
		case "Product", "Review": // a product's reviews are in its partition
			e.Keys, e.Collection = &products, "a product and its reviews"
		case "Customer", "Order": // and a customer's orders in the customer's
			e.Keys, e.Collection = &customers, "a customer and their orders"
		case "Line":
			e.Keys, e.Collection = &products, "a product's sales"
			e.RisingSort = true // they are in the order of time
		}
	}
	for i := range w.Indexes {
		if x := &w.Indexes[i]; x.Name == shop.ByRegion {
			x.Keys = &rush
		}
	}
	return w
}

// rush is how the writes of an evening spread over the keys of the index by region and status: four of five orders come
// from Europe then. An order is put under paid, and moved from there to shipped.
var rush = plan.KeyDistribution{
	Kind: "sample", Keys: 6,
	Names:  []string{"eu, paid", "eu, shipped", "na, paid", "other, paid", "na, shipped", "other, shipped"},
	Counts: []float64{1040, 240, 195, 65, 45, 15},
}
