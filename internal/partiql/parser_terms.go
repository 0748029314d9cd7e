package partiql

import "strings"

// term reads what operators stand between.
func (p *parser) term() (Expr, error) {
	t := p.peek()
	switch t.kind {
	case tokenName, tokenQuoted:
		p.next()
		if p.take("(") {
			return p.call(t, strings.ToLower(t.text), false)
		}
		return &Name{t.text, t.at}, nil
	case tokenString:
		p.next()
		return &Literal{String, t.text, t.at}, nil
	case tokenNumber:
		p.next()
		return &Literal{Number, t.text, t.at}, nil
	case tokenIon:
		p.next()
		if ionType(t.text) == "" {
			return nil, malformed("")
		}
		return &Literal{Ion, t.text, t.at}, nil
	case tokenKeyword:
		return p.keywordTerm(t)
	case tokenSymbol:
		return p.symbolTerm(t)
	}
	return nil, malformed("Unexpected term")
}

// symbolTerm reads a term that begins with a symbol.
func (p *parser) symbolTerm(t token) (Expr, error) {
	p.next()
	switch t.text {
	case "?":
		p.parameters++
		return &Parameter{p.parameters - 1, t.at}, nil
	case "@":
		if name := p.next(); name.name() {
			return &Name{name.text, name.at}, nil
		}
		return nil, malformed("Identifier must follow @-operator")
	case "(":
		items, err := p.someIn(")")
		if err == nil && len(items) == 1 {
			return items[0], nil
		}
		return &List{items, t.at}, err
	case "[":
		items, err := p.list("]")
		return &List{items, t.at}, err
	case "<<":
		items, err := p.list(">>")
		return &Bag{items, t.at}, err
	case "{":
		return p.structure(t)
	}
	if symbolBinds[t.text] > 0 && t.text != "*" {
		return nil, malformed("Unexpected operator")
	}
	return nil, malformed("Unexpected term")
}

// list reads expressions between commas up to what closes them.
func (p *parser) list(closer string) ([]Expr, error) {
	if p.take(closer) {
		return nil, nil
	}
	return p.someIn(closer)
}

// someIn reads a list that is not empty.
func (p *parser) someIn(closer string) ([]Expr, error) {
	var items []Expr
	for {
		item, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		if items = append(items, item); !p.take(",") {
			return items, p.expect(closer)
		}
	}
}

func (p *parser) structure(t token) (Expr, error) {
	s := &Struct{At: t.at}
	if p.take("}") {
		return s, nil
	}
	for {
		name, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		value, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		if s.Fields = append(s.Fields, Field{name, value}); !p.take(",") {
			return s, p.expect("}")
		}
	}
}

// call reads the arguments of a function, behind the opening parenthesis.
func (p *parser) call(t token, function string, aggregate bool) (Expr, error) {
	c := &Call{Function: function, Aggregate: aggregate, At: t.at}
	if aggregate && p.take("*") {
		c.All = true
		return c, p.expect(")")
	}
	if aggregate && !p.word("distinct") {
		p.word("all")
	}
	var err error
	c.Args, err = p.list(")")
	return c, err
}

// keywordTerm reads a term that begins with a keyword: a literal, a function or a statement.
func (p *parser) keywordTerm(t token) (Expr, error) {
	switch t.text {
	case "true", "false", "null", "missing":
		p.next()
		return &Literal{Kind: map[string]LiteralKind{"true": True, "false": False, "null": Null, "missing": Missing}[t.text],
			At: t.at}, nil
	case "case":
		p.next()
		return p.caseTerm(t)
	case "cast":
		p.next()
		return p.cast()
	case "date", "time":
		p.next()
		return p.date(t.text)
	case "list", "bag", "sexp", "values":
		return p.collection(t)
	}
	if statement, read := statements[t.text]; read && !(t.text == "insert" && !p.ahead().keyword("into")) {
		p.next()
		e, err := statement(p, t)
		if t.text != "select" && t.text != "pivot" && err == nil {
			p.whole = append(p.whole, e)
		}
		return e, err
	}
	switch {
	case operatorWords[t.text]:
		return nil, malformed("Unexpected operator")
	case wordsBetween[t.text]:
		return nil, malformed("Unexpected term")
	case (functionWords[t.text] || aggregateWords[t.text]) && p.ahead().symbol("("):
		p.next()
		p.next()
		return p.call(t, t.text, aggregateWords[t.text])
	}
	return nil, malformed("Unexpected keyword")
}

// collection reads a collection that a word stands before.
func (p *parser) collection(t token) (Expr, error) {
	p.next()
	if t.text == "values" {
		if !p.peek().symbol("(") {
			return nil, malformed("Expected LEFT_PAREN for row value constructor")
		}
		b := &Bag{At: t.at}
		for p.peek().symbol("(") {
			at := p.next().at
			items, err := p.list(")")
			if err != nil {
				return nil, err
			}
			if b.Items = append(b.Items, &List{items, at}); !p.take(",") {
				break
			}
		}
		return b, nil
	}
	if !p.take("(") {
		return nil, malformed("Unexpected keyword")
	}
	items, err := p.list(")")
	switch t.text {
	case "list":
		return &List{items, t.at}, err
	case "bag":
		return &Bag{items, t.at}, err
	}
	return &Sexp{items, t.at}, err
}

