package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// streamed makes an engine with a table whose stream has a view, and gives the stream's ARN.
func streamed(t *testing.T, o Options, view types.StreamViewType) (*Engine, string) {
	t.Helper()
	e := New(o)
	out, err := e.CreateTable(background, &dynamodb.CreateTableInput{
		TableName: aws.String("streamed"), BillingMode: types.BillingModePayPerRequest, KeySchema: keys("p"),
		AttributeDefinitions: strings_("p"),
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: view},
	})
	require.NoError(t, err)
	return e, *out.TableDescription.LatestStreamArn
}

func iteratorOf(t *testing.T, e *Engine, arn string, kind streamtypes.ShardIteratorType, sequence *string) string {
	t.Helper()
	out, err := e.GetShardIterator(background,
		&dynamodbstreams.GetShardIteratorInput{StreamArn: &arn, ShardId: aws.String(shardID), ShardIteratorType: kind,
			SequenceNumber: sequence})
	require.NoError(t, err)
	return *out.ShardIterator
}

func recordsOf(t *testing.T, e *Engine, iterator string) []streamtypes.Record {
	t.Helper()
	out, err := e.GetRecords(background, &dynamodbstreams.GetRecordsInput{ShardIterator: &iterator})
	require.NoError(t, err)
	return out.Records
}

func TestStreamViews(t *testing.T) {
	for view, images := range map[types.StreamViewType][2]bool{
		types.StreamViewTypeKeysOnly:        {false, false},
		types.StreamViewTypeNewImage:        {true, false},
		types.StreamViewTypeOldImage:        {false, true},
		types.StreamViewTypeNewAndOldImages: {true, true},
	} {
		e, arn := streamed(t, Options{}, view)
		send(t, e, "PutItem", `{"TableName":"streamed","Item":{"p":{"S":"a"},"v":{"N":"1"}}}`)
		send(t, e, "PutItem", `{"TableName":"streamed","Item":{"p":{"S":"a"},"v":{"N":"1.0"}}}`) // changes nothing
		send(t, e, "UpdateItem",
			`{"TableName":"streamed","Key":{"p":{"S":"a"}},"UpdateExpression":"SET v = v + :one",
				"ExpressionAttributeValues":{":one":{"N":"1"}}}`)
		send(t, e, "TransactWriteItems",
			`{"TransactItems":[{"Delete":{"TableName":"streamed","Key":{"p":{"S":"a"}}}},
				{"Put":{"TableName":"streamed","Item":{"p":{"S":"b"}}}}]}`)
		send(t, e, "DeleteItem", `{"TableName":"streamed","Key":{"p":{"S":"nothing"}}}`)
		records := recordsOf(t, e, iteratorOf(t, e, arn, streamtypes.ShardIteratorTypeTrimHorizon, nil))
		require.Len(t, records, 4)
		var events []streamtypes.OperationType
		previous := ""
		for _, r := range records {
			assert.Equal(t, time.UTC, r.Dynamodb.ApproximateCreationDateTime.Location())
			events = append(events, r.EventName)
			assert.Greater(t, *r.Dynamodb.SequenceNumber, previous)
			previous = *r.Dynamodb.SequenceNumber
			assert.Len(t, r.Dynamodb.Keys, 1)
		}
		assert.Equal(t, []streamtypes.OperationType{"INSERT", "MODIFY", "REMOVE", "INSERT"}, events)
		update := records[1].Dynamodb
		assert.Equal(t, images[0], update.NewImage != nil, view)
		assert.Equal(t, images[1], update.OldImage != nil, view)
		if images[0] && images[1] {
			assert.Equal(t, &streamtypes.AttributeValueMemberN{Value: "1"}, update.OldImage["v"])
			assert.Equal(t, &streamtypes.AttributeValueMemberN{Value: "2"}, update.NewImage["v"])
			assert.Nil(t, records[2].Dynamodb.NewImage)
		}
	}
}

