package plan

import "github.com/monotable/monotable"

// Workload is what a table holds and what is done with it: the input of New. All of it is plain data, and encoding/json
// keeps it.
type Workload struct {
	Name     string          // of the table, for the reports
	Indexes  []Index         `json:",omitempty"`
	Entities []Entity        `json:",omitempty"`
	Patterns []AccessPattern `json:",omitempty"`

	// PeakHours is how many hours of a day the peak rates last, 0 to 24. 0 is taken as one hour, which the plan then
	// says. Peaks add up, as if all patterns had theirs at one time.
	PeakHours float64 `json:",omitempty"`
	// Target is the utilisation that auto scaling aims at, 0.2 to 0.9 (DynamoDB guide, "Managing throughput capacity
	// automatically with DynamoDB auto scaling"); 0 is 0.7, the console's default.
	Target float64 `json:",omitempty"`
	// Reserved are the read and write units bought as reserved capacity, where the price sheet has a price for that.
	Reserved Reserved `json:",omitzero"`
	// FreeTier applies the price sheet's free tier, which one account and region has once.
	FreeTier bool `json:",omitempty"`
	// Seed makes the simulation of hot keys repeatable; any number will do.
	Seed uint64 `json:",omitempty"`
}

// Reserved is reserved capacity, in units.
type Reserved struct{ Read, Write float64 }

// Index is a secondary index of the table.
type Index struct {
	Name string
	// a local secondary index: its units are the table's, and its item collections cannot split
	Local bool `json:",omitempty"`
	// Keys is how requests spread over the index's partition keys, writes that change entries included. Where it is
	// set, the plan looks for hot keys.
	Keys *KeyDistribution `json:",omitempty"`
	// RisingSort says that sort keys under one partition key only rise, as times and counters do.
	RisingSort bool `json:",omitempty"`
}

func (e *Entity) collection() string {
	if e.Collection == "" {
		return e.Name
	}
	return e.Collection
}

// Entity is one entity type of the table.
type Entity struct {
	Name    string
	Count   float64 `json:",omitempty"` // items stored
	Sizes   Sizes   // bytes of an item, as monotable's Item.Size counts them
	Entries []Entry `json:",omitempty"` // in the indexes that such items are in
	// Keys is how requests spread over the partition keys of such items. Where it is set, the plan looks for hot keys.
	Keys *KeyDistribution `json:",omitempty"`
	// Collection is a name that entity types have in common which share partition keys, as a product and its reviews
	// do: what is asked of all of them meets in one partition. "" is the entity's own name. Keys of the first of them
	// that has some are taken.
	Collection string `json:",omitempty"`
	// RisingSort says that sort keys under one partition key only rise, as times and counters do.
	RisingSort bool `json:",omitempty"`
}

// Entry is what an index holds of an entity type's items.
type Entry struct {
	Index string
	Sizes Sizes // bytes of an entry: what the index projects
	// Share of the items that are in the index, 0 to 1; 0 is all of them. An item without the index's key attributes is
	// not in it.
	Share float64 `json:",omitempty"`
}

func (e Entry) share() float64 {
	if e.Share == 0 {
		return 1
	}
	return e.Share
}

// AccessPattern is one thing that the service does with the table, and how often.
//
// Which fields it takes depends on the operation: one-item operations and Query an Entity, Scan none, batches and
// transactional reads an Entity and Items or else Actions, batches of writes and transactional writes Actions.
type AccessPattern struct {
	Name      string
	Operation Operation
	Entity    string `json:",omitempty"` // whose items it reads or writes; a Scan evaluates those of all

	// Average and Peak are operations a second: over a month, and in the busiest hours. Peak 0 is taken as the average,
	// which the plan then says. PerMinute, PerHour and PerDay make rates of other counts.
	Average float64
	Peak    float64 `json:",omitempty"`

	Index string `json:",omitempty"` // that Query or Scan reads, "" for the table
	// how many items one operation evaluates; 0 is one, and for Scan all that there are
	Items      float64 `json:",omitempty"`
	Consistent bool    `json:",omitempty"` // strongly consistent reads
	Fetches    bool    `json:",omitempty"` // a Query of a local index that asks for attributes it does not project
	Segments   int     `json:",omitempty"` // of a parallel Scan, 0 is one

	// Was names the entity that the item was before the write, where sizes change; "" is Entity.
	Was string `json:",omitempty"`
	// Effects say what each such write does to the item's entry in an index. For an index they do not name, PutItem
	// adds the entry and DeleteItem removes it, both for the share of the items that are in the index; UpdateItem, and
	// PutItem over another item, is taken to rewrite it, and the plan says that this is missing.
	Effects Effects `json:",omitempty"`
	// Missing is the share of reads and deletes, 0 to 1, that find no item. They are charged too.
	Missing float64 `json:",omitempty"`
	// Failing is the share of writes, 0 to 1, whose condition fails. They are charged on the table, and change no
	// index.
	Failing float64 `json:",omitempty"`

	// Actions are the parts of a batch or transaction.
	Actions []Action `json:",omitempty"`

	// Units are those of one operation where they are known better than from sizes: the Table and Indexes of what
	// Table.WriteCost and its like return, or of what a Meter counted. Sizes, items and effects do not matter then.
	Units *monotable.Capacity `json:",omitempty"`
}

// Action is one part of a batch or a transaction, or Items equal ones.
type Action struct {
	Operation Operation // GetItem, PutItem, UpdateItem, DeleteItem or ConditionCheck
	Entity    string
	Items     float64 `json:",omitempty"` // 0 is one
	Was       string  `json:",omitempty"`
	Effects   Effects `json:",omitempty"`
	Missing   float64 `json:",omitempty"`
}

// Operation is the DynamoDB operation of an access pattern or of an action.
type Operation string

// The operations, by DynamoDB's own names.
const (
	GetItem            Operation = "GetItem"
	Query              Operation = "Query"
	Scan               Operation = "Scan"
	PutItem            Operation = "PutItem"
	UpdateItem         Operation = "UpdateItem"
	DeleteItem         Operation = "DeleteItem"
	BatchGetItem       Operation = "BatchGetItem"
	BatchWriteItem     Operation = "BatchWriteItem"
	TransactGetItems   Operation = "TransactGetItems"
	TransactWriteItems Operation = "TransactWriteItems"
	ConditionCheck     Operation = "ConditionCheck" // an action of TransactWriteItems
)

// Effects say by index name what a write does to the item's entry there.
type Effects map[string]Effect

// Effect is what a write does to an index entry.
type Effect string

// What becomes of an entry (DynamoDB guide, "Provisioned throughput considerations for Global Secondary Indexes").
const (
	Adds     Effect = "adds"     // there was none: the new entry is written
	Removes  Effect = "removes"  // there is none any more: the old entry is deleted
	Rewrites Effect = "rewrites" // under the same index key other projected attributes: the larger of both is written
	Moves    Effect = "moves"    // the index key changes: the old entry is deleted and the new one written
	Leaves   Effect = "leaves"   // neither the index key nor what is projected changes: nothing is charged
)

// PerMinute is the rate of n operations a minute.
func PerMinute(n float64) float64 { return n / 60 }

// PerHour is the rate of n operations an hour.
func PerHour(n float64) float64 { return n / 3600 }

// PerDay is the rate of n operations a day.
func PerDay(n float64) float64 { return n / 86400 }
