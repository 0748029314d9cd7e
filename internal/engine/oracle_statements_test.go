//go:build oracle

package engine

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// statementGenerator makes statements, most of them right, over the tables oracle_h and oracle_c.
type statementGenerator struct{ *rand.Rand }

func (g statementGenerator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g statementGenerator) one(in int) bool { return g.IntN(in) == 0 }

func (g statementGenerator) path() string {
	return g.pick("n", "s", "m.x", "m.y.z", "l[0]", "l[1]", "ss", "ns", "b", "nul", "nope", "g", "d", "m['x']", "pk",
		"sk", "l", "m", `"n"`)
}

func (g statementGenerator) literal() string {
	return g.pick("1", "2", "-1.50", "'a'", "'x'", "'1'", "''", "true", "NULL", "[1]", "['e0', 5]", "<<'p', 'q'>>",
		"<<1>>",
		"{'x': 1}", "0", "3", "'g1'", "'str'", "1e2")
}

func (g statementGenerator) operand() string {
	if g.one(4) {
		return g.path()
	}
	if g.one(12) {
		return "size(" + g.path() + ")"
	}
	return g.literal()
}

func (g statementGenerator) comparison() string {
	p := g.path()
	switch g.IntN(12) {
	case 0:
		return p + " BETWEEN " + g.operand() + " AND " + g.operand()
	case 1:
		return p + g.pick(" IN [", " NOT IN [") + g.literal() + ", " + g.literal() + "]"
	case 2:
		return p + g.pick(" IS ", " IS NOT ") + g.pick("MISSING", "NULL", "STRING", "BOOL", "NUMERIC", "LIST", "STRUCT",
			"BLOB")
	case 3:
		return g.pick("begins_with", "contains") + "(" + g.operand() + ", " + g.operand() + ")"
	case 4:
		return g.pick("attribute_exists", "attribute_not_exists", "ATTRIBUTE_EXISTS") + "(" + p + ")"
	case 5:
		return "attribute_type(" + p + ", '" + g.pick("S", "N", "L", "M", "SS", "NULL", "BOOL", "X") + "')"
	case 6:
		return "size(" + p + ") " + g.pick("=", ">", "<=") + " " + g.pick("1", "2", "3")
	}
	return g.operand() + " " + g.pick("=", "=", "<>", "!=", "<", "<=", ">", ">=") + " " + g.operand()
}

func (g statementGenerator) condition(depth int) string {
	if depth == 0 || g.one(3) {
		return g.comparison()
	}
	switch g.IntN(8) {
	case 0:
		return "NOT " + g.condition(depth-1)
	case 1:
		return "(" + g.condition(depth-1) + ") = true"
	case 2, 3:
		return "(" + g.condition(depth-1) + " OR " + g.condition(depth-1) + ")"
	case 4:
		return "(" + g.condition(depth-1) + ")"
	}
	return g.condition(depth-1) + " AND " + g.condition(depth-1)
}

// key names an item of a table, and where asks for it or, in oracle_c, for a part of its partition.
func (g statementGenerator) key(table string) string {
	if table == "oracle_h" {
		return "pk = '" + g.pick("a", "b", "c", "d") + "'"
	}
	return "pk = '" + g.pick("x", "y") + "' AND sk = '" + g.pick("1", "2", "3", "4") + "'"
}

func (g statementGenerator) where(table string) string {
	if g.one(12) {
		return ""
	}
	if table == "oracle_h" || g.one(3) {
		if g.one(3) {
			return " WHERE " + g.condition(2)
		}
		return " WHERE " + g.key(table) + g.more()
	}
	pk, sk := "pk = '"+g.pick("x", "y")+"'", "sk "+g.pick("=", "<", "<=", ">", ">=")+" '"+g.pick("1", "2", "3")+"'"
	switch g.IntN(6) {
	case 0:
		return " WHERE " + pk + g.more()
	case 1:
		return " WHERE pk IN ['x', 'y']" + g.more()
	case 2:
		return " WHERE " + pk + " AND sk IN ['1', '3']" + g.more()
	case 3:
		return " WHERE " + pk + " AND sk BETWEEN '1' AND '3'" + g.more()
	case 4:
		return " WHERE pk = 'x' AND sk = '1' OR pk = 'y' AND " + sk
	}
	return " WHERE " + pk + " AND " + sk + g.more()
}

