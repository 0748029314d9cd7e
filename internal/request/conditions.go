package request

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/keytext"
)

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
	asked, err := joined(sorts)
	if err != nil {
		return nil, err
	}
	left := asked
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
		return nil, unfit(space, asked, left)
	}
	return c, nil
}

// unfit says what is wrong with the conditions that a key has no place for.
func unfit(space *entity.Space, asked, left []fieldCondition) error {
	for _, other := range asked[:len(asked)-len(left)] {
		if other.field == left[0].field {
			return entity.KeyError("%s and %s are both about %s, which takes one value, or a lower and an upper bound",
				other.op, left[0].op, other.field)
		}
	}
	return entity.KeyError("a condition on %s does not fit the key of %s, whose sort fields are %s: equality from the "+
		"left, then one range", left[0].field, space, sortFields(space))
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
	asked []fieldCondition) (left []fieldCondition, whole bool, err error) {
	f := &part.Fields[0]
	if len(asked) == 0 {
		if part.Prefix != "" {
			c.and("begins_with(%s, %s)", part.Name, &types.AttributeValueMemberS{Value: part.Prefix})
		}
		return nil, false, nil
	}
	if asked[0].field != f.Path {
		if !space.Binds(f) {
			return asked, false, nil
		}
		value, err := part.Of(v)
		if err == nil {
			c.and("%s = %s", part.Name, value)
		}
		return asked, true, err
	}
	of, left := asked[0], asked[1:]
	if of.ranged() {
		return left, false, naturalRange(c, part, of)
	}
	if of.op == keytext.BeginsWith && part.Scalar != types.ScalarAttributeTypeS {
		return nil, false, entity.KeyError("BeginsWith on %s, which is not a string", f.Path)
	}
	operand, err := naturalOperand(part, of.op, of.value)
	if err != nil {
		return nil, false, err
	}
	if of.op == keytext.BeginsWith {
		c.and("begins_with(%s, %s)", part.Name, operand)
		return left, false, nil
	}
	c.and("%s = %s", part.Name, operand)
	return left, true, nil
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
	asked []fieldCondition) (left []fieldCondition, whole bool, err error) {
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
		if len(asked) == 0 || asked[0].field != f.Path {
			break
		}
		if f.Ref.Shards > 0 {
			return nil, false,
				entity.KeyError("%s holds a shard of %s and not its value: a condition on %s would find others of "+
					"the same shard", part.Name, f.Path, f.Path)
		}
		of, err := asked[0].in(f)
		if err != nil {
			return nil, false, err
		}
		asked = asked[1:]
		if of.Op != keytext.Eq {
			return asked, false, sortRange(c, part, values, of)
		}
		// Range refuses a time finer than the template's, which Prefix would cut to match more than was asked for.
		if _, err := part.Text.Range(values, of); err != nil {
			return nil, false, entity.KeyError("%s: %w", part.Name, err)
		}
		values = append(values, of.Value)
	}
	prefix, err := part.Text.Prefix(values)
	if err != nil {
		return nil, false, entity.KeyError("%s: %w", part.Name, err)
	}
	text := &types.AttributeValueMemberS{Value: prefix}
	if len(values) == len(part.Fields) {
		c.and("%s = %s", part.Name, text)
		return asked, true, nil
	}
	if prefix != "" {
		c.and("begins_with(%s, %s)", part.Name, text)
	}
	return asked, false, nil
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
