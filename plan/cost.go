package plan

import (
	"fmt"
	"math"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/size"
)

// readBlock is the bytes that a read unit buys (DynamoDB developer guide, "DynamoDB reads and writes").
const readBlock = 4096

// pricing is a checked workload on the way to its plan: places of entities and indexes by name.
type pricing struct {
	Workload
	entities map[string]*Entity
	places   map[string]int // of an index among the arms; the table is 0
	missing  []string
}

// arms are the units of one operation: of the table, and then of each index.
type arms []monotable.Units

// each is what one operation of a pattern is charged, on average over its sizes and shares.
func (p *pricing) each(a *AccessPattern) arms {
	units := make(arms, 1+len(p.Indexes))
	if a.Units != nil {
		units[0] = a.Units.Table
		for name, u := range a.Units.Indexes {
			units[p.places[name]] = u
		}
		return units
	}
	items := a.Items
	if items == 0 {
		items = 1
	}
	switch a.Operation {
	case Query:
		p.walk(units, a, items)
	case Scan:
		p.scan(units, a)
	case GetItem, BatchGetItem, TransactGetItems:
		if a.Operation == GetItem {
			items = 1
		}
		for _, action := range a.actions(GetItem, items) {
			units[0].Read += action.items() * p.getUnits(a, &action)
		}
	default:
		for _, action := range a.actions(a.Operation, 1) {
			p.write(units, a, &action)
		}
	}
	return units
}

// actions are the parts of a pattern: its own, or itself as so many equal ones.
func (a *AccessPattern) actions(operation Operation, items float64) []Action {
	if len(a.Actions) > 0 {
		return a.Actions
	}
	return []Action{{Operation: operation, Entity: a.Entity, Items: items, Was: a.Was, Effects: a.Effects,
		Missing: a.Missing}}
}

func (a *Action) items() float64 {
	if a.Items == 0 {
		return 1
	}
	return a.Items
}

// getUnits is one read by key. A miss is charged as 4 KB.
func (p *pricing) getUnits(a *AccessPattern, action *Action) float64 {
	rule := func(bytes int) float64 { return size.ReadUnits(bytes, a.Consistent) }
	if a.Operation == TransactGetItems {
		rule = size.TransactReadUnits
	}
	hit := p.entities[action.Entity].Sizes.expect(rule)
	return (1-action.Missing)*hit + action.Missing*rule(0)
}

// write adds what one write, by itself or in a batch or a transaction, is charged on the table and the indexes.
func (p *pricing) write(units arms, a *AccessPattern, action *Action) {
	is := p.entities[action.Entity]
	was := is
	if action.Was != "" {
		was = p.entities[action.Was]
	}
	transact := a.Operation == TransactWriteItems
	rule := size.WriteUnits
	if transact {
		rule = size.TransactWriteUnits
	}
	n := action.items()
	var table float64
	if was == is {
		table = is.Sizes.expect(rule)
	} else {
		table = expectBoth(was.Sizes, is.Sizes, func(was, is int) float64 { return rule(max(was, is)) })
	}
	if action.Operation == DeleteItem || action.Operation == ConditionCheck {
		table = (1-action.Missing)*was.Sizes.expect(rule) + action.Missing*rule(0)
	}
	units[0].Write += n * table
	if action.Operation == ConditionCheck {
		return
	}
	done := n * (1 - a.Failing)
	if action.Operation == DeleteItem {
		done *= 1 - action.Missing
	}
	for i, index := range p.Indexes {
		before, after := entryOf(was, index.Name), entryOf(is, index.Name)
		effect, said := action.Effects[index.Name]
		share := 1.0
		if !said {
			effect, share = defaultEffect(action, before, after)
		}
		units[1+i].Write += done * share * effect.units(before, after)
	}
}

// defaultEffect is what a write does to the entries of an index that its pattern does not speak of, and the share of
// the writes that do: those of items that are in the index.
func defaultEffect(action *Action, before, after *Entry) (Effect, float64) {
	switch {
	case before == nil && after == nil:
		return Leaves, 0
	case action.Operation == DeleteItem || after == nil:
		return Removes, before.share()
	case action.Operation == PutItem && action.Was == "" || before == nil:
		return Adds, after.share()
	}
	return Rewrites, max(before.share(), after.share())
}

// units is what an index is charged for one write that has this effect.
func (e Effect) units(before, after *Entry) float64 {
	switch e {
	case Adds:
		return after.Sizes.expect(size.WriteUnits)
	case Removes:
		return before.Sizes.expect(size.WriteUnits)
	case Moves:
		return before.Sizes.expect(size.WriteUnits) + after.Sizes.expect(size.WriteUnits)
	case Rewrites:
		if before == after {
			return after.Sizes.expect(size.WriteUnits)
		}
		return expectBoth(before.Sizes, after.Sizes, func(was, is int) float64 { return size.WriteUnits(max(was, is)) })
	}
	return 0
}

