package admin_test

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// fake is the DynamoDB of all tests of this process: tables have names of their own.
var fake = dynamotest.NewClient()

// newService gives the DynamoDB that this build tests on: the fake, a *dynamodb.Client of the fake's server where
// MONOTABLE_TEST_CLIENT says so as it does in the root's tests, or DynamoDB Local when built with the tag oracle.
var newService = func(testing.TB) admin.Client { return fake }

func init() {
	if os.Getenv("MONOTABLE_TEST_CLIENT") == "" {
		return
	}
	server := sync.OnceValues(func() (*dynamotest.Server, error) { return dynamotest.NewServer(fake) })
	newService = func(t testing.TB) admin.Client {
		s, err := server()
		require.NoError(t, err)
		return dynamodb.NewFromConfig(s.Config())
	}
}

var tableNumber atomic.Int64
