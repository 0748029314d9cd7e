package monotable_test

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// budgeted is a read that ends with its budget and goes on behind its cursor.
type budgeted struct {
	op    string   // of its errors
	ahead int      // requests that may be on their way when the budget is met, the one that meets it included
	want  []string // ids
	mixed bool     // they come in no order
	read  func(at *monotable.Cursor, budget, filter monotable.PageOption,
		metered monotable.CallOption) iter.Seq2[string, error]
}

// idsOf gives the ids of a read's items.
func idsOf[T any](items iter.Seq2[T, error], id func(T) string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for item, err := range items {
			if !yield(id(item), err) {
				return
			}
		}
	}
}

// exhaust reads to the end, one budget after the other, and counts the calls that the budget ended.
func (b budgeted) exhaust(t testing.TB, budget float64, filter monotable.PageOption) (all []string, ended int) {
	const pageUnits = 0.5 // of few small items
	var at monotable.Cursor
	for {
		var meter monotable.Meter
		var last error
		for id, err := range b.read(&at, monotable.Budget(budget), filter, monotable.Metered(&meter)) {
			require.NoError(t, last, "nothing comes behind an error")
			if last = err; err == nil {
				all = append(all, id)
			}
		}
		if last == nil {
			require.Empty(t, at, "the end")
			return all, ended
		}
		ended++
		require.ErrorIs(t, last, monotable.ErrBudget)
		var failed *monotable.Error
		require.ErrorAs(t, last, &failed)
		require.Equal(t, b.op, failed.Op)
		require.NotEmpty(t, at, "a cursor goes on")
		require.GreaterOrEqual(t, meter.Used().Read, budget, "it is spent")
		require.Less(t, meter.Used().Read, budget+float64(b.ahead)*pageUnits, "and no more than was on its way")
		require.Less(t, ended, 1000, "no end")
	}
}

// ordered sorts what came in no order.
func (b budgeted) ordered(ids []string) []string {
	if b.mixed {
		slices.Sort(ids)
	}
	return ids
}

// A read that ends with its budget says so, and read on behind its cursors to the end it gives every item exactly once,
// and in order where there is one.
func TestBudgetsResumeToTheEnd(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales, spread := tableOf[sale](t, db, saleModel), tableOf[event](t, db, eventModel(4))
	var saleIDs, eventIDs []string
	var all []event
	for i := range 24 {
		s := saleOf("c1", 1+i, "open")
		s.ID = fmt.Sprintf("s%02d", i)
		require.NoError(t, sales.Put(ctx, &s))
		saleIDs = append(saleIDs, s.ID)
		all = append(all, event{Day: "mon", ID: fmt.Sprintf("e%02d", i), Source: "web", Weight: i * 37 % 50})
	}
	require.NoError(t, spread.PutMany(ctx, all))
	slices.SortFunc(all, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.ID, b.ID))
	})
	for _, e := range all {
		eventIDs = append(eventIDs, e.ID)
	}
	downwards := slices.Clone(saleIDs)
	slices.Reverse(downwards)
	saleID, eventID := func(s sale) string { return s.ID }, func(e event) string { return e.ID }

	query := func(want []string, more ...monotable.QueryOption) budgeted {
		return budgeted{"Query", 1, want, false,
			func(at *monotable.Cursor, budget, filter monotable.PageOption,
				metered monotable.CallOption) iter.Seq2[string, error] {
				options := append(more[:len(more):len(more)], budget, filter, metered, monotable.Resume(at))
				return idsOf(sales.Query(ctx, sale{CustomerID: "c1", Status: "open"}, options...), saleID)
			}}
	}
	scan := func(segments int) budgeted {
		return budgeted{"Scan", segments, saleIDs, true,
			func(at *monotable.Cursor, budget, filter monotable.PageOption,
				metered monotable.CallOption) iter.Seq2[string, error] {
				return idsOf(sales.Scan(ctx, monotable.Segments(segments), budget, filter, metered,
					monotable.Resume(at)), saleID)
			}}
	}
	pages := func(at *monotable.Cursor, budget, filter monotable.PageOption,
		metered monotable.CallOption) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			page, err := sales.QueryPage(ctx, sale{CustomerID: "c1"}, budget, filter, metered, monotable.StartAfter(*at),
				monotable.Limit(1000))
			*at = page.Next
			for _, s := range page.Items {
				yield(s.ID, nil)
			}
			if err != nil {
				yield("", err)
			}
		}
	}
	sharded := func(at *monotable.Cursor, budget, filter monotable.PageOption,
		metered monotable.CallOption) iter.Seq2[string, error] {
		return idsOf(spread.Query(ctx, event{Day: "mon"}, budget, filter, metered, monotable.Resume(at)), eventID)
	}
	for name, b := range map[string]budgeted{
		"query": query(saleIDs), "query downwards": query(downwards, monotable.Descending()),
		"query of an index": query(saleIDs, monotable.On("GSI1")),
		"scan":              scan(1), "scan of three segments": scan(3), "scan of eight segments": scan(8),
		"pages":                {"QueryPage", 1, saleIDs, false, pages},
		"query of five shards": {"Query", 5, eventIDs, false, sharded},
	} {
		t.Run(name, func(t *testing.T) {
			ended := 0
			for _, page := range []int32{3, 7} {
				requests.before = func(_ string, in any) error {
					switch in := in.(type) {
					case *dynamodb.QueryInput:
						in.Limit = &page
					case *dynamodb.ScanInput:
						in.Limit = &page
					}
					return nil
				}
				for _, budget := range []float64{0.01, 0.5, 1.75, math.Inf(1)} {
					got, times := b.exhaust(t, budget, monotable.PageOption{})
					ended += times
					assert.Equal(t, b.want, b.ordered(got), "%v units, pages of %d", budget, page)
					if page != 3 {
						continue
					}
					got, _ = b.exhaust(t, budget, monotable.Filter(expression.Name("id").Contains("3")))
					kept := slices.DeleteFunc(slices.Clone(b.want),
						func(id string) bool { return !strings.Contains(id, "3") })
					assert.Equal(t, kept, b.ordered(got), "%v units, pages of %d, filtered", budget, page)
				}
			}
			assert.Positive(t, ended, "no budget ended a read")
		})
	}
}

