package codec_test

import (
	"encoding/json"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

type order struct {
	codectest.Base
	ID       string                                 `dynamodbav:"order"`
	Age      int8                                   `dynamodbav:"age,omitempty"`
	Count    *uint16                                `dynamodbav:"count"`
	Score    float32                                `dynamodbav:"score,nullempty"`
	Exact    attributevalue.Number                  `dynamodbav:"exact"`
	AsText   int                                    `dynamodbav:"as_text,string"`
	Open     bool                                   `dynamodbav:"open"`
	At       time.Time                              `dynamodbav:"at"`
	Expires  *time.Time                             `dynamodbav:"expires,unixtime"`
	Epoch    attributevalue.UnixTime                `dynamodbav:"epoch"`
	Photo    []byte                                 `dynamodbav:"photo"`
	Hash     [4]byte                                `dynamodbav:"hash"`
	Tags     []codectest.Heading                    `dynamodbav:"tags,stringset"`
	Nums     []int                                  `dynamodbav:"nums,numberset"`
	Keys     [][]byte                               `dynamodbav:"keys"`
	Names    []string                               `dynamodbav:"names"`
	Lines    []*codectest.Line                      `dynamodbav:"lines"`
	Prices   map[string]float64                     `dynamodbav:"prices"`
	ByLevel  map[codectest.Level]*codectest.Address `dynamodbav:"by_level"`
	Address  *codectest.Address                     `dynamodbav:"address"`
	Anything any                                    `dynamodbav:"anything"`
	Raw      types.AttributeValue                   `dynamodbav:"raw"`
	Money    *codectest.Money                       `dynamodbav:"money"`
	Celsius  codectest.Celsius                      `dynamodbav:"celsius"`
	Rest     item                                   `monotable:"unknown"`
}

func orderPlan(t require.TestingT) *codec.Plan {
	p, err := codec.Of(reflect.TypeFor[order]())
	require.NoError(t, err)
	return p
}

func TestFields(t *testing.T) {
	p := orderPlan(t)
	assert.Equal(t, reflect.TypeFor[order](), p.Type())
	kinds := map[string]codec.Kind{}
	for _, f := range p.Fields() {
		kinds[f.Name] = f.Kind
		same, ok := p.Field(f.Name)
		assert.True(t, ok)
		assert.Same(t, f, same)
	}
	assert.Equal(t, map[string]codec.Kind{
		"id": codec.String, "Shadow": codec.Int, "Clash": codec.Int, "Won": codec.Int,
		"order": codec.String, "age": codec.Int, "count": codec.Uint, "score": codec.Float, "exact": codec.Number,
		"as_text": codec.Int, "open": codec.Bool,
		"at": codec.Time, "expires": codec.Time, "epoch": codec.Time, "photo": codec.Bytes, "hash": codec.Bytes,
		"tags": codec.StringSet, "nums": codec.NumberSet,
		"keys": codec.BinarySet, "names": codec.List, "lines": codec.List, "prices": codec.Map, "by_level": codec.Map,
		"address":  codec.Struct,
		"anything": codec.Any, "raw": codec.Raw, "money": codec.Custom, "celsius": codec.Custom,
	}, kinds)
	field := func(name string) *codec.Field {
		f, ok := p.Field(name)
		require.True(t, ok, name)
		return f
	}
	assert.Equal(t, "Base.ID", field("id").GoName)
	assert.True(t, field("expires").UnixTime)
	assert.True(t, field("epoch").UnixTime)
	assert.False(t, field("at").UnixTime)
	assert.True(t, field("as_text").AsString)
	assert.True(t, field("age").OmitEmpty)
	assert.True(t, field("score").NullEmpty)
	assert.Equal(t, reflect.TypeFor[*time.Time](), field("expires").Type)
	_, ok := p.Field("ORDER")
	assert.False(t, ok, "names are exact")
	assert.Equal(t, "string set", codec.StringSet.String())
	assert.Equal(t, "invalid", codec.Kind(99).String())
}

func TestLookup(t *testing.T) {
	p := orderPlan(t)
	v := order{
		Base: codectest.Base{ID: "b"}, Lines: []*codectest.Line{nil, {SKU: "x"}}, Prices: map[string]float64{"eur": 2},
		ByLevel: map[codectest.Level]*codectest.Address{3: {City: "Rome"}}, Address: &codectest.Address{City: "Pisa"},
	}
	for _, c := range []struct {
		path   []string
		goName string
		kind   codec.Kind
		want   any // nil: no value
	}{
		{[]string{"id"}, "Base.ID", codec.String, "b"},
		{[]string{"address"}, "Address", codec.Struct, v.Address},
		{[]string{"address", "city"}, "Address.City", codec.String, "Pisa"},
		{[]string{"lines", "[1]"}, "Lines[1]", codec.Struct, v.Lines[1]},
		{[]string{"lines", "[1]", "sku"}, "Lines[1].SKU", codec.String, "x"},
		{[]string{"lines", "[0]", "sku"}, "Lines[0].SKU", codec.String, nil},
		{[]string{"lines", "[2]"}, "Lines[2]", codec.Struct, nil},
		{[]string{"prices", "eur"}, "Prices.eur", codec.Float, 2.0},
		{[]string{"prices", "usd"}, "Prices.usd", codec.Float, nil},
		{[]string{"by_level", "3", "city"}, "ByLevel.3.City", codec.String, "Rome"},
		{[]string{"by_level", "x", "city"}, "ByLevel.x.City", codec.String, nil},
	} {
		f, ok := p.Lookup(c.path...)
		require.True(t, ok, c.path)
		assert.Equal(t, c.goName, f.GoName)
		assert.Equal(t, c.kind, f.Kind)
		assert.Equal(t, c.path[len(c.path)-1], f.Name)
		got, ok := f.Value(reflect.ValueOf(v))
		require.Equal(t, c.want != nil, ok, c.path)
		if ok {
			assert.Equal(t, c.want, got.Interface(), c.path)
		}
	}
	for _, path := range [][]string{
		nil, {"nothing"}, {"address", "nothing"}, {"address", "city", "more"}, {"address", "[0]"}, {"lines", "x"},
		{"lines", "[x]"}, {"lines", "[-1]"},
		{"tags", "[0]"}, {"photo", "[0]"}, {"prices", "[0]"}, {"anything", "x"}, {"raw", "x"}, {"money", "cents"},
		{"nothing", "x"},
	} {
		_, ok := p.Lookup(path...)
		assert.False(t, ok, path)
	}
}

func TestSet(t *testing.T) {
	p := orderPlan(t)
	var v order
	for path, to := range map[string]any{"id": "b", "age": int8(3), "address city": "Rome"} {
		f, ok := p.Lookup(split(path)...)
		require.True(t, ok)
		require.NoError(t, f.Set(reflect.ValueOf(&v).Elem(), reflect.ValueOf(to)))
	}
	assert.Equal(t, order{Base: codectest.Base{ID: "b"}, Age: 3, Address: &codectest.Address{City: "Rome"}}, v)
	f, _ := p.Lookup("age")
	assert.Error(t, f.Set(reflect.ValueOf(&v).Elem(), reflect.ValueOf("3")))
	f, _ = p.Lookup("lines", "[0]", "sku")
	assert.Error(t, f.Set(reflect.ValueOf(&v).Elem(), reflect.ValueOf("3")))
	f, _ = p.Lookup("prices")
	elem, ok := f.Elem()
	require.True(t, ok)
	assert.Equal(t, codec.Float, elem.Kind)
	assert.Error(t, elem.Set(reflect.ValueOf(&v).Elem(), reflect.ValueOf(1.0)))
	_, ok = elem.Value(reflect.ValueOf(v))
	assert.False(t, ok)
	for _, name := range []string{"id", "photo", "money", "address"} {
		f, _ := p.Lookup(name)
		_, ok := f.Elem()
		assert.False(t, ok, name)
	}
}

func split(path string) (steps []string) {
	start := 0
	for i := 0; i <= len(path); i++ {
		if i == len(path) || path[i] == ' ' {
			steps, start = append(steps, path[start:i]), i+1
		}
	}
	return steps
}

func TestEncodeAny(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 5e8, time.UTC)
	one, sku := 1, "x"
	null := &types.AttributeValueMemberNULL{Value: true}
	for _, c := range []struct {
		path string
		x    any
		want types.AttributeValue // nil: an error
	}{
		{"id", "x", s("x")},
		{"id", "", s("")},
		{"id", codectest.Heading("x"), s("x")},
		{"id", &sku, s("x")},
		{"id", 1, nil},
		{"id", []byte("x"), nil},
		{"id", at, nil},
		{"id", nil, nil},
		{"id", attributevalue.Number("1"), nil},
		{"id", s("x"), s("x")},
		{"id", n("1"), nil},
		{"age", 0, n("0")}, // omitempty does not drop an operand
		{"age", int64(127), n("127")},
		{"age", 128, nil},
		{"age", uint(5), n("5")},
		{"age", 5.0, n("5")},
		{"age", 5.5, nil},
		{"age", attributevalue.Number("5"), n("5")},
		{"age", json.Number("500"), nil},
		{"age", "5", nil},
		{"age", true, nil},
		{"age", n("5"), n("5")},
		{"age", n("500"), nil},
		{"age", null, nil},
		{"count", 7, n("7")},
		{"count", -7, nil},
		{"count", (*uint16)(nil), null},
		{"count", nil, null},
		{"count", null, null},
		{"score", 0.0, n("0")},
		{"score", 0.1, n("0.1")},
		{"score", 3, n("3")},
		{"score", 1e300, nil},
		{"score", nil, null},
		{"exact", "1", nil},
		{"exact", 17, n("17")},
		{"exact", attributevalue.Number("12345678901234567890123456789012345678"),
			n("12345678901234567890123456789012345678")},
		{"exact", attributevalue.Number("secret"), nil},
		{"as_text", 5, s("5")},
		{"as_text", int8(5), s("5")},
		{"as_text", "5", nil},
		{"as_text", n("5"), nil},
		{"open", true, &types.AttributeValueMemberBOOL{Value: true}},
		{"open", codectest.Flag(true), &types.AttributeValueMemberBOOL{Value: true}},
		{"open", 1, nil},
		{"at", at, s("2026-11-22T10:00:00.5Z")},
		{"at", codectest.Stamp(at), s("2026-11-22T10:00:00.5Z")},
		{"at", "2026-11-22T10:00:00.5Z", nil},
		{"at", 5, nil},
		{"at", s("2026-11-22T10:00:00.5Z"), s("2026-11-22T10:00:00.5Z")},
		{"at", s("secret"), nil},
		{"expires", at, n("1795341600")},
		{"expires", &at, n("1795341600")},
		{"expires", attributevalue.UnixTime(at), n("1795341600")},
		{"expires", 1795341600, n("1795341600")},
		{"expires", "x", nil},
		{"expires", 1.5, nil},
		{"expires", s("2026-11-22T10:00:00.5Z"), nil},
		{"epoch", attributevalue.UnixTime(at), n("1795341600")},
		{"epoch", at, n("1795341600")},
		{"photo", []byte{1}, &types.AttributeValueMemberB{Value: []byte{1}}},
		{"photo", codectest.Digest{1}, &types.AttributeValueMemberB{Value: []byte{1}}},
		{"photo", [2]byte{1, 2}, &types.AttributeValueMemberB{Value: []byte{1, 2}}},
		{"photo", "x", nil},
		{"hash", []byte{1, 2, 3, 4}, &types.AttributeValueMemberB{Value: []byte{1, 2, 3, 4}}},
		{"hash", []byte{1}, nil},
		{"tags", []codectest.Heading{"a"}, &types.AttributeValueMemberSS{Value: []string{"a"}}},
		{"tags", []string{"a"}, &types.AttributeValueMemberSS{Value: []string{"a"}}},
		{"tags", []string{}, null},
		{"tags", []string(nil), null},
		{"tags", []int{1}, nil},
		{"tags", "a", nil},
		{"tags", l(s("a")), nil},
		{"nums", []int64{1}, &types.AttributeValueMemberNS{Value: []string{"1"}}},
		{"nums", []float64{1.5}, nil},
		{"keys", [][]byte{{1}}, &types.AttributeValueMemberBS{Value: [][]byte{{1}}}},
		{"names", []string{"a"}, l(s("a"))},
		{"names", []codectest.Heading{"a"}, l(s("a"))},
		{"names", []any{"a"}, l(s("a"))},
		{"names", []any{1}, nil},
		{"names", [1]string{"a"}, l(s("a"))},
		{"names [0]", "a", s("a")},
		{"lines", []*codectest.Line{{SKU: "x", Qty: &one}}, l(m(item{"sku": s("x"), "qty": n("1")}))},
		{"lines", []codectest.Line{{SKU: "x"}}, nil},
		{"lines [3] qty", 5, n("5")},
		{"prices", map[string]float64{"eur": 1}, m(item{"eur": n("1")})},
		{"prices", map[string]int{"eur": 1}, m(item{"eur": n("1")})},
		{"prices", map[string]string{"eur": "1"}, nil},
		{"prices eur", 1, n("1")},
		{"address", codectest.Address{City: "Rome"}, m(item{"city": s("Rome"), "street": s("")})},
		{"address", &codectest.Address{City: "Rome"}, m(item{"city": s("Rome"), "street": s("")})},
		{"address", map[string]string{"city": "Rome"}, nil},
		{"address", m(item{"city": s("Rome"), "other": n("1")}), m(item{"city": s("Rome"), "other": n("1")})},
		{"address", m(item{"city": n("1")}), nil},
		{"anything", 5, n("5")},
		{"anything", map[string]any{"a": "b"}, m(item{"a": s("b")})},
		{"anything", make(chan int), nil},
		{"raw", "x", s("x")},
		{"raw", n("1"), n("1")},
		{"raw", l(nil), nil},
		{"money", codectest.Money{Cents: 5}, n("5")},
		{"money", &codectest.Money{Cents: 5}, n("5")},
		{"money", 5, nil},
		{"money", n("5"), n("5")},
		{"money", codectest.Money{Cents: 666}, nil},
		{"celsius", codectest.Celsius(21), s("21°")}, // by the method on its pointer
		{"celsius", 21.0, nil},
	} {
		f, ok := orderPlan(t).Lookup(split(c.path)...)
		require.True(t, ok, c.path)
		got, err := f.EncodeAny(c.x)
		if c.want == nil {
			assert.Error(t, err, "%s %T %v", c.path, c.x, c.x)
			if err != nil {
				assert.NotContains(t, err.Error(), "secret")
				assert.Contains(t, err.Error(), f.Name)
			}
			continue
		}
		assert.NoError(t, err, "%s %T", c.path, c.x)
		assert.Equal(t, c.want, got, "%s %T", c.path, c.x)
		if f.Kind != codec.Custom {
			assert.NoError(t, f.Accepts(got), c.path)
		}
		assert.True(t, f.AcceptsType(got), c.path)
	}
}

