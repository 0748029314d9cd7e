package engine

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/engine/throttle"
)

var numbered atomic.Int64

var serviceLimits = throttle.Limits{PartitionRead: 3000, PartitionWrite: 1000, Burst: 300 * time.Second}

// limited makes an engine that throttles, with a provisioned table of 5 read and 10 write units whose index has 20 and
// 2, and a table "tab_h" that is billed by request.
func limited(t testing.TB, c *clock) *Engine {
	t.Helper()
	e := withTables(t, Options{Clock: c.read, Limits: &serviceLimits})
	send(t, e, "CreateTable", `{"TableName":"slow","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
		"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],
		"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":10},
		"GlobalSecondaryIndexes":[{"IndexName":"by_g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],
		  "Projection":{"ProjectionType":"ALL"},"ProvisionedThroughput":{"ReadCapacityUnits":20,"WriteCapacityUnits":2}}]}`)
	return e
}

// passing counts how often a request is taken before it is throttled, at most 10,000 times, and gives the refusal.
// Every request has another number for %d.
func passing(t testing.TB, e *Engine, operation, request string) (int, error) {
	t.Helper()
	for i := range 10_000 {
		if _, err := call(e, operation, []byte(strings.ReplaceAll(request, "%d",
			fmt.Sprint(numbered.Add(1))))); err != nil {
			require.True(t, refusal.IsThrottled(err) || errorCode(err) == "TransactionCanceledException", "%v", err)
			return i, err
		}
	}
	return 10_000, nil
}

// reasonIn gives the reason that goes with a refusal.
func reasonIn(t testing.TB, err error) string {
	t.Helper()
	var exceeded *types.ProvisionedThroughputExceededException
	var throttled *types.ThrottlingException
	reasons := []types.ThrottlingReason{}
	if errors.As(err, &exceeded) {
		reasons = exceeded.ThrottlingReasons
	} else if errors.As(err, &throttled) {
		reasons = throttled.ThrottlingReasons
	}
	require.Len(t, reasons, 1)
	return *reasons[0].Reason + " " + (*reasons[0].Resource)[strings.Index(*reasons[0].Resource, "table/"):]
}

// A table passes its burst at once and then its rate, for every kind of request.
func TestProvisionedLimits(t *testing.T) {
	put := `{"TableName":"slow","Item":{"p":{"S":"%d"}}}`
	for name, test := range map[string]struct {
		operation, request string
		burst, rate        int
		reason             string
	}{
		"put": {"PutItem", put, 3000, 10, "TableWriteProvisionedThroughputExceeded table/slow"},
		"put of 2 units": {"PutItem", `{"TableName":"slow","Item":{"p":{"S":"%d"},"x":{"S":"` +
			strings.Repeat("x", 2000) + `"}}}`, 1500, 5, "TableWriteProvisionedThroughputExceeded table/slow"},
		"failed": {"PutItem",
			`{"TableName":"slow","Item":{"p":{"S":"%d"},"g":{"S":"g%d"}},"ConditionExpression":"attribute_exists(p)"}`,
			3000, 10, "TableWriteProvisionedThroughputExceeded table/slow"},
		"delete": {"DeleteItem", `{"TableName":"slow","Key":{"p":{"S":"%d"}}}`, 3000, 10,
			"TableWriteProvisionedThroughputExceeded table/slow"},
		"index": {"PutItem", `{"TableName":"slow","Item":{"p":{"S":"%d"},"g":{"S":"g%d"}}}`, 600, 2,
			"IndexWriteProvisionedThroughputExceeded table/slow/index/by_g"},
		"get": {"GetItem", `{"TableName":"slow","Key":{"p":{"S":"%d"}}}`, 3000, 10,
			"TableReadProvisionedThroughputExceeded table/slow"},
		"consistent get": {"GetItem", `{"TableName":"slow","Key":{"p":{"S":"%d"}},"ConsistentRead":true}`, 1500, 5,
			"TableReadProvisionedThroughputExceeded table/slow"},
		"scan": {"Scan", `{"TableName":"slow"}`, 3000, 10,
			"TableReadProvisionedThroughputExceeded table/slow"},
		"query": {"Query",
			`{"TableName":"slow","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"%d"}}}`,
			3000, 10, "TableReadProvisionedThroughputExceeded table/slow"},
		"scan of index": {"Scan", `{"TableName":"slow","IndexName":"by_g","Limit":1}`, 10_000, 0, ""},
		"query of index": {"Query",
			`{"TableName":"slow","IndexName":"by_g","KeyConditionExpression":"g = :p",
				"ExpressionAttributeValues":{":p":{"S":"%d"}}}`, 10_000, 0, ""},
		"batch of writes": {"BatchWriteItem", `{"RequestItems":{"slow":[{"PutRequest":{"Item":{"p":{"S":"%d"}}}}]}}`,
			3000, 10, "TableWriteProvisionedThroughputExceeded table/slow"},
		"batch of reads": {"BatchGetItem", `{"RequestItems":{"slow":{"Keys":[{"p":{"S":"%d"}}]}}}`, 3000, 10,
			"TableReadProvisionedThroughputExceeded table/slow"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			e := limited(t, c)
			run := func() (int, error) {
				if name != "failed" {
					return passing(t, e, test.operation, test.request)
				}
				for i := range 10_000 {
					_, err := call(e, test.operation,
						[]byte(strings.ReplaceAll(test.request, "%d", fmt.Sprint(numbered.Add(1)))))
					if !refusal.IsConditionFailed(err) {
						return i, err
					}
				}
				return 10_000, nil
			}
			passed, err := run()
			assert.Equal(t, test.burst, passed)
			if test.reason == "" {
				return
			}
			assert.Equal(t, test.reason, reasonIn(t, err))
			assert.Equal(t, "ProvisionedThroughputExceededException", errorCode(err))
			c.add(3 * time.Second)
			passed, _ = run()
			assert.Equal(t, 3*test.rate, passed)
			c.add(time.Hour)
			passed, _ = run()
			assert.Equal(t, test.burst, passed, "no more is kept than the burst")
		})
	}
}

