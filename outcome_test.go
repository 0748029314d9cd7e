package monotable_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// task is a job that one worker is to take, and a counter.
type task struct {
	ID     string `dynamodbav:"id"`
	State  string `dynamodbav:"state"`
	Worker int    `dynamodbav:"worker"`
	N      int    `dynamodbav:"n"`
	Slot   string `dynamodbav:"slot,omitempty"`
	V      int64  `dynamodbav:"v"`
}

var (
	taskSchema     = monotable.Schema{Name: "tasks", Partition: monotable.S("pk")}
	taskModel      = monotable.Model{Type: "Task", Keys: map[string]string{"pk": "TASK#{id}"}}
	versionedTasks = monotable.Model{Type: "Versioned", Keys: map[string]string{"pk": "VERSIONED#{id}"}, Version: "v"}
	guardedTasks   = monotable.Model{Type: "Guarded", Keys: map[string]string{"pk": "GUARDED#{id}"},
		Unique: map[string]string{"slot": "{slot}"}}
	errTaken       = errors.New("taken")
	queued         = expression.Name("state").Equal(expression.Value("queued"))
	everyAttemptIs = []string{"throttled", "refused on demand", "in conflict", "reset before", "lost after", "cut",
		"an internal error", "an internal error after", "unavailable"}
	faultsOfAttempt = []dynamotest.Effect{
		dynamotest.Throttle(), dynamotest.ThrottleOnDemand(), dynamotest.Conflict(), dynamotest.ResetConnection(),
		dynamotest.LoseAnswer(),
		dynamotest.CutAnswer(), dynamotest.InternalError(), dynamotest.AfterWork(dynamotest.InternalError()),
		dynamotest.ServiceUnavailable(),
	}
)

// shaky is a service of which each attempt of a write fails with a chance, in all the ways there are, and a table on
// it.
type shaky struct {
	*dynamotest.Client
	tasks, versioned, guarded *monotable.Table[task]
	db                        *monotable.DB
	injections                []*dynamotest.Injection
	calls                     *callLog // of the HTTP client; nil in the process
}

// A way is how requests reach the service, and who sends them again.
type way string

const (
	once     way = "in the process"
	repeated way = "in the process, repeated"
	overHTTP way = "over HTTP"
)

// fourTimes is the SDK's retryer, which goes on however many attempts fail.
func fourTimes() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 4, time.Millisecond, unlimited{}
	})
}

func newShaky(t *testing.T, by way, options ...dynamotest.Option) *shaky {
	t.Helper()
	if by == repeated {
		options = append(options, dynamotest.WithRetryer(fourTimes()))
	}
	s := &shaky{Client: dynamotest.NewClient(options...)}
	require.NoError(t, admin.Create(t.Context(), s.Client, taskSchema, 0))
	var client monotable.Client = s.Client
	if by == overHTTP {
		server, err := dynamotest.NewServer(s.Client)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, server.Close()) })
		cfg := server.Config()
		s.calls = &callLog{next: cfg.HTTPClient}
		cfg.HTTPClient = s.calls
		client = dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.Retryer = fourTimes() })
	}
	db, err := monotable.Open(client, taskSchema)
	require.NoError(t, err)
	s.db = db
	s.tasks, s.versioned, s.guarded = tableOf[task](t, db, taskModel), tableOf[task](t, db, versionedTasks),
		tableOf[task](t, db, guardedTasks)
	return s
}

// unlimited lets the retryer go on, however many attempts fail.
type unlimited struct{}

func (unlimited) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (unlimited) AddTokens(uint) error { return nil }

// shake makes each attempt of a write fail with that chance.
func (s *shaky) shake(chance float64) {
	each := chance / float64(len(faultsOfAttempt))
	for _, do := range faultsOfAttempt {
		s.injections = append(s.injections, s.Inject(dynamotest.Fault{Chance: each, Do: do,
			On: dynamotest.Match{Where: func(in any) bool {
				switch in.(type) {
				case *dynamodb.PutItemInput, *dynamodb.UpdateItemInput, *dynamodb.DeleteItemInput,
					*dynamodb.TransactWriteItemsInput:
					return true
				}
				return false
			}}}))
	}
}

