package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/stream"
)

// Order and Customer live in one table.
type Order struct {
	CustomerID string `dynamodbav:"customer_id"`
	ID         string `dynamodbav:"id"`
	Status     string `dynamodbav:"status"`
	Total      int64  `dynamodbav:"total"`
}

type Customer struct {
	ID    string `dynamodbav:"id"`
	Email string `dynamodbav:"email"`
}

var shop = monotable.Schema{
	Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type", TTL: "expires_at",
	Stream: types.StreamViewTypeNewAndOldImages,
}

var (
	orderModel    = monotable.Model{Keys: map[string]string{"PK": "CUSTOMER#{customer_id}", "SK": "ORDER#{id}"}}
	customerModel = monotable.Model{Keys: map[string]string{"PK": "CUSTOMER#{id}", "SK": "PROFILE"},
		Unique: map[string]string{"email": "{email|lower}"}}
)

// tables opens the shop, on a client that nothing is sent to where only its changes are handled.
func tables(client monotable.Client) (*monotable.DB, *monotable.Table[Order], *monotable.Table[Customer]) {
	db, err := monotable.Open(client, shop)
	if err != nil {
		log.Fatal(err)
	}
	orders, err := monotable.New[Order](db, orderModel)
	if err != nil {
		log.Fatal(err)
	}
	customers, err := monotable.New[Customer](db, customerModel)
	if err != nil {
		log.Fatal(err)
	}
	return db, orders, customers
}

// What Lambda invokes a function with.
const paid = `{"Records": [{
	"eventID": "4b25bd0da9a181a155114127e4837252", "eventName": "MODIFY", "eventVersion": "1.1",
	"eventSource": "aws:dynamodb", "awsRegion": "eu-central-1",
	"dynamodb": {
		"ApproximateCreationDateTime": 1795366800, "SequenceNumber": "4421584500000000017450439091", "SizeBytes": 177,
		"StreamViewType": "NEW_AND_OLD_IMAGES",
		"Keys": {"PK": {"S": "CUSTOMER#ann"}, "SK": {"S": "ORDER#7"}},
		"OldImage": {"PK": {"S": "CUSTOMER#ann"}, "SK": {"S": "ORDER#7"}, "type": {"S": "Order"},
			"customer_id": {"S": "ann"}, "id": {"S": "7"}, "status": {"S": "open"}, "total": {"N": "1200"}},
		"NewImage": {"PK": {"S": "CUSTOMER#ann"}, "SK": {"S": "ORDER#7"}, "type": {"S": "Order"},
			"customer_id": {"S": "ann"}, "id": {"S": "7"}, "status": {"S": "paid"}, "total": {"N": "1200"}}
	},
	"eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/shop/stream/2026-11-22T17:00:00.000"
}]}`

// A function for the changes of two entity types; lambda.Start(router.Handle) would run it.
func Example() {
	db, orders, customers := tables(&dynamodb.Client{})
	router, err := stream.New(db,
		stream.On(orders, func(ctx context.Context, old, new *Order) error {
			switch {
			case old == nil:
				fmt.Println("placed", new.ID)
			case new == nil:
				fmt.Println("gone", old.ID)
			default:
				fmt.Println("order", new.ID, "was", old.Status, "and is", new.Status)
			}
			return nil
		}),
		stream.Ignore(customers),
	)
	if err != nil {
		log.Fatal(err)
	}

	var event stream.Event
	if err := json.Unmarshal([]byte(paid), &event); err != nil {
		log.Fatal(err)
	}
	response, err := router.Handle(context.Background(), event)
	text, _ := json.Marshal(response)
	fmt.Println(string(text), err)
	// Output:
	// order 7 was open and is paid
	// {"batchItemFailures":[]} <nil>
}

