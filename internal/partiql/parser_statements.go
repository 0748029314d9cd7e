package partiql

import "strings"

// statements are the keywords that begin a statement, with what reads the rest of it. They are filled in here, since a
// statement holds expressions and an expression statements.
var statements map[string]func(*parser, token) (Expr, error)

func init() {
	statements = map[string]func(*parser, token) (Expr, error){
		"select": (*parser).selection, "pivot": (*parser).pivot, "insert": (*parser).insert, "update": (*parser).update,
		"from": (*parser).fromFirst, "delete": (*parser).delete, "create": (*parser).create, "drop": (*parser).drop,
		"exec": (*parser).exec,
	}
}

// What stands within a statement binds more tightly than what joins two.

// clauseWords are the keywords that end a select list.
var clauseWords = map[string]bool{"from": true, "where": true, "group": true, "having": true, "order": true,
	"limit": true, "offset": true}

func (p *parser) selection(t token) (Expr, error) {
	s := &Select{At: t.at}
	if p.word("distinct") {
		s.Distinct = true
	} else {
		p.word("all")
	}
	var err error
	if p.word("value") {
		s.Value, err = p.expression(bindsIntersect)
	} else {
		err = p.columns(s)
	}
	if err != nil {
		return nil, err
	}
	return s, p.clauses(s)
}

func (p *parser) pivot(t token) (Expr, error) {
	s := &Select{At: t.at}
	var err error
	if s.Value, err = p.expression(bindsIntersect); err != nil {
		return nil, err
	}
	if !p.word("at") {
		return nil, malformed("Expected AT keyword")
	}
	if _, err = p.expression(bindsIntersect); err != nil {
		return nil, err
	}
	return s, p.clauses(s)
}

// columns reads a select list.
func (p *parser) columns(s *Select) error {
	const alone = "Other expressions may not be present in the select list when '*' is used without dot notation."
	for {
		t := p.peek()
		switch {
		case t.symbol("*"):
			p.next()
			if s.Star = true; len(s.Columns) > 0 || p.peek().symbol(",") {
				return malformed(alone)
			}
			return nil
		case t.kind == tokenKeyword && clauseWords[t.text]:
			return malformed("Expected identifier or an expression but found unexpected keyword '" + t.text +
				"' in a select list.")
		}
		c, err := p.column()
		if err != nil {
			return err
		}
		if path, ok := c.Of.(*Path); ok {
			for _, step := range path.Steps {
				if step.Kind == StepEvery {
					return malformed("Invalid use of * in select list")
				}
			}
		}
		if s.Columns = append(s.Columns, c); !p.take(",") {
			return nil
		}
	}
}

// column reads an expression and the alias that it may have.
func (p *parser) column() (c Column, err error) {
	if c.Of, err = p.expression(bindsIntersect); err != nil {
		return c, err
	}
	if c.Aliased = p.word("as"); c.Aliased && !p.peek().name() {
		return c, malformed("Expected identifier for alias")
	}
	if p.peek().name() {
		p.next()
		c.Aliased = true
	}
	return c, nil
}

// clauses reads FROM and what may follow it, in its order.
func (p *parser) clauses(s *Select) (err error) {
	if !p.word("from") {
		return malformed("Expected FROM after SELECT list")
	}
	if s.From, err = p.sources(); err != nil {
		return err
	}
	if p.word("let") {
		for {
			c, err := p.column()
			if err != nil {
				return err
			}
			if s.Lets = append(s.Lets, c); !p.take(",") {
				break
			}
		}
	}
	if s.Filter, err = p.clause("where"); err != nil {
		return err
	}
	if p.peek().keyword("group") && p.ahead().keyword("by") {
		p.next()
		p.next()
		for {
			c, err := p.column()
			if err != nil {
				return err
			}
			if s.GroupBy = append(s.GroupBy, c.Of); !p.take(",") {
				break
			}
		}
	}
	if s.Having, err = p.clause("having"); err != nil {
		return err
	}
	if err = p.order(s); err != nil {
		return err
	}
	if s.Limit, err = p.clause("limit"); err != nil {
		return err
	}
	s.Offset, err = p.clause("offset")
	return err
}

// clause reads a keyword and the expression behind it, nil without the keyword.
func (p *parser) clause(keyword string) (Expr, error) {
	if !p.word(keyword) {
		return nil, nil
	}
	return p.expression(bindsIntersect)
}

func (p *parser) order(s *Select) error {
	if !p.peek().keyword("order") || !p.ahead().keyword("by") {
		return nil
	}
	p.next()
	p.next()
	for {
		of, err := p.expression(bindsIntersect)
		if err != nil {
			return err
		}
		descending := p.word("desc")
		if !descending {
			p.word("asc")
		}
		if s.OrderBy = append(s.OrderBy, Term{of, descending}); !p.take(",") {
			return nil
		}
	}
}

// sources reads what stands behind FROM, joins and all.
func (p *parser) sources() (*Source, error) {
	first, err := p.source()
	for err == nil {
		joined := p.take(",")
		if !joined {
			for p.word("inner") || p.word("left") || p.word("right") || p.word("full") || p.word("outer") || p.word("cross") {
			}
			if joined = p.word("join"); !joined {
				return first, nil
			}
		}
		var more *Source
		if more, err = p.source(); err != nil {
			return nil, err
		}
		first.Joined = append(first.Joined, more)
		if p.word("on") {
			_, err = p.expression(bindsIntersect)
		}
	}
	return nil, err
}

