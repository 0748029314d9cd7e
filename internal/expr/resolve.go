package expr

import (
	"slices"
	"strconv"

	"github.com/monotable/monotable/internal/size"
)

// path resolves the names of a path.
func (s *Scope) path(n *node) (Path, error) {
	if len(n.steps) > size.MaxPath {
		return nil, faultf("The document path has too many nesting levels; nesting levels: %d", len(n.steps))
	}
	path := make(Path, len(n.steps))
	for i, step := range n.steps {
		switch {
		case step.index:
			index, err := strconv.Atoi(step.text)
			if err != nil {
				return nil, err
			}
			path[i] = Elem{Index: index}
		case step.text[0] == '#' || step.text[0] == ':':
			name, err := s.name(step.text)
			if err != nil {
				return nil, err
			}
			path[i] = Elem{Name: name, Index: -1}
		default:
			path[i] = Elem{Name: step.text, Index: -1}
		}
	}
	return path, nil
}

// operand resolves what an expression computes with, inner operands first.
func (s *Scope) operand(n *node) (Operand, error) {
	switch n.kind {
	case nodePath:
		return s.path(n)
	case nodeValue:
		return s.value(n.text)
	}
	args, err := s.operands(n.args)
	if err != nil {
		return nil, err
	}
	if n.kind == nodeArithmetic {
		return arithmetic(n.text, args)
	}
	return computed(n.text, args)
}

// arithmetic makes the operand that a sum or difference is.
func arithmetic(operator string, args []Operand) (Operand, error) {
	return &Arithmetic{Minus: operator == "-", Left: args[0], Right: args[1]}, checkTypes(operator, args, "N")
}

// computed makes the operand that a call is.
func computed(call string, args []Operand) (Operand, error) {
	if err := checkCount(call, args); err != nil {
		return nil, err
	}
	switch call {
	case "size":
		return &Size{args[0]}, checkTypes(call, args, "S", "B", "SS", "NS", "BS", "L", "M")
	case "list_append":
		return &ListAppend{args[0], args[1]}, checkTypes(call, args, "L")
	}
	path, err := requirePath(call, args[0])
	if err != nil {
		return nil, err
	}
	return &IfNotExists{path, args[1]}, checkDistinct(call, args)
}

func (s *Scope) operands(nodes []*node) ([]Operand, error) {
	args := make([]Operand, len(nodes))
	for i, n := range nodes {
		var err error
		if args[i], err = s.operand(n); err != nil {
			return nil, err
		}
	}
	return args, nil
}

func checkCount(call string, args []Operand) error {
	if len(args) == functions[call].operands {
		return nil
	}
	return faultf(
		"Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", call,
		len(args))
}

// checkTypes refuses an operand whose type is known and not among those allowed.
func checkTypes(operator string, args []Operand, allowed ...string) error {
	for _, arg := range args {
		if t := arg.typeName(); t != "" && !slices.Contains(allowed, t) {
			return faultf("Incorrect operand type for operator or function; operator or function: %s, operand type: %s",
				operator, t)
		}
	}
	return nil
}

// checkDistinct refuses a first operand that is a path and comes again.
func checkDistinct(operator string, args []Operand) error {
	first, ok := args[0].(Path)
	if !ok {
		return nil
	}
	for _, arg := range args[1:] {
		if other, ok := arg.(Path); ok && slices.Equal(first, other) {
			return faultf("The first operand must be distinct from the remaining operands for this operator or "+
				"function; operator: %s, first operand: %s",
				operator, first)
		}
	}
	return nil
}

func requirePath(call string, arg Operand) (Path, error) {
	path, ok := arg.(Path)
	if !ok {
		return nil, faultf("Operator or function requires a document path; operator or function: %s", call)
	}
	return path, nil
}

// targets resolves the paths that a projection shows or an update changes. Like the service it goes from the last to
// the first, and tells the fault that it finds first.
func (s *Scope) targets(nodes []*node) ([]Path, error) {
	paths := make([]Path, len(nodes))
	for i := len(nodes) - 1; i >= 0; i-- {
		var err error
		if paths[i], err = s.path(nodes[i]); err != nil {
			return nil, err
		}
		for _, other := range paths[i+1:] {
			if err := checkOverlap(paths[i], other); err != nil {
				return nil, err
			}
		}
	}
	return paths, nil
}
