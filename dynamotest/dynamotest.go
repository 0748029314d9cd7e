// Package dynamotest is a DynamoDB in the process, for tests, examples and local work.
//
// A Client has the method signatures of *dynamodb.Client, so code that asks for those methods by an interface takes either.
// New makes one for a test, with the test's tables in it:
//
//	client := dynamotest.New(t, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
//
// NewClient makes an empty one for a program, and NewServer serves a Client over HTTP, for the SDK itself or for any other
// tool that speaks to DynamoDB:
//
//	server, err := dynamotest.NewServer(dynamotest.NewClient())
//	...
//	client := dynamodb.NewFromConfig(server.Config())
//
// Answers, errors, limits, page ends and consumed capacity are the service's. Errors are wrapped as the SDK wraps them, so
// errors.As finds the same types, with a request id and an HTTP status. An operation that is not here fails and says so by
// name; it is never a success that did nothing.
//
// Everything is in memory and gone with the Client.
package dynamotest

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/engine"
)

// Client is a DynamoDB of its own, with the methods of *dynamodb.Client and *dynamodbstreams.Client. It is safe for concurrent
// use. Option functions given to a call are not run: they configure how the SDK sends a request, and nothing is sent.
type Client struct {
	engine  *engine.Engine
	region  string
	account string
}

// Option configures NewClient.
type Option func(*engine.Options)

// WithClock makes now the time: of creation dates, expiry of items, idempotency tokens and iterators.
func WithClock(now func() time.Time) Option { return func(o *engine.Options) { o.Clock = now } }

// WithRegion sets the region that ARNs name, us-east-1 unless set.
func WithRegion(region string) Option { return func(o *engine.Options) { o.Region = region } }

// WithAccountID sets the account that ARNs name, 000000000000 unless set.
func WithAccountID(id string) Option { return func(o *engine.Options) { o.AccountID = id } }

// WithTransition makes tables and indexes stay CREATING, UPDATING and DELETING for d, by the clock. Unless set, the answer to a
// request shows that status and the next request finds the table ready.
func WithTransition(d time.Duration) Option { return func(o *engine.Options) { o.Transition = d } }

// WithMaxCollectionBytes lowers the 10 GB that an item collection of a table with local secondary indexes may hold.
func WithMaxCollectionBytes(n int64) Option {
	return func(o *engine.Options) { o.MaxCollectionBytes = n }
}

// NewClient makes a DynamoDB without tables.
func NewClient(opts ...Option) *Client {
	o := engine.Options{Region: "us-east-1", AccountID: defaultAccount}
	for _, set := range opts {
		set(&o)
	}
	return &Client{engine: engine.New(o), region: o.Region, account: o.AccountID}
}

// New makes a DynamoDB with a table for every schema, TTL included, and ends the test where one cannot be made. When the test
// ends the tables are deleted, so that what a test left running finds ResourceNotFoundException and not another test's items.
func New(t testing.TB, schemas ...monotable.Schema) *Client {
	t.Helper()
	c := NewClient()
	for _, s := range schemas {
		if err := c.createTable(context.Background(), s); err != nil {
			t.Fatalf("dynamotest: table %s: %v", s.Name, err)
		}
	}
	t.Cleanup(func() {
		for _, s := range schemas {
			_, _ = c.engine.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &s.Name})
		}
	})
	return c
}

func (c *Client) createTable(ctx context.Context, s monotable.Schema) error {
	in, err := s.CreateTableInput()
	if err != nil {
		return err
	}
	if _, err := c.CreateTable(ctx, in); err != nil || s.TTL == "" {
		return err
	}
	_, err = c.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &s.Name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &s.TTL, Enabled: aws.Bool(true)}})
	return err
}
