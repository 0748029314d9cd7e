package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"
)

// CreateTable is the service's operation of that name.
func (e *Engine) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput) (*dynamodb.CreateTableOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "CreateTable is not supported"}
}

// DescribeTable is the service's operation of that name.
func (e *Engine) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput) (*dynamodb.DescribeTableOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "DescribeTable is not supported"}
}

// ListTables is the service's operation of that name.
func (e *Engine) ListTables(ctx context.Context, in *dynamodb.ListTablesInput) (*dynamodb.ListTablesOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "ListTables is not supported"}
}

// UpdateTable is the service's operation of that name.
func (e *Engine) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput) (*dynamodb.UpdateTableOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "UpdateTable is not supported"}
}

// DeleteTable is the service's operation of that name.
func (e *Engine) DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput) (*dynamodb.DeleteTableOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "DeleteTable is not supported"}
}

// UpdateTimeToLive is the service's operation of that name.
func (e *Engine) UpdateTimeToLive(ctx context.Context, in *dynamodb.UpdateTimeToLiveInput) (*dynamodb.UpdateTimeToLiveOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "UpdateTimeToLive is not supported"}
}

// DescribeTimeToLive is the service's operation of that name.
func (e *Engine) DescribeTimeToLive(ctx context.Context, in *dynamodb.DescribeTimeToLiveInput) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "DescribeTimeToLive is not supported"}
}

// TagResource is the service's operation of that name.
func (e *Engine) TagResource(ctx context.Context, in *dynamodb.TagResourceInput) (*dynamodb.TagResourceOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "TagResource is not supported"}
}

// UntagResource is the service's operation of that name.
func (e *Engine) UntagResource(ctx context.Context, in *dynamodb.UntagResourceInput) (*dynamodb.UntagResourceOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "UntagResource is not supported"}
}

// ListTagsOfResource is the service's operation of that name.
func (e *Engine) ListTagsOfResource(ctx context.Context, in *dynamodb.ListTagsOfResourceInput) (*dynamodb.ListTagsOfResourceOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "ListTagsOfResource is not supported"}
}

// UpdateContinuousBackups is the service's operation of that name.
func (e *Engine) UpdateContinuousBackups(ctx context.Context, in *dynamodb.UpdateContinuousBackupsInput) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "UpdateContinuousBackups is not supported"}
}

// DescribeContinuousBackups is the service's operation of that name.
func (e *Engine) DescribeContinuousBackups(ctx context.Context, in *dynamodb.DescribeContinuousBackupsInput) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "DescribeContinuousBackups is not supported"}
}

// DescribeLimits is the service's operation of that name.
func (e *Engine) DescribeLimits(ctx context.Context, in *dynamodb.DescribeLimitsInput) (*dynamodb.DescribeLimitsOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "DescribeLimits is not supported"}
}

// DescribeEndpoints is the service's operation of that name.
func (e *Engine) DescribeEndpoints(ctx context.Context, in *dynamodb.DescribeEndpointsInput) (*dynamodb.DescribeEndpointsOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "DescribeEndpoints is not supported"}
}

// PutItem is the service's operation of that name.
func (e *Engine) PutItem(ctx context.Context, in *dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "PutItem is not supported"}
}

// GetItem is the service's operation of that name.
func (e *Engine) GetItem(ctx context.Context, in *dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "GetItem is not supported"}
}

// UpdateItem is the service's operation of that name.
func (e *Engine) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "UpdateItem is not supported"}
}

// DeleteItem is the service's operation of that name.
func (e *Engine) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput) (*dynamodb.DeleteItemOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "DeleteItem is not supported"}
}

// Query is the service's operation of that name.
func (e *Engine) Query(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "Query is not supported"}
}

// Scan is the service's operation of that name.
func (e *Engine) Scan(ctx context.Context, in *dynamodb.ScanInput) (*dynamodb.ScanOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "Scan is not supported"}
}

// BatchGetItem is the service's operation of that name.
func (e *Engine) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "BatchGetItem is not supported"}
}

// BatchWriteItem is the service's operation of that name.
func (e *Engine) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput) (*dynamodb.BatchWriteItemOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "BatchWriteItem is not supported"}
}

// TransactGetItems is the service's operation of that name.
func (e *Engine) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput) (*dynamodb.TransactGetItemsOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "TransactGetItems is not supported"}
}

// TransactWriteItems is the service's operation of that name.
func (e *Engine) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput) (*dynamodb.TransactWriteItemsOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "TransactWriteItems is not supported"}
}

// ListStreams is the service's operation of that name.
func (e *Engine) ListStreams(ctx context.Context, in *dynamodbstreams.ListStreamsInput) (*dynamodbstreams.ListStreamsOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "ListStreams is not supported"}
}

// DescribeStream is the service's operation of that name.
func (e *Engine) DescribeStream(ctx context.Context, in *dynamodbstreams.DescribeStreamInput) (*dynamodbstreams.DescribeStreamOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "DescribeStream is not supported"}
}

// GetShardIterator is the service's operation of that name.
func (e *Engine) GetShardIterator(ctx context.Context, in *dynamodbstreams.GetShardIteratorInput) (*dynamodbstreams.GetShardIteratorOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "GetShardIterator is not supported"}
}

// GetRecords is the service's operation of that name.
func (e *Engine) GetRecords(ctx context.Context, in *dynamodbstreams.GetRecordsInput) (*dynamodbstreams.GetRecordsOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "GetRecords is not supported"}
}
