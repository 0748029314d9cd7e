package partiql

import "strings"

// Print writes a statement so that parsing it gives the same again, but for its positions.
func Print(e Expr) string {
	p := &printer{}
	e.print(p)
	return p.String()
}

type printer struct{ strings.Builder }

func (p *printer) text(s string) { p.WriteString(s) }

func (p *printer) list(open string, items []Expr, end string) {
	p.text(open)
	for i, item := range items {
		if i > 0 {
			p.text(", ")
		}
		item.print(p)
	}
	p.text(end)
}

// clause writes words and an expression, unless there is none.
func (p *printer) clause(words string, e Expr) {
	if e != nil {
		p.text(words)
		e.print(p)
	}
}

// tested begins a test of an expression by a word that may have NOT before it.
func (p *printer) tested(of Expr, not bool, word string, with Expr) {
	p.text("(")
	of.print(p)
	if not {
		p.text(" NOT")
	}
	p.text(" " + word + " ")
	with.print(p)
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (n *Name) print(p *printer)      { p.text(quoteName(n.Text)) }
func (n *Parameter) print(p *printer) { p.text("?") }
func (n *List) print(p *printer)      { p.list("[", n.Items, "]") }
func (n *Bag) print(p *printer)       { p.list("<<", n.Items, ">>") }
func (n *Sexp) print(p *printer)      { p.list("sexp(", n.Items, ")") }

func (n *Literal) print(p *printer) {
	switch n.Kind {
	case String:
		p.text("'" + strings.ReplaceAll(n.Text, "'", "''") + "'")
	case Number:
		p.text(n.Text)
	case Date:
		word, text, _ := strings.Cut(n.Text, " ")
		p.text(strings.ToUpper(word) + " '" + strings.ReplaceAll(text, "'", "''") + "'")
	case Ion:
		p.text("`" + n.Text + "`")
	default:
		p.text([...]string{True: "TRUE", False: "FALSE", Null: "NULL", Missing: "MISSING"}[n.Kind])
	}
}

func (n *Struct) print(p *printer) {
	p.text("{")
	for i, f := range n.Fields {
		if i > 0 {
			p.text(", ")
		}
		f.Name.print(p)
		p.text(": ")
		f.Value.print(p)
	}
	p.text("}")
}

func (n *Path) print(p *printer) {
	switch n.Root.(type) {
	case *Name, *Call:
		n.Root.print(p)
	default:
		p.list("(", []Expr{n.Root}, ")")
	}
	for _, step := range n.Steps {
		switch step.Kind {
		case StepName:
			p.text("." + quoteName(step.Name))
		case StepIndex:
			p.list("[", []Expr{step.Index}, "]")
		case StepAll:
			p.text(".*")
		case StepEvery:
			p.text("[*]")
		}
	}
}

func (n *Call) print(p *printer) {
	name := quoteName(n.Function)
	if n.Aggregate {
		name = n.Function
	}
	if n.All {
		p.text(name + "(*)")
		return
	}
	p.list(name+"(", n.Args, ")")
}

func (n *Unary) print(p *printer) {
	p.list("("+strings.ToUpper(n.Operator)+" ", []Expr{n.Of}, ")")
}

func (n *Binary) print(p *printer) {
	p.text("(")
	n.Left.print(p)
	p.text(" " + strings.ToUpper(n.Operator) + " ")
	n.Right.print(p)
	p.text(")")
}

func (n *Between) print(p *printer) {
	p.tested(n.Of, n.Not, "BETWEEN", n.Low)
	p.text(" AND ")
	n.High.print(p)
	p.text(")")
}

func (n *In) print(p *printer) {
	p.tested(n.Of, n.Not, "IN", n.Right)
	p.text(")")
}

// typeWords are the types that are written otherwise than messages call them.
var typeWords = map[string]string{"INTEGER4": "INT4", "INTEGER8": "INT8", "DOUBLE_PRECISION": "DOUBLE PRECISION",
	"CHARACTER": "CHAR", "CHARACTER_VARYING": "VARCHAR"}

func (p *printer) typeName(name string) {
	if word, ok := typeWords[name]; ok {
		name = word
	}
	p.text(name)
}

func (n *Is) print(p *printer) {
	p.text("(")
	n.Of.print(p)
	p.text(" IS ")
	if n.Not {
		p.text("NOT ")
	}
	p.typeName(n.Type)
	p.text(")")
}

func (n *Like) print(p *printer) {
	p.tested(n.Of, n.Not, "LIKE", n.Pattern)
	p.clause(" ESCAPE ", n.Escape)
	p.text(")")
}

func (n *Case) print(p *printer) {
	p.text("CASE")
	p.clause(" ", n.Of)
	for _, w := range n.Whens {
		p.clause(" WHEN ", w.If)
		p.clause(" THEN ", w.Then)
	}
	p.clause(" ELSE ", n.Else)
	p.text(" END")
}

func (n *Cast) print(p *printer) {
	p.text("CAST(")
	n.Of.print(p)
	p.text(" AS ")
	p.typeName(n.Type)
	p.text(")")
}