// What T encodes a field as, the field accepts, decodes, and encodes as an operand.
func TestFieldsAgreeWithPlan(t *testing.T) {
	for _, typ := range append(codectest.TableTypes, reflect.TypeFor[order]()) {
		rapid.Check(t, func(t *rapid.T) {
			v := reflect.New(typ).Elem()
			codectest.DrawValue(t, v)
			p, err := codec.Of(typ)
			require.NoError(t, err)
			whole, err := p.Encode(v)
			if err != nil || typ == reflect.TypeFor[codectest.Marshalled]() {
				return
			}
			for _, f := range p.Fields() {
				fv, ok := f.Value(v)
				if !ok {
					continue
				}
				av, stored, err := f.Encode(fv)
				require.NoError(t, err)
				require.Equal(t, whole[f.Name] != nil, stored, f.Name)
				if !stored {
					continue
				}
				require.Equal(t, whole[f.Name], av, f.Name)
				require.True(t, f.AcceptsType(av), f.Name)
				back := reflect.New(typ).Elem()
				into := reflect.New(f.Type).Elem()
				if f.Decode(av, into) == nil {
					require.NoError(t, f.Set(back, into))
					got, _ := f.Value(back)
					require.Equal(t, into.Interface(), got.Interface())
				}
			}
		})
	}
}

