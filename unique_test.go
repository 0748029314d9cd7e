package monotable_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

type account struct {
	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Email  string `dynamodbav:"email"`
	Phone  string `dynamodbav:"phone,omitempty"`
	Logins int    `dynamodbav:"logins"`
}

var accountModel = monotable.Model{
	Type: "Account", Keys: map[string]string{"PK": "TENANT#{tenant}", "SK": "ACCOUNT#{id}"},
	Unique: map[string]string{"email": "{email|lower}", "phone": "{tenant}#{phone}"},
}

// guards are the values that accounts take, by constraint.
func guards(t testing.TB, client service, table string) []string {
	t.Helper()
	return guardsOf(t, client, table, "Account")
}

// testingT is what assertions need of a test, rapid's included.
type testingT interface {
	require.TestingT
	Helper()
	Context() context.Context
}

// guardsOf are the values that an entity type's items take, by constraint, each with its owner.
func guardsOf(t testingT, client service, table, entity string) (taken []string) {
	t.Helper()
	out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	require.NoError(t, err)
	for _, item := range out.Items {
		pk, err := monotable.Item(item).String("PK")
		require.NoError(t, err)
		if value, ok := strings.CutPrefix(pk, "UNIQUE#"+entity+"#"); ok {
			owner, err := monotable.Item(item).String("owner.SK")
			require.NoError(t, err)
			taken = append(taken, value+" "+owner)
		}
	}
	return taken
}

func TestUniqueConstraints(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts := tableOf[account](t, db, accountModel)
	taken := func(want ...string) {
		t.Helper()
		assert.ElementsMatch(t, want, guards(t, requests.service, db.Schema().Name))
	}
	violated := func(err error, constraint string) {
		t.Helper()
		require.ErrorIs(t, err, monotable.ErrExists)
		var failed *monotable.Error
		require.ErrorAs(t, err, &failed)
		require.Equal(t, constraint, failed.Constraint)
		require.ErrorContains(t, err, constraint)
	}
	ann := account{Tenant: "t", ID: "ann", Email: "Ann@b.c", Phone: "1"}
	bob := account{Tenant: "t", ID: "bob", Email: "bob@b.c"}
	require.NoError(t, accounts.Create(ctx, &ann))
	assert.Equal(t, []string{"TransactWriteItems"}, requests.seen(), "a create needs no read")
	require.NoError(t, accounts.Create(ctx, &bob))
	taken("email#ann@b.c ACCOUNT#ann", "phone#t#1 ACCOUNT#ann", "email#bob@b.c ACCOUNT#bob")

	err := accounts.Create(ctx, &account{Tenant: "t", ID: "ann2", Email: "ANN@B.C"})
	violated(err, "email")
	violated(accounts.Create(ctx, &account{Tenant: "t", ID: "x", Email: "x@b.c", Phone: "1"}), "phone")
	require.NoError(t, accounts.Create(ctx, &account{Tenant: "u", ID: "x", Email: "x@b.c", Phone: "1"}),
		"phones are unique within a tenant")
	require.NoError(t, accounts.Delete(ctx, account{Tenant: "u", ID: "x"}))
	err = accounts.Create(ctx, &ann)
	require.ErrorIs(t, err, monotable.ErrExists)
	var failed *monotable.Error
	require.ErrorAs(t, err, &failed)
	assert.Empty(t, failed.Constraint, "the item itself is there")
	requests.seen()

	got, err := accounts.Modify(ctx, bob, func(a *account) error { a.Email = "ann@b.c"; return nil })
	violated(err, "email")
	got, err = accounts.Modify(ctx, bob, func(a *account) error { a.Email, a.Phone = "robert@b.c", "2"; return nil })
	require.NoError(t, err)
	assert.Equal(t, "robert@b.c", got.Email)
	taken("email#ann@b.c ACCOUNT#ann", "phone#t#1 ACCOUNT#ann", "email#robert@b.c ACCOUNT#bob", "phone#t#2 ACCOUNT#bob")
	requests.seen()
	_, err = accounts.Modify(ctx, bob, func(a *account) error { a.Logins++; return nil })
	require.NoError(t, err)
	assert.Equal(t, []string{"GetItem", "UpdateItem"}, requests.seen(), "no guard changes, no transaction")

	moved := account{Tenant: "t", ID: "bob", Email: "bob2@b.c"}
	var old account
	require.NoError(t, accounts.Put(ctx, &moved, monotable.Old(&old)))
	assert.Equal(t, "robert@b.c", old.Email)
	assert.Equal(t, []string{"GetItem", "TransactWriteItems"}, requests.seen())
	taken("email#ann@b.c ACCOUNT#ann", "phone#t#1 ACCOUNT#ann", "email#bob2@b.c ACCOUNT#bob")
	violated(accounts.Put(ctx, &account{Tenant: "t", ID: "new", Email: "ann@b.c"}), "email")

	_, err = accounts.Update(ctx, ann, set("email", "x@y.z"))
	require.ErrorIs(t, err, monotable.ErrKey)
	require.ErrorContains(t, err, "Modify")
	_, err = accounts.Update(ctx, ann, expression.Add(expression.Name("logins"), expression.Value(1)))
	require.NoError(t, err)

	require.NoError(t, accounts.Delete(ctx, account{Tenant: "t", ID: "ann"}))
	taken("email#bob2@b.c ACCOUNT#bob")
	require.NoError(t, accounts.Delete(ctx, account{Tenant: "t", ID: "ann"}), "deleting what is gone is no error")
	assert.Len(t, collect(t, accounts.Scan(ctx)), 1, "guards are no accounts")
}

