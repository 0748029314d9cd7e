//go:build !oracle

// DynamoDB Local 3.1 has no indexes of several attributes, so that these run on the fake alone.

package monotable_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

// What a partition's key keeps of a value is not the value: its day does not tell the times of its items.
func TestPartitionByDaySortedByTime(t *testing.T) {
	ctx := t.Context()
	table := newTable[login](t, store, monotable.Model{Keys: map[string]string{
		"PK": "T#{day}#{at|date}", "SK": "{at}", "GSI1PK": "E#{email|lower}", "GSI1SK": "{email}#{n:3}",
	}})
	midnight := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for i, email := range []string{"ann@x", "Ann@x", "ANN@x"} {
		require.NoError(t, table.Put(ctx, &login{Day: "t", Email: email, N: i,
			At: midnight.Add(time.Duration(i) * time.Hour)}))
	}
	require.NoError(t, table.Put(ctx, &login{Day: "t", Email: "bob@x", At: midnight.Add(24 * time.Hour)}))
	for _, hour := range []int{0, 1, 2, 3, 23} {
		partition := login{Day: "t", At: midnight.Add(time.Duration(hour) * time.Hour)}
		n, err := table.Count(ctx, partition)
		require.NoError(t, err)
		assert.Equal(t, 3, n, "hour %d", hour)
		assert.Len(t, collect(t, table.Collection(ctx, partition)), 3)
		count := func(o ...monotable.QueryOption) int { return len(collect(t, table.Query(ctx, partition, o...))) }
		assert.Equal(t, 1, count(monotable.Eq("at", midnight.Add(time.Hour))))
		assert.Equal(t, 2, count(monotable.From("at", midnight.Add(time.Hour))))
		assert.Equal(t, 1, count(monotable.Before("at", midnight.Add(time.Hour))))
		assert.Equal(t, 3, count(monotable.Between("at", midnight.Add(-time.Hour), midnight.Add(48*time.Hour))),
			"the partition has the day alone")
	}
	for _, email := range []string{"ann@x", "aNN@x"} {
		partition, on := login{Email: email}, monotable.On("GSI1")
		assert.Len(t, collect(t, table.Query(ctx, partition, on)), 3)
		assert.Len(t, collect(t, table.Query(ctx, partition, on, monotable.Eq("email", "Ann@x"))), 1)
		assert.Len(t, collect(t, table.Query(ctx, partition, on, monotable.Eq("email", "ann@x"),
			monotable.From("n", 1))), 0)
	}
}

// A partition that keeps all of a value, or as much as the sort key, still binds it.
func TestPartitionThatDeterminesASortField(t *testing.T) {
	ctx := t.Context()
	at := time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)
	for _, keys := range []map[string]string{
		{"PK": "P#{at}", "SK": "{at|date}#{n:3}"},
		{"PK": "P#{at|hour}", "SK": "{at|date}#{n:3}"},
		{"PK": "P#{at|date}", "SK": "{at|date|desc}#{n:3}"},
		{"PK": "P#{email}", "SK": "{email|lower}#{n:3}"},
		{"PK": "P#{email|upper}", "SK": "{email|upper}#{n:3}"},
		{"PK": "P#{email|lower}", "SK": "{email|lower|shard:4}#{n:3}"},
	} {
		table := newTable[login](t, store, monotable.Model{Keys: keys})
		for n := range 4 {
			require.NoError(t, table.Put(ctx, &login{Email: "Ann@x", At: at, N: n}))
		}
		assert.Len(t, collect(t, table.Query(ctx, login{Email: "Ann@x", At: at}, monotable.From("n", 2))), 2, "%v",
			keys)
	}
	several := newTable[login](t, monotable.Schema{
		Name: "several", Partition: monotable.S("PK"), Sort: monotable.S("SK"),
		Indexes: []monotable.Index{{Name: "by-day", Partition: monotable.S("IP"), Sort: monotable.S("day").N("n")}},
	}, monotable.Model{Keys: map[string]string{"PK": "P", "SK": "{n:3}", "IP": "{day}"}})
	require.NoError(t, several.Put(ctx, &login{Day: "mon", N: 1}))
	require.NoError(t, several.Put(ctx, &login{Day: "mon", N: 2}))
	assert.Len(t, collect(t, several.Query(ctx, login{Day: "mon"}, monotable.On("by-day"), monotable.From("n", 2))), 1)
}

