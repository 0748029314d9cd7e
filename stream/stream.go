// Package stream turns the changes of a DynamoDB table into typed Go values: the events that Lambda hands to a
// function, and the records that are read from DynamoDB Streams.
//
// # A function
//
// A [Router] says which function takes which entity type of one table. Its Handle is a Lambda handler:
//
//	orders, err := monotable.New[Order](db, orderModel)
//	router, err := stream.New(db,
//		stream.On(orders, func(ctx context.Context, old, new *Order) error { ... }),
//		stream.IgnoreOthers(),
//	)
//	lambda.Start(router.Handle)
//
// old is nil for an item that was inserted, new for one that was removed. The rest of what is known of a change, such
// as its keys, its time and whether the item expired, is in the context: see [RecordOf].
//
// # Nothing is dropped
//
// A change of an entity type that no function takes goes to [Others], or is an error unless [IgnoreOthers] or [Ignore]
// says otherwise. Types are told apart as Table.Is does it: by the schema's entity-type attribute, else by the key
// templates. A change that turned an item of one type into another under the same key is a removal for the first type
// and then an insert for the second. Guards of unique constraints are the library's own items and go to nobody.
//
// A stream carries what its view type says. [On] needs both images, [OnNew] and [OnOld] one, [OnKeys] none. Where an
// image that a function needs is not there the record fails with [ErrImage]: a T is whole, or it is not made.
//
// # Failures
//
// Records are handled in order. The first that fails, by an error, a panic or because it cannot be decoded, is reported
// by its sequence number, and Lambda sends it again with all that come behind it in the shard. That needs
// ReportBatchItemFailures among the FunctionResponseTypes of the event source mapping: without it Lambda takes the
// report for success and goes on. Where it cannot be set, start HandleWhole, which fails the batch as a whole.
//
// Lambda repeats a failing record until it succeeds, MaximumRetryAttempts are spent, or the record is 24 hours old, and
// the shard waits. Set a number of attempts and an OnFailure destination in the mapping. What was handled may come
// again at any time: functions must stand a change twice. Record.ID is the same each time and fits an idempotency
// token.
//
// Lambda's report has no room for reasons, so each failure is also given to the function set with [Failed], or logged
// with log/slog.
//
// # Requests
//
// Nothing here sends a request, but for a [Poller], which is for tests and local stacks.
package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/monotable/monotable"
)

// Router takes the changes of one table to the functions that its options name. Make one with New, once, and keep it.
// It is safe for concurrent use if they are.
type Router struct {
	schema   monotable.Schema
	routes   []route
	others   func(context.Context, Record) error
	parallel int
	failed   func(context.Context, *Error)
}

// Option fits New.
type Option struct{ set func(*Router) error }

// New makes a router of the changes of db's table. It returns everything that is wrong with the options, and sends
// nothing.
func New(db *monotable.DB, options ...Option) (*Router, error) {
	if db == nil {
		return nil, errors.New("stream: New: the DB is nil")
	}
	r := &Router{schema: db.Schema(), parallel: 1, failed: logFailure}
	var errs []error
	for _, o := range options {
		if o.set == nil {
			continue
		}
		if err := o.set(r); err != nil {
			errs = append(errs, fmt.Errorf("stream: New: %w", err))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return r, nil
}

// Others takes the changes of all entity types that no other option names, as records.
func Others(fn func(ctx context.Context, change Record) error) Option {
	return Option{func(r *Router) error {
		if fn == nil {
			return errors.New("Others: the function is nil")
		}
		if r.others != nil {
			return errors.New("Others and IgnoreOthers: one of them, once")
		}
		r.others = fn
		return nil
	}}
}

// IgnoreOthers leaves out the changes of all entity types that no other option names. Without it, or Others, they are
// errors.
func IgnoreOthers() Option {
	return Others(func(context.Context, Record) error { return nil })
}

// Parallel handles up to n keys of a batch at a time; the default is 1. The changes of one key stay in order, and
// nothing behind the reported failure is lost; but what other keys' changes behind it were handled by then will be
// handled again.
func Parallel(n int) Option {
	return Option{func(r *Router) error {
		if n < 1 {
			return fmt.Errorf("Parallel(%d): at least 1 key at a time", n)
		}
		r.parallel = n
		return nil
	}}
}

// Failed is given every failure that Handle reports to Lambda or that happened beside it, in the batch's order, once
// the batch's functions have returned. The default logs them with slog.ErrorContext: the text names the record's
// sequence number and entity type, and has the function's own error in it.
func Failed(fn func(context.Context, *Error)) Option {
	return Option{func(r *Router) error {
		if fn == nil {
			return errors.New("Failed: the function is nil")
		}
		r.failed = fn
		return nil
	}}
}

func logFailure(ctx context.Context, err *Error) {
	slog.ErrorContext(ctx, "a change was not handled", "error", err, "sequence", err.Sequence, "entity", err.Entity)
}

// Handle handles the records of one batch of one shard, in order, and reports the first failure as Lambda wants it.
// Once a record has failed, or ctx has ended, no further one is begun that is behind it. Give ctx a deadline before the
// function's own to keep what was done when time runs out.
//
// The error is nil, except where the record that failed has no sequence number to report it by: the whole batch is sent
// again then.
func (r *Router) Handle(ctx context.Context, event Event) (Response, error) {
	failures := r.run(ctx, event.Records)
	for _, f := range failures {
		r.failed(ctx, f)
	}
	if len(failures) == 0 {
		return Response{}, nil
	}
	first := failures[0]
	if first.Sequence == "" {
		return Response{}, first
	}
	return Response{BatchItemFailures: []Failure{{ItemIdentifier: first.Sequence}}}, nil
}

// HandleWhole is Handle for an event source mapping without ReportBatchItemFailures: the first failure is returned, as
// an *Error, and Lambda sends the whole batch again. Further failures, which only Parallel can have, go to the function
// set with Failed.
func (r *Router) HandleWhole(ctx context.Context, event Event) error {
	failures := r.run(ctx, event.Records)
	if len(failures) == 0 {
		return nil
	}
	for _, f := range failures[1:] {
		r.failed(ctx, f)
	}
	return failures[0]
}
