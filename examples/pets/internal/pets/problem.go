package pets

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Problem is an error as the API's users see it (RFC 9457). Its type is about:blank, so its title is the status's own
// text. It says nothing about what is behind the API.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// what was wrong: a member of the body, a path or query parameter, a header, or "body"
	Field string `json:"field,omitempty"`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

func problem(status int, field, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Field: field}
}

// problemOf is what the user is told of an error: a Problem as it is, a table that cannot answer now as 503, and
// anything else as 500.
func problemOf(err error) *Problem {
	if known := new(Problem); errors.As(err, &known) {
		return known
	}
	if unavailable(err) {
		return problem(http.StatusServiceUnavailable, "",
			"The pets cannot be reached at the moment. Try again in a second.")
	}
	return problem(http.StatusInternalServerError, "", "Something went wrong on our side.")
}

// busyCodes are the service's words for "not now", after which the same request may succeed.
var busyCodes = slices.Collect(maps.Keys(retry.DefaultThrottleErrorCodes))

// unavailable tells whether the table could not be asked, or had no capacity or health to answer.
func unavailable(err error) bool {
	var (
		api       smithy.APIError
		response  *smithyhttp.ResponseError
		notSent   *smithyhttp.RequestSendError
		cancelled *smithy.CanceledError
	)
	if errors.As(err, &api) && (slices.Contains(busyCodes, api.ErrorCode()) || api.ErrorFault() == smithy.FaultServer) {
		return true
	}
	if errors.As(err, &response) && response.HTTPStatusCode() >= 500 {
		return true
	}
	return errors.As(err, &notSent) || errors.As(err, &cancelled) || errors.Is(err, context.DeadlineExceeded)
}

// response is the problem as an HTTP response.
func (p *Problem) response() events.APIGatewayV2HTTPResponse {
	r := jsonResponse(p.Status, p)
	r.Headers["content-type"] = "application/problem+json"
	if p.Status == http.StatusServiceUnavailable {
		r.Headers["retry-after"] = "1"
	}
	return r
}
