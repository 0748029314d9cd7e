package plan

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/size"
)

// Bounds of what a workload may say. What lies outside is taken for a slip.
const (
	maxRate  = 1e9  // operations a second
	maxUnits = 1e15 // units a second
	maxCount = 1e15 // items
	maxItems = 1e12 // items that one operation evaluates
)

// newPricing checks a workload and finds its places. The error names everything that is wrong.
func newPricing(w Workload) (*pricing, error) {
	p := &pricing{Workload: w, entities: make(map[string]*Entity, len(w.Entities)),
		places: make(map[string]int, len(w.Indexes)+1)}
	var c checks
	c.within("PeakHours", w.PeakHours, 0, 24)
	if w.Target != 0 {
		c.within("Target", w.Target, 0.2, 0.9)
	}
	c.within("Reserved.Read", w.Reserved.Read, 0, maxRate)
	c.within("Reserved.Write", w.Reserved.Write, 0, maxRate)
	p.places[""] = 0
	for i, x := range w.Indexes {
		c.at("index %q", x.Name)
		c.ok(x.Name != "", "has no name")
		_, twice := p.places[x.Name]
		c.ok(x.Name == "" || !twice, "is there twice")
		p.places[x.Name] = 1 + i
		c.keys(x.Keys)
	}
	for i := range w.Entities {
		e := &w.Entities[i]
		c.at("entity %q", e.Name)
		c.ok(e.Name != "", "has no name")
		c.ok(p.entities[e.Name] == nil, "is there twice")
		p.entities[e.Name] = e
		c.within("Count", e.Count, 0, maxCount)
		c.sizes(e.Sizes)
		c.keys(e.Keys)
		seen := map[string]bool{}
		for _, entry := range e.Entries {
			c.at("entity %q, its entry in index %q", e.Name, entry.Index)
			_, known := p.places[entry.Index]
			c.ok(known && entry.Index != "", "is of no Index of the workload")
			c.ok(!seen[entry.Index], "is there twice")
			seen[entry.Index] = true
			c.within("Share", entry.Share, 0, 1)
			c.sizes(entry.Sizes)
		}
	}
	names := map[string]bool{}
	for i := range w.Patterns {
		a := &w.Patterns[i]
		c.at("pattern %q", a.Name)
		c.ok(a.Name != "", "has no name")
		c.ok(!names[a.Name], "is there twice")
		names[a.Name] = true
		p.checkRates(&c, a)
		p.checkPattern(&c, a)
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	return p, nil
}

// checks gathers what is wrong, each with its place.
type checks struct {
	place string
	errs  []error
}

func (c *checks) at(format string, args ...any) { c.place = fmt.Sprintf(format, args...) + " " }

func (c *checks) ok(ok bool, format string, args ...any) {
	if !ok {
		c.errs = append(c.errs, errors.New(c.place+fmt.Sprintf(format, args...)))
	}
}

// within refuses what is not a number between two.
func (c *checks) within(what string, v, least, most float64) {
	if !(v >= least && v <= most) {
		c.errs = append(c.errs, fmt.Errorf("%shas %s %v: it is %v to %v", c.place, what, v, least, most))
	}
}

func (c *checks) sizes(s Sizes) {
	if wrong := s.check(); wrong != "" {
		c.ok(false, "%s", wrong)
	}
}

func (c *checks) keys(k *KeyDistribution) {
	if k == nil {
		return
	}
	if err := k.check(); err != nil {
		c.ok(false, "has Keys: %v", err)
	}
}

func (p *pricing) checkRates(c *checks, a *AccessPattern) {
	c.within("Average", a.Average, 0, maxRate)
	c.within("Peak", a.Peak, 0, maxRate)
	c.ok(!(a.Peak != 0 && a.Peak < a.Average), "has a Peak of %v, less than its Average of %v", a.Peak, a.Average)
	if h := p.PeakHours; h > 0 && h <= 24 && a.Peak > 0 {
		c.ok(!(a.Peak*h > a.Average*24*(1+1e-9)),
			"has an Average of %v, less than %v hours of its Peak of %v make of a day", a.Average, h, a.Peak)
	}
}

var operations = []Operation{GetItem, Query, Scan, PutItem, UpdateItem, DeleteItem, BatchGetItem, BatchWriteItem,
	TransactGetItems, TransactWriteItems}

func (p *pricing) checkPattern(c *checks, a *AccessPattern) {
	if !slices.Contains(operations, a.Operation) {
		c.ok(false, "has Operation %q: it is none of %v", a.Operation, operations)
		return
	}
	if a.Units != nil {
		p.checkUnits(c, a.Units)
		return
	}
	read := slices.Contains([]Operation{GetItem, Query, Scan, BatchGetItem, TransactGetItems}, a.Operation)
	walk := a.Operation == Query || a.Operation == Scan
	several := slices.Contains([]Operation{BatchGetItem, BatchWriteItem, TransactGetItems, TransactWriteItems},
		a.Operation)
	c.within("Items", a.Items, 0, maxItems)
	c.within("Missing", a.Missing, 0, 1)
	c.within("Failing", a.Failing, 0, 1)
	c.within("Segments", float64(a.Segments), 0, size.MaxSegments)
	c.ok(walk || a.Index == "", "has an Index: only Query and Scan read one")
	c.ok(walk || several || a.Items == 0 || a.Items == 1, "has Items: %s is of one", a.Operation)
	c.ok(a.Operation == Scan || a.Segments == 0, "has Segments: only Scan takes them")
	c.ok(read && a.Operation != TransactGetItems || !a.Consistent, "has Consistent: %s does not take it", a.Operation)
	c.ok(a.Operation == Query || !a.Fetches, "has Fetches: only a Query of a local index takes it")
	c.ok(a.Failing == 0 || !read && a.Operation != BatchWriteItem, "has Failing: %s has no condition", a.Operation)
	c.ok(several || len(a.Actions) == 0, "has Actions: only batches and transactions take them")
	if place, known := p.places[a.Index]; !known {
		c.ok(false, "reads index %q, which is no Index of the workload", a.Index)
	} else if place > 0 && walk {
		local := p.Indexes[place-1].Local
		c.ok(local || !a.Consistent, "has Consistent: a global index has no consistent reads")
		c.ok(local || !a.Fetches, "has Fetches: a global index never does")
	} else {
		c.ok(!a.Fetches, "has Fetches, and no Index")
	}
	switch {
	case a.Operation == Scan:
		if a.Entity != "" {
			p.entity(c, "", a.Entity)
		}
		c.ok(a.Items > 0 || len(p.Entities) > 0, "scans a workload without entities, and says no Items")
	case a.Operation == Query:
		if e := p.entity(c, "", a.Entity); e != nil && a.Index != "" {
			c.ok(entryOf(e, a.Index) != nil, "reads entity %q from index %q, where it has no Entry", a.Entity, a.Index)
		}
	case several && len(a.Actions) > 0:
		c.ok(a.Entity == "" && a.Items == 0 && a.Was == "" && len(a.Effects) == 0 &&
			a.Missing == 0, "has Actions and besides Entity, Items, Was, Effects or Missing of its own")
		p.checkActions(c, a)
	case a.Operation == BatchWriteItem || a.Operation == TransactWriteItems:
		c.ok(false, "has no Actions: %s is made of them", a.Operation)
	default:
		p.checkAction(c, "", a, &a.actions(a.Operation, a.Items)[0])
	}
	bound, most := map[Operation]float64{BatchGetItem: size.MaxBatchGet, BatchWriteItem: size.MaxBatchWrite,
		TransactGetItems: size.MaxTransaction, TransactWriteItems: size.MaxTransaction}[a.Operation], 0.0
	for _, action := range a.actions(a.Operation, a.Items) {
		most += action.items()
	}
	c.ok(!several || !(most > bound), "has %v items in one request: %s takes %v", most, a.Operation, bound)
}

func (p *pricing) checkActions(c *checks, a *AccessPattern) {
	takes := map[Operation][]Operation{
		BatchGetItem: {GetItem}, TransactGetItems: {GetItem}, BatchWriteItem: {PutItem, DeleteItem},
		TransactWriteItems: {PutItem, UpdateItem, DeleteItem, ConditionCheck},
	}[a.Operation]
	for i := range a.Actions {
		action := &a.Actions[i]
		where := fmt.Sprintf("action %d: ", i+1)
		c.ok(slices.Contains(takes, action.Operation), "%shas Operation %q: %s takes %v", where, action.Operation,
			a.Operation, takes)
		c.within(where+"Items", action.Items, 0, maxItems)
		p.checkAction(c, where, a, action)
	}
}

// checkAction checks one write, or one read by key.
func (p *pricing) checkAction(c *checks, where string, a *AccessPattern, action *Action) {
	is := p.entity(c, where, action.Entity)
	was := is
	c.within(where+"Missing", action.Missing, 0, 1)
	if action.Was != "" {
		was = p.entity(c, where, action.Was)
		c.ok(action.Operation == PutItem || action.Operation == UpdateItem, "%shas Was: %s does not take it", where,
			action.Operation)
	}
	writes := action.Operation == PutItem || action.Operation == UpdateItem
	c.ok(!writes || action.Missing == 0, "%shas Missing: %s makes the item", where, action.Operation)
	c.ok(writes || action.Operation == DeleteItem ||
		len(action.Effects) == 0, "%shas Effects: %s has none", where, action.Operation)
	if is == nil || was == nil {
		return
	}
	for name, effect := range action.Effects {
		if place := p.places[name]; place == 0 {
			c.ok(false, "%shas an effect on index %q, which is no Index of the workload", where, name)
			continue
		}
		before, after := entryOf(was, name) != nil, entryOf(is, name) != nil
		switch effect {
		case Leaves:
		case Adds:
			c.ok(after, "%sadds to index %q, where entity %q has no Entry", where, name, is.Name)
		case Removes:
			c.ok(before, "%sremoves from index %q, where entity %q has no Entry", where, name, was.Name)
		case Rewrites, Moves:
			c.ok(before && after, "%s%s in index %q, where its entity has no Entry", where, effect, name)
		default:
			c.ok(false, "%shas effect %q on index %q: it is none of %v", where, effect, name,
				[]Effect{Adds, Removes, Rewrites, Moves, Leaves})
		}
	}
	p.missingEffects(a, action, was, is)
}

// missingEffects notes what a pattern should say about the indexes and does not.
func (p *pricing) missingEffects(a *AccessPattern, action *Action, was, is *Entity) {
	if action.Operation != UpdateItem && (action.Operation != PutItem || action.Was == "") {
		return
	}
	for _, index := range p.Indexes {
		_, said := action.Effects[index.Name]
		if !said && entryOf(was, index.Name) != nil && entryOf(is, index.Name) != nil {
			p.missing = append(p.missing,
				fmt.Sprintf("what pattern %q does to entries of index %q: taken as a rewrite of each under its key",
					a.Name, index.Name))
		}
	}
}

func (p *pricing) entity(c *checks, where, name string) *Entity {
	e := p.entities[name]
	if name == "" {
		c.ok(false, "%shas no Entity", where)
	} else {
		c.ok(e != nil, "%sis of entity %q, which is no Entity of the workload", where, name)
	}
	return e
}

// checkUnits checks units that a pattern brings itself.
func (p *pricing) checkUnits(c *checks, u *monotable.Capacity) {
	sum := u.Table
	check := func(what string, x monotable.Units) {
		c.within(what+" reads", x.Read, 0, maxItems)
		c.within(what+" writes", x.Write, 0, maxItems)
	}
	check("Units with table", u.Table)
	for name, x := range u.Indexes {
		c.ok(p.places[name] > 0, "has Units of index %q, which is no Index of the workload", name)
		check(fmt.Sprintf("Units with index %q", name), x)
		sum.Read += x.Read
		sum.Write += x.Write
	}
	all := u.Units
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(1, math.Abs(a)) }
	c.ok(all == monotable.Units{} || near(all.Read, sum.Read) &&
		near(all.Write, sum.Write), "has Units whose table and indexes do not add up to their sum")
}
