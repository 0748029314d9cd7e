package call

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/cause"
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

// newPacer keeps a call at so many units a second; nil, which waits for nothing, where none were asked for.
func newPacer(rate float64, paced bool) *Pacer {
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
	p.settle(reserved, unitsOf(consumed), evaluated)
}

func (p *Pacer) settle(reserved, units float64, evaluated int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spend(units - reserved)
	p.cost = units
	switch second := max(p.rate, 1); {
	case units > 1.25*second:
		p.items = max(1, int(float64(p.items)*second/units))
	case units < 0.75*second && evaluated >= p.items:
		p.items = min(2*p.items, mostPacedItems)
	}
}

// Most is about how many items a second's units buy, n at most.
func (p *Pacer) Most(n int) int {
	if p == nil {
		return n
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return min(n, p.items)
}

// Pay sends a request in its turn, and pays for what meters are told of it. A request of which they are told nothing
// cost what was reserved, unless it was refused or left everything. done is how many items it read or wrote.
func (p *Pacer) Pay(ctx context.Context, send func(context.Context) (done int, err error)) error {
	if p == nil {
		_, err := send(ctx)
		return err
	}
	reserved, _, err := p.Wait(ctx)
	if err != nil {
		p.Refund(reserved)
		return err
	}
	spent := new(purse)
	done, err := send(context.WithValue(ctx, purseKey{}, spent))
	switch units, told := spent.sum(); {
	case told:
		p.settle(reserved, units, done)
	case err == nil && done == 0, err != nil && !errors.Is(err, cause.Ambiguous):
		p.Refund(reserved)
	}
	return err
}

// purse is what one request consumed, as meters are told.
type purse struct {
	mu    sync.Mutex
	units float64
	told  bool
}

// purseKey is where a request's context has its purse.
type purseKey struct{}

// purseOf is the purse of a request; nil for none.
func purseOf(ctx context.Context) *purse {
	p, _ := ctx.Value(purseKey{}).(*purse)
	return p
}

func (p *purse) add(c Consumption) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.units, p.told = p.units+c.Read+c.Write, true
}

func (p *purse) sum() (units float64, told bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.units, p.told
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