// calm takes the faults away, and checks that each of them struck.
func (s *shaky) calm(t *testing.T) {
	t.Helper()
	for i, injection := range s.injections {
		if injection.Fired() == 0 {
			t.Logf("no attempt was %s", everyAttemptIs[i])
		}
	}
	s.ClearFaults()
}

// callLog keeps what each attempt of a call was answered, where the context has a place for it.
type callLog struct{ next dynamodb.HTTPClient }

type attemptsKey struct{}

// answered is one attempt: the token of its transaction, and how it ended.
type answered struct {
	token string
	how   string // the error's type, "ok", or "lost"
}

func (l *callLog) Do(request *http.Request) (*http.Response, error) {
	log, ok := request.Context().Value(attemptsKey{}).(*[]answered)
	if !ok {
		return l.next.Do(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	var sent struct{ ClientRequestToken string }
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	response, err := l.next.Do(request)
	a := answered{token: sent.ClientRequestToken, how: "lost"}
	if err == nil {
		text, cut := io.ReadAll(response.Body)
		response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(text), endsWith{cut}))
		var failed struct {
			Type string `json:"__type"`
		}
		switch {
		case response.StatusCode == http.StatusOK:
			a.how = "ok"
		case response.StatusCode/100 == 4 && json.Unmarshal(text, &failed) == nil:
			_, a.how, _ = strings.Cut(failed.Type, "#")
		}
	}
	*log = append(*log, a)
	return response, err
}

type endsWith struct{ err error }

func (e endsWith) Read([]byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	return 0, io.EOF
}

// A claim is one way of taking a job that others want too: nil means that it is ours.
type claim struct {
	name  string
	table func(*shaky) *monotable.Table[task]
	take  func(ctx context.Context, s *shaky, id string, worker int) error
	gone  bool // the job is taken by removing it
	bare  bool // there is no job before it is taken
}

func take(worker int) func(*task) error {
	return func(x *task) error {
		if x.State != "queued" {
			return errTaken
		}
		x.State, x.Worker = "running", worker
		return nil
	}
}

func plainTasks(s *shaky) *monotable.Table[task] { return s.tasks }

func running(worker int) expression.UpdateBuilder {
	return expression.Set(expression.Name("state"), expression.Value("running")).
		Set(expression.Name("worker"), expression.Value(worker))
}