// What Hydrate reads counts towards the budget.
func TestBudgetsCountHydration(t *testing.T) {
	ctx := t.Context()
	type ticket struct {
		ID     string `dynamodbav:"id"`
		Status string `dynamodbav:"status"`
		Title  string `dynamodbav:"title"`
	}
	db, requests := newDB(t, monotable.Schema{Name: "tickets", Partition: monotable.S("id"), Indexes: []monotable.Index{
		{Name: "by-status", Partition: monotable.S("status"), Sort: monotable.S("id"), KeysOnly: true},
	}})
	tickets := tableOf[ticket](t, db, monotable.Model{})
	var want []ticket
	for i := range 10 {
		want = append(want, ticket{fmt.Sprint("t", i), "open", "a title"})
	}
	require.NoError(t, tickets.PutMany(ctx, want))
	requests.before = func(_ string, in any) error {
		if query, ok := in.(*dynamodb.QueryInput); ok {
			query.Limit = new(int32(4))
		}
		return nil
	}
	var got []ticket
	var at monotable.Cursor
	for _, units := range []float64{2.5, 2.5, 1.5} { // a page of entries, and half a unit for each item
		var meter monotable.Meter
		var last error
		for found, err := range tickets.Query(ctx, ticket{Status: "open"}, monotable.On("by-status"),
			monotable.Hydrate(),
			monotable.Budget(2), monotable.Metered(&meter), monotable.Resume(&at)) {
			if last = err; err == nil {
				got = append(got, found)
			}
		}
		assert.Equal(t, units, meter.Used().Read)
		if units >= 2 {
			require.ErrorIs(t, last, monotable.ErrBudget)
		} else {
			require.NoError(t, last)
		}
	}
	assert.Equal(t, want, got)
	assert.Empty(t, at)
}

func TestBudgetsAreRefused(t *testing.T) {
	pets, _ := manyPets(t, 1)
	for _, units := range []float64{0, -1, math.NaN(), math.Inf(-1)} {
		_, err := pets.ScanPage(t.Context(), monotable.Budget(units))
		assert.ErrorContains(t, err, "Budget must be positive", units)
	}
}

func TestBudgetsBoundTheWholeCall(t *testing.T) {
	ctx := t.Context()
	pets, _ := manyPets(t, 40)
	var meter monotable.Meter
	err := firstError(pets.Scan(ctx, monotable.Segments(8), monotable.Budget(1), monotable.Metered(&meter),
		monotable.Filter(expression.Name("name").Equal(expression.Value("nobody")))))
	if err != nil {
		require.ErrorIs(t, err, monotable.ErrBudget)
	}
	assert.LessOrEqual(t, meter.Used().Read, 5.0)
}
