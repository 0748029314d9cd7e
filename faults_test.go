package monotable_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

var errFault = errors.New("injected")

// faulty writes parcels while requests fail: before they take place, or after, so that their answers are lost.
type faulty struct {
	*parcels
	db       *monotable.DB
	requests *recorder
	writes   int
}

// Random writes of every kind, of which requests fail at random: after each, what is stored is the model before the
// write or after it, as the call said where it said so, and indexes, guards and versions agree with it.
func TestWritesAgreeWithAModelUnderFaults(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		db, requests := newDB(t, store)
		f := &faulty{&parcels{tableOf[parcel](t, db, parcelModel), requests.service, db.Schema().Name,
			map[parcelKey]parcel{}}, db, requests, 0}
		rt.Repeat(map[string]func(*rapid.T){
			"create": f.create, "put": f.put, "update": f.update, "upsert": f.upsert, "modify": f.modify,
			"delete":  f.delete,
			"replace": f.replace, "together": f.together, "repair": f.repair,
			"": func(t *rapid.T) { f.requests.before, f.requests.after = nil, nil; f.agree(t) },
		})
	})
}

// inject makes one of the next requests fail, or none.
func (f *faulty) inject(t *rapid.T) {
	at := rapid.IntRange(0, 3).Draw(t, "fault at request")
	var err error
	effect := rapid.SampledFrom([]string{"none", "fail", "lose", "throttle", "conflict"}).Draw(t, "fault")
	switch effect {
	case "none":
		return
	case "fail", "lose":
		err = errFault
	case "throttle":
		err = errors.Join(errFault, &types.ProvisionedThroughputExceededException{})
	}
	n := 0
	hit := func(op string, _ any) error {
		if n++; n-1 != at {
			return nil
		}
		if effect == "conflict" {
			if op != "TransactWriteItems" {
				return nil
			}
			code := "TransactionConflict"
			return &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{{Code: &code}}}
		}
		return err
	}
	if effect == "lose" {
		f.requests.after = hit
	} else {
		f.requests.before = hit
	}
}

// settle takes over what a call did: all of change if it said so, nothing if it was refused, either if a request
// failed.
func (f *faulty) settle(t *rapid.T, err error, change map[parcelKey]*parcel) {
	f.requests.before, f.requests.after = nil, nil
	after := maps.Clone(f.model)
	for key, x := range change {
		if x == nil {
			delete(after, key)
		} else {
			after[key] = *x
		}
	}
	if err == nil {
		f.model = after
		return
	}
	unclear := errors.Is(err, errFault) || errors.Is(err, monotable.ErrConflict)
	if !unclear {
		require.True(t, errors.Is(err, monotable.ErrExists) || errors.Is(err, monotable.ErrCondition) ||
			errors.Is(err, monotable.ErrNotFound), "%v", err)
	}
	now := map[parcelKey]parcel{}
	for _, x := range collect(t, f.table.Scan(t.Context(), monotable.Consistent())) {
		now[x.key()] = x
	}
	if unclear && !maps.Equal(now, f.model) {
		require.Equal(t, after, now, "all of a write or nothing")
	} else {
		require.Equal(t, f.model, now, "a refused write does nothing")
	}
	f.model = now
}

func (f *faulty) create(t *rapid.T) {
	x := drawParcel(t)
	was := x
	f.inject(t)
	err := f.table.Create(t.Context(), &x)
	if err != nil {
		require.Equal(t, was, x)
	}
	x.V = 1
	f.settle(t, err, map[parcelKey]*parcel{x.key(): &x})
}

func (f *faulty) put(t *rapid.T) {
	x := drawParcel(t)
	x.V = f.model[x.key()].V
	next := x
	next.V++
	f.inject(t)
	f.settle(t, f.table.Put(t.Context(), &x), map[parcelKey]*parcel{x.key(): &next})
}

func (f *faulty) update(t *rapid.T) {
	x := drawParcel(t)
	next, there := f.model[x.key()]
	set := func(u expression.UpdateBuilder, name, value string) expression.UpdateBuilder {
		if value == "" {
			return u.Remove(expression.Name(name))
		}
		return u.Set(expression.Name(name), expression.Value(value))
	}
	next.State, next.Zone, next.V = x.State, x.Zone, next.V+1
	change := map[parcelKey]*parcel{}
	if there {
		change[x.key()] = &next
	}
	f.inject(t)
	_, err := f.table.Update(t.Context(), x, set(set(expression.UpdateBuilder{}, "state", x.State), "zone", x.Zone))
	f.settle(t, err, change)
}

