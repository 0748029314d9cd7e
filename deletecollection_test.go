package monotable_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// membership stands beside accounts in a tenant's partition, without constraints.
type membership struct {
	Tenant string `dynamodbav:"tenant"`
	User   string `dynamodbav:"user"`
	Role   string `dynamodbav:"role"`
}

var membershipModel = monotable.Model{Type: "Member", Keys: map[string]string{
	"PK": "TENANT#{tenant}", "SK": "MEMBER#{user}", "GSI1PK": "USER#{user}", "GSI1SK": "{role}"}}

// voucher has a constraint too, and a key that a plain type's items can have as well.
type voucher struct {
	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Code   string `dynamodbav:"code,omitempty"`
}

var voucherModel = monotable.Model{Type: "Voucher", KeyOnly: []string{"tenant", "id"},
	Unique: map[string]string{"code": "{tenant}#{code}"},
	Keys:   map[string]string{"PK": "TENANT#{tenant}", "SK": "VOUCHER#{id}"}}

type draft struct {
	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
}

var draftModel = monotable.Model{Type: "Draft", Keys: map[string]string{
	"PK": "TENANT#{tenant}", "SK": "VOUCHER#{id}"}}

// logEntry is spread over shards.
type logEntry struct {
	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Code   string `dynamodbav:"code,omitempty"`
}

var entryModel = monotable.Model{Type: "Entry", Unique: map[string]string{"code": "{code}"},
	Keys: map[string]string{"PK": "LOG#{tenant}#{id|shard:3}", "SK": "ENTRY#{id}"}}

// estate is a table of several tenants, and what reaches it.
type estate struct {
	t        testingT
	client   *dynamotest.Client
	requests *recorder
	db       *monotable.DB // by way of requests
	accounts *monotable.Table[account]
	members  *monotable.Table[membership]
	vouchers *monotable.Table[voucher]
	drafts   *monotable.Table[draft]
	entries  *monotable.Table[logEntry]
}

// on makes the tables of a client.
func (e *estate) on(client monotable.Client) {
	db, err := monotable.Open(client, store)
	require.NoError(e.t, err)
	e.db = db
	e.accounts, err = monotable.New[account](db, accountModel)
	require.NoError(e.t, err)
	e.members, err = monotable.New[membership](db, membershipModel)
	require.NoError(e.t, err)
	e.vouchers, err = monotable.New[voucher](db, voucherModel)
	require.NoError(e.t, err)
	e.drafts, err = monotable.New[draft](db, draftModel)
	require.NoError(e.t, err)
	e.entries, err = monotable.New[logEntry](db, entryModel)
	require.NoError(e.t, err)
}

// newEstate has n items of each kind in each of two tenants, and what others than the library stored.
func newEstate(t testingT, n int) *estate {
	ctx := t.Context()
	e := &estate{t: t, client: dynamotest.NewClient()}
	require.NoError(t, admin.Create(ctx, e.client, store, 0))
	e.requests = &recorder{service: e.client}
	e.on(e.requests)
	for _, tenant := range []string{"a", "b"} {
		for i := range n {
			id := fmt.Sprint(i)
			require.NoError(t, e.accounts.Create(ctx, &account{Tenant: tenant, ID: id, Email: tenant + id + "@x",
				Phone: map[bool]string{true: id}[i%2 == 0]}))
			require.NoError(t, e.members.Put(ctx, &membership{tenant, id, "r"}))
			require.NoError(t, e.vouchers.Create(ctx, &voucher{tenant, id, map[bool]string{true: id}[i%3 > 0]}))
			require.NoError(t, e.drafts.Put(ctx, &draft{tenant, "d" + id}))
			require.NoError(t, e.entries.Create(ctx, &logEntry{tenant, id, tenant + id}))
		}
		pk := text("TENANT#" + tenant)
		e.store(monotable.Item{"PK": pk, "SK": text("ALIEN#1"), "type": text("Alien"), "email": text("b1@x")})
		e.store(monotable.Item{"PK": pk, "SK": text("STRAY#1")})
		e.store(monotable.Item{"PK": pk, "SK": text("ACCOUNT#stray"), "tenant": text(tenant), "id": text("stray"),
			"email": text(tenant + "stray@x")})
		e.store(e.guard("Account", "email", tenant+"stray@x", pk, "ACCOUNT#stray"))
		e.store(e.guard("Alien", "email", tenant, pk, "ALIEN#1"))
	}
	// It has the address of one of b, whose guard is not its own, and has lost another guard.
	e.store(monotable.Item{"PK": text("TENANT#a"), "SK": text("ACCOUNT#double"), "type": text("Account"),
		"tenant": text("a"), "id": text("double"), "email": text("B0@x"), "phone": text("unguarded")})
	e.store(e.guard("Account", "email", "orphan", text("TENANT#c"), "ACCOUNT#gone"))
	e.requests.seen()
	return e
}

