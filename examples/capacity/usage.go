package main

import (
	"github.com/monotable/monotable/examples/shop/shop"
	"github.com/monotable/monotable/plan"
)

// usage is one of the shop's access patterns in the plan's terms: which requests it makes, and how often. A pattern of
// two requests, a read and then a write, is two access patterns of the plan.
type usage struct {
	pattern       string  // as the shop names it
	average, peak float64 // a second
	requests      []plan.AccessPattern
}

// peakHours is how long the evening's rush lasts.
const peakHours = 2

// usages are what a shop asks of its table that sells 100 orders a second on average and 1,000 in the evening. What is
// done once, imports and backfills, is not here; nor is the scan of all, which an export to S3 makes without units.
//
// Effects are said for updates, which a plan cannot know. An update of a counter leaves a customer's entry by e-mail
// alone, since that index does not project it, and rewrites a product's entry in its category, since that one projects
// all.
var usages = []usage{
	{"Register a customer", 2, 20, []plan.AccessPattern{{Operation: plan.TransactWriteItems,
		Actions: []plan.Action{put("Customer", 1), put("UNIQUE", 1)}}}},
	{"Sign in by e-mail", 150, 1200, []plan.AccessPattern{{Operation: plan.Query, Entity: "Customer",
		Index: shop.Worklists, Items: 1}}},
	{"Read a customer", 300, 2400, []plan.AccessPattern{{Operation: plan.GetItem, Entity: "Customer"}}},
	{"Change an e-mail", 0.1, 1, []plan.AccessPattern{
		{Name: "read", Operation: plan.GetItem, Entity: "Customer", Consistent: true},
		{Name: "write", Operation: plan.TransactWriteItems, Actions: []plan.Action{
			update("Customer", plan.Effects{shop.Worklists: plan.Moves}), put("UNIQUE", 1),
			{Operation: plan.DeleteItem, Entity: "UNIQUE"}}},
	}},
	{"Add a product", 0.01, 0.1, []plan.AccessPattern{{Operation: plan.PutItem, Entity: "Product"}}},
	{"A category by price, 10 products", 900, 7500,
		[]plan.AccessPattern{{Operation: plan.Query, Entity: "Product", Index: shop.ByOwner, Items: 10}}},
	{"A product with 10 reviews", 1500, 12000,
		[]plan.AccessPattern{{Operation: plan.Query, Entity: "Review", Items: 11}}},
	{"Save a cart", 220, 2000, []plan.AccessPattern{{Operation: plan.PutItem, Entity: "Cart"}}},
	{"Open a cart", 600, 5000, []plan.AccessPattern{{Operation: plan.GetItem, Entity: "Cart"}}},
	{"Quote a basket", 130, 1300, []plan.AccessPattern{{Operation: plan.BatchGetItem, Entity: "Product", Items: 2}}},
	{"Place an order of 2 lines", 100, 1000, []plan.AccessPattern{{Operation: plan.TransactWriteItems,
		Actions: []plan.Action{
			{Operation: plan.PutItem, Entity: "Order",
				Effects: plan.Effects{shop.Worklists: plan.Adds, shop.ByRegion: plan.Adds}},
			update("Customer", plan.Effects{shop.Worklists: plan.Leaves}),
			{Operation: plan.UpdateItem, Entity: "Product", Items: 2,
				Effects: plan.Effects{shop.ByOwner: plan.Rewrites}},
			put("Line", 2)}}}},
	{"An account with its 10 newest orders", 110, 1000,
		[]plan.AccessPattern{{Operation: plan.Query, Entity: "Order", Items: 11, Consistent: true}}},
	{"An order with its lines, by its id", 60, 400,
		[]plan.AccessPattern{{Operation: plan.Query, Entity: "Order", Index: shop.ByOwner, Items: 3}}},
	{"A customer's orders, first 3", 40, 300, []plan.AccessPattern{{Operation: plan.Query, Entity: "Order", Items: 3}}},
	{"A region's orders to ship", 5, 30, []plan.AccessPattern{{Operation: plan.Query, Entity: "Order",
		Index: shop.Worklists, Items: 25}}},
	{"Ship an order", 97, 300, []plan.AccessPattern{{Operation: plan.UpdateItem, Entity: "Order",
		Effects: plan.Effects{shop.ByOwner: plan.Rewrites, shop.Worklists: plan.Removes, shop.ByRegion: plan.Moves}}}},
	{"Cancel an order", 3, 20, []plan.AccessPattern{
		{Name: "read", Operation: plan.Query, Entity: "Order", Index: shop.ByOwner, Items: 3},
		{Name: "write", Operation: plan.TransactWriteItems, Actions: []plan.Action{
			update("Order", plan.Effects{shop.ByOwner: plan.Rewrites, shop.Worklists: plan.Removes,
				shop.ByRegion: plan.Moves}),
			update("Customer", plan.Effects{shop.Worklists: plan.Leaves}),
			{Operation: plan.UpdateItem, Entity: "Product", Items: 2,
				Effects: plan.Effects{shop.ByOwner: plan.Rewrites}}}},
	}},
	{"A region's 5 largest shipped orders", plan.PerMinute(10), 1,
		[]plan.AccessPattern{{Operation: plan.Query, Entity: "Order", Index: shop.ByRegion, Items: 5}}},
	{"A product's sales of 30 days", plan.PerMinute(30), 2,
		[]plan.AccessPattern{{Operation: plan.Query, Entity: "Line", Items: 121}}},
	{"Change a price", plan.PerHour(300), 1, []plan.AccessPattern{
		{Name: "read", Operation: plan.GetItem, Entity: "Product", Consistent: true},
		{Name: "write", Operation: plan.UpdateItem, Entity: "Product", Effects: plan.Effects{shop.ByOwner: plan.Moves}},
	}},
	{"Restock", plan.PerHour(500), 1, []plan.AccessPattern{{Operation: plan.UpdateItem, Entity: "Product",
		Effects: plan.Effects{shop.ByOwner: plan.Rewrites}}}},
	{"A bundle's stock at one moment", 20, 150,
		[]plan.AccessPattern{{Operation: plan.TransactGetItems, Entity: "Product", Items: 3}}},
	{"Write a review", 8, 60, []plan.AccessPattern{{Operation: plan.TransactWriteItems, Actions: []plan.Action{
		put("Review", 1), update("Product", plan.Effects{shop.ByOwner: plan.Rewrites})}}}},
	{"A customer's 10 newest reviews", 10, 60,
		[]plan.AccessPattern{{Operation: plan.Query, Entity: "Review", Index: shop.ByOwner, Items: 10}}},
	{"A product's 10 worst reviews", 15, 100, []plan.AccessPattern{
		{Name: "keys", Operation: plan.Query, Entity: "Review", Index: shop.Worklists, Items: 10},
		{Name: "texts", Operation: plan.BatchGetItem, Entity: "Review", Items: 10},
	}},
}

func put(entity string, items float64) plan.Action {
	return plan.Action{Operation: plan.PutItem, Entity: entity, Items: items}
}

func update(entity string, effects plan.Effects) plan.Action {
	return plan.Action{Operation: plan.UpdateItem, Entity: entity, Effects: effects}
}

// patterns are the usage's requests as access patterns, at the usage's rates.
func (u usage) patterns() []plan.AccessPattern {
	var all []plan.AccessPattern
	for _, request := range u.requests {
		if request.Name == "" {
			request.Name = u.pattern
		} else {
			request.Name = u.pattern + ", " + request.Name
		}
		request.Average, request.Peak = u.average, u.peak
		all = append(all, request)
	}
	return all
}
