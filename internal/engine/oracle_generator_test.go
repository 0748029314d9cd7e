//go:build oracle

package engine

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// generator makes requests: right ones, and ones with one thing wrong. Keys are few, so that requests meet.
type generator struct {
	rand   *rand.Rand
	names  map[string]any // of the request being made
	values map[string]any
	sent   map[string]object // transactions by their token
}

type object = map[string]any

func attribute(name, kind string) object  { return object{"AttributeName": name, "AttributeType": kind} }
func keyElement(name, kind string) object { return object{"AttributeName": name, "KeyType": kind} }

// generatedTables are the tables that requests are about.
func generatedTables() []object {
	index := func(name, hash, sort, projection string, more ...any) object {
		keys := []any{keyElement(hash, "HASH")}
		if sort != "" {
			keys = append(keys, keyElement(sort, "RANGE"))
		}
		projected := object{"ProjectionType": projection}
		if len(more) > 0 {
			projected["NonKeyAttributes"] = more
		}
		return object{"IndexName": name, "KeySchema": keys, "Projection": projected}
	}
	table := func(name string, attributes ...any) object {
		keys := []any{keyElement("p", "HASH")}
		if len(attributes) > 1 {
			keys = append(keys, keyElement("s", "RANGE"))
		}
		return object{"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys,
			"AttributeDefinitions": attributes}
	}
	ix := table("oracle_ix", attribute("p", "S"), attribute("s", "N"), attribute("g", "S"), attribute("h", "N"),
		attribute("k", "S"))
	ix["GlobalSecondaryIndexes"] = []any{index("gAll", "g", "h", "ALL"), index("gKeys", "g", "", "KEYS_ONLY")}
	ix["LocalSecondaryIndexes"] = []any{index("lInc", "p", "k", "INCLUDE", "a")}
	mx := table("oracle_mx", attribute("p", "N"), attribute("s", "B"), attribute("g", "S"), attribute("h", "N"),
		attribute("k", "S"))
	mx["GlobalSecondaryIndexes"] = []any{index("gInc", "k", "s", "INCLUDE", "a", "c"), index("gTurn", "s", "p", "ALL"),
		index("gNum", "h", "g", "KEYS_ONLY")}
	mx["LocalSecondaryIndexes"] = []any{index("lKeys", "p", "h", "KEYS_ONLY"), index("lAll", "p", "g", "ALL")}
	return []object{table("oracle_h", attribute("p", "S")),
		table("oracle_hr", attribute("p", "B"), attribute("s", "S")), ix, mx}
}

// keyTypes are the key attributes of the tables.
var keyTypes = map[string]object{
	"oracle_h":  {"p": "S"},
	"oracle_hr": {"p": "B", "s": "S"},
	"oracle_ix": {"p": "S", "s": "N"},
	"oracle_mx": {"p": "N", "s": "B"},
}

// indexTypes are the attributes that only indexes have in their keys.
var indexTypes = object{"g": "S", "h": "N", "k": "S"}

// source is what can be queried: a table or one of its indexes.
type source struct{ index, hash, sort string }

var sources = map[string][]source{
	"oracle_h":  {{"", "p", ""}},
	"oracle_hr": {{"", "p", "s"}},
	"oracle_ix": {{"", "p", "s"}, {"", "p", "s"}, {"gAll", "g", "h"}, {"gKeys", "g", ""}, {"lInc", "p", "k"}},
	"oracle_mx": {{"", "p", "s"}, {"", "p", "s"}, {"gInc", "k", "s"}, {"gTurn", "s", "p"}, {"gNum", "h", "g"},
		{"lKeys", "p", "h"}, {"lAll", "p", "g"}},
}

// table picks a table, those with indexes more often.
func (g *generator) table() string {
	return pick(g, "oracle_h", "oracle_hr", "oracle_ix", "oracle_ix", "oracle_mx", "oracle_mx")
}

// typeOf gives the type of an attribute that is in a key.
func typeOf(table, name string) string {
	if kind, ok := keyTypes[table][name].(string); ok {
		return kind
	}
	kind, _ := indexTypes[name].(string)
	return kind
}

func (g *generator) n(n int) int          { return g.rand.IntN(n) }
func (g *generator) chance(in int) bool   { return g.rand.IntN(in) == 0 }
func pick[T any](g *generator, of ...T) T { return of[g.n(len(of))] }

