package codec_test

import (
	"errors"
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

// Each difference from attributevalue in the package documentation has a case here.

type (
	namedBytes []codectest.Tiny
	item       map[string]types.AttributeValue
)

// Attribute values, in short.
var s, n, l, m = codectest.String, codectest.Number, codectest.List, codectest.Map

func encode(t *testing.T, v any) (map[string]types.AttributeValue, error) {
	t.Helper()
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer {
		rv = rv.Elem()
	}
	p, err := codec.Of(rv.Type())
	require.NoError(t, err)
	return p.Encode(rv)
}

func decode(t *testing.T, item map[string]types.AttributeValue, out any) error {
	t.Helper()
	p, err := codec.Of(reflect.TypeOf(out).Elem())
	require.NoError(t, err)
	return p.Decode(item, reflect.ValueOf(out).Elem())
}

type raws struct {
	One   types.AttributeValue
	Omit  types.AttributeValue `dynamodbav:",omitempty"`
	Text  *types.AttributeValueMemberS
	List  []types.AttributeValue
	Map   map[string]types.AttributeValue
	Item  item
	Any   any
	PAny  *any
	Bytes namedBytes
}

func TestRawValuesStandForThemselves(t *testing.T) {
	var held any = n("7")
	v := raws{
		One: n("12345678901234567890123456789012345678"), Text: &types.AttributeValueMemberS{Value: "t"},
		List: []types.AttributeValue{s("x"), l()},
		Map:  map[string]types.AttributeValue{"k": n("1")}, Item: item{"i": m(nil)}, Any: s("any"), PAny: &held,
		Bytes: namedBytes{1, 2},
	}
	got, err := encode(t, v)
	require.NoError(t, err)
	assert.Equal(t, map[string]types.AttributeValue{
		"One": v.One, "Text": v.Text, "List": l(v.List...), "Map": m(v.Map), "Item": m(v.Item), "Any": s("any"),
		"PAny":  n("7"),
		"Bytes": &types.AttributeValueMemberB{Value: []byte{1, 2}},
	}, got)
	var back raws
	require.NoError(t, decode(t, got, &back))
	seven, any := any(7.0), any("any")
	v.PAny, v.Any = &seven, any
	assert.Equal(t, v, back)

	require.NoError(t, decode(t, map[string]types.AttributeValue{"One": &types.AttributeValueMemberNULL{Value: true},
		"Text": &types.AttributeValueMemberNULL{Value: true}}, &back))
	assert.Equal(t, &types.AttributeValueMemberNULL{Value: true}, back.One)
	assert.Nil(t, back.Text)
	assert.EqualError(t, decode(t, map[string]types.AttributeValue{"Text": n("1")}, &back),
		"attribute Text: cannot decode number into Go type *types.AttributeValueMemberS")
}

func TestEncodingErrors(t *testing.T) {
	loop := &codectest.Tree{Value: 1}
	loop.Left = loop
	var self any
	self = &self
	var deep any = 1
	for range 32 {
		deep = []any{deep}
	}
	type one struct{ V any }
	for _, c := range []struct {
		v    any
		want string
	}{
		{one{make(chan int)}, "attribute V: type chan int: DynamoDB has no type for chan"},
		{one{[]any{1, map[string]any{"x": func() {}}}},
			"attribute V[1]{key}: type func(): DynamoDB has no type for func"},
		{one{map[string]any{"a.b": map[string]any{"c[": func() {}}}},
			`attribute V{key}{key}: type func(): DynamoDB has no type for func`},
		{one{map[codectest.Point]int{{X: 1, Y: 2}: 1}}, ""},
		{one{map[codectest.Level]string{3: "x"}}, ""},
		{one{map[sameText]int{1: 1, 2: 2}}, "attribute V{key}: two map keys have this name"},
		{one{map[string]int{"": 1}}, "attribute V: a map key cannot be empty"},
		{one{map[*codectest.Point]int{nil: 1}}, "attribute V: a map key cannot be a nil pointer"},
		{one{[]types.AttributeValue{s("a"), nil}}, "attribute V[1]: is a nil AttributeValue"},
		{one{item{"a": nil}}, "attribute V{key}: is a nil AttributeValue"},
		{one{item{"a": l(m(item{"b": (*types.AttributeValueMemberN)(nil)}))}},
			"attribute V{key}[0]{key}: is a nil AttributeValue"},
		{one{&types.UnknownUnionMember{}}, "attribute V: is no member of types.AttributeValue that is known"},
		{one{math.NaN()}, "attribute V: a float that DynamoDB's numbers do not reach"},
		{one{math.Inf(-1)}, "attribute V: a float that DynamoDB's numbers do not reach"},
		{one{1e126}, "attribute V: a float that DynamoDB's numbers do not reach"},
		{one{-1e-131}, "attribute V: a float that DynamoDB's numbers do not reach"},
		{one{1e125}, ""},
		{one{attributevalue.Number("secret")}, "attribute V: text that is not one of DynamoDB's numbers"},
		{one{attributevalue.Number("")}, "attribute V: text that is not one of DynamoDB's numbers"},
		{one{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "attribute V: a time whose year RFC 3339 cannot write"},
		{one{deep}, "attribute V" + zeros(31) + ": nested deeper than 32 levels, or in a cycle"},
		{one{self}, "attribute V: pointers lead in a cycle"},
		{*loop, "nested deeper than 32 levels, or in a cycle"},
		{one{codectest.Money{Cents: 666}},
			"attribute V: MarshalDynamoDBAttributeValue of Go type codectest.Money failed"},
		{codectest.Customs{Money: codectest.Money{Cents: 666}},
			"attribute Money: MarshalDynamoDBAttributeValue of Go type codectest.Money failed"},
		{one{(*codectest.Money)(nil)}, ""},
		{one{(*codectest.Celsius)(nil)}, ""},
		{notAMap{}, "MarshalDynamoDBAttributeValue of Go type codec_test.notAMap gave no map"},
		{struct {
			V []any `dynamodbav:",stringset"`
		}{[]any{"a", 1}}, "attribute V[1]: a number cannot be an element of a string set"},
		{struct {
			V [][]byte
		}{[][]byte{{1}, nil}}, "attribute V[1]: a null cannot be an element of a binary set"},
	} {
		_, err := encode(t, c.v)
		if c.want == "" {
			assert.NoError(t, err)
			continue
		}
		require.Error(t, err, c.want)
		assert.Contains(t, err.Error(), c.want)
		assert.NotContains(t, err.Error(), "secret")
		assert.ErrorAs(t, err, new(*codec.Error))
	}
	_, err := encode(t, one{codectest.Money{Cents: 666}})
	assert.ErrorContains(t, errors.Unwrap(err), "secret", "the cause is there for those who ask")
	got, err := encode(t, one{(*codectest.Money)(nil)})
	require.NoError(t, err)
	assert.Equal(t, map[string]types.AttributeValue{"V": &types.AttributeValueMemberNULL{Value: true}}, got)
}

func zeros(n int) (path string) {
	for range n {
		path += "[0]"
	}
	return path
}

type sameText int

func (sameText) String() string { return "same" }

type notAMap struct{ A int }

func (notAMap) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return s("x"), nil }

func TestDecodingErrors(t *testing.T) {
	type target struct {
		Arr    [2]int
		Strs   [1]string
		Fixed  [4]byte
		Time   time.Time
		Iface  interface{ Foo() }
		Small  int8
		Small2 uint8
		Float  float32
		ByInt  map[int]string
		ByPt   map[codectest.Point]string
		Money  codectest.Money
		Any    any
		Nested struct{ In []codectest.Person }
		Chan   any
	}
	channel := make(chan int)
	for _, c := range []struct {
		name string
		av   types.AttributeValue
		want string
	}{
		{"Arr", nil, "attribute Arr: is a nil AttributeValue"},
		{"Arr", (*types.AttributeValueMemberL)(nil), "attribute Arr: is a nil AttributeValue"},
		{"Any", l(nil), "attribute Any[0]: is a nil AttributeValue"},
		{"Any", m(item{"a": nil}), "attribute Any{key}: is a nil AttributeValue"},
		{"Any", &types.UnknownUnionMember{Tag: "secret"},
			"attribute Any: is no member of types.AttributeValue that is known"},
		{"Small", &types.UnknownUnionMember{Tag: "secret"},
			"attribute Small: is no member of types.AttributeValue that is known"},
		{"Arr", l(n("1"), n("2"), n("3")), "attribute Arr: cannot decode longer list into Go type [2]int"},
		{"Arr", &types.AttributeValueMemberNS{Value: []string{"1", "2", "3"}},
			"attribute Arr: cannot decode longer number set into Go type [2]int"},
		{"Strs", &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
			"attribute Strs: cannot decode longer string set into Go type [1]string"},
		{"Fixed", &types.AttributeValueMemberB{Value: []byte("abc")},
			"attribute Fixed: cannot decode binary of another length into Go type [4]uint8"},
		{"Fixed", &types.AttributeValueMemberB{Value: []byte("abcde")},
			"attribute Fixed: cannot decode binary of another length into Go type [4]uint8"},
		{"Time", m(nil), "attribute Time: cannot decode map into Go type time.Time"},
		{"Time", s("secret"), "attribute Time: cannot decode into time.Time: not a time of RFC 3339"},
		{"Time", n("0.5"), "attribute Time: cannot decode into time.Time: not a whole number of seconds"},
		{"Iface", s("secret"), "attribute Iface: cannot decode string into Go type interface { Foo() }"},
		{"Small", n("-129"), "attribute Small: number overflows Go type int8"},
		{"Small", n("99999999999999999999"), "attribute Small: number overflows Go type int8"},
		{"Small", n("secret"), "attribute Small: is no number of Go type int8"},
		{"Small2", n("-1"), "attribute Small2: is no number of Go type uint8"},
		{"Small2", n("256"), "attribute Small2: number overflows Go type uint8"},
		{"Float", n("1e39"), "attribute Float: number overflows Go type float32"},
		{"Any", n("secret"), "attribute Any: is no number of Go type float64"},
		{"ByInt", m(item{"k": s("x")}), "attribute ByInt{key}: the name does not suit a map key of Go type int"},
		{"ByPt", m(item{"k": s("x")}),
			"attribute ByPt{key}: the name does not suit a map key of Go type codectest.Point"},
		{"Money", s("x"), "attribute Money: UnmarshalDynamoDBAttributeValue of Go type codectest.Money failed"},
		{"Nested", m(item{"In": l(m(nil), m(item{"address": m(item{"city": n("1234567")}), "id": s("secret")}))}),
			"attribute Nested.In[1].id: cannot decode string into Go type int"},
		{"Chan", s("x"), "attribute Chan: type chan int: DynamoDB has no type for chan"},
	} {
		out := target{Chan: &channel}
		err := decode(t, item{c.name: c.av}, &out)
		require.Error(t, err, c.want)
		assert.Equal(t, c.want, err.Error())
		assert.ErrorAs(t, err, new(*codec.Error))
	}
	err := decode(t, item{"Money": s("x")}, &target{})
	assert.ErrorContains(t, errors.Unwrap(err), "secret", "the cause is there for those who ask")
}

func TestDecodingOntoValues(t *testing.T) {
	type target struct {
		Strings []string
		Bytes   []byte
		Any     any
		Null    any
		Map     any
	}
	v := target{Strings: []string{"old"}, Bytes: []byte{1}, Any: "old", Null: "old", Map: map[string]any{"old": 1}}
	require.NoError(t, decode(t, item{
		"Strings": l(), "Bytes": &types.AttributeValueMemberB{}, "Any": n("2"),
		"Null": &types.AttributeValueMemberNULL{Value: true}, "Map": m(item{"new": s("x")}),
	}, &v))
	assert.Equal(t, target{Strings: []string{}, Bytes: []byte{}, Any: 2.0, Map: map[string]any{"new": "x"}}, v)

	var cyclic any
	cyclic = &cyclic
	v.Any = cyclic
	require.NoError(t, decode(t, item{"Any": s("x")}, &v))
	var a, b any
	a, b = &b, &a
	v.Any = a
	assert.EqualError(t, decode(t, item{"Any": s("x")}, &v), "attribute Any: pointers lead in a cycle")
}

func TestNamesThatDifferInCase(t *testing.T) {
	for range 20 { // in whatever order the map is walked
		var v codectest.Caseless
		require.NoError(t, decode(t, item{"name": s("exact"), "NAME": s("upper"), "Name": s("title")}, &v))
		assert.Equal(t, "exact", v.Lower)
		v = codectest.Caseless{}
		require.NoError(t, decode(t, item{"NAME": s("upper"), "Name": s("title"), "\u212Aelvin": n("3"),
			"STRAßE": s("straße")}, &v))
		assert.Equal(t, codectest.Caseless{Lower: "upper", Kelvin: 3, Long: "straße"}, v)
	}
}

type Rest struct {
	Rest item `monotable:"unknown"`
}

type keeper struct {
	ID   string `dynamodbav:"id"`
	In   inner  `dynamodbav:"in"`
	Rest item   `monotable:"unknown"`
}

type inner struct {
	A    int                             `dynamodbav:"a"`
	Rest map[string]types.AttributeValue `monotable:"unknown" dynamodbav:"-"`
}

func TestUnknownAttributes(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[keeper]())
	require.NoError(t, err)
	assert.True(t, p.Unknown())
	assert.Len(t, p.Fields(), 2)
	stored := map[string]types.AttributeValue{
		"id": s("1"), "PK": s("k"), "n": n("12345678901234567890123456789012345678"),
		"in": m(item{"a": n("1"), "b": &types.AttributeValueMemberNULL{Value: true}}),
	}
	var v keeper
	v.Rest = item{"stale": s("x")}
	require.NoError(t, decode(t, stored, &v))
	assert.Equal(t, keeper{ID: "1", In: inner{A: 1, Rest: item{"b": &types.AttributeValueMemberNULL{Value: true}}},
		Rest: item{"PK": s("k"), "n": n("12345678901234567890123456789012345678")}}, v)
	got, err := encode(t, v)
	require.NoError(t, err)
	assert.Equal(t, stored, got)

	require.NoError(t, decode(t, item{"id": s("1")}, &v))
	assert.Nil(t, v.Rest)

	v = keeper{}
	require.NoError(t, decode(t, item{"ID": s("folded")}, &v))
	assert.Equal(t, keeper{ID: "folded", Rest: item{"ID": s("folded")}}, v,
		"filled like attributevalue does, and not lost")

	for want, rest := range map[string]item{
		"attribute id: is a field of its own and also in Rest": {"id": s("2")},
		"attribute x: is a nil AttributeValue":                 {"x": nil},
		"attribute x[0]: is a nil AttributeValue":              {"x": l(nil)},
		"a map key cannot be empty":                            {"": s("x")},
	} {
		_, err := encode(t, keeper{Rest: rest})
		assert.EqualError(t, err, want)
	}
	_, err = encode(t, keeper{In: inner{Rest: item{"a": s("x")}}})
	assert.EqualError(t, err, "attribute in.a: is a field of its own and also in Rest")
	assert.EqualError(t, decode(t, item{"x": m(item{"y": nil})}, &v), "attribute x{key}: is a nil AttributeValue")

	type embeds struct {
		*Rest
		ID string `dynamodbav:"id"`
	}
	var e embeds
	require.NoError(t, decode(t, stored, &e))
	assert.Equal(t, item{"PK": s("k"), "n": stored["n"], "in": stored["in"]}, e.Rest.Rest)
	got, err = encode(t, e)
	require.NoError(t, err)
	assert.Equal(t, stored, got)
	got, err = encode(t, embeds{ID: "1"})
	require.NoError(t, err)
	assert.Equal(t, map[string]types.AttributeValue{"id": s("1")}, got)
}

