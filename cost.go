package monotable

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/monotable/monotable/internal/estimate"
	"github.com/monotable/monotable/internal/read"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/size"
)

// Cost is what an operation will be charged, worked out without asking the service: units in all, on the table and on
// each index, and the charges that they are the sum of. Its text says which rule made which unit.
//
// What depends on chance is not in it: that the SDK sends a request again, or that a call reads and writes once more
// because somebody else was faster.
type Cost struct {
	Capacity
	// Charges are the parts of the sum, in the order of the requests; an index that a write leaves as it is has one of
	// no units.
	Charges []Charge
	// Missing says what the estimate leaves out, in words; nil for an estimate that is whole.
	Missing []string

	guards []guardCost // that operations of a transaction write
}

// Charge is one part of a Cost: the units that a rule makes of a size.
type Charge struct {
	Operation string // the request: "PutItem", "TransactWriteItems"
	Index     string // "" for the table
	Guard     string // the unique constraint whose guard is written; "" for the item itself
	Rule      string // in words
	Was, Is   int    // bytes of the item, the entry or the page, before a write and after; a read has Is alone
	Times     int    // how many like it there are
	Units     Units
}

// String names the charge's place, units, rule and sizes.
func (c Charge) String() string { return strings.Join(c.cells(), " ") }

// cells are the parts of a charge's text: place, units, reason.
func (c Charge) cells() []string {
	place := "table"
	if c.Index != "" {
		place = c.Index
	}
	why := c.Operation
	if c.Guard != "" {
		why += ", guard of " + c.Guard
	}
	if c.Times != 1 {
		why += ", " + size.Count(c.Times, "time")
	}
	return []string{place, c.Units.String(), why + ": " + c.sizes() + "; " + c.Rule}
}

func (c Charge) sizes() string {
	switch rule := estimate.RuleOf(c.Rule); {
	case rule <= estimate.ReadTransactional || rule == estimate.CheckInTransaction || rule == estimate.IndexEnters:
		if c.Is == 0 {
			return "nothing found"
		}
		return size.Count(c.Is, "byte")
	case rule == estimate.IndexLeaves:
		return size.Count(c.Was, "byte")
	case c.Was == 0 && c.Is == 0:
		return "no item"
	}
	return fmt.Sprintf("%s before and %s after", size.Count(c.Was, "byte"), size.Grouped(c.Is))
}

// String is the sum, then a line for each charge, and one for whatever is missing.
func (c Cost) String() string {
	var b strings.Builder
	b.WriteString(c.Units.String())
	var widths [2]int
	rows := make([][]string, len(c.Charges))
	for i, charge := range c.Charges {
		rows[i] = charge.cells()
		for j := range widths {
			widths[j] = max(widths[j], len(rows[i][j]))
		}
	}
	for _, row := range rows {
		fmt.Fprintf(&b, "\n  %-*s  %-*s  %s", widths[0], row[0], widths[1], row[1], row[2])
	}
	for _, missing := range c.Missing {
		b.WriteString("\n  missing: " + missing)
	}
	return b.String()
}

// Plus is the sum of costs, such as those of a transaction's operations. Costs that were made with Transactional and
// are added are those of one transaction: where one operation gives up a unique value that another takes, that is one
// write, not two. Add up each of several transactions, and then those sums with Times(1), which ends a transaction's.
func (c Cost) Plus(others ...Cost) Cost {
	sum := Cost{Capacity: c.Capacity, Charges: slices.Clone(c.Charges), Missing: slices.Clone(c.Missing),
		guards: slices.Clone(c.guards)}
	sum.Indexes = maps.Clone(c.Indexes)
	for _, o := range others {
		sum.Capacity.add(o.Capacity)
		sum.Charges = append(sum.Charges, o.Charges...)
		for _, missing := range o.Missing {
			if !slices.Contains(sum.Missing, missing) {
				sum.Missing = append(sum.Missing, missing)
			}
		}
		for _, g := range o.guards {
			sum.handOver(g)
		}
	}
	return sum
}

