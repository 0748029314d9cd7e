package engine

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/size"
)

// UpdateItem charges an update expression for what it writes, against the bound of an item: fixed bytes for each
// clause, operator and step of a path, and the bytes of names and values. Keys and attributes that it leaves alone are
// not charged. An update in a transaction and AttributeUpdates are measured by the finished item alone (measured in
// us-east-1 and 21 other regions).
const (
	updateCharge      = 3
	assignCharge      = 19 // of each SET and ADD
	removeCharge      = 1  // of each REMOVE and DELETE
	targetStepCharge  = 4  // of each step of a target behind the first
	pathCharge        = 1
	pathStepCharge    = 14 // of each step of a path that is read
	plusCharge        = 34
	minusCharge       = 37
	ifNotExistsCharge = 39
	listAppendCharge  = 37
	listIndexCharge   = 1 // of an index in place of a name
)

// charge is what the update is charged on an item.
func (u expressionUpdate) charge(old map[string]types.AttributeValue) int {
	total := updateCharge
	for _, a := range u.Actions {
		switch a.Kind {
		case expr.Set:
			total += assignCharge + targetCharge(a.Path) + operandCharge(a.Value)
		case expr.Add:
			total += assignCharge + targetCharge(a.Path) + addedCharge(a, old)
		default:
			total += removeCharge + targetCharge(a.Path)
		}
	}
	return total
}

func targetCharge(path expr.Path) int {
	total := stepCharge(path[0])
	for _, step := range path[1:] {
		total += targetStepCharge + stepCharge(step)
	}
	return total
}

func stepCharge(step expr.Elem) int {
	if step.Index >= 0 {
		return listIndexCharge
	}
	return len(step.Name)
}

func operandCharge(o expr.Operand) int {
	switch o := o.(type) {
	case *expr.Value:
		return size.Value(o.Value)
	case expr.Path:
		total := pathCharge
		for _, step := range o {
			total += pathStepCharge + stepCharge(step)
		}
		return total
	case *expr.IfNotExists:
		return ifNotExistsCharge + operandCharge(o.Path) + operandCharge(o.Else)
	case *expr.ListAppend:
		return listAppendCharge + operandCharge(o.Left) + operandCharge(o.Right)
	case *expr.Arithmetic:
		if o.Minus {
			return minusCharge + operandCharge(o.Left) + operandCharge(o.Right)
		}
		return plusCharge + operandCharge(o.Left) + operandCharge(o.Right)
	}
	return 0
}

// addedCharge charges a number, or those members of a set that are new to the item.
func addedCharge(a expr.Action, old map[string]types.AttributeValue) int {
	added, ok := a.Value.(*expr.Value)
	if !ok {
		return 0
	}
	switch v := added.Value.(type) {
	case *types.AttributeValueMemberSS:
		there, _ := a.Path.In(expr.MapItem(old)).(*types.AttributeValueMemberSS)
		if there != nil {
			return size.Value(
				&types.AttributeValueMemberSS{Value: without(v.Value, there.Value, func(s string) string { return s })})
		}
	case *types.AttributeValueMemberNS:
		there, _ := a.Path.In(expr.MapItem(old)).(*types.AttributeValueMemberNS)
		if there != nil {
			return size.Value(&types.AttributeValueMemberNS{Value: without(v.Value, there.Value, storedNumber)})
		}
	case *types.AttributeValueMemberBS:
		there, _ := a.Path.In(expr.MapItem(old)).(*types.AttributeValueMemberBS)
		if there != nil {
			left := without(v.Value, there.Value, func(b []byte) string { return string(b) })
			return size.Value(&types.AttributeValueMemberBS{Value: left})
		}
	}
	return size.Value(added.Value)
}

// storedNumber gives a number's text in the form in which it is stored.
func storedNumber(text string) string {
	stored, err := packed.Normalise(text)
	if err != nil {
		return text
	}
	return stored
}

// without gives the members that are not there yet.
func without[T any](members, there []T, key func(T) string) []T {
	known := make(map[string]bool, len(there))
	for _, m := range there {
		known[key(m)] = true
	}
	var left []T
	for _, m := range members {
		if !known[key(m)] {
			left = append(left, m)
		}
	}
	return left
}
