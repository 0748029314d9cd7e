package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/pets/internal/local/template"
	"github.com/monotable/monotable/examples/pets/internal/pets"
)

const lessonTemplate = "../../template.yaml"

// start runs a template until the test ends.
func start(t *testing.T, path string) (*Stack, *logs) {
	var kept logs
	stack, err := Start(t.Context(), Options{Template: path, Logs: &kept})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, stack.Close()) })
	return stack, &kept
}

// logs keeps what the functions logged.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (s *Stack) do(t *testing.T, method, path, contentType, body string) answer {
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{response.StatusCode, response.Header, string(text)}
}

func (s *Stack) get(t *testing.T, path string) answer { return s.do(t, "GET", path, "", "") }
func (s *Stack) post(t *testing.T, body string) answer {
	return s.do(t, "POST", "/pets", "application/json", body)
}

// client signs calls to the stack's DynamoDB with an access key.
func (s *Stack) client(accessKey string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: s.Region, BaseEndpoint: &s.Database.URL,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, Secret, ""),
		HTTPClient:  &http.Client{Transport: dynamotest.Transport(nil)},
	})
}

// assertProblem checks a refusal, and that it shows nothing of what is behind the API.
func assertProblem(t *testing.T, a answer, status int, field string) {
	t.Helper()
	assert.Equal(t, status, a.status, a.body)
	assert.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
	var p pets.Problem
	require.NoError(t, json.Unmarshal([]byte(a.body), &p), a.body)
	assert.Equal(t, status, p.Status)
	assert.Equal(t, http.StatusText(status), p.Title)
	assert.Equal(t, "about:blank", p.Type)
	assert.NotEmpty(t, p.Detail)
	assert.Equal(t, field, p.Field)
	for _, internal := range []string{"monotable", "dynamo", "Dynamo", "goroutine", ".go", "127.0.0.1", "Exception",
		"PetsTable", "arn:"} {
		assert.NotContains(t, a.body, internal)
	}
}

// TestTheLessonsStack is one stack for all of it.
func TestTheLessonsStack(t *testing.T) {
	stack, logged := start(t, lessonTemplate)
	t.Run("the table is the functions'", func(t *testing.T) { tableIsAsTheFunctionsWantIt(t, stack) })
	t.Run("one create wins", func(t *testing.T) { oneCreateWins(t, stack) })
	t.Run("refusals", func(t *testing.T) { refusals(t, stack) })
	t.Run("pages", func(t *testing.T) { pagesHaveEveryPetOnce(t, stack) })
	t.Run("names", func(t *testing.T) { namesFollow(t, stack) })
	t.Run("roles", func(t *testing.T) { rolesHold(t, stack) })
	t.Run("no table", func(t *testing.T) { tableCannotBeReached(t, stack) }) // it does not come back
	t.Run("logs", func(t *testing.T) { logsAreJSON(t, logged) })
}

func tableIsAsTheFunctionsWantIt(t *testing.T, stack *Stack) {
	table, ok := stack.Table("PetsTable")
	require.True(t, ok)
	assert.Equal(t, pets.Schema(table.Schema.Name), table.Schema)
	owner := stack.client(OwnerKey)
	require.NoError(t, admin.Verify(t.Context(), owner, pets.Schema(table.Schema.Name)))
	out, err := owner.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table.Schema.Name})
	require.NoError(t, err)
	assert.Equal(t, table.ARN, aws.ToString(out.Table.TableArn), "what the policies name")
	assert.Equal(t, types.BillingModePayPerRequest, out.Table.BillingModeSummary.BillingMode)
	assert.Equal(t, types.SSEStatusEnabled, out.Table.SSEDescription.Status)
	backups, err := owner.DescribeContinuousBackups(t.Context(),
		&dynamodb.DescribeContinuousBackupsInput{TableName: &table.Schema.Name})
	require.NoError(t, err)
	assert.Equal(t, types.PointInTimeRecoveryStatusEnabled,
		backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus)
}

