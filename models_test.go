package monotable_test

import (
	"testing"
	"time"

	"github.com/monotable/monotable"
	"github.com/stretchr/testify/require"
)

// The table that the tests share: overloaded, inverted and natural indexes, and a local one.
var store = monotable.Schema{
	Name: "store", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type",
	Indexes: []monotable.Index{
		{Name: "GSI1", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK")},
		{Name: "inverted", Partition: monotable.S("SK"), Sort: monotable.S("PK"), KeysOnly: true},
		{Name: "by-total", Local: true, Sort: monotable.N("total"), Include: []string{"status"}},
		{Name: "by-region", Partition: monotable.S("region"), Sort: monotable.N("total")},
	},
}

type sale struct {
	CustomerID string     `dynamodbav:"customer_id"`
	ID         string     `dynamodbav:"id"`
	PlacedAt   time.Time  `dynamodbav:"placed_at"`
	Status     string     `dynamodbav:"status"`
	Region     string     `dynamodbav:"region,omitempty"`
	Total      int64      `dynamodbav:"total"`
	DueAt      *time.Time `dynamodbav:"due_at,unixtime,omitempty"`
	Tags       []string   `dynamodbav:"tags,omitempty,stringset"`
	Note       *string    `dynamodbav:"note,omitempty"`
}

var saleModel = monotable.Model{Type: "Sale", Keys: map[string]string{
	"PK": "CUSTOMER#{customer_id}", "SK": "SALE#{placed_at}#{id}",
	"GSI1PK": "STATUS#{status}", "GSI1SK": "{placed_at}",
}}

type profile struct {
	ID      string         `dynamodbav:"id"`
	Email   string         `dynamodbav:"email"`
	Visits  int            `dynamodbav:"visits"`
	Version int64          `dynamodbav:"v"`
	Address address        `dynamodbav:"address"`
	More    monotable.Item `monotable:"unknown"`
}

type address struct {
	City string `dynamodbav:"city"`
	Zip  string `dynamodbav:"zip,omitempty"`
}

var profileModel = monotable.Model{Type: "Profile", Version: "v", Keys: map[string]string{
	"PK": "CUSTOMER#{id}", "SK": "PROFILE",
	"GSI1PK": "CITY#{address.city}", "GSI1SK": "{email|lower}",
}}

type review struct {
	SKU        string `dynamodbav:"sku"`
	CustomerID string `dynamodbav:"customer_id"`
	Stars      int    `dynamodbav:"stars"`
}

var reviewModel = monotable.Model{Keys: map[string]string{
	"PK": "PRODUCT#{sku}", "SK": "REVIEW#{customer_id}", "GSI1PK": "STARS#{sku}", "GSI1SK": "{stars:3}",
}}

// day is a time that keys can be told apart by.
func day(n int) time.Time {
	return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, n-1)
}

func saleOf(customer string, n int, status string) sale {
	return sale{CustomerID: customer, ID: "s" + string(rune('0'+n)), PlacedAt: day(n), Status: status,
		Total: int64(100 * n), Region: "eu"}
}

func ids(sales []sale) (all []string) {
	for _, s := range sales {
		all = append(all, s.ID)
	}
	return all
}

// textAt is a string attribute's value; "" for none.
func textAt(t testing.TB, item monotable.Item, name string) string {
	t.Helper()
	if _, there := item[name]; !there {
		return ""
	}
	s, err := item.String(name)
	require.NoError(t, err)
	return s
}
