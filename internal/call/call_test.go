package call_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/call"
)

// script is a transport that answers as it is told, one word an attempt, the last one again and again.
type script struct {
	words []string
	sent  int
	after func(sent int) // called with each attempt
}

// answers of a service, by the words of a script.
var answers = map[string]struct {
	status int
	code   string
}{
	"ok": {200, ""}, "throttle": {400, "ProvisionedThroughputExceededException"},
	"throttling": {400, "ThrottlingException"},
	"account":    {400, "RequestLimitExceeded"}, "condition": {400, "ConditionalCheckFailedException"},
	"conflict": {400, "TransactionConflictException"}, "cancelled": {400, "TransactionCanceledException"},
	"in progress": {400, "TransactionInProgressException"}, "mismatch": {400, "IdempotentParameterMismatchException"},
	"validation": {400, "ValidationException"}, "denied": {400, "AccessDeniedException"},
	"expired": {400, "ExpiredTokenException"},
	"500":     {500, "InternalServerError"}, "503": {503, "ServiceUnavailable"}, "502": {502, ""},
	"408": {408, "RequestTimeout"},
}

func (s *script) Do(request *http.Request) (*http.Response, error) {
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, request.Body)
	word := s.words[min(s.sent, len(s.words)-1)]
	s.sent++
	if s.after != nil {
		s.after(s.sent)
	}
	reply := func(status int, body io.Reader) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			Body: io.NopCloser(body)}, nil
	}
	reset := func(op string) error {
		return &net.OpError{Op: op, Net: "tcp", Err: syscall.ECONNRESET}
	}
	switch word {
	case "dial":
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case "no name":
		return nil, &net.DNSError{Err: "no such host", Name: "dynamodb.us-east-1.amazonaws.com", IsNotFound: true}
	case "reset":
		return nil, reset("read")
	case "broken pipe":
		return nil, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	case "eof":
		return nil, io.EOF
	case "tls":
		return nil, errors.New("tls: bad record MAC")
	case "cut":
		return reply(200, io.MultiReader(strings.NewReader(`{"Attributes":{"a`), failing{io.ErrUnexpectedEOF}))
	case "closed":
		return reply(200, io.MultiReader(strings.NewReader(`{"Attributes":{"a`), failing{net.ErrClosed}))
	case "html":
		return reply(200, strings.NewReader(`<html>`))
	case "503 text":
		return reply(503, strings.NewReader("upstream connect error"))
	}
	a, known := answers[word]
	if !known {
		return nil, fmt.Errorf("no answer %q", word)
	}
	body := `{}`
	if a.code != "" {
		body = `{"__type":"com.amazonaws.dynamodb.v20120810#` + a.code + `","message":"m"}`
	}
	return reply(a.status, strings.NewReader(body))
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func client(s *script, change ...func(*dynamodb.Options)) *dynamodb.Client {
	o := dynamodb.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""), HTTPClient: s,
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff = 4,
				time.Microsecond
		}),
	}
	return dynamodb.New(o, change...)
}

func put(ctx context.Context, c *dynamodb.Client, r *call.Record, options ...func(*dynamodb.Options)) error {
	table := "t"
	_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table,
		Item: map[string]types.AttributeValue{"p": &types.AttributeValueMemberS{Value: "a"}}}, r.Options(options)...)
	return err
}

func transact(ctx context.Context, c *dynamodb.Client, r *call.Record) error {
	table, token := "t", "token"
	_, err := c.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{ClientRequestToken: &token,
		TransactItems: []types.TransactWriteItem{
			{Delete: &types.Delete{TableName: &table,
				Key: map[string]types.AttributeValue{"p": &types.AttributeValueMemberS{Value: "a"}}}},
		}}, r.Options(nil)...)
	return err
}

