package dynamotest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

var (
	_ monotable.Client = (*dynamotest.Client)(nil)
	_ admin.Client     = (*dynamotest.Client)(nil)
)

// dynamoDB is the SDK's client or ours.
type dynamoDB interface {
	monotable.Client
	admin.Client
	ListTables(context.Context, *dynamodb.ListTablesInput,
		...func(*dynamodb.Options)) (*dynamodb.ListTablesOutput, error)
}

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }

type item = map[string]types.AttributeValue

var pets = monotable.Schema{Name: "pets", Partition: monotable.N("id")}

// bothClients runs a test on the client in the process and on the SDK's client of a server.
func bothClients(t *testing.T, test func(t *testing.T, client dynamoDB)) {
	t.Run("in process", func(t *testing.T) { test(t, dynamotest.New(t, pets)) })
	t.Run("over HTTP", func(t *testing.T) {
		server, err := dynamotest.NewServer(dynamotest.New(t, pets))
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, server.Close()) })
		test(t, dynamodb.NewFromConfig(server.Config()))
	})
}

// An error has the same types, texts, status and request id on either client.
func TestErrorsAreWrappedAsTheSDKWrapsThem(t *testing.T) {
	ctx := context.Background()
	bothClients(t, func(t *testing.T, client dynamoDB) {
		put := func(name string) error {
			_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pets"),
				Item:                                item{"id": n("1"), "name": s(name)},
				ConditionExpression:                 aws.String("attribute_not_exists(id)"),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
			return err
		}
		require.NoError(t, put("Rachel"))
		err := put("Mike")
		var operation *smithy.OperationError
		require.ErrorAs(t, err, &operation)
		assert.Equal(t, "DynamoDB", operation.Service())
		assert.Equal(t, "PutItem", operation.Operation())
		var response *awshttp.ResponseError
		require.ErrorAs(t, err, &response)
		assert.Equal(t, 400, response.HTTPStatusCode())
		assert.Len(t, response.ServiceRequestID(), 52)
		var failed *types.ConditionalCheckFailedException
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, item{"id": n("1"), "name": s("Rachel")}, failed.Item)
		assert.Equal(t,
			fmt.Sprintf("operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: %s, "+
				"ConditionalCheckFailedException: The conditional request failed",
				response.ServiceRequestID()), err.Error())

		_, err = client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("nobody"), Key: item{"id": n("1")}})
		var missing *types.ResourceNotFoundException
		require.ErrorAs(t, err, &missing)

		_, err = client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("pets"), FilterExpression: aws.String("(")})
		var api smithy.APIError
		require.ErrorAs(t, err, &api)
		assert.Equal(t, "ValidationException", api.ErrorCode())
		assert.IsType(t, &smithy.GenericAPIError{}, api)
	})
}

// What the SDK refuses before it sends anything is refused in the process as well, in the same words.
func TestWhatTheSDKDoesNotSend(t *testing.T) {
	ctx := context.Background()
	bothClients(t, func(t *testing.T, client dynamoDB) {
		_, err := client.GetItem(ctx, nil)
		assert.EqualError(t, err, "operation error DynamoDB: GetItem, 2 validation error(s) found.\n"+
			"- missing required field, GetItemInput.TableName.\n- missing required field, GetItemInput.Key.\n")
		var invalid smithy.InvalidParamsError
		assert.ErrorAs(t, err, &invalid)

		_, err = client.TransactWriteItems(ctx,
			&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{Item: item{"id": n("1")}}}}})
		assert.ErrorAs(t, err, &invalid)

		for _, value := range []types.AttributeValue{nil, &types.UnknownUnionMember{Tag: "X"}} {
			_, err = client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pets"),
				Item: item{"id": n("1"), "x": value}})
			var api smithy.APIError
			if assert.ErrorAs(t, err, &api) {
				assert.Equal(t, "SerializationException", api.ErrorCode(), "the SDK writes malformed JSON for %T",
					value)
			}
		}
	})
	client := dynamotest.New(t, pets)
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pets"),
		Item: item{"id": n("1"), "x": (*types.AttributeValueMemberS)(nil)}})
	assert.Error(t, err, "the SDK would panic")
}

func TestContextsAreHonoured(t *testing.T) {
	bothClients(t, func(t *testing.T, client dynamoDB) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("pets"), Key: item{"id": n("1")}})
		require.ErrorIs(t, err, context.Canceled)
		var operation *smithy.OperationError
		require.ErrorAs(t, err, &operation)
		late, cancel := context.WithTimeout(context.Background(), 0)
		defer cancel()
		_, err = client.PutItem(late, &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: item{"id": n("1")}})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestAnswersHaveRequestIDs(t *testing.T) {
	bothClients(t, func(t *testing.T, client dynamoDB) {
		out, err := client.Scan(context.Background(), &dynamodb.ScanInput{TableName: aws.String("pets")})
		require.NoError(t, err)
		id, ok := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
		assert.True(t, ok)
		assert.Len(t, id, 52)
	})
}

