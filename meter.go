package monotable

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// Usage is what requests consumed on one table or index, with what a service's metrics are broken down by.
type Usage struct {
	Table     string // the physical table
	Index     string // "" for the table itself
	Entity    string // Model.Type; "" for a batch or transaction of several
	Operation string // the request: "Query", "TransactWriteItems"
	Pattern   string // what Pattern called the access pattern
	Modelled  bool   // computed by the guide's rules, since the service does not report it
	Units
}

// Metered adds what the call consumed to m: all its pages, batches, segments and repeats. The call then asks the
// service for its consumed capacity. Several meters are all added to, each once however often it is named; a nil one is
// none.
//
// What the service does not report is modelled and marked: a write whose condition failed, a cancelled transaction,
// and, with the SDK's own client, attempts whose answer was lost, which are taken to have cost what the answered one
// did. Of a cancelled transaction the items that it met are known only where a condition failed, and the others counted
// as no larger than what was to be written.
func Metered(m *Meter) CallOption {
	return CallOption{func(s *settings) {
		if m != nil && !slices.Contains(s.meters, m) {
			s.meters = append(s.meters[:len(s.meters):len(s.meters)], m)
		}
	}}
}

// Pattern names the access pattern that a call belongs to, "orders by customer", for meters and hooks.
func Pattern(name string) CallOption { return CallOption{func(s *settings) { s.pattern = name }} }

// Observe calls f for whatever a request of the DB consumed, once for the table and once for each index that took part:
// the hook for metrics and logs. All requests then ask the service for their consumed capacity. f is called by the
// goroutine that sent the request, by several at a time where calls or segments run in parallel, and should be quick.
// Usage is never all zeros, and what is modelled in it comes as a Usage of its own, as Metered says. Several functions
// are called in the order of their options.
func Observe(f func(context.Context, Usage)) OpenOption {
	return openOption(func(s *openSettings) {
		before := s.observe
		switch {
		case f == nil:
			return
		case before != nil:
			s.observe = func(ctx context.Context, u Usage) { before(ctx, u); f(ctx, u) }
		default:
			s.observe = f
		}
	})
}

// Meter sums the capacity that calls given Metered(&meter) consumed. The zero Meter is ready; it is safe for concurrent
// use.
type Meter struct {
	mu   sync.Mutex
	used map[Usage]Units // by all but units
}

// Used is the sum so far.
func (m *Meter) Used() Capacity {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sum()
}

// Reset starts again from nothing and gives the sum so far.
func (m *Meter) Reset() Capacity {
	m.mu.Lock()
	defer m.mu.Unlock()
	used := m.sum()
	m.used = nil
	return used
}

func (m *Meter) sum() (c Capacity) {
	for of, units := range m.used {
		c.addUsage(of, units)
	}
	return c
}

// Patterns are the sums so far by access pattern, as Pattern named them; calls without it are under "".
func (m *Meter) Patterns() map[string]Capacity {
	m.mu.Lock()
	defer m.mu.Unlock()
	patterns := map[string]Capacity{}
	for of, units := range m.used {
		c := patterns[of.Pattern]
		c.addUsage(of, units)
		patterns[of.Pattern] = c
	}
	return patterns
}

// Breakdown is the sum so far in all its parts, in the order of Usage's fields.
func (m *Meter) Breakdown() []Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	parts := make([]Usage, 0, len(m.used))
	for of, units := range m.used {
		of.Units = units
		parts = append(parts, of)
	}
	slices.SortFunc(parts, func(a, b Usage) int {
		modelled := 0
		if a.Modelled != b.Modelled {
			modelled = 1
			if b.Modelled {
				modelled = -1
			}
		}
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Index, b.Index), cmp.Compare(a.Entity, b.Entity),
			cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Pattern, b.Pattern), modelled)
	})
	return parts
}

func (m *Meter) add(u Usage) {
	units := u.Units
	u.Units = Units{}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used == nil {
		m.used = map[Usage]Units{}
	}
	m.used[u] = m.used[u].plus(units)
}

func (c *Capacity) addUsage(of Usage, units Units) {
	c.Units, c.Modelled = c.Units.plus(units), c.Modelled || of.Modelled
	if of.Index == "" {
		c.Table = c.Table.plus(units)
		return
	}
	if c.Indexes == nil {
		c.Indexes = map[string]Units{}
	}
	c.Indexes[of.Index] = c.Indexes[of.Index].plus(units)
}
