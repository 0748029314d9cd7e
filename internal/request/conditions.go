package request

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/keytext"
	"github.com/monotable/monotable/internal/number"
)

// SortCondition is one of Eq, Between, From, Before and BeginsWith.
type SortCondition struct {
	Field string
	Op    keytext.Op
	A, B  any // the operands; B of Between alone
}

// KeyCondition is the key condition of a query, with placeholders of its own ("#k0", ":k0") beside those of a filter.
type KeyCondition struct {
	Text   string
	Names  map[string]string
	Values map[string]types.AttributeValue

	Shards  []types.AttributeValue // of a partition that is spread over some: the key of each
	ShardAt string                 // their placeholder, which stands for the first of them
}

// next is the placeholder of the next condition's first operand.
func (c *KeyCondition) next() string { return ":k" + strconv.Itoa(len(c.Names)) + "a" }

func (c *KeyCondition) and(format, attribute string, operands ...types.AttributeValue) {
	i := strconv.Itoa(len(c.Names))
	name := "#k" + i
	c.Names[name] = attribute
	args := []any{name}
	for j, operand := range operands {
		placeholder := ":k" + i + string(rune('a'+j))
		c.Values[placeholder] = operand
		args = append(args, placeholder)
	}
	if c.Text != "" {
		c.Text += " AND "
	}
	c.Text += fmt.Sprintf(format, args...)
}

// KeyCondition asks for the partition of v and for the sort conditions' range. It needs every partition field. Of the
// sort fields it takes from v those that the partition determines, and no other.
func (e *Maker) KeyCondition(space *entity.Space, v reflect.Value, sorts []SortCondition) (*KeyCondition, error) {
	c, err := e.PartitionCondition(space, v, sorts)
	if err != nil {
		return nil, err
	}
	if err := refuseSortFields(space, v); err != nil {
		return nil, err
	}
	left := sorts
	for i := range space.Sort {
		part := &space.Sort[i]
		var whole bool
		var err error
		if part.Natural() {
			left, whole, err = e.naturalSort(c, space, part, v, left)
		} else {
			left, whole, err = templateSort(c, space, part, v, left)
		}
		if err != nil {
			return nil, err
		}
		if !whole {
			break
		}
	}
	if len(left) > 0 {
		return nil,
			entity.KeyError("a condition on %s does not fit the key of %s, whose sort fields are %s: equality from "+
				"the left, then one range",
				left[0].Field, space, sortFields(space))
	}
	return c, nil
}

// PartitionCondition asks for the partition of v, or for each of its shards.
func (e *Maker) PartitionCondition(space *entity.Space, v reflect.Value, sorts []SortCondition) (*KeyCondition, error) {
	c := &KeyCondition{Names: map[string]string{}, Values: map[string]types.AttributeValue{}}
	for i := range space.Partition {
		part := &space.Partition[i]
		if at, ok := ShardedBy(space); ok && at.part == part {
			values, err := at.values(space, v, sorts)
			if err != nil {
				return nil, err
			}
			if len(values) > 1 {
				c.Shards, c.ShardAt = values, c.next()
			}
			c.and("%s = %s", part.Name, values[0])
			continue
		}
		value, err := part.Of(v)
		if err != nil {
			return nil, err
		}
		c.and("%s = %s", part.Name, value)
	}
	return c, nil
}

// refuseSortFields refuses sort fields set in a query's partition, which does not need them: a zero number could not be
// told from one that is not meant.
func refuseSortFields(space *entity.Space, v reflect.Value) error {
	for _, part := range space.Sort {
		for _, f := range part.Fields {
			if space.Carries(f.Path) {
				continue
			}
			set := false
			if f.Field == nil {
				_, set = entity.ItemOf(v)[f.Path]
			} else if fv, ok := f.Field.Value(v); ok {
				set = !fv.IsZero()
			}
			if set {
				return entity.KeyError("sort field %s is set: a query takes the partition's fields, and sort "+
					"conditions as options such as Eq(%q, …)", f.Path, f.Path)
			}
		}
	}
	return nil
}

