// Package refusal makes the errors of the service: its exceptions, with its words.
package refusal

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/expr"
)

// Invalid makes a ValidationException.
func Invalid(message string) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: message, Fault: smithy.FaultClient}
}

// Invalidf makes a ValidationException from a format.
func Invalidf(format string, args ...any) error { return Invalid(fmt.Sprintf(format, args...)) }

// InvalidParameter makes the ValidationException that most refusals of a value begin with.
func InvalidParameter(format string, args ...any) error {
	return Invalid("One or more parameter values were invalid: " + fmt.Sprintf(format, args...))
}

// NotFound is the answer to an operation on items of a table that does not exist.
func NotFound() error {
	return &types.ResourceNotFoundException{Message: new("Requested resource not found")}
}

// TableNotFound is the answer to an operation on a table that does not exist.
func TableNotFound(name string) error {
	return &types.ResourceNotFoundException{Message: new("Requested resource not found: Table: " + name + " not found")}
}

// InUse is the answer to an operation that a table's or index's status does not allow.
func InUse(format string, args ...any) error {
	return &types.ResourceInUseException{Message: new(fmt.Sprintf(format, args...))}
}

// ConditionFailed is the answer to a write whose condition did not hold; the item goes with it where the request asked.
func ConditionFailed(item map[string]types.AttributeValue) error {
	return &types.ConditionalCheckFailedException{Message: new("The conditional request failed"), Item: item}
}

// wholeRequest is a refusal that in a transaction as well is one of the whole request, and not of the action that it is
// about.
type wholeRequest struct{ error }

func (w wholeRequest) Unwrap() error { return w.error }

// WholeRequest marks a refusal as one of the whole request.
func WholeRequest(err error) error { return wholeRequest{err} }

// OfRequest finds the refusal that WholeRequest marked, nil if there is none.
func OfRequest(err error) error {
	if whole := (wholeRequest{}); errors.As(err, &whole) {
		return whole.error
	}
	return nil
}

// AsInvalid turns an expression's refusal into a ValidationException, and leaves other errors alone.
func AsInvalid(err error) error {
	var refusal *expr.Error
	if errors.As(err, &refusal) {
		return Invalid(refusal.Message)
	}
	return err
}

// IsThrottled tells a refusal by the limiter from other errors.
func IsThrottled(err error) bool {
	var exceeded *types.ProvisionedThroughputExceededException
	var throttled *types.ThrottlingException
	return errors.As(err, &exceeded) || errors.As(err, &throttled)
}

// IsConditionFailed tells a failed condition from other errors.
func IsConditionFailed(err error) bool {
	var failed *types.ConditionalCheckFailedException
	return errors.As(err, &failed)
}