func (f *faulty) upsert(t *rapid.T) {
	x := drawParcel(t)
	next := f.model[x.key()]
	next.Owner, next.N, next.Weight, next.V = x.Owner, x.N, x.Weight, next.V+1
	f.inject(t)
	_, err := f.table.Upsert(t.Context(), x, expression.Set(expression.Name("weight"), expression.Value(x.Weight)))
	f.settle(t, err, map[parcelKey]*parcel{x.key(): &next})
}

func (f *faulty) modify(t *rapid.T) {
	x := drawParcel(t)
	next, there := f.model[x.key()]
	was := next
	next.State, next.Zone, next.Weight, next.Label = x.State, x.Zone, x.Weight, x.Label
	if next != was {
		next.V++
	}
	change := map[parcelKey]*parcel{}
	if there {
		change[x.key()] = &next
	}
	f.inject(t)
	_, err := f.table.Modify(t.Context(), x, func(now *parcel) error {
		now.State, now.Zone, now.Weight, now.Label = x.State, x.Zone, x.Weight, x.Label
		return nil
	})
	f.settle(t, err, change)
}

func (f *faulty) delete(t *rapid.T) {
	x := drawParcel(t)
	f.inject(t)
	f.settle(t, f.table.Delete(t.Context(), x), map[parcelKey]*parcel{x.key(): nil})
}

// replace moves a label in a transaction whose caller sends it again with its token until it hears an answer.
func (f *faulty) replace(t *rapid.T) {
	x := drawParcel(t)
	was, there := f.model[x.key()]
	if !there {
		return
	}
	x.V = was.V
	next := x
	next.V++
	f.sent(t, []monotable.Op{f.table.ReplaceOp(was, &x)}, map[parcelKey]*parcel{x.key(): &next})
}

// together removes a parcel and creates another, which may take over its label.
func (f *faulty) together(t *rapid.T) {
	x, y := drawParcel(t), drawParcel(t)
	was, there := f.model[x.key()]
	if x.key() == y.key() || !there {
		return
	}
	if rapid.Bool().Draw(t, "take over") {
		y.Label = was.Label
	}
	made := y
	made.V = 1
	f.sent(t, []monotable.Op{f.table.DeleteOp(was), f.table.CreateOp(&y)},
		map[parcelKey]*parcel{x.key(): nil, y.key(): &made})
}

// sent writes with one token until there is an answer that is no fault: the write then took place once, or was refused.
func (f *faulty) sent(t *rapid.T, ops []monotable.Op, change map[parcelKey]*parcel) {
	f.writes++
	token := fmt.Sprint(f.name[len(f.name)-20:], f.writes)
	f.inject(t)
	var err error
	for range 4 {
		if err = f.db.Write(t.Context(), ops, monotable.Token(token)); !errors.Is(err, errFault) &&
			!errors.Is(err, monotable.ErrConflict) {
			break
		}
	}
	require.NotErrorIs(t, err, errFault, "one fault, and the answer came at last")
	f.settle(t, err, change)
}

// repair finds nothing wrong: no fault leaves a guard orphaned.
func (f *faulty) repair(t *rapid.T) {
	report, err := f.table.RepairGuards(t.Context())
	require.NoError(t, err)
	require.Empty(t, report.Problems)
}

