package plan

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// Survey is what SurveyTable found in a table. It is plain data, and encoding/json keeps it. Counts and bytes are those
// of the segments scanned; Scale turns them into estimates for the table.
type Survey struct {
	Table    string
	At       time.Time
	Units    float64 // read units consumed
	Items    int     // scanned
	Bytes    int     // of them, without storage overhead
	Segments int     // into which the table was cut
	Chosen   int     // that were to be scanned
	Whole    int     // that were scanned to their end
	// Scale is how many times what was scanned the table holds, to be expected: 1 for all of it, 0 where no segment was
	// scanned whole and nothing can be said of the table.
	Scale float64
	Ended string `json:",omitempty"` // what ended it early, "" for nothing

	Entities    []EntitySurvey    // by bytes, falling
	Attributes  []AttributeUse    // by the bytes of their names, falling
	LargeItems  []LargeItem       // falling
	Collections []LargeCollection // falling; the largest item collections of the segments scanned
	Advice      []string          `json:",omitempty"` // what the figures suggest

	Indexes      []string `json:",omitempty"` // of the schema
	LocalIndexes []string `json:",omitempty"` // those among them that are local
	TTL          string   `json:",omitempty"` // the schema's TTL attribute
}

// EntitySurvey is what was found of one entity type.
type EntitySurvey struct {
	Name  string
	Items int
	Bytes int
	Sizes Sizes
	// Error is the half-width of the 95% interval of the estimated number of items in the table, Items times Scale:
	// from how much the segments differ. 0 where everything was scanned, or fewer than two segments and so nothing is
	// known.
	Error        float64 `json:",omitempty"`
	NameBytes    int     // of attribute names, nested ones included
	Indexes      []IndexSurvey
	Expired      int `json:",omitempty"` // items whose TTL has passed and that are still stored
	ExpiredBytes int `json:",omitempty"`
}

// IndexSurvey is how many items of a type are in an index, and with how large an entry.
type IndexSurvey struct {
	Index string
	Items int
	Share float64 // of the type's items, 0 to 1: the coverage of a sparse index
	Bytes int     // of the entries
	Sizes Sizes
}

// AttributeUse is what one attribute takes: its names, nested ones included, and its values. The attributes that are
// too many to be told apart have no name.
type AttributeUse struct {
	Entity     string
	Name       string
	Count      int
	NameBytes  int
	ValueBytes int
}

// LargeItem is one of the largest items.
type LargeItem struct {
	Entity string
	Bytes  int
	Key    string `json:",omitempty"` // as JSON, where SurveyOptions.ShowKeys asks for it
}

// LargeCollection is one of the largest item collections: the items of one partition key.
type LargeCollection struct {
	Items int
	Bytes int
	Key   string `json:",omitempty"` // as JSON, where SurveyOptions.ShowKeys asks for it
}

