package monotable_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

// event is spread by its id in the table, and by its source in an index.
type event struct {
	Day    string `dynamodbav:"day"`
	ID     string `dynamodbav:"id"`
	Source string `dynamodbav:"source,omitempty"`
	Weight int    `dynamodbav:"weight"`
}

func eventModel(shards int) monotable.Model {
	return monotable.Model{Type: "Event", Keys: map[string]string{
		"PK": "DAY#{day}#{id|shard:5}", "SK": "EVENT#{weight:4}#{id}",
		"GSI1PK": fmt.Sprintf("DAY#{day}#{source|shard:%d}", shards), "GSI1SK": "{source}#{weight:4}",
	}}
}

func events(t testing.TB, n, shards int) (*monotable.Table[event], *recorder, []event) {
	t.Helper()
	db, requests := newDB(t, store)
	table := tableOf[event](t, db, eventModel(shards))
	var all []event
	for i := range n {
		all = append(all, event{Day: "mon", ID: fmt.Sprintf("e%03d", i), Source: fmt.Sprint("s", i%7),
			Weight: i * 37 % 50})
	}
	require.NoError(t, table.PutMany(t.Context(), all))
	requests.seen()
	return table, requests, all
}

func byWeight(a, b event) int {
	return cmp.Or(cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.ID, b.ID))
}

// What a sharded query answers is what a sort of everything answers, however it is cut in pages, resumed and filtered.
func TestShardsAreOnePartition(t *testing.T) {
	table, _, all := events(t, 60, 3)
	slices.SortFunc(all, byWeight)
	rapid.Check(t, func(rt *rapid.T) {
		ctx := t.Context()
		low := rapid.IntRange(0, 50).Draw(rt, "from")
		want := slices.DeleteFunc(slices.Clone(all), func(e event) bool { return e.Weight < low })
		options := []monotable.QueryOption{monotable.From("weight", low),
			monotable.Parallel(rapid.IntRange(1, 6).Draw(rt, "parallel"))}
		if rapid.Bool().Draw(rt, "filtered") {
			options = append(options, monotable.Filter(expression.Name("source").Equal(expression.Value("s3"))))
			want = slices.DeleteFunc(want, func(e event) bool { return e.Source != "s3" })
		}
		if rapid.Bool().Draw(rt, "descending") {
			options = append(options, monotable.Descending())
			slices.Reverse(want)
		}
		n, err := table.Count(ctx, event{Day: "mon"}, options...)
		require.NoError(rt, err)
		require.Equal(rt, len(want), n)
		var got []event
		switch rapid.SampledFrom([]string{"iterate", "pages", "look ahead", "resume", "budget"}).Draw(rt, "how") {
		case "iterate":
			got = collect(rt, table.Query(ctx, event{Day: "mon"}, options...))
		case "look ahead":
			limit := rapid.IntRange(1, 40).Draw(rt, "limit")
			for at := monotable.Cursor(""); ; {
				page, err := table.QueryPage(ctx, event{Day: "mon"},
					append(options, monotable.Limit(limit), monotable.Lookahead(), monotable.StartAfter(at))...)
				require.NoError(rt, err)
				got = append(got, page.Items...)
				require.Equal(rt, len(got) == len(want), page.Next == "", "the last page has no cursor")
				if at = page.Next; at == "" {
					break
				}
				require.Len(rt, page.Items, limit)
			}
		case "pages":
			limit := rapid.IntRange(5, 40).Draw(rt, "limit")
			for at := monotable.Cursor(""); ; {
				page, err := table.QueryPage(ctx, event{Day: "mon"},
					append(options, monotable.Limit(limit), monotable.StartAfter(at))...)
				require.NoError(rt, err)
				got = append(got, page.Items...)
				if at = page.Next; at == "" {
					break
				}
				require.Len(rt, page.Items, limit)
			}
		case "resume":
			for at := monotable.Cursor(""); ; {
				left := rapid.IntRange(5, 60).Draw(rt, "break after")
				for e, err := range table.Query(ctx, event{Day: "mon"}, append(options, monotable.Resume(&at))...) {
					require.NoError(rt, err)
					got = append(got, e)
					if left--; left == 0 {
						break
					}
				}
				if left > 0 {
					require.Empty(rt, at)
					break
				}
			}
		case "budget":
			for at := monotable.Cursor(""); ; {
				page, err := table.QueryPage(ctx, event{Day: "mon"},
					append(options, monotable.Limit(1000), monotable.Budget(0.5), monotable.StartAfter(at))...)
				if !errors.Is(err, monotable.ErrBudget) {
					require.NoError(rt, err)
				}
				got = append(got, page.Items...)
				if at = page.Next; at == "" {
					break
				}
			}
		}
		require.True(rt, slices.Equal(want, got), "%v\n%v", want, got)
	})
}

