package estimate

import "github.com/monotable/monotable/internal/size"

// Rule is one of the rules by which DynamoDB charges (DynamoDB developer guide, "DynamoDB read and write operations").
type Rule uint8

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
func (r Rule) String() string { return ruleTexts[r] }

// RuleOf is the rule that charges so; 0 for none.
func RuleOf(text string) Rule {
	for r, known := range ruleTexts {
		if known == text && r > 0 {
			return Rule(r)
		}
	}
	return 0
}

var ruleTexts = [...]string{
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

// Charge is what a rule makes of a size.
type Charge struct {
	Operation   string // the request
	Index       string // "" for the table
	Guard       string // the unique constraint whose guard is written; "" for the item itself
	Rule        Rule
	Was, Is     int // bytes
	Times       int
	Read, Write float64 // units
	Modelled    bool    // the service does not report it
}

// ReadRule is the rule of reads outside of transactions.
func ReadRule(consistent bool) Rule {
	if consistent {
		return ReadConsistent
	}
	return ReadEventual
}

// Reads charges so many reads of one item or page each.
func Reads(operation, index string, rule Rule, bytes, times int) Charge {
	units := size.ReadUnits(bytes, rule == ReadConsistent)
	if rule == ReadTransactional {
		units = size.TransactReadUnits(bytes)
	}
	return Charge{Operation: operation, Index: index, Rule: rule, Is: bytes, Times: times,
		Read: units * float64(times)}
}
