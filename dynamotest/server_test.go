package dynamotest_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
)

const (
	signed = "AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/dynamodb/aws4_request, " +
		"SignedHeaders=host;x-amz-date, Signature=aa"
	tables = "DynamoDB_20120810."
)

func newServer(t *testing.T, opts ...dynamotest.ServerOption) *dynamotest.Server {
	t.Helper()
	s, err := dynamotest.NewServer(dynamotest.NewClient(), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// request is one that the service takes, until a test changes it.
func request(t *testing.T, s *dynamotest.Server, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL(), strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("X-Amz-Date", "20261122T000000Z")
	r.Header.Set("Authorization", signed)
	return r
}

type response struct {
	status int
	header http.Header
	body   string
}

// do sends r and checks what holds for every response.
func do(t *testing.T, r *http.Request) response {
	t.Helper()
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Len(t, res.Header.Get("X-Amzn-Requestid"), 52)
	assert.Equal(t, "Server", res.Header.Get("Server"))
	assert.Equal(t, strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10), res.Header.Get("X-Amz-Crc32"))
	return response{res.StatusCode, res.Header, string(body)}
}

func TestRequestsThatAreNone(t *testing.T) {
	s := newServer(t)
	unknown := "<UnknownOperationException/>\n"
	missing := `{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException",` +
		`"message":"Request is missing Authentication Token"}`
	unknownJSON := `{"__type":"com.amazon.coral.service#UnknownOperationException"}`
	internal := `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Internal server error"}`
	for name, test := range map[string]struct {
		change func(*http.Request)
		status int
		body   string
	}{
		// Captured from us-east-1, 2026: what comes as JSON is answered as JSON.
		"no target":         {func(r *http.Request) { r.Header.Del("X-Amz-Target") }, 400, unknownJSON},
		"unknown operation": {func(r *http.Request) { r.Header.Set("X-Amz-Target", tables+"Nope") }, 400, unknownJSON},
		"unknown service": {func(r *http.Request) { r.Header.Set("X-Amz-Target", "Kinesis_20131202.ListTables") },
			400, unknownJSON},
		"stream operation of tables": {func(r *http.Request) {
			r.Header.Set("X-Amz-Target", tables+"ListStreams")
		}, 400, unknownJSON},
		"wrong method":       {func(r *http.Request) { r.Method = http.MethodPut }, 404, unknown},
		"wrong content type": {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 404, unknown},
		"not there yet": {func(r *http.Request) { r.Header.Set("X-Amz-Target", tables+"ExportTableToPointInTime") }, 400,
			`{"__type":"com.amazon.coral.service#UnknownOperationException",` +
				`"message":"ExportTableToPointInTime is not supported by dynamotest"}`},
		"no signature": {func(r *http.Request) { r.Header.Del("Authorization") }, 400, missing},
		"another scheme": {func(r *http.Request) { r.Header.Set("Authorization", "Basic Zm9v") }, 400,
			missing},
		"empty signature": {func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256")
			r.Header.Del("X-Amz-Date")
		}, 400,
			`{"__type":"com.amazon.coral.service#IncompleteSignatureException",` +
				`"message":"Authorization header requires 'Credential' parameter. ` +
				`Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. ` +
				`Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ` +
				`Authorization=AWS4-HMAC-SHA256"}`},
		"incomplete query": {func(r *http.Request) {
			r.Header.Del("Authorization")
			r.URL.RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256"
		}, 400,
			`{"__type":"com.amazon.coral.service#IncompleteSignatureException",` +
				`"message":"AWS query-string parameters must include 'X-Amz-Credential'. ` +
				`AWS query-string parameters must include 'X-Amz-Signature'. ` +
				`AWS query-string parameters must include 'X-Amz-SignedHeaders'. ` +
				`AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters."}`},
		"signed twice": {func(r *http.Request) { r.URL.RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256" }, 400,
			`{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Found both 'X-Amz-Algorithm' ` +
				`as a query-string param and 'Authorization' as HTTP header."}`},
		"unknown encoding": {func(r *http.Request) { r.Header.Set("Content-Encoding", "br") }, 500, internal},
		"not gzip":         {func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 500, internal},
		"not deflate":      {func(r *http.Request) { r.Header.Set("Content-Encoding", "deflate") }, 500, internal},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, s, tables+"ListTables", "{}")
			test.change(r)
			res := do(t, r)
			assert.Equal(t, test.status, res.status)
			assert.Equal(t, test.body, res.body)
		})
	}
}

