package expr

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Action is one action of an update.
type Action struct {
	Kind  ActionKind
	Path  Path
	Value Operand // nil for Remove, a *Value for Add and Delete
}

// Update is a parsed update expression.
type Update struct {
	Actions []Action // in the order of the text

	uses    []Use
	paths   []Path
	touched *selection
}

// Update parses an update expression.
func (s *Scope) Update(text string) (*Update, error) {
	u := &Update{}
	err := s.parse(UpdateKind, text, func(p *parser) error {
		clauses, err := p.update()
		if err != nil {
			return err
		}
		return s.resolveUpdate(clauses, u)
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// NewUpdate makes an update of actions on attributes, each named once, that no expression's text says. The values of
// ADD and DELETE are numbers and sets.
func NewUpdate(actions []Action) *Update {
	u := &Update{Actions: actions}
	targets := make([]Path, len(actions))
	for i, a := range actions {
		targets[i] = a.Path
		u.note(a)
	}
	u.touched = selectionOf(targets)
	return u
}

// resolveUpdate checks an update and resolves it into u: words, then clauses, then all targets from the last to the
// first, then what is assigned to them, from the last to the first too.
func (s *Scope) resolveUpdate(clauses []clause, u *Update) error {
	var actions []assignment
	for _, c := range clauses {
		for _, a := range c.actions {
			if err := a.path.checkSteps(); err != nil {
				return err
			}
			if a.operand != nil {
				if err := a.operand.checkWords(UpdateKind, asAssigned); err != nil {
					return err
				}
			}
			actions = append(actions, a)
			u.Actions = append(u.Actions, Action{Kind: c.kind})
		}
	}
	for i, c := range clauses {
		if slices.ContainsFunc(clauses[:i], func(earlier clause) bool { return earlier.kind == c.kind }) {
			return faultf("The \"%s\" section can only be used once in an update expression;", c.kind)
		}
	}
	nodes := make([]*node, len(actions))
	for i, a := range actions {
		nodes[i] = a.path
	}
	targets, err := s.targets(nodes)
	if err != nil {
		return err
	}
	operators := 0
	for i := len(actions) - 1; i >= 0; i-- {
		action := &u.Actions[i]
		action.Path = targets[i]
		if n := actions[i].operand; n != nil {
			if action.Value, err = s.operand(n); err != nil {
				return err
			}
			operators += n.operators()
		}
		if err := action.checkValue(); err != nil {
			if !s.untyped {
				return err
			}
			s.mistyped = true
		}
	}
	for _, action := range u.Actions {
		u.note(action)
	}
	u.touched = selectionOf(targets)
	return checkOperators(operators)
}

// checkValue refuses what ADD or DELETE cannot take.
func (a *Action) checkValue() error {
	if a.Kind != Add && a.Kind != Delete {
		return nil
	}
	t := a.Value.typeName()
	if t == "SS" || t == "NS" || t == "BS" || (t == "N" && a.Kind == Add) {
		return nil
	}
	long := map[string]string{"S": "STRING", "N": "NUMBER", "B": "BINARY", "BOOL": "BOOLEAN", "NULL": "NULL",
		"L": "LIST", "M": "MAP"}[t]
	return faultf("Incorrect operand type for operator or function; operator: %s, operand type: %s, typeSet: "+
		"ALLOWED_FOR_%s_OPERAND",
		a.Kind, long, a.Kind)
}

// note lists the paths and the uses of an action.
func (u *Update) note(a Action) {
	u.paths = append(u.paths, a.Path)
	switch a.Kind {
	case Set:
		u.noteOperand(a.Path, a.Value, RoleAssign)
	case Add:
		u.noteOperand(a.Path, a.Value, RoleAdd)
	case Delete:
		u.noteOperand(a.Path, a.Value, RoleDelete)
	}
}

func (u *Update) noteOperand(target Path, o Operand, role Role) {
	switch o := o.(type) {
	case *Value:
		u.uses = append(u.uses, o.use(target, role))
	case Path:
		u.paths = append(u.paths, o)
	case *IfNotExists:
		u.paths = append(u.paths, o.Path)
		u.noteOperand(target, o.Else, role)
	case *ListAppend:
		u.noteOperand(target, o.Left, RoleAppend)
		u.noteOperand(target, o.Right, RoleAppend)
	case *Arithmetic:
		u.noteOperand(target, o.Left, RoleNumber)
		u.noteOperand(target, o.Right, RoleNumber)
	}
}

// Uses lists every value operand with the path that it changes, in the order of the text.
func (u *Update) Uses() []Use { return u.uses }

// Paths lists every path that the update names, those it changes and those it reads, in the order of the text.
func (u *Update) Paths() []Path { return u.paths }

// Creates says whether the update creates an item that is absent: one that only removes or deletes does not.
func (u *Update) Creates() bool {
	return slices.ContainsFunc(u.Actions, func(a Action) bool { return a.Kind == Set || a.Kind == Add })
}

// Updated returns the touched paths of an item, as UPDATED_OLD shows them of the item before and UPDATED_NEW of the
// item after. It is empty if the item has none of them. The result shares values with the item, as Projection.Apply's
// does.
func (u *Update) Updated(item map[string]types.AttributeValue) map[string]types.AttributeValue {
	return u.touched.fromMap(item)
}
