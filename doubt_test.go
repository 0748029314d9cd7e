package monotable_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

// No fault needed: an item with a version and a unique constraint is deleted and created anew (again version 1) between
// Modify's read and its write. Modify's condition is the version alone, so it goes through on the other item and moves
// the guards of the one that it read: the guard of the new item's value stays behind, and nobody can have that value
// any more.
func TestModifyOfAnItemMadeAnew(t *testing.T) {
	ctx := t.Context()
	_, users := doubtTable(t, dynamotest.New(t, doubtSchema),
		monotable.Model{Version: "v", Unique: map[string]string{"email": "{email}"}})
	if err := users.Create(ctx, &doubtUser{ID: "1", Email: "a"}); err != nil {
		t.Fatal(err)
	}
	first := true
	_, err := users.Modify(ctx, doubtUser{ID: "1"}, func(u *doubtUser) error {
		if first {
			first = false
			if err := errors.Join(users.Delete(ctx, doubtUser{ID: "1"}),
				users.Create(ctx, &doubtUser{ID: "1", Email: "c"})); err != nil {
				return err
			}
		}
		u.Email = "b"
		return nil
	})
	report, checked := users.CheckGuards(ctx)
	if checked != nil || len(report.Problems) > 0 {
		t.Errorf("Modify said %v, and left %d guards out of step", err, len(report.Problems))
	}
	if err := users.Create(ctx, &doubtUser{ID: "2", Email: "c"}); err != nil {
		t.Errorf("nobody has c, and nobody can have it: %v", err)
	}
}

// doubtGiveUp is a client that hands all options on, and does not wait for the SDK longer than the context lasts.
type doubtGiveUp struct{ *dynamodb.Client }

func (g doubtGiveUp) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	type answer struct {
		out *dynamodb.PutItemOutput
		err error
	}
	got := make(chan answer, 1)
	go func() {
		out, err := g.Client.PutItem(context.WithoutCancel(ctx), in, o...)
		got <- answer{out, err}
	}()
	select {
	case a := <-got:
		return a.out, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// An attempt is on its way when the call ends with the context's error: that is ErrAmbiguous.
func TestCallsThatAreGivenUp(t *testing.T) {
	t.Parallel()
	sent, release := make(chan struct{}), make(chan struct{})
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		close(sent)
		<-release
		return send()
	})
	_, users := doubtTable(t, doubtGiveUp{client}, monotable.Model{})
	_, truth := doubtTable(t, raw, monotable.Model{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-sent; cancel() }()
	err := users.Create(ctx, &doubtUser{ID: "1"})
	close(release)
	time.Sleep(100 * time.Millisecond)
	if _, there := truth.Get(t.Context(), doubtUser{ID: "1"}); there == nil && !errors.Is(err, monotable.ErrAmbiguous) {
		t.Errorf("it took place; the call said, without ErrAmbiguous: %v", err)
	}
}

// doubtHedge sends a second request when the first takes long, and takes the first answer.
type doubtHedge struct{ *dynamodb.Client }

func (h doubtHedge) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return hedged(func() (*dynamodb.PutItemOutput, error) { return h.Client.PutItem(ctx, in, o...) })
}

func (h doubtHedge) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return hedged(func() (*dynamodb.UpdateItemOutput, error) { return h.Client.UpdateItem(ctx, in, o...) })
}

func (h doubtHedge) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	same := *in
	return hedged(func() (*dynamodb.TransactWriteItemsOutput, error) {
		return h.Client.TransactWriteItems(ctx, &same, o...)
	})
}

func hedged[Out any](send func() (*Out, error)) (*Out, error) {
	type answer struct {
		out *Out
		err error
	}
	got := make(chan answer, 2)
	for range 2 {
		go func() { out, err := send(); got <- answer{out, err} }()
		select {
		case a := <-got:
			return a.out, a.err
		case <-time.After(30 * time.Millisecond):
		}
	}
	a := <-got
	return a.out, a.err
}

