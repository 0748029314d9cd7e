package pets

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

// api is the three handlers on one table, as the functions serve them.
type api struct {
	all, create, one func(context.Context, request) (response, error)
	log              *bytes.Buffer
}

func newAPI(t *testing.T, client monotable.Client) api {
	table, err := NewTable(client, "pets", monotable.CursorKeys([]byte("0123456789abcdef0123456789abcdef")))
	require.NoError(t, err)
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	return api{Serve(All{table}, logger), Serve(Create{table}, logger), Serve(One{table}, logger), &log}
}

func fresh(t *testing.T) api { return newAPI(t, dynamotest.New(t, Schema("pets"))) }

func (a api) post(t *testing.T, body string) response {
	r, err := a.create(context.Background(), request{
		RouteKey: "POST /pets", Headers: map[string]string{"content-type": "application/json"}, Body: body,
	})
	require.NoError(t, err)
	return r
}

func (a api) get(t *testing.T, id string) response {
	r, err := a.one(context.Background(), request{RouteKey: "GET /pets/{id}",
		PathParameters: map[string]string{"id": id}})
	require.NoError(t, err)
	return r
}

func (a api) list(t *testing.T, query map[string]string) response {
	r, err := a.all(context.Background(), request{RouteKey: "GET /pets", QueryStringParameters: query})
	require.NoError(t, err)
	return r
}

// assertProblem holds a response against the problem it must be, all of it.
func assertProblem(t *testing.T, r response, status int, field, detail string) {
	t.Helper()
	assert.Equal(t, status, r.StatusCode)
	headers := map[string]string{"content-type": "application/problem+json"}
	if status == 503 {
		headers["retry-after"] = "1"
	}
	assert.Equal(t, headers, r.Headers)
	var p Problem
	require.NoError(t, json.Unmarshal([]byte(r.Body), &p))
	assert.Equal(t, Problem{"about:blank", http.StatusText(status), status, detail, field}, p)
}

func TestCreateAndGet(t *testing.T) {
	a := fresh(t)
	r := a.post(t, `{"id":1,"name":"Rachel"}`)
	assert.Equal(t, response{
		StatusCode: 201,
		Headers:    map[string]string{"content-type": "application/json", "location": "/pets/1"},
		Body:       `{"message":"You created pet 1 named Rachel","pet":{"id":1,"name":"Rachel"}}`,
	}, r)
	assert.Equal(t, response{
		StatusCode: 200,
		Headers:    map[string]string{"content-type": "application/json"},
		Body:       `{"message":"You found Rachel","pet":{"id":1,"name":"Rachel"}}`,
	}, a.get(t, "1"))

	assert.Equal(t, r, a.post(t, ` {"name":"Rachel", "id":1} `), "a retry of the same create")
	assertProblem(t, a.post(t, `{"id":1,"name":"Ross"}`), 409, "id", "Pet 1 exists already and is not the same.")
	assertProblem(t, a.post(t, `{"id":1,"name":"Rachel","age":1}`), 409, "id",
		"Pet 1 exists already and is not the same.")
	assert.Equal(t, `{"message":"You found Rachel","pet":{"id":1,"name":"Rachel"}}`, a.get(t, "1").Body,
		"it is as it was")
	assertProblem(t, a.get(t, "2"), 404, "id", "There is no pet 2.")
}

func TestWhateverAPetHasComesBack(t *testing.T) {
	a := fresh(t)
	for i, more := range []string{
		`"pets":[{"kind":"cat","name":"Kimchi"},{"age":3,"kind":"dog"}]`,
		`"address":{"city":"Toronto","street":"12 Main Street","zip":null}`,
		`"a":"","b":[],"c":{},"d":null,"e":true,"f":false,"g":0`,
		`"big":12345678901234567890123456789012345678,"small":0.00000000000000000000000000000000000001`,
		`"negative":-12.5`,
		`"html":"<a href=\"x\">&amp;</a>"`,
		`"Name":"not the name","ID":7`,
		`"a.b":1,"#":2,"size":3,"日本":"語"`,
		`"deep":` + strings.Repeat(`[`, 31) + strings.Repeat(`]`, 31),
	} {
		pet := fmt.Sprintf(`{"id":%d,"name":"Mike",%s}`, i, more)
		r := a.post(t, pet)
		require.Equal(t, 201, r.StatusCode, r.Body)
		want := fmt.Sprintf(`{"message":"You found Mike","pet":%s}`, pet)
		got := a.get(t, fmt.Sprint(i)).Body
		if strings.Contains(pet, `"Name"`) || strings.Contains(pet, `"#"`) { // in the order of their names
			assert.JSONEq(t, want, got)
		} else {
			assert.Equal(t, want, got)
		}
		assert.Equal(t, 201, a.post(t, pet).StatusCode, "the same once more: %s", a.log)
	}
}