// Times is the cost of doing the same n times, as with the items of a PutMany that are of one size, each in a
// transaction of its own if in any. A negative n is an error, as is one that makes more than 2^40 of anything.
func (c Cost) Times(n int) (Cost, error) {
	if err := checkCountOf("Times", n); err != nil {
		return Cost{}, err
	}
	product := Cost{Capacity: Capacity{Modelled: c.Modelled}, Missing: slices.Clone(c.Missing)}
	for _, charge := range c.Charges {
		if n > 0 && int64(charge.Times) > maxCount/int64(n) {
			return Cost{}, fmt.Errorf("monotable: Times: %d times what is charged %d times is more than %d times", n,
				charge.Times, maxCount)
		}
		charge.Times *= n
		charge.Units = Units{charge.Units.Read * float64(n), charge.Units.Write * float64(n)}
		product.charge(charge)
	}
	return product, nil
}

// uncharge takes one charge out of the sum.
func (c *Cost) uncharge(x Charge) {
	i := slices.Index(c.Charges, x)
	if i < 0 {
		return
	}
	c.Charges = slices.Delete(c.Charges, i, i+1)
	less := Units{-x.Units.Read, -x.Units.Write}
	c.Units = c.Units.plus(less)
	if x.Index == "" {
		c.Table = c.Table.plus(less)
	} else if _, there := c.Indexes[x.Index]; there {
		if c.Indexes[x.Index] = c.Indexes[x.Index].plus(less); c.Indexes[x.Index] == (Units{}) {
			delete(c.Indexes, x.Index)
		}
	}
}

// take adds a charge as the estimate has it.
func (c *Cost) take(x *estimate.Charge) {
	units := Units{x.Read, x.Write}
	c.Charges = append(c.Charges, Charge{Operation: x.Operation, Index: x.Index, Guard: x.Guard, Rule: x.Rule.String(),
		Was: x.Was, Is: x.Is, Times: x.Times, Units: units})
	c.count(x.Index, units)
	c.Modelled = c.Modelled || x.Modelled
}

// charge adds one charge to the sum.
func (c *Cost) charge(x Charge) {
	c.Charges = append(c.Charges, x)
	c.count(x.Index, x.Units)
}

// count adds units of an index, or of the table for "".
func (c *Cost) count(index string, units Units) {
	c.Units = c.Units.plus(units)
	if index == "" {
		c.Table = c.Table.plus(units)
		return
	}
	if units == (Units{}) {
		return
	}
	if c.Indexes == nil {
		c.Indexes = map[string]Units{}
	}
	c.Indexes[index] = c.Indexes[index].plus(units)
}

// maxCount bounds how many items or times an estimate takes: beyond it sums of bytes and units are not exact.
const maxCount int64 = 1 << 40

func checkCountOf(what string, n int) error {
	if n < 0 || int64(n) > maxCount {
		return fmt.Errorf("monotable: %s must be 0 to %d, it is %d", what, maxCount, n)
	}
	return nil
}

// String is the units in words: "1 read unit, 2.5 write units".
func (u Units) String() string {
	switch {
	case u.Write == 0:
		if u.Read == 0 {
			return "0 units"
		}
		return unitText(u.Read, "read unit")
	case u.Read == 0:
		return unitText(u.Write, "write unit")
	}
	return unitText(u.Read, "read unit") + ", " + unitText(u.Write, "write unit")
}

func unitText(units float64, noun string) string {
	text := strconv.FormatFloat(units, 'f', -1, 64)
	if units == math.Trunc(units) && math.Abs(units) < float64(maxCount) {
		text = size.Grouped(int(units))
	}
	if units == 1 || units == 0.5 {
		return text + " " + noun
	}
	return text + " " + noun + "s"
}

// CostOption fits ReadCost and its like: Consistent.
type CostOption interface{ cost(*read.Settings) }

func costRule(options []CostOption) estimate.Rule {
	return estimate.ReadRule(readSettings(options, CostOption.cost).Consistent)
}

// addRead charges so many reads of one size each.
func (c *Cost) addRead(operation, index string, rule estimate.Rule, bytes, times int) {
	if times > 0 {
		read := estimate.Reads(operation, index, rule, bytes, times)
		c.take(&read)
	}
}

// ReadCost is what Get costs of an item of so many bytes, as Item.Size and Table.Size count them; 0 is an item that is
// not there. It is eventually consistent unless Consistent is given. A projection, a View, saves nothing. An error
// names a size that no item can have: less than 0, or more than 409,600 bytes.
func ReadCost(bytes int, options ...CostOption) (Cost, error) {
	var c Cost
	if err := checkItemBytes("ReadCost", bytes); err != nil {
		return c, err
	}
	c.addRead("GetItem", "", costRule(options), bytes, 1)
	return c, nil
}

