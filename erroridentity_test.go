package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

var sentinels = []struct {
	name string
	err  error
}{
	{"ErrKey", monotable.ErrKey}, {"ErrNotFound", monotable.ErrNotFound}, {"ErrExists", monotable.ErrExists},
	{"ErrCondition", monotable.ErrCondition}, {"ErrVersion", monotable.ErrVersion},
	{"ErrAmbiguous", monotable.ErrAmbiguous}, {"ErrThrottled", monotable.ErrThrottled},
	{"ErrConflict", monotable.ErrConflict}, {"ErrCursor", monotable.ErrCursor}, {"ErrBudget", monotable.ErrBudget},
	{"ErrPreview", monotable.ErrPreview}, {"ErrTooLarge", monotable.ErrTooLarge},
	{"context.Canceled", context.Canceled}, {"its own", errOwn},
}

var requestID = regexp.MustCompile(`RequestID: \w+`)

var errOwn = errors.New("the caller's own")

// identityOf is what a program can tell of an error: its type and fields, the sentinels and the SDK's errors in its
// chain, and its text.
func identityOf(err error) string {
	var b strings.Builder
	var of *monotable.Error
	if errors.As(err, &of) {
		outermost, _ := err.(*monotable.Error)
		fmt.Fprintf(&b, "%s|%s|%d|%s outermost=%t existing=%t table=%q key=%t;", of.Op, of.Entity, of.Index,
			of.Constraint, outermost == of, of.Existing != nil, of.Table, of.Key != nil)
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			b.WriteString(" " + s.name)
		}
	}
	var batch *monotable.BatchError
	if errors.As(err, &batch) {
		fmt.Fprintf(&b, " BatchError%v", batch.Left)
	}
	var large *monotable.SizeError
	if errors.As(err, &large) {
		fmt.Fprintf(&b, " SizeError(%d, %t)", large.Bytes, large.Partial)
	}
	var condition *types.ConditionalCheckFailedException
	var cancelled *types.TransactionCanceledException
	var throttled *types.ProvisionedThroughputExceededException
	var conflict *types.TransactionConflictException
	if errors.As(err, &condition) {
		b.WriteString(" ConditionalCheckFailed")
	}
	if errors.As(err, &cancelled) {
		b.WriteString(" TransactionCanceled")
	}
	if errors.As(err, &throttled) {
		b.WriteString(" ProvisionedThroughputExceeded")
	}
	if errors.As(err, &conflict) {
		b.WriteString(" TransactionConflict")
	}
	return b.String() + "\n    " + requestID.ReplaceAllString(err.Error(), "RequestID: …")
}

// TestErrorsAreWhatTheyWere pins what programs tell errors by.
func TestErrorsAreWhatTheyWere(t *testing.T) {
	var b strings.Builder
	for _, c := range pinnedCalls(t) {
		if c.err == nil {
			fmt.Fprintf(&b, "%s\n    no error\n", c.name)
			continue
		}
		fmt.Fprintf(&b, "%s\n    %s\n", c.name, identityOf(c.err))
	}
	recorded(t, "errors.txt", b.String())
}

// recorded compares a text with a file, which is written anew with MONOTABLE_RECORD=1.
func recorded(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("MONOTABLE_RECORD") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	wanted, lines := strings.Split(string(want), "\n"), strings.Split(text, "\n")
	for i := range max(len(wanted), len(lines)) {
		require.True(t, i < len(wanted) && i < len(lines), "%s has %d lines, and not %d", name, len(wanted), len(lines))
		require.Equal(t, wanted[i], lines[i], "line %d of %s", i+1, name)
	}
}

type pinned struct {
	name string
	err  error
}

type holder struct {
	ID    string         `dynamodbav:"id"`
	Email string         `dynamodbav:"email,omitempty"`
	N     int            `dynamodbav:"n"`
	V     int            `dynamodbav:"v"`
	More  monotable.Item `monotable:"unknown"`
}

