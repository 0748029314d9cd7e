package expr

import (
	"encoding/base64"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// Condition is a parsed condition or filter expression.
type Condition struct {
	test  test
	uses  []Use
	paths []Path
}

// Condition parses a condition or filter expression; kind is ConditionKind or FilterKind.
func (s *Scope) Condition(kind Kind, text string) (*Condition, error) {
	c := &Condition{}
	_, err := s.parseCondition(kind, text, c)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// parseCondition checks a condition and makes it ready to be evaluated; it returns its syntax too.
func (s *Scope) parseCondition(kind Kind, text string, c *Condition) (*node, error) {
	var root *node
	err := s.parse(kind, text, func(p *parser) (err error) {
		if root, err = p.condition(); err != nil {
			return err
		}
		if err := root.checkWords(kind, asCondition); err != nil {
			return err
		}
		if c.test, err = s.test(root, c); err != nil {
			return err
		}
		return checkOperators(root.operators())
	})
	return root, err
}

// Eval says whether the item meets the condition; an item that does not exist has no attributes. The service finds all
// that can be wrong with a condition before it sees an item, so the error is nil.
func (c *Condition) Eval(item Item) (bool, error) { return c.test.eval(item), nil }

// Uses lists every value operand that meets a path, in the order of the text.
func (c *Condition) Uses() []Use { return c.uses }

// Paths lists every path that the condition names, in the order of the text.
func (c *Condition) Paths() []Path { return c.paths }

// test resolves a condition and checks its operands, innermost first, and notes in c what it names.
func (s *Scope) test(n *node, c *Condition) (test, error) {
	switch n.kind {
	case nodeAnd, nodeOr:
		left, err := s.test(n.args[0], c)
		if err != nil {
			return nil, err
		}
		right, err := s.test(n.args[1], c)
		if err != nil {
			return nil, err
		}
		if n.kind == nodeAnd {
			return &all{left, right}, nil
		}
		return &either{left, right}, nil
	case nodeNot:
		of, err := s.test(n.args[0], c)
		return &not{of}, err
	}
	args, err := s.operands(n.args)
	if err != nil {
		return nil, err
	}
	for _, arg := range args {
		c.note(arg)
	}
	if n.kind == nodeCall {
		return c.call(n.text, args)
	}
	return c.comparison(n.kind, n.text, args)
}

// comparison makes the test that an operator is, whose first operand stands on its left.
func (c *Condition) comparison(kind nodeKind, operator string, args []Operand) (test, error) {
	if kind != nodeIn && operator != "=" && operator != "<>" {
		if err := checkTypes(operator, args, "S", "N", "B"); err != nil {
			return nil, err
		}
	}
	if err := checkDistinct(operator, args); err != nil {
		return nil, err
	}
	for _, arg := range args[1:] {
		c.meet(args[0], arg, RoleCompare)
	}
	switch kind {
	case nodeBetween:
		return &between{args[0], args[1], args[2]}, checkBounds(args[1], args[2])
	case nodeIn:
		if choices := len(args) - 1; choices > size.MaxChoices {
			return nil, faultf("The IN operator is provided with too many operands; number of operands: %d", choices)
		}
		return &among{args[0], args[1:]}, nil
	}
	return &compared{operator, args[0], args[1]}, nil
}

// call makes the test that a call is.
func (c *Condition) call(name string, args []Operand) (test, error) {
	if err := checkCount(name, args); err != nil {
		return nil, err
	}
	switch name {
	case "attribute_exists", "attribute_not_exists":
		path, err := requirePath(name, args[0])
		return &exists{path, name == "attribute_exists"}, err
	case "attribute_type":
		return c.attributeType(name, args)
	case "begins_with":
		c.meet(args[0], args[1], RolePrefix)
		if err := checkTypes(name, args, "S", "B"); err != nil {
			return nil, err
		}
		return &prefixed{args[0], args[1]}, checkDistinct(name, args)
	}
	c.meet(args[0], args[1], RoleContains)
	return &contained{args[0], args[1]}, checkDistinct(name, args)
}

func (c *Condition) attributeType(name string, args []Operand) (test, error) {
	c.meet(args[0], args[1], RoleType)
	if err := checkTypes(name, args[1:], "S"); err != nil {
		return nil, err
	}
	if err := checkDistinct(name, args); err != nil {
		return nil, err
	}
	v, ok := args[1].(*Value)
	if !ok {
		// The second operand is a path. The service names all its types, internal ones among them.
		return nil,
			faultf("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", name,
				"{DOUBLE,N,HDS,B,INT,DECIMALSET,NULL,NS,DOUBLESET,DECIMAL,S,SS,FS,FLOAT,BS,BOOL,L,M,HD,INTSET,DICT}")
	}
	wanted := v.Value.(*types.AttributeValueMemberS).Value
	switch wanted {
	case "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M":
		return &ofType{args[0], wanted}, nil
	}
	return nil, faultf("Invalid attribute type name found; type: %s, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}",
		hidden(wire.Shown(wanted)))
}

// checkBounds refuses bounds of BETWEEN that no value can lie in.
func checkBounds(low, high Operand) error {
	from, ok := low.(*Value)
	if !ok {
		return nil
	}
	to, ok := high.(*Value)
	if !ok {
		return nil
	}
	rule := "requires same data type for lower and upper bounds"
	if order, ok := from.datum.compare(to.datum); ok {
		if order <= 0 {
			return nil
		}
		rule = "requires upper bound to be greater than or equal to lower bound"
	}
	return faultf("The BETWEEN operator %s; lower bound operand: AttributeValue: %s, upper bound operand: "+
		"AttributeValue: %s",
		rule, hidden(wire.Shown(Show(from.Value))), hidden(wire.Shown(Show(to.Value))))
}

// Show is a scalar as the service's messages show it.
func Show(v types.AttributeValue) string {
	text := ""
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		text = v.Value
	case *types.AttributeValueMemberN:
		text = v.Value
	case *types.AttributeValueMemberB:
		text = base64.StdEncoding.EncodeToString(v.Value)
	}
	return "{" + typeName(v) + ":" + text + "}"
}

// note lists the path of an operand.
func (c *Condition) note(o Operand) {
	switch o := o.(type) {
	case Path:
		c.paths = append(c.paths, o)
	case *Size:
		c.note(o.Of)
	}
}

// meet lists a value that one side is and the path that the other side is, or is the size of.
func (c *Condition) meet(left, right Operand, role Role) {
	if v, ok := right.(*Value); ok {
		switch o := left.(type) {
		case Path:
			c.uses = append(c.uses, v.use(o, role))
		case *Size:
			if path, ok := o.Of.(Path); ok {
				c.uses = append(c.uses, v.use(path, RoleSize))
			}
		}
		return
	}
	if _, ok := left.(*Value); ok {
		if role == RolePrefix || role == RoleContains {
			role = RoleContainer
		}
		c.meet(right, left, role)
	}
}
