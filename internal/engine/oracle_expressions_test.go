//go:build oracle

package engine

import (
	"encoding/base64"
	"fmt"
	"strings"
)

func (g *generator) number() string {
	switch g.n(8) {
	case 0:
		return fmt.Sprintf("%d.%02d", g.n(100), g.n(100))
	case 1:
		return fmt.Sprintf("-%d", g.n(1000))
	case 2:
		return fmt.Sprintf("%de%d", g.n(100), g.n(20)-10)
	case 3:
		return pick(g, "1e125", "-1e-130", "99999999999999999999999999999999999999", "0.00000001", "100", "1E+2")
	}
	return fmt.Sprint(g.n(5))
}

// value makes a value of any type.
func (g *generator) value(depth int) object {
	kinds := 8
	if depth > 0 {
		kinds = 11
	}
	switch g.n(kinds) {
	case 0, 1:
		return object{"S": pick(g, "", "a", "b", "abc", "ünï", "x y")}
	case 2:
		return object{"N": g.number()}
	case 3:
		return object{"B": base64.StdEncoding.EncodeToString([]byte(pick(g, "", "a", "ab", "\x00\xff")))}
	case 4:
		return object{"BOOL": g.chance(2)}
	case 5:
		return object{"NULL": true}
	case 6:
		return object{"SS": g.some("a", "b", "c", "")}
	case 7:
		if g.chance(3) {
			return object{"BS": g.some("YQ==", "Yg==", "")}
		}
		return object{"NS": g.some("1", "2", "3.5", "-1")}
	case 8, 9:
		list := []any{}
		for range g.n(4) {
			list = append(list, g.value(depth-1))
		}
		return object{"L": list}
	}
	m := object{}
	for _, name := range []string{"x", "y", "z"} {
		if g.chance(2) {
			m[name] = g.value(depth - 1)
		}
	}
	return object{"M": m}
}

// some picks at least one of several, each at most once.
func (g *generator) some(of ...string) []any {
	var picked []any
	for len(picked) == 0 {
		for _, s := range of {
			if g.chance(2) {
				picked = append(picked, s)
			}
		}
	}
	return picked
}

func (g *generator) placeholder(value object) string {
	name := fmt.Sprintf(":v%d", len(g.values))
	g.values[name] = value
	return name
}

func (g *generator) attributeName() string {
	name := pick(g, "a", "b", "c", "d", "g", "h", "k", "zz")
	if g.chance(5) {
		placeholder := fmt.Sprintf("#n%d", len(g.names))
		g.names[placeholder] = name
		return placeholder
	}
	return name
}

func (g *generator) path() string {
	p := g.attributeName()
	for g.chance(4) && !strings.ContainsAny(p, "ghk#") {
		p += pick(g, ".x", ".y", "[0]", "[1]", "[7]")
	}
	return p
}

func (g *generator) operand() string {
	switch g.n(6) {
	case 0, 1, 2:
		return g.path()
	case 3:
		return "size(" + g.path() + ")"
	}
	return g.placeholder(g.value(1))
}

// expression makes a condition.
func (g *generator) expression(depth int) string {
	if depth > 0 && g.chance(3) {
		switch g.n(4) {
		case 0:
			return "NOT " + g.expression(depth-1)
		case 1:
			return "(" + g.expression(0) + " AND " + g.expression(0) + ")"
		}
		return g.expression(depth-1) + pick(g, " AND ", " OR ") + g.expression(depth-1)
	}
	switch g.n(9) {
	case 0:
		return "attribute_exists(" + g.path() + ")"
	case 1:
		return "attribute_not_exists(" + g.path() + ")"
	case 2:
		return "attribute_type(" + g.path() + ", " +
			g.placeholder(object{"S": pick(g, "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M")}) + ")"
	case 3:
		return "begins_with(" + g.path() + ", " +
			g.placeholder(pick(g, object{"S": "a"}, object{"B": "YQ=="}, object{"S": ""})) + ")"
	case 4:
		return "contains(" + g.path() + ", " + g.placeholder(g.value(0)) + ")"
	case 5:
		low, high := fmt.Sprint(g.n(5)), fmt.Sprint(5+g.n(5))
		return g.path() + " BETWEEN " + g.placeholder(object{"N": low}) + " AND " + g.placeholder(object{"N": high})
	case 6:
		listed := []string{}
		for range 1 + g.n(3) {
			listed = append(listed, g.operand())
		}
		return g.path() + " IN (" + strings.Join(listed, ", ") + ")"
	}
	if g.chance(2) {
		return g.operand() + pick(g, " = ", " <> ") + g.operand()
	}
	return g.path() + pick(g, " < ", " <= ", " > ", " >= ") +
		g.placeholder(object{pick(g, "N", "S"): fmt.Sprint(g.n(6))})
}

