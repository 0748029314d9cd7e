package dynamotest_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
)

// work is one of each kind of call that is counted in its own way.
func work(t *testing.T, client dynamoDB) {
	ctx := context.Background()
	big := s(strings.Repeat("x", 1500))
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("indexed"),
		Item: item{"p": s("a"), "s": n("1"), "g": s("x"), "big": big}})
	require.NoError(t, err)
	_, err = client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("indexed"),
		Item:                item{"p": s("a"), "s": n("1"), "secret": s("value")},
		ConditionExpression: aws.String("attribute_not_exists(p)")})
	require.Error(t, err)
	_, err = client.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("indexed"), IndexName: aws.String("by_g"),
		KeyConditionExpression: aws.String("g = :g"), ExpressionAttributeValues: item{":g": s("x")}})
	require.NoError(t, err)
	_, err = client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		"indexed": {Keys: []map[string]types.AttributeValue{{"p": s("a"), "s": n("1")}, {"p": s("a"), "s": n("2")}}},
		"pets":    {Keys: []map[string]types.AttributeValue{{"id": n("1")}}, ConsistentRead: aws.Bool(true)}}})
	require.NoError(t, err)
	_, err = client.TransactWriteItems(ctx, transaction(1, 2))
	require.NoError(t, err)
	_, err = client.ListTables(ctx, &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	_, err = client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("nobody"), Key: item{"id": n("1")}})
	require.Error(t, err)
}

func TestUsage(t *testing.T) {
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		fake.ResetUsage() // New's own calls
		work(t, client)
		usage := fake.Usage()
		assert.Equal(t, dynamotest.Usage{
			Calls:  7,
			Errors: map[string]int{"ConditionalCheckFailedException": 1, "ResourceNotFoundException": 1},
			Lines: []dynamotest.UsageLine{
				{Operation: "BatchGetItem", Table: "indexed", Calls: 1, Items: 2, Read: 1},
				{Operation: "BatchGetItem", Table: "pets", Calls: 1, Items: 1, Read: 1},
				{Operation: "GetItem", Table: "nobody", Calls: 1, Failed: 1},
				{Operation: "ListTables", Calls: 1},
				{Operation: "PutItem", Table: "indexed", Calls: 2, Failed: 1, Items: 2, Write: 4},
				{Operation: "PutItem", Table: "indexed", Index: "by_g", Write: 2},
				{Operation: "Query", Table: "indexed", Index: "by_g", Calls: 1, Items: 1, Read: 0.5},
				{Operation: "TransactWriteItems", Table: "pets", Calls: 1, Items: 2, Write: 4},
			},
		}, usage)
		assert.Equal(t, dynamotest.UsageLine{Operation: "PutItem", Calls: 2, Failed: 1, Items: 2, Write: 6},
			usage.Operation("PutItem"))
		assert.Equal(t, dynamotest.UsageLine{Table: "pets", Calls: 2, Items: 3, Read: 1, Write: 4}, usage.Table("pets"))
		assert.Equal(t, dynamotest.UsageLine{Table: "indexed", Index: "by_g", Calls: 1, Items: 1, Read: 0.5, Write: 2},
			usage.Index("indexed", "by_g"))
		fake.ResetUsage()
		assert.Equal(t, dynamotest.Usage{}, fake.Usage())
		assert.Equal(t, 7, usage.Calls, "what was read does not change")
	})
}

func TestUsageString(t *testing.T) {
	fake := dynamotest.New(t, pets, indexed)
	fake.ResetUsage()
	work(t, fake)
	assert.Equal(t, strings.TrimPrefix(`
operation           on            calls  failed  items  read  write
BatchGetItem        indexed       1      0       2      1     0
BatchGetItem        pets          1      0       1      1     0
GetItem             nobody        1      1       0      0     0
ListTables          -             1      0       0      0     0
PutItem             indexed       2      1       2      0     4
PutItem             indexed/by_g  0      0       0      0     2
Query               indexed/by_g  1      0       1      0.5   0
TransactWriteItems  pets          1      0       2      0     4
1 × ConditionalCheckFailedException
1 × ResourceNotFoundException
`, "\n"), fake.Usage().String())
}

