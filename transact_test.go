package monotable_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

func TestWriteTakesPlaceWholeOrNot(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales, profiles := tableOf[sale](t, db, saleModel), tableOf[profile](t, db, profileModel)
	ann := profile{ID: "c1", Email: "ann@b.c", Address: address{City: "Oslo"}}
	one, two := saleOf("c1", 1, "open"), saleOf("c1", 2, "open")
	var meter monotable.Meter
	require.NoError(t, db.Write(ctx, []monotable.Op{profiles.CreateOp(&ann), sales.CreateOp(&one)},
		monotable.Metered(&meter)))
	assert.EqualValues(t, 1, ann.Version)
	assert.Positive(t, meter.Used().Write)
	assert.Equal(t, []string{"TransactWriteItems"}, requests.seen())

	visits := expression.Add(expression.Name("visits"), expression.Value(1))
	again := one
	err := db.Write(ctx, []monotable.Op{profiles.UpdateOp(ann, visits), sales.PutOp(&two), sales.CreateOp(&again)})
	require.ErrorIs(t, err, monotable.ErrExists)
	var failed *monotable.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, 2, failed.Index)
	assert.Equal(t, "Sale", failed.Entity)
	id, err := failed.Existing.String("id")
	require.NoError(t, err)
	assert.Equal(t, "s1", id)
	var cancelled *types.TransactionCanceledException
	require.ErrorAs(t, failed, &cancelled)
	_, err = sales.Get(ctx, two)
	require.ErrorIs(t, err, monotable.ErrNotFound)

	require.NoError(t, db.Write(ctx, []monotable.Op{
		profiles.UpdateOp(ann, visits),
		sales.DeleteOp(one, monotable.If(expression.Name("status").Equal(expression.Value("open")))),
		sales.UpsertOp(two, set("status", "paid")),
	}))
	now, err := profiles.Get(ctx, ann)
	require.NoError(t, err)
	assert.Equal(t, 1, now.Visits)
	assert.EqualValues(t, 2, now.Version)
	assert.Len(t, collect(t, sales.Query(ctx, sale{Status: "paid"}, monotable.On("GSI1"))), 1,
		"index keys follow in transactions too")

	err = db.Write(ctx, []monotable.Op{
		profiles.CheckOp(ann, expression.Name("visits").Equal(expression.Value(7))), sales.CreateOp(&one),
	})
	require.ErrorIs(t, err, monotable.ErrCondition)
	err = db.Write(ctx, []monotable.Op{sales.CreateOp(&one),
		sales.UpdateOp(saleOf("c9", 9, ""), set("status", "paid"))})
	require.ErrorIs(t, err, monotable.ErrNotFound)
	assert.ErrorContains(t, err, "operation 1")
}

// A check asks for an item that is there, whatever its condition says; that none is there is another operation's
// affair.
func TestChecksAskForAnItem(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	sales, profiles := tableOf[sale](t, db, saleModel), tableOf[profile](t, db, profileModel)
	one, nobody := saleOf("c1", 1, "open"), saleOf("c9", 9, "")
	require.NoError(t, sales.Create(ctx, &one))
	write := func(check monotable.Op) error {
		two := saleOf("c1", 2, "open")
		return db.Write(ctx, []monotable.Op{sales.PutOp(&two), check, profiles.CheckOp(profile{ID: "c1"})})
	}
	ann := profile{ID: "c1", Email: "ann@b.c", Address: address{City: "Oslo"}}
	require.NoError(t, profiles.Create(ctx, &ann))
	noNote := expression.AttributeNotExists(expression.Name("note"))
	open := expression.Name("status").Equal(expression.Value("open"))
	require.ErrorIs(t, write(sales.CheckOp(nobody, noNote)), monotable.ErrNotFound)
	require.ErrorIs(t, write(sales.CheckOp(nobody)), monotable.ErrNotFound)
	require.ErrorIs(t, write(sales.CheckOp(one, noNote, open.Not())), monotable.ErrCondition)
	require.ErrorIs(t, write(sales.AbsentOp(one)), monotable.ErrExists)
	_, err := sales.Get(ctx, saleOf("c1", 2, ""))
	require.ErrorIs(t, err, monotable.ErrNotFound, "nothing was written")
	require.NoError(t, write(sales.CheckOp(one, noNote, open)))
	require.NoError(t, write(sales.AbsentOp(nobody)))
	var failed *monotable.Error
	require.ErrorAs(t, write(sales.AbsentOp(one)), &failed)
	assert.Equal(t, 1, failed.Index)
	assert.NotEmpty(t, failed.Existing)
}

// sliced cannot be compared, though its type can.
type sliced struct {
	monotable.Client
	more any
}

