package monotable_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// service is a DynamoDB that a test runs on.
type service interface {
	monotable.Client
	admin.Client
}

// fake is the DynamoDB of all tests of this process: tables have names of their own.
var fake = dynamotest.NewClient()

// newService gives the DynamoDB that this build tests on: the fake, or DynamoDB Local when built with the tag oracle.
var newService = func(testing.TB) service { return fake }

// sdkOptions are those of an SDK client for the same service, over HTTP.
var sdkOptions = func(t testing.TB) dynamodb.Options {
	server, err := dynamotest.NewServer(fake)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	cfg := server.Config()
	return dynamodb.Options{
		BaseEndpoint: cfg.BaseEndpoint, Region: cfg.Region, Credentials: cfg.Credentials, HTTPClient: cfg.HTTPClient,
	}
}

var tableNumber atomic.Int64

// newDB opens a schema on a fresh table.
func newDB(t testing.TB, schema monotable.Schema, options ...monotable.OpenOption) (*monotable.DB, *recorder) {
	t.Helper()
	client := newService(t)
	schema.Name = fmt.Sprintf("%s-%d-%d", schema.Name, time.Now().UnixNano(), tableNumber.Add(1))
	require.NoError(t, admin.Create(t.Context(), client, schema, time.Minute))
	t.Cleanup(func() {
		_, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &schema.Name})
		require.NoError(t, err)
	})
	r := &recorder{service: client}
	db, err := monotable.Open(r, schema, append(options, testOptions...)...)
	require.NoError(t, err)
	return db, r
}

// newTable opens one entity type on a fresh table.
func newTable[T any](t testing.TB, schema monotable.Schema, model monotable.Model) *monotable.Table[T] {
	t.Helper()
	db, _ := newDB(t, schema)
	return tableOf[T](t, db, model)
}

func tableOf[T any](t testing.TB, db *monotable.DB, model monotable.Model) *monotable.Table[T] {
	t.Helper()
	table, err := monotable.New[T](db, model)
	require.NoError(t, err)
	return table
}

// collect gathers a read that must not fail.
func collect[T any](t testingT, items func(func(T, error) bool)) []T {
	t.Helper()
	var all []T
	for item, err := range items {
		require.NoError(t, err)
		all = append(all, item)
	}
	return all
}

// firstError is the error that a read ends with.
func firstError[T any](items func(func(T, error) bool)) error {
	for _, err := range items {
		if err != nil {
			return err
		}
	}
	return nil
}