// The hedge's second request meets the first one's write: ErrExists without ErrAmbiguous is a lie.
func TestHedgedCreate(t *testing.T) {
	t.Parallel()
	client, _ := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		if n == 1 {
			time.Sleep(300 * time.Millisecond)
		}
		return resp, err
	})
	_, users := doubtTable(t, doubtHedge{client}, monotable.Model{})
	if err := users.Create(t.Context(), &doubtUser{ID: "1"}); err != nil && !errors.Is(err, monotable.ErrAmbiguous) {
		t.Errorf("nobody else wrote it; the call said, without ErrAmbiguous: %v", err)
	}
}

// "A repeat that could double an effect is not sent": here it is, while the first attempt is on its way.
func TestHedgedAdd(t *testing.T) {
	t.Parallel()
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		if n == 1 {
			time.Sleep(300 * time.Millisecond)
		}
		return resp, err
	})
	_, users := doubtTable(t, doubtHedge{client}, monotable.Model{})
	_, truth := doubtTable(t, raw, monotable.Model{})
	if err := truth.Put(t.Context(), &doubtUser{ID: "1"}); err != nil {
		t.Fatal(err)
	}
	_, err := users.Update(t.Context(), doubtUser{ID: "1"}, expression.Add(expression.Name("n"), expression.Value(1)))
	time.Sleep(400 * time.Millisecond)
	if got, _ := truth.Get(t.Context(), doubtUser{ID: "1"}); got.N > 1 {
		t.Errorf("1 was added %d times; the call said %v", got.N, err)
	}
}

// One attempt under the token is on its way, another is cancelled in passing: Retry (and Once) go on under a second
// token.
func TestHedgedTransaction(t *testing.T) {
	t.Parallel()
	second, done := make(chan struct{}), make(chan struct{})
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		switch n {
		case 1:
			<-second
			defer close(done)
			return send()
		case 2:
			return doubtAnswer(400,
				`{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"x",`+
					`"CancellationReasons":[{"Code":"TransactionConflict"}]}`)
		case 3:
			close(second)
			<-done
		}
		return send()
	})
	db, users := doubtTable(t, doubtHedge{client}, monotable.Model{})
	_, truth := doubtTable(t, raw, monotable.Model{})
	if err := truth.Put(t.Context(), &doubtUser{ID: "1"}); err != nil {
		t.Fatal(err)
	}
	add := users.UpdateOp(doubtUser{ID: "1"}, expression.Add(expression.Name("n"), expression.Value(1)))
	err := db.Write(t.Context(), []monotable.Op{add}, monotable.Retry(3))
	time.Sleep(100 * time.Millisecond)
	if got, _ := truth.Get(t.Context(), doubtUser{ID: "1"}); got.N > 1 {
		t.Errorf("1 was added %d times, under two tokens; the call said %v", got.N, err)
	}
}

// doubtOwn is a client that sets the API options of each call to its own.
type doubtOwn struct{ *dynamodb.Client }

func (c doubtOwn) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return c.Client.UpdateItem(ctx, in, append(o, func(o *dynamodb.Options) { o.APIOptions = nil })...)
}

// The library's retryer is asked, its middlewares are not there: it lets a lost ADD be sent again, and the call is a
// success.
func TestCallersWhoReplaceMiddleware(t *testing.T) {
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		if n == 1 {
			return nil, errDoubtReset
		}
		return resp, err
	})
	_, users := doubtTable(t, doubtOwn{client}, monotable.Model{})
	_, truth := doubtTable(t, raw, monotable.Model{})
	if err := truth.Put(t.Context(), &doubtUser{ID: "1"}); err != nil {
		t.Fatal(err)
	}
	_, err := users.Update(t.Context(), doubtUser{ID: "1"}, expression.Add(expression.Name("n"), expression.Value(1)))
	if got, _ := truth.Get(t.Context(), doubtUser{ID: "1"}); got.N > 1 {
		t.Errorf("1 was added %d times; the call said %v", got.N, err)
	}
}

