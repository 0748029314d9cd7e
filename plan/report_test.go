package plan_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/plan"
)

var update = flag.Bool("update", false, "write the reports in testdata anew")

func reported(t *testing.T) *plan.Plan {
	keys := plan.Zipf(3, 2)
	p, err := plan.New(plan.Workload{
		Name: "a | <b>", Seed: 1, PeakHours: 2,
		Indexes: []plan.Index{{Name: "by-status", Keys: &keys}, {Name: "by_date", Local: true}},
		Entities: []plan.Entity{{Name: "Order", Count: 1e6, Sizes: plan.Bytes(1200),
			Entries: []plan.Entry{{Index: "by-status", Sizes: plan.Bytes(200), Share: 0.5},
				{Index: "by_date", Sizes: plan.Bytes(300)}}}},
		Patterns: []plan.AccessPattern{
			{Name: "place <script>", Operation: plan.PutItem, Entity: "Order", Average: 200, Peak: 2000},
			{Name: "pay", Operation: plan.UpdateItem, Entity: "Order", Average: 20},
			{Name: "list", Operation: plan.Query, Entity: "Order", Index: "by-status", Items: 50, Average: 5, Peak: 20},
		},
	}, sheet(t))
	require.NoError(t, err)
	return p
}

func TestReportsAreAsStored(t *testing.T) {
	p := reported(t)
	for name, write := range map[string]func(io.Writer, ...plan.Report) error{"plan.txt": plan.Text,
		"plan.md": plan.Markdown, "plan.json": plan.JSON} {
		var got bytes.Buffer
		require.NoError(t, write(&got, p))
		path := filepath.Join("testdata", name)
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(path, got.Bytes(), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), got.String(), name)
	}
}

func TestPageLoadsNothingAndEscapes(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, plan.HTML(&page, "<title>", reported(t), reported(t).HotKeys[0]))
	for _, never := range []string{"http:", "https:", "<script", "src=", "@import", "url(", "<title><title>",
		"a | <b>"} {
		assert.NotContains(t, page.String(), never)
	}
	assert.Contains(t, page.String(), "prefers-color-scheme: dark")
	assert.Contains(t, page.String(), "place &lt;script&gt;")
}

// On a phone a wide table's rows stand without the head: each cell names its column.
func TestWideTablesOnAPhone(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, plan.HTML(&page, "plan", reported(t)))
	_, patterns, found := strings.Cut(page.String(), "What each access pattern contributes")
	require.True(t, found)
	patterns, _, _ = strings.Cut(patterns, "</section>")
	assert.Contains(t, patterns, `<table class="wide">`)
	assert.Contains(t, patterns,
		`<td class="left">place &lt;script&gt;</td><td class="left" data-of="operation">PutItem</td>`+
			`<td data-of="read each">0</td>`)
}

// What Table.WriteCost works out of sample values is taken as a pattern's units.
func TestUnitsOfSamples(t *testing.T) {
	type order struct {
		ID     string `dynamodbav:"id"`
		Status string `dynamodbav:"status"`
	}
	schema := monotable.Schema{Name: "orders", Partition: monotable.S("id"),
		Indexes: []monotable.Index{{Name: "by-status", Partition: monotable.S("status")}}}
	db, err := monotable.Open(dynamotest.New(t, schema), schema)
	require.NoError(t, err)
	orders, err := monotable.New[order](db, monotable.Model{})
	require.NoError(t, err)
	was, is := order{"1", "open"}, order{"1", "paid"}
	cost, err := orders.WriteCost(&was, &is)
	require.NoError(t, err)
	w := plan.Workload{Indexes: plan.IndexesOf(schema)}
	brought, err := plan.EachOf(w, plan.AccessPattern{Name: "pay", Operation: plan.PutItem, Units: &cost.Capacity})
	require.NoError(t, err)

	before, err := orders.Encode(was)
	require.NoError(t, err)
	after, err := orders.Encode(is)
	require.NoError(t, err)
	e, err := plan.EntityOf(orders, schema, 1, is)
	require.NoError(t, err)
	w.Entities = []plan.Entity{e}
	planned, err := plan.EachOf(w, plan.AccessPattern{Name: "pay", Operation: plan.UpdateItem, Entity: e.Name,
		Effects: plan.EffectsOf(schema, before, after)})
	require.NoError(t, err)
	assert.Equal(t, brought, planned)
}

func TestPercentiles(t *testing.T) {
	s, err := plan.Percentiles(plan.Percentile{Percent: 50, Bytes: 1000}, plan.Percentile{Percent: 100, Bytes: 2000})
	require.NoError(t, err)
	assert.InDelta(t, 1250, s.Mean(), 1)
	assert.Equal(t, 1000, s.At(50))
	for _, bad := range [][]plan.Percentile{{}, {{Percent: 50, Bytes: 10}}, {{Percent: 100, Bytes: 0}},
		{{Percent: 50, Bytes: 10}, {Percent: 100, Bytes: 5}}, {{Percent: 50, Bytes: 1}, {Percent: 40, Bytes: 2}}} {
		_, err := plan.Percentiles(bad...)
		assert.Error(t, err)
	}
}
