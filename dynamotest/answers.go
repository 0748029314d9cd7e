package dynamotest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monotable/monotable/internal/wire"
)

// frontError is a refusal by what stands before DynamoDB.
func frontError(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message, Fault: smithy.FaultClient}
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

// nowhere is the endpoint that errors name, where there is no connection.
const nowhere = "https://dynamodb.amazonaws.com"

// asUnanswered gives the error of a call whose answer did not arrive as the SDK reports it, nil for any other error.
func asUnanswered(err error) error {
	cut := (*cutAnswer)(nil)
	switch {
	case err == errConnectionReset:
		return asSDKError(0, "", &smithyhttp.RequestSendError{Err: &url.Error{
			Op: "Post", URL: nowhere + "/",
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

const requestIDLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUV"

// newRequestID makes an id of 52 characters, as the service does.
func newRequestID() string {
	var id [52]byte
	for i := 0; i < len(id); {
		for bits := rand.Uint64(); bits != 0 && i < len(id); bits >>= 5 {
			id[i] = requestIDLetters[bits&31]
			i++
		}
	}
	return string(id[:])
}

const contentType = "application/x-amz-json-1.0"

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
