package codectest

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// Flat is an item of about 1 KB with 12 mixed attributes.
type Flat struct {
	ID      string    `dynamodbav:"id"`
	Name    string    `dynamodbav:"name"`
	Email   string    `dynamodbav:"email"`
	Age     int       `dynamodbav:"age"`
	Balance int64     `dynamodbav:"balance"`
	Score   float64   `dynamodbav:"score"`
	Active  bool      `dynamodbav:"active"`
	Created time.Time `dynamodbav:"created"`
	Expires time.Time `dynamodbav:"expires,unixtime"`
	Tags    []string  `dynamodbav:"tags,stringset"`
	Photo   []byte    `dynamodbav:"photo"`
	Notes   string    `dynamodbav:"notes"`
}

var FlatValue = Flat{
	ID: "customer-0123456789", Name: "Rachel Greenwood", Email: "rachel.greenwood@example.com", Age: 37,
	Balance: 1234567,
	Score:   98.125, Active: true, Created: time.Date(2026, 11, 22, 10, 30, 0, 123456789, time.UTC),
	Expires: time.Unix(1795000000, 0),
	Tags:    []string{"gold", "early", "newsletter"}, Photo: []byte(strings.Repeat("\x01\x7f", 100)),
	Notes: strings.Repeat("long notes ", 50),
}

type Address struct {
	Street string `dynamodbav:"street"`
	City   string `dynamodbav:"city"`
}

type Person struct {
	ID      int            `dynamodbav:"id"`
	Name    string         `dynamodbav:"name"`
	Address *Address       `dynamodbav:"address,omitempty"`
	Tags    []string       `dynamodbav:"tags,stringset"`
	Seen    time.Time      `dynamodbav:"seen,unixtime"`
	Scores  map[string]int `dynamodbav:"scores"`
}

// Nested is an item of maps, lists, pointers and sets.
type Nested struct {
	ID      string             `dynamodbav:"id"`
	Address *Address           `dynamodbav:"address"`
	Lines   []Line             `dynamodbav:"lines"`
	Prices  map[string]float64 `dynamodbav:"prices"`
	Matrix  [][]int            `dynamodbav:"matrix"`
	Sizes   []int              `dynamodbav:"sizes,numberset"`
	Parent  *Nested            `dynamodbav:"parent,omitempty"`
}

type Line struct {
	SKU string `dynamodbav:"sku"`
	Qty *int   `dynamodbav:"qty"`
}

func NestedValue() Nested {
	one, two := 1, 2
	d := Nested{
		ID: "order-1", Address: &Address{Street: "Via Appia 1", City: "Rome"},
		Lines:  []Line{{"a-1", &one}, {"b-2", &two}, {"c-3", nil}},
		Prices: map[string]float64{"eur": 12.5, "usd": 13.75, "gbp": 10}, Matrix: [][]int{{1, 2, 3}, {4, 5, 6}},
		Sizes: []int{38, 40, 42},
	}
	parent := d
	d.Parent = &parent
	return d
}

type T interface {
	require.TestingT
	Helper()
}
