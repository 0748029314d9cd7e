package call

import (
	"errors"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// judge tells what an attempt did by its error alone, as of a client that does not run the SDK's middleware.
func judge(err error) Outcome {
	if err == nil {
		return Done
	}
	if unsent(err) || unconnected(err) {
		return Nothing
	}
	var response interface{ HTTPStatusCode() int }
	if errors.As(err, &response) && response.HTTPStatusCode() > 0 {
		return ofStatus(response.HTTPStatusCode(), err)
	}
	var answer smithy.APIError
	if !errors.As(err, &answer) || answer.ErrorFault() == smithy.FaultServer || inProgress(err) {
		return Unknown
	}
	switch answer.ErrorCode() {
	case "InternalServerError", "InternalFailure", "ServiceUnavailable", "ServiceUnavailableException":
		return Unknown
	}
	return Nothing
}

// ofStatus is what an answer with that status says of its attempt.
func ofStatus(status int, err error) Outcome {
	switch {
	case status/100 == http.StatusOK/100:
		return Done
	case status/100 == http.StatusBadRequest/100 && status != http.StatusRequestTimeout && !inProgress(err):
		return Nothing
	}
	return Unknown
}

// unsent tells that a client says so of its error: that nothing was sent.
func unsent(err error) bool {
	var u interface{ Unsent() bool }
	return errors.As(err, &u) && u.Unsent()
}

// unconnected tells that there was no connection, and so that nothing was sent: of a transport that tried several ways,
// in all of them.
func unconnected(err error) bool {
	switch e := err.(type) {
	case *net.OpError:
		if e.Op == "dial" {
			return true
		}
	case *net.DNSError:
		return true
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return unconnected(e.Unwrap())
	case interface{ Unwrap() []error }:
		all := e.Unwrap()
		for _, one := range all {
			if !unconnected(one) {
				return false
			}
		}
		return len(all) > 0
	}
	return false
}

// inProgress tells that an earlier attempt under this token is at work still.
func inProgress(err error) bool {
	var at *types.TransactionInProgressException
	return errors.As(err, &at)
}

func cancelled(err error) bool {
	var of *types.TransactionCanceledException
	return errors.As(err, &of)
}

// mismatched tells that the token was used for another request: this one was not written.
func mismatched(err error) bool {
	var of *types.IdempotentParameterMismatchException
	return errors.As(err, &of)
}

// Throttled tells that the service refused a request for want of capacity: that of a table, an index, a partition or
// the account.
func Throttled(err error) bool {
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		return false
	}
	switch answer.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "Throttling", "RequestLimitExceeded",
		"ThrottledException", "TooManyRequestsException", "RequestThrottled", "RequestThrottledException":
		return true
	}
	return false
}

// Conflicted tells that a single write met a transaction at its item.
func Conflicted(err error) bool {
	var of *types.TransactionConflictException
	return errors.As(err, &of)
}
