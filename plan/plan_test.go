package plan_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/plan"
)

func sheet(t require.TestingT) *plan.PriceSheet {
	s, err := plan.Prices("us-east-1")
	require.NoError(t, err)
	return s
}

func bills(t require.TestingT, w plan.Workload, s *plan.PriceSheet) (*plan.Plan, map[string]plan.Bill) {
	p, err := plan.New(w, s)
	require.NoError(t, err)
	named := map[string]plan.Bill{}
	for _, b := range p.Bills {
		named[b.Name] = b
	}
	return p, named
}

// A log: 10 writes a second of 2,000 bytes, day and night, 100 million items, no reads.
//
//	on demand   10/s x 2 units x 2,628,000 s = 52.56 million writes x 0.625 = 32.85
//	storage     100e6 x 2,100 bytes = 195.578 GB of 2^30 x 0.25 = 48.894; IA x 0.10 = 19.558
//	IA          52.56 x 0.78 = 40.9968, and 19.558: 60.555
//	provisioned 20 / 0.7 = 28.57, so 29 WCU x 730 h x 0.00065 = 13.7605, and the one RCU that there must be: 0.0949
//	            and in IA 29 x 730 x 0.00081 = 17.1477 and 730 x 0.00016 = 0.1168
func TestPriceOfALog(t *testing.T) {
	_, got := bills(t, plan.Workload{
		Entities: []plan.Entity{{Name: "Entry", Count: 100e6, Sizes: plan.Bytes(2000)}},
		Patterns: []plan.AccessPattern{{Name: "write", Operation: plan.PutItem, Entity: "Entry", Average: 10,
			Peak: 10}},
	}, sheet(t))
	const gb = 100e6 * 2100.0 / (1 << 30)
	assert.InDelta(t, 32.85+gb*0.25, got["on-demand, Standard"].Total, 1e-6)
	assert.InDelta(t, 40.9968+gb*0.10, got["on-demand, Standard-IA"].Total, 1e-6)
	assert.InDelta(t, 13.7605+0.0949+gb*0.25, got["provisioned for the peak, Standard"].Total, 1e-6)
	assert.InDelta(t, 13.7605+0.0949+gb*0.25, got["provisioned, auto scaling, Standard"].Total, 1e-6)
	assert.InDelta(t, 17.1477+0.1168+gb*0.10, got["provisioned for the peak, Standard-IA"].Total, 1e-6)
	assert.InDelta(t, 0.0949, got["provisioned for the peak, Standard"].Idle, 1e-9, "nobody reads")
}

// Sessions: 500 reads a second on average and 1,400 for six hours of the day, eventually consistent, of items of 5,000
// bytes: 2 blocks, 1 unit each.
//
//	quiet hours (24 x 500 - 6 x 1,400) / 18 = 200 a second
//	on demand   500 x 2,628,000 = 1,314 million x 0.125 = 164.25
//	peak        1,400 / 0.7 = 2,000 RCU x 730 x 0.00013 = 189.80; 1 WCU 0.4745
//	scaled      200 / 0.7 = 285.7, so 286 RCU: (6 x 2,000 + 18 x 286) / 24 = 714.5 RCU x 0.0949 = 67.80605; 0.4745
//	storage     1e6 x 5,100 bytes / 2^30 x 0.25 = 1.18744
func TestPriceOfSessions(t *testing.T) {
	p, got := bills(t, plan.Workload{
		Entities: []plan.Entity{{Name: "Session", Count: 1e6, Sizes: plan.Bytes(5000)}},
		Patterns: []plan.AccessPattern{{Name: "read", Operation: plan.GetItem, Entity: "Session", Average: 500,
			Peak: 1400}},
		PeakHours: 6,
	}, sheet(t))
	const storage = 1e6 * 5100.0 / (1 << 30) * 0.25
	assert.InDelta(t, 164.25+storage, got["on-demand, Standard"].Total, 1e-6)
	assert.InDelta(t, 189.80+0.4745+storage, got["provisioned for the peak, Standard"].Total, 1e-6)
	assert.InDelta(t, 67.80605+0.4745+storage, got["provisioned, auto scaling, Standard"].Total, 1e-6)
	assert.Equal(t, plan.AutoScaling{Min: 286, Max: 2000, Target: 0.7}, p.Arms[0].Read)
	assert.Equal(t, "provisioned, auto scaling, Standard", p.Best)
	// 0.00013 an hour against 3,600 reads at 0.125 a million, 0.00045.
	assert.InDelta(t, 0.13/0.45, p.Compare.BreakEven, 1e-9)
}

