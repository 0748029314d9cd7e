package dynamotest

import (
	"context"
	"slices"
	"testing"

	"github.com/monotable/monotable/internal/engine"
)

// Usage gives what c was asked to do, in the process and over HTTP.
func (c *Client) Usage() Usage { return c.usage.read() }

// ResetUsage begins counting anew. A call that is under way may be counted on either side of it, or its units apart
// from it.
func (c *Client) ResetUsage() { c.usage.counts.Store(nil) }

// charged counts what a request was charged on one table.
func (c *Client) charged(ctx context.Context, charge engine.Charge) {
	if c.measuring.Load() > 0 {
		if cost, ok := ctx.Value(costKey{}).(*CallCost); ok {
			cost.add(charge)
		}
	}
	counts := c.usage.now()
	reads := charge.Write == 0
	table := counts.line(charge.Operation, charge.Table, "")
	itemsAt := table
	for index, units := range charge.Indexes {
		l := counts.line(charge.Operation, charge.Table, index)
		if reads { // of this index
			l.read.add(units)
			charge.Read -= units
			itemsAt = l
		} else {
			l.write.add(units)
			charge.Write -= units
		}
	}
	table.read.add(charge.Read)
	table.write.add(charge.Write)
	itemsAt.items.Add(int64(charge.Items))
}

// Measure runs f and gives what it cost: all calls of c, whoever made them, and through a Server too, that ended while
// f ran. Units are the service's own; those that it charges without reporting them, for failed conditions and cancelled
// transactions, are in.
func (c *Client) Measure(f func()) Cost {
	m := &measurement{}
	c.measurementsMu.Lock()
	c.measurements = append(c.measurements, m)
	c.measurementsMu.Unlock()
	c.measuring.Add(1)
	defer func() {
		c.measuring.Add(-1)
		c.measurementsMu.Lock()
		defer c.measurementsMu.Unlock()
		c.measurements = slices.DeleteFunc(c.measurements, func(other *measurement) bool { return other == m })
	}()
	f()
	c.measurementsMu.Lock()
	defer c.measurementsMu.Unlock()
	return m.cost
}

// AssertCost runs f and fails the test, which goes on, if f's calls of c cost more than the budget. The failure lists
// the calls that spent it: operation, table or index, units, items, error; never a value. f may be anything that
// reaches c, such as a handler's ServeHTTP: see Measure for what counts.
func AssertCost(t testing.TB, c *Client, budget Budget, f func()) {
	t.Helper()
	cost := c.Measure(f)
	if over := cost.over(budget); over != "" {
		t.Errorf("dynamotest: over budget: %s\n%s", over, cost)
	}
}

// measured adds a call that has ended to all measurements.
func (c *Client) measured(cost *CallCost, err error) {
	if err != nil {
		cost.Error = codeOf(err)
	}
	c.measurementsMu.Lock()
	defer c.measurementsMu.Unlock()
	for _, m := range c.measurements {
		m.cost.Read += cost.Read
		m.cost.Write += cost.Write
		m.cost.Calls = append(m.cost.Calls, *cost)
	}
}