// A lost answer doubles no effect that a token or a condition guards.
func TestLostAnswersDoubleNothing(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts := tableOf[account](t, db, accountModel)
	parcels := tableOf[parcel](t, db, parcelModel)
	ann := account{Tenant: "t", ID: "ann", Email: "a@b.c"}
	require.NoError(t, accounts.Create(ctx, &ann))
	require.NoError(t, parcels.Create(ctx, &parcel{Owner: "a", N: 1, Weight: 1}))
	lose := func() {
		lost := false
		requests.after = func(op string, _ any) error {
			if !lost && op != "GetItem" {
				lost = true
				return errFault
			}
			return nil
		}
	}
	add := []monotable.Op{accounts.UpdateOp(ann, expression.Add(expression.Name("logins"), expression.Value(1)))}
	token := monotable.Token(db.Schema().Name[len(db.Schema().Name)-20:])
	lose()
	require.ErrorIs(t, db.Write(ctx, add, token), errFault)
	require.NoError(t, db.Write(ctx, add, token))
	got, err := accounts.Get(ctx, ann)
	require.NoError(t, err)
	assert.Equal(t, 1, got.Logins)

	weight := expression.Set(expression.Name("weight"), expression.Value(2))
	lose()
	_, err = parcels.Update(ctx, parcel{Owner: "a", N: 1}, weight, monotable.AtVersion(1))
	require.ErrorIs(t, err, errFault)
	_, err = parcels.Update(ctx, parcel{Owner: "a", N: 1}, weight, monotable.AtVersion(1))
	require.ErrorIs(t, err, monotable.ErrCondition)
	heavier := func(p *parcel) error { p.Weight += 10; return nil }
	lose()
	_, err = parcels.Modify(ctx, parcel{Owner: "a", N: 1}, heavier)
	require.ErrorIs(t, err, errFault)
	now, err := parcels.Get(ctx, parcel{Owner: "a", N: 1}, monotable.Consistent())
	require.NoError(t, err)
	assert.Equal(t, parcel{Owner: "a", N: 1, Weight: 12, V: 3}, now)
	stale := parcel{Owner: "a", N: 1, Weight: 12, V: 2}
	require.ErrorIs(t, parcels.Put(ctx, &stale), monotable.ErrCondition)
	lose()
	require.ErrorIs(t, parcels.Create(ctx, &parcel{Owner: "a", N: 2}), errFault)
	require.ErrorIs(t, parcels.Create(ctx, &parcel{Owner: "a", N: 2}), monotable.ErrExists)
}

// Batches whose entries are left out at random, throttled and cut lose nothing: all is written, or what is not is
// named.
func TestBatchesAgreeWithAModelUnderFaults(t *testing.T) {
	type round struct {
		chance float64
		left   int
		effect dynamotest.Effect
		broken bool
		skip   int
		items  int
	}
	rapid.Check(t, func(rt *rapid.T) {
		rounds := make([]round, rapid.IntRange(1, 4).Draw(rt, "rounds"))
		for i := range rounds {
			rounds[i] = round{
				chance: rapid.SampledFrom([]float64{0, 0.3, 0.9, 1}).Draw(rt, "unprocessed"),
				left:   rapid.IntRange(1, 25).Draw(rt, "left"),
				effect: rapid.SampledFrom([]dynamotest.Effect{dynamotest.Fail(errFault), dynamotest.LoseAnswer(),
					dynamotest.Throttle()}).Draw(rt, "effect"),
				broken: rapid.Bool().Draw(rt, "broken"), skip: rapid.IntRange(0, 5).Draw(rt, "skip"),
				items: rapid.IntRange(1, 90).Draw(rt, "items"),
			}
		}
		synctest.Test(t, func(t *testing.T) { // pauses take no time
			ctx := t.Context()
			client := dynamotest.NewClient()
			schema := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
			require.NoError(t, admin.Create(ctx, client, schema, 0))
			db, err := monotable.Open(client, schema)
			require.NoError(t, err)
			pets := tableOf[Pet](t, db, monotable.Model{})
			model := map[int]string{}
			for n, r := range rounds {
				if r.chance > 0 {
					client.Inject(dynamotest.Fault{Do: dynamotest.Unprocessed(r.left), Chance: r.chance})
				}
				if r.broken {
					client.Inject(dynamotest.Fault{Skip: r.skip, Times: 1, Do: r.effect})
				}
				var items []Pet
				for i := range r.items {
					items = append(items, Pet{ID: i, Name: fmt.Sprint(n, "-", i)})
				}
				unclear := map[int]bool{}
				var left *monotable.BatchError
				if err := pets.PutMany(ctx, items); err != nil {
					require.ErrorAs(t, err, &left)
					for _, i := range left.Left {
						unclear[i] = true
					}
				}
				client.ClearFaults()
				found, err := pets.GetMany(ctx, items)
				require.NoError(t, err)
				for i, pet := range found {
					switch {
					case !unclear[i]:
						require.NotNil(t, pet)
						require.Equal(t, items[i].Name, pet.Name)
					case pet != nil && pet.Name != items[i].Name:
						require.Equal(t, model[i], pet.Name)
					case pet == nil:
						require.NotContains(t, model, i)
						continue
					}
					model[i] = pet.Name
				}
			}
			assert.Len(t, collect(t, pets.Scan(ctx)), len(model))
		})
	})
}
