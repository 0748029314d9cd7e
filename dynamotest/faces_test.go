package dynamotest_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/internal/script"
)

// faces is one history on two clients, each with a DynamoDB of its own: ours in the process, and the SDK's of a server.
// Every answer of the one is held against the other's.
type faces struct {
	t       *testing.T
	fake    *dynamotest.Client
	sdk     *dynamodb.Client
	streams *dynamodbstreams.Client
	ids     map[string]string // of the server's tables to those of the client in the process
}

func newFaces(t *testing.T) *faces {
	t.Helper()
	now := time.Date(2026, 11, 22, 12, 0, 0, 123456789, time.FixedZone("east", 3600))
	clock := dynamotest.WithClock(func() time.Time { return now })
	server, err := dynamotest.NewServer(dynamotest.NewClient(clock))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	return &faces{t: t, fake: dynamotest.NewClient(clock), ids: map[string]string{},
		sdk: dynamodb.NewFromConfig(server.Config(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }),
		streams: dynamodbstreams.NewFromConfig(server.Config(), func(o *dynamodbstreams.Options) {
			o.Retryer = aws.NopRetryer{}
		})}
}

// ephemeral is what differs between two errors that are the same.
var ephemeral = regexp.MustCompile(`RequestID: \w{52}|https?://[\w.:]+| 127[\d.]+:\d+->127[\d.]+:\d+|` +
	`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// both makes a call on either client and compares what comes back. A panic of the SDK's is a refusal that has no words.
func both[In, Out any](f *faces, in *In, fake, sdk func(context.Context, *In) (*Out, error)) (*Out, error) {
	f.t.Helper()
	want, wanted, panicked := sent(sdk, in)
	got, err := fake(context.Background(), in)
	name := reflect.TypeFor[In]().Name()
	if panicked {
		assert.Error(f.t, err, "%s: the SDK would panic", name)
		return got, err
	}
	if (err == nil) != (wanted == nil) {
		assert.Fail(f.t, name+": one refuses", "%.300s\nin process: %v\nover HTTP:  %v", shown(reflect.ValueOf(in)),
			err, wanted)
		return got, err
	}
	if err != nil {
		assert.Equal(f.t, kindsOf(wanted), kindsOf(err), "%s %.300s", name, shown(reflect.ValueOf(in)))
		assert.ElementsMatch(f.t, lines(wanted), lines(err), name)
		alike(f.t, serviceError(wanted), serviceError(err), "%s: members of the error", name)
		return got, err
	}
	alike(f.t, f.plain(want), f.plain(got), "%s %.300s", name, shown(reflect.ValueOf(in)))
	return got, err
}

func sent[In, Out any](call func(context.Context, *In) (*Out, error), in *In) (out *Out, err error, panicked bool) {
	defer func() {
		if recover() != nil {
			panicked = true
		}
	}()
	out, err = call(context.Background(), in)
	return out, err, false
}

// lines are those of an error's text: what the SDK misses in a request comes in any order.
func lines(err error) []string {
	return strings.Split(ephemeral.ReplaceAllString(err.Error(), ""), "\n")
}

// alike shows where two long texts begin to differ.
func alike(t *testing.T, want, got, message string, args ...any) {
	t.Helper()
	at := 0
	for at < min(len(want), len(got)) && want[at] == got[at] {
		at++
	}
	if want != got {
		from := max(0, at-60)
		assert.Fail(t, fmt.Sprintf(message, args...), "in process: …%.200q\nover HTTP:  …%.200q", got[from:],
			want[from:])
	}
}

func serviceError(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return shown(reflect.ValueOf(api))
	}
	return ""
}

// plain is an answer without its metadata, as text that tells nil from empty and shows what pointers lead to, with the
// ids of tables left out.
func (f *faces) plain(out any) string {
	v := reflect.ValueOf(out).Elem()
	if m := v.FieldByName("ResultMetadata"); m.IsValid() {
		m.SetZero()
	}
	return ephemeral.ReplaceAllString(shown(v), "")
}

func shown(v reflect.Value) string {
	if t, ok := v.Interface().(time.Time); ok {
		return fmt.Sprintf("%#v", t)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return v.Elem().Type().Name() + "&" + shown(v.Elem())
	case reflect.Struct:
		text := "{"
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() {
				text += f.Name + ":" + shown(v.Field(i)) + " "
			}
		}
		return text + "}"
	case reflect.Slice:
		if v.IsNil() {
			return "nil"
		}
		text := "["
		for i := range v.Len() {
			text += shown(v.Index(i)) + " "
		}
		return text + "]"
	case reflect.Map:
		if v.IsNil() {
			return "nil"
		}
		members := map[string]string{}
		for each := v.MapRange(); each.Next(); {
			members[each.Key().String()] = shown(each.Value())
		}
		return fmt.Sprintf("%q", members)
	}
	return fmt.Sprintf("%#v", v.Interface())
}

// The shared script has the same answers on either client, to the last nil.
func TestTheScriptOnBothFaces(t *testing.T) {
	script.Run(t, script.Service, func(t *testing.T) script.Target { return newFaces(t) })
}

func (f *faces) BatchGetItem(
	_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	return both(f, in, without(f.fake.BatchGetItem), without(f.sdk.BatchGetItem))
}

func (f *faces) BatchWriteItem(
	_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchWriteItemOutput, error) {
	return both(f, in, without(f.fake.BatchWriteItem), without(f.sdk.BatchWriteItem))
}

func (f *faces) CreateTable(
	_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.CreateTableOutput, error) {
	return both(f, in, without(f.fake.CreateTable), without(f.sdk.CreateTable))
}

func (f *faces) DeleteItem(
	_ context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	return both(f, in, without(f.fake.DeleteItem), without(f.sdk.DeleteItem))
}

func (f *faces) DeleteTable(
	_ context.Context, in *dynamodb.DeleteTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DeleteTableOutput, error) {
	return both(f, in, without(f.fake.DeleteTable), without(f.sdk.DeleteTable))
}

func (f *faces) DescribeContinuousBackups(
	_ context.Context, in *dynamodb.DescribeContinuousBackupsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	return both(f, in, without(f.fake.DescribeContinuousBackups), without(f.sdk.DescribeContinuousBackups))
}

func (f *faces) DescribeEndpoints(
	_ context.Context, in *dynamodb.DescribeEndpointsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeEndpointsOutput, error) {
	return both(f, in, without(f.fake.DescribeEndpoints),
		func(ctx context.Context, in *dynamodb.DescribeEndpointsInput) (*dynamodb.DescribeEndpointsOutput, error) {
			out, err := f.sdk.DescribeEndpoints(ctx, in)
			if err == nil { // a server names itself
				out.Endpoints[0].Address = aws.String("dynamodb.us-east-1.amazonaws.com")
			}
			return out, err
		})
}

func (f *faces) DescribeLimits(
	_ context.Context, in *dynamodb.DescribeLimitsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeLimitsOutput, error) {
	return both(f, in, without(f.fake.DescribeLimits), without(f.sdk.DescribeLimits))
}

func (f *faces) DescribeTable(
	_ context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	return both(f, in, without(f.fake.DescribeTable), without(f.sdk.DescribeTable))
}

func (f *faces) DescribeTimeToLive(
	_ context.Context, in *dynamodb.DescribeTimeToLiveInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return both(f, in, without(f.fake.DescribeTimeToLive), without(f.sdk.DescribeTimeToLive))
}

func (f *faces) GetItem(
	_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return both(f, in, without(f.fake.GetItem), without(f.sdk.GetItem))
}

func (f *faces) ListTables(
	_ context.Context, in *dynamodb.ListTablesInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ListTablesOutput, error) {
	return both(f, in, without(f.fake.ListTables), without(f.sdk.ListTables))
}

func (f *faces) ListTagsOfResource(
	_ context.Context, in *dynamodb.ListTagsOfResourceInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ListTagsOfResourceOutput, error) {
	return both(f, in, without(f.fake.ListTagsOfResource), without(f.sdk.ListTagsOfResource))
}

func (f *faces) PutItem(
	_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	return both(f, in, without(f.fake.PutItem), without(f.sdk.PutItem))
}

func (f *faces) Query(
	_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	return both(f, in, without(f.fake.Query), without(f.sdk.Query))
}

func (f *faces) Scan(
	_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	return both(f, in, without(f.fake.Scan), without(f.sdk.Scan))
}

func (f *faces) TagResource(
	_ context.Context, in *dynamodb.TagResourceInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TagResourceOutput, error) {
	return both(f, in, without(f.fake.TagResource), without(f.sdk.TagResource))
}

func (f *faces) TransactGetItems(
	_ context.Context, in *dynamodb.TransactGetItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactGetItemsOutput, error) {
	return both(f, in, without(f.fake.TransactGetItems), without(f.sdk.TransactGetItems))
}

func (f *faces) TransactWriteItems(
	_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	return both(f, in, without(f.fake.TransactWriteItems), without(f.sdk.TransactWriteItems))
}

func (f *faces) BatchExecuteStatement(
	_ context.Context, in *dynamodb.BatchExecuteStatementInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchExecuteStatementOutput, error) {
	return both(f, in, without(f.fake.BatchExecuteStatement), without(f.sdk.BatchExecuteStatement))
}

func (f *faces) ExecuteStatement(
	_ context.Context, in *dynamodb.ExecuteStatementInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ExecuteStatementOutput, error) {
	return both(f, in, without(f.fake.ExecuteStatement), without(f.sdk.ExecuteStatement))
}

func (f *faces) ExecuteTransaction(
	_ context.Context, in *dynamodb.ExecuteTransactionInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ExecuteTransactionOutput, error) {
	return both(f, in, without(f.fake.ExecuteTransaction), without(f.sdk.ExecuteTransaction))
}

func (f *faces) UntagResource(
	_ context.Context, in *dynamodb.UntagResourceInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UntagResourceOutput, error) {
	return both(f, in, without(f.fake.UntagResource), without(f.sdk.UntagResource))
}

func (f *faces) UpdateContinuousBackups(
	_ context.Context, in *dynamodb.UpdateContinuousBackupsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	return both(f, in, without(f.fake.UpdateContinuousBackups), without(f.sdk.UpdateContinuousBackups))
}

func (f *faces) UpdateItem(
	_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	return both(f, in, without(f.fake.UpdateItem), without(f.sdk.UpdateItem))
}

func (f *faces) UpdateTable(
	_ context.Context, in *dynamodb.UpdateTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateTableOutput, error) {
	return both(f, in, without(f.fake.UpdateTable), without(f.sdk.UpdateTable))
}

func (f *faces) UpdateTimeToLive(
	_ context.Context, in *dynamodb.UpdateTimeToLiveInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateTimeToLiveOutput, error) {
	return both(f, in, without(f.fake.UpdateTimeToLive), without(f.sdk.UpdateTimeToLive))
}

func (f *faces) DescribeStream(
	_ context.Context, in *dynamodbstreams.DescribeStreamInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.DescribeStreamOutput, error) {
	return both(f, in, without(f.fake.DescribeStream), without(f.streams.DescribeStream))
}

func (f *faces) GetRecords(
	_ context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.GetRecordsOutput, error) {
	return both(f, in, without(f.fake.GetRecords), without(f.streams.GetRecords))
}

func (f *faces) GetShardIterator(
	_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.GetShardIteratorOutput, error) {
	return both(f, in, without(f.fake.GetShardIterator), without(f.streams.GetShardIterator))
}

func (f *faces) ListStreams(
	_ context.Context, in *dynamodbstreams.ListStreamsInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.ListStreamsOutput, error) {
	return both(f, in, without(f.fake.ListStreams), without(f.streams.ListStreams))
}

// without is a client's method that is called without options.
func without[In, Out, Option any](
	call func(context.Context, *In, ...Option) (*Out, error),
) func(context.Context, *In) (*Out, error) {
	return func(ctx context.Context, in *In) (*Out, error) { return call(ctx, in) }
}

// However deep a value is, both faces refuse it alike.
func TestDeepValuesOnBothFaces(t *testing.T) {
	f := newFaces(t)
	for _, levels := range []int{31, 32, 33, 64, 65, 66, 200} {
		var deep types.AttributeValue = &types.AttributeValueMemberS{Value: "x"}
		for range levels {
			deep = &types.AttributeValueMemberL{Value: []types.AttributeValue{deep}}
		}
		item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "1"}, "deep": deep}
		values := map[string]types.AttributeValue{":deep": deep}
		_, _ = f.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: item})
		_, _ = f.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String("pets"),
			Key: map[string]types.AttributeValue{"id": item["id"]}, UpdateExpression: aws.String("SET a = :deep"),
			ExpressionAttributeValues: values})
		_, _ = f.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("pets"),
			FilterExpression: aws.String("a = :deep"), ExpressionAttributeValues: values})
		_, _ = f.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
			"pets": {{PutRequest: &types.PutRequest{Item: item}}}}})
	}
}
