package pets

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type (
	request  = events.APIGatewayV2HTTPRequest
	response = events.APIGatewayV2HTTPResponse
)

// Handler answers one request of the HTTP API. A *Problem among its errors is told to the user as it is, any other
// error only as far as problemOf does. It is safe for concurrent use.
type Handler interface {
	Handle(ctx context.Context, r request) (response, error)
}

// answerMargin is how long before the function's deadline a request to the table is given up, to leave time for an
// answer.
const answerMargin = 500 * time.Millisecond

// Serve makes a handler what the Lambda runtime calls: each request gets an answer and one line in the log, with its
// request id. The log has errors in full; the answer has nothing internal.
func Serve(h Handler, log *slog.Logger) func(context.Context, request) (response, error) {
	return func(ctx context.Context, r request) (response, error) {
		began := time.Now()
		ctx, cancel := beforeDeadline(ctx)
		defer cancel()
		answer, err := h.Handle(ctx, r)
		level := slog.LevelInfo
		if err != nil {
			p := problemOf(err)
			answer = p.response()
			if p.Status >= http.StatusInternalServerError {
				level = slog.LevelError
			}
		}
		attributes := []slog.Attr{
			slog.String("request_id", requestID(ctx)),
			slog.String("route", r.RouteKey),
			slog.Int("status", answer.StatusCode),
			slog.Float64("took_ms", milliseconds(time.Since(began))),
			slog.String("api_request_id", r.RequestContext.RequestID),
		}
		if err != nil {
			attributes = append(attributes, slog.String("error", err.Error()))
		}
		log.LogAttrs(ctx, level, "request", attributes...)
		return answer, nil
	}
}

// beforeDeadline ends answerMargin before the function's time does.
func beforeDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-answerMargin))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// requestID is the invocation's, the one that Lambda's own log lines have.
func requestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

// jsonResponse is a response with a JSON body.
func jsonResponse(status int, v any) response {
	body, err := encode(v)
	if err != nil {
		return problemOf(err).response()
	}
	return response{StatusCode: status, Headers: map[string]string{"content-type": "application/json"},
		Body: string(body)}
}

// encode is json.Marshal without escapes for HTML.
func encode(v any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