// Values that went in or came out can be changed without effect on what is stored.
func TestValuesAreNotShared(t *testing.T) {
	ctx := context.Background()
	client := dynamotest.New(t, pets)
	b := []byte("abc")
	in := item{"id": n("1"), "b": &types.AttributeValueMemberB{Value: b},
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("x")}}}
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: in})
	require.NoError(t, err)
	b[0] = 'z'
	in["l"].(*types.AttributeValueMemberL).Value[0] = s("changed")
	get := func() item {
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("pets"), Key: item{"id": n("1")}})
		require.NoError(t, err)
		return out.Item
	}
	first := get()
	assert.Equal(t, []byte("abc"), first["b"].(*types.AttributeValueMemberB).Value)
	first["b"].(*types.AttributeValueMemberB).Value[0] = 'y'
	first["l"].(*types.AttributeValueMemberL).Value[0] = s("changed")
	delete(first, "id")
	assert.Equal(t, item{"id": n("1"), "b": &types.AttributeValueMemberB{Value: []byte("abc")},
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("x")}}}, get())
}

// New makes tables with every kind of index and TTL, and takes them away when the test ends.
func TestNew(t *testing.T) {
	ctx := context.Background()
	schema := monotable.Schema{
		Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), TTL: "expires",
		Indexes: []monotable.Index{
			{Name: "by_city", Partition: monotable.S("country", "city"), Sort: monotable.N("year").S("name")},
			{Name: "keys", Partition: monotable.S("SK"), Sort: monotable.S("PK"), KeysOnly: true},
			{Name: "local", Local: true, Sort: monotable.N("rank"), Include: []string{"note"}},
		},
	}
	var client *dynamotest.Client
	t.Run("inner", func(t *testing.T) {
		client = dynamotest.New(t, schema, pets)
		require.NoError(t, admin.Verify(ctx, client, schema))
		require.NoError(t, admin.Verify(ctx, client, pets))
		ttl, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("shop")})
		require.NoError(t, err)
		assert.Equal(t, "expires", *ttl.TimeToLiveDescription.AttributeName)
		_, err = client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("shop"),
			Item: item{"PK": s("a"), "SK": s("b"),
				"country": s("CH"), "city": s("Bern"), "year": n("2026"), "name": s("x"), "rank": n("1")}})
		require.NoError(t, err)
		out, err := client.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("shop"),
			IndexName:                 aws.String("by_city"),
			KeyConditionExpression:    aws.String("country = :c AND city = :t AND #y = :y AND begins_with(#n, :n)"),
			ExpressionAttributeNames:  map[string]string{"#y": "year", "#n": "name"},
			ExpressionAttributeValues: item{":c": s("CH"), ":t": s("Bern"), ":y": n("2026"), ":n": s("x")}})
		require.NoError(t, err)
		assert.Len(t, out.Items, 1)
	})
	_, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("shop")})
	var missing *types.ResourceNotFoundException
	assert.ErrorAs(t, err, &missing)
}

// fatal is a test that fails in New.
type fatal struct {
	testing.TB
	message string
}

func (f *fatal) Helper() {}
func (f *fatal) Fatalf(format string, args ...any) {
	f.message = fmt.Sprintf(format, args...)
	panic(f)
}

func TestNewFailsTheTestOnAWrongSchema(t *testing.T) {
	f := &fatal{}
	assert.PanicsWithValue(t, f, func() { dynamotest.New(f, monotable.Schema{Name: "pets"}) })
	assert.Contains(t, f.message, "dynamotest: table pets: ")
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	client := dynamotest.NewClient(dynamotest.WithClock(func() time.Time { return now }),
		dynamotest.WithRegion("eu-central-1"),
		dynamotest.WithAccountID("123456789012"))
	in, err := admin.CreateTableInput(pets)
	require.NoError(t, err)
	out, err := client.CreateTable(context.Background(), in)
	require.NoError(t, err)
	assert.Equal(t, now, out.TableDescription.CreationDateTime.UTC())
	assert.Equal(t, "arn:aws:dynamodb:eu-central-1:123456789012:table/pets", *out.TableDescription.TableArn)
}

