package call

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Pacer is the purse of one call's requests: each reserves what it is likely to cost, and settles when its response
// says.
type Pacer struct {
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

// NewPacer keeps a read at so many units a second; nil, which waits for nothing, where none were asked for.
func NewPacer(rate float64, paced bool) *Pacer {
	if !paced {
		return nil
	}
	items := int(min(math.Ceil(rate), mostPacedItems))
	return &Pacer{rate: rate, cost: max(rate, 1), items: items, change: make(chan struct{})}
}

// Wait waits for a request's turn and reserves its cost. most bounds the items it asks for.
func (p *Pacer) Wait(ctx context.Context) (reserved float64, most int, err error) {
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

// Refund gives back what was reserved for a request that failed.
func (p *Pacer) Refund(reserved float64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spend(-reserved)
}

// Settle corrects a reservation by what the request consumed, and by how many items it evaluated what to ask for next.
// A response that does not say cost what was reserved.
func (p *Pacer) Settle(reserved float64, consumed *types.ConsumedCapacity, evaluated int) {
	if p == nil || consumed == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	units := unitsOf(consumed)
	p.spend(units - reserved)
	p.cost = units
	switch second := max(p.rate, 1); {
	case units > 1.25*second:
		p.items = max(1, int(float64(p.items)*second/units))
	case units < 0.75*second && evaluated >= p.items:
		p.items = min(2*p.items, mostPacedItems)
	}
}

// unitsOf are the units that a report says, in all.
func unitsOf(c *types.ConsumedCapacity) float64 {
	if c.CapacityUnits == nil {
		return 0
	}
	return *c.CapacityUnits
}

// Charge pays for units that nothing was reserved for.
func (p *Pacer) Charge(c *types.ConsumedCapacity) {
	if p == nil || c == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = later(p.free, time.Now())
	p.spend(unitsOf(c))
}

// spend moves the time at which everything is paid for, and tells those who wait for it.
func (p *Pacer) spend(units float64) {
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