func TestIDs(t *testing.T) {
	a := fresh(t)
	for _, id := range []string{"0", "-1", "9223372036854775807", "-9223372036854775808"} {
		r := a.post(t, `{"id":`+id+`,"name":"x"}`)
		assert.Equal(t, 201, r.StatusCode, r.Body)
		assert.Equal(t, "/pets/"+id, r.Headers["location"])
		assert.Equal(t, `{"message":"You found x","pet":{"id":`+id+`,"name":"x"}}`, a.get(t, id).Body)
	}
	const integer = "id must be an integer of 64 bits, such as 1."
	for _, id := range []string{
		"1.5", "-0.1", `"1"`, "null", "true", "[]", "{}", `""`, "[1]", "9223372036854775808", "-9223372036854775809",
		"1e19", "1e125",
		"123456789012345678901234567890",
	} {
		assertProblem(t, a.post(t, `{"id":`+id+`,"name":"x"}`), 400, "id", integer)
	}
	for _, id := range []string{"1e400", "1e-400", "123456789012345678901234567890123456789"} {
		assertProblem(t, a.post(t, `{"id":`+id+`,"name":"x"}`), 400, "id", notKept)
	}
	assertProblem(t, a.post(t, `{"name":"x"}`), 400, "id", "A pet must have id.")
	assertProblem(t, a.post(t, `{"ID":1,"name":"x"}`), 400, "id", "A pet must have id.")
	for _, id := range []string{
		"abc", "1.0", "01", "+1", "-0", "", " 1", "1 ", "0x1", "1e0", "١", "1_000", "1/2", "NaN", "9223372036854775808",
	} {
		assertProblem(t, a.get(t, id), 400, "id", integer)
	}
	assert.Equal(t, "/pets/200", a.post(t, `{"id":2.00e2,"name":"x"}`).Headers["location"],
		"an integer, however JSON writes it")
}

func TestNames(t *testing.T) {
	a := fresh(t)
	assert.Equal(t, 201, a.post(t, `{"id":1,"name":"`+strings.Repeat("é", 100)+`"}`).StatusCode)
	for _, name := range []string{`""`, `"` + strings.Repeat("é", 101) + `"`} {
		assertProblem(t, a.post(t, `{"id":2,"name":`+name+`}`), 400, "name", "name must have 1 to 100 characters.")
	}
	for _, name := range []string{"null", "1", "true", "{}", `["a"]`} {
		assertProblem(t, a.post(t, `{"id":2,"name":`+name+`}`), 400, "name", "name must be a string.")
	}
	assertProblem(t, a.post(t, `{"id":2}`), 400, "name", "A pet must have name.")
}

func TestBodiesThatAreNone(t *testing.T) {
	a := fresh(t)
	for body, at := range map[string]int{
		``:                             0,
		` `:                            1,
		`{`:                            1,
		`{"id":1`:                      7,
		`{"id":1,"name":"x"`:           18,
		`{"id":1,"name":"x`:            17,
		`{"id":1,"name":"x"} {}`:       21,
		`{"id":1,"name":"x"}x`:         20,
		`{"id":1,"name":"x"},`:         20,
		`{"id":1,"name":"x",}`:         20,
		`{"id":01,"name":"x"}`:         8,
		`{"id":+1,"name":"x"}`:         7,
		`{"id":1 "name":"x"}`:          9,
		`{"id":.5,"name":"x"}`:         7,
		`{id:1,name:"x"}`:              2,
		`{'id':1}`:                     2,
		`{"id":1,"name":"x","a":NaN}`:  24,
		"{\"id\":1,\"name\":\"x\ny\"}": 18,
		`{"id":1,"name":"\x"}`:         18,
		"\ufeff{\"id\":1}":             1,
		"id=1&name=x":                  1,
	} {
		assertProblem(t, a.post(t, body), 400, "body",
			fmt.Sprintf("The body is not JSON: it is malformed at byte %d.", at))
	}
	for _, body := range []string{`[]`, `null`, ` null `, `"x"`, `1`, `true`, `[{"id":1,"name":"x"}]`} {
		assertProblem(t, a.post(t, body), 400, "body", "The body must be a JSON object.")
	}
	assertProblem(t, a.get(t, "1"), 404, "id", "There is no pet 1.")
}

