package script

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// walks are the cases that read on from where they were, each under the rule that it guards.
var walks = map[string]func(*testing.T, Target, *tables){
	"pages of every limit hold every item of a partition once, in order, either way": walkTable,
	"so do pages of an index whose items share keys":                                 walkIndex,
	"segments hold every item once between them, whatever their pages":               walkSegments,
	"a batch of reads stops at 16 MB and says what is left":                          walkBatch,
}

func str(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func num(v int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(v)}
}

func text(item map[string]types.AttributeValue, name string) string {
	v, _ := item[name].(*types.AttributeValueMemberS)
	if v == nil {
		return ""
	}
	return v.Value
}

// put writes items, 25 at a time.
func put(t *testing.T, target Target, table string, items []map[string]types.AttributeValue) {
	for chunk := range slices.Chunk(items, 25) {
		var writes []types.WriteRequest
		for _, item := range chunk {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		out, err := target.BatchWriteItem(context.Background(),
			&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: writes}})
		require.NoError(t, err)
		require.Empty(t, out.UnprocessedItems)
	}
}

// query reads all pages and gives the attribute of every item. No page but the last may be short of its limit, and only
// the last may have no cursor.
func query(t *testing.T, target Target, in dynamodb.QueryInput, attribute string) []string {
	var found []string
	for {
		out, err := target.Query(context.Background(), &in)
		require.NoError(t, err)
		for _, item := range out.Items {
			found = append(found, text(item, attribute))
		}
		if out.LastEvaluatedKey == nil {
			return found
		}
		require.Len(t, out.Items, int(*in.Limit), "a page with a cursor is full")
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

func walkTable(t *testing.T, target Target, ts *tables) {
	table := ts.expand(t, "$hr")
	var items []map[string]types.AttributeValue
	var want []string
	for i := range 13 {
		sort := fmt.Sprintf("%02d", i)
		want = append(want, sort)
		items = append(items, map[string]types.AttributeValue{"p": str("x"), "s": str(sort)},
			map[string]types.AttributeValue{"p": str("y"), "s": str(sort)})
	}
	put(t, target, table, items)
	for _, forward := range []bool{true, false} {
		for limit := int32(1); limit <= 14; limit++ {
			got := query(t, target, dynamodb.QueryInput{TableName: &table, Limit: &limit, ScanIndexForward: &forward,
				KeyConditionExpression:    new("p = :p"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":p": str("x")}}, "s")
			assert.Equal(t, want, got, "limit %d, forward %t", limit, forward)
		}
		slices.Reverse(want)
	}
}

func walkIndex(t *testing.T, target Target, ts *tables) {
	table := ts.expand(t, "$gi")
	var items []map[string]types.AttributeValue
	var want []string
	for i := range 12 {
		id := fmt.Sprintf("%02d", i)
		want = append(want, id)
		items = append(items, map[string]types.AttributeValue{"p": str(id), "g": str("x"), "h": num(i / 5)},
			map[string]types.AttributeValue{"p": str("not" + id), "g": str("y"), "h": num(i)})
	}
	put(t, target, table, items)
	var all []string // in the order of the first walk: where keys are equal, the order is the target's own
	for _, forward := range []bool{true, false} {
		for limit := int32(1); limit <= 13; limit++ {
			got := query(t, target, dynamodb.QueryInput{TableName: &table, IndexName: new("byg"), Limit: &limit,
				ScanIndexForward:          &forward,
				KeyConditionExpression:    new("g = :g"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":g": str("x")}}, "p")
			if all == nil {
				all = slices.Clone(got)
			}
			assert.Equal(t, all, got, "limit %d, forward %t", limit, forward)
			slices.Sort(got)
			assert.Equal(t, want, got, "limit %d, forward %t", limit, forward)
		}
		slices.Reverse(all)
	}
}

func walkSegments(t *testing.T, target Target, ts *tables) {
	table := ts.expand(t, "$h")
	var items []map[string]types.AttributeValue
	var want []string
	for i := range 40 {
		id := fmt.Sprintf("%02d", i)
		want = append(want, id)
		items = append(items, map[string]types.AttributeValue{"p": str(id)})
	}
	put(t, target, table, items)
	for _, total := range []int32{1, 2, 3, 7, 64} {
		for _, limit := range []int32{1, 3, 100} {
			var got []string
			for segment := range total {
				in := dynamodb.ScanInput{TableName: &table, Segment: &segment, TotalSegments: &total, Limit: &limit}
				for {
					out, err := target.Scan(context.Background(), &in)
					require.NoError(t, err)
					for _, item := range out.Items {
						got = append(got, text(item, "p"))
					}
					if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
						break
					}
				}
			}
			slices.Sort(got)
			assert.Equal(t, want, got, "%d segments, limit %d", total, limit)
		}
	}
}

func walkBatch(t *testing.T, target Target, ts *tables) {
	table := ts.expand(t, "$h")
	pad := str(strings.Repeat("a", 400_000))
	var keys []map[string]types.AttributeValue
	for i := range 45 {
		key := map[string]types.AttributeValue{"p": str(fmt.Sprintf("%02d", i))}
		keys = append(keys, key)
		put(t, target, table, []map[string]types.AttributeValue{{"p": key["p"], "d": pad}})
	}
	var got []string
	for rounds := 0; len(keys) > 0; rounds++ {
		require.Less(t, rounds, 3)
		out, err := target.BatchGetItem(context.Background(), &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{table: {Keys: keys, ProjectionExpression: new("p")}}})
		require.NoError(t, err)
		for _, item := range out.Responses[table] {
			got = append(got, text(item, "p"))
		}
		left := out.UnprocessedKeys[table].Keys
		assert.Len(t, left, len(keys)-len(out.Responses[table]))
		if rounds == 0 {
			assert.NotEmpty(t, left)
		}
		keys = left
	}
	slices.Sort(got)
	assert.Len(t, slices.Compact(got), 45)
}