// Orders with an index: 4 new ones a second of 1,500 bytes (2 units) with an entry of 600 (1), each later moved in the
// index as it is paid (2 + 1 + 1), 10 peak of each for 4 hours; 10 million items.
//
//	on demand   4 x 3 + 4 x 4 = 28 a second x 2.628 = 73.584 million x 0.625 = 45.99
//	             on the table 4 x 4 = 16: 26.28; on the index 4 x 3 = 12: 19.71
//	storage     10e6 x (1,600 + 700) bytes
//	peak        table 40 / 0.7 = 57.14, 58 WCU; index 30 / 0.7 = 42.86, 43 WCU; 101 x 0.4745 = 47.9245; 2 RCU 0.1898
//	reserved    100 WCU at 0.0003 an hour = 21.9; 1 more for 4 of 24 hours: 0.4745 / 6 = 0.079083.
//	            in quiet hours (24 x 16 - 4 x 40) / 20 = 11.2 / 0.7 = 16 WCU, and 8.4 / 0.7 = 12 WCU, are within the 100
//	free tier   of 25 WCU, 25 RCU and 25 GB: 25 x 0.4745 = 11.8625 and all reads, 0.1898, and all storage
func TestPriceOfOrders(t *testing.T) {
	s := sheet(t)
	s.Reserved = &plan.HourPrices{Read: 0.00006, Write: 0.0003}
	s.FreeTier = &plan.FreeTier{Read: 25, Write: 25, StorageGB: 25}
	w := plan.Workload{
		Indexes: []plan.Index{{Name: "by-status"}},
		Entities: []plan.Entity{{Name: "Order", Count: 10e6, Sizes: plan.Bytes(1500),
			Entries: []plan.Entry{{Index: "by-status", Sizes: plan.Bytes(600)}}}},
		Patterns: []plan.AccessPattern{
			{Name: "place", Operation: plan.PutItem, Entity: "Order", Average: 4, Peak: 10},
			{Name: "pay", Operation: plan.UpdateItem, Entity: "Order", Average: 4, Peak: 10,
				Effects: plan.Effects{"by-status": plan.Moves}},
		},
		PeakHours: 4, Reserved: plan.Reserved{Write: 100}, FreeTier: true,
	}
	p, got := bills(t, w, s)
	const storage = 10e6 * 2300.0 / (1 << 30) * 0.25
	demand := got["on-demand, Standard"]
	assert.InDelta(t, 45.99, demand.Write, 1e-6)
	assert.InDelta(t, storage, demand.Storage, 1e-6)
	assert.InDelta(t, storage, demand.Free, 1e-6, "the free tier holds all the storage, and has no requests on demand")
	assert.InDelta(t, 26.28+10e6*1600.0/(1<<30)*0.25, p.Arms[0].Monthly[demand.Name], 1e-6)
	assert.InDelta(t, 19.71+10e6*700.0/(1<<30)*0.25, p.Arms[1].Monthly[demand.Name], 1e-6)
	peak := got["provisioned for the peak, Standard"]
	assert.InDelta(t, 47.9245, peak.Write, 1e-6)
	assert.InDelta(t, 0.1898, peak.Read, 1e-6)
	assert.InDelta(t, 11.8625+0.1898+storage, peak.Free, 1e-6)
	reserved := got["provisioned, auto scaling, reserved, Standard"]
	assert.InDelta(t, 21.9+0.4745/6, reserved.Write, 1e-6)
	assert.Empty(t, p.Missing)
}

