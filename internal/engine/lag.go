package engine

import (
	"context"
	"time"

	"github.com/monotable/monotable/internal/engine/packed"
)

// Lag is how far behind an eventually consistent read may stand: the number of writes, or the age of writes, that it
// does not see. The zero Lag sees everything.
type Lag struct {
	Writes int           // the last so many changes of the table
	Time   time.Duration // the changes that are younger, by the engine's clock
}

type lagKey struct{}

// WithLag makes the eventually consistent reads of a context stand behind by lag: those of items and pages, of tables
// and indexes. A read that lags holds up other calls to its table. KeepHistory must have been called before the writes
// that are not to be seen.
func WithLag(ctx context.Context, lag Lag) context.Context {
	return context.WithValue(ctx, lagKey{}, lag)
}

// pastWrite is a change that a read may have to stand behind of.
type pastWrite struct {
	at       time.Time
	key      string
	old, new packed.Item
}
