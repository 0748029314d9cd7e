package engine

import (
	"maps"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/size"
)

// Limits are the rates at which an engine throttles. What a table or global index has provisioned, or as the most that it may
// use on demand, is limited besides.
type Limits struct {
	PartitionRead  float64       // units a second of one partition key value, of a table or of an index
	PartitionWrite float64       // units a second of one partition key value, of a table or of an index
	Burst          time.Duration // for how long unused provisioned throughput is kept, at least a second
}

// limiter holds the token buckets of an engine. A bucket fills at its rate, by the engine's clock, and begins full.
type limiter struct {
	Limits
	mu      sync.Mutex
	buckets map[bucketID]*bucket
	sweepAt int // buckets, from which on those that are full again are forgotten
}

// bucketID tells buckets apart: by table, index or "", and partition key or "" for all of the table or index.
type bucketID struct {
	table, index, partition string
	write                   bool
}

type bucket struct {
	size, level float64
	rate        float64
	at          time.Time
}

// fill brings a bucket up to now.
func (b *bucket) fill(now time.Time) {
	if elapsed := now.Sub(b.at); elapsed > 0 {
		b.level = min(b.size, b.level+b.rate*elapsed.Seconds())
		b.at = now
	}
}

// has says whether units can be taken. A full bucket gives even what it does not hold, so that no item is too large for ever;
// it then owes the rest.
func (b *bucket) has(units float64) bool { return b.level >= units || b.level == b.size }

// claim is what one request asks of one bucket.
type claim struct {
	bucketID
	rate, size, units float64
	refusal           func() error
}

// grant takes all that is claimed, or nothing and gives the place and the refusal of the first claim that cannot be met.
func (l *limiter) grant(now time.Time, claims []claim) (refused int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, c := range claims {
		b := l.bucket(now, c)
		if !b.has(c.units) {
			for _, taken := range claims[:i] {
				l.buckets[taken.bucketID].level += taken.units
			}
			return i, c.refusal()
		}
		b.level -= c.units
	}
	return 0, nil
}

// bucket finds or makes a claim's bucket, as it is now.
func (l *limiter) bucket(now time.Time, c claim) *bucket {
	b := l.buckets[c.bucketID]
	if b == nil {
		l.sweep(now)
		b = &bucket{size: c.size, level: c.size, rate: c.rate, at: now}
		l.buckets[c.bucketID] = b
		return b
	}
	b.fill(now)
	if b.rate != c.rate { // it was changed by UpdateTable
		b.rate, b.size = c.rate, c.size
		b.level = min(b.level, b.size)
	}
	return b
}

// sweep forgets the buckets that are full, once there are many.
func (l *limiter) sweep(now time.Time) {
	if len(l.buckets) < l.sweepAt {
		return
	}
	maps.DeleteFunc(l.buckets, func(_ bucketID, b *bucket) bool {
		b.fill(now)
		return b.level == b.size
	})
	l.sweepAt = max(1000, 2*len(l.buckets))
}

// throttled is what a table or index has and a request asks of it.
type throttled struct {
	t         *table
	x         *index // nil for the table, and for a local index, which has its table's throughput
	partition string // encoded; "" for none
	write     bool
	units     float64
}

// claims makes the claims of a demand: on what is provisioned, or the most on demand, and on the partition key's own.
func (d throttled) claims(l *limiter) []claim {
	if d.units == 0 {
		return nil
	}
	id := bucketID{table: d.t.id, write: d.write}
	if d.x != nil {
		id.index = d.x.name
	}
	var claims []claim
	if rate, limited := d.rate(); limited {
		keep := time.Second
		if d.provisioned() {
			keep = max(keep, l.Burst)
		}
		claims = append(claims, claim{bucketID: id, rate: rate, size: rate * keep.Seconds(), units: d.units, refusal: func() error {
			if d.provisioned() {
				return d.refusal("ProvisionedThroughputExceeded")
			}
			return d.refusal("MaxOnDemandThroughputExceeded")
		}})
	}
	if d.partition != "" {
		id.partition = d.partition
		rate := l.PartitionRead
		if d.write {
			rate = l.PartitionWrite
		}
		claims = append(claims, claim{bucketID: id, rate: rate, size: rate, units: d.units, refusal: func() error {
			return d.refusal("KeyRangeThroughputExceeded")
		}})
	}
	return claims
}

