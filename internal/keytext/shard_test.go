package keytext

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func bindAll(t *testing.T, text string, kinds map[string]Kind) *Bound {
	t.Helper()
	template, err := Parse(text)
	require.NoError(t, err)
	b, err := template.Bind(func(path string) (Kind, bool) { k, ok := kinds[path]; return k, ok })
	require.NoError(t, err)
	return b
}

// Stored keys hold these numbers: they may never change. They were computed with sha256sum and Python.
func TestShardsAreStable(t *testing.T) {
	for _, c := range []struct {
		field string
		value Value
		key   string
	}{
		{"{id|shard:10}", OfString("o-1"), "2"},
		{"{id|shard:10}", OfString("o-2"), "4"},
		{"{id|shard:256}", OfString("o-1"), "130"},
		{"{id|lower|shard:256}", OfString("O-1"), "130"},
		{"{id|plain|shard:10}", OfInt(42), "7"},
		{"{id:5|shard:10}", OfInt(42), "6"},
		{"{id|date|shard:10}", OfTime(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)), "0"},
	} {
		b := bindAll(t, c.field, map[string]Kind{"id": c.value.Kind()})
		key, err := b.Format(func(int) (Value, error) { return c.value, nil })
		require.NoError(t, err)
		assert.Equal(t, c.key, key, "%s", c.field)
	}
}

func TestShardsAreEven(t *testing.T) {
	for _, shards := range []int{2, 8, 10, 100} {
		b := bindAll(t, fmt.Sprintf("{id|shard:%d}", shards), map[string]Kind{"id": String})
		counts := map[string]int{}
		n := 1000 * shards
		for i := range n {
			key, err := b.Format(func(int) (Value, error) { return OfString(fmt.Sprintf("order-%07d", i)), nil })
			require.NoError(t, err)
			counts[key]++
		}
		assert.Len(t, counts, shards)
		for shard, count := range counts {
			assert.InDelta(t, 1000, count, 150, "%d shards: %s", shards, shard)
		}
	}
}

func TestShardTemplates(t *testing.T) {
	kinds := map[string]Kind{"id": String, "n": Int, "at": Time}
	b := bindAll(t, "ORDERS#{id|shard:10}#{n}", kinds)
	key, err := b.Format(func(i int) (Value, error) { return []Value{OfShard(7), OfInt(1)}[i], nil })
	require.NoError(t, err)
	values, err := b.Parse(key)
	require.NoError(t, err)
	assert.Equal(t, OfShard(7), values[0])
	_, err = b.Parse("ORDERS#007#0000000000000000001")
	require.Error(t, err, "a shard is written in one way")
	_, err = b.Range(nil, Condition{Op: From, Value: OfString("x")})
	require.ErrorContains(t, err, "does not sort")
	for text, want := range map[string]string{
		"{id|shard:1}": "2 to 256", "{id|shard:257}": "2 to 256", "{id|shard:}": "2 to 256", "{id|shard:x}": "2 to 256",
		"{id|shard}": "unknown modifier", "{id|raw|shard:2}#": "no raw", "{n|desc|shard:2}": "no desc",
		"{id|shard:2}{n}": "where it ends", "{id|shard:2}0": "as a number may go on",
	} {
		template, err := Parse(text)
		if err == nil {
			_, err = template.Bind(func(path string) (Kind, bool) { return kinds[path], true })
		}
		require.ErrorContains(t, err, want, "%s", text)
	}
}
