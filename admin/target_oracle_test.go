//go:build oracle

package admin_test

import (
	"net/http"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/admin"
)

func init() {
	newService = func(t testing.TB) admin.Client {
		endpoint := os.Getenv("MONOTABLE_DYNAMODB_LOCAL")
		require.NotEmpty(t, endpoint, "MONOTABLE_DYNAMODB_LOCAL is the endpoint of a running DynamoDB Local")
		return dynamodb.New(dynamodb.Options{
			BaseEndpoint: &endpoint, Region: "us-east-1", HTTPClient: http.DefaultClient,
			Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("local", "local", "")),
		})
	}
}
