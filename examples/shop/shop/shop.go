// Package shop is a shop's storage layer in one DynamoDB table: customers, products, orders with their lines, reviews
// and carts.
//
// A file holds one noun: its type, and the access patterns that start from it as methods of Shop, the way a service
// would have them. The keys of all types are in schema.go. README.md, one folder up, walks through the design.
package shop

import (
	"errors"

	"github.com/monotable/monotable"
)

// Shop reads and writes the shop's table. It is safe for concurrent use.
type Shop struct {
	DB        *monotable.DB
	Customers *monotable.Table[Customer]
	Products  *monotable.Table[Product]
	Orders    *monotable.Table[Order]
	Lines     *monotable.Table[Line]
	Reviews   *monotable.Table[Review]
	Carts     *monotable.Table[Cart]

	logins    *monotable.View[Login, Customer]
	summaries *monotable.View[Summary, Order]
	toShip    *monotable.View[ToShip, Order]
	totals    *monotable.View[Total, Order]

	metered monotable.CallOption // given to every call
}

// Open makes a Shop of the schema's table, which is Schema, perhaps by another name. It sends nothing.
func Open(client monotable.Client, schema monotable.Schema, options ...monotable.OpenOption) (*Shop, error) {
	db, err := monotable.Open(client, schema, options...)
	if err != nil {
		return nil, err
	}
	s := &Shop{DB: db}
	err = errors.Join(
		made(&s.Customers)(monotable.New[Customer](db, customerModel)),
		made(&s.Products)(monotable.New[Product](db, productModel)),
		made(&s.Orders)(monotable.New[Order](db, orderModel)),
		made(&s.Lines)(monotable.New[Line](db, lineModel)),
		made(&s.Reviews)(monotable.New[Review](db, reviewModel)),
		made(&s.Carts)(monotable.New[Cart](db, cartModel)),
	)
	if err != nil {
		return nil, err
	}
	return s, errors.Join(
		made(&s.logins)(monotable.As[Login](s.Customers)),
		made(&s.summaries)(monotable.As[Summary](s.Orders)),
		made(&s.toShip)(monotable.As[ToShip](s.Orders)),
		made(&s.totals)(monotable.As[Total](s.Orders)),
	)
}

// made keeps what a constructor gave and passes its error on.
func made[T any](into *T) func(T, error) error {
	return func(v T, err error) error {
		*into = v
		return err
	}
}

// Metered is the same shop, whose calls add what they consume to m.
func (s *Shop) Metered(m *monotable.Meter) *Shop {
	metered := *s
	metered.metered = monotable.Metered(m)
	return &metered
}