// pinnedCalls are calls that fail, each in a way of its own.
func pinnedCalls(t *testing.T) (calls []pinned) {
	ctx := t.Context()
	client := dynamotest.NewClient()
	schema := store
	require.NoError(t, admin.Create(ctx, client, schema, time.Minute))
	db, err := monotable.Open(client, schema)
	require.NoError(t, err)
	sales, accounts := tableOf[sale](t, db, saleModel), tableOf[holder](t, db, monotable.Model{Version: "v",
		Unique: map[string]string{"email": "{email|lower}"},
		Keys:   map[string]string{"PK": "ACCOUNT#{id}", "SK": "ACCOUNT"}})
	profiles := tableOf[profile](t, db, profileModel)
	one, two := saleOf("c1", 1, "open"), saleOf("c1", 2, "open")
	require.NoError(t, sales.Put(ctx, &one))
	first := holder{ID: "a1", Email: "A@x"}
	require.NoError(t, accounts.Create(ctx, &first))
	ada := profile{ID: "p1", Email: "ada@x"}
	require.NoError(t, profiles.Create(ctx, &ada))
	p := pinner{t: t, ctx: ctx, client: client, db: db, sales: sales, accounts: accounts, profiles: profiles, one: one,
		two: two, first: first, ada: ada}
	p.single()
	p.reads()
	p.transactions()
	p.batches()
	p.faults()
	return p.calls
}

type pinner struct {
	t        *testing.T
	ctx      context.Context
	client   *dynamotest.Client
	db       *monotable.DB
	sales    *monotable.Table[sale]
	accounts *monotable.Table[holder]
	profiles *monotable.Table[profile]
	one, two sale
	first    holder
	ada      profile
	calls    []pinned
}

func (p *pinner) note(name string, err error) { p.calls = append(p.calls, pinned{name, err}) }

func second[T any](_ T, err error) error { return err }

var never = monotable.If(expression.Name("status").Equal(expression.Value("never")))

func (p *pinner) single() {
	ctx := p.ctx
	one, two, none := p.one, p.two, sale{}
	p.note("get none", second(p.sales.Get(ctx, two)))
	p.note("get without a key", second(p.sales.Get(ctx, none)))
	p.note("create twice", p.sales.Create(ctx, &one))
	p.note("put on a condition", p.sales.Put(ctx, &one, never))
	p.note("put nil", p.sales.Put(ctx, nil))
	p.note("delete on a condition", p.sales.Delete(ctx, one, never))
	p.note("delete none on a condition", p.sales.Delete(ctx, two, never))
	p.note("update none", second(p.sales.Update(ctx, two, set("total", 1))))
	p.note("update on a condition", second(p.sales.Update(ctx, one, set("total", 1), never)))
	p.note("update a key", second(p.sales.Update(ctx, one, set("id", "x"))))
	p.note("update to a wrong type", second(p.sales.Update(ctx, one, set("total", "x"))))
	p.note("upsert on a condition", second(p.sales.Upsert(ctx, two, set("total", 1), never)))
	p.note("modify none", second(p.sales.Modify(ctx, two, func(*sale) error { return nil })))
	p.note("modify ends", second(p.sales.Modify(ctx, one, func(*sale) error { return errOwn })))
	p.note("modify the key", second(p.sales.Modify(ctx, one, func(s *sale) error { s.ID = "x"; return nil })))
	p.note("modify on a condition",
		second(p.sales.Modify(ctx, one, func(s *sale) error { s.Total++; return nil }, never)))
	p.note("modify at a version", second(p.profiles.Modify(ctx, p.ada,
		func(*profile) error { return nil }, monotable.AtVersion(7))))
	p.note("a version that the model has not", p.sales.Put(ctx, &one, monotable.AtVersion(1)))
	stale, gone := p.ada, profile{ID: "p2", Version: 3}
	stale.Version = 9
	p.note("put at a version", p.profiles.Put(ctx, &stale))
	p.note("put at a version that is gone", p.profiles.Put(ctx, &gone))
	p.note("update at a version", second(p.profiles.Update(ctx, p.ada, set("visits", 1), monotable.AtVersion(9))))
	p.note("delete at a version", p.profiles.Delete(ctx, p.ada, monotable.AtVersion(9)))
	taken := holder{ID: "a2", Email: "a@X"}
	p.note("create with a taken value", p.accounts.Create(ctx, &taken))
	again := holder{ID: "a1", Email: "b@x"}
	p.note("create a holder twice", p.accounts.Create(ctx, &again))
	p.note("update a unique value", second(p.accounts.Update(ctx, p.first, set("email", "z"))))
	p.note("get by none", second(p.accounts.GetBy(ctx, "email", holder{Email: "none"})))
	p.note("get by another constraint", second(p.accounts.GetBy(ctx, "name", holder{Email: "none"})))
	large := p.one
	large.Status = strings.Repeat("x", 500_000)
	p.note("put too large", p.sales.Put(ctx, &large))
	p.note("update too large", second(p.sales.Update(ctx, p.one, set("note", large.Status))))
	var input any
	p.note("preview", p.sales.Put(ctx, &one, monotable.Preview(&input)))
	p.note("preview of none", p.sales.Put(ctx, &one, monotable.Preview(nil)))
	p.note("once on a condition", p.sales.Put(ctx, &one, never, monotable.Once()))
	p.note("once create", p.sales.Create(ctx, &one, monotable.Once()))
	p.note("old with once", p.sales.Put(ctx, &one, monotable.Once(), monotable.Old(&two)))
}

