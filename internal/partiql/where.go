package partiql

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
)

// Where is what a WHERE clause says.
type Where struct {
	Condition *expr.Condition // all of it
	root      *clause
}

// binder makes the parts of a statement with its parameters put in.
type binder struct {
	parameters []types.AttributeValue
	paths      []expr.Path // that the condition names
}

// parameter is the value that stands for a question mark.
func (b *binder) parameter(p *Parameter) (types.AttributeValue, error) {
	if p.Number >= len(b.parameters) {
		return nil, refuse("Number of parameters in request and statement don't match.")
	}
	return b.parameters[p.Number], nil
}

// given is a parameter as an operand.
func (b *binder) given(p *Parameter) (expr.Operand, error) {
	v, err := b.parameter(p)
	if err != nil {
		return nil, err
	}
	return expr.NewValue(v), nil
}

// errMissing refuses MISSING anywhere but behind IS.
var errMissing = refuse("MISSING must be compared using IS operator")

// where makes a condition of all that stands behind WHERE, nil for no clause.
func (b *binder) where(e Expr) (*Where, error) {
	if e == nil {
		return nil, nil
	}
	if l, ok := e.(*Literal); ok && l.Kind == Missing {
		return nil, errMissing
	}
	if !isCondition(e) {
		if _, err := b.operand(e); err != nil {
			return nil, err
		}
		return nil, refuse("WHERE clause must contain an expression that resolves to a boolean")
	}
	test, root, err := b.condition(e)
	if err != nil {
		return nil, err
	}
	return &Where{test.Condition(b.paths), root}, nil
}

// isCondition tells what is true or false from values.
func isCondition(e Expr) bool {
	switch e := e.(type) {
	case *Binary:
		return e.Operator != "+" && symbolBinds[e.Operator] > 0 && symbolBinds[e.Operator] < bindsSum ||
			e.Operator == "and" || e.Operator == "or"
	case *Unary:
		return e.Operator == "not"
	case *Between, *In, *Is, *Like:
		return true
	case *Call:
		return expr.IsTest(e.Function)
	}
	return false
}

// condition makes a test of a condition, and the clause that plans look at.
func (b *binder) condition(e Expr) (expr.Test, *clause, error) {
	from := len(b.paths)
	test, c, err := b.test(e)
	if err != nil {
		return expr.Test{}, nil, err
	}
	for _, p := range b.paths[from:] {
		c.names = append(c.names, p[0].Name)
	}
	return test, c, nil
}

func (b *binder) test(e Expr) (expr.Test, *clause, error) {
	switch e := e.(type) {
	case *Binary:
		if e.Operator == "and" || e.Operator == "or" {
			return b.joined(e)
		}
		return b.compared(e)
	case *Unary:
		of, err := b.argument(e.Of, "NOT", "The argument to NOT must be a Type or Expression")
		if err != nil {
			return expr.Test{}, nil, err
		}
		return expr.Not(of.test), of.clause.negated(), nil
	case *Between:
		return b.between(e)
	case *In:
		return b.in(e)
	case *Is:
		return b.is(e)
	case *Like:
		return expr.Test{}, nil, refuse("Unsupported operator in Condition Expression. Operator: like")
	}
	return b.call(e.(*Call))
}

// conditionOf is a test with its clause.
type conditionOf struct {
	test   expr.Test
	clause *clause
}

// argument makes a test of what AND, OR and NOT take.
func (b *binder) argument(e Expr, operator, rule string) (conditionOf, error) {
	if l, ok := e.(*Literal); ok && l.Kind == Missing {
		return conditionOf{}, errMissing
	}
	if !isCondition(e) {
		o, err := b.operand(e)
		if err != nil {
			return conditionOf{}, err
		}
		if _, ok := o.(*expr.Size); ok {
			return conditionOf{}, refuse("Incorrect operand type for operator or function; operator or function: %s, "+
				"operand type: N", operator)
		}
		return conditionOf{}, refuse("%s", rule)
	}
	test, c, err := b.condition(e)
	return conditionOf{test, c}, err
}

