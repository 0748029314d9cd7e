package shop

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable"
)

// Journal is a client that notes the operation of each request on its way to another client, so that what a call sends
// can be shown and tested. It is safe for concurrent use.
type Journal struct {
	monotable.Client

	mu         sync.Mutex
	operations []string
}

// Take gives the operations since the last call, by the service's names, in the order they were sent.
func (j *Journal) Take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	operations := j.operations
	j.operations = nil
	return operations
}

func (j *Journal) note(operation string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.operations = append(j.operations, operation)
}

type option = func(*dynamodb.Options)

// GetItem notes and passes on, as do all the others.
func (j *Journal) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	o ...option) (*dynamodb.GetItemOutput, error) {
	j.note("GetItem")
	return j.Client.GetItem(ctx, in, o...)
}

// PutItem notes and passes on.
func (j *Journal) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	o ...option) (*dynamodb.PutItemOutput, error) {
	j.note("PutItem")
	return j.Client.PutItem(ctx, in, o...)
}

// UpdateItem notes and passes on.
func (j *Journal) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	o ...option) (*dynamodb.UpdateItemOutput, error) {
	j.note("UpdateItem")
	return j.Client.UpdateItem(ctx, in, o...)
}

// DeleteItem notes and passes on.
func (j *Journal) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput,
	o ...option) (*dynamodb.DeleteItemOutput, error) {
	j.note("DeleteItem")
	return j.Client.DeleteItem(ctx, in, o...)
}

// Query notes and passes on.
func (j *Journal) Query(ctx context.Context, in *dynamodb.QueryInput, o ...option) (*dynamodb.QueryOutput, error) {
	j.note("Query")
	return j.Client.Query(ctx, in, o...)
}

// Scan notes and passes on.
func (j *Journal) Scan(ctx context.Context, in *dynamodb.ScanInput, o ...option) (*dynamodb.ScanOutput, error) {
	j.note("Scan")
	return j.Client.Scan(ctx, in, o...)
}

// BatchGetItem notes and passes on.
func (j *Journal) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	o ...option) (*dynamodb.BatchGetItemOutput, error) {
	j.note("BatchGetItem")
	return j.Client.BatchGetItem(ctx, in, o...)
}

// BatchWriteItem notes and passes on.
func (j *Journal) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput,
	o ...option) (*dynamodb.BatchWriteItemOutput, error) {
	j.note("BatchWriteItem")
	return j.Client.BatchWriteItem(ctx, in, o...)
}

// TransactGetItems notes and passes on.
func (j *Journal) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput,
	o ...option) (*dynamodb.TransactGetItemsOutput, error) {
	j.note("TransactGetItems")
	return j.Client.TransactGetItems(ctx, in, o...)
}

// TransactWriteItems notes and passes on.
func (j *Journal) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	o ...option) (*dynamodb.TransactWriteItemsOutput, error) {
	j.note("TransactWriteItems")
	return j.Client.TransactWriteItems(ctx, in, o...)
}
