package monotable_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

var (
	errElse  = errors.New("not what the program wants")
	errOther = errors.New("another operation's")
)

// chainOf is what errors.Is and errors.As see first.
func chainOf(t *testing.T, err error) []error {
	t.Helper()
	var of *monotable.Error
	require.ErrorAs(t, err, &of)
	return of.Unwrap()
}

// What an operation is said to mean stands before what it means to the library, and no other operation's.
func TestElse(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales, profiles := tableOf[sale](t, db, saleModel), tableOf[profile](t, db, profileModel)
	accounts := tableOf[account](t, db, accountModel)
	one, two, three := saleOf("c1", 1, "open"), saleOf("c1", 2, "open"), saleOf("c1", 3, "open")
	require.NoError(t, sales.Create(ctx, &one))
	ann := profile{ID: "ann", Email: "a@b.c"}
	require.NoError(t, profiles.Create(ctx, &ann))
	owner := account{Tenant: "t", ID: "a", Email: "a@b.c"}
	require.NoError(t, accounts.Create(ctx, &owner))
	stale, taker := ann, account{Tenant: "t", ID: "b", Email: "A@b.c"}
	stale.Version = 9
	wrong := owner
	wrong.Email = "x@b.c"
	for name, c := range map[string]struct {
		op   monotable.Op
		kind error
	}{
		"check":      {sales.CheckOp(two), monotable.ErrNotFound},
		"condition":  {sales.CheckOp(one, expression.Name("status").Equal(expression.Value("x"))), monotable.ErrCondition},
		"absent":     {sales.AbsentOp(one), monotable.ErrExists},
		"create":     {sales.CreateOp(&one), monotable.ErrExists},
		"put":        {sales.PutOp(&one, never), monotable.ErrCondition},
		"update":     {sales.UpdateOp(two, set("total", 1)), monotable.ErrNotFound},
		"upsert":     {sales.UpsertOp(two, set("total", 1), never), monotable.ErrCondition},
		"delete":     {sales.DeleteOp(one, never), monotable.ErrCondition},
		"replace":    {sales.ReplaceOp(two, &two), monotable.ErrNotFound},
		"version":    {profiles.PutOp(&stale), monotable.ErrVersion},
		"constraint": {accounts.CreateOp(&taker), monotable.ErrExists},
		"guarded":    {accounts.DeleteOp(wrong), monotable.ErrCondition},
	} {
		err := db.Write(ctx, []monotable.Op{sales.PutOp(&three).Else(errOther), c.op.Else(nil).Else(errElse)})
		require.ErrorIs(t, err, errElse, name)
		require.ErrorIs(t, err, c.kind, name)
		assert.NotErrorIs(t, err, errOther, name)
		chain := chainOf(t, err)
		assert.Equal(t, []error{errElse, c.kind}, chain[:2], name)
		var cancelled *types.TransactionCanceledException
		require.ErrorAs(t, chain[len(chain)-1], &cancelled, name)
		assert.Contains(t, err.Error(), "(operation 1)", name)
		assert.Contains(t, err.Error(), ": "+errElse.Error()+": ", name)
	}
	err := db.Write(ctx, []monotable.Op{sales.CheckOp(two).Else(errElse).Else(errOther)})
	assert.Equal(t, []error{errElse, errOther, monotable.ErrNotFound}, chainOf(t, err)[:3], "several add up")

	// An operation is a value: what is said of a copy is not said of it.
	op := sales.CheckOp(two).Else(errElse)
	_ = op.Else(errOther)
	assert.NotErrorIs(t, db.Write(ctx, []monotable.Op{op}), errOther)

	// What a program calls a conflict is a condition that failed: it is not sent again.
	requests.seen()
	err = db.Write(ctx, []monotable.Op{sales.CheckOp(two).Else(monotable.ErrConflict)}, monotable.Retry(5))
	require.ErrorIs(t, err, monotable.ErrConflict)
	assert.Equal(t, []string{"TransactWriteItems"}, requests.seen())
}

