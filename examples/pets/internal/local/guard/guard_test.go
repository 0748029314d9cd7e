package guard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

var own = aws.Credentials{AccessKeyID: "OWN", SecretAccessKey: "own secret", SessionToken: "own token"}

// behind is a DynamoDB with a table, that refuses what is not signed with own, and counts what it carries out.
func behind(t *testing.T, calls *atomic.Int64) *url.URL {
	place := []dynamotest.Option{dynamotest.WithRegion("eu-west-1"), dynamotest.WithAccountID("123456789012")}
	client := dynamotest.NewWith(t, place, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
	server, err := dynamotest.NewServer(client)
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	target, err := url.Parse(server.URL())
	require.NoError(t, err)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		assertSigned(t, r, body)
		calls.Add(1)
		again, err := http.NewRequest(r.Method, target.String(), bytes.NewReader(body))
		require.NoError(t, err)
		again.Header = r.Header
		response, err := http.DefaultTransport.RoundTrip(again)
		require.NoError(t, err)
		defer response.Body.Close()
		for name := range response.Header {
			w.Header().Set(name, response.Header.Get(name))
		}
		w.WriteHeader(response.StatusCode)
		io.Copy(w, response.Body)
	}))
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	return u
}

// assertSigned makes the signature once more, as the service does to verify it.
func assertSigned(t *testing.T, r *http.Request, body []byte) {
	got := r.Header.Get("Authorization")
	assert.Contains(t, got, "Credential=OWN/")
	assert.Equal(t, "own token", r.Header.Get("X-Amz-Security-Token"))
	_, names, _ := strings.Cut(got, "SignedHeaders=")
	names, _, _ = strings.Cut(names, ",")
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.Path, bytes.NewReader(body))
	if !assert.NoError(t, err) {
		return
	}
	for name := range strings.SplitSeq(names, ";") {
		if value := r.Header.Get(name); value != "" && name != "x-amz-date" && name != "x-amz-security-token" &&
			name != "host" {
			again.Header.Set(name, value)
		}
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	assert.NoError(t, err)
	sum := sha256.Sum256(body)
	assert.NoError(t, v4.NewSigner().SignHTTP(t.Context(), own, again, hex.EncodeToString(sum[:]), "dynamodb",
		"eu-west-1", at))
	assert.Equal(t, again.Header.Get("Authorization"), got)
}

const arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/pets"

// guarded is a client behind a guard that allows its key, READER, GetItem and Query on the table and its indexes.
func guarded(t *testing.T, endpoint *url.URL) *dynamodb.Client {
	server := httptest.NewServer(New(Guard{
		Endpoint: endpoint, Region: "eu-west-1", Account: "123456789012",
		Credentials: credentials.StaticCredentialsProvider{Value: own},
		Check: func(key, action string, resources []string) error {
			if key == "READER" && (action == "dynamodb:GetItem" || action == "dynamodb:Query") &&
				strings.HasPrefix(resources[0], arn) {
				return nil
			}
			return errors.New("no: " + action + " on " + resources[0])
		},
	}))
	t.Cleanup(server.Close)
	return dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: &server.URL,
		Credentials:      credentials.NewStaticCredentialsProvider("READER", "any", "any"),
		RetryMaxAttempts: 1, HTTPClient: &http.Client{Transport: dynamotest.Transport(nil)},
	})
}

func TestWhatIsAllowedPasses(t *testing.T) {
	var calls atomic.Int64
	client := guarded(t, behind(t, &calls))
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "1"}}
	for _, table := range []string{"pets", arn} {
		out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key})
		require.NoError(t, err)
		assert.Empty(t, out.Item)
	}
	assert.EqualValues(t, 2, calls.Load())
	// An error of the service's is the service's.
	_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("pets2"), Key: key})
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	_, err = client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String("pets"),
		IndexName:                 aws.String("none"),
		KeyConditionExpression:    aws.String("id = :i"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":i": key["id"]}})
	var invalid smithy.APIError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, "ValidationException", invalid.ErrorCode())
}

func TestWhatIsNotAllowedDoesNot(t *testing.T) {
	var calls atomic.Int64
	client := guarded(t, behind(t, &calls))
	item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "1"}}
	for says, call := range map[string]func() error{
		"no: dynamodb:PutItem on " + arn: func() error {
			_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: item})
			return err
		},
		"no: dynamodb:Scan on " + arn + "/index/i": func() error {
			_, err := client.Scan(t.Context(),
				&dynamodb.ScanInput{TableName: aws.String("pets"), IndexName: aws.String("i")})
			return err
		},
		"dynamodb:BatchGetItem is not known to this stack: it passes calls on one table or stream": func() error {
			_, err := client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{"pets": {Keys: []map[string]types.AttributeValue{item}}}})
			return err
		},
		"dynamodb:ListTables is not known to this stack: it passes calls on one table or stream": func() error {
			_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
			return err
		},
	} {
		var refused smithy.APIError
		require.ErrorAs(t, call(), &refused)
		assert.Equal(t, "AccessDeniedException", refused.ErrorCode())
		assert.Equal(t, says, refused.ErrorMessage())
	}
	assert.Zero(t, calls.Load(), "nothing reached the table")
}

