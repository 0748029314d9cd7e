package dynamotest_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
)

// A Match that no call can meet, or whose calls the effect does nothing to, makes every call fail and says why, so that
// a test cannot pass because its fault never fired.
func TestMatchesThatSelectNothing(t *testing.T) {
	one := item{"id": n("1")}
	for want, f := range map[string]dynamotest.Fault{
		"Query has no key or item, and Key selects by one": {On: dynamotest.Match{Operation: "Query", Key: one},
			Do: dynamotest.InternalError()},
		"DescribeTable has no key or item, and Key selects by one": {On: dynamotest.Match{Operation: "DescribeTable",
			Key: one}, Do: dynamotest.InternalError()},
		"GetItem reads no index, and Index selects one": {On: dynamotest.Match{Operation: "GetItem",
			Index: "x"}, Do: dynamotest.InternalError()},
		"ListTables works on no table, and Table selects one": {On: dynamotest.Match{Operation: "ListTables",
			Table: "pets"}, Do: dynamotest.InternalError()},
		"no call has both an Index and a Key": {On: dynamotest.Match{Index: "x", Key: one},
			Do: dynamotest.InternalError()},
		"Key: id has no value": {On: dynamotest.Match{Key: item{"id": nil}},
			Do: dynamotest.InternalError()},
		"Key: id is not a number": {On: dynamotest.Match{Key: item{"id": n("x")}},
			Do: dynamotest.InternalError()},
		"Unprocessed does nothing to PutItem": {On: dynamotest.Match{Operation: "PutItem"},
			Do: dynamotest.Unprocessed(0)},
		"Stale does nothing to PutItem": {On: dynamotest.Match{Operation: "PutItem"},
			Do: dynamotest.Stale(1)},
		"StaleFor does nothing to TransactGetItems": {On: dynamotest.Match{Operation: "TransactGetItems"},
			Do: dynamotest.StaleFor(1)},
		"Throttle does nothing to CreateTable": {On: dynamotest.Match{Operation: "CreateTable"},
			Do: dynamotest.Throttle()},
		"ThrottleOnDemand does nothing to GetRecords": {On: dynamotest.Match{Operation: "GetRecords"},
			Do: dynamotest.ThrottleOnDemand()},
		"Conflict does nothing to GetItem": {On: dynamotest.Match{Operation: "GetItem"},
			Do: dynamotest.Conflict()},
	} {
		fake := dynamotest.New(t, pets)
		fake.Inject(f)
		err := putPet(context.Background(), fake, 1)
		assert.EqualError(t, err, "operation error DynamoDB: PutItem, dynamotest: fault 1: "+want)
	}
}

// A table is matched by its ARN as by its name, and the key as it was when the fault was injected.
func TestMatchTakesARNs(t *testing.T) {
	fake := dynamotest.New(t, pets)
	key := item{"id": n("1.0")}
	i := fake.Inject(dynamotest.Fault{On: dynamotest.Match{Table: "arn:aws:dynamodb:us-east-1:000000000000:table/pets",
		Key: key}, Do: dynamotest.InternalError()})
	key["id"] = n("2")
	assert.Error(t, putPet(context.Background(), fake, 1))
	assert.NoError(t, putPet(context.Background(), fake, 2))
	assert.Equal(t, 1, i.Fired())
}

// Only the matching table's part of a batch is left out, even where its key is the very map that another table's part
// has.
func TestUnprocessedOfOneTable(t *testing.T) {
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		_, err := fake.CreateTable(context.Background(),
			&dynamodb.CreateTableInput{TableName: aws.String("pets2"), BillingMode: "PAY_PER_REQUEST",
				AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"),
					AttributeType: "N"}},
				KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: "HASH"}}})
		require.NoError(t, err)
		i := fake.Inject(dynamotest.Fault{On: dynamotest.Match{Table: "pets"}, Do: dynamotest.Unprocessed(0)})
		key := item{"id": n("1")}
		out, err := client.BatchGetItem(context.Background(),
			&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
				"pets":  {Keys: []map[string]types.AttributeValue{key}},
				"pets2": {Keys: []map[string]types.AttributeValue{key}}}})
		require.NoError(t, err)
		assert.Len(t, out.UnprocessedKeys, 1)
		assert.Contains(t, out.UnprocessedKeys, "pets")
		w, err := client.BatchWriteItem(context.Background(),
			&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
				"pets":  {{PutRequest: &types.PutRequest{Item: key}}},
				"pets2": {{PutRequest: &types.PutRequest{Item: key}}}}})
		require.NoError(t, err)
		assert.Len(t, w.UnprocessedItems, 1)
		assert.Contains(t, w.UnprocessedItems, "pets")
		assert.Equal(t, 2, i.Fired())
	})
}

// A transaction whose answer was lost took place, and its replay by token does not take place again.
func TestTransactionsWithoutAnswer(t *testing.T) {
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		fake.Inject(dynamotest.Fault{Times: 1, Do: dynamotest.LoseAnswer()})
		in := &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String("tok"),
			TransactItems: []types.TransactWriteItem{{Update: &types.Update{
				TableName: aws.String("pets"), Key: item{"id": n("1")}, UpdateExpression: aws.String("ADD c :o"),
				ExpressionAttributeValues: item{":o": n("1")}}}}}
		_, err := client.TransactWriteItems(context.Background(), in)
		require.Error(t, err)
		_, err = client.TransactWriteItems(context.Background(), in)
		require.NoError(t, err)
		assert.Contains(t, fake.Dump("pets"), "c N 1\n")
	})
}