// A range of times that are stored in whole seconds is one of what is stored.
func TestRangesOfWholeSeconds(t *testing.T) {
	ctx := t.Context()
	table := newTable[probe](t, probes, monotable.Model{Keys: map[string]string{"PK": "P#{tenant}", "SK": "{due}#{id}",
		"OP": "O#{tenant}"}})
	second := time.Unix(1_800_000_000, 0)
	for i := range 3 {
		x := probe{ID: fmt.Sprint(i), Tenant: "t", At: second, Due: second.Add(time.Duration(i) * time.Second)}
		require.NoError(t, table.Put(ctx, &x))
	}
	between := second.Add(time.Second / 2)
	for _, on := range []monotable.QueryOption{nil, monotable.On("own")} {
		count := func(o monotable.QueryOption) int {
			return len(collect(t, table.Query(ctx, probe{Tenant: "t"}, on, o)))
		}
		assert.Equal(t, 2, count(monotable.From("due", between)))
		assert.Equal(t, 1, count(monotable.Before("due", between)))
		assert.Equal(t, 2, count(monotable.Between("due", between, second.Add(5*time.Second/2))))
		require.ErrorIs(t, firstError(table.Query(ctx, probe{Tenant: "t"}, on, monotable.Eq("due", &between))),
			monotable.ErrKey)
	}
}

// losses order what forms of one field keep of it: a form is had from one that keeps as much in the same way.
func (p piece) keptBy(q piece) bool {
	if p.path != q.path || q.shard > 0 {
		return false
	}
	if q.fold != "" && p.fold != q.fold {
		return false
	}
	if p.path != "at" && p.path != "due" {
		return true
	}
	order := []string{"year", "month", "date", "hour", "min", "s", "ms", "us", "ns"}
	rank := func(unit string) int {
		unit = map[string]string{"": "ns", "unix": "s", "unixms": "ms"}[unit] + unit
		unit = strings.TrimSuffix(strings.TrimSuffix(unit, "unixms"), "unix")
		at := slices.Index(order, unit)
		if p.path == "due" && at >= slices.Index(order, "s") {
			at = len(order)
		}
		return at
	}
	return rank(q.unit) >= rank(p.unit)
}

// probeSpace is a key of a random model: T's own attributes are pieces without a modifier.
type probeSpace struct {
	index     string
	partition []piece
	sort      [][]piece // by attribute
	natural   []bool    // by attribute
	in        func(probe) bool
}

// drawn is a random query: its partition, its options, and the items that it is about.
type drawnQuery struct {
	partition probe
	options   []monotable.QueryOption
	texts     []string
	matches   []func(probe) bool
	needs     []piece // what the partition is made of
}

// setField gives the partition a field of another probe.
func (x *probe) setField(path string, from probe) {
	switch path {
	case "id":
		x.ID = from.ID
	case "tenant":
		x.Tenant = from.Tenant
	case "email":
		x.Email = from.Email
	case "status":
		x.Status = from.Status
	case "at":
		x.At = from.At
	case "due":
		x.Due = from.Due
	case "n":
		x.N = from.N
	case "f":
		x.F = from.F
	case "flag":
		x.Flag = from.Flag
	case "rank":
		x.Rank = from.Rank
	}
}

func (q *drawnQuery) option(text string, o monotable.QueryOption, matches func(probe) bool) {
	q.options, q.texts, q.matches = append(q.options, o), append(q.texts, text), append(q.matches, matches)
}

// operand is a probe's field as a sort condition takes it: cut to what the form keeps.
func (p piece) operand(x probe) any {
	x = x.stored()
	t := x.At
	switch p.path {
	case "id":
		return x.ID
	case "tenant":
		return x.Tenant
	case "email":
		return x.Email
	case "status":
		return x.Status
	case "n":
		return x.N
	case "f":
		return x.F
	case "flag":
		return x.Flag
	case "rank":
		return x.Rank
	case "due":
		t = x.Due
	}
	switch p.unit {
	case "unix":
		return t.Truncate(time.Second)
	case "unixms":
		return t.Truncate(time.Millisecond)
	}
	cut, err := time.Parse(layouts[p.unit], t.UTC().Format(layouts[p.unit]))
	if err != nil {
		panic(err)
	}
	return cut
}