func TestShardsAreAskedInParallel(t *testing.T) {
	ctx := t.Context()
	table, requests, all := events(t, 60, 8)
	for _, c := range []struct {
		options []monotable.QueryOption
		most    int
	}{{nil, 8}, {[]monotable.QueryOption{monotable.Parallel(3)}, 3},
		{[]monotable.QueryOption{monotable.Parallel(1)}, 1}} {
		var now, most atomic.Int32
		requests.before = func(string, any) error {
			n := now.Add(1)
			for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
			}
			time.Sleep(5 * time.Millisecond)
			now.Add(-1)
			return nil
		}
		found := collect(t, table.Query(ctx, event{Day: "mon"}, append(c.options, monotable.On("GSI1"))...))
		assert.Len(t, found, len(all))
		assert.LessOrEqual(t, int(most.Load()), c.most)
		if c.most > 1 {
			assert.Greater(t, int(most.Load()), 1)
		}
		assert.Len(t, requests.seen(), 8, "one Query a shard")
	}
	boom := errors.New("boom")
	n := atomic.Int32{}
	requests.before = func(string, any) error {
		if n.Add(1) == 3 {
			return boom
		}
		return nil
	}
	require.ErrorIs(t, firstError(table.Query(ctx, event{Day: "mon"}, monotable.On("GSI1"))), boom)
	requests.before = nil
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, firstError(table.Query(ctx, event{Day: "mon"}, monotable.On("GSI1"))), context.Canceled)
	require.ErrorContains(t, firstError(table.Query(t.Context(), event{Day: "mon"}, monotable.Parallel(0))), "Parallel")
}

func TestOneShardIsAskedWhereItIsKnown(t *testing.T) {
	ctx := t.Context()
	table, requests, all := events(t, 60, 8)
	found := collect(t, table.Query(ctx, event{Day: "mon"}, monotable.On("GSI1"), monotable.Eq("source", "s2"),
		monotable.From("weight", 20)))
	want := slices.DeleteFunc(slices.Clone(all), func(e event) bool { return e.Source != "s2" || e.Weight < 20 })
	slices.SortFunc(want, byWeight)
	assert.Equal(t, want, found)
	assert.Equal(t, []string{"Query"}, requests.seen())

	_, err := table.Get(ctx, all[7])
	require.NoError(t, err)
	assert.Equal(t, []string{"GetItem"}, requests.seen(), "a key knows its shard")

	for _, partition := range []event{{Day: "mon", ID: "e001"}, {}} {
		require.ErrorIs(t, firstError(table.Query(ctx, partition)), monotable.ErrKey)
	}
	require.ErrorIs(t, firstError(table.Query(ctx, event{Day: "mon", Source: "s1"}, monotable.On("GSI1"))),
		monotable.ErrKey)
	require.ErrorIs(t, firstError(table.Query(ctx, event{Day: "mon"}, monotable.Eq("id", "e001"))), monotable.ErrKey,
		"the sort key begins otherwise")
	assert.Empty(t, requests.seen())
}

// An update that changes what a shard is chosen by moves the item to its new shard, or is refused.
func TestShardsStayInStep(t *testing.T) {
	ctx := t.Context()
	table, _, all := events(t, 10, 8)
	source := func(to string) expression.UpdateBuilder {
		return expression.Set(expression.Name("source"), expression.Value(to))
	}
	moved, err := table.Update(ctx, all[3], source("elsewhere"))
	require.NoError(t, err)
	found := collect(t, table.Query(ctx, event{Day: "mon"}, monotable.On("GSI1"), monotable.Eq("source", "elsewhere")))
	assert.Equal(t, []event{moved}, found)
	_, err = table.Modify(ctx, all[4], func(e *event) error { e.Source = "far"; return nil })
	require.NoError(t, err)
	assert.Len(t, collect(t, table.Query(ctx, event{Day: "mon"}, monotable.On("GSI1"), monotable.Eq("source", "far"))),
		1)
	_, err = table.Update(ctx, all[5], expression.Remove(expression.Name("source")))
	require.NoError(t, err)
	assert.Len(t, collect(t, table.Query(ctx, event{Day: "mon"}, monotable.On("GSI1"))), 9, "sparse")
	_, err = table.Update(ctx, all[6], expression.Set(expression.Name("id"), expression.Value("x")))
	require.ErrorIs(t, err, monotable.ErrKey)

	// A key whose shard alone is in the table's key does not tell the value.
	type reading struct {
		Sensor string `dynamodbav:"sensor"`
		N      int    `dynamodbav:"n"`
		Unit   string `dynamodbav:"unit"`
	}
	db, _ := newDB(t, store)
	readings := tableOf[reading](t, db, monotable.Model{Keys: map[string]string{
		"PK": "R#{sensor|shard:2}", "SK": "{n}", "GSI1PK": "UNIT", "GSI1SK": "{unit}#{sensor}",
	}})
	require.NoError(t, readings.Put(ctx, &reading{"a", 1, "m"}))
	_, err = readings.Update(ctx, reading{Sensor: "a", N: 1},
		expression.Set(expression.Name("unit"), expression.Value("km")))
	require.ErrorContains(t, err, "Known")
}

