package plan

import (
	"fmt"
	"math"
	"slices"
)

func (s *Survey) String() string { return textOf(s) }

// advise says what the figures suggest.
func (s *Survey) advise() {
	say := func(format string, args ...any) { s.Advice = append(s.Advice, fmt.Sprintf(format, args...)) }
	names, expired := 0, 0
	for _, e := range s.Entities {
		names += e.NameBytes
		expired += e.Expired
		if e.Name == untyped && s.Items > 0 && len(s.Entities) > 1 {
			say("%s of the items have no entity type.", percentText(float64(e.Items)/float64(s.Items)))
		}
	}
	if share := share(float64(names), float64(s.Bytes)); share > 0.2 {
		say("Attribute names are %s of the bytes: shorter ones, by dynamodbav tags, would save storage and units "+
			"wherever an item then needs fewer blocks.", percentText(share))
	}
	if share := share(float64(expired), float64(s.Items)); share > 0.05 {
		say("%s of the items have expired and are still stored: TTL deletes them within days, so that readers must "+
			"filter; if they stay, see that TTL is enabled on %s.", percentText(share), s.TTL)
	}
	for _, index := range s.Indexes {
		items, bytes := 0, 0
		for _, e := range s.Entities {
			for _, x := range e.Indexes {
				if x.Index == index {
					items, bytes = items+x.Items, bytes+x.Bytes
				}
			}
		}
		switch {
		case s.Items == 0:
		case items == 0:
			say("Index %s holds none of the items scanned.", index)
		case items == s.Items && float64(bytes) > 0.9*float64(s.Bytes) && len(s.Entities) > 1:
			say("Index %s holds all items whole: projecting less, or leaving key attributes out of items that nobody "+
				"looks for in it, would save writes and storage.", index)
		}
	}
	const large = 100 << 10
	if len(s.LargeItems) > 0 && s.LargeItems[0].Bytes > large {
		say("The largest item has %s. Every write of it costs %s write units whatever it changes: large parts that "+
			"seldom change are cheaper in items of their own, or in S3.",
			bytesText(float64(s.LargeItems[0].Bytes)), numberText(math.Ceil(float64(s.LargeItems[0].Bytes)/1024)))
	}
	const near int64 = 8 << 30
	if len(s.LocalIndexes) > 0 && len(s.Collections) > 0 && int64(s.Collections[0].Bytes) > near {
		say("The largest item collection has %s of the 10 GB that one may have in a table with local secondary "+
			"indexes.", bytesText(float64(s.Collections[0].Bytes)))
	}
}

func (s *Survey) document() document {
	d := document{kind: "Survey", title: "Survey: " + s.Table}
	if len(s.Advice) > 0 {
		d.sections = append(d.sections, section{heading: "What the figures suggest", list: s.Advice})
	}
	d.sections = append(d.sections, s.entitiesSection())
	if len(s.Entities) > 0 {
		d.sections = append(d.sections, s.sizesSection())
	}
	if len(s.Attributes) > 0 {
		d.sections = append(d.sections, s.namesSection())
	}
	if len(s.Indexes) > 0 {
		d.sections = append(d.sections, s.indexesSection())
	}
	if s.TTL != "" {
		d.sections = append(d.sections, s.expiredSection())
	}
	if len(s.LargeItems) > 0 {
		d.sections = append(d.sections, s.largeSection())
	}
	return d
}

// about is an estimate for the table of something counted.
func (s *Survey) about(scanned float64) string {
	if s.Scale == 1 {
		return numberText(scanned)
	}
	if s.Scale == 0 {
		return "unknown"
	}
	return "~" + numberText(rounded(scanned*s.Scale))
}

// rounded keeps three digits: an estimate has no more.
func rounded(v float64) float64 {
	if v < 1000 {
		return math.Round(v)
	}
	power := math.Pow(10, math.Floor(math.Log10(v))-2)
	return math.Round(v/power) * power
}

func (s *Survey) entitiesSection() section {
	x := section{heading: "What is stored"}
	x.text = []string{fmt.Sprintf("Scanned %s of %s segments: %s, %s, for %s read units, at %s.",
		numberText(float64(s.Whole)), numberText(float64(s.Segments)),
		countText(s.Items, "item", "items"), bytesText(float64(s.Bytes)), numberText(s.Units),
		s.At.UTC().Format("2006-01-02 15:04 UTC"))}
	switch {
	case s.Ended != "":
		x.text = append(x.text, fmt.Sprintf("It ended early, after %d of the %d segments that it was to scan: %s.",
			s.Whole, s.Chosen, s.Ended))
		if s.Scale == 0 {
			x.text = append(x.text, "No segment was scanned whole, so that nothing can be said of the table.")
		}
	case s.Scale == 1:
		x.text = append(x.text, "That is all of it: the figures are exact, but for what was written meanwhile.")
	}
	if s.Scale != 1 && s.Scale != 0 {
		x.text = append(x.text,
			"Figures with ~ are estimates for the whole table; ± is the 95% interval, from how much the segments "+
				"scanned differ.")
	}
	x.table = &table{columns: []column{{"entity", true}, {"scanned", false}, {"in the table", false}, {"±", false},
		{"mean bytes", false}, {"size", false}}}
	chart := &barChart{caption: "Bytes scanned, by entity type"}
	for _, e := range s.Entities {
		within := ""
		if e.Error > 0 {
			within = numberText(rounded(e.Error))
		}
		x.table.rows = append(x.table.rows, []string{e.Name, numberText(float64(e.Items)), s.about(float64(e.Items)),
			within, numberText(math.Round(e.Sizes.Mean())), bytesText(float64(e.Bytes))})
		chart.bars = append(chart.bars, bar{name: e.Name, text: bytesText(float64(e.Bytes)),
			values: []float64{float64(e.Bytes)}})
	}
	x.bars = chart
	return x
}

