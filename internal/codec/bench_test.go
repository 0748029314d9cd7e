package codec_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/codec"
)

// flat is an item of about 1 KB with 12 mixed attributes.
type flat struct {
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

var flatValue = flat{
	ID: "customer-0123456789", Name: "Rachel Greenwood", Email: "rachel.greenwood@example.com", Age: 37, Balance: 1234567,
	Score: 98.125, Active: true, Created: time.Date(2026, 11, 22, 10, 30, 0, 123456789, time.UTC), Expires: time.Unix(1795000000, 0),
	Tags: []string{"gold", "early", "newsletter"}, Photo: []byte(strings.Repeat("\x01\x7f", 100)), Notes: strings.Repeat("long notes ", 50),
}

// deep is an item of maps, lists, pointers and sets.
type deep struct {
	ID      string             `dynamodbav:"id"`
	Address *address           `dynamodbav:"address"`
	Lines   []line             `dynamodbav:"lines"`
	Prices  map[string]float64 `dynamodbav:"prices"`
	Matrix  [][]int            `dynamodbav:"matrix"`
	Sizes   []int              `dynamodbav:"sizes,numberset"`
	Parent  *deep              `dynamodbav:"parent,omitempty"`
}

type line struct {
	SKU string `dynamodbav:"sku"`
	Qty *int   `dynamodbav:"qty"`
}

func deepValue() deep {
	one, two := 1, 2
	d := deep{
		ID: "order-1", Address: &address{Street: "Via Appia 1", City: "Rome"}, Lines: []line{{"a-1", &one}, {"b-2", &two}, {"c-3", nil}},
		Prices: map[string]float64{"eur": 12.5, "usd": 13.75, "gbp": 10}, Matrix: [][]int{{1, 2, 3}, {4, 5, 6}}, Sizes: []int{38, 40, 42},
	}
	parent := d
	d.Parent = &parent
	return d
}

func BenchmarkEncode(b *testing.B) {
	benchmarkEncode(b, "flat", flatValue)
	benchmarkEncode(b, "deep", deepValue())
}

func benchmarkEncode[T any](b *testing.B, name string, v T) {
	b.Run(name+"/attributevalue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := attributevalue.MarshalMap(&v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(name+"/plan", func(b *testing.B) {
		p, err := codec.Of(reflect.TypeFor[T]())
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.Encode(reflect.ValueOf(&v).Elem()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	benchmarkDecode(b, "flat", flatValue)
	benchmarkDecode(b, "deep", deepValue())
}

func benchmarkDecode[T any](b *testing.B, name string, v T) {
	item, err := attributevalue.MarshalMap(v)
	require.NoError(b, err)
	b.Run(name+"/attributevalue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var into T
			if err := attributevalue.UnmarshalMap(item, &into); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(name+"/plan", func(b *testing.B) {
		p, err := codec.Of(reflect.TypeFor[T]())
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			var into T
			if err := p.Decode(item, reflect.ValueOf(&into).Elem()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// An item of a single table has attributes, such as keys, that T does not name.
func BenchmarkDecodeUnnamed(b *testing.B) {
	item, err := attributevalue.MarshalMap(flatValue)
	require.NoError(b, err)
	for _, name := range []string{"PK", "SK", "GSI1PK", "GSI1SK"} {
		item[name] = &types.AttributeValueMemberS{Value: "x"}
	}
	p, err := codec.Of(reflect.TypeFor[flat]())
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		var into flat
		if err := p.Decode(item, reflect.ValueOf(&into).Elem()); err != nil {
			b.Fatal(err)
		}
	}
}
