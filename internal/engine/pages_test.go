package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/engine/packed"
)

// TestPageEndsBeforeTheFilter finds that a filter that drops everything still leaves pages of 1 MB.
func TestPageEndsBeforeTheFilter(t *testing.T) {
	e := withTables(t, Options{})
	for i := range 30 {
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"tab_hr","Item":{"p":{"S":"a"},"s":{"N":"%d"},"z":{"S":"%s"}}}`,
			i, strings.Repeat("z", 100000)))
	}
	for _, in := range []func(start map[string]types.AttributeValue) (scanned, count int32,
		last map[string]types.AttributeValue){
		func(start map[string]types.AttributeValue) (int32, int32, map[string]types.AttributeValue) {
			out, err := e.Query(background, &dynamodb.QueryInput{TableName: aws.String("tab_hr"),
				KeyConditionExpression: aws.String("p = :p"), FilterExpression: aws.String("attribute_exists(nope)"),
				ExpressionAttributeValues: parseItem(t, `{":p":{"S":"a"}}`), ExclusiveStartKey: start})
			require.NoError(t, err)
			return out.ScannedCount, out.Count, out.LastEvaluatedKey
		},
		func(start map[string]types.AttributeValue) (int32, int32, map[string]types.AttributeValue) {
			out, err := e.Scan(background, &dynamodb.ScanInput{TableName: aws.String("tab_hr"),
				FilterExpression: aws.String("attribute_exists(nope)"), ExclusiveStartKey: start})
			require.NoError(t, err)
			return out.ScannedCount, out.Count, out.LastEvaluatedKey
		},
	} {
		var pages []int32
		var start map[string]types.AttributeValue
		for {
			scanned, count, last := in(start)
			assert.EqualValues(t, 0, count)
			pages = append(pages, scanned)
			if start = last; start == nil {
				break
			}
		}
		assert.Equal(t, []int32{11, 11, 8}, pages, "the item that crosses 1 MB is in its page")
	}
}

// TestParallelScan covers a table by segments: each item once, whatever their number, in pages too.
func TestParallelScan(t *testing.T) {
	e := withTables(t, Options{})
	const items = 300
	for i := range items {
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"tab_h","Item":{"p":{"S":"p%d"}}}`, i))
	}
	for _, total := range []int32{1, 2, 3, 7, 1000, 1000000} {
		seen := map[string]bool{}
		for segment := range min(total, 1000) {
			in := &dynamodb.ScanInput{TableName: aws.String("tab_h"), Segment: &segment, TotalSegments: &total,
				Limit: aws.Int32(7)}
			for {
				out, err := e.Scan(background, in)
				require.NoError(t, err)
				for _, item := range out.Items {
					_, p, _ := packed.ScalarOf(item["p"])
					require.False(t, seen[p])
					seen[p] = true
				}
				if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
					break
				}
			}
		}
		if total <= 1000 {
			assert.Len(t, seen, items, "%d segments", total)
		}
	}
	assert.Contains(t, refused(t, e, "Scan", `{"TableName":"tab_h","Segment":4,"TotalSegments":4}`),
		"The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 4 is not less "+
			"than TotalSegments: 4")
	assert.Contains(t, refused(t, e, "Scan", `{"TableName":"tab_h","TotalSegments":4}`),
		"The Segment parameter is required")
	out, err := e.Scan(background, &dynamodb.ScanInput{TableName: aws.String("tab_h"), Segment: aws.Int32(0),
		TotalSegments: aws.Int32(2), Limit: aws.Int32(1)})
	require.NoError(t, err)
	_, err = e.Scan(background, &dynamodb.ScanInput{TableName: aws.String("tab_h"), Segment: aws.Int32(1),
		TotalSegments: aws.Int32(2), ExclusiveStartKey: out.LastEvaluatedKey})
	assert.ErrorContains(t, err, "Please use ExclusiveStartKey with correct Segment")
}

