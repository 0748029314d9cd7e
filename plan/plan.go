package plan

import (
	"errors"
	"fmt"
	"math"

	"github.com/monotable/monotable"
)

// storageOverhead is what storage bills for an item, and for an entry of an index, besides its bytes (DynamoDB guide,
// "DynamoDB item sizes and formats"). Units do not count it.
const storageOverhead = 100

// Plan is what a workload needs and what it costs: the output of New. It is plain data, and encoding/json keeps it.
type Plan struct {
	Name     string
	Prices   PriceSheet
	Patterns []PatternPlan // in the workload's order
	Arms     []ArmPlan     // the table first, then the indexes in the workload's order
	Entities []EntityPlan  // in the workload's order

	Storage float64    // bytes stored, overheads included
	Bills   []Bill     // what each way to pay costs a month
	Best    string     // the name of the cheapest bill
	Compare Comparison // provisioned against on-demand

	HotKeys []*HotKeys `json:",omitempty"` // of the entities and indexes with a key distribution
	Advice  []string   `json:",omitempty"` // what the figures suggest
	Missing []string   `json:",omitempty"` // what the workload does not say, and what was taken for it
}

// PatternPlan is what one access pattern contributes.
type PatternPlan struct {
	Name          string
	Operation     Operation
	Each          monotable.Capacity // units of one operation
	Average, Peak monotable.Units    // units a second, over table and indexes
	Monthly       map[string]float64 // what it contributes to each bill, by the bill's name
	Share         float64            // of the reads and writes of the cheapest bill, 0 to 1
}

// ArmPlan is what the table or one index needs and contributes. A local index's units are the table's: it has no
// throughput of its own, and what it contributes to provisioned bills is its share of the table's.
type ArmPlan struct {
	Index          string // "" for the table
	Local          bool   `json:",omitempty"`
	Average, Peak  monotable.Units
	Read, Write    AutoScaling        // of a local index zero: it is in the table's
	Items, Storage float64            // items or entries, and their bytes with overheads
	Monthly        map[string]float64 // what it contributes to each bill, by the bill's name, before a free tier
	Share          float64            // of the cheapest bill, 0 to 1
}

// AutoScaling are the bounds of provisioned capacity, in units: what the quiet hours need and what the peak needs at
// the target utilisation.
type AutoScaling struct {
	Min, Max float64
	Target   float64
}

// EntityPlan is what one entity type stores, with its entries in indexes.
type EntityPlan struct {
	Name    string
	Items   float64
	Bytes   float64            // of the items, with overheads
	Entries float64            // bytes of index entries, with overheads
	Monthly map[string]float64 // storage, by the bill's name
}

// New plans a workload at the prices of a sheet. The error names everything that is wrong with either. Nothing is sent.
func New(w Workload, sheet *PriceSheet) (*Plan, error) {
	if sheet == nil {
		return nil, errors.New("plan: New: the price sheet is nil: Prices has one")
	}
	if err := sheet.Validate(); err != nil {
		return nil, fmt.Errorf("plan: New: %w", err)
	}
	p, err := newPricing(w)
	if err != nil {
		return nil, fmt.Errorf("plan: New: %w", err)
	}
	p.defaults(sheet)
	out := &Plan{Name: w.Name, Prices: *sheet}
	loads := p.loads(out)
	p.store(out)
	draws := p.draws(loads)
	p.bounds(out, draws)
	p.bill(out, loads, draws, sheet)
	if err := p.hotKeys(out); err != nil {
		return nil, fmt.Errorf("plan: New: %w", err)
	}
	p.advise(out)
	out.Missing = p.missing
	return out, nil
}

// defaults fills what the workload leaves open, and says so where a figure depends on it.
func (p *pricing) defaults(sheet *PriceSheet) {
	if p.Target == 0 {
		p.Target = 0.7
	}
	peaks := false
	for i := range p.Patterns {
		a := p.Patterns[i] // a copy: the caller's workload stays as it is
		peaks = peaks || a.Peak > a.Average
		if a.Peak == 0 && a.Average > 0 {
			p.missing = append(p.missing, fmt.Sprintf("the peak rate of pattern %q: taken as its average", a.Name))
		}
	}
	if p.PeakHours == 0 {
		p.PeakHours = 1
		if peaks {
			p.missing = append(p.missing,
				"how many hours of a day the peak lasts: taken as one, and as less for patterns whose averages do "+
					"not reach that far")
		}
	}
	if p.Reserved != (Reserved{}) && sheet.Reserved == nil {
		p.missing = append(p.missing,
			"prices of reserved capacity: the price sheet has none, so that there is no bill with it")
	}
	if p.FreeTier && sheet.FreeTier == nil {
		p.missing = append(p.missing, "the free tier: the price sheet has none, so that nothing is taken off")
	}
	for i := range p.Entities {
		if p.Entities[i].Count == 0 {
			p.missing = append(p.missing,
				fmt.Sprintf("how many items of entity %q there are: taken as none in storage and scans",
					p.Entities[i].Name))
		}
	}
	if len(p.Entities) == 0 {
		p.missing = append(p.missing, "entities: there is no storage in it")
	}
	if len(p.Patterns) == 0 {
		p.missing = append(p.missing, "access patterns: there are no reads and writes in it")
	}
}

