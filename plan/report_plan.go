package plan

import (
	"fmt"
	"slices"
	"strings"
)

func (out *Plan) String() string { return textOf(out) }

func textOf(r Report) string {
	var b strings.Builder
	_ = Text(&b, r) // which cannot fail in memory
	return b.String()
}

// document lays a plan out: what it suggests, what it costs, who that is spent on, what to set, what to know.
func (out *Plan) document() document {
	d := document{kind: "Plan", title: out.title()}
	if len(out.Advice) > 0 {
		d.sections = append(d.sections, section{heading: "What the figures suggest", list: out.Advice})
	}
	d.sections = append(d.sections, out.billsSection(), out.breakEvenSection())
	if len(out.Patterns) > 0 {
		d.sections = append(d.sections, out.patternsSection())
	}
	d.sections = append(d.sections, out.armsSection(), out.capacitySection())
	if len(out.Entities) > 0 {
		d.sections = append(d.sections, out.storageSection())
	}
	for _, h := range out.HotKeys {
		d.sections = append(d.sections, h.sections("Hot keys: "+h.Name)...)
	}
	if len(out.Missing) > 0 {
		d.sections = append(d.sections, section{heading: "What the workload does not say", list: out.Missing})
	}
	return d
}

func (out *Plan) title() string {
	if out.Name == "" {
		return "Capacity plan"
	}
	return "Capacity plan: " + out.Name
}

func (out *Plan) billsSection() section {
	s := section{heading: "What a month costs",
		table: &table{columns: []column{{"", true}, {"reads", false}, {"writes", false}, {"storage", false},
			{out.Prices.Currency, false}}}}
	chart := &barChart{caption: "A month's bill in " + out.Prices.Currency,
		legend: []string{"reads", "writes", "storage"}}
	free := slices.ContainsFunc(out.Bills, func(b Bill) bool { return b.Free > 0 })
	if free {
		s.table.columns = slices.Insert(s.table.columns, 4, column{"free", false})
	}
	estimates := false
	for _, b := range out.Bills {
		name := b.Name
		if b.Estimate {
			name, estimates = name+" (estimate)", true
		}
		row := []string{name, moneyText(b.Read), moneyText(b.Write), moneyText(b.Storage)}
		if free {
			row = append(row, moneyText(-b.Free))
		}
		s.table.rows = append(s.table.rows, append(row, moneyText(b.Total)))
		chart.bars = append(chart.bars, bar{name: b.Name, text: moneyText(b.Total),
			values: []float64{b.Read, b.Write, b.Storage}, over: b.Name == out.Best})
	}
	best, _ := out.bill(out.Best)
	s.text = []string{
		fmt.Sprintf("Cheapest: %s, %s %s.", best.Name, moneyText(best.Total), out.Prices.Currency),
		fmt.Sprintf("Prices of %s, %s, from: %s. Taxes, transfer, backups and streams are not in it.",
			out.Prices.Region, out.Prices.Date, out.Prices.Source),
	}
	if estimates {
		s.text = append(s.text,
			"An estimate takes auto scaling to follow the load at once. How fast it does depends on alarms and on "+
				"the load.")
	}
	s.bars = chart
	return s
}

func (out *Plan) breakEvenSection() section {
	c := out.Compare
	s := section{heading: "On-demand or provisioned"}
	s.text = []string{fmt.Sprintf("Provisioned capacity costs less than on-demand once it is used to more than %s on "+
		"average. Held at the peak it would be used to %s, moved by auto scaling to %s.",
		percentText(c.BreakEven), percentText(c.Provisioned), percentText(c.AutoScaled))}
	demand := 0.0
	for _, b := range out.Bills {
		if b.Mode == OnDemand && b.Class == Standard {
			demand = b.Read + b.Write
		}
	}
	if demand == 0 {
		return s
	}
	chart := &lineChart{caption: "Reads and writes a month, by how far provisioned capacity is used",
		across: "average utilisation", up: out.Prices.Currency,
		lines: []line{{"on-demand", [][2]float64{{0, demand}, {1, demand}}}, {name: "provisioned"}}}
	for u := 0.1; u <= 1.0001; u += 0.02 {
		chart.lines[1].points = append(chart.lines[1].points, [2]float64{u, demand * c.BreakEven / u})
	}
	chart.marks = []mark{{"break-even", c.BreakEven}, {"at the peak", c.Provisioned}, {"auto scaling", c.AutoScaled}}
	s.lines = chart
	return s
}