var claims = []claim{
	{name: "Update", table: plainTasks, take: func(ctx context.Context, s *shaky, id string, worker int) error {
		_, err := s.tasks.Update(ctx, task{ID: id}, running(worker), monotable.If(queued))
		return err
	}},
	{name: "Update at a version", table: func(s *shaky) *monotable.Table[task] { return s.versioned },
		take: func(ctx context.Context, s *shaky, id string, worker int) error {
			_, err := s.versioned.Update(ctx, task{ID: id}, running(worker), monotable.AtVersion(1))
			return err
		}},
	{name: "Update and Old", table: plainTasks, take: func(ctx context.Context, s *shaky, id string, worker int) error {
		var old task
		_, err := s.tasks.Update(ctx, task{ID: id}, running(worker), monotable.If(queued), monotable.Old(&old))
		if err == nil && old.State != "queued" {
			return fmt.Errorf("old is %s", old.State)
		}
		return err
	}},
	{name: "Modify", table: plainTasks, take: func(ctx context.Context, s *shaky, id string, worker int) error {
		_, err := s.tasks.Modify(ctx, task{ID: id}, take(worker))
		return err
	}},
	{name: "Modify with a version", table: func(s *shaky) *monotable.Table[task] { return s.versioned },
		take: func(ctx context.Context, s *shaky, id string, worker int) error {
			_, err := s.versioned.Modify(ctx, task{ID: id}, take(worker))
			return err
		}},
	{name: "Modify once", table: plainTasks, take: func(ctx context.Context, s *shaky, id string, worker int) error {
		_, err := s.tasks.Modify(ctx, task{ID: id}, take(worker), monotable.Once())
		return err
	}},
	{name: "Modify with guards", table: func(s *shaky) *monotable.Table[task] { return s.guarded },
		take: func(ctx context.Context, s *shaky, id string, worker int) error {
			_, err := s.guarded.Modify(ctx, task{ID: id}, func(x *task) error {
				x.Slot = id
				return take(worker)(x)
			})
			return err
		}},
	{name: "Put with a version", table: func(s *shaky) *monotable.Table[task] { return s.versioned },
		take: func(ctx context.Context, s *shaky, id string, worker int) error {
			return s.versioned.Put(ctx, &task{ID: id, State: "running", Worker: worker, V: 1})
		}},
	{name: "Put if", table: plainTasks, take: func(ctx context.Context, s *shaky, id string, worker int) error {
		return s.tasks.Put(ctx, &task{ID: id, State: "running", Worker: worker}, monotable.If(queued))
	}},
	{name: "Put once", table: plainTasks, take: func(ctx context.Context, s *shaky, id string, worker int) error {
		return s.tasks.Put(ctx, &task{ID: id, State: "running", Worker: worker}, monotable.If(queued), monotable.Once())
	}},
	{name: "Create", bare: true, table: plainTasks, take: func(ctx context.Context, s *shaky, id string, _ int) error {
		return s.tasks.Create(ctx, &task{ID: id, State: "running"}) // the same item of all of them
	}},
	{name: "Create once", bare: true, table: plainTasks,
		take: func(ctx context.Context, s *shaky, id string, _ int) error {
			return s.tasks.Create(ctx, &task{ID: id, State: "running"}, monotable.Once())
		}},
	{name: "Create with guards", bare: true, table: func(s *shaky) *monotable.Table[task] { return s.guarded },
		take: func(ctx context.Context, s *shaky, id string, _ int) error {
			return s.guarded.Create(ctx, &task{ID: id, State: "running", Slot: id})
		}},
	{name: "Delete if", gone: true, table: plainTasks,
		take: func(ctx context.Context, s *shaky, id string, _ int) error {
			return s.tasks.Delete(ctx, task{ID: id}, monotable.If(queued))
		}},
	{name: "Delete once", gone: true, table: plainTasks,
		take: func(ctx context.Context, s *shaky, id string, _ int) error {
			return s.tasks.Delete(ctx, task{ID: id}, monotable.If(queued), monotable.Once())
		}},
	{name: "Delete and Old", gone: true, table: plainTasks,
		take: func(ctx context.Context, s *shaky, id string, _ int) error {
			var old task
			if err := s.tasks.Delete(ctx, task{ID: id}, monotable.Old(&old)); err != nil {
				return err
			}
			if old.ID == "" {
				return errTaken
			}
			return nil
		}},
	{name: "Write", table: plainTasks, take: func(ctx context.Context, s *shaky, id string, worker int) error {
		return s.db.Write(ctx, []monotable.Op{
			s.tasks.UpdateOp(task{ID: id}, running(worker), monotable.If(queued)),
			s.tasks.PutOp(&task{ID: fmt.Sprint("log-", id, worker)}),
		}, monotable.Retry(3))
	}},
}

const workers = 8

// calledBy runs f of each worker for each id, all at a time.
func calledBy(ids int, f func(worker int, id string)) {
	var all sync.WaitGroup
	for worker := 1; worker <= workers; worker++ {
		all.Go(func() {
			for _, i := range rand.Perm(ids) {
				f(worker, fmt.Sprint("job-", i))
			}
		})
	}
	all.Wait()
}

// definite repeats a call that was refused in passing: nothing was written, so that a program goes on.
func definite(call func() error) (err error) {
	for range 20 {
		err = call()
		if errors.Is(err, monotable.ErrAmbiguous) ||
			!errors.Is(err, monotable.ErrThrottled) && !errors.Is(err, monotable.ErrConflict) {
			return err
		}
	}
	return err
}

