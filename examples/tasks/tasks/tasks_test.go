package tasks_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/tasks/tasks"
)

func TestWhoMayAsk(t *testing.T) {
	f := newFixture(t)
	task := "/projects/web/tasks/" + f.add(t, "a").body.ID
	for _, by := range []string{"bob", "nobody", "evil/ann", "/", "none/ann"} {
		f.must(t, http.StatusForbidden, by, "GET "+task, "", "")
		f.must(t, http.StatusForbidden, by, "GET /projects/web/board/todo", "", "")
		f.must(t, http.StatusForbidden, by, "POST /projects/web/tasks", "Idempotency-Key: 1", `{"title":"x"}`)
		f.must(t, http.StatusForbidden, by, "DELETE "+task, `If-Match: "1"`, "")
	}
	f.must(t, http.StatusOK, "ann", "PUT /projects/web/members/bob", "", "")
	f.must(t, http.StatusNotFound, "ann", "PUT /projects/web/members/nobody", "", "")
	f.must(t, http.StatusOK, "bob", "GET "+task, "", "")
	assert.Contains(t, f.must(t, http.StatusOK, "bob", "GET /projects", "", "").text, `"id":"web"`)
	f.must(t, http.StatusNotFound, "bob", "GET /projects/web/tasks/none", "", "")
}

func TestAnAddressIsOneUsers(t *testing.T) {
	f := newFixture(t)
	f.must(t, http.StatusConflict, "ann", "POST /users", "", `{"id":"cleo","email":"BOB@example.com"}`)
	f.must(t, http.StatusConflict, "ann", "POST /users", "", `{"id":"bob","email":"cleo@example.com"}`)
	f.must(t, http.StatusOK, "ann", "POST /users", "", `{"id":"cleo","email":"cleo@example.com"}`)
	assert.Equal(t, "cleo", f.must(t, http.StatusOK, "ann", "GET /users?email=Cleo@example.com", "", "").body.ID)
	f.must(t, http.StatusNotFound, "evil/ann", "GET /users?email=cleo@example.com", "", "")
	require.ErrorIs(t, f.SignUp(t.Context(), tasks.Tenant{ID: "acme"}), tasks.ErrTaken)
}

// Whenever a request is sent again, and whatever became of the first, there is one task and one comment.
func TestPostsAreIdempotent(t *testing.T) {
	const comment = `{"text":"hm","at":"2026-11-28T08:00:00Z"}`
	for _, effect := range []dynamotest.Effect{dynamotest.LoseAnswer(), dynamotest.InternalError(),
		dynamotest.Throttle()} {
		f := newFixture(t)
		post := func(status int, path, key, body string) answer {
			return f.must(t, status, "ann", "POST /projects/web/tasks"+path, "Idempotency-Key: "+key, body)
		}
		lose := func() {
			f.client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "TransactWriteItems"}, Times: 1, Do: effect})
		}
		lose()
		first := f.ask(t, "ann", "POST /projects/web/tasks", "Idempotency-Key: 1", `{"title":"a"}`)
		assert.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, first.status, first.text)
		again := post(http.StatusOK, "", "1", `{"title":"a"}`)
		f.now = f.now.Add(time.Hour)
		assert.Equal(t, again.body, post(http.StatusOK, "", "1", `{"title":"a"}`).body)
		assert.NotEqual(t, again.body.ID, post(http.StatusOK, "", "2", `{"title":"a"}`).body.ID)
		assert.Equal(t, 2, f.project(t).Tasks)
		assert.Equal(t, "a a", f.titles(t, "todo"))

		comments := "/" + again.body.ID + "/comments"
		lose()
		f.ask(t, "ann", "POST /projects/web/tasks"+comments, "Idempotency-Key: 3", comment)
		post(http.StatusOK, comments, "3", comment)
		post(http.StatusUnprocessableEntity, comments, "3", strings.Replace(comment, "hm", "ha", 1))
		f.now = f.now.Add(time.Hour)
		post(http.StatusOK, comments, "3", comment)
		seen := f.must(t, http.StatusOK, "ann", "GET /projects/web/tasks/"+again.body.ID, "", "")
		assert.Equal(t, 1, seen.body.Comments)
		assert.Equal(t, `"1"`, seen.etag, "a comment disturbs no editor")
		f.must(t, http.StatusBadRequest, "ann", "POST /projects/web/tasks", "", `{"title":"a"}`)
		post(http.StatusBadRequest, comments, "4", `{"text":"from tomorrow","at":"2026-11-29T19:00:00Z"}`)
	}
}

