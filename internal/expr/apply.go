package expr

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// The refusals of an update that only the item shows.
var (
	errMissing   = refuse("The provided expression refers to an attribute that does not exist in the item")
	errOperand   = refuse("An operand in the update expression has an incorrect data type")
	errPath      = refuse("The document path provided in the update expression is invalid for update")
	errTooNested = refuse("Nesting Levels have exceeded supported limits")
)

// change is what an action comes to on one item: a value to be put, or nil to remove what is there.
type change struct {
	path  Path
	value types.AttributeValue
}

// Apply returns the item as the update leaves it. It neither changes old nor shares containers with it or with the
// request. For an absent item old holds the key alone, or nothing. All operands are read from old, and indexes are
// those of old's lists; what is put past the end of a list comes behind its last element, in the order of the indexes.
// Its errors are the service's ValidationExceptions; of several the first in the text is told, where the service's
// choice is not known.
func (u *Update) Apply(old map[string]types.AttributeValue) (map[string]types.AttributeValue, error) {
	changes := make([]change, 0, len(u.Actions))
	for _, action := range u.Actions {
		value, keep, err := action.outcome(old)
		if err != nil {
			return nil, err
		}
		if keep {
			continue
		}
		if value != nil && len(action.Path)-1+depth(value) >= size.MaxNesting {
			return nil, errTooNested
		}
		changes = append(changes, change{action.Path, value})
	}
	now := cloneMap(old)
	// From the back, so that removing an element leaves the indexes of those still to be removed as they were; what is
	// put goes before, and past the end in ascending order.
	slices.SortStableFunc(changes, func(a, b change) int {
		if put := cmp.Compare(order(a), order(b)); put != 0 {
			return put
		}
		if a.value != nil {
			return comparePaths(a.path, b.path)
		}
		return comparePaths(b.path, a.path)
	})
	for _, c := range changes {
		c.make(now)
	}
	return now, nil
}

// order says what comes first: putting, then removing.
func order(c change) int {
	if c.value != nil {
		return 0
	}
	return 1
}

func comparePaths(a, b Path) int {
	return slices.CompareFunc(a, b, func(x, y Elem) int {
		if c := cmp.Compare(x.Index, y.Index); c != 0 {
			return c
		}
		return strings.Compare(x.Name, y.Name)
	})
}

// outcome computes what an action puts, nil if it removes; keep says that it leaves all as it is.
func (a *Action) outcome(old map[string]types.AttributeValue) (value types.AttributeValue, keep bool, err error) {
	var current types.AttributeValue
	if last := len(a.Path) - 1; last == 0 {
		current = old[a.Path[0].Name]
	} else {
		container := a.Path[:last].of(MapItem(old))
		_, isMap := container.(*types.AttributeValueMemberM)
		_, isList := container.(*types.AttributeValueMemberL)
		if named := a.Path[last].Index < 0; named && !isMap || !named && !isList {
			return nil, false, errPath
		}
		current = a.Path[last:].within(container)
	}
	operand := datum{}
	if a.Value != nil {
		if operand, err = compute(a.Value, old); err != nil {
			return nil, false, err
		}
	}
	switch a.Kind {
	case Set:
		return Clone(operand.attribute()), false, nil
	case Remove:
		return nil, current == nil, nil
	}
	if current == nil {
		return Clone(operand.value), a.Kind == Delete, nil
	}
	if a.Kind == Add && operand.numeric {
		before := datumOf(current)
		if !before.numeric {
			return nil, false, errOperand
		}
		result, err := sum(before.number, operand.number, false)
		return result.attribute(), false, err
	}
	value, err = combine(current, operand.value, a.Kind == Delete)
	return value, false, err
}

// compute gives what an operand of an update stands for in an item.
func compute(o Operand, old map[string]types.AttributeValue) (datum, error) {
	switch o := o.(type) {
	case *Value:
		return o.datum, nil
	case Path:
		if v := o.of(MapItem(old)); v != nil {
			return datumOf(v), nil
		}
		return datum{}, errMissing
	case *IfNotExists:
		otherwise, err := compute(o.Else, old) // also where it is not needed
		if v := o.Path.of(MapItem(old)); v != nil && err == nil {
			return datumOf(v), nil
		}
		return otherwise, err
	case *ListAppend:
		head, tail, err := computeBoth(o.Left, o.Right, old, func(d datum) ([]types.AttributeValue, bool) {
			list, ok := d.value.(*types.AttributeValueMemberL)
			if !ok {
				return nil, false
			}
			return list.Value, true
		})
		return datum{value: &types.AttributeValueMemberL{Value: slices.Concat(head, tail)}}, err
	case *Arithmetic:
		left, right, err := computeBoth(o.Left, o.Right, old,
			func(d datum) (number.Decimal, bool) { return d.number, d.numeric })
		if err != nil {
			return datum{}, err
		}
		return sum(left, right, o.Minus)
	}
	return datum{}, errOperand
}