func TestWhatATableDoesNotHold(t *testing.T) {
	a := fresh(t)
	nested := func(levels int) string { return strings.Repeat(`[`, levels) + strings.Repeat(`]`, levels) }
	for _, c := range []struct{ members, field string }{
		{`"a":1e126`, "a"},
		{`"a":1e-131`, "a"},
		{`"a":123456789012345678901234567890123456789`, "a"},
		{`"a":[{"b":1e400}]`, "a[0].b"},
		{`"a":{"b":1,"b":2}`, "a.b"},
		{`"id":2`, "id"},
		{`"a":1,"\u0061":2`, "a"},
		{`"":1`, "body"},
		{`"a":[{"":1}]`, "a[0]"},
		{`"a":"\ud800"`, "body"},
		{"\"a\":\"\xff\"", "body"},
	} {
		assertProblem(t, a.post(t, `{"id":1,"name":"x",`+c.members+`}`), 400, c.field, notKept)
	}
	for _, value := range []string{nested(32), nested(3000),
		strings.Repeat(`{"b":`, 40) + `1` + strings.Repeat(`}`, 40)} {
		r := a.post(t, `{"id":1,"name":"x","a":`+value+`}`)
		assert.Equal(t, 400, r.StatusCode, r.Body)
		assert.Contains(t, r.Body, `"field":"a`)
	}
	assertProblem(t, a.get(t, "1"), 404, "id", "There is no pet 1.")
}

func TestContentTypesAndEncodings(t *testing.T) {
	a := fresh(t)
	send := func(contentType string, r request) response {
		r.Headers = map[string]string{}
		if contentType != "" {
			r.Headers["content-type"] = contentType
		}
		answer, err := a.create(context.Background(), r)
		require.NoError(t, err)
		return answer
	}
	good := request{Body: `{"id":1,"name":"x"}`}
	for _, contentType := range []string{"application/json", "application/json; charset=utf-8",
		"Application/JSON;charset=UTF-8"} {
		assert.Equal(t, 201, send(contentType, good).StatusCode, contentType)
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx",
		"application/*", ";", "json"} {
		assertProblem(t, send(contentType, good), 415, "Content-Type", "The body must be application/json.")
	}
	encoded := request{Body: base64.StdEncoding.EncodeToString([]byte(`{"id":2,"name":"y"}`)), IsBase64Encoded: true}
	assert.Equal(t, 201, send("application/json", encoded).StatusCode)
	assertProblem(t, send("application/json", request{Body: "%", IsBase64Encoded: true}), 400, "body",
		"The body is not base64.")

	const tooLarge = "The body must not have more than 8192 bytes."
	padded := func(n int) string { return `{"id":3,"name":"z"}` + strings.Repeat(" ", n-19) }
	assert.Equal(t, 201, send("application/json", request{Body: padded(8192)}).StatusCode)
	assertProblem(t, send("application/json", request{Body: padded(8193)}), 413, "body", tooLarge)
	large := base64.StdEncoding.EncodeToString([]byte(padded(8193)))
	assertProblem(t, send("application/json", request{Body: large, IsBase64Encoded: true}), 413, "body", tooLarge)
}

