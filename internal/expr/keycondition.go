package expr

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Op is the operator of a key term.
type Op string

// The operators of key terms.
const (
	OpEqual          Op = "="
	OpLess           Op = "<"
	OpLessOrEqual    Op = "<="
	OpGreater        Op = ">"
	OpGreaterOrEqual Op = ">="
	OpBetween        Op = "BETWEEN"     // two values, both ends in
	OpBeginsWith     Op = "begins_with" // one value, a string or binary
)

// mirrored are the operators that say the same with their operands exchanged.
var mirrored = map[Op]Op{
	OpEqual: OpEqual, OpLess: OpGreater, OpLessOrEqual: OpGreaterOrEqual, OpGreater: OpLess,
	OpGreaterOrEqual: OpLessOrEqual,
}

// KeyTerm is one comparison of a key attribute.
type KeyTerm struct {
	Attribute string
	Op        Op
	Values    []types.AttributeValue // two for OpBetween, else one
}

// KeyCondition is a parsed key condition: terms joined by AND, in the order of the text. Which attributes are keys, and
// what a key schema asks of them, is for the caller to check.
type KeyCondition struct {
	Terms []KeyTerm // none if Check has an error

	paths []Path
	err   error
}

// KeyCondition parses a key condition expression. What makes a condition none over keys is told by Check, since the
// service looks for it later.
func (s *Scope) KeyCondition(text string) (*KeyCondition, error) {
	c := &Condition{}
	root, err := s.parseCondition(KeyConditionKind, text, c)
	if err != nil {
		return nil, err
	}
	k := &KeyCondition{paths: c.paths}
	if k.err = k.add(root, c.test); k.err != nil {
		k.Terms = nil
	}
	return k, nil
}

// Check says why the condition is none over keys: it has an operator other than those of KeyTerm, two terms for one
// attribute, a term without an attribute or with several, a nested path. The service finds that after unused names and
// values, before it compares the terms with the key schema.
func (k *KeyCondition) Check() error { return k.err }

// Paths lists every path that the condition names, in the order of the text.
func (k *KeyCondition) Paths() []Path { return k.paths }

// add appends the terms of a condition.
func (k *KeyCondition) add(n *node, t test) error {
	switch t := t.(type) {
	case *all:
		if err := k.add(n.args[0], t.left); err != nil {
			return err
		}
		return k.add(n.args[1], t.right)
	case *compared:
		if t.operator == "<>" {
			break
		}
		return k.term(Op(t.operator), t.left, t.right)
	case *between:
		return k.term(OpBetween, t.of, t.low, t.high)
	case *prefixed:
		return k.term(OpBeginsWith, t.of, t.prefix)
	}
	return refuse("Invalid operator used in KeyConditionExpression: %s", n.operatorName())
}

// term appends one term.
func (k *KeyCondition) term(op Op, operands ...Operand) error {
	term := KeyTerm{Op: op}
	found := false
	for i, o := range operands {
		switch o := o.(type) {
		case *Value:
			term.Values = append(term.Values, o.Value)
		case Path:
			if found {
				return refuse("Invalid condition in KeyConditionExpression: Multiple attribute names used in one " +
					"condition")
			}
			if len(o) > 1 {
				return refuse("KeyConditionExpressions cannot have conditions on nested attributes")
			}
			found = true
			term.Attribute = o[0].Name
			if i > 0 {
				term.Op = mirrored[op]
			}
		default:
			return refuse("KeyConditionExpressions cannot contain nested operations")
		}
		if (op == OpBetween || op == OpBeginsWith) && !found {
			return refuse(
				"Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first "+
					"operand", op)
		}
	}
	if !found {
		return refuse("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	for _, other := range k.Terms {
		if other.Attribute == term.Attribute {
			return refuse("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key")
		}
	}
	k.Terms = append(k.Terms, term)
	return nil
}