// Failures that are no condition's do not have it.
func TestElseIsOfConditionsAlone(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	for code, kind := range map[string]error{
		"TransactionConflict": monotable.ErrConflict, "ThrottlingError": monotable.ErrThrottled,
	} {
		requests.before = func(string, any) error {
			return &smithy.OperationError{Err: &types.TransactionCanceledException{
				CancellationReasons: []types.CancellationReason{{Code: &code}}}}
		}
		err := db.Write(ctx, []monotable.Op{sales.PutOp(&one).Else(errElse)})
		require.ErrorIs(t, err, kind)
		assert.NotErrorIs(t, err, errElse)
	}
	requests.before = nil
	requests.seen()
	err := db.Write(ctx, []monotable.Op{sales.PutOp(&sale{}).Else(errElse)})
	require.ErrorIs(t, err, monotable.ErrKey)
	assert.NotErrorIs(t, err, errElse)
	require.ErrorContains(t, db.Write(ctx, []monotable.Op{monotable.Op{}.Else(errElse)}), "the operation is empty")
	for _, op := range []monotable.Op{sales.PutOp(&one).Else(errElse), sales.DeleteOp(one).Else(errElse)} {
		err = db.BatchWrite(ctx, []monotable.Op{op})
		require.ErrorContains(t, err, "Else: a batch has no conditions")
		assert.NotErrorIs(t, err, errElse)
	}
	assert.Empty(t, requests.seen())
	require.NoError(t, db.BatchWrite(ctx, []monotable.Op{sales.PutOp(&one).Else(nil)}))
}

// Of two operations that hand a value over, the one that wanted it fails where a third has it.
func TestAHandOverThatComesTooLate(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts := tableOf[account](t, db, accountModel)
	for _, giverFirst := range []bool{true, false} {
		giver := account{Tenant: "t", ID: "giver", Email: "v@b.c"}
		require.NoError(t, accounts.Put(ctx, &giver))
		third, err := accounts.Encode(account{Tenant: "t", ID: "third", Email: "v@b.c"})
		require.NoError(t, err)
		pk, sk := third["PK"], third["SK"]
		guard := monotable.Item{"PK": text("UNIQUE#Account#email#v@b.c"), "SK": text("UNIQUE"),
			"owner": fields(monotable.Item{"PK": pk, "SK": sk})}
		plant(t, requests, db.Schema().Name, guard)
		ops := []monotable.Op{accounts.DeleteOp(giver).Else(errOther),
			accounts.CreateOp(&account{Tenant: "t", ID: "taker", Email: "v@b.c"}).Else(errElse)}
		taker := 1
		if !giverFirst {
			ops[0], ops[1], taker = ops[1], ops[0], 0
		}
		var failed *monotable.Error
		err = db.Write(ctx, ops)
		require.ErrorAs(t, err, &failed)
		require.ErrorIs(t, err, monotable.ErrExists)
		require.ErrorIs(t, err, errElse)
		assert.NotErrorIs(t, err, errOther)
		assert.Equal(t, taker, failed.Index)
		assert.Equal(t, "email", failed.Constraint)
		assert.Equal(t, "ACCOUNT#taker", failed.Key["SK"].(*types.AttributeValueMemberS).Value)
		guard["owner"] = fields(monotable.Item{"PK": pk, "SK": text("ACCOUNT#giver")})
		plant(t, requests, db.Schema().Name, guard)
	}
}

// An error says which table and item it is about, for the program and not in its text.
func TestErrorsSayWhere(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	other := store
	other.Name = db.Schema().Name + "-2"
	away, err := monotable.Open(requests, other)
	require.NoError(t, err)
	elsewhere := tableOf[sale](t, away, saleModel)
	one, two := saleOf("hidden", 1, "open"), saleOf("hidden", 2, "open")
	require.NoError(t, sales.Create(ctx, &one))
	encoded, err := sales.Encode(two)
	require.NoError(t, err)
	absent := monotable.Item{"PK": encoded["PK"], "SK": encoded["SK"]}
	encoded, err = sales.Encode(one)
	require.NoError(t, err)
	there := monotable.Item{"PK": encoded["PK"], "SK": encoded["SK"]}
	view, err := monotable.As[struct {
		ID string `dynamodbav:"id"`
	}](sales)
	require.NoError(t, err)
	into := new(*sale)
	lost := func(ops ...monotable.Op) error {
		requests.before = func(string, any) error { return errOwn }
		defer func() { requests.before = nil }()
		return db.Write(ctx, ops)
	}
	here := db.Schema().Name
	for name, c := range map[string]struct {
		err   error
		table string
		key   monotable.Item
	}{
		"Get":       {second(sales.Get(ctx, two)), here, absent},
		"view":      {second(view.Get(ctx, two)), here, absent},
		"Create":    {sales.Create(ctx, &one), here, there},
		"Put":       {sales.Put(ctx, &one, never), here, there},
		"Update":    {second(sales.Update(ctx, two, set("total", 1))), here, absent},
		"Upsert":    {second(sales.Upsert(ctx, one, set("total", 1), never)), here, there},
		"Delete":    {sales.Delete(ctx, one, never), here, there},
		"Once":      {sales.Delete(ctx, one, never, monotable.Once()), here, there},
		"Modify":    {second(sales.Modify(ctx, two, func(*sale) error { return nil })), here, absent},
		"no key":    {second(sales.Get(ctx, sale{})), here, nil},
		"Query":     {firstError(sales.Query(ctx, sale{})), here, nil},
		"no table":  {second(elsewhere.Get(ctx, one)), other.Name, there},
		"Write":     {db.Write(ctx, []monotable.Op{sales.PutOp(&one), sales.CheckOp(two)}), here, absent},
		"cut":       {lost(sales.PutOp(&one), sales.CheckOp(two)), here, nil},
		"cut apart": {lost(sales.PutOp(&one), elsewhere.CheckOp(two)), "", nil},
		"Write apart": {db.Write(ctx, []monotable.Op{elsewhere.PutOp(&one), sales.PutOp(&sale{})}), here,
			nil},
		"twice":      {db.Write(ctx, []monotable.Op{sales.PutOp(&two), sales.CheckOp(two)}), here, absent},
		"Read":       {db.Read(ctx, []monotable.ReadOp{elsewhere.GetOp(one, into)}), other.Name, nil},
		"read into":  {db.Read(ctx, []monotable.ReadOp{sales.GetOp(one, nil)}), here, nil},
		"BatchWrite": {db.BatchWrite(ctx, []monotable.Op{sales.CheckOp(two)}), here, absent},
		"PutMany":    {elsewhere.PutMany(ctx, []sale{one}), other.Name, nil},
		"GetMany":    {second(elsewhere.GetMany(ctx, []sale{one})), other.Name, nil},
	} {
		var of *monotable.Error
		require.ErrorAs(t, c.err, &of, name)
		assert.Equal(t, c.table, of.Table, name)
		assert.Equal(t, c.key, of.Key, name)
		assert.NotContains(t, of.Error(), "hidden", name)
	}
}