func (p *parser) source() (*Source, error) {
	s := &Source{Unpivot: p.word("unpivot")}
	var err error
	if s.Of, err = p.expression(bindsIntersect); err != nil {
		return nil, err
	}
	return s, p.aliases(s)
}

// target is the table of a DELETE or an UPDATE.
func (p *parser) target() (*Source, error) {
	of, err := p.simplePath()
	if err != nil {
		return nil, err
	}
	s := &Source{Of: of}
	return s, p.aliases(s)
}

// aliases reads the names that a source may be given.
func (p *parser) aliases(s *Source) error {
	if p.peek().name() {
		p.next()
		s.Aliased = true
	}
	for _, word := range []string{"as", "at", "by"} {
		if !p.word(word) {
			continue
		}
		if !p.next().name() {
			return malformed("Expected identifier for " + strings.ToUpper(word) + "-name")
		}
		s.Aliased = true
	}
	return nil
}

func (p *parser) insert(t token) (Expr, error) {
	p.next() // INTO
	into, err := p.simplePath()
	if err != nil {
		return nil, err
	}
	n := &Insert{Into: into, At: t.at}
	if p.peek().keyword("as") {
		return nil, malformed("Unexpected token after expression")
	}
	if n.Legacy = !p.word("value"); n.Legacy {
		n.Value, err = p.expression(bindsIntersect)
		return n, err
	}
	if n.Value, err = p.expression(bindsIntersect); err != nil {
		return nil, err
	}
	if n.Index, err = p.clause("at"); err != nil {
		return nil, err
	}
	if p.peek().keyword("on") && p.ahead().keyword("conflict") {
		p.next()
		p.next()
		if n.Conflict, err = p.conflict(); err != nil {
			return nil, err
		}
	}
	n.Returning, err = p.returning()
	return n, err
}

// conflict reads WHERE and DO NOTHING.
func (p *parser) conflict() (Expr, error) {
	if !p.word("where") {
		return nil, malformed("Expected WHERE keyword")
	}
	of, err := p.expression(bindsIntersect)
	if err != nil {
		return nil, err
	}
	if !p.word("do") || !p.word("nothing") {
		return nil, malformed("Invalid ON CONFLICT syntax")
	}
	return of, nil
}

func (p *parser) update(t token) (Expr, error) {
	u := &Update{At: t.at}
	var err error
	if u.From, err = p.target(); err != nil {
		return nil, err
	}
	if u.Changes, err = p.changes(); err != nil {
		return nil, err
	}
	if u.Filter, err = p.clause("where"); err != nil {
		return nil, err
	}
	u.Returning, err = p.returning()
	return u, err
}

func (p *parser) fromFirst(t token) (Expr, error) {
	u := &Update{At: t.at}
	var err error
	if u.From, err = p.sources(); err != nil {
		return nil, err
	}
	if u.Filter, err = p.clause("where"); err != nil {
		return nil, err
	}
	if u.Changes, err = p.changes(); err != nil {
		return nil, err
	}
	u.Returning, err = p.returning()
	return u, err
}

// changes reads the SET, REMOVE and INSERT of an update.
func (p *parser) changes() ([]Change, error) {
	var all []Change
	for {
		t := p.peek()
		switch {
		case p.word("set"):
			set, err := p.assignments()
			if err != nil {
				return nil, err
			}
			all = append(all, set...)
		case p.word("remove"):
			target, err := p.simplePath()
			if err != nil {
				return nil, err
			}
			all = append(all, Change{Target: target})
		case t.keyword("insert") && p.ahead().keyword("into"):
			p.next()
			n, err := p.insert(t)
			if err != nil {
				return nil, err
			}
			all = append(all, Change{Insert: n.(*Insert)})
		case all == nil:
			return nil, malformed("Expected data manipulation")
		default:
			return all, nil
		}
	}
}

func (p *parser) assignments() ([]Change, error) {
	var all []Change
	for {
		target, err := p.simplePath()
		if err != nil {
			return nil, err
		}
		if !p.take("=") {
			return nil, malformed("Expected '='")
		}
		value, err := p.expression(bindsIntersect)
		if err != nil {
			return nil, err
		}
		if all = append(all, Change{Target: target, Value: value}); !p.take(",") {
			return all, nil
		}
	}
}

func (p *parser) delete(t token) (Expr, error) {
	if !p.word("from") {
		return nil, malformed("Expected FROM after DELETE")
	}
	d := &Delete{At: t.at}
	var err error
	if d.From, err = p.target(); err != nil {
		return nil, err
	}
	if d.Filter, err = p.clause("where"); err != nil {
		return nil, err
	}
	d.Returning, err = p.returning()
	return d, err
}

// returning reads RETURNING, nil if there is none.
func (p *parser) returning() ([]Returned, error) {
	if !p.word("returning") {
		return nil, nil
	}
	var all []Returned
	for {
		of, image := p.peek(), p.ahead()
		if !(of.keyword("modified") || of.keyword("all")) || !(image.keyword("old") || image.keyword("new")) {
			return nil, malformed("Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.")
		}
		p.next()
		p.next()
		r := Returned{Images: strings.ToUpper(of.text + " " + image.text)}
		if r.All = p.take("*"); !r.All {
			var err error
			if r.Of, err = p.path(); err != nil {
				return nil, err
			}
		}
		if all = append(all, r); !p.take(",") {
			return all, nil
		}
	}
}