func (out *Plan) patternsSection() section {
	s := section{heading: "What each access pattern contributes", table: &table{columns: []column{
		{"pattern", true}, {"operation", true}, {"read each", false}, {"write each", false}, {"peak RU/s", false},
		{"peak WU/s", false}, {out.Prices.Currency, false}, {"share", false}}}}
	s.text = []string{"Units of one operation over table and indexes, units a second at the peak, and the part of " +
		"the reads and writes of: " + out.Best + "."}
	chart := &barChart{caption: "A month's reads and writes in " + out.Prices.Currency}
	for _, x := range out.Patterns {
		money := x.Monthly[out.Best]
		s.table.rows = append(s.table.rows, []string{x.Name, string(x.Operation), numberText(x.Each.Read),
			numberText(x.Each.Write),
			numberText(x.Peak.Read), numberText(x.Peak.Write), moneyText(money), percentText(x.Share)})
		chart.bars = append(chart.bars, bar{name: x.Name, text: moneyText(money), values: []float64{money}})
	}
	if best, _ := out.bill(out.Best); best.Idle > 0 {
		row := []string{"(least capacity, unused)", "", "", "", "", "", moneyText(best.Idle), percentText(0)}
		row[7] = ""
		s.table.rows = append(s.table.rows, row)
	}
	chart.sort()
	s.bars = chart
	return s
}

// sort puts the longest bars first.
func (c *barChart) sort() {
	slices.SortStableFunc(c.bars, func(a, b bar) int {
		switch x, y := a.sum(), b.sum(); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
}

func (b bar) sum() (total float64) {
	for _, v := range b.values {
		total += v
	}
	return total
}

func (out *Plan) armsSection() section {
	s := section{heading: "What the table and each index contribute", table: &table{columns: []column{
		{"", true}, {"items", false}, {"stored", false}, {"peak RU/s", false}, {"peak WU/s", false},
		{out.Prices.Currency, false}, {"share", false}}}}
	chart := &barChart{caption: "A month's bill in " + out.Prices.Currency + ", storage included"}
	for i := range out.Arms {
		x := &out.Arms[i]
		money := x.Monthly[out.Best]
		s.table.rows = append(s.table.rows, []string{x.name(), numberText(x.Items), bytesText(x.Storage),
			numberText(x.Peak.Read), numberText(x.Peak.Write), moneyText(money), percentText(x.Share)})
		chart.bars = append(chart.bars, bar{name: x.name(), text: moneyText(money), values: []float64{money}})
	}
	s.bars = chart
	return s
}

func (out *Plan) capacitySection() section {
	s := section{heading: "Provisioned capacity to set", table: &table{columns: []column{
		{"", true}, {"read min", false}, {"read max", false}, {"write min", false}, {"write max", false}}}}
	for i := range out.Arms {
		x := &out.Arms[i]
		if x.Local {
			continue // it has the table's
		}
		s.table.rows = append(s.table.rows, []string{x.name(), numberText(x.Read.Min), numberText(x.Read.Max),
			numberText(x.Write.Min), numberText(x.Write.Max)})
	}
	s.text = []string{fmt.Sprintf("Bounds of auto scaling at a target utilisation of %s: what the quiet hours need, "+
		"and what the peak needs. A local index has the table's capacity.", percentText(out.Arms[0].Read.Target))}
	return s
}

func (out *Plan) storageSection() section {
	s := section{heading: "What each entity type stores", table: &table{columns: []column{
		{"entity", true}, {"items", false}, {"items stored", false}, {"index entries", false},
		{out.Prices.Currency, false}}}}
	for _, x := range out.Entities {
		s.table.rows = append(s.table.rows, []string{x.Name, numberText(x.Items), bytesText(x.Bytes),
			bytesText(x.Entries), moneyText(x.Monthly[out.Best])})
	}
	s.text = []string{"With the 100 bytes that storage bills besides for each item and each index entry."}
	return s
}
