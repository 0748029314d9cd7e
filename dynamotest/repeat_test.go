package dynamotest_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// impatient is the SDK's standard retryer without its pauses.
type impatient struct{ *retry.Standard }

func (impatient) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// shakyEffects are what may go wrong with a request, but for what takes time.
var shakyEffects = []dynamotest.Effect{
	dynamotest.Throttle(), dynamotest.ThrottleOnDemand(), dynamotest.ExceedRequestLimit(), dynamotest.Conflict(),
	dynamotest.InternalError(), dynamotest.AfterWork(dynamotest.InternalError()), dynamotest.ServiceUnavailable(),
	dynamotest.ResetConnection(), dynamotest.LoseAnswer(), dynamotest.CutAnswer(),
	dynamotest.Fail(&types.TransactionInProgressException{Message: aws.String("at work")}),
	dynamotest.Fail(&types.LimitExceededException{Message: aws.String("enough")}),
}

// newShakyFaces are two DynamoDBs under the same faults, drawn from the same seed: one whose calls are repeated in the
// process, and one that the SDK repeats its requests to.
func newShakyFaces(t *testing.T, seed uint64) (f *faces, served *dynamotest.Client) {
	t.Helper()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	options := []dynamotest.Option{dynamotest.WithClock(func() time.Time { return now }), dynamotest.WithSeed(seed)}
	served = dynamotest.NewClient(options...)
	server, err := dynamotest.NewServer(served)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	f = &faces{t: t, fake: dynamotest.NewClient(append(options, dynamotest.WithMaxAttempts(3))...),
		ids: map[string]string{},
		sdk: dynamodb.NewFromConfig(server.Config(), func(o *dynamodb.Options) {
			o.Retryer = impatient{retry.NewStandard()}
		}),
		streams: dynamodbstreams.NewFromConfig(server.Config(), func(o *dynamodbstreams.Options) {
			o.Retryer = impatient{retry.NewStandard()}
		})}
	for _, schema := range []monotable.Schema{pets, indexed} {
		in, err := admin.CreateTableInput(schema)
		require.NoError(t, err)
		_, err = f.CreateTable(context.Background(), in)
		require.NoError(t, err)
	}
	return f, served
}

// Random requests under the same faults are repeated as often in the process as the SDK repeats them over HTTP, end
// alike and do alike.
func TestRepeatedAsTheSDKDoes(t *testing.T) {
	for seed := range uint64(3) {
		f, served := newShakyFaces(t, seed)
		var here, there []*dynamotest.Injection
		for _, effect := range shakyEffects {
			fault := dynamotest.Fault{Do: effect, Chance: 0.05}
			here, there = append(here, f.fake.Inject(fault)), append(there, served.Inject(fault))
		}
		methods := reflect.ValueOf(f)
		most := 0
		for round := range 40 {
			for i := range methods.NumMethod() {
				name := methods.Type().Method(i).Name
				if name == "DeleteTable" || name == "CreateTable" || name == "UpdateTable" {
					continue
				}
				g := generator{rand.New(rand.NewPCG(seed, uint64(round*100+i))), true}
				in := reflect.New(methods.Method(i).Type().In(1).Elem())
				g.fields(in.Elem(), 0)
				before := f.fake.Usage().Operation(name).Calls
				methods.Method(i).Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
				after := f.fake.Usage().Operation(name).Calls
				require.Equal(t, served.Usage().Operation(name).Calls, after, "%s was attempted as often", name)
				// Others count once for each table.
				if name == "PutItem" || name == "UpdateItem" || name == "DeleteItem" || name == "GetItem" {
					most = max(most, int(after-before))
				}
			}
		}
		assert.Equal(t, 3, most, "attempts of one call")
		for i := range here {
			assert.Equal(t, there[i].Fired(), here[i].Fired(), shakyEffects[i].String())
			assert.NotZero(t, here[i].Fired(), shakyEffects[i].String())
		}
	}
}

