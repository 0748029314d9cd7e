//go:build oracle

package script_test

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/script"
)

// The script holds on AWS's DynamoDB Local, but for what it says of Local itself. MONOTABLE_DYNAMODB_LOCAL is its
// endpoint.
func TestDynamoDBLocal(t *testing.T) {
	endpoint := os.Getenv("MONOTABLE_DYNAMODB_LOCAL")
	require.NotEmpty(t, endpoint, "set MONOTABLE_DYNAMODB_LOCAL to the endpoint of a DynamoDB Local")
	client := dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), Retryer: aws.NopRetryer{}})
	script.Run(t, script.Local, func(*testing.T) script.Target { return client })
}
