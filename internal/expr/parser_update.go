package expr

// projection parses paths between commas.
func (p *parser) projection() ([]*node, error) {
	var paths []*node
	for {
		n, err := p.path()
		if err != nil {
			return nil, err
		}
		if paths = append(paths, n); !p.take(",") {
			return paths, p.end()
		}
	}
}

// update parses the clauses of an update.
func (p *parser) update() ([]clause, error) {
	var clauses []clause
	for {
		c := clause{kind: ActionKind(p.peek().text)}
		var beside func() (*node, error)
		switch {
		case p.take("SET"):
			beside = p.assigned
		case p.take("REMOVE"):
			beside = func() (*node, error) { return nil, nil }
		case p.take("ADD"), p.take("DELETE"):
			beside = p.value
		default:
			return nil, p.unexpected()
		}
		for {
			path, err := p.path()
			if err != nil {
				return nil, err
			}
			operand, err := beside()
			if err != nil {
				return nil, err
			}
			if c.actions = append(c.actions, assignment{path, operand}); !p.take(",") {
				break
			}
		}
		if clauses = append(clauses, c); p.peek().kind == tokenEnd {
			return clauses, nil
		}
	}
}

// value parses the value that ADD and DELETE take.
func (p *parser) value() (*node, error) {
	t := p.peek()
	if t.kind != tokenValue {
		return nil, p.unexpected()
	}
	p.next()
	return &node{kind: nodeValue, text: t.text}, nil
}

// assigned parses what SET assigns: an equals sign, then an operand, or a sum or difference of two, perhaps in
// parentheses.
func (p *parser) assigned() (*node, error) {
	if err := p.expect("="); err != nil {
		return nil, err
	}
	n, err := p.sum()
	if err != nil {
		return nil, err
	}
	return n, p.decide()
}

// sum parses an operand of SET and the sum or difference that it may begin.
func (p *parser) sum() (*node, error) {
	p.undecided = true
	var left *node
	var err error
	if p.take("(") {
		if left, err = p.sum(); err == nil {
			left, err = p.closed(left)
		}
	} else {
		left, err = p.operand()
	}
	if err != nil || left.kind == nodeArithmetic {
		return left, err
	}
	operator := p.peek().text
	if !p.take("+") && !p.take("-") {
		return left, nil
	}
	if err := p.decide(); err != nil {
		return nil, err
	}
	right, err := p.operand()
	return &node{kind: nodeArithmetic, text: operator, args: []*node{left, right}}, err
}