func (p *parser) caseTerm(t token) (Expr, error) {
	c := &Case{At: t.at}
	var err error
	if !p.peek().keyword("when") {
		if c.Of, err = p.expression(0); err != nil {
			return nil, err
		}
	}
	for p.word("when") {
		var w When
		if w.If, err = p.expression(0); err != nil {
			return nil, err
		}
		if !p.word("then") {
			return nil, malformed("Expected THEN keyword")
		}
		if w.Then, err = p.expression(0); err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		return nil, malformed("Expected a WHEN clause in CASE")
	}
	if p.word("else") {
		if c.Else, err = p.expression(0); err != nil {
			return nil, err
		}
	}
	if !p.word("end") {
		return nil, malformed("Expected END keyword")
	}
	return c, nil
}

func (p *parser) cast() (Expr, error) {
	at := p.peek().at
	if err := p.expect("("); err != nil {
		return nil, err
	}
	of, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if !p.word("as") {
		return nil, malformed("Expected AS keyword")
	}
	name, err := p.typeName()
	if err != nil {
		return nil, err
	}
	return &Cast{of, name, at}, p.expect(")")
}

// date reads the text behind DATE or TIME.
func (p *parser) date(word string) (Expr, error) {
	t := p.peek()
	if t.kind == tokenString {
		p.next()
		return &Literal{Date, word + " " + t.text, t.at}, nil
	}
	found := "SYMBOL"
	switch {
	case t.kind == tokenNumber && strings.ContainsAny(t.text, ".eE"):
		found = "DECIMAL"
	case t.kind == tokenNumber:
		found = "INT"
	}
	if word == "time" {
		return nil, malformed("Expected time string followed by the keyword TIME OR TIME WITH TIME ZONE, found " + found)
	}
	return nil, malformed("Expected date string followed by the keyword DATE, found " + found)
}

// typeNames are the names of types behind IS, with what messages call them.
var typeNames = map[string]string{"missing": "MISSING", "null": "NULL", "bool": "BOOLEAN", "boolean": "BOOLEAN",
	"smallint": "SMALLINT", "int2": "SMALLINT", "integer2": "SMALLINT", "int4": "INTEGER4", "integer4": "INTEGER4",
	"int8": "INTEGER8", "integer8": "INTEGER8", "integer": "INTEGER", "int": "INTEGER", "bigint": "INTEGER8",
	"float": "FLOAT", "real": "REAL", "double": "DOUBLE_PRECISION", "decimal": "DECIMAL", "dec": "DECIMAL",
	"numeric": "NUMERIC", "timestamp": "TIMESTAMP", "char": "CHARACTER", "character": "CHARACTER",
	"varchar": "CHARACTER_VARYING", "string": "STRING", "symbol": "SYMBOL", "blob": "BLOB", "clob": "CLOB",
	"struct": "STRUCT", "tuple": "TUPLE", "list": "LIST", "sexp": "SEXP", "bag": "BAG", "date": "DATE", "time": "TIME"}

// measured are the types that may have numbers in parentheses behind them.
var measured = map[string]bool{"FLOAT": true, "DECIMAL": true, "NUMERIC": true, "CHARACTER": true,
	"CHARACTER_VARYING": true, "TIME": true}

// typeName reads the name of a type, and the numbers in parentheses that it may have.
func (p *parser) typeName() (string, error) {
	t := p.peek()
	name := typeNames[t.text]
	if t.kind != tokenKeyword && t.text != "symbol" && t.text != "struct" && t.text != "tuple" && t.text != "bag" {
		name = ""
	}
	if name == "" {
		return "", malformed("Expected type name")
	}
	p.next()
	switch {
	case t.text == "double" && !p.word("precision"):
		return "", malformed("Expected type name")
	case t.text == "character" && p.word("varying"):
		name = "CHARACTER_VARYING"
	}
	if !measured[name] || !p.take("(") {
		return name, nil
	}
	if _, err := p.list(")"); err != nil {
		return "", err
	}
	return name, nil
}

// ionType names the type of an Ion value; "" is for one that cannot be read, or is of a rarer type.
func ionType(text string) string {
	text = strings.TrimSpace(text)
	switch text {
	case "true", "false":
		return "BOOL"
	case "null":
		return "NULL"
	case "":
		return ""
	}
	digits, _ := strings.CutPrefix(text, "-")
	if written, ok := numeral(digits); ok && digits != "" && isDigit(digits[0]) && len(written) == len(digits) {
		if strings.ContainsAny(digits, ".eE") {
			return "DECIMAL"
		}
		return "INT"
	}
	if len(text) > 1 && text[0] == '"' && strings.IndexByte(text[1:], '"') == len(text)-2 {
		return "STRING"
	}
	for i := range len(text) {
		if !startsName(text[i]) && (i == 0 || !isDigit(text[i])) {
			return ""
		}
	}
	return "SYMBOL"
}
