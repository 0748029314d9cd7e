package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// anyValue draws a value of any type, normalised as the engine stores it.
func anyValue(depth int) *rapid.Generator[types.AttributeValue] {
	return rapid.Custom(func(t *rapid.T) types.AttributeValue {
		kinds := 7
		if depth > 0 {
			kinds = 9
		}
		switch rapid.IntRange(0, kinds).Draw(t, "kind") {
		case 0:
			return &types.AttributeValueMemberS{Value: rapid.String().Draw(t, "s")}
		case 1:
			return &types.AttributeValueMemberN{Value: fmt.Sprint(rapid.Int64().Draw(t, "n"))}
		case 2:
			return &types.AttributeValueMemberB{Value: rapid.SliceOf(rapid.Byte()).Draw(t, "b")}
		case 3:
			return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "bool")}
		case 4:
			return &types.AttributeValueMemberNULL{Value: true}
		case 5:
			return &types.AttributeValueMemberSS{Value: rapid.SliceOfNDistinct(rapid.String(), 1, 4, rapid.ID[string]).
				Draw(t, "ss")}
		case 6:
			numbers := rapid.SliceOfNDistinct(rapid.Int64(), 1, 4, rapid.ID[int64]).Draw(t, "ns")
			texts := make([]string, len(numbers))
			for i, n := range numbers {
				texts[i] = fmt.Sprint(n)
			}
			return &types.AttributeValueMemberNS{Value: texts}
		case 7:
			return &types.AttributeValueMemberBS{Value: rapid.SliceOfNDistinct(rapid.SliceOf(rapid.Byte()), 1, 3,
				func(b []byte) string { return string(b) }).Draw(t, "bs")}
		case 8:
			return &types.AttributeValueMemberL{Value: rapid.SliceOfN(anyValue(depth-1), 0, 4).Draw(t, "l")}
		}
		return &types.AttributeValueMemberM{Value: rapid.MapOfN(rapid.StringN(1, 5, -1), anyValue(depth-1), 0, 4).
			Draw(t, "m")}
	})
}

func anyItem() *rapid.Generator[map[string]types.AttributeValue] {
	return rapid.MapOfN(rapid.StringN(1, 8, -1), anyValue(3), 0, 8)
}

// TestPackedItemsHoldTheirItems packs any item and finds the same size, the same JSON, the same attributes and the same
// item.
func TestPackedItemsHoldTheirItems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		item := anyItem().Draw(t, "item")
		form, err := packed.Pack(item)
		require.NoError(t, err)
		require.Equal(t, size.Item(item), form.Size())
		again, err := packed.Pack(form.Map())
		require.NoError(t, err)
		require.Equal(t, form, again, "packing what was unpacked")
		var ours, theirs any
		require.NoError(t, json.Unmarshal(form.AppendJSON(nil), &ours))
		require.NoError(t, json.Unmarshal(wire.AppendItem(nil, form.Map()), &theirs))
		require.Equal(t, theirs, ours)
		for name := range item {
			v, ok := form.Attribute(name)
			require.True(t, ok)
			require.Equal(t, form.Map()[name], v)
		}
		_, ok := form.Attribute("\x00no such name")
		require.False(t, ok)
		kept := form.Project(func(name string) bool { return len(name)%2 == 0 })
		want := map[string]types.AttributeValue{}
		for name, v := range form.Map() {
			if len(name)%2 == 0 {
				want[name] = v
			}
		}
		require.Equal(t, want, kept.Map())
		require.Equal(t, size.Item(want), kept.Size())
	})
}

func TestPackedItemsAreCanonical(t *testing.T) {
	a := parseItem(t,
		`{"n":{"N":"1.0"},"s":{"SS":["b","a"]},"t":{"NS":["10","9"]},"m":{"M":{"y":{"N":"1e2"},"x":{"NULL":true}}}}`)
	b := parseItem(t,
		`{"m":{"M":{"x":{"NULL":true},"y":{"N":"100"}}},"t":{"NS":["9","1e1"]},"s":{"SS":["a","b"]},"n":{"N":"1"}}`)
	first, err := packed.Pack(a)
	require.NoError(t, err)
	second, err := packed.Pack(b)
	require.NoError(t, err)
	assert.Equal(t, first, second)
}

