package partiql

import (
	"strings"

	"github.com/monotable/monotable/internal/expr"
)

// update makes an update of the changes of a statement: first the functions that change sets are looked at, then
// whether two changes are of one path, then what else is assigned.
func (b *binder) update(changes []Change) (*expr.Update, error) {
	actions := make([]expr.Action, len(changes))
	targets := make([]expr.Path, len(changes))
	for i, c := range changes {
		if c.Insert != nil {
			return nil, refuse("Only SET and REMOVE are supported in update expressions at this time")
		}
		var err error
		if targets[i], err = path(c.Target); err != nil {
			return nil, err
		}
		actions[i] = expr.Action{Kind: expr.Remove, Path: targets[i]}
	}
	for _, ofSets := range []bool{true, false} {
		for i, c := range changes {
			if c.Value == nil || changesSet(c.Value) != ofSets {
				continue
			}
			var err error
			if actions[i], err = b.assignment(targets[i], c.Value); err != nil {
				return nil, err
			}
		}
		if err := expr.CheckTargets(targets); err != nil {
			return nil, err
		}
	}
	return expr.NewUpdate(actions), nil
}

// changesSet tells the functions that change a set.
func changesSet(e Expr) bool {
	c, ok := e.(*Call)
	return ok && setFunctions[c.Function] != ""
}

// setFunctions are the functions that change a set, each the whole of what is assigned to it.
var setFunctions = map[string]expr.ActionKind{"set_add": expr.Add, "set_delete": expr.Delete}

// assignment makes the action of one SET.
func (b *binder) assignment(target expr.Path, e Expr) (expr.Action, error) {
	if changesSet(e) {
		return b.setChange(target, e.(*Call))
	}
	o, err := b.assigned(e)
	return expr.Action{Kind: expr.Set, Path: target, Value: o}, err
}

func (b *binder) setChange(target expr.Path, c *Call) (expr.Action, error) {
	none, name := expr.Action{}, strings.ToUpper(c.Function)
	if len(c.Args) != 2 {
		return none, refuse("%s must have exactly two arguments at %s", name, c.At)
	}
	if first, err := path(c.Args[0]); err != nil || first.String() != target.String() {
		return none, refuse("The first argument to %s must equal the assignment value at %s", name, c.At)
	}
	var with *expr.Value
	switch second := c.Args[1].(type) {
	case *Parameter:
		v, err := b.parameter(second)
		if err != nil {
			return none, err
		}
		with = expr.NewValue(v)
	case *Literal, *List, *Struct, *Bag:
		v, err := value(second, root, 0)
		if err != nil {
			return none, err
		}
		with = expr.NewValue(v)
	}
	if with == nil || !isSet(expr.TypeName(with.Value)) {
		return none, refuse("The second argument to %s must be a value with type SET at %s", name, c.Args[0].Where())
	}
	return expr.Action{Kind: setFunctions[c.Function], Path: target, Value: with}, nil
}

func isSet(name string) bool { return name == "SS" || name == "NS" || name == "BS" }

// assigned makes what SET computes.
func (b *binder) assigned(e Expr) (expr.Operand, error) {
	switch e := e.(type) {
	case *Name, *Path:
		p, err := path(e)
		return p, err
	case *Binary:
		if e.Operator != "+" && e.Operator != "-" {
			return nil, refuse("Unsupported operator in Update Expression. Operator: %s", e.Operator)
		}
		args, err := b.assignedAll(e.Left, e.Right)
		if err != nil {
			return nil, err
		}
		return expr.Sum(e.Operator, args[0], args[1])
	case *Unary:
		if _, err := b.assigned(e.Of); err != nil {
			return nil, err
		}
		if e.Operator != "not" {
			return nil, refuse("Incorrect number of operands for operator or function; operator or function: %s, "+
				"number of operands: 1", e.Operator)
		}
		return nil, refuse("Unsupported operator in Update Expression. Operator: not")
	case *Between, *In, *Like:
		return nil, refuse("Unsupported operator in Update Expression. Operator: %s", wordOf(e))
	case *Is:
		return nil, refuse("IS operator is not supported in update expressions")
	case *Call:
		return b.computed(e)
	}
	return b.constant(e)
}

func (b *binder) assignedAll(all ...Expr) ([]expr.Operand, error) { return each(all, b.assigned) }

func (b *binder) computed(e *Call) (expr.Operand, error) {
	switch {
	case e.Aggregate:
		return nil, unsupportedWord(e)
	case expr.IsTest(e.Function) || expr.IsComputed(e.Function, false):
		return nil, refuse("The function is not allowed in an update expression; function: %s", e.Function)
	case !expr.IsComputed(e.Function, true):
		return nil, unrecognised(e)
	}
	args, err := b.assignedAll(e.Args...)
	if err != nil {
		return nil, err
	}
	return expr.Compute(e.Function, args)
}
