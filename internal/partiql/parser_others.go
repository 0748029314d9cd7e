package partiql

// The statements that parse and that there are none of here.

func (p *parser) create(t token) (Expr, error) {
	switch {
	case p.word("table"):
		name := p.next()
		if !name.name() {
			return nil, malformed("Expected identifier!")
		}
		return &Other{"CreateTable", "CREATE TABLE " + quoteName(name.text), t.at}, nil
	case p.word("index"):
		if !p.word("on") {
			return nil, malformed("Expected ON")
		}
		name := p.next()
		if !name.name() {
			return nil, malformed("Expected identifier!")
		}
		if err := p.expect("("); err != nil {
			return nil, err
		}
		paths := &printer{}
		for {
			path, err := p.simplePath()
			if err != nil {
				return nil, err
			}
			if path.print(paths); !p.take(",") {
				break
			}
			paths.text(", ")
		}
		return &Other{"CreateIndex", "CREATE INDEX ON " + quoteName(name.text) + " (" + paths.String() + ")", t.at},
			p.expect(")")
	}
	return nil, malformed("Unexpected token following CREATE")
}

func (p *parser) drop(t token) (Expr, error) {
	switch {
	case p.word("table"):
		name := p.next()
		if !name.name() {
			return nil, malformed("Expected identifier!")
		}
		return &Other{"DropTable", "DROP TABLE " + quoteName(name.text), t.at}, nil
	case p.word("index"):
		name := p.next()
		if !name.name() {
			return nil, malformed("Expected identifier!")
		}
		if !p.word("on") {
			return nil, malformed("Expected ON")
		}
		table := p.next()
		if !table.name() {
			return nil, malformed("Expected identifier!")
		}
		return &Other{"DropIndex", "DROP INDEX " + quoteName(name.text) + " ON " + quoteName(table.text), t.at}, nil
	}
	return nil, malformed("Unexpected token following DROP")
}

func (p *parser) exec(t token) (Expr, error) {
	name := p.next()
	if !name.name() {
		return nil, malformed("Unexpected token, expected procedure name")
	}
	words := &printer{}
	words.text("EXEC " + quoteName(name.text))
	separator := " "
	for p.peek().kind != tokenEnd && !p.peek().symbol(";") && !p.peek().symbol(")") {
		argument, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		words.text(separator)
		argument.print(words)
		if separator = ", "; !p.take(",") {
			break
		}
	}
	return &Other{"Exec", words.String(), t.at}, nil
}
