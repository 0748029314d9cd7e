// Package dynamotest is a DynamoDB in the process, for tests, examples and local work.
//
// A Client has the method signatures of *dynamodb.Client, so code that asks for those methods by an interface takes
// either. New makes one for a test, with the test's tables in it:
//
//	client := dynamotest.New(t, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
//
// NewClient makes an empty one for a program, and NewServer serves a Client over HTTP, for the SDK itself or for any
// other tool that speaks to DynamoDB:
//
//	server, err := dynamotest.NewServer(dynamotest.NewClient())
//	...
//	client := dynamodb.NewFromConfig(server.Config())
//
// Answers, errors, limits, page ends and consumed capacity are the service's. Errors are wrapped as the SDK wraps them,
// so errors.As finds the same types, with a request id and an HTTP status. An operation that is not here fails and says
// so by name; it is never a success that did nothing.
//
// ExecuteStatement, BatchExecuteStatement and ExecuteTransaction take DynamoDB's part of PartiQL. Which SELECT is a
// read by key and which a scan, what it consumes and what is refused are the service's too.
//
// A Client refuses two things that the SDK would change on the way to a server: a list with a nil element, which the
// SDK leaves out, and a text that is not UTF-8, of which the SDK writes another.
//
// # What goes wrong in production
//
// A Fault says which calls go wrong, how often and how: throttled, late or never answered, refused for a conflict, left
// unprocessed, read from an index that lags, or done with the answer lost, cut or an error. Inject puts it in place;
// what it hit can be asked afterwards.
//
//	client.Inject(dynamotest.Fault{
//		On:    dynamotest.Match{Operation: "PutItem", Table: "pets"},
//		Times: 1,
//		Do:    dynamotest.LoseAnswer(),
//	})
//
// A fault is one attempt's. WithMaxAttempts has the SDK's retryer attempt a call again, as it does over HTTP, and
// without its pauses.
//
// WithThroughputLimits throttles as tables with limits do, by token buckets under the client's clock.
//
// # What calls cost
//
// Usage counts calls, errors and units by operation, table and index. AssertCost fails a test whose code spends more
// than its budget and lists the calls that spent it.
//
// # What is stored
//
// Dump writes tables and items as stable text for golden files. SaveFile and LoadFile keep them in a file. SweepExpired
// deletes what has expired, under a clock that WithClock gives to the test.
//
// Everything is in memory and, unless it was saved, gone with the Client.
package dynamotest

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/monotable/monotable/internal/engine"
)

// Client is a DynamoDB of its own, with the methods of *dynamodb.Client and *dynamodbstreams.Client. It is safe for
// concurrent use. Option functions given to a call are not run: they configure how the SDK sends a request, and nothing
// is sent. WithMaxAttempts and WithRetryer make it one whose calls are the SDK's, option functions included.
type Client struct {
	place
	engine    *engine.Engine
	usage     usage
	faults    faults
	repeating *repeater // nil for one attempt a call

	measuring      atomic.Int64 // the number of measurements
	measurementsMu sync.Mutex
	measurements   []*measurement
}

// options are what NewClient is given.
type options struct {
	engine.Options
	seed    uint64
	retryer func() aws.Retryer // nil for one attempt a call
	waits   bool               // between attempts
}

// Option configures NewClient.
type Option func(*options)

// WithClock makes now the time: of creation dates, expiry of items, idempotency tokens and iterators.
func WithClock(now func() time.Time) Option { return func(o *options) { o.Clock = now } }

// WithRegion sets the region that ARNs name, and whose words refusals have: the service words some of them differently
// from region to region. It is us-east-1 unless set.
func WithRegion(region string) Option { return func(o *options) { o.Region = region } }

// WithAccountID sets the account that ARNs name, 000000000000 unless set.
func WithAccountID(id string) Option { return func(o *options) { o.AccountID = id } }

// WithTransition makes tables and indexes stay CREATING, UPDATING and DELETING for d, by the clock. Unless set, the
// answer to a request shows that status and the next request finds the table ready.
func WithTransition(d time.Duration) Option { return func(o *options) { o.Transition = d } }

// WithMaxCollectionBytes lowers the 10 GB that an item collection of a table with local secondary indexes may hold.
func WithMaxCollectionBytes(n int64) Option {
	return func(o *options) { o.MaxCollectionBytes = n }
}

// WithSeed sets what the chances of faults are drawn from, so that a run can be played again; a random seed unless set.
// The same seed, faults and order of calls give the same run.
func WithSeed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// NewClient makes a DynamoDB without tables.
func NewClient(opts ...Option) *Client {
	o := options{Options: engine.Options{Region: "us-east-1", AccountID: defaultAccount}, seed: rand.Uint64()}
	for _, set := range opts {
		set(&o)
	}
	c := &Client{place: place{o.Region, o.AccountID}}
	o.Charged = c.charged
	c.engine = engine.New(o.Options)
	c.faults.place, c.faults.engine, c.faults.seed = c.place, c.engine, o.seed
	if o.retryer != nil {
		c.repeating = newRepeater(c, o.retryer, o.waits)
	}
	return c
}

// defaultAccount is the account that ARNs name unless WithAccountID says otherwise.
const defaultAccount = "000000000000"
