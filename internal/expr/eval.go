package expr

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// test is a condition or a part of one.
type test interface{ eval(Item) bool }

type (
	all    struct{ left, right test }
	either struct{ left, right test }
	not    struct{ of test }
	exists struct {
		path Path
		want bool
	}
	ofType struct {
		of   Operand
		name string
	}
	prefixed  struct{ of, prefix Operand }
	contained struct{ of, element Operand }
	compared  struct {
		operator    string
		left, right Operand
	}
	between struct{ of, low, high Operand }
	among   struct {
		of      Operand
		choices []Operand
	}
)

func (t *all) eval(item Item) bool    { return t.left.eval(item) && t.right.eval(item) }
func (t *either) eval(item Item) bool { return t.left.eval(item) || t.right.eval(item) }
func (t *not) eval(item Item) bool    { return !t.of.eval(item) }
func (t *exists) eval(item Item) bool { return (t.path.of(item) != nil) == t.want }
func (t *ofType) eval(item Item) bool { return load(t.of, item).typeName() == t.name }
func (t *prefixed) eval(item Item) bool {
	return load(t.of, item).beginsWith(load(t.prefix, item))
}
func (t *contained) eval(item Item) bool {
	return load(t.of, item).contains(load(t.element, item))
}

func (t *compared) eval(item Item) bool {
	left, right := load(t.left, item), load(t.right, item)
	switch t.operator {
	case "=":
		return left.exists() && left.equal(right)
	case "<>":
		return !left.exists() || !left.equal(right)
	}
	order, ok := left.compare(right)
	if !ok {
		return false
	}
	switch t.operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func (t *between) eval(item Item) bool {
	of := load(t.of, item)
	low, ok := of.compare(load(t.low, item))
	if !ok || low < 0 {
		return false
	}
	high, ok := of.compare(load(t.high, item))
	return ok && high <= 0
}

func (t *among) eval(item Item) bool {
	of := load(t.of, item)
	if !of.exists() {
		return false
	}
	for _, choice := range t.choices {
		if of.equal(load(choice, item)) {
			return true
		}
	}
	return false
}

// load gives what an operand of a condition stands for in an item.
func load(o Operand, item Item) datum {
	switch o := o.(type) {
	case *Value:
		return o.datum
	case Path:
		return datumOf(o.of(item))
	case *Size:
		return load(o.Of, item).size()
	case *Truth:
		return datum{value: &types.AttributeValueMemberBOOL{Value: o.of.eval(item)}}
	}
	return datum{}
}