// counted is a test that counts its failures and keeps the last.
type counted struct {
	testing.TB
	failures int
	message  string
}

func (c *counted) Helper() {}
func (c *counted) Errorf(format string, args ...any) {
	c.failures++
	c.message = fmt.Sprintf(format, args...)
}

// A budget is exceeded by any of its bounds, and the failure lists the calls and no value.
func TestAssertCost(t *testing.T) {
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		for _, test := range []struct {
			budget dynamotest.Budget
			over   string
		}{
			{dynamotest.Budget{Read: 2.5, Write: 10, Calls: 7}, ""},
			{dynamotest.Budget{Read: 2.5, Write: 10}, ""},
			{dynamotest.Budget{Read: 2, Write: 10}, "2.5 read units, 2 allowed"},
			{dynamotest.Budget{Read: 100, Write: 9.5, Calls: 6}, "10 write units, 9.5 allowed; 7 calls, 6 allowed"},
			{dynamotest.Budget{}, "2.5 read units, 0 allowed; 10 write units, 0 allowed"},
		} {
			_, _ = client.DeleteItem(context.Background(),
				&dynamodb.DeleteItemInput{TableName: aws.String("indexed"), Key: item{"p": s("a"), "s": n("1")}})
			for _, id := range []string{"1", "2"} {
				_, _ = client.DeleteItem(context.Background(),
					&dynamodb.DeleteItemInput{TableName: aws.String("pets"), Key: item{"id": n(id)}})
			}
			c := &counted{}
			dynamotest.AssertCost(c, fake, test.budget, func() { work(t, client) })
			if test.over == "" {
				assert.Empty(t, c.message)
				continue
			}
			assert.Equal(t, 1, c.failures)
			assert.Equal(t, "dynamotest: over budget: "+test.over+`
   operation           on             read  write  items
1  PutItem             indexed        0     4      1      2 for indexed/by_g
2  PutItem             indexed        0     2      1      ConditionalCheckFailedException
3  Query               indexed/by_g   0.5   0      1
4  BatchGetItem        indexed, pets  2     0      3
5  TransactWriteItems  pets           0     4      2
6  ListTables                         0     0      0
7  GetItem             nobody         0     0      0      ResourceNotFoundException
   total                              2.5   10
`, c.message)
		}
	})
}

// Measurements that overlap each count all calls, whoever makes them; none is left when they end.
func TestMeasurementsOverlap(t *testing.T) {
	fake := dynamotest.New(t, pets)
	var all sync.WaitGroup
	var inner dynamotest.Cost
	outer := fake.Measure(func() {
		require.NoError(t, putPet(context.Background(), fake, 0))
		inner = fake.Measure(func() {
			for i := range 20 {
				all.Go(func() { assert.NoError(t, putPet(context.Background(), fake, i)) })
			}
			all.Wait()
		})
	})
	require.NoError(t, putPet(context.Background(), fake, 0))
	assert.Len(t, inner.Calls, 20)
	assert.EqualValues(t, 20, inner.Write)
	assert.Len(t, outer.Calls, 21)
	assert.Empty(t, fake.Measure(func() {}).Calls)
}

// What many goroutines do is counted in full.
func TestUsageOfConcurrentCalls(t *testing.T) {
	const goroutines, each = 8, 100
	fake := dynamotest.New(t, pets)
	fake.ResetUsage()
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for range each {
				assert.NoError(t, putPet(context.Background(), fake, g))
				_ = fake.Usage()
			}
		})
	}
	all.Wait()
	usage := fake.Usage()
	assert.Equal(t, goroutines*each, usage.Calls)
	assert.Equal(t, dynamotest.UsageLine{Operation: "PutItem", Calls: goroutines * each, Items: goroutines * each,
		Write: goroutines * each}, usage.Operation("PutItem"))
}
