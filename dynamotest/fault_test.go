package dynamotest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

var indexed = monotable.Schema{Name: "indexed", Partition: monotable.S("p"), Sort: monotable.N("s"),
	Indexes: []monotable.Index{{Name: "by_g", Partition: monotable.S("g")}}}

// onBoth runs a test on a client in the process and on the SDK's client, without a retryer, of a server of the same
// client.
func onBoth(t *testing.T, test func(t *testing.T, fake *dynamotest.Client, client dynamoDB)) {
	t.Run("in process", func(t *testing.T) {
		fake := dynamotest.New(t, pets, indexed)
		test(t, fake, fake)
	})
	t.Run("over HTTP", func(t *testing.T) {
		fake := dynamotest.New(t, pets, indexed)
		server, err := dynamotest.NewServer(fake)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, server.Close()) })
		test(t, fake, dynamodb.NewFromConfig(server.Config(),
			func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }))
	})
}

func putPet(ctx context.Context, client dynamoDB, id int) error {
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pets"),
		Item: item{"id": n(strconv.Itoa(id))}})
	return err
}

func petIsThere(t *testing.T, client dynamoDB, id int) bool {
	t.Helper()
	out, err := client.GetItem(context.Background(),
		&dynamodb.GetItemInput{TableName: aws.String("pets"), Key: item{"id": n(strconv.Itoa(id))},
			ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	return out.Item != nil
}

// Each error effect gives the service's error on either client, and nothing takes place.
func TestFaultsThatRefuse(t *testing.T) {
	const pet = "arn:aws:dynamodb:us-east-1:000000000000:table/pets"
	reason := func(kind string) []types.ThrottlingReason {
		return []types.ThrottlingReason{{Reason: aws.String(kind), Resource: aws.String(pet)}}
	}
	for name, test := range map[string]struct {
		effect dynamotest.Effect
		status int
		code   string
		as     func(t *testing.T, err error)
	}{
		"throttle": {dynamotest.Throttle(), 400, "ProvisionedThroughputExceededException",
			func(t *testing.T, err error) {
				var e *types.ProvisionedThroughputExceededException
				require.ErrorAs(t, err, &e)
				assert.Equal(t, reason("TableWriteProvisionedThroughputExceeded"), e.ThrottlingReasons)
			}},
		"throttle on demand": {dynamotest.ThrottleOnDemand(), 400, "ThrottlingException",
			func(t *testing.T, err error) {
				var e *types.ThrottlingException
				require.ErrorAs(t, err, &e)
				assert.Equal(t, reason("TableWriteKeyRangeThroughputExceeded"), e.ThrottlingReasons)
			}},
		"request limit": {dynamotest.ExceedRequestLimit(), 400, "RequestLimitExceeded", func(t *testing.T, err error) {
			var e *types.RequestLimitExceeded
			require.ErrorAs(t, err, &e)
			assert.Equal(t, reason("TableWriteAccountLimitExceeded"), e.ThrottlingReasons)
		}},
		"internal": {dynamotest.InternalError(), 500, "InternalServerError", func(t *testing.T, err error) {
			var e *types.InternalServerError
			require.ErrorAs(t, err, &e)
		}},
		"conflict": {dynamotest.Conflict(), 400, "TransactionConflictException", func(t *testing.T, err error) {
			var e *types.TransactionConflictException
			require.ErrorAs(t, err, &e)
		}},
		"own error": {dynamotest.Fail(&types.LimitExceededException{Message: aws.String("enough")}), 400,
			"LimitExceededException", func(t *testing.T, err error) {
				var e *types.LimitExceededException
				require.ErrorAs(t, err, &e)
				assert.Equal(t, "enough", *e.Message)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
				i := fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Times: 1,
					Do: test.effect})
				err := putPet(context.Background(), client, 1)
				var response *awshttp.ResponseError
				require.ErrorAs(t, err, &response)
				assert.Equal(t, test.status, response.HTTPStatusCode())
				var api smithy.APIError
				require.ErrorAs(t, err, &api)
				assert.Equal(t, test.code, api.ErrorCode())
				test.as(t, err)
				assert.False(t, petIsThere(t, client, 1))
				assert.NoError(t, putPet(context.Background(), client, 1), "only the first was to be hit")
				assert.Equal(t, 1, i.Fired())
				assert.Equal(t, 1, fake.Usage().Errors[test.code])
			})
		})
	}
}

