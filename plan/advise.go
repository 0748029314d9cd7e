package plan

import (
	"fmt"
	"slices"

	"github.com/monotable/monotable"
)

// hotKeys looks for them in the key spaces whose distributions are known.
func (p *pricing) hotKeys(out *Plan) error {
	local := slices.ContainsFunc(p.Indexes, func(x Index) bool { return x.Local })
	done := map[string]bool{}
	for i := range p.Entities {
		e := &p.Entities[i]
		collection := e.collection()
		if e.Keys == nil || done[collection] {
			continue
		}
		done[collection] = true
		t := Traffic{Name: "table, " + collection, Keys: *e.Keys, LocalIndexes: local, Seed: p.Seed}
		in := func(entity string) bool {
			other := p.entities[entity]
			return other != nil && other.collection() == collection
		}
		for _, other := range p.Entities {
			t.RisingSort = t.RisingSort || in(other.Name) && other.RisingSort
		}
		t.receive(p.Patterns, func(a *AccessPattern) (monotable.Units, float64) { return p.onCollection(a, in) })
		if err := out.addHotKeys(t); err != nil {
			return err
		}
	}
	for i := range p.Indexes {
		if x := &p.Indexes[i]; x.Keys != nil {
			t := Traffic{Name: "index " + x.Name, Keys: *x.Keys, LocalIndexes: x.Local, RisingSort: x.RisingSort,
				Seed: p.Seed}
			t.receive(p.Patterns, func(a *AccessPattern) (monotable.Units, float64) { return p.each(a)[1+i], 1 })
			if err := out.addHotKeys(t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (out *Plan) addHotKeys(t Traffic) error {
	if t.Reads+t.Writes == 0 {
		return nil
	}
	h, err := t.HotKeys()
	if err == nil {
		out.HotKeys = append(out.HotKeys, h)
	}
	return err
}

// receive sums what patterns ask of the key space at their peaks: units of one operation, in so many requests for
// single keys. A Scan goes over all keys alike and makes none of them hot.
func (t *Traffic) receive(patterns []AccessPattern, of func(*AccessPattern) (each monotable.Units, requests float64)) {
	var reads, writes float64 // requests a second
	for i := range patterns {
		a := &patterns[i]
		if a.Operation == Scan {
			continue
		}
		each, requests := of(a)
		rate := max(a.Peak, a.Average)
		t.Reads += rate * each.Read
		t.Writes += rate * each.Write
		if each.Read > 0 {
			reads += rate * requests
		}
		if each.Write > 0 {
			writes += rate * requests
		}
	}
	t.ReadUnits, t.WriteUnits = share(t.Reads, reads), share(t.Writes, writes)
}

// onCollection is what one operation of a pattern asks of the table for the keys of some entities, in so many single
// requests.
func (p *pricing) onCollection(a *AccessPattern, in func(entity string) bool) (monotable.Units, float64) {
	if in(a.Entity) {
		if a.Operation == BatchGetItem || a.Operation == TransactGetItems {
			return p.each(a)[0], max(1, a.Items)
		}
		return p.each(a)[0], 1
	}
	part := *a
	part.Actions = nil
	n := 0.0
	for _, action := range a.Actions {
		if in(action.Entity) {
			part.Actions = append(part.Actions, action)
			n += action.items()
		}
	}
	if n == 0 || a.Units != nil {
		return monotable.Units{}, 1
	}
	return p.each(&part)[0], n
}

// tableQuota is the read and the write units that one table may have a second unless AWS raises it (DynamoDB guide,
// "Quotas in Amazon DynamoDB").
const tableQuota = 40_000

// advise says what the figures suggest.
func (p *pricing) advise(out *Plan) {
	say := func(format string, args ...any) { out.Advice = append(out.Advice, fmt.Sprintf(format, args...)) }
	for i := range out.Arms[1:] {
		arm := &out.Arms[1+i]
		switch {
		case arm.Average.Read == 0 && arm.Average.Write == 0 && arm.Items == 0:
			say("Index %s holds nothing and no pattern uses it: leave it out.", arm.Index)
		case arm.Average.Read == 0:
			say("No pattern reads index %s, which is %s of the cheapest bill.", arm.Index, percentText(arm.Share))
		}
	}
	for i := range out.Patterns {
		x := &out.Patterns[i]
		if x.Operation == Scan && x.Share > 0.1 {
			say("Pattern %s scans, and is %s of the reads and writes of the cheapest bill: an index with just the "+
				"items it is after would read less.", x.Name, percentText(x.Share))
		}
	}
	for i, arm := range out.Arms {
		if most := max(arm.Peak.Read, arm.Peak.Write); most > tableQuota && p.throughput(i) == i {
			say("The %s peaks at %s units a second, beyond the %s that a table has unless AWS raises its quota.",
				arm.name(), numberText(most), numberText(tableQuota))
		}
	}
	for _, h := range out.HotKeys {
		if h.Over > 0 {
			say("Hot keys in %s: %s above what a partition can do.", h.Name, countText(h.Over, "key is", "keys are"))
		}
	}
	if best, ok := out.bill(out.Best); ok && best.Class == StandardInfrequentAccess {
		say("Storage weighs more than requests here: the Standard-IA table class is cheaper. It has no reserved " +
			"capacity, and a table's class can be changed twice in 30 days.")
	}
}

func (out *Plan) bill(name string) (*Bill, bool) {
	i := slices.IndexFunc(out.Bills, func(b Bill) bool { return b.Name == name })
	if i < 0 {
		return nil, false
	}
	return &out.Bills[i], true
}

// name is what reports call the table or an index.
func (a *ArmPlan) name() string {
	switch {
	case a.Index == "":
		return "table"
	case a.Local:
		return a.Index + " (local)"
	}
	return a.Index
}
