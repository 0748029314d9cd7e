package tasks_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/tasks/tasks"
	"github.com/monotable/monotable/stream"
)

// fixture is a store with a tenant of its own: Ann's, with project web; Bob is no member, and Eve is of another tenant.
type fixture struct {
	*tasks.Store
	client  *dynamotest.Client
	handler http.Handler
	now     time.Time
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{now: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return f.now }
	f.client = dynamotest.NewWith(t, []dynamotest.Option{dynamotest.WithClock(clock)}, tasks.Schema)
	var err error
	f.Store, err = tasks.Open(f.client, []byte("0123456789abcdef"))
	require.NoError(t, err)
	f.Now, f.handler = clock, tasks.Handler(f.Store)
	require.NoError(t, f.SignUp(t.Context(), tasks.Tenant{ID: "acme"}, tasks.User{ID: "ann", Email: "ann@example.com"},
		tasks.User{ID: "bob", Email: "bob@example.com"}))
	require.NoError(t, f.SignUp(t.Context(), tasks.Tenant{ID: "evil"}, tasks.User{ID: "ann", Email: "ann@example.com"}))
	f.must(t, http.StatusOK, "ann", "POST /projects", "", `{"id":"web","name":"Web"}`)
	return f
}

// answer is what a request was answered with.
type answer struct {
	status int
	etag   string
	body   struct {
		ID       string
		Title    string
		Rank     string
		Comments int
		Version  int
		Column   string
		Next     string
		Items    []struct{ ID, Title, Rank, Text, What string }
	}
	text string
}

// ask sends a request of a user of acme; header is "Name: value".
func (f *fixture) ask(t *testing.T, by, request, header, body string) (a answer) {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	tenant, user, other := strings.Cut(by, "/")
	if !other {
		tenant, user = "acme", by
	}
	r.Header.Set("X-Tenant", tenant)
	r.Header.Set("X-User", user)
	if name, value, ok := strings.Cut(header, ": "); ok {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	a.status, a.etag, a.text = w.Code, w.Header().Get("ETag"), w.Body.String()
	_ = json.Unmarshal(w.Body.Bytes(), &a.body) // a list is not of that form
	return a
}

func (f *fixture) must(t *testing.T, status int, by, request, header, body string) answer {
	t.Helper()
	a := f.ask(t, by, request, header, body)
	require.Equal(t, status, a.status, "%s %s: %s", by, request, a.text)
	return a
}

// add makes a task in todo.
func (f *fixture) add(t *testing.T, title string) answer {
	t.Helper()
	return f.must(t, http.StatusOK, "ann", "POST /projects/web/tasks", "Idempotency-Key: "+title,
		`{"title":"`+title+`"}`)
}

func (f *fixture) project(t *testing.T) tasks.Project {
	t.Helper()
	p, err := f.Projects.Get(t.Context(), tasks.Project{Tenant: "acme", ID: "web"})
	require.NoError(t, err)
	return p
}

// titles are a column's tasks, in order.
func (f *fixture) titles(t *testing.T, column string) string {
	t.Helper()
	var all []string
	for _, task := range f.must(t, http.StatusOK, "ann", "GET /projects/web/board/"+column, "", "").body.Items {
		all = append(all, task.Title)
	}
	return strings.Join(all, " ")
}

// consume feeds the whole stream, from its beginning, to the consumer.
func (f *fixture) consume(t *testing.T) {
	t.Helper()
	table, err := f.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &tasks.Schema.Name})
	require.NoError(t, err)
	router, err := f.Consumer()
	require.NoError(t, err)
	poller := stream.Poller{Client: f.client, StreamARN: *table.Table.LatestStreamArn, Handle: router.Handle}
	for {
		delivery, err := poller.Next(t.Context())
		require.NoError(t, err)
		require.False(t, delivery.Failed())
		if len(delivery.Event.Records) == 0 {
			return
		}
	}
}
