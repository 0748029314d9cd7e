package engine

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/expr"
)

// invalid makes a ValidationException.
func invalid(message string) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: message, Fault: smithy.FaultClient}
}

// invalidf makes a ValidationException from a format.
func invalidf(format string, args ...any) error { return invalid(fmt.Sprintf(format, args...)) }

// invalidParameter makes the ValidationException that most refusals of a value begin with.
func invalidParameter(format string, args ...any) error {
	return invalid("One or more parameter values were invalid: " + fmt.Sprintf(format, args...))
}

// notFound is the answer to an operation on items of a table that does not exist.
func notFound() error {
	return &types.ResourceNotFoundException{Message: new("Requested resource not found")}
}

// tableNotFound is the answer to an operation on a table that does not exist.
func tableNotFound(name string) error {
	return &types.ResourceNotFoundException{Message: new("Requested resource not found: Table: " + name + " not found")}
}

// inUse is the answer to an operation that a table's or index's status does not allow.
func inUse(format string, args ...any) error {
	return &types.ResourceInUseException{Message: new(fmt.Sprintf(format, args...))}
}

// conditionFailed is the answer to a write whose condition did not hold; the item goes with it where the request asked.
func conditionFailed(item map[string]types.AttributeValue) error {
	return &types.ConditionalCheckFailedException{Message: new("The conditional request failed"), Item: item}
}

// ofRequest is a refusal that in a transaction as well is one of the whole request, and not of the action that it is
// about.
type ofRequest struct{ error }

func (o ofRequest) Unwrap() error { return o.error }

// asInvalid turns an expression's refusal into a ValidationException, and leaves other errors alone.
func asInvalid(err error) error {
	var refusal *expr.Error
	if errors.As(err, &refusal) {
		return invalid(refusal.Message)
	}
	return err
}

// isThrottled tells a refusal by the limiter from other errors.
func isThrottled(err error) bool {
	var exceeded *types.ProvisionedThroughputExceededException
	var throttled *types.ThrottlingException
	return errors.As(err, &exceeded) || errors.As(err, &throttled)
}

// isConditionFailed tells a failed condition from other errors.
func isConditionFailed(err error) bool {
	var failed *types.ConditionalCheckFailedException
	return errors.As(err, &failed)
}
