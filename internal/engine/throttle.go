package engine

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/throttle"
	"github.com/monotable/monotable/internal/size"
)

// throttled is what a table or index has and a request asks of it.
type throttled struct {
	t         *table
	x         *index // nil for the table, and for a local index, which has its table's throughput
	partition string // encoded; "" for none
	write     bool
	units     float64
}

// claims makes the claims of a demand: on what is provisioned, or the most on demand, and on the partition key's own.
func (d throttled) claims(l *throttle.Limiter) []throttle.Claim {
	if d.units == 0 {
		return nil
	}
	id := throttle.ID{Table: d.t.id, Write: d.write}
	if d.x != nil {
		id.Index = d.x.name
	}
	var claims []throttle.Claim
	if rate, limited := d.rate(); limited {
		keep := time.Second
		if d.provisioned() {
			keep = max(keep, l.Burst)
		}
		claims = append(claims, throttle.Claim{ID: id, Rate: rate, Size: rate * keep.Seconds(), Units: d.units,
			Refusal: func() error {
				if d.provisioned() {
					return d.refusal("ProvisionedThroughputExceeded")
				}
				return d.refusal("MaxOnDemandThroughputExceeded")
			}})
	}
	if d.partition != "" {
		id.Partition = d.partition
		rate := l.PartitionRead
		if d.write {
			rate = l.PartitionWrite
		}
		claims = append(claims, throttle.Claim{ID: id, Rate: rate, Size: rate, Units: d.units, Refusal: func() error {
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
		return &types.ThrottlingException{Message: aws.String("Throughput exceeds the current capacity of your table " +
			"or index. DynamoDB is automatically scaling your table or index so please try again shortly."),
			ThrottlingReasons: reasons}
	}
	message := "The level of configured provisioned throughput for the table was exceeded. Consider increasing your " +
		"provisioning level with the UpdateTable API."
	if d.x != nil {
		message = "The level of configured provisioned throughput for one or more global secondary indexes of the " +
			"table was exceeded. Consider increasing your provisioning level for the under-provisioned global " +
			"secondary indexes with the UpdateTable API"
	}
	return &types.ProvisionedThroughputExceededException{Message: &message, ThrottlingReasons: reasons}
}

// admitGet takes the units of reading one key.
func (t *table) admitGet(key keyspace.Source, units float64) error {
	if t.shared.limiter == nil {
		return nil
	}
	return t.shared.admit(throttled{t: t, partition: t.keys.Partition(key), units: units})
}

// admitPage takes the units of a page, of the table's or an index's collection at partition, "" for a scan.
func (t *table) admitPage(x *index, partition string, units capacity) error {
	if t.shared.limiter == nil {
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
	return t.shared.admit(d)
}

// admit takes the units of a write, of the table and of all indexes that it touches, or refuses all of it: a global
// index without throughput left throttles the writes to its table. A write whose condition failed costs what the table
// itself charges.
func (f *effect) admit(failed bool) error {
	if f.t.shared.limiter == nil {
		return nil
	}
	return f.t.shared.admit(f.demands(f.units(), failed)...)
}

// demands lists what a write asks of the table, where it costs units, and of its global indexes; the writes of local
// indexes are the table's.
func (f *effect) demands(units float64, failed bool) []throttled {
	own := throttled{t: f.t, partition: f.t.keys.Partition(keyspace.Map(f.write.key)), write: true, units: units}
	demands := []throttled{own}
	if failed || !f.changes() {
		return demands
	}
	for _, x := range f.t.indexes {
		before, was := x.storedEntry(f.key, f.old)
		after, is := x.entry(f.key, f.new)
		units := size.IndexWrite(before.Item.Size(), after.Item.Size(), was, is, was && is && before.Key == after.Key,
			before.Item == after.Item)
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

// admit takes the units of demands that are one request, or refuses it.
func (s *shared) admit(demands ...throttled) error {
	l := s.limiter
	var claims []throttle.Claim
	for _, d := range demands {
		claims = append(claims, d.claims(l)...)
	}
	_, err := l.Grant(s.options.Clock(), claims)
	return err
}

// admitAll takes the units of a transaction, or says which action was refused.
func (s *shared) admitAll(demands [][]throttled) (refused int, err error) {
	var claims []throttle.Claim
	var action []int
	for i, of := range demands {
		for _, d := range of {
			for _, c := range d.claims(s.limiter) {
				claims = append(claims, c)
				action = append(action, i)
			}
		}
	}
	at, err := s.limiter.Grant(s.options.Clock(), claims)
	if err != nil {
		return action[at], err
	}
	return 0, nil
}
