package dynamotest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"runtime/debug"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/monotable/monotable/internal/engine"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/wire"
)

// engineMethod is an operation as the engine has it.
type engineMethod[In, Out any] = func(*engine.Engine, context.Context, *In) (*Out, error)

// invoke runs an operation of DynamoDB in the engine and gives answer and error the SDK's shape. Where attempts are
// repeated, the SDK's own client does it.
func invoke[In, Out any](ctx context.Context, c *Client, operation string, in *In, options []func(*dynamodb.Options),
	run engineMethod[In, Out],
	sdk func(*dynamodb.Client, context.Context, *In, ...func(*dynamodb.Options)) (*Out, error),
	metadata func(*Out) *middleware.Metadata,
) (*Out, error) {
	send := func(ctx context.Context, in *In, unsent aws.HTTPClient) error {
		_, err := sdk(dynamodb.New(dynamodb.Options{Region: "us-east-1", HTTPClient: unsent,
			Retryer:     aws.NopRetryer{},
			Credentials: aws.AnonymousCredentials{}}), ctx, in)
		return err
	}
	if r := c.repeating; r != nil {
		return repeated(ctx, dynamodb.ServiceID, operation, in, send, func() (*Out, error) {
			return sdk(r.tables, ctx, in, r.tableOptions(options)...)
		})
	}
	out, err := perform(ctx, c, operation, in, run, metadata, send)
	if err != nil {
		return nil, asOperationError(dynamodb.ServiceID, operation, err)
	}
	return out, nil
}

// invokeStreams is invoke for the operations of DynamoDB Streams.
func invokeStreams[In, Out any](ctx context.Context, c *Client, operation string, in *In,
	options []func(*dynamodbstreams.Options), run engineMethod[In, Out],
	sdk func(*dynamodbstreams.Client, context.Context, *In, ...func(*dynamodbstreams.Options)) (*Out, error),
	metadata func(*Out) *middleware.Metadata,
) (*Out, error) {
	send := func(ctx context.Context, in *In, unsent aws.HTTPClient) error {
		_, err := sdk(dynamodbstreams.New(dynamodbstreams.Options{Region: "us-east-1", HTTPClient: unsent,
			Retryer: aws.NopRetryer{}, Credentials: aws.AnonymousCredentials{}}), ctx, in)
		return err
	}
	if r := c.repeating; r != nil {
		return repeated(ctx, dynamodbstreams.ServiceID, operation, in, send, func() (*Out, error) {
			return sdk(r.streams, ctx, in, r.streamOptions(options)...)
		})
	}
	out, err := perform(ctx, c, operation, in, run, metadata, send)
	if err != nil {
		return nil, asOperationError(dynamodbstreams.ServiceID, operation, err)
	}
	return out, nil
}

// perform runs an operation in the engine. Where the engine refuses, send is asked whether the SDK would have sent the
// request at all: it checks required members itself and cannot write some values.
func perform[In, Out any](ctx context.Context, c *Client, operation string, in *In, run engineMethod[In, Out],
	metadata func(*Out) *middleware.Metadata, send func(context.Context, *In, aws.HTTPClient) error,
) (*Out, error) {
	if err := ctx.Err(); err != nil {
		return nil, endedBefore{err}
	}
	if in == nil {
		in = new(In)
	}
	if err := wire.CheckText(in); err != nil {
		return nil, asResponseError(err)
	}
	if c.faults.active.Load() != nil || doubtful(in) {
		if refusal := unsendable(ctx, in, send); refusal != nil {
			return nil, asResponseError(refusal)
		}
	}
	out, err := attempted(ctx, c, operation, in, run, send)
	if err != nil {
		return nil, cmp.Or(asUnanswered(err), asResponseError(err))
	}
	awsmiddleware.SetRequestIDMetadata(metadata(out), newRequestID())
	return out, nil
}

