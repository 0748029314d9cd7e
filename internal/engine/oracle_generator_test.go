//go:build oracle

package engine

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// generator makes requests: right ones, and ones with one thing wrong. Keys are few, so that requests meet.
type generator struct {
	rand   *rand.Rand
	names  map[string]any // of the request being made
	values map[string]any
}

type object = map[string]any

func attribute(name, kind string) object  { return object{"AttributeName": name, "AttributeType": kind} }
func keyElement(name, kind string) object { return object{"AttributeName": name, "KeyType": kind} }

// generatedTables are the tables that requests are about.
func generatedTables() []object {
	all := object{"ProjectionType": "ALL"}
	return []object{
		{
			"TableName": "oracle_h", "BillingMode": "PAY_PER_REQUEST",
			"KeySchema":            []any{keyElement("p", "HASH")},
			"AttributeDefinitions": []any{attribute("p", "S")},
		},
		{
			"TableName": "oracle_hr", "BillingMode": "PAY_PER_REQUEST",
			"KeySchema":            []any{keyElement("p", "HASH"), keyElement("s", "RANGE")},
			"AttributeDefinitions": []any{attribute("p", "B"), attribute("s", "S")},
		},
		{
			"TableName": "oracle_ix", "BillingMode": "PAY_PER_REQUEST",
			"KeySchema":            []any{keyElement("p", "HASH"), keyElement("s", "RANGE")},
			"AttributeDefinitions": []any{attribute("p", "S"), attribute("s", "N"), attribute("g", "S"), attribute("h", "N"), attribute("k", "S")},
			"GlobalSecondaryIndexes": []any{
				object{"IndexName": "gAll", "KeySchema": []any{keyElement("g", "HASH"), keyElement("h", "RANGE")}, "Projection": all},
				object{"IndexName": "gKeys", "KeySchema": []any{keyElement("g", "HASH")}, "Projection": object{"ProjectionType": "KEYS_ONLY"}},
			},
			"LocalSecondaryIndexes": []any{
				object{"IndexName": "lInc", "KeySchema": []any{keyElement("p", "HASH"), keyElement("k", "RANGE")}, "Projection": object{"ProjectionType": "INCLUDE", "NonKeyAttributes": []any{"a"}}},
			},
		},
	}
}

// keyTypes are the key attributes of the tables and indexes.
var keyTypes = map[string]object{
	"oracle_h":  {"p": "S"},
	"oracle_hr": {"p": "B", "s": "S"},
	"oracle_ix": {"p": "S", "s": "N"},
}

var indexTypes = object{"g": "S", "h": "N", "k": "S"}

func (g *generator) n(n int) int          { return g.rand.IntN(n) }
func (g *generator) chance(in int) bool   { return g.rand.IntN(in) == 0 }
func pick[T any](g *generator, of ...T) T { return of[g.n(len(of))] }

