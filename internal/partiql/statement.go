// Package partiql is DynamoDB's part of PartiQL: statements are parsed, checked and turned into what expressions are
// made of, and conditions into the reads that they come to.
//
// What a text that is no statement is told is what the grammar of partiql-lang-kotlin 0.5 says, on which the service's
// answers agree wherever they were captured. Other rules and messages were captured from the service, or else asked of
// DynamoDB Local 3.1.0. Where nothing is known of the service, these are choices:
//   - l[2].q of a list is shown as {l[2]: {q: …}}, as Local shows it where it stands alone; batches and transactions
//     show paths in their places, as Local does.
//   - What an IN of several partitions finds comes in pages like anything else; the guide speaks of ten items a page.
//   - A comparison of a key with another type is a filter where it is denied or, in a scan, a range.
//   - NextToken, Limit and ConsistentRead of a write do nothing, and parameters too many are left alone.
//   - Of several refusals of one statement any may be the first to be told, but for the order that was captured: its
//     parameters, its text, its table, its index, and the keys.
package partiql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
)

// Kind is what a statement does.
type Kind uint8

// The kinds of statements.
const (
	KindSelect Kind = iota
	KindInsert
	KindUpdate
	KindDelete
	KindExists // of a transaction: a condition alone
)

// Statement is a statement that is right as far as that can be said without its table.
type Statement struct {
	Kind      Kind
	Table     string
	Index     string // "" for none
	Where     *Where // nil for none
	Columns   []expr.Path
	Item      map[string]types.AttributeValue // of an INSERT
	Update    *expr.Update
	Returning string // the images, such as ALL OLD; "" for none
	OrderBy   []Order
	orderTerm error // what is wrong with a term of ORDER BY
}

// Order is one term of ORDER BY.
type Order struct {
	Attribute  string
	Descending bool
}

// Writes says whether the statement writes, or belongs to those that do.
func (s *Statement) Writes() bool { return s.Kind != KindSelect }

// Action is the IAM action that the statement needs.
func (s *Statement) Action() string {
	switch s.Kind {
	case KindInsert:
		return "dynamodb:PartiQLInsert"
	case KindUpdate:
		return "dynamodb:PartiQLUpdate"
	case KindDelete:
		return "dynamodb:PartiQLDelete"
	}
	return "dynamodb:PartiQLSelect"
}

// OrderError says what is wrong with ORDER BY before the table's keys are looked at.
func (s *Statement) OrderError() error { return s.orderTerm }

// ErrExists refuses EXISTS, and what the service takes for it, outside of a transaction.
var ErrExists = refuse("EXISTS can only be used in ExecuteTransaction write requests.")

// Read parses a statement, puts the parameters in, and checks what can be checked without the table.
func Read(text string, parameters []types.AttributeValue) (*Statement, error) {
	parsed, err := Parse(text)
	if err != nil {
		return nil, err
	}
	b := &binder{parameters: parameters}
	switch e := parsed.(type) {
	case *Select:
		return b.selection(e)
	case *Insert:
		return b.insertion(e)
	case *Update:
		return b.updating(e)
	case *Delete:
		return b.deletion(e)
	case *Call:
		if !e.Aggregate {
			return b.exists(e)
		}
	case *Unary, *Binary, *Between, *In, *Like:
		return nil, ErrExists
	case *Is:
		return nil, refuse("Unsupported operation: IsType")
	case *Other:
		return nil, refuse("Unsupported operation: %s", e.Kind)
	}
	return nil, refuse("Unsupported operation: %s", kindOf(parsed))
}

// IndexOf finds the table and the index that a text reads that is a SELECT, right or not; ok is false for one that
// reads none.
func IndexOf(text string) (table, index string, ok bool) {
	parsed, err := Parse(text)
	if err != nil {
		return "", "", false
	}
	of, ok := parsed.(*Select)
	if !ok {
		return "", "", false
	}
	names, err := sourceOf(of.From)
	if err != nil || len(names) < 2 {
		return "", "", false
	}
	return names[0], names[1], true
}

// unsupportedClause finds a clause of a SELECT that there is none of here.
func unsupportedClause(e *Select) error {
	for _, c := range []struct {
		name string
		of   Expr
	}{{"LIMIT", e.Limit}, {"OFFSET", e.Offset}, {"HAVING", e.Having}} {
		if c.of != nil {
			return refuse("Unsupported clause: %s at %s", c.name, c.of.Where())
		}
	}
	switch {
	case e.GroupBy != nil:
		return refuse("Unsupported clause: GROUP BY")
	case e.Lets != nil:
		return refuse("Unsupported clause: LET")
	case e.Distinct:
		return refuse("Unsupported token in expression: DISTINCT")
	case e.Value != nil:
		return refuse("Select projection doesn't support value or pivot keywords")
	}
	return nil
}

func (b *binder) selection(e *Select) (*Statement, error) {
	if err := unsupportedClause(e); err != nil {
		return nil, err
	}
	s := &Statement{Kind: KindSelect}
	names, err := sourceOf(e.From)
	if err != nil {
		return nil, err
	}
	if s.Columns, err = columns(e.Columns); err != nil {
		return nil, err
	}
	if s.Table = names[0]; len(names) > 1 {
		s.Index = names[1]
	}
	for _, t := range e.OrderBy {
		name, ok := t.Of.(*Name)
		if !ok {
			s.orderTerm = refuse("Argument to ORDER BY must be of type VariableReference. Type: %s", wordOf(t.Of))
			break
		}
		s.OrderBy = append(s.OrderBy, Order{name.Text, t.Descending})
	}
	s.Where, err = b.where(e.Filter)
	return s, err
}

