package dynamotest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine"
)

// Fault is something that goes wrong: on which calls, how often, and what. Inject puts it in place.
//
// A call that matches is counted. The first Skip of them are let through; each one after that is hit with the
// probability Chance, until Times of them were hit. So
//
//	dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Skip: 3, Times: 1, Do: dynamotest.LoseAnswer()}
//
// loses the answer to the fourth PutItem, and a test that repeats one sequence of calls with Skip from 0 upwards, until
// Fired is 0, has had the fault at every one of them. A call that an effect does not fit, such as a Query for
// Unprocessed, does not match.
type Fault struct {
	On     Match
	Skip   int     // matching calls that are let through first
	Times  int     // calls that are hit; 0 for all
	Chance float64 // probability with which a matching call is hit; 0 for all. It is drawn from the client's seed
	Do     Effect
}

// Match selects calls. What is not set matches everything, so the zero Match matches every call, of the control plane
// and of streams as well.
type Match struct {
	Operation string // as the service names it, such as "PutItem"
	Table     string // a table that the call works on, by its name or ARN
	Index     string // the index that a Query, a Scan or a SELECT reads

	// Key holds attributes that a key or item of the request has, all of them with these values: of a get or a write,
	// or of one part of a batch or transaction. Queries and scans have none; a PartiQL statement has what its WHERE says
	// by equality, or the item that it inserts. A monotable.Item will do.
	Key map[string]types.AttributeValue

	// Where is asked last, about the SDK's input, such as *dynamodb.PutItemInput, which it must not change. It may be
	// called by several goroutines at once.
	Where func(input any) bool
}

// Injection is a fault that was put in place. It is safe for concurrent use.
type Injection struct {
	fault   Fault
	faults  *faults
	mu      sync.Mutex
	random  *rand.Rand
	matched int
	calls   []Call
}

// faults are those that were injected into a client.
type faults struct {
	place
	engine   *engine.Engine
	seed     uint64
	drawn    atomic.Bool                  // something was left to the seed
	active   atomic.Pointer[[]*Injection] // nil for none
	mu       sync.Mutex                   // for changes
	injected uint64
}

// inject puts a fault in place.
func (s *faults) inject(f Fault) *Injection {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.injected++
	f.On.Table, f.On.Key = nameOf(f.On.Table), maps.Clone(f.On.Key)
	i := &Injection{fault: f, faults: s, random: rand.New(rand.NewPCG(s.seed, s.injected))}
	if err := f.check(); err != nil {
		i.fault = Fault{Do: Fail(fmt.Errorf("dynamotest: fault %d: %w", s.injected, err))}
	}
	if f.Do.history != (engine.Lag{}) {
		s.engine.KeepHistory(f.Do.history)
	}
	all := append(slices.Clone(s.all()), i)
	s.active.Store(&all)
	return i
}

// clear takes all faults away.
func (s *faults) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active.Store(nil)
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

// all gives the faults in place.
func (s *faults) all() []*Injection {
	if active := s.active.Load(); active != nil {
		return *active
	}
	return nil
}

// Remove takes the fault away. What it has hit can still be asked.
func (i *Injection) Remove() {
	s := i.faults
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(s.all()), func(other *Injection) bool { return other == i })
	if len(left) == 0 {
		s.active.Store(nil)
		return
	}
	s.active.Store(&left)
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
	if f.Do.on != nil && !f.Do.on(operation) || f.Do.fits != nil && !f.Do.fits(in) ||
		!f.On.matches(operation, parts, in) {
		return
	}
	if f.Do.cancels && i.faults.engine.Replays(in) {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.matched++
	if i.matched <= f.Skip || f.Times > 0 && len(i.calls) >= f.Times {
		return
	}
	if f.Chance > 0 && f.Chance < 1 {
		i.faults.drawn.Store(true)
		if i.random.Float64() >= f.Chance {
			return
		}
	}
	call := Call{Operation: operation}
	i.faults.resources(&call, in)
	i.calls = append(i.calls, call)
	f.Do.act(v, hit{Injection: i, call: call, parts: parts, writes: writes(operation, in)})
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
	members refusedMembers     // statements of a batch
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
	call   Call
	parts  []part
	writes bool
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
