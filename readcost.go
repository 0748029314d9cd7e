package monotable

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/size"
)

// CostOption fits ReadCost and its like: Consistent.
type CostOption interface{ cost(*settings) }

func (o ReadOption) cost(s *settings) { apply(o.set, s) }

func costSettings(options []CostOption) *settings {
	return given(options, new(settings), CostOption.cost)
}

// readRule is the rule of reads outside of transactions.
func (s *settings) readRule() Rule {
	if s.consistent {
		return ReadConsistent
	}
	return ReadEventual
}

// read applies a rule of reads to the bytes of one item or page.
func (r Rule) read(bytes int) Units {
	if r == ReadTransactional {
		return Units{Read: size.TransactReadUnits(bytes)}
	}
	return Units{Read: size.ReadUnits(bytes, r == ReadConsistent)}
}

// addRead charges so many reads of one size each.
func (c *Cost) addRead(operation, index string, rule Rule, bytes, times int) {
	if times == 0 {
		return
	}
	units := rule.read(bytes)
	units.Read *= float64(times)
	c.charge(Charge{Operation: operation, Index: index, Rule: rule, Is: bytes, Times: times, Units: units})
}

// ReadCost is what Get costs of an item of so many bytes, as Item.Size and Table.Size count them; 0 is an item that is
// not there. It is eventually consistent unless Consistent is given. A projection, a View, saves nothing. An error
// names a size that no item can have: less than 0, or more than 409,600 bytes.
func ReadCost(bytes int, options ...CostOption) (Cost, error) {
	var c Cost
	if err := checkItemBytes("ReadCost", bytes); err != nil {
		return c, err
	}
	c.addRead("GetItem", "", costSettings(options).readRule(), bytes, 1)
	return c, nil
}

// BatchReadCost is what GetMany and DB.BatchRead cost of keys whose items have so many bytes each; 0 is a key without
// an item, which is charged too. Each item is rounded by itself. A key given twice to GetMany counts once.
func BatchReadCost(bytes []int, options ...CostOption) (Cost, error) {
	return readCosts("BatchReadCost", "BatchGetItem", costSettings(options).readRule(), bytes)
}

// TransactReadCost is what DB.Read costs of items of so many bytes each, 0 for one that is not there: 1 to 100 of them.
// The same is charged, in place of writes, when a Write is sent once more under a Token that it took place under
// before.
func TransactReadCost(bytes []int) (Cost, error) {
	if len(bytes) == 0 || len(bytes) > size.MaxTransaction {
		return Cost{}, fmt.Errorf("monotable: TransactReadCost: a transaction has 1 to %d reads, this one %d",
			size.MaxTransaction, len(bytes))
	}
	return readCosts("TransactReadCost", "TransactGetItems", ReadTransactional, bytes)
}

func readCosts(function, operation string, rule Rule, bytes []int) (c Cost, err error) {
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
	c.addPages("Query", "", costSettings(options).readRule(), items, bytes)
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
	rule := costSettings(options).readRule()
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
func (c *Cost) addPages(operation, index string, rule Rule, items, bytes int) {
	full := size.PageItems(bytes)
	c.addRead(operation, index, rule, full*bytes, items/full)
	c.addRead(operation, index, rule, items%full*bytes, 1) // which is empty if the one before was just full
}

// QueryCost is what Query costs with these options when it evaluates so many items like sample: on the table, or On an
// index whose entries are smaller; with what a local index fetches from the table, and Hydrate from a global one. With
// a Limit it stops at that many. Filters, sort conditions and cursors make no difference beyond the number of items
// that they leave to evaluate. It refuses what Query would refuse of the index, and a sample that is not in it.
func (t *Table[T]) QueryCost(items int, sample T, options ...QueryOption) (Cost, error) {
	return t.of.queryCost(items, reflect.ValueOf(&sample).Elem(), querySettings(options))
}

// QueryCost is Table.QueryCost: a view reads, and pays for, whole items.
func (v *View[V, T]) QueryCost(items int, sample T, options ...QueryOption) (Cost, error) {
	return v.of.queryCost(items, reflect.ValueOf(&sample).Elem(), querySettings(options))
}

func (r *reader) queryCost(items int, sample reflect.Value, s *settings) (Cost, error) {
	c, err := r.queryCosts(items, sample, s)
	if err != nil {
		return Cost{}, r.fail("QueryCost", err)
	}
	return c, nil
}

func (r *reader) queryCosts(items int, sample reflect.Value, s *settings) (c Cost, err error) {
	space, err := r.spaceOf(s)
	if err != nil {
		return c, err
	}
	if err := r.checkProjected(space, r.read, s.hydrate); err != nil {
		return c, err
	}
	if _, err := r.newWalk(space, s); err != nil {
		return c, err
	}
	if err := checkCountOf("the number of items", items); err != nil {
		return c, err
	}
	item, err := r.Item(sample)
	if err != nil {
		return c, err
	}
	whole, index := size.Item(item), ""
	bytes := whole
	if space.Index != nil {
		index = space.Index.Name
		entry, there := space.Index.Entry(r.Schema, item)
		if !there {
			return c, fmt.Errorf("the sample is not in index %s: it lacks part of its key", index)
		}
		bytes = entry
	}
	rule := s.readRule()
	switch {
	case !s.limited || s.limit > items:
		c.addPages("Query", index, rule, items, bytes)
	default:
		items = s.limit
		full := size.PageItems(bytes)
		c.addRead("Query", index, rule, full*bytes, items/full)
		if rest := items % full; rest > 0 {
			c.addRead("Query", index, rule, rest*bytes, 1)
		}
		if len(s.filters) > 0 {
			c.Missing = append(c.Missing, "with a Filter, how many items are evaluated until Limit are found")
		}
	}
	if r.fetches(space, s) {
		c.addRead("Query, fetching from the table", "", rule, whole, items)
	}
	if s.hydrate {
		c.addRead("BatchGetItem", "", rule, whole, items)
	}
	if s.budgeted {
		c.Missing = append(c.Missing, "that Budget may end it before")
	}
	if at, ok := request.ShardedBy(space); ok {
		c.Missing = append(c.Missing,
			fmt.Sprintf("that each of the partition's %d shards is read, and rounded, by itself", at.Field.Ref.Shards))
	}
	return c, nil
}

// fetches tells whether a local index reads the items behind its entries, since the view wants more than they hold.
func (r *reader) fetches(space *entity.Space, s *settings) bool {
	if space.Index == nil || !space.Index.Local || space.Index.ProjectsAll() {
		return false
	}
	if r.read.partial == nil || s.hydrate {
		return true
	}
	for _, name := range r.read.partial {
		if !space.Index.Holds(r.Schema, name) {
			return true
		}
	}
	return false
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
