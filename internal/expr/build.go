package expr

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What follows makes conditions and operands of parts, for a language other than that of expressions. Operands are
// checked as they are there, and what is refused is an *Error that names no expression.

// Test is a condition, or a part of one, that no text says.
type Test struct{ of test }

// Truth is the operand that a Test is where it is compared: a boolean.
type Truth struct{ of test }

func (*Truth) typeName() string { return "BOOL" }

// And is both.
func And(left, right Test) Test { return Test{&all{left.of, right.of}} }

// Or is either.
func Or(left, right Test) Test { return Test{&either{left.of, right.of}} }

// Not is the opposite.
func Not(of Test) Test { return Test{&not{of.of}} }

// Compare compares two operands by one of = <> < <= > >=.
func Compare(operator string, left, right Operand) (Test, error) {
	t, err := (&Condition{}).comparison(nodeCompare, operator, []Operand{left, right})
	return Test{t}, bare(err)
}

// Between says that an operand lies between two others, both ends in.
func Between(of, low, high Operand) (Test, error) {
	t, err := (&Condition{}).comparison(nodeBetween, "BETWEEN", []Operand{of, low, high})
	return Test{t}, bare(err)
}

// In says that an operand is one of several.
func In(of Operand, choices []Operand) (Test, error) {
	t, err := (&Condition{}).comparison(nodeIn, "IN", append([]Operand{of}, choices...))
	return Test{t}, bare(err)
}

// IsTest and IsComputed tell the functions that CallTest and Compute take from others.
func IsTest(function string) bool {
	f, known := functions[function]
	return known && slices.Contains(f.positions, asCondition)
}

// IsComputed says whether a function gives an operand, of updates or else of conditions.
func IsComputed(function string, update bool) bool {
	f, known := functions[function]
	return known && f.update == update && !slices.Contains(f.positions, asCondition)
}

// CallTest is a function that is a condition, such as begins_with.
func CallTest(function string, args []Operand) (Test, error) {
	t, err := (&Condition{}).call(function, args)
	return Test{t}, bare(err)
}

// Compute is a function that gives an operand: size, list_append or if_not_exists.
func Compute(function string, args []Operand) (Operand, error) {
	o, err := computed(function, args)
	return o, bare(err)
}

// Sum is the sum of two operands, or with - their difference.
func Sum(operator string, left, right Operand) (Operand, error) {
	o, err := arithmetic(operator, []Operand{left, right})
	return o, bare(err)
}

// Truth is the test as an operand.
func (t Test) Truth() Operand { return &Truth{t.of} }

// Condition is the test as a condition that names those paths.
func (t Test) Condition(paths []Path) *Condition { return &Condition{test: t.of, paths: paths} }

// CheckTargets refuses paths of which one lies in another before it.
func CheckTargets(paths []Path) error {
	for i, path := range paths {
		for _, earlier := range paths[:i] {
			if err := checkOverlap(path, earlier); err != nil {
				return bare(err)
			}
		}
	}
	return nil
}

// NewProjection shows paths of which none lies in another.
func NewProjection(paths []Path) *Projection { return &Projection{paths, selectionOf(paths)} }

// Order compares two strings, numbers or binaries; ok says whether they are of one such type.
func Order(a, b types.AttributeValue) (order int, ok bool) { return datumOf(a).compare(datumOf(b)) }

// Equal says whether two values are the same: numbers by value, sets whatever their order.
func Equal(a, b types.AttributeValue) bool { return equal(a, b) }

// TypeName is the short name of a value's type, as DynamoDB JSON has it.
func TypeName(v types.AttributeValue) string { return typeName(v) }

// bare is a refusal that names no expression.
func bare(err error) error {
	if f, ok := err.(fault); ok {
		return &Error{Message: f.message, quiet: f.quiet}
	}
	return err
}
