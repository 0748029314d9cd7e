package stream_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/stream"
)

// eventOf reads a Lambda event's JSON.
func eventOf(t testing.TB, text string) stream.Event {
	t.Helper()
	var event stream.Event
	require.NoError(t, json.Unmarshal([]byte(text), &event))
	return event
}

func everyType(t testing.TB) string {
	text, err := os.ReadFile("testdata/every-type.json")
	require.NoError(t, err)
	return string(text)
}

func TestEventHoldsEveryType(t *testing.T) {
	event := eventOf(t, everyType(t))
	require.Len(t, event.Records, 2)
	r := event.Records[0]
	assert.Equal(t, stream.Record{
		ID: "9e2f6c0c4a1b4f0d8c51e7a3b2d49f60", Kind: stream.Modify, Sequence: "1405400000000002063282832",
		At: time.Date(2026, 11, 22, 17, 0, 0, 250e6, time.UTC), View: types.StreamViewTypeNewAndOldImages,
		StreamARN: "arn:aws:dynamodb:eu-central-1:123456789012:table/shop/stream/2026-11-22T17:00:00.000",
		Region:    "eu-central-1", Bytes: 412,
		Keys: r.Keys, Old: r.Old, New: r.New,
	}, r)
	assert.False(t, r.Expired())

	assert.True(t, monotable.Item{
		"PK": &types.AttributeValueMemberS{Value: "CUSTOMER#ann"}, "SK": &types.AttributeValueMemberS{Value: "ORDER#7"},
	}.Equal(r.Keys), r.Keys.Diff(nil))
	assert.True(t, monotable.Item{
		"PK": &types.AttributeValueMemberS{Value: "CUSTOMER#ann"}, "SK": &types.AttributeValueMemberS{Value: "ORDER#7"},
		"text":    &types.AttributeValueMemberS{Value: "zażółć \"gęślą\"\n\u2028 🐈"},
		"none":    &types.AttributeValueMemberS{Value: ""},
		"digits":  &types.AttributeValueMemberN{Value: "-12345678901234567890123456789012345678"},
		"tiny":    &types.AttributeValueMemberN{Value: "0.0000000000000000000000000000000000000000000000000000000001"},
		"bytes":   &types.AttributeValueMemberB{Value: []byte{0, 1, 0x2a, 0x41}},
		"nothing": &types.AttributeValueMemberB{Value: []byte{}},
		"yes":     &types.AttributeValueMemberBOOL{Value: true}, "no": &types.AttributeValueMemberBOOL{Value: false},
		"null":    &types.AttributeValueMemberNULL{Value: true},
		"strings": &types.AttributeValueMemberSS{Value: []string{"a", "", "b"}},
		"numbers": &types.AttributeValueMemberNS{Value: []string{"3.5", "-1",
			"99999999999999999999999999999999999999"}},
		"binaries": &types.AttributeValueMemberBS{Value: [][]byte{{0}, {0xff}}},
		"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberN{Value: "1"}, &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
			&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
				"deep": &types.AttributeValueMemberNULL{Value: true}}},
		}},
		"map": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"":  &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}},
			"N": &types.AttributeValueMemberS{Value: "N"},
		}},
	}.Equal(r.New), r.New.Diff(r.Old))
	assert.NotNil(t, r.Old)

	expired := event.Records[1]
	assert.Equal(t, stream.Remove, expired.Kind)
	assert.True(t, expired.Expired())
	assert.Equal(t, stream.Identity{Type: "Service", PrincipalID: "dynamodb.amazonaws.com"}, expired.By)
	assert.Nil(t, expired.New)
	assert.NotNil(t, expired.Old)
}

