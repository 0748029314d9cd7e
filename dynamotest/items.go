package dynamotest

import (
	"context"
	"crypto/rand"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	smithyrand "github.com/aws/smithy-go/rand"

	"github.com/monotable/monotable/internal/engine"
)

// BatchGetItem is the SDK's method of that name.
func (c *Client) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	return invoke(ctx, c, "BatchGetItem", in, options, (*engine.Engine).BatchGetItem, (*dynamodb.Client).BatchGetItem,
		func(out *dynamodb.BatchGetItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// BatchWriteItem is the SDK's method of that name.
func (c *Client) BatchWriteItem(
	ctx context.Context, in *dynamodb.BatchWriteItemInput, options ...func(*dynamodb.Options),
) (*dynamodb.BatchWriteItemOutput, error) {
	return invoke(ctx, c, "BatchWriteItem", in, options, (*engine.Engine).BatchWriteItem,
		(*dynamodb.Client).BatchWriteItem,
		func(out *dynamodb.BatchWriteItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// DeleteItem is the SDK's method of that name.
func (c *Client) DeleteItem(
	ctx context.Context, in *dynamodb.DeleteItemInput, options ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	return invoke(ctx, c, "DeleteItem", in, options, (*engine.Engine).DeleteItem, (*dynamodb.Client).DeleteItem,
		func(out *dynamodb.DeleteItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// GetItem is the SDK's method of that name.
func (c *Client) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return invoke(ctx, c, "GetItem", in, options, (*engine.Engine).GetItem, (*dynamodb.Client).GetItem,
		func(out *dynamodb.GetItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// PutItem is the SDK's method of that name.
func (c *Client) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	return invoke(ctx, c, "PutItem", in, options, (*engine.Engine).PutItem, (*dynamodb.Client).PutItem,
		func(out *dynamodb.PutItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// Query is the SDK's method of that name.
func (c *Client) Query(
	ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	return invoke(ctx, c, "Query", in, options, (*engine.Engine).Query, (*dynamodb.Client).Query,
		func(out *dynamodb.QueryOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// Scan is the SDK's method of that name.
func (c *Client) Scan(
	ctx context.Context, in *dynamodb.ScanInput, options ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	return invoke(ctx, c, "Scan", in, options, (*engine.Engine).Scan, (*dynamodb.Client).Scan,
		func(out *dynamodb.ScanOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// TransactGetItems is the SDK's method of that name.
func (c *Client) TransactGetItems(
	ctx context.Context, in *dynamodb.TransactGetItemsInput, options ...func(*dynamodb.Options),
) (*dynamodb.TransactGetItemsOutput, error) {
	return invoke(ctx, c, "TransactGetItems", in, options, (*engine.Engine).TransactGetItems,
		(*dynamodb.Client).TransactGetItems,
		func(out *dynamodb.TransactGetItemsOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// TransactWriteItems is the SDK's method of that name. Like the SDK's it writes a ClientRequestToken into an input that
// has none, so that the same input once more is a replay of the same transaction.
func (c *Client) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	if in != nil && in.ClientRequestToken == nil {
		token, err := smithyrand.NewUUIDIdempotencyToken(rand.Reader).GetIdempotencyToken()
		if err != nil {
			return nil, asOperationError(dynamodb.ServiceID, "TransactWriteItems", err)
		}
		in.ClientRequestToken = &token
	}
	return invoke(ctx, c, "TransactWriteItems", in, options, (*engine.Engine).TransactWriteItems,
		(*dynamodb.Client).TransactWriteItems,
		func(out *dynamodb.TransactWriteItemsOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// UpdateItem is the SDK's method of that name.
func (c *Client) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	return invoke(ctx, c, "UpdateItem", in, options, (*engine.Engine).UpdateItem, (*dynamodb.Client).UpdateItem,
		func(out *dynamodb.UpdateItemOutput) *middleware.Metadata { return &out.ResultMetadata })
}
