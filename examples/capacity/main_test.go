package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/shop/shop"
	"github.com/monotable/monotable/plan"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// The patterns as they are planned cost what they are metered at when the shop plays them.
func TestPlannedUnitsAreTheMeters(t *testing.T) {
	client := dynamotest.New(t, shop.Schema)
	s, err := shop.Open(client, shop.Schema)
	require.NoError(t, err)
	require.NoError(t, s.Seed(t.Context(), now))
	played, err := shop.Play(t.Context(), client, shop.Schema, now)
	require.NoError(t, err)
	used := map[string]shop.Played{}
	for _, p := range played {
		used[p.Pattern] = p
	}
	found, err := survey(t.Context(), now)
	require.NoError(t, err)
	w := workload(found)
	for _, u := range usages {
		u.requests = slices.Clone(u.requests)
		metered, known := used[u.pattern]
		require.True(t, known, "the shop has no pattern %q", u.pattern)
		if u.pattern == "A region's orders to ship" {
			u.requests[0].Items = float64(metered.Items) // the seeded shop has fewer
		}
		indexes := map[string]monotable.Units{}
		for name, units := range metered.Used.Indexes {
			if units != (monotable.Units{}) {
				indexes[name] = units
			}
		}
		var table monotable.Units
		planned := map[string]monotable.Units{}
		for _, a := range u.patterns() {
			each, err := plan.EachOf(w, a)
			require.NoError(t, err, u.pattern)
			table = monotable.Units{Read: table.Read + each.Table.Read, Write: table.Write + each.Table.Write}
			for name, x := range each.Indexes {
				planned[name] = monotable.Units{Read: planned[name].Read + x.Read, Write: planned[name].Write + x.Write}
			}
		}
		assert.Equal(t, metered.Used.Table, table, u.pattern)
		assert.Equal(t, indexes, planned, u.pattern)
	}
}

func TestRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plan.html")
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-o", path}, &out, io.Discard))
	assert.Contains(t, out.String(), "Capacity plan: shop")
	assert.NotContains(t, out.String(), "What the workload does not say")
	for line := range strings.Lines(out.String()) {
		assert.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), 120, line)
	}
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, part := range []string{"Capacity plan: shop", "Survey: shop", "Hot keys: index by-region", "</html>"} {
		assert.True(t, strings.Contains(string(page), part), "the page lacks %q", part)
	}

	out.Reset()
	require.NoError(t, run(t.Context(), []string{"-format", "json"}, &out, io.Discard))
	var plans []plan.Plan
	require.NoError(t, json.Unmarshal([]byte(out.String()), &plans))
	assert.Len(t, plans[0].Bills, 6)
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"more"}, {"-format", "pdf"}, {"-prices", "nowhere.json"},
		{"-o", "no/such/folder/plan.html"}} {
		assert.Error(t, run(t.Context(), args, io.Discard, io.Discard), args)
	}
}
