package dynamotest

import (
	"context"
	"hash/crc32"
	"net"
	"net/http"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine"
)

// attempt is one call on its way through the client: counted, and under the faults that hit it. Begin one, carry the
// operation out with the context that begin returns unless it returns an error, and end it in either case.
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
	faults := c.faults.active.Load()
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
	if v.members != nil {
		ctx = engine.WithMemberErrors(ctx, func(i int) error { return v.members[i] })
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