func (g statementGenerator) more() string {
	if g.one(2) {
		return ""
	}
	return " AND " + g.condition(1)
}

func (g statementGenerator) selection() string {
	table := g.pick("oracle_h", "oracle_c", "oracle_c")
	source := g.pick(table, `"`+table+`"`)
	where := g.where(table)
	if table == "oracle_c" && g.one(6) {
		index := g.pick("gall", "gkeys", "lkeys", "gall")
		source += `."` + index + `"`
		if index != "lkeys" && g.one(2) {
			where = " WHERE g = '" + g.pick("g1", "g2") + "'" + g.more()
		}
	}
	columns := "*"
	if g.one(2) {
		columns = g.path()
		for g.one(2) {
			columns += ", " + g.path()
		}
	}
	order := ""
	if g.one(10) && where != "" {
		order = " ORDER BY " + g.pick("sk", "sk", "sk ASC", "pk, sk", "n")
	}
	return g.pick("SELECT ", "select ") + columns + " FROM " + source + where + order
}

func (g statementGenerator) assigned(target string) string {
	switch g.IntN(8) {
	case 0:
		return g.path() + g.pick(" + ", " - ") + g.pick("1", "2.5", "n", "'a'")
	case 1:
		return "list_append(" + g.pick("l", "['x']", "n", "nope") + ", " + g.pick("[1]", "l", "'y'") + ")"
	case 2:
		return g.pick("set_add(", "set_delete(") + g.pick(target, target, target, "ss") + ", " + g.pick("<<'p', 'z'>>",
			"<<1, 7>>", "'p'") + ")"
	case 3:
		return g.path()
	case 4:
		return "if_not_exists(" + g.path() + ", " + g.literal() + ")"
	}
	return g.literal()
}

func (g statementGenerator) write() string {
	table := g.pick("oracle_h", "oracle_c")
	where := " WHERE " + g.key(table)
	if g.one(2) {
		where += " AND " + g.condition(1)
	}
	if g.one(15) {
		where = g.where(table)
	}
	switch g.IntN(4) {
	case 0:
		item := "{'pk': '" + g.pick("a", "b", "c", "d", "x", "y") + "', 'sk': '" + g.pick("1", "2", "3", "4") + "'"
		for range g.IntN(4) {
			item += ", '" + g.pick("n", "s", "m", "l", "ss", "ns", "b", "g", "d") + "': " + g.literal()
		}
		if g.one(15) {
			item = "{'s': 1"
		}
		return "INSERT INTO " + table + " VALUE " + item + "}"
	case 1:
		return "DELETE FROM " + table + where + g.pick("", "", " RETURNING ALL OLD *", " RETURNING MODIFIED OLD *")
	}
	changes := ""
	for range 1 + g.IntN(2) {
		target := g.pick("n", "s", "m.x", "l[0]", "l[9]", "ss", "ns", "b", "q", "g", "d", "nope.x", "pk")
		if g.one(5) {
			changes += " REMOVE " + target
		} else {
			changes += " SET " + target + " = " + g.assigned(target)
		}
	}
	returning := g.pick("", "", "", " RETURNING ALL OLD *", " RETURNING ALL NEW *", " RETURNING MODIFIED OLD *",
		" RETURNING MODIFIED NEW *")
	if g.one(4) {
		return "FROM " + table + where + changes + returning
	}
	return "UPDATE " + table + changes + where + returning
}

