package monotable_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

func set(name string, value any) expression.UpdateBuilder {
	return expression.Set(expression.Name(name), expression.Value(value))
}

func TestUpdateKeepsIndexKeysInStep(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	require.NoError(t, sales.Create(ctx, &one))
	requests.seen()

	got, err := sales.Update(ctx, one, set("status", "paid"))
	require.NoError(t, err)
	assert.Equal(t, "paid", got.Status)
	assert.Equal(t, []string{"UpdateItem"}, requests.seen())
	assert.Empty(t, collect(t, sales.Query(ctx, sale{Status: "open"}, monotable.On("GSI1"))))
	assert.Equal(t, []string{"s1"}, ids(collect(t, sales.Query(ctx, sale{Status: "paid"}, monotable.On("GSI1")))))

	got, err = sales.Update(ctx, one, set("status", ""))
	require.NoError(t, err)
	assert.Empty(t, got.Status)
	assert.Empty(t, collect(t, sales.Query(ctx, sale{Status: "paid"}, monotable.On("GSI1"))),
		"emptying the field leaves the sparse index")

	got, err = sales.Update(ctx, one, set("status", "open"))
	require.NoError(t, err)
	assert.Equal(t, []string{"s1"}, ids(collect(t, sales.Query(ctx, sale{Status: "open"}, monotable.On("GSI1")))))
	got, err = sales.Update(ctx, one, expression.Remove(expression.Name("status")))
	require.NoError(t, err)
	assert.Empty(t, got.Status)
	assert.Empty(t, collect(t, sales.Query(ctx, sale{Status: "open"}, monotable.On("GSI1"))))
}

func TestUpdateNeverCreates(t *testing.T) {
	ctx := t.Context()
	sales := newTable[sale](t, store, saleModel)
	one := saleOf("c1", 1, "open")
	_, err := sales.Update(ctx, one, set("status", "paid"))
	require.ErrorIs(t, err, monotable.ErrNotFound)
	_, err = sales.Get(ctx, one)
	require.ErrorIs(t, err, monotable.ErrNotFound)

	require.NoError(t, sales.Create(ctx, &one))
	_, err = sales.Update(ctx, one, set("status", "paid"),
		monotable.If(expression.Name("total").Equal(expression.Value(1))))
	require.ErrorIs(t, err, monotable.ErrCondition)
	require.NotErrorIs(t, err, monotable.ErrNotFound)
	var failed *monotable.Error
	require.ErrorAs(t, err, &failed)
	status, err := failed.Existing.String("status")
	require.NoError(t, err)
	assert.Equal(t, "open", status)
}

func TestUpsertCreatesAWholeItem(t *testing.T) {
	ctx := t.Context()
	sales := newTable[sale](t, store, saleModel)
	key := sale{CustomerID: "c1", ID: "s1", PlacedAt: day(1)}
	got, err := sales.Upsert(ctx, key, set("status", "open"))
	require.NoError(t, err)
	assert.Equal(t, sale{CustomerID: "c1", ID: "s1", PlacedAt: day(1), Status: "open"}, got)
	assert.Len(t, collect(t, sales.Query(ctx, sale{Status: "open"}, monotable.On("GSI1"))), 1)
	assert.Len(t, collect(t, sales.Query(ctx, sale{CustomerID: "c1"})), 1, "its entity type was stored")
	_, err = sales.Upsert(ctx, key, expression.Add(expression.Name("total"), expression.Value(5)))
	require.NoError(t, err)
	got, err = sales.Upsert(ctx, key, expression.Add(expression.Name("total"), expression.Value(5)))
	require.NoError(t, err)
	assert.EqualValues(t, 10, got.Total)
	assert.Equal(t, "open", got.Status)
}

