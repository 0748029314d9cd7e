package monotable_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// Entry is a line of an audit log. A partition is a tenant's day; an index has all of a tenant's.
type Entry struct {
	Tenant string    `dynamodbav:"tenant"`
	At     time.Time `dynamodbav:"at"`
	ID     string    `dynamodbav:"id"`
}

// Task is a card on a board. Its rank is a text of twelve bytes, so that there is always room for one in between.
type Task struct {
	Project string `dynamodbav:"project"`
	ID      string `dynamodbav:"id"`
	Column  string `dynamodbav:"column"`
	Rank    string `dynamodbav:"rank"`
}

// office opens both types on an empty table.
func office(ctx context.Context) (*monotable.Table[Entry], *monotable.Table[Task]) {
	schema := monotable.Schema{
		Name: "office", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type",
		Indexes: []monotable.Index{
			{Name: "by-tenant", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK")},
			{Name: "board", Partition: monotable.S("GSI2PK"), Sort: monotable.S("GSI2SK")},
		},
	}
	client := dynamotest.NewClient()
	if err := admin.Create(ctx, client, schema, 0); err != nil {
		log.Fatal(err)
	}
	db, err := monotable.Open(client, schema)
	if err != nil {
		log.Fatal(err)
	}
	audit, err := monotable.New[Entry](db, monotable.Model{Keys: map[string]string{
		"PK": "{tenant}#{at|date}", "SK": "{at}#{id}", "GSI1PK": "TENANT#{tenant}", "GSI1SK": "{at}#{id}",
	}})
	if err != nil {
		log.Fatal(err)
	}
	tasks, err := monotable.New[Task](db, monotable.Model{Keys: map[string]string{
		"PK": "PROJECT#{project}", "SK": "TASK#{id}", "GSI2PK": "BOARD#{project}#{column}", "GSI2SK": "{rank:12}#{id}",
	}})
	if err != nil {
		log.Fatal(err)
	}
	return audit, tasks
}

// A month is half open: from its first instant, and before the next one's.
func ExampleBefore() {
	ctx := context.Background()
	audit, _ := office(ctx)
	first := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	next := first.AddDate(0, 1, 0)
	for i, at := range []time.Time{first.Add(-1), first, first.Add(time.Hour), next.Add(-1), next} {
		if err := audit.Put(ctx, &Entry{Tenant: "t", At: at, ID: fmt.Sprint("e", i)}); err != nil {
			log.Fatal(err)
		}
	}
	month, err := monotable.Collect(audit.Query(ctx, Entry{Tenant: "t"}, monotable.On("by-tenant"),
		monotable.From("at", first), monotable.Before("at", next)))
	for _, e := range month {
		fmt.Println(e.ID)
	}
	fmt.Println(err)
	// Output:
	// e1
	// e2
	// e3
	// <nil>
}

// The partition is that of a day, so that any time of it will do; bounds may be of the time itself.
func ExampleAfter() {
	ctx := context.Background()
	audit, _ := office(ctx)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for hour := range 30 {
		e := Entry{Tenant: "t", At: day.Add(time.Duration(hour) * time.Hour), ID: fmt.Sprint("e", hour)}
		if err := audit.Put(ctx, &e); err != nil {
			log.Fatal(err)
		}
	}
	entries, err := monotable.Collect(audit.Query(ctx, Entry{Tenant: "t", At: day}))
	fmt.Println(len(entries), err)
	entries, err = monotable.Collect(audit.Query(ctx, Entry{Tenant: "t", At: day},
		monotable.After("at", day.Add(20*time.Hour))))
	for _, e := range entries {
		fmt.Println(e.ID)
	}
	fmt.Println(err)
	// Output:
	// 24 <nil>
	// e21
	// e22
	// e23
	// <nil>
}

// A string of a width sorts though an id is behind it; bounds and beginnings of it may be shorter.
func ExampleUpTo() {
	ctx := context.Background()
	_, tasks := office(ctx)
	for i, rank := range []string{"aaaaaaaaaaaa", "annnnnnnnnnn", "bbbbbbbbbbbb", "cccccccccccc"} {
		task := Task{Project: "p", ID: fmt.Sprint("t", i), Column: "todo", Rank: rank}
		if err := tasks.Put(ctx, &task); err != nil {
			log.Fatal(err)
		}
	}
	todo := Task{Project: "p", Column: "todo"}
	for _, options := range [][]monotable.QueryOption{
		{monotable.After("rank", "annnnnnnnnnn"), monotable.UpTo("rank", "bbbbbbbbbbbb")},
		{monotable.From("rank", "b")},
		{monotable.BeginsWith("rank", "a")},
	} {
		found, err := monotable.Collect(tasks.Query(ctx, todo, append(options, monotable.On("board"))...))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(found), "from", found[0].ID)
	}
	// Output:
	// 1 from t2
	// 2 from t2
	// 2 from t0
}

// A page that looks ahead says whether it is the last one.
func ExampleLookahead() {
	ctx := context.Background()
	_, tasks := office(ctx)
	for i := range 4 {
		task := Task{Project: "p", ID: fmt.Sprint("t", i), Column: "todo", Rank: fmt.Sprintf("%012d", i)}
		if err := tasks.Put(ctx, &task); err != nil {
			log.Fatal(err)
		}
	}
	var cursor monotable.Cursor
	for {
		page, err := tasks.QueryPage(ctx, Task{Project: "p", Column: "todo"}, monotable.On("board"),
			monotable.Limit(2), monotable.StartAfter(cursor), monotable.Lookahead())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page.Items), "more:", page.Next != "")
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	// Output:
	// 2 more: true
	// 2 more: false
}

// Collect reads the whole of a query.
func ExampleCollect() {
	ctx := context.Background()
	found, err := monotable.Collect(orders(ctx).Query(ctx, Order{CustomerID: "c1"}, monotable.UpTo("number", 1)))
	fmt.Println(len(found), err)
	// Output: 2 <nil>
}
