package dynamotest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/monotable/monotable/internal/wire"
)

// WithMaxAttempts lets calls be attempted up to n times, by the SDK's standard retryer, as a *dynamodb.Client does with
// 4: after throttling, internal errors and lost connections, while the client's retry quota lasts. The pauses between
// attempts are left out, those of a retryer that a call brings along as well. Unless set, or with less than 2, each
// call is one attempt, and a fault is what its caller sees.
//
// The calls then go through the SDK's own client to the engine, without a connection: their option functions are run
// and their middleware is asked, as over HTTP. That costs the encoding and the signing of a request.
func WithMaxAttempts(n int) Option {
	return func(o *options) {
		o.retryer, o.waits = nil, false
		if n > 1 {
			o.retryer = func() aws.Retryer {
				return retry.NewStandard(func(s *retry.StandardOptions) { s.MaxAttempts = n })
			}
		}
	}
}

// WithRetryer is WithMaxAttempts with a retryer of your own, and its pauses. Unless set, or with nil, each call is one
// attempt.
func WithRetryer(retryer aws.Retryer) Option {
	return func(o *options) {
		o.retryer, o.waits = nil, true
		if retryer != nil {
			o.retryer = func() aws.Retryer { return retryer }
		}
	}
}

// repeater is the SDK's clients of an engine in the process.
type repeater struct {
	tables  *dynamodb.Client
	streams *dynamodbstreams.Client
	waits   bool // between attempts
}

// newRepeater makes clients of c. Their configuration is that of a Server's.
func newRepeater(c *Client, retryer func() aws.Retryer, waits bool) *repeater {
	cfg := aws.Config{
		Region: c.region, BaseEndpoint: aws.String(nowhere), Retryer: retryer,
		HTTPClient:  inProcess{&Server{client: c, options: defaultServerOptions()}},
		Credentials: credentials.NewStaticCredentialsProvider("dynamotest", "dynamotest", ""),
	}
	return &repeater{dynamodb.NewFromConfig(cfg), dynamodbstreams.NewFromConfig(cfg), waits}
}

// tableOptions are a call's options, and behind them what keeps their retryer from waiting.
func (r *repeater) tableOptions(options []func(*dynamodb.Options)) []func(*dynamodb.Options) {
	if r.waits {
		return options
	}
	return append(options[:len(options):len(options)], func(o *dynamodb.Options) { o.Retryer = pausing(o.Retryer, 0) })
}

func (r *repeater) streamOptions(options []func(*dynamodbstreams.Options)) []func(*dynamodbstreams.Options) {
	if r.waits {
		return options
	}
	return append(options[:len(options):len(options)], func(o *dynamodbstreams.Options) {
		o.Retryer = pausing(o.Retryer, 0)
	})
}

// repeated makes a call of the SDK's own client. A text that is not UTF-8, which the SDK would change, is refused, and
// so is a request with which the SDK panics.
func repeated[In, Out any](ctx context.Context, service, operation string, in *In,
	send func(context.Context, *In, aws.HTTPClient) error, call func() (*Out, error),
) (out *Out, err error) {
	if in != nil {
		if err := wire.CheckText(in); err != nil {
			return nil, asOperationError(service, operation, asResponseError(err))
		}
	}
	defer func() {
		if fault := recover(); fault != nil {
			refusal := unsendable(ctx, in, send)
			if refusal == nil {
				panic(fault) // of an option function, or of middleware
			}
			out, err = nil, asOperationError(service, operation, asResponseError(refusal))
		}
	}()
	return call()
}

// pausing is a retryer with shorter pauses. It is a RetryerV2 where that is one.
func pausing(retryer aws.Retryer, most time.Duration) aws.Retryer {
	switch r := retryer.(type) {
	case nil:
		return nil
	case aws.RetryerV2:
		return pausingV2{r, most}
	}
	return pausingV1{retryer, most}
}

type pausingV1 struct {
	aws.Retryer
	most time.Duration
}

// RetryDelay is the retryer's, or the longest pause.
func (p pausingV1) RetryDelay(attempt int, err error) (time.Duration, error) {
	d, err := p.Retryer.RetryDelay(attempt, err)
	return min(d, p.most), err
}

type pausingV2 struct {
	aws.RetryerV2
	most time.Duration
}

// RetryDelay is the retryer's, or the longest pause.
func (p pausingV2) RetryDelay(attempt int, err error) (time.Duration, error) {
	d, err := p.RetryerV2.RetryDelay(attempt, err)
	return min(d, p.most), err
}

// inProcess is an HTTP client of a handler that it calls itself.
type inProcess struct{ handler http.Handler }

// Do gives the handler's answer, or what an HTTP client returns where it sees none.
func (p inProcess) Do(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() { _ = r.Body.Close() }()
	failed := func(err error) (*http.Response, error) {
		return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: err}
	}
	if err := ctx.Err(); err != nil {
		return failed(err)
	}
	answer := &answer{header: http.Header{}}
	whole := answer.from(p.handler, r)
	switch {
	case ctx.Err() != nil:
		return failed(ctx.Err())
	case answer.status == 0:
		return failed(&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)})
	}
	return answer.response(r, whole), nil
}

// answer is what a handler writes.
type answer struct {
	header http.Header
	status int // 0 while nothing was written
	body   bytes.Buffer
}

// Header is what the handler fills.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write keeps what is written.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// from lets the handler answer, and tells whether it did to the end: a handler that panics to abort the connection
// leaves what was written until then.
func (a *answer) from(handler http.Handler, r *http.Request) (whole bool) {
	defer func() {
		if fault := recover(); fault != nil {
			if err, ok := fault.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(fault)
			}
		}
	}()
	handler.ServeHTTP(a, r)
	return true
}

// response is the answer as an HTTP client has it. Behind one that was cut its body ends too early.
func (a *answer) response(r *http.Request, whole bool) *http.Response {
	var body io.Reader = &a.body
	length := int64(a.body.Len())
	if !whole {
		body = io.MultiReader(body, cutShort{})
		if declared, err := strconv.ParseInt(a.header.Get("Content-Length"), 10, 64); err == nil {
			length = declared
		}
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.header, ContentLength: length,
		Body: io.NopCloser(body), Request: r,
	}
}

// cutShort is the end of a body whose connection was closed.
type cutShort struct{}

func (cutShort) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
