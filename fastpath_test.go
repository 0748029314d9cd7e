package monotable_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

// canned is a transport with answers of its own: the next one each time, the last one again and again.
type canned struct {
	mu      sync.Mutex
	answers []cannedAnswer
	sent    int
}

type cannedAnswer struct {
	status int // 0 is 200
	body   string
	header http.Header
	err    error
}

func (c *canned) Do(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.answers[min(c.sent, len(c.answers)-1)]
	c.sent++
	if a.err != nil {
		return nil, a.err
	}
	if a.status == 0 {
		a.status = 200
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amzn-Requestid": {"REQUEST"},
		"X-Amz-Crc32": {strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(a.body))), 10)}}
	maps.Copy(header, a.header)
	return &http.Response{StatusCode: a.status, Header: header, ContentLength: int64(len(a.body)),
		Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// quick is the SDK's retryer without its pauses.
func quick() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 3
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

func cannedClient(transport *canned, options ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		HTTPClient: transport, Retryer: quick(),
	}, options...)
}

// pet is in a table of its own, without entity types.
type pet struct {
	ID   int      `dynamodbav:"id"`
	Name string   `dynamodbav:"name"`
	Tags []string `dynamodbav:"tags,stringset,omitempty"`
	Chip *chip    `dynamodbav:"chip,omitempty"`
}

type chip struct {
	Serial string            `dynamodbav:"serial"`
	Notes  map[string]string `dynamodbav:"notes"`
	Seen   time.Time         `dynamodbav:"seen"`
}

var petSchema = monotable.Schema{Name: "pets", Partition: monotable.N("id")}

const petPage = `{"Count":2,"Items":[{"id":{"N":"1"},"name":{"S":"Rex"},"tags":{"SS":["a","b"]}},` +
	`{"name":{"S":"Mia \u00e9"},"id":{"N":"2"},` +
	`"chip":{"M":{"serial":{"S":"x"},"notes":{"M":{"a":{"S":"b"}}},"seen":{"S":"2026-11-22T10:00:00Z"}}}}],` +
	`"LastEvaluatedKey":{"id":{"N":"2"}},"ScannedCount":7,"ConsumedCapacity":{"CapacityUnits":1.5,"TableName":"pets"}}`

func petTable(t testing.TB, client monotable.Client,
	options ...monotable.OpenOption) (*monotable.Table[pet], *monotable.DB) {
	db, err := monotable.Open(client, petSchema, options...)
	require.NoError(t, err)
	return tableOf[pet](t, db, monotable.Model{}), db
}

// The pinned SDK takes the fast path: nothing falls back.
func TestFastPathIsActive(t *testing.T) {
	transport := &canned{answers: []cannedAnswer{{body: petPage}}}
	var meter monotable.Meter
	pets, db := petTable(t, cannedClient(transport))
	page, err := pets.ScanPage(t.Context(), monotable.Metered(&meter))
	require.NoError(t, err)
	assert.Equal(t, monotable.ReadStats{Fast: 1}, db.ReadStats())
	require.Len(t, page.Items, 2)
	assert.Equal(t, []string{"a", "b"}, page.Items[0].Tags)
	assert.Equal(t, "Mia é", page.Items[1].Name)
	assert.NotEmpty(t, page.Next, "LastEvaluatedKey is the SDK's work, and done")
	assert.Equal(t, 1.5, meter.Used().Table.Read, "as is ConsumedCapacity")

	slow, db := petTable(t, cannedClient(transport), monotable.WithoutFastPath())
	same, err := slow.ScanPage(t.Context())
	require.NoError(t, err)
	assert.Equal(t, page, same)
	assert.Zero(t, db.ReadStats())
}

// A client that ignores option functions gets the map path.
func TestFastPathFallsBack(t *testing.T) {
	db, _ := newDB(t, petSchema)
	_, isSDK := newService(t).(*dynamodb.Client)
	pets := tableOf[pet](t, db, monotable.Model{})
	require.NoError(t, pets.Put(t.Context(), &pet{ID: 1, Name: "Rex"}))
	assert.Len(t, collect(t, pets.Scan(t.Context())), 1)
	stats := db.ReadStats()
	if testClient == "maps" {
		assert.Zero(t, stats)
		return
	}
	assert.Equal(t, isSDK, stats.Fast > 0)
	assert.Equal(t, !isSDK, stats.Maps > 0)

	// Neither does an SDK whose deserializer has another name.
	other, db := petTable(t, cannedClient(&canned{answers: []cannedAnswer{{body: petPage}}}, func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			m, err := stack.Deserialize.Remove("OperationDeserializer")
			if err != nil {
				return err
			}
			return stack.Deserialize.Insert(renamed{m}, "RequestIDRetriever", middleware.After)
		})
	}))
	page, err := other.ScanPage(t.Context())
	require.NoError(t, err)
	assert.Len(t, page.Items, 2)
	assert.Equal(t, monotable.ReadStats{Maps: 1}, db.ReadStats())
}

