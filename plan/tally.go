package plan

import (
	"cmp"
	"encoding/json"
	"hash/maphash"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/size"
)

// tally counts a survey's items as they come. What it holds is bounded by the number of distinct sizes, attribute names
// and item collections of one segment, not by the table.
type tally struct {
	schema   monotable.Schema
	options  SurveyOptions
	now      time.Time
	units    float64
	items    int
	bytes    int
	whole    int // segments scanned to their end
	entities map[string]*entityTally
	largest  top[LargeItem]
	heaviest top[LargeCollection]

	seed        maphash.Seed
	collections map[uint64]*LargeCollection // of this segment, by the hash of the partition key
}

// entityTally is what there is of one entity type.
type entityTally struct {
	count, bytes int
	sizes        map[int]int // how many items have so many bytes
	bySegment    []float64   // items in each segment scanned whole
	inSegment    int         // in this one, so far
	names        map[string]*AttributeUse
	more         AttributeUse // of the names beyond those that are told apart
	entries      []entryTally // by the schema's indexes
	expired      int
	expiredBytes int
}

type entryTally struct {
	count, bytes int
	sizes        map[int]int
}

func newTally(schema monotable.Schema, o SurveyOptions, now time.Time) *tally {
	return &tally{schema: schema, options: o, now: now, entities: map[string]*entityTally{}, seed: maphash.MakeSeed(),
		collections: map[uint64]*LargeCollection{},
		largest:     top[LargeItem]{most: o.Largest, bytes: func(x LargeItem) int { return x.Bytes }},
		heaviest:    top[LargeCollection]{most: o.Largest, bytes: func(x LargeCollection) int { return x.Bytes }}}
}

// add counts one item and gives its bytes.
func (t *tally) add(item monotable.Item) int {
	name := t.entityOf(item)
	e := t.entities[name]
	if e == nil {
		e = &entityTally{sizes: map[int]int{}, names: map[string]*AttributeUse{},
			entries: make([]entryTally, len(t.schema.Indexes))}
		for i := range e.entries {
			e.entries[i].sizes = map[int]int{}
		}
		t.entities[name] = e
	}
	bytes := item.Size()
	t.items++
	t.bytes += bytes
	e.count++
	e.inSegment++
	e.bytes += bytes
	e.sizes[bytes]++
	e.countNames(item)
	for i := range t.schema.Indexes {
		if entry := entryIn(t.schema, &t.schema.Indexes[i], item); entry != nil {
			n := size.Item(entry)
			e.entries[i].count++
			e.entries[i].bytes += n
			e.entries[i].sizes[n]++
		}
	}
	if t.expired(item) {
		e.expired++
		e.expiredBytes += bytes
	}
	if t.largest.takes(bytes) {
		t.largest.add(LargeItem{Entity: name, Bytes: bytes,
			Key: t.shown(item, slices.Concat(t.schema.Partition, t.schema.Sort))})
	}
	t.collect(item, bytes)
	return bytes
}

// entityOf names an item's entity type as its entity-type attribute does.
func (t *tally) entityOf(item monotable.Item) string {
	if v, ok := item[t.schema.EntityType].(*types.AttributeValueMemberS); ok && t.schema.EntityType != "" {
		return v.Value
	}
	if t.schema.IsGuard(item) {
		return guards
	}
	return untyped
}

// countNames counts what attribute names take, those inside maps with the attribute that they are in.
func (e *entityTally) countNames(item monotable.Item) {
	for name, v := range item {
		use := e.names[name]
		if use == nil {
			if use = &e.more; len(e.names) < maxNames {
				use = &AttributeUse{Name: name}
				e.names[name] = use
			}
		}
		inside := nestedNames(v)
		use.Count++
		use.NameBytes += len(name) + inside
		use.ValueBytes += size.Value(v) - inside
	}
}

func nestedNames(v types.AttributeValue) (n int) {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		for name, inner := range v.Value {
			n += len(name) + nestedNames(inner)
		}
	case *types.AttributeValueMemberL:
		for _, inner := range v.Value {
			n += nestedNames(inner)
		}
	}
	return n
}

// expired tells whether TTL would have deleted an item by now. DynamoDB leaves alone what expired more than five years
// ago (guide, "Using time to live (TTL)"), which is then a slip of milliseconds for seconds or the like.
func (t *tally) expired(item monotable.Item) bool {
	v, ok := item[t.schema.TTL].(*types.AttributeValueMemberN)
	if !ok || t.schema.TTL == "" {
		return false
	}
	at, ok := new(big.Float).SetString(v.Value)
	if !ok {
		return false
	}
	now := t.now.Unix()
	return at.Cmp(big.NewFloat(float64(now))) <= 0 && at.Cmp(big.NewFloat(float64(now-5*365*86400))) >= 0
}

// collect adds an item to its item collection's count.
func (t *tally) collect(item monotable.Item, bytes int) {
	if len(t.schema.Sort) == 0 {
		return
	}
	name := *t.schema.Partition[0].AttributeName
	hash := t.hash(item[name])
	c := t.collections[hash]
	if c == nil {
		c = &LargeCollection{Key: t.shown(item, t.schema.Partition)}
		t.collections[hash] = c
	}
	c.Items++
	c.Bytes += bytes
}

func (t *tally) hash(v types.AttributeValue) uint64 {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return maphash.String(t.seed, v.Value)
	case *types.AttributeValueMemberN:
		return maphash.String(t.seed, v.Value)
	case *types.AttributeValueMemberB:
		return maphash.Bytes(t.seed, v.Value)
	}
	return 0
}

// endSegment closes a segment: its item collections are whole now, unless the scan broke off in it.
func (t *tally) endSegment(whole bool) {
	for _, c := range t.collections {
		if t.heaviest.takes(c.Bytes) {
			t.heaviest.add(*c)
		}
	}
	clear(t.collections)
	for _, e := range t.entities {
		if whole {
			for len(e.bySegment) < t.whole {
				e.bySegment = append(e.bySegment, 0) // segments before it was first seen, or without it
			}
			e.bySegment = append(e.bySegment, float64(e.inSegment))
		}
		e.inSegment = 0
	}
	if whole {
		t.whole++
	}
}

// shown is key attributes as JSON, "" unless the options ask for it.
func (t *tally) shown(item monotable.Item, keys monotable.Attrs) string {
	if !t.options.ShowKeys {
		return ""
	}
	key := monotable.Item{}
	for _, def := range keys {
		key[*def.AttributeName] = item[*def.AttributeName]
	}
	text, err := json.Marshal(key)
	if err != nil {
		return strconv.Quote(err.Error())
	}
	return string(text)
}

// top keeps the largest of what it is given.
type top[X any] struct {
	most  int
	bytes func(X) int
	kept  []X // falling
}

func (t *top[X]) takes(bytes int) bool {
	return len(t.kept) < t.most || bytes > t.bytes(t.kept[len(t.kept)-1])
}

func (t *top[X]) add(x X) {
	at, _ := slices.BinarySearchFunc(t.kept, x, func(a, b X) int { return cmp.Compare(t.bytes(b), t.bytes(a)) })
	for at < len(t.kept) && t.bytes(t.kept[at]) == t.bytes(x) {
		at++
	}
	t.kept = slices.Insert(t.kept, at, x)
	t.kept = t.kept[:min(len(t.kept), t.most)]
}
