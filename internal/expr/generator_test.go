package expr

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func str(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func num(s string) types.AttributeValue   { return &types.AttributeValueMemberN{Value: s} }
func bin(s string) types.AttributeValue   { return &types.AttributeValueMemberB{Value: []byte(s)} }
func truth(b bool) types.AttributeValue   { return &types.AttributeValueMemberBOOL{Value: b} }
func null() types.AttributeValue          { return &types.AttributeValueMemberNULL{Value: true} }
func ss(s ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: s} }
func ns(s ...string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: s} }
func bs(s ...string) types.AttributeValue {
	var all [][]byte
	for _, b := range s {
		all = append(all, []byte(b))
	}
	return &types.AttributeValueMemberBS{Value: all}
}
func list(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}

type m map[string]types.AttributeValue

func doc(fields m) types.AttributeValue { return &types.AttributeValueMemberM{Value: fields} }

// sample is an item with a value of every type.
func sample() m {
	return m{
		"a": num("5"), "n": num("-2.5"), "q": num("3"), "z": num("0"),
		"t": str("hello"), "u": str("h"), "e": str(""), "y": str("é😀"),
		"b": bin("\x01\x02\x80"), "c": bin("\x01"),
		"f": truth(true), "g": truth(false), "o": null(),
		"ss": ss("h", "x"), "ns": ns("3", "5"), "bs": bs("\x01", "\x02"),
		"l": list(num("1"), str("h"), doc(m{"k": num("5"), "l": list(num("7"), num("8"), num("9"))}), null(),
			list(num("1"), num("2"))),
		"m":  doc(m{"x": num("3"), "y": doc(m{"z": str("hello"), "l": list(num("1"), num("2"))}), "ss": ss("h")}),
		"el": list(), "em": doc(m{}),
	}
}

// sampleValues are the values that random expressions use, and names their placeholders.
var sampleValues = m{
	":n": num("3"), ":n2": num("5.0"), ":n3": num("-10"), ":n4": num("99999999999999999999999999999999999999"),
	":n5": num("1e-5"),
	":s":  str("h"), ":s2": str("hello"), ":s3": str(""), ":s4": str("x"), ":ty": str("N"), ":ty2": str("SS"),
	":ty3": str("L"),
	":b":   bin("\x01"), ":b2": bin("\x80"), ":f": truth(true), ":g": truth(false), ":o": null(),
	":ss": ss("x", "h"), ":ss2": ss("q"), ":ss3": ss("h"), ":ns": ns("5.00", "3"), ":ns2": ns("1"), ":bs": bs("\x02"),
	":bs2": bs("\x01", "\x02"),
	":l":   list(num("1"), num("2.0")), ":el": list(), ":m": doc(m{"k": num("5")}), ":em": doc(m{}),
}

var sampleNames = map[string]string{"#a": "a", "#t": "t", "#l": "l", "#m": "m", "#x": "x", "#name": "name",
	"#dot": "m.x", "#nosuch": "nosuch"}

// generator makes random expressions, valid and nearly valid.
type generator struct {
	*rand.Rand
	broken bool // whether what the grammar allows and the checks refuse may come
}

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

// rarely is true one time in n, if broken expressions are wanted.
func (g *generator) rarely(n int) bool { return g.broken && g.IntN(n) == 0 }

// item is the sample with some of its values taken from elsewhere.
func (g *generator) item() m {
	item := sample()
	names := sortedKeys(item)
	for _, name := range names {
		switch g.IntN(8) {
		case 0:
			delete(item, name)
		case 1:
			item[name] = sample()[pick(g, names...)]
		case 2:
			item[name] = Clone(sampleValues[pick(g, sortedKeys(sampleValues)...)])
		case 3:
			item[name] = num(fmt.Sprintf("%d.%de%d", g.IntN(40)-20, g.IntN(1000), g.IntN(70)-35))
		}
	}
	return item
}

func (g *generator) value() string {
	if g.rarely(60) {
		return ":undefined"
	}
	return pick(g, sortedKeys(sampleValues)...)
}

// fitting picks a value of one of the types.
func (g *generator) fitting(kinds ...string) string {
	for {
		v := g.value()
		if g.rarely(8) || len(kinds) == 0 {
			return v
		}
		for _, kind := range kinds {
			if typeName(sampleValues[v]) == kind {
				return v
			}
		}
	}
}

