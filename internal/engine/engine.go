// Package engine is DynamoDB in memory: tables, indexes, transactions, streams and the service's rules about them.
//
// An Engine has one method per operation of the service, with the SDK's input and output structs. Errors are the SDK's
// typed errors, or *smithy.GenericAPIError for those the SDK has no type for, with the service's messages. Nothing of
// an input is kept and nothing of an output is shared. The texts of an input are valid UTF-8, as wire.CheckText and the
// wire see to. All methods are safe for concurrent use and linearizable.
//
// Items are stored packed: one immutable string each, with their encoded key, in B-trees that hold one lock per table. A page
// is gathered under the lock and filtered, projected and decoded after it.
package engine

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the engine's surroundings. The zero Options suit a test.
type Options struct {
	// Clock tells the time; nil is time.Now. TTL, idempotency tokens, iterators and statuses follow it.
	Clock func() time.Time
	// Region is the region in ARNs; "" is us-east-1.
	Region string
	// AccountID is the account in ARNs; "" is 000000000000.
	AccountID string
	// Transition is how long a table or an index stays CREATING, UPDATING or DELETING. At 0 the answer of the operation
	// shows that status and the next request finds it passed.
	Transition time.Duration
	// MaxCollectionBytes bounds an item collection of a table with local secondary indexes; 0 is the service's 10 GB.
	MaxCollectionBytes int64
	// Charged, unless nil, is called with what each request was charged, once per table, with failed conditions and
	// cancelled transactions included. It is called with the request's context before the request returns, by the goroutine that
	// made it and outside the engine's locks, so that several calls may run at once.
	Charged func(context.Context, Charge)
	// Limits, unless nil, has the engine throttle.
	Limits *Limits
}

// Engine is one account's tables in one region. Make one with New.
type Engine struct {
	options Options
	mu      sync.RWMutex
	tables  map[string]*table
	deleted []*table // whose streams can still be read
	tokens  tokens
	// sequence numbers the changes of all streams
	sequence atomic.Uint64
	// history, unless nil, is how much of the past tables keep for reads that lag behind
	history atomic.Pointer[Lag]
	limiter *limiter // nil unless throttling was asked for
}

// New makes an engine without tables.
func New(o Options) *Engine {
	clock := o.Clock
	if clock == nil {
		clock = time.Now
	}
	o.Clock = func() time.Time { return clock().UTC() } // as the SDK gives the service's times
	o.Region = cmp.Or(o.Region, "us-east-1")
	o.AccountID = cmp.Or(o.AccountID, "000000000000")
	o.MaxCollectionBytes = cmp.Or(o.MaxCollectionBytes, 10<<30)
	e := &Engine{options: o, tables: map[string]*table{}}
	if o.Limits != nil {
		e.limiter = &limiter{Limits: *o.Limits, buckets: map[bucketID]*bucket{}}
	}
	return e
}

// stamp is the time as answers hold it: to the millisecond, which is what the wire carries.
func (e *Engine) stamp() time.Time { return e.options.Clock().Truncate(time.Millisecond) }

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
