package dynamotest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/monotable/monotable/internal/engine"
)

// Cost is what calls were charged.
type Cost struct {
	Read  float64    // units, of tables and indexes
	Write float64    // units, of tables and indexes
	Calls []CallCost // in the order in which they ended
}

// CallCost is what one call was charged. No keys and no values of items are in it.
type CallCost struct {
	Operation string
	On        []string           // the tables, or as table/index the index of a Query, a Scan or a SELECT
	Read      float64            // units, of tables and indexes
	Write     float64            // units, of tables and indexes
	Indexes   map[string]float64 // units of them that fall to indexes, by table/index; nil for none
	Items     int                // items and keys read, evaluated or written
	Error     string             // the service's code for a call that failed, "" otherwise
}

// Budget bounds what code may cost. A zero Budget allows no units.
type Budget struct {
	Read  float64 // read units
	Write float64 // write units
	Calls int     // requests of any kind; 0 for any number
}

// over says what of a budget was exceeded, "" for nothing.
func (c Cost) over(b Budget) string {
	var over []string
	exceeds := func(what string, spent, allowed float64) {
		if spent > allowed {
			over = append(over, fmt.Sprintf("%g %s, %g allowed", spent, what, allowed))
		}
	}
	exceeds("read units", c.Read, b.Read)
	exceeds("write units", c.Write, b.Write)
	if b.Calls > 0 {
		exceeds("calls", float64(len(c.Calls)), float64(b.Calls))
	}
	return strings.Join(over, "; ")
}

// String lists the calls.
func (c Cost) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\toperation\ton\tread\twrite\titems\t")
	for i, call := range c.Calls {
		fmt.Fprintf(w, "%d\t%s\t%s\t%g\t%g\t%d\t%s\n", i+1, call.Operation, strings.Join(call.On, ", "), call.Read,
			call.Write, call.Items, call.notes())
	}
	fmt.Fprintf(w, "\ttotal\t\t%g\t%g\t\t\n", c.Read, c.Write)
	_ = w.Flush() // a strings.Builder takes everything
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// notes says which units fell to indexes, and how the call failed.
func (c CallCost) notes() string {
	var notes []string
	for _, place := range slices.Sorted(maps.Keys(c.Indexes)) {
		if !slices.Contains(c.On, place) {
			notes = append(notes, fmt.Sprintf("%g for %s", c.Indexes[place], place))
		}
	}
	if c.Error != "" {
		notes = append(notes, c.Error)
	}
	return strings.Join(notes, ", ")
}

// costKey is where the context of a call that is measured holds its *CallCost.
type costKey struct{}

// measurement is a Measure under way.
type measurement struct{ cost Cost }

func newCallCost(operation string, in any) *CallCost {
	cost := &CallCost{Operation: operation}
	for _, p := range partsOf(in) {
		if place := placeOf(p.table, p.index); place != "" && !slices.Contains(cost.On, place) {
			cost.On = append(cost.On, place)
		}
	}
	return cost
}

// add counts what the call was charged on one of its tables. It is called by the goroutine that carries the call out.
func (c *CallCost) add(charge engine.Charge) {
	c.Read += charge.Read
	c.Write += charge.Write
	c.Items += charge.Items
	for index, units := range charge.Indexes {
		if c.Indexes == nil {
			c.Indexes = map[string]float64{}
		}
		c.Indexes[placeOf(charge.Table, index)] += units
	}
}
