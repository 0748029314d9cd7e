package dynamotest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go/middleware"

	"github.com/monotable/monotable/internal/engine"
)

// DescribeStream is the SDK's method of that name.
func (c *Client) DescribeStream(
	ctx context.Context, in *dynamodbstreams.DescribeStreamInput, options ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.DescribeStreamOutput, error) {
	return invokeStreams(ctx, c, "DescribeStream", in, options, (*engine.Engine).DescribeStream,
		(*dynamodbstreams.Client).DescribeStream,
		func(out *dynamodbstreams.DescribeStreamOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// GetRecords is the SDK's method of that name.
func (c *Client) GetRecords(
	ctx context.Context, in *dynamodbstreams.GetRecordsInput, options ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.GetRecordsOutput, error) {
	return invokeStreams(ctx, c, "GetRecords", in, options, (*engine.Engine).GetRecords,
		(*dynamodbstreams.Client).GetRecords,
		func(out *dynamodbstreams.GetRecordsOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// GetShardIterator is the SDK's method of that name.
func (c *Client) GetShardIterator(
	ctx context.Context, in *dynamodbstreams.GetShardIteratorInput, options ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.GetShardIteratorOutput, error) {
	return invokeStreams(ctx, c, "GetShardIterator", in, options, (*engine.Engine).GetShardIterator,
		(*dynamodbstreams.Client).GetShardIterator,
		func(out *dynamodbstreams.GetShardIteratorOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// ListStreams is the SDK's method of that name.
func (c *Client) ListStreams(
	ctx context.Context, in *dynamodbstreams.ListStreamsInput, options ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.ListStreamsOutput, error) {
	return invokeStreams(ctx, c, "ListStreams", in, options, (*engine.Engine).ListStreams,
		(*dynamodbstreams.Client).ListStreams,
		func(out *dynamodbstreams.ListStreamsOutput) *middleware.Metadata { return &out.ResultMetadata })
}
