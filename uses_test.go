package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

// What services write, as a whole: small programs, and that they do what they say.

var errNotOurs = errors.New("somebody else has it")

// takeJob gives a job to one worker; ours says whether it is known to be that one's.
func takeJob(ctx context.Context, jobs *monotable.Table[job], id, me string) (ours bool, err error) {
	_, err = jobs.Modify(ctx, job{ID: id}, func(j *job) error {
		if j.State != "queued" {
			return errNotOurs
		}
		j.State, j.Worker = "running", me
		return nil
	}, monotable.Once())
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, errNotOurs), errors.Is(err, monotable.ErrAmbiguous):
		return false, nil
	}
	return false, err
}

// However answers are lost, a job is never two workers'.
func TestOneWorkerTakesAJob(t *testing.T) {
	for seed := range uint64(20) {
		client := dynamotest.NewClient()
		_, jobs := jobsOn(client)
		for _, effect := range []dynamotest.Effect{dynamotest.LoseAnswer(), dynamotest.Conflict()} {
			client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "TransactWriteItems"}, Do: effect,
				Skip: int(seed % 3), Chance: 0.4})
		}
		var mu sync.Mutex
		var running sync.WaitGroup
		workers := 0
		for i := range 8 {
			running.Go(func() {
				ours, err := takeJob(t.Context(), jobs, "1", fmt.Sprint("w", i))
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				if ours {
					workers++
				}
			})
		}
		running.Wait()
		assert.LessOrEqual(t, workers, 1)
	}
}

// putProfile is a handler that changes a profile if it is at the version that the browser saw.
func putProfile(profiles *monotable.Table[profile]) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		seen, err := strconv.ParseInt(r.Header.Get("If-Match"), 10, 64)
		if err != nil {
			w.WriteHeader(http.StatusPreconditionRequired)
			return
		}
		key := profile{ID: r.PathValue("id")}
		now, err := profiles.Modify(r.Context(), key, func(p *profile) error {
			p.Email = r.FormValue("email")
			return nil
		}, monotable.AtVersion(seen))
		switch {
		case errors.Is(err, monotable.ErrVersion):
			w.WriteHeader(http.StatusPreconditionFailed)
		case errors.Is(err, monotable.ErrNotFound):
			w.WriteHeader(http.StatusNotFound)
		case err != nil:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.Header().Set("ETag", strconv.FormatInt(now.Version, 10))
		}
	}
}

func TestIfMatchOfABrowser(t *testing.T) {
	db, _ := newDB(t, store)
	profiles := tableOf[profile](t, db, profileModel)
	require.NoError(t, profiles.Create(t.Context(), &profile{ID: "ann", Email: "a@b.c"}))
	mux := http.NewServeMux()
	mux.Handle("PUT /{id}", putProfile(profiles))
	send := func(id, version, email string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/"+id+"?email="+email, nil)
		r.Header.Set("If-Match", version)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	w := send("ann", "1", "new@b.c")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "2", w.Header().Get("ETag"))
	assert.Equal(t, http.StatusPreconditionFailed, send("ann", "1", "late@b.c").Code)
	assert.Equal(t, http.StatusNotFound, send("ben", "1", "x").Code)
	now, err := profiles.Get(t.Context(), profile{ID: "ann"})
	require.NoError(t, err)
	assert.Equal(t, "new@b.c", now.Email)
}

var errGone, errForbidden = errors.New("the task is gone"), errors.New("no member of the tenant")

// A counter that is raised with what it counts, where both the counter's item and the writer's right are checked.
func TestACommentAndItsCounter(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	type task struct {
		Tenant   string `dynamodbav:"tenant"`
		ID       string `dynamodbav:"id"`
		Version  int64  `dynamodbav:"v"`
		Comments int    `dynamodbav:"comments"`
		Deleted  string `dynamodbav:"deleted_at,omitempty"`
	}
	type comment struct {
		Task string `dynamodbav:"task"`
		ID   string `dynamodbav:"id"`
	}
	type member struct {
		Tenant string `dynamodbav:"tenant"`
		User   string `dynamodbav:"user"`
	}
	tasks := tableOf[task](t, db, monotable.Model{Version: "v", Uncounted: []string{"comments"},
		Keys: map[string]string{"PK": "TENANT#{tenant}", "SK": "TASK#{id}"}})
	comments := tableOf[comment](t, db, monotable.Model{Keys: map[string]string{"PK": "TASK#{task}", "SK": "{id}"}})
	members := tableOf[member](t, db, monotable.Model{Keys: map[string]string{"PK": "TENANT#{tenant}",
		"SK": "MEMBER#{user}"}})
	add := func(id, user, on string) error {
		return db.Write(ctx, []monotable.Op{
			comments.CreateOp(&comment{Task: on, ID: id}),
			tasks.UpdateOp(task{Tenant: "t", ID: on}, monotable.Add("comments", 1),
				monotable.If(monotable.Absent("deleted_at"))).Else(errGone),
			members.CheckOp(member{Tenant: "t", User: user}).Else(errForbidden),
		}, monotable.Retry(3))
	}
	require.NoError(t, tasks.Create(ctx, &task{Tenant: "t", ID: "1"}))
	require.NoError(t, tasks.Create(ctx, &task{Tenant: "t", ID: "2", Deleted: "yesterday"}))
	require.NoError(t, members.Create(ctx, &member{Tenant: "t", User: "ann"}))
	require.NoError(t, add("c1", "ann", "1"))
	require.NoError(t, add("c2", "ann", "1"))
	for _, c := range []struct {
		err  error
		want error
		kind error
	}{
		{add("c3", "ben", "1"), errForbidden, monotable.ErrNotFound},
		{add("c3", "ann", "2"), errGone, monotable.ErrCondition},
		{add("c3", "ann", "3"), errGone, monotable.ErrNotFound},
	} {
		require.ErrorIs(t, c.err, c.want)
		require.ErrorIs(t, c.err, c.kind)
	}
	err := add("c1", "ann", "1")
	require.ErrorIs(t, err, monotable.ErrExists)
	assert.False(t, errors.Is(err, errGone) || errors.Is(err, errForbidden))
	now, err := tasks.Get(ctx, task{Tenant: "t", ID: "1"})
	require.NoError(t, err)
	assert.Equal(t, 2, now.Comments)
	assert.Equal(t, int64(1), now.Version, "comments disturb nobody who has seen the task")
}