func (p *pinner) reads() {
	ctx := p.ctx
	partition := sale{CustomerID: "c1"}
	query := func(options ...monotable.QueryOption) error {
		return firstError(p.sales.Query(ctx, partition, options...))
	}
	p.note("query without a partition", firstError(p.sales.Query(ctx, sale{})))
	p.note("query another index", query(monotable.On("none")))
	p.note("query with a wrong sort field", query(monotable.Eq("status", "x")))
	p.note("query to a limit of none", query(monotable.Limit(0)))
	p.note("query a page with a bad cursor",
		second(p.sales.QueryPage(ctx, partition, monotable.StartAfter("bad"))))
	p.note("scan with a bad cursor", second(p.sales.ScanPage(ctx, monotable.StartAfter("bad"))))
	p.note("scan beyond its budget", second(p.sales.ScanPage(ctx, monotable.Budget(0.5), monotable.Limit(1),
		monotable.Filter(expression.Name("status").Equal(expression.Value("never"))))))
	p.note("count of a wrong operand", second(p.sales.Count(ctx, partition,
		monotable.Filter(expression.Name("total").Equal(expression.Value("x"))))))
	p.note("a page of segments", second(p.sales.ScanPage(ctx, monotable.Segments(2))))
	p.note("a collection with sort conditions",
		firstError(p.sales.Collection(ctx, partition, monotable.Eq("placed_at", day(1)))))
	p.note("gather one that is not there", second(monotable.Gather[struct{ P profile }](ctx, p.sales,
		sale{CustomerID: "c1"})))
	p.note("check guards of a type without", second(p.sales.CheckGuards(ctx)))
	p.note("size without a key", second(p.sales.Size(sale{})))
	p.note("cost without a key", second(p.sales.WriteCost(nil, &sale{})))
	p.note("query cost of another index", second(p.sales.QueryCost(1, p.one, monotable.On("none"))))
	p.note("encode without a key", second(p.sales.Encode(sale{})))
	p.note("decode a wrong attribute", second(p.sales.Decode(monotable.Item{
		"total": &types.AttributeValueMemberS{Value: "x"}})))
}