// Other encoders write an image that is not there as null or as an empty object.
func TestEventWithAbsentImagesWritten(t *testing.T) {
	for _, absent := range []string{"null", "{}", " { } "} {
		event := eventOf(t,
			`{"Records":[{"eventName":"INSERT","eventSource":"aws:dynamodb","userIdentity":null,"dynamodb":{`+
				`"SequenceNumber":"1","Keys":{"PK":{"S":"STOCK"},"SK":{"S":"1"}},`+
				`"NewImage":{"PK":{"S":"STOCK"},"SK":{"S":"1"}},"OldImage":`+absent+`}}]}`)
		assert.Nil(t, event.Records[0].Old)
		db, _, _ := tables(&dynamodb.Client{})
		assert.NoError(t, quiet(t, db, stream.IgnoreOthers()).HandleWhole(context.Background(), event))
	}
}

// What is written is what was read, and what aws-lambda-go reads of it is the same.
func TestEventWritesLambdasJSON(t *testing.T) {
	event := eventOf(t, everyType(t))
	written, err := json.Marshal(event)
	require.NoError(t, err)
	assert.Equal(t, event, eventOf(t, string(written)))

	var theirs, same events.DynamoDBEvent
	require.NoError(t, json.Unmarshal([]byte(everyType(t)), &theirs))
	require.NoError(t, json.Unmarshal(written, &same))
	assert.Equal(t, theirs, same)

	again, err := json.Marshal(theirs) // its own JSON has absent images as empty ones
	require.NoError(t, err)
	var withoutFraction = event
	withoutFraction.Records[0].At = withoutFraction.Records[0].At.Truncate(time.Second)
	read := eventOf(t, string(again))
	read.Records[0].At = read.Records[0].At.Truncate(time.Second)
	assert.Equal(t, withoutFraction, read)
}

func TestEventThatIsNone(t *testing.T) {
	for name, text := range map[string]string{
		"another service's": `{"version":"2.0","rawPath":"/pets"}`,
		"null records":      `{"Records":null}`,
		"records, one":      `{"Records":{"eventID":"1"}}`,
		"an array":          `[]`,
		"a string":          `"Records"`,
		"null":              `null`,
	} {
		var event stream.Event
		assert.Error(t, event.UnmarshalJSON([]byte(text)), name)
	}
	assert.Empty(t, eventOf(t, `{"Records":[]}`).Records)
}

func TestResponse(t *testing.T) {
	for want, response := range map[string]stream.Response{
		`{"batchItemFailures":[]}`:                         {},
		`{"batchItemFailures":[{"itemIdentifier":"123"}]}`: {BatchItemFailures: []stream.Failure{{ItemIdentifier: "123"}}},
	} {
		text, err := json.Marshal(response)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
		text, err = json.Marshal(&response)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}
}

// aws-lambda-go takes Handle and HandleWhole as they are.
func TestLambdaRuntimeTakesHandlers(t *testing.T) {
	db, orders, _ := tables(&dynamodb.Client{})
	router, err := stream.New(db, stream.On(orders, func(_ context.Context, old, new *Order) error {
		assert.Equal(t, "open", old.Status)
		assert.Equal(t, "paid", new.Status)
		return nil
	}))
	require.NoError(t, err)
	answer, err := lambda.NewHandler(router.Handle).Invoke(context.Background(), []byte(paid))
	require.NoError(t, err)
	assert.JSONEq(t, `{"batchItemFailures":[]}`, string(answer))
	_, err = lambda.NewHandler(router.HandleWhole).Invoke(context.Background(), []byte(paid))
	require.NoError(t, err)

	broken := strings.Replace(paid, `{"N": "1200"}`, `{"N": "lots"}`, 1)
	answer, err = lambda.NewHandler(quiet(t, db,
		stream.On(orders, func(context.Context, *Order, *Order) error { return nil })).Handle).
		Invoke(context.Background(), []byte(broken))
	require.NoError(t, err)
	assert.JSONEq(t, `{"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439091"}]}`, string(answer))
	_, err = lambda.NewHandler(router.Handle).Invoke(context.Background(), []byte(`{"Records":1}`))
	assert.Error(t, err)
}

// quiet makes a router that logs nothing.
func quiet(t testing.TB, db *monotable.DB, options ...stream.Option) *stream.Router {
	t.Helper()
	router, err := stream.New(db, append(options, stream.Failed(func(context.Context, *stream.Error) {}))...)
	require.NoError(t, err)
	return router
}

