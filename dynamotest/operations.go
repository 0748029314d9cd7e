package dynamotest

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/wire"
)

// operation carries out one operation of the service, under its name: it reads the request, asks allow, and appends the
// answer to dst.
type operation func(ctx context.Context, c *Client, name string, request []byte, allow func(in any) error,
	dst []byte) ([]byte, error)

// serve makes an operation of an engine's method.
func serve[In, Out any](run engineMethod[In, Out]) operation {
	return operationOf(func(ctx context.Context, e *engine.Engine, in *In, dst []byte) ([]byte, error) {
		out, err := run(e, ctx, in)
		if err != nil {
			return nil, err
		}
		return wire.AppendOutput(dst, out), nil
	})
}

// serveSilently makes an operation whose answer has no body at all.
func serveSilently[In, Out any](run engineMethod[In, Out]) operation {
	return operationOf(func(ctx context.Context, e *engine.Engine, in *In, dst []byte) ([]byte, error) {
		_, err := run(e, ctx, in)
		return dst, err
	})
}

// servePacked makes an operation of an engine's method that hands its items over packed; write appends them to the
// answer.
func servePacked[In, Out, Items any](
	run func(*engine.Engine, context.Context, *In) (*Out, Items, error), write func([]byte, *In, Items) []byte,
) operation {
	return operationOf(func(ctx context.Context, e *engine.Engine, in *In, dst []byte) ([]byte, error) {
		out, items, err := run(e, ctx, in)
		if err != nil {
			return nil, err
		}
		dst = wire.AppendOutput(dst, out)
		return append(write(dst[:len(dst)-1], in, items), '}'), nil
	})
}

// operationOf makes an operation that reads its request, asks allow, and carries it out with perform.
func operationOf[In any](perform func(context.Context, *engine.Engine, *In, []byte) ([]byte, error)) operation {
	return func(ctx context.Context, c *Client, name string, request []byte, allow func(any) error,
		dst []byte) ([]byte, error) {
		in := new(In)
		if err := wire.UnmarshalInput(request, in); err != nil {
			return nil, err
		}
		ctx, err := withRefused(ctx, allow(in))
		if err != nil {
			return nil, err
		}
		ctx, attempt, err := c.begin(ctx, name, in)
		if err != nil {
			return nil, attempt.end(ctx, err)
		}
		var answer []byte
		if err = engine.CheckFields(in); err == nil {
			answer, err = perform(ctx, c.engine, in, dst)
		}
		err = attempt.end(ctx, err)
		if cut := (*cutAnswer)(nil); errors.As(err, &cut) {
			cut.body = answer
			if cut.answered != nil {
				cut.body = wire.AppendError(nil, wire.APIErrorOf(cut.answered))
			}
		}
		if err != nil {
			return nil, err
		}
		return answer, nil
	}
}

// appendKey appends the name of one more member to an object that is not closed yet.
func appendKey(dst []byte, name string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return append(wire.AppendString(dst, name), ':')
}

func appendItem(dst []byte, _ *dynamodb.GetItemInput, item packed.Item) []byte {
	if item == "" {
		return dst
	}
	return item.AppendJSON(appendKey(dst, "Item"))
}

func appendQueried(dst []byte, in *dynamodb.QueryInput, items []packed.Item) []byte {
	return appendPage(dst, in.Select, items)
}

func appendScanned(dst []byte, in *dynamodb.ScanInput, items []packed.Item) []byte {
	return appendPage(dst, in.Select, items)
}

func appendPage(dst []byte, choice types.Select, items []packed.Item) []byte {
	if choice == types.SelectCount {
		return dst
	}
	return appendList(appendKey(dst, "Items"), items)
}

func appendFound(dst []byte, _ *dynamodb.BatchGetItemInput, tables map[string][]packed.Item) []byte {
	dst = append(appendKey(dst, "Responses"), '{')
	for table, items := range tables {
		dst = appendList(appendKey(dst, table), items)
	}
	return append(dst, '}')
}

func appendList(dst []byte, items []packed.Item) []byte {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item.AppendJSON(dst)
	}
	return append(dst, ']')
}

// operations holds what is served, by target.
var operations = map[string]operation{
	tablesTarget + "BatchExecuteStatement":     serve((*engine.Engine).BatchExecuteStatement),
	tablesTarget + "BatchGetItem":              servePacked((*engine.Engine).BatchGetPacked, appendFound),
	tablesTarget + "BatchWriteItem":            serve((*engine.Engine).BatchWriteItem),
	tablesTarget + "CreateTable":               serve((*engine.Engine).CreateTable),
	tablesTarget + "DeleteItem":                serve((*engine.Engine).DeleteItem),
	tablesTarget + "DeleteTable":               serve((*engine.Engine).DeleteTable),
	tablesTarget + "DescribeContinuousBackups": serve((*engine.Engine).DescribeContinuousBackups),
	tablesTarget + "DescribeEndpoints":         serve((*engine.Engine).DescribeEndpoints),
	tablesTarget + "DescribeLimits":            serve((*engine.Engine).DescribeLimits),
	tablesTarget + "DescribeTable":             serve((*engine.Engine).DescribeTable),
	tablesTarget + "DescribeTimeToLive":        serve((*engine.Engine).DescribeTimeToLive),
	tablesTarget + "ExecuteStatement":          serve((*engine.Engine).ExecuteStatement),
	tablesTarget + "ExecuteTransaction":        serve((*engine.Engine).ExecuteTransaction),
	tablesTarget + "GetItem":                   servePacked((*engine.Engine).GetPacked, appendItem),
	tablesTarget + "ListTables":                serve((*engine.Engine).ListTables),
	tablesTarget + "ListTagsOfResource":        serve((*engine.Engine).ListTagsOfResource),
	tablesTarget + "PutItem":                   serve((*engine.Engine).PutItem),
	tablesTarget + "Query":                     servePacked((*engine.Engine).QueryPacked, appendQueried),
	tablesTarget + "Scan":                      servePacked((*engine.Engine).ScanPacked, appendScanned),
	tablesTarget + "TagResource":               serveSilently((*engine.Engine).TagResource),
	tablesTarget + "TransactGetItems":          serve((*engine.Engine).TransactGetItems),
	tablesTarget + "TransactWriteItems":        serve((*engine.Engine).TransactWriteItems),
	tablesTarget + "UntagResource":             serveSilently((*engine.Engine).UntagResource),
	tablesTarget + "UpdateContinuousBackups":   serve((*engine.Engine).UpdateContinuousBackups),
	tablesTarget + "UpdateItem":                serve((*engine.Engine).UpdateItem),
	tablesTarget + "UpdateTable":               serve((*engine.Engine).UpdateTable),
	tablesTarget + "UpdateTimeToLive":          serve((*engine.Engine).UpdateTimeToLive),
	streamsTarget + "DescribeStream":           serve((*engine.Engine).DescribeStream),
	streamsTarget + "GetRecords":               serve((*engine.Engine).GetRecords),
	streamsTarget + "GetShardIterator":         serve((*engine.Engine).GetShardIterator),
	streamsTarget + "ListStreams":              serve((*engine.Engine).ListStreams),
}