// columns makes the paths of a select list, nil for all.
func columns(all []Column) ([]expr.Path, error) {
	var paths []expr.Path
	if slices.ContainsFunc(all, func(c Column) bool { return c.Aliased }) {
		return nil, errAlias
	}
	for _, c := range all {
		if p, ok := c.Of.(*Path); ok && slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Kind == StepAll }) {
			return nil, refuse("Changing item's hierarchy while reading isn't supported")
		}
		p, err := path(c.Of)
		if err != nil {
			return nil, err
		}
		paths = append(paths, p)
	}
	seen := map[string]bool{}
	for _, p := range paths {
		name, below := Shown(p)
		id := name + below.String()
		if seen[id] {
			return nil, refuse("Duplicate identifiers in select clause: %s", name)
		}
		seen[id] = true
	}
	return paths, expr.CheckTargets(paths)
}

var errAlias = refuse("Aliasing is not supported")

// sourceOf gives the table of a source, and its index.
func sourceOf(s *Source) ([]string, error) {
	switch {
	case s.Joined != nil, s.Unpivot:
		return nil, refuse("Only select from a single table or index is supported.")
	case s.Aliased:
		return nil, errAlias
	}
	return tableOf(s.Of)
}

func (b *binder) insertion(e *Insert) (*Statement, error) {
	switch {
	case e.Legacy:
		return nil, refuse("Unsupported operation: InsertOp")
	case e.Index != nil:
		return nil, refuse("AT is not supported in insert statements. at %s", e.At)
	case e.Conflict != nil:
		return nil, refuse("Unsupported clause: ON CONFLICT")
	}
	s := &Statement{Kind: KindInsert}
	var err error
	if s.Item, err = b.item(e.Value); err != nil {
		return nil, err
	}
	names, err := tableOf(e.Into)
	if err == nil && len(names) > 1 || err != nil && isLong(e.Into) {
		return nil, refuse("FROM clause may only contain a single table name in data manipulation statements at %s",
			e.Into.Where())
	}
	if err != nil {
		return nil, err
	}
	s.Table = names[0]
	if e.Returning != nil {
		s.Returning = e.Returning[0].Images
	}
	return s, nil
}

// isLong tells a path with steps whose names are none empty.
func isLong(e Expr) bool {
	p, ok := e.(*Path)
	if !ok {
		return false
	}
	name, _ := p.Root.(*Name)
	return name != nil && name.Text != "" &&
		!slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Kind == StepName && s.Name == "" })
}

var errIndex = refuse("This operation is not supported on an index")

// single gives the table of a statement that writes, which names it after all else was found right.
func single(from *Source) (string, error) {
	names, err := sourceOf(from)
	if err != nil {
		return "", err
	}
	if len(names) > 1 {
		return "", errIndex
	}
	return names[0], nil
}

func (b *binder) updating(e *Update) (*Statement, error) {
	if e.Changes[0].Insert != nil {
		return nil, refuse("Unsupported FROM ... WHERE ... clause in INSERT statement. at %s", e.At)
	}
	s := &Statement{Kind: KindUpdate}
	var err error
	if s.Where, err = b.where(e.Filter); err != nil {
		return nil, err
	}
	if s.Update, err = b.update(e.Changes); err != nil {
		return nil, err
	}
	if s.Table, err = single(e.From); err != nil {
		return nil, err
	}
	s.Returning, err = returning(e.Returning)
	return s, err
}

func (b *binder) deletion(e *Delete) (*Statement, error) {
	s := &Statement{Kind: KindDelete}
	var err error
	if s.Where, err = b.where(e.Filter); err != nil {
		return nil, err
	}
	if s.Table, err = single(e.From); err != nil {
		return nil, err
	}
	s.Returning, err = returning(e.Returning)
	return s, err
}

// ReturningError says what is wrong with the RETURNING of an INSERT or a DELETE, which is found once its item is known.
func (s *Statement) ReturningError() error {
	switch {
	case s.Kind == KindInsert && s.Returning != "":
		return refuse("RETURNING is not supported in INSERT")
	case s.Kind == KindDelete && s.Returning != "" && s.Returning != "ALL OLD":
		return refuse("Invalid returning clause: RETURNING %s *. Only RETURNING ALL OLD * is allowed in DELETE "+
			"statements.", s.Returning)
	}
	return nil
}

func returning(all []Returned) (string, error) {
	switch {
	case len(all) == 0:
		return "", nil
	case len(all) > 1:
		return "", refuse("Invalid syntax with multiple returning elements in RETURNING clause")
	case !all[0].All:
		return "", refuse("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause")
	}
	return all[0].Images, nil
}

// exists makes the condition of a transaction that EXISTS is.
func (b *binder) exists(e *Call) (*Statement, error) {
	if e.Function != "exists" || len(e.Args) != 1 {
		return nil, ErrExists
	}
	of, ok := e.Args[0].(*Select)
	if !ok {
		return nil, ErrExists
	}
	s, err := b.selection(of)
	if err != nil {
		return nil, err
	}
	s.Kind = KindExists
	return s, nil
}

// Shown gives the name that a column is shown under, and the steps of it that stand below that. It is the last named
// step with the indexes behind it, or those of an attribute that is a list, in which the rest then lies.
func Shown(p expr.Path) (name string, below expr.Path) {
	last := len(p) - 1
	if last > 0 && p[1].Index >= 0 {
		last = slices.IndexFunc(p[1:], func(e expr.Elem) bool { return e.Index < 0 })
		if last < 0 {
			last = len(p) - 1
		}
	}
	first := last
	for p[first].Index >= 0 {
		first--
	}
	var b strings.Builder
	b.WriteString(p[first].Name)
	for _, e := range p[first+1 : last+1] {
		fmt.Fprintf(&b, "[%d]", e.Index)
	}
	return b.String(), p[last+1:]
}
