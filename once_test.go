package monotable_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// cancelledFor is the service's answer to a transaction of one that was cancelled in passing.
func cancelledFor(code string) error {
	return &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{{Code: &code}}}
}

// With Once each write is a transaction with a token of its own, and again, with another, when it was cancelled in
// passing.
func TestOnceIsATransactionOfOne(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	var tokens []string
	refuse := ""
	requests.before = func(op string, in any) error {
		if w, ok := in.(*dynamodb.TransactWriteItemsInput); ok {
			require.NotNil(t, w.ClientRequestToken)
			tokens = append(tokens, *w.ClientRequestToken)
			if code := refuse; code != "" {
				refuse = ""
				return cancelledFor(code)
			}
		}
		return nil
	}
	refuse = "TransactionConflict"
	require.NoError(t, sales.Create(ctx, &one, monotable.Once()))
	require.ErrorIs(t, sales.Create(ctx, &one, monotable.Once()), monotable.ErrExists)
	refuse = "ThrottlingError"
	one.Status = "paid"
	require.NoError(t, sales.Put(ctx, &one, monotable.Once()))
	require.ErrorIs(t, sales.Put(ctx, &one, monotable.Once(),
		monotable.If(expression.Name("status").Equal(expression.Value("open")))), monotable.ErrCondition)
	requests.seen()
	refuse = "ProvisionedThroughputExceeded"
	var old sale
	now, err := sales.Modify(ctx, one, func(s *sale) error { s.Status = "sent"; return nil }, monotable.Once(),
		monotable.Old(&old))
	require.NoError(t, err)
	assert.Equal(t, []string{"GetItem", "TransactWriteItems", "TransactWriteItems"}, requests.seen())
	assert.Equal(t, "sent", now.Status)
	assert.Equal(t, "paid", old.Status)
	_, err = sales.Modify(ctx, one, func(*sale) error { return nil }, monotable.Once())
	require.NoError(t, err)
	assert.Equal(t, []string{"GetItem"}, requests.seen(), "nothing changed, and nothing was sent")
	require.NoError(t, sales.Delete(ctx, one, monotable.Once()))
	require.NoError(t, sales.Delete(ctx, one, monotable.Once()), "none is there")
	seen := map[string]bool{}
	for _, token := range tokens {
		assert.False(t, seen[token], "a token twice")
		seen[token] = true
	}

	require.ErrorContains(t, sales.Put(ctx, &one, monotable.Once(), monotable.Old(&old)), "Old")
	require.ErrorContains(t, sales.Create(ctx, &one, monotable.Once(), monotable.Old(&old)), "Old")
	require.ErrorContains(t, sales.Delete(ctx, one, monotable.Once(), monotable.Old(&old)), "Old")
}

// A transaction is given up after a hundred tries, or when its context ends, with what it was cancelled for.
func TestRetriesOfATransactionAreBounded(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	sent := 0
	requests.before = func(op string, _ any) error {
		sent++
		return cancelledFor("TransactionConflict")
	}
	err := db.Write(ctx, []monotable.Op{sales.CreateOp(&one)}, monotable.Retry(3))
	require.ErrorIs(t, err, monotable.ErrConflict)
	assert.NotErrorIs(t, err, monotable.ErrAmbiguous)
	assert.Equal(t, 4, sent)
	require.ErrorIs(t, db.Write(ctx, []monotable.Op{sales.CreateOp(&one)}), monotable.ErrConflict)
	assert.Equal(t, 5, sent)
	requests.before = func(string, any) error { return cancelledFor("ThrottlingError") }
	err = db.Write(ctx, []monotable.Op{sales.CreateOp(&one)}, monotable.Retry(1))
	require.ErrorIs(t, err, monotable.ErrThrottled)
	assert.NotErrorIs(t, err, monotable.ErrConflict)
	requests.before = func(string, any) error { return &types.TransactionInProgressException{} }
	err = db.Write(ctx, []monotable.Op{sales.CreateOp(&one)}, monotable.Token("t"), monotable.Retry(3))
	require.ErrorIs(t, err, monotable.ErrAmbiguous, "an earlier one is at work")
	assert.NotErrorIs(t, err, monotable.ErrConflict)
}

