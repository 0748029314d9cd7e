package dynamotest

import (
	"context"

	"github.com/monotable/monotable/internal/engine"
	"github.com/monotable/monotable/internal/wire"
)

// operation carries out one operation of the service: it reads the request, asks allow, and appends the answer to dst.
type operation func(ctx context.Context, e *engine.Engine, request []byte, allow func(in any) error, dst []byte) ([]byte, error)

// serve makes an operation of an engine's method.
func serve[In, Out any](run engineMethod[In, Out]) operation {
	return serveWith(run, func(dst []byte, out *Out) []byte { return wire.AppendOutput(dst, out) })
}

// serveWith makes an operation of an engine's method and of how its answer is written.
func serveWith[In, Out any](run engineMethod[In, Out], write func([]byte, *Out) []byte) operation {
	return func(ctx context.Context, e *engine.Engine, request []byte, allow func(any) error, dst []byte) ([]byte, error) {
		in := new(In)
		if err := wire.UnmarshalInput(request, in); err != nil {
			return nil, err
		}
		if err := allow(in); err != nil {
			return nil, err
		}
		out, err := run(e, ctx, in)
		if err != nil {
			return nil, err
		}
		return write(dst, out), nil
	}
}

// The targets of the two services, which stand before the operation's name in X-Amz-Target.
const (
	tablesTarget  = "DynamoDB_20120810."
	streamsTarget = "DynamoDBStreams_20120810."
)

// operations holds what is served, by target.
var operations = map[string]operation{
	tablesTarget + "BatchGetItem":              serve((*engine.Engine).BatchGetItem),
	tablesTarget + "BatchWriteItem":            serve((*engine.Engine).BatchWriteItem),
	tablesTarget + "CreateTable":               serve((*engine.Engine).CreateTable),
	tablesTarget + "DeleteItem":                serve((*engine.Engine).DeleteItem),
	tablesTarget + "DeleteTable":               serve((*engine.Engine).DeleteTable),
	tablesTarget + "DescribeContinuousBackups": serve((*engine.Engine).DescribeContinuousBackups),
	tablesTarget + "DescribeEndpoints":         serve((*engine.Engine).DescribeEndpoints),
	tablesTarget + "DescribeLimits":            serve((*engine.Engine).DescribeLimits),
	tablesTarget + "DescribeTable":             serve((*engine.Engine).DescribeTable),
	tablesTarget + "DescribeTimeToLive":        serve((*engine.Engine).DescribeTimeToLive),
	tablesTarget + "GetItem":                   serve((*engine.Engine).GetItem),
	tablesTarget + "ListTables":                serve((*engine.Engine).ListTables),
	tablesTarget + "ListTagsOfResource":        serve((*engine.Engine).ListTagsOfResource),
	tablesTarget + "PutItem":                   serve((*engine.Engine).PutItem),
	tablesTarget + "Query":                     serve((*engine.Engine).Query),
	tablesTarget + "Scan":                      serve((*engine.Engine).Scan),
	tablesTarget + "TagResource":               serve((*engine.Engine).TagResource),
	tablesTarget + "TransactGetItems":          serve((*engine.Engine).TransactGetItems),
	tablesTarget + "TransactWriteItems":        serve((*engine.Engine).TransactWriteItems),
	tablesTarget + "UntagResource":             serve((*engine.Engine).UntagResource),
	tablesTarget + "UpdateContinuousBackups":   serve((*engine.Engine).UpdateContinuousBackups),
	tablesTarget + "UpdateItem":                serve((*engine.Engine).UpdateItem),
	tablesTarget + "UpdateTable":               serve((*engine.Engine).UpdateTable),
	tablesTarget + "UpdateTimeToLive":          serve((*engine.Engine).UpdateTimeToLive),
	streamsTarget + "DescribeStream":           serve((*engine.Engine).DescribeStream),
	streamsTarget + "GetRecords":               serve((*engine.Engine).GetRecords),
	streamsTarget + "GetShardIterator":         serve((*engine.Engine).GetShardIterator),
	streamsTarget + "ListStreams":              serve((*engine.Engine).ListStreams),
}
