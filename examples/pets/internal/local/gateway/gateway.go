// Package gateway is an API Gateway HTTP API in front of Lambda functions: it finds the route, hands the function an
// event of payload format 2.0, and turns the function's answer into the HTTP response (API Gateway guide, "Create AWS
// Lambda proxy integrations for HTTP APIs in API Gateway").
package gateway

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/monotable/monotable/examples/pets/internal/local/runtimeapi"
)

const (
	// MaxBody is the most bytes of a request's body (API Gateway guide, "Quotas for configuring and running an HTTP
	// API").
	MaxBody = 10 << 20
	// maxWait is the longest that the API waits for a function.
	maxWait = 30 * time.Second
)

// Function answers one event.
type Function interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// Route sends requests with a method and a path, "/pets/{id}", to a function.
type Route struct {
	Method, Path string
	Function     Function
}

// API is the HTTP API. It is an http.Handler.
type API struct {
	account string
	id      string
	routes  []route
}

type route struct {
	Route
	key      string
	segments []string
}

// New makes an API of an account with an id, both for the events alone, and its routes.
func New(account, id string, routes []Route) *API {
	a := &API{account: account, id: id}
	for _, r := range routes {
		a.routes = append(a.routes, route{r, r.Method + " " + r.Path, strings.Split(r.Path, "/")[1:]})
	}
	return a
}

// ServeHTTP answers as the service does where no function is reached: 404 without a route, 413 above MaxBody, 500 when
// the function failed, ran past its own timeout or answered what is no response, 503 when the API waited too long.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	id := requestID()
	w.Header().Set("Apigw-Requestid", id)
	route, parameters := a.find(r)
	if route == nil {
		own(w, http.StatusNotFound, "Not Found")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		own(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	if err != nil {
		own(w, http.StatusBadRequest, "Bad Request")
		return
	}
	event, err := json.Marshal(a.event(r, route, parameters, body, id, began))
	if err != nil {
		own(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), maxWait)
	defer cancel()
	answer, err := route.Function.Invoke(ctx, event)
	switch {
	case errors.Is(err, runtimeapi.ErrTooLarge):
		own(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case errors.Is(err, context.DeadlineExceeded):
		slog.Error("no answer in time", "route", route.key, "request", id)
		own(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		slog.Error("function failed", "route", route.key, "request", id, "error", err)
		own(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		respond(w, answer)
	}
}

// find matches the path segment by segment, as it was escaped; a parameter takes one segment that is not empty. A route
// with a name where another has a parameter goes first.
func (a *API) find(r *http.Request) (found *route, parameters map[string]string) {
	segments := strings.Split(r.URL.EscapedPath(), "/")[1:]
	for i := range a.routes {
		candidate := &a.routes[i]
		if candidate.Method != r.Method || len(candidate.segments) != len(segments) {
			continue
		}
		values, ok := candidate.match(segments)
		if ok && (found == nil || len(values) < len(parameters)) {
			found, parameters = candidate, values
		}
	}
	return found, parameters
}

func (r *route) match(segments []string) (map[string]string, bool) {
	values := map[string]string{}
	for i, want := range r.segments {
		got, err := url.PathUnescape(segments[i])
		if err != nil {
			return nil, false
		}
		if name, isParameter := strings.CutPrefix(want, "{"); isParameter && got != "" {
			values[strings.TrimSuffix(name, "}")] = got
		} else if got != want {
			return nil, false
		}
	}
	return values, true
}

// event is the request in payload format 2.0: header and query parameter names once, several values joined by commas.
func (a *API) event(r *http.Request, route *route, parameters map[string]string, body []byte, id string,
	at time.Time) events.APIGatewayV2HTTPRequest {
	headers := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		if name != "Cookie" {
			headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	query := map[string]string{}
	for name, values := range r.URL.Query() {
		query[name] = strings.Join(values, ",")
	}
	var cookies []string
	for _, line := range r.Header["Cookie"] {
		for cookie := range strings.SplitSeq(line, ";") {
			cookies = append(cookies, strings.TrimSpace(cookie))
		}
	}
	sourceIP, _, _ := net.SplitHostPort(r.RemoteAddr)
	a.forwarded(headers, r, sourceIP, at)
	event := events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              route.key,
		RawPath:               r.URL.Path,
		RawQueryString:        r.URL.RawQuery,
		Cookies:               cookies,
		Headers:               headers,
		QueryStringParameters: query,
		PathParameters:        parameters,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey:     route.key,
			AccountID:    a.account,
			Stage:        "$default",
			RequestID:    id,
			APIID:        a.id,
			DomainName:   r.Host,
			DomainPrefix: a.id,
			Time:         at.UTC().Format("02/Jan/2006:15:04:05 -0700"),
			TimeEpoch:    at.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: sourceIP, UserAgent: r.UserAgent(),
			},
		},
	}
	if isText(r.Header.Get("Content-Type")) && utf8.Valid(body) {
		event.Body = string(body)
	} else if len(body) > 0 {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return event
}

// forwarded adds the headers by which the service tells where a request came from and how, and its length.
func (a *API) forwarded(headers map[string]string, r *http.Request, sourceIP string, at time.Time) {
	if r.ContentLength >= 0 {
		headers["content-length"] = strconv.FormatInt(r.ContentLength, 10)
	}
	from := sourceIP
	if before := headers["x-forwarded-for"]; before != "" {
		from = before + ", " + from
	}
	port := "80"
	if _, given, err := net.SplitHostPort(r.Host); err == nil {
		port = given
	}
	headers["x-forwarded-for"], headers["x-forwarded-port"], headers["x-forwarded-proto"] = from, port, "http"
	if headers["x-amzn-trace-id"] == "" {
		var b [12]byte
		rand.Read(b[:]) // never fails
		headers["x-amzn-trace-id"] = fmt.Sprintf("Root=1-%08x-%x", at.Unix(), b)
	}
}

// isText tells which bodies the service hands on as they are; all others are base64. So is, here, what is not UTF-8,
// which JSON could not carry.
func isText(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch kind {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(kind, "text/")
}

// respond writes what the function answered: a response, if it has a status code, and otherwise the body of a 200.
func respond(w http.ResponseWriter, answer []byte) {
	var shape struct {
		StatusCode *int `json:"statusCode"`
	}
	if !json.Valid(answer) {
		own(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	if json.Unmarshal(answer, &shape) != nil || shape.StatusCode == nil {
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
		return
	}
	var response events.APIGatewayV2HTTPResponse
	if json.Unmarshal(answer, &response) != nil || response.StatusCode < 200 || response.StatusCode > 599 {
		own(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	body := []byte(response.Body)
	if response.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(response.Body)
		if err != nil {
			own(w, http.StatusInternalServerError, "Internal Server Error")
			return
		}
		body = decoded
	}
	for name, value := range response.Headers {
		w.Header().Set(name, value)
	}
	for name, values := range response.MultiValueHeaders {
		w.Header().Set(name, strings.Join(values, ","))
	}
	for _, cookie := range response.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/plain;charset=utf-8")
	}
	w.WriteHeader(response.StatusCode)
	w.Write(body)
}

// own is an answer of the API's own.
func own(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, `{"message":"`+message+`"}`)
}

// requestID looks like the service's: 15 characters and a sign of equality.
func requestID() string {
	var b [11]byte
	rand.Read(b[:]) // never fails
	return base64.URLEncoding.EncodeToString(b[:])[:15] + "="
}
