package monotable_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// brokenGuards is a table in which others than the library wrote: a has lost its guard, b was deleted without it, c's
// address was changed to d's and e's to what b had.
func brokenGuards(t testing.TB) (*monotable.Table[account], *recorder, string) {
	t.Helper()
	ctx := t.Context()
	db, requests := newDB(t, store)
	name := db.Schema().Name
	accounts := tableOf[account](t, db, accountModel)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		require.NoError(t, accounts.Create(ctx, &account{Tenant: "t", ID: id, Email: id + "@b.c", Phone: "1" + id}))
	}
	key := func(pk, sk string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: pk},
			"SK": &types.AttributeValueMemberS{Value: sk}}
	}
	remove := func(pk, sk string) {
		_, err := requests.service.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: key(pk, sk)})
		require.NoError(t, err)
	}
	readdress := func(id, email string) {
		set := "SET email = :e"
		_, err := requests.service.UpdateItem(ctx,
			&dynamodb.UpdateItemInput{TableName: &name, Key: key("TENANT#t", "ACCOUNT#"+id), UpdateExpression: &set,
				ExpressionAttributeValues: map[string]types.AttributeValue{":e": &types.AttributeValueMemberS{Value: email}}})
		require.NoError(t, err)
	}
	remove("UNIQUE#Account#email#a@b.c", "UNIQUE")
	remove("TENANT#t", "ACCOUNT#b")
	readdress("c", "d@b.c")
	readdress("e", "B@b.c")
	requests.seen()
	return accounts, requests, name
}

func faults(r monotable.GuardReport) (all []string) {
	for _, p := range r.Problems {
		guard, _ := p.Guard.String("PK")
		owner, _ := p.Owner.String("SK")
		all = append(all, fmt.Sprint(p.Fault, " ", guard, " ", owner, " ", p.Repaired))
	}
	slices.Sort(all)
	return all
}

func TestGuardsAreRepaired(t *testing.T) {
	ctx := t.Context()
	accounts, requests, name := brokenGuards(t)
	before := guards(t, requests.service, name)
	report, err := accounts.CheckGuards(ctx)
	require.NoError(t, err)
	assert.Equal(t, int64(4), report.Items)
	assert.Equal(t, int64(9), report.Guards)
	assert.Equal(t, []string{
		"duplicate value UNIQUE#Account#email#d@b.c ACCOUNT#c false",
		"missing guard UNIQUE#Account#email#a@b.c ACCOUNT#a false",
		"orphaned guard UNIQUE#Account#email#b@b.c ACCOUNT#b false",
		"orphaned guard UNIQUE#Account#email#c@b.c ACCOUNT#c false",
		"orphaned guard UNIQUE#Account#email#e@b.c ACCOUNT#e false",
		"orphaned guard UNIQUE#Account#phone#t#1b ACCOUNT#b false",
	}, faults(report))
	assert.ElementsMatch(t, before, guards(t, requests.service, name), "a check changes nothing")
	for _, op := range requests.seen() {
		assert.Contains(t, []string{"Scan", "BatchGetItem", "TransactGetItems"}, op)
	}

	_, err = accounts.RepairGuards(ctx)
	require.NoError(t, err)
	report, err = accounts.RepairGuards(ctx) // what an orphan stood in the way of
	require.NoError(t, err)
	assert.Equal(t, []string{"duplicate value UNIQUE#Account#email#d@b.c ACCOUNT#c false"}, faults(report))
	assert.ElementsMatch(t, []string{
		"email#a@b.c ACCOUNT#a", "email#b@b.c ACCOUNT#e", "email#d@b.c ACCOUNT#d",
		"phone#t#1a ACCOUNT#a", "phone#t#1c ACCOUNT#c", "phone#t#1d ACCOUNT#d", "phone#t#1e ACCOUNT#e",
	}, guards(t, requests.service, name))
}

// Whatever request fails, before or after it took place, what is left is nearer to right and the next run ends there.
func TestGuardRepairSurvivesFaults(t *testing.T) {
	boom := errors.New("boom")
	for _, lost := range []bool{false, true} {
		for at := 0; ; at++ {
			accounts, requests, name := brokenGuards(t)
			n, fired := 0, false
			fail := func(string, any) error {
				if n++; n == at+1 {
					fired = true
					return boom
				}
				return nil
			}
			requests.before = fail
			if lost {
				requests.before, requests.after = nil, fail
			}
			_, err := accounts.RepairGuards(t.Context())
			requests.before, requests.after = nil, nil
			if !fired {
				require.NoError(t, err)
				assert.Greater(t, at, 5)
				break
			}
			require.ErrorIs(t, err, boom)
			for range 2 {
				_, err = accounts.RepairGuards(t.Context())
				require.NoError(t, err)
			}
			assert.Len(t, guards(t, requests.service, name), 7, "fault at request %d, lost %t", at, lost)
		}
	}
}

// Repairs beside writers take no guard that is right, and find none wrong that is not.
func TestGuardRepairBesideWriters(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts := tableOf[account](t, db, accountModel)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			id := fmt.Sprint("w", w)
			for i := range 25 {
				x := account{Tenant: "t", ID: id, Email: fmt.Sprintf("%s-%d@b.c", id, i%3)}
				assert.NoError(t, accounts.Put(ctx, &x))
				_, err := accounts.Modify(ctx, x, func(x *account) error { x.Email = "m" + x.Email; return nil })
				assert.NoError(t, err)
				if i%5 == 4 {
					assert.NoError(t, accounts.Delete(ctx, x))
				}
			}
			assert.NoError(t, accounts.Put(ctx, &account{Tenant: "t", ID: id, Email: id}))
		})
	}
	for range 20 {
		report, err := accounts.RepairGuards(ctx, monotable.Consistent())
		require.NoError(t, err)
		assert.Empty(t, report.Problems, "there was nothing wrong at any moment")
	}
	writers.Wait()
	assert.ElementsMatch(t, []string{"email#w0 ACCOUNT#w0", "email#w1 ACCOUNT#w1", "email#w2 ACCOUNT#w2",
		"email#w3 ACCOUNT#w3"},
		guards(t, requests.service, db.Schema().Name))
}

func TestGuardRepairIsResumable(t *testing.T) {
	ctx := t.Context()
	accounts, requests, name := brokenGuards(t)
	requests.before = func(_ string, in any) error { // small pages
		if scan, ok := in.(*dynamodb.ScanInput); ok {
			limit := int32(3)
			scan.Limit = &limit
		}
		return nil
	}
	var at monotable.Cursor
	items, calls := int64(0), 0
	for {
		calls++
		report, err := accounts.RepairGuards(ctx, monotable.Resume(&at), monotable.Budget(0.5))
		items += report.Items
		if err == nil {
			break
		}
		require.ErrorIs(t, err, monotable.ErrBudget)
		require.NotEmpty(t, at)
	}
	assert.Empty(t, at)
	assert.Equal(t, int64(4), items)
	assert.Greater(t, calls, 3)
	_, err := accounts.RepairGuards(ctx)
	require.NoError(t, err)
	assert.Len(t, guards(t, requests.service, name), 7)

	_, err = accounts.CheckGuards(ctx, monotable.Segments(2))
	require.ErrorContains(t, err, "one segment")
	_, err = accounts.CheckGuards(ctx, monotable.Filter(expression.Name("id").Equal(expression.Value("x"))))
	require.ErrorContains(t, err, "do not fit")
	_, err = newTable[sale](t, store, saleModel).RepairGuards(ctx)
	require.ErrorContains(t, err, "no unique constraints")
}
