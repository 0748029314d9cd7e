package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/packed"
)

// TestIndexesStayInStep writes at random and after it finds every index, and every sum that a table keeps, as they
// would be had they been made from the items.
func TestIndexesStayInStep(t *testing.T) {
	e := withTables(t, Options{})
	random := rand.New(rand.NewPCG(3, 4))
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	for range 3000 {
		key := fmt.Sprintf(`"p":{"S":"%s"},"s":{"N":"%d"}`, one("a", "b", "c"), random.IntN(6))
		attributes := one("", `,"g":{"S":"x"}`, `,"g":{"S":"y"}`) + one("", `,"h":{"N":"1"}`, `,"h":{"N":"2"}`) +
			one("", `,"l":{"B":"YQ=="}`, `,"l":{"B":"Yg=="}`) +
			one("", `,"x":{"S":"projected"}`, `,"y":{"S":"not"}`)
		switch random.IntN(5) {
		case 0:
			send(t, e, "DeleteItem", `{"TableName":"tab_ix","Key":{`+key+`}}`)
		case 1:
			send(t, e, "UpdateItem",
				`{"TableName":"tab_ix","Key":{`+key+`},"UpdateExpression":"SET g = :g REMOVE `+one("h", "l",
					"x")+`","ExpressionAttributeValues":{":g":{"S":"`+one("x", "y")+`"}}}`)
		case 2:
			send(t, e, "TransactWriteItems",
				`{"TransactItems":[{"Put":{"TableName":"tab_ix","Item":{`+key+attributes+`}}}]}`)
		default:
			send(t, e, "PutItem", `{"TableName":"tab_ix","Item":{`+key+attributes+`}}`)
		}
	}
	checkInStep(t, e.tables["tab_ix"])
}

// checkInStep compares what a table keeps of its items with what they give.
func checkInStep(t testing.TB, tab *table) {
	t.Helper()
	fresh := make([]*index, len(tab.indexes))
	for i, x := range tab.indexes {
		fresh[i] = &index{name: x.name, local: x.local, keys: x.keys, projected: x.projected}
		tab.backfill(fresh[i])
	}
	var bytes int64
	collections := map[string]int64{}
	tab.items.Ascend("", func(e *btree.Entry) bool {
		bytes += int64(e.Item.Size())
		collections[tab.collectionOf(e.Key, e.Item)] += int64(e.Item.Size() + tab.localSize(e.Key, e.Item))
		return true
	})
	assert.Equal(t, bytes, tab.bytes)
	if tab.hasLocal() {
		assert.Equal(t, collections, tab.collections)
	}
	for i, x := range tab.indexes {
		assert.Equal(t, entriesOf(&fresh[i].entries), entriesOf(&x.entries), x.name)
		assert.Equal(t, fresh[i].bytes, x.bytes, x.name)
	}
}

func entriesOf(t *btree.Tree) []btree.Entry {
	all := []btree.Entry{}
	t.Ascend("", func(e *btree.Entry) bool { all = append(all, *e); return true })
	return all
}

// multiIndexed makes a table with a GSI of two hash and three range attributes.
func multiIndexed(t *testing.T) *Engine {
	t.Helper()
	e := New(Options{})
	send(t, e, "CreateTable", `{"TableName":"multi","BillingMode":"PAY_PER_REQUEST",
	  "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
	  "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},
	    {"AttributeName":"tenant","AttributeType":"S"},{"AttributeName":"year","AttributeType":"N"},
	    {"AttributeName":"country","AttributeType":"S"},{"AttributeName":"month","AttributeType":"N"},
	    {"AttributeName":"name","AttributeType":"S"}],
	  "GlobalSecondaryIndexes":[{"IndexName":"multi","KeySchema":[
	    {"AttributeName":"tenant","KeyType":"HASH"},{"AttributeName":"year","KeyType":"HASH"},
	    {"AttributeName":"country","KeyType":"RANGE"},{"AttributeName":"month","KeyType":"RANGE"},
	    {"AttributeName":"name","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}]}`)
	id := 0
	for _, tenant := range []string{"a", "ab"} {
		for _, year := range []int{2025, 2026} {
			for _, country := range []string{"AT", "A", "DE"} {
				for _, month := range []int{2, 10, 1} {
					for _, name := range []string{"x", "xy"} {
						id++
						send(t, e, "PutItem",
							fmt.Sprintf(`{"TableName":"multi","Item":{"id":{"S":"%03d"},"tenant":{"S":"%s"},"year":{"N":"%d"},
								"country":{"S":"%s"},"month":{"N":"%d"},"name":{"S":"%s"}}}`,
								id, tenant, year, country, month, name))
					}
				}
			}
		}
	}
	send(t, e, "PutItem",
		`{"TableName":"multi","Item":{"id":{"S":"sparse"},"tenant":{"S":"a"},"year":{"N":"2026"},
			"country":{"S":"AT"},"month":{"N":"1"}}}`)
	return e
}