func TestValuesThatAreNone(t *testing.T) {
	for value, message := range map[string]string{
		`{"N":""}`:       "The parameter cannot be converted to a numeric value: ",
		`{"N":"abc"}`:    "The parameter cannot be converted to a numeric value: abc",
		`{"N":"1e126"}`:  "Number overflow. Attempting to store a number with magnitude larger than supported range",
		`{"N":"1e-131"}`: "Number underflow. Attempting to store a number with magnitude smaller than supported range",
		`{"N":"` + strings.Repeat("1", 39) + `"}`: "Attempting to store more than 38 significant digits in a Number",
		`{"SS":[]}`: "One or more parameter values were invalid: An string set  may not be empty",
		`{"NS":[]}`: "One or more parameter values were invalid: An number set  may not be empty",
		`{"BS":[]}`: "One or more parameter values were invalid: Binary sets should not be empty",
		`{"SS":["a","a"]}`: "One or more parameter values were invalid: Input collection [\"a\", \"a\"] contains " +
			"duplicates.",
		`{"NS":["1","1.0"]}`: "One or more parameter values were invalid: Input collection contains duplicates.",
		`{"BS":["YQ==","YQ=="]}`: "One or more parameter values were invalid: Input collection [\"YQ==\",\"YQ==\"]of " +
			"type BS contains duplicates.",
		`{"NULL":false}`: "One or more parameter values were invalid: Null attribute value types must have the " +
			"value of true",
		`{"M":{"":{"S":"a"}}}`: "Empty attribute name",
	} {
		e := withTables(t, Options{})
		assert.Equal(t, "ValidationException: 1 validation error detected: "+message,
			refused(t, e, "PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"a"},"v":`+value+`}}`), value)
		assert.Equal(t, "ValidationException: 1 validation error detected: "+message,
			refused(t, e, "PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"a"},"v":{"L":[`+value+`]}}}`), value)
	}
}

// nothings are values that hold nothing, with the service's messages for them.
func nothings() map[types.AttributeValue]string {
	return map[types.AttributeValue]string{
		&types.UnknownUnionMember{}: "Supplied AttributeValue is empty, must contain exactly one of " +
			"the supported datatypes",
		&types.UnknownUnionMember{Tag: wire.Several}: "Supplied AttributeValue has more than one datatypes set, must " +
			"contain exactly one of the supported datatypes",
		(*types.UnknownUnionMember)(nil): "Supplied AttributeValue is empty, must contain exactly one of the " +
			"supported datatypes",
		struct{ types.AttributeValue }{}: "Supplied AttributeValue is empty, must contain exactly one of the " +
			"supported datatypes",
		&struct{ types.AttributeValue }{}: "Supplied AttributeValue is empty, must contain exactly one of the " +
			"supported datatypes",
		(*types.AttributeValueMemberS)(nil): "The supplied Item contains a null AttributeValue",
		(*types.AttributeValueMemberN)(nil): "The supplied Item contains a null AttributeValue",
		(*types.AttributeValueMemberM)(nil): "The supplied Item contains a null AttributeValue",
	}
}

// TestNothingIsRefusedEverywhere puts what is no value in every place of a request that takes one.
func TestNothingIsRefusedEverywhere(t *testing.T) {
	e := withTables(t, Options{})
	type item = map[string]types.AttributeValue
	a := &types.AttributeValueMemberS{Value: "a"}
	all := nothings()
	all[nil] = "The supplied Item contains a null AttributeValue"
	table := aws.String("tab_h")
	for v, message := range all {
		for place, err := range map[string]func() error{
			"item": func() error {
				_, err := e.PutItem(background, &dynamodb.PutItemInput{TableName: table, Item: item{"p": a, "v": v}})
				return err
			},
			"list": func() error {
				_, err := e.PutItem(background,
					&dynamodb.PutItemInput{TableName: table,
						Item: item{"p": a, "v": &types.AttributeValueMemberL{Value: []types.AttributeValue{v}}}})
				return err
			},
			"map": func() error {
				_, err := e.PutItem(background,
					&dynamodb.PutItemInput{TableName: table,
						Item: item{"p": a, "v": &types.AttributeValueMemberM{Value: item{"x": v}}}})
				return err
			},
			"item's key": func() error {
				_, err := e.PutItem(background, &dynamodb.PutItemInput{TableName: table, Item: item{"p": v}})
				return err
			},
			"key": func() error {
				_, err := e.GetItem(background, &dynamodb.GetItemInput{TableName: table, Key: item{"p": v}})
				return err
			},
			"start key": func() error {
				_, err := e.Scan(background, &dynamodb.ScanInput{TableName: table, ExclusiveStartKey: item{"p": v}})
				return err
			},
			"key of a batch": func() error {
				_, err := e.BatchGetItem(background,
					&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"tab_h": {Keys: []item{{"p": v}}}}})
				return err
			},
			"key of a transaction": func() error {
				_, err := e.TransactWriteItems(background, &dynamodb.TransactWriteItemsInput{
					TransactItems: []types.TransactWriteItem{
						{Delete: &types.Delete{TableName: table, Key: item{"p": v}}}}})
				return err
			},
			"expression": func() error {
				_, err := e.Scan(background, &dynamodb.ScanInput{TableName: table,
					FilterExpression: aws.String("a = :v"), ExpressionAttributeValues: item{":v": v}})
				return err
			},
			"map of an expression": func() error {
				_, err := e.Scan(background, &dynamodb.ScanInput{TableName: table,
					FilterExpression:          aws.String("a = :v"),
					ExpressionAttributeValues: item{":v": &types.AttributeValueMemberM{Value: item{"x": v}}}})
				return err
			},
			"filter": func() error {
				_, err := e.Scan(background, &dynamodb.ScanInput{TableName: table,
					ScanFilter: map[string]types.Condition{"a": {ComparisonOperator: "EQ",
						AttributeValueList: []types.AttributeValue{v}}}})
				return err
			},
			"key condition": func() error {
				_, err := e.Query(background,
					&dynamodb.QueryInput{TableName: table,
						KeyConditions: map[string]types.Condition{"p": {ComparisonOperator: "EQ",
							AttributeValueList: []types.AttributeValue{v}}}})
				return err
			},
		} {
			if err := err(); assert.Error(t, err, "%T in %s", v, place) {
				assert.Contains(t, err.Error(), message, "%T in %s", v, place)
			}
		}
		if v == nil {
			continue // stands for no Value
		}
		_, err := e.UpdateItem(background, &dynamodb.UpdateItemInput{TableName: table, Key: item{"p": a},
			AttributeUpdates: map[string]types.AttributeValueUpdate{"a": {Action: "PUT", Value: v}}})
		assert.ErrorContains(t, err, message, "%T in an update", v)
		_, err = e.PutItem(background, &dynamodb.PutItemInput{TableName: table, Item: item{"p": a},
			Expected: map[string]types.ExpectedAttributeValue{"a": {Value: v}}})
		assert.ErrorContains(t, err, message, "%T expected", v)
	}
	for _, request := range []string{`[{}]`, `[null]`, `[{"PutRequest":null}]`,
		`[{"PutRequest":{"Item":{"p":{"S":"a"}}},"DeleteRequest":{"Key":{"p":{"S":"b"}}}}]`} {
		assert.Equal(t, "ValidationException: "+wire.MessageSeveral,
			refused(t, e, "BatchWriteItem", `{"RequestItems":{"tab_h":`+request+`}}`), request)
	}
	assert.Equal(t, "ValidationException: 1 validation error detected: The supplied Item contains a null "+
		"AttributeValue: b is null",
		refused(t, e, "PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"a"},"a":{},"c":null,"b":null}}`),
		"nulls are found first")
}

// TestNesting counts levels: the item is one, and each list or map, also an empty one, is another.
func TestNesting(t *testing.T) {
	const refusal = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond " +
		"supported limit"
	e := withTables(t, Options{})
	within := func(lists int, innermost string) string {
		return strings.Repeat(`{"L":[`, lists) + innermost + strings.Repeat(`]}`, lists)
	}
	deepest, tooDeep := []string{within(31, `{"S":"x"}`), within(30, `{"L":[]}`), within(30, `{"M":{}}`)},
		[]string{within(32, `{"S":"x"}`), within(31, `{"L":[]}`), within(31, `{"M":{}}`),
			within(31, `{"M":{"a":{"S":"x"}}}`)}
	const update = `{"TableName":"tab_h","Key":{"p":{"S":"b"}},`
	for name, r := range map[string]struct{ operation, before, after, refusal string }{
		"put": {"PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"a"},"v":`, `}}`,
			"1 validation error detected: " + refusal},
		"batch": {"BatchWriteItem", `{"RequestItems":{"tab_h":[{"PutRequest":{"Item":{"p":{"S":"a"},"v":`,
			`}}}]}}`, refusal},
		"transaction": {"TransactWriteItems",
			`{"TransactItems":[{"Put":{"TableName":"tab_h","Item":{"p":{"S":"a"},"v":`, `}}}]}`, refusal},
		"update": {"UpdateItem", update + `"UpdateExpression":"SET v = :v","ExpressionAttributeValues":{":v":`,
			`}}`, "1 validation error detected: " + refusal},
		"condition": {"UpdateItem",
			update +
				`"UpdateExpression":"SET w = p","ConditionExpression":"v <> :v","ExpressionAttributeValues":{":v":`,
			`}}`,
			"1 validation error detected: " + refusal},
		"attribute updates": {"UpdateItem", update + `"AttributeUpdates":{"v":{"Value":`, `}}}`,
			"1 validation error detected: " + refusal},
		"expected of an update": {"UpdateItem", update + `"Expected":{"x":{"ComparisonOperator":"NE","Value":`, `}}}`,
			"1 validation error detected: " + refusal},
	} {
		for _, v := range deepest {
			_, err := call(e, r.operation, []byte(r.before+v+r.after))
			assert.NotContains(t, errorMessage(err), "Nesting", name)
		}
		for _, v := range tooDeep {
			assert.Equal(t, "ValidationException: "+r.refusal, refused(t, e, r.operation, r.before+v+r.after), name)
		}
	}
	const put = `{"TableName":"tab_h","Item":{"p":{"S":"c"}},`
	for _, v := range tooDeep { // what a put only compares with may be one deeper
		for _, request := range []string{
			put + `"Expected":{"p":{"ComparisonOperator":"NE","Value":` + v + `}}}`,
			put + `"ConditionExpression":"p <> :v","ExpressionAttributeValues":{":v":` + v + `}}`,
		} {
			_, err := call(e, "PutItem", []byte(request))
			assert.NotContains(t, errorMessage(err), "Nesting")
		}
	}
}

// TestPackedReadsAnswerAlike compares the reads that hand items over packed with those that make maps.
func TestPackedReadsAnswerAlike(t *testing.T) {
	e := withTables(t, Options{})
	rapid.Check(t, func(r *rapid.T) {
		item := anyItem().Draw(r, "item")
		item["p"] = &types.AttributeValueMemberS{Value: rapid.StringN(1, 5, -1).Draw(r, "p")}
		item["lst"] = &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberM{Value: maps.Clone(item)}, anyValue(1).Draw(r, "element")}}
		if _, err := e.PutItem(background, &dynamodb.PutItemInput{TableName: new("tab_h"), Item: item}); err != nil {
			r.Skip("too large, or too deep")
		}
		var part *string
		if p := rapid.SampledFrom([]string{"", "p", "lst[1]", "lst[0].p, p", "absent"}).Draw(r, "projection"); p != "" {
			part = &p
		}
		key := map[string]types.AttributeValue{"p": item["p"]}
		get := &dynamodb.GetItemInput{TableName: new("tab_h"), Key: key, ProjectionExpression: part}
		got, err := e.GetItem(background, get)
		require.NoError(r, err)
		_, packed, err := e.GetPacked(background, get)
		require.NoError(r, err)
		require.JSONEq(r, string(wire.AppendItem(nil, got.Item)), string(packed.AppendJSON(nil)))

		query := &dynamodb.QueryInput{TableName: new("tab_h"), KeyConditionExpression: new("p = :p"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":p": item["p"]}, ProjectionExpression: part}
		queried, err := e.Query(background, query)
		require.NoError(r, err)
		counts, items, err := e.QueryPacked(background, query)
		require.NoError(r, err)
		require.Nil(r, counts.Items)
		require.Equal(r, queried.Count, counts.Count)
		require.Len(r, items, 1)
		require.JSONEq(r, string(wire.AppendItem(nil, queried.Items[0])), string(items[0].AppendJSON(nil)))

		batch := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			"tab_h": {Keys: []map[string]types.AttributeValue{key}, ProjectionExpression: part}}}
		whole, err := e.BatchGetItem(background, batch)
		require.NoError(r, err)
		_, responses, err := e.BatchGetPacked(background, batch)
		require.NoError(r, err)
		require.JSONEq(r, string(wire.AppendItem(nil, whole.Responses["tab_h"][0])),
			string(responses["tab_h"][0].AppendJSON(nil)))
	})
}