func (e *estate) store(item monotable.Item) {
	_, err := e.client.PutItem(e.t.Context(), &dynamodb.PutItemInput{TableName: &store.Name, Item: item})
	require.NoError(e.t, err)
}

func (e *estate) guard(entity, constraint, value string, pk types.AttributeValue, sk string) monotable.Item {
	return monotable.Item{"PK": text("UNIQUE#" + entity + "#" + constraint + "#" + value), "SK": text("UNIQUE"),
		"type": text("UNIQUE"), "owner": fields(monotable.Item{"PK": pk, "SK": text(sk)})}
}

// dump is all that is stored, by key.
func (e *estate) dump() map[string]monotable.Item {
	all := map[string]monotable.Item{}
	in := &dynamodb.ScanInput{TableName: &store.Name}
	for {
		out, err := e.client.Scan(e.t.Context(), in)
		require.NoError(e.t, err)
		for _, item := range out.Items {
			all[stringOf(e.t, item, "PK")+" "+stringOf(e.t, item, "SK")] = item
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return all
		}
	}
}

func stringOf(t testingT, item monotable.Item, path string) string {
	s, err := item.String(path)
	require.NoError(t, err)
	return s
}

// within tells whether an item is in a partition, whose key begins like that, or a guard of one that is.
func within(t testingT, item monotable.Item, partition string) (own, guard bool) {
	pk := stringOf(t, item, "PK")
	if !strings.HasPrefix(pk, "UNIQUE#") {
		return strings.HasPrefix(pk, partition), false
	}
	return false, strings.HasPrefix(stringOf(t, item, "owner.PK"), partition) && !strings.HasPrefix(pk, "UNIQUE#Alien#")
}

// without is a dump without a partition and its guards.
func without(t testingT, all map[string]monotable.Item, partition string) (left map[string]monotable.Item, items int) {
	left = map[string]monotable.Item{}
	for key, item := range all {
		switch own, guard := within(t, item, partition); {
		case own:
			items++
		case !guard:
			left[key] = item
		}
	}
	return left, items
}

// sound checks a state on the way: everything else is there, and of a removed item no guard is left.
func (e *estate) sound(before map[string]monotable.Item, partition string) {
	now := e.dump()
	for key, item := range before {
		own, guard := within(e.t, item, partition)
		if !own && !guard {
			require.True(e.t, reflect.DeepEqual(item, now[key]), "%s is as it was", key)
		}
		if guard {
			owner := stringOf(e.t, item, "owner.PK") + " " + stringOf(e.t, item, "owner.SK")
			_, there := now[key]
			_, owned := now[owner]
			require.Equal(e.t, owned, there, "%s goes with %s", key, owner)
		}
	}
}

// paged makes queries give a few items at a time.
func paged(in any, items int32) {
	if q, ok := in.(*dynamodb.QueryInput); ok {
		q.Limit = &items
	}
}

// All of a partition goes, of whatever types, and their guards; nothing else does.
func TestDeleteCollection(t *testing.T) {
	ctx := t.Context()
	e := newEstate(t, 30)
	want, n := without(t, e.dump(), "TENANT#a")
	deleted, err := e.members.DeleteCollection(ctx, membership{Tenant: "a"})
	require.NoError(t, err)
	assert.Equal(t, n, deleted)
	assert.Equal(t, want, e.dump())
	// 30 accounts and the two that others stored, 30 vouchers and 30 drafts, which could be vouchers
	assert.Equal(t, "BatchWriteItem×2 Query TransactWriteItems×93", counted(e.requests.seen()))

	deleted, err = e.members.DeleteCollection(ctx, membership{Tenant: "a"})
	require.NoError(t, err)
	assert.Zero(t, deleted)
	assert.Equal(t, "Query", counted(e.requests.seen()))

	want, n = without(t, want, "LOG#b#")
	require.Equal(t, 30, n)
	deleted, err = e.entries.DeleteCollection(ctx, logEntry{Tenant: "b"})
	require.NoError(t, err)
	assert.Equal(t, n, deleted)
	assert.Equal(t, want, e.dump())
	assert.Equal(t, "Query×3 TransactWriteItems×30", counted(e.requests.seen()))
}