func TestPages(t *testing.T) {
	a := fresh(t)
	assert.Equal(t, response{StatusCode: 200, Headers: map[string]string{"content-type": "application/json"},
		Body: `{"pets":[]}`}, a.list(t, nil))
	const pets = 30
	for id := range pets {
		require.Equal(t, 201, a.post(t, fmt.Sprintf(`{"id":%d,"name":"n"}`, id)).StatusCode)
	}
	for _, limit := range []int{1, 7, 15, 30, 100} {
		seen := map[int64]int{}
		query := map[string]string{"limit": fmt.Sprint(limit)}
		for requests := 0; ; requests++ {
			require.Less(t, requests, pets+1)
			r := a.list(t, query)
			require.Equal(t, 200, r.StatusCode, r.Body)
			var p struct {
				Pets       []struct{ ID int64 } `json:"pets"`
				NextCursor string               `json:"next_cursor"`
			}
			require.NoError(t, json.Unmarshal([]byte(r.Body), &p))
			for _, pet := range p.Pets {
				seen[pet.ID]++
			}
			if p.NextCursor == "" {
				assert.NotContains(t, r.Headers, "link")
				assert.NotContains(t, r.Body, "next_cursor")
				break
			}
			assert.Len(t, p.Pets, limit)
			assert.Equal(t, fmt.Sprintf(`</pets?cursor=%s&limit=%d>; rel="next"`, p.NextCursor, limit),
				r.Headers["link"])
			query["cursor"] = p.NextCursor
		}
		assert.Len(t, seen, pets)
		for id, times := range seen {
			assert.Equal(t, 1, times, "pet %d with limit %d", id, limit)
		}
	}
	var all struct{ Pets []any }
	require.NoError(t, json.Unmarshal([]byte(a.list(t, nil).Body), &all))
	assert.Len(t, all.Pets, pets, "50 is the default")
	assert.Equal(t, 200, a.list(t, map[string]string{"cursor": ""}).StatusCode, "the start")
}