// A connection that is reset before the operation and one that is reset in place of the answer look the same.
func TestFaultsOfTheConnection(t *testing.T) {
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Times: 1,
			Do: dynamotest.ResetConnection()})
		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Times: 1, Do: dynamotest.LoseAnswer()})
		for id, there := range []bool{false, true} {
			err := putPet(context.Background(), client, id)
			var operation *smithy.OperationError
			require.ErrorAs(t, err, &operation)
			var response *awshttp.ResponseError
			require.ErrorAs(t, err, &response)
			assert.Zero(t, response.HTTPStatusCode())
			var send *smithyhttp.RequestSendError
			require.ErrorAs(t, err, &send)
			var network *net.OpError
			require.ErrorAs(t, err, &network)
			assert.ErrorIs(t, err, syscall.ECONNRESET)
			var api smithy.APIError
			assert.False(t, errors.As(err, &api), "no answer is no service's error")
			assert.Equal(t, there, petIsThere(t, client, id))
		}
		assert.NoError(t, putPet(context.Background(), client, 3))
	})
}

// The SDK's own retryer recovers from what is cut over HTTP.
func TestTheSDKRetriesWhatIsCut(t *testing.T) {
	fake := dynamotest.New(t, pets)
	server, err := dynamotest.NewServer(fake)
	require.NoError(t, err)
	defer server.Close()
	lost := fake.Inject(dynamotest.Fault{Times: 1, Do: dynamotest.LoseAnswer()})
	require.NoError(t, putPet(context.Background(), dynamodb.NewFromConfig(server.Config()), 1))
	assert.Equal(t, 1, lost.Fired())
	assert.Equal(t, 2, fake.Usage().Operation("PutItem").Calls)
}

// A server that is a plain handler closes the connection, since it cannot reset it.
func TestACutConnectionOfAHandler(t *testing.T) {
	fake := dynamotest.New(t, pets)
	server, err := dynamotest.NewServer(fake)
	require.NoError(t, err)
	defer server.Close()
	fake.Inject(dynamotest.Fault{Do: dynamotest.ResetConnection()})
	r := request(t, server, tables+"ListTables", "{}")
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { server.ServeHTTP(unhijackable{}, r) })
}

type unhijackable struct{}

func (unhijackable) Header() http.Header         { return http.Header{} }
func (unhijackable) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (unhijackable) WriteHeader(int)             {}

func transaction(ids ...int) *dynamodb.TransactWriteItemsInput {
	in := &dynamodb.TransactWriteItemsInput{}
	for _, id := range ids {
		in.TransactItems = append(in.TransactItems,
			types.TransactWriteItem{Put: &types.Put{TableName: aws.String("pets"),
				Item: item{"id": n(strconv.Itoa(id))}}})
	}
	return in
}

// A transaction is cancelled in the places that match.
func TestFaultsOfTransactions(t *testing.T) {
	ctx := context.Background()
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		for _, test := range []struct {
			effect dynamotest.Effect
			code   string
		}{
			{dynamotest.Conflict(), "TransactionConflict"},
			{dynamotest.Throttle(), "ProvisionedThroughputExceeded"},
			{dynamotest.ThrottleOnDemand(), "ThrottlingError"},
		} {
			fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "TransactWriteItems",
				Key: item{"id": n("2.0")}}, Times: 1, Do: test.effect})
			_, err := client.TransactWriteItems(ctx, transaction(1, 2, 3))
			var cancelled *types.TransactionCanceledException
			require.ErrorAs(t, err, &cancelled)
			require.Len(t, cancelled.CancellationReasons, 3)
			for i, want := range []string{"None", test.code, "None"} {
				assert.Equal(t, want, *cancelled.CancellationReasons[i].Code)
				assert.Equal(t, want != "None", cancelled.CancellationReasons[i].Message != nil)
			}
			assert.Equal(t,
				"Transaction cancelled, please refer cancellation reasons for specific reasons [None, "+test.code+", None]",
				*cancelled.Message)
		}
		assert.False(t, petIsThere(t, client, 1))

		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "TransactGetItems"}, Do: dynamotest.Conflict()})
		_, err := client.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
			{Get: &types.Get{TableName: aws.String("pets"), Key: item{"id": n("1")}}}}})
		var cancelled *types.TransactionCanceledException
		require.ErrorAs(t, err, &cancelled)

		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "TransactWriteItems"}, Times: 1,
			Do: dynamotest.LoseAnswer()})
		in := transaction(1, 2)
		in.ClientRequestToken = aws.String("token")
		_, err = client.TransactWriteItems(ctx, in)
		require.ErrorIs(t, err, syscall.ECONNRESET)
		_, err = client.TransactWriteItems(ctx, in)
		require.NoError(t, err, "the token makes it a replay")
		assert.True(t, petIsThere(t, client, 1))
	})
}

