package expr

import (
	"math"
	"slices"
	"strconv"

	"github.com/monotable/monotable/internal/size"
)

// The service checks an expression in phases, each over the whole text before the next: syntax and redundant
// parentheses, then here words and functions, then names, values and types, then the number of operators. In each the
// first fault counts.

// position is where a call stands in an expression.
type position uint8

const (
	asCondition position = iota // where a condition is
	asOperand                   // beside an operator, or within another call
	asAssigned                  // all that SET assigns
)

// function is what the language knows of one of its functions.
type function struct {
	update    bool // of updates; else of conditions
	operands  int
	positions []position
}

var functions = map[string]function{
	"attribute_exists":     {operands: 1, positions: []position{asCondition}},
	"attribute_not_exists": {operands: 1, positions: []position{asCondition}},
	"attribute_type":       {operands: 2, positions: []position{asCondition}},
	"begins_with":          {operands: 2, positions: []position{asCondition}},
	"contains":             {operands: 2, positions: []position{asCondition}},
	"size":                 {operands: 1, positions: []position{asOperand}},
	"if_not_exists":        {update: true, operands: 2, positions: []position{asOperand, asAssigned}},
	"list_append":          {update: true, operands: 2, positions: []position{asAssigned}},
}

// checkWords refuses reserved words, indexes out of range, and functions that are unknown or out of place.
func (n *node) checkWords(in Kind, at position) error {
	switch n.kind {
	case nodePath:
		return n.checkSteps()
	case nodeCall:
		f, known := functions[n.text]
		if !known {
			return faultf("Invalid function name; function: %s", n.text)
		}
		if f.update != (in == UpdateKind) {
			kind := "a condition"
			if in == UpdateKind {
				kind = "an update"
			}
			return faultf("The function is not allowed in %s expression; function: %s", kind, n.text)
		}
		if !slices.Contains(f.positions, at) {
			return faultf("The function is not allowed to be used this way in an expression; function: %s", n.text)
		}
	}
	within := asOperand
	if n.kind == nodeAnd || n.kind == nodeOr || n.kind == nodeNot {
		within = asCondition
	}
	for _, arg := range n.args {
		if err := arg.checkWords(in, within); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) checkSteps() error {
	for _, s := range n.steps {
		if s.index {
			if i, err := strconv.ParseInt(s.text, 10, 64); err != nil || i > math.MaxInt32 {
				return faultf("List index is not within the allowable range; index: [%s]", s.text)
			}
		} else if isReserved(s.text) {
			return faultf("Attribute name is a reserved keyword; reserved keyword: %s", s.text)
		}
	}
	return nil
}

// operators counts the operators and calls of a condition or of what SET assigns.
func (n *node) operators() int {
	count := 0
	if n.kind != nodePath && n.kind != nodeValue {
		count = 1
	}
	for _, arg := range n.args {
		count += arg.operators()
	}
	return count
}

func checkOperators(count int) error {
	if count <= size.MaxOperators {
		return nil
	}
	return faultf("The expression contains too many operators; operator count: %d", size.MaxOperators+1)
}