// compare orders two values of a form: by what it keeps.
func (p piece) compare(x, y any) int {
	switch x := x.(type) {
	case string:
		y := y.(string)
		switch p.fold {
		case "lower":
			return cmp.Compare(strings.ToLower(x), strings.ToLower(y))
		case "upper":
			return cmp.Compare(strings.ToUpper(x), strings.ToUpper(y))
		}
		return cmp.Compare(x, y)
	case int:
		return cmp.Compare(x, y.(int))
	case float64:
		return cmp.Compare(x, y.(float64))
	case *int:
		return cmp.Compare(*x, *y.(*int))
	case bool:
		return cmp.Compare(fmt.Sprint(x), fmt.Sprint(y))
	}
	return x.(time.Time).Compare(y.(time.Time))
}

// drawQuery draws a partition, equalities from the left and a range behind them.
func drawQuery(t *rapid.T, space probeSpace, items []probe) (q drawnQuery) {
	from := rapid.SampledFrom(items).Draw(t, "partition of")
	for _, p := range space.partition {
		if p.shard == 0 {
			q.partition.setField(p.path, from)
			q.needs = append(q.needs, p)
			q.matches = append(q.matches, func(x probe) bool { return p.value(x) == p.value(from) })
		}
	}
	bound := func(p piece) bool { return slices.ContainsFunc(space.partition, p.keptBy) }
	if space.index != "" {
		q.option("On "+space.index, monotable.On(space.index), space.in)
	}
	for i, attribute := range space.sort {
		for j, p := range attribute {
			last := j == len(attribute)-1
			groups := strings.HasSuffix(p.text, "|plain") ||
				!last && slices.Contains([]string{"id", "tenant", "email", "status"}, p.path) && !strings.Contains(p.text, ":")
			if !bound(p) && !q.drawSort(t, p, last, groups && !space.natural[i], items) {
				return q
			}
		}
	}
	return q
}

// drawSort draws a condition on a sort field, and tells whether another may follow. A field that groups has no ranges.
func (q *drawnQuery) drawSort(t *rapid.T, p piece, last, groups bool, items []probe) (more bool) {
	with, other := rapid.SampledFrom(items).Draw(t, "operand of"), rapid.SampledFrom(items).Draw(t, "end of")
	op := rapid.SampledFrom([]string{"", "Eq", "Eq", "Eq", "Bounds", "Bounds", "Bounds", "Between", "BeginsWith"}).
		Draw(t, "operator")
	if op == "" || p.shard > 0 || p.value(with) == "" || p.value(other) == "" {
		return false
	}
	a, b := p.operand(with), p.operand(other)
	switch {
	case op == "Eq":
		q.option("Eq "+p.path, monotable.Eq(p.path, a), func(x probe) bool { return p.value(x) == p.value(with) })
		return true
	case op == "BeginsWith":
		text, is := a.(string)
		if !is || strings.Contains(p.text, "raw") && !last {
			return false
		}
		_, n := utf8.DecodeRuneInString(text)
		begin := text[:n+rapid.IntRange(0, len(text)-n).Draw(t, "length")]
		folded := map[string]func(string) string{"": strings.Clone, "lower": strings.ToLower,
			"upper": strings.ToUpper}[p.fold](begin)
		q.option("BeginsWith "+p.path, monotable.BeginsWith(p.path, begin),
			func(x probe) bool { return strings.HasPrefix(p.value(x), folded) })
	case groups:
	case op == "Bounds":
		if p.compare(a, b) > 0 {
			a, b = b, a
		}
		if low := rapid.SampledFrom(lowers).Draw(t, "lower"); low.name != "" {
			q.option(low.name+" "+p.path, low.option(p.path, a),
				func(x probe) bool { return low.holds(p.compare(p.operand(x), a)) })
		}
		if high := rapid.SampledFrom(uppers).Draw(t, "upper"); high.name != "" {
			q.option(high.name+" "+p.path, high.option(p.path, b),
				func(x probe) bool { return high.holds(p.compare(p.operand(x), b)) })
		}
	default:
		if p.compare(a, b) > 0 {
			a, b = b, a
		}
		q.option("Between "+p.path, monotable.Between(p.path, a, b), func(x probe) bool {
			return p.compare(p.operand(x), a) >= 0 && p.compare(p.operand(x), b) <= 0
		})
	}
	return false
}

