package dynamotest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
)

// kindsOf lists the types of an error's chain, without what lies under a connection's error, and what the chain's
// service error and response say.
func kindsOf(err error) []string {
	var kinds []string
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		kinds = append(kinds, "status "+strconv.Itoa(response.HTTPStatusCode()),
			fmt.Sprint("id of ", len(response.ServiceRequestID())))
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		kinds = append(kinds, api.ErrorCode(), api.ErrorMessage(), api.ErrorFault().String())
	}
	for _, target := range []error{syscall.ECONNRESET, io.ErrUnexpectedEOF, context.Canceled,
		context.DeadlineExceeded} {
		if errors.Is(err, target) {
			kinds = append(kinds, "is "+target.Error())
		}
	}
	for ; err != nil; err = errors.Unwrap(err) {
		kinds = append(kinds, fmt.Sprintf("%T", err))
	}
	return kinds
}

// outcomeOf judges one attempt by its error alone, as a careful caller does.
func outcomeOf(err error) string {
	var response *awshttp.ResponseError
	status := 0
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	switch {
	case err == nil, status >= 200 && status < 300:
		return "done"
	case status >= 400 && status < 500:
		return "nothing"
	}
	return "unknown"
}

// Each effect is seen the same on either client, is judged the same, and did what that says.
func TestFaultsAreSeenAlike(t *testing.T) {
	ctx := context.Background()
	for name, test := range map[string]struct {
		effect  dynamotest.Effect
		outcome string
		done    bool
	}{
		"throttle":            {dynamotest.Throttle(), "nothing", false},
		"throttle on demand":  {dynamotest.ThrottleOnDemand(), "nothing", false},
		"request limit":       {dynamotest.ExceedRequestLimit(), "nothing", false},
		"conflict":            {dynamotest.Conflict(), "nothing", false},
		"500":                 {dynamotest.InternalError(), "unknown", false},
		"500 after the work":  {dynamotest.AfterWork(dynamotest.InternalError()), "unknown", true},
		"503":                 {dynamotest.ServiceUnavailable(), "unknown", false},
		"503 after the work":  {dynamotest.AfterWork(dynamotest.ServiceUnavailable()), "unknown", true},
		"reset":               {dynamotest.ResetConnection(), "unknown", false},
		"lost answer":         {dynamotest.LoseAnswer(), "unknown", true},
		"cut answer":          {dynamotest.CutAnswer(), "done", true},
		"hang":                {dynamotest.Hang(), "unknown", false},
		"hang after the work": {dynamotest.AfterWork(dynamotest.Hang()), "unknown", true},
		"late":                {dynamotest.Delay(time.Hour), "unknown", false},
		"late after the work": {dynamotest.AfterWork(dynamotest.Delay(time.Hour)), "unknown", true},
		"own error": {dynamotest.Fail(&types.LimitExceededException{Message: aws.String("enough")}),
			"nothing", false},
		"own error of a code that the SDK does not know": {dynamotest.Fail(&smithy.GenericAPIError{
			Code: "ExpiredTokenException", Message: "expired", Fault: smithy.FaultClient}), "nothing", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen [][]string
			onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
				i := fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Times: 1,
					Do: test.effect})
				ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
				defer cancel()
				err := putPet(ctx, client, 1)
				require.Error(t, err)
				assert.Equal(t, test.outcome, outcomeOf(err), "%v", err)
				assert.Equal(t, 1, i.Fired())
				assert.Equal(t, test.done, petIsThere(t, client, 1))
				assert.NoError(t, putPet(context.Background(), client, 2), "only the first was to be hit")
				seen = append(seen, kindsOf(err))
			})
			assert.Equal(t, seen[1], seen[0])
		})
	}
}