// More shards than before find what was stored under the old number: only writes move it.
func TestShardsCanGrow(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	few := tableOf[event](t, db, eventModel(3))
	var all []event
	for i := range 40 {
		all = append(all, event{Day: "mon", ID: fmt.Sprint("e", i), Source: fmt.Sprint("s", i), Weight: i})
	}
	require.NoError(t, few.PutMany(ctx, all[:30]))
	db, err := monotable.Open(requests, db.Schema())
	require.NoError(t, err)
	many := tableOf[event](t, db, eventModel(12))
	require.NoError(t, many.PutMany(ctx, all[30:]))
	assert.Len(t, collect(t, many.Query(ctx, event{Day: "mon"}, monotable.On("GSI1"))), 40)
	for i := range all {
		_, err := many.Modify(ctx, all[i], func(e *event) error { e.Source += "'"; return nil })
		require.NoError(t, err)
	}
	for i := range all {
		assert.Len(t, collect(t, many.Query(ctx, event{Day: "mon"}, monotable.On("GSI1"),
			monotable.Eq("source", all[i].Source+"'"))), 1)
	}
}

func TestShardedCollectionsAndCursors(t *testing.T) {
	ctx := t.Context()
	table, _, all := events(t, 30, 3)
	slices.SortFunc(all, byWeight)
	var got []event
	for item, err := range table.Collection(ctx, event{Day: "mon"}) {
		require.NoError(t, err)
		got = append(got, item.(event))
	}
	assert.Equal(t, all, got)
	page, err := table.QueryPage(ctx, event{Day: "mon"}, monotable.Limit(10))
	require.NoError(t, err)
	for name, options := range map[string][]monotable.QueryOption{
		"another direction": {monotable.Descending()}, "an index": {monotable.On("GSI1")},
		"another condition": {monotable.From("weight", 1)},
	} {
		require.ErrorIs(t, firstError(table.Query(ctx, event{Day: "mon"},
			append(options, monotable.StartAfter(page.Next))...)), monotable.ErrCursor, name)
	}
	require.ErrorIs(t, firstError(table.Query(ctx, event{Day: "tue"}, monotable.StartAfter(page.Next))),
		monotable.ErrCursor)
	require.ErrorIs(t, firstError(table.Query(ctx, event{Day: "mon"}, monotable.StartAfter(page.Next[:len(page.Next)-2]))),
		monotable.ErrCursor)

	db, _ := newDB(t, store)
	_, err = monotable.New[event](db, monotable.Model{Keys: map[string]string{"PK": "A#{id|shard:2}#{day|shard:2}",
		"SK": "x"}})
	require.ErrorContains(t, err, "2 sharded fields")
	_, err = monotable.New[event](db, monotable.Model{Unique: map[string]string{"u": "{id|shard:2}"},
		Keys: map[string]string{"PK": "A#{id}", "SK": "x"}})
	require.ErrorContains(t, err, "of a shard")
	var in any
	require.ErrorIs(t, firstError(table.Query(ctx, event{Day: "mon"}, monotable.Preview(&in))), monotable.ErrPreview)
}

// What the reads behind an index's entries left undone is told however many shards' reads ended at the same time.
func TestShardsTellWhatHydrateLeft(t *testing.T) {
	schema := store
	schema.Indexes = []monotable.Index{
		{Name: "keys", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK"), KeysOnly: true}}
	db, requests := newDB(t, schema)
	table := tableOf[event](t, db, eventModel(3))
	var all []event
	for i := range 30 {
		all = append(all, event{Day: "mon", ID: fmt.Sprintf("e%03d", i), Source: fmt.Sprint("s", i%7)})
	}
	require.NoError(t, table.PutMany(t.Context(), all))

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	requests.after = func(op string, _ any) error {
		if op == "Query" {
			cancel()
		}
		return nil
	}
	_, err := table.QueryPage(ctx, event{Day: "mon"}, monotable.On("keys"), monotable.Hydrate(), monotable.Parallel(1))
	require.ErrorIs(t, err, context.Canceled)
	var left *monotable.BatchError
	require.ErrorAs(t, err, &left)
	assert.NotEmpty(t, left.Left)
}
