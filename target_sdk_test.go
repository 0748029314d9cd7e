package monotable_test

import (
	"flag"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

// MONOTABLE_TEST_CLIENT says which client the tests use for the fake: "" is the fake itself, "fast" a *dynamodb.Client
// of the fake's server, "maps" the same WithoutFastPath.
var testClient = os.Getenv("MONOTABLE_TEST_CLIENT")

// testOptions go with every DB that newDB opens.
var testOptions []monotable.OpenOption

func init() {
	if testClient == "" {
		return
	}
	server := sync.OnceValues(func() (*dynamotest.Server, error) { return dynamotest.NewServer(fake) })
	newService = func(t testing.TB) service {
		s, err := server()
		require.NoError(t, err)
		return dynamodb.NewFromConfig(s.Config())
	}
	if testClient == "maps" {
		testOptions = []monotable.OpenOption{monotable.WithoutFastPath()}
	}
	if err := flag.Set("rapid.checks", "30"); err != nil { // over HTTP
		panic(err)
	}
}
