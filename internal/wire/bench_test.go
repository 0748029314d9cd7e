package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/wire"
)

// flat is an item of 1 KB and 12 attributes.
func flat() map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{
		"id":    &types.AttributeValueMemberS{Value: "1"},
		"count": &types.AttributeValueMemberN{Value: "123456"},
		"price": &types.AttributeValueMemberN{Value: "19.95"},
		"ok":    &types.AttributeValueMemberBOOL{Value: true},
	}
	for i := range 8 {
		item[fmt.Sprintf("attribute_%d", i)] = &types.AttributeValueMemberS{Value: strings.Repeat("x", 110)}
	}
	return item
}

func BenchmarkParseItem(b *testing.B) {
	text := wire.AppendItem(nil, flat())
	b.Run("wire", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := wire.ParseItem(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("attributevalue", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := attributevalue.UnmarshalMapJSON(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppendItem(b *testing.B) {
	item := flat()
	b.ReportAllocs()
	var buf []byte
	for b.Loop() {
		buf = wire.AppendItem(buf[:0], item)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkUnmarshalInput(b *testing.B) {
	body := append(wire.AppendItem([]byte(`{"TableName":"things","ReturnValues":"NONE","Item":`), flat()), '}')
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		var in dynamodb.PutItemInput
		if err := wire.UnmarshalInput(body, &in); err != nil {
			b.Fatal(err)
		}
	}
}
