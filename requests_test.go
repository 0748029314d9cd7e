package monotable_test

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// No call sends a request that its documentation does not speak of, and none where nothing is to be done.
func TestRequestsOfEveryCall(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts := tableOf[account](t, db, accountModel)
	reviews := tableOf[review](t, db, reviewModel)
	sales := tableOf[sale](t, db, saleModel)
	lines := tableOf[event](t, db, eventModel(4))
	stars, err := monotable.As[struct {
		SKU   string `dynamodbav:"sku"`
		Stars int    `dynamodbav:"stars"`
	}](reviews)
	require.NoError(t, err)
	emails, err := monotable.As[struct {
		Email string `dynamodbav:"email"`
	}](accounts)
	require.NoError(t, err)
	set := expression.Set(expression.Name("stars"), expression.Value(3))
	key := func(n int) review { return review{SKU: "s", CustomerID: fmt.Sprintf("c%03d", n)} }
	ann := func() account { return account{Tenant: "t", ID: "ann", Email: "a@b.c"} }
	reset := func() {
		for i := range 3 {
			r := key(i)
			require.NoError(t, reviews.Put(ctx, &r))
		}
		a := ann()
		require.NoError(t, accounts.Put(ctx, &a))
		require.NoError(t, sales.Put(ctx, new(saleOf("c1", 1, "open"))))
		require.NoError(t, lines.Put(ctx, &event{Day: "mon", ID: "e", Source: "s", Weight: 1}))
	}
	many := func(n int) (all []review) {
		for i := range n {
			all = append(all, key(i))
		}
		return all
	}
	calls := map[string]struct {
		call func() error
		want string
	}{
		"Table.Get": {func() error { _, err := reviews.Get(ctx, key(0)); return err }, "GetItem"},
		"View.Get":  {func() error { _, err := stars.Get(ctx, key(0)); return err }, "GetItem"},
		"Table.GetBy": {func() error { _, err := accounts.GetBy(ctx, "email", ann()); return err },
			"GetItem×2"},
		"View.GetBy": {func() error { _, err := emails.GetBy(ctx, "email", ann()); return err },
			"GetItem×2"},
		"Table.GetMany": {func() error { _, err := reviews.GetMany(ctx, many(150)); return err },
			"BatchGetItem×2"},
		"View.GetMany":          {func() error { _, err := stars.GetMany(ctx, many(2)); return err }, "BatchGetItem"},
		"Table.GetMany of none": {func() error { _, err := reviews.GetMany(ctx, nil); return err }, ""},
		"Table.Query":           {func() error { return firstError(reviews.Query(ctx, review{SKU: "s"})) }, "Query"},
		"View.Query":            {func() error { return firstError(stars.Query(ctx, review{SKU: "s"})) }, "Query"},
		"Table.Query, sharded": {func() error {
			return firstError(lines.Query(ctx, event{Day: "mon"}, monotable.On("GSI1")))
		}, "Query×4"},
		"Table.Query, Hydrate": {func() error {
			return firstError(sales.Query(ctx, sale{PlacedAt: day(1), ID: "s1"}, monotable.On("inverted"),
				monotable.Hydrate()))
		}, "BatchGetItem Query"},
		"Table.QueryPage": {func() error {
			_,
				err := reviews.QueryPage(ctx, review{SKU: "s"}, monotable.Limit(2))
			return err
		}, "Query"},
		"View.QueryPage": {func() error {
			_,
				err := stars.QueryPage(ctx, review{SKU: "s"}, monotable.Limit(2))
			return err
		}, "Query"},
		"Table.Count":      {func() error { _, err := reviews.Count(ctx, review{SKU: "s"}); return err }, "Query"},
		"View.Count":       {func() error { _, err := stars.Count(ctx, review{SKU: "s"}); return err }, "Query"},
		"Table.Collection": {func() error { return firstError(reviews.Collection(ctx, review{SKU: "s"})) }, "Query"},
		"CollectionOf": {func() error {
			return firstError(monotable.CollectionOf[any](ctx, reviews, review{SKU: "s"}))
		}, "Query"},
		"Gather": {func() error {
			_, err := monotable.Gather[struct{ Reviews []review }](ctx, reviews, review{SKU: "s"})
			return err
		}, "Query"},
		"Table.Scan": {func() error { return firstError(reviews.Scan(ctx)) }, "Scan"},
		"View.Scan":  {func() error { return firstError(stars.Scan(ctx)) }, "Scan"},
		"Table.Scan, 3 segments": {func() error { return firstError(reviews.Scan(ctx, monotable.Segments(3))) },
			"Scan×3"},
		"Table.Scan, Progress": {func() error {
			return firstError(reviews.Scan(ctx, monotable.Progress(0, func(monotable.ScanProgress) {}),
				monotable.Pace(1e6)))
		}, "Scan"},
		"Table.ScanPage": {func() error { _, err := reviews.ScanPage(ctx); return err }, "Scan"},
		"View.ScanPage":  {func() error { _, err := stars.ScanPage(ctx); return err }, "Scan"},
		"Table.Create":   {func() error { return reviews.Create(ctx, new(key(900))) }, "PutItem"},
		"Table.Create, guarded": {func() error {
			return accounts.Create(ctx, &account{Tenant: "t", ID: "bob", Email: "x"})
		}, "TransactWriteItems"},
		"Table.Put":          {func() error { return reviews.Put(ctx, new(key(0))) }, "PutItem"},
		"Table.Put, guarded": {func() error { return accounts.Put(ctx, new(ann())) }, "GetItem TransactWriteItems"},
		"Table.Update": {func() error { _, err := reviews.Update(ctx, key(0), set); return err },
			"UpdateItem"},
		"Table.Update, Old": {func() error {
			var old review
			_, err := reviews.Update(ctx, key(0), set, monotable.Old(&old))
			return err
		}, "UpdateItem"},
		"Table.Upsert": {func() error { _, err := reviews.Upsert(ctx, key(8), set); return err }, "UpdateItem"},
		"Table.Modify": {func() error {
			_, err := reviews.Modify(ctx, key(0), func(r *review) error { r.Stars = 7; return nil })
			return err
		}, "GetItem UpdateItem"},
		"Table.Modify of nothing": {func() error {
			_,
				err := reviews.Modify(ctx, key(1), func(*review) error { return nil })
			return err
		}, "GetItem"},
		"Table.Modify, guarded": {func() error {
			_, err := accounts.Modify(ctx, ann(), func(a *account) error { a.Email += "'"; return nil })
			return err
		}, "GetItem TransactWriteItems"},
		"Table.Modify, guards as were": {func() error {
			_, err := accounts.Modify(ctx, ann(), func(a *account) error { a.Logins++; return nil })
			return err
		}, "GetItem UpdateItem"},
		"Table.Delete":          {func() error { return reviews.Delete(ctx, key(2)) }, "DeleteItem"},
		"Table.Delete, guarded": {func() error { return accounts.Delete(ctx, ann()) }, "GetItem TransactWriteItems"},
		"Table.PutMany":         {func() error { return reviews.PutMany(ctx, many(60)) }, "BatchWriteItem×3"},
		"Table.DeleteMany":      {func() error { return reviews.DeleteMany(ctx, many(26)) }, "BatchWriteItem×2"},
		"Table.DeleteCollection": {func() error {
			_, err := lines.DeleteCollection(ctx, event{Day: "mon"})
			return err
		}, "BatchWriteItem Query×5"},
		"DB.BatchWrite": {func() error {
			return db.BatchWrite(ctx, []monotable.Op{reviews.PutOp(new(key(1))),
				sales.DeleteOp(saleOf("c1", 1, "open"))})
		}, "BatchWriteItem"},
		"DB.BatchRead": {func() error {
			var r *review
			return db.BatchRead(ctx, []monotable.ReadOp{reviews.GetOp(key(1), &r)})
		}, "BatchGetItem"},
		"DB.Read": {func() error {
			var r *review
			return db.Read(ctx, []monotable.ReadOp{reviews.GetOp(key(1), &r)})
		}, "TransactGetItems"},
		"DB.Write": {func() error {
			return db.Write(ctx, []monotable.Op{
				reviews.PutOp(new(key(0))), reviews.UpdateOp(key(1), set), reviews.UpsertOp(key(902), set),
				reviews.CreateOp(new(key(901))),
				accounts.ReplaceOp(ann(), &account{Tenant: "t", ID: "ann", Email: "new"}), reviews.DeleteOp(key(2)),
				sales.CheckOp(saleOf("c1", 1, "open"), expression.AttributeExists(expression.Name("id"))),
			})
		}, "TransactWriteItems"},
		"Table.CheckGuards":  {func() error { _, err := accounts.CheckGuards(ctx); return err }, "BatchGetItem Scan"},
		"Table.RepairGuards": {func() error { _, err := accounts.RepairGuards(ctx); return err }, "BatchGetItem Scan"},
		"without requests": {func() error {
			item, err := reviews.Encode(key(1))
			if err == nil {
				_, err = reviews.Decode(item)
			}
			if err == nil && !(reviews.Is(item) && reviews.Type() == "review") {
				err = fmt.Errorf("it is not")
			}
			if err == nil {
				_, err = reviews.Size(key(1))
			}
			if err == nil {
				_, err = reviews.SizeOf(key(1))
			}
			if err == nil {
				_, err = reviews.WriteCost(nil, new(key(1)))
			}
			if err == nil {
				_, err = reviews.UpdateCost(new(key(1)), new(key(1)))
			}
			if err == nil {
				_, err = reviews.ModifyCost(new(key(1)), new(key(1)))
			}
			if err == nil {
				_, err = reviews.CheckCost(new(key(1)))
			}
			if err == nil {
				_, err = reviews.QueryCost(3, key(1))
			}
			db.Schema()
			return err
		}, ""},
	}
	for name, c := range calls {
		reset()
		requests.seen()
		require.NoError(t, c.call(), name)
		assert.Equal(t, c.want, counted(requests.seen()), name)
	}
	// The table above has every method that takes a context.
	for _, of := range []any{reviews, stars, db} {
		typ := reflect.TypeOf(of)
		short, _, _ := strings.Cut(typ.Elem().Name(), "[")
		for m := range typ.Methods() {
			if m.Type.NumIn() < 2 || m.Type.In(1) != reflect.TypeFor[context.Context]() {
				continue
			}
			_, there := calls[short+"."+m.Name]
			assert.True(t, there, "%s.%s is not in the table", short, m.Name)
		}
	}
}