// A key that SetDefaults makes is that of the item that was sent.
func TestErrorsSayWhichKeyWasMade(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	made := tableOf[numbered](t, db, monotable.Model{Keys: map[string]string{"PK": "N#{id}", "SK": "N"}})
	requests.before = func(string, any) error { return errOwn }
	for _, options := range [][]monotable.ItemOption{nil, {monotable.Once()}} {
		var of *monotable.Error
		require.ErrorAs(t, made.Create(ctx, &numbered{}, options...), &of)
		assert.Equal(t, monotable.Item{"PK": text("N#made"), "SK": text("N")}, of.Key)
	}
}

type numbered struct {
	ID string `dynamodbav:"id"`
}

func (n *numbered) SetDefaults() { n.ID = "made" }

// A table that is not there is told with its name and what to do, whatever the call.
func TestATableThatIsNotThere(t *testing.T) {
	ctx := t.Context()
	_, requests := newDB(t, store)
	nowhere := store
	nowhere.Name = "nowhere"
	db, err := monotable.Open(requests, nowhere)
	require.NoError(t, err)
	nowhere.Name = "no-place"
	two, err := monotable.Open(requests, nowhere)
	require.NoError(t, err)
	sales, others := tableOf[sale](t, db, saleModel), tableOf[sale](t, two, saleModel)
	one := saleOf("c1", 1, "open")
	into := new(*sale)
	const remedy = "does not exist, or is not active yet: create it with admin.Create, or check region and name: "
	for name, err := range map[string]error{
		"Get": second(sales.Get(ctx, one)), "Put": sales.Put(ctx, &one), "Create": sales.Create(ctx, &one),
		"Update": second(sales.Update(ctx, one, set("total", 1))), "Delete": sales.Delete(ctx, one),
		"Modify": second(sales.Modify(ctx, one, func(*sale) error { return nil })),
		"Query":  firstError(sales.Query(ctx, sale{CustomerID: "c1"})), "Scan": firstError(sales.Scan(ctx)),
		"PutMany": sales.PutMany(ctx, []sale{one}), "GetMany": second(sales.GetMany(ctx, []sale{one})),
		"Write":     db.Write(ctx, []monotable.Op{sales.PutOp(&one)}),
		"Read":      db.Read(ctx, []monotable.ReadOp{sales.GetOp(one, into)}),
		"BatchRead": db.BatchRead(ctx, []monotable.ReadOp{sales.GetOp(one, into)}),
	} {
		var missing *types.ResourceNotFoundException
		require.ErrorAs(t, err, &missing, name)
		assert.ErrorContains(t, err, "table nowhere "+remedy, name)
	}
	err = db.Write(ctx, []monotable.Op{sales.PutOp(&one), others.PutOp(&one)})
	assert.ErrorContains(t, err, "a table of the call "+remedy)
}

