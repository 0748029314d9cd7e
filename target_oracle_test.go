//go:build oracle

package monotable_test

import (
	"flag"
	"net/http"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

func init() {
	if err := flag.Set("rapid.checks", "10"); err != nil { // a DynamoDB over HTTP is slower
		panic(err)
	}
	sdkOptions = func(t testing.TB) dynamodb.Options {
		endpoint := os.Getenv("MONOTABLE_DYNAMODB_LOCAL")
		require.NotEmpty(t, endpoint, "MONOTABLE_DYNAMODB_LOCAL is the endpoint of a running DynamoDB Local")
		return dynamodb.Options{
			BaseEndpoint: &endpoint, Region: "us-east-1", HTTPClient: http.DefaultClient,
			Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("local", "local", "")),
		}
	}
	newService = func(t testing.TB) service { return dynamodb.New(sdkOptions(t)) }
}
