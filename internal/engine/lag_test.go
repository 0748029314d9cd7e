package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/engine/packed"
)

// everything shows what scans of a table and its indexes return, packed.
func everything(ctx context.Context, t require.TestingT, e *Engine) map[string][]packed.Item {
	seen := map[string][]packed.Item{}
	for _, index := range []string{"", "gAll", "gKeys", "lInc"} {
		in := &dynamodb.ScanInput{TableName: aws.String("tab_ix")}
		if index != "" {
			in.IndexName = &index
		}
		_, items, err := e.ScanPacked(ctx, in)
		require.NoError(t, err)
		seen[index] = items
	}
	return seen
}

// A read that lags by n writes returns what a read before those writes did, from the table and every index, and leaves
// no trace.
func TestLaggingReadsSeeThePast(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		e := withTables(t, Options{})
		e.KeepHistory(Lag{Writes: 30})
		past := []map[string][]packed.Item{everything(background, r, e)}
		for range rapid.IntRange(1, 30).Draw(r, "writes") {
			key := fmt.Sprintf(`"p":{"S":"%d"},"s":{"N":"%d"}`, rapid.IntRange(0, 1).Draw(r, "p"),
				rapid.IntRange(0, 2).Draw(r, "s"))
			request := fmt.Sprintf(`{"TableName":"tab_ix","Key":{%s}}`, key)
			operation := "DeleteItem"
			if rapid.IntRange(0, 3).Draw(r, "kind") > 0 {
				operation = "PutItem"
				for _, attribute := range []string{`"g":{"S":"%d"}`, `"h":{"N":"%d"}`, `"l":{"B":"AAA%d"}`,
					`"x":{"S":"%d"}`} {
					if rapid.Bool().Draw(r, "given") {
						key += "," + fmt.Sprintf(attribute, rapid.IntRange(0, 2).Draw(r, "v"))
					}
				}
				request = fmt.Sprintf(`{"TableName":"tab_ix","Item":{%s}}`, key)
			}
			before := e.find("tab_ix").past
			send(t, e, operation, request)
			if len(e.find("tab_ix").past) > len(before) { // it changed something
				past = append(past, everything(background, r, e))
			}
		}
		lag := rapid.IntRange(0, 31).Draw(r, "lag")
		behind := WithLag(background, Lag{Writes: lag})
		want := past[max(0, len(past)-1-lag)]
		require.Equal(r, want, everything(behind, r, e))
		require.Equal(r, past[len(past)-1], everything(background, r, e), "reads that do not lag")

		send(t, e, "PutItem",
			`{"TableName":"tab_ix","Item":{"p":{"S":"new"},"s":{"N":"1"},"g":{"S":"1"},"h":{"N":"1"}}}`)
		past = append(past, everything(background, r, e))
		require.Equal(r, past[max(0, len(past)-1-lag)], everything(behind, r, e), "after one more write")
	})
}

func TestLagByTheClock(t *testing.T) {
	c := newClock()
	e := withTables(t, Options{Clock: c.read})
	e.KeepHistory(Lag{Time: time.Minute})
	for i := range 10 {
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"tab_h","Item":{"p":{"S":"a"},"v":{"N":"%d"}}}`, i))
		c.add(10 * time.Second)
	}
	get := func(lag time.Duration, consistent bool) string {
		_, item, err := e.GetPacked(WithLag(background, Lag{Time: lag}),
			&dynamodb.GetItemInput{TableName: aws.String("tab_h"),
				Key: parseItem(t, `{"p":{"S":"a"}}`), ConsistentRead: &consistent})
		require.NoError(t, err)
		value, _ := item.Attribute("v")
		return value.(*types.AttributeValueMemberN).Value
	}
	assert.Equal(t, "9", get(10*time.Second, false))
	assert.Equal(t, "8", get(11*time.Second, false))
	assert.Equal(t, "4", get(time.Minute-time.Second, false))
	assert.Equal(t, "9", get(time.Minute, true), "a consistent read never lags")
	for range 1000 {
		send(t, e, "PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"b"},"v":{"N":"1"}}}`)
		send(t, e, "DeleteItem", `{"TableName":"tab_h","Key":{"p":{"S":"b"}}}`)
		c.add(10 * time.Second)
	}
	assert.Less(t, len(e.find("tab_h").past), 40, "what no read can need is forgotten")
}

func TestBatchesLeaveOut(t *testing.T) {
	e := withTables(t, Options{})
	ctx := WithLeftOut(background, func(table string, item map[string]types.AttributeValue) bool {
		return table == "tab_h" && item["p"].(*types.AttributeValueMemberS).Value == "b"
	})
	put := func(p string) types.WriteRequest {
		return types.WriteRequest{PutRequest: &types.PutRequest{Item: parseItem(t, `{"p":{"S":"`+p+`"}}`)}}
	}
	write := map[string][]types.WriteRequest{"tab_h": {put("a"), put("b"),
		{DeleteRequest: &types.DeleteRequest{Key: parseItem(t, `{"p":{"S":"c"}}`)}}}}
	wrote, err := e.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: write,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
	require.NoError(t, err)
	assert.Equal(t, map[string][]types.WriteRequest{"tab_h": {put("b")}}, wrote.UnprocessedItems)
	assert.EqualValues(t, 2, *wrote.ConsumedCapacity[0].CapacityUnits)
	assert.Empty(t, itemOf(t, e, "tab_h", `{"p":{"S":"b"}}`))

	keys := types.KeysAndAttributes{ConsistentRead: aws.Bool(true),
		Keys: []map[string]types.AttributeValue{parseItem(t, `{"p":{"S":"b"}}`), parseItem(t, `{"p":{"S":"a"}}`)}}
	got, err := e.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{"tab_h": keys}})
	require.NoError(t, err)
	assert.Equal(t, map[string]types.KeysAndAttributes{"tab_h": {ConsistentRead: aws.Bool(true), Keys: keys.Keys[:1]}},
		got.UnprocessedKeys)
	assert.Len(t, got.Responses["tab_h"], 1)

	write["tab_h"] = append(write["tab_h"], put("a"))
	_, err = e.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: write})
	assert.Error(t, err, "a batch that is wrong is refused before anything is left out")
}