func TestStreamIterators(t *testing.T) {
	c := newClock()
	e, arn := streamed(t, Options{Clock: c.read}, types.StreamViewTypeKeysOnly)
	latest := iteratorOf(t, e, arn, streamtypes.ShardIteratorTypeLatest, nil)
	for i := range 10 {
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"streamed","Item":{"p":{"S":"%d"}}}`, i))
	}
	all := recordsOf(t, e, iteratorOf(t, e, arn, streamtypes.ShardIteratorTypeTrimHorizon, nil))
	require.Len(t, all, 10)
	assert.Len(t, recordsOf(t, e, latest), 10)
	assert.Empty(t, recordsOf(t, e, iteratorOf(t, e, arn, streamtypes.ShardIteratorTypeLatest, nil)))
	assert.Equal(t, all[3:], recordsOf(t, e, iteratorOf(t, e, arn, streamtypes.ShardIteratorTypeAtSequenceNumber,
		all[3].Dynamodb.SequenceNumber)))
	assert.Equal(t, all[4:], recordsOf(t, e, iteratorOf(t, e, arn, streamtypes.ShardIteratorTypeAfterSequenceNumber,
		all[3].Dynamodb.SequenceNumber)))

	var paged []streamtypes.Record
	in := &dynamodbstreams.GetRecordsInput{ShardIterator: aws.String(iteratorOf(t, e, arn,
		streamtypes.ShardIteratorTypeTrimHorizon, nil)), Limit: aws.Int32(3)}
	for range 5 {
		out, err := e.GetRecords(background, in)
		require.NoError(t, err)
		paged = append(paged, out.Records...)
		in.ShardIterator = out.NextShardIterator
	}
	assert.Equal(t, all, paged)

	c.add(16 * time.Minute)
	_, err := e.GetRecords(background, in)
	asError[*streamtypes.ExpiredIteratorException](t, err)
	c.add(24 * time.Hour)
	_, err = e.GetShardIterator(background, &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &arn, ShardId: aws.String(shardID), ShardIteratorType: streamtypes.ShardIteratorTypeAtSequenceNumber,
		SequenceNumber: all[3].Dynamodb.SequenceNumber,
	})
	asError[*streamtypes.TrimmedDataAccessException](t, err)
	assert.Empty(t, recordsOf(t, e, iteratorOf(t, e, arn, streamtypes.ShardIteratorTypeTrimHorizon, nil)))
}

func TestStreamIsClosed(t *testing.T) {
	e, arn := streamed(t, Options{}, types.StreamViewTypeKeysOnly)
	send(t, e, "PutItem", `{"TableName":"streamed","Item":{"p":{"S":"a"}}}`)
	send(t, e, "UpdateTable", `{"TableName":"streamed","StreamSpecification":{"StreamEnabled":false}}`)
	send(t, e, "PutItem", `{"TableName":"streamed","Item":{"p":{"S":"b"}}}`)
	described, err := e.DescribeStream(background, &dynamodbstreams.DescribeStreamInput{StreamArn: &arn})
	require.NoError(t, err)
	assert.Equal(t, streamtypes.StreamStatusDisabled, described.StreamDescription.StreamStatus)
	require.NotNil(t, described.StreamDescription.Shards[0].SequenceNumberRange.EndingSequenceNumber)
	out, err := e.GetRecords(background, &dynamodbstreams.GetRecordsInput{ShardIterator: aws.String(iteratorOf(t, e,
		arn, streamtypes.ShardIteratorTypeTrimHorizon, nil))})
	require.NoError(t, err)
	assert.Len(t, out.Records, 1)
	assert.Nil(t, out.NextShardIterator)
	listed, err := e.ListStreams(background, &dynamodbstreams.ListStreamsInput{TableName: aws.String("streamed")})
	require.NoError(t, err)
	require.Len(t, listed.Streams, 1)
	send(t, e, "DeleteTable", `{"TableName":"streamed"}`)
	assert.Len(t, recordsOf(t, e, iteratorOf(t, e, arn, streamtypes.ShardIteratorTypeTrimHorizon, nil)), 1,
		"streams outlive their table")
	_, err = e.DescribeStream(background, &dynamodbstreams.DescribeStreamInput{StreamArn: aws.String(arn + "x")})
	asError[*streamtypes.ResourceNotFoundException](t, err)
}

// TestExpiry lets items expire: only numbers count, items stay readable until they are swept, and the stream tells who
// deleted them.
func TestExpiry(t *testing.T) {
	c := newClock()
	e, arn := streamed(t, Options{Clock: c.read}, types.StreamViewTypeNewAndOldImages)
	_, err := e.UpdateTimeToLive(background, ttlInput("streamed", "expires", true))
	require.NoError(t, err)
	now := c.read().Unix()
	for p, expires := range map[string]string{
		"soon":    fmt.Sprintf(`{"N":"%d"}`, now+60),
		"later":   fmt.Sprintf(`{"N":"%d"}`, now+3600),
		"ancient": fmt.Sprintf(`{"N":"%d"}`, now-6*365*24*3600),
		"text":    fmt.Sprintf(`{"S":"%d"}`, now-60),
		"half":    fmt.Sprintf(`{"N":"%d.5"}`, now+59),
	} {
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"streamed","Item":{"p":{"S":"%s"},"expires":%s}}`, p, expires))
	}
	assert.Equal(t, 0, e.Sweep())
	c.add(time.Minute)
	assert.NotEmpty(t, itemOf(t, e, "streamed", `{"p":{"S":"soon"}}`))
	assert.Equal(t, 2, e.Sweep())
	assert.Equal(t, 0, e.Sweep())
	assert.Empty(t, itemOf(t, e, "streamed", `{"p":{"S":"soon"}}`))
	for _, kept := range []string{"later", "ancient", "text"} {
		assert.NotEmpty(t, itemOf(t, e, "streamed", `{"p":{"S":"`+kept+`"}}`), kept)
	}
	records := recordsOf(t, e, iteratorOf(t, e, arn, streamtypes.ShardIteratorTypeTrimHorizon, nil))
	require.Len(t, records, 7)
	removed := records[6]
	assert.Equal(t, streamtypes.OperationTypeRemove, removed.EventName)
	assert.Equal(t, "dynamodb.amazonaws.com", *removed.UserIdentity.PrincipalId)
	assert.Nil(t, records[0].UserIdentity)
}