func TestQueriesThatAreRefused(t *testing.T) {
	a := fresh(t)
	for id := range 3 {
		require.Equal(t, 201, a.post(t, fmt.Sprintf(`{"id":%d,"name":"n"}`, id)).StatusCode)
	}
	for _, limit := range []string{"", "0", "-1", "101", "1.5", "abc", "01", "+1", " 1", "1,2",
		"99999999999999999999"} {
		assertProblem(t, a.list(t, map[string]string{"limit": limit}), 400, "limit",
			"limit must be an integer between 1 and 100.")
	}
	var first struct {
		NextCursor string `json:"next_cursor"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.list(t, map[string]string{"limit": "1"}).Body), &first))
	good := first.NextCursor
	require.NotEmpty(t, good)
	bad := []string{"x", "!", " ", good[:len(good)-1], good + "A", good + good, strings.ToUpper(good),
		`{"id":{"N":"1"}}`, "eyJpZCI6eyJOIjoiMSJ9fQ", "\x00", good + "\n", good + "," + good}
	for i := range good {
		other := byte('A')
		if good[i] == 'A' {
			other = 'B'
		}
		bad = append(bad, good[:i]+string(other)+good[i+1:])
	}
	for _, cursor := range bad {
		assertProblem(t, a.list(t, map[string]string{"limit": "1", "cursor": cursor}), 400, "cursor",
			"cursor must be the next_cursor of another page, as it was.")
	}
}

func TestACursorOfOtherKeysIsRefused(t *testing.T) {
	client := dynamotest.New(t, Schema("pets"))
	a := newAPI(t, client)
	for id := range 3 {
		require.Equal(t, 201, a.post(t, fmt.Sprintf(`{"id":%d,"name":"n"}`, id)).StatusCode)
	}
	for name, options := range map[string][]monotable.OpenOption{
		"another key": {monotable.CursorKeys([]byte("another key another key another key"))},
		"no key":      nil,
	} {
		other, err := NewTable(client, "pets", options...)
		require.NoError(t, err)
		page, err := other.ScanPage(t.Context(), monotable.Limit(1))
		require.NoError(t, err)
		r := a.list(t, map[string]string{"cursor": string(page.Next)})
		assert.Equal(t, 400, r.StatusCode, name)
	}
}

func TestOneCreateWins(t *testing.T) {
	a := fresh(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for i := range 100 {
		wg.Go(func() {
			r := a.post(t, fmt.Sprintf(`{"id":1,"name":"name %d"}`, i))
			mu.Lock()
			statuses[r.StatusCode]++
			mu.Unlock()
		})
	}
	wg.Wait()
	assert.Equal(t, map[int]int{201: 1, 409: 99}, statuses)
}

// faulty is a client whose every call fails.
type faulty struct {
	monotable.Client
	err error
}

func (f faulty) GetItem(context.Context, *dynamodb.GetItemInput,
	...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, f.err
}
func (f faulty) PutItem(context.Context, *dynamodb.PutItemInput,
	...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return nil, f.err
}
func (f faulty) Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return nil, f.err
}

func TestFaultsBehindTheAPI(t *testing.T) {
	const (
		down  = "The pets cannot be reached at the moment. Try again in a second."
		wrong = "Something went wrong on our side."
	)
	for _, c := range []struct {
		name   string
		err    error
		status int
		detail string
	}{
		{"throttled", &types.ProvisionedThroughputExceededException{Message: aws.String("secret")}, 503, down},
		{"throttled by the account", &types.RequestLimitExceeded{Message: aws.String("secret")}, 503, down},
		{"throttled by the control plane", &smithy.GenericAPIError{Code: "ThrottlingException", Message: "secret"}, 503,
			down},
		{"a fault of the service", &types.InternalServerError{Message: aws.String("secret")}, 503, down},
		{"the deadline", fmt.Errorf("secret: %w", context.DeadlineExceeded), 503, down},
		{"no right", &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "secret"}, 500, wrong},
		{"no table", &types.ResourceNotFoundException{Message: aws.String("secret")}, 500, wrong},
		{"a bad request of ours", &smithy.GenericAPIError{Code: "ValidationException", Message: "secret"}, 500, wrong},
		{"anything", errors.New("secret"), 500, wrong},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAPI(t, faulty{err: &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "x", Err: c.err}})
			for _, r := range []response{a.post(t, `{"id":1,"name":"x"}`), a.get(t, "1"), a.list(t, nil)} {
				assertProblem(t, r, c.status, "", c.detail)
				assert.NotContains(t, r.Body, "secret")
			}
			assert.Equal(t, 3, strings.Count(a.log.String(), `"level":"ERROR"`))
			assert.Equal(t, 3, strings.Count(a.log.String(), `secret`), "the log has it: %s", a.log)
		})
	}
}

func TestAnUnreachableTable(t *testing.T) {
	server, err := dynamotest.NewServer(dynamotest.NewClient())
	require.NoError(t, err)
	client := dynamodb.NewFromConfig(server.Config(), func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	require.NoError(t, server.Close())
	a := newAPI(t, client)
	for _, r := range []response{a.post(t, `{"id":1,"name":"x"}`), a.get(t, "1"), a.list(t, nil)} {
		assertProblem(t, r, 503, "", "The pets cannot be reached at the moment. Try again in a second.")
	}
}

// reads keeps the requests that One sent.
type reads struct {
	monotable.Client
	sent []*dynamodb.GetItemInput
}

func (r *reads) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	r.sent = append(r.sent, in)
	return r.Client.GetItem(ctx, in, o...)
}

func TestOneSendsOneConsistentRead(t *testing.T) {
	client := &reads{Client: dynamotest.New(t, Schema("pets"))}
	newAPI(t, client).get(t, "1")
	require.Len(t, client.sent, 1)
	assert.True(t, aws.ToBool(client.sent[0].ConsistentRead))
}

// slow answers when the context ends.
type slow struct{ monotable.Client }

func (slow) GetItem(ctx context.Context, _ *dynamodb.GetItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAnAnswerComesBeforeTheDeadline(t *testing.T) {
	a := newAPI(t, slow{})
	ctx, cancel := context.WithTimeout(t.Context(), answerMargin+50*time.Millisecond)
	defer cancel()
	r, err := a.one(ctx, request{PathParameters: map[string]string{"id": "1"}})
	require.NoError(t, err)
	require.NoError(t, ctx.Err(), "the function's own time is not over")
	assertProblem(t, r, 503, "", "The pets cannot be reached at the moment. Try again in a second.")
}

func TestLogs(t *testing.T) {
	a := fresh(t)
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "the-request"})
	r := request{RouteKey: "POST /pets", Headers: map[string]string{"content-type": "application/json"},
		Body: `{"id":1,"name":"Rachel"}`}
	r.RequestContext.RequestID = "the-api-request"
	for range 2 {
		_, err := a.create(ctx, r)
		require.NoError(t, err)
	}
	lines := strings.Split(strings.TrimSpace(a.log.String()), "\n")
	require.Len(t, lines, 2)
	for _, line := range lines {
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &entry))
		assert.NotEmpty(t, entry["time"])
		assert.NotEmpty(t, entry["took_ms"])
		delete(entry, "time")
		delete(entry, "took_ms")
		assert.Equal(t, map[string]any{
			"level": "INFO", "msg": "request", "request_id": "the-request", "api_request_id": "the-api-request",
			"route": "POST /pets", "status": 201.0,
		}, entry)
	}
	assert.NotContains(t, a.log.String(), "Rachel")
}
