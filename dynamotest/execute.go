package dynamotest

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	smithyrand "github.com/aws/smithy-go/rand"

	"github.com/monotable/monotable/internal/engine"
	"github.com/monotable/monotable/internal/partiql"
)

// ExecuteStatement is the SDK's method of that name.
func (c *Client) ExecuteStatement(
	ctx context.Context, in *dynamodb.ExecuteStatementInput, options ...func(*dynamodb.Options),
) (*dynamodb.ExecuteStatementOutput, error) {
	return invoke(ctx, c, "ExecuteStatement", in, options, (*engine.Engine).ExecuteStatement,
		(*dynamodb.Client).ExecuteStatement,
		func(out *dynamodb.ExecuteStatementOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// BatchExecuteStatement is the SDK's method of that name.
func (c *Client) BatchExecuteStatement(
	ctx context.Context, in *dynamodb.BatchExecuteStatementInput, options ...func(*dynamodb.Options),
) (*dynamodb.BatchExecuteStatementOutput, error) {
	return invoke(ctx, c, "BatchExecuteStatement", in, options, (*engine.Engine).BatchExecuteStatement,
		(*dynamodb.Client).BatchExecuteStatement,
		func(out *dynamodb.BatchExecuteStatementOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// ExecuteTransaction is the SDK's method of that name. Like the SDK's it writes a ClientRequestToken into an input that
// has none, so that the same input once more is a replay of the same transaction.
func (c *Client) ExecuteTransaction(
	ctx context.Context, in *dynamodb.ExecuteTransactionInput, options ...func(*dynamodb.Options),
) (*dynamodb.ExecuteTransactionOutput, error) {
	if in != nil && in.ClientRequestToken == nil {
		token, err := smithyrand.NewUUIDIdempotencyToken(rand.Reader).GetIdempotencyToken()
		if err != nil {
			return nil, asOperationError(dynamodb.ServiceID, "ExecuteTransaction", err)
		}
		in.ClientRequestToken = &token
	}
	return invoke(ctx, c, "ExecuteTransaction", in, options, (*engine.Engine).ExecuteTransaction,
		(*dynamodb.Client).ExecuteTransaction,
		func(out *dynamodb.ExecuteTransactionOutput) *middleware.Metadata { return &out.ResultMetadata })
}

// callsOf lists what an authorizer is asked about for a request: all of it, or each of its statements.
func (c *Client) callsOf(key, operation string, in any) []Call {
	statements := statementsOf(in)
	if statements == nil {
		call := Call{AccessKeyID: key, Operation: operation, Action: "dynamodb:" + operation}
		c.resources(&call, in)
		return []Call{call}
	}
	calls := make([]Call, len(statements))
	for i, s := range statements {
		if s.Statement == nil {
			continue
		}
		calls[i] = Call{AccessKeyID: key, Operation: operation, Action: s.Action(),
			FullTableScan: s.Kind == partiql.KindSelect && c.engine.ScansFor(s.Statement)}
		c.addStatement(&calls[i], s)
	}
	return calls
}

// withRefused has the statements of a batch fail that err says were refused; any other error is returned.
func withRefused(ctx context.Context, err error) (context.Context, error) {
	var members refusedMembers
	if !errors.As(err, &members) {
		return ctx, err
	}
	return engine.WithMemberErrors(ctx, func(i int) error { return members[i] }), nil
}
