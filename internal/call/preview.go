package call

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/cause"
)

// noPlace is a Preview without a place for the request. Nothing took place.
type noPlace struct{}

func (noPlace) Error() string { return "Preview(nil) has no place for the request" }

// Unsent says that nothing took place.
func (noPlace) Unsent() bool { return true }

// Preview is a client that keeps the first request and sends none.
type Preview struct {
	Into *any
	once sync.Once // a call may send several at a time
}

func preview[In, Out any](p *Preview, in *In) (*Out, error) {
	if p.Into == nil {
		return nil, noPlace{}
	}
	p.once.Do(func() { *p.Into = in })
	return nil, cause.Previewed
}

func (p *Preview) GetItem(_ context.Context, in *dynamodb.GetItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return preview[dynamodb.GetItemInput, dynamodb.GetItemOutput](p, in)
}

func (p *Preview) PutItem(_ context.Context, in *dynamodb.PutItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return preview[dynamodb.PutItemInput, dynamodb.PutItemOutput](p, in)
}

func (p *Preview) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return preview[dynamodb.UpdateItemInput, dynamodb.UpdateItemOutput](p, in)
}

func (p *Preview) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return preview[dynamodb.DeleteItemInput, dynamodb.DeleteItemOutput](p, in)
}

func (p *Preview) Query(_ context.Context, in *dynamodb.QueryInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return preview[dynamodb.QueryInput, dynamodb.QueryOutput](p, in)
}

func (p *Preview) Scan(_ context.Context, in *dynamodb.ScanInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return preview[dynamodb.ScanInput, dynamodb.ScanOutput](p, in)
}

func (p *Preview) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return preview[dynamodb.BatchGetItemInput, dynamodb.BatchGetItemOutput](p, in)
}

func (p *Preview) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return preview[dynamodb.BatchWriteItemInput, dynamodb.BatchWriteItemOutput](p, in)
}

func (p *Preview) TransactGetItems(_ context.Context, in *dynamodb.TransactGetItemsInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return preview[dynamodb.TransactGetItemsInput, dynamodb.TransactGetItemsOutput](p, in)
}

func (p *Preview) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return preview[dynamodb.TransactWriteItemsInput, dynamodb.TransactWriteItemsOutput](p, in)
}