// namesFollow waits for what the stream brings to the table of names.
func namesFollow(t *testing.T, stack *Stack) {
	table, _ := stack.Table("NamesTable")
	assert.Equal(t, pets.NamesSchema(table.Schema.Name), table.Schema)
	require.NoError(t, admin.Verify(t.Context(), stack.client(OwnerKey), pets.NamesSchema(table.Schema.Name)))
	db, err := monotable.Open(stack.client(OwnerKey), table.Schema)
	require.NoError(t, err)
	names, err := monotable.New[pets.Name](db, monotable.Model{})
	require.NoError(t, err)
	assert.Eventually(t, func() bool {
		n, err := names.Get(t.Context(), pets.Name{Name: "n"}, monotable.Consistent())
		return err == nil && len(n.Pets) == 250
	}, 30*time.Second, 10*time.Millisecond, "all pages' pets are called n")
}

func oneCreateWins(t *testing.T, stack *Stack) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	var created string
	for i := range 100 {
		wg.Go(func() {
			a := stack.post(t, fmt.Sprintf(`{"id":-1,"name":"name %d"}`, i))
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
			if a.status == 201 {
				created = a.body
			}
		})
	}
	wg.Wait()
	assert.Equal(t, map[int]int{201: 1, 409: 99}, statuses)
	var winner, found struct{ Pet json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(created), &winner))
	require.NoError(t, json.Unmarshal([]byte(stack.get(t, "/pets/-1").body), &found))
	assert.Equal(t, string(winner.Pet), string(found.Pet))
}

func refusals(t *testing.T, stack *Stack) {
	for _, c := range []struct {
		body, field string
	}{
		{``, "body"}, {` `, "body"}, {`{`, "body"}, {`[]`, "body"}, {`null`, "body"}, {`"x"`, "body"},
		{`{"id":7,"name":"x"`, "body"},
		{`{"id":7,"name":"x"}{}`, "body"}, {`{"id":7,"name":"x",}`, "body"}, {`{'id':7,'name':'x'}`, "body"},
		{"{\"id\":7,\"name\":\"\xff\"}", "body"},
		{`{"id":07,"name":"x"}`, "body"}, {`{"id":7,"id":8,"name":"x"}`, "id"}, {`{"name":"x"}`, "id"},
		{`{"id":null,"name":"x"}`, "id"},
		{`{"id":1.5,"name":"x"}`, "id"}, {`{"id":"1","name":"x"}`, "id"}, {`{"id":1e400,"name":"x"}`, "id"},
		{`{"id":9223372036854775808,"name":"x"}`, "id"},
		{`{"id":[7],"name":"x"}`, "id"}, {`{"id":true,"name":"x"}`, "id"}, {`{"id":7}`, "name"},
		{`{"id":7,"name":""}`, "name"}, {`{"id":7,"name":7}`, "name"},
		{`{"id":7,"name":"` + strings.Repeat("x", 101) + `"}`, "name"}, {`{"id":7,"name":"x","age":1e200}`, "age"},
		{`{"id":7,"name":"x","a":{"b":1,"b":2}}`, "a.b"},
	} {
		assertProblem(t, stack.post(t, c.body), 400, c.field)
	}
	for _, path := range []string{"/pets/abc", "/pets/1.0", "/pets/01", "/pets/+1", "/pets/%201", "/pets/1%2F2",
		"/pets/9223372036854775808", "/pets/-0", "/pets/1e3"} {
		assertProblem(t, stack.get(t, path), 400, "id")
	}
	for _, limit := range []string{"0", "-1", "101", "x", "1.5", "", "1&limit=2"} {
		assertProblem(t, stack.get(t, "/pets?limit="+limit), 400, "limit")
	}
	for _, cursor := range []string{"x", "%00", "eyJpZCI6eyJOIjoiMSJ9fQ"} {
		assertProblem(t, stack.get(t, "/pets?cursor="+cursor), 400, "cursor")
	}
	assertProblem(t, stack.do(t, "POST", "/pets", "text/plain", `{"id":7,"name":"x"}`), 415, "Content-Type")
	assertProblem(t, stack.do(t, "POST", "/pets", "", `{"id":7,"name":"x"}`), 415, "Content-Type")
	assertProblem(t, stack.post(t, `{"id":7,"name":"x"}`+strings.Repeat(" ", 8192)), 413, "body")
	assertProblem(t, stack.get(t, "/pets/7"), 404, "id")
	assert.Equal(t, 404, stack.do(t, "DELETE", "/pets/7", "", "").status, "no route")
}

