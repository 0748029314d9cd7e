package expr

import "unicode/utf8"

// parser reads one expression. Its methods return the service's syntax error at the first token that cannot stand where
// it does.
type parser struct {
	text   string
	tokens []token // those not yet read

	// The service reads a left operand ahead, up to the token that shows what it is part of, and refuses redundant
	// parentheses in it only then: a syntax error before that token goes first.
	undecided bool
	redundant bool // parentheses directly within parentheses were seen
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != tokenEnd {
		p.tokens = p.tokens[1:]
	}
	return t
}

// take consumes the next token if it is the symbol or word.
func (p *parser) take(text string) bool {
	t := p.peek()
	if (t.kind != tokenSymbol && t.kind != tokenWord) || t.text != text {
		return false
	}
	p.next()
	return true
}

// expect consumes a symbol or word that must follow.
func (p *parser) expect(text string) error {
	if !p.take(text) {
		return p.unexpected()
	}
	return nil
}

// end says that the text must end here.
func (p *parser) end() error {
	if p.peek().kind != tokenEnd {
		return p.unexpected()
	}
	return nil
}

// unexpected refuses the next token, with the text from the token before it to the token after it.
func (p *parser) unexpected() error {
	all := lex(p.text)
	at := len(all) - len(p.tokens)
	bad, after := all[at], all[min(at+1, len(all)-1)]
	from := 0
	if at > 0 {
		from = all[at-1].start
	}
	if bad.kind == tokenEnd {
		return syntaxError(bad.text, p.text[from:])
	}
	// The service counts a character beyond the Basic Multilingual Plane as two tokens, each half of a UTF-16 pair.
	if bad.half(p.text) {
		return syntaxError(halfPair, p.text[from:bad.end])
	}
	if after.half(p.text) {
		return syntaxError(bad.written(p.text), p.text[from:after.start]+halfPair)
	}
	return syntaxError(bad.written(p.text), p.text[from:after.end])
}

// halfPair stands in messages for one half of a UTF-16 pair, as it does where the service's answers are decoded.
const halfPair = string(utf8.RuneError)

func syntaxError(token, near string) error {
	return faultf("Syntax error; token: \"%s\", near: \"%s\"", token, near)
}

// half says whether the service takes the token for two.
func (t token) half(text string) bool {
	r, _ := utf8.DecodeRuneInString(t.written(text))
	return t.kind == tokenStray && r > 0xffff
}

func (t token) written(text string) string { return text[t.start:t.end] }

// condition parses a whole condition, filter or key condition.
func (p *parser) condition() (*node, error) {
	n, err := p.or(false)
	if err != nil {
		return nil, err
	}
	return n, p.end()
}

// or parses conditions joined by OR. Within parentheses an operand may stand where a condition does, provided that the
// parentheses close behind it: they are then a left operand's own.
func (p *parser) or(inParens bool) (*node, error) {
	return p.chain("OR", nodeOr, inParens, func(inParens bool) (*node, error) {
		return p.chain("AND", nodeAnd, inParens, p.not)
	})
}

func (p *parser) chain(
	word string, kind nodeKind, inParens bool, part func(inParens bool) (*node, error),
) (*node, error) {
	left, err := part(inParens)
	for err == nil && p.take(word) {
		var right *node
		if right, err = part(false); err == nil {
			left = &node{kind: kind, args: []*node{left, right}}
		}
	}
	return left, err
}

func (p *parser) not(inParens bool) (*node, error) {
	if !p.take("NOT") {
		return p.predicate(inParens)
	}
	negated, err := p.not(false)
	return &node{kind: nodeNot, args: []*node{negated}}, err
}