type renamed struct {
	middleware.DeserializeMiddleware
}

func (renamed) ID() string { return "Renamed" }

// Errors are the SDK's, and a retryer retries as it always did.
func TestFastPathRetries(t *testing.T) {
	refusal := cannedAnswer{status: 400,
		body: `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",` +
			`"message":"slow down"}`}
	broken := cannedAnswer{err: errors.New("connection reset by peer")}
	transport := &canned{answers: []cannedAnswer{refusal, broken, {body: petPage}}}
	pets, db := petTable(t, cannedClient(transport))
	page, err := pets.ScanPage(t.Context())
	require.NoError(t, err)
	assert.Len(t, page.Items, 2)
	assert.Equal(t, 3, transport.sent)
	assert.Equal(t, monotable.ReadStats{Fast: 1}, db.ReadStats())

	pets, _ = petTable(t, cannedClient(&canned{answers: []cannedAnswer{refusal}}))
	_, err = pets.ScanPage(t.Context())
	var throttled *types.ProvisionedThroughputExceededException
	require.ErrorAs(t, err, &throttled)
	assert.Equal(t, "slow down", throttled.ErrorMessage())
	var response *smithyhttp.ResponseError
	require.ErrorAs(t, err, &response)
	assert.Equal(t, 400, response.HTTPStatusCode())
}

// A checksum is enforced where there is one, and damage is retried.
func TestFastPathChecksum(t *testing.T) {
	damaged := cannedAnswer{body: strings.Replace(petPage, "Rex", "Max", 1),
		header: http.Header{"X-Amz-Crc32": {"12345"}}}
	transport := &canned{answers: []cannedAnswer{damaged, {body: petPage}}}
	pets, _ := petTable(t, cannedClient(transport))
	page, err := pets.ScanPage(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "Rex", page.Items[0].Name)
	assert.Equal(t, 2, transport.sent)

	pets, _ = petTable(t, cannedClient(&canned{answers: []cannedAnswer{damaged}}))
	_, err = pets.ScanPage(t.Context())
	assert.ErrorContains(t, err, "checksum")

	absent := cannedAnswer{body: petPage, header: http.Header{"X-Amz-Crc32": nil}}
	for _, client := range []*dynamodb.Client{
		cannedClient(&canned{answers: []cannedAnswer{absent}}),
		cannedClient(&canned{answers: []cannedAnswer{damaged}},
			func(o *dynamodb.Options) { o.DisableValidateResponseChecksum = true }),
	} {
		pets, db := petTable(t, client)
		page, err := pets.ScanPage(t.Context())
		require.NoError(t, err)
		assert.Len(t, page.Items, 2)
		assert.Equal(t, monotable.ReadStats{Fast: 1}, db.ReadStats())
	}
}

func TestFastPathGzip(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := io.WriteString(z, petPage)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	answer := cannedAnswer{body: zipped.String(), header: http.Header{"Content-Encoding": {"gzip"}}}
	pets, db := petTable(t, cannedClient(&canned{answers: []cannedAnswer{answer}},
		func(o *dynamodb.Options) { o.EnableAcceptEncodingGzip = true }))
	page, err := pets.ScanPage(t.Context())
	require.NoError(t, err)
	assert.Len(t, page.Items, 2)
	assert.Equal(t, monotable.ReadStats{Fast: 1}, db.ReadStats())
}

