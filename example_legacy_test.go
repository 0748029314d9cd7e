package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// oldSchema is a table that others made: pk and sk, and no attribute that says what an item is.
var oldSchema = monotable.Schema{Name: "app", Partition: monotable.S("pk"), Sort: monotable.S("sk")}

// Profile is of a user, whose id is in the key alone: pk "user#42", sk "profile".
type Profile struct {
	User string `dynamodbav:"user"`
	Name string `dynamodbav:"name"`
}

var oldProfileModel = monotable.Model{
	Keys: map[string]string{"pk": "user#{user}", "sk": "profile"}, KeyOnly: []string{"user"},
}

// Purchase has the user's id and its own in the key alone: pk "user#42", sk "order#9". Numbers that are not padded do
// not sort as numbers do, so that they take no ranges.
type Purchase struct {
	User  string `dynamodbav:"user"`
	ID    int    `dynamodbav:"id"`
	Total int    `dynamodbav:"total"`
}

var oldPurchaseModel = monotable.Model{
	Keys: map[string]string{"pk": "user#{user}", "sk": "order#{id|plain}"}, KeyOnly: []string{"user", "id"},
}

// Login has the keys as they are: pk "user#42", sk "login#" and whatever the old program wrote behind it.
type Login struct {
	PK      string `dynamodbav:"pk"`
	SK      string `dynamodbav:"sk"`
	Browser string `dynamodbav:"browser"`
}

var oldLoginModel = monotable.Model{Prefix: map[string]string{"sk": "login#"}}

// oldTable is the table with what the old program wrote into it.
func oldTable(ctx context.Context) *dynamotest.Client {
	client := dynamotest.NewClient()
	if err := admin.Create(ctx, client, oldSchema, 0); err != nil {
		log.Fatal(err)
	}
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	for _, item := range []map[string]types.AttributeValue{
		{"sk": text("profile"), "name": text("Rachel")},
		{"sk": text("order#9"), "total": &types.AttributeValueMemberN{Value: "20"}},
		{"sk": text("order#10"), "total": &types.AttributeValueMemberN{Value: "35"}},
		{"sk": text("login#2019-05-03 08:15"), "browser": text("Netscape")},
		{"sk": text("note"), "text": text("of a type that nobody remembers")},
	} {
		item["pk"] = text("user#42")
		if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &oldSchema.Name, Item: item}); err != nil {
			log.Fatal(err)
		}
	}
	return client
}

// A table that was there before: its ids are in its keys alone, several types share a partition, and no attribute tells
// them apart. What is written is what the old program reads.
func Example_legacy() {
	ctx := context.Background()
	client := oldTable(ctx)
	db, err := monotable.Open(client, oldSchema)
	if err != nil {
		log.Fatal(err)
	}
	profiles, err1 := monotable.New[Profile](db, oldProfileModel)
	purchases, err2 := monotable.New[Purchase](db, oldPurchaseModel)
	logins, err3 := monotable.New[Login](db, oldLoginModel)
	if err := errors.Join(err1, err2, err3); err != nil {
		log.Fatal(err)
	}

	order, err := purchases.Get(ctx, Purchase{User: "42", ID: 9})
	fmt.Println(order, err)
	all, err := monotable.Collect(purchases.Query(ctx, Purchase{User: "42"}))
	fmt.Println(all, err)
	seen, err := monotable.Collect(logins.Query(ctx, Login{PK: "user#42"}))
	fmt.Println(seen, err)
	order, err = purchases.Update(ctx, Purchase{User: "42", ID: 9}, monotable.Set("total", 25))
	fmt.Println(order, err)
	err = profiles.Put(ctx, &Profile{User: "7", Name: "Mike"})
	fmt.Println(err)

	// A partition as it is, each item as the type it is of.
	for item, err := range profiles.Collection(ctx, Profile{User: "42"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%T\n", item)
	}
	fmt.Print(client.Dump())
	// Output:
	// {42 9 20} <nil>
	// [{42 10 35} {42 9 20}] <nil>
	// [{user#42 login#2019-05-03 08:15 Netscape}] <nil>
	// {42 9 25} <nil>
	// <nil>
	// monotable_test.Login
	// monotable.Item
	// monotable_test.Purchase
	// monotable_test.Purchase
	// monotable_test.Profile
	// table app
	// key pk S, sk S
	// items 6
	//
	// pk S "user#42", sk S "login#2019-05-03 08:15"
	//   browser S "Netscape"
	//
	// pk S "user#42", sk S "note"
	//   text S "of a type that nobody remembers"
	//
	// pk S "user#42", sk S "order#10"
	//   total N 35
	//
	// pk S "user#42", sk S "order#9"
	//   total N 25
	//
	// pk S "user#42", sk S "profile"
	//   name S "Rachel"
	//
	// pk S "user#7", sk S "profile"
	//   name S "Mike"
}