// multiQuery gives country, month and name of what a query finds.
func multiQuery(t *testing.T, e *Engine, condition string, values string,
	edit func(*dynamodb.QueryInput)) ([]string, error) {
	t.Helper()
	in := &dynamodb.QueryInput{
		TableName: aws.String("multi"), IndexName: aws.String("multi"), KeyConditionExpression: &condition,
		ExpressionAttributeNames:  map[string]string{"#y": "year", "#m": "month", "#n": "name"},
		ExpressionAttributeValues: parseItem(t, values),
	}
	for name := range in.ExpressionAttributeNames {
		if !strings.Contains(condition, name) {
			delete(in.ExpressionAttributeNames, name)
		}
	}
	if len(in.ExpressionAttributeNames) == 0 {
		in.ExpressionAttributeNames = nil
	}
	if edit != nil {
		edit(in)
	}
	out, err := e.Query(background, in)
	if err != nil {
		return nil, err
	}
	found := []string{}
	for _, item := range out.Items {
		text := func(name string) string { _, text, _ := packed.ScalarOf(item[name]); return text }
		found = append(found, text("country")+" "+text("month")+" "+text("name"))
	}
	return found, nil
}

// TestMultiAttributeKeys queries an index of several attributes: equality of all hash attributes, then range attributes
// from the left, the range operator last (DynamoDB guide, "Multi-attribute keys").
func TestMultiAttributeKeys(t *testing.T) {
	e := multiIndexed(t)
	const hash = "tenant = :t AND #y = :y"
	const values = `":t":{"S":"a"},":y":{"N":"2026"}`
	for _, c := range []struct {
		condition, values string
		want              []string
	}{
		{"", "", []string{"A 1 x", "A 1 xy", "A 2 x", "A 2 xy", "A 10 x", "A 10 xy", "AT 1 x", "AT 1 xy", "AT 2 x",
			"AT 2 xy", "AT 10 x", "AT 10 xy", "DE 1 x", "DE 1 xy", "DE 2 x", "DE 2 xy", "DE 10 x", "DE 10 xy"}},
		{" AND country = :c", `":c":{"S":"AT"}`,
			[]string{"AT 1 x", "AT 1 xy", "AT 2 x", "AT 2 xy", "AT 10 x", "AT 10 xy"}},
		{" AND begins_with(country, :c)", `":c":{"S":"D"}`,
			[]string{"DE 1 x", "DE 1 xy", "DE 2 x", "DE 2 xy", "DE 10 x", "DE 10 xy"}},
		{" AND country = :c AND #m >= :m", `":c":{"S":"AT"},":m":{"N":"2.0"}`,
			[]string{"AT 2 x", "AT 2 xy", "AT 10 x", "AT 10 xy"}},
		{" AND #m < :m AND country = :c", `":c":{"S":"AT"},":m":{"N":"10"}`,
			[]string{"AT 1 x", "AT 1 xy", "AT 2 x", "AT 2 xy"}},
		{" AND country = :c AND #m BETWEEN :m AND :n", `":c":{"S":"A"},":m":{"N":"2"},":n":{"N":"10"}`,
			[]string{"A 2 x", "A 2 xy", "A 10 x", "A 10 xy"}},
		{" AND country = :c AND #m = :m AND #n > :n", `":c":{"S":"A"},":m":{"N":"2"},":n":{"S":"x"}`,
			[]string{"A 2 xy"}},
		{" AND country = :c AND #m = :m AND #n = :n", `":c":{"S":"A"},":m":{"N":"2"},":n":{"S":"x"}`,
			[]string{"A 2 x"}},
		{" AND country > :c", `":c":{"S":"A"}`,
			[]string{"AT 1 x", "AT 1 xy", "AT 2 x", "AT 2 xy", "AT 10 x", "AT 10 xy", "DE 1 x", "DE 1 xy", "DE 2 x",
				"DE 2 xy", "DE 10 x", "DE 10 xy"}},
	} {
		all := "{" + values
		if c.values != "" {
			all += "," + c.values
		}
		got, err := multiQuery(t, e, hash+c.condition, all+"}", nil)
		require.NoError(t, err, c.condition)
		assert.Equal(t, c.want, got, c.condition)
		backward, err := multiQuery(t, e, hash+c.condition, all+"}",
			func(in *dynamodb.QueryInput) { in.ScanIndexForward = aws.Bool(false) })
		require.NoError(t, err)
		slices.Reverse(backward)
		assert.Equal(t, c.want, backward, c.condition)
	}
	for condition, refusal := range map[string]string{
		"tenant = :t":             "HASH key attributes year must have equality conditions specified in the query",
		"tenant = :t AND #y > :y": "HASH key attributes year must have equality conditions specified in the query",
		hash + " AND #m = :m": "RANGE key attributes country must have equality conditions specified in " +
			"the query because a condition is present on key attribute month",
		hash + " AND country > :c AND #m = :m": "RANGE key attributes country must have equality conditions specified in " +
			"the query because a condition is present on key attribute month",
		hash + " AND country = :c AND #n = :c": "RANGE key attributes month must have equality conditions specified in " +
			"the query because a condition is present on key attribute name",
		hash +
			" AND country = :m": "One or more parameter values were invalid: Condition parameter type does not match " +
			"schema type",
		hash + " AND begins_with(country, :c) AND #m = :m": "RANGE key attributes country must have equality conditions " +
			"specified in the query because a condition is present on key attribute month",
	} {
		all := map[string]types.AttributeValue{}
		for name, v := range parseItem(t, `{":t":{"S":"a"},":y":{"N":"2026"},":c":{"S":"AT"},":m":{"N":"1"}}`) {
			if strings.Contains(condition, name) {
				all[name] = v
			}
		}
		_, err := multiQuery(t, e, condition, "{}",
			func(in *dynamodb.QueryInput) { in.ExpressionAttributeValues = all })
		require.Error(t, err, condition)
		assert.Equal(t, refusal, errorMessage(err), condition)
	}
	assert.Contains(t, refused(t, e, "PutItem", `{"TableName":"multi","Item":{"id":{"S":"a"},"month":{"S":"1"}}}`),
		"Type mismatch for Index Key month Expected: N Actual: S IndexName: multi")
}