// The first attempt wrote all and its answer was lost; the repetition leaves all unprocessed until the context ends.
// The entries are written, and the error says, without ErrAmbiguous, that they are left.
func TestBatchesInDoubt(t *testing.T) {
	t.Parallel()
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		if n == 1 {
			_, _ = send()
			return nil, errDoubtReset
		}
		return doubtAnswer(200, `{"UnprocessedItems":`+strings.TrimPrefix(body, `{"RequestItems":`))
	})
	_, users := doubtTable(t, client, monotable.Model{})
	_, truth := doubtTable(t, raw, monotable.Model{})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := users.PutMany(ctx, []doubtUser{{ID: "1"}})
	var batch *monotable.BatchError
	if !errors.As(err, &batch) {
		t.Fatal(err)
	}
	if _, there := truth.Get(t.Context(), doubtUser{ID: "1"}); there == nil && !errors.Is(err, monotable.ErrAmbiguous) {
		t.Errorf("%d left, of which one is written; the call said, without ErrAmbiguous: %v", len(batch.Left), err)
	}
}

// "It is no error if there is none": of a type with unique constraints it is, when another Delete comes between the
// read and the write.
func TestDeletesThatRace(t *testing.T) {
	var truth *monotable.Table[doubtUser]
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		if op == "GetItem" {
			if err := truth.Delete(t.Context(), doubtUser{ID: "1"}); err != nil {
				t.Error(err)
			}
		}
		return resp, err
	})
	unique := monotable.Model{Unique: map[string]string{"email": "{email}"}}
	_, users := doubtTable(t, client, unique)
	_, truth = doubtTable(t, raw, unique)
	if err := truth.Create(t.Context(), &doubtUser{ID: "1", Email: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := users.Delete(t.Context(), doubtUser{ID: "1"}); err != nil {
		t.Errorf("Delete without If of an item that is gone: %v", err)
	}
}

type doubtOther struct {
	ID string `dynamodbav:"id"`
}

// The same where an item of another type is there: of other types Delete says nil, with and without Once.
func TestDeletesOfAnotherType(t *testing.T) {
	for name, model := range map[string]monotable.Model{"plain": {},
		"unique": {Unique: map[string]string{"email": "{email}"}}} {
		db, users := doubtTable(t, dynamotest.New(t, doubtSchema), model)
		others, err := monotable.New[doubtOther](db,
			monotable.Model{Type: "O", Keys: map[string]string{"pk": "U#{id}", "sk": "U"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := others.Put(t.Context(), &doubtOther{ID: "1"}); err != nil {
			t.Fatal(err)
		}
		if err := users.Delete(t.Context(), doubtUser{ID: "1"}); err != nil {
			t.Errorf("%s: there is none of this type: %v", name, err)
		}
	}
}

// A transport that tries two addresses and joins their errors: the first one had the request when it broke, the second
// was not reached. One dial error in the chain makes the library say that nothing was sent.
func TestTransportsThatTryTwice(t *testing.T) {
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		if n == 1 {
			_, _ = send()
		}
		return nil, errors.Join(errDoubtReset, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")})
	})
	_, users := doubtTable(t, client, monotable.Model{})
	_, truth := doubtTable(t, raw, monotable.Model{})
	err := users.Create(t.Context(), &doubtUser{ID: "1"})
	if _, there := truth.Get(t.Context(), doubtUser{ID: "1"}); there == nil && !errors.Is(err, monotable.ErrAmbiguous) {
		t.Errorf("it took place; the call said, without ErrAmbiguous: %v", err)
	}
}

// A context that ended before the call: over HTTP nothing is sent and the error is definite; dynamotest's client does
// nothing either, and the same call is ErrAmbiguous (the client in the process and the server agree).
func TestContextsThatEndedBefore(t *testing.T) {
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		return send()
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]monotable.Client{"http": client, "in process": raw} {
		_, users := doubtTable(t, c, monotable.Model{})
		if err := users.Create(ctx, &doubtUser{ID: "1"}); err == nil || errors.Is(err, monotable.ErrAmbiguous) {
			t.Errorf("%s: nothing was sent: %v", name, err)
		}
	}
}

// 200 with an empty body (a proxy that lost it; no checksum header): Update says nil and returns an item that is none.
func TestAnswersWithoutAnItem(t *testing.T) {
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		_, _ = send()
		return doubtAnswer(200, "")
	})
	_, users := doubtTable(t, client, monotable.Model{})
	_, truth := doubtTable(t, raw, monotable.Model{})
	if err := truth.Put(t.Context(), &doubtUser{ID: "1", Email: "a", N: 7}); err != nil {
		t.Fatal(err)
	}
	set := expression.Set(expression.Name("n"), expression.Value(8))
	if got, err := users.Update(t.Context(), doubtUser{ID: "1"}, set); err == nil && got.ID == "" {
		t.Errorf("Update returns %+v without an error", got)
	}
	old := doubtUser{ID: "untouched"}
	if got, err := users.Update(t.Context(), doubtUser{ID: "1"}, set, monotable.Old(&old)); err == nil &&
		(got.ID == "" || old.ID == "untouched") {
		t.Errorf("Update with Old returns %+v, and as it was %+v, without an error", got, old)
	}
}

