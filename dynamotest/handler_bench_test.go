package dynamotest_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/internal/cputime"
	"github.com/monotable/monotable/internal/wire"
)

// discard is a response that is thrown away.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)               {}

// BenchmarkHandler answers requests without a network and without a client: what the server adds to net/http.
func BenchmarkHandler(b *testing.B) {
	served := dynamotest.New(b, things)
	server, err := dynamotest.NewServer(served)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Close() })
	for _, o := range []struct {
		name string
		body []byte
	}{
		{"Put", append(append([]byte(`{"TableName":"things","Item":`), wire.AppendItem(nil, flat("1"))...), '}')},
		{"Get", []byte(`{"TableName":"things","Key":{"id":{"S":"1"}}}`)},
	} {
		b.Run(o.name, func(b *testing.B) {
			putFlat(b, served, "1")
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+o.name+"Item")
			r.Header.Set("Content-Type", "application/x-amz-json-1.0")
			r.Header.Set("Accept-Encoding", "identity")
			r.Header.Set("X-Amz-Date", "20261122T000000Z")
			r.Header.Set("Authorization",
				"AWS4-HMAC-SHA256 Credential=dynamotest/20261122/us-east-1/dynamodb/aws4_request, "+
					"SignedHeaders=accept-encoding;content-length;content-type;host;x-amz-date;x-amz-target, "+
					"Signature=0123456789abcdef")
			r.ContentLength = int64(len(o.body))
			b.ReportAllocs()
			defer cputime.Report(b)()
			for b.Loop() {
				r.Body = io.NopCloser(bytes.NewReader(o.body))
				server.ServeHTTP(discard{make(http.Header, 8)}, r)
			}
		})
	}
}