// Streams are on the server's port, under the streams client's own target.
func TestStreamsOverHTTP(t *testing.T) {
	ctx := context.Background()
	client := dynamotest.NewClient()
	server, err := dynamotest.NewServer(client)
	require.NoError(t, err)
	defer server.Close()
	in, err := admin.CreateTableInput(pets)
	require.NoError(t, err)
	in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true),
		StreamViewType: types.StreamViewTypeNewAndOldImages}
	db := dynamodb.NewFromConfig(server.Config())
	created, err := db.CreateTable(ctx, in)
	require.NoError(t, err)
	_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pets"),
		Item: item{"id": n("1"), "name": s("Rachel")}})
	require.NoError(t, err)

	read := func(c interface {
		DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput,
			...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
		GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput,
			...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
		GetRecords(context.Context, *dynamodbstreams.GetRecordsInput,
			...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
	}) *dynamodbstreams.GetRecordsOutput {
		arn := created.TableDescription.LatestStreamArn
		stream, err := c.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: arn})
		require.NoError(t, err)
		iterator, err := c.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{StreamArn: arn,
			ShardId: stream.StreamDescription.Shards[0].ShardId, ShardIteratorType: "TRIM_HORIZON"})
		require.NoError(t, err)
		records, err := c.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator.ShardIterator})
		require.NoError(t, err)
		for _, r := range records.Records { // the same instant, whatever its zone
			*r.Dynamodb.ApproximateCreationDateTime = r.Dynamodb.ApproximateCreationDateTime.UTC()
		}
		return records
	}
	overHTTP, inProcess := read(dynamodbstreams.NewFromConfig(server.Config())), read(client)
	require.Len(t, overHTTP.Records, 1)
	assert.Equal(t, inProcess.Records, overHTTP.Records)
}

func TestServerOnATakenPort(t *testing.T) {
	server := newServer(t)
	_, err := dynamotest.NewServer(dynamotest.NewClient(), dynamotest.WithAddr(server.URL()[len("http://"):]))
	assert.Error(t, err)
}

func TestCloseTwice(t *testing.T) {
	server, err := dynamotest.NewServer(dynamotest.NewClient())
	require.NoError(t, err)
	require.NoError(t, server.Close())
	require.NoError(t, server.Close())
	_, err = http.Get(server.URL())
	assert.Error(t, err)
}

// Connections that were dialled and never used do not hold Close up.
func TestCloseWithUnusedConnections(t *testing.T) {
	server, err := dynamotest.NewServer(dynamotest.NewClient())
	require.NoError(t, err)
	var unused []net.Conn
	for range 5 {
		conn, err := net.Dial("tcp", server.URL()[len("http://"):])
		require.NoError(t, err)
		defer conn.Close()
		unused = append(unused, conn)
	}
	do(t, request(t, server, tables+"ListTables", "{}")) // so that the server has accepted those before it
	start := time.Now()
	require.NoError(t, server.Close())
	assert.Less(t, time.Since(start), time.Second)
	for _, conn := range unused {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Second)))
		_, err := conn.Read(make([]byte, 1))
		require.Error(t, err)
		assert.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	}
}

// A request that is being carried out when the server closes is answered.
func TestCloseWaitsForAnswers(t *testing.T) {
	asked, goOn := make(chan struct{}), make(chan struct{})
	server, err := dynamotest.NewServer(dynamotest.NewClient(), dynamotest.WithAuthorizer(func(dynamotest.Call) error {
		close(asked)
		<-goOn
		return nil
	}))
	require.NoError(t, err)
	var all sync.WaitGroup
	all.Go(func() {
		<-asked
		assert.NoError(t, server.Close())
	})
	all.Go(func() {
		<-asked
		assert.Eventually(t, func() bool { // Close has begun
			conn, err := net.Dial("tcp", server.URL()[len("http://"):])
			if err == nil {
				conn.Close()
			}
			return err != nil
		}, time.Second, time.Millisecond)
		close(goOn)
	})
	assert.Equal(t, http.StatusOK, do(t, request(t, server, tables+"ListTables", "{}")).status)
	all.Wait()
}

// Transport sends what it was given, and nobody who closes the request's body afterwards disturbs it.
func TestTransport(t *testing.T) {
	var attempts atomic.Int64
	counted := roundTripper(func(r *http.Request) (*http.Response, error) {
		attempts.Add(1)
		return dynamotest.Transport(nil).RoundTrip(r)
	})
	server := newServer(t)
	config := server.Config()
	config.HTTPClient = &http.Client{Transport: counted}
	client := dynamodb.NewFromConfig(config)
	ctx := context.Background()
	in, err := admin.CreateTableInput(pets)
	require.NoError(t, err)
	_, err = client.CreateTable(ctx, in)
	require.NoError(t, err)
	const each = 150
	big := s(string(bytes.Repeat([]byte("x"), 50_000)))
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range each {
				_, err := client.PutItem(ctx,
					&dynamodb.PutItemInput{TableName: aws.String("pets"),
						Item: item{"id": n(fmt.Sprint(g*each + i)), "d": big}})
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 4*each+1, attempts.Load(), "no request was sent twice")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// closed is a body whose reader fails.
type closed struct{ io.Reader }

func (closed) Close() error { return nil }

func TestTransportPassesAReadersErrorOn(t *testing.T) {
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:1", nil)
	require.NoError(t, err)
	r.Body = closed{io.MultiReader(bytes.NewReader([]byte("x")), failing{})}
	_, err = dynamotest.Transport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil })).
		RoundTrip(r)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
