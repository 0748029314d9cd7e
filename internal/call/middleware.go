package call

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// attempt is what the transport was asked in one attempt. Middleware of the caller's may ask it several times, at a
// time too. It is the context of what is below it, in which its record finds it.
type attempt struct {
	context.Context
	of *Record

	mu      sync.Mutex
	sent    int
	refused int // of these, that did nothing
	done    bool
	status  int // of the last answer
}

var errPanic = errors.New("the attempt ended in a panic")

// attemptKey is where a context has a record's attempt.
type attemptKey struct{ of *Record }

// Value is the attempt itself, for its record.
func (a *attempt) Value(key any) any {
	if k, ok := key.(attemptKey); ok && k.of == a.of {
		return a
	}
	return a.Context.Value(key)
}

// install puts the record's two middlewares in their places.
func (r *Record) install(stack *middleware.Stack) error {
	each := finalizer{r}
	// A stack without the SDK's "Retry" sends once, or has another loop, which stands before what resolves the signer.
	if stack.Finalize.Insert(each, "Retry", middleware.After) != nil &&
		stack.Finalize.Insert(each, "ResolveAuthScheme", middleware.Before) != nil {
		if err := stack.Finalize.Add(each, middleware.Before); err != nil {
			return err
		}
	}
	if err := stack.Deserialize.Add(deserializer{r}, middleware.After); err != nil {
		return err
	}
	r.mu.Lock()
	r.watched = true
	r.mu.Unlock()
	return nil
}

// finalizer is the record's middleware that sees one attempt.
type finalizer struct{ *Record }

// ID names the middleware among others of a stack, which may have a record that watches beside one of a write.
func (r finalizer) ID() string {
	if r.watches {
		return "monotable.watch.attempt"
	}
	return "monotable.write.attempt"
}

// HandleFinalize notes what the attempt did.
func (r finalizer) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	a, err := r.begin(ctx)
	if err != nil {
		return out, metadata, err
	}
	panicked := true
	defer func() {
		if panicked { // nothing more is known of it
			r.end(Unknown, errPanic)
		}
	}()
	out, metadata, err = next.HandleFinalize(a, in)
	panicked = false
	r.end(a.outcome(err, r.class == Token && r.doubtful()), err)
	return out, metadata, err
}

// deserializer is the record's middleware that sees what is given to the transport, and what comes back.
type deserializer struct{ *Record }

// ID names the middleware, as finalizer's does.
func (r deserializer) ID() string {
	if r.watches {
		return "monotable.watch.transport"
	}
	return "monotable.write.transport"
}

// HandleDeserialize notes that an attempt was sent, and what was answered.
func (r deserializer) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput,
	next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	a, ok := ctx.Value(attemptKey{r.Record}).(*attempt)
	if !ok {
		return next.HandleDeserialize(ctx, in)
	}
	a.send()
	out, metadata, err := next.HandleDeserialize(ctx, in)
	status := 0
	if response, ok := out.RawResponse.(*smithyhttp.Response); ok && response != nil && response.Response != nil {
		status = response.StatusCode
	}
	a.receive(status, err)
	return out, metadata, err
}

func (a *attempt) send() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent++
}

// receive notes an answer, or that none came.
func (a *attempt) receive(status int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status = status
	switch {
	case err != nil || status == 0:
		if unconnected(err) {
			a.refused++
		}
	case ofStatus(status, nil) == Done:
		a.done = true
	case ofStatus(status, nil) == Nothing:
		a.refused++
	}
}

// outcome is what the attempt did, which ended with err. used tells that its token may have been at work before.
func (a *attempt) outcome(err error, used bool) Outcome {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil || a.done:
		return Done
	case a.sent > a.refused || inProgress(err):
		return Unknown
	case used && a.status == http.StatusBadRequest && unreadable(err): // it may have said that the token is at work
		return Unknown
	}
	return Nothing
}

// unreadable tells that an answer came and could not be read.
func unreadable(err error) bool {
	var cut *smithy.DeserializationError
	return errors.As(err, &cut)
}