func TestBodiesThatCannotBeRead(t *testing.T) {
	s := newServer(t)
	for _, body := range []string{"", "hello", "[]", "null", "1", `"a"`, `{"a":1`, `{"a":1}x`, `{"a":1,}`, "{'a':1}",
		`{"a":"` + "\xff" + `"}`,
		"{\"a\":\"\t\"}", `{"a":"\x"}`, strings.Repeat("[", 1<<20), `{"a":` + strings.Repeat("[", 1<<20),
		"\x00\x01\x02"} {
		res := do(t, request(t, s, tables+"GetItem", body))
		assert.Equal(t, 400, res.status)
		assert.Equal(t, `{"__type":"com.amazon.coral.service#SerializationException"}`, res.body)
		assert.Equal(t, "application/x-amz-json-1.0", res.header.Get("Content-Type"))
	}
}

func TestBodyTooLarge(t *testing.T) {
	s := newServer(t)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	for range 1 << 10 {
		_, _ = z.Write(bytes.Repeat([]byte(" "), 1<<16)) // 64 MiB of nothing
	}
	require.NoError(t, z.Close())
	require.Less(t, zipped.Len(), 1<<20)

	for name, r := range map[string]*http.Request{
		"declared": request(t, s, tables+"PutItem", strings.Repeat(" ", 16<<20+1)),
		"chunked": func() *http.Request {
			r := request(t, s, tables+"PutItem", strings.Repeat(" ", 16<<20+1))
			r.ContentLength = -1
			return r
		}(),
		"gzip": func() *http.Request {
			r := request(t, s, tables+"PutItem", zipped.String())
			r.Header.Set("Content-Encoding", "gzip")
			return r
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				return // refused while it was still being sent
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			assert.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)
			assert.Contains(t, string(body), "#RequestEntityTooLargeException")
		})
	}
	assert.Equal(t, 200, do(t, request(t, s, tables+"ListTables", strings.Repeat(" ", 1<<20)+"{}")).status)
}

// pack compresses a body in an encoding.
func pack(t *testing.T, encoding, body string) string {
	var packed bytes.Buffer
	var z io.WriteCloser
	switch encoding {
	case "gzip":
		z = gzip.NewWriter(&packed)
	case "deflate":
		z = zlib.NewWriter(&packed)
	default:
		z, _ = flate.NewWriter(&packed, flate.BestSpeed)
	}
	_, _ = io.WriteString(z, body)
	require.NoError(t, z.Close())
	return packed.String()
}

func TestCompressionBothWays(t *testing.T) {
	s := newServer(t)
	for i, encoding := range []string{"gzip", "deflate", "bare"} {
		body := fmt.Sprintf(`{"TableName":"table_%d","BillingMode":"PAY_PER_REQUEST",
			"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],
			"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}]}`, i)
		r := request(t, s, tables+"CreateTable", pack(t, encoding, body))
		r.Header.Set("Content-Encoding", strings.Replace(encoding, "bare", "Deflate", 1))
		res := do(t, r)
		require.Equal(t, 200, res.status, res.body)
	}
	put := `{"TableName":"table_0","Item":{"p":{"S":"%s"}}}`
	require.Equal(t, 200, do(t, request(t, s, tables+"PutItem", fmt.Sprintf(put, strings.Repeat("a", 2040)))).status)
	require.Equal(t, 200, do(t, request(t, s, tables+"PutItem", fmt.Sprintf(put, strings.Repeat("b", 2040)))).status)
	for accepted, want := range map[string]string{
		"":                         "",
		"br":                       "",
		"gzip; q=0":                "",
		"br;q=1, gzip;q=0.5":       "gzip",
		"deflate, gzip":            "gzip",
		"deflate":                  "deflate",
		"gzip;q=0,Deflate":         "deflate",
		"gzip;q=0, deflate; q = 0": "",
	} {
		r := request(t, s, tables+"Scan", `{"TableName":"table_0"}`)
		r.Header.Set("Accept-Encoding", accepted)
		res := do(t, r)
		require.Equal(t, want, res.header.Get("Content-Encoding"), accepted)
		var body io.Reader = strings.NewReader(res.body)
		var err error
		switch want {
		case "gzip":
			body, err = gzip.NewReader(body)
		case "deflate":
			body, err = zlib.NewReader(body)
		}
		require.NoError(t, err)
		var scan struct{ Count int }
		require.NoError(t, json.NewDecoder(body).Decode(&scan))
		assert.Equal(t, 2, scan.Count)

		r = request(t, s, tables+"Scan", `{"TableName":"table_0","Limit":1,"Select":"COUNT"}`)
		r.Header.Set("Accept-Encoding", accepted)
		res = do(t, r)
		assert.Empty(t, res.header.Get("Content-Encoding"), "an answer under 4 KB")
		assert.Less(t, len(res.body), 4<<10)
		assert.Greater(t, len(res.body), 1<<10)
	}
}