// A record that cannot be read fails by its own sequence number, and its error shows nothing of the item.
func TestRecordsThatAreNone(t *testing.T) {
	db, orders, customers := tables(&dynamodb.Client{})
	router := quiet(t, db, stream.Ignore(orders), stream.Ignore(customers), stream.IgnoreOthers())
	require.NoError(t, router.HandleWhole(context.Background(), eventOf(t, paid)))
	for name, c := range map[string]struct{ old, new, want string }{
		"another source":  {`"aws:dynamodb"`, `"aws:kinesis"`, "event source"},
		"another table":   {`table/shop/`, `table/shopping/`, "not one of table shop"},
		"another kind":    {`"MODIFY"`, `"TRUNCATE"`, "neither INSERT"},
		"no kind":         {`"eventName": "MODIFY",`, ``, "neither INSERT"},
		"insert with old": {`"MODIFY"`, `"INSERT"`, "INSERT has an old image"},
		"remove with new": {`"MODIFY"`, `"REMOVE"`, "REMOVE has a new image"},
		"milliseconds":    {`1795366800`, `1795366800000`, "not in seconds"},
		"a date": {`1795366800`, `"2026-11-22"`,
			"dynamodb.ApproximateCreationDateTime has the wrong type"},
		"size as text":          {`177`, `"177"`, "dynamodb.SizeBytes has the wrong type"},
		"no keys":               {`"Keys"`, `"keyes"`, "lack SK"},
		"half a key":            {`, "SK": {"S": "ORDER#7"}},`, `},`, "lack SK"},
		"a value of two types":  {`{"S": "open"}`, `{"S": "open", "N": "1"}`, "OldImage"},
		"a value without type":  {`{"S": "open"}`, `{}`, "OldImage"},
		"a type of the future":  {`{"S": "open"}`, `{"V": [1, 2]}`, "OldImage"},
		"base64 that is none":   {`{"S": "paid"}`, `{"B": "se=cret"}`, "NewImage"},
		"an image that is none": {`"NewImage": {`, `"NewImage": ["secret"], "no": {`, "NewImage"},
	} {
		text := strings.ReplaceAll(paid, c.old, c.new)
		require.NotEqual(t, paid, text, name)
		event := eventOf(t, text)
		err := router.HandleWhole(context.Background(), event)
		require.ErrorIs(t, err, stream.ErrRecord, name)
		assert.ErrorContains(t, err, c.want, name)
		var failed *stream.Error
		require.ErrorAs(t, err, &failed, name)
		assert.Equal(t, "4421584500000000017450439091", failed.Sequence, name)
		for _, value := range []string{"ann", "ORDER#7", "open", "paid", "1200", "secret", "se=cret", "TRUNCATE",
			"1234567890"} {
			assert.NotContains(t, strings.ReplaceAll(err.Error(), failed.Sequence, ""), value, name)
		}
		response, err := router.Handle(context.Background(), event)
		require.NoError(t, err, name)
		assert.Equal(t, []stream.Failure{{ItemIdentifier: failed.Sequence}}, response.BatchItemFailures, name)
	}
}

