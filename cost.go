package monotable

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
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
	Rule      Rule
	Was, Is   int // bytes of the item, the entry or the page, before a write and after; a read has Is alone
	Times     int // how many like it there are
	Units     Units
}

// Rule is one of the rules by which DynamoDB charges (DynamoDB developer guide, "DynamoDB read and write operations").
type Rule int

// The rules. A block is begun where it is not filled, and every request fills one at least.
const (
	ReadConsistent    Rule = iota + 1 // one unit for each 4 KB
	ReadEventual                      // half a unit for each 4 KB
	ReadTransactional                 // two units for each 4 KB
	WriteItem                         // one unit for each 1 KB of the larger of the item before and after
	// the same, for a write whose condition failed; the service charges it without a report
	WriteFailed
	WriteInTransaction // two units for each 1 KB of the larger of the item before and after
	CheckInTransaction // two units for each 1 KB of the item that a condition is checked on
	IndexEnters        // one unit for each 1 KB of the new entry
	IndexLeaves        // one unit for each 1 KB of the old entry
	IndexChanges       // one unit for each 1 KB of the larger of the entries, whose index key stays
	IndexMoves         // the old entry removed and the new one written, each as if by itself
	IndexSame          // nothing: neither the index key nor what else it projects changes
)

// String says what the rule charges for.
func (r Rule) String() string {
	if text, ok := ruleTexts[r]; ok {
		return text
	}
	return "rule " + strconv.Itoa(int(r))
}

var ruleTexts = map[Rule]string{
	ReadConsistent:     "each 4 KB read consistently is a unit",
	ReadEventual:       "each 4 KB read eventually consistently is half a unit",
	ReadTransactional:  "each 4 KB read in a transaction is two units",
	WriteItem:          "each 1 KB of the larger of the item before and after is a unit",
	WriteFailed:        "each 1 KB of the larger of the item before and after is a unit, though the condition fails",
	WriteInTransaction: "each 1 KB of the larger of the item before and after is two units in a transaction",
	CheckInTransaction: "each 1 KB of the item checked is two units",
	IndexEnters:        "a new entry: each 1 KB is a unit",
	IndexLeaves:        "the entry goes: each 1 KB is a unit",
	IndexChanges:       "the entry changes under its key: each 1 KB of the larger of before and after is a unit",
	IndexMoves:         "the key changes: each 1 KB of the old entry and each of the new one is a unit",
	IndexSame:          "the entry stays as it is",
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
		why += ", " + count(c.Times, "time")
	}
	return []string{place, c.Units.String(), why + ": " + c.sizes() + "; " + c.Rule.String()}
}

func (c Charge) sizes() string {
	switch {
	case c.Rule <= ReadTransactional || c.Rule == CheckInTransaction || c.Rule == IndexEnters:
		if c.Is == 0 {
			return "nothing found"
		}
		return count(c.Is, "byte")
	case c.Rule == IndexLeaves:
		return count(c.Was, "byte")
	case c.Was == 0 && c.Is == 0:
		return "no item"
	}
	return fmt.Sprintf("%s before and %s after", count(c.Was, "byte"), grouped(c.Is))
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

// charge adds one charge to the sum.
func (c *Cost) charge(x Charge) {
	c.Charges = append(c.Charges, x)
	c.Units = c.Units.plus(x.Units)
	if x.Index == "" {
		c.Table = c.Table.plus(x.Units)
		return
	}
	if x.Units == (Units{}) {
		return
	}
	if c.Indexes == nil {
		c.Indexes = map[string]Units{}
	}
	c.Indexes[x.Index] = c.Indexes[x.Index].plus(x.Units)
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
		text = grouped(int(units))
	}
	if units == 1 || units == 0.5 {
		return text + " " + noun
	}
	return text + " " + noun + "s"
}

// count is a number of things: "1 byte", "1,024 bytes".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// grouped writes a number with commas between its thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