// A partition key has its own limit, in tables and indexes, on demand and provisioned.
func TestPartitionKeyLimits(t *testing.T) {
	c := newClock()
	e := limited(t, c)
	put := `{"TableName":"tab_h","Item":{"p":{"S":"hot"},"v":{"N":"%d"}}}`
	passed, err := passing(t, e, "PutItem", put)
	assert.Equal(t, 1000, passed)
	assert.Equal(t, "ThrottlingException", errorCode(err))
	assert.Equal(t, "TableWriteKeyRangeThroughputExceeded table/tab_h", reasonIn(t, err))
	send(t, e, "PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"cold"}}}`)
	passed, err = passing(t, e, "Query",
		`{"TableName":"tab_h","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"hot"}},
			"ConsistentRead":true}`)
	assert.Equal(t, 3000, passed)
	assert.Equal(t, "TableReadKeyRangeThroughputExceeded table/tab_h", reasonIn(t, err))
	_, err = call(e, "GetItem", []byte(`{"TableName":"tab_h","Key":{"p":{"S":"hot"}}}`))
	assert.True(t, refusal.IsThrottled(err), "queries and gets read the same partition key")
	passed, _ = passing(t, e, "Scan", `{"TableName":"tab_h"}`)
	assert.Equal(t, 10_000, passed, "a scan has no partition key")

	c.add(time.Second / 2)
	passed, _ = passing(t, e, "PutItem", put)
	assert.Equal(t, 500, passed)

	passed, err = passing(t, e, "PutItem",
		`{"TableName":"tab_ix","Item":{"p":{"S":"%d"},"s":{"N":"1"},"g":{"S":"hot"},"h":{"N":"%d"}}}`)
	assert.Equal(t, 1000, passed)
	assert.Equal(t, "IndexWriteKeyRangeThroughputExceeded table/tab_ix/index/gAll", reasonIn(t, err))
}

func TestMaxOnDemandLimits(t *testing.T) {
	c := newClock()
	e := limited(t, c)
	send(t, e, "CreateTable", `{"TableName":"capped","BillingMode":"PAY_PER_REQUEST",
		"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
		"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],
		"OnDemandThroughput":{"MaxReadRequestUnits":-1,"MaxWriteRequestUnits":7}}`)
	passed, err := passing(t, e, "PutItem", `{"TableName":"capped","Item":{"p":{"S":"%d"}}}`)
	assert.Equal(t, 7, passed)
	assert.Equal(t, "TableWriteMaxOnDemandThroughputExceeded table/capped", reasonIn(t, err))
	passed, _ = passing(t, e, "GetItem", `{"TableName":"capped","Key":{"p":{"S":"%d"}}}`)
	assert.Equal(t, 10_000, passed)
}

// A write that an index throttles is not done, and takes nothing of the table's throughput.
func TestAnIndexThrottlesItsTable(t *testing.T) {
	c := newClock()
	e := limited(t, c)
	passed, _ := passing(t, e, "PutItem", `{"TableName":"slow","Item":{"p":{"S":"%d"},"g":{"S":"g%d"}}}`)
	require.Equal(t, 600, passed)
	assert.Equal(t, 600, e.find("slow").items.Size)
	passed, _ = passing(t, e, "PutItem", `{"TableName":"slow","Item":{"p":{"S":"x%d"}}}`)
	assert.Equal(t, 3000-600, passed)
}

func TestThrottledBatchesAndTransactions(t *testing.T) {
	c := newClock()
	e := limited(t, c)
	_, _ = passing(t, e, "PutItem", `{"TableName":"slow","Item":{"p":{"S":"%d"}}}`)
	c.add(200 * time.Millisecond) // two write units
	batch := map[string][]types.WriteRequest{"slow": {
		{PutRequest: &types.PutRequest{Item: parseItem(t, `{"p":{"S":"a"}}`)}},
		{PutRequest: &types.PutRequest{Item: parseItem(t, `{"p":{"S":"b"}}`)}},
		{PutRequest: &types.PutRequest{Item: parseItem(t, `{"p":{"S":"c"}}`)}},
	}}
	out, err := e.BatchWriteItem(background, &dynamodb.BatchWriteItemInput{RequestItems: batch})
	require.NoError(t, err)
	require.Len(t, out.UnprocessedItems["slow"], 1)
	assert.Equal(t, parseItem(t, `{"p":{"S":"c"}}`), out.UnprocessedItems["slow"][0].PutRequest.Item)
	assert.Empty(t, itemOf(t, e, "slow", `{"p":{"S":"c"}}`))

	c.add(300 * time.Millisecond)
	write := `{"TransactItems":[{"Put":{"TableName":"tab_h","Item":{"p":{"S":"t"}}}},
		{"Put":{"TableName":"slow","Item":{"p":{"S":"x"}}}},{"Put":{"TableName":"slow","Item":{"p":{"S":"y"}}}}]}`
	_, err = call(e, "TransactWriteItems", []byte(write))
	reasons := asError[*types.TransactionCanceledException](t, err).CancellationReasons
	assert.Equal(t, []string{"None", "None", "ProvisionedThroughputExceeded"},
		[]string{*reasons[0].Code, *reasons[1].Code, *reasons[2].Code})
	assert.Empty(t, itemOf(t, e, "tab_h", `{"p":{"S":"t"}}`))
	c.add(100 * time.Millisecond) // four units, as nothing was taken
	send(t, e, "TransactWriteItems", write)

	c = newClock()
	e = limited(t, c)
	_, _ = passing(t, e, "Scan", `{"TableName":"slow"}`)
	_, err = call(e, "TransactGetItems",
		[]byte(`{"TransactItems":[{"Get":{"TableName":"tab_h","Key":{"p":{"S":"t"}}}},
			{"Get":{"TableName":"slow","Key":{"p":{"S":"x"}}}}]}`))
	reasons = asError[*types.TransactionCanceledException](t, err).CancellationReasons
	assert.Equal(t, []string{"None", "ProvisionedThroughputExceeded"}, []string{*reasons[0].Code, *reasons[1].Code})
}

// An item larger than all that a bucket can hold is taken by a full bucket, which owes the rest.
func TestAnItemLargerThanTheBucket(t *testing.T) {
	c := newClock()
	e := New(Options{Clock: c.read, Limits: &throttle.Limits{PartitionRead: 3000, PartitionWrite: 1000}})
	send(t, e, "CreateTable", `{"TableName":"tiny","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
		"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],
		"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}`)
	big := `{"TableName":"tiny","Item":{"p":{"S":"%d"},"x":{"S":"` + strings.Repeat("x", 10_200) + `"}}}`
	passed, _ := passing(t, e, "PutItem", big)
	assert.Equal(t, 1, passed)
	c.add(9 * time.Second)
	passed, _ = passing(t, e, "PutItem", big)
	assert.Equal(t, 0, passed)
	c.add(time.Second)
	passed, _ = passing(t, e, "PutItem", big)
	assert.Equal(t, 1, passed)
}

// Buckets that are full again are forgotten, so that many partition keys do not fill the memory.
func TestIdleBucketsAreForgotten(t *testing.T) {
	c := newClock()
	e := limited(t, c)
	for i := range 10_000 {
		send(t, e, "GetItem", fmt.Sprintf(`{"TableName":"tab_h","Key":{"p":{"S":"%d"}}}`, i))
		if i%100 == 0 {
			c.add(time.Second)
		}
	}
	assert.Less(t, e.limiter.Remembered(), 2000)
}

// A rate that UpdateTable changes counts from then on.
func TestLimitsFollowTheTable(t *testing.T) {
	c := newClock()
	e := limited(t, c)
	_, _ = passing(t, e, "PutItem", `{"TableName":"slow","Item":{"p":{"S":"%d"}}}`)
	send(t, e, "UpdateTable",
		`{"TableName":"slow","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":50}}`)
	c.add(time.Second)
	passed, _ := passing(t, e, "PutItem", `{"TableName":"slow","Item":{"p":{"S":"%d"}}}`)
	assert.InDelta(t, 50, passed, 40, "the new rate flows in from the first request after it")
	c.add(time.Second)
	passed, _ = passing(t, e, "PutItem", `{"TableName":"slow","Item":{"p":{"S":"%d"}}}`)
	assert.Equal(t, 50, passed)
}