func ttlInput(table, attribute string, enabled bool) *dynamodb.UpdateTimeToLiveInput {
	return &dynamodb.UpdateTimeToLiveInput{
		TableName:               &table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &enabled},
	}
}

// A shard's id has 28 to 65 characters, wherever a request names one.
func TestShardIDLengths(t *testing.T) {
	e, arn := streamed(t, Options{}, types.StreamViewTypeKeysOnly)
	for id, rule := range map[string]string{
		"":                      "greater than or equal to 28",
		"short":                 "greater than or equal to 28",
		strings.Repeat("x", 27): "greater than or equal to 28",
		strings.Repeat("x", 66): "less than or equal to 65",
	} {
		_, err := e.DescribeStream(background,
			&dynamodbstreams.DescribeStreamInput{StreamArn: &arn, ExclusiveStartShardId: &id})
		assert.Equal(t,
			"1 validation error detected: Value '"+id+"' at 'exclusiveStartShardId' failed to satisfy constraint: "+
				"Member must have length "+rule,
			errorMessage(err))
	}
	for _, id := range []string{strings.Repeat("x", 28), strings.Repeat("x", 65), shardID} {
		out, err := e.DescribeStream(background,
			&dynamodbstreams.DescribeStreamInput{StreamArn: &arn, ExclusiveStartShardId: &id})
		require.NoError(t, err)
		assert.Empty(t, out.StreamDescription.Shards)
	}
}

// A filter asks for a shard's children, of which there are none here (captured from us-east-1, 2026).
func TestChildrenOfShards(t *testing.T) {
	e, arn := streamed(t, Options{}, types.StreamViewTypeKeysOnly)
	const children = streamtypes.ShardFilterTypeChildShards
	for _, id := range []string{shardID, "shardId-00000000000000000002-00000002"} {
		out, err := e.DescribeStream(background, &dynamodbstreams.DescribeStreamInput{StreamArn: &arn,
			ShardFilter: &streamtypes.ShardFilter{Type: children, ShardId: &id}})
		require.NoError(t, err)
		assert.Equal(t, []streamtypes.Shard{}, out.StreamDescription.Shards)
	}
	for name, in := range map[string]*dynamodbstreams.DescribeStreamInput{
		"no type":     {StreamArn: &arn, ShardFilter: &streamtypes.ShardFilter{ShardId: aws.String(shardID)}},
		"another":     {StreamArn: &arn, ShardFilter: &streamtypes.ShardFilter{Type: "X", ShardId: aws.String(shardID)}},
		"no shard":    {StreamArn: &arn, ShardFilter: &streamtypes.ShardFilter{Type: children}},
		"short shard": {StreamArn: &arn, ShardFilter: &streamtypes.ShardFilter{Type: children, ShardId: aws.String("s")}},
		"no ARN":      {StreamArn: aws.String(strings.Repeat("x", 37))},
		"a table's":   {StreamArn: aws.String("arn:aws:dynamodb:us-east-1:000000000000:table/streamed")},
	} {
		_, err := e.DescribeStream(background, in)
		assert.Equal(t, "ValidationException", errorCode(err), name)
	}
}
