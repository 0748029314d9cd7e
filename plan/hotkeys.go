package plan

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// What one partition can do, and how long unused capacity is kept (DynamoDB guide, "Designing partition keys to
// distribute your workload" and "Burst and adaptive capacity").
const (
	PartitionReads  = 3000 // read units a second
	PartitionWrites = 1000 // write units a second
	BurstSeconds    = 300
)

// Traffic is what reaches one key space, the table's or an index's, at its peak: how many units a second, over which
// keys.
type Traffic struct {
	Name string
	Keys KeyDistribution
	// Reads and Writes are units a second over all keys; ReadUnits and WriteUnits those of one request, 0 is 1.
	Reads, Writes         float64
	ReadUnits, WriteUnits float64 `json:",omitempty"`
	// ProvisionedReads and ProvisionedWrites are what the table or index has, in units a second; 0 is no limit but that
	// of each partition, as on demand.
	ProvisionedReads  float64 `json:",omitempty"`
	ProvisionedWrites float64 `json:",omitempty"`
	// Duration is how long the peak lasts; 0 is 15 minutes. It bounds what burst capacity can absorb.
	Duration time.Duration `json:",omitempty"`
	// LocalIndexes says that the table has some, and RisingSort that sort keys under one partition key only rise: such
	// item collections cannot be split over partitions, or not to any effect.
	LocalIndexes bool `json:",omitempty"`
	RisingSort   bool `json:",omitempty"`
	// CollectionBytes is how large the largest item collection is, if that is known.
	CollectionBytes float64 `json:",omitempty"`
	// Seed makes the simulation repeatable; any number will do.
	Seed uint64 `json:",omitempty"`
}

// HotKeys is what one key space's busiest keys do to the partitions that hold them. It is plain data, and encoding/json
// keeps it.
//
// Its model is the best case: every busy key has a partition to itself, as adaptive capacity may come to arrange it,
// and can do what a partition can at most, but no more. Unused provisioned capacity of the table or index is kept for
// 300 seconds. When and how DynamoDB splits partitions it does not publish, and nothing here guesses it.
// dynamotest.WithThroughputLimits has the same model.
type HotKeys struct {
	Traffic
	Busiest []HotKey // ten at most, by rank; of uniform keys the first
	Over    int      // how many keys ask for more than a partition can give, at most a thousand

	Reading, Writing Throttling
	// WriteShards is the number of partition keys that each key has to be written under, such as with a suffix 0 to
	// WriteShards-1, for the busiest to stay within a partition; 1 is none needed. A query then reads all of them.
	// ReadCopies is the same of reads, which a cache in front serves as well.
	WriteShards, ReadCopies int

	Flags []string `json:",omitempty"` // what keeps DynamoDB from helping
	Notes []string `json:",omitempty"` // how the figures were come by
}

// HotKey is one of the busiest keys.
type HotKey struct {
	Name        string
	Share       float64 // of the requests, 0 to 1
	Read, Write float64 // units a second
	Load        float64 // of what a partition can do, the larger of reads and writes: above 1 it throttles
}

// Throttling is the share of requests refused, 0 to 1.
type Throttling struct {
	Sustained float64 // by even traffic for as long as it lasts, once burst capacity is spent
	Simulated float64 // over the duration, by requests at random times, with all burst capacity there at first
	From      float64 // the second of the simulation's first refusal
}

// mostOver bounds the keys that are looked at one by one.
const mostOver = 100_000