// What stands in front of the deserializer and behind it sees what it saw: the request, the whole response, the result
// with its metadata. Only the items of the output have gone another way.
func TestFastPathMiddleware(t *testing.T) {
	for _, options := range [][]monotable.OpenOption{nil, {monotable.WithoutFastPath()}} {
		var log strings.Builder
		var seen []string
		note := func(format string, args ...any) { seen = append(seen, fmt.Sprintf(format, args...)) }
		client := cannedClient(&canned{answers: []cannedAnswer{{body: petPage}}}, func(o *dynamodb.Options) {
			o.ClientLogMode = aws.LogResponseWithBody
			o.Logger = logging.LoggerFunc(func(_ logging.Classification, format string,
				args ...any) {
				fmt.Fprintf(&log, format+"\n", args...)
			})
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				if err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Spans",
					func(ctx context.Context, in middleware.InitializeInput,
						next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
						out, metadata, err := next.HandleInitialize(ctx, in)
						result := out.Result.(*dynamodb.ScanOutput)
						note("initialize %s: %d of %d, %v", middleware.GetOperationName(ctx), result.Count,
							result.ScannedCount, err)
						return out, metadata, err
					}), middleware.Before); err != nil {
					return err
				}
				inner := func(id string) middleware.DeserializeMiddleware {
					return middleware.DeserializeMiddlewareFunc(id,
						func(ctx context.Context, in middleware.DeserializeInput,
							next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata,
							error) {
							out, metadata, err := next.HandleDeserialize(ctx, in)
							response := out.RawResponse.(*smithyhttp.Response)
							note("%s: %d, %d bytes, result %T, %v", id, response.StatusCode, response.ContentLength,
								out.Result, err)
							return out, metadata, err
						})
				}
				if err := stack.Deserialize.Insert(inner("Before"), "OperationDeserializer",
					middleware.Before); err != nil {
					return err
				}
				return stack.Deserialize.Insert(inner("After"), "OperationDeserializer", middleware.After)
			})
		})
		pets, _ := petTable(t, client, options...)
		later := func(o *dynamodb.Options) { // given with the call, and so in place before the fast path is
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				return stack.Deserialize.Insert(middleware.DeserializeMiddlewareFunc("Reads",
					func(ctx context.Context, in middleware.DeserializeInput,
						next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
						out, metadata, err := next.HandleDeserialize(ctx, in)
						response := out.RawResponse.(*smithyhttp.Response)
						body, _ := io.ReadAll(response.Body)
						note("read %s", body)
						response.Body = io.NopCloser(bytes.NewReader(body))
						return out, metadata, err
					}), "OperationDeserializer", middleware.After)
			})
		}
		page, err := pets.ScanPage(t.Context(), monotable.SDK(later))
		require.NoError(t, err)
		assert.Len(t, page.Items, 2)
		assert.Contains(t, log.String(), `"name":{"S":"Rex"}`)
		assert.Equal(t, []string{
			fmt.Sprintf("After: 200, %d bytes, result <nil>, <nil>", len(petPage)),
			"read " + petPage,
			fmt.Sprintf("Before: 200, %d bytes, result *dynamodb.ScanOutput, <nil>", len(petPage)),
			"initialize Scan: 2 of 7, <nil>",
		}, seen)
	}
}

// replaying is a client that answers a call with the output of the one before.
type replaying struct {
	*dynamodb.Client
	out *dynamodb.ScanOutput
}

func (r *replaying) Scan(ctx context.Context, in *dynamodb.ScanInput,
	o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if r.out != nil {
		return r.out, nil
	}
	out, err := r.Client.Scan(ctx, in, o...)
	r.out = out
	return out, err
}

// An output without its items is not taken for one without items.
func TestFastPathForeignOutput(t *testing.T) {
	pets, _ := petTable(t, &replaying{Client: cannedClient(&canned{answers: []cannedAnswer{{body: petPage}}})})
	_, err := pets.ScanPage(t.Context())
	require.NoError(t, err)
	_, err = pets.ScanPage(t.Context())
	assert.ErrorContains(t, err, "WithoutFastPath")

	pets, _ = petTable(t, &replaying{Client: cannedClient(&canned{answers: []cannedAnswer{{body: petPage}}})},
		monotable.WithoutFastPath())
	for range 2 {
		page, err := pets.ScanPage(t.Context())
		require.NoError(t, err)
		assert.Len(t, page.Items, 2)
	}
}

// touchy has an Unmarshaler that panics.
type touchy struct{ Touched int }

func (*touchy) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { panic("touched") }