// TestNothingIsShared changes what was handed in and what came out, and finds the items unchanged.
func TestNothingIsShared(t *testing.T) {
	e := withTables(t, Options{})
	item := func() map[string]types.AttributeValue {
		return parseItem(t,
			`{"p":{"S":"a"},"b":{"B":"YWJj"},"bs":{"BS":["YQ==","Yg=="]},"ss":{"SS":["a","b"]},
				"l":{"L":[{"B":"YWJj"},{"M":{"x":{"SS":["c"]}}}]},"m":{"M":{"x":{"B":"YWJj"}}}}`)
	}
	want := string(wire.AppendItem(nil, item()))
	in := &dynamodb.PutItemInput{TableName: new("tab_h"), Item: item()}
	_, err := e.PutItem(background, in)
	require.NoError(t, err)
	spoilItem(in.Item)
	require.JSONEq(t, want, itemOf(t, e, "tab_h", `{"p":{"S":"a"}}`), "after changing what was put")

	get := &dynamodb.GetItemInput{TableName: new("tab_h"), Key: parseItem(t, `{"p":{"S":"a"}}`)}
	out, err := e.GetItem(background, get)
	require.NoError(t, err)
	spoilItem(out.Item)
	require.JSONEq(t, want, itemOf(t, e, "tab_h", `{"p":{"S":"a"}}`), "after changing what was got")

	scanned, err := e.Scan(background, &dynamodb.ScanInput{TableName: new("tab_h")})
	require.NoError(t, err)
	spoilItem(scanned.Items[0])
	update := &dynamodb.UpdateItemInput{
		TableName: new("tab_h"), Key: parseItem(t, `{"p":{"S":"a"}}`), ReturnValues: types.ReturnValueAllNew,
		UpdateExpression:          new("SET n = :v, m.y = :v"),
		ExpressionAttributeValues: parseItem(t, `{":v":{"L":[{"B":"YWJj"},{"SS":["x"]}]}}`),
	}
	updated, err := e.UpdateItem(background, update)
	require.NoError(t, err)
	want = string(wire.AppendItem(nil, updated.Attributes))
	spoilItem(update.ExpressionAttributeValues)
	spoilItem(updated.Attributes)
	require.JSONEq(t, want, itemOf(t, e, "tab_h", `{"p":{"S":"a"}}`), "after changing an update's values")
}

// spoilItem overwrites all that can be overwritten in an item.
func spoilItem(item map[string]types.AttributeValue) {
	for name, v := range item {
		spoilValue(v)
		if name != "p" {
			delete(item, name)
		}
	}
	item["added"] = &types.AttributeValueMemberNULL{Value: true}
}

func spoilValue(v types.AttributeValue) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		v.Value = "spoiled"
	case *types.AttributeValueMemberN:
		v.Value = "666"
	case *types.AttributeValueMemberB:
		clear(v.Value)
	case *types.AttributeValueMemberSS:
		v.Value[0] = "spoiled"
	case *types.AttributeValueMemberBS:
		clear(v.Value[0])
	case *types.AttributeValueMemberL:
		for i, e := range v.Value {
			spoilValue(e)
			v.Value[i] = &types.AttributeValueMemberNULL{Value: true}
		}
	case *types.AttributeValueMemberM:
		spoilItem(v.Value)
	}
}