// sortFields names the fields that sort conditions can be on.
func sortFields(space *entity.Space) string {
	var names []string
	for i := range space.Sort {
		for j := range space.Sort[i].Fields {
			if f := &space.Sort[i].Fields[j]; !space.Binds(f) && !slices.Contains(names, f.Path) {
				names = append(names, f.Path)
			}
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// naturalSort takes the condition on one of T's own attributes; whole is true if it was an equality, so that the next
// sort attribute of a multi-attribute key may have one as well. Where the partition has the value, conditions may go on
// behind it.
func (e *Maker) naturalSort(c *KeyCondition, space *entity.Space, part *entity.Part, v reflect.Value,
	sorts []SortCondition) (left []SortCondition, whole bool, err error) {
	f := &part.Fields[0]
	if len(sorts) == 0 {
		if part.Prefix != "" {
			c.and("begins_with(%s, %s)", part.Name, &types.AttributeValueMemberS{Value: part.Prefix})
		}
		return nil, false, nil
	}
	if sorts[0].Field != f.Path {
		if !space.Binds(f) {
			return sorts, false, nil
		}
		value, err := part.Of(v)
		if err == nil {
			c.and("%s = %s", part.Name, value)
		}
		return sorts, true, err
	}
	s, err := inSeconds(f, sorts[0])
	if err != nil {
		return nil, false, err
	}
	operand := func(x any) types.AttributeValue {
		if err != nil {
			return nil
		}
		var value types.AttributeValue
		if value, err = storedOperand(f, x); err == nil {
			err = part.Check(value)
		}
		return value
	}
	switch s.Op {
	case keytext.Eq:
		c.and("%s = %s", part.Name, operand(s.A))
	case keytext.From:
		c.and("%s >= %s", part.Name, operand(s.A))
	case keytext.Before:
		c.and("%s < %s", part.Name, operand(s.A))
	case keytext.Between:
		low, high := operand(s.A), operand(s.B)
		if err == nil && CompareKeys(low, high) > 0 {
			return nil, false, entity.KeyError("Between(%s): the ends are the wrong way round", f.Path)
		}
		c.and("%s BETWEEN %s AND %s", part.Name, low, high)
	case keytext.BeginsWith:
		if part.Scalar != types.ScalarAttributeTypeS {
			return nil, false, entity.KeyError("BeginsWith on %s, which is not a string", f.Path)
		}
		c.and("begins_with(%s, %s)", part.Name, operand(s.A))
	}
	return sorts[1:], s.Op == keytext.Eq, err
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

// inSeconds is a condition on a field whose times are stored in whole seconds, in whole seconds: a range is of those
// within its ends. A finer time is equal to none of them, and is not cut to the one before it.
func inSeconds(f *entity.Field, s SortCondition) (SortCondition, error) {
	t, ok := timeIn(s.A)
	if !f.Seconds() || !ok || t.Nanosecond() == 0 {
		return s, nil // the upper end of Between is cut where it is encoded
	}
	if s.Op == keytext.Eq {
		return s,
			entity.KeyError("%s is stored in whole seconds, and the time that it is compared with is finer: cut that",
				f.Path)
	}
	s.A = time.Unix(t.Unix()+1, 0)
	return s, nil
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

// storedOperand is x as the field would be stored.
func storedOperand(f *entity.Field, x any) (types.AttributeValue, error) {
	if f.Field == nil {
		value, ok := x.(types.AttributeValue)
		if !ok {
			return nil, entity.KeyError("%s: an Item's sort condition takes a types.AttributeValue", f.Path)
		}
		return value, nil
	}
	value, err := f.Field.EncodeAny(x)
	if err != nil {
		return nil, entity.KeyError("%s: %w", f.Path, err)
	}
	return value, nil
}

// templateSort takes the conditions on a template's fields: equalities make a prefix, which ends at a segment's
// boundary, and the last one may be a range. A template without conditions asks for its own literal prefix, and so for
// its own type's items.
func templateSort(c *KeyCondition, space *entity.Space, part *entity.Part, v reflect.Value,
	sorts []SortCondition) (left []SortCondition, whole bool, err error) {
	var values []keytext.Value
	for i := range part.Fields {
		f := &part.Fields[i]
		if space.Binds(f) {
			value, set, err := f.Value(v)
			if err != nil || !set {
				return nil, false, entity.Missing(f.Path)
			}
			values = append(values, value)
			continue
		}
		if len(sorts) == 0 || sorts[0].Field != f.Path {
			break
		}
		if f.Ref.Shards > 0 {
			return nil, false,
				entity.KeyError("%s holds a shard of %s and not its value: a condition on %s would find others of "+
					"the same shard", part.Name, f.Path, f.Path)
		}
		s, err := inSeconds(f, sorts[0])
		if err != nil {
			return nil, false, err
		}
		a, err := f.FromAny(s.A)
		if err != nil {
			return nil, false, err
		}
		sorts = sorts[1:]
		if s.Op == keytext.Eq {
			// Range refuses a time finer than the template's, which Prefix would cut to match more than was asked for.
			if _, err := part.Text.Range(values, keytext.Condition{Op: keytext.Eq, Value: a}); err != nil {
				return nil, false, entity.KeyError("%s: %w", part.Name, err)
			}
			values = append(values, a)
			continue
		}
		var b keytext.Value
		if s.Op == keytext.Between {
			if b, err = f.FromAny(s.B); err != nil {
				return nil, false, err
			}
		}
		return sorts, false, sortRange(c, part, values, keytext.Condition{Op: s.Op, Value: a, To: b})
	}
	prefix, err := part.Text.Prefix(values)
	if err != nil {
		return nil, false, entity.KeyError("%s: %w", part.Name, err)
	}
	text := &types.AttributeValueMemberS{Value: prefix}
	if len(values) == len(part.Fields) {
		c.and("%s = %s", part.Name, text)
		return sorts, true, nil
	}
	if prefix != "" {
		c.and("begins_with(%s, %s)", part.Name, text)
	}
	return sorts, false, nil
}

// sortRange adds a range of the template's field behind the given ones.
func sortRange(c *KeyCondition, part *entity.Part, before []keytext.Value, of keytext.Condition) error {
	r, err := part.Text.Range(before, of)
	if err != nil {
		return entity.KeyError("%s: %w", part.Name, err)
	}
	low, high := &types.AttributeValueMemberS{Value: r.Low}, &types.AttributeValueMemberS{Value: r.High}
	switch r.Compare {
	case keytext.Equals:
		c.and("%s = %s", part.Name, low)
	case keytext.Begins:
		c.and("begins_with(%s, %s)", part.Name, low)
	case keytext.Within:
		c.and("%s BETWEEN %s AND %s", part.Name, low, high)
	case keytext.AtLeast:
		c.and("%s >= %s", part.Name, low)
	case keytext.AtMost:
		c.and("%s <= %s", part.Name, high)
	case keytext.Below:
		c.and("%s < %s", part.Name, high)
	default:
		return fmt.Errorf("%s: unknown comparison %d", part.Name, r.Compare)
	}
	return nil
}
