package monotable_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// lossyClient is an SDK client for the tests' service that loses the answer to the first attempt of every PutItem,
// UpdateItem and DeleteItem, after it took place, so that the SDK's retryer sends it again.
func lossyClient(t testing.TB) *dynamodb.Client {
	options := sdkOptions(t)
	options.HTTPClient = loseFirst{options.HTTPClient}
	options.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
	return dynamodb.New(options)
}

type loseFirst struct{ next dynamodb.HTTPClient }

func (l loseFirst) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	response, err := l.next.Do(request)
	_, op, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	first := strings.HasPrefix(request.Header.Get("Amz-Sdk-Request"), "attempt=1")
	if err == nil && first && (op == "PutItem" || op == "UpdateItem" || op == "DeleteItem") {
		if err := response.Body.Close(); err != nil {
			return nil, err
		}
		return nil, errors.New("read tcp: connection reset by peer")
	}
	return response, err
}
