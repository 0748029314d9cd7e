package tasks

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// ask is a request of a user, with what its headers say.
type ask struct {
	*http.Request
	by   User
	seen int64  // If-Match: the task's version as the client saw it; 0, which none has, where it says nothing
	key  string // Idempotency-Key: what the client calls the request by, when it sends it again too
}

type handler func(*ask) (any, error)

type server struct{ *Store }

// Handler serves a store. Who asks is in the headers X-Tenant and X-User, which the gateway in front of it sets.
func Handler(store *Store) http.Handler {
	s, mux := server{store}, http.NewServeMux()
	const project, task = " /projects/{project}", " /projects/{project}/tasks/{task}"
	for pattern, answer := range map[string]handler{
		"POST /users":                       in(s.addUser),
		"GET /users":                        s.findUser,
		"GET /audit":                        s.audit,
		"DELETE /tenant":                    s.deleteTenant,
		"GET /projects":                     s.projects,
		"POST /projects":                    in(s.addProject),
		"PUT" + project + "/members/{user}": s.asMember(s.addMember),
		"GET" + project + "/board/{column}": s.asMember(s.board),
		"POST" + project + "/tasks":         keyed(in(s.addTask)), // its transaction asks whether by is a member
		"GET" + task:                        s.asMember(s.task),
		"PATCH" + task:                      s.asMember(in(s.editTask)),
		"DELETE" + task:                     s.asMember(s.trashTask),
		"PUT" + task + "/place":             s.asMember(in(s.moveTask)),
		"DELETE" + task + "/trash":          s.asMember(s.restoreTask),
		"POST" + task + "/comments":         keyed(in(s.addComment)), // likewise
		"GET" + task + "/comments":          s.asMember(s.comments),
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			by, err := s.Authenticate(r.Context(), r.Header.Get("X-Tenant"), r.Header.Get("X-User"))
			if err != nil {
				reply(w, nil, err)
				return
			}
			seen, _ := strconv.ParseInt(strings.Trim(r.Header.Get("If-Match"), `"`), 10, 64)
			v, err := answer(&ask{r, by, seen, r.Header.Get("Idempotency-Key")})
			reply(w, v, err)
		})
	}
	return mux
}

// asMember answers members of the project alone.
func (s server) asMember(answer handler) handler {
	return func(q *ask) (any, error) {
		err := s.RequireMember(q.Context(), Member{Tenant: q.by.Tenant, Project: q.PathValue("project"), User: q.by.ID})
		if err != nil {
			return nil, err
		}
		return answer(q)
	}
}

// keyed answers requests with an Idempotency-Key alone.
func keyed(answer handler) handler {
	return func(q *ask) (any, error) {
		if q.key == "" {
			return nil, refusal{http.StatusBadRequest, "Idempotency-Key is a text of yours, the same when you ask again"}
		}
		return answer(q)
	}
}

// in reads the request's JSON.
func in[T any](answer func(*ask, T) (any, error)) handler {
	return func(q *ask) (any, error) {
		var given T
		if err := json.NewDecoder(http.MaxBytesReader(nil, q.Body, 1<<16)).Decode(&given); err != nil {
			return nil, refusal{http.StatusBadRequest, "the body is not the JSON that is expected"}
		}
		return answer(q, given)
	}
}

// refusal is an answer that the request itself is the reason of.
type refusal struct {
	status int
	text   string
}

func (r refusal) Error() string { return r.text }

// statuses are what errors mean over HTTP. What may have taken place comes first: such a request is to be sent again,
// under the key or the version that it was sent with.
var statuses = []struct {
	code int
	of   []error
}{
	{http.StatusServiceUnavailable, []error{monotable.ErrAmbiguous, monotable.ErrThrottled, monotable.ErrConflict}},
	{http.StatusBadRequest, []error{monotable.ErrCursor, monotable.ErrKey, monotable.ErrTooLarge}},
	{http.StatusForbidden, []error{ErrForbidden, ErrClosed}},
	{http.StatusConflict, []error{ErrTaken, monotable.ErrExists}},
	{http.StatusPreconditionFailed, []error{monotable.ErrVersion}},
	{http.StatusGone, []error{ErrGone, monotable.ErrCondition}},
	{http.StatusNotFound, []error{monotable.ErrNotFound}},
}

func refusalOf(err error) refusal {
	var said refusal
	var reused *types.IdempotentParameterMismatchException
	if errors.As(err, &said) {
		return said
	}
	if errors.As(err, &reused) {
		return refusal{http.StatusUnprocessableEntity, "that Idempotency-Key was another request's"}
	}
	for _, s := range statuses {
		if slices.ContainsFunc(s.of, func(target error) bool { return errors.Is(err, target) }) {
			return refusal{s.code, http.StatusText(s.code)}
		}
	}
	return refusal{http.StatusInternalServerError, "something went wrong"}
}