// HotKeys works out what the busiest keys ask of their partitions, and simulates the traffic against token buckets. The
// error names everything that is wrong with the traffic. Nothing is sent.
func (t Traffic) HotKeys() (*HotKeys, error) {
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("plan: HotKeys of %q: %w", t.Name, err)
	}
	t = t.defaulted()
	h := &HotKeys{Traffic: t}
	share := t.Keys.shares()
	n := int(min(t.Keys.Keys, mostOver))
	shown := 10
	if t.Keys.Kind == "uniform" {
		shown = 1 // all are alike
	}
	var overReads, overWrites float64 // beyond what single partitions can do
	for rank := 1; rank <= n; rank++ {
		key := HotKey{Share: share(rank)}
		key.Read, key.Write = key.Share*t.Reads, key.Share*t.Writes
		key.Load = max(key.Read/PartitionReads, key.Write/PartitionWrites)
		if rank <= shown {
			key.Name = t.Keys.name(rank)
			h.Busiest = append(h.Busiest, key)
		}
		if key.Load > 1 {
			h.Over++
			overReads += max(0, key.Read-PartitionReads)
			overWrites += max(0, key.Write-PartitionWrites)
		} else if rank > shown {
			break
		}
	}
	h.Reading.Sustained = sustained(t.Reads, overReads, t.ProvisionedReads)
	h.Writing.Sustained = sustained(t.Writes, overWrites, t.ProvisionedWrites)
	h.WriteShards = max(1, int(math.Ceil(h.Busiest[0].Write/PartitionWrites)))
	h.ReadCopies = max(1, int(math.Ceil(h.Busiest[0].Read/PartitionReads)))
	h.simulate(share)
	h.flag()
	h.notes()
	return h, nil
}

// sustained is the share of units that partitions refuse, and of the others what the table has not.
func sustained(units, over, provisioned float64) float64 {
	if units == 0 {
		return 0
	}
	passing := units - over
	if provisioned > 0 {
		passing = min(passing, provisioned)
	}
	return 1 - passing/units
}

func (t Traffic) check() error {
	c := checks{}
	if err := t.Keys.check(); err != nil {
		c.ok(false, "Keys: %v", err)
	}
	c.within("Reads", t.Reads, 0, maxUnits)
	c.within("Writes", t.Writes, 0, maxUnits)
	c.within("ReadUnits", t.ReadUnits, 0, maxItems)
	c.within("WriteUnits", t.WriteUnits, 0, maxItems)
	c.within("ProvisionedReads", t.ProvisionedReads, 0, maxUnits)
	c.within("ProvisionedWrites", t.ProvisionedWrites, 0, maxUnits)
	c.within("CollectionBytes", t.CollectionBytes, 0, maxCount)
	c.ok(t.Duration >= 0 && t.Duration <= 31*24*time.Hour, "Duration %v: it is 0 to 31 days", t.Duration)
	return errors.Join(c.errs...)
}

func (t Traffic) defaulted() Traffic {
	if t.Duration == 0 {
		t.Duration = 15 * time.Minute
	}
	if t.ReadUnits == 0 {
		t.ReadUnits = 1
	}
	if t.WriteUnits == 0 {
		t.WriteUnits = 1
	}
	return t
}

// flag says what keeps DynamoDB from spreading the busiest collections.
func (h *HotKeys) flag() {
	if h.Over > 0 && h.LocalIndexes {
		h.Flags = append(h.Flags,
			"The table has local secondary indexes: an item collection stays in one partition, and the keys above "+
				"its limits stay throttled.")
	}
	if h.Over > 0 && h.RisingSort {
		h.Flags = append(h.Flags,
			"Sort keys only rise: all new items of a key come to the end of its collection, so that splitting it "+
				"does not spread its writes.")
	}
	const collectionLimit = 10 << 30 // DynamoDB guide, "Item collections: size limit"
	if h.LocalIndexes && h.CollectionBytes > 0.8*collectionLimit {
		h.Flags = append(h.Flags,
			fmt.Sprintf("The largest item collection has %s of the 10 GB that one may have in a table with local "+
				"secondary indexes.", bytesText(h.CollectionBytes)))
	}
}

// notes says what the figures leave open.
func (h *HotKeys) notes() {
	if h.ProvisionedReads+h.ProvisionedWrites > 0 {
		h.Notes = append(h.Notes,
			"DynamoDB may use burst capacity for its own work without notice (guide, \"Burst and adaptive "+
				"capacity\"): what is refused lies between the simulated share and the sustained one.")
	}
	if h.Over > 0 && !h.LocalIndexes && !h.RisingSort {
		h.Notes = append(h.Notes,
			"Adaptive capacity may split a busy item collection by its sort keys and so relieve it, but not one "+
				"single item. When, AWS does not publish, and it is not counted on here.")
	}
	if h.Over == mostOver {
		h.Notes = append(h.Notes,
			fmt.Sprintf("More than %d keys are above a partition's limits; only so many are counted.", mostOver))
	}
	if h.Keys.Kind == "sample" {
		h.Notes = append(h.Notes, "The shares are those of a sample, so that they are estimates.")
	}
}
