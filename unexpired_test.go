package monotable_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// Unexpired leaves out what the sweep deletes, and nothing else, by a filter and after a read by key.
func TestUnexpiredIsWhatTheSweepLeaves(t *testing.T) {
	ctx := t.Context()
	now := time.Date(2026, 5, 1, 10, 0, 0, 999_999_999, time.UTC)
	clock := func() time.Time { return now }
	client := dynamotest.NewClient(dynamotest.WithClock(clock))
	require.NoError(t, admin.Create(ctx, client, sessionSchema, 0))
	db, err := monotable.Open(client, sessionSchema, monotable.Clock(clock))
	require.NoError(t, err)
	table := tableOf[monotable.Item](t, db, monotable.Model{})
	second, oldest := now.Unix(), now.Add(-5*365*24*time.Hour).Unix()
	values := []types.AttributeValue{nil, &types.AttributeValueMemberNULL{Value: true},
		&types.AttributeValueMemberS{Value: strconv.FormatInt(second-1, 10)}}
	for _, text := range []string{"0", "-1", "1e30", "-1e30"} {
		values = append(values, &types.AttributeValueMemberN{Value: text})
	}
	for _, at := range []int64{second, oldest} {
		for _, fraction := range []string{"", ".00000001", ".5", ".99999999"} {
			for d := int64(-1); d <= 1; d++ {
				values = append(values, &types.AttributeValueMemberN{Value: strconv.FormatInt(at+d, 10) + fraction})
			}
		}
	}
	var keys []monotable.Item
	for i, v := range values {
		item := monotable.Item{"id": &types.AttributeValueMemberS{Value: fmt.Sprint(i)}}
		keys = append(keys, item.Clone())
		if v != nil {
			item["expires_at"] = v
		}
		require.NoError(t, table.Put(ctx, &item))
	}
	idsOf := func(items []monotable.Item) (all []string) {
		for _, item := range items {
			id, err := item.String("id")
			require.NoError(t, err)
			all = append(all, id)
		}
		slices.Sort(all)
		return all
	}
	scanned := idsOf(collect(t, table.Scan(ctx, monotable.Unexpired())))
	var got, many, queried []monotable.Item
	found, err := table.GetMany(ctx, keys, monotable.Unexpired())
	require.NoError(t, err)
	for i, key := range keys {
		if item, err := table.Get(ctx, key, monotable.Unexpired()); err == nil {
			got = append(got, item)
		}
		if found[i] != nil {
			many = append(many, *found[i])
		}
		queried = append(queried, collect(t, table.Query(ctx, key, monotable.Unexpired()))...)
	}
	require.NotZero(t, client.SweepExpired())
	left := idsOf(collect(t, table.Scan(ctx)))
	assert.Equal(t, left, scanned)
	assert.Equal(t, left, idsOf(got))
	assert.Equal(t, left, idsOf(many))
	assert.Equal(t, left, idsOf(queried))
}

// A cursor of a read of what is not expired is good at any time, and for no other filter.
func TestUnexpiredCursorsOutliveTheSecond(t *testing.T) {
	ctx := t.Context()
	table, clock := sessions(t)
	for i := range 5 {
		require.NoError(t, table.Put(ctx, &session{ID: fmt.Sprint(i), ExpiresAt: clock.Add(time.Hour)}))
	}
	user := monotable.Filter(expression.Name("role").Equal(expression.Value("guest")))
	page, err := table.ScanPage(ctx, monotable.Limit(2), monotable.Unexpired(), user)
	require.NoError(t, err)
	seen := len(page.Items)
	*clock = clock.Add(time.Minute)
	for page.Next != "" {
		_, err = table.ScanPage(ctx, monotable.Limit(2), monotable.StartAfter(page.Next))
		require.ErrorIs(t, err, monotable.ErrCursor)
		_, err = table.ScanPage(ctx, monotable.Limit(2), monotable.StartAfter(page.Next), monotable.Unexpired())
		require.ErrorIs(t, err, monotable.ErrCursor)
		page, err = table.ScanPage(ctx, monotable.Limit(2), monotable.StartAfter(page.Next), monotable.Unexpired(), user)
		require.NoError(t, err)
		seen += len(page.Items)
		*clock = clock.Add(time.Minute)
	}
	assert.Equal(t, 5, seen)
}