// isPlain tells a value or a path, which is no condition whatever it is.
func isPlain(e Expr) bool {
	switch e := e.(type) {
	case *Literal:
		return e.Kind != Missing
	case *Name, *Path, *Parameter, *List, *Bag, *Struct:
		return true
	}
	return false
}

func (b *binder) joined(e *Binary) (expr.Test, *clause, error) {
	operator := strings.ToUpper(e.Operator)
	const rule = "The arguments to AND/OR must be Expressions"
	if isPlain(e.Left) || isPlain(e.Right) {
		return expr.Test{}, nil, refuse(rule)
	}
	left, err := b.argument(e.Left, operator, rule)
	if err != nil {
		return expr.Test{}, nil, err
	}
	right, err := b.argument(e.Right, operator, rule)
	if err != nil {
		return expr.Test{}, nil, err
	}
	if e.Operator == "and" {
		return expr.And(left.test, right.test), &clause{kind: clauseAnd, parts: []*clause{left.clause, right.clause}}, nil
	}
	return expr.Or(left.test, right.test), &clause{kind: clauseOr, parts: []*clause{left.clause, right.clause}}, nil
}

func (b *binder) compared(e *Binary) (expr.Test, *clause, error) {
	if symbolBinds[e.Operator] >= bindsSum || symbolBinds[e.Operator] == 0 {
		return expr.Test{}, nil, refuse("Unsupported operator in Condition Expression. Operator: %s", e.Operator)
	}
	if of := heldTrue(e); of != nil {
		return b.test(of)
	}
	operands, err := b.operands(e.Left, e.Right)
	if err != nil {
		return expr.Test{}, nil, err
	}
	left, right := operands[0], operands[1]
	operator := e.Operator
	if operator == "!=" {
		operator = "<>"
	}
	test, err := expr.Compare(operator, left, right)
	return test, comparisonClause(expr.Op(operator), left, right), err
}

// heldTrue gives the condition that is compared with true, which says no more than it does; nil for other comparisons.
func heldTrue(e *Binary) Expr {
	isTrue := func(e Expr) bool {
		l, ok := e.(*Literal)
		return ok && l.Kind == True
	}
	switch {
	case e.Operator != "=":
	case isTrue(e.Right) && isCondition(e.Left):
		return e.Left
	case isTrue(e.Left) && isCondition(e.Right):
		return e.Right
	}
	return nil
}

func (b *binder) between(e *Between) (expr.Test, *clause, error) {
	operands, err := b.operands(e.Of, e.Low, e.High)
	if err != nil {
		return expr.Test{}, nil, err
	}
	test, err := expr.Between(operands[0], operands[1], operands[2])
	c := termClause(operands[0], expr.OpBetween, operands[1:])
	if e.Not {
		return expr.Not(test), c.negated(), err
	}
	return test, c, err
}

func (b *binder) in(e *In) (expr.Test, *clause, error) {
	var items []Expr
	switch right := e.Right.(type) {
	case *List:
		items = right.Items
	case *Bag:
		items = right.Items
	}
	if len(items) == 0 {
		return expr.Test{}, nil, refuse("IN operator must have a left hand argument of type Variable Reference and " +
			"right hand argument of type Seq with at least one member")
	}
	operands, err := b.operands(append([]Expr{e.Of}, items...)...)
	if err != nil {
		return expr.Test{}, nil, err
	}
	test, err := expr.In(operands[0], operands[1:])
	c := termClause(operands[0], opIn, operands[1:])
	if e.Not {
		return expr.Not(test), c.negated(), err
	}
	return test, c, err
}

// storedTypes are the types that IS takes, with their short names.
var storedTypes = map[string]string{"NULL": "NULL", "BOOLEAN": "BOOL", "BLOB": "B", "STRING": "S", "NUMERIC": "N",
	"STRUCT": "M", "TUPLE": "M", "LIST": "L"}

