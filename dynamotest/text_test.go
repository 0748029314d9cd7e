package dynamotest_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
)

const brokenText = "secret\xff"

// textPlaces calls visit with v once for each text that a value of its type can have in it, with that text broken and
// all else that it takes to get there in place.
func textPlaces(v reflect.Value, place string, visit func(place string)) {
	value := func(set types.AttributeValue, at string) {
		v.Set(reflect.ValueOf(set))
		visit(place + at)
		v.SetZero()
	}
	switch {
	case v.Type() == reflect.TypeFor[types.AttributeValue]():
		value(s(brokenText), ".S")
		value(n(brokenText), ".N")
		value(&types.AttributeValueMemberSS{Value: []string{"a", brokenText}}, ".SS[1]")
		value(&types.AttributeValueMemberNS{Value: []string{brokenText}}, ".NS[0]")
		value(&types.AttributeValueMemberL{Value: []types.AttributeValue{s("a"), s(brokenText)}}, ".L[1].S")
		value(&types.AttributeValueMemberM{Value: item{"k": s(brokenText)}}, `.M["k"].S`)
		value(&types.AttributeValueMemberM{Value: item{"k\xfe": s("a")}}, `.M: the name "k\xfe"`)
	case v.Kind() == reflect.String:
		v.SetString(brokenText)
		visit(place)
		v.SetZero()
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		textPlaces(v.Elem(), place, visit)
		v.SetZero()
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		textPlaces(v.Index(1), place+"[1]", visit)
		v.SetZero()
	case v.Kind() == reflect.Map:
		e := reflect.New(v.Type().Elem()).Elem()
		textPlaces(e, place+`["k"]`, func(place string) {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("k"), e)
			visit(place)
		})
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("k\xfe"), e)
		visit(place + `: the name "k\xfe"`)
		v.SetZero()
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				textPlaces(v.Field(i), place+"."+f.Name, visit)
			}
		}
	}
}

// A text that is not UTF-8 is refused wherever a request can hold one, before anything is done, with its place and
// without itself.
func TestTextThatIsNotUTF8(t *testing.T) {
	client := dynamotest.NewClient()
	methods := reflect.ValueOf(client)
	places := 0
	for _, call := range methods.Methods() {
		if call.Type().NumIn() != 3 || !strings.HasSuffix(call.Type().In(1).String(), "Input") {
			continue
		}
		in := reflect.New(call.Type().In(1).Elem())
		textPlaces(in.Elem(), in.Elem().Type().Name(), func(place string) {
			places++
			results := call.CallSlice([]reflect.Value{reflect.ValueOf(context.Background()), in,
				reflect.Zero(call.Type().In(2))})
			err, _ := results[1].Interface().(error)
			var api smithy.APIError
			require.ErrorAs(t, err, &api, place)
			assert.Equal(t, "SerializationException", api.ErrorCode())
			assert.Equal(t, place+" is not valid UTF-8", api.ErrorMessage())
			assert.NotContains(t, err.Error(), "secret")
		})
	}
	assert.Greater(t, places, 400)
	assert.Zero(t, client.Usage().Calls)
}

// Two keys that JSON would make one are refused, and leave what is stored alone.
func TestKeysThatAreNotUTF8(t *testing.T) {
	ctx := context.Background()
	client := dynamotest.New(t, indexed)
	for _, p := range []string{"k\xff", "k\xfe", "k\uFFFD"} {
		_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("indexed"),
			Item: item{"p": s(p), "s": n("1")}})
		assert.Equal(t, p == "k\uFFFD", err == nil, "%v", err)
	}
	out, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("indexed")})
	require.NoError(t, err)
	assert.Len(t, out.Items, 1)
}

// A body with bytes that are not UTF-8 is no request, wherever they stand.
func TestBodiesThatAreNotUTF8(t *testing.T) {
	server := newServer(t)
	for _, body := range []string{
		"{\"TableName\":\"pets\xff\"}", "{\"TableName\":\"pets\",\"Item\":{\"k\xfe\":{\"S\":\"a\"}}}",
		"{\"TableName\":\"pets\",\"Item\":{\"k\":{\"S\":\"a\xc3\"}}}",
		"{\"TableName\":\"pets\",\"Nobody\":[\"\xed\xa0\x80\"]}",
		"{\"TableName\":\"pets\",\"Item\":{\"k\":{\"M\":{\"a\\n\xff\":{\"S\":\"a\"}}}}}", "{\"Nobody\xff\":1}",
		"{}\xff",
	} {
		got := do(t, request(t, server, tables+"PutItem", body))
		assert.Equal(t, 400, got.status, "%q", body)
		assert.Equal(t, `{"__type":"com.amazon.coral.service#SerializationException"}`, got.body, "%q", body)
	}
}

// The SDK writes a token into an input that has none, so that the same input once more is a replay.
func TestATransactionsOwnToken(t *testing.T) {
	bothClients(t, func(t *testing.T, client dynamoDB) {
		in := &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{Update: &types.Update{
			TableName: aws.String("pets"), Key: item{"id": n("1")}, UpdateExpression: aws.String("ADD x :one"),
			ExpressionAttributeValues: item{":one": n("1")}}}}}
		for range 2 {
			_, err := client.TransactWriteItems(context.Background(), in)
			require.NoError(t, err)
		}
		assert.Len(t, aws.ToString(in.ClientRequestToken), 36)
		out, err := client.GetItem(context.Background(),
			&dynamodb.GetItemInput{TableName: aws.String("pets"), Key: item{"id": n("1")}})
		require.NoError(t, err)
		assert.Equal(t, item{"id": n("1"), "x": n("1")}, out.Item)
	})
}