// The SDK takes compressed answers and finds their checksum right.
func TestGzipWithTheSDK(t *testing.T) {
	client := dynamotest.New(t, pets)
	server, err := dynamotest.NewServer(client)
	require.NoError(t, err)
	defer server.Close()
	var warned bytes.Buffer
	var encoding string
	sdk := dynamodb.NewFromConfig(server.Config(), func(o *dynamodb.Options) {
		o.EnableAcceptEncodingGzip = true
		o.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			res, err := dynamotest.Transport(nil).RoundTrip(r)
			if err == nil {
				encoding = res.Header.Get("Content-Encoding")
			}
			return res, err
		})}
		o.Logger = logging.NewStandardLogger(&warned)
	})
	want := item{"id": n("1"), "text": s(strings.Repeat("long ", 1000))}
	_, err = sdk.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: want})
	require.NoError(t, err)
	out, err := sdk.GetItem(context.Background(),
		&dynamodb.GetItemInput{TableName: aws.String("pets"), Key: item{"id": n("1")}})
	require.NoError(t, err)
	assert.Equal(t, want, out.Item)
	assert.Equal(t, "gzip", encoding)
	assert.Empty(t, warned.String())
}

func TestHealth(t *testing.T) {
	s := newServer(t)
	res, err := http.Get(s.URL())
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "healthy: dynamodb.us-east-1.amazonaws.com ", string(body))
}

// Bytes that are no HTTP request are answered as the service words its errors, and the connection is closed.
func TestAnyBytes(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, dynamotest.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	for _, sent := range []string{
		"hello\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
		"POST / HTTP/1.1\r\n\r\n",
		"POST / HTTP/9.9\r\nHost: x\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 2<<20) + "\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
		require.NoError(t, err)
		require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
		_, _ = io.WriteString(conn, sent) // may be refused half way
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err, "%.40q", sent)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, res.StatusCode, 400, "%.40q", sent)
		if res.Header.Get("Content-Type") == "application/x-amz-json-1.0" {
			assert.Contains(t, string(body), `{"__type":"com.amazon.coral.service#`)
		} else {
			assert.Equal(t, "<UnknownOperationException/>\n", string(body), "%.40q", sent)
		}
		assert.Equal(t, strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10), res.Header.Get("X-Amz-Crc32"))
		conn.Close()
	}
	assert.Equal(t, 200, do(t, request(t, s, tables+"ListTables", "{}")).status)
	assert.Empty(t, log.String())
}