func TestIfMatch(t *testing.T) {
	f := newFixture(t)
	path := "/projects/web/tasks/" + f.add(t, "a").body.ID
	edit := func(status int, etag, body string) answer {
		return f.must(t, status, "ann", "PATCH "+path, "If-Match: "+etag, body)
	}
	assert.Equal(t, `"2"`, edit(http.StatusOK, `"1"`, `{"notes":"n","assignee":"bob"}`).etag)
	edit(http.StatusPreconditionFailed, `"1"`, `{"notes":"m"}`)
	edit(http.StatusPreconditionFailed, ``, `{"notes":"m"}`)
	edit(http.StatusBadRequest, `"2"`, `{"version":7}`)
	edit(http.StatusBadRequest, `"2"`, `{"column":"done"}`)
	edit(http.StatusOK, `"2"`, `{"notes":null}`)
	task, err := f.Tasks.Get(t.Context(), tasks.Task{Tenant: "acme", Project: "web", ID: f.add(t, "a").body.ID})
	require.NoError(t, err)
	assert.Empty(t, task.Notes)
	assert.Equal(t, "bob", task.Assignee)
	f.must(t, http.StatusNotFound, "ann", "PATCH /projects/web/tasks/none", `If-Match: "1"`, `{"notes":"m"}`)
	f.must(t, http.StatusOK, "ann", "PUT "+path+"/place", `If-Match: "3"`, `{"column":"done","behind":"0"}`)
	f.must(t, http.StatusPreconditionFailed, "ann", "PUT "+path+"/place", `If-Match: "3"`, `{"column":"todo"}`)
	f.must(t, http.StatusPreconditionFailed, "ann", "DELETE "+path, `If-Match: "3"`, "")
}

// Tasks are where they were put, and pages join to the whole column.
func TestBoard(t *testing.T) {
	f := newFixture(t)
	tasksOf := map[string]answer{}
	for _, title := range []string{"a", "b", "c", "d"} {
		tasksOf[title] = f.add(t, title)
	}
	assert.Equal(t, "d c b a", f.titles(t, "todo"))
	move := func(title, column, behind string) {
		t.Helper()
		rank := "0"
		if behind != "" {
			rank = tasksOf[behind].body.Rank
		}
		tasksOf[title] = f.must(t, http.StatusOK, "ann", "PUT /projects/web/tasks/"+tasksOf[title].body.ID+"/place",
			"If-Match: "+tasksOf[title].etag, fmt.Sprintf(`{"column":%q,"behind":%q}`, column, rank))
	}
	move("d", "todo", "b")
	assert.Equal(t, "c b d a", f.titles(t, "todo"))
	move("a", "todo", "")
	assert.Equal(t, "a c b d", f.titles(t, "todo"))
	move("c", "todo", "d")
	assert.Equal(t, "a b d c", f.titles(t, "todo"))
	move("b", "done", "")
	move("a", "done", "b")
	assert.Equal(t, "d c", f.titles(t, "todo"))
	assert.Equal(t, "b a", f.titles(t, "done"))

	var page answer
	var walked []string
	dynamotest.AssertCost(t, f.client, dynamotest.Budget{Read: 4, Calls: 8}, func() {
		for {
			page = f.must(t, http.StatusOK, "ann", "GET /projects/web/board/todo?limit=1&after="+page.body.Next, "", "")
			walked = append(walked, page.body.Items[0].Title)
			if page.body.Next == "" {
				break
			}
		}
	})
	assert.Equal(t, []string{"d", "c"}, walked, "the page of the last one says that it is the last")
	page = f.must(t, http.StatusOK, "ann", "GET /projects/web/board/todo?limit=1", "", "")
	f.must(t, http.StatusBadRequest, "ann", "GET /projects/web/board/done?after="+page.body.Next, "", "")
	f.must(t, http.StatusBadRequest, "ann", "GET /projects/web/board/todo?after=made-up", "", "")
}

func TestTrash(t *testing.T) {
	f := newFixture(t)
	a, b := f.add(t, "a"), f.add(t, "b")
	path := "/projects/web/tasks/" + a.body.ID
	f.must(t, http.StatusOK, "ann", "POST "+path+"/comments", "Idempotency-Key: 1",
		`{"text":"x","at":"2026-11-28T08:00:00Z"}`)
	f.must(t, http.StatusOK, "ann", "DELETE "+path, `If-Match: "1"`, "")
	assert.Equal(t, "b", f.titles(t, "todo"))
	assert.Equal(t, 1, f.project(t).Tasks)
	f.must(t, http.StatusGone, "ann", "GET "+path, "", "")
	f.must(t, http.StatusGone, "ann", "PATCH "+path, `If-Match: "2"`, `{"notes":"x"}`)
	f.must(t, http.StatusGone, "ann", "PUT "+path+"/place", `If-Match: "2"`, `{"column":"done","behind":"0"}`)
	f.must(t, http.StatusGone, "ann", "DELETE "+path, `If-Match: "2"`, "")
	f.must(t, http.StatusGone, "ann", "POST "+path+"/comments", "Idempotency-Key: 2",
		`{"text":"y","at":"2026-11-28T08:00:00Z"}`)
	f.must(t, http.StatusOK, "ann", "DELETE "+path+"/trash", "", "")
	assert.Equal(t, "b a", f.titles(t, "todo"))
	assert.Equal(t, 2, f.project(t).Tasks)

	f.must(t, http.StatusOK, "ann", "DELETE "+path, `If-Match: "3"`, "")
	f.now = f.now.Add(31 * 24 * time.Hour)
	f.must(t, http.StatusNotFound, "ann", "DELETE "+path+"/trash", "", "")
	assert.Equal(t, 1, f.client.SweepExpired())
	f.consume(t)
	left, err := monotable.Collect(f.Comments.Scan(t.Context()))
	require.NoError(t, err)
	assert.Empty(t, left)
	assert.Equal(t, "b", f.titles(t, "todo"))
	f.must(t, http.StatusOK, "ann", "GET /projects/web/tasks/"+b.body.ID, "", "")
}

