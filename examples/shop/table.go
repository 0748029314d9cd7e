package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/shop/shop"
)

// columns are the printed table's: pattern, request, items, read units, write units. A line has 92 characters.
const columns = "%-37s %-32s %5s %7s %7s\n"

// printTable prints what was played, and sums it up.
func printTable(out io.Writer, played []shop.Played) {
	rule := strings.Repeat("-", len(fmt.Sprintf(columns, "", "", "", "", ""))-1)
	fmt.Fprintf(out, columns, "Pattern", "Request", "Items", "Read", "Write")
	fmt.Fprintln(out, rule)
	var requests, items int
	var sum monotable.Units
	for _, p := range played {
		fmt.Fprintf(out, columns, p.Pattern, requestsText(p.Requests), strconv.Itoa(p.Items), units(p.Used.Read), units(p.Used.Write))
		requests += len(p.Requests)
		items += p.Items
		sum.Read += p.Used.Read
		sum.Write += p.Used.Write
	}
	fmt.Fprintln(out, rule)
	fmt.Fprintf(out, columns, fmt.Sprintf("%d patterns", len(played)), fmt.Sprintf("%d requests", requests), strconv.Itoa(items), units(sum.Read), units(sum.Write))
}

// requestsText is a list of operations with equal ones together: "Query, 2 BatchWriteItem".
func requestsText(operations []string) string {
	var parts []string
	for i, operation := range operations {
		if slices.Contains(operations[:i], operation) {
			continue
		}
		n := 0
		for _, other := range operations {
			if other == operation {
				n++
			}
		}
		if n > 1 {
			operation = fmt.Sprintf("%d %s", n, operation)
		}
		parts = append(parts, operation)
	}
	return strings.Join(parts, ", ")
}

// units are written with a fraction only where there is one, and not at all where there are none.
func units(n float64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