// Queries of random models over every modifier agree with a filter over a slice: the table, a made index and one of
// several attributes, whole, by pages, counted, in views, and as collections.
func TestQueriesAgreeWithAFilter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		always := slices.DeleteFunc(slices.Clone(pieces),
			func(p piece) bool { return p.path == "status" || p.path == "rank" })
		plain := slices.DeleteFunc(slices.Clone(always), func(p piece) bool { return p.shard > 0 })
		draw := func(name, lead string, from []piece) template { return drawTemplate(rt, name, lead, 3, from) }
		pk, sk := draw("PK", "P#", always), draw("SK", "", plain)
		sk.pieces = append(sk.pieces, piece{path: "id", text: "id"})
		gp, gs := draw("GP", "", pieces), draw("GS", "S#", pieces)
		mp, ms, mt := draw("MP", "", pieces), draw("MS", "", plain), draw("MT", "", pieces)
		model := monotable.Model{Keys: map[string]string{
			"PK": pk.String(), "SK": sk.String(), "GP": gp.String(), "GS": gs.String(), "MP": mp.String(),
			"MS": ms.String(), "MT": mt.String(),
		}}
		own := func(path string) []piece { return []piece{{path: path, text: path}} }
		spaces := []probeSpace{
			{"", pk.pieces, [][]piece{sk.pieces}, []bool{false}, func(probe) bool { return true }},
			{"made", gp.pieces, [][]piece{gs.pieces}, []bool{false},
				func(x probe) bool { return gp.key(x) != "" && gs.key(x) != "" }},
			{"several", append(own("tenant"), mp.pieces...), [][]piece{ms.pieces, own("n"), mt.pieces},
				[]bool{false, true, false},
				func(x probe) bool { return mp.key(x) != "" && ms.key(x) != "" && mt.key(x) != "" }},
		}
		table := newTable[probe](t, probes, model)
		items := make([]probe, rapid.IntRange(1, 12).Draw(rt, "items"))
		for i := range items {
			items[i] = drawProbe(rt, fmt.Sprint("i", i))
			require.NoError(rt, table.Put(t.Context(), &items[i]))
		}
		for range 6 {
			space := rapid.SampledFrom(spaces).Draw(rt, "space")
			q := drawQuery(rt, space, items)
			agreeOnQuery(rt, table, q, items, fmt.Sprintf("%v %v of %+v", model.Keys, q.texts, q.partition))
		}
	})
}

func agreeOnQuery(t *rapid.T, table *monotable.Table[probe], q drawnQuery, items []probe, what string) {
	ctx := t.Context()
	for _, p := range q.partitionUnset() {
		err := firstError(table.Query(ctx, q.partition, q.options...))
		require.ErrorIs(t, err, monotable.ErrKey, "%s lacks %s", what, p)
		return
	}
	var want []string
	for _, x := range items {
		if !slices.ContainsFunc(q.matches, func(matches func(probe) bool) bool { return !matches(x) }) {
			want = append(want, x.ID)
		}
	}
	var got []string
	for _, x := range collect(t, table.Query(ctx, q.partition, q.options...)) {
		got = append(got, x.ID)
	}
	require.ElementsMatch(t, want, got, what)
	n, err := table.Count(ctx, q.partition, q.options...)
	require.NoError(t, err)
	require.Equal(t, len(want), n, what)
	var paged []string
	for c := monotable.Cursor(""); ; {
		page, err := table.QueryPage(ctx, q.partition,
			append([]monotable.QueryOption{monotable.Limit(2), monotable.Lookahead(), monotable.StartAfter(c)},
				q.options...)...)
		require.NoError(t, err)
		for _, x := range page.Items {
			paged = append(paged, x.ID)
		}
		require.Equal(t, len(paged) == len(got), page.Next == "", what)
		if c = page.Next; c == "" {
			break
		}
	}
	require.Equal(t, got, paged, what)
	view, err := monotable.As[struct {
		ID string `dynamodbav:"id"`
	}](table)
	require.NoError(t, err)
	require.Len(t, collect(t, view.Query(ctx, q.partition, q.options...)), len(want), what)
	if len(q.options) == 0 {
		require.Len(t, collect(t, table.Collection(ctx, q.partition)), len(want), what)
	}
}

// partitionUnset are the fields of a drawn partition that are not set, so that there is no such partition.
func (q drawnQuery) partitionUnset() (unset []string) {
	for _, p := range q.needs {
		if p.value(q.partition) == "" {
			unset = append(unset, p.path)
		}
	}
	return unset
}