func pagesHaveEveryPetOnce(t *testing.T, stack *Stack) {
	const total, limit = 250, 7
	require.Equal(t, 201, stack.post(t, `{"id":0,"name":"n"}`).status)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for id := 1 + worker; id < total; id += 8 {
				assert.Equal(t, 201, stack.post(t, fmt.Sprintf(`{"id":%d,"name":"n"}`, id)).status)
			}
		})
	}
	wg.Wait()
	seen := map[int]int{}
	cursor := ""
	for path := fmt.Sprintf("/pets?limit=%d", limit); path != ""; {
		a := stack.get(t, path)
		require.Equal(t, 200, a.status, a.body)
		var page struct {
			Pets   []struct{ ID int }
			Cursor string `json:"next_cursor"`
		}
		require.NoError(t, json.Unmarshal([]byte(a.body), &page))
		for _, pet := range page.Pets {
			seen[pet.ID]++
		}
		next, more := strings.CutSuffix(a.header.Get("Link"), `>; rel="next"`)
		assert.Equal(t, more, page.Cursor != "")
		if more {
			assert.Len(t, page.Pets, limit)
			cursor = page.Cursor
		}
		path = strings.TrimPrefix(next, "<")
	}
	for id := range total {
		assert.Equal(t, 1, seen[id], "pet %d", id)
	}
	for _, tampered := range []string{cursor[:len(cursor)-1], cursor + "A", strings.ToUpper(cursor), cursor[1:],
		cursor[len(cursor)/2:] + cursor[:len(cursor)/2]} {
		assertProblem(t, stack.get(t, "/pets?cursor="+tampered), 400, "cursor")
	}
}

// rolesHold calls DynamoDB with each function's key: its one action on its one table is allowed, and nothing else.
func rolesHold(t *testing.T, stack *Stack) {
	table, _ := stack.Table("PetsTable")
	name := &table.Schema.Name
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "1000"}}
	item := map[string]types.AttributeValue{"id": key["id"], "name": &types.AttributeValueMemberS{Value: "x"}}
	calls := map[string]func(*dynamodb.Client) error{
		"Scan": func(c *dynamodb.Client) error {
			_, err := c.Scan(t.Context(), &dynamodb.ScanInput{TableName: name})
			return err
		},
		"PutItem": func(c *dynamodb.Client) error {
			_, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: name, Item: item})
			return err
		},
		"GetItem": func(c *dynamodb.Client) error {
			_, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: name, Key: key})
			return err
		},
		"Query": func(c *dynamodb.Client) error {
			_, err := c.Query(t.Context(), &dynamodb.QueryInput{TableName: name,
				KeyConditionExpression:    aws.String("id = :i"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":i": key["id"]}})
			return err
		},
		"UpdateItem": func(c *dynamodb.Client) error {
			_, err := c.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: name, Key: key})
			return err
		},
		"DeleteItem": func(c *dynamodb.Client) error {
			_, err := c.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: name, Key: key})
			return err
		},
		"BatchGetItem": func(c *dynamodb.Client) error {
			_, err := c.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{*name: {Keys: []map[string]types.AttributeValue{key}}}})
			return err
		},
		"DescribeTable": func(c *dynamodb.Client) error {
			_, err := c.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: name})
			return err
		},
		"ListTables": func(c *dynamodb.Client) error {
			_, err := c.ListTables(t.Context(), &dynamodb.ListTablesInput{})
			return err
		},
		"DeleteTable": func(c *dynamodb.Client) error {
			_, err := c.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: name})
			return err
		},
	}
	for function, allowed := range map[string]string{"AllPets": "Scan", "CreatePet": "PutItem", "OnePet": "GetItem",
		"PetNames": ""} {
		client := stack.client(AccessKey(function))
		for operation, call := range calls {
			err := call(client)
			if operation == allowed {
				assert.NoError(t, err, "%s: %s", function, operation)
				continue
			}
			var refused smithy.APIError
			require.ErrorAs(t, err, &refused, "%s: %s", function, operation)
			assert.Equal(t, "AccessDeniedException", refused.ErrorCode())
			assert.Contains(t, refused.ErrorMessage(),
				"User: "+stack.RoleARN(function)+" is not authorized to perform: dynamodb:"+operation)
		}
	}
	streamRolesHold(t, stack)
	err := calls["GetItem"](stack.client("SOMEBODY"))
	var refused smithy.APIError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "UnrecognizedClientException", refused.ErrorCode())
}