// What each script comes to: how many attempts are sent, and what is said of the call. The expectations were written
// down from what an observer of the service knows, who sees whether a request was carried out.
func TestWhatAttemptsComeTo(t *testing.T) {
	type want struct {
		sent            int
		fails           bool
		ambiguous, took bool
	}
	fine := want{sent: 1}
	cases := []struct {
		words string
		class call.Class
		want  want
	}{
		{"ok", call.Free, fine},
		{"condition", call.Free, want{1, true, false, false}},
		{"conflict", call.Free, want{1, true, false, false}},
		{"validation", call.Free, want{1, true, false, false}},
		{"denied", call.Free, want{1, true, false, false}},
		{"expired", call.Free, want{1, true, false, false}},
		{"throttle", call.Free, want{4, true, false, false}},
		{"throttling", call.OnceOnly, want{4, true, false, false}},
		{"account", call.OnceOnly, want{4, true, false, false}},
		{"dial", call.OnceOnly, want{4, true, false, false}},
		{"no name", call.OnceOnly, want{1, true, false, false}},
		{"throttle,ok", call.OnceOnly, want{2, false, false, false}},
		{"dial,throttle,ok", call.OnceOnly, want{3, false, false, false}},
		{"throttle,condition", call.Free, want{2, true, false, false}},
		{"throttle,condition", call.SelfGuarding, want{2, true, false, false}},
		{"throttle,500", call.OnceOnly, want{2, true, true, false}},

		{"500", call.Free, want{4, true, true, false}},
		{"503", call.Free, want{4, true, true, false}},
		{"502", call.Free, want{4, true, true, false}},
		{"503 text", call.Free, want{4, true, true, false}},
		{"408", call.Free, want{4, true, true, false}},
		{"reset", call.Free, want{4, true, true, false}},
		{"broken pipe", call.Free, want{4, true, true, false}},
		{"eof", call.Free, want{4, true, true, false}},
		{"tls", call.Free, want{4, true, true, false}},
		{"500", call.OnceOnly, want{1, true, true, false}},
		{"503", call.OnceOnly, want{1, true, true, false}},
		{"503 text", call.OnceOnly, want{1, true, true, false}},
		{"408", call.OnceOnly, want{1, true, true, false}},
		{"reset", call.OnceOnly, want{1, true, true, false}},
		{"eof", call.OnceOnly, want{1, true, true, false}},
		{"500,ok", call.Free, want{2, false, false, false}},
		{"500,ok", call.SelfGuarding, want{2, false, false, false}},
		{"500,ok", call.OnceOnly, want{1, true, true, false}},
		{"reset,ok", call.Token, want{2, false, false, false}},

		{"500,condition", call.Free, want{2, true, true, false}},
		{"500,condition", call.SelfGuarding, want{2, true, true, false}},
		{"reset,throttle,condition", call.SelfGuarding, want{3, true, true, false}},
		{"500,throttle", call.Free, want{4, true, true, false}},
		{"500,conflict", call.SelfGuarding, want{2, true, true, false}},
		{"500,validation", call.Free, want{2, true, true, false}},
		{"500,dial", call.Free, want{4, true, true, false}},
		{"reset,cancelled", call.Token, want{2, true, false, false}},
		{"reset,in progress,cancelled", call.Token, want{3, true, false, false}},
		{"reset,mismatch", call.Token, want{2, true, false, false}},
		{"reset,throttle", call.Token, want{4, true, true, false}},
		{"reset,denied", call.Token, want{2, true, true, false}},
		{"reset,in progress", call.Token, want{4, true, true, false}},
		{"in progress", call.Token, want{4, true, true, false}},
		{"cancelled", call.Token, want{1, true, false, false}},
		{"mismatch", call.Token, want{1, true, false, false}},

		{"cut", call.Free, want{1, true, true, true}},
		{"closed", call.Free, want{1, true, true, true}},
		{"closed", call.OnceOnly, want{1, true, true, true}},
		{"html", call.SelfGuarding, want{1, true, true, true}},
		{"throttle,cut", call.Free, want{2, true, true, true}},
		{"500,cut", call.Free, want{2, true, true, true}},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.words, " of class ", c.class), func(t *testing.T) {
			t.Parallel()
			s := &script{words: strings.Split(c.words, ",")}
			r := call.Of(c.class)
			var err error
			if c.class == call.Token {
				err = transact(t.Context(), client(s), r)
			} else {
				err = put(t.Context(), client(s), r)
			}
			got := want{sent: s.sent, fails: err != nil}
			if err != nil {
				got.ambiguous, got.took = r.Ambiguous(err), r.Took(err)
			}
			assert.Equal(t, c.want, got, "%v", err)
		})
	}
}

// A context that ends is no answer: in flight nobody knows, before or after a refusal nothing happened.
func TestContextsThatEnd(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	r := call.Of(call.Free)
	err := put(ended, client(&script{words: []string{"ok"}}), r)
	require.ErrorIs(t, err, context.Canceled)
	assert.False(t, r.Ambiguous(err), "it was not sent")

	for word, ambiguous := range map[string]bool{"throttle": false, "500": true, "reset": true} {
		ctx, end := context.WithCancel(t.Context())
		s := &script{words: []string{word}, after: func(int) { time.AfterFunc(time.Millisecond, end) }}
		slow := retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Minute, nil })
		})
		r := call.Of(call.Free)
		err := put(ctx, client(s), r, func(o *dynamodb.Options) { o.Retryer = slow })
		require.Error(t, err)
		assert.Equal(t, 1, s.sent)
		assert.Equal(t, ambiguous, r.Ambiguous(err), "%s, then the context ends in the pause: %v", word, err)
	}

	ctx, end := context.WithCancel(t.Context())
	s := &script{words: []string{"eof"}, after: func(int) { end() }}
	r = call.Of(call.Free)
	err = put(ctx, client(s), r)
	require.ErrorIs(t, err, context.Canceled)
	assert.True(t, r.Ambiguous(err), "it ended in flight")
}