// survey sums the tally up.
func (t *tally) survey(chosen int) *Survey {
	s := &Survey{Table: t.schema.Name, At: t.now, Units: t.units, Items: t.items, Bytes: t.bytes,
		Segments: t.options.Segments,
		Chosen:   chosen, Whole: t.whole, LargeItems: t.largest.kept, Collections: t.heaviest.kept, TTL: t.schema.TTL}
	if t.whole < chosen {
		s.Ended = "the budget was spent"
	}
	inWhole := 0.0
	for _, e := range t.entities {
		for _, n := range e.bySegment {
			inWhole += n
		}
	}
	if t.whole > 0 {
		// What the whole segments hold stands for all segments; what was scanned of another only adds to the sizes.
		s.Scale = inWhole * float64(t.options.Segments) / float64(t.whole) / float64(max(t.items, 1))
		if t.items == 0 {
			s.Scale = 1
		}
	}
	for name, e := range t.entities {
		s.Entities = append(s.Entities, t.entity(name, e))
		for _, use := range append(slices.Collect(maps.Values(e.names)), &e.more) {
			if use.Count > 0 {
				x := *use
				x.Entity = name
				s.Attributes = append(s.Attributes, x)
			}
		}
	}
	slices.SortFunc(s.Entities, func(a, b EntitySurvey) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(s.Attributes, func(a, b AttributeUse) int {
		return cmp.Or(cmp.Compare(b.NameBytes, a.NameBytes), cmp.Compare(a.Entity, b.Entity),
			cmp.Compare(a.Name, b.Name))
	})
	for _, index := range t.schema.Indexes {
		s.Indexes = append(s.Indexes, index.Name)
		if index.Local {
			s.LocalIndexes = append(s.LocalIndexes, index.Name)
		}
	}
	s.advise()
	return s
}

func (t *tally) entity(name string, e *entityTally) EntitySurvey {
	x := EntitySurvey{Name: name, Items: e.count, Bytes: e.bytes, Sizes: sizesIn(e.sizes), Error: t.sampling(e),
		Expired: e.expired, ExpiredBytes: e.expiredBytes}
	for _, use := range e.names {
		x.NameBytes += use.NameBytes
	}
	x.NameBytes += e.more.NameBytes
	for i, entry := range e.entries {
		if entry.count > 0 {
			x.Indexes = append(x.Indexes, IndexSurvey{Index: t.schema.Indexes[i].Name, Items: entry.count,
				Share: float64(entry.count) / float64(e.count), Bytes: entry.bytes, Sizes: sizesIn(entry.sizes)})
		}
	}
	return x
}

// sampling is the half-width of the 95% interval of a type's count, as of a simple sample of segments drawn without
// replacement (Cochran, "Sampling Techniques", on cluster sampling).
func (t *tally) sampling(e *entityTally) float64 {
	m, all := float64(t.whole), float64(t.options.Segments)
	if m < 2 || m == all {
		return 0
	}
	counts := e.bySegment
	sum := 0.0
	for _, n := range counts {
		sum += n
	}
	mean, squares := sum/m, 0.0
	for _, n := range counts {
		squares += (n - mean) * (n - mean)
	}
	squares += (m - float64(len(counts))) * mean * mean // segments without any
	return normalTwoSide * all * math.Sqrt((1-m/all)*squares/(m-1)/m)
}

// mostSizes is how many sizes are kept of one kind of item: about as many percentiles.
const mostSizes = 100

// sizesIn makes sizes of counts: exactly where they are few, otherwise in as many equal shares, each with its average.
func sizesIn(counts map[int]int) Sizes {
	sorted := slices.Sorted(maps.Keys(counts))
	total := 0
	for _, n := range counts {
		total += n
	}
	var sizes Sizes
	if len(sorted) <= mostSizes {
		for _, bytes := range sorted {
			sizes = append(sizes, SizeShare{bytes, float64(counts[bytes]) / float64(total)})
		}
		return sizes
	}
	sum, n, seen := 0, 0, 0
	for i, bytes := range sorted {
		sum, n, seen = sum+bytes*counts[bytes], n+counts[bytes], seen+counts[bytes]
		if last := i == len(sorted)-1; last || seen*mostSizes >= total*(len(sizes)+1) {
			sizes = append(sizes, SizeShare{int(math.Round(float64(sum) / float64(n))), float64(n) / float64(total)})
			sum, n = 0, 0
		}
	}
	return sizes
}

// Workload makes a workload of what was found, without patterns: the table's entities with estimated counts, sizes and
// index entries, and its indexes, to which New's other inputs are added.
func (s *Survey) Workload() Workload {
	w := Workload{Name: s.Table}
	for _, x := range s.Entities {
		e := Entity{Name: x.Name, Count: math.Round(float64(x.Items) * s.Scale), Sizes: x.Sizes}
		for _, index := range x.Indexes {
			entry := Entry{Index: index.Index, Sizes: index.Sizes}
			if index.Share < 1 {
				entry.Share = index.Share
			}
			e.Entries = append(e.Entries, entry)
		}
		w.Entities = append(w.Entities, e)
	}
	for _, name := range s.Indexes {
		w.Indexes = append(w.Indexes, Index{Name: name, Local: slices.Contains(s.LocalIndexes, name)})
	}
	return w
}