// setValue makes the right-hand side of SET.
func (g *generator) setValue() string {
	switch g.n(9) {
	case 0:
		return g.path()
	case 1:
		return g.path() + pick(g, " + ", " - ") + g.placeholder(object{"N": g.number()})
	case 2:
		return "if_not_exists(" + g.path() + ", " + g.placeholder(g.value(1)) + ")"
	case 3:
		return "list_append(" + pick(g, g.path(), g.placeholder(object{"L": []any{g.value(0)}})) + ", " +
			g.placeholder(object{"L": []any{g.value(0)}}) + ")"
	case 4:
		return "if_not_exists(" + g.path() + ", " + g.placeholder(object{"N": "1"}) + ") + " +
			g.placeholder(object{"N": "2"})
	}
	return g.placeholder(g.value(1))
}

func (g *generator) update(table string) object {
	request := object{"TableName": table, "Key": g.key(table)}
	if g.chance(8) {
		updates := object{}
		for _, name := range []string{"a", "b", "c"} {
			if !g.chance(2) {
				continue
			}
			switch g.n(4) {
			case 0:
				updates[name] = object{"Action": "DELETE"}
			case 1:
				updates[name] = object{"Action": "ADD",
					"Value": pick(g, object{"N": g.number()}, object{"SS": g.some("a", "b", "d")})}
			case 2:
				updates[name] = object{"Action": "DELETE", "Value": object{"SS": g.some("a", "b", "d")}}
			default:
				updates[name] = object{"Action": "PUT", "Value": g.value(1)} // Local ignores an update without Action
			}
		}
		request["AttributeUpdates"] = updates
	} else {
		request["UpdateExpression"] = g.updateExpression()
		if g.chance(3) {
			request["ConditionExpression"] = g.expression(1)
		}
	}
	g.returnValues(request, "NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")
	return request
}

// tameUpdate makes an update that fits items of any kind, mostly.
func (g *generator) tameUpdate() string {
	name := pick(g, "a", "b", "c", "d")
	other := pick(g, "zz", "y")
	value := g.placeholder(g.value(1))
	switch g.n(7) {
	case 0:
		return "SET " + name + " = if_not_exists(" + name + ", " + value + ")"
	case 1:
		return "SET " + other + " = list_append(if_not_exists(" + other + ", " + g.placeholder(object{"L": []any{}}) +
			"), " + g.placeholder(object{"L": []any{g.value(1)}}) + "), " + name + " = " + value
	case 2:
		return "SET " + name + " = " + value + " REMOVE " + other
	case 3:
		return "ADD count_" + other + " " + g.placeholder(object{"N": g.number()}) + " SET " + name + " = " + value
	case 4:
		return "SET n = if_not_exists(n, " + g.placeholder(object{"N": g.number()}) + pick(g, ") + ", ") - ") +
			g.placeholder(object{"N": g.number()}) + ", " + name + " = " + value
	case 5:
		return "ADD set_" + other + " " + g.placeholder(object{"SS": g.some("a", "b", "c")}) + " REMOVE " + name +
			" SET m = " + value
	}
	return "DELETE set_" + other + " " + g.placeholder(object{"SS": g.some("a", "b", "c")}) + " SET " + name + " = " +
		value
}

func (g *generator) updateExpression() string {
	if g.chance(2) {
		return g.tameUpdate()
	}
	var sets, removes, adds, deletes []string
	for _, name := range []string{"a", "b", "c", "d", "g", "h", "k"} {
		if _, indexed := indexTypes[name]; indexed {
			if g.chance(6) {
				sets = append(sets, name+" = "+g.placeholder(g.keyValue(indexTypes[name].(string))))
			} else if g.chance(12) {
				removes = append(removes, name)
			}
			continue
		}
		suffix := ""
		if g.chance(4) {
			suffix = pick(g, ".x", "[0]", "[3]", ".y.x")
		}
		switch g.n(8) {
		case 0, 1, 2:
			sets = append(sets, name+suffix+" = "+g.setValue())
		case 3:
			removes = append(removes, name+suffix)
		case 4:
			adds = append(adds, name+suffix+" "+g.placeholder(pick(g, object{"N": g.number()},
				object{"SS": g.some("a", "d")}, object{"NS": g.some("1", "7")})))
		case 5:
			if g.chance(2) {
				deletes = append(deletes, name+" "+g.placeholder(pick(g, object{"SS": g.some("a", "b", "c")},
					object{"NS": g.some("1", "2")})))
			}
		}
	}
	var clauses []string
	for _, c := range []struct {
		word    string
		actions []string
	}{{"SET", sets}, {"REMOVE", removes}, {"ADD", adds}, {"DELETE", deletes}} {
		if len(c.actions) > 0 {
			clauses = append(clauses, c.word+" "+strings.Join(c.actions, ", "))
		}
	}
	if len(clauses) == 0 {
		return "SET a = " + g.placeholder(g.value(1))
	}
	g.rand.Shuffle(len(clauses), func(i, j int) { clauses[i], clauses[j] = clauses[j], clauses[i] })
	return strings.Join(clauses, " ")
}
