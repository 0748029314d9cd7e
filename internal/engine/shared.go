package engine

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/engine/throttle"
)

// Options are the engine's surroundings. The zero Options suit a test.
type Options struct {
	// Clock tells the time; nil is time.Now. TTL, idempotency tokens, iterators and statuses follow it.
	Clock func() time.Time
	// Region is the region in ARNs, and whose words refusals have; "" is us-east-1.
	Region string
	// AccountID is the account in ARNs; "" is 000000000000.
	AccountID string
	// Transition is how long a table or an index stays CREATING, UPDATING or DELETING. At 0 the answer of the operation
	// shows that status and the next request finds it passed.
	Transition time.Duration
	// MaxCollectionBytes bounds an item collection of a table with local secondary indexes; 0 is the service's 10 GB.
	MaxCollectionBytes int64
	// Charged, unless nil, is called with what each request was charged, once per table, with failed conditions and
	// cancelled transactions included. It is called with the request's context before the request returns, by the
	// goroutine that made it and outside the engine's locks, so that several calls may run at once.
	Charged func(context.Context, Charge)
	// Limits, unless nil, has the engine throttle.
	Limits *throttle.Limits
}

// shared is what all tables of an engine have in common.
type shared struct {
	options  Options
	front    refusal.Front
	sequence atomic.Uint64       // numbers the changes of all streams
	history  atomic.Pointer[Lag] // unless nil, how much of the past tables keep for reads that lag behind
	limiter  *throttle.Limiter   // nil unless throttling was asked for
}

// stamp is the time as answers hold it: to the millisecond, which is what the wire carries.
func (s *shared) stamp() time.Time { return s.options.Clock().Truncate(time.Millisecond) }

// Charge is what one request was charged on one table.
type Charge struct {
	Operation string
	Table     string
	Read      float64            // units, of the table and all its indexes
	Write     float64            // units, of the table and all its indexes
	Indexes   map[string]float64 // units of each index, reads and writes together; nil for none
	Items     int                // items and keys that it read, evaluated or wrote, missing ones included
	Failed    bool               // the request ended in a failed condition or a cancelled transaction
}

// checkAccount refuses an ARN of another account, to which nothing here could have granted anything. A table of another
// region is just not found.
func (s *shared) checkAccount(nameOrARN string) error {
	if !isARN(nameOrARN) {
		return nil
	}
	if a, ok := parseARN(nameOrARN); ok && a.account != s.options.AccountID {
		return &smithy.GenericAPIError{Code: "AccessDeniedException", Fault: smithy.FaultClient,
			Message: "User is not authorized to perform this operation on resource: " + nameOrARN +
				" because no resource-based policy allows it"}
	}
	return nil
}

// inRegion says whether a table's name, or its ARN, is one of the engine's region.
func (s *shared) inRegion(nameOrARN string) bool {
	if !isARN(nameOrARN) {
		return true
	}
	a, ok := parseARN(nameOrARN)
	return !ok || a.region == s.options.Region
}
