package engine

import (
	"context"
	"time"

	"github.com/monotable/monotable/internal/engine/packed"
)

// Lag is how far behind an eventually consistent read may stand: the number of writes, or the age of writes, that it does not
// see. The zero Lag sees everything.
type Lag struct {
	Writes int           // the last so many changes of the table
	Time   time.Duration // the changes that are younger, by the engine's clock
}

type lagKey struct{}

// WithLag makes the eventually consistent reads of a context stand behind by lag: those of items and pages, of tables and
// indexes. A read that lags holds up other calls to its table. KeepHistory must have been called before the writes that are
// not to be seen.
func WithLag(ctx context.Context, lag Lag) context.Context {
	return context.WithValue(ctx, lagKey{}, lag)
}

// KeepHistory makes all tables keep the changes from now on that a read lagging by lag needs. Asked for twice, they keep what
// either needs.
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

// pastWrite is a change that a read may have to stand behind of.
type pastWrite struct {
	at       time.Time
	key      string
	old, new packed.Item
}

// remember keeps a change for reads that lag. It is called under the table's lock.
func (t *table) remember(key string, old, new packed.Item) {
	keep := t.engine.history.Load()
	if keep == nil || t.rewinding {
		return
	}
	now := t.engine.options.Clock()
	t.past = append(t.past, pastWrite{at: now, key: key, old: old, new: new})
	spare := 0
	for spare < len(t.past)-keep.Writes && now.Sub(t.past[spare].at) >= keep.Time {
		spare++
	}
	if spare > len(t.past)/2 { // once that is worth the moving
		t.past = append([]pastWrite(nil), t.past[spare:]...)
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

// rewind takes the table and its indexes back by lag, under its lock for writing, until the function that it returns is
// called.
func (t *table) rewind(lag Lag) (forward func()) {
	now := t.engine.options.Clock()
	from := len(t.past)
	for from > 0 && (len(t.past)-from < lag.Writes || now.Sub(t.past[from-1].at) < lag.Time) {
		from--
	}
	undone := t.past[from:]
	t.rewinding = true
	for i := len(undone) - 1; i >= 0; i-- {
		t.store(undone[i].key, undone[i].new, undone[i].old, &capacity{})
	}
	return func() {
		for _, w := range undone {
			t.store(w.key, w.old, w.new, &capacity{})
		}
		t.rewinding = false
	}
}