// What could mean one item, or nothing, is refused before anything is sent.
func TestDeleteCollectionRefuses(t *testing.T) {
	ctx := t.Context()
	e := newEstate(t, 1)
	before := e.dump()
	for _, partition := range []membership{{Tenant: "a", User: "0"}, {}, {User: "0"}} {
		_, err := e.members.DeleteCollection(ctx, partition)
		require.ErrorIs(t, err, monotable.ErrKey)
	}
	_, err := e.entries.DeleteCollection(ctx, logEntry{Tenant: "a", ID: "0"})
	require.ErrorIs(t, err, monotable.ErrKey)
	_, err = e.members.DeleteCollection(ctx, membership{Tenant: "a"}, monotable.Pace(0))
	require.ErrorContains(t, err, "Pace must be positive")
	var table monotable.Table[membership]
	_, err = table.DeleteCollection(ctx, membership{Tenant: "a"})
	require.ErrorContains(t, err, "not made with New")
	var in any
	_, err = e.members.DeleteCollection(ctx, membership{Tenant: "a"}, monotable.Preview(&in))
	require.ErrorIs(t, err, monotable.ErrPreview)
	require.IsType(t, &dynamodb.QueryInput{}, in)
	assert.True(t, *in.(*dynamodb.QueryInput).ConsistentRead)
	assert.Empty(t, e.requests.seen())

	// A partition of guards is that of other items.
	items, err := monotable.New[monotable.Item](e.db, monotable.Model{Type: "Raw"})
	require.NoError(t, err)
	deleted, err := items.DeleteCollection(ctx, monotable.Item{"PK": text("UNIQUE#Account#email#a0@x")})
	require.ErrorContains(t, err, "guards of unique constraints are left")
	assert.Zero(t, deleted)
	assert.Equal(t, before, e.dump())
}

// A DB that knows no type with constraints asks for keys alone, and no guard is taken for an item there either.
func TestDeleteCollectionOfPlainTypes(t *testing.T) {
	ctx := t.Context()
	e := newEstate(t, 2)
	db, err := monotable.Open(e.requests, store)
	require.NoError(t, err)
	members := tableOf[membership](t, db, membershipModel)
	e.requests.before = func(_ string, in any) error {
		if q, ok := in.(*dynamodb.QueryInput); ok {
			assert.NotNil(t, q.ProjectionExpression)
		}
		return nil
	}
	_, n := without(t, e.dump(), "TENANT#b")
	deleted, err := members.DeleteCollection(ctx, membership{Tenant: "b"})
	require.NoError(t, err)
	assert.Equal(t, n, deleted)
	assert.Equal(t, "BatchWriteItem Query", counted(e.requests.seen()))
	items, err := monotable.New[monotable.Item](db, monotable.Model{Type: "Raw"})
	require.NoError(t, err)
	deleted, err = items.DeleteCollection(ctx, monotable.Item{"PK": text("UNIQUE#Account#email#a0@x")})
	require.ErrorContains(t, err, "guards of unique constraints are left")
	assert.Zero(t, deleted)
}

// Killed at any request, before it took place or after, and called again, it has done all and nothing else.
func TestDeleteCollectionKilledAtAnyRequest(t *testing.T) {
	for name, partition := range map[string]string{"one": "TENANT#a", "spread": "LOG#a#"} {
		for _, lost := range []bool{false, true} {
			for at := 0; ; at++ {
				e := newEstate(t, 4)
				remove := func() (int, error) {
					if name == "spread" {
						return e.entries.DeleteCollection(t.Context(), logEntry{Tenant: "a"})
					}
					return e.drafts.DeleteCollection(t.Context(), draft{Tenant: "a"})
				}
				before := e.dump()
				var mu sync.Mutex
				n := 0
				e.requests.before = func(_ string, in any) error {
					mu.Lock()
					defer mu.Unlock()
					paged(in, 7)
					if n++; n > at && !(lost && n == at+1) {
						return errOwn
					}
					return nil
				}
				if lost {
					e.requests.after = func(string, any) error {
						mu.Lock()
						defer mu.Unlock()
						if n > at {
							return errOwn
						}
						return nil
					}
				}
				first, err := remove()
				e.requests.before, e.requests.after = func(_ string, in any) error { paged(in, 7); return nil }, nil
				e.sound(before, partition)
				want, items := without(t, before, partition)
				if err == nil {
					require.Equal(t, want, e.dump())
					break
				}
				require.ErrorIs(t, err, errOwn)
				second, err := remove()
				require.NoError(t, err)
				require.Equal(t, want, e.dump(), "%s, killed at request %d", name, at)
				if lost {
					require.LessOrEqual(t, first+second, items)
				} else {
					require.Equal(t, items, first+second)
				}
			}
		}
	}
}