// load is what one pattern asks of each arm a second: on average, at the peak and in the quiet hours.
type load struct{ average, peak, low arms }

// loads works out the patterns, and sums them over the arms.
func (p *pricing) loads(out *Plan) []load {
	out.Arms = make([]ArmPlan, 1+len(p.Indexes))
	for i, x := range p.Indexes {
		out.Arms[1+i].Index, out.Arms[1+i].Local = x.Name, x.Local
	}
	out.Patterns = make([]PatternPlan, len(p.Patterns))
	loads := make([]load, len(p.Patterns))
	for i := range p.Patterns {
		a := &p.Patterns[i]
		peak := max(a.Peak, a.Average)
		low := a.Average
		if p.PeakHours < 24 {
			low = max(0, (24*a.Average-p.PeakHours*peak)/(24-p.PeakHours))
		}
		each := p.each(a)
		loads[i] = load{each.times(a.Average), each.times(peak), each.times(low)}
		out.Patterns[i] = PatternPlan{Name: a.Name, Operation: a.Operation, Each: p.capacity(each),
			Average: loads[i].average.sum(), Peak: loads[i].peak.sum()}
		for j := range out.Arms {
			out.Arms[j].Average = plus(out.Arms[j].Average, loads[i].average[j])
			out.Arms[j].Peak = plus(out.Arms[j].Peak, loads[i].peak[j])
		}
	}
	return loads
}

func (a arms) times(n float64) arms {
	product := make(arms, len(a))
	for i, u := range a {
		product[i] = monotable.Units{Read: n * u.Read, Write: n * u.Write}
	}
	return product
}

func (a arms) sum() (total monotable.Units) {
	for _, u := range a {
		total = plus(total, u)
	}
	return total
}

func plus(a, b monotable.Units) monotable.Units {
	return monotable.Units{Read: a.Read + b.Read, Write: a.Write + b.Write}
}

// store works out the bytes of items and entries.
func (p *pricing) store(out *Plan) {
	out.Entities = make([]EntityPlan, len(p.Entities))
	for i := range p.Entities {
		e := &p.Entities[i]
		x := EntityPlan{Name: e.Name, Items: e.Count, Bytes: e.Count * (e.Sizes.Mean() + storageOverhead)}
		out.Arms[0].Items += e.Count
		out.Arms[0].Storage += x.Bytes
		for _, entry := range e.Entries {
			n := e.Count * entry.share()
			bytes := n * (entry.Sizes.Mean() + storageOverhead)
			arm := &out.Arms[p.places[entry.Index]]
			arm.Items += n
			arm.Storage += bytes
			x.Entries += bytes
		}
		out.Entities[i] = x
		out.Storage += x.Bytes + x.Entries
	}
}

// draws sums what the patterns draw from each throughput: the table's, in which the local indexes are, and each global
// index's. By place of the arm; nothing for a local index.
func (p *pricing) draws(loads []load) []draw {
	draws := make([]draw, 1+len(p.Indexes))
	for i := range loads {
		for place := range draws {
			d := &draws[p.throughput(place)]
			d.average = plus(d.average, loads[i].average[place])
			d.peak = plus(d.peak, loads[i].peak[place])
			d.low = plus(d.low, loads[i].low[place])
		}
	}
	return draws
}

// draw is what is asked of one throughput a second: on average, at the peak and in the quiet hours.
type draw struct{ average, peak, low monotable.Units }

// throughput is the place of the arm whose throughput an arm draws on: a local index has the table's.
func (p *pricing) throughput(place int) int {
	if place > 0 && p.Indexes[place-1].Local {
		return 0
	}
	return place
}

// bounds works out auto scaling.
func (p *pricing) bounds(out *Plan, draws []draw) {
	for i, d := range draws {
		if p.throughput(i) == i {
			out.Arms[i].Read = AutoScaling{p.provision(d.low.Read), p.provision(d.peak.Read), p.Target}
			out.Arms[i].Write = AutoScaling{p.provision(d.low.Write), p.provision(d.peak.Write), p.Target}
		}
	}
}

// provision is the capacity units for a load at the target utilisation: whole ones, and at least one.
func (p *pricing) provision(load float64) float64 {
	return max(1, math.Ceil(load/p.Target-1e-9))
}
