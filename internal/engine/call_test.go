package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/wire"
)

// answer is what tests look at in the answers of all operations.
type answer struct {
	body     []byte // as it goes over the wire
	consumed []types.ConsumedCapacity
	count    int
	scanned  int
	last     map[string]types.AttributeValue
}

// call sends a request in DynamoDB JSON to the engine.
func call(e *Engine, operation string, body []byte) (answer, error) {
	switch operation {
	case "PutItem":
		return do(e.PutItem, body, func(out *dynamodb.PutItemOutput) answer { return single(out.ConsumedCapacity) })
	case "GetItem":
		return do(e.GetItem, body, func(out *dynamodb.GetItemOutput) answer { return single(out.ConsumedCapacity) })
	case "UpdateItem":
		return do(e.UpdateItem, body, func(out *dynamodb.UpdateItemOutput) answer {
			return single(out.ConsumedCapacity)
		})
	case "DeleteItem":
		return do(e.DeleteItem, body, func(out *dynamodb.DeleteItemOutput) answer {
			return single(out.ConsumedCapacity)
		})
	case "Query":
		return do(e.Query, body, func(out *dynamodb.QueryOutput) answer {
			a := single(out.ConsumedCapacity)
			a.count, a.scanned, a.last = int(out.Count), int(out.ScannedCount), out.LastEvaluatedKey
			return a
		})
	case "Scan":
		return do(e.Scan, body, func(out *dynamodb.ScanOutput) answer {
			a := single(out.ConsumedCapacity)
			a.count, a.scanned, a.last = int(out.Count), int(out.ScannedCount), out.LastEvaluatedKey
			return a
		})
	case "BatchGetItem":
		return do(e.BatchGetItem, body, func(out *dynamodb.BatchGetItemOutput) answer {
			return answer{consumed: out.ConsumedCapacity}
		})
	case "BatchWriteItem":
		return do(e.BatchWriteItem, body, func(out *dynamodb.BatchWriteItemOutput) answer {
			return answer{consumed: out.ConsumedCapacity}
		})
	case "TransactGetItems":
		return do(e.TransactGetItems, body, func(out *dynamodb.TransactGetItemsOutput) answer {
			return answer{consumed: out.ConsumedCapacity}
		})
	case "TransactWriteItems":
		return do(e.TransactWriteItems, body,
			func(out *dynamodb.TransactWriteItemsOutput) answer { return answer{consumed: out.ConsumedCapacity} })
	case "CreateTable":
		return do(e.CreateTable, body, func(*dynamodb.CreateTableOutput) answer { return answer{} })
	case "UpdateTable":
		return do(e.UpdateTable, body, func(*dynamodb.UpdateTableOutput) answer { return answer{} })
	case "DeleteTable":
		return do(e.DeleteTable, body, func(*dynamodb.DeleteTableOutput) answer { return answer{} })
	case "DescribeTable":
		return do(e.DescribeTable, body, func(*dynamodb.DescribeTableOutput) answer { return answer{} })
	case "UpdateTimeToLive":
		return do(e.UpdateTimeToLive, body, func(*dynamodb.UpdateTimeToLiveOutput) answer { return answer{} })
	case "DescribeTimeToLive":
		return do(e.DescribeTimeToLive, body, func(*dynamodb.DescribeTimeToLiveOutput) answer { return answer{} })
	case "UpdateContinuousBackups":
		return do(e.UpdateContinuousBackups, body,
			func(*dynamodb.UpdateContinuousBackupsOutput) answer { return answer{} })
	case "DescribeContinuousBackups":
		return do(e.DescribeContinuousBackups, body,
			func(*dynamodb.DescribeContinuousBackupsOutput) answer { return answer{} })
	case "TagResource":
		return do(e.TagResource, body, func(*dynamodb.TagResourceOutput) answer { return answer{} })
	case "ExecuteStatement":
		return do(e.ExecuteStatement, body,
			func(out *dynamodb.ExecuteStatementOutput) answer { return single(out.ConsumedCapacity) })
	case "BatchExecuteStatement":
		return do(e.BatchExecuteStatement, body,
			func(out *dynamodb.BatchExecuteStatementOutput) answer { return answer{consumed: out.ConsumedCapacity} })
	case "ExecuteTransaction":
		return do(e.ExecuteTransaction, body,
			func(out *dynamodb.ExecuteTransactionOutput) answer { return answer{consumed: out.ConsumedCapacity} })
	case "ListTagsOfResource":
		return do(e.ListTagsOfResource, body, func(*dynamodb.ListTagsOfResourceOutput) answer { return answer{} })
	}
	return answer{}, fmt.Errorf("the test does not know %s", operation)
}

func do[In, Out any](operation func(context.Context, *In) (*Out, error), body []byte,
	read func(*Out) answer) (answer, error) {
	in := new(In)
	if err := wire.UnmarshalInput(body, in); err != nil {
		return answer{}, err
	}
	out, err := operation(context.Background(), in)
	if err != nil {
		return answer{}, err
	}
	a := read(out)
	a.body = wire.AppendOutput(nil, out)
	return a, nil
}

func single(consumed *types.ConsumedCapacity) answer {
	if consumed == nil {
		return answer{}
	}
	return answer{consumed: []types.ConsumedCapacity{*consumed}}
}

// errorCode gives the name of the service's exception.
func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// errorMessage gives the service's message.
func errorMessage(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}