func TestFastPathLeavesPanicsToTheCaller(t *testing.T) {
	type nervous struct {
		ID   int    `dynamodbav:"id"`
		Name touchy `dynamodbav:"name"`
	}
	db, err := monotable.Open(cannedClient(&canned{answers: []cannedAnswer{{body: petPage}}}), petSchema)
	require.NoError(t, err)
	table := tableOf[nervous](t, db, monotable.Model{})
	assert.PanicsWithValue(t, "touched", func() { _, _ = table.ScanPage(t.Context()) })
	body := `{"Responses":{"pets":[{"id":{"N":"1"},"name":{"S":"Rex"}}]}}`
	// some SDKs' own decoder panics at it
	for _, answer := range []string{body, "{\"Responses\":{\"pets\":[:{\"pets{es\"\x16i"} {
		db, err := monotable.Open(cannedClient(&canned{answers: []cannedAnswer{{body: answer}}}), petSchema)
		require.NoError(t, err)
		_, err = orPanic(func() (any, error) {
			return tableOf[nervous](t, db, monotable.Model{}).GetMany(t.Context(), []nervous{{ID: 1}})
		})
		assert.Error(t, err)
	}
	for _, segments := range []int{1, 3} {
		assert.PanicsWithValue(t, "touched", func() {
			for range table.Scan(t.Context(), monotable.Segments(segments)) {
			}
		})
	}
}

// errStop ends a scan whose pages always say that there is one more.
var errStop = errors.New("no more answers")

// errPanic stands for a panic: on some malformed lists the SDK's decoder panics, with the fast path and without.
var errPanic = errors.New("panic")

func orPanic(read func() (any, error)) (v any, err error) {
	defer func() {
		if recover() != nil {
			v, err = nil, errPanic
		}
	}()
	return read()
}

// bothWays reads a response with the fast path and without.
func bothWays(t testingT, body string, read func(*monotable.DB) (any, error)) {
	t.Helper()
	var values [2]any
	var errs [2]error
	for i, options := range [][]monotable.OpenOption{nil, {monotable.WithoutFastPath()}} {
		db, err := monotable.Open(cannedClient(&canned{answers: []cannedAnswer{{body: body}, {body: body},
			{err: errStop}}}, func(o *dynamodb.Options) {
			o.Retryer = aws.NopRetryer{}
		}), petSchema, options...)
		require.NoError(t, err)
		values[i], errs[i] = orPanic(func() (any, error) { return read(db) })
	}
	if errs[1] != nil {
		require.Error(t, errs[0], "%s", body)
		require.Equal(t, errs[1].Error(), errs[0].Error())
		return
	}
	require.NoError(t, errs[0], "%s", body)
	require.Equal(t, values[1], values[0], "%s", body)
}

func scanned[T any](db *monotable.DB) (any, error) {
	table, err := monotable.New[T](db, monotable.Model{})
	if err != nil {
		return nil, err
	}
	return table.ScanPage(context.Background(), monotable.Limit(2))
}

// cannedReads are the forms of responses that have a fast path, each with a body and a read of it.
var cannedReads = []struct {
	form, body string
	of, ofItem func(*monotable.DB) (any, error)
}{
	{"Scan", petPage, scanned[pet], scanned[monotable.Item]},
	{"GetItem",
		`{"Item":{"id":{"N":"1"},"name":{"S":"Rex"},"tags":{"SS":["a","b"]}},` +
			`"ConsumedCapacity":{"CapacityUnits":0.5,"TableName":"pets"}}`,
		readOf(func(db *monotable.DB, t *monotable.Table[pet]) (any, error) {
			return t.Get(context.Background(), pet{ID: 1})
		}),
		readOf(func(db *monotable.DB, t *monotable.Table[monotable.Item]) (any, error) {
			return t.Get(context.Background(), itemKey(1))
		})},
	{"BatchGetItem",
		`{"Responses":{"pets":[{"id":{"N":"2"},"name":{"S":"Mia"}},` +
			`{"name":{"S":"Rex"},"id":{"N":"1"},"tags":{"SS":["a","b"]}}]},` +
			`"UnprocessedKeys":{},"ConsumedCapacity":[{"CapacityUnits":1,"TableName":"pets"}]}`,
		readOf(func(db *monotable.DB, t *monotable.Table[pet]) (any, error) {
			return t.GetMany(context.Background(), []pet{{ID: 1}, {ID: 2}, {ID: 3}})
		}),
		readOf(func(db *monotable.DB, t *monotable.Table[monotable.Item]) (any, error) {
			return t.GetMany(context.Background(), []monotable.Item{itemKey(1), itemKey(2), itemKey(3)})
		})},
	{"TransactGetItems",
		`{"Responses":[{"Item":{"id":{"N":"1"},"name":{"S":"Rex"}}},{},{"Item":{"id":{"N":"3"},"name":{"S":"Mia"}}}]}`,
		readOf(func(db *monotable.DB, t *monotable.Table[pet]) (any, error) {
			found := make([]*pet, 3)
			var ops []monotable.ReadOp
			for i := range found {
				ops = append(ops, t.GetOp(pet{ID: i + 1}, &found[i]))
			}
			return found, db.Read(context.Background(), ops)
		}),
		readOf(func(db *monotable.DB, t *monotable.Table[monotable.Item]) (any, error) {
			found := make([]*monotable.Item, 3)
			var ops []monotable.ReadOp
			for i := range found {
				ops = append(ops, t.GetOp(itemKey(i+1), &found[i]))
			}
			return found, db.Read(context.Background(), ops)
		})},
}