func (g *generator) path() string {
	if g.rarely(80) {
		return pick(g, "name", "Size", "#undefined", "l[99999999999]", "a.convert", strings.Repeat("a.", 32)+"a",
			"l[0][1].status")
	}
	if g.IntN(3) == 0 {
		return pick(g, "m.x", "m.y", "m.y.z", "m.y.l", "m.y.l[0]", "m.y.l[1]", "m.ss", "m.zz", "m.zz.x", "m[0]", "l[0]",
			"l[1]", "l[2]", "l[2].k",
			"l[2].l[1]", "l[2].l[0]", "l[3]", "l[4][0]", "l[4]", "l[4][9]", "l[5]", "l[9]", "l.x", "a.b", "a[0]",
			"ss[0]", "el[0]", "em.x", "#m.#x", "#l[2].k", "#m.y", "#dot")
	}
	return pick(g, "a", "n", "q", "z", "t", "u", "e", "y", "b", "c", "f", "g", "o", "ss", "ns", "bs", "l", "m", "el",
		"em", "nosuch", "zz", "#a", "#t", "#l", "#m", "#nosuch", "#name")
}

func (g *generator) operand() string {
	switch g.IntN(8) {
	case 0, 1, 2:
		return g.path()
	case 3:
		if g.rarely(4) {
			return pick(g, "size("+g.value()+")", "size("+g.operand()+")", "if_not_exists(a, :n)", "contains(t, :s)",
				"foo(a)", "size(a, t)", "SIZE(a)")
		}
		return "size(" + pick(g, "t", "y", "l", "m", "ss", "b", "a", "nosuch", "m.y.l", "e") + ")"
	case 4:
		if g.IntN(6) == 0 {
			return "(" + g.operand() + ")"
		}
	}
	return g.value()
}

func (g *generator) condition(depth int) string {
	if depth > 0 {
		switch g.IntN(6) {
		case 0:
			return g.condition(depth-1) + pick(g, " AND ", " and ", " OR ", " or ") + g.condition(depth-1)
		case 1:
			return pick(g, "NOT ", "not ") + g.condition(depth-1)
		case 2:
			return "(" + g.condition(depth-1) + ")"
		}
	}
	switch g.IntN(12) {
	case 0:
		return "attribute_exists(" + g.pathArgument() + ")"
	case 1:
		return "attribute_not_exists(" + g.pathArgument() + ")"
	case 2:
		return "attribute_type(" + g.path() + ", " + pick(g, ":ty", ":ty2", ":ty3", g.fitting("S")) + ")"
	case 3:
		return "begins_with(" + g.operandOr("t") + ", " + pick(g, g.fitting("S", "B"), g.path()) + ")"
	case 4, 5:
		return "contains(" + g.operandOr(pick(g, "t", "ss", "ns", "bs", "l", "b")) + ", " + g.operand() + ")"
	case 6:
		return g.operand() + pick(g, " BETWEEN ", " between ") + pick(g, g.fitting("N", "S", "B"), g.operand()) +
			" AND " + pick(g, g.fitting("N", "S", "B"), g.operand())
	case 7:
		var choices []string
		for range 1 + g.IntN(4) {
			choices = append(choices, g.operand())
		}
		return g.operand() + pick(g, " IN ", " in") + "(" + strings.Join(choices, ", ") + ")"
	}
	operator := pick(g, "=", "<>", "<", "<=", ">", ">=")
	if operator[0] == '=' || operator == "<>" {
		return g.operand() + " " + operator + " " + g.operand()
	}
	return g.operand() + " " + operator + " " + pick(g, g.fitting("N", "S", "B"), g.path())
}

func (g *generator) pathArgument() string {
	if g.rarely(10) {
		return g.operand()
	}
	return g.path()
}

func (g *generator) operandOr(name string) string {
	if g.IntN(2) == 0 {
		return name
	}
	return g.operand()
}

// target is a path that an update changes.
func (g *generator) target() string {
	if g.IntN(4) == 0 {
		return pick(g, "m.new1", "l[7]", "l[8]", "l[10]", "new1", "new2", "m.y.new1", "l[2].new1", "l[2].l[5]",
			"nosuch.x", "em.x", "el[3]", "el[0]")
	}
	return g.path()
}

func (g *generator) assigned() string {
	switch g.IntN(8) {
	case 0:
		return g.addend() + pick(g, " + ", " - ", "+", "-") + g.addend()
	case 2:
		return "list_append(" + g.listOperand() + ", " + g.listOperand() + ")"
	case 3:
		return "if_not_exists(" + g.path() + ", " + pick(g, g.value(), g.value(), g.value(), g.path()) + ")"
	case 4:
		if g.rarely(3) {
			return pick(g, "size(a)", "foo(a)", "("+g.assigned()+")", "((a))", "list_append(list_append(l, :l), :l)",
				"if_not_exists(a)", "attribute_exists(a)", "if_not_exists(:n, a)")
		}
		return "(" + g.addend() + " + " + g.addend() + ")"
	case 5:
		return pick(g, "a", "l", "l[2]", "m", "m.y", "ss", "t", "l[4]", g.path())
	}
	return g.value()
}

