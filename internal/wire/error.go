package wire

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

var errorType = reflect.TypeFor[smithy.APIError]()

// capitalMessage holds the errors whose message member is written Message; all others have message.
var capitalMessage = map[reflect.Type]bool{
	reflect.TypeFor[types.IdempotentParameterMismatchException](): true,
	reflect.TypeFor[types.InvalidEndpointException]():             true,
	reflect.TypeFor[types.TransactionCanceledException]():         true,
	reflect.TypeFor[types.TransactionInProgressException]():       true,
}

// namespaces of the errors that are not DynamoDB's own but its front end's.
var namespaces = map[string]string{
	CodeValidation:                        "com.amazon.coral.validate#",
	CodeSerialization:                     "com.amazon.coral.service#",
	"AccessDeniedException":               "com.amazon.coral.service#",
	"IncompleteSignatureException":        "com.amazon.coral.service#",
	"InvalidSignatureException":           "com.amazon.coral.service#",
	"MissingAuthenticationTokenException": "com.amazon.coral.service#",
	"UnrecognizedClientException":         "com.amazon.coral.service#",
	"UnknownOperationException":           "com.amazon.coral.service#",
	"ThrottlingException":                 "com.amazon.coral.availability#",
}

// AppendError appends the body of an error response: its type, its message, and what further members it has.
func AppendError(dst []byte, err smithy.APIError) []byte {
	code := err.ErrorCode()
	namespace, ok := namespaces[code]
	if !ok {
		namespace = "com.amazonaws.dynamodb.v20120810#"
	}
	dst = AppendString(append(dst, `{"__type":`...), namespace+code)
	if _, generic := err.(*smithy.GenericAPIError); !generic {
		if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
			fields, _ := fieldsOf(v.Type().Elem())
			return append(appendMembers(dst, fields, v.Elem()), '}')
		}
	}
	if message := err.ErrorMessage(); message != "" {
		key := `,"message":`
		if code == CodeSerialization {
			key = `,"Message":`
		}
		dst = AppendString(append(dst, key...), message)
	}
	return append(dst, '}')
}

// Status is the HTTP status that an error is answered with.
func Status(err smithy.APIError) int {
	switch {
	case err.ErrorCode() == CodeUnavailable:
		return http.StatusServiceUnavailable
	case err.ErrorFault() == smithy.FaultServer:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// APIError is e as the SDK's error type.
func (e *Error) APIError() smithy.APIError {
	return &smithy.GenericAPIError{Code: e.Code, Message: e.Message, Fault: smithy.FaultClient}
}

// APIErrorOf finds the service error that err is or wraps. An *Error is one too; anything else is an
// InternalServerError that says nothing.
func APIErrorOf(err error) smithy.APIError {
	var syntax *Error
	if errors.As(err, &syntax) {
		return syntax.APIError()
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return api
	}
	message := "Internal server error"
	return &types.InternalServerError{Message: &message}
}
