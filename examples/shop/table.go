package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/shop/shop"
)

// columns are the printed table's: pattern, request, items, read units, write units.
const columns = "%-37s %-32s %5s %7s %7s\n"

// printTable prints what was played, and sums it up: in all, on the table and on each index.
func printTable(out io.Writer, played []shop.Played) {
	rule := strings.Repeat("-", len(fmt.Sprintf(columns, "", "", "", "", ""))-1)
	fmt.Fprintf(out, columns, "Pattern", "Request", "Items", "Read", "Write")
	fmt.Fprintln(out, rule)
	var requests, items int
	var all, table monotable.Units
	indexes := map[string]monotable.Units{}
	for _, p := range played {
		fmt.Fprintf(out, columns, p.Pattern, requestsText(p.Requests), strconv.Itoa(p.Items), units(p.Used.Read),
			units(p.Used.Write))
		requests += len(p.Requests)
		items += p.Items
		all, table = plus(all, p.Used.Units), plus(table, p.Used.Table)
		for name, used := range p.Used.Indexes {
			indexes[name] = plus(indexes[name], used)
		}
	}
	fmt.Fprintln(out, rule)
	fmt.Fprintf(out, columns, fmt.Sprintf("%d patterns", len(played)), fmt.Sprintf("%d requests", requests),
		strconv.Itoa(items), units(all.Read), units(all.Write))
	fmt.Fprintf(out, columns, "", "of these, on the table", "", units(table.Read), units(table.Write))
	for _, name := range slices.Sorted(maps.Keys(indexes)) {
		fmt.Fprintf(out, columns, "", "on index "+name, "", units(indexes[name].Read), units(indexes[name].Write))
	}
}

func plus(a, b monotable.Units) monotable.Units {
	return monotable.Units{Read: a.Read + b.Read, Write: a.Write + b.Write}
}

// requestsText is a list of operations with equal ones counted: "Scan, 24 UpdateItem".
func requestsText(operations []string) string {
	var order []string
	count := map[string]int{}
	for _, operation := range operations {
		if count[operation]++; count[operation] == 1 {
			order = append(order, operation)
		}
	}
	for i, operation := range order {
		if n := count[operation]; n > 1 {
			order[i] = fmt.Sprintf("%d %s", n, operation)
		}
	}
	return strings.Join(order, ", ")
}

// units are written with a fraction where there is one, and as a dash where there are none.
func units(n float64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