// Eight workers want the same jobs, while attempts fail in all the ways there are. A job has one winner at most, nobody
// has a job who was told that he has not, and whoever was told that he has it has it.
func TestAJobHasOneWinner(t *testing.T) {
	for _, by := range []way{once, repeated, overHTTP} {
		for _, chance := range []float64{0.05, 0.3} {
			for _, c := range claims {
				t.Run(fmt.Sprintf("%s, %s, %g", c.name, by, chance), func(t *testing.T) {
					t.Parallel()
					s := newShaky(t, by)
					const jobs = 25
					if !c.bare {
						for i := range jobs {
							require.NoError(t,
								c.table(s).Create(t.Context(), &task{ID: fmt.Sprint("job-", i), State: "queued"}))
						}
					}
					s.shake(chance)
					var mu sync.Mutex
					winners, unsure := map[string][]int{}, map[string]map[int]bool{}
					calledBy(jobs, func(worker int, id string) {
						err := definite(func() error { return c.take(t.Context(), s, id, worker) })
						mu.Lock()
						defer mu.Unlock()
						switch {
						case err == nil:
							winners[id] = append(winners[id], worker)
						case errors.Is(err, monotable.ErrAmbiguous):
							if unsure[id] == nil {
								unsure[id] = map[int]bool{}
							}
							unsure[id][worker] = true
						case errors.Is(err, errTaken), errors.Is(err, monotable.ErrCondition),
							errors.Is(err, monotable.ErrExists),
							errors.Is(err, monotable.ErrNotFound), errors.Is(err, monotable.ErrThrottled),
							errors.Is(err, monotable.ErrConflict), refusalCut(err):
						default:
							t.Errorf("neither won nor lost: %v", err)
						}
					})
					s.calm(t)
					for i := range jobs {
						id := fmt.Sprint("job-", i)
						assert.LessOrEqual(t, len(winners[id]), 1, "%s is taken by %v", id, winners[id])
						x, err := c.table(s).Get(t.Context(), task{ID: id}, monotable.Consistent())
						taken := c.gone && errors.Is(err, monotable.ErrNotFound) || err == nil && x.State == "running"
						assert.Equal(t, taken, taken &&
							(len(winners[id]) == 1 || len(unsure[id]) > 0), "somebody has it and was told otherwise")
						assert.True(t, taken || len(winners[id]) == 0, "whoever won has it")
						if taken && x.Worker != 0 {
							assert.True(t, unsure[id][x.Worker] ||
								len(winners[id]) == 1 && winners[id][0] == x.Worker, "%s has %d", id, x.Worker)
						}
					}
				})
			}
		}
	}
}

// An increment is one way of adding one.
type increment struct {
	name  string
	table func(*shaky) *monotable.Table[task]
	add   func(ctx context.Context, s *shaky, id string) error
	once  bool
}

func addOne(x *task) error { x.N++; return nil }

