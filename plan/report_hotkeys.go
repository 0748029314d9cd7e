package plan

import (
	"fmt"
	"strings"
	"time"
)

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
		fmt.Sprintf("Keys: %s. Peak: %s read and %s write units a second.", h.Keys.text(), numberText(h.Reads),
			numberText(h.Writes)),
		h.verdict(),
	}
	s.table = &table{columns: []column{{"key", true}, {"share", false}, {"RU/s", false}, {"WU/s", false},
		{"of a partition", false}}}
	chart := &barChart{caption: "Load against what one partition can do: 3,000 read and 1,000 write units a second",
		limit: 1, limited: "one partition"}
	for _, key := range h.Busiest {
		s.table.rows = append(s.table.rows, []string{key.Name, percentText(key.Share), numberText(key.Read),
			numberText(key.Write), percentText(key.Load)})
		chart.bars = append(chart.bars, bar{name: key.Name, text: percentText(key.Load), values: []float64{key.Load},
			over: key.Load > 1})
	}
	s.bars = chart
	s.list = append(append(s.list, h.Flags...), h.Notes...)
	return []section{s}
}

// verdict says in words what the figures mean.
func (h *HotKeys) verdict() string {
	text := "No key asks for more than a partition can do."
	if h.Over > 0 {
		text = countText(h.Over, "key asks", "keys ask") + " for more than a partition can do."
	}
	add := func(what string, t Throttling, provisioned float64) {
		switch {
		case t.Sustained+t.Simulated == 0:
		case provisioned > 0:
			text += fmt.Sprintf(" With %s provisioned, %s of the %s are refused once burst capacity is spent, and %s "+
				"of those in %s if all of it is there at first.",
				numberText(provisioned), percentText(t.Sustained), what, percentText(t.Simulated),
				durationText(h.Duration))
		default:
			text += fmt.Sprintf(" Of the %s, %s are refused as long as that lasts; simulated over %s, %s.", what,
				percentText(t.Sustained), durationText(h.Duration), percentText(t.Simulated))
		}
	}
	add("writes", h.Writing, h.ProvisionedWrites)
	add("reads", h.Reading, h.ProvisionedReads)
	if h.WriteShards > 1 {
		text += fmt.Sprintf(" Written under %d shards each, the keys stay within a partition.", h.WriteShards)
	}
	if h.ReadCopies > 1 {
		text += fmt.Sprintf(" Read from %d copies each, or through a cache, they do for reads.", h.ReadCopies)
	}
	return text
}

// durationText writes minutes and hours without zeros behind.
func durationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
