package main

import (
	"testing"
	"time"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/stretchr/testify/require"
)

func TestAnOrderIsPlacedOnce(t *testing.T) {
	client := dynamotest.New(t, schema) // a DynamoDB of this test's own
	shop, err := Open(client)
	require.NoError(t, err)
	order := Order{Customer: "rachel", ID: "o1", PlacedAt: time.Now(), Status: "paid"}

	require.NoError(t, shop.Orders.Create(t.Context(), &order))
	require.ErrorIs(t, shop.Orders.Create(t.Context(), &order), monotable.ErrExists)

	client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "GetItem"}, Times: 1, Do: dynamotest.Throttle()})
	_, err = shop.Orders.Get(t.Context(), order)
	require.ErrorIs(t, err, monotable.ErrThrottled)
}

// What the program above prints.
func Example() {
	main()
	// Output:
	// o1 is shipped
	// o2 waits
	// o3 waits
}
