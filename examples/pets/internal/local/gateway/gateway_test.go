package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/examples/pets/internal/local/runtimeapi"
)

type function func(event []byte) ([]byte, error)

func (f function) Invoke(_ context.Context, event []byte) ([]byte, error) { return f(event) }

// says answers with its own name and the parameters it was given.
func says(name string) Function {
	return function(func(event []byte) ([]byte, error) {
		var e events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(event, &e); err != nil {
			return nil, err
		}
		return json.Marshal(fmt.Sprint(name, " ", e.PathParameters))
	})
}

func call(t *testing.T, api http.Handler, method, target string, body io.Reader, headers ...string) *http.Response {
	server := httptest.NewServer(api)
	defer server.Close()
	r, err := http.NewRequest(method, server.URL+target, body)
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(text))
	return response
}

func text(t *testing.T, r *http.Response) string {
	raw, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(raw)
}

func TestRoutes(t *testing.T) {
	api := New("1", "local", []Route{
		{"GET", "/pets/{id}", says("one")},
		{"GET", "/pets", says("all")},
		{"POST", "/pets", says("create")},
		{"GET", "/pets/best", says("best")},
		{"GET", "/pets/{id}/toys/{toy}", says("toy")},
	})
	for _, c := range []struct{ request, answer string }{
		{"GET /pets", "all map[]"},
		{"GET /pets?a=b", "all map[]"},
		{"POST /pets", "create map[]"},
		{"GET /pets/1", "one map[id:1]"},
		{"GET /pets/best", "best map[]"},
		{"GET /pets/a%2Fb%20c", "one map[id:a/b c]"},
		{"GET /pets/1/toys/2", "toy map[id:1 toy:2]"},
		{"GET /pets/", ""},
		{"GET /pets/1/", ""},
		{"GET /pets/1/toys", ""},
		{"GET /", ""},
		{"GET /Pets", ""},
		{"DELETE /pets/1", ""},
		{"PUT /pets", ""},
	} {
		method, target, _ := strings.Cut(c.request, " ")
		r := call(t, api, method, target, nil)
		assert.Regexp(t, `^[A-Za-z0-9_-]{15}=$`, r.Header.Get("Apigw-Requestid"))
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		if c.answer == "" {
			assert.Equal(t, 404, r.StatusCode, c.request)
			assert.JSONEq(t, `{"message":"Not Found"}`, text(t, r))
			continue
		}
		assert.Equal(t, 200, r.StatusCode, c.request)
		assert.Equal(t, `"`+c.answer+`"`, text(t, r))
	}
}

