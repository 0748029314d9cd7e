package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
)

// The packed reads answer as their namesakes do, but leave Items (Item, Responses) nil and hand the items over packed, so that
// an HTTP server can write them as JSON without building maps.

// GetPacked is GetItem; an empty PackedItem means that there is no Item in the answer.
func (e *Engine) GetPacked(ctx context.Context, in *dynamodb.GetItemInput) (*dynamodb.GetItemOutput, PackedItem, error) {
	return nil, "", &smithy.GenericAPIError{Code: "UnknownOperationException"}
}

// QueryPacked is Query.
func (e *Engine) QueryPacked(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, []PackedItem, error) {
	return nil, nil, &smithy.GenericAPIError{Code: "UnknownOperationException"}
}

// ScanPacked is Scan.
func (e *Engine) ScanPacked(ctx context.Context, in *dynamodb.ScanInput) (*dynamodb.ScanOutput, []PackedItem, error) {
	return nil, nil, &smithy.GenericAPIError{Code: "UnknownOperationException"}
}

// BatchGetPacked is BatchGetItem; the items stand under their tables' names as the request gave them.
func (e *Engine) BatchGetPacked(ctx context.Context, in *dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, map[string][]PackedItem, error) {
	return nil, nil, &smithy.GenericAPIError{Code: "UnknownOperationException"}
}
