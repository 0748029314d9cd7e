package dynamotest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monotable/monotable/internal/engine"
)

// attempt is one call on its way through the client: counted, and under the faults that hit it. Begin one, carry the operation
// out with the context that begin returns unless it returns an error, and end it in either case.
type attempt struct {
	client    *Client
	operation string
	in        any
	lost      bool
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
	a.lost = v.lost
	if v.lag != (engine.Lag{}) {
		ctx = engine.WithLag(ctx, v.lag)
	}
	if v.leftOut != nil {
		ctx = engine.WithLeftOut(ctx, func(table string, item map[string]types.AttributeValue) bool {
			return v.leftOut[batchPartOf(table, item)]
		})
	}
	return ctx, a, v.err
}

// end counts the call and gives what its caller is to see in place of err.
func (a attempt) end(err error) error {
	if a.lost {
		err = errConnectionReset
	}
	a.client.usage.called(a.operation, a.in, err)
	if a.cost != nil {
		a.client.measured(a.cost, err)
	}
	return err
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

// errConnectionReset stands for an answer that does not arrive.
var errConnectionReset = errors.New("connection reset")

// asConnectionReset is a connection's reset as the SDK reports it.
func asConnectionReset() error {
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{}},
		Err: &smithyhttp.RequestSendError{Err: &url.Error{
			Op: "Post", URL: "https://dynamodb.amazonaws.com/",
			Err: &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)},
		}},
	}}
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