// predicate parses a comparison, a call, or a condition in parentheses.
func (p *parser) predicate(inParens bool) (*node, error) {
	var left *node
	var err error
	p.undecided = true
	if p.take("(") {
		if left, err = p.or(true); err == nil {
			left, err = p.closed(left)
		}
	} else {
		left, err = p.operand()
	}
	if err != nil {
		return nil, err
	}
	t := p.peek()
	comparator := t.kind == tokenSymbol && isComparator(t.text)
	compared := left.operand() && (comparator || t.kind == tokenWord && (t.text == "BETWEEN" || t.text == "IN"))
	joined := t.kind == tokenWord && (t.text == "AND" || t.text == "OR")
	if compared || !left.operand() || left.kind == nodeCall && (joined || !inParens) {
		if err := p.decide(); err != nil {
			return nil, err
		}
	}
	if compared {
		switch {
		case comparator:
			p.next()
			right, err := p.operand()
			return &node{kind: nodeCompare, text: t.text, args: []*node{left, right}}, err
		case p.take("BETWEEN"):
			return p.between(left)
		case p.take("IN"):
			return p.in(left)
		}
	}
	if left.bareOperand() && !(inParens && p.peek().text == ")") {
		return nil, p.unexpected()
	}
	return left, nil
}

func (p *parser) between(left *node) (*node, error) {
	low, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect("AND"); err != nil {
		return nil, err
	}
	high, err := p.operand()
	return &node{kind: nodeBetween, text: "BETWEEN", args: []*node{left, low, high}}, err
}

func (p *parser) in(left *node) (*node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	choices, err := p.operands()
	return &node{kind: nodeIn, text: "IN", args: append([]*node{left}, choices...)}, err
}

func isComparator(symbol string) bool {
	switch symbol {
	case "=", "<>", "<", "<=", ">", ">=":
		return true
	}
	return false
}

// closed ends parentheses around n.
func (p *parser) closed(n *node) (*node, error) {
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	p.redundant = p.redundant || n.parens
	n.parens = true
	if p.undecided {
		return n, nil
	}
	return n, p.decide()
}

// decide refuses redundant parentheses seen so far.
func (p *parser) decide() error {
	p.undecided = false
	if p.redundant {
		return faultf("The expression has redundant parentheses;")
	}
	return nil
}

// operand parses a path, a value, a call, or one of them in parentheses.
func (p *parser) operand() (*node, error) {
	if p.take("(") {
		n, err := p.operand()
		if err != nil {
			return nil, err
		}
		return p.closed(n)
	}
	switch t := p.peek(); t.kind {
	case tokenValue:
		p.next()
		return &node{kind: nodeValue, text: t.text}, nil
	case tokenName:
		path, err := p.path()
		if err != nil || len(path.steps) > 1 || !p.take("(") {
			return path, err
		}
		args, err := p.operands()
		return &node{kind: nodeCall, text: t.text, args: args}, err
	}
	return p.path()
}

// operands parses operands between commas up to a closing parenthesis.
func (p *parser) operands() ([]*node, error) {
	var all []*node
	for {
		n, err := p.operand()
		if err != nil {
			return nil, err
		}
		if all = append(all, n); !p.take(",") {
			return all, p.expect(")")
		}
	}
}

// path parses a document path.
func (p *parser) path() (*node, error) {
	t := p.peek()
	if t.kind != tokenName && t.kind != tokenPlaceholder {
		return nil, p.unexpected()
	}
	p.next()
	n := &node{kind: nodePath, steps: []step{{text: t.text}}}
	for {
		switch {
		case p.take("."):
			t := p.peek()
			// The grammar lets a value stand for a name here, though it never resolves.
			if t.kind != tokenName && t.kind != tokenPlaceholder && t.kind != tokenValue {
				return nil, p.unexpected()
			}
			p.next()
			n.steps = append(n.steps, step{text: t.text})
		case p.take("["):
			t := p.peek()
			if t.kind != tokenIndex {
				return nil, p.unexpected()
			}
			p.next()
			n.steps = append(n.steps, step{text: t.text, index: true})
			if err := p.expect("]"); err != nil {
				return nil, err
			}
		default:
			return n, nil
		}
	}
}