func (g *generator) addend() string {
	switch g.IntN(16) {
	case 0:
		return g.pathOrValue("N")
	case 1, 2, 3:
		return "if_not_exists(" + pick(g, "a", "q", "nosuch", "m.zz", "l[9]", "#nosuch") + ", " + g.fitting("N") + ")"
	case 4, 5, 6, 7, 8:
		return pick(g, "a", "n", "q", "z", "m.x", "l[0]", "#a")
	}
	return pick(g, ":n", ":n2", ":n3", ":n5", g.fitting("N"))
}

func (g *generator) pathOrValue(kind string) string {
	if g.IntN(2) == 0 {
		return g.path()
	}
	return g.fitting(kind)
}

func (g *generator) listOperand() string {
	switch g.IntN(16) {
	case 0:
		return g.pathOrValue("L")
	case 1, 2, 3:
		return "if_not_exists(" + pick(g, "l", "el", "nosuch", "m.zz", "l[9]", "#nosuch") + ", " + g.fitting("L") + ")"
	case 4, 5, 6, 7, 8:
		return pick(g, "l", "el", "m.y.l", "l[4]", "#l")
	}
	return g.fitting("L")
}

// update makes clauses of disjoint targets, or any if broken.
func (g *generator) update() string {
	words := []string{"SET", "REMOVE", "ADD", "DELETE"}
	g.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	targets := map[string][]string{
		"SET": {"a", "n", "t", "e", "o", "m.new1", "m.y.z", "m.y.l[0]", "m.y.l[7]", "l[7]", "l[8]", "l[10]", "l[1]",
			"l[2].k", "l[2].new1",
			"l[2].l[1]", "new1", "new2", "em.x", "el[3]", "el[0]", "#name", "c"},
		"REMOVE": {"u", "z", "m.x", "l[0]", "l[3]", "l[5]", "l[4][0]", "l[4][1]", "l[2].l[0]", "l[2].l[2]", "m.y.l[1]",
			"nosuch", "f"},
		"ADD":    {"q", "new3", "l[12]", "l[2].l[9]"},
		"DELETE": {"new4", "l[2].l[8]"},
	}
	for _, set := range []string{"ss", "ns", "bs", "m.ss"} {
		word := pick(g, "ADD", "DELETE")
		targets[word] = append(targets[word], set)
	}
	var clauses []string
	for _, word := range words[:1+g.IntN(3)] {
		from := targets[word]
		g.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
		var actions []string
		for i := range min(len(from), 1+g.IntN(4)) {
			target := from[i]
			if g.rarely(6) || g.IntN(20) == 0 {
				target = g.target()
			}
			switch word {
			case "SET":
				target += " = " + g.assigned()
			case "ADD", "DELETE":
				target += " " + g.element(target, word)
			}
			actions = append(actions, target)
		}
		clauses = append(clauses, word+" "+strings.Join(actions, ", "))
	}
	if g.rarely(30) {
		clauses = append(clauses, clauses[0])
	}
	return strings.Join(clauses, " ")
}

// element is what may be added to a target or deleted from it.
func (g *generator) element(target, word string) string {
	switch target {
	case "q":
		if word == "ADD" {
			return g.fitting("N")
		}
	case "ss", "m.ss":
		return g.fitting("SS")
	case "ns":
		return g.fitting("NS")
	case "bs":
		return g.fitting("BS")
	}
	if word == "ADD" {
		return g.fitting("N", "SS", "NS", "BS")
	}
	return g.fitting("SS", "NS", "BS")
}

func (g *generator) projection() string {
	var paths []string
	for range 1 + g.IntN(5) {
		paths = append(paths, g.path())
	}
	return strings.Join(paths, pick(g, ",", ", "))
}

