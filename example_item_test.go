package monotable_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/monotable/monotable"
)

// The lesson's two items have little in common but their key, and live in one table.
const (
	rachel = `{"id":1,"name":"Rachel","pets":[{"type":"cat","name":"Tom"},{"type":"dog","name":"Rex"}]}`
	mike   = `{"id":2,"name":"Mike","address":{"street":"Via Appia 1","city":"Rome"}}`
)

func ExampleItem() {
	var item monotable.Item
	if err := json.Unmarshal([]byte(mike), &item); err != nil {
		fmt.Println(err)
		return
	}
	id, err := item.Int("id")
	fmt.Println(id, err)
	city, err := item.String("address.city")
	fmt.Println(city, err)

	_, err = item.String("id")
	fmt.Println(err, errors.Is(err, monotable.ErrType))
	_, err = item.String("address.country")
	fmt.Println(err, errors.Is(err, monotable.ErrAbsent))
	// Output:
	// 2 <nil>
	// Rome <nil>
	// monotable: attribute id is a number, not a string true
	// monotable: attribute address.country: there is none true
}

func ExampleItem_List() {
	var item monotable.Item
	if err := json.Unmarshal([]byte(rachel), &item); err != nil {
		fmt.Println(err)
		return
	}
	pets, err := item.List("pets")
	if err != nil {
		fmt.Println(err)
		return
	}
	for n := range pets {
		pet, err := item.Map(fmt.Sprintf("pets[%d]", n))
		if err != nil {
			fmt.Println(err)
			return
		}
		name, _ := pet.String("name")
		kind, _ := pet.String("type")
		fmt.Println(name, "is a", kind)
	}
	// Output:
	// Tom is a cat
	// Rex is a dog
}

func ExampleItem_Set() {
	var item monotable.Item
	if err := json.Unmarshal([]byte(rachel), &item); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(item.Set("pets[0].name", "Thomas"), item.Set("pets[2]", map[string]any{"type": "eel"}),
		item.Remove("pets[1]"))
	text, err := json.Marshal(item)
	fmt.Println(string(text), err)
	// Output:
	// <nil> <nil> <nil>
	// {"id":1,"name":"Rachel","pets":[{"name":"Thomas","type":"cat"},{"type":"eel"}]} <nil>
}

func ExampleItem_Diff() {
	var before, after monotable.Item
	_ = json.Unmarshal([]byte(`{"id":1,"score":1.0,"pets":[{"name":"Tom"}]}`), &before)
	_ = json.Unmarshal([]byte(`{"id":1,"score":1,"pets":[{"name":"Tim"},{"name":"Rex"}],"new":true}`), &after)
	fmt.Println(before.Diff(after))
	// Output: [new pets[0].name pets[1]]
}

func ExampleDynamoDBJSON() {
	var item monotable.Item
	if err := json.Unmarshal([]byte(mike), &item); err != nil {
		fmt.Println(err)
		return
	}
	text, err := json.Marshal(monotable.DynamoDBJSON(item))
	fmt.Println(string(text), err)

	var back monotable.Item
	err = json.Unmarshal(text, (*monotable.DynamoDBJSON)(&back))
	fmt.Println(back.Equal(item), err)

	// What the SDK's UnmarshalMapJSON reads as a nil value is an error.
	fmt.Println(json.Unmarshal([]byte(`{"id":{}}`), (*monotable.DynamoDBJSON)(&back)))
	// Output:
	// {"address":{"M":{"city":{"S":"Rome"},"street":{"S":"Via Appia 1"}}},"id":{"N":"2"},"name":{"S":"Mike"}} <nil>
	// true <nil>
	// monotable: the item: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes
}

func ExampleItemOf() {
	type Pet struct {
		Type string `dynamodbav:"type"`
		Name string `dynamodbav:"name"`
	}
	type Person struct {
		ID   int    `dynamodbav:"id"`
		Name string `dynamodbav:"name"`
		Pets []Pet  `dynamodbav:"pets,omitempty"`
	}
	item, err := monotable.ItemOf(Person{ID: 1, Name: "Rachel", Pets: []Pet{{"cat", "Tom"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(item.Size(), "bytes")

	var person Person
	fmt.Println(item.Into(&person), person)
	// Output:
	// 41 bytes
	// <nil> {1 Rachel [{cat Tom}]}
}