func entryOf(e *Entity, index string) *Entry {
	for i := range e.Entries {
		if e.Entries[i].Index == index {
			return &e.Entries[i]
		}
	}
	return nil
}

// walk adds what one Query is charged: the bytes of each page are rounded together. A local index that fetches reads
// each item besides.
func (p *pricing) walk(units arms, a *AccessPattern, items float64) {
	place := p.places[a.Index]
	found := p.pages(p.read(a.Entity, a.Index), items, a.Consistent)
	if a.Fetches {
		whole := func(bytes int) float64 { return size.ReadUnits(bytes, a.Consistent) }
		units[0].Read += (1 - a.Missing) * items * p.entities[a.Entity].Sizes.expect(whole)
	}
	units[place].Read += (1-a.Missing)*found + a.Missing*size.ReadUnits(0, a.Consistent)
}

// scan adds what a Scan of all that there is, or of so many items of it, is charged. Each segment rounds by itself.
func (p *pricing) scan(units arms, a *AccessPattern) {
	segments := float64(max(1, a.Segments))
	sizes, items := p.stored(a.Index)
	if a.Items > 0 {
		items = a.Items
	}
	units[p.places[a.Index]].Read += segments * p.pages(sizes, items/segments, a.Consistent)
}

// pages is the read units of the pages that hold so many items. Where all have one size it is exact. Otherwise each
// page's bytes are the average ones, and end half a block further on, since where in a 4 KB block a page ends is
// chance.
func (p *pricing) pages(sizes Sizes, items float64, consistent bool) float64 {
	if len(sizes) == 0 || items == 0 {
		return size.ReadUnits(0, consistent)
	}
	mean := sizes.Mean()
	full := math.Ceil(size.MaxPage / mean) // items on a page
	pages := math.Floor(items / full)
	rest := items - pages*full
	each := 1.0
	if !consistent {
		each = 0.5
	}
	least, most := float64(sizes.min()), float64(sizes.max())
	units := func(items float64) float64 {
		blocks := math.Ceil(items * mean / readBlock)
		if least != most {
			blocks = items*mean/readBlock + 0.5
			blocks = min(max(blocks, math.Ceil(items*least/readBlock)), math.Ceil(items*most/readBlock))
		}
		return each * max(1, blocks)
	}
	return pages*units(full) + units(rest) // the last is empty where the one before was just full
}

// read is the sizes of an entity's items, or of its entries in an index.
func (p *pricing) read(entity, index string) Sizes {
	e := p.entities[entity]
	if index == "" {
		return e.Sizes
	}
	return entryOf(e, index).Sizes
}

// stored is what the table or an index holds: how many items or entries, of which sizes.
func (p *pricing) stored(index string) (all Sizes, count float64) {
	for i := range p.Entities {
		e := &p.Entities[i]
		sizes, n := e.Sizes, e.Count
		if index != "" {
			entry := entryOf(e, index)
			if entry == nil {
				continue
			}
			sizes, n = entry.Sizes, n*entry.share()
		}
		for _, s := range sizes {
			all = append(all, SizeShare{s.Bytes, s.Share * n})
		}
		count += n
	}
	for i := range all {
		all[i].Share /= max(count, 1)
	}
	return all, count
}

// EachOf is what one operation of a pattern is charged in a workload, on the table and on each index, on average over
// its sizes and shares: DynamoDB's units by its guide's rules ("DynamoDB read and write operations"). It reports
// everything that is wrong with either. Nothing is sent.
func EachOf(w Workload, pattern AccessPattern) (monotable.Capacity, error) {
	w.Patterns = []AccessPattern{pattern}
	p, err := newPricing(w)
	if err != nil {
		return monotable.Capacity{}, fmt.Errorf("plan: EachOf: %w", err)
	}
	return p.capacity(p.each(&p.Patterns[0])), nil
}

// capacity is units by name.
func (p *pricing) capacity(units arms) monotable.Capacity {
	c := monotable.Capacity{Table: units[0], Units: units[0], Modelled: true}
	for i, u := range units[1:] {
		if u == (monotable.Units{}) {
			continue
		}
		if c.Indexes == nil {
			c.Indexes = map[string]monotable.Units{}
		}
		c.Indexes[p.Indexes[i].Name] = u
		c.Read += u.Read
		c.Write += u.Write
	}
	return c
}