func (d throttled) provisioned() bool { return d.t.settings.billing == types.BillingModeProvisioned }

// rate gives the units a second that the table or index may use, and whether there is such a bound.
func (d throttled) rate() (float64, bool) {
	provisioned, most := d.t.throughput, d.t.settings.onDemand
	if d.x != nil {
		provisioned, most = d.x.throughput, d.x.onDemand
	}
	if d.provisioned() {
		if d.write {
			return float64(provisioned.write), true
		}
		return float64(provisioned.read), true
	}
	if most == nil {
		return 0, false
	}
	bound := aws.ToInt64(most.MaxReadRequestUnits)
	if d.write {
		bound = aws.ToInt64(most.MaxWriteRequestUnits)
	}
	return float64(bound), bound > 0
}

// refusal is the service's error for a limit (DynamoDB guide, "Throttling diagnosis").
func (d throttled) refusal(limit string) error {
	resource, kind, access := d.t.arn(), "Table", "Read"
	if d.x != nil {
		resource, kind = resource+"/index/"+d.x.name, "Index"
	}
	if d.write {
		access = "Write"
	}
	reasons := []types.ThrottlingReason{{Reason: aws.String(kind + access + limit), Resource: &resource}}
	if !d.provisioned() {
		return &types.ThrottlingException{Message: aws.String("Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly."),
			ThrottlingReasons: reasons}
	}
	message := "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."
	if d.x != nil {
		message = "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API"
	}
	return &types.ProvisionedThroughputExceededException{Message: &message, ThrottlingReasons: reasons}
}

// admit takes the units of demands that are one request, or refuses it.
func (e *Engine) admit(demands ...throttled) error {
	l := e.limiter
	var claims []claim
	for _, d := range demands {
		claims = append(claims, d.claims(l)...)
	}
	_, err := l.grant(e.options.Clock(), claims)
	return err
}

// admitGet takes the units of reading one key.
func (t *table) admitGet(key keyspace.Source, units float64) error {
	if t.engine.limiter == nil {
		return nil
	}
	return t.engine.admit(throttled{t: t, partition: t.keys.Partition(key), units: units})
}

// admitPage takes the units of a page, of the table's or an index's collection at partition, "" for a scan.
func (t *table) admitPage(x *index, partition string, units capacity) error {
	if t.engine.limiter == nil {
		return nil
	}
	total := units.read
	for _, arm := range units.indexes {
		total += arm.read
	}
	d := throttled{t: t, partition: partition, units: total}
	if x != nil && !x.local {
		d.x = x
	}
	return t.engine.admit(d)
}

// admit takes the units of a write, of the table and of all indexes that it touches, or refuses all of it: a global index
// without throughput left throttles the writes to its table. A write whose condition failed costs what the table itself charges.
func (f *effect) admit(failed bool) error {
	if f.t.engine.limiter == nil {
		return nil
	}
	return f.t.engine.admit(f.demands(f.units(), failed)...)
}

// demands lists what a write asks of the table, where it costs units, and of its global indexes; the writes of local indexes
// are the table's.
func (f *effect) demands(units float64, failed bool) []throttled {
	own := throttled{t: f.t, partition: f.t.keys.Partition(keyspace.Map(f.write.key)), write: true, units: units}
	demands := []throttled{own}
	if failed || !f.changes() {
		return demands
	}
	for _, x := range f.t.indexes {
		before, was := x.storedEntry(f.key, f.old)
		after, is := x.entry(f.key, f.new)
		units := size.IndexWrite(before.Item.Size(), after.Item.Size(), was, is, was && is && before.Key == after.Key, before.Item == after.Item)
		if x.local {
			demands[0].units += units
			continue
		}
		item := f.new
		if !is {
			item = f.old
		}
		demands = append(demands, throttled{t: f.t, x: x, partition: x.keys.Partition(item), write: true, units: units})
	}
	return demands
}

// admitAll takes the units of a transaction, or says which action was refused.
func (e *Engine) admitAll(demands [][]throttled) (refused int, err error) {
	var claims []claim
	var action []int
	for i, of := range demands {
		for _, d := range of {
			for _, c := range d.claims(e.limiter) {
				claims = append(claims, c)
				action = append(action, i)
			}
		}
	}
	at, err := e.limiter.grant(e.options.Clock(), claims)
	if err != nil {
		return action[at], err
	}
	return 0, nil
}