// TestStatements: a statement is asked about by what it does, on its table or index; one that cannot be read is not
// passed on.
func TestStatements(t *testing.T) {
	g := New(Guard{Endpoint: &url.URL{Scheme: "http", Host: "tables"}, Region: "eu-west-1", Account: "123456789012"})
	for body, want := range map[string]string{
		`{"Statement":"SELECT * FROM pets WHERE id = ?","Parameters":[{"N":"1"}]}`: "Select " + arn,
		`{"Statement":"select id from \"pets\".\"byName\""}`:                       "Select " + arn + "/index/byName",
		`{"Statement":"INSERT INTO pets VALUE {'id': 1}"}`:                         "Insert " + arn,
		`{"Statement":"UPDATE pets SET a = 1 WHERE id = 1"}`:                       "Update " + arn,
		`{"Statement":"FROM pets WHERE id = 1 REMOVE a"}`:                          "Update " + arn,
		`{"Statement":"DELETE FROM pets WHERE id = 1"}`:                            "Delete " + arn,
	} {
		action, resources, err := g.asked("ExecuteStatement", []byte(body))
		require.NoError(t, err, body)
		assert.Equal(t, []string{"dynamodb:PartiQL" + want}, []string{action + " " + strings.Join(resources, ", ")}, body)
	}
	for _, body := range []string{``, `{}`, `{"Statement":"SELEC"}`, `{"TableName":"pets"}`, `{"Statement":1}`,
		`{"Statement":"SELECT * FROM pets WHERE id = ?"}`} {
		_, _, err := g.asked("ExecuteStatement", []byte(body))
		assert.Error(t, err, body)
	}
	_, _, err := g.asked("BatchExecuteStatement",
		[]byte(`{"Statements":[{"Statement":"DELETE FROM pets WHERE id = 1"}]}`))
	assert.ErrorContains(t, err, "dynamodb:BatchExecuteStatement is not known to this stack")
}

// TestStreams: an operation on a stream is asked about by the stream's ARN, in the account that policies name, and goes
// to where streams are.
func TestStreams(t *testing.T) {
	tables, streams := &url.URL{Scheme: "http", Host: "tables"}, &url.URL{Scheme: "http", Host: "streams"}
	g := New(Guard{Endpoint: tables, Streams: streams, Region: "eu-west-1", Account: "123456789012"})
	const here = "arn:aws:dynamodb:eu-west-1:123456789012:table/"
	const real = "arn:aws:dynamodb:ddblocal:000000000000:table/pets"
	g.Alias(real, arn)
	for body, want := range map[string]string{
		`{"StreamArn":"` + real + `/stream/2026"}`:                        arn + "/stream/2026",
		`{"StreamArn":"` + real + `/stream/2026","ShardId":"s"}`:          arn + "/stream/2026",
		`{"ShardIterator":"` + real + `/stream/2026|001|AAAA","Limit":1}`: arn + "/stream/2026",
		`{"ShardIterator":"` + real + `2/stream/2026|001|AAAA"}`:          real + "2/stream/2026", // not the stack's
		`{"ShardIterator":"AAAA"}`:                                        here + "AAAA",
		`{"TableName":"` + real + `","IndexName":"i"}`:                    arn + "/index/i",
	} {
		resources, err := g.resources("Any", []byte(body))
		require.NoError(t, err, body)
		assert.Equal(t, []string{want}, resources, body)
	}
	all, err := g.resources("Any",
		[]byte(`{"TableName":"pets","StreamArn":"arn:aws:dynamodb:x:1:table/other/stream/1"}`))
	require.NoError(t, err)
	assert.Equal(t, []string{arn, "arn:aws:dynamodb:x:1:table/other/stream/1"}, all, "whichever the operation reads")
	for _, body := range []string{"", "{}", `{"IndexName":"i"}`, `{"Limit":1}`} {
		_, err := g.resources("ListStreams", []byte(body))
		assert.ErrorContains(t, err, "dynamodb:ListStreams is not known", body)
	}
	assert.Equal(t, streams, g.endpoint("DynamoDBStreams_20120810.GetRecords"))
	assert.Equal(t, tables, g.endpoint("DynamoDB_20120810.GetItem"))
	assert.Equal(t, tables, New(Guard{Endpoint: tables}).endpoint("DynamoDBStreams_20120810.GetRecords"))
}

func TestRequestsWithoutASignature(t *testing.T) {
	g := New(Guard{Endpoint: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}})
	for _, authorization := range []string{"", "Bearer x", "AWS4-HMAC-SHA256 Credential="} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(`{"TableName":"pets"}`))
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		assert.Equal(t, 400, w.Code)
		assert.Contains(t, w.Body.String(), "MissingAuthenticationTokenException")
	}
}

func TestNothingBehindIt(t *testing.T) {
	client := guarded(t, &url.URL{Scheme: "http", Host: "127.0.0.1:1"})
	_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("pets"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "1"}}})
	var failed *awshttp.ResponseError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, http.StatusBadGateway, failed.HTTPStatusCode())
}
