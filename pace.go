package monotable

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Pace keeps a read at that many read units a second, over all its requests and segments together, so that it leaves the rest of
// the table's capacity to others. Each request waits until those before it are paid for by what the service says they consumed
// (ReturnConsumedCapacity), and asks for about as many items as a second's units buy, so that a page is not a burst. What a
// slow caller leaves unused is not saved up. A wait ends with the context, whose error the read then yields. The pace must be
// positive; it is one call's, not that of several pages.
func Pace(unitsPerSecond float64) PageOption {
	return PageOption{func(s *settings) { s.pace, s.paced = unitsPerSecond, true }}
}

// pacer is the purse of one call's requests: each reserves what it is likely to cost, and settles when its response says.
type pacer struct {
	rate float64 // units a second

	mu     sync.Mutex
	free   time.Time     // when all that was spent and reserved is paid for
	cost   float64       // what the next request is likely to cost
	items  int           // how many items to ask for
	change chan struct{} // closed when free is another
}

const (
	mostPacedItems = 1 << 20 // more items than one response can hold
	mostSeconds    = 1 << 31 // more than a request is ever waited for, and not too many for a time.Duration
)

func newPacer(s *settings) *pacer {
	if !s.paced {
		return nil
	}
	items := int(min(math.Ceil(s.pace), mostPacedItems))
	return &pacer{rate: s.pace, cost: max(s.pace, 1), items: items, change: make(chan struct{})}
}

// wait waits for a request's turn and reserves its cost. most bounds the items it asks for.
func (p *pacer) wait(ctx context.Context) (reserved float64, most int, err error) {
	if p == nil {
		return 0, 0, nil
	}
	for {
		p.mu.Lock()
		now := time.Now()
		left := p.free.Sub(now)
		if left <= 0 {
			reserved, most = p.cost, p.items
			p.free = now
			p.spend(reserved)
			p.mu.Unlock()
			return reserved, most, ctx.Err()
		}
		change := p.change
		p.mu.Unlock()
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
			timer.Stop()
			return 0, 0, ctx.Err()
		case <-change:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// settle corrects a reservation by what the request consumed, nil where it failed. A response that does not say cost what was
// reserved.
func (p *pacer) settle(reserved float64, out *fetched) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if out == nil {
		p.spend(-reserved)
		return
	}
	if out.consumed == nil {
		return
	}
	units := deref(out.consumed.CapacityUnits)
	p.spend(units - reserved)
	p.cost = units
	switch second := max(p.rate, 1); {
	case units > 1.25*second:
		p.items = max(1, int(float64(p.items)*second/units))
	case units < 0.75*second && out.evaluated >= p.items:
		p.items = min(2*p.items, mostPacedItems)
	}
}

// charge pays for units that nothing was reserved for.
func (p *pacer) charge(c *types.ConsumedCapacity) {
	if p == nil || c == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = later(p.free, time.Now())
	p.spend(deref(c.CapacityUnits))
}

// spend moves the time at which everything is paid for, and tells those who wait for it.
func (p *pacer) spend(units float64) {
	seconds := max(-mostSeconds, min(units/p.rate, mostSeconds))
	p.free = p.free.Add(time.Duration(seconds * float64(time.Second)))
	close(p.change)
	p.change = make(chan struct{})
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
