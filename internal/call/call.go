// Package call judges what the attempts of one call to the service did.
//
// The SDK sends a request again after throttles, where the first attempt was refused and did nothing, and after lost
// connections and internal errors, where nobody knows what it did. The error that a call ends with tells the two apart
// only for the last attempt. So each attempt is judged where it happened: a Finalize middleware right behind the SDK's
// "Retry" sees its error, and a Deserialize middleware next to the transport whether it was sent at all, and which
// status came.
package call

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
)

// Outcome is what one attempt did.
type Outcome uint8

// Outcomes of an attempt.
const (
	Nothing Outcome = iota // it did nothing: it was refused, or not sent
	Unknown                // nobody knows: no answer came, or one that does not tell
	Done                   // it took place
)

// Class says what a repetition of a request does, and so what may follow an attempt of which nobody knows what it did.
type Class uint8

// Classes of requests.
const (
	Free         Class = iota // doing it twice is doing it once
	SelfGuarding              // its condition fails once it took place
	Token                     // a transaction under a token, by which the service knows a repetition
	OnceOnly                  // a repetition would double the effect, or answer with it: it is not sent
)

// tokenLife is how long after the first attempt a transaction is sent again under its token. The service forgets a
// token ten minutes after the request completed (TransactWriteItems' ClientRequestToken in the API reference); clocks
// may differ by one.
const tokenLife = 9 * time.Minute

// Record is the attempts of one call. Make one for each call, and give its Options to the client.
type Record struct {
	class   Class
	shared  bool // the token is the caller's, who may have used it before
	watches bool // it leaves repetitions to the SDK

	// These are in the record because every call has them: apart they would be four allocations more.
	first   attempt
	options [1]func(*dynamodb.Options)
	stack   [1]func(*middleware.Stack) error

	mu      sync.Mutex
	watched bool // the client told of attempts; otherwise the call is one, judged by its error
	sent    int
	flying  int // attempts that began and have not ended
	last    Outcome
	doubt   bool // an attempt before the last may have taken place
	lost    int
	began   time.Time // of the first attempt
	err     error     // of the last attempt
	over    bool      // the call was judged: no attempt may begin any more
}

// Of begins the record of a write of that class.
func Of(class Class) *Record { return &Record{class: class} }

// Under begins the record of a transaction under a token; shared tells that it is the caller's, who may have used it
// before.
func Under(shared bool) *Record {
	return &Record{class: Token, shared: shared}
}

// Watch begins a record that only counts.
func Watch() *Record { return &Record{watches: true} }

// Options are a call's options, and the record's behind them, so that it wraps the retryer that the caller chose.
func (r *Record) Options(options []func(*dynamodb.Options)) []func(*dynamodb.Options) {
	r.options[0], r.stack[0] = r.change, r.install
	return Behind(options, r.options[:])
}

// change puts the record into the options of a call. A client may call it several times, at a time too.
func (r *Record) change(o *dynamodb.Options) {
	if !r.watches && o.Retryer != nil {
		o.Retryer = stopping{asV2(o.Retryer), r}
	}
	o.APIOptions = Behind(o.APIOptions, r.stack[:])
}

// Behind is a list with another behind it, neither of which changes, whatever is appended to it.
func Behind[T any](list, more []T) []T {
	if len(list) == 0 {
		return slices.Clip(more)
	}
	return append(slices.Clip(list), more...)
}

// Ambiguous tells whether a call that failed with err may have taken place: its last attempt may have, or one before it
// may have and the last one's answer does not settle that, or one is under way still: a client may give up, or send two
// at a time.
func (r *Record) Ambiguous(err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	last := r.last
	if !r.watched {
		last = judge(err)
	}
	switch {
	case r.flying > 0, last != Nothing:
		return true
	case !r.doubt:
		return false
	}
	// Had an earlier attempt taken place, its token would have been answered with success.
	return r.class != Token || !cancelled(err) && !mismatched(err)
}

// Doubtful tells whether an attempt before the last may have taken place.
func (r *Record) Doubtful() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.doubt
}

// Took tells whether a call that failed with err took place all the same: its answer came, and was cut or could not be
// read.
func (r *Record) Took(err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	if !r.watched {
		return judge(err) == Done
	}
	return r.last == Done
}

// Lost counts the attempts that may have taken place though their answers did not come.
func (r *Record) Lost() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost
}

// note adds an attempt that ended.
func (r *Record) note(outcome Outcome, err error) {
	r.doubt = r.doubt || r.sent > 0 && r.last != Nothing
	r.sent, r.last, r.err = r.sent+1, outcome, err
	if err != nil && outcome != Nothing {
		r.lost++
	}
}

// end notes an attempt that began.
func (r *Record) end(outcome Outcome, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flying--
	r.note(outcome, err)
}

// Errors of attempts that are not made.
var (
	errOver  = errors.New("the call is over: no further attempt is made")
	errTwice = errors.New("an attempt is under way: a repetition would double the effect")
)

// begin makes the attempt that is about to be sent under ctx, or gives an error where none may: because another loop
// stands in the place of the SDK's, because the pause was longer than a token's life, because a client sends two at a
// time, or because the call was given up.
func (r *Record) begin(ctx context.Context) (*attempt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.watches:
	case r.over:
		return nil, errOver
	case r.class == OnceOnly && r.flying > 0:
		return nil, errTwice
	case r.sent > 0 && r.err != nil && !r.repeatable():
		return nil, r.err
	}
	r.flying++
	if r.sent > 0 || r.flying > 1 {
		return &attempt{Context: ctx, of: r}, nil
	}
	r.began = time.Now()
	r.first.Context, r.first.of = ctx, r
	return &r.first, nil
}

// doubtful tells whether a token may have been at work before an attempt.
func (r *Record) doubtful() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shared || r.doubt || r.sent > 0 && r.last != Nothing
}

// repeatable tells whether another attempt may follow.
func (r *Record) repeatable() bool {
	switch {
	case r.last == Done:
		return false
	case r.last == Nothing && !r.doubt:
		return true
	case r.class == OnceOnly:
		return false
	case r.class == Token:
		return time.Since(r.began) < tokenLife
	}
	return true
}

// stopping is the caller's retryer, which is not asked where no attempt may follow. It is all of a RetryerV2, so that
// adaptive mode keeps its rate.
type stopping struct {
	aws.RetryerV2
	record *Record
}

// IsErrorRetryable is asked after every attempt that failed. Where the caller's own options took the record's
// middlewares out, it is all that tells of attempts.
func (s stopping) IsErrorRetryable(err error) bool {
	s.record.mu.Lock()
	if !s.record.watched {
		if s.record.sent == 0 {
			s.record.began = time.Now()
		}
		s.record.note(judge(err), err)
	}
	may := s.record.repeatable()
	s.record.mu.Unlock()
	return may && s.RetryerV2.IsErrorRetryable(err)
}

// asV2 is a retryer as the SDK's own loop takes it.
func asV2(r aws.Retryer) aws.RetryerV2 {
	if v2, ok := r.(aws.RetryerV2); ok {
		return v2
	}
	return firstVersion{r}
}

type firstVersion struct{ aws.Retryer }

func (v firstVersion) GetAttemptToken(context.Context) (func(error) error, error) {
	return v.GetInitialToken(), nil
}
