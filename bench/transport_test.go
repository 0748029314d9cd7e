package bench

import (
	"bytes"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// canned answers every request with one body, after a pause if there is one.
type canned struct {
	body  []byte
	crc   string
	pause time.Duration
	pick  func(request string) []byte // another body for some requests; nil for none
}

func newCanned(body []byte) *canned { return &canned{body: body, crc: checksum(body)} }

func checksum(body []byte) string { return strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10) }

func (c *canned) Do(r *http.Request) (*http.Response, error) { return c.RoundTrip(r) }

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	body, crc := c.body, c.crc
	if c.pick != nil {
		request, _ := io.ReadAll(r.Body)
		if other := c.pick(string(request)); other != nil {
			body, crc = other, checksum(other)
		}
	}
	if c.pause > 0 {
		time.Sleep(c.pause)
	}
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amz-Crc32": {crc},
			"X-Amzn-Requestid": {"R"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	}, nil
}

func cannedClient(t http.RoundTripper) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		HTTPClient: &http.Client{Transport: t},
	})
}

// socketClient is a client of a real server that gives the canned answer.
func socketClient(b *testing.B, c *canned) *dynamodb.Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("X-Amz-Crc32", c.crc)
		w.Header().Set("Content-Length", strconv.Itoa(len(c.body)))
		_, _ = w.Write(c.body)
	}))
	b.Cleanup(server.Close)
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &server.URL, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		HTTPClient:  &http.Client{Transport: keepBody{http.DefaultTransport}},
	})
}

// keepBody gives a request a body that closing does not end: the SDK closes it as soon as the response has begun, and
// the connection would be dropped.
type keepBody struct{ next http.RoundTripper }

func (k keepBody) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	return k.next.RoundTrip(r)
}

// measured runs f b.N times, and reports the process's CPU time beside the clock's: what other processes do is not in
// it.
func measured(b *testing.B, f func() error) {
	b.ReportAllocs()
	if err := f(); err != nil { // plans, connections
		b.Fatal(err)
	}
	b.ResetTimer()
	before := cpu()
	n := 0
	for b.Loop() {
		if err := f(); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(cpu()-before)/float64(n), "cpu-ns/op")
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
