package pets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/stream"
)

// follower is the function that follows changes, and its tables.
type follower struct {
	client *dynamotest.Client
	follow func(context.Context, stream.Event) (stream.Response, error)
	names  Names
	log    *bytes.Buffer
}

func newFollower(t *testing.T) follower {
	client := dynamotest.NewClient()
	require.NoError(t, admin.Create(t.Context(), client, Schema("pets"), 0))
	require.NoError(t, admin.Create(t.Context(), client, NamesSchema("names"), 0))
	f := follower{client: client, log: &bytes.Buffer{}}
	var err error
	f.names, err = NewNames(client, "pets", "names")
	require.NoError(t, err)
	f.follow, err = Follow(f.names, slog.New(slog.NewJSONHandler(f.log, nil)))
	require.NoError(t, err)
	return f
}

// put writes an item without the library, as others may.
func (f follower) put(t *testing.T, item string) {
	var parsed monotable.Item
	require.NoError(t, json.Unmarshal([]byte(item), (*monotable.DynamoDBJSON)(&parsed)))
	_, err := f.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: parsed})
	require.NoError(t, err)
}

// changes are all of the table's, as one event.
func (f follower) changes(t *testing.T) stream.Event {
	described, err := f.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("pets")})
	require.NoError(t, err)
	p := stream.Poller{Client: f.client, StreamARN: *described.Table.LatestStreamArn, BatchSize: 1000,
		Handle: func(context.Context, stream.Event) (stream.Response, error) { return stream.Response{}, nil }}
	d, err := p.Next(t.Context())
	require.NoError(t, err)
	return d.Event
}

// who has the name; nil for a name that nobody has had.
func (f follower) who(t *testing.T, name string) []int64 {
	n, err := f.names.names.Get(t.Context(), Name{Name: name})
	if errors.Is(err, monotable.ErrNotFound) {
		return nil
	}
	require.NoError(t, err)
	return append([]int64{}, n.Pets...)
}

func TestNamesFollowPets(t *testing.T) {
	f := newFollower(t)
	f.put(t, `{"id":{"N":"1"},"name":{"S":"Rachel"}}`)
	f.put(t, `{"id":{"N":"2"},"name":{"S":"Rachel"},"age":{"N":"3"}}`)
	f.put(t, `{"id":{"N":"3"},"name":{"S":"Mike"}}`)
	f.put(t, `{"id":{"N":"2"},"name":{"S":"Rachel"},"age":{"N":"4"}}`)
	f.put(t, `{"id":{"N":"1"},"name":{"S":"Monica"}}`)
	_, err := f.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: aws.String("pets"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "3"}}})
	require.NoError(t, err)
	event := f.changes(t)
	require.Len(t, event.Records, 6)
	// Delivered whole, then from each place again, as after a failure: the end is the same.
	for from := range event.Records {
		response, err := f.follow(t.Context(), stream.Event{Records: event.Records[from:]})
		require.NoError(t, err)
		assert.Empty(t, response.BatchItemFailures)
		assert.Equal(t, []int64{2}, f.who(t, "Rachel"))
		assert.Equal(t, []int64{1}, f.who(t, "Monica"))
		assert.Empty(t, f.who(t, "Mike"))
		assert.Nil(t, f.who(t, "Joey"))
	}
}

// A change that cannot be handled is named to Lambda; those before it are done, those behind it are left alone.
func TestAChangeThatFails(t *testing.T) {
	f := newFollower(t)
	f.put(t, `{"id":{"N":"1"},"name":{"S":"Rachel"}}`)
	f.put(t, `{"id":{"N":"2"},"name":{"M":{"first":{"S":"Regina"}}}}`)
	f.put(t, `{"id":{"N":"3"},"name":{"S":"Mike"}}`)
	event := f.changes(t)
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "the-request"})
	response, err := f.follow(ctx, event)
	require.NoError(t, err)
	assert.Equal(t, []stream.Failure{{ItemIdentifier: event.Records[1].Sequence}}, response.BatchItemFailures)
	assert.Equal(t, []int64{1}, f.who(t, "Rachel"))
	assert.Nil(t, f.who(t, "Mike"))

	lines := strings.Split(strings.TrimSpace(f.log.String()), "\n")
	require.Len(t, lines, 2)
	var change, batch map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &change))
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &batch))
	assert.Equal(t, []any{"ERROR", "change", "the-request", event.Records[1].Sequence},
		[]any{change["level"], change["msg"], change["request_id"], change["sequence"]})
	assert.Contains(t, change["error"], "name")
	assert.Equal(t, []any{"INFO", "batch", "the-request", 3.0, true},
		[]any{batch["level"], batch["msg"], batch["request_id"], batch["changes"], batch["failed"]})
	for _, value := range []string{"Rachel", "Regina", "Mike"} {
		assert.NotContains(t, f.log.String(), value)
	}
}

// A name that no key can be, or a table that is not there, fails the change too.
func TestNamesThatCannotBeKept(t *testing.T) {
	f := newFollower(t)
	f.put(t, `{"id":{"N":"1"},"name":{"S":"`+strings.Repeat("x", 2049)+`"}}`)
	f.put(t, `{"id":{"N":"2"}}`)
	for i, record := range f.changes(t).Records {
		response, err := f.follow(t.Context(), stream.Event{Records: []stream.Record{record}})
		require.NoError(t, err)
		assert.Len(t, response.BatchItemFailures, 1, i)
	}
	assert.NotContains(t, f.log.String(), "xxxx")
	require.NoError(t, admin.Delete(t.Context(), f.client, NamesSchema("names"), 0))
	assert.Error(t, f.names.Change(t.Context(), nil, &Pet{ID: 1, Name: "Rachel"}))
	assert.Error(t, f.names.Change(t.Context(), &Pet{ID: 1, Name: "Rachel"}, nil))
}

// Where time runs out, what was done is done and the rest is named.
func TestTheRestOfABatchIsNamedBeforeTheDeadline(t *testing.T) {
	f := newFollower(t)
	f.put(t, `{"id":{"N":"1"},"name":{"S":"Rachel"}}`)
	event := f.changes(t)
	ctx, cancel := context.WithTimeout(t.Context(), answerMargin/2)
	defer cancel()
	began := time.Now()
	response, err := f.follow(ctx, event)
	require.NoError(t, err)
	assert.Less(t, time.Since(began), answerMargin)
	assert.Equal(t, []stream.Failure{{ItemIdentifier: event.Records[0].Sequence}}, response.BatchItemFailures)
}
