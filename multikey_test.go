//go:build !oracle

package monotable_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// An index keyed by several of T's own attributes, in their native types. DynamoDB Local 3.1 has none, so that this
// runs on the fake alone.
func TestMultiAttributeIndex(t *testing.T) {
	ctx := t.Context()
	schema := store
	schema.Indexes = []monotable.Index{{Name: "by-place", Partition: monotable.S("region", "status"),
		Sort: monotable.N("total").S("id")}}
	model := saleModel
	model.Keys = map[string]string{"PK": "CUSTOMER#{customer_id}", "SK": "SALE#{placed_at}#{id}"}
	sales := newTable[sale](t, schema, model)
	for n, status := range []string{"paid", "paid", "open", "paid", "paid"} {
		s := saleOf("c1", n+1, status)
		s.Total = int64(n / 2 * 100)
		require.NoError(t, sales.Put(ctx, &s))
	}
	paid := sale{Region: "eu", Status: "paid"}
	on := monotable.On("by-place")
	query := func(options ...monotable.QueryOption) []string {
		t.Helper()
		return ids(collect(t, sales.Query(ctx, paid, append(options, on)...)))
	}
	assert.Equal(t, []string{"s1", "s2", "s4", "s5"}, query())
	assert.Equal(t, []string{"s5", "s4", "s2", "s1"}, query(monotable.Descending()))
	assert.Equal(t, []string{"s4", "s5"}, query(monotable.From("total", 100)))
	assert.Equal(t, []string{"s2"}, query(monotable.Eq("total", 0), monotable.From("id", "s2")))
	assert.Equal(t, []string{"s1", "s2"}, query(monotable.Eq("total", 0), monotable.BeginsWith("id", "s")))

	var paged []string
	var at monotable.Cursor
	for {
		page, err := sales.QueryPage(ctx, paid, on, monotable.Limit(1), monotable.StartAfter(at))
		require.NoError(t, err)
		paged = append(paged, ids(page.Items)...)
		if at = page.Next; at == "" {
			break
		}
	}
	assert.Equal(t, query(), paged)

	require.ErrorIs(t, firstError(sales.Query(ctx, sale{Region: "eu"}, on)), monotable.ErrKey,
		"every partition attribute is given")
	require.ErrorIs(t, firstError(sales.Query(ctx, paid, on, monotable.Eq("id", "s1"))), monotable.ErrKey, "no gaps")
	require.ErrorIs(t, firstError(sales.Query(ctx, paid, on, monotable.From("total", 0), monotable.Eq("id", "s1"))),
		monotable.ErrKey, "the range is last")

	_, err := sales.Update(ctx, saleOf("c1", 3, ""), set("status", "paid"))
	require.NoError(t, err)
	assert.Equal(t, []string{"s3", "s4"}, query(monotable.Eq("total", 100)), "native attributes need no rewriting")
}

// A shard may be an attribute of its own in an index of several, beside natural ones.
func TestShardInAMultiAttributeIndex(t *testing.T) {
	schema := monotable.Schema{Name: "wide", Partition: monotable.S("PK"), Indexes: []monotable.Index{
		{Name: "open", Partition: monotable.S("source", "shard"), Sort: monotable.N("weight")},
	}}
	db, requests := newDB(t, schema)
	table := tableOf[event](t, db, monotable.Model{Keys: map[string]string{"PK": "{day}#{id}",
		"shard": "{id|shard:4}"}})
	for i := range 20 {
		require.NoError(t, table.Put(t.Context(), &event{Day: "mon", ID: fmt.Sprint(i), Source: "a", Weight: 19 - i}))
	}
	requests.seen()
	found := collect(t, table.Query(t.Context(), event{Source: "a"}, monotable.On("open"),
		monotable.Between("weight", 3, 12)))
	require.Len(t, found, 10)
	for i, e := range found {
		assert.Equal(t, i+3, e.Weight)
	}
	assert.Len(t, requests.seen(), 4)
}