// computeBoth computes two operands that must be of one type, which as tells. Like the service it computes calls first
// and then looks at the types from left to right.
func computeBoth[T any](
	left, right Operand, old map[string]types.AttributeValue, as func(datum) (T, bool),
) (l, r T, err error) {
	for _, o := range []Operand{left, right} {
		if _, call := o.(*IfNotExists); call {
			if _, err := compute(o, old); err != nil {
				return l, r, err
			}
		}
	}
	typed := func(o Operand) (T, error) {
		d, err := compute(o, old)
		if err != nil {
			return l, err
		}
		v, ok := as(d)
		if !ok {
			return l, errOperand
		}
		return v, nil
	}
	if l, err = typed(left); err != nil {
		return l, r, err
	}
	r, err = typed(right)
	return l, r, err
}

// sum returns the sum or difference of two numbers.
func sum(left, right number.Decimal, minus bool) (datum, error) {
	operation := number.Decimal.Add
	if minus {
		operation = number.Decimal.Sub
	}
	result, err := operation(left, right)
	if minus && err == number.ErrPrecision {
		err = number.ErrOverflow
	}
	if err != nil {
		return datum{}, refuse("%s", err.Error())
	}
	return datum{number: result, numeric: true}, nil
}

// attribute returns the datum as a value.
func (d datum) attribute() types.AttributeValue {
	if d.numeric {
		return &types.AttributeValueMemberN{Value: d.number.String()}
	}
	return d.value
}

// combine returns the union of two sets, or the first without the elements of the second, sorted; nil if none is left.
func combine(set, with types.AttributeValue, without bool) (types.AttributeValue, error) {
	switch a := set.(type) {
	case *types.AttributeValueMemberSS:
		if b, ok := with.(*types.AttributeValueMemberSS); ok {
			if all := combineSets(a.Value, b.Value, strings.Compare, without); len(all) > 0 {
				return &types.AttributeValueMemberSS{Value: all}, nil
			}
			return nil, nil
		}
	case *types.AttributeValueMemberNS:
		if b, ok := with.(*types.AttributeValueMemberNS); ok {
			all := combineSets(each(a.Value, numberKey), each(b.Value, numberKey), number.Decimal.Compare, without)
			if len(all) > 0 {
				return &types.AttributeValueMemberNS{Value: each(all, number.Decimal.String)}, nil
			}
			return nil, nil
		}
	case *types.AttributeValueMemberBS:
		if b, ok := with.(*types.AttributeValueMemberBS); ok {
			if all := combineSets(a.Value, b.Value, bytes.Compare, without); len(all) > 0 {
				return Clone(&types.AttributeValueMemberBS{Value: all}), nil
			}
			return nil, nil
		}
	}
	return nil, errOperand
}

func combineSets[E any](a, b []E, compare func(E, E) int, without bool) []E {
	equal := func(x, y E) bool { return compare(x, y) == 0 }
	b = slices.SortedFunc(slices.Values(b), compare)
	if without {
		return slices.DeleteFunc(slices.Clone(a), func(e E) bool {
			_, found := slices.BinarySearchFunc(b, e, compare)
			return found
		})
	}
	return slices.CompactFunc(slices.SortedFunc(slices.Values(slices.Concat(a, b)), compare), equal)
}

// make carries out a change. The path fits: what it leads through was found in the item before.
func (c change) make(item map[string]types.AttributeValue) {
	last := len(c.path) - 1
	e := c.path[last]
	if last == 0 {
		putOrRemove(item, e.Name, c.value)
		return
	}
	switch container := c.path[:last].of(MapItem(item)).(type) {
	case *types.AttributeValueMemberM:
		putOrRemove(container.Value, e.Name, c.value)
	case *types.AttributeValueMemberL:
		switch {
		case c.value == nil:
			container.Value = slices.Delete(container.Value, e.Index, e.Index+1)
		case e.Index < len(container.Value):
			container.Value[e.Index] = c.value
		default:
			container.Value = append(container.Value, c.value)
		}
	}
}

func putOrRemove(m map[string]types.AttributeValue, name string, value types.AttributeValue) {
	if value == nil {
		delete(m, name)
	} else {
		m[name] = value
	}
}
