package fromwire_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
	"github.com/monotable/monotable/internal/codec/fromwire"
	"github.com/monotable/monotable/internal/wire"
)

// A page of a thousand items, decoded from its text.
func BenchmarkReader(b *testing.B) {
	benchmarkReader(b, "flat", codectest.FlatValue)
	benchmarkReader(b, "deep", codectest.NestedValue())
}

func benchmarkReader[T any](b *testing.B, name string, v T) {
	b.Run(name, func(b *testing.B) {
		p, err := codec.Of(reflect.TypeFor[T]())
		require.NoError(b, err)
		item, err := p.Encode(reflect.ValueOf(v))
		require.NoError(b, err)
		body := wire.AppendItem(nil, item)
		r := fromwire.NewReader(p, fromwire.Options{})
		into := make([]T, 1000)
		b.SetBytes(int64(1000 * len(body)))
		b.ReportAllocs()
		for b.Loop() {
			clear(into)
			for i := range into {
				if _, ok := r.Item(body, 0, reflect.ValueOf(&into[i]).Elem()); !ok {
					b.Fatal("not decoded")
				}
			}
			r.Forget()
		}
	})
}