func (s *Survey) sizesSection() section {
	x := section{heading: "How large items are",
		table: &table{columns: []column{{"entity", true}, {"p10", false}, {"p50", false}, {"p90", false},
			{"p99", false}, {"largest", false}}}}
	x.text = []string{"Bytes, as units and limits count them."}
	chart := &barChart{caption: "Median, and what the 99th percentile has more", legend: []string{"p50", "p99"}}
	for _, e := range s.Entities {
		row := []string{e.Name}
		for _, p := range []float64{10, 50, 90, 99, 100} {
			row = append(row, numberText(float64(e.Sizes.At(p))))
		}
		x.table.rows = append(x.table.rows, row)
		median, most := float64(e.Sizes.At(50)), float64(e.Sizes.At(99))
		chart.bars = append(chart.bars, bar{name: e.Name, text: row[2] + " / " + row[4],
			values: []float64{median, most - median}})
	}
	x.bars = chart
	return x
}

// mostShown bounds the attributes in a report; the data has all.
const mostShown = 15

func (s *Survey) namesSection() section {
	names := 0
	for _, e := range s.Entities {
		names += e.NameBytes
	}
	x := section{heading: "What attribute names take",
		table: &table{columns: []column{{"attribute", true}, {"entity", true}, {"items", false}, {"names", false},
			{"values", false}, {"of all bytes", false}}}}
	x.text = []string{fmt.Sprintf("Names are %s of the bytes scanned. Those inside maps count with the attribute "+
		"that they are in.", percentText(share(float64(names), float64(s.Bytes))))}
	chart := &barChart{caption: "Bytes scanned, by attribute", legend: []string{"names", "values"}}
	for _, a := range s.Attributes[:min(mostShown, len(s.Attributes))] {
		name := a.Name
		if name == "" {
			name = "(others)"
		}
		x.table.rows = append(x.table.rows, []string{name, a.Entity, numberText(float64(a.Count)),
			bytesText(float64(a.NameBytes)), bytesText(float64(a.ValueBytes)),
			percentText(share(float64(a.NameBytes), float64(s.Bytes)))})
		chart.bars = append(chart.bars, bar{name: name + ", " + a.Entity,
			text:   bytesText(float64(a.NameBytes + a.ValueBytes)),
			values: []float64{float64(a.NameBytes), float64(a.ValueBytes)}})
	}
	x.bars = chart
	return x
}

func (s *Survey) indexesSection() section {
	x := section{heading: "Which items are in which index",
		table: &table{columns: []column{{"index", true}, {"entity", true}, {"entries", false}, {"of its items", false},
			{"mean bytes", false}, {"size", false}}}}
	chart := &barChart{caption: "Bytes of entries, by index and entity type"}
	for _, name := range s.Indexes {
		for _, e := range s.Entities {
			i := slices.IndexFunc(e.Indexes, func(x IndexSurvey) bool { return x.Index == name })
			if i < 0 {
				continue
			}
			index := e.Indexes[i]
			x.table.rows = append(x.table.rows,
				[]string{name, e.Name, numberText(float64(index.Items)), percentText(index.Share),
					numberText(math.Round(index.Sizes.Mean())), bytesText(float64(index.Bytes))})
			chart.bars = append(chart.bars, bar{name: name + ", " + e.Name, text: bytesText(float64(index.Bytes)),
				values: []float64{float64(index.Bytes)}})
		}
	}
	if len(chart.bars) > 0 {
		x.bars = chart
	} else {
		x.table, x.text = nil, []string{"None of the items scanned is in an index."}
	}
	return x
}

func (s *Survey) expiredSection() section {
	x := section{heading: "What has expired"}
	for _, e := range s.Entities {
		if e.Expired == 0 {
			continue
		}
		if x.table == nil {
			x.table = &table{columns: []column{{"entity", true}, {"expired", false}, {"of its items", false},
				{"size", false}, {"in the table", false}}}
		}
		x.table.rows = append(x.table.rows, []string{e.Name, numberText(float64(e.Expired)),
			percentText(share(float64(e.Expired), float64(e.Items))), bytesText(float64(e.ExpiredBytes)),
			s.about(float64(e.Expired))})
	}
	if x.table == nil {
		x.text = []string{"No item scanned has expired and is still stored, by " + s.TTL + "."}
	} else {
		x.text = []string{"Items whose " + s.TTL +
			" has passed in the last five years, and that TTL has not deleted yet."}
	}
	return x
}

func (s *Survey) largeSection() section {
	x := section{heading: "The largest", table: &table{columns: []column{{"", true}, {"entity", true}, {"items", false},
		{"size", false}, {"key", true}}}}
	shown := func(key string) string {
		if key == "" {
			return "not shown"
		}
		return key
	}
	for i, item := range s.LargeItems {
		x.table.rows = append(x.table.rows, []string{fmt.Sprintf("item %d", i+1), item.Entity, "1",
			bytesText(float64(item.Bytes)), shown(item.Key)})
	}
	for i, c := range s.Collections {
		x.table.rows = append(x.table.rows, []string{fmt.Sprintf("item collection %d", i+1), "",
			numberText(float64(c.Items)), bytesText(float64(c.Bytes)), shown(c.Key)})
	}
	x.text = []string{"Of the segments scanned. Keys are shown where the survey was asked to."}
	return x
}
