package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/wire"
)

var background = context.Background()

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// send sends a request in DynamoDB JSON and gives the answer's JSON.
func send(t testing.TB, e *Engine, operation, request string) string {
	t.Helper()
	a, err := call(e, operation, []byte(request))
	require.NoError(t, err)
	return string(a.body)
}

// refused sends a request that is to be refused and gives the exception and its message.
func refused(t testing.TB, e *Engine, operation, request string) string {
	t.Helper()
	a, err := call(e, operation, []byte(request))
	require.Error(t, err, string(a.body))
	return errorCode(err) + ": " + errorMessage(err)
}

// withTables makes an engine with the tables h (p), hr (p, s as a number) and ix (p, s) with GSIs on g, h and an LSI on
// l.
func withTables(t testing.TB, o Options) *Engine {
	t.Helper()
	e := New(o)
	for _, request := range []string{
		`{"TableName":"tab_h","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
		  "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}`,
		`{"TableName":"tab_hr","BillingMode":"PAY_PER_REQUEST",
		  "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
		  "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"}]}`,
		`{"TableName":"tab_ix","BillingMode":"PAY_PER_REQUEST",
		  "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
		  "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"},
		    {"AttributeName":"g","AttributeType":"S"},{"AttributeName":"h","AttributeType":"N"},
		    {"AttributeName":"l","AttributeType":"B"}],
		  "GlobalSecondaryIndexes":[
		    {"IndexName":"gAll","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"h","KeyType":"RANGE"}],
		     "Projection":{"ProjectionType":"ALL"}},
		    {"IndexName":"gKeys","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],
		     "Projection":{"ProjectionType":"KEYS_ONLY"}}],
		  "LocalSecondaryIndexes":[
		    {"IndexName":"lInc","KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],
		     "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x"]}}]}`,
	} {
		send(t, e, "CreateTable", request)
	}
	return e
}

// parseItem reads an item in DynamoDB JSON.
func parseItem(t testing.TB, text string) map[string]types.AttributeValue {
	t.Helper()
	item, err := wire.ParseItem([]byte(text))
	require.NoError(t, err)
	return item
}

// itemOf reads the item of a key, as JSON; "" for none.
func itemOf(t testing.TB, e *Engine, table, key string) string {
	t.Helper()
	_, item, err := e.GetPacked(background, &dynamodb.GetItemInput{TableName: &table, Key: parseItem(t, key),
		ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	return string(item.AppendJSON(nil))
}

func strs(n int, pattern string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(pattern, i)
	}
	return all
}

func asError[T error](t testing.TB, err error) T {
	t.Helper()
	var target T
	require.True(t, errors.As(err, &target), "%T: %v", err, err)
	return target
}
