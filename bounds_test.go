package monotable_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

// edge is a type whose values are at the edges of what keys can be.
type edge struct {
	Group string                `dynamodbav:"group"`
	ID    string                `dynamodbav:"id"`
	Own   string                `dynamodbav:"own"`
	Num   attributevalue.Number `dynamodbav:"num"`
	Bin   []byte                `dynamodbav:"bin"`
	Text  string                `dynamodbav:"text"`
	Four  string                `dynamodbav:"four"`
	Bytes []byte                `dynamodbav:"bytes"`
	I     int64                 `dynamodbav:"i"`
	U     uint64                `dynamodbav:"u"`
	Dec   attributevalue.Number `dynamodbav:"dec"`
	At    time.Time             `dynamodbav:"at"`
	Due   time.Time             `dynamodbav:"due,unixtime"`
	Flag  bool                  `dynamodbav:"flag"`
}

// edgeKey is a sort key and what is known of it without the library: its field, and how its values compare.
type edgeKey struct {
	template string // "" for an attribute of T's own
	field    string
	before   string // a field that the query has by equality
	of       func(edge) any
	pool     []any
	compare  func(a, b any) int
	desc     bool
}

func (k edgeKey) sort(n int) string {
	if k.template == "" {
		return k.field
	}
	return fmt.Sprintf("S%d", n)
}

func (k edgeKey) index(n int) string {
	if k.template == "" {
		return "own-" + k.field
	}
	return fmt.Sprintf("made-%d", n)
}

const lastRune = "\U0010ffff"

func anyOf[V any](values ...V) (all []any) {
	for _, v := range values {
		all = append(all, v)
	}
	return all
}