func TestClientsThatCannotBeCompared(t *testing.T) {
	db, requests := newDB(t, store)
	var dbs []*monotable.DB
	for range 2 {
		one, err := monotable.Open(sliced{requests, []int{1}}, db.Schema())
		require.NoError(t, err)
		dbs = append(dbs, one)
	}
	one := saleOf("c1", 1, "open")
	require.NoError(t, dbs[0].Write(t.Context(), []monotable.Op{tableOf[sale](t, dbs[1], saleModel).CreateOp(&one)}))
}

func TestWriteWithAToken(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	profiles := tableOf[profile](t, db, profileModel)
	ann := profile{ID: "c1", Email: "ann@b.c", Address: address{City: "Oslo"}}
	require.NoError(t, profiles.Create(ctx, &ann))
	visits := expression.Add(expression.Name("visits"), expression.Value(1))
	token := monotable.Token(db.Schema().Name[len(db.Schema().Name)-20:])
	for range 3 {
		require.NoError(t, db.Write(ctx, []monotable.Op{profiles.UpdateOp(ann, visits)}, token))
	}
	now, err := profiles.Get(ctx, ann)
	require.NoError(t, err)
	assert.Equal(t, 1, now.Visits)
	err = db.Write(ctx, []monotable.Op{profiles.DeleteOp(ann)}, token)
	var mismatch *types.IdempotentParameterMismatchException
	require.ErrorAs(t, err, &mismatch)
}

func TestWriteRefusesBeforeSending(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	other, _ := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	many := make([]monotable.Op, 101)
	for i := range many {
		many[i] = sales.DeleteOp(saleOf("c1", i, ""))
	}
	for name, test := range map[string]struct {
		ops  []monotable.Op
		says string
	}{
		"none":           {nil, "1 to 100"},
		"too many":       {many, "1 to 100"},
		"one item twice": {[]monotable.Op{sales.CreateOp(&one), sales.DeleteOp(one)}, "same item as operation 0"},
		"a bad key":      {[]monotable.Op{sales.CreateOp(&one), sales.DeleteOp(sale{})}, "operation 1"},
		"known":          {[]monotable.Op{sales.DeleteOp(one, monotable.Known(one))}, "Known"},
		"empty":          {[]monotable.Op{{}}, "empty"},
		"another client": {[]monotable.Op{tableOf[sale](t, other, saleModel).DeleteOp(one)}, "another client"},
		"nil":            {[]monotable.Op{sales.CreateOp(nil)}, "nil"},
	} {
		require.ErrorContains(t, db.Write(ctx, test.ops), test.says, name)
	}
	require.ErrorContains(t, db.Write(ctx, []monotable.Op{sales.DeleteOp(one)},
		monotable.Token("0123456789012345678901234567890123456")), "token")
	assert.Empty(t, requests.seen())
}

func TestRead(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales, profiles := tableOf[sale](t, db, saleModel), tableOf[profile](t, db, profileModel)
	ann := profile{ID: "c1", Email: "ann@b.c", Address: address{City: "Oslo"}}
	one := saleOf("c1", 1, "open")
	require.NoError(t, db.Write(ctx, []monotable.Op{profiles.CreateOp(&ann), sales.CreateOp(&one)}))
	requests.seen()
	var who *profile
	var what, none *sale
	none = &one
	require.NoError(t, db.Read(ctx, []monotable.ReadOp{
		profiles.GetOp(ann, &who), sales.GetOp(one, &what), sales.GetOp(saleOf("c2", 1, ""), &none),
	}))
	assert.Equal(t, "ann@b.c", who.Email)
	assert.Equal(t, one, *what)
	assert.Nil(t, none)
	assert.Equal(t, []string{"TransactGetItems"}, requests.seen())
	require.Error(t, db.Read(ctx, []monotable.ReadOp{sales.GetOp(one, nil)}))
	require.ErrorIs(t, db.Read(ctx, []monotable.ReadOp{sales.GetOp(sale{}, &what)}), monotable.ErrKey)
}

func TestConflictsAreRetriedWhenAsked(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	left := 0
	requests.before = func(op string, _ any) error {
		if op != "TransactWriteItems" || left == 0 {
			return nil
		}
		left--
		code, none := "TransactionConflict", "None"
		return &smithy.OperationError{Err: &types.TransactionCanceledException{
			CancellationReasons: []types.CancellationReason{{Code: &none}, {Code: &code}}}}
	}
	ops := func() []monotable.Op {
		two := saleOf("c1", 2, "open")
		return []monotable.Op{sales.PutOp(&one), sales.PutOp(&two)}
	}
	left = 1
	err := db.Write(ctx, ops())
	require.ErrorIs(t, err, monotable.ErrConflict)
	var failed *monotable.Error
	require.True(t, errors.As(err, &failed))
	assert.Equal(t, 1, failed.Index)
	left = 2
	require.NoError(t, db.Write(ctx, ops(), monotable.Retry(2)))
	assert.Zero(t, left)
}