func TestAuthorizer(t *testing.T) {
	var calls []dynamotest.Call
	s := newServer(t, dynamotest.WithAuthorizer(func(c dynamotest.Call) error {
		calls = append(calls, c)
		if c.Operation == "PutItem" {
			return fmt.Errorf("the reason stays here")
		}
		return nil
	}))
	res := do(t, request(t, s, tables+"PutItem", `{"TableName":"pets","Item":{"id":{"N":"1"}}}`))
	assert.Equal(t, 400, res.status)
	assert.Equal(t,
		`{"__type":"com.amazon.coral.service#AccessDeniedException",`+
			`"message":"User: arn:aws:iam::000000000000:user/AKID is not authorized to perform: dynamodb:PutItem `+
			`on resource: arn:aws:dynamodb:us-east-1:000000000000:table/pets `+
			`because no identity-based policy allows the dynamodb:PutItem action"}`, res.body)
	for _, r := range [][2]string{
		{"Query", `{"TableName":"pets","IndexName":"by_name","KeyConditionExpression":"x"}`},
		{"BatchGetItem", `{"RequestItems":{"b":{"Keys":[]},"a":{"Keys":[]}}}`},
		{"TransactWriteItems",
			`{"TransactItems":[{"Put":{"TableName":"a"}},{"Delete":{"TableName":"b"}},{"Update":{"TableName":"a"}},{}]}`},
		{"GetItem", `{"TableName":"arn:aws:dynamodb:eu-west-1:123456789012:table/pets","Key":{}}`},
		{"ListTables", `{}`},
	} {
		do(t, request(t, s, tables+r[0], r[1]))
	}
	const of = "arn:aws:dynamodb:us-east-1:000000000000:table/pets/stream/2026-11-22T19:00:00.000"
	do(t, request(t, s, "DynamoDBStreams_20120810.DescribeStream", `{"StreamArn":"`+of+`"}`))
	do(t, request(t, s, "DynamoDBStreams_20120810.GetRecords", `{"ShardIterator":"`+of+`|1|AAAA"}`))
	do(t, request(t, s, "DynamoDBStreams_20120810.GetRecords", `{"ShardIterator":"AAAA"}`))
	arn := "arn:aws:dynamodb:us-east-1:000000000000:table/"
	for i, c := range calls {
		assert.Equal(t, "dynamodb:"+c.Operation, c.Action)
		calls[i].Action = ""
	}
	assert.Equal(t, []dynamotest.Call{
		{AccessKeyID: "AKID", Operation: "PutItem", Tables: []string{"pets"}, Resources: []string{arn + "pets"}},
		{AccessKeyID: "AKID", Operation: "Query", Tables: []string{"pets"},
			Resources: []string{arn + "pets/index/by_name"}},
		{AccessKeyID: "AKID", Operation: "BatchGetItem", Tables: []string{"a", "b"},
			Resources: []string{arn + "a", arn + "b"}},
		{AccessKeyID: "AKID", Operation: "TransactWriteItems", Tables: []string{"a", "b"},
			Resources: []string{arn + "a", arn + "b"}},
		{AccessKeyID: "AKID", Operation: "GetItem", Tables: []string{"pets"},
			Resources: []string{"arn:aws:dynamodb:eu-west-1:123456789012:table/pets"}},
		{AccessKeyID: "AKID", Operation: "ListTables"},
		{AccessKeyID: "AKID", Operation: "DescribeStream", Tables: []string{"pets"}, Resources: []string{of}},
		{AccessKeyID: "AKID", Operation: "GetRecords", Tables: []string{"pets"}, Resources: []string{of}},
		{AccessKeyID: "AKID", Operation: "GetRecords"},
	}, calls)
}

// An authorizer's own error is answered with its code and message, and nothing else that it has.
func TestAuthorizersOwnError(t *testing.T) {
	s := newServer(t, dynamotest.WithAuthorizer(func(dynamotest.Call) error {
		return &refusal{smithy.GenericAPIError{Code: "UnrecognizedClientException", Message: "who?"},
			"not for strangers"}
	}))
	res := do(t, request(t, s, tables+"ListTables", "{}"))
	assert.Equal(t, 400, res.status)
	assert.Equal(t, `{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"who?"}`, res.body)
}

type refusal struct {
	smithy.GenericAPIError
	Reason string
}

// A fault in the server is an InternalServerError, and in the log by its target and place; nothing of the request is.
func TestFaultsAreAnswered(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, dynamotest.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		dynamotest.WithAuthorizer(func(dynamotest.Call) error { panic("secret") }))
	res := do(t, request(t, s, tables+"PutItem", `{"TableName":"secret","Item":{"id":{"S":"secret"}}}`))
	assert.Equal(t, 500, res.status)
	assert.Equal(t,
		`{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Internal server error"}`, res.body)
	assert.Contains(t, log.String(), "DynamoDB_20120810.PutItem")
	assert.Contains(t, log.String(), res.header.Get("X-Amzn-Requestid"))
	assert.NotContains(t, log.String(), "secret")
	assert.Equal(t, 200, do(t, request(t, newServer(t), tables+"ListTables", "{}")).status)
}

