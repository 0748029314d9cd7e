package dynamotest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine"
)

// Fault is something that goes wrong: on which calls, how often, and what. Inject puts it in place.
//
// A call that matches is counted. The first Skip of them are let through; each one after that is hit with the probability
// Chance, until Times of them were hit. So
//
//	dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Skip: 3, Times: 1, Do: dynamotest.LoseAnswer()}
//
// loses the answer to the fourth PutItem, and a test that repeats one sequence of calls with Skip from 0 upwards, until Fired is
// 0, has had the fault at every one of them. A call that an effect does not fit, such as a Query for Unprocessed, does not match.
type Fault struct {
	On     Match
	Skip   int     // matching calls that are let through first
	Times  int     // calls that are hit; 0 for all
	Chance float64 // probability with which a matching call is hit; 0 for all. It is drawn from the client's seed
	Do     Effect
}

// Match selects calls. What is not set matches everything, so the zero Match matches every call, of the control plane and of
// streams as well.
type Match struct {
	Operation string // as the service names it, such as "PutItem"
	Table     string // a table that the call works on, by its name or ARN
	Index     string // the index that a Query or Scan reads

	// Key holds attributes that a key or item of the request has, all of them with these values: of a get or a write, or of one
	// part of a batch or transaction. Queries and scans have none. A monotable.Item will do.
	Key map[string]types.AttributeValue

	// Where is asked last, about the SDK's input, such as *dynamodb.PutItemInput, which it must not change. It may be called by
	// several goroutines at once.
	Where func(input any) bool
}

// Injection is a fault that was put in place. It is safe for concurrent use.
type Injection struct {
	fault   Fault
	client  *Client
	mu      sync.Mutex
	random  *rand.Rand
	matched int
	calls   []Call
}

// Inject puts a fault in place, for calls of c and for those that reach it through a Server, until the Injection's Remove or
// ClearFaults. Faults are asked in the order in which they were injected: delays add up, effects on the answer combine, and the
// first one that is an error ends the call.
//
// In the process there is no SDK under the client, and so no retryer: a fault is seen as one attempt's error, wrapped
// as the SDK wraps one attempt's. Over HTTP the SDK's retryer sends most of them again. A call that the SDK would not
// send is not hit.
//
// A fault that cannot be makes every call fail with an error that says so: one without an effect, for an operation that does
// not exist or that the effect does nothing to, with a Chance that is none, or with a Match that no call can meet, such as the
// Key of a Query.
func (c *Client) Inject(f Fault) *Injection {
	c.faultsMu.Lock()
	defer c.faultsMu.Unlock()
	c.injected++
	f.On.Table, f.On.Key = nameOf(f.On.Table), maps.Clone(f.On.Key)
	i := &Injection{fault: f, client: c, random: rand.New(rand.NewPCG(c.seed, c.injected))}
	if err := f.check(); err != nil {
		i.fault = Fault{Do: Fail(fmt.Errorf("dynamotest: fault %d: %w", c.injected, err))}
	}
	if f.Do.history != (engine.Lag{}) {
		c.engine.KeepHistory(f.Do.history)
	}
	faults := slices.Clone(c.activeFaults())
	faults = append(faults, i)
	c.faults.Store(&faults)
	return i
}

// check finds what is wrong with a fault.
func (f Fault) check() error {
	switch {
	case f.Do.name == "":
		return errors.New("no effect: Do is not set")
	case f.Do.err != nil:
		return fmt.Errorf("%s: %w", f.Do.name, f.Do.err)
	case f.Skip < 0:
		return errors.New("Skip is negative")
	case f.Times < 0:
		return errors.New("Times is negative")
	case !(f.Chance >= 0 && f.Chance <= 1):
		return errors.New("Chance is not between 0 and 1")
	}
	if err := f.On.check(); err != nil {
		return err
	}
	if name := f.On.Operation; name != "" && f.Do.on != nil && !f.Do.on(name) {
		return fmt.Errorf("%s does nothing to %s", f.Do.name, name)
	}
	return nil
}

// ClearFaults takes all faults away.
func (c *Client) ClearFaults() {
	c.faultsMu.Lock()
	defer c.faultsMu.Unlock()
	c.faults.Store(nil)
}

// activeFaults gives the faults in place.
func (c *Client) activeFaults() []*Injection {
	if faults := c.faults.Load(); faults != nil {
		return *faults
	}
	return nil
}

// Remove takes the fault away. What it has hit can still be asked.
func (i *Injection) Remove() {
	i.client.faultsMu.Lock()
	defer i.client.faultsMu.Unlock()
	left := slices.DeleteFunc(slices.Clone(i.client.activeFaults()), func(other *Injection) bool { return other == i })
	if len(left) == 0 {
		i.client.faults.Store(nil)
		return
	}
	i.client.faults.Store(&left)
}

// Fired counts the calls that were hit.
func (i *Injection) Fired() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.calls)
}

// Calls lists the calls that were hit, in order, without access keys.
func (i *Injection) Calls() []Call {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.calls)
}

// String names the effect and how often it fired.
func (i *Injection) String() string {
	return fmt.Sprintf("%s, fired %d times", i.fault.Do.name, i.Fired())
}

// strike says whether the fault hits a call, and if so adds its effect to what becomes of it.
func (i *Injection) strike(v *verdict, operation string, parts []part, in any) {
	f := i.fault
	if f.Do.on != nil && !f.Do.on(operation) || f.Do.fits != nil && !f.Do.fits(in) || !f.On.matches(operation, parts, in) {
		return
	}
	if f.Do.cancels && i.client.engine.Replays(in) {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.matched++
	if i.matched <= f.Skip || f.Times > 0 && len(i.calls) >= f.Times {
		return
	}
	if f.Chance > 0 && f.Chance < 1 {
		i.client.drawn.Store(true)
		if i.random.Float64() >= f.Chance {
			return
		}
	}
	call := Call{Operation: operation}
	i.client.resources(&call, in)
	i.calls = append(i.calls, call)
	f.Do.act(v, hit{Injection: i, call: call, parts: parts})
}

// verdict is what becomes of a call.
type verdict struct {
	delay time.Duration
	err   error // in place of the operation
	late  struct {
		delay time.Duration
		err   error // in place of the answer of the operation, which took place
	}
	leftOut map[batchPart]bool // keys and items of a batch
	lag     engine.Lag         // of its eventually consistent reads
}

// failLate puts err in place of the answer; the first of several counts.
func (v *verdict) failLate(err error) {
	if v.late.err == nil {
		v.late.err = err
	}
}

// hit is a call that a fault's effect has struck.
type hit struct {
	*Injection
	call  Call
	parts []part
}

// judge asks all faults about a call.
func judge(faults []*Injection, operation string, in any) *verdict {
	v := &verdict{}
	parts := partsOf(in)
	for _, i := range faults {
		i.strike(v, operation, parts, in)
		if v.err != nil {
			break
		}
	}
	return v
}
