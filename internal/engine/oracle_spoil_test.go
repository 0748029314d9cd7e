//go:build oracle

package engine

import "strings"

// spoil makes one thing of a right request wrong.
func (g *generator) spoil(operation string, request object) {
	switch operation {
	case "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems":
		g.spoilBatch(operation, request)
		return
	}
	if g.chance(2) {
		g.spoilText(request)
		return
	}
	// A request with two things wrong may be refused for either: nothing else can be wrong with a request without
	// conditions.
	for _, name := range []string{"ConditionExpression", "FilterExpression", "ProjectionExpression", "Expected",
		"ConditionalOperator", "QueryFilter", "ScanFilter", "KeyConditions", "AttributesToGet", "ExclusiveStartKey",
		"AttributeUpdates", "ExpressionAttributeNames", "ExpressionAttributeValues"} {
		delete(request, name)
	}
	g.names, g.values = object{}, object{}
	if operation == "UpdateItem" {
		request["UpdateExpression"] = "SET a = " + g.placeholder(object{"S": "x"})
	}
	if operation == "Query" {
		delete(request, "Select")
		delete(request, "ConsistentRead")
		g.spoilQuery(request)
	}
	g.placeholders(request)
	table := request["TableName"].(string)
	faults := []func(){
		func() { request["TableName"] = "oracle_missing" },
		func() { g.spoilPlaceholder(request) },
	}
	for _, place := range []string{"Item", "Key"} {
		if at, ok := request[place].(object); ok {
			faults = append(faults,
				func() { delete(at, "p") },
				func() { at["p"] = g.value(1) },
				func() { at["p"] = object{"S": ""} },
				func() { at["p"] = object{"S": strings.Repeat("k", 2049)} },
				func() { at["s"] = g.value(1) },
			)
			if place == "Item" {
				faults = append(faults,
					func() { at["a"] = g.wrongValue() },
					func() { at[pick(g, "g", "h", "k")] = g.value(0) },
					func() { at["b"] = object{"L": []any{g.wrongValue()}} },
				)
			}
		}
	}
	if operation == "Query" {
		faults = append(faults,
			func() { request["IndexName"] = "missing" },
			func() {
				request["KeyConditionExpression"] = pick(g, "p > :v0", "x = :v0", "p = :v0 AND q = :v0",
					"p = :v0 OR s = :v0", "p <> :v0")
			},
			func() { g.values[":v0"] = g.value(0) },
			func() { request["ExclusiveStartKey"] = g.key(table) },
			func() {
				request["Select"] = pick(g, "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES",
					"COUNT")
			},
			func() { request["ConsistentRead"] = true },
		)
	}
	pick(g, faults...)()
}

// spoilQuery leaves a query with its hash key alone.
func (g *generator) spoilQuery(request object) {
	table := request["TableName"].(string)
	for _, from := range sources[table] {
		if index, _ := request["IndexName"].(string); index == from.index {
			request["KeyConditionExpression"] = from.hash + " = " + g.placeholder(g.keyValue(typeOf(table, from.hash)))
			return
		}
	}
}

// wrongValue makes a value that is none.
func (g *generator) wrongValue() object {
	return pick(g,
		object{}, object{"N": "x"}, object{"N": ""}, object{"N": "1e126"}, object{"N": "1e-131"},
		object{"N": strings.Repeat("1", 39)},
		object{"SS": []any{}}, object{"NS": []any{}}, object{"BS": []any{}}, object{"SS": []any{"a", "a"}},
		object{"NS": []any{"1", "1.0"}},
		object{"NULL": false}, object{"NS": []any{"x"}}, object{"M": object{"": object{"S": "a"}}},
	)
}

// spoilText changes a token of an expression.
func (g *generator) spoilText(request object) {
	for _, name := range []string{"UpdateExpression", "ConditionExpression", "FilterExpression",
		"KeyConditionExpression", "ProjectionExpression"} {
		text, ok := request[name].(string)
		if !ok {
			continue
		}
		words := strings.Fields(text)
		at := g.n(len(words))
		switch g.n(4) {
		case 0:
			words = append(words[:at], words[at+1:]...)
		case 1:
			words[at] = pick(g, "AND", "=", "(", ")", ",", "SET", "x..y", "name", ":undefined", "#undefined", "&",
				"a[-1]", "1a")
		case 2:
			words = append(words, pick(g, "AND", ")", ",", "x", "SET a = b"))
		default:
			words = append(words[:at+1], words[at:]...)
		}
		request[name] = strings.Join(words, " ")
		return
	}
}

// spoilPlaceholder adds or takes away a name or a value.
func (g *generator) spoilPlaceholder(request object) {
	switch g.n(3) {
	case 0:
		g.values[":unused"] = object{"S": "x"}
		request["ExpressionAttributeValues"] = g.values
	case 1:
		g.names["#unused"] = "x"
		request["ExpressionAttributeNames"] = g.names
	default:
		delete(g.values, ":v0")
		if len(g.values) == 0 {
			delete(request, "ExpressionAttributeValues")
		}
	}
}

// touchedKey is an item that a request may have written.
type touchedKey struct {
	table string
	key   object
}

// touchedKeys lists the items that a request may have written.
func touchedKeys(operation string, request object) []touchedKey {
	var touched []touchedKey
	add := func(table any, from any) {
		name, _ := table.(string)
		item, _ := from.(object)
		key := object{}
		for attribute := range keyTypes[name] {
			if v, ok := item[attribute]; ok {
				key[attribute] = v
			}
		}
		if len(key) == len(keyTypes[name]) && len(key) > 0 {
			touched = append(touched, touchedKey{name, key})
		}
	}
	switch operation {
	case "PutItem":
		add(request["TableName"], request["Item"])
	case "UpdateItem", "DeleteItem":
		add(request["TableName"], request["Key"])
	case "BatchWriteItem":
		for table, writes := range request["RequestItems"].(object) {
			for _, w := range writes.([]any) {
				for _, action := range w.(object) {
					add(table, action.(object)["Item"])
					add(table, action.(object)["Key"])
				}
			}
		}
	case "TransactWriteItems":
		for _, w := range request["TransactItems"].([]any) {
			for _, action := range w.(object) {
				a := action.(object)
				add(a["TableName"], a["Item"])
				add(a["TableName"], a["Key"])
			}
		}
	}
	return touched
}