// The table's words on attributevalue itself, where they can be checked.
func TestWhatAttributevalueDoes(t *testing.T) {
	var held any = 1
	got, err := attributevalue.MarshalMap(struct {
		C   chan int
		Big *big.Int
		Any *any
		Raw types.AttributeValue
		time.Time
	}{C: make(chan int), Big: big.NewInt(1), Any: &held, Raw: s("x")})
	require.NoError(t, err)
	assert.Equal(t, map[string]types.AttributeValue{"Big": m(item{}), "Raw": m(item{"Value": s("x")})}, got)
	got, err = attributevalue.MarshalMap(notAMap{})
	require.NoError(t, err)
	assert.Empty(t, got)

	out := struct {
		Arr  [1]int
		Time time.Time
		S    []string
	}{S: []string{"old"}}
	require.NoError(t, attributevalue.UnmarshalMap(item{"Arr": l(n("1"), n("2")), "Time": m(item{"x": s("y")}),
		"S": l()}, &out))
	assert.Equal(t, []string{"old"}, out.S)
	_, panicked := recovered(func() error {
		return attributevalue.UnmarshalMap(item{"A": &types.AttributeValueMemberB{Value: []byte("abc")}},
			&struct{ A [4]byte }{})
	})
	assert.True(t, panicked)
	_, panicked = recovered(func() error {
		return attributevalue.UnmarshalMap(item{"A": n("1")}, &struct{ A any }{A: "old"})
	})
	assert.True(t, panicked)
	_, panicked = recovered(func() error {
		_, err := attributevalue.MarshalMap(struct{ B namedBytes }{B: namedBytes{1}})
		return err
	})
	assert.True(t, panicked)
}