// The zero Table says errNotMade everywhere but here, where it panics.
func TestUpdatesOfAZeroTable(t *testing.T) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("panic: %v", p)
		}
	}()
	var users monotable.Table[doubtUser]
	var old doubtUser
	_, err := users.Update(t.Context(), doubtUser{}, expression.Set(expression.Name("n"), expression.Value(1)),
		monotable.Old(&old))
	t.Log(err)
}

// Old(nil) is refused before anything is sent; Preview(nil) panics (in PutMany on a goroutine, raised again).
func TestPreviewWithoutAPlace(t *testing.T) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("panic: %v", p)
		}
	}()
	_, users := doubtTable(t, dynamotest.New(t, doubtSchema), monotable.Model{})
	t.Log(users.Put(t.Context(), &doubtUser{ID: "1"}, monotable.Preview(nil)))
}

// At the last version Put refuses. Modify goes on at 0, which is "no version" (another's Put or Create-like Put of
// version 0 then passes); Update writes 18446744073709551616, and the item cannot be read any more.
func TestTheLastVersion(t *testing.T) {
	ctx := t.Context()
	client := dynamotest.New(t, doubtSchema)
	_, plain := doubtTable(t, client, monotable.Model{})
	_, users := doubtTable(t, client, monotable.Model{Version: "v"})
	last := doubtUser{ID: "1", V: math.MaxUint64}
	if err := plain.Put(ctx, &last); err != nil {
		t.Fatal(err)
	}
	if err := users.Put(ctx, &last); err == nil {
		t.Error("Put passes")
	}
	if got, err := users.Modify(ctx, last, func(u *doubtUser) error { u.N++; return nil }); err == nil &&
		got.V < last.V {
		t.Errorf("Modify made version %d of %d", got.V, last.V)
	}
	if err := plain.Put(ctx, &last); err != nil {
		t.Fatal(err)
	}
	_, err := users.Update(ctx, last, expression.Set(expression.Name("n"), expression.Value(1)),
		monotable.AtVersion(last.V))
	if _, read := users.Get(ctx, last); read != nil {
		t.Errorf("Update said %v; from then on: %v", err, read)
	}
}

// A proxy answers the only attempt with 429 or 413 and HTML. TransactionInProgress is a 400, and nobody else has this
// token: it did nothing, for certain, as it is for PutItem.
func TestRefusalsOfAProxy(t *testing.T) {
	for _, status := range []int{403, 413, 429} {
		client, _ := doubtClient(t, func(n int, op, body string,
			send func() (*http.Response, error)) (*http.Response, error) {
			return doubtAnswer(status, "<html>no</html>")
		})
		_, users := doubtTable(t, client, monotable.Model{})
		if err := users.Create(t.Context(), &doubtUser{ID: "1"}); errors.Is(err, monotable.ErrAmbiguous) {
			t.Errorf("%d to PutItem: %v", status, err)
		}
		if err := users.Create(t.Context(), &doubtUser{ID: "1"}, monotable.Once()); errors.Is(err,
			monotable.ErrAmbiguous) {
			t.Errorf("%d to TransactWriteItems: %v", status, err)
		}
	}
}