// BatchReadCost is what GetMany and DB.BatchRead cost of keys whose items have so many bytes each; 0 is a key without
// an item, which is charged too. Each item is rounded by itself. A key given twice to GetMany counts once.
func BatchReadCost(bytes []int, options ...CostOption) (Cost, error) {
	return readCosts("BatchReadCost", "BatchGetItem", costRule(options), bytes)
}

// TransactReadCost is what DB.Read costs of items of so many bytes each, 0 for one that is not there: 1 to 100 of them.
// The same is charged, in place of writes, when a Write is sent once more under a Token that it took place under
// before.
func TransactReadCost(bytes []int) (Cost, error) {
	if len(bytes) == 0 || len(bytes) > size.MaxTransaction {
		return Cost{}, fmt.Errorf("monotable: TransactReadCost: a transaction has 1 to %d reads, this one %d",
			size.MaxTransaction, len(bytes))
	}
	return readCosts("TransactReadCost", "TransactGetItems", estimate.ReadTransactional, bytes)
}

func readCosts(function, operation string, rule estimate.Rule, bytes []int) (c Cost, err error) {
	for i, n := range bytes {
		if err := checkItemBytes(fmt.Sprintf("%s: item %d", function, i), n); err != nil {
			return Cost{}, err
		}
		c.addRead(operation, "", rule, n, 1)
	}
	return c, nil
}

// QueryCost is what a Query costs that evaluates so many items of so many bytes each, to the end of what its key
// condition selects: the bytes of a page are rounded together, a page ends with the item that reaches 1 MB, and a query
// that finds nothing costs as one of 4 KB. What a filter leaves out and what a projection leaves away is evaluated and
// paid for. Of an index, the bytes are those of its entries; Table.QueryCost knows them, and what it fetches besides.
//
// A query whose last page is exactly full is followed by one that finds nothing.
func QueryCost(items, bytes int, options ...CostOption) (Cost, error) {
	var c Cost
	if err := checkItems("QueryCost", items, bytes); err != nil {
		return c, err
	}
	c.addPages("Query", "", costRule(options), items, bytes)
	return c, nil
}

// ScanCost is what a Scan costs of a table with so many items of so many bytes each, those of other entity types
// included, in so many segments that hold equally many. Each segment rounds its pages by itself, so that many segments
// over few items cost more.
func ScanCost(items, bytes, segments int, options ...CostOption) (Cost, error) {
	var c Cost
	if err := checkItems("ScanCost", items, bytes); err != nil {
		return c, err
	}
	if segments < 1 || segments > size.MaxSegments {
		return c, fmt.Errorf("monotable: ScanCost: segments must be 1 to %d, it is %d", size.MaxSegments, segments)
	}
	rule := costRule(options)
	fuller := items % segments // so many segments have one item more
	for _, part := range [2]struct{ segments, items int }{{fuller, items/segments + 1},
		{segments - fuller, items / segments}} {
		if part.segments == 0 {
			continue
		}
		var one Cost
		one.addPages("Scan", "", rule, part.items, bytes)
		all, err := one.Times(part.segments)
		if err != nil {
			return Cost{}, err
		}
		c = c.Plus(all)
	}
	return c, nil
}

// addPages charges the pages of a walk to its end.
func (c *Cost) addPages(operation, index string, rule estimate.Rule, items, bytes int) {
	full := size.PageItems(bytes)
	c.addRead(operation, index, rule, full*bytes, items/full)
	c.addRead(operation, index, rule, items%full*bytes, 1) // which is empty if the one before was just full
}

// QueryCost is what Query costs with these options when it evaluates so many items like sample: on the table, or On an
// index whose entries are smaller; with what a local index fetches from the table, and Hydrate from a global one. With
// a Limit it stops at that many. Filters, sort conditions and cursors make no difference beyond the number of items
// that they leave to evaluate. It refuses what Query would refuse of the index, and a sample that is not in it.
func (t *Table[T]) QueryCost(items int, sample T, options ...QueryOption) (Cost, error) {
	return t.of.queryCost(items, reflect.ValueOf(&sample).Elem(), options)
}

// QueryCost is Table.QueryCost: a view reads, and pays for, whole items.
func (v *View[V, T]) QueryCost(items int, sample T, options ...QueryOption) (Cost, error) {
	return v.of.queryCost(items, reflect.ValueOf(&sample).Elem(), options)
}

