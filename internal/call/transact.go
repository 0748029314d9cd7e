package call

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/cause"
)

// TransactSettings are what the options of a transaction say.
type TransactSettings struct {
	Settings
	Token   string
	Tokened bool // the caller gave it
	Retries int  // how often it is sent again when it was cancelled in passing
}

// Repeatedly sends a transaction, and again as often as asked when it was cancelled in passing.
func (s *TransactSettings) Repeatedly(ctx context.Context, send func() error) error {
	for try := 1; ; try++ {
		err := send()
		if try > s.Retries || !CancelledInPassing(err) {
			return err
		}
		if wait := Pause(ctx, try); wait != nil {
			return cause.And(err, wait)
		}
	}
}

// CancelledInPassing tells whether a transaction was cancelled for what may be gone when it is sent again, with a new
// token.
func CancelledInPassing(err error) bool {
	var cancelled *types.TransactionCanceledException
	return errors.As(err, &cancelled) && !errors.Is(err, cause.Ambiguous) &&
		(errors.Is(err, cause.Conflict) || errors.Is(err, cause.Throttled))
}

// CancelledFor is why the service cancelled a transaction over one of its operations, by the code of its reason. What
// a failed condition means is the write's to say.
func CancelledFor(code string) error {
	switch code {
	case "TransactionConflict":
		return cause.Conflict
	case "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded":
		return cause.Throttled
	}
	return errors.New(code)
}

// Cancelled is the failure of a transaction: the first operation that it was cancelled for, as of has it, which knows n
// of them. attempts are a write's, nil for a read.
func Cancelled(err error, attempts *Record, n int,
	of func(i int, reason types.CancellationReason) *cause.Failure) error {
	failed := cause.Fail()
	var cancelled *types.TransactionCanceledException
	switch {
	case errors.As(err, &cancelled):
		for i, reason := range cancelled.CancellationReasons {
			if i < n && reason.Code != nil && *reason.Code != "" && *reason.Code != "None" {
				failed = of(i, reason)
				break
			}
		}
	case Throttled(err):
		failed.Causes = append(failed.Causes, cause.Throttled)
	}
	if attempts != nil && attempts.Ambiguous(err) {
		failed.Causes = append(failed.Causes, cause.Ambiguous)
	}
	failed.Causes = append(failed.Causes, err)
	return failed
}
