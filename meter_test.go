package monotable_test

import (
	"context"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// Every call that sends requests, metered, hooked and named: the operations it is metered under.
func TestEveryCallIsMetered(t *testing.T) {
	client := dynamotest.NewClient()
	schema := store
	schema.Name = "metered"
	require.NoError(t, admin.Create(t.Context(), client, schema, 0))
	var mu sync.Mutex
	seen := monotable.Units{}
	db, err := monotable.Open(client, schema, monotable.Observe(func(_ context.Context, u monotable.Usage) {
		mu.Lock()
		defer mu.Unlock()
		assert.Equal(t, "metered", u.Table)
		assert.NotEqual(t, monotable.Units{}, u.Units)
		seen.Read, seen.Write = seen.Read+u.Read, seen.Write+u.Write
	}))
	require.NoError(t, err)
	sales := tableOf[sale](t, db, saleModel)
	profiles := tableOf[profile](t, db, profileModel)
	ctx := t.Context()
	never := monotable.If(expression.Name("note").Equal(expression.Value("never")))
	many := func() (all []sale) {
		for n := range 8 {
			all = append(all, saleOf("c2", n, "open"))
		}
		return all
	}
	one, two := saleOf("c1", 1, "open"), saleOf("c1", 2, "open")
	paid := expression.Set(expression.Name("total"), expression.Value(7))
	var found *sale
	for _, c := range []struct {
		name string
		call func(m, p monotable.CallOption) error
		used map[string]monotable.Units // by operation
	}{
		{"Create", func(m, p monotable.CallOption) error { return sales.Create(ctx, &one, m, p) },
			map[string]monotable.Units{"PutItem": {Write: 5}}},
		{"Create exists", func(m, p monotable.CallOption) error { return sales.Create(ctx, &one, m, p) },
			map[string]monotable.Units{"PutItem": {Write: 1}}},
		{"Put", func(m, p monotable.CallOption) error { return sales.Put(ctx, &one, m, p) },
			map[string]monotable.Units{"PutItem": {Write: 1}}},
		{"Put refused", func(m, p monotable.CallOption) error { return sales.Put(ctx, &one, m, p, never) },
			map[string]monotable.Units{"PutItem": {Write: 1}}},
		{"Update", func(m, p monotable.CallOption) error { _, err := sales.Update(ctx, one, paid, m, p); return err },
			map[string]monotable.Units{"UpdateItem": {Write: 6}}},
		{"Update refused", func(m, p monotable.CallOption) error {
			_,
				err := sales.Update(ctx, one, paid, m, p, never)
			return err
		}, map[string]monotable.Units{"UpdateItem": {Write: 1}}},
		{"Upsert", func(m, p monotable.CallOption) error {
			_, err := sales.Upsert(ctx, one, paid, m, p)
			return err
		}, map[string]monotable.Units{"UpdateItem": {Write: 1}}},
		{"Modify", func(m, p monotable.CallOption) error {
			_, err := sales.Modify(ctx, one, func(s *sale) error { s.Note = new("x"); return nil }, m, p)
			return err
		}, map[string]monotable.Units{"GetItem": {Read: 1}, "UpdateItem": {Write: 3}}},
		{"Get", func(m, p monotable.CallOption) error { _, err := sales.Get(ctx, one, m, p); return err },
			map[string]monotable.Units{"GetItem": {Read: 0.5}}},
		{"Get miss", func(m, p monotable.CallOption) error { _, err := sales.Get(ctx, two, m, p); return err },
			map[string]monotable.Units{"GetItem": {Read: 0.5}}},
		{"PutMany", func(m, p monotable.CallOption) error { return sales.PutMany(ctx, many(), m, p) },
			map[string]monotable.Units{"BatchWriteItem": {Write: 40}}},
		{"GetMany", func(m, p monotable.CallOption) error { _, err := sales.GetMany(ctx, many(), m, p); return err },
			map[string]monotable.Units{"BatchGetItem": {Read: 4}}},
		{"Query pages", func(m, p monotable.CallOption) error {
			return firstError(sales.Query(ctx, sale{CustomerID: "c2"}, m, p, monotable.Limit(4),
				monotable.Filter(expression.Name("id").Equal(expression.Value("s7")))))
		}, map[string]monotable.Units{"Query": {Read: 1}}},
		{"Query index", func(m, p monotable.CallOption) error {
			return firstError(sales.Query(ctx, sale{Status: "open"}, m, p, monotable.On("GSI1")))
		}, map[string]monotable.Units{"Query": {Read: 0.5}}},
		{"Query hydrated", func(m, p monotable.CallOption) error {
			return firstError(sales.Query(ctx, sale{CustomerID: "c2"}, m, p, monotable.On("by-total"),
				monotable.Hydrate()))
		}, map[string]monotable.Units{"Query": {Read: 4.5}, "BatchGetItem": {Read: 4}}},
		{"Count", func(m, p monotable.CallOption) error {
			_, err := sales.Count(ctx, sale{CustomerID: "c2"}, m, p)
			return err
		}, map[string]monotable.Units{"Query": {Read: 0.5}}},
		{"Scan", func(m, p monotable.CallOption) error { return firstError(sales.Scan(ctx, m, p)) },
			map[string]monotable.Units{"Scan": {Read: 0.5}}},
		{"Scan segments", func(m, p monotable.CallOption) error {
			return firstError(sales.Scan(ctx, m, p, monotable.Segments(4)))
		}, map[string]monotable.Units{"Scan": {Read: 2}}},
		{"Collection", func(m, p monotable.CallOption) error {
			return firstError(sales.Collection(ctx, sale{CustomerID: "c2"}, m, p))
		}, map[string]monotable.Units{"Query": {Read: 0.5}}},
		{"Write", func(m, p monotable.CallOption) error {
			return db.Write(ctx, []monotable.Op{sales.PutOp(&two),
				sales.CheckOp(one, expression.AttributeExists(expression.Name("id")))}, m, p)
		}, map[string]monotable.Units{"TransactWriteItems": {Write: 8}}},
		{"Write cancelled", func(m, p monotable.CallOption) error {
			return db.Write(ctx, []monotable.Op{sales.CreateOp(&two), sales.DeleteOp(one)}, m, p)
		}, map[string]monotable.Units{"TransactWriteItems": {Write: 4}}},
		{"Read", func(m, p monotable.CallOption) error {
			return db.Read(ctx, []monotable.ReadOp{sales.GetOp(one, &found),
				sales.GetOp(saleOf("none", 1, ""), &found)}, m, p)
		}, map[string]monotable.Units{"TransactGetItems": {Read: 4}}},
		{"BatchRead", func(m, p monotable.CallOption) error {
			return db.BatchRead(ctx, []monotable.ReadOp{sales.GetOp(one, &found)}, m, p)
		}, map[string]monotable.Units{"BatchGetItem": {Read: 0.5}}},
		{"DeleteMany", func(m, p monotable.CallOption) error { return sales.DeleteMany(ctx, many(), m, p) },
			map[string]monotable.Units{"BatchWriteItem": {Write: 40}}},
		{"Delete", func(m, p monotable.CallOption) error { return sales.Delete(ctx, one, m, p) },
			map[string]monotable.Units{"DeleteItem": {Write: 5}}},
		{"Delete miss", func(m, p monotable.CallOption) error { return sales.Delete(ctx, one, m, p) },
			map[string]monotable.Units{"DeleteItem": {Write: 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var meter monotable.Meter
			seen = monotable.Units{}
			_ = c.call(monotable.Metered(&meter), monotable.Pattern(c.name))
			used := map[string]monotable.Units{}
			for _, u := range meter.Breakdown() {
				assert.Equal(t, c.name, u.Pattern)
				assert.Equal(t, "Sale", u.Entity)
				x := used[u.Operation]
				used[u.Operation] = monotable.Units{Read: x.Read + u.Read, Write: x.Write + u.Write}
			}
			assert.Equal(t, c.used, used)
			all := meter.Used()
			assert.Equal(t, seen, all.Units, "the hook sees the same")
			assert.Equal(t, all, meter.Patterns()[c.name])
			assert.Equal(t, all, meter.Reset())
			assert.Equal(t, monotable.Capacity{}, meter.Used())
		})
	}
	t.Run("several types", func(t *testing.T) {
		var meter monotable.Meter
		p := profile{ID: "p", Email: "e", Address: address{City: "Rome"}}
		require.NoError(t, db.Write(ctx, []monotable.Op{sales.PutOp(&two), profiles.CreateOp(&p)},
			monotable.Metered(&meter)))
		for _, u := range meter.Breakdown() {
			assert.Empty(t, u.Entity)
		}
	})
}

func TestModelledUsageIsMarked(t *testing.T) {
	sales := newTable[sale](t, store, saleModel)
	var meter monotable.Meter
	one := saleOf("c1", 1, "open")
	require.NoError(t, sales.Create(t.Context(), &one, monotable.Metered(&meter)))
	assert.False(t, meter.Used().Modelled)
	require.ErrorIs(t, sales.Create(t.Context(), &one, monotable.Metered(&meter)), monotable.ErrExists)
	assert.True(t, meter.Used().Modelled)
}

// A call adds to every meter that it is given, and to none twice.
func TestMetersAddUp(t *testing.T) {
	sales := newTable[sale](t, store, saleModel)
	var request, job monotable.Meter
	one := saleOf("c1", 1, "open")
	require.NoError(t, sales.Create(t.Context(), &one, monotable.Metered(&request), monotable.Metered(nil),
		monotable.Metered(&job), monotable.Metered(&request)))
	require.Equal(t, monotable.Units{Write: 5}, request.Used().Units)
	require.Equal(t, request.Breakdown(), job.Breakdown())
	_, err := sales.Get(t.Context(), one, monotable.Metered(&job))
	require.NoError(t, err)
	require.Equal(t, monotable.Units{Write: 5}, request.Used().Units)
	require.Equal(t, monotable.Units{Read: 0.5, Write: 5}, job.Used().Units)
}

func TestObserversAddUp(t *testing.T) {
	var seen []string
	note := func(name string) monotable.OpenOption {
		return monotable.Observe(func(context.Context, monotable.Usage) { seen = append(seen, name) })
	}
	db, _ := newDB(t, store, monotable.Observe(nil), note("first"), monotable.Observe(nil), note("second"))
	table := tableOf[event](t, db, eventModel(2))
	_, err := table.Get(t.Context(), event{Day: "mon", ID: "none"}, monotable.Metered(nil))
	require.ErrorIs(t, err, monotable.ErrNotFound)
	assert.Equal(t, []string{"first", "second"}, seen)
}