// What a record does not say, or says as the zero value of some type, is no reason to fail: aws-lambda-go writes all
// that it has.
func TestRecordsThatDoNotSayAll(t *testing.T) {
	db, orders, _ := tables(&dynamodb.Client{})
	seen := 0
	router := quiet(t, db, stream.On(orders, func(ctx context.Context, old, new *Order) error {
		seen++
		r, ok := stream.RecordOf(ctx)
		require.True(t, ok)
		assert.False(t, r.Expired())
		assert.Equal(t, "paid", new.Status)
		return nil
	}))
	var whole events.DynamoDBEvent
	require.NoError(t, json.Unmarshal([]byte(paid), &whole))
	for name, leaveOut := range map[string]func(*events.DynamoDBEventRecord){
		"nothing": func(*events.DynamoDBEventRecord) {},
		"time": func(r *events.DynamoDBEventRecord) {
			r.Change.ApproximateCreationDateTime = events.SecondsEpochTime{}
		},
		"epoch": func(r *events.DynamoDBEventRecord) { r.Change.ApproximateCreationDateTime.Time = time.Unix(0, 0) },
		"year 1": func(r *events.DynamoDBEventRecord) {
			r.Change.ApproximateCreationDateTime.Time = time.Unix(-62135596800, 0)
		},
		"1969": func(r *events.DynamoDBEventRecord) {
			r.Change.ApproximateCreationDateTime.Time = time.Unix(-1,
				0)
		},
		"size":          func(r *events.DynamoDBEventRecord) { r.Change.SizeBytes = 0 },
		"view":          func(r *events.DynamoDBEventRecord) { r.Change.StreamViewType = "" },
		"id":            func(r *events.DynamoDBEventRecord) { r.EventID = "" },
		"version":       func(r *events.DynamoDBEventRecord) { r.EventVersion = "" },
		"source":        func(r *events.DynamoDBEventRecord) { r.EventSource = "" },
		"stream":        func(r *events.DynamoDBEventRecord) { r.EventSourceArn = "" },
		"region":        func(r *events.DynamoDBEventRecord) { r.AWSRegion = "" },
		"identity":      func(r *events.DynamoDBEventRecord) { r.UserIdentity = nil },
		"identity zero": func(r *events.DynamoDBEventRecord) { r.UserIdentity = &events.DynamoDBUserIdentity{} },
		"all": func(r *events.DynamoDBEventRecord) {
			change := events.DynamoDBStreamRecord{
				Keys: r.Change.Keys, OldImage: r.Change.OldImage, NewImage: r.Change.NewImage,
				SequenceNumber: r.Change.SequenceNumber,
			}
			*r = events.DynamoDBEventRecord{EventName: r.EventName, Change: change}
		},
	} {
		r := whole.Records[0]
		leaveOut(&r)
		text, err := json.Marshal(events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{r}})
		require.NoError(t, err)
		event := eventOf(t, string(text))
		seen = 0
		response, err := router.Handle(context.Background(), event)
		require.NoError(t, err, name)
		assert.Empty(t, response.BatchItemFailures, name)
		assert.Equal(t, 1, seen, name)
		at := r.Change.ApproximateCreationDateTime.Time
		assert.Equal(t, at.Unix() > 0, !event.Records[0].At.IsZero(), "%s: %s", name, event.Records[0].At)

		written, err := json.Marshal(event)
		require.NoError(t, err)
		assert.Equal(t, event, eventOf(t, string(written)), name)
	}
	for _, at := range []*time.Time{nil, {}, aws.Time(time.Unix(0, 0)), aws.Time(time.Unix(-5, 0))} {
		event := stream.FromRecords("", streamtypes.Record{EventSource: aws.String(""),
			Dynamodb: &streamtypes.StreamRecord{ApproximateCreationDateTime: at}})
		assert.True(t, event.Records[0].At.IsZero())
	}
}

// Without a sequence number nothing can be reported, and the batch fails.
func TestRecordWithoutSequenceFailsTheBatch(t *testing.T) {
	db, orders, customers := tables(&dynamodb.Client{})
	router := quiet(t, db, stream.Ignore(orders), stream.Ignore(customers))
	for name, text := range map[string]string{
		"none": strings.Replace(paid, `"SequenceNumber": "4421584500000000017450439091", `, ``, 1),
		"a number": strings.Replace(paid, `"4421584500000000017450439091"`, `4421584500000000017450439091`,
			1),
		"null":                  `{"Records":[null]}`,
		"a number for a record": `{"Records":[7]}`,
		"no change":             `{"Records":[{"eventSource":"aws:dynamodb","eventName":"INSERT"}]}`,
	} {
		_, err := router.Handle(context.Background(), eventOf(t, text))
		require.ErrorIs(t, err, stream.ErrRecord, name)
		assert.ErrorContains(t, err, "without a sequence number", name)
		_, err = json.Marshal(stream.Event{Records: eventOf(t, text).Records})
		if name != "none" {
			assert.ErrorIs(t, err, stream.ErrRecord, name)
		}
	}
}