// A single write that meets a transaction is a conflict; Modify goes another round.
func TestSingleWritesThatMeetATransaction(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	require.NoError(t, sales.Create(ctx, &one))
	met := 0
	requests.before = func(op string, _ any) error {
		if op == "GetItem" || met == 0 {
			return nil
		}
		met--
		return &types.TransactionConflictException{}
	}
	met = 1
	require.ErrorIs(t, sales.Put(ctx, &one), monotable.ErrConflict)
	met = 1
	_, err := sales.Update(ctx, one, set("status", "paid"))
	require.ErrorIs(t, err, monotable.ErrConflict)
	assert.NotErrorIs(t, err, monotable.ErrAmbiguous)
	met = 1
	require.ErrorIs(t, sales.Delete(ctx, one), monotable.ErrConflict)
	met = 3
	runs := 0
	now, err := sales.Modify(ctx, one, func(s *sale) error { runs++; s.Status = "paid"; return nil })
	require.NoError(t, err)
	assert.Equal(t, "paid", now.Status)
	assert.Equal(t, 4, runs)
}

// Modify does not run its function again once an answer was lost, and at another version not at all.
func TestModifyStopsInDoubt(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	profiles := tableOf[profile](t, db, profileModel)
	ann := profile{ID: "c1", Email: "a@b.c", Address: address{City: "Oslo"}}
	require.NoError(t, profiles.Create(ctx, &ann))
	runs := 0
	visit := func(p *profile) error { runs++; p.Visits++; return nil }
	boom := errors.New("connection reset")
	requests.after = func(op string, _ any) error {
		if op == "UpdateItem" || op == "TransactWriteItems" {
			return boom
		}
		return nil
	}
	for _, options := range [][]monotable.ItemOption{nil, {monotable.Once()}} {
		runs = 0
		_, err := profiles.Modify(ctx, ann, visit, options...)
		require.ErrorIs(t, err, monotable.ErrAmbiguous)
		require.ErrorIs(t, err, boom)
		assert.Equal(t, 1, runs)
	}
	requests.after = nil

	runs = 0
	_, err := profiles.Modify(ctx, ann, visit, monotable.AtVersion(1))
	require.ErrorIs(t, err, monotable.ErrVersion)
	require.ErrorIs(t, err, monotable.ErrCondition)
	var failed *monotable.Error
	require.ErrorAs(t, err, &failed)
	at, err := failed.Existing.Int("v")
	require.NoError(t, err)
	assert.Equal(t, 3, at)
	assert.Zero(t, runs)
	now, err := profiles.Modify(ctx, ann, visit, monotable.AtVersion(uint16(3)))
	require.NoError(t, err)
	assert.EqualValues(t, 4, now.Version)
	assert.Equal(t, 3, now.Visits)
	_, err = profiles.Modify(ctx, ann, visit, monotable.AtVersion(-4))
	require.ErrorContains(t, err, "negative")
}

