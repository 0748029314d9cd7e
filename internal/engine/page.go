package engine

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
)

// collected is what was found under the lock.
type collected struct {
	items []packed.Item
	last  map[string]types.AttributeValue
	units capacity
}

// collect gathers one page of a range. It is called under the table's lock; x is nil for the table itself.
func (r *pageRequest) collect(t *table, x *index, at location) collected {
	within, after := at.within, at.after
	from := &t.items
	if x != nil {
		from = &x.entries
	}
	var items []packed.Item
	bytes := 0
	full := false
	last := ""
	visit := func(e *btree.Entry) bool {
		items = append(items, e.Item)
		last = e.Key
		bytes += e.Item.Size()
		full = bytes >= size.MaxPage || len(items) == r.limit
		return !full
	}
	if r.backward {
		if after != "" {
			within.Hi = after
		}
		from.Descend(within.Hi, func(e *btree.Entry) bool { return e.Key >= within.Lo && visit(e) })
	} else {
		if after != "" {
			within.Lo = after + "\x00"
		}
		from.Ascend(within.Lo, func(e *btree.Entry) bool { return (within.Hi == "" || e.Key < within.Hi) && visit(e) })
	}
	page := collected{items: items, units: capacity{table: r.table, items: len(items)}}
	if full && last != at.end {
		page.last = lastKey(t, x, items[len(items)-1])
	}
	units := size.ReadUnits(bytes, r.consistent)
	if x == nil {
		page.units.read = units
		return page
	}
	page.units.index(x).read = units
	if r.fetches(x) {
		for i, item := range items {
			key, _ := t.encodeKey(item)
			items[i], _ = t.items.Get(key)
			page.units.read += size.ReadUnits(items[i].Size(), r.consistent)
		}
	}
	return page
}

// fetches says whether a local index lacks what the request asks for, so that the table is read for each entry.
func (r *pageRequest) fetches(x *index) bool {
	if !x.local || x.projected == nil || r.choice == types.SelectCount {
		return false
	}
	if r.choice == types.SelectAllAttributes {
		return true
	}
	if r.part != nil {
		for _, name := range r.part.names {
			if !x.projects(name) {
				return true
			}
		}
	}
	return false
}

// lastKey gives the LastEvaluatedKey of an item: the table's key, and the index's.
func lastKey(t *table, x *index, item packed.Item) map[string]types.AttributeValue {
	return item.Project(func(name string) bool {
		return t.keys.Has(name) || x != nil && x.keys.Has(name)
	}).Map()
}

// finish filters what was collected and counts it.
func (r *pageRequest) finish(page collected) (*pageResult, error) {
	result := &pageResult{items: page.items, scanned: len(page.items), last: page.last, capacity: page.units}
	if r.filter != nil {
		kept := page.items[:0]
		for _, item := range page.items {
			met, err := r.filter.Eval(item)
			if err != nil {
				return nil, refusal.AsInvalid(err)
			}
			if met {
				kept = append(kept, item)
			}
		}
		result.items = kept
	}
	result.count = len(result.items)
	if r.choice == types.SelectCount {
		result.items = nil
	}
	return result, nil
}

// decoded makes the answer's Items: none for a count, otherwise at least an empty list.
func (p *pageResult) decoded(r *pageRequest) []map[string]types.AttributeValue {
	if r.choice == types.SelectCount {
		return nil
	}
	if r.part == nil || r.part.nested == nil {
		return packed.DecodeAll(p.packed(r))
	}
	items := make([]map[string]types.AttributeValue, len(p.items))
	for i, item := range p.items {
		items[i] = r.part.decoded(item)
	}
	return items
}

// packed projects the answer's items.
func (p *pageResult) packed(r *pageRequest) []packed.Item {
	if r.part != nil {
		for i, item := range p.items {
			p.items[i] = r.part.packed(item)
		}
	}
	return p.items
}