func (p *pinner) transactions() {
	one, two := p.one, p.two
	write := func(name string, ops ...monotable.Op) { p.note(name, p.db.Write(p.ctx, ops)) }
	write("write nothing")
	write("write an empty operation", monotable.Op{})
	write("write twice on one", p.sales.PutOp(&one), p.sales.DeleteOp(one))
	write("write what is there", p.sales.PutOp(&two), p.sales.CreateOp(&one))
	write("update what is not", p.sales.UpdateOp(two, set("total", 1)))
	write("delete on a condition", p.sales.DeleteOp(one, never))
	write("check what is not", p.sales.CheckOp(two))
	write("absent what is there", p.sales.AbsentOp(one))
	write("put of a unique type", p.accounts.PutOp(&holder{ID: "a3"}))
	write("write nil", p.sales.PutOp(nil))
	taken := holder{ID: "a2", Email: "a@X"}
	write("write a taken value", p.sales.PutOp(&two), p.accounts.CreateOp(&taken))
	stale := p.ada
	stale.Version = 9
	write("write at a version", p.profiles.PutOp(&stale))
	p.note("write under a long token", p.db.Write(p.ctx, []monotable.Op{p.sales.PutOp(&one)},
		monotable.Token(strings.Repeat("x", 99))))
	var into *sale
	p.note("read nothing", p.db.Read(p.ctx, nil))
	p.note("read without a key", p.db.Read(p.ctx, []monotable.ReadOp{p.sales.GetOp(sale{}, &into)}))
	p.note("read into nothing", p.db.Read(p.ctx, []monotable.ReadOp{p.sales.GetOp(one, nil)}))
	p.note("batch read without a key", p.db.BatchRead(p.ctx, []monotable.ReadOp{p.sales.GetOp(sale{}, &into)}))
}

func (p *pinner) batches() {
	one := p.one
	p.note("put many without a key", p.sales.PutMany(p.ctx, []sale{one, {}}))
	p.note("delete many without a key", p.sales.DeleteMany(p.ctx, []sale{{}}))
	p.note("get many without a key", second(p.sales.GetMany(p.ctx, []sale{one, {}})))
	p.note("batch with a condition", p.db.BatchWrite(p.ctx, []monotable.Op{p.sales.PutOp(&one), p.sales.CreateOp(&one)}))
	p.note("no parallel", p.sales.PutMany(p.ctx, []sale{one}, monotable.Parallel(0)))
}

func (p *pinner) faults() {
	one, two := p.one, p.two
	ops := func() []monotable.Op { return []monotable.Op{p.sales.PutOp(&two), p.sales.PutOp(&one)} }
	for _, effect := range []struct {
		name string
		do   dynamotest.Effect
	}{
		{"throttled", dynamotest.Throttle()}, {"lost", dynamotest.LoseAnswer()},
		{"failed", dynamotest.InternalError()}, {"in conflict", dynamotest.Conflict()},
	} {
		hit := p.client.Inject(dynamotest.Fault{Do: effect.do})
		var read *sale
		p.note(effect.name+" get", second(p.sales.Get(p.ctx, one)))
		p.note(effect.name+" put", p.sales.Put(p.ctx, &one))
		p.note(effect.name+" update", second(p.sales.Update(p.ctx, one, set("total", 1))))
		if effect.name == "lost" {
			p.note(effect.name+" create", p.accounts.Create(p.ctx, &holder{ID: "a9"}))
			p.note(effect.name+" modify", second(p.sales.Modify(p.ctx, one, func(s *sale) error { s.Total++; return nil })))
		}
		p.note(effect.name+" query", firstError(p.sales.Query(p.ctx, sale{CustomerID: "c1"})))
		p.note(effect.name+" write", p.db.Write(p.ctx, ops()))
		p.note(effect.name+" read", p.db.Read(p.ctx, []monotable.ReadOp{p.sales.GetOp(one, &read)}))
		p.note(effect.name+" put many", p.sales.PutMany(p.ctx, []sale{one, two}))
		p.note(effect.name+" get many", second(p.sales.GetMany(p.ctx, []sale{one})))
		hit.Remove()
	}
	ended, cancel := context.WithCancel(p.ctx)
	cancel()
	p.note("ended get", second(p.sales.Get(ended, one)))
	p.note("ended put many", p.sales.PutMany(ended, []sale{one}))
}