// Whatever goes wrong on the way, called until it succeeds it has done all and nothing else.
func TestDeleteCollectionUnderFaults(t *testing.T) {
	effects := map[string]dynamotest.Effect{
		"throttle": dynamotest.Throttle(), "lose": dynamotest.LoseAnswer(), "fail": dynamotest.InternalError(),
		"conflict": dynamotest.Conflict(), "late": dynamotest.AfterWork(dynamotest.InternalError()),
		"unprocessed": dynamotest.Unprocessed(2),
	}
	rapid.Check(t, func(rt *rapid.T) {
		e := newEstate(rt, rapid.IntRange(0, 4).Draw(rt, "items"))
		before := e.dump()
		size := rapid.Int32Range(1, 9).Draw(rt, "page")
		e.requests.before = func(_ string, in any) error { paged(in, size); return nil }
		for range rapid.IntRange(1, 3).Draw(rt, "faults") {
			name := rapid.SampledFrom(slices.Sorted(maps.Keys(effects))).Draw(rt, "effect")
			times := 12
			if name == "unprocessed" {
				times = 3
			}
			e.client.Inject(dynamotest.Fault{Do: effects[name], Skip: rapid.IntRange(0, 9).Draw(rt, "skip"),
				Chance: rapid.Float64Range(0.05, 0.6).Draw(rt, "chance"), Times: times,
				On: dynamotest.Match{Where: func(in any) bool { _, scan := in.(*dynamodb.ScanInput); return !scan }}})
		}
		var err error
		for range 100 {
			var deleted int
			deleted, err = e.vouchers.DeleteCollection(e.t.Context(), voucher{Tenant: "a"})
			e.sound(before, "TENANT#a")
			require.GreaterOrEqual(rt, deleted, 0)
			if err == nil {
				break
			}
			var of *monotable.Error
			require.ErrorAs(rt, err, &of)
			require.Equal(rt, "DeleteCollection", of.Op)
		}
		require.NoError(rt, err)
		want, _ := without(rt, before, "TENANT#a")
		require.Equal(rt, want, e.dump())
	})
}

// While others write the partition's items no guard is lost or orphaned, and what was there and is not theirs goes.
func TestDeleteCollectionBesideWriters(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ctx := rt.Context()
		e := newEstate(rt, 5)
		before := e.dump()
		others := &estate{t: rt, client: e.client}
		others.on(e.client)
		touched := map[string]bool{}
		writes := rapid.SliceOfN(rapid.IntRange(0, 12), 40, 40).Draw(rt, "writes")
		ids := rapid.SliceOfN(rapid.IntRange(0, 5), 40, 40).Draw(rt, "ids")
		var mu sync.Mutex
		n := 0
		e.requests.before = func(_ string, in any) error {
			mu.Lock()
			defer mu.Unlock()
			paged(in, 6)
			if n < len(writes) {
				others.write(ctx, writes[n], fmt.Sprint(ids[n]), n, touched)
			}
			n++
			return nil
		}
		_, err := e.accounts.DeleteCollection(ctx, account{Tenant: "a"})
		require.NoError(rt, err)
		e.requests.before = nil
		now := e.dump()
		for key, item := range before {
			own, guard := within(rt, item, "TENANT#a")
			if _, there := now[key]; !guard && !touched[key] {
				require.Equal(rt, !own, there, "%s", key)
			}
		}
		for _, check := range []func() (monotable.GuardReport, error){
			func() (monotable.GuardReport, error) { return e.accounts.CheckGuards(ctx) },
			func() (monotable.GuardReport, error) { return e.vouchers.CheckGuards(ctx) },
		} {
			report, err := check()
			require.NoError(rt, err)
			for _, p := range report.Problems { // but for what others made wrong before
				guard, _ := p.Guard.String("PK")
				require.Contains(rt, []string{"UNIQUE#Account#email#orphan"}, guard)
			}
		}
		// Once they are done a further call leaves nothing.
		_, err = e.accounts.DeleteCollection(ctx, account{Tenant: "a"})
		require.NoError(rt, err)
		_, left := without(rt, e.dump(), "TENANT#a")
		require.Zero(rt, left)
	})
}

