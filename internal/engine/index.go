package engine

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
)

// index is a secondary index: entries of its own, in the order of its key and then of the table's key.
type index struct {
	name        string
	local       bool
	keys        keyspace.Schema
	schema      []types.KeySchemaElement // as it was declared
	projection  types.Projection
	projected   map[string]bool // the attributes of an entry; nil for all
	throughput  throughput
	onDemand    *types.OnDemandThroughput
	status      types.IndexStatus
	until       time.Time // when a passing status ends
	backfilling bool
	entries     btree.Tree
	bytes       int64
}

// entry gives what the index holds of an item: the key that it stands under and its projection; ok is false for an item
// that lacks one of the index's key attributes.
func (x *index) entry(tableKey string, item packed.Item) (e btree.Entry, ok bool) {
	key, ok := x.entryKey(tableKey, item)
	if !ok {
		return btree.Entry{}, false
	}
	return btree.NewEntry(key, x.project(item)), true
}

// entryKey gives the key of an item's entry.
func (x *index) entryKey(tableKey string, from keyspace.Source) (string, bool) {
	var scratch [256]byte
	key, ok := x.keys.Encode(scratch[:0], from)
	if !ok || !x.holds(from) {
		return "", false
	}
	return string(append(key, tableKey...)), true
}

// holds says whether key attributes of the right types are ones that an index may hold. No write brings others into a
// table that has the index, but items may have had them before it was added; it leaves those out (DynamoDB guide,
// "Managing global secondary indexes").
func (x *index) holds(from keyspace.Source) bool {
	for _, a := range x.keys.All {
		if _, text, _ := from.Scalar(a.Name); text == "" || x.keys.CheckSize(a.Name, a.Tag, text) != nil {
			return false
		}
	}
	return true
}

// project gives an entry's item. An index of all attributes shares the table's.
func (x *index) project(item packed.Item) packed.Item {
	if x.projected == nil {
		return item
	}
	return item.Project(func(name string) bool { return x.projected[name] })
}

// projects says whether entries hold an attribute.
func (x *index) projects(name string) bool { return x.projected == nil || x.projected[name] }
