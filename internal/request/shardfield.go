package request

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/keytext"
)

// shardField is where a key space's shard is.
type shardField struct {
	part  *entity.Part
	Field *entity.Field
}

// ShardedBy finds the field that spreads the space's partitions; ok is false if there is none.
func ShardedBy(k *entity.Space) (at shardField, ok bool) {
	for i := range k.Partition {
		part := &k.Partition[i]
		for j := range part.Fields {
			if !part.Natural() && part.Fields[j].Ref.Shards > 0 {
				return shardField{part, &part.Fields[j]}, true
			}
		}
	}
	return shardField{}, false
}

// known is the value by which a query's shard is known: of a partition field that the key has whole as well, or of a
// sort field that the query has by equality.
func (at shardField) known(space *entity.Space, v reflect.Value,
	sorts []SortCondition) (value keytext.Value, ok bool, err error) {
	given := false
	for _, part := range space.Partition {
		for _, f := range part.Fields {
			switch {
			case f.Path != at.Field.Path || !part.Natural() && f.Ref.Shards > 0:
			case at.toldBy(&f):
				return f.Value(v)
			default:
				given = true
			}
		}
	}
	if fv, set := at.Field.Field.Value(v); set && !fv.IsZero() && !given {
		return value, false,
			entity.KeyError("%s is set, by which partitions of %s are spread: a query takes the partition's other "+
				"fields and asks all shards, or the one of a sort condition such as Eq(%q, …)",
				at.Field.Path, space, at.Field.Path)
	}
	for _, s := range sorts {
		if s.Field == at.Field.Path && s.Op == keytext.Eq && at.toldByAll(space.Sort) {
			value, err = at.Field.FromAny(s.A)
			return value, err == nil, err
		}
	}
	return value, false, nil
}

// toldBy tells whether what has the same text in f has the same shard: a folded or cut text stands for several values.
func (at shardField) toldBy(f *entity.Field) bool { return f.Ref.Shards == 0 && f.Determines(at.Field) }

func (at shardField) toldByAll(parts []entity.Part) bool {
	for _, part := range parts {
		for i := range part.Fields {
			if f := &part.Fields[i]; f.Path == at.Field.Path && !part.Natural() && !at.toldBy(f) {
				return false
			}
		}
	}
	return true
}

// shardValues are the partition attribute's values that a query asks for: one for each shard, or the one where it is
// known.
func (at shardField) values(space *entity.Space, v reflect.Value,
	sorts []SortCondition) ([]types.AttributeValue, error) {
	value, ok, err := at.known(space, v, sorts)
	if err != nil {
		return nil, err
	}
	var in []keytext.Value
	if ok {
		in = append(in, value)
	} else {
		for n := range at.Field.Ref.Shards {
			in = append(in, keytext.OfShard(n))
		}
	}
	values := make([]types.AttributeValue, len(in))
	for n := range in {
		text, err := at.part.TextOf(func(i int) (keytext.Value, bool, error) {
			if f := &at.part.Fields[i]; f != at.Field {
				return f.Value(v)
			}
			return in[n], true, nil
		})
		if err != nil {
			return nil, err
		}
		values[n] = &types.AttributeValueMemberS{Value: text}
	}
	return values, nil
}