var increments = []increment{
	{name: "Update", table: plainTasks, add: func(ctx context.Context, s *shaky, id string) error {
		_, err := s.tasks.Update(ctx, task{ID: id}, expression.Add(expression.Name("n"), expression.Value(1)))
		return err
	}},
	{name: "Update by arithmetic", table: plainTasks, add: func(ctx context.Context, s *shaky, id string) error {
		n := expression.Name("n")
		_, err := s.tasks.Update(ctx, task{ID: id}, expression.Set(n, n.Plus(expression.Value(1))))
		return err
	}},
	{name: "Upsert", table: func(s *shaky) *monotable.Table[task] { return s.versioned },
		add: func(ctx context.Context, s *shaky, id string) error {
			_, err := s.versioned.Upsert(ctx, task{ID: id}, expression.Add(expression.Name("n"), expression.Value(1)))
			return err
		}},
	{name: "Modify", table: plainTasks, add: func(ctx context.Context, s *shaky, id string) error {
		_, err := s.tasks.Modify(ctx, task{ID: id}, addOne)
		return err
	}},
	{name: "Modify with a version", table: func(s *shaky) *monotable.Table[task] { return s.versioned },
		add: func(ctx context.Context, s *shaky, id string) error {
			_, err := s.versioned.Modify(ctx, task{ID: id}, addOne)
			return err
		}},
	{name: "Modify once", once: true, table: plainTasks, add: func(ctx context.Context, s *shaky, id string) error {
		_, err := s.tasks.Modify(ctx, task{ID: id}, addOne, monotable.Once())
		return err
	}},
	{name: "Modify with guards", table: func(s *shaky) *monotable.Table[task] { return s.guarded },
		add: func(ctx context.Context, s *shaky, id string) error {
			_, err := s.guarded.Modify(ctx, task{ID: id}, func(x *task) error {
				x.Slot = fmt.Sprint(id, "-", x.N+1)
				return addOne(x)
			})
			return err
		}},
	{name: "Put with a version", table: func(s *shaky) *monotable.Table[task] { return s.versioned },
		add: func(ctx context.Context, s *shaky, id string) error {
			for {
				x, err := s.versioned.Get(ctx, task{ID: id}, monotable.Consistent())
				if err != nil {
					return err
				}
				x.N++
				if err = s.versioned.Put(ctx, &x); !errors.Is(err, monotable.ErrVersion) ||
					errors.Is(err, monotable.ErrAmbiguous) {
					return err
				}
			}
		}},
	{name: "Put with guards", table: func(s *shaky) *monotable.Table[task] { return s.guarded },
		add: func(ctx context.Context, s *shaky, id string) error {
			for {
				x, err := s.guarded.Get(ctx, task{ID: id}, monotable.Consistent())
				if err != nil {
					return err
				}
				seen := x.N
				x.N++
				x.Slot = fmt.Sprint(id, "-", x.N)
				err = s.guarded.Put(ctx, &x, monotable.If(expression.Name("n").Equal(expression.Value(seen))))
				if lost := errors.Is(err, monotable.ErrCondition) || errors.Is(err, monotable.ErrExists); !lost ||
					errors.Is(err, monotable.ErrAmbiguous) {
					return err
				}
			}
		}},
	{name: "Write", once: true, table: plainTasks, add: func(ctx context.Context, s *shaky, id string) error {
		return s.db.Write(ctx, []monotable.Op{s.tasks.UpdateOp(task{ID: id},
			expression.Add(expression.Name("n"), expression.Value(1)))}, monotable.Retry(20))
	}},
}

// Eight workers add to the same counters while attempts fail: a counter has counted what was said to be done, and at
// most what may have been done besides. Under a token there is no doubt but where no attempt behind the lost one was
// answered with a success or a cancellation.
func TestCountersCountWhatWasSaid(t *testing.T) {
	for _, by := range []way{once, repeated, overHTTP} {
		for _, chance := range []float64{0.05, 0.15, 0.3} {
			for _, c := range increments {
				t.Run(fmt.Sprintf("%s, %s, %g", c.name, by, chance), func(t *testing.T) {
					t.Parallel()
					s := newShaky(t, by)
					const counters, rounds = 4, 3
					for i := range counters {
						require.NoError(t, c.table(s).Create(t.Context(), &task{ID: fmt.Sprint("job-", i)}))
					}
					s.shake(chance)
					var done, unsure [counters]atomic.Int64
					for range rounds {
						calledBy(counters, func(_ int, id string) {
							var log []answered
							ctx := context.WithValue(t.Context(), attemptsKey{}, &log)
							err := definite(func() error { log = nil; return c.add(ctx, s, id) })
							var n int
							_, _ = fmt.Sscanf(id, "job-%d", &n)
							switch {
							case err == nil:
								done[n].Add(1)
							case errors.Is(err, monotable.ErrAmbiguous):
								unsure[n].Add(1)
								if c.once && by == overHTTP {
									assert.True(t, unanswered(log), "there is no doubt after %v: %v", log, err)
								}
							case errors.Is(err, monotable.ErrThrottled), errors.Is(err, monotable.ErrConflict),
								errors.Is(err, monotable.ErrCondition), refusalCut(err):
							default:
								t.Errorf("neither done nor not: %v", err)
							}
						})
					}
					s.calm(t)
					for i := range counters {
						x, err := c.table(s).Get(t.Context(), task{ID: fmt.Sprint("job-", i)}, monotable.Consistent())
						require.NoError(t, err)
						assert.GreaterOrEqual(t, int64(x.N), done[i].Load())
						assert.LessOrEqual(t, int64(x.N), done[i].Load()+unsure[i].Load())
					}
				})
			}
		}
	}
}

