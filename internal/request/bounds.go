package request

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/keytext"
	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// SortCondition is one of Eq, Between, From, After, UpTo, Before and BeginsWith.
type SortCondition struct {
	Field string
	Op    keytext.Op
	A, B  any // the operands; B of Between alone
}

// fieldCondition is what a query asks of one sort field: Eq, BeginsWith, or a range with one end or two.
type fieldCondition struct {
	field     string
	op        keytext.Op // as it was asked; of two, the first
	value     any        // of Eq and BeginsWith
	low, high end
}

// end is a bound: From or After below, UpTo or Before above. The zero end is none.
type end struct {
	op    keytext.Op
	asked keytext.Op // Between for one of it
	value any
}

func (e end) set() bool               { return e.op != keytext.Eq }
func (c fieldCondition) ranged() bool { return c.low.set() || c.high.set() }

// asked is one condition by itself.
func (s SortCondition) asked() fieldCondition {
	c := fieldCondition{field: s.Field, op: s.Op}
	switch s.Op {
	case keytext.Between:
		c.low, c.high = end{keytext.From, s.Op, s.A}, end{keytext.UpTo, s.Op, s.B}
	case keytext.From, keytext.After:
		c.low = end{s.Op, s.Op, s.A}
	case keytext.UpTo, keytext.Before:
		c.high = end{s.Op, s.Op, s.A}
	default:
		c.value = s.A
	}
	return c
}

// joined makes one condition of a field's lower and its upper bound, in the place of the first.
func joined(sorts []SortCondition) ([]fieldCondition, error) {
	var all []fieldCondition
	for _, s := range sorts {
		next := s.asked()
		i := slices.IndexFunc(all, func(c fieldCondition) bool { return c.field == s.Field && c.ranged() })
		if i < 0 || !next.ranged() {
			all = append(all, next)
			continue
		}
		have := &all[i]
		for _, two := range []struct {
			have *end
			next end
			name string
		}{{&have.low, next.low, "lower"}, {&have.high, next.high, "upper"}} {
			switch {
			case two.next.set() && two.have.set():
				return nil, entity.KeyError("%s and %s are both %s bounds of %s: give one", two.have.asked,
					two.next.asked, two.name, s.Field)
			case two.next.set():
				*two.have = two.next
			}
		}
	}
	return all, nil
}

// in is the condition on a template's field.
func (c fieldCondition) in(f *entity.Field) (of keytext.Condition, err error) {
	of.Op = c.op
	value := func(op keytext.Op, x any) (v keytext.Value) {
		if err == nil {
			x, err = inSeconds(f, op, x)
		}
		if err == nil {
			v, err = f.FromAny(x)
		}
		return v
	}
	if !c.ranged() {
		of.Value = value(c.op, c.value)
		return of, err
	}
	if c.low.set() {
		of.Low = keytext.End{Op: c.low.op, Value: value(c.low.op, c.low.value)}
	}
	if c.high.set() {
		of.High = keytext.End{Op: c.high.op, Value: value(c.high.op, c.high.value)}
	}
	return of, err
}

// inSeconds is the operand of a condition on a field whose times are stored in whole seconds: From a time within a
// second is from the next one, and before it is before that one. After it and up to it are cut where it is encoded. It
// is equal to none of those stored, and is not cut to the one before it.
func inSeconds(f *entity.Field, op keytext.Op, x any) (any, error) {
	t, ok := timeIn(x)
	if !f.Seconds() || !ok || t.Nanosecond() == 0 {
		return x, nil
	}
	switch op {
	case keytext.Eq:
		return x,
			entity.KeyError("%s is stored in whole seconds, and the time that it is compared with is finer: cut that",
				f.Path)
	case keytext.From, keytext.Before:
		return time.Unix(t.Unix()+1, 0), nil
	}
	return x, nil
}

// timeIn is the time that an operand is, or points at.
func timeIn(x any) (time.Time, bool) {
	v := reflect.ValueOf(x)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() != reflect.Struct || !v.Type().ConvertibleTo(entity.TimeType) {
		return time.Time{}, false
	}
	return entity.TimeOf(v), true
}

// naturalOperand is an operand of a condition on T's own attribute.
func naturalOperand(part *entity.Part, op keytext.Op, x any) (types.AttributeValue, error) {
	x, err := inSeconds(&part.Fields[0], op, x)
	if err != nil {
		return nil, err
	}
	value, err := storedOperand(&part.Fields[0], x)
	if err != nil {
		return nil, err
	}
	return value, part.Check(value)
}

