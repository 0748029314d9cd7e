package plan

import "fmt"

func (h *HotKeys) String() string { return textOf(h) }

func (h *HotKeys) document() document {
	title := "Hot keys"
	if h.Name != "" {
		title += ": " + h.Name
	}
	return document{kind: "Hot keys", title: title, sections: h.sections("Busiest keys")}
}

// sections lays hot keys out; a plan has them among its own.
func (h *HotKeys) sections(heading string) []section {
	s := section{heading: heading}
	s.text = []string{
		fmt.Sprintf("Keys: %s. Peak: %s read and %s write units a second.", h.Keys.text(), numberText(h.Reads), numberText(h.Writes)),
		h.verdict(),
	}
	s.table = &table{columns: []column{{"key", true}, {"share", false}, {"RU/s", false}, {"WU/s", false}, {"of a partition", false}}}
	chart := &barChart{caption: "Load against what one partition can do: 3,000 read and 1,000 write units a second", limit: 1, limited: "one partition"}
	for _, key := range h.Busiest {
		s.table.rows = append(s.table.rows, []string{key.Name, percentText(key.Share), numberText(key.Read), numberText(key.Write), percentText(key.Load)})
		chart.bars = append(chart.bars, bar{name: key.Name, text: percentText(key.Load), values: []float64{key.Load}, over: key.Load > 1})
	}
	s.bars = chart
	s.list = append(append(s.list, h.Flags...), h.Notes...)
	return []section{s}
}

// verdict says in words what the figures mean.
func (h *HotKeys) verdict() string {
	if h.Over == 0 {
		return "No key asks for more than a partition can do."
	}
	text := countText(h.Over, "key asks", "keys ask") + " for more than a partition can do."
	add := func(what string, t Throttling, n int, remedy string) {
		if t.Sustained == 0 {
			return
		}
		text += fmt.Sprintf(" Of the %s, %s are throttled once burst capacity is spent", what, percentText(t.Sustained))
		if t.Simulated > 0 {
			text += fmt.Sprintf(", and %s of those in %s if all of it is there at first (from second %s on)", percentText(t.Simulated), h.Duration, numberText(t.From))
		} else {
			text += fmt.Sprintf(", and none in %s if all of it is there at first", h.Duration)
		}
		text += fmt.Sprintf(". %d %s that.", n, remedy)
	}
	add("writes", h.Writing, h.WriteShards, "write shards of each key end")
	add("reads", h.Reading, h.ReadCopies, "copies to read from, or a cache, end")
	return text
}