func TestPartialWorkloadSaysWhatIsMissing(t *testing.T) {
	p, _ := bills(t, plan.Workload{
		Indexes: []plan.Index{{Name: "x"}},
		Entities: []plan.Entity{{Name: "E", Sizes: plan.Bytes(10),
			Entries: []plan.Entry{{Index: "x", Sizes: plan.Bytes(10)}}}},
		Patterns: []plan.AccessPattern{
			{Name: "change", Operation: plan.UpdateItem, Entity: "E", Average: 1},
			{Name: "read", Operation: plan.GetItem, Entity: "E", Average: 1, Peak: 2},
		},
		FreeTier: true, Reserved: plan.Reserved{Read: 100},
	}, sheet(t))
	for _, part := range []string{`pattern "change" does to entries of index "x"`, `peak rate of pattern "change"`,
		"hours of a day", `items of entity "E"`, "free tier", "reserved"} {
		assert.Contains(t, strings.Join(p.Missing, "\n"), part)
	}
	empty, _ := bills(t, plan.Workload{}, sheet(t))
	assert.Contains(t, strings.Join(empty.Missing, "\n"), "access patterns")
}

// someWorkload draws a workload that is right.
func someWorkload(t *rapid.T) plan.Workload {
	size := func(what string) plan.Sizes { return plan.Bytes(rapid.IntRange(1, 300_000).Draw(t, what)) }
	w := plan.Workload{Name: "w", PeakHours: rapid.Float64Range(0.5, 23).Draw(t, "hours"),
		Indexes: []plan.Index{{Name: "g"}, {Name: "l", Local: true}}}
	for _, name := range []string{"A", "B"} {
		w.Entities = append(w.Entities, plan.Entity{Name: name, Count: float64(rapid.IntRange(1, 1e9).Draw(t, "count")),
			Sizes: size("size"),
			Entries: []plan.Entry{{Index: "g", Sizes: size("g"), Share: rapid.Float64Range(0.1, 1).Draw(t, "share")},
				{Index: "l", Sizes: size("l")}}})
	}
	effect := rapid.SampledFrom([]plan.Effect{plan.Adds, plan.Removes, plan.Rewrites, plan.Moves, plan.Leaves})
	for i := range rapid.IntRange(1, 6).Draw(t, "patterns") {
		a := plan.AccessPattern{Name: string(rune('a' + i)),
			Entity:  rapid.SampledFrom([]string{"A", "B"}).Draw(t, "entity"),
			Average: rapid.Float64Range(0, 1e4).Draw(t, "average")}
		a.Peak = a.Average * rapid.Float64Range(1, 24/w.PeakHours).Draw(t, "peak")
		switch a.Operation = rapid.SampledFrom([]plan.Operation{plan.GetItem, plan.PutItem, plan.UpdateItem,
			plan.DeleteItem, plan.Query, plan.Scan}).Draw(t, "operation"); a.Operation {
		case plan.Query:
			a.Items, a.Index = float64(rapid.IntRange(0, 5000).Draw(t, "items")),
				rapid.SampledFrom([]string{"", "g", "l"}).Draw(t, "index")
		case plan.UpdateItem:
			a.Effects = plan.Effects{"g": effect.Draw(t, "effect"), "l": effect.Draw(t, "effect")}
		}
		w.Patterns = append(w.Patterns, a)
	}
	return w
}

func TestContributionsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := someWorkload(t)
		p, got := bills(t, w, sheet(t))
		for name, bill := range got {
			patterns, arms, storage := bill.Idle, 0.0, 0.0
			for _, x := range p.Patterns {
				patterns += x.Monthly[name]
			}
			for _, x := range p.Arms {
				arms += x.Monthly[name]
			}
			for _, x := range p.Entities {
				storage += x.Monthly[name]
			}
			near := 1e-9 * math.Max(1, bill.Total)
			assert.InDelta(t, bill.Read+bill.Write, patterns, near, name)
			assert.InDelta(t, bill.Total, arms, near, name)
			assert.InDelta(t, bill.Storage, storage, near, name)
		}
		if w.Patterns[0].Average == 0 {
			return
		}
		more := w
		more.Patterns = append([]plan.AccessPattern(nil), w.Patterns...)
		more.Patterns[0].Average *= 2
		more.Patterns[0].Peak *= 2
		_, dearer := bills(t, more, sheet(t))
		for name, bill := range got {
			assert.GreaterOrEqual(t, dearer[name].Total, bill.Total*(1-1e-12), "twice the rate is not cheaper: %s",
				name)
		}
	})
}

func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := someWorkload(t)
		keys := plan.Zipf(100, 1)
		w.Entities[0].Keys = &keys
		raw, err := json.Marshal(w)
		require.NoError(t, err)
		var back plan.Workload
		require.NoError(t, json.Unmarshal(raw, &back))
		require.Equal(t, w, back)
		p, _ := bills(t, w, sheet(t))
		raw, err = json.Marshal(p)
		require.NoError(t, err)
		var again plan.Plan
		require.NoError(t, json.Unmarshal(raw, &again))
		require.Equal(t, p, &again)
	})
}

