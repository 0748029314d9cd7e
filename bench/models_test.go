package bench

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// flat is an item of 1 KB with 12 mixed attributes: a page of 1 MB has a thousand of them.
type flat struct {
	ID       string    `dynamodbav:"id" dynamo:"id,hash"`
	Customer string    `dynamodbav:"customer" dynamo:"customer"`
	Email    string    `dynamodbav:"email" dynamo:"email"`
	Status   string    `dynamodbav:"status" dynamo:"status"`
	Quantity int       `dynamodbav:"quantity" dynamo:"quantity"`
	Cents    int64     `dynamodbav:"cents" dynamo:"cents"`
	Rating   float64   `dynamodbav:"rating" dynamo:"rating"`
	Gift     bool      `dynamodbav:"gift" dynamo:"gift"`
	Created  time.Time `dynamodbav:"created" dynamo:"created"`
	Updated  time.Time `dynamodbav:"updated" dynamo:"updated"`
	Address  string    `dynamodbav:"address" dynamo:"address"`
	Notes    string    `dynamodbav:"notes" dynamo:"notes"`
}

func flatOf(i int) flat {
	at := time.Date(2026, 11, 1, 0, 0, i, 123000000, time.UTC)
	return flat{
		ID: fmt.Sprintf("order-%08d", i), Customer: fmt.Sprintf("customer-%06d", i*7%5000),
		Email:  fmt.Sprintf("customer-%06d@example.com", i*7%5000),
		Status: []string{"open", "paid", "shipped"}[i%3], Quantity: 1 + i%9, Cents: int64(i) * 137,
		Rating: float64(i%50) / 10, Gift: i%4 == 0,
		Created: at, Updated: at.Add(time.Hour), Address: fmt.Sprintf("%d Long Street, Springfield", i),
		Notes: fmt.Sprintf("%d ", i) + strings.Repeat("leave it at the door. ", 26),
	}
}

// nested has maps, lists, sets and pointers.
type nested struct {
	ID       string             `dynamodbav:"id" dynamo:"id,hash"`
	Customer person             `dynamodbav:"customer" dynamo:"customer"`
	Ship     *address           `dynamodbav:"ship" dynamo:"ship"`
	Lines    []line             `dynamodbav:"lines" dynamo:"lines"`
	Tags     []string           `dynamodbav:"tags,stringset" dynamo:"tags,set"`
	Sizes    []int              `dynamodbav:"sizes,numberset" dynamo:"sizes,set"`
	Prices   map[string]float64 `dynamodbav:"prices" dynamo:"prices"`
	Labels   map[string]string  `dynamodbav:"labels" dynamo:"labels"`
	Note     *string            `dynamodbav:"note" dynamo:"note"`
}

type person struct {
	Name  string `dynamodbav:"name" dynamo:"name"`
	Email string `dynamodbav:"email" dynamo:"email"`
	Age   *int   `dynamodbav:"age" dynamo:"age"`
}

type address struct {
	Street string `dynamodbav:"street" dynamo:"street"`
	City   string `dynamodbav:"city" dynamo:"city"`
	Zip    string `dynamodbav:"zip" dynamo:"zip"`
}

type line struct {
	SKU      string  `dynamodbav:"sku" dynamo:"sku"`
	Quantity int     `dynamodbav:"quantity" dynamo:"quantity"`
	Price    float64 `dynamodbav:"price" dynamo:"price"`
	Gift     *bool   `dynamodbav:"gift" dynamo:"gift"`
}

func nestedOf(i int) nested {
	age, gift, note := 20+i%50, i%2 == 0, strings.Repeat("note ", 10)
	n := nested{
		ID: fmt.Sprintf("order-%08d", i), Customer: person{fmt.Sprintf("Customer %d", i),
			fmt.Sprintf("c%d@example.com", i), &age},
		Ship: &address{fmt.Sprintf("%d Long Street", i), "Springfield", "12345"},
		Tags: []string{"gold", "early", "letter"}, Sizes: []int{36, 38, i % 99},
		Prices: map[string]float64{"eur": 12.5, "usd": 13.75, "gbp": 10},
		Labels: map[string]string{"colour": "red", "season": "summer"}, Note: &note,
	}
	for j := range 4 {
		n.Lines = append(n.Lines, line{fmt.Sprintf("sku-%d-%d", i, j), 1 + j, 9.95, &gift})
	}
	return n
}

// small is an item of 100 bytes: a page has ten thousand of them.
type small struct {
	ID    string `dynamodbav:"id" dynamo:"id,hash"`
	Count int    `dynamodbav:"count" dynamo:"count"`
	Name  string `dynamodbav:"name" dynamo:"name"`
	On    bool   `dynamodbav:"on" dynamo:"on"`
}

func smallOf(i int) small {
	return small{fmt.Sprintf("thing-%08d", i), i * 31,
		fmt.Sprintf("the thing of number %08d with a name of some more", i), i%2 == 0}
}

// pageBody is the response of a Query or a Scan with count items, as the service writes it.
func pageBody[T any](t testing.TB, count int, of func(int) T, last bool) []byte {
	body := fmt.Appendf(nil, `{"Count":%d,"Items":[`, count)
	for i := range count {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendItem(t, body, of(i))
	}
	body = append(body, `],`...)
	if !last {
		body = append(body, `"LastEvaluatedKey":{"id":{"S":"somewhere"}},`...)
	}
	return fmt.Appendf(body, `"ScannedCount":%d}`, count)
}

func appendItem(t testing.TB, dst []byte, v any) []byte {
	item, err := attributevalue.MarshalMap(v)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plain(item))
	if err != nil {
		t.Fatal(err)
	}
	return append(dst, text...)
}

// plain is an item as encoding/json writes DynamoDB JSON.
func plain(item map[string]types.AttributeValue) map[string]any {
	m := map[string]any{}
	for name, av := range item {
		m[name] = plainValue(av)
	}
	return m
}

func plainValue(av types.AttributeValue) map[string]any {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": av.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": av.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": av.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": true}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": av.Value}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": av.Value}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": plain(av.Value)}
	case *types.AttributeValueMemberL:
		list := []any{}
		for _, elem := range av.Value {
			list = append(list, plainValue(elem))
		}
		return map[string]any{"L": list}
	}
	panic(fmt.Sprintf("no %T here", av))
}
