package shop

import "github.com/monotable/monotable"

// The table's indexes. README.md tells why each is there.
const (
	// ByOwner holds what belongs together but is not stored together: an order with its lines, a category's products by
	// price, a customer's reviews.
	ByOwner = "GSI1"
	// Worklists holds few items with few attributes: orders until they are shipped, a product's reviews by stars,
	// e-mails.
	Worklists = "GSI2"
	// ByRegion is keyed by four of an order's own attributes.
	ByRegion = "by-region"
)

// Schema is the one table that everything is in.
var Schema = monotable.Schema{
	Name:      "shop",
	Partition: monotable.S("PK"), Sort: monotable.S("SK"),
	EntityType: "type",
	TTL:        "expires_at",
	Indexes: []monotable.Index{
		{Name: ByOwner, Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK")},
		{Name: Worklists, Partition: monotable.S("GSI2PK"), Sort: monotable.S("GSI2SK"),
			Include: []string{"type", "id", "customer_id", "due_at", "total"}},
		{Name: ByRegion, Partition: monotable.S("region", "status"), Sort: monotable.N("total").S("id"),
			KeysOnly: true},
	},
}

var customerModel = monotable.Model{
	Keys: map[string]string{
		"PK": "CUSTOMER#{id}", "SK": "CUSTOMER",
		"GSI2PK": "EMAIL#{email|lower}", "GSI2SK": "CUSTOMER",
	},
	Unique:  map[string]string{"email": "{email|lower}"},
	Created: "joined_at",
}

// A customer's orders are in the customer's partition, the newest first.
var orderModel = monotable.Model{
	Keys: map[string]string{
		"PK": "CUSTOMER#{customer_id}", "SK": "ORDER#{placed_at|desc}#{id}",
		"GSI1PK": "ORDER#{id}", "GSI1SK": "ORDER",
		"GSI2PK": "TO-SHIP#{region}", "GSI2SK": "{due_at}#{id}",
	},
}

// A line is found from both its ends: from the product in the table, from the order in the index.
var lineModel = monotable.Model{
	Keys: map[string]string{
		"PK": "SALES#{sku}", "SK": "{placed_at|desc}#{order_id}",
		"GSI1PK": "ORDER#{order_id}", "GSI1SK": "LINE#{sku}",
	},
}

var productModel = monotable.Model{
	Keys: map[string]string{
		"PK": "PRODUCT#{sku}", "SK": "PRODUCT",
		"GSI1PK": "CATEGORY#{category}", "GSI1SK": "{price:9}#{sku}",
	},
	Version: "version",
}

// A product's reviews are in the product's partition, one of each customer.
var reviewModel = monotable.Model{
	Keys: map[string]string{
		"PK": "PRODUCT#{sku}", "SK": "REVIEW#{customer_id}",
		"GSI1PK": "CUSTOMER#{customer_id}", "GSI1SK": "REVIEW#{written_at|desc}",
		"GSI2PK": "STARS#{sku}", "GSI2SK": "{stars:1}#{customer_id}",
	},
}

// A cart is in no index: it is read and written by its key, often, and forgotten.
var cartModel = monotable.Model{
	Keys: map[string]string{"PK": "CART#{id}", "SK": "CART"},
}