func TestTheEvent(t *testing.T) {
	var e events.APIGatewayV2HTTPRequest
	api := New("123456789012", "local", []Route{{"POST", "/pets/{id}", function(func(event []byte) ([]byte, error) {
		e = events.APIGatewayV2HTTPRequest{}
		return []byte(`{}`), json.Unmarshal(event, &e)
	})}})
	r := call(t, api, "POST", "/pets/a%20b?x=1&x=2&y=%26", strings.NewReader(`{"a":"é"}`),
		"Content-Type", "application/json; charset=utf-8", "X-Twice", "1", "X-Twice", "2", "Cookie", "a=1; b=2",
		"User-Agent", "tester")
	require.Equal(t, 200, r.StatusCode)
	assert.Equal(t, "2.0", e.Version)
	assert.Equal(t, "POST /pets/{id}", e.RouteKey)
	assert.Equal(t, "/pets/a b", e.RawPath)
	assert.Equal(t, "x=1&x=2&y=%26", e.RawQueryString)
	assert.Equal(t, map[string]string{"x": "1,2", "y": "&"}, e.QueryStringParameters)
	assert.Equal(t, map[string]string{"id": "a b"}, e.PathParameters)
	assert.Equal(t, []string{"a=1", "b=2"}, e.Cookies)
	assert.Equal(t, "1,2", e.Headers["x-twice"])
	assert.NotContains(t, e.Headers, "cookie")
	_, port, err := net.SplitHostPort(e.Headers["host"])
	require.NoError(t, err)
	assert.Equal(t, []string{"10", "127.0.0.1", port, "http"}, []string{e.Headers["content-length"],
		e.Headers["x-forwarded-for"], e.Headers["x-forwarded-port"], e.Headers["x-forwarded-proto"]})
	assert.Regexp(t, `^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$`, e.Headers["x-amzn-trace-id"])
	assert.Equal(t, `{"a":"é"}`, e.Body)
	assert.False(t, e.IsBase64Encoded)
	c := e.RequestContext
	assert.Equal(t, "POST /pets/{id}", c.RouteKey)
	assert.Equal(t, "123456789012", c.AccountID)
	assert.Equal(t, "$default", c.Stage)
	assert.Equal(t, r.Header.Get("Apigw-Requestid"), c.RequestID)
	assert.Regexp(t, `^\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d \+0000$`, c.Time)
	assert.Equal(t, events.APIGatewayV2HTTPRequestContextHTTPDescription{
		Method: "POST", Path: "/pets/a b", Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "tester"}, c.HTTP)

	for _, contentType := range []string{"", "application/json", "image/png", "application/octet-stream",
		"application/x-www-form-urlencoded"} {
		call(t, api, "POST", "/pets/1", strings.NewReader("\x00\xff"), "Content-Type", contentType)
		assert.True(t, e.IsBase64Encoded, contentType)
		assert.Equal(t, "AP8=", e.Body)
	}
	call(t, api, "POST", "/pets/1", nil, "X-Forwarded-For", "192.0.2.1", "X-Amzn-Trace-Id", "Root=1-a-b")
	assert.Equal(t, "192.0.2.1, 127.0.0.1", e.Headers["x-forwarded-for"])
	assert.Equal(t, "Root=1-a-b", e.Headers["x-amzn-trace-id"])
	assert.Empty(t, e.Body)
	assert.False(t, e.IsBase64Encoded)
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		err          error
		status       int
		body         string
		headers      map[string]string
	}{
		{name: "a response",
			answer: `{"statusCode":201,"headers":{"location":"/x","Content-Type":"application/json"},"body":"{}"}`,
			status: 201, body: "{}", headers: map[string]string{"Location": "/x", "Content-Type": "application/json"}},
		{name: "several values and cookies",
			answer: `{"statusCode":204,"multiValueHeaders":{"X-A":["1","2"]},"cookies":["c=d","e=f"]}`,
			status: 204, headers: map[string]string{"X-A": "1,2", "Set-Cookie": "c=d"}},
		{name: "a binary body", answer: `{"statusCode":200,"body":"AP8=","isBase64Encoded":true}`, status: 200,
			body:    "\x00\xff",
			headers: map[string]string{"Content-Type": "text/plain;charset=utf-8"}},
		{name: "no status code", answer: `{"a":1}`, status: 200, body: `{"a":1}`,
			headers: map[string]string{"Content-Type": "application/json"}},
		{name: "not an object", answer: `"x"`, status: 200, body: `"x"`},
		{name: "not JSON", answer: `<`, status: 500, body: `{"message":"Internal Server Error"}`},
		{name: "a wrong status", answer: `{"statusCode":20}`, status: 500, body: `{"message":"Internal Server Error"}`},
		{name: "a wrong shape", answer: `{"statusCode":200,"body":1}`, status: 500,
			body: `{"message":"Internal Server Error"}`},
		{name: "not base64", answer: `{"statusCode":200,"body":"%","isBase64Encoded":true}`, status: 500,
			body: `{"message":"Internal Server Error"}`},
		{name: "an error", err: &runtimeapi.FunctionError{Type: "secret", Message: "secret"}, status: 500,
			body: `{"message":"Internal Server Error"}`},
		{name: "any error", err: errors.New("secret"), status: 500, body: `{"message":"Internal Server Error"}`},
		{name: "a timeout", err: runtimeapi.ErrTimeout, status: 500, body: `{"message":"Internal Server Error"}`},
		{name: "no environment in time", err: fmt.Errorf("x: %w", context.DeadlineExceeded), status: 503,
			body: `{"message":"Service Unavailable"}`},
		{name: "an event too large", err: runtimeapi.ErrTooLarge, status: 413,
			body: `{"message":"Request Entity Too Large"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			api := New("1", "local", []Route{{"GET", "/", function(func([]byte) ([]byte, error) {
				return []byte(c.answer), c.err
			})}})
			r := call(t, api, "GET", "/", nil)
			assert.Equal(t, c.status, r.StatusCode)
			assert.Equal(t, c.body, text(t, r))
			for name, value := range c.headers {
				assert.Equal(t, value, r.Header.Get(name), name)
			}
		})
	}
}

func TestABodyHasABound(t *testing.T) {
	api := New("1", "local", []Route{{"POST", "/", says("x")}})
	r := call(t, api, "POST", "/", bytes.NewReader(make([]byte, MaxBody+1)))
	assert.Equal(t, 413, r.StatusCode)
	assert.JSONEq(t, `{"message":"Request Entity Too Large"}`, text(t, r))
}