// reply writes an answer; a task's version is its ETag.
func reply(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	if err != nil {
		r := refusalOf(err)
		status, v = r.status, map[string]string{"error": r.text}
	}
	if t, ok := v.(Task); ok {
		w.Header().Set("ETag", strconv.Quote(strconv.FormatInt(t.Version, 10)))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that has gone is told nothing more
}

// pageOf is a page as a browser gets it: next is the value of after for the one behind it, "" at the end.
func pageOf[T any](p monotable.Page[T], err error) (any, error) {
	return map[string]any{"items": p.Items, "next": p.Next}, err
}

// page is how long a page is and where it starts.
func (q *ask) page() []monotable.QueryOption {
	limit, _ := strconv.Atoi(q.FormValue("limit"))
	return PageOf(min(max(cmp.Or(limit, 20), 1), 100), monotable.Cursor(q.FormValue("after")))
}

// task is the key of the task in the path, or the column there.
func (q *ask) task() Task {
	return Task{Tenant: q.by.Tenant, Project: q.PathValue("project"), ID: q.PathValue("task"),
		Column: q.PathValue("column")}
}

func (s server) findUser(q *ask) (any, error) {
	return s.UserOf(q.Context(), q.by.Tenant, q.FormValue("email"))
}
func (s server) projects(q *ask) (any, error) { return s.ProjectsOf(q.Context(), q.by) }
func (s server) deleteTenant(q *ask) (any, error) {
	return nil, s.DeleteTenant(q.Context(), q.by.Tenant, 500)
}
func (s server) board(q *ask) (any, error) {
	return pageOf(s.BoardPage(q.Context(), q.task(), q.page()...))
}
func (s server) task(q *ask) (any, error) { return s.GetTask(q.Context(), q.task()) }
func (s server) trashTask(q *ask) (any, error) {
	return nil, s.TrashTask(q.Context(), q.task(), q.seen, q.by.ID)
}
func (s server) restoreTask(q *ask) (any, error) {
	return s.RestoreTask(q.Context(), q.task(), q.by.ID)
}
func (s server) comments(q *ask) (any, error) {
	return pageOf(s.CommentsPage(q.Context(), q.task(), q.page()...))
}

func (s server) addUser(q *ask, u User) (any, error) {
	u.Tenant = q.by.Tenant
	return u, s.AddUser(q.Context(), u)
}

func (s server) audit(q *ask) (any, error) {
	if day, err := time.Parse(time.DateOnly, q.FormValue("day")); err == nil {
		return s.AuditDay(q.Context(), q.by.Tenant, day)
	}
	month, err := time.Parse("2006-01", q.FormValue("month"))
	if err != nil {
		return nil, refusal{http.StatusBadRequest, "ask for a day=2026-11-28 or a month=2026-11"}
	}
	return pageOf(s.AuditMonth(q.Context(), q.by.Tenant, month, q.page()...))
}

func (s server) addProject(q *ask, p Project) (any, error) {
	p.Tenant, p.Tasks = q.by.Tenant, 0
	return p, s.AddProject(q.Context(), p, q.by.ID)
}

func (s server) addMember(q *ask) (any, error) {
	m := Member{Tenant: q.by.Tenant, Project: q.PathValue("project"), User: q.PathValue("user")}
	return m, s.AddMember(q.Context(), m)
}

func (s server) addTask(q *ask, given Task) (any, error) {
	t := q.task()
	t.Title, t.Notes, t.Assignee, t.Priority, t.Column = given.Title, given.Notes, given.Assignee, given.Priority,
		given.Column
	return s.AddTask(q.Context(), t, q.by.ID, q.key)
}

// editTask takes a JSON merge patch: what it names is changed, and what it names as null is removed.
func (s server) editTask(q *ask, given map[string]*string) (any, error) {
	t := q.task()
	editable := map[string]*string{"title": &t.Title, "notes": &t.Notes, "assignee": &t.Assignee,
		"priority": &t.Priority}
	var names []string
	for name, value := range given {
		if editable[name] == nil {
			return nil, refusal{http.StatusBadRequest, "only title, notes, assignee and priority can be edited"}
		}
		if names = append(names, name); value != nil {
			*editable[name] = *value
		}
	}
	return s.EditTask(q.Context(), t, names, q.seen, q.by.ID)
}

func (s server) moveTask(q *ask, to struct {
	Column string
	Behind int64 `json:",string"` // the rank of the task above it; 0 for the top
}) (any, error) {
	return s.MoveTask(q.Context(), q.task(), to.Column, to.Behind, q.seen, q.by.ID)
}

func (s server) addComment(q *ask, c Comment) (any, error) {
	if c.At.IsZero() || c.At.After(s.Now().Add(time.Minute)) {
		return nil, refusal{http.StatusBadRequest, "at is when the comment was written"}
	}
	return s.AddComment(q.Context(), Comment{Tenant: q.by.Tenant, Task: q.PathValue("task"), At: c.At.UTC(),
		Author: q.by.ID, Text: c.Text}, q.PathValue("project"), q.key)
}
