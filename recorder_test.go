package monotable_test

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// recorder counts the requests that reach a service, and can answer one in its place.
type recorder struct {
	service
	mu       sync.Mutex
	requests []string
	before   func(op string, in any) error // an error is the answer
	after    func(op string, in any) error // an error replaces the answer: the request took place
}

// seen gives the operations since the last call.
func (r *recorder) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.requests
	r.requests = nil
	return seen
}

// options are those of a call. With an answer to be replaced they are dropped, as by clients that do not let the SDK
// tell of its attempts: otherwise it would tell that the request took place.
func (r *recorder) options(o []func(*dynamodb.Options)) []func(*dynamodb.Options) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.after != nil {
		return nil
	}
	return o
}

func record[In, Out any](r *recorder, op string, in In, call func() (Out, error)) (out Out, err error) {
	r.mu.Lock()
	r.requests = append(r.requests, op)
	before, after := r.before, r.after
	r.mu.Unlock()
	if before != nil {
		if err := before(op, in); err != nil {
			return out, err
		}
	}
	if out, err = call(); err == nil && after != nil {
		err = after(op, in)
	}
	return out, err
}

func (r *recorder) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return record(r, "GetItem", in, func() (*dynamodb.GetItemOutput, error) {
		return r.service.GetItem(ctx, in, r.options(o)...)
	})
}

func (r *recorder) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return record(r, "PutItem", in, func() (*dynamodb.PutItemOutput, error) {
		return r.service.PutItem(ctx, in, r.options(o)...)
	})
}

func (r *recorder) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return record(r, "UpdateItem", in, func() (*dynamodb.UpdateItemOutput, error) {
		return r.service.UpdateItem(ctx, in, r.options(o)...)
	})
}

func (r *recorder) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return record(r, "DeleteItem", in, func() (*dynamodb.DeleteItemOutput, error) {
		return r.service.DeleteItem(ctx, in, r.options(o)...)
	})
}

func (r *recorder) Query(ctx context.Context, in *dynamodb.QueryInput,
	o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return record(r, "Query", in, func() (*dynamodb.QueryOutput, error) {
		return r.service.Query(ctx, in, r.options(o)...)
	})
}

func (r *recorder) Scan(ctx context.Context, in *dynamodb.ScanInput,
	o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return record(r, "Scan", in, func() (*dynamodb.ScanOutput, error) {
		return r.service.Scan(ctx, in, r.options(o)...)
	})
}

func (r *recorder) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return record(r, "BatchGetItem", in, func() (*dynamodb.BatchGetItemOutput, error) {
		return r.service.BatchGetItem(ctx, in, r.options(o)...)
	})
}

func (r *recorder) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return record(r, "TransactWriteItems", in, func() (*dynamodb.TransactWriteItemsOutput, error) {
		return r.service.TransactWriteItems(ctx, in, r.options(o)...)
	})
}

func (r *recorder) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return record(r, "TransactGetItems", in, func() (*dynamodb.TransactGetItemsOutput, error) {
		return r.service.TransactGetItems(ctx, in, r.options(o)...)
	})
}

func (r *recorder) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return record(r, "BatchWriteItem", in, func() (*dynamodb.BatchWriteItemOutput, error) {
		return r.service.BatchWriteItem(ctx, in, r.options(o)...)
	})
}