// attemptsOf is how many attempts the answer to a call took.
func attemptsOf(t *testing.T, metadata middleware.Metadata) int {
	t.Helper()
	results, ok := retry.GetAttemptResults(metadata)
	require.True(t, ok)
	return len(results.Results)
}

// A client whose calls are repeated runs option functions as the SDK's client does, the retryer of a call included, and
// leaves out pauses unless it was given a retryer of its own.
func TestOptionsOfARepeatedCall(t *testing.T) {
	ctx := context.Background()
	put := &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: item{"id": n("1")}}
	slow := func(attempts int) aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = attempts
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Hour, nil })
		})
	}
	one := func(set func(*dynamodb.Options)) []func(*dynamodb.Options) { return []func(*dynamodb.Options){set} }
	five := one(func(o *dynamodb.Options) { o.RetryMaxAttempts = 5 })
	own := one(func(o *dynamodb.Options) { o.Retryer = slow(9) })
	old := one(func(o *dynamodb.Options) { o.Retryer = firstVersion{slow(9)} })
	never := one(func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	for name, test := range map[string]struct {
		client   dynamotest.Option
		call     []func(*dynamodb.Options)
		attempts int // 0 for a call that fails
		took     time.Duration
	}{
		"as it is":                        {client: dynamotest.WithMaxAttempts(3), attempts: 3},
		"too few":                         {client: dynamotest.WithMaxAttempts(2)},
		"not repeated":                    {client: dynamotest.WithMaxAttempts(1)},
		"with a retryer":                  {client: dynamotest.WithRetryer(slow(3)), attempts: 3, took: 2 * time.Hour},
		"without one":                     {client: dynamotest.WithRetryer(nil)},
		"a call's number":                 {dynamotest.WithMaxAttempts(2), five, 3, 0},
		"a call's retryer":                {dynamotest.WithMaxAttempts(2), own, 3, 0},
		"a retryer of the first version":  {dynamotest.WithMaxAttempts(2), old, 3, 0},
		"a call's retryer and its pauses": {dynamotest.WithRetryer(slow(2)), own, 3, 2 * time.Hour},
		"a call that is not repeated":     {client: dynamotest.WithMaxAttempts(3), call: never},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := dynamotest.NewWith(t, []dynamotest.Option{test.client}, pets)
				fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Times: 2,
					Do: dynamotest.LoseAnswer()})
				start := time.Now()
				out, err := fake.PutItem(ctx, put, test.call...)
				assert.Equal(t, test.took, time.Since(start))
				if test.attempts == 0 {
					require.ErrorIs(t, err, syscall.ECONNRESET)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, test.attempts, attemptsOf(t, out.ResultMetadata))
				assert.EqualValues(t, test.attempts, fake.Usage().Operation("PutItem").Calls)
			})
		})
	}
}

// firstVersion hides that a retryer is a RetryerV2.
type firstVersion struct{ aws.Retryer }

// What a call's context, a panic of its option functions and one of the SDK's come to.
func TestEndsOfARepeatedCall(t *testing.T) {
	put := &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: item{"id": n("1")}}
	fake := dynamotest.NewWith(t, []dynamotest.Option{dynamotest.WithMaxAttempts(3)}, pets)
	assert.PanicsWithValue(t, "mine", func() {
		_, _ = fake.PutItem(t.Context(), put, func(*dynamodb.Options) { panic("mine") })
	})
	_, err := fake.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("pets"),
		Item: item{"id": (*types.AttributeValueMemberN)(nil)}})
	require.ErrorContains(t, err, "SerializationException", "the SDK would panic")
	_, err = fake.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: item{"id": s("\xff")}})
	require.Error(t, err, "the SDK would send another text")
	_, err = fake.PutItem(t.Context(), nil)
	var missing *smithy.OperationError
	require.ErrorAs(t, err, &missing)
	require.Zero(t, fake.Usage().Operation("PutItem").Calls)

	fake.Inject(dynamotest.Fault{Do: dynamotest.Hang()})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = fake.PutItem(ctx, put)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	var canceled *smithy.CanceledError
	require.ErrorAs(t, err, &canceled)
	_, err = fake.PutItem(ctx, put)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