// write is one write of another program. It fails where an item is as it must not be.
func (e *estate) write(ctx context.Context, what int, id string, n int, touched map[string]bool) {
	switch what {
	case 0, 1:
		_, _ = e.accounts.Modify(ctx, account{Tenant: "a", ID: id}, func(a *account) error {
			a.Email, a.Phone = fmt.Sprint("new", n), map[bool]string{true: fmt.Sprint("p", n)}[what == 0]
			return nil
		})
	case 2:
		touched["TENANT#a ACCOUNT#"+id] = true
		_ = e.accounts.Put(ctx, &account{Tenant: "a", ID: id, Email: fmt.Sprint("put", n)})
	case 3:
		_ = e.accounts.Delete(ctx, account{Tenant: "a", ID: id})
	case 4, 5:
		_, _ = e.vouchers.Modify(ctx, voucher{Tenant: "a", ID: id},
			func(x *voucher) error { x.Code = map[bool]string{true: fmt.Sprint("c", n)}[what == 4]; return nil })
	case 6: // a draft becomes a voucher of the same key, and a voucher a draft
		touched["TENANT#a VOUCHER#d"+id] = true
		_ = e.drafts.Delete(ctx, draft{"a", "d" + id})
		_ = e.vouchers.Create(ctx, &voucher{"a", "d" + id, fmt.Sprint("was", n)})
	case 7:
		touched["TENANT#a VOUCHER#"+id] = true
		_ = e.vouchers.Delete(ctx, voucher{Tenant: "a", ID: id})
		_ = e.drafts.Put(ctx, &draft{"a", id})
	case 8:
		touched["TENANT#a MEMBER#"+id] = true
		_ = e.members.Put(ctx, &membership{"a", id, "new"})
	case 9: // whose value a double in the partition has too
		for _, key := range []string{"TENANT#b ACCOUNT#0", "UNIQUE#Account#email#b0@x UNIQUE",
			"UNIQUE#Account#phone#b#0 UNIQUE"} {
			touched[key] = true
		}
		_ = e.accounts.Delete(ctx, account{Tenant: "b", ID: "0"})
	}
}

// Each of reads and writes keeps to the pace.
func TestDeleteCollectionKeepsItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pace = 15
		e := newEstate(t, 20)
		var mu sync.Mutex
		var reads, writes []spend
		add := func(all *[]spend, units float64) {
			if n := len(*all); n > 0 && (*all)[n-1].at.Equal(time.Now()) {
				(*all)[n-1].units += units
			} else if units > 0 {
				*all = append(*all, spend{time.Now(), units})
			}
		}
		db, err := monotable.Open(e.client, store, monotable.Observe(func(_ context.Context, u monotable.Usage) {
			mu.Lock()
			defer mu.Unlock()
			if u.Read > 0 {
				add(&reads, u.Read)
			} else {
				add(&writes, u.Write)
			}
		}))
		require.NoError(t, err)
		members := tableOf[membership](t, db, membershipModel)
		tableOf[account](t, db, accountModel)
		tableOf[voucher](t, db, voucherModel)
		e.client.Inject(dynamotest.Fault{Do: dynamotest.Conflict(), Chance: 0.2,
			On: dynamotest.Match{Operation: "TransactWriteItems"}})
		var m monotable.Meter
		start := time.Now()
		_, err = members.DeleteCollection(t.Context(), membership{Tenant: "a"}, monotable.Pace(pace),
			monotable.Metered(&m))
		require.NoError(t, err)
		keepsPace(t, reads, pace, 1)
		keepsPace(t, writes, pace, 1)
		sum := m.Used()
		require.Greater(t, sum.Write, 100.0)
		assert.InDelta(t, sum.Write/pace, time.Since(start).Seconds(), 8)
	})
}

// The same where a DynamoDB Local may answer.
func TestDeleteCollectionOfAService(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts, members := tableOf[account](t, db, accountModel), tableOf[membership](t, db, membershipModel)
	for _, tenant := range []string{"a", "b"} {
		for i := range 30 {
			require.NoError(t, members.Put(ctx, &membership{tenant, fmt.Sprint(i), "r"}))
		}
		require.NoError(t, accounts.Create(ctx, &account{Tenant: tenant, ID: "1", Email: tenant + "@x", Phone: "1"}))
	}
	// Its address is another tenant's, whose guard is left.
	double, err := accounts.Encode(account{Tenant: "a", ID: "double", Email: "b@x"})
	require.NoError(t, err)
	plant(t, requests, db.Schema().Name, double)
	deleted, err := accounts.DeleteCollection(ctx, account{Tenant: "a"}, monotable.Pace(1000))
	require.NoError(t, err)
	assert.Equal(t, 32, deleted)
	assert.Empty(t, collect(t, members.Collection(ctx, membership{Tenant: "a"}, monotable.Consistent())))
	assert.Len(t, collect(t, members.Collection(ctx, membership{Tenant: "b"}, monotable.Consistent())), 31)
	assert.ElementsMatch(t, []string{"email#b@x ACCOUNT#1", "phone#b#1 ACCOUNT#1"},
		guards(t, requests.service, db.Schema().Name))
}