func (b *binder) is(e *Is) (expr.Test, *clause, error) {
	none := expr.Test{}
	switch e.Of.(type) {
	case *Name, *Path, *Literal:
	default:
		return none, nil, refuse("The left hand side argument to IS must be a Variable Reference, Literal, or Path")
	}
	short, known := storedTypes[e.Type]
	if !known && e.Type != "MISSING" {
		return none, nil, refuse("Unsupported data type for IS operator: %s. Supported data types are [MISSING, NULL, "+
			"BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST] at %s", e.Type, e.At)
	}
	of, err := b.operand(e.Of)
	if err != nil {
		return none, nil, err
	}
	var test expr.Test
	if e.Type == "MISSING" {
		test, err = expr.CallTest("attribute_not_exists", []expr.Operand{of})
	} else {
		test, err = expr.CallTest("attribute_type", []expr.Operand{of, stringValue(short)})
	}
	if e.Not {
		test = expr.Not(test)
	}
	return test, &clause{}, err
}

func stringValue(s string) *expr.Value { return expr.NewValue(&types.AttributeValueMemberS{Value: s}) }

func (b *binder) call(e *Call) (expr.Test, *clause, error) {
	args, err := b.operands(e.Args...)
	if err != nil {
		return expr.Test{}, nil, err
	}
	test, err := expr.CallTest(e.Function, args)
	c := &clause{}
	if e.Function == string(expr.OpBeginsWith) && err == nil {
		c = termClause(args[0], expr.OpBeginsWith, args[1:])
	}
	return test, c, err
}

func (b *binder) operands(all ...Expr) ([]expr.Operand, error) { return each(all, b.operand) }

// each makes operands of expressions, up to the first that cannot be one.
func each(all []Expr, of func(Expr) (expr.Operand, error)) ([]expr.Operand, error) {
	operands := make([]expr.Operand, len(all))
	for i, e := range all {
		var err error
		if operands[i], err = of(e); err != nil {
			return nil, err
		}
	}
	return operands, nil
}

// operand makes what a condition compares.
func (b *binder) operand(e Expr) (expr.Operand, error) {
	if isCondition(e) {
		test, _, err := b.condition(e)
		return test.Truth(), err
	}
	switch e := e.(type) {
	case *Name, *Path:
		p, err := path(e)
		b.paths = append(b.paths, p)
		return p, err
	case *Unary:
		return nil, refuse("Unsupported operator in Condition Expression. Operator: %s", e.Operator)
	case *Binary:
		return nil, refuse("Unsupported operator in Condition Expression. Operator: %s", e.Operator)
	case *Call:
		return b.sized(e)
	}
	return b.constant(e)
}

// constant makes an operand of what depends on no item: a parameter, or a value that is written out.
func (b *binder) constant(e Expr) (expr.Operand, error) {
	switch e := e.(type) {
	case *Parameter:
		return b.given(e)
	case *Literal:
		switch e.Kind {
		case Missing:
			return nil, errMissing
		case Date:
			return nil, unsupportedWord(e)
		}
	case *Select, *Case, *Cast, *Insert, *Update, *Delete, *Other:
		return nil, unsupportedWord(e)
	}
	v, err := value(e, root, 0)
	if err != nil {
		return nil, err
	}
	return expr.NewValue(v), nil
}

func unsupportedWord(e Expr) error {
	return refuse("Unsupported token in expression: %s at %s", wordOf(e), e.Where())
}

// sized makes the operand that a call is in a condition: size alone is one.
func (b *binder) sized(e *Call) (expr.Operand, error) {
	switch {
	case e.Aggregate:
		return nil, unsupportedWord(e)
	case expr.IsComputed(e.Function, true):
		return nil, refuse("The function is not allowed in a condition expression; function: %s", e.Function)
	case !expr.IsComputed(e.Function, false):
		return nil, unrecognised(e)
	}
	args, err := b.operands(e.Args...)
	if err != nil {
		return nil, err
	}
	return expr.Compute(e.Function, args)
}