// request makes one request.
func (g *generator) request() (string, object) {
	g.names, g.values = object{}, object{}
	table := pick(g, "oracle_h", "oracle_hr", "oracle_ix", "oracle_ix")
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
		g.projection(request)
	case 8, 9:
		operation, request = "Query", g.query(table)
	case 10:
		operation, request = "Scan", object{"TableName": table, "ConsistentRead": true}
		g.filter(request, nil)
		g.projection(request)
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
	if table == "oracle_ix" {
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
	operator := pick(g, "EQ", "NE", "LE", "LT", "GE", "GT", "NOT_NULL", "NULL", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", "IN", "BETWEEN")
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

// filter adds a filter that reads no key of the query.
func (g *generator) filter(request object, keys object) {
	switch {
	case g.chance(3):
		request["FilterExpression"] = g.expression(1)
	case g.chance(9) && request["IndexName"] == nil:
		request[legacyFilterName(request)] = object{pick(g, "a", "b", "c"): g.legacyCondition()}
	}
}

func legacyFilterName(request object) string {
	if request["KeyConditionExpression"] != nil || request["KeyConditions"] != nil {
		return "QueryFilter"
	}
	return "ScanFilter"
}

func (g *generator) projection(request object) {
	if g.chance(3) {
		paths := []string{}
		for _, name := range []string{"a", "b", "c", "p", "s"} {
			if g.chance(2) {
				paths = append(paths, name+g.step(name))
			}
		}
		if len(paths) > 0 {
			request["ProjectionExpression"] = strings.Join(paths, ", ")
		}
	}
}

// step goes below an attribute that is in no key.
func (g *generator) step(name string) string {
	if name == "p" || name == "s" || indexTypes[name] != nil {
		return ""
	}
	return pick(g, "", "", ".x", "[0]", "[1].y")
}

func (g *generator) query(table string) object {
	request := object{"TableName": table}
	hash, hashKind, sort, sortKind := "p", keyTypes[table]["p"].(string), "s", ""
	if kind, ok := keyTypes[table]["s"]; ok {
		sortKind = kind.(string)
	}
	if table == "oracle_ix" && g.chance(2) {
		switch index := pick(g, "gAll", "gKeys", "lInc"); index {
		case "gAll":
			request["IndexName"], hash, hashKind, sort, sortKind = index, "g", "S", "h", "N"
		case "gKeys":
			request["IndexName"], hash, hashKind, sortKind = index, "g", "S", ""
		case "lInc":
			request["IndexName"], sort, sortKind = index, "k", "S"
		}
	}
	text := hash + " = " + g.placeholder(g.keyValue(hashKind))
	if sortKind != "" && g.chance(2) {
		switch operator := pick(g, "=", "<", "<=", ">", ">=", "begins_with", "BETWEEN"); {
		case operator == "begins_with" && sortKind != "N":
			text += " AND begins_with(" + sort + ", " + g.placeholder(g.keyValue(sortKind)) + ")"
		case operator == "BETWEEN" || operator == "begins_with":
			text += " AND " + sort + " BETWEEN " + g.placeholder(g.keyValue(sortKind)) + " AND " + g.placeholder(g.keyValue(sortKind))
		default:
			text += " AND " + sort + " " + operator + " " + g.placeholder(g.keyValue(sortKind))
		}
	}
	request["KeyConditionExpression"] = text
	if g.chance(3) {
		request["ScanIndexForward"] = g.chance(2)
	}
	if g.chance(4) && request["IndexName"] == nil {
		request["Limit"] = 1 + g.n(4)
	}
	if g.chance(5) && request["IndexName"] == nil {
		start := g.key(table)
		start["p"] = g.values[":v0"]
		request["ExclusiveStartKey"] = start
	}
	if g.chance(6) {
		request["Select"] = "COUNT"
	} else {
		g.projection(request)
		if request["IndexName"] == "lInc" && request["ProjectionExpression"] == nil && g.chance(3) {
			request["Select"] = "ALL_ATTRIBUTES"
		}
	}
	if request["Select"] != "COUNT" || g.chance(2) {
		g.filter(request, nil)
	}
	return request
}

// tied says whether a query's answer can hold entries with equal keys, whose order is each side's own.
func (g *generator) tied(request object) bool { return request["IndexName"] != nil }

func (g *generator) batch() (string, object) {
	if g.chance(2) {
		requests := object{}
		for _, table := range []string{"oracle_h", "oracle_hr", "oracle_ix"} {
			if g.chance(2) {
				keys := []any{}
				for range 1 + g.n(4) {
					keys = append(keys, g.key(table))
				}
				requests[table] = object{"Keys": keys, "ConsistentRead": true}
			}
		}
		if len(requests) == 0 {
			requests["oracle_h"] = object{"Keys": []any{g.key("oracle_h")}}
		}
		return "BatchGetItem", object{"RequestItems": requests}
	}
	requests := object{}
	for _, table := range []string{"oracle_h", "oracle_hr", "oracle_ix"} {
		if g.chance(2) {
			writes := []any{}
			for range 1 + g.n(4) {
				if g.chance(3) {
					writes = append(writes, object{"DeleteRequest": object{"Key": g.key(table)}})
				} else {
					writes = append(writes, object{"PutRequest": object{"Item": g.item(table)}})
				}
			}
			requests[table] = writes
		}
	}
	if len(requests) == 0 {
		requests["oracle_h"] = []any{object{"DeleteRequest": object{"Key": g.key("oracle_h")}}}
	}
	return "BatchWriteItem", object{"RequestItems": requests}
}

func (g *generator) transaction() (string, object) {
	actions := []any{}
	reads := g.chance(4)
	for range 1 + g.n(3) {
		g.names, g.values = object{}, object{}
		table := pick(g, "oracle_h", "oracle_hr", "oracle_ix")
		action := object{"TableName": table}
		kind := pick(g, "Put", "Update", "Delete", "ConditionCheck")
		if reads {
			kind = "Get"
		}
		switch kind {
		case "Put":
			action["Item"] = g.item(table)
		case "Update":
			action["Key"] = g.key(table)
			action["UpdateExpression"] = g.updateExpression()
		default:
			action["Key"] = g.key(table)
		}
		if kind == "ConditionCheck" || kind != "Get" && g.chance(3) {
			action["ConditionExpression"] = g.expression(1)
		}
		if kind == "Get" {
			g.projection(action)
		} else if g.chance(3) {
			action["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
		}
		g.placeholders(action)
		actions = append(actions, object{kind: action})
	}
	g.names, g.values = object{}, object{}
	if reads {
		return "TransactGetItems", object{"TransactItems": actions}
	}
	return "TransactWriteItems", object{"TransactItems": actions}
}