// streamRolesHold reads the stream with each function's key: only PetNames' may, and it may write names too.
func streamRolesHold(t *testing.T, stack *Stack) {
	names, _ := stack.Table("NamesTable")
	arn := stack.Database.streams["PetsTable"]
	for _, function := range []string{"AllPets", "CreatePet", "OnePet", "PetNames", "SOMEBODY"} {
		client := dynamodbstreams.New(dynamodbstreams.Options{
			Region: stack.Region, BaseEndpoint: &stack.Database.URL, RetryMaxAttempts: 1,
			HTTPClient:  &http.Client{Transport: dynamotest.Transport(nil)},
			Credentials: credentials.NewStaticCredentialsProvider(AccessKey(function), Secret, ""),
		})
		described, describe := client.DescribeStream(t.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: &arn})
		shard := aws.String("shardId-00000000000000000001-00000001")
		if describe == nil {
			shard = described.StreamDescription.Shards[0].ShardId
		}
		place, iterate := client.GetShardIterator(t.Context(), &dynamodbstreams.GetShardIteratorInput{
			StreamArn: &arn, ShardId: shard, ShardIteratorType: "TRIM_HORIZON"})
		iterator := aws.String(arn + "|1|AAAA")
		if iterate == nil {
			iterator = place.ShardIterator
		}
		_, read := client.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: iterator})
		_, write := stack.client(AccessKey(function)).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &names.Schema.Name,
			Key:       map[string]types.AttributeValue{"name": &types.AttributeValueMemberS{Value: "x"}}})
		for operation, err := range map[string]error{"DescribeStream": describe, "GetShardIterator": iterate,
			"GetRecords": read, "UpdateItem": write} {
			if function == "PetNames" {
				assert.NoError(t, err, operation)
				continue
			}
			var refused smithy.APIError
			require.ErrorAs(t, err, &refused, "%s: %s", function, operation)
			assert.Contains(t, []string{"AccessDeniedException", "UnrecognizedClientException"}, refused.ErrorCode())
			assert.NotContains(t, refused.ErrorMessage(), "resource: *", "it is asked about the stream")
		}
	}
}

func logsAreJSON(t *testing.T, logged *logs) {
	require.Eventually(t, func() bool { // the last ones are on their way
		return strings.Count(logged.String(), "START ") == strings.Count(logged.String(), "REPORT ")
	}, 5*time.Second, 10*time.Millisecond)
	lines := strings.Split(strings.TrimSpace(logged.String()), "\n")
	assert.Greater(t, len(lines), 100)
	ids := map[string]bool{}
	kinds := map[string]int{}
	lambdas := map[string]int{}
	for _, line := range lines {
		if word, rest, ok := strings.Cut(line, " RequestId: "); ok {
			lambdas[word]++
			assert.Regexp(t, `^[0-9a-f-]{36}`, rest)
			continue
		}
		var entry struct {
			Msg, Source, Route string
			RequestID          string `json:"request_id"`
			Status             int
		}
		require.NoError(t, json.Unmarshal([]byte(line), &entry), line)
		kinds[entry.Msg]++
		switch entry.Msg {
		case "request":
			assert.NotEmpty(t, entry.Route)
			assert.NotZero(t, entry.Status)
		case "batch":
			assert.Empty(t, entry.Route)
		default: // an event source's
			assert.Equal(t, "PetChanges", entry.Source)
			continue
		}
		assert.Regexp(t, `^[0-9a-f-]{36}$`, entry.RequestID)
		assert.False(t, ids[entry.RequestID], "each request has its own id")
		ids[entry.RequestID] = true
	}
	assert.Positive(t, kinds["batch"])
	assert.Equal(t, kinds["batch"], kinds["delivered"], "nothing failed")
	assert.LessOrEqual(t, kinds["the stream cannot be read"], 1, "said once, when the table was gone")
	invocations := kinds["request"] + kinds["batch"]
	assert.Equal(t, len(lines),
		4*invocations+kinds["delivered"]+kinds["the stream cannot be read"])
	assert.Equal(t, map[string]int{"START": invocations, "END": invocations, "REPORT": invocations}, lambdas)
}

func tableCannotBeReached(t *testing.T, stack *Stack) {
	require.NoError(t, stack.Database.stop())
	for _, a := range []answer{stack.get(t, "/pets/1"), stack.get(t, "/pets"), stack.post(t, `{"id":-2,"name":"y"}`)} {
		assertProblem(t, a, 503, "")
		assert.Equal(t, "1", a.header.Get("Retry-After"))
	}
	assertProblem(t, stack.get(t, "/pets/x"), 400, "id")
}

