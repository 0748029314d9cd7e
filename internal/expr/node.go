package expr

// nodeKind is the form of a piece of syntax.
type nodeKind uint8

const (
	nodePath    nodeKind = iota
	nodeValue            // text is the placeholder
	nodeCall             // text is the function
	nodeCompare          // text is the operator
	nodeBetween
	nodeIn
	nodeAnd
	nodeOr
	nodeNot
	nodeArithmetic // text is + or -
)

// node is a piece of syntax, not yet checked.
type node struct {
	kind   nodeKind
	text   string
	steps  []step // of a path
	args   []*node
	parens bool // stands in parentheses
}

// step is one element of a path as it is written.
type step struct {
	text  string // a name, a placeholder, or the digits of an index
	index bool
}

// clause is one section of an update: its word and its actions, each a path and what stands beside it.
type clause struct {
	kind    ActionKind
	actions []assignment
}

type assignment struct{ path, operand *node }

// operand says whether n can be compared: a path, a value or a call.
func (n *node) operand() bool { return n.kind == nodePath || n.kind == nodeValue || n.kind == nodeCall }

// bareOperand says whether n can only be compared and is no condition by itself.
func (n *node) bareOperand() bool { return n.kind == nodePath || n.kind == nodeValue }

// operatorName is what messages call the operator or function of a condition.
func (n *node) operatorName() string {
	switch n.kind {
	case nodeOr:
		return "OR"
	case nodeNot:
		return "NOT"
	}
	return n.text
}
