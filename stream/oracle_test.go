//go:build oracle

package stream_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/stream"
)

// The streams of DynamoDB Local, read with the SDK's client, arrive as the embedded ones do.
func TestPollerOnDynamoDBLocal(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	endpoint := os.Getenv("MONOTABLE_DYNAMODB_LOCAL")
	require.NotEmpty(t, endpoint, "MONOTABLE_DYNAMODB_LOCAL is the endpoint of a running DynamoDB Local")
	cfg := aws.Config{
		BaseEndpoint: &endpoint, Region: "us-east-1", HTTPClient: http.DefaultClient,
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("local", "local", "")),
	}
	client, streams := dynamodb.NewFromConfig(cfg), dynamodbstreams.NewFromConfig(cfg)
	schema := shop
	schema.Name = fmt.Sprintf("stream-%d", time.Now().UnixNano())
	schema.Stream = types.StreamViewTypeNewAndOldImages
	require.NoError(t, admin.Create(ctx, client, schema, 0))
	defer func() { assert.NoError(t, admin.Delete(ctx, client, schema, 0)) }()
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &schema.Name})
	require.NoError(t, err)
	db, err := monotable.Open(client, schema)
	require.NoError(t, err)
	orders, err := monotable.New[Order](db, orderModel)
	require.NoError(t, err)

	var j journal
	failed := false
	router := quiet(t, db, stream.On(orders, func(_ context.Context, old, new *Order) error {
		if new == nil && !failed {
			failed = true
			return assert.AnError
		}
		return j.note("%s > %s", status(old), status(new))
	}))
	first := Order{CustomerID: "ann", ID: "1", Status: "open"}
	require.NoError(t, orders.Create(ctx, &first))
	_, err = orders.Update(ctx, first, expression.Set(expression.Name("status"), expression.Value("paid")))
	require.NoError(t, err)
	require.NoError(t, orders.Delete(ctx, first))

	p := &stream.Poller{Client: streams, StreamARN: *out.Table.LatestStreamArn, BatchSize: 2, Handle: router.Handle}
	for len(j.lines) < 3 {
		_, err := p.Next(ctx)
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"- > 1 open", "1 open > 1 paid", "1 paid > -"}, j.lines)
	assert.True(t, failed)
	assert.Empty(t, drain(t, p))
}