func TestUniqueConstraintsInTransactions(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts := tableOf[account](t, db, accountModel)
	ann := account{Tenant: "t", ID: "ann", Email: "ann@b.c"}
	bob := account{Tenant: "t", ID: "bob", Email: "bob@b.c"}
	require.NoError(t, db.Write(ctx, []monotable.Op{accounts.CreateOp(&ann), accounts.CreateOp(&bob)}))

	swapAnn, swapBob := ann, bob
	swapAnn.Email, swapBob.Email = bob.Email, ann.Email
	requests.seen()
	require.NoError(t, db.Write(ctx, []monotable.Op{accounts.ReplaceOp(ann, &swapAnn),
		accounts.ReplaceOp(bob, &swapBob)}), "values change hands in one transaction")
	assert.Equal(t, []string{"TransactWriteItems"}, requests.seen())
	assert.ElementsMatch(t, []string{"email#bob@b.c ACCOUNT#ann", "email#ann@b.c ACCOUNT#bob"},
		guards(t, requests.service, db.Schema().Name))

	err := db.Write(ctx, []monotable.Op{accounts.ReplaceOp(ann, &ann)})
	require.ErrorIs(t, err, monotable.ErrCondition, "what it replaces is not there any more")
	err = db.Write(ctx, []monotable.Op{accounts.DeleteOp(ann)})
	require.ErrorIs(t, err, monotable.ErrCondition)
	heir := account{Tenant: "t", ID: "eve", Email: "bob@b.c"}
	require.NoError(t, db.Write(ctx, []monotable.Op{accounts.DeleteOp(swapAnn), accounts.CreateOp(&heir)}))
	assert.ElementsMatch(t, []string{"email#bob@b.c ACCOUNT#eve", "email#ann@b.c ACCOUNT#bob"},
		guards(t, requests.service, db.Schema().Name))

	require.ErrorContains(t, db.Write(ctx, []monotable.Op{accounts.PutOp(&ann)}), "ReplaceOp")
	require.ErrorContains(t, accounts.PutMany(ctx, []account{ann}), "unique")
	gone := account{Tenant: "t", ID: "nobody", Email: "n@b.c"}
	require.ErrorIs(t, db.Write(ctx, []monotable.Op{accounts.ReplaceOp(gone, &gone)}), monotable.ErrNotFound)
	other := gone
	other.ID = "other"
	require.ErrorIs(t, db.Write(ctx, []monotable.Op{accounts.ReplaceOp(gone, &other)}), monotable.ErrKey)

	many := make([]monotable.Op, 51)
	for i := range many {
		many[i] = accounts.CreateOp(&account{Tenant: "t", ID: fmt.Sprint(i), Email: fmt.Sprint(i)})
	}
	require.ErrorContains(t, db.Write(ctx, many), "102", "guards count")
}

func TestParallelCreatesOfOneValue(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts := tableOf[account](t, db, accountModel)
	var won atomic.Int32
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			a := account{Tenant: "t", ID: fmt.Sprint("a", i), Email: "one@b.c"}
			if accounts.Create(ctx, &a) == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, won.Load())
	assert.Len(t, guards(t, requests.service, db.Schema().Name), 1)
}

func TestModelsThatCannotHaveGuards(t *testing.T) {
	open := func(s monotable.Schema) *monotable.DB {
		db, err := monotable.Open(fake, s)
		require.NoError(t, err)
		return db
	}
	unique := map[string]string{"name": "{name}"}
	_, err := monotable.New[Pet](open(monotable.Schema{Name: "pets", Partition: monotable.N("id")}),
		monotable.Model{Unique: unique})
	require.ErrorContains(t, err, "strings")
	db := open(store)
	for name, model := range map[string]monotable.Model{
		"keys like guards": {Keys: map[string]string{"PK": "{tenant}", "SK": "x"},
			Unique: map[string]string{"email": "{email}"}},
		"no fields":     {Keys: accountModel.Keys, Unique: map[string]string{"email": "one"}},
		"unknown field": {Keys: accountModel.Keys, Unique: map[string]string{"email": "{mail}"}},
		"bad name":      {Keys: accountModel.Keys, Unique: map[string]string{"e#mail": "{email}"}},
	} {
		_, err := monotable.New[account](db, model)
		require.Error(t, err, name)
	}
}