func TestNewServerWithoutClient(t *testing.T) {
	_, err := dynamotest.NewServer(nil)
	assert.Error(t, err)
}

// Browsers may ask from any page (captured from us-east-1, 2026).
func TestBrowsers(t *testing.T) {
	s := newServer(t)
	r := request(t, s, tables+"ListTables", "{}")
	assert.Empty(t, do(t, r).header.Get("Access-Control-Allow-Origin"))
	r = request(t, s, tables+"ListTables", "{}")
	r.Header.Set("Origin", "https://example.com")
	res := do(t, r)
	assert.Equal(t, "*", res.header.Get("Access-Control-Allow-Origin"))
	assert.Contains(t, res.header.Get("Access-Control-Expose-Headers"), "x-amzn-RequestId")

	r, err := http.NewRequest(http.MethodOptions, s.URL(), nil)
	require.NoError(t, err)
	r.Header.Set("Origin", "https://example.com")
	r.Header.Set("Access-Control-Request-Headers", "x-amz-target,authorization")
	r.Header.Set("Access-Control-Request-Method", "POST")
	res = do(t, r)
	assert.Equal(t, 200, res.status)
	assert.Equal(t, "*", res.header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "x-amz-target,authorization", res.header.Get("Access-Control-Allow-Headers"))
	assert.Equal(t, "POST", res.header.Get("Access-Control-Allow-Methods"))
	assert.Equal(t, "172800", res.header.Get("Access-Control-Max-Age"))
	assert.Empty(t, res.body)
}

// What has nothing to say says nothing, and the host that is named is the one that was asked (captured from us-east-1,
// 2026).
func TestAnswersWithoutABody(t *testing.T) {
	s := newServer(t)
	do(t, request(t, s, tables+"CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",
		"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
		"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}`))
	arn := `"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/tab"`
	for operation, body := range map[string]string{
		"TagResource":   `{` + arn + `,"Tags":[{"Key":"k","Value":"v"}]}`,
		"UntagResource": `{` + arn + `,"TagKeys":["k"]}`,
	} {
		res := do(t, request(t, s, tables+operation, body))
		assert.Equal(t, 200, res.status, operation)
		assert.Empty(t, res.body, operation)
	}
	res := do(t, request(t, s, tables+"DescribeEndpoints", "{}"))
	assert.Contains(t, res.body, `"Address":"`+strings.TrimPrefix(s.URL(), "http://")+`"`)
}

// A client of a server's Config attempts as often as any DynamoDB client of the SDK's, and does not wait long for it.
func TestConfigHasShortPauses(t *testing.T) {
	fake := dynamotest.New(t, pets)
	server, err := dynamotest.NewServer(fake)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	cfg := server.Config()
	retryer := dynamodb.NewFromConfig(cfg).Options().Retryer
	cfg.Retryer = nil
	sdks := dynamodb.NewFromConfig(cfg).Options().Retryer
	assert.Equal(t, sdks.MaxAttempts(), retryer.MaxAttempts())
	throttled := &types.ProvisionedThroughputExceededException{}
	longest := time.Duration(0)
	for attempt := range 30 {
		pause, err := sdks.RetryDelay(attempt+1, throttled)
		require.NoError(t, err)
		longest = max(longest, pause)
		pause, err = retryer.RetryDelay(attempt+1, throttled)
		require.NoError(t, err)
		assert.LessOrEqual(t, pause, 10*time.Millisecond)
	}
	assert.Greater(t, longest, time.Second)

	fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Do: dynamotest.ThrottleOnDemand()})
	require.Error(t, putPet(t.Context(), dynamodb.NewFromConfig(server.Config()), 1))
	assert.EqualValues(t, sdks.MaxAttempts(), fake.Usage().Operation("PutItem").Calls)
}
