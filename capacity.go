package monotable

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/estimate"
	"github.com/monotable/monotable/internal/size"
)

// Units are read and write request units (on-demand) or capacity units (provisioned): one read unit is a strongly
// consistent read of up to 4 KB, one write unit a write of up to 1 KB (DynamoDB developer guide, "DynamoDB read and
// write operations").
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

// String is the sum, then the table's part and each index's: "3 write units: table 1 write unit, by-status 2 write
// units".
func (c Capacity) String() string {
	var b strings.Builder
	b.WriteString(c.Units.String())
	if len(c.Indexes) > 0 {
		b.WriteString(": table " + c.Table.String())
		for _, name := range slices.Sorted(maps.Keys(c.Indexes)) {
			b.WriteString(", " + name + " " + c.Indexes[name].String())
		}
	}
	if c.Modelled {
		b.WriteString(" (some of it modelled)")
	}
	return b.String()
}

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
	return CallOption{func(s *call.Settings) {
		if of := call.Meter(meterOf{m}); m != nil && !slices.Contains(s.Meters, of) {
			s.Meters = append(s.Meters[:len(s.Meters):len(s.Meters)], of)
		}
	}}
}

// Pattern names the access pattern that a call belongs to, "orders by customer", for meters and hooks.
func Pattern(name string) CallOption { return CallOption{func(s *call.Settings) { s.Pattern = name }} }

// Observe calls f for whatever a request of the DB consumed, once for the table and once for each index that took part:
// the hook for metrics and logs. All requests then ask the service for their consumed capacity. f is called by the
// goroutine that sent the request, by several at a time where calls or segments run in parallel, and should be quick.
// Usage is never all zeros, and what is modelled in it comes as a Usage of its own, as Metered says. Several functions
// are called in the order of their options.
func Observe(f func(context.Context, Usage)) OpenOption {
	return openOption(func(s *openSettings) {
		if f != nil {
			s.observe = observers{s.observe, f}
		}
	})
}

// observers are told what was consumed, one after the other.
type observers struct {
	first call.Meter // nil for none
	then  func(context.Context, Usage)
}

// Add tells them.
func (o observers) Add(ctx context.Context, c call.Consumption) {
	if o.first != nil {
		o.first.Add(ctx, c)
	}
	o.then(ctx, usageOf(c))
}

// usageOf is what a request consumed, as programs are told.
func usageOf(c call.Consumption) Usage {
	return Usage{Table: c.Table, Index: c.Index, Entity: c.Entity, Operation: c.Operation, Pattern: c.Pattern,
		Modelled: c.Modelled, Units: Units{c.Read, c.Write}}
}

// meterOf is a Meter as calls tell it.
type meterOf struct{ *Meter }

// Add adds what a request consumed.
func (m meterOf) Add(_ context.Context, c call.Consumption) { m.add(usageOf(c)) }

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

// ItemSize is what an item weighs, and where.
type ItemSize struct {
	Bytes      int             // of the item: names and values
	Attributes []AttributeSize // the heaviest first
	Indexes    map[string]int  // bytes of its entry in each index that it is in
	Local      int             // of these, in local indexes: they count towards the item's limit of 409,600 bytes
}

// Size is the bytes that DynamoDB counts for v as the table stores it, as they enter into units and into the limit of
// 409,600 bytes (DynamoDB guide, "DynamoDB item sizes and formats"): its attributes, the key attributes that templates
// make, its entity type. An unset timestamp or version of the model's is counted as Create would set it. Storage bills
// 100 bytes more.
//
// It returns ErrKey where a write would. It sends nothing.
func (t *Table[T]) Size(v T) (int, error) {
	if t.of == nil {
		return 0, errNotMade
	}
	var box reflect.Value // a T that no call makes anew
	if t.of.weigher != nil {
		on := t.of.weigher.Pool.Get().(*estimate.Scales)
		defer t.of.weigher.Pool.Put(on)
		defer on.Boxed.SetZero()
		box = on.Boxed
		*box.Addr().Interface().(*T) = v
		if estimate.StampUnset(t.of.read.Type, box) == nil && t.of.weigher.Weigh(box, &on.Is) {
			return on.Is.Total, nil
		}
	} else {
		box = reflect.New(t.of.read.GoType).Elem()
		*box.Addr().Interface().(*T) = v
	}
	item, err := estimate.Sized(t.of.read.Type, box)
	if err != nil {
		return 0, t.of.failed("Size", err)
	}
	return size.Item(item), nil
}

// SizeOf is Size in detail: what each attribute weighs, and what the item's entries in indexes do.
func (t *Table[T]) SizeOf(v T) (ItemSize, error) { return t.of.sizeOf(reflect.ValueOf(&v).Elem()) }

func (f *face) sizeOf(v reflect.Value) (ItemSize, error) {
	if f == nil {
		return ItemSize{}, errNotMade
	}
	item, err := estimate.Sized(f.read.Type, v)
	if err != nil {
		return ItemSize{}, f.failed("SizeOf", err)
	}
	of := ItemSize{Bytes: size.Item(item), Attributes: Item(item).Sizes(), Indexes: map[string]int{}}
	schema := f.read.Schema
	for i := range schema.Indexes {
		x := &schema.Indexes[i]
		if bytes, there := x.Entry(schema, item); there {
			of.Indexes[x.Name] = bytes
			if x.Local {
				of.Local += bytes
			}
		}
	}
	return of, nil
}
