// Package uses is a program of somebody else's: what it writes must compile and hold in a module of its own.
package uses

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

var (
	errTaken     = errors.New("taken")
	errGone      = errors.New("gone")
	errForbidden = errors.New("forbidden")
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, schema monotable.Schema) (*monotable.DB, *dynamotest.Client) {
	t.Helper()
	client := dynamotest.NewClient()
	must(t, admin.Create(t.Context(), client, schema, time.Minute))
	db, err := monotable.Open(client, schema)
	must(t, err)
	return db, client
}

func table[T any](t *testing.T, db *monotable.DB, model monotable.Model) *monotable.Table[T] {
	t.Helper()
	of, err := monotable.New[T](db, model)
	must(t, err)
	return of
}

var schema = monotable.Schema{Name: "app", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type",
	Indexes: []monotable.Index{{Name: "board", Partition: monotable.S("BP"), Sort: monotable.S("BS")},
		{Name: "by-tenant", Partition: monotable.S("TP"), Sort: monotable.S("TS")}}}

type job struct {
	ID     string `dynamodbav:"id"`
	State  string `dynamodbav:"state"`
	Worker string `dynamodbav:"worker,omitempty"`
}

// A job that exactly one worker takes, whatever the network does.
func TestOneWorker(t *testing.T) {
	db, client := open(t, schema)
	jobs := table[job](t, db, monotable.Model{Keys: map[string]string{"PK": "JOB#{id}", "SK": "JOB"}})
	must(t, jobs.Create(t.Context(), &job{ID: "1", State: "queued"}))
	client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "TransactWriteItems"}, Times: 1,
		Do: dynamotest.LoseAnswer()})
	won := 0
	for _, me := range []string{"a", "b"} {
		_, err := jobs.Modify(t.Context(), job{ID: "1"}, func(j *job) error {
			if j.State != "queued" {
				return errTaken
			}
			j.State, j.Worker = "running", me
			return nil
		}, monotable.Once())
		switch {
		case err == nil:
			won++
		case errors.Is(err, errTaken), errors.Is(err, monotable.ErrAmbiguous):
		default:
			t.Fatal(err)
		}
	}
	if won > 1 {
		t.Fatal("two winners")
	}
}

type task struct {
	Project  string `dynamodbav:"project"`
	ID       string `dynamodbav:"id"`
	Column   string `dynamodbav:"column"`
	Rank     string `dynamodbav:"rank"`
	Title    string `dynamodbav:"title"`
	Comments int    `dynamodbav:"comments"`
	Address  struct {
		City string `dynamodbav:"city,omitempty"`
	} `dynamodbav:"address"`
	Shipped   time.Time  `dynamodbav:"shipped_at,unixtime" monotable:"omitzero"`
	DeletedAt *time.Time `dynamodbav:"deleted_at,omitempty"`
	Version   int64      `dynamodbav:"v"`
}

type comment struct {
	Task string `dynamodbav:"task"`
	ID   string `dynamodbav:"id"`
}

type member struct {
	Tenant string `dynamodbav:"tenant"`
	User   string `dynamodbav:"user"`
}

var taskModel = monotable.Model{Version: "v", Uncounted: []string{"comments"},
	Except: map[string]string{"board": "deleted_at"},
	Keys: map[string]string{"PK": "P#{project}", "SK": "T#{id}", "BP": "BOARD#{project}#{column}",
		"BS": "{rank:12}#{id}"}}