func TestNumbersOrderAsNumbers(t *testing.T) {
	e := withTables(t, Options{})
	numbers := []string{"-1e125", "-100", "-10", "-9.5", "-1", "-0.5", "-1e-130", "0", "1e-130", "0.5", "1", "2", "10",
		"99.99", "100", "1e125"}
	for i := range numbers {
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"tab_hr","Item":{"p":{"S":"a"},"s":{"N":"%s"},"i":{"N":"%d"}}}`,
			numbers[(i*7)%16], (i*7)%16))
	}
	out, err := e.Query(background, &dynamodb.QueryInput{TableName: aws.String("tab_hr"),
		KeyConditionExpression: aws.String("p = :p"), ExpressionAttributeValues: parseItem(t, `{":p":{"S":"a"}}`)})
	require.NoError(t, err)
	require.Len(t, out.Items, 16)
	for i, item := range out.Items {
		_, n, _ := packed.ScalarOf(item["i"])
		assert.Equal(t, fmt.Sprint(i), n)
	}
	send(t, e, "PutItem", `{"TableName":"tab_hr","Item":{"p":{"S":"a"},"s":{"N":"1.00"},"again":{"BOOL":true}}}`)
	assert.JSONEq(t, `{"p":{"S":"a"},"s":{"N":"1"},"again":{"BOOL":true}}`,
		itemOf(t, e, "tab_hr", `{"p":{"S":"a"},"s":{"N":"10e-1"}}`))
}

// TestKeysAreTuples keeps apart keys whose parts run together when they are joined.
func TestKeysAreTuples(t *testing.T) {
	e := New(Options{})
	send(t, e, "CreateTable", `{"TableName":"tuples","BillingMode":"PAY_PER_REQUEST",
	  "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
	  "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"S"}]}`)
	pairs := [][2]string{{"A#", "B"}, {"A", "#B"}, {"a", "\x00b"}, {"a\x00", "b"}, {"a\x00\x01", "b"}, {"a", "\x01b"},
		{"a\x00\xff", "b"}, {"", ""}}
	for i, pair := range pairs[:7] {
		_, err := e.PutItem(background, &dynamodb.PutItemInput{TableName: aws.String("tuples"),
			Item: map[string]types.AttributeValue{
				"p": &types.AttributeValueMemberS{Value: strings.ToValidUTF8(pair[0], "?")},
				"s": &types.AttributeValueMemberS{Value: pair[1]},
				"i": &types.AttributeValueMemberN{Value: fmt.Sprint(i)},
			}})
		require.NoError(t, err)
	}
	out, err := e.Scan(background, &dynamodb.ScanInput{TableName: aws.String("tuples"), Select: types.SelectCount})
	require.NoError(t, err)
	assert.EqualValues(t, 7, out.Count)
}

func TestBatchGetStopsAt16MB(t *testing.T) {
	e := withTables(t, Options{})
	in := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{}}
	keys := types.KeysAndAttributes{ProjectionExpression: aws.String("p")}
	for i := range 60 {
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"tab_h","Item":{"p":{"S":"%02d"},"z":{"S":"%s"}}}`, i,
			strings.Repeat("z", 300*1024)))
		keys.Keys = append(keys.Keys, parseItem(t, fmt.Sprintf(`{"p":{"S":"%02d"}}`, i)))
	}
	in.RequestItems["tab_h"] = keys
	out, err := e.BatchGetItem(background, in)
	require.NoError(t, err)
	assert.Len(t, out.Responses["tab_h"], 54)
	left := out.UnprocessedKeys["tab_h"]
	require.Len(t, left.Keys, 6)
	assert.Equal(t, keys.Keys[54:], left.Keys)
	assert.Equal(t, "p", *left.ProjectionExpression)
	out, err = e.BatchGetItem(background, &dynamodb.BatchGetItemInput{RequestItems: out.UnprocessedKeys})
	require.NoError(t, err)
	assert.Len(t, out.Responses["tab_h"], 6)
	assert.Empty(t, out.UnprocessedKeys)
}

// TestBatchGetStopsAt1MBOfAPartition leaves the rest of one partition key's items, and of no other's.
func TestBatchGetStopsAt1MBOfAPartition(t *testing.T) {
	e := withTables(t, Options{})
	request := types.KeysAndAttributes{ProjectionExpression: aws.String("p, s")}
	for i := range 15 {
		key := fmt.Sprintf(`"p":{"S":"%c"},"s":{"N":"%d"}`, "abc"[i%3], i)
		bytes := 300 * 1024
		if i%3 == 2 {
			bytes = 100 * 1024
		}
		send(t, e, "PutItem", `{"TableName":"tab_hr","Item":{`+key+`,"z":{"S":"`+strings.Repeat("z", bytes)+`"}}}`)
		request.Keys = append(request.Keys, parseItem(t, "{"+key+"}"))
	}
	in := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"tab_hr": request},
		ReturnConsumedCapacity: "TOTAL"}
	out, err := e.BatchGetItem(background, in)
	require.NoError(t, err)
	assert.Len(t, out.Responses["tab_hr"], 3+3+5)
	assert.Equal(t, []map[string]types.AttributeValue{request.Keys[9], request.Keys[10], request.Keys[12],
		request.Keys[13]}, out.UnprocessedKeys["tab_hr"].Keys)
	assert.EqualValues(t, 6*38+5*13, *out.ConsumedCapacity[0].CapacityUnits, "what is left costs nothing")
	out, err = e.BatchGetItem(background, &dynamodb.BatchGetItemInput{RequestItems: out.UnprocessedKeys})
	require.NoError(t, err)
	assert.Len(t, out.Responses["tab_hr"], 4)
	assert.Empty(t, out.UnprocessedKeys)
}

func TestItemSizes(t *testing.T) {
	e := withTables(t, Options{})
	put := func(table string, bytes int, rest string) string {
		return fmt.Sprintf(`{"TableName":"%s","Item":{"p":{"S":"a"},"z":{"S":"%s"}%s}}`, table,
			strings.Repeat("z", bytes-3), rest)
	}
	send(t, e, "PutItem", put("tab_h", 409600, ""))
	assert.Equal(t, "ValidationException: Item size has exceeded the maximum allowed size",
		refused(t, e, "PutItem", put("tab_h", 409601, "")))
	assert.Contains(t, refused(t, e, "PutItem", put("missing", 409601, "")), "Item size has exceeded",
		"found before the table is looked for")
}
