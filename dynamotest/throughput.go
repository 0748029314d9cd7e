package dynamotest

import (
	"cmp"
	"time"

	"github.com/monotable/monotable/internal/engine/throttle"
)

// ThroughputLimits are the rates of WithThroughputLimits. What is zero is the service's figure (DynamoDB guide,
// "Designing partition keys" and "Burst capacity").
type ThroughputLimits struct {
	PartitionRead  float64       // read units a second of one partition key value; 3,000
	PartitionWrite float64       // write units a second of one partition key value; 1,000
	Burst          time.Duration // for how long unused provisioned throughput is kept; 300 s, and at least one second
}

// WithThroughputLimits has the client throttle, which it does not do otherwise. Every table and global index with
// provisioned throughput has a token bucket for reads and one for writes that holds what it has provisioned for the
// time of Burst; one billed by request has buckets only for its OnDemandThroughput, of one second. Besides, every
// partition key value of a table or global index has a bucket of one second for reads and one for writes; a Scan takes
// from none of those. Buckets fill by the client's clock and begin full, as those of a table that has been idle, so
// that under a clock that a test moves the same requests are throttled in every run.
//
// A request is refused whole where one bucket does not hold its units: with ProvisionedThroughputExceededException, or
// ThrottlingException where the table is billed by request, and the ThrottlingReason of the table or index whose limit
// it is. A global index without write units left refuses the writes to its table. A batch leaves what is throttled
// unprocessed, and is refused if that is all of it; a transaction is cancelled with the reason in place. Local indexes
// take from their table's throughput. A full bucket serves even a request larger than it, and owes the rest.
//
// How the service spreads a table over partitions, how it isolates hot keys, and how large a request it lets overdraw
// is not published: this is a model of its documented limits, with every partition key on a partition of its own.
func WithThroughputLimits(l ThroughputLimits) Option {
	return func(o *options) {
		o.Limits = &throttle.Limits{
			PartitionRead:  cmp.Or(l.PartitionRead, 3000),
			PartitionWrite: cmp.Or(l.PartitionWrite, 1000),
			Burst:          cmp.Or(l.Burst, 300*time.Second),
		}
	}
}