func TestUpdateRefuses(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales, profiles := tableOf[sale](t, db, saleModel), tableOf[profile](t, db, profileModel)
	one := saleOf("c1", 1, "open")
	for _, test := range []struct {
		name, says string
		update     expression.UpdateBuilder
	}{
		{"primary key template's field", "customer_id", set("customer_id", "c2")},
		{"sort key template's field", "placed_at", set("placed_at", day(2))},
		{"made key", "PK", set("PK", "x")},
		{"made index key", "GSI1PK", set("GSI1PK", "x")},
		{"entity type", "type", set("type", "x")},
		{"computed", "status", expression.Set(expression.Name("status"), expression.Name("region"))},
		{"computed with a default", "status",
			expression.Set(expression.Name("status"), expression.Name("status").IfNotExists(expression.Value("open")))},
		{"added", "status", expression.Add(expression.Name("status"), expression.Value(1))},
		{"empty natural index key", "region", set("region", "")},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := sales.Update(ctx, one, test.update)
			require.Error(t, err)
			assert.ErrorContains(t, err, test.says)
			_, err = sales.Upsert(ctx, one, test.update)
			require.Error(t, err)
		})
	}

	for name, update := range map[string]expression.UpdateBuilder{
		"a parent of a template's field computed": expression.Set(expression.Name("address"),
			expression.Name("address").IfNotExists(expression.Value(address{City: "Rome"}))),
		"in a template's field": set("address.city.part", "x"),
	} {
		_, err := profiles.Update(ctx, profile{ID: "c1"}, update)
		require.ErrorIs(t, err, monotable.ErrKey, name)
	}
	assert.Empty(t, requests.seen(), "nothing of this was sent")
}

// shipment's index key is made of two attributes, so that changing one needs the other.
type shipment struct {
	ID      string `dynamodbav:"id"`
	Carrier string `dynamodbav:"carrier"`
	State   string `dynamodbav:"state"`
	Weight  int    `dynamodbav:"weight"`
}

func TestKnown(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	shipments := tableOf[shipment](t, db, monotable.Model{Keys: map[string]string{
		"PK": "SHIPMENT#{id}", "SK": "SHIPMENT", "GSI1PK": "CARRIER#{carrier}#{state}", "GSI1SK": "{weight}",
	}})
	one := shipment{ID: "1", Carrier: "dhl", State: "new", Weight: 3}
	require.NoError(t, shipments.Create(ctx, &one))
	requests.seen()

	_, err := shipments.Update(ctx, one, set("state", "sent"))
	require.ErrorIs(t, err, monotable.ErrKey)
	assert.ErrorContains(t, err, "carrier")
	assert.ErrorContains(t, err, "Known")
	assert.Empty(t, requests.seen())

	_, err = shipments.Update(ctx, one, set("state", "sent"), monotable.Known(shipment{Carrier: "ups"}))
	require.ErrorIs(t, err, monotable.ErrCondition, "what is known is a condition")
	got, err := shipments.Update(ctx, one, set("state", "sent"), monotable.Known(&one))
	require.NoError(t, err)
	assert.Equal(t, "sent", got.State)
	found := collect(t, shipments.Query(ctx, shipment{Carrier: "dhl", State: "sent"}, monotable.On("GSI1"),
		monotable.Eq("weight", 3)))
	assert.Len(t, found, 1)
	_, err = shipments.Update(ctx, one, set("state", "gone").Set(expression.Name("carrier"), expression.Value("ups")))
	require.NoError(t, err)
	assert.Len(t, collect(t, shipments.Query(ctx, shipment{Carrier: "ups", State: "gone"}, monotable.On("GSI1"))), 1)
}

func TestOperandsSpeakTheEncodingOfT(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	require.NoError(t, sales.Create(ctx, &one))
	requests.seen()

	due := day(9)
	got, err := sales.Update(ctx, one, set("due_at", due))
	require.NoError(t, err, "a time on a unixtime attribute is encoded as T does")
	assert.True(t, due.Equal(*got.DueAt))
	got, err = sales.Update(ctx, one, set("tags", []string{"b", "a"}))
	require.NoError(t, err, "a slice on a set attribute as well")
	assert.ElementsMatch(t, []string{"a", "b"}, got.Tags)
	_, err = sales.Update(ctx, one, set("total", 7),
		monotable.If(expression.Name("due_at").Equal(expression.Value(due))))
	require.NoError(t, err)
	requests.seen()

	for name, update := range map[string]expression.UpdateBuilder{
		"string on a number":       set("total", "seven"),
		"number on a string":       set("note", 7),
		"numbers on a string set":  set("tags", []int{1}),
		"unknown attribute":        set("stauts", "paid"),
		"value without encoding":   set("note", make(chan int)),
		"fraction on an integer":   set("total", 1.5),
		"text on a time":           set("due_at", "tomorrow"),
		"string added to a number": expression.Add(expression.Name("total"), expression.Value("1")),
	} {
		_, err := sales.Update(ctx, one, update)
		assert.Error(t, err, name)
	}
	for name, condition := range map[string]expression.ConditionBuilder{
		"string on a number":     expression.Name("total").Equal(expression.Value("7")),
		"string in a list":       expression.Name("total").In(expression.Value(7), expression.Value("8")),
		"text between times":     expression.Name("due_at").Between(expression.Value(due), expression.Value("z")),
		"unknown attribute":      expression.Name("stauts").Equal(expression.Value("paid")),
		"value without encoding": expression.Name("note").Equal(expression.Value(func() {})),
	} {
		assert.Error(t, sales.Put(ctx, &one, monotable.If(condition)), name)
		assert.Error(t, firstError(sales.Scan(ctx, monotable.Filter(condition))), name)
	}
	assert.Empty(t, requests.seen())
}

