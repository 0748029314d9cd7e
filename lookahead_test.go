package monotable_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// With a look ahead the last page, and it alone, has no cursor; and no page is more than a request where one suffices.
func TestLookahead(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	seed(t, sales)
	c1 := sale{CustomerID: "c1"}
	paid := monotable.Filter(expression.Name("status").Equal(expression.Value("paid")))
	for _, c := range []struct {
		name      string
		partition sale
		options   []monotable.QueryOption
		want      []string
	}{
		{"all", c1, nil, []string{"s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"}},
		{"descending", c1, []monotable.QueryOption{monotable.Descending(), monotable.Before("placed_at", day(7))},
			[]string{"s6", "s5", "s4", "s3", "s2", "s1"}},
		{"filtered", c1, []monotable.QueryOption{paid}, []string{"s3", "s6", "s9"}},
		{"nothing behind the filtered", c1, []monotable.QueryOption{paid, monotable.Before("placed_at", day(9))},
			[]string{"s3", "s6"}},
		{"hydrated", sale{Status: "paid"}, []monotable.QueryOption{monotable.On("GSI1"), monotable.Hydrate()},
			[]string{"s3", "s6", "s9"}},
		{"none", sale{CustomerID: "nobody"}, nil, nil},
	} {
		for limit := 1; limit <= len(c.want)+1; limit++ {
			what := fmt.Sprintf("%s, limit %d", c.name, limit)
			var got, resumed []string
			var at, resume monotable.Cursor
			for more := true; more; more = at != "" {
				options := append([]monotable.QueryOption{monotable.Limit(limit), monotable.Lookahead()}, c.options...)
				page, err := sales.QueryPage(ctx, c.partition, append(options, monotable.StartAfter(at))...)
				require.NoError(t, err, what)
				got, at = append(got, ids(page.Items)...), page.Next
				require.Equal(t, len(got) == len(c.want), at == "", what)
				page, err = sales.QueryPage(ctx, c.partition, append(options, monotable.Resume(&resume))...)
				require.NoError(t, err, what)
				resumed = append(resumed, ids(page.Items)...)
				require.Equal(t, at, resume, "%s: Resume stands behind the last item given", what)
			}
			require.Equal(t, c.want, got, what)
			require.Equal(t, got, resumed, what)
		}
	}
	requests.seen()
	_, err := sales.QueryPage(ctx, c1, monotable.Limit(4), monotable.Lookahead())
	require.NoError(t, err)
	assert.Equal(t, []string{"Query"}, requests.seen(), "five items come with one request")
}

// A scan's pages look ahead over items of other types, and views do.
func TestLookaheadOfScans(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	seed(t, sales)
	profiles := tableOf[profile](t, db, profileModel)
	for i := range 20 {
		require.NoError(t, profiles.Put(ctx, &profile{ID: fmt.Sprint("p", i), Email: "a@x", Address: address{City: "c"}}))
	}
	view, err := monotable.As[struct {
		ID string `dynamodbav:"id"`
	}](sales)
	require.NoError(t, err)
	for limit := 1; limit <= 11; limit++ {
		n := 0
		for at, more := monotable.Cursor(""), true; more; more = at != "" {
			page, err := view.ScanPage(ctx, monotable.Limit(limit), monotable.Lookahead(), monotable.StartAfter(at))
			require.NoError(t, err)
			n, at = n+len(page.Items), page.Next
			require.Equal(t, n == 10, at == "", "%d of limit %d", n, limit)
		}
		require.Equal(t, 10, n)
	}
}

// A budget may end before the item behind the last is found.
func TestLookaheadWithABudget(t *testing.T) {
	ctx := t.Context()
	sales := newTable[sale](t, store, saleModel)
	seed(t, sales)
	c1 := sale{CustomerID: "c1"}
	ends := monotable.Filter(expression.Name("id").In(expression.Value("s1"), expression.Value("s9")))
	options := []monotable.QueryOption{ends, monotable.Limit(1), monotable.Lookahead()}
	page, err := sales.QueryPage(ctx, c1, append(options, monotable.Budget(0.5))...)
	require.ErrorIs(t, err, monotable.ErrBudget)
	require.Equal(t, []string{"s1"}, ids(page.Items))
	page, err = sales.QueryPage(ctx, c1, append(options, monotable.StartAfter(page.Next))...)
	require.NoError(t, err)
	assert.Equal(t, []string{"s9"}, ids(page.Items))
	assert.Empty(t, page.Next)
}

// Calls that give no page with a limit refuse a look ahead before anything is sent.
func TestLookaheadIsRefused(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	c1, ahead, limit := sale{CustomerID: "c1"}, monotable.Lookahead(), monotable.Limit(3)
	_, count := sales.Count(ctx, c1, limit, ahead)
	_, page := sales.QueryPage(ctx, c1, ahead)
	_, scanPage := sales.ScanPage(ctx, ahead)
	_, gather := monotable.Gather[struct{ Sales []sale }](ctx, sales, c1, limit, ahead)
	for name, err := range map[string]error{
		"Query": firstError(sales.Query(ctx, c1, limit, ahead)), "Scan": firstError(sales.Scan(ctx, limit, ahead)),
		"Collection": firstError(sales.Collection(ctx, c1, limit, ahead)), "Count": count, "Gather": gather,
		"QueryPage without a limit": page, "ScanPage without a limit": scanPage,
	} {
		assert.ErrorContains(t, err, "Lookahead is for QueryPage and ScanPage with a Limit", name)
	}
	assert.Empty(t, requests.seen())
}

// A page that fails gives no items, and so does not move Resume, though some of its responses had come.
func TestFailedPageDoesNotMoveResume(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	seed(t, sales)
	paid := monotable.Filter(expression.Name("status").Equal(expression.Value("paid")))
	var at monotable.Cursor
	sent := 0
	requests.before = func(string, any) error {
		if sent++; sent == 2 {
			return errors.New("lost")
		}
		return nil
	}
	page, err := sales.QueryPage(ctx, sale{CustomerID: "c1"}, paid, monotable.Limit(3), monotable.Resume(&at))
	require.ErrorContains(t, err, "lost")
	require.Empty(t, page.Items)
	page, err = sales.QueryPage(ctx, sale{CustomerID: "c1"}, paid, monotable.Limit(3), monotable.Resume(&at))
	require.NoError(t, err)
	assert.Equal(t, []string{"s3", "s6", "s9"}, ids(page.Items))
}

func TestCollect(t *testing.T) {
	sales := newTable[sale](t, store, saleModel)
	seed(t, sales)
	all, err := monotable.Collect(sales.Query(t.Context(), sale{CustomerID: "c1"}))
	require.NoError(t, err)
	assert.Len(t, all, 9)
	none, err := monotable.Collect(sales.Query(t.Context(), sale{CustomerID: "nobody"}))
	require.NoError(t, err)
	assert.Equal(t, []sale{}, none)
	lost := errors.New("lost")
	some, err := monotable.Collect(func(yield func(int, error) bool) {
		assert.True(t, yield(1, nil) && yield(2, nil))
		assert.False(t, yield(3, lost))
	})
	assert.Equal(t, []int{1, 2}, some)
	assert.Equal(t, lost, err)
	_, err = monotable.Collect[int](nil)
	assert.Error(t, err)
}
