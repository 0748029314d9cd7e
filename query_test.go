package monotable_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// seed puts sales s1 to s9 of customer c1, every third of them paid, and one of another customer.
func seed(t testing.TB, sales *monotable.Table[sale]) {
	t.Helper()
	for n := 1; n <= 9; n++ {
		status := "open"
		if n%3 == 0 {
			status = "paid"
		}
		s := saleOf("c1", n, status)
		require.NoError(t, sales.Put(t.Context(), &s))
	}
	other := saleOf("c10", 1, "open")
	require.NoError(t, sales.Put(t.Context(), &other))
}

func TestQueryConditions(t *testing.T) {
	ctx := t.Context()
	sales := newTable[sale](t, store, saleModel)
	seed(t, sales)
	c1 := sale{CustomerID: "c1"}
	all := []string{"s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"}
	for name, test := range map[string]struct {
		partition sale
		options   []monotable.QueryOption
		want      []string
	}{
		"partition": {c1, nil, all},
		"descending, limit": {c1, []monotable.QueryOption{monotable.Descending(), monotable.Limit(2)},
			[]string{"s9", "s8"}},
		"between, both in": {c1, []monotable.QueryOption{monotable.Between("placed_at", day(3), day(5))},
			[]string{"s3", "s4", "s5"}},
		"from": {c1, []monotable.QueryOption{monotable.From("placed_at", day(8))}, []string{"s8", "s9"}},
		"before": {c1, []monotable.QueryOption{monotable.Before("placed_at", day(3))},
			[]string{"s1", "s2"}},
		"another zone": {c1, []monotable.QueryOption{monotable.Eq("placed_at",
			day(4).In(time.FixedZone("", 3600)))}, []string{"s4"}},
		"eq, then eq": {c1, []monotable.QueryOption{monotable.Eq("placed_at", day(4)), monotable.Eq("id", "s4")},
			[]string{"s4"}},
		"eq, then prefix": {c1, []monotable.QueryOption{monotable.Eq("placed_at", day(4)),
			monotable.BeginsWith("id", "s")}, []string{"s4"}},
		"eq, then none": {c1, []monotable.QueryOption{monotable.Eq("placed_at", day(4)), monotable.Eq("id", "s5")},
			nil},
		"filter": {c1, []monotable.QueryOption{monotable.Filter(expression.Name("status").
			Equal(expression.Value("paid")))}, []string{"s3", "s6", "s9"}},
		"filter and limit": {c1, []monotable.QueryOption{monotable.Filter(expression.Name("status").
			Equal(expression.Value("paid"))), monotable.Limit(2)}, []string{"s3", "s6"}},
		"filters are ANDed": {c1, []monotable.QueryOption{monotable.Filter(expression.Name("status").
			Equal(expression.Value("paid"))), monotable.Filter(expression.Name("total").
			GreaterThan(expression.Value(500)))}, []string{"s6", "s9"}},
		"consistent": {c1, []monotable.QueryOption{monotable.Consistent(), monotable.Limit(1)}, []string{"s1"}},
		"GSI": {sale{Status: "paid"},
			[]monotable.QueryOption{monotable.On("GSI1"), monotable.From("placed_at", day(6))}, []string{"s6", "s9"}},
		"natural GSI": {sale{Region: "eu"},
			[]monotable.QueryOption{monotable.On("by-region"), monotable.Between("total", 200, 300)},
			[]string{"s2", "s3"}},
		"LSI with fetches": {c1, []monotable.QueryOption{monotable.On("by-total"), monotable.Before("total", 300)},
			[]string{"s1", "s2"}},
		"hydrated inversion": {sale{PlacedAt: day(1), ID: "s1"},
			[]monotable.QueryOption{monotable.On("inverted"), monotable.Hydrate(), monotable.Limit(5)},
			[]string{"s1", "s1"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, ids(collect(t, sales.Query(ctx, test.partition, test.options...))))
			var paged []sale
			var at monotable.Cursor
			for {
				page, err := sales.QueryPage(ctx, test.partition, append(test.options, monotable.StartAfter(at))...)
				require.NoError(t, err)
				paged = append(paged, page.Items...)
				if at = page.Next; at == "" || len(paged) >= len(test.want) && len(test.want) > 0 {
					break
				}
			}
			assert.Equal(t, test.want, ids(paged))
		})
	}
}

