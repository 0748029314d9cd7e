package monotable_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

func TestNilValuesInItemsAreRefused(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, monotable.Schema{Name: "items", Partition: monotable.S("id")})
	items := tableOf[monotable.Item](t, db, monotable.Model{})
	var none *types.AttributeValueMemberS
	for name, item := range map[string]monotable.Item{
		"in a list": {"id": text("1"), "x": &types.AttributeValueMemberL{Value: []types.AttributeValue{nil,
			text("1")}}},
		"typed":  {"id": text("1"), "x": none},
		"on top": {"id": text("1"), "x": nil},
		"key":    {"id": none},
	} {
		require.Error(t, items.Put(ctx, &item), name)
	}
	_, err := items.Get(ctx, monotable.Item{"id": none})
	require.ErrorIs(t, err, monotable.ErrKey)
	require.Error(t, firstError(items.Scan(ctx, monotable.Filter(expression.Name("id").Equal(expression.Value(none))))))
	_, err = items.Update(ctx, monotable.Item{"id": text("1")},
		set("l", &types.AttributeValueMemberL{Value: []types.AttributeValue{none}}))
	require.Error(t, err)
	numbers := newTable[monotable.Item](t, monotable.Schema{Name: "numbers", Partition: monotable.N("id")},
		monotable.Model{})
	_, err = numbers.Get(ctx, monotable.Item{"id": &types.AttributeValueMemberN{Value: "secret77"}})
	require.ErrorIs(t, err, monotable.ErrKey)
	assert.NotContains(t, err.Error(), "secret77")
	assert.Empty(t, requests.seen())
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

func TestUnixTimesInTemplatesAreAsStored(t *testing.T) {
	ctx := t.Context()
	type event struct {
		ID string    `dynamodbav:"id"`
		At time.Time `dynamodbav:"at,unixtime"`
	}
	events := newTable[event](t, store, monotable.Model{Keys: map[string]string{"PK": "E#{id}", "SK": "{at}"}})
	require.NoError(t, events.Put(ctx, &event{"a", time.Date(2026, 1, 1, 0, 0, 0, 5e8, time.UTC)}))
	for _, e := range collect(t, events.Scan(ctx)) {
		_, err := events.Get(ctx, e)
		require.NoError(t, err)
		_, err = events.Modify(ctx, e, func(*event) error { return nil })
		require.NoError(t, err)
	}
}

func TestFoldedKeysDoNotTellTheField(t *testing.T) {
	ctx := t.Context()
	type user struct {
		Email  string `dynamodbav:"email"`
		Status string `dynamodbav:"status"`
	}
	users := newTable[user](t, store, monotable.Model{Keys: map[string]string{
		"PK": "U#{email|lower}", "SK": "U", "GSI1PK": "S#{status}", "GSI1SK": "{email}#{status}",
	}})
	require.NoError(t, users.Create(ctx, &user{"Bob@X", "a"}))
	_, err := users.Update(ctx, user{Email: "bob@x"}, set("status", "b"))
	require.ErrorIs(t, err, monotable.ErrKey)
	_, err = users.Update(ctx, user{Email: "bob@x"}, set("status", "b"), monotable.Known("email", "Bob@X"))
	require.NoError(t, err)
	got, err := users.Get(ctx, user{Email: "BOB@X"})
	require.NoError(t, err)
	assert.Equal(t, user{"Bob@X", "b"}, got)
	assert.Len(t, collect(t, users.Query(ctx, user{Status: "b"}, monotable.On("GSI1"), monotable.Eq("email", "Bob@X"))),
		1)
}

func TestTypesThatShareKeysLeaveEachOtherAlone(t *testing.T) {
	ctx := t.Context()
	type a struct {
		ID string `dynamodbav:"id"`
		N  int    `dynamodbav:"n"`
	}
	type b struct {
		ID   string `dynamodbav:"id"`
		Name string `dynamodbav:"name"`
	}
	db, _ := newDB(t, monotable.Schema{Name: "natural", Partition: monotable.S("id"), EntityType: "type"})
	as, bs := tableOf[a](t, db, monotable.Model{Type: "a"}), tableOf[b](t, db, monotable.Model{Type: "b"})
	require.NoError(t, bs.Create(ctx, &b{"1", "bee"}))
	_, err := as.Get(ctx, a{ID: "1"})
	require.ErrorIs(t, err, monotable.ErrNotFound)
	_, err = as.Update(ctx, a{ID: "1"}, set("n", 1))
	require.ErrorIs(t, err, monotable.ErrNotFound)
	_, err = as.Upsert(ctx, a{ID: "1"}, set("n", 1))
	require.ErrorIs(t, err, monotable.ErrCondition)
	require.ErrorIs(t, as.Put(ctx, &a{"1", 1}), monotable.ErrCondition)
	require.NoError(t, as.Delete(ctx, a{ID: "1"}), "there is none of this type")
	got, err := bs.Get(ctx, b{ID: "1"})
	require.NoError(t, err)
	assert.Equal(t, b{"1", "bee"}, got)
	require.NoError(t, as.PutMany(ctx, []a{{"2", 2}}))
	_, err = monotable.New[a](db, monotable.Model{Type: "a", Aliases: []string{"other"}})
	require.ErrorContains(t, err, "another model")
}