func (f *face) queryCost(items int, sample reflect.Value, options []QueryOption) (Cost, error) {
	if f == nil {
		return Cost{}, errNotMade
	}
	c, err := f.queryCosts(items, sample, readSettings(options, QueryOption.query))
	if err != nil {
		return Cost{}, f.failed("QueryCost", err)
	}
	return c, nil
}

func (f *face) queryCosts(items int, sample reflect.Value, s *read.Settings) (c Cost, err error) {
	space, fetches, err := f.read.Asked(s)
	if err != nil {
		return c, err
	}
	if err := checkCountOf("the number of items", items); err != nil {
		return c, err
	}
	item, err := f.read.Item(sample)
	if err != nil {
		return c, err
	}
	whole, index := size.Item(item), ""
	bytes := whole
	if space.Index != nil {
		index = space.Index.Name
		entry, there := space.Index.Entry(f.read.Schema, item)
		if !there {
			return c, fmt.Errorf("the sample is not in index %s: it lacks part of its key", index)
		}
		bytes = entry
	}
	rule := estimate.ReadRule(s.Consistent)
	switch {
	case !s.Limited || s.Limit > items:
		c.addPages("Query", index, rule, items, bytes)
	default:
		items = s.Limit
		full := size.PageItems(bytes)
		c.addRead("Query", index, rule, full*bytes, items/full)
		if rest := items % full; rest > 0 {
			c.addRead("Query", index, rule, rest*bytes, 1)
		}
		if len(s.Filters) > 0 {
			c.Missing = append(c.Missing, "with a Filter, how many items are evaluated until Limit are found")
		}
	}
	if fetches {
		c.addRead("Query, fetching from the table", "", rule, whole, items)
	}
	if s.Hydrate {
		c.addRead("BatchGetItem", "", rule, whole, items)
	}
	if s.Budgeted {
		c.Missing = append(c.Missing, "that Budget may end it before")
	}
	if at, ok := request.ShardedBy(space); ok {
		c.Missing = append(c.Missing,
			fmt.Sprintf("that each of the partition's %d shards is read, and rounded, by itself", at.Field.Ref.Shards))
	}
	return c, nil
}

func checkItems(function string, items, bytes int) error {
	if err := checkCountOf(function+": the number of items", items); err != nil {
		return err
	}
	if items > 0 && bytes == 0 {
		return errors.New("monotable: " + function + ": an item has at least one byte")
	}
	return checkItemBytes(function, bytes)
}

func checkItemBytes(function string, bytes int) error {
	if bytes < 0 || bytes > size.MaxItem {
		return fmt.Errorf("monotable: %s: an item has 0 to %d bytes, not %d", function, size.MaxItem, bytes)
	}
	return nil
}

// WriteCostOption fits WriteCost, UpdateCost, ModifyCost and CheckCost.
type WriteCostOption interface{ writeCost(*estimate.Writing) }

type writeCostOption func(*estimate.Writing)

func (o writeCostOption) writeCost(c *estimate.Writing) { o(c) }

// Transactional makes a cost that of an operation of DB.Write: the table charges twice, its indexes as ever. Nothing is
// read before: CreateOp, ReplaceOp and DeleteOp say what was there. Plus makes the cost of the transaction out of those
// of its operations.
func Transactional() WriteCostOption {
	return writeCostOption(func(c *estimate.Writing) { c.Transaction, c.Joined = true, true })
}

// ConditionFails makes a cost that of a write whose condition does not hold: the table charges as if it had, its
// indexes nothing. In a transaction that is so for every operation when the condition of one fails.
func ConditionFails() WriteCostOption {
	return writeCostOption(func(c *estimate.Writing) { c.Refused = true })
}

// guardCost is a guard that an operation of a transaction writes, and what that is charged.
type guardCost struct {
	of      estimate.Guard
	charges []Charge
}

// handOver adds a guard. Where another operation wrote the same one, of which the one gives it up and the other takes
// it, the transaction writes it once.
func (c *Cost) handOver(g guardCost) {
	at := slices.IndexFunc(c.guards, func(o guardCost) bool { return g.of.Meets(&o.of) })
	if at < 0 {
		c.guards = append(c.guards, g)
		return
	}
	other := c.guards[at]
	c.guards = slices.Delete(c.guards, at, at+1)
	for _, x := range slices.Concat(other.charges, g.charges) {
		c.uncharge(x)
	}
	g.of.HandOver(&other.of, c.take)
}