func TestPlansAreConcurrencySafe(t *testing.T) {
	type fresh struct {
		A *fresh
		B map[string][]fresh
		C any
	}
	var wg sync.WaitGroup
	got := make([]*codec.Plan, 16)
	for i := range got {
		wg.Go(func() {
			p, err := codec.Of(reflect.TypeFor[fresh]())
			if assert.NoError(t, err) {
				_, err = p.Encode(reflect.ValueOf(fresh{A: &fresh{}, C: fresh{C: codectest.Person{}}}))
				assert.NoError(t, err)
			}
			got[i] = p
		})
	}
	wg.Wait()
	for _, p := range got {
		assert.Same(t, got[0], p)
	}
}

func TestEncodeAndDecodeValue(t *testing.T) {
	av, err := codec.EncodeValue(map[string]any{"a": []int{1}})
	require.NoError(t, err)
	assert.Equal(t, m(item{"a": l(n("1"))}), av)
	av, err = codec.EncodeValue(nil)
	require.NoError(t, err)
	assert.Equal(t, &types.AttributeValueMemberNULL{Value: true}, av)
	_, err = codec.EncodeValue(make(chan int))
	assert.Error(t, err)

	var out map[string][]int
	require.NoError(t, codec.DecodeValue(m(item{"a": l(n("1"))}), &out))
	assert.Equal(t, map[string][]int{"a": {1}}, out)
	for _, out := range []any{nil, out, (*int)(nil), new(chan int), new(int)} {
		assert.Error(t, codec.DecodeValue(m(nil), out), "%T", out)
	}
}