func TestModelsThatWouldDrift(t *testing.T) {
	db, err := monotable.Open(fake, store)
	require.NoError(t, err)
	keys := func(gsi string) map[string]string {
		return map[string]string{"PK": "A#{id}", "SK": "A", "GSI1PK": gsi, "GSI1SK": "{id}"}
	}
	type x struct {
		ID   string   `dynamodbav:"id"`
		Tags []string `dynamodbav:"tags"`
		V    int      `dynamodbav:"v"`
	}
	_, err = monotable.New[x](db, monotable.Model{Keys: keys("{v}"), Version: "v"})
	require.ErrorContains(t, err, "version")
	_, err = monotable.New[x](db, monotable.Model{Keys: keys("T#{tags.[0]}")})
	require.Error(t, err)
	type folds struct {
		ID   string `dynamodbav:"id"`
		Type string `dynamodbav:"Type"`
	}
	_, err = monotable.New[folds](db, monotable.Model{Keys: map[string]string{"PK": "A#{id}", "SK": "A"}})
	require.ErrorContains(t, err, "written by the library")
}

func TestTimestampsInIndexKeys(t *testing.T) {
	ctx := t.Context()
	type doc struct {
		ID        string    `dynamodbav:"id"`
		Title     string    `dynamodbav:"title"`
		UpdatedAt time.Time `dynamodbav:"updated_at"`
	}
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	db, _ := newDB(t, store, monotable.Clock(func() time.Time { return now }))
	docs := tableOf[doc](t, db, monotable.Model{Updated: "updated_at", Keys: map[string]string{
		"PK": "DOC#{id}", "SK": "DOC", "GSI1PK": "DOCS", "GSI1SK": "{updated_at}",
	}})
	recent := func() []doc {
		return collect(t, docs.Query(ctx, doc{}, monotable.On("GSI1"), monotable.Eq("updated_at", now)))
	}
	d := doc{ID: "1"}
	require.NoError(t, docs.Create(ctx, &d))
	require.Len(t, recent(), 1)
	now = now.Add(time.Minute)
	_, err := docs.Update(ctx, d, set("title", "x"))
	require.NoError(t, err)
	require.Len(t, recent(), 1, "the index follows the timestamp of an update")
	now = now.Add(time.Minute)
	_, err = docs.Modify(ctx, d, func(d *doc) error { d.Title = "y"; return nil })
	require.NoError(t, err)
	require.Len(t, recent(), 1, "and of a Modify")
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

func TestResultsShareNothingWithTheCallers(t *testing.T) {
	ctx := t.Context()
	type x struct {
		ID string         `dynamodbav:"id"`
		A  string         `dynamodbav:"a,omitempty"`
		M  map[string]int `dynamodbav:"m"`
	}
	xs := newTable[x](t, monotable.Schema{Name: "shared", Partition: monotable.S("id")}, monotable.Model{})
	require.NoError(t, xs.Put(ctx, &x{ID: "1", M: map[string]int{"k": 1}}))
	next := x{ID: "1", A: "new", M: map[string]int{"k": 2, "j": 3}}
	old := next
	require.NoError(t, xs.Put(ctx, &next, monotable.Old(&old)))
	assert.Equal(t, x{ID: "1", M: map[string]int{"k": 1}}, old)
	assert.Equal(t, map[string]int{"k": 2, "j": 3}, next.M)
	mine := map[string]int{"z": 9}
	got, err := xs.Modify(ctx, next, func(x *x) error { x.M = mine; return nil })
	require.NoError(t, err)
	got.M["y"] = 1
	assert.Len(t, mine, 1)
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
	_, err := xs.Update(ctx, x{ID: "1"}, set("state", "b"), monotable.Known("n", 0))
	require.NoError(t, err)
	assert.Len(t, collect(t, xs.Query(ctx, x{State: "b"}, monotable.On("GSI1"))), 1)
	_, err = xs.Update(ctx, x{ID: "1"}, set("state", "c"), monotable.Known("n", 0),
		monotable.Known("p", (*string)(nil)))
	require.NoError(t, err)
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

func TestParallelScansWithLongKeysResume(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, monotable.Schema{Name: "long", Partition: monotable.S("id")}, monotable.CursorKeys(newKey))
	items := tableOf[monotable.Item](t, db, monotable.Model{})
	for i := range 200 {
		require.NoError(t, items.Put(ctx, &monotable.Item{"id": text(fmt.Sprintf("%0600d", i))}))
	}
	var at monotable.Cursor
	n := 0
	for range 2 {
		for _, err := range items.Scan(ctx, monotable.Segments(150), monotable.Resume(&at)) {
			require.NoError(t, err)
			if n++; n == 190 {
				break
			}
		}
	}
	assert.Equal(t, 200, n)
}

func TestMisuseIsAnErrorAndNoPanic(t *testing.T) {
	ctx := t.Context()
	var table monotable.Table[sale]
	var view monotable.View[sale, sale]
	one := saleOf("c1", 1, "open")
	_, err := table.Get(ctx, one)
	require.Error(t, err)
	_, err = view.GetMany(ctx, nil)
	require.Error(t, err)
	require.Error(t, table.Put(ctx, &one))
	require.Error(t, table.Create(ctx, &one))
	require.Error(t, table.Delete(ctx, one))
	require.Error(t, table.PutMany(ctx, []sale{one}))
	_, err = table.Update(ctx, one, set("status", "x"))
	require.Error(t, err)
	_, err = table.Modify(ctx, one, func(*sale) error { return nil })
	require.Error(t, err)
	require.Error(t, firstError(table.Query(ctx, sale{CustomerID: "c1"})))
	require.Error(t, firstError(table.Scan(ctx)))
	require.Error(t, firstError(table.Collection(ctx, sale{CustomerID: "c1"})))
	_, err = monotable.Gather[struct{ Sales []sale }](ctx, &table, sale{CustomerID: "c1"})
	require.Error(t, err)
	_, err = table.Count(ctx, sale{CustomerID: "c1"})
	require.Error(t, err)
	for _, db := range []*monotable.DB{nil, {}} {
		require.Error(t, db.Write(ctx, nil))
		require.Error(t, db.Read(ctx, nil))
		require.Error(t, db.BatchWrite(ctx, []monotable.Op{{}}))
		require.Error(t, db.BatchRead(ctx, []monotable.ReadOp{{}}))
		_, err := monotable.New[sale](db, saleModel)
		require.Error(t, err)
	}
	sales := newTable[sale](t, store, saleModel)
	_, err = sales.Modify(ctx, one, nil)
	require.Error(t, err)
	_, err = sales.Get(ctx, one, nil)
	require.ErrorIs(t, err, monotable.ErrNotFound)
	require.Error(t, firstError(sales.Scan(ctx, monotable.Segments(0))))
	require.ErrorIs(t, firstError(sales.Query(ctx, sale{Region: "eu"}, monotable.On("by-region"),
		monotable.Between("total", 2, 1))), monotable.ErrKey)
	require.ErrorContains(t, firstError(sales.Query(ctx, sale{PlacedAt: day(1), ID: "s1"}, monotable.On("inverted"),
		monotable.Hydrate(),
		monotable.Filter(expression.Name("total").Equal(expression.Value(1))))), "does not project total")
}

// leaky is an id whose errors hold its value.
type leaky [6]byte

func (l leaky) MarshalText() ([]byte, error) { return nil, errors.New("bad " + string(l[:])) }

func TestCausesMayNotLeak(t *testing.T) {
	type x struct {
		ID leaky `dynamodbav:"id"`
	}
	xs := newTable[x](t, store, monotable.Model{Type: "leaky", Keys: map[string]string{"PK": "X#{id}", "SK": "X"}})
	_, err := xs.Get(t.Context(), x{leaky([]byte("secret"))})
	require.ErrorIs(t, err, monotable.ErrKey)
	assert.NotContains(t, err.Error(), "secret")
}

func TestVersionsDoNotWrap(t *testing.T) {
	ctx := t.Context()
	type x struct {
		ID string `dynamodbav:"id"`
		V  int32  `dynamodbav:"v"`
	}
	xs := newTable[x](t, monotable.Schema{Name: "versions", Partition: monotable.S("id")},
		monotable.Model{Version: "v"})
	last := x{"1", math.MaxInt32}
	require.ErrorContains(t, xs.Put(ctx, &last), "version")
	assert.EqualValues(t, math.MaxInt32, last.V)
	one := x{ID: "2"}
	require.NoError(t, xs.Put(ctx, &one))
	got, err := xs.Modify(ctx, one, func(x *x) error { x.V = 99; return nil })
	require.NoError(t, err)
	assert.EqualValues(t, 1, got.V, "nothing was written")
}
