package codec_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
	"github.com/monotable/monotable/internal/size"
)

// A scale tells of any type and value what the items that EncodeUnchecked makes weigh, attribute by attribute, and
// fails where it fails.
func TestScaleWeighsWhatEncodeMakes(t *testing.T) {
	for _, typ := range append(codectest.TableTypes, reflect.TypeFor[order](), reflect.TypeFor[codectest.Flat](),
		reflect.TypeFor[codectest.Nested]()) {
		rapid.Check(t, func(t *rapid.T) {
			v := reflect.New(typ).Elem()
			codectest.DrawValue(t, v)
			measured(t, typ, v)
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		typ := codectest.DrawStruct(t, 2)
		if _, err := codec.Of(typ); err != nil {
			return
		}
		v := reflect.New(typ).Elem()
		codectest.DrawValue(t, v)
		measured(t, typ, v)
	})
}

func measured(t *rapid.T, typ reflect.Type, v reflect.Value) {
	p, err := codec.Of(typ)
	require.NoError(t, err)
	scale, ok := p.Scale()
	if !ok {
		return
	}
	item, failed := p.EncodeUnchecked(v)
	sizes := make([]int, len(p.Fields()))
	err = scale.Weigh(v, sizes)
	require.Equal(t, failed == nil, err == nil, "%v, %v", failed, err)
	if err != nil {
		return // which of two errors comes first may depend on the order of a map
	}
	for i, f := range p.Fields() {
		want := 0
		if av, stored := item[f.Name]; stored {
			want = size.Attribute(f.Name, av)
		}
		require.Equal(t, want, sizes[i], "%s of %s", f.Name, typ)
	}
}