func itemKey(id int) monotable.Item {
	return monotable.Item{"id": &types.AttributeValueMemberN{Value: strconv.Itoa(id)}}
}

func readOf[T any](read func(*monotable.DB, *monotable.Table[T]) (any, error)) func(*monotable.DB) (any, error) {
	return func(db *monotable.DB) (any, error) {
		table, err := monotable.New[T](db, monotable.Model{})
		if err != nil {
			return nil, err
		}
		return read(db, table)
	}
}

// Every read that has a fast path takes it, and gives what the map path gives.
func TestFastPathOfEveryRead(t *testing.T) {
	for _, c := range cannedReads {
		t.Run(c.form, func(t *testing.T) {
			for _, read := range []func(*monotable.DB) (any, error){c.of, c.ofItem} {
				bothWays(t, c.body, read)
				db, err := monotable.Open(cannedClient(&canned{answers: []cannedAnswer{{body: c.body}}}), petSchema)
				require.NoError(t, err)
				_, err = read(db)
				require.NoError(t, err)
				assert.Equal(t, monotable.ReadStats{Fast: 1}, db.ReadStats())
			}
		})
	}
}

// Whole responses, of which a part was changed: the same page, or the same error.
func TestFastPathMutatedResponses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := cannedReads[rapid.IntRange(0, len(cannedReads)-1).Draw(t, "form")]
		body := []byte(c.body)
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			at := rapid.IntRange(0, len(body)-1).Draw(t, "at")
			switch rapid.IntRange(0, 3).Draw(t, "change") {
			case 0:
				body[at] = rapid.SampledFrom([]byte("\"\\{}[]:,SNBLM01e-\x00\xff u")).Draw(t, "byte")
			case 1:
				body = append(body[:at:at], body[min(at+rapid.IntRange(1, 20).Draw(t, "cut"), len(body)):]...)
			case 2:
				from := rapid.IntRange(0, at).Draw(t, "from")
				body = append(append(body[:at:at], body[from:at]...), body[at:]...)
			default:
				body = body[:at+1]
			}
		}
		bothWays(t, string(body), c.of)
		bothWays(t, string(body), c.ofItem)
	})
}

func FuzzFastPathResponse(f *testing.F) {
	for _, body := range []string{
		petPage, `{}`, `{"Items":[]}`, `{"Items":null}`, ` { "Items" : [ ] , "Count" : 0 } `,
		`{"Items":[{}],"Items":[{}]}`, `{"It\u0065ms":[{"id":{"N":"1"}}]}`,
		`{"Items":[{"id":{"N":"1"},"name":{"S":null}}]}`,
		`{"Items":[{"id":{"N":"1"},"NAME":{"S":"x"}},{"id":{"N":"2"}}],"Count":2}x`,
		`{"Items":[{"id":{"N":"x"}}],"LastEvaluatedKey":{"id":{"N":"1"}}}`,
		`{"Items":[{"id":{"N":"1"},"tags":{"SS":["a",null]}}]}`, ``,
		`{"Items":[{"id":{"N":"1"},"tags":{"SS":["a",,null]}}]}`, "{\"Responses\":{\"pets\":[:{\"pets{es\"\x16i",
	} {
		f.Add(body)
	}
	for _, c := range cannedReads {
		f.Add(c.body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, c := range cannedReads {
			bothWays(t, body, c.of)
			bothWays(t, body, c.ofItem)
		}
	})
}