// naturalRange adds a range of T's own attribute. BETWEEN has both of its ends in: an open end is the key value next to
// it, which there is, since keys are of bounded size.
func naturalRange(c *KeyCondition, part *entity.Part, of fieldCondition) error {
	var low, high types.AttributeValue
	var err error
	if of.low.set() {
		if low, err = naturalOperand(part, of.low.op, of.low.value); err != nil {
			return err
		}
	}
	if of.high.set() {
		if high, err = naturalOperand(part, of.high.op, of.high.value); err != nil {
			return err
		}
	}
	switch {
	case high == nil && of.low.op == keytext.From:
		c.and("%s >= %s", part.Name, low)
		return nil
	case high == nil:
		c.and("%s > %s", part.Name, low)
		return nil
	case low == nil && of.high.op == keytext.UpTo:
		c.and("%s <= %s", part.Name, high)
		return nil
	case low == nil:
		c.and("%s < %s", part.Name, high)
		return nil
	case CompareKeys(low, high) > 0:
		return entity.KeyError("the ends of %s on %s are the wrong way round", of.op, of.field)
	}
	there := true
	if of.low.op == keytext.After {
		low, there = keyBehind(low)
	}
	if of.high.op == keytext.Before && there {
		high, there = keyBefore(high)
	}
	if !there || CompareKeys(low, high) > 0 {
		c.and("%s < %s", part.Name, leastKey(part.Scalar)) // nothing is between the ends
		return nil
	}
	c.and("%s BETWEEN %s AND %s", part.Name, low, high)
	return nil
}

// CompareKeys orders two key values of one type as DynamoDB does.
func CompareKeys(a, b types.AttributeValue) int {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return strings.Compare(a.Value, b.Value)
		}
	case *types.AttributeValueMemberB:
		if b, ok := b.(*types.AttributeValueMemberB); ok {
			return bytes.Compare(a.Value, b.Value)
		}
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			x, errX := number.Parse(a.Value)
			y, errY := number.Parse(b.Value)
			if errX == nil && errY == nil {
				return x.Compare(y)
			}
		}
	}
	return 0
}

// leastKey is the first of all sort key values of a type.
func leastKey(of types.ScalarAttributeType) types.AttributeValue {
	switch of {
	case types.ScalarAttributeTypeN:
		return &types.AttributeValueMemberN{Value: number.Least.String()}
	case types.ScalarAttributeTypeB:
		return &types.AttributeValueMemberB{Value: []byte{0}}
	}
	return &types.AttributeValueMemberS{Value: "\x00"}
}

// keyBehind is the sort key value behind another; ok is false where there is none.
func keyBehind(v types.AttributeValue) (behind types.AttributeValue, ok bool) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		text, ok := keytext.Next(v.Value)
		return &types.AttributeValueMemberS{Value: text}, ok
	case *types.AttributeValueMemberB:
		if len(v.Value) < size.MaxSortKey {
			return &types.AttributeValueMemberB{Value: append(slices.Clone(v.Value), 0)}, true
		}
		next := slices.Clone(bytes.TrimRight(v.Value, "\xff"))
		if len(next) == 0 {
			return nil, false
		}
		next[len(next)-1]++
		return &types.AttributeValueMemberB{Value: next}, true
	case *types.AttributeValueMemberN:
		n, err := number.Parse(v.Value)
		next, ok := n.Next()
		return &types.AttributeValueMemberN{Value: next.String()}, ok && err == nil
	}
	return nil, false
}

// keyBefore is the sort key value before another; ok is false where there is none.
func keyBefore(v types.AttributeValue) (before types.AttributeValue, ok bool) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		text := keytext.Previous(v.Value)
		return &types.AttributeValueMemberS{Value: text}, text != ""
	case *types.AttributeValueMemberB:
		last := len(v.Value) - 1
		previous := slices.Clone(v.Value[:last])
		if v.Value[last] == 0 {
			return &types.AttributeValueMemberB{Value: previous}, last > 0
		}
		previous = append(previous, v.Value[last]-1)
		previous = append(previous, bytes.Repeat([]byte{0xff}, size.MaxSortKey-len(previous))...)
		return &types.AttributeValueMemberB{Value: previous}, true
	case *types.AttributeValueMemberN:
		n, err := number.Parse(v.Value)
		previous, ok := n.Previous()
		return &types.AttributeValueMemberN{Value: previous.String()}, ok && err == nil
	}
	return nil, false
}
