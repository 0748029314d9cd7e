//go:build oracle

package engine

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOracleWalks walks tables and indexes page by page on both sides: pages end at the same items where their order is
// defined, and hold the same items together where it is not. Where a local index projects a part, Local ends pages by
// the size of whole items, the engine by that of the entries, which is what is read and charged (guide, "Local
// secondary indexes").
func TestOracleWalks(t *testing.T) {
	o := newOracle(t)
	e := New(Options{})
	for _, in := range generatedTables() {
		name := in["TableName"].(string)
		ours, theirs := o.both(e, "CreateTable", in)
		require.Equal(t, "", ours.Error+theirs.Error, ours.Message+theirs.Message)
		t.Cleanup(func() { o.call("DeleteTable", []byte(`{"TableName":"`+name+`"}`)) })
	}
	random := rand.New(rand.NewPCG(*oracleSeed, 11))
	for i := range 60 {
		item := object{
			"p": object{"S": "p"}, "s": object{"N": fmt.Sprint(i)}, "g": object{"S": "g"},
			"h": object{"N": fmt.Sprint(i / 3)}, "k": object{"S": fmt.Sprintf("%02d", 60-i)},
			"a": object{"S": strings.Repeat("a", random.IntN(90000))},
			"z": object{"S": strings.Repeat("z", random.IntN(60000))},
		}
		ours, theirs := o.both(e, "PutItem", object{"TableName": "oracle_ix", "Item": item})
		require.Equal(t, "", ours.Error+theirs.Error, ours.Message+theirs.Message)
	}
	query := func(key string, more object) object {
		request := object{"TableName": "oracle_ix", "KeyConditionExpression": key + " = :v",
			"ExpressionAttributeValues": object{":v": object{"S": key}}}
		for name, v := range more {
			request[name] = v
		}
		return request
	}
	for _, walk := range []struct {
		operation string
		request   object
		ordered   bool
	}{
		{"Query", query("p", nil), true},
		{"Query", query("p", object{"ScanIndexForward": false}), true},
		{"Query", query("p", object{"Limit": 7}), true},
		{"Query", query("p", object{"Select": "COUNT"}), true},
		{"Query", query("p", object{"ProjectionExpression": "s"}), true},
		{"Query", query("p", object{"IndexName": "lInc"}), false},
		{"Query", query("p", object{"IndexName": "lInc", "Select": "ALL_ATTRIBUTES", "Limit": 4}), true},
		{"Query", query("p", object{"IndexName": "lInc", "ScanIndexForward": false, "Limit": 13}), false},
		{"Query", query("g", object{"IndexName": "gAll", "Limit": 4}), false},
		{"Query", query("g", object{"IndexName": "gAll"}), false},
		{"Query", query("g", object{"IndexName": "gKeys", "Limit": 9}), false},
		{"Scan", object{"TableName": "oracle_ix", "ConsistentRead": true}, false},
		{"Scan", object{"TableName": "oracle_ix", "Limit": 11}, false},
		{"Scan", object{"TableName": "oracle_ix", "IndexName": "gKeys", "Limit": 11}, false},
	} {
		ours := o.walk(t, walk.operation, walk.request, func(body []byte) reply {
			a, err := call(e, walk.operation, body)
			require.NoError(t, err)
			return reply{Body: decodeJSON(t, a.body)}
		})
		theirs := o.walk(t, walk.operation, walk.request,
			func(body []byte) reply { return o.call(walk.operation, body) })
		if walk.ordered {
			assert.True(t, reflect.DeepEqual(ours, theirs), "%s %v\nours   %v\ntheirs %v", walk.operation, walk.request,
				sizesOf(ours), sizesOf(theirs))
			continue
		}
		assert.Equal(t, together(ours), together(theirs), "%s %v", walk.operation, walk.request)
	}
}

// compareWalks reads a table or an index to its end in small pages, and compares what both sides held.
func (o *oracle) compareWalks(t *testing.T, e *Engine, g *generator) {
	table := g.table()
	from := pick(g, sources[table]...)
	request := object{"TableName": table, "Limit": 1 + g.n(9)}
	if from.index != "" {
		request["IndexName"] = from.index
	}
	operation, segments := "Scan", 1+g.n(4)
	if g.chance(2) {
		operation, segments = "Query", 1
		request["KeyConditionExpression"] = from.hash + " = :hash"
		request["ExpressionAttributeValues"] = object{":hash": g.keyValue(typeOf(table, from.hash))}
		request["ScanIndexForward"] = g.chance(2)
	}
	var ours, theirs []any
	for segment := range segments {
		if operation == "Scan" {
			request["Segment"], request["TotalSegments"] = segment, segments
		}
		ours = append(ours, o.walk(t, operation, request, func(body []byte) reply {
			a, err := call(e, operation, body)
			require.NoError(t, err)
			return normalised(reply{Body: decodeJSON(t, a.body)})
		})...)
		theirs = append(theirs, o.walk(t, operation, request, func(body []byte) reply {
			r := o.call(operation, body)
			return normalised(reply{Error: r.Error, Message: r.Message, Body: plainNumbers(r.Body)})
		})...)
	}
	assert.Equal(t, wholeItems(theirs), wholeItems(ours), "%s %v", operation, request)
}

// wholeItems gives all items of pages, each as text, in an order of their own.
func wholeItems(pages []any) []string {
	items := []string{}
	for _, page := range pages {
		found, _ := page.(object)["Items"].([]any)
		for _, item := range found {
			items = append(items, fmt.Sprint(item))
		}
	}
	slices.Sort(items)
	return items
}

// walk follows LastEvaluatedKey to the end and gives the pages.
func (o *oracle) walk(t *testing.T, operation string, request object, send func([]byte) reply) []any {
	next := object{}
	for name, v := range request {
		next[name] = v
	}
	var pages []any
	for range 200 {
		r := send(encodeJSON(t, next))
		require.Equal(t, "", r.Error, r.Message)
		page := r.Body.(object)
		pages = append(pages, page)
		last, more := page["LastEvaluatedKey"]
		if !more {
			return pages
		}
		next["ExclusiveStartKey"] = last
	}
	t.Fatalf("%s does not end", operation)
	return nil
}

// together gives all items of pages, each as text, and how often it came.
func together(pages []any) map[string]int {
	seen := map[string]int{}
	for _, page := range pages {
		items, _ := page.(object)["Items"].([]any)
		for _, item := range items {
			seen[fmt.Sprint(item.(object)["p"], item.(object)["s"])]++
		}
	}
	return seen
}

// sizesOf gives the numbers of items of pages.
func sizesOf(pages []any) []any {
	var sizes []any
	for _, page := range pages {
		sizes = append(sizes, page.(object)["Count"])
	}
	return sizes
}