func TestFromRecords(t *testing.T) {
	event := stream.FromRecords("arn:aws:dynamodb:eu-central-1:123456789012:table/shop/stream/s", streamtypes.Record{
		EventID: aws.String("e1"), EventName: streamtypes.OperationTypeRemove, AwsRegion: aws.String("eu-central-1"),
		EventSource: aws.String("aws:dynamodb"),
		UserIdentity: &streamtypes.Identity{Type: aws.String("Service"),
			PrincipalId: aws.String("dynamodb.amazonaws.com")},
		Dynamodb: &streamtypes.StreamRecord{
			SequenceNumber: aws.String("100000000000000000001"), SizeBytes: aws.Int64(12),
			StreamViewType:              streamtypes.StreamViewTypeOldImage,
			ApproximateCreationDateTime: aws.Time(time.Unix(1795366800, 0)),
			Keys: map[string]streamtypes.AttributeValue{
				"PK": &streamtypes.AttributeValueMemberS{Value: "a"},
			},
			OldImage: map[string]streamtypes.AttributeValue{
				"PK": &streamtypes.AttributeValueMemberS{Value: "a"},
				"list": &streamtypes.AttributeValueMemberL{Value: []streamtypes.AttributeValue{
					&streamtypes.AttributeValueMemberN{Value: "1"}}},
			},
		},
	}, streamtypes.Record{}, streamtypes.Record{Dynamodb: &streamtypes.StreamRecord{
		SequenceNumber: aws.String("100000000000000000002"),
		NewImage: map[string]streamtypes.AttributeValue{"new": &streamtypes.UnknownUnionMember{Tag: "V",
			Value: []byte("secret")}},
	}})
	require.Len(t, event.Records, 3)
	r := event.Records[0]
	assert.True(t, r.Expired())
	assert.Equal(t, "100000000000000000001", r.Sequence)
	assert.Equal(t, types.StreamViewTypeOldImage, r.View)
	n, err := r.Old.Int("list[0]")
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Nil(t, r.New)

	db, _, _ := tables(&dynamodb.Client{})
	router := quiet(t, db, stream.IgnoreOthers())
	for i, want := range []string{"lack SK", "it has no change", "new image: an attribute has a type"} {
		err := router.HandleWhole(context.Background(), stream.Event{Records: event.Records[i : i+1]})
		assert.ErrorIs(t, err, stream.ErrRecord)
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "secret")
	}
}

// Whatever text comes in, it is an error or an event whose records are handled or reported.
func FuzzEvent(f *testing.F) {
	f.Add([]byte(paid))
	f.Add([]byte(everyType(f)))
	f.Add([]byte(`{"Records":[null,7,{"dynamodb":{"SequenceNumber":"1","Keys":{"PK":{"L":[{"M":{}}]}}}}]}`))
	db, orders, customers := tables(&dynamodb.Client{})
	router := quiet(f, db, stream.On(orders, func(context.Context, *Order, *Order) error { return nil }),
		stream.OnNew(customers, func(context.Context, *Customer) error { return nil }), stream.IgnoreOthers())
	side := quiet(f, db, stream.On(orders, func(context.Context, *Order, *Order) error { return nil }),
		stream.OnNew(customers, func(context.Context, *Customer) error { return nil }), stream.IgnoreOthers(),
		stream.Parallel(3))
	f.Fuzz(func(t *testing.T, text []byte) {
		var event stream.Event
		if err := json.Unmarshal(text, &event); err != nil {
			return
		}
		response, err := router.Handle(context.Background(), event)
		parallel, parallelErr := side.Handle(context.Background(), event)
		assert.Equal(t, response, parallel)
		assert.Equal(t, err == nil, parallelErr == nil)
		if err != nil || len(response.BatchItemFailures) > 0 {
			return
		}
		written, err := json.Marshal(event)
		require.NoError(t, err)
		assert.Equal(t, event, eventOf(t, string(written)))
	})
}
