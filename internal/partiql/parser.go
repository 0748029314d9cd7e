package partiql

import "strings"

// parser reads a statement by precedence of operators. Its refusals are those of the service, which names what it
// misses and not where.
type parser struct {
	tokens     []token // those not yet read; the last is the end
	parameters int     // seen so far
	whole      []Expr  // the statements seen that stand alone
}

// Parse reads a statement.
func Parse(text string) (Expr, error) {
	tokens, ok := lex(text)
	if !ok {
		return nil, malformed("")
	}
	p := &parser{tokens: tokens}
	statement, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.take(";") && p.peek().kind != tokenEnd {
		return nil, malformed("Unexpected token after semicolon. (Only one query is allowed.)")
	}
	if p.peek().kind != tokenEnd {
		return nil, malformed("Unexpected token after expression")
	}
	for _, alone := range p.whole {
		if alone != statement {
			return nil, malformed("Keyword " + keywordOf(alone) + " only expected at the top level in the query")
		}
	}
	return statement, nil
}

// keywordOf is the word that a statement that stands alone begins with.
func keywordOf(e Expr) string {
	switch e := e.(type) {
	case *Insert:
		return "insert_into"
	case *Delete:
		return "delete"
	case *Other:
		word, _, _ := strings.Cut(e.Words, " ")
		return strings.ToLower(word)
	}
	return "update"
}

func (p *parser) peek() token { return p.tokens[0] }