func TestBadInputsAreRefusedByName(t *testing.T) {
	good := func() plan.Workload {
		return plan.Workload{
			Indexes: []plan.Index{{Name: "g"}},
			Entities: []plan.Entity{{Name: "E", Count: 1, Sizes: plan.Bytes(10),
				Entries: []plan.Entry{{Index: "g", Sizes: plan.Bytes(10)}}}},
			Patterns: []plan.AccessPattern{{Name: "p", Operation: plan.UpdateItem, Entity: "E", Average: 1, Peak: 2}},
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	type change = func(*plan.Workload)
	for _, c := range []struct {
		names string
		change
	}{
		{`pattern "p" has Average -1`, func(w *plan.Workload) { w.Patterns[0].Average = -1 }},
		{`pattern "p" has Average NaN`, func(w *plan.Workload) { w.Patterns[0].Average = nan }},
		{`pattern "p" has Peak +Inf`, func(w *plan.Workload) { w.Patterns[0].Peak = inf }},
		{`pattern "p" has Average 1e+12`, func(w *plan.Workload) {
			w.Patterns[0].Average, w.Patterns[0].Peak = 1e12,
				1e12
		}},
		{`pattern "p" has a Peak of 0.5`, func(w *plan.Workload) { w.Patterns[0].Peak = 0.5 }},
		{`pattern "p" has an Average of 1`, func(w *plan.Workload) { w.PeakHours = 20 }},
		{`PeakHours 25`, func(w *plan.Workload) { w.PeakHours = 25 }},
		{`Target NaN`, func(w *plan.Workload) { w.Target = nan }},
		{`Reserved.Read -1`, func(w *plan.Workload) { w.Reserved.Read = -1 }},
		{`entity "E" has Count NaN`, func(w *plan.Workload) { w.Entities[0].Count = nan }},
		{`entity "E" has a size of 0 bytes`, func(w *plan.Workload) { w.Entities[0].Sizes = plan.Bytes(0) }},
		{`entity "E" has a size of 409601 bytes`, func(w *plan.Workload) { w.Entities[0].Sizes = plan.Bytes(409601) }},
		{`add up to 0.5`, func(w *plan.Workload) { w.Entities[0].Sizes = plan.Sizes{{Bytes: 1, Share: 0.5}} }},
		{`share of sizes of NaN`, func(w *plan.Workload) { w.Entities[0].Sizes = plan.Sizes{{Bytes: 1, Share: nan}} }},
		{`has no sizes`, func(w *plan.Workload) { w.Entities[0].Sizes = nil }},
		{`in index "h" is of no Index`, func(w *plan.Workload) { w.Entities[0].Entries[0].Index = "h" }},
		{`has Share 2`, func(w *plan.Workload) { w.Entities[0].Entries[0].Share = 2 }},
		{`index "g" is there twice`, func(w *plan.Workload) { w.Indexes = append(w.Indexes, w.Indexes[0]) }},
		{`entity "E" is there twice`, func(w *plan.Workload) { w.Entities = append(w.Entities, w.Entities[0]) }},
		{`pattern "p" is there twice`, func(w *plan.Workload) { w.Patterns = append(w.Patterns, w.Patterns[0]) }},
		{`Operation "Put"`, func(w *plan.Workload) { w.Patterns[0].Operation = "Put" }},
		{`entity "F", which is no Entity`, func(w *plan.Workload) { w.Patterns[0].Entity = "F" }},
		{`has no Entity`, func(w *plan.Workload) { w.Patterns[0].Entity = "" }},
		{`has Missing: UpdateItem makes`, func(w *plan.Workload) { w.Patterns[0].Missing = 0.5 }},
		{`has Failing NaN`, func(w *plan.Workload) { w.Patterns[0].Failing = nan }},
		{`has an Index`, func(w *plan.Workload) { w.Patterns[0].Index = "g" }},
		{`effect "jumps"`, func(w *plan.Workload) { w.Patterns[0].Effects = plan.Effects{"g": "jumps"} }},
		{`effect on index "h"`, func(w *plan.Workload) { w.Patterns[0].Effects = plan.Effects{"h": plan.Adds} }},
		{`has Consistent: UpdateItem`, func(w *plan.Workload) { w.Patterns[0].Consistent = true }},
		{`a global index has no consistent reads`, func(w *plan.Workload) {
			w.Patterns[0] = plan.AccessPattern{Name: "q", Operation: plan.Query, Entity: "E", Index: "g",
				Consistent: true}
		}},
		{`has no Actions`, func(w *plan.Workload) {
			w.Patterns[0] = plan.AccessPattern{Name: "q", Operation: plan.TransactWriteItems}
		}},
		{`has 101 items in one request`, func(w *plan.Workload) {
			w.Patterns[0] = plan.AccessPattern{Name: "q", Operation: plan.BatchGetItem, Entity: "E", Items: 101}
		}},
		{`Items NaN`, func(w *plan.Workload) { w.Patterns[0].Items = nan }},
		{`do not add up to their sum`, func(w *plan.Workload) {
			w.Patterns[0].Units = &monotable.Capacity{Units: monotable.Units{Read: 5}}
		}},
		{`Units with table reads -1`, func(w *plan.Workload) {
			w.Patterns[0].Units = &monotable.Capacity{Table: monotable.Units{Read: -1}}
		}},
		{`exponent NaN`, func(w *plan.Workload) { k := plan.Zipf(10, nan); w.Entities[0].Keys = &k }},
	} {
		w := good()
		c.change(&w)
		_, err := plan.New(w, sheet(t))
		assert.ErrorContains(t, err, c.names)
	}
	_, err := plan.New(good(), nil)
	assert.ErrorContains(t, err, "price sheet is nil")
	bad := sheet(t)
	bad.Standard.OnDemand.Read = nan
	_, err = plan.New(good(), bad)
	assert.ErrorContains(t, err, "standard.on_demand.read_million NaN")
}

func TestPriceSheets(t *testing.T) {
	_, err := plan.Prices("mars-north-1")
	assert.ErrorContains(t, err, "us-east-1")
	raw, err := json.Marshal(sheet(t))
	require.NoError(t, err)
	again, err := plan.ReadPrices(strings.NewReader(string(raw)))
	require.NoError(t, err)
	assert.Equal(t, sheet(t), again)
	for _, c := range []struct{ old, new, names string }{
		{`"region":"us-east-1"`, `"region":""`, "no region"},
		{`"date":"2026-10"`, `"date":"lately"`, "date"},
		{`"read_million":0.125`, `"reads_million":0.125`, "reads_million"},
		{`"read_million":0.125`, `"read_million":-1`, "read_million"},
		{`"hours_per_month":730`, `"hours_per_month":7`, "hours_per_month"},
	} {
		require.Contains(t, string(raw), c.old)
		_, err := plan.ReadPrices(strings.NewReader(strings.Replace(string(raw), c.old, c.new, 1)))
		assert.ErrorContains(t, err, c.names)
	}
	_, err = plan.ReadPrices(strings.NewReader(string(raw) + "{}"))
	assert.ErrorContains(t, err, "more follows")
}

// The report begins with the hottest key, the cheapest way to pay and the largest cost, each with what to do. The
// figures are worked out by hand, of prices that are round.
func TestWhatTheFiguresSuggest(t *testing.T) {
	hot, even := plan.Zipf(3, 1), plan.Uniform(1000)
	item := plan.Entity{Name: "E", Count: 1000, Sizes: plan.Bytes(924)} // and 100 that storage adds
	with := func(e plan.Entity, keys *plan.KeyDistribution) []plan.Entity { e.Keys = keys; return []plan.Entity{e} }
	large := item
	large.Count = 1e12
	for name, test := range map[string]struct {
		w    plan.Workload
		says []string
	}{
		"a hot key that is written": {plan.Workload{Entities: with(item, &hot), Patterns: []plan.AccessPattern{
			{Name: "put", Operation: plan.PutItem, Entity: "E", Average: 2200}}}, []string{
			`Too hot: "key 1" of table, E asks for 1,200 write units a second at the peak, 120% of what a partition can ` +
				`do, so that 9.1% of the writes are refused. Write it under 2 shards.`, "Cheapest at this load: provisioned",
			"Largest cost: put, 100% of the reads and writes, "}},
		"one that is read": {plan.Workload{Entities: with(item, &hot), Patterns: []plan.AccessPattern{
			{Name: "get", Operation: plan.GetItem, Consistent: true, Entity: "E", Average: 10450}}}, []string{
			`Too hot: "key 1" of table, E asks for 5,700 read units a second at the peak, 190% of what a partition can ` +
				`do, so that 26% of the reads are refused. Read it from 2 copies, or through a cache.`,
			"Cheapest", "Largest cost: get, 100% of the reads and writes, "}},
		"none, and a peak of one hour": {plan.Workload{Entities: with(item, &even), PeakHours: 1,
			Patterns: []plan.AccessPattern{
				{Name: "put", Operation: plan.PutItem, Entity: "E", Average: 1, Peak: 20},
				{Name: "get", Operation: plan.GetItem, Entity: "E", Average: 1}}}, []string{
			`No key is too hot: the hottest, "each key" of table, E, asks for <0.1% of what a partition can do.`,
			"Cheapest", "Largest cost: put, "}},
		"storage": {plan.Workload{Entities: []plan.Entity{large}, Patterns: []plan.AccessPattern{
			{Name: "get", Operation: plan.GetItem, Entity: "E", Average: 1}}}, []string{
			"Cheapest at this load: ", "Largest cost: storage, 100% of the bill, and of it E with 100%."}},
		"nothing": {plan.Workload{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := plan.New(test.w, sheet(t))
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(p.Advice), len(test.says), "%q", p.Advice)
			for i, says := range test.says {
				assert.True(t, strings.HasPrefix(p.Advice[i], says), "%s", p.Advice[i])
			}
			if test.says == nil {
				assert.Empty(t, p.Advice)
				return
			}
			text := p.String()
			assert.Less(t, strings.Index(text, "What the figures suggest"), strings.Index(text, "What a month costs"))
			for _, b := range p.Bills {
				if b.Name == p.Best {
					assert.Contains(t, strings.Join(p.Advice, "\n"), "Cheapest at this load: "+b.Name+", ")
				}
			}
		})
	}
}