func TestQueryRefuses(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	c1 := sale{CustomerID: "c1"}
	for name, test := range map[string]struct {
		partition sale
		options   []monotable.QueryOption
		says      string
	}{
		"no partition":   {sale{}, nil, "customer_id"},
		"sort field set": {sale{CustomerID: "c1", ID: "s1"}, nil, "sort field id"},
		"wrong order":    {c1, []monotable.QueryOption{monotable.Eq("id", "s1")}, "placed_at, id"},
		"behind a range": {c1, []monotable.QueryOption{monotable.From("placed_at", day(1)),
			monotable.Eq("id", "s1")}, "placed_at, id"},
		"two lower bounds": {c1, []monotable.QueryOption{monotable.From("placed_at", day(1)),
			monotable.After("placed_at", day(2))}, "From and After are both lower bounds of placed_at"},
		"two upper bounds": {c1, []monotable.QueryOption{monotable.Between("placed_at", day(1), day(3)),
			monotable.Before("placed_at", day(2))}, "Between and Before are both upper bounds of placed_at"},
		"a bound beside Eq": {c1, []monotable.QueryOption{monotable.Eq("placed_at", day(1)),
			monotable.UpTo("placed_at", day(2))}, "Eq and UpTo are both about placed_at"},
		"Eq beside a bound": {c1, []monotable.QueryOption{monotable.UpTo("placed_at", day(1)),
			monotable.Eq("placed_at", day(2))}, "UpTo and Eq are both about placed_at"},
		"Eq twice": {c1, []monotable.QueryOption{monotable.Eq("placed_at", day(1)),
			monotable.Eq("placed_at", day(2))}, "Eq and Eq are both about placed_at"},
		"a bound beside a prefix": {c1, []monotable.QueryOption{monotable.Eq("placed_at", day(1)),
			monotable.BeginsWith("id", "s"), monotable.From("id", "s1")}, "BeginsWith and From are both about id"},
		"two on an attribute of its own": {sale{Region: "eu"}, []monotable.QueryOption{monotable.On("by-region"),
			monotable.Eq("total", 1), monotable.After("total", 1)}, "Eq and After are both about total"},
		"ends the wrong way": {c1, []monotable.QueryOption{monotable.Before("placed_at", day(1)),
			monotable.After("placed_at", day(2))}, "the ends of Before are the wrong way round"},
		"numbers the wrong way": {sale{Region: "eu"}, []monotable.QueryOption{monotable.On("by-region"),
			monotable.After("total", 2), monotable.UpTo("total", 1)}, "the ends of After on total are the wrong way round"},
		"no value": {c1, []monotable.QueryOption{monotable.After("placed_at", time.Time{})},
			"placed_at is not set"},
		"lookahead":           {c1, []monotable.QueryOption{monotable.Lookahead()}, "Lookahead is for QueryPage"},
		"no sort field":       {c1, []monotable.QueryOption{monotable.Eq("total", 1)}, "total"},
		"wrong type":          {c1, []monotable.QueryOption{monotable.Eq("placed_at", "2026-01-01")}, "placed_at"},
		"range the wrong way": {c1, []monotable.QueryOption{monotable.Between("placed_at", day(2), day(1))}, "Between"},
		"prefix of a time":    {c1, []monotable.QueryOption{monotable.BeginsWith("placed_at", "2026")}, "placed_at"},
		"prefix of a number": {sale{Region: "eu"},
			[]monotable.QueryOption{monotable.On("by-region"), monotable.BeginsWith("total", "1")}, "total"},
		"unknown index": {c1, []monotable.QueryOption{monotable.On("nowhere")}, "nowhere"},
		"consistent GSI": {sale{Status: "paid"},
			[]monotable.QueryOption{monotable.On("GSI1"), monotable.Consistent()}, "GSI1"},
		"partial index": {sale{PlacedAt: day(1), ID: "s1"}, []monotable.QueryOption{monotable.On("inverted")},
			"Hydrate"},
		"negative limit": {c1, []monotable.QueryOption{monotable.Limit(-1)}, "Limit"},
		"no limit":       {c1, []monotable.QueryOption{monotable.Limit(0)}, "Limit"},
		"no budget":      {c1, []monotable.QueryOption{monotable.Budget(0)}, "Budget"},
		"two starts": {c1, []monotable.QueryOption{monotable.StartAfter("x"),
			monotable.Resume(new(monotable.Cursor))}, "StartAfter and Resume"},
	} {
		t.Run(name, func(t *testing.T) {
			err := firstError(sales.Query(ctx, test.partition, test.options...))
			require.ErrorContains(t, err, test.says)
			_, err = sales.QueryPage(ctx, test.partition, test.options...)
			require.ErrorContains(t, err, test.says)
		})
	}
	assert.Empty(t, requests.seen())
}

func TestSegmentBoundaries(t *testing.T) {
	ctx := t.Context()
	type part struct {
		Machine string `dynamodbav:"machine"`
		Frame   string `dynamodbav:"frame"`
		Name    string `dynamodbav:"name"`
	}
	parts := newTable[part](t, store, monotable.Model{Keys: map[string]string{"PK": "MACHINE#{machine}",
		"SK": "{frame}#{name}"}})
	for _, p := range []part{{"m", "f34", "a"}, {"m", "f340", "b"}, {"m", "f34#", "c"}, {"m", "f3", "d"},
		{"m", "f34", "#e"}, {"m", "f34%23", "f"}} {
		require.NoError(t, parts.Create(ctx, &p))
	}
	var names []string
	for _, p := range collect(t, parts.Query(ctx, part{Machine: "m"}, monotable.Eq("frame", "f34"))) {
		names = append(names, p.Name)
	}
	assert.Equal(t, []string{"#e", "a"}, names)
	assert.Len(t, collect(t, parts.Query(ctx, part{Machine: "m"}, monotable.Eq("frame", "f34#"))), 1)
	assert.Len(t, collect(t, parts.Query(ctx, part{Machine: "m"})), 6)
	require.ErrorIs(t, firstError(parts.Query(ctx, part{Machine: "m"}, monotable.From("frame", "f34"))),
		monotable.ErrKey, "earlier strings group only")
}