func (g *generator) keyCondition() string {
	var terms []string
	for range 1 + g.IntN(3) {
		operand := func() string {
			return pick(g, "p", "s", "s", "d", ":n", ":n", ":s", ":n2", ":s2", "size(s)", "d.x", "#a", g.value())
		}
		switch g.IntN(8) {
		case 0:
			terms = append(terms, pick(g, "s", "d", operand())+" BETWEEN "+pick(g, ":n3", operand())+" AND "+pick(g,
				":n", operand()))
		case 1:
			terms = append(terms, "begins_with("+pick(g, "s", "d", operand())+", "+pick(g, ":s", operand())+")")
		case 2:
			terms = append(terms, g.condition(1))
		default:
			terms = append(terms, pick(g, "p", "s", operand())+" "+pick(g, "=", "=", "<", "<=", ">", ">=",
				"<>")+" "+pick(g, ":n", ":s", operand()))
		}
	}
	for i := range terms {
		if g.IntN(6) == 0 {
			terms[i] = "(" + terms[i] + ")"
		}
	}
	return strings.Join(terms, pick(g, " AND ", " AND ", " and ", " OR "))
}

// spoilt takes out, doubles, changes or exchanges tokens of an expression.
func (g *generator) spoilt(text string) string {
	tokens := lex(text)
	tokens = tokens[:len(tokens)-1]
	pieces := make([]string, len(tokens))
	for i, t := range tokens {
		pieces[i] = text[t.start:t.end]
	}
	for range 1 + g.IntN(2) {
		i := g.IntN(len(pieces))
		switch g.IntN(5) {
		case 0:
			pieces[i] = ""
		case 1:
			pieces[i] += " " + pieces[i]
		case 2:
			pieces[i] = pick(g, "(", ")", ",", "=", "<>", "<", "AND", "or", "NOT", "IN", "BETWEEN", "SET", "add",
				"remove", "DELETE", "a", "#a", ":n", "0", "[", "]", ".",
				"+", "-", "&", "é", "size", "contains(", "if_not_exists(", "((", "))", "\t", "\n ", "12", "00", "'",
				"\"", "#", ":", "*", "/", "😀", "a.b[0]", "1a", "_", "!=", "==")
		case 3:
			j := g.IntN(len(pieces))
			pieces[i], pieces[j] = pieces[j], pieces[i]
		case 4:
			pieces = append(pieces[:i:i], append([]string{pieces[g.IntN(len(pieces))]}, pieces[i:]...)...)
		}
	}
	return strings.Join(pieces, pick(g, " ", " ", "", "  "))
}

// used returns the names and values whose placeholders an expression contains, as a request would give them.
func used(text string) (names map[string]string, values map[string]types.AttributeValue) {
	for _, t := range lex(text) {
		if name, ok := sampleNames[t.text]; ok && t.kind == tokenPlaceholder {
			if names == nil {
				names = map[string]string{}
			}
			names[t.text] = name
		}
		if v, ok := sampleValues[t.text]; ok && t.kind == tokenValue {
			if values == nil {
				values = m{}
			}
			values[t.text] = v
		}
	}
	return names, values
}

// show writes a value as text that is the same for equal values: sets and maps sorted, numbers as they are.
func show(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberSS:
		return "SS" + strings.Join(sortedStrings(v.Value), ",")
	case *types.AttributeValueMemberNS:
		return "NS" + strings.Join(sortedStrings(each(v.Value, normal)), ",")
	case *types.AttributeValueMemberBS:
		return "BS" + strings.Join(sortedStrings(each(v.Value, func(b []byte) string { return fmt.Sprintf("%x", b) })),
			",")
	case *types.AttributeValueMemberL:
		return "[" + strings.Join(each(v.Value, show), " ") + "]"
	case *types.AttributeValueMemberM:
		return showItem(v.Value)
	case *types.AttributeValueMemberN:
		return "N" + normal(v.Value)
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("%q", v.Value)
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("B%x", v.Value)
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint(v.Value)
	case *types.AttributeValueMemberNULL:
		return "null"
	}
	return "nothing"
}

func showItem(item map[string]types.AttributeValue) string {
	var all []string
	for _, name := range sortedKeys(item) {
		all = append(all, name+":"+show(item[name]))
	}
	return "{" + strings.Join(all, " ") + "}"
}

// showChange writes how an item differs from what it was.
func showChange(was, is map[string]types.AttributeValue) string {
	changed := m{}
	for name, v := range is {
		if show(v) != show(was[name]) {
			changed[name] = v
		}
	}
	gone := m{}
	for name := range was {
		if is[name] == nil {
			gone[name] = null()
		}
	}
	return showItem(changed) + strings.Join(each(sortedKeys(gone), func(name string) string { return " -" + name }), "")
}

func sortedStrings(s []string) []string {
	set := map[string]bool{}
	for _, e := range s {
		set[e] = true
	}
	return sortedKeys(set)
}