// doubtful says of a request that the engine may carry it out although the SDK may not be able to send it: a batch of
// statements with a parameter that is no value.
func doubtful(in any) bool {
	batch, ok := in.(*dynamodb.BatchExecuteStatementInput)
	return ok && slices.ContainsFunc(batch.Statements, func(s types.BatchStatementRequest) bool {
		return slices.ContainsFunc(s.Parameters, func(v types.AttributeValue) bool { return expr.CheckValue(v) != nil })
	})
}

// endedBefore is the error of a context that ended before the call.
type endedBefore struct{ error }

// Unwrap is the context's error.
func (e endedBefore) Unwrap() error { return e.error }

// Unsent says that nothing took place.
func (endedBefore) Unsent() bool { return true }

// attempted runs an operation under the client's faults. A request that would not have reached the service is not
// counted.
func attempted[In, Out any](ctx context.Context, c *Client, operation string, in *In, run engineMethod[In, Out],
	send func(context.Context, *In, aws.HTTPClient) error,
) (*Out, error) {
	ctx, attempt, err := c.begin(ctx, operation, in)
	if err != nil {
		return nil, attempt.end(ctx, err)
	}
	out, err := guarded(c.engine, ctx, in, run)
	if err != nil && !wasRead(err) {
		if refusal := unsendable(ctx, in, send); refusal != nil {
			return nil, refusal
		}
	}
	if err = attempt.end(ctx, err); err != nil {
		return nil, err
	}
	return out, nil
}

// guarded runs an operation and makes a fault in it an InternalServerError that says where the fault is.
func guarded[In, Out any](
	e *engine.Engine, ctx context.Context, in *In, run engineMethod[In, Out],
) (out *Out, err error) {
	defer func() {
		if recover() != nil {
			err = &types.InternalServerError{Message: new("dynamotest: fault in the engine\n" + string(debug.Stack()))}
		}
	}()
	if err := engine.CheckFields(in); err != nil {
		return nil, err
	}
	return run(e, ctx, in)
}

// unsent is a transport that keeps the request's body to itself.
type unsent struct{ body []byte }

var errUnsent = errors.New("not sent")

func (u *unsent) Do(r *http.Request) (*http.Response, error) {
	u.body, _ = io.ReadAll(r.Body)
	return nil, errUnsent
}

// wasRead says of an error of the engine that the request it answers can be sent and read.
func wasRead(err error) bool {
	var condition *types.ConditionalCheckFailedException
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return errors.As(err, &condition)
	}
	return !slices.ContainsFunc(cancelled.CancellationReasons, func(r types.CancellationReason) bool {
		return r.Code != nil && *r.Code == "ValidationError"
	})
}

// unsendable gives the error with which the SDK would have refused to send in, or the service to read it, and nil if
// neither would.
func unsendable[In any](
	ctx context.Context, in *In, send func(context.Context, *In, aws.HTTPClient) error,
) (refusal error) {
	defer func() {
		if recover() != nil { // the SDK cannot write a nil pointer to an attribute value
			refusal = &wire.Error{Code: wire.CodeSerialization}
		}
	}()
	transport := &unsent{}
	if err := send(ctx, in, transport); !errors.Is(err, errUnsent) {
		var operation *smithy.OperationError
		if errors.As(err, &operation) {
			return operation.Err
		}
		return err
	}
	var unread *wire.Error
	if err := wire.UnmarshalInput(bytes.TrimSpace(transport.body),
		reflect.New(reflect.TypeFor[In]()).Interface()); errors.As(err, &unread) {
		return unread
	}
	return nil
}

func asOperationError(service, operation string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: err}
}

// asResponseError wraps a service's error in the response that would have carried it, and leaves other errors alone.
func asResponseError(err error) error {
	var api smithy.APIError
	if unread := (*wire.Error)(nil); errors.As(err, &unread) {
		api = unread.APIError()
	} else if !errors.As(err, &api) {
		return err
	}
	status := wire.Status(api)
	// which has no fault when the SDK has read it, and always a message
	if generic, ok := api.(*smithy.GenericAPIError); ok {
		api = &smithy.GenericAPIError{Code: generic.Code, Message: cmp.Or(generic.Message, "UnknownError")}
	}
	return asSDKError(status, newRequestID(), api)
}
