//go:build oracle

package engine

import "strings"

// filter adds a filter that reads no key of the query; legacy says in which language.
func (g *generator) filter(request object, legacy bool) {
	if !legacy {
		if g.chance(3) {
			request["FilterExpression"] = g.expression(1)
		}
		return
	}
	conditions := object{}
	for _, name := range []string{"a", "b", "c"} {
		if g.chance(3) {
			conditions[name] = g.legacyCondition()
		}
	}
	if len(conditions) == 0 {
		return
	}
	name := "ScanFilter"
	if request["KeyConditions"] != nil {
		name = "QueryFilter"
	}
	request[name] = conditions
	if len(conditions) > 1 && g.chance(2) {
		request["ConditionalOperator"] = pick(g, "AND", "OR")
	}
}

// projection adds a projection.
func (g *generator) projection(request object, legacy bool) {
	if !g.chance(3) {
		return
	}
	paths := []any{}
	texts := []string{}
	for _, name := range []string{"a", "b", "c", "p", "s"} {
		if !g.chance(2) {
			continue
		}
		paths = append(paths, name)
		texts = append(texts, name+g.step(name))
		if _, single := request["TableName"]; single && g.chance(6) {
			texts = append(texts, name+g.step(name)) // perhaps the same, or one that overlaps
		}
	}
	switch {
	case len(paths) == 0:
	case legacy:
		request["AttributesToGet"] = paths
	default:
		request["ProjectionExpression"] = strings.Join(texts, ", ")
	}
}

// step goes below an attribute that is in no key.
func (g *generator) step(name string) string {
	if name == "p" || name == "s" || indexTypes[name] != nil {
		return ""
	}
	return pick(g, "", "", ".x", "[0]", "[1].y", "[2]")
}

// scan makes a scan. Pages and segments are walked by another test: where they end in a table is each side's own.
func (g *generator) scan(table string) object {
	request := object{"TableName": table}
	legacy := g.chance(5)
	index := pick(g, sources[table]...).index
	if index != "" {
		request["IndexName"] = index
	} else {
		request["ConsistentRead"] = true
	}
	switch {
	case g.chance(6):
		request["Select"] = "COUNT"
	case g.chance(6):
		request["Select"] = g.wholes(index)
	default:
		g.projection(request, legacy)
	}
	g.filter(request, legacy)
	return request
}

func (g *generator) query(table string) object {
	request := object{"TableName": table}
	from := pick(g, sources[table]...)
	if from.index != "" {
		request["IndexName"] = from.index
	}
	hash := g.keyValue(typeOf(table, from.hash))
	legacy := g.chance(6)
	if legacy {
		request["KeyConditions"] = g.legacyKeyConditions(table, from, hash)
	} else {
		request["KeyConditionExpression"] = g.keyExpression(table, from, hash)
	}
	if g.chance(3) {
		request["ScanIndexForward"] = g.chance(2)
	}
	if g.chance(4) && from.index == "" {
		request["Limit"] = 1 + g.n(4)
	}
	if g.chance(5) && from.index == "" {
		start := g.key(table)
		start[from.hash] = hash
		request["ExclusiveStartKey"] = start
	}
	if g.chance(6) {
		request["ConsistentRead"] = from.index == "" || from.index[0] == 'l'
	}
	if g.chance(6) {
		request["Select"] = "COUNT"
	} else {
		g.projection(request, legacy)
		if request["ProjectionExpression"] == nil && request["AttributesToGet"] == nil && g.chance(4) {
			request["Select"] = g.wholes(from.index)
		}
	}
	// A legacy filter may be wrong by itself, and so may a start key.
	if (request["Select"] != "COUNT" || g.chance(2)) && (!legacy || request["ExclusiveStartKey"] == nil) {
		g.filter(request, legacy)
	}
	return request
}

// wholes picks a Select of all attributes.
func (g *generator) wholes(index string) string {
	if index == "" {
		return "ALL_ATTRIBUTES"
	}
	return pick(g, "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
}

func (g *generator) keyExpression(table string, from source, hash object) string {
	text := from.hash + " = " + g.placeholder(hash)
	if from.sort == "" || g.chance(2) {
		return text
	}
	kind := typeOf(table, from.sort)
	value := func() string { return g.placeholder(g.keyValue(kind)) }
	condition := ""
	switch operator := pick(g, "=", "<", "<=", ">", ">=", "begins_with", "BETWEEN"); {
	case operator == "begins_with" && kind != "N":
		condition = "begins_with(" + from.sort + ", " + value() + ")"
	case operator == "BETWEEN" || operator == "begins_with":
		condition = from.sort + " BETWEEN " + value() + " AND " + value()
	default:
		condition = from.sort + " " + operator + " " + value()
	}
	switch g.n(8) {
	case 0:
		return condition + " AND " + text
	case 1:
		return "(" + text + ") AND (" + condition + ")"
	}
	return text + " AND " + condition
}

func (g *generator) legacyKeyConditions(table string, from source, hash object) object {
	conditions := object{from.hash: object{"ComparisonOperator": "EQ", "AttributeValueList": []any{hash}}}
	if from.sort == "" || g.chance(2) {
		return conditions
	}
	kind := typeOf(table, from.sort)
	operator := pick(g, "EQ", "LT", "LE", "GT", "GE", "BEGINS_WITH", "BETWEEN")
	values := []any{g.keyValue(kind)}
	if operator == "BETWEEN" {
		values = append(values, g.keyValue(kind))
	}
	conditions[from.sort] = object{"ComparisonOperator": operator, "AttributeValueList": values}
	return conditions
}

// tied says whether a query's answer can hold entries with equal keys, whose order is each side's own.
func (g *generator) tied(request object) bool { return request["IndexName"] != nil }
