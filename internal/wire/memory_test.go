package wire_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"

	"github.com/monotable/monotable/internal/wire"
)

// TestMemoryIsBounded reads texts that are made to cost much, and finds that they cost a fixed multiple of their
// length.
func TestMemoryIsBounded(t *testing.T) {
	const length = 1 << 20
	fill := func(open, part, end string) []byte {
		return []byte(open + strings.Repeat(part, length/len(part)) + end)
	}
	for name, text := range map[string][]byte{
		"brackets":       fill(`{"Item":`, `[`, ``),
		"braces":         fill(``, `{"Item":`, ``),
		"nested lists":   fill(`{"Item":{"a":`, `{"L":[`, ``),
		"nested maps":    fill(`{"Item":{"a":`, `{"M":{"a":`, ``),
		"unknown":        fill(`{"X":[`, `{"a":[]},`, `1]}`),
		"unknown, deep":  fill(`{"X":`, `[{"a":`, ``),
		"empty values":   fill(`{"Item":{"a":{"L":[`, `{},`, `{}]}}}`),
		"nulls":          fill(`{"Item":{"a":{"L":[`, `null,`, `null]}}}`),
		"short strings":  fill(`{"Item":{"a":{"SS":[`, `"",`, `""]}}}`),
		"binaries":       fill(`{"Item":{"a":{"BS":[`, `"",`, `""]}}}`),
		"escapes":        fill(`{"Item":{"a":{"S":"`, `\u00e9`, `"}}}`),
		"one long name":  fill(`{"Item":{"`, `a`, `":{"S":""}}}`),
		"the same name":  fill(`{"Item":{`, `"a":{"S":""},`, `"b":{"S":""}}}`),
		"types again":    fill(`{"Item":{"a":{`, `"S":"",`, `"S":""}}}`),
		"digits":         fill(`{"Limit":`, `1`, `}`),
		"white space":    fill(`{"Item":`, " \n", `{}}`),
		"empty requests": fill(`{"TransactItems":[`, `{},`, `{}]}`),
	} {
		for into, fresh := range map[string]func() any{
			"a put":         func() any { return new(dynamodb.PutItemInput) },
			"a query":       func() any { return new(dynamodb.QueryInput) },
			"a transaction": func() any { return new(dynamodb.TransactWriteItemsInput) },
		} {
			in := fresh()
			_ = wire.UnmarshalInput([]byte(`{}`), in) // makes the type's plan
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_ = wire.UnmarshalInput(text, in)
			runtime.ReadMemStats(&after)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(50*len(text)), "%s into %s", name, into)
		}
	}
}
