package dynamotest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
)

// spoil changes everything in an item that can be changed in place.
func spoil(it item) {
	for name, v := range it {
		spoilValue(v)
		delete(it, name)
	}
	it["spoilt"] = s("yes")
}

func spoilValue(v types.AttributeValue) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		v.Value = "spoilt"
	case *types.AttributeValueMemberN:
		v.Value = "666"
	case *types.AttributeValueMemberB:
		for i := range v.Value {
			v.Value[i] = 'x'
		}
	case *types.AttributeValueMemberSS:
		v.Value[0] = "spoilt"
	case *types.AttributeValueMemberL:
		for i, e := range v.Value {
			spoilValue(e)
			v.Value[i] = s("spoilt")
		}
	case *types.AttributeValueMemberM:
		spoil(v.Value)
	}
}

// What any operation was given or has returned can be changed by its caller without effect on what is stored.
func TestNoOperationSharesValues(t *testing.T) {
	ctx := context.Background()
	fake := dynamotest.New(t, pets)
	key := func() item { return item{"id": n("1")} }
	whole := func() item {
		return item{"id": n("1"), "name": s("Rachel"), "b": &types.AttributeValueMemberB{Value: []byte("abc")},
			"ss": &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
			"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("x"),
				&types.AttributeValueMemberM{Value: item{"y": n("2")}}}}}
	}
	table := aws.String("pets")
	in := whole()
	_, err := fake.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: in})
	require.NoError(t, err)
	want := fake.Dump()
	same := func(operation string, spoiled ...item) {
		t.Helper()
		for _, it := range spoiled {
			require.NotEmpty(t, it, operation)
			spoil(it)
		}
		assert.Equal(t, want, fake.Dump(), operation)
	}
	same("PutItem", in)

	k := key()
	got, err := fake.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: k})
	require.NoError(t, err)
	same("GetItem", k, got.Item)

	in = whole()
	put, err := fake.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: in,
		ReturnValues: types.ReturnValueAllOld})
	require.NoError(t, err)
	same("PutItem's old item", in, put.Attributes)

	k = key()
	values := item{":l": whole()["l"]}
	updated, err := fake.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: k,
		UpdateExpression:          aws.String("SET l = :l"),
		ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew})
	require.NoError(t, err)
	same("UpdateItem", k, values, updated.Attributes)

	in = whole()
	_, err = fake.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: in,
		ConditionExpression:                 aws.String("attribute_not_exists(id)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
	var failed *types.ConditionalCheckFailedException
	require.ErrorAs(t, err, &failed)
	same("a failed condition", in, failed.Item)

	values = item{":id": n("1")}
	queried, err := fake.Query(ctx, &dynamodb.QueryInput{TableName: table,
		KeyConditionExpression: aws.String("id = :id"), ExpressionAttributeValues: values, Limit: aws.Int32(1)})
	require.NoError(t, err)
	same("Query", values, queried.Items[0])

	scanned, err := fake.Scan(ctx, &dynamodb.ScanInput{TableName: table, Limit: aws.Int32(1)})
	require.NoError(t, err)
	same("Scan", scanned.Items[0], scanned.LastEvaluatedKey)

	k = key()
	batch, err := fake.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{"pets": {Keys: []item{k}}}})
	require.NoError(t, err)
	same("BatchGetItem", k, batch.Responses["pets"][0])

	in = whole()
	_, err = fake.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{"pets": {{PutRequest: &types.PutRequest{Item: in}}}}})
	require.NoError(t, err)
	same("BatchWriteItem", in)

	k = key()
	read, err := fake.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{
		TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: table, Key: k}}}})
	require.NoError(t, err)
	same("TransactGetItems", k, read.Responses[0].Item)

	in = whole()
	_, err = fake.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: table, Item: in}}}})
	require.NoError(t, err)
	same("TransactWriteItems", in)

	fake.Inject(dynamotest.Fault{Do: dynamotest.Unprocessed(0)})
	in = whole()
	left, err := fake.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{"pets": {{PutRequest: &types.PutRequest{Item: in}}}}})
	require.NoError(t, err)
	spoil(left.UnprocessedItems["pets"][0].PutRequest.Item)
	assert.Equal(t, whole(), in, "what is unprocessed is a copy")

	k = key()
	gone, err := fake.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: k,
		ReturnValues: types.ReturnValueAllOld})
	require.NoError(t, err)
	assert.Equal(t, item(whole()), gone.Attributes)
}

// Values nested deeper than the service takes are its ValidationException or SerializationException over HTTP, and
// nothing is written of a request that has one.
func TestDeepNesting(t *testing.T) {
	fake := dynamotest.New(t, pets)
	server, err := dynamotest.NewServer(fake)
	require.NoError(t, err)
	defer server.Close()
	nested := func(depth int) string {
		return strings.Repeat(`{"L":[`, depth) + `{"S":"x"}` + strings.Repeat(`]}`, depth)
	}
	put := func(depth int) response {
		return do(t, request(t, server, tables+"BatchWriteItem",
			`{"RequestItems":{"pets":[{"PutRequest":{"Item":{"id":{"N":"1"}}}},`+
				`{"PutRequest":{"Item":{"id":{"N":"2"},"deep":`+nested(depth)+`}}}]}}`))
	}
	for _, depth := range []int{33, 1000, 100_000} {
		res := put(depth)
		assert.Equal(t, 400, res.status)
		assert.Regexp(t, `#(Validation|Serialization)Exception"`, res.body)
		assert.Contains(t, fake.Dump(), "items 0\n")
	}
	assert.Equal(t, 200, put(31).status)
	assert.Contains(t, fake.Dump(), "items 2\n")
}

// A server listens on the loopback interface unless it is told otherwise.
func TestListensOnLoopback(t *testing.T) {
	assert.True(t, strings.HasPrefix(newServer(t).URL(), "http://127.0.0.1:"))
}