// TestMultiAttributePages walks an index of several attributes page by page.
func TestMultiAttributePages(t *testing.T) {
	e := multiIndexed(t)
	for limit := int32(1); limit < 20; limit++ {
		var all []string
		in := &dynamodb.QueryInput{
			TableName: aws.String("multi"), IndexName: aws.String("multi"),
			KeyConditionExpression: aws.String("tenant = :t AND #y = :y"), Limit: &limit,
			ExpressionAttributeNames:  map[string]string{"#y": "year"},
			ExpressionAttributeValues: parseItem(t, `{":t":{"S":"ab"},":y":{"N":"2025"}}`),
		}
		for {
			out, err := e.Query(background, in)
			require.NoError(t, err)
			for _, item := range out.Items {
				_, id, _ := packed.ScalarOf(item["id"])
				all = append(all, id)
			}
			if out.LastEvaluatedKey == nil {
				break
			}
			require.Len(t, out.LastEvaluatedKey, 6)
			in.ExclusiveStartKey = out.LastEvaluatedKey
		}
		require.Len(t, all, 18, "limit %d", limit)
		slices.Sort(all)
		require.Len(t, slices.Compact(all), 18)
	}
}

// TestItemsUnderOneIndexKey puts several items under one index key and reads them in pages, each once, in a stable
// order.
func TestItemsUnderOneIndexKey(t *testing.T) {
	e := withTables(t, Options{})
	for i := range 10 {
		send(t, e, "PutItem",
			fmt.Sprintf(`{"TableName":"tab_ix","Item":{"p":{"S":"p%d"},"s":{"N":"1"},"g":{"S":"same"},"h":{"N":"7"}}}`,
				i))
	}
	whole := send(t, e, "Query",
		`{"TableName":"tab_ix","IndexName":"gAll","KeyConditionExpression":"g = :g",
			"ExpressionAttributeValues":{":g":{"S":"same"}}}`)
	assert.Contains(t, whole, `"Count":10`)
	seen := map[string]bool{}
	in := &dynamodb.QueryInput{
		TableName: aws.String("tab_ix"), IndexName: aws.String("gAll"), KeyConditionExpression: aws.String("g = :g"),
		ExpressionAttributeValues: parseItem(t, `{":g":{"S":"same"}}`), Limit: aws.Int32(3),
	}
	for {
		out, err := e.Query(background, in)
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
	assert.Len(t, seen, 10)
}

func TestLocalIndexFetches(t *testing.T) {
	e := withTables(t, Options{})
	send(t, e, "PutItem",
		`{"TableName":"tab_ix","Item":{"p":{"S":"a"},"s":{"N":"1"},"l":{"B":"YQ=="},"x":{"S":"in"},"y":{"S":"out"}}}`)
	query := `{"TableName":"tab_ix","IndexName":"lInc","KeyConditionExpression":"p = :p",
		"ExpressionAttributeValues":{":p":{"S":"a"}}%s}`
	assert.NotContains(t, send(t, e, "Query", fmt.Sprintf(query, "")), `"out"`)
	assert.Contains(t, send(t, e, "Query", fmt.Sprintf(query, `,"Select":"ALL_ATTRIBUTES"`)), `"out"`)
	assert.Contains(t, send(t, e, "Query", fmt.Sprintf(query, `,"ProjectionExpression":"y"`)),
		`"Items":[{"y":{"S":"out"}}]`)
	global := strings.Replace(strings.Replace(query, "lInc", "gKeys", 1), "p = :p", "g = :p", 1)
	assert.Contains(t, refused(t, e, "Query", fmt.Sprintf(global, `,"Select":"ALL_ATTRIBUTES"`)),
		"Select type ALL_ATTRIBUTES is not supported for global secondary index gKeys")
	assert.Contains(t, refused(t, e, "Query", fmt.Sprintf(global, `,"ProjectionExpression":"y"`)),
		"Global secondary index gKeys does not project [y]")
	assert.Contains(t, refused(t, e, "Query", fmt.Sprintf(global, `,"ConsistentRead":true`)),
		"Consistent reads are not supported on global secondary indexes")
}

// TestCollectionLimit fills an item collection to a bound that the test lowered.
func TestCollectionLimit(t *testing.T) {
	e := withTables(t, Options{MaxCollectionBytes: 1000})
	row := func(s int, bytes int) string {
		return fmt.Sprintf(`{"TableName":"tab_ix","ReturnItemCollectionMetrics":"SIZE",
			"Item":{"p":{"S":"a"},"s":{"N":"%d"},"x":{"S":"%s"}}}`, s, strings.Repeat("x", bytes))
	}
	assert.Contains(t, send(t, e, "PutItem", row(1, 500)),
		`"ItemCollectionMetrics":{"ItemCollectionKey":{"p":{"S":"a"}},"SizeEstimateRangeGB":[0`)
	assert.Contains(t, refused(t, e, "PutItem", row(2, 600)), "ItemCollectionSizeLimitExceededException")
	send(t, e, "PutItem", row(2, 300))
	send(t, e, "PutItem", row(1, 10))
	send(t, e, "PutItem", row(3, 500))
	send(t, e, "PutItem", strings.Replace(row(4, 900), `"S":"a"`, `"S":"other"`, 1))
	reasons := refused(t, e, "TransactWriteItems",
		`{"TransactItems":[{"Put":{"TableName":"tab_ix","Item":{"p":{"S":"a"},"s":{"N":"9"},"x":{"S":"`+strings.Repeat(
			"x", 900)+`"}}}}]}`)
	assert.Contains(t, reasons, "[ItemCollectionSizeLimitExceeded]")
}
