// Package engine is DynamoDB in memory: tables, indexes, transactions, streams and the service's rules about them.
//
// An Engine has one method per operation of the service, with the SDK's input and output structs. Errors are the SDK's
// typed errors, or *smithy.GenericAPIError for those the SDK has no type for, with the service's messages. Nothing of
// an input is kept and nothing of an output is shared. The texts of an input are valid UTF-8, as wire.CheckText and the
// wire see to. All methods are safe for concurrent use and linearizable.
//
// Items are stored packed: one immutable string each, with their encoded key, in B-trees that hold one lock per table.
// A page is gathered under the lock and filtered, projected and decoded after it.
package engine

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/engine/throttle"
)

// Engine is one account's tables in one region. Make one with New.
type Engine struct {
	*shared
	mu      sync.RWMutex
	tables  map[string]*table
	deleted []*table // whose streams can still be read
	tokens  tokens

	statementTokens statementTokens
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
	e := &Engine{shared: &shared{options: o, front: refusal.FrontOf(o.Region)}, tables: map[string]*table{}}
	if o.Limits != nil {
		e.limiter = throttle.NewLimiter(*o.Limits)
	}
	return e
}

// find looks a table up by its name or ARN, with its statuses up to date.
func (e *Engine) find(nameOrARN string) *table {
	name := tableName(nameOrARN)
	if !e.inRegion(nameOrARN) {
		return nil
	}
	e.mu.RLock()
	t := e.tables[name]
	e.mu.RUnlock()
	if t == nil || !t.passing.Load() {
		return t
	}
	if !t.settle(e.options.Clock()) {
		return t
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.tables[name] == t {
		delete(e.tables, name)
		e.keepStreams(t)
	}
	return e.tables[name]
}

// keepStreams keeps a deleted table for as long as its streams can be read. It is called under the engine's lock;
// nobody writes to the table any more.
func (e *Engine) keepStreams(t *table) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.items, t.indexes, t.collections = btree.Tree{}, nil, nil
	now := e.options.Clock()
	e.deleted = slices.DeleteFunc(e.deleted, func(old *table) bool { return now.Sub(old.until) > streamRetention })
	if len(t.streams) > 0 {
		e.deleted = append(e.deleted, t)
	}
}

// existing finds the table of an operation on items.
func (e *Engine) existing(nameOrARN string) (*table, error) {
	if err := e.checkAccount(nameOrARN); err != nil {
		return nil, err
	}
	if t := e.find(nameOrARN); t != nil {
		return t, nil
	}
	return nil, refusal.NotFound()
}

// reading calls use with the table locked for reading.
func (e *Engine) reading(nameOrARN string, use func(*table) error) error {
	t, err := e.existing(nameOrARN)
	if err != nil {
		return err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if err := t.ready(); err != nil {
		return err
	}
	return use(t)
}

// writing calls use with the table locked for writing.
func (e *Engine) writing(nameOrARN string, use func(*table) error) error {
	t, err := e.existing(nameOrARN)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ready(); err != nil {
		return err
	}
	return use(t)
}

// KeepHistory makes all tables keep the changes from now on that a read lagging by lag needs. Asked for twice, they
// keep what either needs.
func (e *Engine) KeepHistory(lag Lag) {
	for {
		kept := e.history.Load()
		if kept != nil {
			lag = Lag{Writes: max(lag.Writes, kept.Writes), Time: max(lag.Time, kept.Time)}
		}
		if e.history.CompareAndSwap(kept, &lag) {
			return
		}
	}
}

// eventually calls use with the table locked, as a read sees it that may be eventually consistent.
func (e *Engine) eventually(ctx context.Context, consistent bool, nameOrARN string, use func(*table) error) error {
	if consistent || e.history.Load() == nil {
		return e.reading(nameOrARN, use)
	}
	lag, ok := ctx.Value(lagKey{}).(Lag)
	if !ok {
		return e.reading(nameOrARN, use)
	}
	return e.writing(nameOrARN, func(t *table) error {
		defer t.rewind(lag)()
		return use(t)
	})
}