// WriteCost is what writing whole items costs. before is the item as it is stored, nil where there is none; after is
// the item as it is handed to the write, nil for a Delete:
//
//   - nil and an item: Create, a Put that finds nothing, an entry of PutMany
//   - an item and an item: Put, ReplaceOp
//   - an item and nil: Delete; nil and nil: Delete of what is not there
//
// The defaults, timestamps and the version that the write would give after are counted. A type with unique constraints
// is written in a transaction with its guards, and Put and Delete of it read first; a Put of it that finds nothing
// reads too, which is ReadCost(0, Consistent()) more. A write in a batch costs what it costs alone. Attributes of the
// stored item that T does not name are not counted.
//
// It sends nothing, and returns the errors that the write would return before sending, and one where the two have
// different keys.
func (t *Table[T]) WriteCost(before, after *T, options ...WriteCostOption) (Cost, error) {
	return t.of.costOf("WriteCost", reflect.ValueOf(before), reflect.ValueOf(after), options, (*estimate.Writing).Whole)
}

// UpdateCost is what Update costs: one UpdateItem that makes after of before, both as they are stored. A nil before is
// an Upsert that creates, and a nil after with it one that only removes attributes, which creates nothing. An Update
// that changes nothing costs the table as if it did. With ConditionFails, after makes no difference.
func (t *Table[T]) UpdateCost(before, after *T, options ...WriteCostOption) (Cost, error) {
	return t.of.costOf("UpdateCost", reflect.ValueOf(before), reflect.ValueOf(after), options, (*estimate.Writing).Update)
}

// ModifyCost is what Modify costs whose function makes after of before, when nobody else writes the item meanwhile: the
// consistent read, then the update with its next version and timestamp, or nothing more if after is as before.
func (t *Table[T]) ModifyCost(before, after *T, options ...WriteCostOption) (Cost, error) {
	return t.of.costOf("ModifyCost", reflect.ValueOf(before), reflect.ValueOf(after), options, (*estimate.Writing).Modify)
}

// CheckCost is what a CheckOp costs that is met by item, nil where there is none: a ConditionCheck is charged as a
// write.
func (t *Table[T]) CheckCost(item *T) (Cost, error) {
	check := []WriteCostOption{Transactional()}
	return t.of.costOf("CheckCost", reflect.ValueOf(item), reflect.ValueOf((*T)(nil)), check, (*estimate.Writing).Check)
}

// costOf runs one of the estimates on items that may be nil.
func (f *face) costOf(name string, before, after reflect.Value, options []WriteCostOption,
	run func(*estimate.Writing, reflect.Value, reflect.Value) error) (Cost, error) {
	if f == nil {
		return Cost{}, errNotMade
	}
	c := costings.Get().(*costing)
	c.of = estimate.Writing{Type: f.read.Type, Weigher: f.weigher, To: c}
	c.cost = Cost{Charges: make([]Charge, 0, 1+len(f.read.Schema.Indexes))}
	given(options, &c.of, WriteCostOption.writeCost)
	elem := func(pointer reflect.Value) reflect.Value {
		if pointer.IsNil() {
			return reflect.Value{}
		}
		return pointer.Elem()
	}
	if err := run(&c.of, elem(before), elem(after)); err != nil {
		return Cost{}, f.failed(name, err)
	}
	cost := c.cost
	*c = costing{}
	costings.Put(c)
	return cost, nil
}

// costings are used again, which estimates of many items would feel.
var costings = sync.Pool{New: func() any { return new(costing) }}

// costing is the cost of one write, as the estimate tells of it.
type costing struct {
	of   estimate.Writing
	cost Cost
}

// Guard begins the charges of a guard of an operation of a transaction.
func (c *costing) Guard(g estimate.Guard) { c.cost.guards = append(c.cost.guards, guardCost{of: g}) }

// Charge adds a charge, and to those of the last guard where it is one's.
func (c *costing) Charge(x estimate.Charge) {
	c.cost.take(&x)
	if guards := c.cost.guards; x.Guard != "" && len(guards) > 0 {
		last := &guards[len(guards)-1]
		last.charges = append(last.charges, c.cost.Charges[len(c.cost.Charges)-1])
	}
}
