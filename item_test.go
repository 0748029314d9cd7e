package monotable_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(s string) types.AttributeValue  { return &types.AttributeValueMemberN{Value: s} }
func list(l ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: l}
}
func fields(m monotable.Item) types.AttributeValue { return &types.AttributeValueMemberM{Value: m} }
func stringSet(s ...string) types.AttributeValue   { return &types.AttributeValueMemberSS{Value: s} }
func numberSet(s ...string) types.AttributeValue   { return &types.AttributeValueMemberNS{Value: s} }

// sample has one attribute of each type, and the lesson's nested ones.
func sample() monotable.Item {
	return monotable.Item{
		"id":      num("2"),
		"name":    text("Mike"),
		"big":     num("12345678901234567890123456789012345678"),
		"price":   num("1.5"),
		"active":  &types.AttributeValueMemberBOOL{Value: true},
		"photo":   &types.AttributeValueMemberB{Value: []byte{1, 2, 3}},
		"none":    &types.AttributeValueMemberNULL{Value: true},
		"tags":    stringSet("b", "a"),
		"scores":  numberSet("10", "9", "-1"),
		"keys":    &types.AttributeValueMemberBS{Value: [][]byte{{2}, {1}}},
		"seen":    text("2026-11-22T10:00:00.5Z"),
		"expires": num("1795000000"),
		"address": fields(monotable.Item{"city": text("Rome"), "zip": num("00100")}),
		"pets":    list(fields(monotable.Item{"type": text("cat"), "name": text("Tom")}), text("dog")),
		"a.b":     fields(monotable.Item{"[c]": text("dotted"), `\`: text("slash")}),
	}
}

func TestItemGetters(t *testing.T) {
	item := sample()
	for path, c := range map[string]struct{ got, want any }{
		"name":           {got(item.String("name")), "Mike"},
		"address.city":   {got(item.String("address.city")), "Rome"},
		"pets[0].name":   {got(item.String("pets[0].name")), "Tom"},
		"pets[1]":        {got(item.String("pets[1]")), "dog"},
		`a\.b.\[c]`:      {got(item.String(`a\.b.\[c]`)), "dotted"},
		`a\.b.\\`:        {got(item.String(`a\.b.\\`)), "slash"},
		"big":            {got(item.Number("big")), attributevalue.Number("12345678901234567890123456789012345678")},
		"id int":         {got(item.Int("id")), 2},
		"id int64":       {got(item.Int64("id")), int64(2)},
		"id uint64":      {got(item.Uint64("id")), uint64(2)},
		"price":          {got(item.Float64("price")), 1.5},
		"active":         {got(item.Bool("active")), true},
		"photo":          {got(item.Bytes("photo")), []byte{1, 2, 3}},
		"tags":           {got(item.StringSet("tags")), []string{"a", "b"}},
		"scores":         {got(item.NumberSet("scores")), []attributevalue.Number{"-1", "9", "10"}},
		"keys":           {got(item.BinarySet("keys")), [][]byte{{1}, {2}}},
		"seen":           {got(item.Time("seen")), time.Date(2026, 11, 22, 10, 0, 0, 5e8, time.UTC)},
		"expires":        {got(item.Time("expires")), time.Unix(1795000000, 0)},
		"address":        {got(item.Map("address")), item["address"].(*types.AttributeValueMemberM).Value},
		"pets":           {got(item.List("pets")), item["pets"].(*types.AttributeValueMemberL).Value},
		"has":            {item.Has("none"), true},
		"has not":        {item.Has("address.street"), false},
		"null":           {item.IsNull("none"), true},
		"null elsewhere": {item.IsNull("absent"), false},
	} {
		if m, ok := c.got.(monotable.Item); ok {
			c.got = map[string]types.AttributeValue(m)
		}
		assert.Equal(t, c.want, c.got, path)
	}
}

func got[T any](v T, err error) any {
	if err != nil {
		return err
	}
	return v
}

func TestItemGetterErrors(t *testing.T) {
	item := sample()
	item["odd"], item["neg"], item["huge"] = num("1.5"), num("-1"), num("1E40")
	for want, c := range map[string]struct {
		err  error
		kind error
	}{
		"monotable: attribute nick: there is none": {fail(item.String("nick")),
			monotable.ErrAbsent},
		"monotable: attribute address.street: there is none": {fail(item.String("address.street")),
			monotable.ErrAbsent},
		"monotable: attribute home.city: there is no home": {fail(item.String("home.city")),
			monotable.ErrAbsent},
		"monotable: attribute pets[7].name: there is no pets[7]": {fail(item.String("pets[7].name")),
			monotable.ErrAbsent},
		"monotable: attribute id is a number, not a string": {fail(item.String("id")),
			monotable.ErrType},
		"monotable: attribute none is a null, not a string": {fail(item.String("none")),
			monotable.ErrType},
		"monotable: attribute name is a string, not a number": {fail(item.Int("name")),
			monotable.ErrType},
		"monotable: attribute tags is a string set, not a number set": {fail(item.NumberSet("tags")),
			monotable.ErrType},
		"monotable: attribute name.first: name is a string, not a map": {fail(item.String("name.first")),
			monotable.ErrType},
		"monotable: attribute address[0]: address is a map, not a list": {fail(item.String("address[0]")),
			monotable.ErrType},
		"monotable: attribute active is a bool, not a time, as a string or a number": {fail(item.Time("active")),
			monotable.ErrType},
		"monotable: attribute name: the string is not a time in RFC 3339":       {fail(item.Time("name")), nil},
		"monotable: attribute price: the number is not a time in epoch seconds": {fail(item.Time("price")), nil},
		"monotable: attribute odd: the number does not fit a Go int":            {fail(item.Int("odd")), nil},
		"monotable: attribute huge: the number does not fit a Go int64":         {fail(item.Int64("huge")), nil},
		"monotable: attribute neg: the number does not fit a Go uint64":         {fail(item.Uint64("neg")), nil},
	} {
		assert.EqualError(t, c.err, want)
		assert.Equal(t, c.kind == monotable.ErrAbsent, errors.Is(c.err, monotable.ErrAbsent), want)
		assert.Equal(t, c.kind == monotable.ErrType, errors.Is(c.err, monotable.ErrType), want)
		wrong := new(monotable.AttributeError)
		require.ErrorAs(t, c.err, &wrong)
		for _, value := range []string{"Mike", "Rome", "1.5", "1795", "1E40", "-1"} {
			assert.NotContains(t, c.err.Error(), value)
		}
	}
	for _, path := range []string{"", ".", "a.", ".a", "a..b", "[0]", "a[", "a[]", "a[x]", "a[-1]", "a[0]b", `a\`,
		"a[99999999999]"} {
		_, err := item.At(path)
		require.Error(t, err, path)
		assert.Contains(t, err.Error(), "malformed", path)
		assert.Error(t, item.Set(path, 1), path)
		assert.Error(t, item.Remove(path), path)
	}
	_, err := monotable.Item(nil).String("a")
	assert.ErrorIs(t, err, monotable.ErrAbsent)
	_, err = monotable.Item{"a": nil}.String("a")
	assert.ErrorIs(t, err, monotable.ErrAbsent)
}

func fail[T any](_ T, err error) error { return err }

func TestItemIntegersInAnyForm(t *testing.T) {
	for text, want := range map[string]int64{"1E3": 1000, "1.0": 1, "0.5E1": 5, "-0": 0,
		"9223372036854775807": math.MaxInt64} {
		n, err := monotable.Item{"n": num(text)}.Int64("n")
		require.NoError(t, err, text)
		assert.Equal(t, want, n, text)
	}
}

func TestItemSetAndRemove(t *testing.T) {
	item := sample()
	require.NoError(t, item.Set("name", "Michael"))
	require.NoError(t, item.Set("address.street", "Via Appia"))
	require.NoError(t, item.Set("pets[1]", map[string]string{"name": "Rex"}))
	require.NoError(t, item.Set("pets[9]", 3))
	require.NoError(t, item.Remove("pets[0]"))
	require.NoError(t, item.Remove("pets[9]"))
	require.NoError(t, item.Remove("address.zip"))
	require.NoError(t, item.Remove("absent"))
	assert.Equal(t, "Michael", got(item.String("name")))
	assert.Equal(t, "Via Appia", got(item.String("address.street")))
	assert.Equal(t, "Rex", got(item.String("pets[0].name")))
	assert.Equal(t, 3, got(item.Int("pets[1]")))
	assert.False(t, item.Has("address.zip"))
	assert.ErrorIs(t, item.Set("home.city", "Rome"), monotable.ErrAbsent)
	assert.ErrorIs(t, item.Set("name.first", "Mike"), monotable.ErrType)
	assert.ErrorIs(t, item.Remove("name[0]"), monotable.ErrType)
	assert.EqualError(t, item.Set("x", make(chan int)),
		"monotable: attribute x: type chan int: DynamoDB has no type for chan")
}

func TestItemEqual(t *testing.T) {
	a, b := sample(), sample()
	assert.True(t, a.Equal(b))
	b["id"], b["tags"], b["scores"] = num("2.0"), stringSet("a", "b"), numberSet("1e1", "-1.0", "9")
	assert.True(t, a.Equal(b), "numbers by value, sets in any order")
	assert.Empty(t, a.Diff(b))
	assert.True(t, monotable.Item(nil).Equal(monotable.Item{}))
	for name, change := range map[string]func(monotable.Item){
		"id":           func(i monotable.Item) { i["id"] = text("2") },
		"price":        func(i monotable.Item) { i["price"] = num("1.50000000000000000000000000000000000001") },
		"tags":         func(i monotable.Item) { i["tags"] = stringSet("a") },
		"scores":       func(i monotable.Item) { i["scores"] = numberSet("10", "9", "9") },
		"keys":         func(i monotable.Item) { i["keys"] = &types.AttributeValueMemberBS{Value: [][]byte{{2}, {3}}} },
		"photo":        func(i monotable.Item) { i["photo"] = &types.AttributeValueMemberB{} },
		"none":         func(i monotable.Item) { delete(i, "none") },
		"new":          func(i monotable.Item) { i["new"] = num("1") },
		"active":       func(i monotable.Item) { i["active"] = nil },
		"address.city": func(i monotable.Item) { require.NoError(t, i.Set("address.city", "Pisa")) },
		"pets[2]":      func(i monotable.Item) { require.NoError(t, i.Set("pets[2]", "eel")) },
		"pets[0].name": func(i monotable.Item) { require.NoError(t, i.Remove("pets[0].name")) },
		`a\.b.\[c]`:    func(i monotable.Item) { require.NoError(t, i.Set(`a\.b.\[c]`, 1)) },
		`a\.b`:         func(i monotable.Item) { require.NoError(t, i.Set(`a\.b`, 1)) },
	} {
		b := sample()
		change(b)
		assert.False(t, a.Equal(b), name)
		assert.False(t, b.Equal(a), name)
		assert.Equal(t, []string{name}, a.Diff(b), name)
		assert.Equal(t, []string{name}, b.Diff(a), name)
	}
}

func TestItemClone(t *testing.T) {
	item := sample()
	clone := item.Clone()
	require.Equal(t, item, clone)
	require.NoError(t, clone.Set("address.city", "Pisa"))
	clone["photo"].(*types.AttributeValueMemberB).Value[0] = 9
	clone["keys"].(*types.AttributeValueMemberBS).Value[0][0] = 9
	clone["tags"].(*types.AttributeValueMemberSS).Value[0] = "x"
	require.NoError(t, clone.Remove("pets[0].name"))
	assert.Equal(t, sample(), item)
	assert.Nil(t, monotable.Item(nil).Clone())
}

func TestItemSize(t *testing.T) {
	assert.Equal(t, len("id")+2+len("name")+len("Rachel"),
		monotable.Item{"id": num("1"), "name": text("Rachel")}.Size())
}

type owner struct {
	ID      int               `dynamodbav:"id"`
	Name    string            `dynamodbav:"name"`
	Address map[string]string `dynamodbav:"address,omitempty"`
}

func TestItemOfAndInto(t *testing.T) {
	mike := owner{ID: 2, Name: "Mike", Address: map[string]string{"city": "Rome"}}
	want := monotable.Item{"id": num("2"), "name": text("Mike"),
		"address": fields(monotable.Item{"city": text("Rome")})}
	for _, v := range []any{mike, &mike, want, map[string]any{"id": 2, "name": "Mike", "address": mike.Address}} {
		item, err := monotable.ItemOf(v)
		require.NoError(t, err, "%T", v)
		assert.Equal(t, want, item, "%T", v)
	}
	var back owner
	require.NoError(t, want.Into(&back))
	assert.Equal(t, mike, back)
	var item monotable.Item
	require.NoError(t, want.Into(&item))
	assert.Equal(t, want, item)

	_, err := monotable.ItemOf(7)
	assert.ErrorIs(t, err, monotable.ErrType)
	_, err = monotable.ItemOf(nil)
	assert.ErrorIs(t, err, monotable.ErrType)
	_, err = monotable.ItemOf(map[string]any{"a": map[string]any{"b": make(chan int)}})
	assert.ErrorContains(t, err, "attribute a{key}: ")
	assert.ErrorContains(t, monotable.Item{"id": text("secret")}.Into(&back),
		"attribute id: cannot decode string into Go type int")
	assert.ErrorAs(t, monotable.Item{"id": text("x")}.Into(&back), new(*attributevalue.UnmarshalTypeError))
	assert.Error(t, want.Into(back))
	assert.Error(t, want.Into(nil))
	assert.EqualError(t, item.Set("address.x", []any{1, make(chan int)}),
		"monotable: attribute address.x[1]: type chan int: DynamoDB has no type for chan")
	assert.EqualError(t, item.Set("address.x", map[string]any{"y": make(chan int)}),
		"monotable: attribute address.x{key}: type chan int: DynamoDB has no type for chan")
}

// Items are maps to the SDK's own codec, too: expression.Value(item) would otherwise store a map of maps named Value.
func TestItemWithAttributevalue(t *testing.T) {
	type holder struct {
		Item  monotable.Item            `dynamodbav:"item"`
		Items map[string]monotable.Item `dynamodbav:"items"`
		None  monotable.Item            `dynamodbav:"none"`
	}
	v := holder{Item: sample(), Items: map[string]monotable.Item{"a": {"b": num("1")}}}
	got, err := attributevalue.MarshalMap(v)
	require.NoError(t, err)
	want := monotable.Item{"item": fields(sample()),
		"items": fields(monotable.Item{"a": fields(monotable.Item{"b": num("1")})}),
		"none":  &types.AttributeValueMemberNULL{Value: true}}
	assert.Equal(t, want, monotable.Item(got))
	ours, err := monotable.ItemOf(v)
	require.NoError(t, err)
	assert.Equal(t, want, ours)

	var back, again holder
	require.NoError(t, attributevalue.UnmarshalMap(got, &back))
	assert.Equal(t, v, back)
	require.NoError(t, ours.Into(&again))
	assert.Equal(t, v, again)
	_, err = attributevalue.Marshal(monotable.Item{"a": list(nil)})
	assert.EqualError(t, err, "monotable: attribute a[0]: is a nil AttributeValue")
	assert.ErrorIs(t, func() error { _, err := monotable.ItemOf("x"); return err }(), monotable.ErrType)
}

func TestItemPlainJSON(t *testing.T) {
	got, err := json.Marshal(sample())
	require.NoError(t, err)
	assert.Equal(t, `{"a.b":{"[c]":"dotted","\\":"slash"},"active":true,"address":{"city":"Rome","zip":100},`+
		`"big":12345678901234567890123456789012345678,"expires":1795000000,"id":2,"keys":["Ag==","AQ=="],`+
		`"name":"Mike","none":null,"pets":[{"name":"Tom","type":"cat"},"dog"],"photo":"AQID","price":1.5,`+
		`"scores":[10,9,-1],"seen":"2026-11-22T10:00:00.5Z","tags":["b","a"]}`, string(got))

	var item monotable.Item
	require.NoError(t, json.Unmarshal([]byte(`{"n":1e2,`+
		`"big":0.00000000000000000000000000000000000012345678901234567890123456789012345678,`+
		`"s":"é\ud83d\ude00","l":[true,null,[],{}]}`), &item))
	assert.Equal(t, monotable.Item{
		"n":   num("100"),
		"big": num("0.00000000000000000000000000000000000012345678901234567890123456789012345678"),
		"s":   text("é😀"),
		"l": list(&types.AttributeValueMemberBOOL{Value: true}, &types.AttributeValueMemberNULL{Value: true},
			list([]types.AttributeValue{}...), fields(monotable.Item{})),
	}.Diff(item), []string(nil))

	type body struct {
		Item monotable.Item         `json:"item"`
		Wire monotable.DynamoDBJSON `json:"wire"`
	}
	var b body
	require.NoError(t, json.Unmarshal([]byte(`{"item":null,"wire":null}`), &b))
	assert.Nil(t, b.Item)
	got, err = json.Marshal(b)
	require.NoError(t, err)
	assert.Equal(t, `{"item":null,"wire":null}`, string(got))
}

func nested(levels int, open, leaf, shut string) string {
	return `{"a":` + strings.Repeat(open, levels-1) + leaf + strings.Repeat(shut, levels-1) + `}`
}

func TestItemPlainJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:  "the item is a list, not a map",
		`"x"`: "the item is a string, not a map",
		`{"a":{"b":[1,{"c":123456789012345678901234567890123456789}]}}`: "attribute a{key}[1]{key}: is no number " +
			"that DynamoDB can hold",
		`{"a":1e126}`:                 "attribute a: is no number",
		`{"a":-1e-131}`:               "attribute a: is no number",
		`{"a":1,"a":2}`:               "attribute a: the name is given twice",
		`{"m":{"x.y":1,"x.y":1}}`:     "attribute m{key}: the name is given twice",
		`{"m":{"":1}}`:                "attribute m: has an empty name",
		`{"a":"` + "\xff" + `"}`:      "UTF-8",
		`{"a":"\ud800"}`:              "surrogate",
		`{"a":"\\\udc00"}`:            "surrogate",
		`{"a":"\ud800\u0041"}`:        "surrogate",
		nested(33, `[`, `1`, `]`):     "nested deeper than 32 levels",
		nested(33, `{"x":`, `1`, `}`): "nested deeper than 32 levels",
		nested(100000, `[`, ``, `]`):  "",
	} {
		item := monotable.Item{"kept": num("1")}
		err := json.Unmarshal([]byte(text), &item)
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want)
		assert.Equal(t, monotable.Item{"kept": num("1")}, item)
	}
	for _, text := range []string{``, `{`, `{"secret"`, `{"a":secret}`, `{"a":1}{`, `{"a":1}x`, `{1:2}`, `{"a":[1}`,
		`nul`} {
		var item monotable.Item
		err := item.UnmarshalJSON([]byte(text))
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), "secret")
		require.Error(t, (*monotable.DynamoDBJSON)(&item).UnmarshalJSON([]byte(text)), text)
	}
	var item monotable.Item
	require.NoError(t, json.Unmarshal([]byte(nested(32, `[`, `1`, `]`)), &item))
	require.NoError(t, json.Unmarshal([]byte(nested(31, `[`, `[]`, `]`)), &item), "an empty list at level 31")
	require.Error(t, json.Unmarshal([]byte(nested(32, `[`, `[]`, `]`)), &item), "an empty list at level 32")
	require.NoError(t, json.Unmarshal([]byte(`{"a":"\\ud800"}`), &item), "an escaped backslash")
}

func TestItemMarshalRefuses(t *testing.T) {
	deep, unset := text("x"), (*types.AttributeValueMemberS)(nil)
	for range 32 {
		deep = list(deep)
	}
	for want, item := range map[string]monotable.Item{
		"attribute a: is a nil AttributeValue":              {"a": nil},
		"attribute a[0]: is a nil AttributeValue":           {"a": list(nil)},
		"attribute a{key}: is a nil AttributeValue":         {"a": fields(monotable.Item{"b": unset})},
		"attribute a: is no number":                         {"a": num("secret")},
		"attribute a[1]: is no number":                      {"a": numberSet("1", "NaN")},
		"attribute a: is text that is not UTF-8":            {"a": text("\xff")},
		"attribute a[0]: is text that is not UTF-8":         {"a": stringSet("\xff")},
		"has a name or map key that is not UTF-8":           {"\xff": num("1")},
		"has an empty name":                                 {"": num("1")},
		"attribute a: is an empty set":                      {"a": stringSet()},
		"attribute a: is a set with an element twice":       {"a": numberSet("1", "1.0")},
		"nested deeper than 32 levels":                      {"a": deep},
		"attribute a: is no member of types.AttributeValue": {"a": &types.UnknownUnionMember{Tag: "secret"}},
	} {
		for _, v := range []any{item, monotable.DynamoDBJSON(item)} {
			_, err := json.Marshal(v)
			require.Error(t, err, want)
			assert.Contains(t, err.Error(), want)
			assert.NotContains(t, err.Error(), "secret")
		}
	}
}

func TestDynamoDBJSON(t *testing.T) {
	got, err := json.Marshal(monotable.DynamoDBJSON(sample()))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(got), `{"a.b":{"M":{"[c]":{"S":"dotted"},`), string(got))
	var item monotable.Item
	require.NoError(t, json.Unmarshal(got, (*monotable.DynamoDBJSON)(&item)))
	assert.Equal(t, sample(), item)
}

func TestDynamoDBJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":{}}`:                         "is empty",
		`{"a":null}`:                       "null",
		`{"a":{"S":"x","N":"1"}}`:          "more than one datatypes",
		`{"a":{"S":"x","S":"y"}}`:          "attribute a{key}: the name is given twice",
		`{"a":{"S":"x"},"a":{"S":"x"}}`:    "attribute a: the name is given twice",
		`{"a":{"M":{"b":{"N":"secret"}}}}`: "attribute a{key}: is no number",
		`{"a":{"N":"123456789012345678901234567890123456789"}}`: "attribute a: is no number",
		`{"a":{"L":[{"SS":[]}]}}`:                               "attribute a[0]: is an empty set",
		`{"a":{"NS":["1","1.0"]}}`:                              "attribute a: is a set with an element twice",
		`{"a":{"B":"secret!"}}`:                                 "",
		`{"a":{"S":1}}`:                                         "",
		`{"a":"secret"}`:                                        "",
		`[]`:                                                    "",
		`{"a":{"NULL":false}}`:                                  "attribute a: is a NULL that is not true",
		`{"":{"S":"x"}}`:                                        "has an empty name",
		nested(33, `{"L":[`, `{"S":"x"}`, `]}`):                 "nested deeper than 32 levels",
		nested(90, `{"L":[`, `{"S":"x"}`, `]}`):                 "nested deeper than 32 levels",
	} {
		item := monotable.Item{"kept": num("1")}
		err := json.Unmarshal([]byte(text), (*monotable.DynamoDBJSON)(&item))
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want, text)
		assert.NotContains(t, err.Error(), "secret", text)
		assert.Equal(t, monotable.Item{"kept": num("1")}, item, text)
	}
	var item monotable.Item
	require.NoError(t, json.Unmarshal([]byte(nested(32, `{"L":[`, `{"S":"x"}`, `]}`)),
		(*monotable.DynamoDBJSON)(&item)))
	require.Error(t, json.Unmarshal([]byte(nested(32, `{"L":[`, `{"M":{}}`, `]}`)), (*monotable.DynamoDBJSON)(&item)),
		"an empty map at level 32")
}

// drawItem draws an item that DynamoDB could hold. Plain JSON has no sets and binaries.
func drawItem(t *rapid.T, plain bool) monotable.Item {
	item := monotable.Item{}
	for range rapid.IntRange(0, 5).Draw(t, "attributes") {
		item[rapid.StringN(1, 5, 20).Draw(t, "name")] = drawValue(t, plain, 4)
	}
	return item
}

func drawValue(t *rapid.T, plain bool, depth int) types.AttributeValue {
	kinds := 9
	if plain {
		kinds = 5
	}
	kind := rapid.IntRange(0, kinds).Draw(t, "type")
	if depth == 0 && (kind == 4 || kind == 5) {
		kind = 0
	}
	switch kind {
	case 1:
		return num(fmt.Sprintf("%s%de%d", rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign"),
			rapid.Uint64().Draw(t, "digits"), rapid.IntRange(-130, 105).Draw(t, "exponent")))
	case 2:
		return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "bool")}
	case 3:
		return &types.AttributeValueMemberNULL{Value: true}
	case 4:
		l := list()
		for range rapid.IntRange(0, 3).Draw(t, "len") {
			l.(*types.AttributeValueMemberL).Value = append(l.(*types.AttributeValueMemberL).Value,
				drawValue(t, plain, depth-1))
		}
		return l
	case 5:
		m := monotable.Item{}
		for range rapid.IntRange(0, 3).Draw(t, "len") {
			m[rapid.StringN(1, 5, 20).Draw(t, "name")] = drawValue(t, plain, depth-1)
		}
		return fields(m)
	case 6:
		return &types.AttributeValueMemberB{Value: rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")}
	case 7:
		return &types.AttributeValueMemberSS{Value: rapid.SliceOfNDistinct(rapid.String(), 1, 4, rapid.ID[string]).
			Draw(t, "ss")}
	case 8:
		return &types.AttributeValueMemberNS{Value: rapid.SliceOfNDistinct(rapid.StringMatching(`[1-9][0-9]{0,20}`), 1,
			4, rapid.ID[string]).Draw(t, "ns")}
	case 9:
		return &types.AttributeValueMemberBS{Value: rapid.SliceOfNDistinct(rapid.SliceOf(rapid.Byte()), 1, 4,
			func(b []byte) string { return string(b) }).Draw(t, "bs")}
	}
	return text(rapid.String().Draw(t, "text"))
}

func TestItemJSONRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		item := drawItem(t, false)
		got, err := json.Marshal(monotable.DynamoDBJSON(item))
		require.NoError(t, err)
		var back monotable.Item
		require.NoError(t, json.Unmarshal(got, (*monotable.DynamoDBJSON)(&back)))
		require.Empty(t, item.Diff(back))
		require.True(t, item.Equal(back))
		require.True(t, item.Equal(item.Clone()))
		again, err := json.Marshal(monotable.DynamoDBJSON(back))
		require.NoError(t, err)
		require.Equal(t, string(got), string(again))
	})
	rapid.Check(t, func(t *rapid.T) {
		item := drawItem(t, true)
		got, err := json.Marshal(item)
		require.NoError(t, err)
		var back monotable.Item
		require.NoError(t, json.Unmarshal(got, &back))
		require.Empty(t, item.Diff(back))
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(got), string(again))
	})
}

// Diff is empty exactly if the items are Equal, and every path it names leads to the difference.
func TestItemDiffProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawItem(t, false)
		b := a.Clone()
		if rapid.Bool().Draw(t, "other") {
			b = drawItem(t, false)
		}
		paths := a.Diff(b)
		require.Equal(t, a.Equal(b), len(paths) == 0)
		require.Equal(t, paths, b.Diff(a))
		for _, path := range paths {
			x, errA := a.At(path)
			y, errB := b.At(path)
			require.False(t, errA != nil && errB != nil, path)
			if errA == nil && errB == nil {
				require.False(t, monotable.Item{"x": x}.Equal(monotable.Item{"x": y}), path)
			}
		}
	})
}