func TestUnprocessed(t *testing.T) {
	ctx := context.Background()
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		batch := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{}}
		for id := range 5 {
			batch.RequestItems["pets"] = append(batch.RequestItems["pets"],
				types.WriteRequest{PutRequest: &types.PutRequest{Item: item{"id": n(strconv.Itoa(id))}}})
		}
		fake.Inject(dynamotest.Fault{Times: 1, Do: dynamotest.Unprocessed(2)})
		out, err := client.BatchWriteItem(ctx, batch)
		require.NoError(t, err)
		require.Len(t, out.UnprocessedItems["pets"], 2)
		left := map[string]bool{}
		for _, w := range out.UnprocessedItems["pets"] {
			left[w.PutRequest.Item["id"].(*types.AttributeValueMemberN).Value] = true
		}
		for id := range 5 {
			assert.Equal(t, !left[strconv.Itoa(id)], petIsThere(t, client, id))
		}
		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Key: item{"id": n("3")}}, Times: 1,
			Do: dynamotest.Unprocessed(0)})
		_, err = client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{"pets": {
				{DeleteRequest: &types.DeleteRequest{Key: item{"id": n("2")}}}}}})
		require.NoError(t, err, "there is no 3 in this one")
		out, err = client.BatchWriteItem(ctx, batch)
		require.NoError(t, err)
		assert.Equal(t, map[string][]types.WriteRequest{"pets": {batch.RequestItems["pets"][3]}}, out.UnprocessedItems)

		keys := types.KeysAndAttributes{Keys: []map[string]types.AttributeValue{{"id": n("1")}, {"id": n("2")}},
			ConsistentRead: aws.Bool(true)}
		all := fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "BatchGetItem"},
			Do: dynamotest.Unprocessed(0)})
		asked := map[string]types.KeysAndAttributes{"pets": keys}
		got, err := client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: asked})
		require.NoError(t, err)
		assert.Empty(t, got.Responses["pets"])
		assert.Equal(t, asked, got.UnprocessedKeys)
		assert.Equal(t, 1, all.Fired())
	})
}

// An index read is stale, a read of the table is not, and a consistent one cannot be.
func TestStale(t *testing.T) {
	ctx := context.Background()
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		put := func(i int) {
			_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("indexed"),
				Item: item{"p": s("a"), "s": n(strconv.Itoa(i)), "g": s("x")}})
			require.NoError(t, err)
		}
		count := func(index *string, consistent bool) int {
			out, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("indexed"), IndexName: index,
				ConsistentRead: &consistent})
			require.NoError(t, err)
			return len(out.Items)
		}
		put(0)
		stale := fake.Inject(dynamotest.Fault{On: dynamotest.Match{Index: "by_g"}, Do: dynamotest.Stale(2)})
		assert.Equal(t, 1, count(aws.String("by_g"), false), "what was written before the fault is seen")
		for i := range 3 {
			put(1 + i)
		}
		assert.Equal(t, 2, count(aws.String("by_g"), false))
		assert.Equal(t, 4, count(nil, false))
		assert.Equal(t, 2, stale.Fired())
		fake.ClearFaults()
		assert.Equal(t, 4, count(aws.String("by_g"), false))

		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Table: "indexed"}, Do: dynamotest.StaleFor(time.Hour)})
		put(4)
		assert.Equal(t, 1, count(nil, false), "the writes since the first of the faults are kept")
		assert.Equal(t, 5, count(nil, true))
	})
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := dynamotest.New(t, pets)
		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Do: dynamotest.Delay(time.Hour)})
		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Do: dynamotest.Delay(time.Minute)})
		begun := time.Now()
		require.NoError(t, putPet(t.Context(), fake, 1))
		assert.Equal(t, 61*time.Minute, time.Since(begun))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun = time.Now()
		require.ErrorIs(t, putPet(ctx, fake, 2), context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(begun))
		assert.False(t, petIsThere(t, fake, 2))
	})
	fake := dynamotest.New(t, pets)
	fake.Inject(dynamotest.Fault{Do: dynamotest.Delay(20 * time.Millisecond)})
	begun := time.Now()
	require.NoError(t, putPet(context.Background(), fake, 1))
	assert.GreaterOrEqual(t, time.Since(begun), 20*time.Millisecond)
}

