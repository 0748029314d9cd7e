package partiql

// Statements are written in parentheses, since they may stand within expressions.

func (s *Source) print(p *printer) {
	if s.Unpivot {
		p.text("UNPIVOT ")
	}
	s.Of.print(p)
	if s.Aliased {
		p.text(" AS x")
	}
	for _, more := range s.Joined {
		p.text(", ")
		more.print(p)
	}
}

func (p *printer) columns(columns []Column) {
	for i, c := range columns {
		if i > 0 {
			p.text(", ")
		}
		c.Of.print(p)
		if c.Aliased {
			p.text(" AS x")
		}
	}
}

func (n *Select) print(p *printer) {
	p.text("(SELECT ")
	if n.Distinct {
		p.text("DISTINCT ")
	}
	switch {
	case n.Value != nil:
		p.clause("VALUE ", n.Value)
	case n.Star:
		p.text("*")
	default:
		p.columns(n.Columns)
	}
	p.text(" FROM ")
	n.From.print(p)
	if n.Lets != nil {
		p.text(" LET ")
		p.columns(n.Lets)
	}
	p.clause(" WHERE ", n.Filter)
	if n.GroupBy != nil {
		p.list(" GROUP BY ", n.GroupBy, "")
	}
	p.clause(" HAVING ", n.Having)
	for i, term := range n.OrderBy {
		p.clause([...]string{" ORDER BY ", ", "}[min(i, 1)], term.Of)
		if term.Descending {
			p.text(" DESC")
		}
	}
	p.clause(" LIMIT ", n.Limit)
	p.clause(" OFFSET ", n.Offset)
	p.text(")")
}

func (n *Insert) print(p *printer) {
	p.text("(")
	n.bare(p)
	p.text(")")
}

// bare writes an INSERT without parentheses, as it stands in an UPDATE.
func (n *Insert) bare(p *printer) {
	p.text("INSERT INTO ")
	n.Into.print(p)
	if n.Legacy {
		p.list(" (", []Expr{n.Value}, ")") // lest a list be taken for a step of the path
		return
	}
	p.clause(" VALUE ", n.Value)
	p.clause(" AT ", n.Index)
	if n.Conflict != nil {
		p.clause(" ON CONFLICT WHERE ", n.Conflict)
		p.text(" DO NOTHING")
	}
	p.returning(n.Returning)
}

func (n *Update) print(p *printer) {
	p.text("(FROM ")
	n.From.print(p)
	p.clause(" WHERE ", n.Filter)
	for _, c := range n.Changes {
		switch {
		case c.Insert != nil:
			p.text(" ")
			c.Insert.bare(p)
		case c.Value != nil:
			p.clause(" SET ", c.Target)
			p.clause(" = ", c.Value)
		default:
			p.clause(" REMOVE ", c.Target)
		}
	}
	p.returning(n.Returning)
	p.text(")")
}

func (n *Delete) print(p *printer) {
	p.text("(DELETE FROM ")
	n.From.print(p)
	p.clause(" WHERE ", n.Filter)
	p.returning(n.Returning)
	p.text(")")
}

func (p *printer) returning(all []Returned) {
	for i, r := range all {
		p.text([...]string{" RETURNING ", ", "}[min(i, 1)] + r.Images + " ")
		if r.All {
			p.text("*")
		} else {
			r.Of.print(p)
		}
	}
}

func (n *Other) print(p *printer) { p.text("(" + n.Words + ")") }