func TestNumbersInTemplatesSort(t *testing.T) {
	ctx := t.Context()
	type level struct {
		ID     string `dynamodbav:"id"`
		Height int    `dynamodbav:"height"`
	}
	levels := newTable[level](t, store, monotable.Model{Keys: map[string]string{"PK": "{id}", "SK": "H#{height:4}"}})
	for _, h := range []int{5, -3, 0, 10, -20, 9999} {
		require.NoError(t, levels.Put(ctx, &level{"x", h}))
	}
	require.ErrorIs(t, levels.Put(ctx, &level{"x", 10000}), monotable.ErrKey,
		"a number wider than its template is refused")
	heights := func(o ...monotable.QueryOption) (all []int) {
		for _, l := range collect(t, levels.Query(ctx, level{ID: "x"}, o...)) {
			all = append(all, l.Height)
		}
		return all
	}
	assert.Equal(t, []int{-20, -3, 0, 5, 10, 9999}, heights())
	assert.Equal(t, []int{-3, 0, 5}, heights(monotable.Between("height", -3, 5)))
	assert.Equal(t, []int{0}, heights(monotable.Eq("height", 0)))
	assert.Equal(t, []int{-20, -3}, heights(monotable.Before("height", 0)))
}

func TestViews(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	seed(t, sales)
	type summary struct {
		ID     string `dynamodbav:"id"`
		Status string `dynamodbav:"status"`
	}
	summaries, err := monotable.As[summary](sales)
	require.NoError(t, err)
	got, err := summaries.Get(ctx, saleOf("c1", 3, ""))
	require.NoError(t, err)
	assert.Equal(t, summary{"s3", "paid"}, got)
	page, err := summaries.QueryPage(ctx, sale{CustomerID: "c1"}, monotable.Limit(4), monotable.Consistent())
	require.NoError(t, err)
	require.Len(t, page.Items, 4)
	assert.Equal(t, "s4", page.Items[3].ID)
	next, err := summaries.QueryPage(ctx, sale{CustomerID: "c1"}, monotable.Limit(4), monotable.Consistent(),
		monotable.StartAfter(page.Next))
	require.NoError(t, err)
	assert.Equal(t, "s5", next.Items[0].ID)
	many, err := summaries.GetMany(ctx, []sale{saleOf("c1", 2, ""), saleOf("c9", 2, "")})
	require.NoError(t, err)
	assert.Equal(t, "s2", many[0].ID)
	assert.Nil(t, many[1])
	assert.Len(t, collect(t, summaries.Scan(ctx)), 10)

	type keysOnly struct {
		Type string `dynamodbav:"PK"`
	}
	_, err = monotable.As[keysOnly](sales)
	require.Error(t, err, "a made attribute is not T's")
	type typo struct {
		Stauts string `dynamodbav:"stauts"`
	}
	_, err = monotable.As[typo](sales)
	require.ErrorContains(t, err, "stauts")

	type totals struct {
		Total int `dynamodbav:"total"`
	}
	byTotal, err := monotable.As[totals](sales)
	require.NoError(t, err)
	require.ErrorContains(t, firstError(byTotal.Query(ctx, sale{PlacedAt: day(1), ID: "s1"}, monotable.On("inverted"))),
		"inverted")
	assert.Len(t, collect(t, byTotal.Query(ctx, sale{CustomerID: "c1"}, monotable.On("by-total"),
		monotable.From("total", 800))), 2)
}

func TestCount(t *testing.T) {
	ctx := t.Context()
	sales := newTable[sale](t, store, saleModel)
	seed(t, sales)
	n, err := sales.Count(ctx, sale{CustomerID: "c1"})
	require.NoError(t, err)
	assert.Equal(t, 9, n)
	n, err = sales.Count(ctx, sale{Status: "paid"}, monotable.On("GSI1"), monotable.Before("placed_at", day(9)))
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	n, err = sales.Count(ctx, sale{CustomerID: "c1"}, monotable.Limit(4))
	require.NoError(t, err)
	assert.Equal(t, 4, n)
	n, err = sales.Count(ctx, sale{PlacedAt: day(1), ID: "s1"}, monotable.On("inverted"))
	require.NoError(t, err)
	assert.Equal(t, 2, n)
}