func TestUpdateWithOld(t *testing.T) {
	ctx := t.Context()
	sales := newTable[sale](t, store, saleModel)
	one := saleOf("c1", 1, "open")
	require.NoError(t, sales.Create(ctx, &one))
	var old sale
	got, err := sales.Update(ctx, one, set("status", "paid").Add(expression.Name("total"), expression.Value(11)),
		monotable.Old(&old))
	require.NoError(t, err)
	assert.Equal(t, one, old)
	assert.Equal(t, "paid", got.Status)
	assert.EqualValues(t, 111, got.Total)
	now, err := sales.Get(ctx, one)
	require.NoError(t, err)
	assert.Equal(t, now, got)
}

func TestModify(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	_, err := sales.Modify(ctx, one, func(*sale) error { return nil })
	require.ErrorIs(t, err, monotable.ErrNotFound)
	require.NoError(t, sales.Create(ctx, &one))
	requests.seen()

	var old sale
	got, err := sales.Modify(ctx, one, func(s *sale) error { s.Status = "paid"; s.Region = ""; return nil },
		monotable.Old(&old))
	require.NoError(t, err)
	assert.Equal(t, one, old)
	assert.Equal(t, "paid", got.Status)
	assert.Equal(t, []string{"GetItem", "UpdateItem"}, requests.seen())
	assert.Len(t, collect(t, sales.Query(ctx, sale{Status: "paid"}, monotable.On("GSI1"))), 1)
	assert.Empty(t, collect(t, sales.Query(ctx, sale{Region: "eu"}, monotable.On("by-region"))))
	requests.seen()

	same, err := sales.Modify(ctx, one, func(*sale) error { return nil })
	require.NoError(t, err)
	assert.Equal(t, got, same)
	assert.Equal(t, []string{"GetItem"}, requests.seen(), "no difference, no write")

	boom := errors.New("boom")
	_, err = sales.Modify(ctx, one, func(s *sale) error { s.Total = 0; return boom })
	require.ErrorIs(t, err, boom)
	_, err = sales.Modify(ctx, one, func(s *sale) error { s.ID = "other"; return nil })
	require.ErrorIs(t, err, monotable.ErrKey)
	_, err = sales.Modify(ctx, one, func(s *sale) error { s.Total++; return nil },
		monotable.If(expression.Name("status").Equal(expression.Value("open"))))
	require.ErrorIs(t, err, monotable.ErrCondition)
	_, err = sales.Modify(ctx, one, func(*sale) error { return nil },
		monotable.If(expression.Name("status").Equal(expression.Value("open"))))
	require.ErrorIs(t, err, monotable.ErrCondition, "a condition is checked though nothing changes")
}

func TestModifyRunsAgainWhenTheItemChanged(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	require.NoError(t, sales.Create(ctx, &one))
	runs := 0
	got, err := sales.Modify(ctx, one, func(s *sale) error {
		if runs++; runs == 1 {
			_, err := sales.Update(ctx, one, expression.Add(expression.Name("total"), expression.Value(1000)))
			require.NoError(t, err)
		}
		s.Total++
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, 2, runs)
	assert.EqualValues(t, 1101, got.Total)
}

func TestParallelModifyLosesNothing(t *testing.T) {
	t.Parallel()
	for name, versioned := range map[string]bool{"guarded by version": true, "guarded by values": false} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			model := profileModel
			if !versioned {
				model.Version = ""
			}
			profiles := newTable[profile](t, store, model)
			require.NoError(t, profiles.Create(ctx, &profile{ID: "c1", Email: "a@b.c", Address: address{City: "Oslo"}}))
			var all sync.WaitGroup
			for range 32 {
				all.Go(func() {
					_, err := profiles.Modify(ctx, profile{ID: "c1"}, func(p *profile) error { p.Visits++; return nil })
					assert.NoError(t, err)
				})
			}
			all.Wait()
			got, err := profiles.Get(ctx, profile{ID: "c1"}, monotable.Consistent())
			require.NoError(t, err)
			assert.Equal(t, 32, got.Visits)
		})
	}
}

