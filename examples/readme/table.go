package main

import (
	"errors"
	"time"

	"github.com/monotable/monotable"
)

type Customer struct {
	ID   string `dynamodbav:"id"`
	Name string `dynamodbav:"name"`
}

type Order struct {
	Customer string    `dynamodbav:"customer"`
	ID       string    `dynamodbav:"id"`
	PlacedAt time.Time `dynamodbav:"placed_at"`
	Status   string    `dynamodbav:"status"`
}

var schema = monotable.Schema{ // one DynamoDB table
	Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type",
	Indexes: []monotable.Index{{Name: "by-status", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK")}},
}

var customerModel = monotable.Model{Keys: map[string]string{"PK": "CUSTOMER#{id}", "SK": "CUSTOMER"}}

var orderModel = monotable.Model{Keys: map[string]string{
	"PK": "CUSTOMER#{customer}", "SK": "ORDER#{placed_at}#{id}", // in the customer's partition, in the order of time
	"GSI1PK": "STATUS#{status}", "GSI1SK": "{placed_at}#{id}", // follows whenever the status changes
}}

type Shop struct {
	Customers *monotable.Table[Customer]
	Orders    *monotable.Table[Order]
}

// Open binds the types to a client's table. It sends nothing.
func Open(client monotable.Client) (Shop, error) {
	db, err := monotable.Open(client, schema)
	if err != nil {
		return Shop{}, err
	}
	customers, err1 := monotable.New[Customer](db, customerModel)
	orders, err2 := monotable.New[Order](db, orderModel)
	return Shop{customers, orders}, errors.Join(err1, err2)
}