// Another version is told from another condition, for every write that expects one.
func TestAnotherVersion(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	profiles := tableOf[profile](t, db, profileModel)
	ann := profile{ID: "c1", Email: "a@b.c", Address: address{City: "Oslo"}}
	require.NoError(t, profiles.Create(ctx, &ann))
	seen := ann
	require.NoError(t, profiles.Put(ctx, &ann))
	no := monotable.If(expression.Name("email").Equal(expression.Value("no")))
	is := func(want error, err error) {
		t.Helper()
		require.ErrorIs(t, err, monotable.ErrCondition)
		assert.Equal(t, want == monotable.ErrVersion, errors.Is(err, monotable.ErrVersion), "%v", err)
		var failed *monotable.Error
		require.ErrorAs(t, err, &failed)
		assert.NotEmpty(t, failed.Existing)
	}
	visits := expression.Add(expression.Name("visits"), expression.Value(1))
	stale := seen
	is(monotable.ErrVersion, profiles.Put(ctx, &stale))
	assert.EqualValues(t, 1, stale.Version, "it is as it was")
	is(monotable.ErrVersion, profiles.Put(ctx, &stale, monotable.Once()))
	_, err := profiles.Update(ctx, ann, visits, monotable.AtVersion(1))
	is(monotable.ErrVersion, err)
	_, err = profiles.Upsert(ctx, ann, visits, monotable.AtVersion(1))
	is(monotable.ErrVersion, err)
	is(monotable.ErrVersion, profiles.Delete(ctx, ann, monotable.AtVersion(1)))
	is(monotable.ErrVersion, profiles.Delete(ctx, ann, monotable.AtVersion(1), monotable.Once()))
	is(monotable.ErrVersion, db.Write(ctx, []monotable.Op{profiles.PutOp(&stale)}))
	is(monotable.ErrVersion, db.Write(ctx, []monotable.Op{profiles.UpdateOp(ann, visits, monotable.AtVersion(9))}))
	is(monotable.ErrVersion, db.Write(ctx, []monotable.Op{profiles.DeleteOp(ann, monotable.AtVersion(9))}))
	is(monotable.ErrVersion, db.Write(ctx, []monotable.Op{profiles.ReplaceOp(seen, &stale)}))

	fresh := ann
	is(monotable.ErrCondition, profiles.Put(ctx, &fresh, no))
	_, err = profiles.Update(ctx, ann, visits, monotable.AtVersion(2), no)
	is(monotable.ErrCondition, err)
	is(monotable.ErrCondition, profiles.Delete(ctx, ann, monotable.AtVersion(2), no))
	is(monotable.ErrCondition, db.Write(ctx, []monotable.Op{profiles.PutOp(&fresh, no)}))

	require.NoError(t, profiles.Delete(ctx, ann))
	require.ErrorIs(t, profiles.Put(ctx, &fresh), monotable.ErrVersion, "it is gone")
	_, err = profiles.Update(ctx, ann, visits, monotable.AtVersion(2))
	require.ErrorIs(t, err, monotable.ErrNotFound)
	assert.NotErrorIs(t, err, monotable.ErrVersion)
}

// A write that took place is not told as one that did not: what it answered cannot be decoded, and that is all.
func TestAnswersThatCannotBeRead(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	reviews := tableOf[review](t, db, reviewModel)
	one := review{SKU: "s", CustomerID: "c1", Stars: 5}
	require.NoError(t, reviews.Create(ctx, &one))
	table := db.Schema().Name
	item, err := reviews.Encode(one)
	require.NoError(t, err)
	item["stars"] = text("many")
	_, err = requests.service.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item})
	require.NoError(t, err)
	var old review
	require.ErrorIs(t, reviews.Put(ctx, &one, monotable.Old(&old)), monotable.ErrAmbiguous)
	now, err := reviews.Get(ctx, one)
	require.NoError(t, err)
	assert.Equal(t, one, now)
	_, err = requests.service.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item})
	require.NoError(t, err)
	_, err = reviews.Update(ctx, one, set("sku_note", "x"))
	require.Error(t, err, "T has no such attribute")
	assert.NotErrorIs(t, err, monotable.ErrAmbiguous)
	require.ErrorIs(t, reviews.Delete(ctx, one, monotable.Old(&old)), monotable.ErrAmbiguous)
	_, err = reviews.Get(ctx, one)
	require.ErrorIs(t, err, monotable.ErrNotFound)
}

// What does not fit does not compile: the options have not the methods that other calls ask for.
func TestOptionsSayWhereTheyFit(t *testing.T) {
	var old sale
	for name, test := range map[string]struct {
		option            any
		item, update, one bool
	}{
		"If":        {monotable.If(expression.Name("a").AttributeExists()), true, true, true},
		"AtVersion": {monotable.AtVersion(1), true, true, true},
		"Once":      {monotable.Once(), true, false, false},
		"Old":       {monotable.Old(&old), true, true, false},
		"Known":     {monotable.Known(old), false, true, true},
		"Metered":   {monotable.Metered(nil), true, true, false},
		"SDK":       {monotable.SDK(), true, true, false},
		"Pace":      {monotable.Pace(1), false, false, false},
		"Parallel":  {monotable.Parallel(1), false, false, false},
	} {
		_, item := test.option.(monotable.ItemOption)
		_, update := test.option.(monotable.UpdateOption)
		_, one := test.option.(monotable.OpOption)
		assert.Equal(t, []bool{test.item, test.update, test.one}, []bool{item, update, one}, name)
	}
}
