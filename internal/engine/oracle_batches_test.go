//go:build oracle

package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// someTables picks tables, at least one.
func (g *generator) someTables() []string {
	var tables []string
	for _, table := range []string{"oracle_h", "oracle_hr", "oracle_ix", "oracle_mx"} {
		if g.chance(3) {
			tables = append(tables, table)
		}
	}
	if tables == nil {
		return []string{g.table()}
	}
	return tables
}

func (g *generator) batch() (string, object) {
	requests := object{}
	if g.chance(2) {
		for _, table := range g.someTables() {
			keys := []any{}
			for range 1 + g.n(4) {
				keys = append(keys, g.key(table))
			}
			request := object{"Keys": keys, "ConsistentRead": true}
			g.names, g.values = object{}, object{}
			g.projection(request, g.chance(4))
			g.placeholders(request)
			requests[table] = request
		}
		g.names, g.values = object{}, object{}
		return "BatchGetItem", object{"RequestItems": requests}
	}
	for _, table := range g.someTables() {
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
	return "BatchWriteItem", object{"RequestItems": requests}
}

func (g *generator) transaction() (string, object) {
	reads := g.chance(4)
	actions := []any{}
	for range 1 + g.n(4) {
		actions = append(actions, g.action(reads))
	}
	g.names, g.values = object{}, object{}
	if reads {
		return "TransactGetItems", object{"TransactItems": actions}
	}
	request := object{"TransactItems": actions}
	if g.chance(5) {
		token := fmt.Sprintf("oracle_%d", g.n(1000))
		if len(g.sent) > 0 && g.chance(3) {
			token = pick(g, sortedNames(g.sent)...)
		}
		if again, ok := g.sent[token]; ok && !g.chance(4) {
			return "TransactWriteItems", again
		}
		request["ClientRequestToken"] = token
		g.sent[token] = request
	}
	return "TransactWriteItems", request
}

// action makes one action of a transaction.
func (g *generator) action(reads bool) object {
	g.names, g.values = object{}, object{}
	table := g.table()
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
		delete(action, "TableName") // with it the projection may be wrong
		g.projection(action, false)
		action["TableName"] = table
	} else if g.chance(3) {
		action["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
	}
	g.placeholders(action)
	return object{kind: action}
}

// spoilBatch makes one thing of a right batch or transaction wrong.
func (g *generator) spoilBatch(operation string, request object) {
	switch operation {
	case "BatchGetItem":
		tables := request["RequestItems"].(object)
		table := g.keepOne(tables)
		keys := tables[table].(object)["Keys"].([]any)[:1]
		pick(g,
			func() { tables[table].(object)["Keys"] = []any{keys[0], maps.Clone(keys[0].(object))} },
			func() { g.spoilKey(keys[0].(object)); tables[table] = object{"Keys": keys} },
			func() { tables["oracle_missing"] = object{"Keys": keys}; delete(tables, table) },
			func() { tables[table].(object)["Keys"] = []any{} },
			func() {
				tables[table] = object{"Keys": keys, "ProjectionExpression": pick(g, "a,", "#a", "a b", "a[")}
			},
			func() { tables[table] = object{"Keys": keys, "ExpressionAttributeNames": object{"#a": "a"}} },
			func() { tables[table] = object{"Keys": keys, "AttributesToGet": []any{"a", "a"}} },
			func() {
				tables[table] = object{"Keys": keys, "AttributesToGet": []any{"a"}, "ProjectionExpression": "a"}
			},
		)()
	case "BatchWriteItem":
		tables := request["RequestItems"].(object)
		table := g.keepOne(tables)
		writes := tables[table].([]any)
		item := g.item(table)
		put := object{"PutRequest": object{"Item": item}}
		pick(g,
			func() { tables[table] = append(writes, writes[0]) },
			func() { tables[table] = append(writes, object{}) },
			func() { tables[table] = []any{} },
			func() { g.spoilKey(item); tables[table] = []any{put} },
			func() { item["a"] = g.wrongValue(); tables[table] = []any{put} },
			func() { put["DeleteRequest"] = object{"Key": g.key(table)}; tables[table] = []any{put} },
			func() {
				key := g.key(table)
				g.spoilKey(key)
				tables[table] = []any{object{"DeleteRequest": object{"Key": key}}}
			},
			func() { tables["oracle_missing"] = []any{put}; delete(tables, table) },
		)()
	default:
		g.spoilTransaction(request)
	}
}

// keepOne takes all tables but one out of a batch.
func (g *generator) keepOne(tables object) string {
	kept := pick(g, sortedNames(tables)...)
	maps.DeleteFunc(tables, func(table string, _ any) bool { return table != kept })
	return kept
}

// spoilTransaction leaves a transaction with its last action, and one thing wrong in it, behind one that is right.
func (g *generator) spoilTransaction(request object) {
	if token, ok := request["ClientRequestToken"].(string); ok {
		delete(g.sent, token)
		delete(request, "ClientRequestToken")
	}
	actions := request["TransactItems"].([]any)
	last := actions[len(actions)-1].(object)
	kind := sortedNames(last)[0]
	action := last[kind].(object)
	others := slices.DeleteFunc(actions[:len(actions)-1:len(actions)-1], func(other any) bool {
		for kind, a := range other.(object) {
			// it may be wrong for its item, or on the same one
			return kind == "Update" || a.(object)["TableName"] == action["TableName"]
		}
		return true
	})
	actions = append(others[:min(len(others), 1):min(len(others), 1)], last)
	request["TransactItems"] = actions
	if g.chance(5) {
		g.spoilText(action)
		return
	}
	for name, plain := range map[string]string{"UpdateExpression": "REMOVE a",
		"ConditionExpression": "attribute_exists(a)", "ProjectionExpression": "a"} {
		if action[name] != nil { // it may be wrong by itself
			action[name] = plain
			delete(action, "ExpressionAttributeNames")
			delete(action, "ExpressionAttributeValues")
		}
	}
	faults := []func(){
		func() { action["TableName"] = "oracle_missing"; request["TransactItems"] = []any{last} },
		func() { last["Delete"] = object{"TableName": "oracle_h", "Key": g.key("oracle_h")} },
		func() { request["TransactItems"] = []any{} },
		func() { request["TransactItems"] = []any{object{}} },
		func() { request["TransactItems"] = append(actions, last) },
	}
	for _, place := range []string{"Item", "Key"} {
		if at, ok := action[place].(object); ok {
			faults = append(faults, func() { g.spoilKey(at) })
			if place == "Item" {
				faults = append(faults, func() { at["a"] = g.wrongValue() })
			}
		}
	}
	pick(g, faults...)()
}

// spoilKey makes one attribute of a key wrong.
func (g *generator) spoilKey(key object) {
	pick(g,
		func() { delete(key, "p") },
		func() { key["p"] = object{"BOOL": true} },
		func() { key["p"] = object{"S": ""} },
		func() { key["p"] = object{"S": strings.Repeat("k", 2049)} },
		func() { key["p"] = g.wrongValue() },
		func() { key["s"] = object{"L": []any{}} },
	)()
}