func TestUpdateLeavesTheCallersBuilderAlone(t *testing.T) {
	ctx := t.Context()
	sales := newTable[sale](t, store, saleModel)
	one, two := saleOf("c1", 1, "open"), saleOf("c1", 2, "open")
	require.NoError(t, sales.Create(ctx, &one))
	require.NoError(t, sales.Create(ctx, &two))
	update := set("status", "paid").
		Set(expression.Name("total"), expression.Plus(expression.Name("total"), expression.Value(1))).
		Set(expression.Name("note"), expression.IfNotExists(expression.Name("note"), expression.Value("first"))).
		Add(expression.Name("tags"), expression.Value(&types.AttributeValueMemberSS{Value: []string{"a", "b"}}))
	for _, key := range []sale{one, two, one} {
		got, err := sales.Update(ctx, key, update)
		require.NoError(t, err)
		assert.Equal(t, "first", *got.Note)
		assert.ElementsMatch(t, []string{"a", "b"}, got.Tags)
	}
	got, err := sales.Update(ctx, one, expression.Delete(expression.Name("tags"),
		expression.Value(&types.AttributeValueMemberSS{Value: []string{"a"}})).
		Set(expression.Name("total"), expression.Minus(expression.Name("total"), expression.Value(2))))
	require.NoError(t, err)
	assert.Equal(t, []string{"b"}, got.Tags)
	assert.Equal(t, one.Total, got.Total)
}

func TestNamesWithDots(t *testing.T) {
	ctx := t.Context()
	type dotted struct {
		ID string                       `dynamodbav:"id"`
		M  map[string]map[string]string `dynamodbav:"m"`
		V  int                          `dynamodbav:"meta.v"`
	}
	table := newTable[dotted](t, monotable.Schema{Name: "dotted", Partition: monotable.S("id")},
		monotable.Model{Version: "meta.v"})
	x := dotted{ID: "1", M: map[string]map[string]string{"a.b": {"c": "1"}, "a": {"b": "z"}}}
	require.NoError(t, table.Put(ctx, &x))
	got, err := table.Update(ctx, x, expression.Remove(expression.Name("m").
		AppendName(expression.NameNoDotSplit("a.b"))))
	require.NoError(t, err)
	assert.Equal(t, map[string]map[string]string{"a": {"b": "z"}}, got.M)
	assert.Equal(t, 2, got.V)
}

func TestAttributesStoredInAnotherCase(t *testing.T) {
	ctx := t.Context()
	type x struct {
		ID     string `dynamodbav:"id"`
		Status string `dynamodbav:"status,omitempty"`
	}
	db, _ := newDB(t, monotable.Schema{Name: "cases", Partition: monotable.S("id")})
	xs, raw := tableOf[x](t, db, monotable.Model{}), tableOf[monotable.Item](t, db, monotable.Model{})
	require.NoError(t, raw.Put(ctx, &monotable.Item{"id": text("1"), "Status": text("open")}))
	for _, status := range []string{"", "paid"} {
		got, err := xs.Modify(ctx, x{ID: "1"}, func(x *x) error { x.Status = status; return nil })
		require.NoError(t, err)
		now, err := xs.Get(ctx, x{ID: "1"})
		require.NoError(t, err)
		assert.Equal(t, status, now.Status)
		assert.Equal(t, got, now)
	}
}

func TestKnownZeroValues(t *testing.T) {
	ctx := t.Context()
	type x struct {
		ID    string  `dynamodbav:"id"`
		State string  `dynamodbav:"state"`
		N     int     `dynamodbav:"n,omitempty"`
		P     *string `dynamodbav:"p,omitempty"`
	}
	xs := newTable[x](t, store, monotable.Model{Keys: map[string]string{"PK": "X#{id}", "SK": "X",
		"GSI1PK": "{state}#{n:2}", "GSI1SK": "{state}"}})
	require.NoError(t, xs.Create(ctx, &x{ID: "1", State: "a"}))
	_, err := xs.Update(ctx, x{ID: "1"}, set("state", "b"), monotable.Known(x{}))
	require.NoError(t, err)
	assert.Len(t, collect(t, xs.Query(ctx, x{State: "b"}, monotable.On("GSI1"))), 1)
	_, err = xs.Update(ctx, x{ID: "1"}, set("state", "c"), monotable.Known(&x{}),
		monotable.Known(x{ID: "1", State: "b"}))
	require.NoError(t, err)
}
