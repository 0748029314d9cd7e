package dynamotest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

type pet struct {
	ID   int    `dynamodbav:"id"`
	Name string `dynamodbav:"name"`
}

// petsTable is the lesson's table on a client of the test's own.
func petsTable(client monotable.Client) *monotable.Table[pet] {
	db, err := monotable.Open(client, pets)
	if err != nil {
		panic(err)
	}
	table, err := monotable.New[pet](db, monotable.Model{})
	if err != nil {
		panic(err)
	}
	return table
}

// The second PutItem of the test is throttled, once; a call that was hit can be looked at.
func ExampleClient_Inject() {
	t := &testing.T{} // the test's own
	client := dynamotest.New(t, pets)
	throttle := client.Inject(dynamotest.Fault{
		On:    dynamotest.Match{Operation: "PutItem", Table: "pets"},
		Skip:  1,
		Times: 1,
		Do:    dynamotest.Throttle(),
	})

	table := petsTable(client)
	for id, name := range []string{"Rachel", "Mike", "Ann"} {
		err := table.Put(context.Background(), &pet{ID: id, Name: name})
		var exceeded *types.ProvisionedThroughputExceededException
		fmt.Println(name, errors.As(err, &exceeded))
	}
	fmt.Println(throttle.Fired(), throttle.Calls()[0].Tables)
	// Output:
	// Rachel false
	// Mike true
	// Ann false
	// 1 [pets]
}

// A lost answer: the item is written, and the caller cannot know.
func ExampleLoseAnswer() {
	ctx := context.Background()
	client := dynamotest.New(&testing.T{}, pets)
	client.Inject(dynamotest.Fault{
		On: dynamotest.Match{Operation: "PutItem", Key: monotable.Item{"id": &types.AttributeValueMemberN{Value: "7"}}},
		Do: dynamotest.LoseAnswer(),
	})

	table := petsTable(client)
	err := table.Put(ctx, &pet{ID: 7, Name: "Rachel"})
	fmt.Println(errors.Is(err, syscall.ECONNRESET))
	found, err := table.Get(ctx, pet{ID: 7})
	fmt.Println(found.Name, err)
	// Output:
	// true
	// Rachel <nil>
}

// What the SDK sends again needs no server: with WithMaxAttempts a call is attempted as a *dynamodb.Client does it.
func ExampleWithMaxAttempts() {
	ctx := context.Background()
	client := dynamotest.NewWith(&testing.T{}, []dynamotest.Option{dynamotest.WithMaxAttempts(4)}, pets)
	client.Inject(dynamotest.Fault{
		On:    dynamotest.Match{Operation: "PutItem"},
		Times: 1,
		Do:    dynamotest.LoseAnswer(),
	})

	table := petsTable(client)
	fmt.Println(table.Put(ctx, &pet{ID: 7, Name: "Rachel"}), client.Usage().Operation("PutItem").Calls)

	// The first attempt wrote the pet, and the second one finds it: whose it is, nobody knows.
	client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Times: 1, Do: dynamotest.LoseAnswer()})
	err := table.Create(ctx, &pet{ID: 8, Name: "Priscilla"})
	fmt.Println(errors.Is(err, monotable.ErrExists), errors.Is(err, monotable.ErrAmbiguous))
	// Output:
	// <nil> 2
	// true true
}

// An error that is the server's fault leaves open whether the write took place. This one did.
func ExampleAfterWork() {
	ctx := context.Background()
	client := dynamotest.New(&testing.T{}, pets)
	client.Inject(dynamotest.Fault{
		On:    dynamotest.Match{Operation: "PutItem"},
		Times: 1,
		Do:    dynamotest.AfterWork(dynamotest.ServiceUnavailable()),
	})

	table := petsTable(client)
	err := table.Put(ctx, &pet{ID: 7, Name: "Rachel"})
	var response interface{ HTTPStatusCode() int }
	fmt.Println(errors.As(err, &response), response.HTTPStatusCode())
	found, err := table.Get(ctx, pet{ID: 7})
	fmt.Println(found.Name, err)
	// Output:
	// true 503
	// Rachel <nil>
}

// A call without an answer ends with its context.
func ExampleHang() {
	client := dynamotest.New(&testing.T{}, pets)
	client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "GetItem"}, Do: dynamotest.Hang()})

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err := petsTable(client).Get(ctx, pet{ID: 7})
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

// A handler that reads a pet twice costs more than it may.
func ExampleAssertCost() {
	t := &printed{} // the test's own
	client := dynamotest.New(t, pets)
	table := petsTable(client)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = table.Get(r.Context(), pet{ID: 1})
		_, _ = table.Get(r.Context(), pet{ID: 1}, monotable.Consistent())
	})

	dynamotest.AssertCost(t, client, dynamotest.Budget{Read: 1}, func() {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/pets/1", nil))
	})
	// Output:
	// dynamotest: over budget: 1.5 read units, 1 allowed
	//    operation  on    read  write  items
	// 1  GetItem    pets  0.5   0      1
	// 2  GetItem    pets  1     0      1
	//    total            1.5   0
}

// printed is a test that prints what it fails with.
type printed struct{ testing.T }

func (p *printed) Helper() {}
func (p *printed) Errorf(format string, args ...any) {
	fmt.Println(strings.TrimRight(fmt.Sprintf(format, args...), "\n"))
}