// What a Match selects, by the calls that were hit.
func TestMatch(t *testing.T) {
	ctx := context.Background()
	for name, test := range map[string]struct {
		on   dynamotest.Match
		want []string
	}{
		"everything": {dynamotest.Match{}, []string{"ListTables", "PutItem", "PutItem", "Query", "Scan", "BatchGetItem",
			"TransactWriteItems", "DescribeTable"}},
		"operation": {dynamotest.Match{Operation: "PutItem"}, []string{"PutItem", "PutItem"}},
		"table": {dynamotest.Match{Table: "pets"},
			[]string{"PutItem", "Scan", "BatchGetItem", "TransactWriteItems", "DescribeTable"}},
		"index": {dynamotest.Match{Index: "by_g"}, []string{"Query"}},
		"key":   {dynamotest.Match{Key: item{"id": n("1")}}, []string{"PutItem", "TransactWriteItems"}},
		"item":  {dynamotest.Match{Key: item{"p": s("a"), "x": s("y")}}, []string{"PutItem"}},
		"where": {dynamotest.Match{Where: func(in any) bool {
			scan, ok := in.(*dynamodb.ScanInput)
			return ok && scan.Limit != nil
		}}, []string{"Scan"}},
		"nothing": {dynamotest.Match{Table: "indexed", Key: item{"id": n("1")}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			fake := dynamotest.New(t, pets, indexed)
			i := fake.Inject(dynamotest.Fault{On: test.on, Do: dynamotest.Delay(0)})
			_, err := fake.ListTables(ctx, &dynamodb.ListTablesInput{})
			require.NoError(t, err)
			require.NoError(t, putPet(ctx, fake, 1))
			_, err = fake.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("indexed"),
				Item: item{"p": s("a"), "s": n("1"), "x": s("y")}})
			require.NoError(t, err)
			_, err = fake.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("indexed"),
				IndexName:              aws.String("by_g"),
				KeyConditionExpression: aws.String("g = :g"), ExpressionAttributeValues: item{":g": s("x")}})
			require.NoError(t, err)
			_, err = fake.Scan(ctx, &dynamodb.ScanInput{
				TableName: aws.String("arn:aws:dynamodb:us-east-1:000000000000:table/pets"), Limit: aws.Int32(1)})
			require.NoError(t, err)
			_, err = fake.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{"pets": {Keys: []item{{"id": n("5")}}}}})
			require.NoError(t, err)
			_, err = fake.TransactWriteItems(ctx, transaction(3, 1))
			require.NoError(t, err)
			_, err = fake.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("pets")})
			require.NoError(t, err)
			var hit []string
			for _, call := range i.Calls() {
				hit = append(hit, call.Operation)
			}
			assert.Equal(t, test.want, hit)
		})
	}
}

// The same seed hits the same calls; another hits others.
func TestChanceIsDrawnFromTheSeed(t *testing.T) {
	run := func(seed uint64) (hits string) {
		fake := dynamotest.NewWith(t, []dynamotest.Option{dynamotest.WithSeed(seed)}, pets)
		assert.Equal(t, seed, fake.Seed())
		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Skip: 10, Times: 20, Chance: 0.5,
			Do: dynamotest.InternalError()})
		for i := range 100 {
			if putPet(context.Background(), fake, i) != nil {
				hits += fmt.Sprint(i, " ")
				assert.GreaterOrEqual(t, i, 10)
			}
		}
		assert.Equal(t, 20, fake.Usage().Errors["InternalServerError"])
		return hits
	}
	assert.Equal(t, run(1), run(1))
	assert.NotEqual(t, run(1), run(2))
	t.Setenv("DYNAMOTEST_SEED", "77")
	assert.EqualValues(t, 77, dynamotest.New(t).Seed())
	t.Setenv("DYNAMOTEST_SEED", "x")
	f := &fatal{}
	assert.PanicsWithValue(t, f, func() { dynamotest.New(f) })
}

// failed is a test that has failed, and keeps what it logs.
type failed struct {
	testing.TB
	cleanup []func()
	logged  string
}

func (f *failed) Helper()                         {}
func (f *failed) Failed() bool                    { return true }
func (f *failed) Cleanup(c func())                { f.cleanup = append(f.cleanup, c) }
func (f *failed) Logf(format string, args ...any) { f.logged += fmt.Sprintf(format, args...) }