var (
	edgeTexts = anyOf("\x00", "\x00\x00", "a", "a\x00", "a\x00b", "ab", "a#", "a%23", "B", "b", "\x7f", "\u0080", "\u07ff",
		"\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", lastRune, lastRune+lastRune, "İ", "ß", "ſ", "#", "$",
		strings.Repeat("a", 1000), strings.Repeat("a", 999)+"b")
	ownTexts = append(anyOf(strings.Repeat("a", 1024), strings.Repeat("a", 1023)+"\x7f",
		"a"+strings.Repeat(lastRune, 255)+"\x7f\x7f\x7f", strings.Repeat(lastRune, 256),
		"k"+strings.Repeat(lastRune, 255)), edgeTexts...)
	edgeFours = anyOf("aaaa", "aaab", "aaa\x7f", "aaé", "éé", lastRune, "a\u0800", "\x00\x00\x00\x00", "a#%b", "a%23",
		"AAAA", "aAaA", "zzzz", "a", "aa", "aaa", "é", "\x00")
	edgeNumbers = anyOf[attributevalue.Number]("0", "1", "-1", "1e-130", "-1e-130",
		"1.0000000000000000000000000000000000001",
		"0.99999999999999999999999999999999999999", "-0.99999999999999999999999999999999999999", "10", "9", "1.5",
		"9.9999999999999999999999999999999999999e125", "-9.9999999999999999999999999999999999999e125",
		"99999999999999999999999999999999999999", "100000000000000000000000000000000000000", "1e100", "-1e100")
	edgeDecimals = anyOf[attributevalue.Number]("0", "1", "-1", "0.01", "-0.01", "999.99", "-999.99", "9.99", "10", "-10",
		"-9.99", "100")
	edgeBytes = anyOf([]byte{0}, []byte{0, 0}, []byte{0, 0xff}, []byte{1}, []byte{0x9f}, []byte{0xa0}, []byte{0xff},
		[]byte{0xff, 0xff}, []byte{0xff, 0}, []byte("0f"))
	ownBytes = append(anyOf(bytes.Repeat([]byte{0xff}, 1024), bytes.Repeat([]byte{0xff}, 1023),
		append([]byte{0}, bytes.Repeat([]byte{0xff}, 1023)...), bytes.Repeat([]byte{0}, 1024)), edgeBytes...)
	edgeInts  = anyOf[int64](math.MinInt64, math.MinInt64+1, -10, -9, -1, 0, 1, 9, 10, 99, math.MaxInt64-1, math.MaxInt64)
	edgeUints = anyOf[uint64](0, 1, 9, 10, math.MaxInt64, math.MaxUint64-1, math.MaxUint64)
	edgeTimes = anyOf(time.Date(1, 1, 2, 0, 0, 0, 1, time.UTC), time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Unix(0, 0), time.Unix(0, 1), time.Unix(1, 0),
		time.Date(2026, 3, 1, 0, 0, 0, 0, time.FixedZone("", 3600)), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
)

func compareTexts(a, b any) int { return strings.Compare(a.(string), b.(string)) }
func compareBytes(a, b any) int { return bytes.Compare(a.([]byte), b.([]byte)) }
func compareTimes(a, b any) int { return a.(time.Time).Compare(b.(time.Time)) }
func compareInts(a, b any) int  { return cmp.Compare(a.(int64), b.(int64)) }
func compareUints(a, b any) int { return cmp.Compare(a.(uint64), b.(uint64)) }
func compareFlags(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
func compareFolded(a, b any) int {
	return compareTexts(strings.ToLower(a.(string)), strings.ToLower(b.(string)))
}

func compareNumbers(a, b any) int {
	x, ok1 := new(big.Rat).SetString(string(a.(attributevalue.Number)))
	y, ok2 := new(big.Rat).SetString(string(b.(attributevalue.Number)))
	if !ok1 || !ok2 {
		panic("no number")
	}
	return x.Cmp(y)
}

// whole are the times of a pool cut to a step.
func whole(step time.Duration) (cut []any) {
	for _, t := range edgeTimes {
		if t := t.(time.Time).UTC().Truncate(step); !t.IsZero() {
			cut = append(cut, t)
		}
	}
	return cut
}

func cutTo(step time.Duration) func(a, b any) int {
	return func(a, b any) int {
		return a.(time.Time).UTC().Truncate(step).Compare(b.(time.Time).UTC().Truncate(step))
	}
}

const oneDay = 24 * time.Hour

var edgeKeys = func() []edgeKey {
	own := func(x edge) any { return x.Own }
	text := func(x edge) any { return x.Text }
	four := func(x edge) any { return x.Four }
	at := func(x edge) any { return x.At }
	return []edgeKey{
		{"", "own", "", own, ownTexts, compareTexts, false},
		{"", "num", "", func(x edge) any { return x.Num }, edgeNumbers, compareNumbers, false},
		{"", "bin", "", func(x edge) any { return x.Bin }, ownBytes, compareBytes, false},
		{"", "due", "", func(x edge) any { return x.Due }, edgeTimes, compareTimes, false},
		{"{text}", "text", "", text, edgeTexts, compareTexts, false},
		{"T" + lastRune + "{text}", "text", "", text, edgeTexts, compareTexts, false},
		{"T#{four:4|lower}{text|lower}", "text", "four", text, edgeTexts, compareFolded, false},
		{"{four:4}", "four", "", four, edgeFours, compareTexts, false},
		{"{four:4}{id}", "four", "", four, edgeFours, compareTexts, false},
		{"F#{four:4}" + lastRune + "{id}", "four", "", four, edgeFours, compareTexts, false},
		{"F#{four:4|lower}", "four", "", four, edgeFours, compareFolded, false},
		{"{four:4}#{i|desc}#{id}", "i", "four", func(x edge) any { return x.I }, edgeInts, compareInts, true},
		{"I#{i}", "i", "", func(x edge) any { return x.I }, edgeInts, compareInts, false},
		{"{u}#{id}", "u", "", func(x edge) any { return x.U }, edgeUints, compareUints, false},
		{"D#{dec:3.2}", "dec", "", func(x edge) any { return x.Dec }, edgeDecimals, compareNumbers, false},
		{"{dec:3.2|desc}#{id}", "dec", "", func(x edge) any { return x.Dec }, edgeDecimals, compareNumbers, true},
		{"{at}#{id}", "at", "", at, edgeTimes, compareTimes, false},
		{"A#{at|date|desc}", "at", "", at, whole(oneDay), cutTo(oneDay), true},
		{"{due|unix}#{id}", "due", "", func(x edge) any { return x.Due }, edgeTimes, compareTimes, false},
		{"B#{bytes}", "bytes", "", func(x edge) any { return x.Bytes }, edgeBytes, compareBytes, false},
		{"{flag}#{id}", "flag", "", func(x edge) any { return x.Flag }, anyOf(false, true), compareFlags, false},
	}
}()

// edgeTable has an index for each key.
func edgeTable(t *testing.T) *monotable.Table[edge] {
	schema := monotable.Schema{Name: "edges", Partition: monotable.S("PK"), Sort: monotable.S("SK")}
	keys := map[string]string{"PK": "G#{group}", "SK": "{id}"}
	for n, k := range edgeKeys {
		index := monotable.Index{Name: k.index(n), Local: k.template == ""}
		if !index.Local {
			index.Partition = monotable.S("PK")
			index.Sort = monotable.S(k.sort(n))
			keys[k.sort(n)] = k.template
		} else {
			index.Sort = map[string]func(...string) monotable.Attrs{"own": monotable.S, "num": monotable.N,
				"bin": monotable.B, "due": monotable.N}[k.field](k.field)
		}
		schema.Indexes = append(schema.Indexes, index)
	}
	return newTable[edge](t, schema, monotable.Model{Keys: keys})
}

// drawn is a value of a pool, drawn by its place: some are long.
func drawn(t *rapid.T, name string, pool []any) any {
	return pool[rapid.IntRange(0, len(pool)-1).Draw(t, name)]
}

func drawEdge(t *rapid.T, group string, n int) edge {
	id := fmt.Sprint("i", n)
	from := func(name string, pool []any) any { return drawn(t, id+name, pool) }
	fours := slices.DeleteFunc(slices.Clone(edgeFours), func(v any) bool { return len(v.(string)) != 4 })
	return edge{Group: group, ID: id,
		Own: from("own", ownTexts).(string), Num: from("num", edgeNumbers).(attributevalue.Number),
		Bin: from("bin", ownBytes).([]byte), Text: from("text", edgeTexts).(string), Four: from("four", fours).(string),
		Bytes: from("bytes", edgeBytes).([]byte), I: from("i", edgeInts).(int64), U: from("u", edgeUints).(uint64),
		Dec: from("dec", edgeDecimals).(attributevalue.Number), At: from("at", edgeTimes).(time.Time),
		Due: from("due", edgeTimes).(time.Time), Flag: rapid.Bool().Draw(t, id+"flag"),
	}
}

// bound is one of the four ends of a range.
type bound struct {
	name   string
	option func(string, any) monotable.QueryOption
	holds  func(order int) bool // of the value against the bound's
}

var (
	lowers = []bound{{}, {"From", monotable.From, func(order int) bool { return order >= 0 }},
		{"After", monotable.After, func(order int) bool { return order > 0 }}}
	uppers = []bound{{}, {"UpTo", monotable.UpTo, func(order int) bool { return order <= 0 }},
		{"Before", monotable.Before, func(order int) bool { return order < 0 }}}
)

// Every pair of bounds, on every kind of key, finds what a filter over a slice finds.
func TestBoundsAgreeWithAFilter(t *testing.T) {
	t.Parallel()
	table := edgeTable(t)
	group := 0
	rapid.Check(t, func(rt *rapid.T) {
		group++
		items := make([]edge, rapid.IntRange(4, 12).Draw(rt, "items"))
		for i := range items {
			items[i] = drawEdge(rt, fmt.Sprint("g", group), i)
		}
		require.NoError(rt, table.PutMany(rt.Context(), items))
		for i := range items {
			items[i].Due = time.Unix(items[i].Due.Unix(), 0) // as it is stored
		}
		for n, k := range edgeKeys {
			a, b := drawn(rt, "a", k.pool), drawn(rt, "b", k.pool)
			for _, lower := range lowers {
				for _, upper := range uppers {
					if lower.name != "" || upper.name != "" {
						edgeQuery{table, n, k, items, lower, upper, a, b}.agrees(rt)
					}
				}
			}
		}
	})
}

type edgeQuery struct {
	table        *monotable.Table[edge]
	n            int
	key          edgeKey
	items        []edge
	lower, upper bound
	a, b         any
}

func (q edgeQuery) agrees(t *rapid.T) {
	k, like := q.key, q.items[0]
	partition, options := edge{Group: like.Group}, []monotable.QueryOption{monotable.On(k.index(q.n))}
	if k.before == "four" {
		options = append(options, monotable.Eq("four", like.Four))
	}
	options = append(options, q.options(rapid.Bool().Draw(t, "between"))...)
	what := fmt.Sprintf("%s %q: %s %#.40v, %s %#.40v", k.field, k.template, q.lower.name, q.a, q.upper.name, q.b)
	got, err := monotable.Collect(q.table.Query(t.Context(), partition, options...))
	if q.lower.name != "" && q.upper.name != "" && q.wrong() {
		require.ErrorIs(t, err, monotable.ErrKey, what)
		return
	}
	require.NoError(t, err, what)
	var want []string
	for _, x := range q.items {
		same := x.Four == like.Four || strings.Contains(k.template, "lower") && strings.EqualFold(x.Four, like.Four)
		if v := k.of(x); (k.before == "" || same) && (q.lower.name == "" || q.lower.holds(k.compare(v, q.a))) &&
			(q.upper.name == "" || q.upper.holds(k.compare(v, q.b))) {
			want = append(want, x.ID)
		}
	}
	var ids []string
	for i, x := range got {
		ids = append(ids, x.ID)
		if i > 0 {
			order := k.compare(k.of(got[i-1]), k.of(x))
			require.False(t, k.desc && order < 0 || !k.desc && order > 0, "%s: they come in order", what)
		}
	}
	require.ElementsMatch(t, want, ids, what)
	if rapid.IntRange(0, 9).Draw(t, "paged") == 0 {
		q.pages(t, partition, options, ids, what)
	}
}

// options are the bounds; their order does not matter.
func (q edgeQuery) options(between bool) (options []monotable.QueryOption) {
	if between && q.lower.name == "From" && q.upper.name == "UpTo" {
		return []monotable.QueryOption{monotable.Between(q.key.field, q.a, q.b)}
	}
	if q.upper.name != "" {
		options = append(options, q.upper.option(q.key.field, q.b))
	}
	if q.lower.name != "" {
		options = append(options, q.lower.option(q.key.field, q.a))
	}
	return options
}

// wrong tells whether the ends are the wrong way round. Times of a field in whole seconds are within their ends.
func (q edgeQuery) wrong() bool {
	a, b := q.a, q.b
	if q.key.field == "due" {
		cut := func(v any, up bool) any {
			t := v.(time.Time)
			if t.Nanosecond() > 0 && up {
				return time.Unix(t.Unix()+1, 0)
			}
			return time.Unix(t.Unix(), 0)
		}
		a, b = cut(a, q.lower.name == "From"), cut(b, q.upper.name == "Before")
	}
	return q.key.compare(a, b) > 0
}

// pages reads by pages that look ahead: only the last has no cursor.
func (q edgeQuery) pages(t *rapid.T, partition edge, options []monotable.QueryOption, want []string, what string) {
	limit := rapid.IntRange(1, 4).Draw(t, "limit")
	var got []string
	for at := monotable.Cursor(""); ; {
		page, err := q.table.QueryPage(t.Context(), partition, append([]monotable.QueryOption{monotable.Limit(limit),
			monotable.Lookahead(), monotable.StartAfter(at)}, options...)...)
		require.NoError(t, err, what)
		for _, x := range page.Items {
			got = append(got, x.ID)
		}
		require.Equal(t, len(got) == len(want), page.Next == "", what)
		if at = page.Next; at == "" {
			break
		}
	}
	require.Equal(t, want, got, what)
}
