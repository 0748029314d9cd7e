package codec_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

func BenchmarkEncode(b *testing.B) {
	benchmarkEncode(b, "flat", codectest.FlatValue)
	benchmarkEncode(b, "deep", codectest.NestedValue())
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
	benchmarkDecode(b, "flat", codectest.FlatValue)
	benchmarkDecode(b, "deep", codectest.NestedValue())
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
	item, err := attributevalue.MarshalMap(codectest.FlatValue)
	require.NoError(b, err)
	for _, name := range []string{"PK", "SK", "GSI1PK", "GSI1SK"} {
		item[name] = &types.AttributeValueMemberS{Value: "x"}
	}
	p, err := codec.Of(reflect.TypeFor[codectest.Flat]())
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		var into codectest.Flat
		if err := p.Decode(item, reflect.ValueOf(&into).Elem()); err != nil {
			b.Fatal(err)
		}
	}
}