func TestAFailedTestLogsItsSeed(t *testing.T) {
	for _, chance := range []float64{0, 0.5} {
		f := &failed{}
		fake := dynamotest.NewWith(f, []dynamotest.Option{dynamotest.WithSeed(42)}, pets)
		fake.Inject(dynamotest.Fault{Chance: chance, Do: dynamotest.InternalError()})
		_ = putPet(context.Background(), fake, 1)
		for _, c := range f.cleanup {
			c()
		}
		if chance == 0 {
			assert.Empty(t, f.logged)
		} else {
			assert.Equal(t, "dynamotest: faults were drawn from seed 42; to repeat them set DYNAMOTEST_SEED=42",
				f.logged)
		}
	}
}

// A fault that cannot be makes every call fail, and says why.
func TestFaultsThatCannotBe(t *testing.T) {
	for want, f := range map[string]dynamotest.Fault{
		"no effect: Do is not set":      {},
		"Fail: no error to fail with":   {Do: dynamotest.Fail(nil)},
		"Skip is negative":              {Skip: -1, Do: dynamotest.Throttle()},
		"Times is negative":             {Times: -1, Do: dynamotest.Throttle()},
		"Chance is not between 0 and 1": {Chance: 1.5, Do: dynamotest.Throttle()},
		`there is no operation "PutItems"`: {On: dynamotest.Match{Operation: "PutItems"},
			Do: dynamotest.Throttle()},
		"Unprocessed: a negative number of items": {Do: dynamotest.Unprocessed(-1)},
		"Delay: the delay is negative":            {Do: dynamotest.Delay(-1)},
		"AfterWork(): no effect":                  {Do: dynamotest.AfterWork(dynamotest.Effect{})},
		"AfterWork(Delay): the delay is negative": {Do: dynamotest.AfterWork(dynamotest.Delay(-1))},
		"AfterWork(Throttle): Throttle does not come after an operation that took place": {
			Do: dynamotest.AfterWork(dynamotest.Throttle())},
		"AfterWork(LoseAnswer): LoseAnswer does not come after an operation that took place": {
			Do: dynamotest.AfterWork(dynamotest.LoseAnswer())},
		"AfterWork(Fail): Fail does not come after an operation that took place": {
			Do: dynamotest.AfterWork(dynamotest.Fail(&types.RequestLimitExceeded{}))},
		"Stale: the number of writes is not positive": {Do: dynamotest.Stale(0)},
		"StaleFor: the time is not positive":          {Do: dynamotest.StaleFor(0)},
	} {
		fake := dynamotest.New(t, pets)
		i := fake.Inject(f)
		err := putPet(context.Background(), fake, 1)
		assert.EqualError(t, err, "operation error DynamoDB: PutItem, dynamotest: fault 1: "+want)
		i.Remove()
		assert.NoError(t, putPet(context.Background(), fake, 1))
	}
}

// Faults can be put in place and taken away while calls are made.
func TestFaultsAreSafeForConcurrentUse(t *testing.T) {
	fake := dynamotest.New(t, pets)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 50 {
				f := fake.Inject(dynamotest.Fault{Chance: 0.1, Do: dynamotest.Conflict()})
				_ = putPet(context.Background(), fake, 100*g+i)
				_, _ = f.Fired(), f.String()
				f.Remove()
			}
		})
	}
	all.Wait()
	assert.NoError(t, putPet(context.Background(), fake, 1))
	assert.Equal(t, 201, fake.Usage().Operation("PutItem").Calls)
}

// A transaction that took place is answered when it is repeated under its token: nothing cancels it any more.
func TestRepeatedTransactionsAreNotCancelled(t *testing.T) {
	c, ctx := dynamotest.New(t, pets), t.Context()
	token := "token"
	write := func() error {
		_, err := c.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{ClientRequestToken: &token,
			TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: &pets.Name,
					Item: map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "1"}}}},
			}})
		return err
	}
	var cancelled *types.TransactionCanceledException
	for _, effect := range []dynamotest.Effect{dynamotest.Throttle(), dynamotest.ThrottleOnDemand(),
		dynamotest.Conflict()} {
		token += "+"
		fault := c.Inject(dynamotest.Fault{Do: effect})
		require.ErrorAs(t, write(), &cancelled)
		fault.Remove()
		require.NoError(t, write())
		fault = c.Inject(dynamotest.Fault{Do: effect})
		require.NoError(t, write())
		assert.Zero(t, fault.Fired())
		fault.Remove()
	}
}
