package dynamotest

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monotable/monotable/internal/engine"
	"github.com/monotable/monotable/internal/wire"
)

// attempt is one call on its way through the client: counted, and under the faults that hit it. Begin one, carry the operation
// out with the context that begin returns unless it returns an error, and end it in either case.
type attempt struct {
	client    *Client
	operation string
	in        any
	verdict   *verdict  // nil for no faults
	cost      *CallCost // nil while nobody measures
}

// begin asks the faults about a call. Where there are none, it costs one atomic load.
func (c *Client) begin(ctx context.Context, operation string, in any) (context.Context, attempt, error) {
	a := attempt{client: c, operation: operation, in: in}
	if c.measuring.Load() > 0 {
		a.cost = newCallCost(operation, in)
		ctx = context.WithValue(ctx, costKey{}, a.cost)
	}
	faults := c.faults.Load()
	if faults == nil {
		return ctx, a, nil
	}
	v := judge(*faults, operation, in)
	if err := pause(ctx, v.delay); err != nil {
		return ctx, a, err
	}
	if v.err != nil {
		return ctx, a, hung(ctx, v.err)
	}
	a.verdict = v
	if v.lag != (engine.Lag{}) {
		ctx = engine.WithLag(ctx, v.lag)
	}
	if v.leftOut != nil {
		ctx = engine.WithLeftOut(ctx, func(table string, item map[string]types.AttributeValue) bool {
			return v.leftOut[batchPartOf(table, item)]
		})
	}
	return ctx, a, nil
}

// end counts the call and gives what its caller is to see in place of err.
func (a attempt) end(ctx context.Context, err error) error {
	if v := a.verdict; v != nil {
		err = v.ended(ctx, err)
	}
	a.client.usage.called(a.operation, a.in, err)
	if a.cost != nil {
		a.client.measured(a.cost, err)
	}
	return err
}

// ended gives what the caller of an operation that took place, with err, is to see.
func (v *verdict) ended(ctx context.Context, err error) error {
	if gone := pause(ctx, v.late.delay); gone != nil {
		return gone
	}
	if v.late.err == nil {
		return err
	}
	if _, cut := v.late.err.(*cutAnswer); cut {
		return &cutAnswer{answered: err}
	}
	return hung(ctx, v.late.err)
}

// hung gives err, and for errHang what there is when ctx has ended.
func hung(ctx context.Context, err error) error {
	if err != errHang {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var (
	// errConnectionReset stands for an answer that does not arrive.
	errConnectionReset = errors.New("connection reset")
	// errHang stands for no answer before the call's context ends.
	errHang = errors.New("no answer")
)

// cutAnswer stands for an answer of which a part arrives.
type cutAnswer struct {
	answered error  // the operation's, nil for success
	body     []byte // the whole answer, where it is written
}

func (c *cutAnswer) Error() string { return "answer cut" }

// status is that of the answer.
func (c *cutAnswer) status() int {
	if c.answered == nil {
		return http.StatusOK
	}
	return wire.Status(wire.APIErrorOf(c.answered))
}

// asUnanswered gives the error of a call whose answer did not arrive as the SDK reports it, nil for any other error.
func asUnanswered(err error) error {
	cut := (*cutAnswer)(nil)
	switch {
	case err == errConnectionReset:
		return asSDKError(0, "", &smithyhttp.RequestSendError{Err: &url.Error{
			Op: "Post", URL: "https://dynamodb.amazonaws.com/",
			Err: &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)},
		}})
	case errors.As(err, &cut):
		eof := io.ErrUnexpectedEOF
		if cut.answered != nil {
			eof = fmt.Errorf("failed to copy error response body, %w", eof)
		}
		return asSDKError(cut.status(), newRequestID(), &smithy.DeserializationError{Err: eof})
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return asSDKError(0, "", &smithy.CanceledError{Err: err})
	}
	return nil
}

// asSDKError is err in the response with which the SDK reports it; status 0 stands for none.
func asSDKError(status int, requestID string, err error) error {
	return &awshttp.ResponseError{RequestID: requestID, ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err}}
}

// cut resets the connection of a request, or where that cannot be done closes it.
func cut(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if wrapped, ok := conn.(*errorConn); ok {
		if tcp, ok := wrapped.Conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a connection that lingers is closed all the same
		}
	}
	_ = conn.Close()
}

// write writes the answer up to its middle and ends the connection behind it, whose end arrives after all that was
// written.
func (c *cutAnswer) write(w http.ResponseWriter) {
	w.Header()["Content-Type"] = []string{contentType}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(c.body))}
	w.Header()["X-Amz-Crc32"] = []string{strconv.FormatUint(uint64(crc32.ChecksumIEEE(c.body)), 10)}
	w.WriteHeader(c.status())
	_, _ = w.Write(c.body[:len(c.body)/2])
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler)
}