// request makes one request.
func (g *generator) request() (string, object) {
	g.names, g.values = object{}, object{}
	table := g.table()
	var operation string
	var request object
	switch g.n(14) {
	case 0, 1, 2:
		operation, request = "PutItem", object{"TableName": table, "Item": g.item(table)}
		g.condition(request, 3)
		g.returnValues(request, "NONE", "ALL_OLD")
	case 3, 4, 5:
		operation, request = "UpdateItem", g.update(table)
	case 6:
		operation, request = "DeleteItem", object{"TableName": table, "Key": g.key(table)}
		g.condition(request, 2)
		g.returnValues(request, "NONE", "ALL_OLD")
	case 7:
		operation, request = "GetItem", object{"TableName": table, "Key": g.key(table), "ConsistentRead": true}
		g.projection(request, g.chance(6))
	case 8, 9:
		operation, request = "Query", g.query(table)
	case 10:
		operation, request = "Scan", g.scan(table)
	case 11:
		operation, request = g.batch()
	default:
		operation, request = g.transaction()
	}
	g.placeholders(request)
	if _, single := request["TableName"]; single && g.chance(4) {
		request["ReturnConsumedCapacity"] = pick(g, "TOTAL", "INDEXES")
	}
	if g.chance(4) {
		g.spoil(operation, request)
	}
	return operation, request
}

func (g *generator) placeholders(request object) {
	if len(g.names) > 0 {
		request["ExpressionAttributeNames"] = g.names
	}
	if len(g.values) > 0 {
		request["ExpressionAttributeValues"] = g.values
	}
}

func (g *generator) returnValues(request object, of ...string) {
	if g.chance(2) {
		request["ReturnValues"] = pick(g, of...)
	}
	if g.chance(3) {
		request["ReturnValuesOnConditionCheckFailure"] = pick(g, "NONE", "ALL_OLD")
	}
}

// keyValue makes a key's value, one of few.
func (g *generator) keyValue(kind string) object {
	switch kind {
	case "S":
		return object{"S": pick(g, "a", "b", "ab", "é", "a\x00", "Z")}
	case "N":
		return object{"N": pick(g, "0", "1", "1.0", "-1", "10", "2", "1e1", "-0", "0.5", "12345678901234567890")}
	}
	return object{"B": base64.StdEncoding.EncodeToString([]byte(pick(g, "a", "b", "\x00", "\xff\x00", "\xff")))}
}

func (g *generator) key(table string) object {
	key := object{}
	for _, name := range slices.Sorted(maps.Keys(keyTypes[table])) {
		key[name] = g.keyValue(keyTypes[table][name].(string))
	}
	return key
}

func (g *generator) item(table string) object {
	item := g.key(table)
	if table == "oracle_ix" || table == "oracle_mx" {
		for _, name := range slices.Sorted(maps.Keys(indexTypes)) {
			if !g.chance(3) {
				item[name] = g.keyValue(indexTypes[name].(string))
			}
		}
	}
	for _, name := range []string{"a", "b", "c", "d"} {
		if g.chance(2) {
			item[name] = g.value(2)
		}
	}
	return item
}

func (g *generator) condition(request object, in int) {
	switch {
	case g.chance(in):
		request["ConditionExpression"] = g.expression(2)
	case g.chance(in * 3):
		expected := object{}
		for range 1 + g.n(2) {
			expected[pick(g, "a", "b", "c")] = g.legacyExpected()
		}
		request["Expected"] = expected
		if len(expected) > 1 && g.chance(2) {
			request["ConditionalOperator"] = pick(g, "AND", "OR")
		}
	}
}

func (g *generator) legacyExpected() object {
	switch g.n(4) {
	case 0:
		return object{"Exists": false}
	case 1:
		return object{"Value": g.value(1)}
	}
	return g.legacyCondition()
}

func (g *generator) legacyCondition() object {
	operator := pick(g, "EQ", "NE", "LE", "LT", "GE", "GT", "NOT_NULL", "NULL", "CONTAINS", "NOT_CONTAINS",
		"BEGINS_WITH", "IN", "BETWEEN")
	c := object{"ComparisonOperator": operator}
	switch operator {
	case "NULL", "NOT_NULL":
	case "BETWEEN":
		c["AttributeValueList"] = []any{object{"N": fmt.Sprint(g.n(4))}, object{"N": fmt.Sprint(2 + g.n(4))}}
	case "IN":
		c["AttributeValueList"] = []any{object{"S": "a"}, object{"S": "b"}}
	case "BEGINS_WITH":
		c["AttributeValueList"] = []any{object{"S": pick(g, "a", "")}}
	case "EQ", "NE":
		c["AttributeValueList"] = []any{g.value(1)}
	default:
		c["AttributeValueList"] = []any{g.value(0)}
	}
	return c
}