// What comes in place of an answer comes in place of a refusal as well.
func TestFaultsInPlaceOfARefusal(t *testing.T) {
	for name, test := range map[string]struct {
		effect dynamotest.Effect
		status int
	}{
		"lost answer":        {dynamotest.LoseAnswer(), 0},
		"cut answer":         {dynamotest.CutAnswer(), 400},
		"500 after the work": {dynamotest.AfterWork(dynamotest.InternalError()), 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen [][]string
			onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
				fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Do: test.effect})
				_, err := client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("pets"),
					Item: item{"id": n("1")}, ConditionExpression: aws.String("attribute_exists(id)")})
				var response *awshttp.ResponseError
				require.ErrorAs(t, err, &response)
				assert.Equal(t, test.status, response.HTTPStatusCode())
				var failed *types.ConditionalCheckFailedException
				assert.False(t, errors.As(err, &failed), "nothing of the answer arrives")
				seen = append(seen, kindsOf(err))
			})
			assert.Equal(t, seen[1], seen[0])
		})
	}
}

// A request that would not leave the SDK, or that the service could not read, is not hit and not counted.
func TestFaultsDoNotHitWhatIsNotSent(t *testing.T) {
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		i := fake.Inject(dynamotest.Fault{Do: dynamotest.LoseAnswer()})
		for name, in := range map[string]*dynamodb.PutItemInput{
			"no table":       {Item: item{"id": n("1")}},
			"no value":       {TableName: aws.String("pets"), Item: item{"id": nil}},
			"unknown member": {TableName: aws.String("pets"), Item: item{"id": &types.UnknownUnionMember{Tag: "X"}}},
		} {
			_, err := client.PutItem(context.Background(), in)
			assert.NotErrorIs(t, err, syscall.ECONNRESET, name)
			assert.Error(t, err, name)
			fake.ClearFaults()
			_, without := client.PutItem(context.Background(), in)
			assert.Equal(t, kindsOf(without), kindsOf(err), name)
			i = fake.Inject(dynamotest.Fault{Do: dynamotest.LoseAnswer()})
		}
		assert.Zero(t, i.Fired())
		assert.Zero(t, fake.Usage().Operation("PutItem").Calls)
	})
}

// A call hangs for as long as its context lives, in no time of a bubble's own, and others do not wait for it.
func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := dynamotest.New(t, pets)
		fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem", Key: item{"id": n("1")}},
			Do: dynamotest.Hang()})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var hanging sync.WaitGroup
		hanging.Go(func() {
			err := putPet(ctx, fake, 1)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			var canceled *smithy.CanceledError
			assert.ErrorAs(t, err, &canceled)
		})
		synctest.Wait()
		begun := time.Now()
		require.NoError(t, putPet(t.Context(), fake, 2))
		assert.Zero(t, time.Since(begun))
		hanging.Wait()
		assert.Equal(t, time.Hour, time.Since(begun))
		assert.Equal(t, 1, fake.Usage().Errors["context deadline exceeded"])
	})
}

// Workers that write under many faults at once see each write's outcome as it was.
func TestOutcomesUnderConcurrency(t *testing.T) {
	onBoth(t, func(t *testing.T, fake *dynamotest.Client, client dynamoDB) {
		for _, effect := range []dynamotest.Effect{dynamotest.Throttle(), dynamotest.InternalError(),
			dynamotest.CutAnswer(),
			dynamotest.LoseAnswer(), dynamotest.AfterWork(dynamotest.ServiceUnavailable()),
			dynamotest.ResetConnection()} {
			fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "PutItem"}, Chance: 0.1, Do: effect})
		}
		var wg sync.WaitGroup
		outcomes := make([]string, 400)
		for worker := range 8 {
			wg.Go(func() {
				for id := worker; id < len(outcomes); id += 8 {
					outcomes[id] = outcomeOf(putPet(context.Background(), client, id))
				}
			})
		}
		wg.Wait()
		seen := map[string]int{}
		for id, outcome := range outcomes {
			seen[outcome]++
			if outcome != "unknown" {
				assert.Equal(t, outcome == "done", petIsThere(t, client, id), "%d: %s", id, outcome)
			}
		}
		assert.Len(t, seen, 3)
	})
}