// A version that is not the expected one is told in words, and without either.
func TestVersionsInWords(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	profiles := tableOf[profile](t, db, profileModel)
	ann := profile{ID: "ann"}
	require.NoError(t, profiles.Create(ctx, &ann))
	stale := ann
	stale.Version = 987654321
	for _, err := range []error{
		profiles.Put(ctx, &stale), profiles.Put(ctx, &ann, monotable.AtVersion(987654321)),
		profiles.Delete(ctx, ann, monotable.AtVersion(987654321)),
		second(profiles.Update(ctx, ann, set("visits", 1), monotable.AtVersion(987654321))),
		second(profiles.Modify(ctx, ann, func(*profile) error { return nil }, monotable.AtVersion(987654321))),
		db.Write(ctx, []monotable.Op{profiles.PutOp(&stale)}),
	} {
		require.ErrorIs(t, err, monotable.ErrVersion)
		assert.ErrorContains(t, err, ": the item is not at the expected version: condition failed")
		assert.NotContains(t, err.Error(), "987654321")
	}
	assert.Equal(t, "monotable: the item is not at the expected version: condition failed", monotable.ErrVersion.Error())
}

// Any integer is a version, and none is another by its size.
func TestVersionsOfAnyInteger(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	profiles := tableOf[profile](t, db, profileModel)
	ann := profile{ID: "ann"}
	require.NoError(t, profiles.Create(ctx, &ann))
	type mine int16
	at := ann.Version
	for _, option := range []func(int64) monotable.WriteOption{
		func(n int64) monotable.WriteOption { return monotable.AtVersion(n) },
		func(n int64) monotable.WriteOption { return monotable.AtVersion(int(n)) },
		func(n int64) monotable.WriteOption { return monotable.AtVersion(int8(n)) },
		func(n int64) monotable.WriteOption { return monotable.AtVersion(mine(n)) },
		func(n int64) monotable.WriteOption { return monotable.AtVersion(uint8(n)) },
		func(n int64) monotable.WriteOption { return monotable.AtVersion(uint64(n)) },
		func(n int64) monotable.WriteOption { return monotable.AtVersion(uintptr(n)) },
	} {
		blind := profile{ID: "ann"}
		require.NoError(t, profiles.Put(ctx, &blind, option(at)), "whatever version the item carries")
		at++
		assert.Equal(t, at, blind.Version)
		now, err := profiles.Modify(ctx, ann, func(p *profile) error { p.Visits++; return nil }, option(at))
		require.NoError(t, err)
		at++
		assert.Equal(t, at, now.Version)
		ran := false
		_, err = profiles.Modify(ctx, ann, func(*profile) error { ran = true; return nil }, option(at-1))
		require.ErrorIs(t, err, monotable.ErrVersion)
		assert.False(t, ran, "the function does not run on another version")
		require.ErrorIs(t, profiles.Put(ctx, &blind, option(at-1)), monotable.ErrVersion)
	}
	for _, option := range []monotable.WriteOption{monotable.AtVersion(-1), monotable.AtVersion(mine(-1))} {
		require.ErrorContains(t, profiles.Put(ctx, &ann, option), "not negative")
	}
	// 257 is no 1, though a byte would say so.
	require.ErrorIs(t, profiles.Delete(ctx, ann, monotable.AtVersion(256+at)), monotable.ErrVersion)
	require.NoError(t, second(profiles.Get(ctx, ann)))
}

// Retry sends again what was cancelled in passing, conflicts and throttles, as often as was asked and no more.
func TestRetryOfConflictsAndThrottles(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	for code, kind := range map[string]error{
		"TransactionConflict": monotable.ErrConflict, "ThrottlingError": monotable.ErrThrottled,
		"ProvisionedThroughputExceeded": monotable.ErrThrottled,
	} {
		for _, fails := range []int{0, 1, 3, 4} {
			left := fails
			requests.before = func(string, any) error {
				if left == 0 {
					return nil
				}
				left--
				return &smithy.OperationError{Err: &types.TransactionCanceledException{
					CancellationReasons: []types.CancellationReason{{Code: &code}}}}
			}
			requests.seen()
			err := db.Write(ctx, []monotable.Op{sales.PutOp(&one)}, monotable.Retry(3))
			if fails > 3 {
				require.ErrorIs(t, err, kind, code)
				require.Len(t, requests.seen(), 4)
				continue
			}
			require.NoError(t, err, code)
			require.Len(t, requests.seen(), fails+1)
		}
	}
	requests.before, one.Total = nil, 7
	requests.seen()
	require.ErrorIs(t, db.Write(ctx, []monotable.Op{sales.PutOp(&one, never)}, monotable.Retry(3)),
		monotable.ErrCondition)
	assert.Len(t, requests.seen(), 1, "a condition is not in passing")
}

// plant stores an item as others than the library do.
func plant(t *testing.T, r *recorder, table string, item monotable.Item) {
	t.Helper()
	_, err := r.service.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
	require.NoError(t, err)
}