// A failure is reported to Lambda by sequence number, and to the program with its reason.
func ExampleFailed() {
	db, orders, _ := tables(&dynamodb.Client{})
	router, err := stream.New(db,
		stream.On(orders, func(ctx context.Context, old,
			new *Order) error {
			return errors.New("the mail server is down")
		}),
		stream.Failed(func(ctx context.Context, err *stream.Error) { fmt.Println(err) }),
	)
	if err != nil {
		log.Fatal(err)
	}
	var event stream.Event
	if err := json.Unmarshal([]byte(paid), &event); err != nil {
		log.Fatal(err)
	}
	response, err := router.Handle(context.Background(), event)
	text, _ := json.Marshal(response)
	fmt.Println(string(text), err)
	// Output:
	// stream: record 4421584500000000017450439091 (MODIFY): Order: the mail server is down
	// {"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439091"}]} <nil>
}

// What is known of a change beside the item is in the context.
func ExampleRecordOf() {
	db, orders, customers := tables(&dynamodb.Client{})
	router, err := stream.New(db,
		stream.On(orders, func(ctx context.Context, old, new *Order) error {
			change, _ := stream.RecordOf(ctx)
			fmt.Println(change.Kind, change.At.Format("2006-01-02 15:04"), change.ID, "expired:", change.Expired())
			return nil
		}),
		stream.OnKeys(customers, func(ctx context.Context, keys monotable.Item) error { return nil }),
	)
	if err != nil {
		log.Fatal(err)
	}
	var event stream.Event
	if err := json.Unmarshal([]byte(paid), &event); err != nil {
		log.Fatal(err)
	}
	_, err = router.Handle(context.Background(), event)
	fmt.Println(err)
	// Output:
	// MODIFY 2026-11-22 17:00 4b25bd0da9a181a155114127e4837252 expired: false
	// <nil>
}

// Items of other types, here of a program that does not use this library, surface as they are.
func ExampleOthers() {
	db, orders, customers := tables(&dynamodb.Client{})
	router, err := stream.New(db, stream.Ignore(orders), stream.Ignore(customers),
		stream.Others(func(ctx context.Context, change stream.Record) error {
			name, _ := change.Keys.String("SK")
			level, err := change.New.Int("level")
			fmt.Println(change.Kind, name, "level", level)
			return err
		}),
	)
	if err != nil {
		log.Fatal(err)
	}
	stock := monotable.Item{"PK": &types.AttributeValueMemberS{Value: "STOCK"},
		"SK": &types.AttributeValueMemberS{Value: "sku-1"}}
	level := stock.Clone()
	_ = level.Set("level", 3)
	_, err = router.Handle(context.Background(), stream.Event{Records: []stream.Record{
		{Kind: stream.Insert, Sequence: "100000000000000000001", Keys: stock, New: level},
	}})
	fmt.Println(err)
	// Output:
	// INSERT sku-1 level 3
	// <nil>
}

// A local stand-in for Lambda: changes of the embedded table, fed to a router with Lambda's retry rules.
func ExamplePoller() {
	ctx := context.Background()
	client := dynamotest.NewClient()
	if err := admin.Create(ctx, client, shop, 0); err != nil {
		log.Fatal(err)
	}
	described, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &shop.Name})
	if err != nil {
		log.Fatal(err)
	}
	db, orders, customers := tables(client)
	down := true
	router, err := stream.New(db, stream.Ignore(customers),
		stream.On(orders, func(ctx context.Context, old, new *Order) error {
			if new.ID == "2" && down {
				down = false
				return errors.New("the mail server is down")
			}
			fmt.Println("placed", new.ID)
			return nil
		}),
		stream.Failed(func(context.Context, *stream.Error) {}),
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"1", "2", "3"} {
		if err := orders.Create(ctx, &Order{CustomerID: "ann", ID: id}); err != nil {
			log.Fatal(err)
		}
	}

	poller := stream.Poller{Client: client, StreamARN: *described.Table.LatestStreamArn, Handle: router.Handle}
	for {
		delivery, err := poller.Next(ctx)
		if err != nil {
			log.Fatal(err)
		}
		if len(delivery.Event.Records) == 0 {
			break
		}
		fmt.Printf("%d of %d handled\n", delivery.Handled, len(delivery.Event.Records))
	}
	// Output:
	// placed 1
	// 1 of 3 handled
	// placed 2
	// placed 3
	// 2 of 2 handled
}
