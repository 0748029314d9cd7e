package monotable

import (
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/size"
)

// Units are read and write request units (on-demand) or capacity units (provisioned): one read unit is a strongly consistent
// read of up to 4 KB, one write unit a write of up to 1 KB (DynamoDB developer guide, "DynamoDB read and write operations").
type Units struct{ Read, Write float64 }

func (u Units) plus(v Units) Units { return Units{u.Read + v.Read, u.Write + v.Write} }

// Capacity is what calls consumed: in all, on the table, and on each index.
type Capacity struct {
	Units
	Table    Units
	Indexes  map[string]Units
	Modelled bool // some of it was computed by the guide's rules, since the service does not report it
}

// add adds another capacity.
func (c *Capacity) add(o Capacity) {
	c.Units, c.Table, c.Modelled = c.Units.plus(o.Units), c.Table.plus(o.Table), c.Modelled || o.Modelled
	for name, units := range o.Indexes {
		if c.Indexes == nil {
			c.Indexes = make(map[string]Units, len(o.Indexes))
		}
		c.Indexes[name] = c.Indexes[name].plus(units)
	}
}

// Meter sums the capacity that calls given Metered(&meter) consumed. The zero Meter is ready; it is safe for concurrent use.
type Meter struct {
	mu   sync.Mutex
	used Capacity
}

// Used is the sum so far.
func (m *Meter) Used() Capacity {
	m.mu.Lock()
	defer m.mu.Unlock()
	used := m.used
	used.Indexes = maps.Clone(used.Indexes)
	return used
}

// Reset starts again from nothing and gives the sum so far.
func (m *Meter) Reset() Capacity {
	m.mu.Lock()
	defer m.mu.Unlock()
	used := m.used
	m.used = Capacity{}
	return used
}

// add sums what one response reported. The service leaves the split into read and write out of single-item and query
// responses, where the operation says which it was.
func (m *Meter) add(c *types.ConsumedCapacity, write bool) {
	if m == nil || c == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	units := func(total, read, written *float64) Units {
		if read != nil || written != nil {
			return Units{deref(read), deref(written)}
		}
		if write {
			return Units{Write: deref(total)}
		}
		return Units{Read: deref(total)}
	}
	all := units(c.CapacityUnits, c.ReadCapacityUnits, c.WriteCapacityUnits)
	m.used.Units = m.used.Units.plus(all)
	if c.Table == nil && len(c.LocalSecondaryIndexes) == 0 && len(c.GlobalSecondaryIndexes) == 0 {
		m.used.Table = m.used.Table.plus(all)
		return
	}
	if c.Table != nil {
		m.used.Table = m.used.Table.plus(units(c.Table.CapacityUnits, c.Table.ReadCapacityUnits, c.Table.WriteCapacityUnits))
	}
	for _, indexes := range []map[string]types.Capacity{c.LocalSecondaryIndexes, c.GlobalSecondaryIndexes} {
		for name, x := range indexes {
			if m.used.Indexes == nil {
				m.used.Indexes = map[string]Units{}
			}
			m.used.Indexes[name] = m.used.Indexes[name].plus(units(x.CapacityUnits, x.ReadCapacityUnits, x.WriteCapacityUnits))
		}
	}
}

// addFailedWrite models a failed condition, which the service charges without a report: as a write of the larger of the item
// that was there and the one to be written, on the table alone.
func (m *Meter) addFailedWrite(existing, next map[string]types.AttributeValue) {
	if m == nil {
		return
	}
	units := Units{Write: size.WriteUnits(max(size.Item(existing), size.Item(next)))}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used.Units = m.used.Units.plus(units)
	m.used.Table = m.used.Table.plus(units)
	m.used.Modelled = true
}

// report asks the service for consumed capacity when someone counts it.
func (s *settings) report() types.ReturnConsumedCapacity {
	if s.meter != nil || s.budgeted || s.paced || s.progress != nil {
		return types.ReturnConsumedCapacityIndexes
	}
	return ""
}
