package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// job is work that one worker does.
type job struct {
	ID     string `dynamodbav:"id"`
	State  string `dynamodbav:"state"`
	Worker string `dynamodbav:"worker,omitempty"`
	V      int64  `dynamodbav:"v"`
}

// jobsOn is the table of jobs on a service with one job in it.
func jobsOn(client *dynamotest.Client) (*monotable.DB, *monotable.Table[job]) {
	ctx := context.Background()
	schema := monotable.Schema{Name: "jobs", Partition: monotable.S("pk")}
	if err := admin.Create(ctx, client, schema, 0); err != nil {
		log.Fatal(err)
	}
	db, err := monotable.Open(client, schema)
	if err != nil {
		log.Fatal(err)
	}
	jobs, err := monotable.New[job](db, monotable.Model{Keys: map[string]string{"pk": "JOB#{id}"}, Version: "v"})
	if err != nil {
		log.Fatal(err)
	}
	if err := jobs.Create(ctx, &job{ID: "1", State: "queued"}); err != nil {
		log.Fatal(err)
	}
	return db, jobs
}

// A job that exactly one worker takes, whatever the network does.
func ExampleOnce() {
	ctx := context.Background()
	_, jobs := jobsOn(dynamotest.NewClient())
	taken := errors.New("somebody else has it")
	take := func(worker string) {
		_, err := jobs.Modify(ctx, job{ID: "1"}, func(j *job) error {
			if j.State != "queued" {
				return taken
			}
			j.State, j.Worker = "running", worker
			return nil
		}, monotable.Once())
		switch {
		case err == nil:
			fmt.Println(worker, "has it, and nobody else")
		case errors.Is(err, taken):
			fmt.Println(worker, "has not")
		case errors.Is(err, monotable.ErrAmbiguous):
			fmt.Println(worker, "does not know, and does not start")
		default:
			fmt.Println(worker, err)
		}
	}
	take("ann")
	take("ben")
	// Output:
	// ann has it, and nobody else
	// ben has not
}

// An answer that was lost is told as such: the write may have taken place.
func Example_lostAnswer() {
	ctx := context.Background()
	client := dynamotest.NewClient()
	_, jobs := jobsOn(client)
	client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "UpdateItem"}, Times: 1,
		Do: dynamotest.LoseAnswer()})
	running := expression.Set(expression.Name("state"), expression.Value("running"))
	_, err := jobs.Update(ctx, job{ID: "1"}, running)
	fmt.Println(errors.Is(err, monotable.ErrAmbiguous))

	// With the version that was seen the call can be repeated by hand: it takes place once.
	_, err = jobs.Update(ctx, job{ID: "1"}, running, monotable.AtVersion(1))
	fmt.Println(errors.Is(err, monotable.ErrVersion))
	// Output:
	// true
	// true
}

func ExampleTable_AbsentOp() {
	ctx := context.Background()
	db, jobs := jobsOn(dynamotest.NewClient())
	next := job{ID: "2", State: "queued"}
	err := db.Write(ctx, []monotable.Op{jobs.CreateOp(&next), jobs.AbsentOp(job{ID: "1"})})
	fmt.Println(errors.Is(err, monotable.ErrExists))
	err = db.Write(ctx, []monotable.Op{jobs.CreateOp(&next),
		jobs.CheckOp(job{ID: "1"}, expression.AttributeNotExists(expression.Name("worker")))})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}
