package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"
)

// UpdateTable is the service's operation of that name.
func (e *Engine) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput) (*dynamodb.UpdateTableOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "UpdateTable is not supported"}
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
