// Package schema knows a physical table: its name, key attributes and indexes, and what an index's entries hold. It
// knows nothing of Go types, and sends nothing.
package schema

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Attrs are key attributes in key order, each with its type.
type Attrs []types.AttributeDefinition

// Schema is a physical table.
type Schema struct {
	Name       string
	Partition  Attrs
	Sort       Attrs
	Indexes    []Index
	EntityType string // attribute that holds an item's entity type; "" for none
	TTL        string // DynamoDB's TTL attribute; "" for none
}

// Index is a secondary index. It projects all attributes unless KeysOnly or Include says otherwise.
type Index struct {
	Name      string
	Partition Attrs // of a local index the table's, or empty
	Sort      Attrs
	Local     bool
	KeysOnly  bool
	Include   []string
}

// PartitionOf is the index's partition key: a local index has the table's.
func (i *Index) PartitionOf(s *Schema) Attrs {
	if i.Local {
		return s.Partition
	}
	return i.Partition
}

// ProjectsAll tells whether entries hold whole items.
func (i *Index) ProjectsAll() bool { return !i.KeysOnly && len(i.Include) == 0 }

// KeyAttributes are the key attributes of the table and of all indexes, each once, in order of appearance.
func (s *Schema) KeyAttributes() Attrs {
	var all Attrs
	seen := map[string]bool{}
	add := func(attrs Attrs) {
		for _, def := range attrs {
			if !seen[*def.AttributeName] {
				seen[*def.AttributeName] = true
				all = append(all, def)
			}
		}
	}
	add(s.Partition)
	add(s.Sort)
	for i := range s.Indexes {
		add(s.Indexes[i].Partition)
		add(s.Indexes[i].Sort)
	}
	return all
}

// Sorts tells whether an attribute is of a sort key, the table's or an index's.
func (s *Schema) Sorts(attribute string) bool {
	named := func(def types.AttributeDefinition) bool { return *def.AttributeName == attribute }
	return slices.ContainsFunc(s.Sort, named) ||
		slices.ContainsFunc(s.Indexes, func(x Index) bool { return slices.ContainsFunc(x.Sort, named) })
}

// Index finds an index by name.
func (s *Schema) Index(name string) (*Index, bool) {
	i := slices.IndexFunc(s.Indexes, func(x Index) bool { return x.Name == name })
	if i < 0 {
		return nil, false
	}
	return &s.Indexes[i], true
}

// PlaceTypes are the attributes of a place in the table or an index, nil for the table, with their types: the key
// behind which a read goes on.
func (s *Schema) PlaceTypes(index *Index) map[string]types.ScalarAttributeType {
	of := map[string]types.ScalarAttributeType{}
	keys := []Attrs{s.Partition, s.Sort}
	if index != nil {
		keys = append(keys, index.PartitionOf(s), index.Sort)
	}
	for _, attrs := range keys {
		for _, def := range attrs {
			of[*def.AttributeName] = def.AttributeType
		}
	}
	return of
}