// statement makes a statement, and rarely spoils it.
func (g statementGenerator) statement() string {
	text := g.selection()
	if g.one(3) {
		text = g.write()
	}
	if g.one(12) {
		words := strings.Fields(text)
		i := g.IntN(len(words))
		switch g.IntN(3) {
		case 0:
			words = slices.Delete(words, i, i+1)
		case 1:
			words = slices.Insert(words, i,
				g.pick("AND", "'", "(", ")", ",", "=", "NOT", "user", "x", "-", "*", "1", ";", "[", "MISSING", "?"))
		default:
			words[i], words[len(words)/2] = words[len(words)/2], words[i]
		}
		text = strings.Join(words, " ")
	}
	return text
}

func statementTablesOf() []string {
	return []string{strings.ReplaceAll(statementTables[0], "TabH", "oracle_h"),
		strings.ReplaceAll(statementTables[2], "TabC", "oracle_c")}
}

// places masks where in a statement something stands: the tables have other names on either side.
var places = regexp.MustCompile(` at \d+:\d+:\d+`)

// shapely makes a reply to a statement comparable.
func shapely(r reply, ordered bool) reply {
	const malformed = "Statement wasn't well formed, can't be processed: "
	if head, _, found := strings.Cut(r.Message, malformed); found {
		r.Message = head + malformed
	}
	r.Message = places.ReplaceAllString(r.Message, " at …")
	if fields, ok := r.Body.(map[string]any); ok {
		delete(fields, "NextToken")
	}
	if !ordered {
		r = unordered(r, "Items")
	}
	return r
}

// TestOracleStatements sends random statements to both sides.
func TestOracleStatements(t *testing.T) {
	o := newOracle(t)
	e := New(Options{})
	for _, table := range statementTablesOf() {
		send(t, e, "CreateTable", table)
		created := o.call("CreateTable", []byte(table))
		require.Empty(t, created.Error, created.Message)
	}
	t.Cleanup(func() {
		for _, name := range []string{"oracle_h", "oracle_c"} {
			o.call("DeleteTable", []byte(`{"TableName":"`+name+`"}`))
		}
	})
	g := statementGenerator{rand.New(rand.NewPCG(*oracleSeed, 23))}
	explained, outcomes := map[string]int{}, map[string]int{}
	unexplained := 0
	for i := range *oracleStatements {
		if i%200 == 0 {
			o.fillStatements(e)
		}
		text := g.statement()
		ours, theirs := o.bothStatements(e, g, text)
		ordered := strings.Contains(text, "ORDER BY sk") && !strings.Contains(text, "gall") && !strings.Contains(text,
			"gkeys")
		ours, theirs = shapely(ours, ordered), shapely(theirs, ordered)
		outcomes[strings.ToUpper(strings.Fields(text + " -")[0])+" "+ours.Error]++
		same := reflect.DeepEqual(ours, theirs)
		reason := ""
		if !same {
			reason = explainStatement(text, ours, theirs)
			explained[reason]++
		}
		if !same && reason == "" {
			t.Errorf("statement %d: %s\n ours   %.500s\n theirs %.500s", i, text, show(ours), show(theirs))
			if unexplained++; unexplained == 20 {
				t.Fatal("too many differences")
			}
		}
		if !strings.HasPrefix(strings.ToUpper(text), "SELECT") {
			o.compareStatementItems(e, text, same)
		}
	}
	for _, name := range slices.Sorted(mapKeys(outcomes)) {
		t.Logf("%6d %s", outcomes[name], name)
	}
	for _, name := range slices.Sorted(mapKeys(explained)) {
		t.Logf("%6d explained: %s", explained[name], name)
	}
}

// bothStatements sends a statement to both sides: alone, or one that writes in a batch or a transaction of its own,
// whose one answer then is the reply.
func (o *oracle) bothStatements(e *Engine, g statementGenerator, text string) (ours, theirs reply) {
	how := g.IntN(10)
	if strings.HasPrefix(strings.ToUpper(text), "SELECT") || how > 1 || strings.Contains(text, "RETURNING") && how == 1 {
		return o.both(e, "ExecuteStatement", map[string]any{"Statement": text})
	}
	statements := []any{map[string]any{"Statement": text}}
	if how == 0 {
		ours, theirs = o.both(e, "BatchExecuteStatement", map[string]any{"Statements": statements})
		return member(ours), member(theirs)
	}
	ours, theirs = o.both(e, "ExecuteTransaction", map[string]any{"TransactStatements": statements})
	return reason(ours), reason(theirs)
}

