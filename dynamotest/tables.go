package dynamotest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"github.com/monotable/monotable/internal/engine"
)

// CreateTable is the SDK's method of that name.
func (c *Client) CreateTable(
	ctx context.Context, in *dynamodb.CreateTableInput, options ...func(*dynamodb.Options),
) (*dynamodb.CreateTableOutput, error) {
	return invoke(ctx, c, "CreateTable", in, options, (*engine.Engine).CreateTable, (*dynamodb.Client).CreateTable,
		func(out *dynamodb.CreateTableOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// DeleteTable is the SDK's method of that name.
func (c *Client) DeleteTable(
	ctx context.Context, in *dynamodb.DeleteTableInput, options ...func(*dynamodb.Options),
) (*dynamodb.DeleteTableOutput, error) {
	return invoke(ctx, c, "DeleteTable", in, options, (*engine.Engine).DeleteTable, (*dynamodb.Client).DeleteTable,
		func(out *dynamodb.DeleteTableOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// DescribeContinuousBackups is the SDK's method of that name.
func (c *Client) DescribeContinuousBackups(
	ctx context.Context, in *dynamodb.DescribeContinuousBackupsInput, options ...func(*dynamodb.Options),
) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	return invoke(ctx, c, "DescribeContinuousBackups", in, options, (*engine.Engine).DescribeContinuousBackups,
		(*dynamodb.Client).DescribeContinuousBackups,
		func(out *dynamodb.DescribeContinuousBackupsOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// DescribeEndpoints is the SDK's method of that name.
func (c *Client) DescribeEndpoints(
	ctx context.Context, in *dynamodb.DescribeEndpointsInput, options ...func(*dynamodb.Options),
) (*dynamodb.DescribeEndpointsOutput, error) {
	return invoke(ctx, c, "DescribeEndpoints", in, options, (*engine.Engine).DescribeEndpoints,
		(*dynamodb.Client).DescribeEndpoints,
		func(out *dynamodb.DescribeEndpointsOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// DescribeLimits is the SDK's method of that name.
func (c *Client) DescribeLimits(
	ctx context.Context, in *dynamodb.DescribeLimitsInput, options ...func(*dynamodb.Options),
) (*dynamodb.DescribeLimitsOutput, error) {
	return invoke(ctx, c, "DescribeLimits", in, options, (*engine.Engine).DescribeLimits,
		(*dynamodb.Client).DescribeLimits,
		func(out *dynamodb.DescribeLimitsOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// DescribeTable is the SDK's method of that name.
func (c *Client) DescribeTable(
	ctx context.Context, in *dynamodb.DescribeTableInput, options ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	return invoke(ctx, c, "DescribeTable", in, options, (*engine.Engine).DescribeTable,
		(*dynamodb.Client).DescribeTable,
		func(out *dynamodb.DescribeTableOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// DescribeTimeToLive is the SDK's method of that name.
func (c *Client) DescribeTimeToLive(
	ctx context.Context, in *dynamodb.DescribeTimeToLiveInput, options ...func(*dynamodb.Options),
) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return invoke(ctx, c, "DescribeTimeToLive", in, options, (*engine.Engine).DescribeTimeToLive,
		(*dynamodb.Client).DescribeTimeToLive,
		func(out *dynamodb.DescribeTimeToLiveOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// ListTables is the SDK's method of that name.
func (c *Client) ListTables(
	ctx context.Context, in *dynamodb.ListTablesInput, options ...func(*dynamodb.Options),
) (*dynamodb.ListTablesOutput, error) {
	return invoke(ctx, c, "ListTables", in, options, (*engine.Engine).ListTables, (*dynamodb.Client).ListTables,
		func(out *dynamodb.ListTablesOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// ListTagsOfResource is the SDK's method of that name.
func (c *Client) ListTagsOfResource(
	ctx context.Context, in *dynamodb.ListTagsOfResourceInput, options ...func(*dynamodb.Options),
) (*dynamodb.ListTagsOfResourceOutput, error) {
	return invoke(ctx, c, "ListTagsOfResource", in, options, (*engine.Engine).ListTagsOfResource,
		(*dynamodb.Client).ListTagsOfResource,
		func(out *dynamodb.ListTagsOfResourceOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// TagResource is the SDK's method of that name.
func (c *Client) TagResource(
	ctx context.Context, in *dynamodb.TagResourceInput, options ...func(*dynamodb.Options),
) (*dynamodb.TagResourceOutput, error) {
	return invoke(ctx, c, "TagResource", in, options, (*engine.Engine).TagResource, (*dynamodb.Client).TagResource,
		func(out *dynamodb.TagResourceOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// UntagResource is the SDK's method of that name.
func (c *Client) UntagResource(
	ctx context.Context, in *dynamodb.UntagResourceInput, options ...func(*dynamodb.Options),
) (*dynamodb.UntagResourceOutput, error) {
	return invoke(ctx, c, "UntagResource", in, options, (*engine.Engine).UntagResource,
		(*dynamodb.Client).UntagResource,
		func(out *dynamodb.UntagResourceOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// UpdateContinuousBackups is the SDK's method of that name.
func (c *Client) UpdateContinuousBackups(
	ctx context.Context, in *dynamodb.UpdateContinuousBackupsInput, options ...func(*dynamodb.Options),
) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	return invoke(ctx, c, "UpdateContinuousBackups", in, options, (*engine.Engine).UpdateContinuousBackups,
		(*dynamodb.Client).UpdateContinuousBackups,
		func(out *dynamodb.UpdateContinuousBackupsOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// UpdateTable is the SDK's method of that name.
func (c *Client) UpdateTable(
	ctx context.Context, in *dynamodb.UpdateTableInput, options ...func(*dynamodb.Options),
) (*dynamodb.UpdateTableOutput, error) {
	return invoke(ctx, c, "UpdateTable", in, options, (*engine.Engine).UpdateTable, (*dynamodb.Client).UpdateTable,
		func(out *dynamodb.UpdateTableOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// UpdateTimeToLive is the SDK's method of that name.
func (c *Client) UpdateTimeToLive(
	ctx context.Context, in *dynamodb.UpdateTimeToLiveInput, options ...func(*dynamodb.Options),
) (*dynamodb.UpdateTimeToLiveOutput, error) {
	return invoke(ctx, c, "UpdateTimeToLive", in, options, (*engine.Engine).UpdateTimeToLive,
		(*dynamodb.Client).UpdateTimeToLive,
		func(out *dynamodb.UpdateTimeToLiveOutput) *middleware.Metadata { return &out.ResultMetadata })
}
