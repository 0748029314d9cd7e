package partiql

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
)

// clause is what a condition says of keys, whatever the table's keys are.
type clause struct {
	kind  clauseKind
	parts []*clause
	term  *expr.KeyTerm // nil for what compares no attribute with values
	not   bool          // the opposite of something
	names []string      // the attributes that it names, in their order
}

type clauseKind uint8

const (
	clauseOther clauseKind = iota
	clauseAnd
	clauseOr
)

// opIn is the operator of a term with any number of values.
const opIn expr.Op = "IN"

// termClause is the clause of an operator whose first operand stands on its left.
func termClause(of expr.Operand, op expr.Op, with []expr.Operand) *clause {
	p, ok := of.(expr.Path)
	if !ok || len(p) != 1 {
		return &clause{}
	}
	term := expr.KeyTerm{Attribute: p[0].Name, Op: op}
	for _, o := range with {
		v, ok := o.(*expr.Value)
		if !ok {
			return &clause{}
		}
		term.Values = append(term.Values, v.Value)
	}
	return &clause{term: &term}
}

// mirrored are the operators that say the same with their operands exchanged.
var mirrored = map[expr.Op]expr.Op{expr.OpEqual: expr.OpEqual, expr.OpLess: expr.OpGreater,
	expr.OpLessOrEqual: expr.OpGreaterOrEqual, expr.OpGreater: expr.OpLess, expr.OpGreaterOrEqual: expr.OpLessOrEqual}

func comparisonClause(op expr.Op, left, right expr.Operand) *clause {
	if op == "<>" {
		return &clause{not: true}
	}
	if _, ok := left.(*expr.Value); ok {
		return termClause(right, mirrored[op], []expr.Operand{left})
	}
	return termClause(left, op, []expr.Operand{right})
}

// negated is the opposite of a clause, which says nothing of where items are.
func (c *clause) negated() *clause { return &clause{not: true} }

// Conjuncts lists the terms of which the condition says that all of them hold; whole says whether it says nothing else.
func (w *Where) Conjuncts() (terms []expr.KeyTerm, whole bool) {
	if w == nil {
		return nil, false
	}
	whole = true
	w.root.conjuncts(func(c *clause) {
		if c.term == nil {
			whole = false
			return
		}
		terms = append(terms, *c.term)
	})
	return terms, whole
}

func (c *clause) conjuncts(visit func(*clause)) {
	if c.kind != clauseAnd {
		visit(c)
		return
	}
	for _, part := range c.parts {
		part.conjuncts(visit)
	}
}

// Terms lists the terms of all branches of the condition, without those that are negated.
func (w *Where) Terms() (terms []expr.KeyTerm) {
	if w == nil {
		return nil
	}
	var walk func(*clause)
	walk = func(c *clause) {
		if c.term != nil {
			terms = append(terms, *c.term)
		}
		for _, part := range c.parts {
			walk(part)
		}
	}
	walk(w.root)
	return terms
}

// Branch is one of the reads that a condition comes to: a partition and what holds of the sort key in it.
type Branch struct {
	Partition types.AttributeValue
	Sort      []expr.KeyTerm
	Negated   bool     // it says of the sort key what does not hold, too
	Others    []string // the attributes that the rest of it names, in their order
}

// ErrTooMany refuses a condition that comes to too many reads.
var ErrTooMany = refuse("Too many decomposed read operations for a given query.")

// maxBranches is how many reads one statement may come to (captured from the service).
const maxBranches = 50

// Keyed says whether every branch of the condition has its partition by equality, so that it needs no scan.
func (w *Where) Keyed(partition string) bool { return w != nil && w.root.pins(partition) }

func (c *clause) pins(partition string) bool {
	pins := func(c *clause) bool { return c.pins(partition) }
	switch c.kind {
	case clauseAnd:
		return slices.ContainsFunc(c.parts, pins)
	case clauseOr:
		return pins(c.parts[0]) && pins(c.parts[1])
	}
	return c.term != nil && c.term.Attribute == partition && (c.term.Op == expr.OpEqual || c.term.Op == opIn)
}

// Branches gives the reads of a condition that is keyed; sort is "" for no sort key.
func (w *Where) Branches(partition, sort string) ([]Branch, error) {
	branches, err := w.root.expand(partition, sort)
	if err == nil && len(branches) > maxBranches {
		err = ErrTooMany
	}
	return branches, err
}

// saysOfKeys says whether a clause, or one within it, says where items are.
func (c *clause) saysOfKeys(partition, sort string) bool {
	if c.term != nil {
		return c.term.Attribute == sort || c.pins(partition)
	}
	return slices.ContainsFunc(c.parts, func(part *clause) bool { return part.saysOfKeys(partition, sort) })
}

// expand gives the branches of a clause. What says nothing of keys is one, whatever it is.
func (c *clause) expand(partition, sort string) ([]Branch, error) {
	if !c.saysOfKeys(partition, sort) {
		return []Branch{{Others: c.names, Negated: c.negates(sort)}}, nil
	}
	if c.term != nil {
		return c.keyBranches(partition), nil
	}
	left, err := c.parts[0].expand(partition, sort)
	if err != nil {
		return nil, err
	}
	right, err := c.parts[1].expand(partition, sort)
	if err != nil {
		return nil, err
	}
	if c.kind == clauseOr {
		return slices.Concat(left, right), nil
	}
	// More than the bound may be fewer in the end, where partitions exclude each other, but not after that many.
	const most = maxBranches * maxBranches
	if len(left)*len(right) > most {
		return nil, ErrTooMany
	}
	var all []Branch
	for _, l := range left {
		for _, r := range right {
			if b, ok := l.and(r); ok {
				all = append(all, b)
			}
		}
	}
	return all, nil
}

// negates says whether something within a clause denies what it says of an attribute.
func (c *clause) negates(attribute string) bool {
	return c.not && slices.Contains(c.names, attribute) ||
		slices.ContainsFunc(c.parts, func(part *clause) bool { return part.negates(attribute) })
}

func (c *clause) keyBranches(partition string) []Branch {
	t := *c.term
	if t.Attribute != partition {
		if t.Op != opIn {
			return []Branch{{Sort: []expr.KeyTerm{t}}}
		}
		all := make([]Branch, len(t.Values))
		for i, v := range t.Values {
			all[i].Sort = []expr.KeyTerm{{Attribute: t.Attribute, Op: expr.OpEqual, Values: []types.AttributeValue{v}}}
		}
		return all
	}
	all := make([]Branch, len(t.Values))
	for i, v := range t.Values {
		all[i].Partition = v
	}
	return all
}

// and is what holds of both; ok is false where nothing does.
func (b Branch) and(o Branch) (both Branch, ok bool) {
	both = Branch{Partition: b.Partition, Sort: slices.Concat(b.Sort, o.Sort), Negated: b.Negated || o.Negated,
		Others: slices.Concat(b.Others, o.Others)}
	if both.Partition == nil {
		both.Partition = o.Partition
	}
	return both, o.Partition == nil || expr.Equal(both.Partition, o.Partition)
}