// member is the answer of a batch's one member as a reply. Local gives it the item of a failed condition.
func member(r reply) reply {
	fields, _ := r.Body.(map[string]any)
	responses, _ := fields["Responses"].([]any)
	if len(responses) != 1 {
		return r
	}
	one := responses[0].(map[string]any)
	if failed, ok := one["Error"].(map[string]any); ok {
		delete(one, "Error")
		message, _ := failed["Message"].(string)
		return reply{Error: fmt.Sprint(failed["Code"]), Message: message, Body: one}
	}
	return reply{Body: one}
}

// reason is the one reason of a cancelled transaction as a reply, without the prefix of a refused statement.
func reason(r reply) reply {
	r.Message = strings.TrimPrefix(r.Message, "Validation failed in TransactStatements[0]: ")
	fields, _ := r.Body.(map[string]any)
	reasons, _ := fields["CancellationReasons"].([]any)
	if len(reasons) != 1 {
		return r
	}
	one := reasons[0].(map[string]any)
	message, _ := one["Message"].(string)
	return reply{Error: fmt.Sprint(one["Code"]), Message: message}
}

// statementKeys are the keys that statements write.
func statementKeys() (all []touchedKey) {
	for _, pk := range []string{"a", "b", "c", "d", "x", "y"} {
		all = append(all, touchedKey{table: "oracle_h", key: object{"pk": object{"S": pk}}})
		for _, sk := range []string{"1", "2", "3", "4"} {
			all = append(all, touchedKey{table: "oracle_c", key: object{"pk": object{"S": pk}, "sk": object{"S": sk}}})
		}
	}
	return all
}

// fillStatements gives both sides the items that statements begin with, and no others.
func (o *oracle) fillStatements(e *Engine) {
	for _, key := range statementKeys() {
		o.call("DeleteItem", get2delete(key))
		_, _ = call(e, "DeleteItem", get2delete(key))
	}
	put := func(table, item string) {
		o.both(e, "PutItem", map[string]any{"TableName": table, "Item": decodeJSON(o.t, []byte(item))})
	}
	put("oracle_h", itemA)
	put("oracle_h", `{"pk":{"S":"b"},"n":{"N":"2"}}`)
	put("oracle_h", `{"pk":{"S":"c"},"n":{"N":"3"},"s":{"S":"other"},"ss":{"SS":["x"]}}`)
	for _, p := range []string{"x", "y"} {
		for s := 1; s <= 4; s++ {
			put("oracle_c", fmt.Sprintf(`{"pk":{"S":"%s"},"sk":{"S":"%d"},"g":{"S":"g%d"},"l":{"N":"%d"},"d":{"S":"data%[2]d"},
			  "n":{"N":"%[2]d"},"m":{"M":{"x":{"N":"%[2]d"}}}}`, p, s, 1+s%2, 10-s))
		}
	}
}

// compareStatementItems compares what is stored after a write, and brings the oracle's items in step where only one
// side wrote.
func (o *oracle) compareStatementItems(e *Engine, text string, same bool) {
	for _, key := range statementKeys() {
		if !strings.Contains(text, key.table) || !strings.Contains(text, "'"+fmt.Sprint(key.key["pk"].(object)["S"])+"'") {
			continue
		}
		ours, theirs := o.both(e, "GetItem", map[string]any{"TableName": key.table, "Key": key.key, "ConsistentRead": true})
		if reflect.DeepEqual(ours, theirs) {
			continue
		}
		if same {
			o.t.Errorf("%s left\n ours   %.500s\n theirs %.500s", text, show(ours), show(theirs))
		}
		fields, _ := ours.Body.(map[string]any)
		if item, ok := fields["Item"]; ok {
			o.call("PutItem", encodeJSON(o.t, map[string]any{"TableName": key.table, "Item": item}))
		} else {
			o.call("DeleteItem", get2delete(key))
		}
	}
}
