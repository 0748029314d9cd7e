package shop_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/shop/shop"
)

func TestPlayTellsTheWholeStory(t *testing.T) {
	client := dynamotest.New(t, shop.Schema)
	s, err := shop.Open(client, shop.Schema)
	require.NoError(t, err)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	require.NoError(t, s.Seed(t.Context(), now))

	played, err := shop.Play(t.Context(), client, shop.Schema, now)
	require.NoError(t, err)
	require.Len(t, played, len(shop.Patterns))
	for i, p := range played {
		assert.Equal(t, shop.Patterns[i].Name, p.Pattern)
		assert.NotEmpty(t, p.Requests, p.Pattern)
		assert.Positive(t, p.Used.Read+p.Used.Write, p.Pattern)
	}
}

// An index may be behind its table; the story waits for it, and counts only what found something.
func TestPlayWaitsForAnIndex(t *testing.T) {
	client := dynamotest.New(t, shop.Schema)
	s, err := shop.Open(client, shop.Schema)
	require.NoError(t, err)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	require.NoError(t, s.Seed(t.Context(), now))
	behind := client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "Query", Index: shop.ByOwner}, Skip: 1,
		Times: 2, Do: dynamotest.Stale(1 << 20)})

	played, err := shop.Play(t.Context(), client, shop.Schema, now)
	require.NoError(t, err)
	assert.Equal(t, 2, behind.Fired())
	for _, p := range played {
		if p.Pattern == "An order with its lines, by its id" {
			assert.Equal(t, []string{"Query"}, p.Requests)
			assert.Equal(t, 3, p.Items)
			assert.Equal(t, 0.5, p.Used.Read)
		}
	}
}
