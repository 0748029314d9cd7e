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
