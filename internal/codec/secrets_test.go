package codec_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

// No error's text has a value, or a key of a map, in it, whatever is wrong with what value of what type.

const secret = "5ecret"

// spread puts secrets into a value at random: into its texts, numbers, binaries and, where T has a map or does not say,
// its names.
func spread(t *rapid.T, typ reflect.Type, av types.AttributeValue) types.AttributeValue {
	for typ != nil && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	var elem reflect.Type
	if typ != nil {
		switch typ.Kind() {
		case reflect.Slice, reflect.Array, reflect.Map:
			elem = typ.Elem()
		}
	}
	text := func() string {
		return rapid.SampledFrom([]string{secret, secret + "\xff", secret + "-01-01T00:00:00Z", "1" + secret,
			"1e5" + secret, " " + secret}).Draw(t, "secret")
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return s(text())
	case *types.AttributeValueMemberN:
		return n(rapid.SampledFrom([]string{secret, "1" + secret, "0x" + secret, "555555555555555555555", "1e5555"}).
			Draw(t, "number"))
	case *types.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: []byte(text())}
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: []string{text(), text()}}
	case *types.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: []string{"1", text()}}
	case *types.AttributeValueMemberBS:
		return &types.AttributeValueMemberBS{Value: [][]byte{[]byte(text()), []byte(text())}}
	case *types.AttributeValueMemberL:
		list := l().(*types.AttributeValueMemberL)
		for _, in := range av.Value {
			list.Value = append(list.Value, spread(t, elem, in))
		}
		return list
	case *types.AttributeValueMemberM:
		made := item{}
		for _, name := range slices.Sorted(keysIn(av.Value)) {
			if typ != nil && typ.Kind() == reflect.Struct {
				made[name] = spread(t, fieldType(typ, name), av.Value[name])
			} else {
				made[name+text()] = spread(t, elem, av.Value[name])
			}
		}
		return m(made)
	}
	if rapid.IntRange(0, 3).Draw(t, "nil") == 0 {
		return nil
	}
	return rapid.SampledFrom([]types.AttributeValue{av, &types.UnknownUnionMember{Tag: secret}, l(nil),
		m(item{secret: nil})}).Draw(t, "odd")
}

func keysIn(in map[string]types.AttributeValue) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range in {
			if !yield(name) {
				return
			}
		}
	}
}

func fieldType(typ reflect.Type, name string) reflect.Type {
	for f := range typ.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("dynamodbav"), ",")
		if strings.EqualFold(tag, name) || tag == "" && strings.EqualFold(f.Name, name) {
			return f.Type
		}
	}
	return nil
}

func quiet(t codectest.T, err error) bool {
	if err == nil {
		return false
	}
	require.NotContains(t, err.Error(), secret)
	require.NotContains(t, err.Error(), "555555")
	return true
}

// secretRow has what random types lack.
type secretRow struct {
	wordy
	Row  crowds
	Rows map[codectest.Point][]secretRow
}

func TestErrorsHaveNoValues(t *testing.T) {
	failed := 0
	check := func(t *rapid.T, typ reflect.Type) {
		p, err := codec.Of(typ)
		require.NoError(t, err)
		in := codectest.DrawItem(t, typ, 4)
		for _, name := range slices.Sorted(keysIn(in)) {
			bad := spread(t, fieldType(typ, name), in[name])
			if quiet(t, p.Decode(item{name: bad}, reflect.New(typ).Elem())) {
				failed++
			}
			if f, ok := p.Field(name); ok {
				quiet(t, f.Accepts(bad))
				_, err := f.EncodeAny(bad)
				quiet(t, err)
				_, err = f.EncodeAny(secret)
				quiet(t, err)
				_, err = f.EncodeAny(map[string]any{secret: []any{secret, math.NaN(), make(chan int)}})
				quiet(t, err)
			}
			for _, path := range [][]string{{name, secret}, {name, secret, secret}, {name, "[0]", secret}} {
				if f, ok := p.Lookup(path...); ok {
					_, err := f.EncodeAny(bad)
					quiet(t, err)
					quiet(t, f.Decode(bad, reflect.New(f.Type).Elem()))
					quiet(t, f.Set(reflect.New(typ).Elem(), reflect.ValueOf(secret)))
				}
			}
			var held any
			quiet(t, codec.DecodeValue(bad, &held))
			_, err := codec.EncodeValue(bad)
			quiet(t, err)
		}
		v := reflect.New(typ).Elem()
		codectest.DrawValue(t, v)
		hide(t, v)
		if _, err := p.Encode(v); quiet(t, err) {
			failed++
		}
	}
	for _, typ := range append(codectest.TableTypes, reflect.TypeFor[secretRow](), reflect.TypeFor[wordy](),
		reflect.TypeFor[crowds](), reflect.TypeFor[raws]()) {
		rapid.Check(t, func(t *rapid.T) { check(t, typ) })
	}
	rapid.Check(t, func(t *rapid.T) { check(t, codectest.DrawStruct(t, 3)) })
	assert.Greater(t, failed, 500)
}

// hide puts secrets into a Go value, some of which cannot be encoded.
func hide(t *rapid.T, v reflect.Value) {
	if rapid.IntRange(0, 9).Draw(t, "leave") == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(rapid.SampledFrom([]string{secret, secret + "\xff"}).Draw(t, "text"))
		}
	case reflect.Float32, reflect.Float64:
		v.SetFloat(rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), 555555}).Draw(t, "float"))
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && v.Elem().CanSet() {
			hide(t, v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			hide(t, v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		if key := reflect.New(v.Type().Key()).Elem(); key.Kind() == reflect.String {
			key.SetString(secret)
			elem := reflect.New(v.Type().Elem()).Elem()
			hide(t, elem)
			v.SetMapIndex(key, elem)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				hide(t, field)
			}
		}
	}
}