// If-Match from a browser; a counter that does not disturb it; a partial update without a read; a board in rank order.
func TestTasks(t *testing.T) {
	ctx := t.Context()
	db, _ := open(t, schema)
	tasks := table[task](t, db, taskModel)
	comments := table[comment](t, db, monotable.Model{Keys: map[string]string{"PK": "T#{task}", "SK": "C#{id}"}})
	members := table[member](t, db, monotable.Model{Keys: map[string]string{"PK": "M#{tenant}", "SK": "{user}"}})
	for i, rank := range []string{"000000000002", "000000000001", "000000000003"} {
		must(t, tasks.Create(ctx, &task{Project: "p", ID: string(rune('a' + i)), Column: "todo", Rank: rank}))
	}
	key, seen := task{Project: "p", ID: "a"}, int64(7)
	w := httptest.NewRecorder()
	_, err := tasks.Modify(ctx, key, func(x *task) error { x.Title = "new"; return nil }, monotable.AtVersion(seen))
	if errors.Is(err, monotable.ErrVersion) {
		w.WriteHeader(http.StatusPreconditionFailed)
	}
	if w.Code != http.StatusPreconditionFailed {
		t.Fatal(err)
	}
	c := comment{Task: "a", ID: "1"}
	write := func() error {
		return db.Write(ctx, []monotable.Op{
			comments.CreateOp(&c),
			tasks.UpdateOp(key, monotable.Add("comments", 1), monotable.If(monotable.Absent("deleted_at"))).Else(errGone),
			members.CheckOp(member{Tenant: "t", User: "u"}).Else(errForbidden),
		}, monotable.Retry(3))
	}
	if err := write(); !errors.Is(err, errForbidden) {
		t.Fatal(err)
	}
	must(t, members.Create(ctx, &member{Tenant: "t", User: "u"}))
	must(t, write())
	in := task{Column: "done", Shipped: time.Unix(9, 0)}
	in.Address.City = "Ulm"
	read, err := tasks.Get(ctx, key)
	must(t, err)
	got, err := tasks.Update(ctx, key, monotable.Patch(in, "column", "shipped_at", "address.city"), monotable.Known(read))
	must(t, err)
	if got.Column != "done" || !got.Shipped.Equal(in.Shipped) || got.Address.City != "Ulm" || got.Comments != 1 {
		t.Fatalf("%+v", got)
	}
	_, err = tasks.Update(ctx, key, monotable.Patch(in, "title").Add(expression.Name("comments"), expression.Value(1)))
	must(t, err)
	page, err := tasks.QueryPage(ctx, task{Project: "p", Column: "todo"}, monotable.On("board"), monotable.Limit(2),
		monotable.StartAfter(""), monotable.Lookahead())
	must(t, err)
	if len(page.Items) != 2 || page.Items[0].ID != "b" || page.Next != "" {
		t.Fatalf("%+v", page)
	}
	now := time.Now()
	_, err = tasks.Modify(ctx, task{Project: "p", ID: "b"}, func(x *task) error { x.DeletedAt = &now; return nil })
	must(t, err)
	left, err := monotable.Collect(tasks.Query(ctx, task{Project: "p", Column: "todo"}, monotable.On("board")))
	must(t, err)
	if len(left) != 1 {
		t.Fatalf("%+v", left)
	}
}

type entry struct {
	Tenant string    `dynamodbav:"tenant"`
	At     time.Time `dynamodbav:"at"`
	ID     string    `dynamodbav:"id"`
}

// One day's audit entries; a month, half open.
func TestAudit(t *testing.T) {
	ctx := t.Context()
	db, _ := open(t, schema)
	audit := table[entry](t, db, monotable.Model{Keys: map[string]string{"PK": "{tenant}#{at|date}", "SK": "{at}#{id}",
		"TP": "{tenant}", "TS": "{at}"}})
	day := time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)
	for i := range 3 {
		must(t, audit.Create(ctx, &entry{Tenant: "t", At: day.Add(time.Duration(i) * 8 * time.Hour), ID: "x"}))
	}
	today, err := monotable.Collect(audit.Query(ctx, entry{Tenant: "t", At: day}))
	must(t, err)
	first := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	may, err := monotable.Collect(audit.Query(ctx, entry{Tenant: "t"}, monotable.On("by-tenant"),
		monotable.From("at", first),
		monotable.Before("at", first.AddDate(0, 1, 0))))
	must(t, err)
	if len(today) != 2 || len(may) != 2 {
		t.Fatal(today, may)
	}
}

type legacyOrder struct {
	User string `dynamodbav:"user"`
	ID   int    `dynamodbav:"id"`
}

type happened struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`
}

// A table that is there already: no ids, no entity type.
func TestLegacy(t *testing.T) {
	ctx := t.Context()
	db, client := open(t, monotable.Schema{Name: "old", Partition: monotable.S("pk"), Sort: monotable.S("sk")})
	orders := table[legacyOrder](t, db, monotable.Model{KeyOnly: []string{"user", "id"},
		Keys: map[string]string{"pk": "USER#{user}", "sk": "ORDER#{id|plain}"}})
	events := table[happened](t, db, monotable.Model{Prefix: map[string]string{"sk": "EVENT#"}})
	name := "old"
	for _, sk := range []string{"ORDER#9", "EVENT#1"} {
		_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: monotable.Item{
			"pk": &types.AttributeValueMemberS{Value: "USER#42"}, "sk": &types.AttributeValueMemberS{Value: sk}}})
		must(t, err)
	}
	o, err := orders.Get(ctx, legacyOrder{User: "42", ID: 9})
	must(t, err)
	found, err := monotable.Collect(events.Query(ctx, happened{PK: "USER#42"}))
	must(t, err)
	if o.User != "42" || o.ID != 9 || len(found) != 1 {
		t.Fatal(o, found)
	}
}
