package engine

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/cputime"
)

// withActiveTables is withTables with the tables' first status behind them, which takes each table's lock once.
func withActiveTables(t *testing.T) *Engine {
	t.Helper()
	e := withTables(t, Options{})
	for name := range e.tables {
		send(t, e, "Scan", `{"TableName":"`+name+`"}`)
	}
	return e
}

// inTime fails the test if what a lock may hold up does not end.
func inTime(t *testing.T, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal(what, " waits")
	}
}

// readsOf are requests that read tab_hr.
var readsOf = map[string]string{
	"GetItem": `{"TableName":"tab_hr","Key":{"p":{"S":"a"},"s":{"N":"1"}},"ConsistentRead":true}`,
	"Query": `{"TableName":"tab_hr","KeyConditionExpression":"p = :p",
		"ExpressionAttributeValues":{":p":{"S":"a"}}}`,
	"Scan":             `{"TableName":"tab_hr"}`,
	"BatchGetItem":     `{"RequestItems":{"tab_hr":{"Keys":[{"p":{"S":"a"},"s":{"N":"1"}}]}}}`,
	"TransactGetItems": `{"TransactItems":[{"Get":{"TableName":"tab_hr","Key":{"p":{"S":"a"},"s":{"N":"1"}}}}]}`,
}

// TestReadersDoNotWaitForReaders reads while another reader holds the table and the list of tables.
func TestReadersDoNotWaitForReaders(t *testing.T) {
	e := withActiveTables(t)
	table := e.tables["tab_hr"]
	e.mu.RLock()
	table.mu.RLock()
	defer e.mu.RUnlock()
	defer table.mu.RUnlock()
	for operation, request := range readsOf {
		inTime(t, operation, func() { _, _ = call(e, operation, []byte(request)) })
	}
}

// TestTablesLockApart reads and writes one table while a writer holds another.
func TestTablesLockApart(t *testing.T) {
	e := withActiveTables(t)
	other := e.tables["tab_ix"]
	other.mu.Lock()
	defer other.mu.Unlock()
	for operation, request := range readsOf {
		inTime(t, operation, func() { _, _ = call(e, operation, []byte(request)) })
	}
	for operation, request := range map[string]string{
		"PutItem": `{"TableName":"tab_hr","Item":{"p":{"S":"a"},"s":{"N":"1"}}}`,
		"UpdateItem": `{"TableName":"tab_hr","Key":{"p":{"S":"a"},"s":{"N":"1"}},"UpdateExpression":"ADD n :n",
			"ExpressionAttributeValues":{":n":{"N":"1"}}}`,
		"DeleteItem":     `{"TableName":"tab_hr","Key":{"p":{"S":"a"},"s":{"N":"2"}}}`,
		"BatchWriteItem": `{"RequestItems":{"tab_hr":[{"PutRequest":{"Item":{"p":{"S":"b"},"s":{"N":"1"}}}}]}}`,
		"TransactWriteItems": `{"TransactItems":[{"Put":{"TableName":"tab_hr","Item":{"p":{"S":"c"},"s":{"N":"1"}}}},
			{"Put":{"TableName":"tab_h","Item":{"p":{"S":"c"}}}}]}`,
	} {
		inTime(t, operation, func() {
			if _, err := call(e, operation, []byte(request)); err != nil {
				t.Error(operation, err)
			}
		})
	}
}

// BenchmarkWriters puts items from as many goroutines as there are processors, into one table and each into its own.
func BenchmarkWriters(b *testing.B) {
	for _, tables := range []int{1, 8} {
		b.Run(fmt.Sprint("tables=", tables), func(b *testing.B) {
			e := New(Options{})
			for i := range tables {
				_, err := e.CreateTable(background, &dynamodb.CreateTableInput{
					TableName: aws.String(fmt.Sprint("table", i)), BillingMode: types.BillingModePayPerRequest,
					KeySchema: keys("p"), AttributeDefinitions: strings_("p"),
				})
				require.NoError(b, err)
			}
			var next atomic.Int64
			defer cputime.Report(b)()
			b.RunParallel(func(pb *testing.PB) {
				n := int(next.Add(1))
				in := &dynamodb.PutItemInput{TableName: aws.String(fmt.Sprint("table", n%tables)), Item: flatItem(n)}
				for pb.Next() {
					if _, err := e.PutItem(background, in); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