func TestFaultsOfFunctions(t *testing.T) {
	t.Setenv("SECRET_OF_THE_PARENT", "1")
	t.Setenv("AWS_PROFILE", "mine")
	stack, logged := start(t, "testdata/faulty.yaml")
	fine := func() { assert.Equal(t, "fine", stack.get(t, "/faulty/nothing").body) }
	fine()
	const failed = `{"message":"Internal Server Error"}`
	for do, want := range map[string]answer{
		"panic": {status: 500, body: failed}, "exit": {status: 500, body: failed}, "error": {status: 500, body: failed},
		"hang": {status: 500, body: failed},
	} {
		t.Run(do, func(t *testing.T) {
			var wg sync.WaitGroup
			wg.Go(func() {
				a := stack.get(t, "/faulty/"+do)
				assert.Equal(t, want.status, a.status)
				assert.Equal(t, want.body, a.body)
			})
			for range 20 { // all others are served meanwhile
				fine()
			}
			wg.Wait()
			fine()
		})
	}
	t.Run("a role that lacks the action", func(t *testing.T) {
		a := stack.post(t, `{"id":1,"name":"x"}`)
		assertProblem(t, a, 500, "")
		assert.Eventually(t, func() bool {
			return strings.Contains(logged.String(),
				"is not authorized to perform: dynamodb:PutItem on resource: "+stack.Template.Tables[0].ARN)
		}, time.Second, 10*time.Millisecond)
	})
	t.Run("the environment", func(t *testing.T) {
		env := map[string]string{}
		for line := range strings.SplitSeq(stack.get(t, "/faulty/environment").body, "\n") {
			name, value, _ := strings.Cut(line, "=")
			env[name] = value
		}
		assert.Equal(t, "LOCALFAULTY", env["AWS_ACCESS_KEY_ID"])
		assert.Equal(t, stack.Template.Tables[0].Schema.Name, env["TABLE_NAME"])
		assert.Equal(t, stack.Database.URL, env["AWS_ENDPOINT_URL_DYNAMODB"])
		for _, absent := range []string{"SECRET_OF_THE_PARENT", "AWS_PROFILE", "HOME", "USER", "GOPATH"} {
			assert.NotContains(t, env, absent)
		}
	})
}

func TestStartsThatFail(t *testing.T) {
	for _, c := range []struct {
		name, says string
		options    Options
	}{
		{"no template", "none.yaml", Options{Template: "none.yaml"}},
		{"no address", "cannot listen", Options{Template: lessonTemplate, Addr: "127.0.0.1:99999"}},
		{"an endpoint that is none", "is not a URL", Options{Template: lessonTemplate, Endpoint: "localhost"}},
		{"nothing at the endpoint", "creating table",
			Options{Template: lessonTemplate, Endpoint: "http://127.0.0.1:1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("TMPDIR", dir)
			_, err := Start(t.Context(), c.options)
			require.ErrorContains(t, err, c.says)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Empty(t, left, "nothing is left behind")
		})
	}
}

func TestRegions(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "eu-north-1")
	for endpoint, want := range map[string]string{
		"":                      "us-east-1",
		"http://127.0.0.1:8000": "eu-north-1",
		"https://dynamodb.eu-west-1.amazonaws.com":      "eu-west-1",
		"https://dynamodb-fips.us-east-2.amazonaws.com": "us-east-2",
		"https://dynamodb.ap-south-1.api.aws":           "ap-south-1",
	} {
		assert.Equal(t, want, region(endpoint), endpoint)
	}
}

func TestWhereStreamsAre(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://dynamodb.eu-west-1.amazonaws.com": "https://streams.dynamodb.eu-west-1.amazonaws.com",
		"http://127.0.0.1:8000":                    "",
	} {
		target, err := url.Parse(endpoint)
		require.NoError(t, err)
		got := streamsOf(t.Context(), target, region(endpoint))
		if want == "" {
			assert.Nil(t, got)
			continue
		}
		require.NotNil(t, got)
		assert.Equal(t, want, got.String())
	}
}

func TestFoldersOfOneNameAreRefused(t *testing.T) {
	_, err := build(t.Context(), t.TempDir(),
		[]template.Function{{ID: "A", CodeDir: "a/code"}, {ID: "B", CodeDir: "b/code"}})
	require.ErrorContains(t, err, "two functions' folders are called code")
}
