package monotable

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// ErrPreview is what a call given Preview returns in place of sending its request.
var ErrPreview error = previewed{}

// previewed is the type of ErrPreview alone.
type previewed struct{}

func (previewed) Error() string { return "monotable: request previewed, not sent" }

// Unsent says that nothing took place.
func (previewed) Unsent() bool { return true }

// Preview makes a call stop before its first request: *into becomes the input, a *dynamodb.PutItemInput or whatever the
// call would send, and the call returns ErrPreview. A call that reads before it writes shows the read.
func Preview(into *any) CallOption {
	return CallOption{func(s *settings) { s.preview = &previewer{into: into} }}
}

// via is the client that a call's requests go to.
func (db *DB) via(s *settings) Client {
	if s.preview != nil {
		return s.preview
	}
	return db.metered(s, s.entity)
}

var errNoPreview = errors.New("Preview(nil) has no place for the request")

// previewer is a client that keeps the first request and sends none.
type previewer struct {
	into *any
	once sync.Once // a call may send several at a time
}

func preview[In, Out any](p *previewer, in *In) (*Out, error) {
	if p.into == nil {
		return nil, errNoPreview
	}
	p.once.Do(func() { *p.into = in })
	return nil, ErrPreview
}

func (p *previewer) GetItem(_ context.Context, in *dynamodb.GetItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return preview[dynamodb.GetItemInput, dynamodb.GetItemOutput](p, in)
}

func (p *previewer) PutItem(_ context.Context, in *dynamodb.PutItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return preview[dynamodb.PutItemInput, dynamodb.PutItemOutput](p, in)
}

func (p *previewer) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return preview[dynamodb.UpdateItemInput, dynamodb.UpdateItemOutput](p, in)
}

func (p *previewer) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return preview[dynamodb.DeleteItemInput, dynamodb.DeleteItemOutput](p, in)
}

func (p *previewer) Query(_ context.Context, in *dynamodb.QueryInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return preview[dynamodb.QueryInput, dynamodb.QueryOutput](p, in)
}

func (p *previewer) Scan(_ context.Context, in *dynamodb.ScanInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return preview[dynamodb.ScanInput, dynamodb.ScanOutput](p, in)
}

func (p *previewer) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return preview[dynamodb.BatchGetItemInput, dynamodb.BatchGetItemOutput](p, in)
}

func (p *previewer) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return preview[dynamodb.BatchWriteItemInput, dynamodb.BatchWriteItemOutput](p, in)
}

func (p *previewer) TransactGetItems(_ context.Context, in *dynamodb.TransactGetItemsInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return preview[dynamodb.TransactGetItemsInput, dynamodb.TransactGetItemsOutput](p, in)
}

func (p *previewer) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return preview[dynamodb.TransactWriteItemsInput, dynamodb.TransactWriteItemsOutput](p, in)
}