// Versions begin at 1 again in an item that was deleted and created anew, so that an item at version 1 does not prove
// that a write did not take place: here it did, its answer was lost, and the item was replaced.
func TestAVersionThatCameAgain(t *testing.T) {
	var truth *monotable.Table[doubtUser]
	took := false
	client, raw := doubtClient(t, func(n int, op, body string,
		send func() (*http.Response, error)) (*http.Response, error) {
		if n > 1 {
			return send()
		}
		resp, _ := send()
		took = resp.StatusCode == 200
		if err := errors.Join(truth.Delete(t.Context(), doubtUser{ID: "1"}),
			truth.Create(t.Context(), &doubtUser{ID: "1", N: 99})); err != nil {
			t.Error(err)
		}
		return nil, errDoubtReset
	})
	_, users := doubtTable(t, client, monotable.Model{Version: "v"})
	_, truth = doubtTable(t, raw, monotable.Model{Version: "v"})
	x := doubtUser{ID: "1"}
	if err := truth.Create(t.Context(), &x); err != nil {
		t.Fatal(err)
	}
	err := users.Put(t.Context(), &x, monotable.If(expression.Name("n").LessThan(expression.Value(50))))
	if took && err != nil && !errors.Is(err, monotable.ErrAmbiguous) {
		t.Errorf("it took place; the call said, without ErrAmbiguous: %v", err)
	}
}

// JUDGEMENT: Token("") has "1 to 36 bytes" and is dropped in silence: whoever passes an empty idempotency key adds
// twice.
func TestAnEmptyToken(t *testing.T) {
	db, users := doubtTable(t, dynamotest.New(t, doubtSchema), monotable.Model{})
	if err := users.Put(t.Context(), &doubtUser{ID: "1"}); err != nil {
		t.Fatal(err)
	}
	var errs []error
	for range 2 {
		add := users.UpdateOp(doubtUser{ID: "1"}, expression.Add(expression.Name("n"), expression.Value(1)))
		errs = append(errs, db.Write(t.Context(), []monotable.Op{add}, monotable.Token("")))
	}
	if got, _ := users.Get(t.Context(), doubtUser{ID: "1"}); got.N == 2 {
		t.Errorf("added twice under one token: %v", errs)
	}
}

var doubtSchema = monotable.Schema{Name: "doubt", Partition: monotable.S("pk"), Sort: monotable.S("sk"),
	EntityType: "type"}

type doubtUser struct {
	ID    string `dynamodbav:"id"`
	Email string `dynamodbav:"email,omitempty"`
	N     int    `dynamodbav:"n"`
	V     uint64 `dynamodbav:"v"`
}

func doubtTable(t *testing.T, c monotable.Client, m monotable.Model) (*monotable.DB, *monotable.Table[doubtUser]) {
	m.Type, m.Keys = "U", map[string]string{"pk": "U#{id}", "sk": "U"}
	db, err := monotable.Open(c, doubtSchema)
	if err != nil {
		t.Fatal(err)
	}
	table, err := monotable.New[doubtUser](db, m)
	if err != nil {
		t.Fatal(err)
	}
	return db, table
}

type doubtTrip struct {
	mu sync.Mutex
	n  map[string]int
	f  func(n int, op, body string, send func() (*http.Response, error)) (*http.Response, error)
}

func (z *doubtTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	op := r.Header.Get("X-Amz-Target")
	op = op[strings.LastIndex(op, ".")+1:]
	body, _ := io.ReadAll(r.Body)
	z.mu.Lock()
	z.n[op]++
	n := z.n[op]
	z.mu.Unlock()
	send := func() (*http.Response, error) { // reaches the server whatever becomes of the caller
		c := r.Clone(context.WithoutCancel(r.Context()))
		c.Body, c.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		resp, err := http.DefaultTransport.RoundTrip(c)
		if err != nil {
			return nil, err
		}
		all, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(all)), int64(len(all))
		return resp, nil
	}
	return z.f(n, op, string(body), send)
}

func doubtAnswer(status int, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:   io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
}

var errDoubtReset = errors.New("read: connection reset by peer")

// doubtClient is the SDK over a transport that f plays, and the server's truth.
func doubtClient(t *testing.T, f func(n int, op, body string,
	send func() (*http.Response, error)) (*http.Response, error)) (*dynamodb.Client, *dynamotest.Client) {
	raw := dynamotest.New(t, doubtSchema)
	server, err := dynamotest.NewServer(raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return dynamodb.NewFromConfig(server.Config(), func(o *dynamodb.Options) {
		o.HTTPClient = &http.Client{Transport: &doubtTrip{n: map[string]int{}, f: f}}
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
	}), raw
}
