// Package throttle limits rates by token buckets.
package throttle

import (
	"maps"
	"sync"
	"time"
)

// Limits are the rates at which an engine throttles. What a table or global index has provisioned, or as the most that
// it may use on demand, is limited besides.
type Limits struct {
	PartitionRead  float64       // units a second of one partition key value, of a table or of an index
	PartitionWrite float64       // units a second of one partition key value, of a table or of an index
	Burst          time.Duration // for how long unused provisioned throughput is kept, at least a second
}

// Limiter holds the token buckets of an engine. A bucket fills at its rate, by the engine's clock, and begins full.
type Limiter struct {
	Limits
	mu      sync.Mutex
	buckets map[ID]*bucket
	sweepAt int // buckets, from which on those that are full again are forgotten
}

// NewLimiter makes a limiter.
func NewLimiter(l Limits) *Limiter { return &Limiter{Limits: l, buckets: map[ID]*bucket{}} }

// ID tells buckets apart: by table, index or "", and partition key or "" for all of the table or index.
type ID struct {
	Table, Index, Partition string
	Write                   bool
}

// bucket is one of them. Its level is below 0 while it owes what a request took beyond it.
type bucket struct {
	size, level float64
	rate        float64
	at          time.Time
}

// fill brings a bucket up to now.
func (b *bucket) fill(now time.Time) {
	if elapsed := now.Sub(b.at); elapsed > 0 {
		b.level = min(b.size, b.level+b.rate*elapsed.Seconds())
		b.at = now
	}
}

// has says whether units can be taken. A full bucket gives even what it does not hold, so that no item is too large for
// ever; it then owes the rest.
func (b *bucket) has(units float64) bool { return b.level >= units || b.level == b.size }

// Claim is what one request asks of one bucket.
type Claim struct {
	ID
	Rate, Size, Units float64
	Refusal           func() error
}

// Grant takes all that is claimed, or nothing and gives the place and the refusal of the first claim that cannot be
// met.
func (l *Limiter) Grant(now time.Time, claims []Claim) (refused int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, c := range claims {
		b := l.bucket(now, c)
		if !b.has(c.Units) {
			for _, taken := range claims[:i] {
				l.buckets[taken.ID].level += taken.Units
			}
			return i, c.Refusal()
		}
		b.level -= c.Units
	}
	return 0, nil
}

// bucket finds or makes a claim's bucket, as it is now.
func (l *Limiter) bucket(now time.Time, c Claim) *bucket {
	b := l.buckets[c.ID]
	if b == nil {
		l.sweep(now)
		b = &bucket{size: c.Size, level: c.Size, rate: c.Rate, at: now}
		l.buckets[c.ID] = b
		return b
	}
	b.fill(now)
	if b.rate != c.Rate { // it was changed by UpdateTable
		b.rate, b.size = c.Rate, c.Size
		b.level = min(b.level, b.size)
	}
	return b
}

// sweep forgets the buckets that are full, once there are many.
func (l *Limiter) sweep(now time.Time) {
	if len(l.buckets) < l.sweepAt {
		return
	}
	maps.DeleteFunc(l.buckets, func(_ ID, b *bucket) bool {
		b.fill(now)
		return b.level == b.size
	})
	l.sweepAt = max(1000, 2*len(l.buckets))
}

// Remembered returns how many buckets the limiter holds.
func (l *Limiter) Remembered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.buckets)
}
