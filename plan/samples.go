package plan

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// EntityOf makes an Entity of count items like the samples: their sizes, and in which of the schema's indexes they are
// with how large an entry, as the table would store them. The error is that of the first sample that the table does not
// take.
func EntityOf[T any](table *monotable.Table[T], schema monotable.Schema, count float64, samples ...T) (Entity, error) {
	if table == nil {
		return Entity{}, errors.New("plan: EntityOf: the table is nil")
	}
	items := make([]monotable.Item, len(samples))
	for i, sample := range samples {
		item, err := table.Encode(sample)
		if err != nil {
			return Entity{}, fmt.Errorf("plan: EntityOf: sample %d: %w", i, err)
		}
		items[i] = item
	}
	return EntityOfItems(table.Type(), schema, count, items...)
}

// EntityOfItems is EntityOf for items as they are stored.
func EntityOfItems(name string, schema monotable.Schema, count float64, samples ...monotable.Item) (Entity, error) {
	e := Entity{Name: name, Count: count}
	if err := schema.Validate(); err != nil {
		return e, fmt.Errorf("plan: entity %q: %w", name, err)
	}
	if len(samples) == 0 {
		return e, fmt.Errorf("plan: entity %q: there are no samples", name)
	}
	e.Sizes = SizesOf(samples...)
	for i := range schema.Indexes {
		var entries []monotable.Item
		for _, item := range samples {
			if entry := entryIn(schema, &schema.Indexes[i], item); entry != nil {
				entries = append(entries, entry)
			}
		}
		if len(entries) == 0 {
			continue
		}
		entry := Entry{Index: schema.Indexes[i].Name, Sizes: SizesOf(entries...)}
		if len(entries) < len(samples) {
			entry.Share = float64(len(entries)) / float64(len(samples))
		}
		e.Entries = append(e.Entries, entry)
	}
	return e, nil
}

// IndexesOf is the workload's indexes as a schema has them.
func IndexesOf(schema monotable.Schema) []Index {
	indexes := make([]Index, len(schema.Indexes))
	for i, x := range schema.Indexes {
		indexes[i] = Index{Name: x.Name, Local: x.Local}
	}
	return indexes
}

// EffectsOf says what a write that turns one sample item into another does to their entries in each of the schema's
// indexes. A nil before is an item that was not there, a nil after one that is deleted.
func EffectsOf(schema monotable.Schema, before, after monotable.Item) Effects {
	effects := Effects{}
	for i := range schema.Indexes {
		index := &schema.Indexes[i]
		was, is := entryIn(schema, index, before), entryIn(schema, index, after)
		switch {
		case was == nil && is == nil:
			effects[index.Name] = Leaves
		case was == nil:
			effects[index.Name] = Adds
		case is == nil:
			effects[index.Name] = Removes
		case !equalIn(keysOf(schema, index), was, is):
			effects[index.Name] = Moves
		case was.Equal(is):
			effects[index.Name] = Leaves
		default:
			effects[index.Name] = Rewrites
		}
	}
	return effects
}

// entryIn is what an index holds of an item, nil for one that lacks a key attribute of the index.
func entryIn(schema monotable.Schema, index *monotable.Index, item monotable.Item) monotable.Item {
	if item == nil {
		return nil
	}
	keys := keysOf(schema, index)
	for _, def := range keys {
		if !isOf(item[*def.AttributeName], def.AttributeType) {
			return nil
		}
	}
	if !index.KeysOnly && len(index.Include) == 0 {
		return item
	}
	entry := monotable.Item{}
	keep := func(name string) {
		if v, there := item[name]; there {
			entry[name] = v
		}
	}
	for _, def := range slices.Concat(keys, schema.Partition, schema.Sort) {
		keep(*def.AttributeName)
	}
	for _, name := range index.Include {
		keep(name)
	}
	return entry
}

// keysOf is an index's own key attributes: a local index has the table's partition key.
func keysOf(schema monotable.Schema, index *monotable.Index) monotable.Attrs {
	if index.Local {
		return slices.Concat(schema.Partition, index.Sort)
	}
	return slices.Concat(index.Partition, index.Sort)
}

func equalIn(keys monotable.Attrs, a, b monotable.Item) bool {
	pick := func(item monotable.Item) monotable.Item {
		picked := maps.Clone(item)
		maps.DeleteFunc(picked, func(name string, _ types.AttributeValue) bool {
			return !slices.ContainsFunc(keys,
				func(def types.AttributeDefinition) bool { return *def.AttributeName == name })
		})
		return picked
	}
	return pick(a).Equal(pick(b))
}

func isOf(v types.AttributeValue, t types.ScalarAttributeType) bool {
	switch v.(type) {
	case *types.AttributeValueMemberS:
		return t == types.ScalarAttributeTypeS
	case *types.AttributeValueMemberN:
		return t == types.ScalarAttributeTypeN
	case *types.AttributeValueMemberB:
		return t == types.ScalarAttributeTypeB
	}
	return false
}