// ahead is the token behind the next one.
func (p *parser) ahead() token { return p.tokens[min(1, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != tokenEnd {
		p.tokens = p.tokens[1:]
	}
	return t
}

// take reads the next token if it is that symbol.
func (p *parser) take(symbol string) bool {
	if !p.peek().symbol(symbol) {
		return false
	}
	p.next()
	return true
}

// word reads the next token if it is that keyword.
func (p *parser) word(keyword string) bool {
	if !p.peek().keyword(keyword) {
		return false
	}
	p.next()
	return true
}

// closers are the names of closing symbols in refusals.
var closers = map[string]string{")": "RIGHT_PAREN", "]": "RIGHT_BRACKET", "}": "RIGHT_CURLY",
	">>": "RIGHT_DOUBLE_ANGLE_BRACKET", "(": "LEFT_PAREN", ":": "COLON"}

// expect reads a symbol that must follow.
func (p *parser) expect(symbol string) error {
	if !p.take(symbol) {
		return malformed("Expected " + closers[symbol])
	}
	return nil
}

// The precedences of operators.
const (
	bindsUnion = iota + 1
	bindsIntersect
	bindsOr
	bindsAnd
	bindsNot
	bindsEqual
	bindsLess
	bindsSum
	bindsProduct
)

var symbolBinds = map[string]int{"=": bindsEqual, "<>": bindsEqual, "!=": bindsEqual, "<": bindsLess, "<=": bindsLess,
	">": bindsLess, ">=": bindsLess, "+": bindsSum, "-": bindsSum, "||": bindsSum, "*": bindsProduct, "/": bindsProduct,
	"%": bindsProduct}

var wordBinds = map[string]int{"union": bindsUnion, "except": bindsUnion, "intersect": bindsIntersect, "or": bindsOr,
	"and": bindsAnd, "is": bindsEqual, "in": bindsEqual, "between": bindsLess, "like": bindsLess}

// operator gives the operator that comes next, whether NOT stands before it, and its precedence, 0 for none.
func (p *parser) operator() (text string, not bool, binds int) {
	t := p.peek()
	switch {
	case t.kind == tokenSymbol:
		return t.text, false, symbolBinds[t.text]
	case t.keyword("not"):
		switch word := p.ahead(); {
		case word.keyword("in"), word.keyword("between"), word.keyword("like"):
			return word.text, true, wordBinds[word.text]
		}
	case t.kind == tokenKeyword:
		return t.text, false, wordBinds[t.text]
	}
	return "", false, 0
}

// expression reads a term and all operators behind it that bind more tightly than by binds.
func (p *parser) expression(binds int) (Expr, error) {
	left, err := p.unary()
	for err == nil {
		operator, not, own := p.operator()
		if own <= binds {
			return left, nil
		}
		at := p.next().at
		if not {
			p.next()
		}
		if operator == "is" {
			left, err = p.is(left, at)
			continue
		}
		if p.peek().kind == tokenEnd {
			return nil, malformed("Missing right-hand side expression of infix operator")
		}
		switch operator {
		case "in":
			left, err = p.in(left, not, at)
		case "between":
			left, err = p.between(left, not, at)
		case "like":
			left, err = p.like(left, not, at)
		default:
			if own <= bindsIntersect {
				p.word("all")
			}
			var right Expr
			right, err = p.expression(own)
			left = &Binary{Operator: operator, Left: left, Right: right, At: at}
		}
	}
	return nil, err
}

func (p *parser) is(of Expr, at Position) (Expr, error) {
	not := p.word("not")
	name, err := p.typeName()
	return &Is{Not: not, Of: of, Type: name, At: at}, err
}

// in reads the list of IN, in brackets or parentheses, of which even one alone is a list's.
func (p *parser) in(of Expr, not bool, at Position) (Expr, error) {
	if t := p.peek(); p.take("(") {
		items, err := p.someIn(")")
		return &In{Not: not, Of: of, Right: &List{Items: items, At: t.at}, At: at}, err
	}
	right, err := p.expression(bindsEqual)
	switch right.(type) {
	case *List, *Bag, *Struct, *Literal, *Parameter, *Name:
	default: // nothing to look in, whatever it is
		right = &Literal{Kind: Null, At: at}
	}
	return &In{Not: not, Of: of, Right: right, At: at}, err
}

func (p *parser) between(of Expr, not bool, at Position) (Expr, error) {
	low, err := p.expression(bindsLess)
	if err != nil {
		return nil, err
	}
	if !p.word("and") {
		return nil, malformed("Expected AND keyword")
	}
	if p.peek().kind == tokenEnd {
		return nil, malformed("Expected expression after AND")
	}
	high, err := p.expression(bindsLess)
	return &Between{Not: not, Of: of, Low: low, High: high, At: at}, err
}

func (p *parser) like(of Expr, not bool, at Position) (Expr, error) {
	pattern, err := p.expression(bindsLess)
	if err != nil || !p.word("escape") {
		return &Like{Not: not, Of: of, Pattern: pattern, At: at}, err
	}
	escape, err := p.expression(bindsLess)
	return &Like{Not: not, Of: of, Pattern: pattern, Escape: escape, At: at}, err
}

// unary reads a term with the signs and the NOT before it. A number takes its sign in.
func (p *parser) unary() (Expr, error) {
	t := p.peek()
	switch {
	case t.keyword("not"):
		p.next()
		of, err := p.expression(bindsNot)
		return &Unary{Operator: "not", Of: of, At: t.at}, err
	case t.symbol("+"), t.symbol("-"):
		p.next()
		of, err := p.unary()
		if err != nil {
			return nil, err
		}
		if n, ok := of.(*Literal); ok && n.Kind == Number {
			return n.signed(t.text), nil
		}
		return &Unary{Operator: t.text, Of: of, At: t.at}, nil
	}
	return p.path()
}

// signed gives a number with one more sign before it.
func (n *Literal) signed(sign string) *Literal {
	if sign == "+" {
		return n
	}
	text, negative := strings.CutPrefix(n.Text, "-")
	if !negative {
		text = "-" + text
	}
	return &Literal{Kind: Number, Text: text, At: n.At}
}

// path reads a term and the steps behind it.
func (p *parser) path() (Expr, error) {
	at := p.peek().at
	root, err := p.term()
	if err != nil {
		return nil, err
	}
	return p.steps(root, at, false)
}

// simplePath reads a path that begins with a name and has no more than names, numbers and texts in it.
func (p *parser) simplePath() (Expr, error) {
	t := p.peek()
	if !t.name() {
		return nil, malformed("Expected identifier for simple path")
	}
	p.next()
	return p.steps(&Name{t.text, t.at}, t.at, true)
}

func (p *parser) steps(root Expr, at Position, simple bool) (Expr, error) {
	var steps []Step
	for {
		switch {
		case p.take("."):
			t := p.next()
			switch {
			case t.name():
				steps = append(steps, Step{Kind: StepName, Name: t.text, At: t.at})
			case t.symbol("*") && !simple:
				steps = append(steps, Step{Kind: StepAll, At: t.at})
			default:
				return nil, malformed("Invalid path dot component")
			}
		case p.take("["):
			step, err := p.index(simple)
			if err != nil {
				return nil, err
			}
			steps = append(steps, step)
		case steps == nil:
			return root, nil
		default:
			return &Path{Root: root, Steps: steps, At: at}, nil
		}
	}
}

// index reads what stands in brackets behind a path.
func (p *parser) index(simple bool) (Step, error) {
	t := p.peek()
	if t.symbol("*") && p.ahead().symbol("]") {
		p.next()
		p.next()
		if simple {
			return Step{}, malformed("Invalid path component")
		}
		return Step{Kind: StepEvery, At: t.at}, nil
	}
	index, err := p.expression(0)
	if err != nil {
		return Step{}, err
	}
	if simple {
		switch index.(type) {
		case *Name, *Literal:
		default:
			return Step{}, malformed("Invalid path component")
		}
	}
	return Step{Kind: StepIndex, Index: index, At: t.at}, p.expect("]")
}