func FuzzItemJSON(f *testing.F) {
	f.Add([]byte(`{"id":1,"name":"Rachel","pets":[{"type":"cat","name":"Tom"}]}`))
	f.Add([]byte(`{"id":{"N":"1"},"pets":{"L":[{"M":{"b":{"B":"AQID"},"s":{"SS":["a"]}}}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var item monotable.Item
		if item.UnmarshalJSON(text) == nil && item != nil {
			again, err := json.Marshal(item)
			require.NoError(t, err)
			var back monotable.Item
			require.NoError(t, json.Unmarshal(again, &back))
			require.True(t, item.Equal(back))
		}
		item = nil
		if (*monotable.DynamoDBJSON)(&item).UnmarshalJSON(text) == nil && item != nil {
			again, err := json.Marshal(monotable.DynamoDBJSON(item))
			require.NoError(t, err)
			var back monotable.Item
			require.NoError(t, json.Unmarshal(again, (*monotable.DynamoDBJSON)(&back)))
			require.True(t, item.Equal(back))
		}
	})
}

func TestNilValuesInItemsAreRefused(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, monotable.Schema{Name: "items", Partition: monotable.S("id")})
	items := tableOf[monotable.Item](t, db, monotable.Model{})
	var none *types.AttributeValueMemberS
	for name, item := range map[string]monotable.Item{
		"in a list": {"id": text("1"), "x": &types.AttributeValueMemberL{Value: []types.AttributeValue{nil,
			text("1")}}},
		"typed":  {"id": text("1"), "x": none},
		"on top": {"id": text("1"), "x": nil},
		"key":    {"id": none},
	} {
		require.Error(t, items.Put(ctx, &item), name)
	}
	_, err := items.Get(ctx, monotable.Item{"id": none})
	require.ErrorIs(t, err, monotable.ErrKey)
	require.Error(t, firstError(items.Scan(ctx, monotable.Filter(expression.Name("id").Equal(expression.Value(none))))))
	_, err = items.Update(ctx, monotable.Item{"id": text("1")},
		set("l", &types.AttributeValueMemberL{Value: []types.AttributeValue{none}}))
	require.Error(t, err)
	numbers := newTable[monotable.Item](t, monotable.Schema{Name: "numbers", Partition: monotable.N("id")},
		monotable.Model{})
	_, err = numbers.Get(ctx, monotable.Item{"id": &types.AttributeValueMemberN{Value: "secret77"}})
	require.ErrorIs(t, err, monotable.ErrKey)
	assert.NotContains(t, err.Error(), "secret77")
	assert.Empty(t, requests.seen())
}