// The log is the same however often the stream's records come.
func TestAudit(t *testing.T) {
	f := newFixture(t)
	path := "/projects/web/tasks/" + f.add(t, "a").body.ID
	f.must(t, http.StatusOK, "ann", "PATCH "+path, `If-Match: "1"`, `{"notes":"n"}`)
	f.must(t, http.StatusOK, "ann", "POST "+path+"/comments", "Idempotency-Key: 1",
		`{"text":"x","at":"2026-11-28T08:00:00Z"}`)
	f.consume(t)
	f.consume(t)
	f.now = time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC)
	f.must(t, http.StatusOK, "ann", "DELETE "+path, `If-Match: "2"`, "")
	f.now = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	f.must(t, http.StatusOK, "ann", "DELETE "+path+"/trash", "", "")
	f.consume(t)
	log := func(query string) (whats []string) {
		for _, e := range f.must(t, http.StatusOK, "ann", "GET /audit?"+query, "", "").body.Items {
			whats = append(whats, e.What)
		}
		return whats
	}
	assert.Equal(t, []string{"created", "edited", "trashed or restored"}, log("month=2026-11"))
	assert.Equal(t, []string{"trashed or restored"}, log("month=2026-12"))
	assert.Equal(t, []string{"created", "edited"}, log("month=2026-11&limit=2"))
	f.must(t, http.StatusBadRequest, "ann", "GET /audit", "", "")
	day, err := f.AuditDay(t.Context(), "acme", time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	assert.Len(t, day, 2)
	assert.Contains(t, f.must(t, http.StatusOK, "ann", "GET /audit?day=2026-11-28", "", "").text, "created")
	assert.Empty(t, f.must(t, http.StatusOK, "evil/ann", "GET /audit?month=2026-11", "", "").body.Items)
}

// A deletion that fails anywhere is called again, and nothing is left of the tenant, or missing of another.
func TestDeleteTenant(t *testing.T) {
	for skip := 0; ; skip += 3 {
		f := newFixture(t)
		before := f.client.Dump()
		f.must(t, http.StatusOK, "evil/ann", "POST /projects", "", `{"id":"web"}`)
		for i := range 3 {
			path := "/projects/web/tasks/" + f.add(t, fmt.Sprint("t", i)).body.ID
			f.must(t, http.StatusOK, "ann", "POST "+path+"/comments", fmt.Sprint("Idempotency-Key: ", i),
				`{"text":"x","at":"2026-11-28T08:00:00Z"}`)
		}
		f.consume(t)
		require.NotEqual(t, before, f.client.Dump())
		fault := f.client.Inject(dynamotest.Fault{Skip: skip, Times: 1, Do: dynamotest.Throttle()})
		a := f.ask(t, "ann", "DELETE /tenant", "", "")
		fired := fault.Fired() > 0
		assert.Equal(t, !fired, a.status == http.StatusOK, a.text)
		f.client.ClearFaults()
		require.NoError(t, f.DeleteTenant(t.Context(), "acme", 1000), "also where nothing is left")
		f.consume(t)
		assert.NotContains(t, f.client.Dump(), "acme")
		assert.Contains(t, f.must(t, http.StatusOK, "evil/ann", "GET /projects", "", "").text, `"id":"web"`)
		f.must(t, http.StatusForbidden, "ann", "GET /projects", "", "")
		if !fired {
			require.Greater(t, skip, 10)
			return
		}
	}
}

// A backfill that breaks off goes on where it was, and leaves alone what has a priority.
func TestBackfill(t *testing.T) {
	f := newFixture(t)
	for i := range 30 {
		a := f.add(t, fmt.Sprint("t", i))
		if i%3 == 0 {
			_, err := f.Tasks.Update(t.Context(), tasks.Task{Tenant: "acme", Project: "web", ID: a.body.ID},
				monotable.Remove("priority"))
			require.NoError(t, err)
		}
	}
	var at monotable.Cursor
	save := func(c monotable.Cursor) { at = c }
	f.client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "UpdateItem"}, Skip: 4, Times: 1,
		Do: dynamotest.InternalError()})
	changed, err := f.BackfillPriorities(t.Context(), at, 1e6, save)
	require.ErrorIs(t, err, monotable.ErrAmbiguous)
	more, err := f.BackfillPriorities(t.Context(), at, 1e6, save)
	require.NoError(t, err)
	assert.Contains(t, []int{9, 10}, changed+more)
	none, err := f.BackfillPriorities(t.Context(), "", 1e6, save)
	require.NoError(t, err)
	assert.Zero(t, none)
	all, err := monotable.Collect(f.Tasks.Scan(t.Context()))
	require.NoError(t, err)
	assert.Len(t, all, 30)
	for _, task := range all {
		assert.Equal(t, "normal", task.Priority)
	}
}