// counted are the operations in order of their names, each with its number.
func counted(ops []string) string {
	slices.Sort(ops)
	var all []string
	for len(ops) > 0 {
		n := 1
		for n < len(ops) && ops[n] == ops[0] {
			n++
		}
		text := ops[0]
		if n > 1 {
			text += fmt.Sprint("×", n)
		}
		all, ops = append(all, text), ops[n:]
	}
	return strings.Join(all, " ")
}

// No call starts a goroutine that outlives it, however it ends.
func TestNoGoroutineOutlivesItsCall(t *testing.T) {
	table, requests, all := events(t, 60, 8)
	requests.before = func(string, any) error { time.Sleep(time.Millisecond); return nil }
	accounts := newTable[account](t, store, accountModel)
	require.NoError(t, accounts.Put(t.Context(), &account{Tenant: "t", ID: "a", Email: "x"}))
	boom := fmt.Errorf("boom")
	endings := map[string]func(context.Context, context.CancelFunc){
		"scan to its end": func(ctx context.Context,
			_ context.CancelFunc) {
			collect(t, table.Scan(ctx, monotable.Segments(8)))
		},
		"query to its end": func(ctx context.Context,
			_ context.CancelFunc) {
			collect(t, table.Query(ctx, event{Day: "mon"}))
		},
		"scan broken off": func(ctx context.Context, _ context.CancelFunc) {
			breakAfter(table.Scan(ctx, monotable.Segments(8)), 3, nil)
		},
		"query broken off": func(ctx context.Context, _ context.CancelFunc) {
			breakAfter(table.Query(ctx, event{Day: "mon"}), 3, nil)
		},
		"scan cancelled": func(ctx context.Context, stop context.CancelFunc) {
			breakAfter(table.Scan(ctx, monotable.Segments(8)), 1000, stop)
		},
		"query cancelled": func(ctx context.Context, stop context.CancelFunc) {
			breakAfter(table.Query(ctx, event{Day: "mon"}), 1000, stop)
		},
		"paced, broken off": func(ctx context.Context, _ context.CancelFunc) {
			breakAfter(table.Scan(ctx, monotable.Segments(8), monotable.Pace(20)), 1, nil)
		},
		"batches": func(ctx context.Context, _ context.CancelFunc) {
			_ = table.PutMany(ctx, all)
			_, _ = table.GetMany(ctx, all)
		},
		"batches, cancelled": func(ctx context.Context, stop context.CancelFunc) {
			stop()
			_ = table.PutMany(ctx, all)
			_, _ = table.GetMany(ctx, all)
		},
		"failures": func(ctx context.Context, _ context.CancelFunc) {
			was := requests.before
			requests.before = func(string, any) error { return boom }
			_ = firstError(table.Scan(ctx, monotable.Segments(8)))
			_ = firstError(table.Query(ctx, event{Day: "mon"}))
			_ = table.PutMany(ctx, all)
			requests.before = was
		},
		"guards": func(ctx context.Context, _ context.CancelFunc) { _, _ = accounts.RepairGuards(ctx) },
		"collections": func(ctx context.Context, _ context.CancelFunc) {
			_, _ = accounts.DeleteCollection(ctx, account{Tenant: "t"})
		},
	}
	for name, end := range endings {
		ctx, stop := context.WithCancel(t.Context())
		end(ctx, stop)
		stop()
		// The runtime may still count one whose function has returned.
		for wait := time.Now().Add(time.Second); libraryGoroutines() > 0 && time.Now().Before(wait); {
			time.Sleep(time.Millisecond)
		}
		assert.Zero(t, libraryGoroutines(), name)
	}
}

// libraryGoroutines counts the goroutines that run the library's code. Those of an HTTP client's connections are not
// its own.
func libraryGoroutines() (n int) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "github.com/monotable/monotable.") {
			n++
		}
	}
	return n
}

// breakAfter ends a read after n items, or calls stop at the first and reads on.
func breakAfter[T any](items func(func(T, error) bool), n int, stop func()) {
	for _, err := range items {
		if err != nil {
			return
		}
		if stop != nil {
			stop()
		}
		if n--; n == 0 {
			return
		}
	}
}