// refusalCut tells that the service refused a request, and that its reason was cut.
func refusalCut(err error) bool {
	var response interface{ HTTPStatusCode() int }
	var cut *smithy.DeserializationError
	return errors.As(err, &cut) && errors.As(err, &response) && response.HTTPStatusCode() == http.StatusBadRequest
}

// unanswered tells whether the last transaction of a call had an answer lost, and none behind that settles it.
func unanswered(log []answered) bool {
	lost := false
	for _, a := range log {
		if a.token != log[len(log)-1].token {
			continue
		}
		switch a.how {
		case "lost", "":
			lost = true
		case "ok", "TransactionCanceledException":
			return false
		}
	}
	return lost
}

// What is read of an error, by what programs ask of it.
func readings(err error) string {
	text := ""
	for _, is := range []error{monotable.ErrNotFound, monotable.ErrExists, monotable.ErrCondition, monotable.ErrVersion,
		monotable.ErrConflict, monotable.ErrThrottled, monotable.ErrAmbiguous, syscall.ECONNRESET} {
		if errors.Is(err, is) {
			text += is.Error() + "; "
		}
	}
	var api smithy.APIError
	var cut *smithy.DeserializationError
	var failed *monotable.Error
	if errors.As(err, &api) {
		text += api.ErrorCode() + "; "
	}
	if errors.As(err, &failed) {
		text += failed.Op + "; "
	}
	return fmt.Sprint(text, err == nil, errors.As(err, &cut))
}

// One program of calls, under faults drawn from one seed, makes the same attempts, has the same results and the same
// errors in the process, where attempts are repeated, as over HTTP, where the SDK repeats them.
func TestRepeatedInTheProcessAsOverHTTP(t *testing.T) {
	for seed := range uint64(4) {
		both := []*shaky{newShaky(t, repeated, dynamotest.WithSeed(seed)),
			newShaky(t, overHTTP, dynamotest.WithSeed(seed))}
		random, ambiguous, repeats := rand.New(rand.NewPCG(seed, 0)), 0, 0
		for i := range 40 {
			id := fmt.Sprint("job-", i%10)
			for _, s := range both {
				for _, c := range claims {
					_ = c.table(s).Put(t.Context(), &task{ID: id, State: "queued", V: 0})
				}
				s.shake(0.1)
			}
			for range 6 {
				claimed, added, worker := random.IntN(len(claims)), random.IntN(len(increments)), random.IntN(3)
				var said []string
				for _, s := range both {
					before := attemptsAt(s)
					err := claims[claimed].take(t.Context(), s, id, worker)
					if errors.Is(err, monotable.ErrAmbiguous) {
						ambiguous++
					}
					more := increments[added].add(t.Context(), s, id)
					attempts := attemptsAt(s) - before
					repeats = max(repeats, attempts)
					said = append(said, fmt.Sprint(readings(err), " | ", readings(more), " | ", attempts))
				}
				require.Equal(t, said[1], said[0], "%s, then %s", claims[claimed].name, increments[added].name)
			}
			var stored []string
			for _, s := range both {
				s.ClearFaults()
				stored = append(stored, s.Dump())
			}
			require.Equal(t, stored[1], stored[0])
		}
		assert.NotZero(t, ambiguous)
		assert.Greater(t, repeats, 4)
	}
}

func attemptsAt(s *shaky) (n int) {
	for _, operation := range []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"} {
		n += int(s.Usage().Operation(operation).Calls)
	}
	return n
}