// Retryers of the caller's are asked and wrapped: of the first version, of adaptive mode, with another number of
// attempts.
func TestRetryersOfTheCaller(t *testing.T) {
	set := func(r aws.Retryer) func(*dynamodb.Options) { return func(o *dynamodb.Options) { o.Retryer = r } }
	for name, option := range map[string]func(*dynamodb.Options){
		"first version": set(onlyFirst{retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxBackoff = time.Microsecond
		})}),
		"adaptive": set(retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.StandardOptions = append(o.StandardOptions,
				func(o *retry.StandardOptions) { o.MaxBackoff = time.Microsecond })
		})),
		"attempts": func(o *dynamodb.Options) { o.RetryMaxAttempts = 3 },
	} {
		s := &script{words: []string{"throttle", "500", "ok"}}
		r := call.Of(call.OnceOnly)
		err := put(t.Context(), client(s), r, option)
		require.Error(t, err, name)
		assert.True(t, r.Ambiguous(err), name)
		assert.Equal(t, 2, s.sent, name)
		s = &script{words: []string{"500", "throttle", "ok"}}
		require.NoError(t, put(t.Context(), client(s), call.Of(call.Free), option), name)
		assert.Equal(t, 3, s.sent, name)
	}
	s := &script{words: []string{"500", "ok"}}
	require.Error(t, put(t.Context(), client(s), call.Of(call.Free), set(aws.NopRetryer{})))
	assert.Equal(t, 1, s.sent)
}

// onlyFirst hides what a retryer of the second version has.
type onlyFirst struct{ aws.Retryer }

// A loop in the place of the SDK's does not send again what may not be.
func TestAnotherLoopInThePlaceOfTheSDKs(t *testing.T) {
	loop := func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			again := middleware.FinalizeMiddlewareFunc("again",
				func(ctx context.Context, in middleware.FinalizeInput,
					next middleware.FinalizeHandler) (out middleware.FinalizeOutput, m middleware.Metadata, err error) {
					for range 3 {
						if out, m, err = next.HandleFinalize(ctx, in); err == nil {
							break
						}
					}
					return out, m, err
				})
			_, err := stack.Finalize.Swap("Retry", again)
			return err
		})
	}
	s := &script{words: []string{"500", "ok"}}
	r := call.Of(call.OnceOnly)
	err := put(t.Context(), client(s), r, loop)
	require.Error(t, err)
	assert.True(t, r.Ambiguous(err))
	assert.Equal(t, 1, s.sent)
	s = &script{words: []string{"500", "ok"}}
	require.NoError(t, put(t.Context(), client(s), call.Of(call.SelfGuarding), loop))
	assert.Equal(t, 2, s.sent)
}

// A token is not sent again when the service may have forgotten it.
func TestTokensAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{words: []string{"reset", "throttle", "ok"}}
		c := client(s, func(o *dynamodb.Options) {
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
					return 6 * time.Minute,
						nil
				})
			})
		})
		r := call.Of(call.Token)
		err := transact(t.Context(), c, r)
		require.Error(t, err)
		assert.Equal(t, 2, s.sent, "the third would come twelve minutes after the first")
		assert.True(t, r.Ambiguous(err))
	})
}

// Without the SDK's middleware a call is one attempt, judged by its error.
func TestErrorsOfOtherClients(t *testing.T) {
	coded := func(code string, fault smithy.ErrorFault) error {
		return fmt.Errorf("wrapped: %w", &smithy.GenericAPIError{Code: code, Fault: fault})
	}
	for _, c := range []struct {
		err       error
		ambiguous bool
	}{
		{errors.New("broken"), true},
		{context.DeadlineExceeded, true},
		{io.ErrUnexpectedEOF, true},
		{&types.ConditionalCheckFailedException{}, false},
		{&types.ProvisionedThroughputExceededException{}, false},
		{&types.TransactionConflictException{}, false},
		{&types.TransactionCanceledException{}, false},
		{&types.TransactionInProgressException{}, true},
		{&types.InternalServerError{}, true},
		{coded("InternalFailure", smithy.FaultUnknown), true},
		{coded("ServiceUnavailable", smithy.FaultClient), true},
		{coded("ValidationException", smithy.FaultUnknown), false},
		{coded("Whatever", smithy.FaultServer), true},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, false},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
	} {
		assert.Equal(t, c.ambiguous, call.Of(call.Free).Ambiguous(c.err), "%v", c.err)
		assert.False(t, call.Of(call.Free).Took(c.err))
	}
}

// Lost answers are counted for meters, and a watch repeats what the SDK repeats.
func TestWatch(t *testing.T) {
	s := &script{words: []string{"reset", "throttle", "500", "ok"}}
	r := call.Watch()
	require.NoError(t, put(t.Context(), client(s), r))
	assert.Equal(t, 4, s.sent)
	assert.Equal(t, 2, r.Lost())
	s = &script{words: []string{"reset", "ok"}}
	both := call.Of(call.OnceOnly)
	err := put(t.Context(), client(s), call.Watch(), both.Options(nil)...)
	require.Error(t, err)
	assert.True(t, both.Ambiguous(err))
}
