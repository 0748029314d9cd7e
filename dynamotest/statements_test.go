package dynamotest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
)

// executor is the part of either client that executes statements.
type executor interface {
	ExecuteStatement(context.Context, *dynamodb.ExecuteStatementInput,
		...func(*dynamodb.Options)) (*dynamodb.ExecuteStatementOutput, error)
	BatchExecuteStatement(context.Context, *dynamodb.BatchExecuteStatementInput,
		...func(*dynamodb.Options)) (*dynamodb.BatchExecuteStatementOutput, error)
	ExecuteTransaction(context.Context, *dynamodb.ExecuteTransactionInput,
		...func(*dynamodb.Options)) (*dynamodb.ExecuteTransactionOutput, error)
}

// executors are the client in the process and the SDK's over HTTP, on the tables that withTables makes.
func executors(t *testing.T, test func(t *testing.T, fake *dynamotest.Client, db executor)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) {
		fake := withTables(t)
		test(t, fake, fake)
	})
	t.Run("over HTTP", func(t *testing.T) {
		fake := withTables(t)
		server, err := dynamotest.NewServer(fake)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, server.Close()) })
		test(t, fake, dynamodb.NewFromConfig(server.Config(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }))
	})
}

func execute(db executor, statement string, parameters ...types.AttributeValue) (*dynamodb.ExecuteStatementOutput,
	error) {
	return db.ExecuteStatement(context.Background(),
		&dynamodb.ExecuteStatementInput{Statement: &statement, Parameters: parameters})
}

func together(db executor, statements ...string) (*dynamodb.BatchExecuteStatementOutput, error) {
	in := &dynamodb.BatchExecuteStatementInput{}
	for _, s := range statements {
		in.Statements = append(in.Statements, types.BatchStatementRequest{Statement: &s})
	}
	return db.BatchExecuteStatement(context.Background(), in)
}

func atOnce(db executor, token *string, statements ...string) (*dynamodb.ExecuteTransactionOutput, error) {
	in := &dynamodb.ExecuteTransactionInput{ClientRequestToken: token}
	for _, s := range statements {
		in.TransactStatements = append(in.TransactStatements, types.ParameterizedStatement{Statement: &s})
	}
	return db.ExecuteTransaction(context.Background(), in)
}

// codesOf are the errors of a batch's members, "" for those without.
func codesOf(out *dynamodb.BatchExecuteStatementOutput) string {
	var codes []string
	for _, r := range out.Responses {
		code := ""
		if r.Error != nil {
			code = string(r.Error.Code)
		}
		codes = append(codes, code)
	}
	return strings.Join(codes, ",")
}

// The three operations answer and refuse with the SDK's types on either client.
func TestStatements(t *testing.T) {
	executors(t, func(t *testing.T, fake *dynamotest.Client, db executor) {
		out, err := execute(db, "SELECT x, name FROM pets WHERE id = ?", n("1"))
		require.NoError(t, err)
		assert.Equal(t, []map[string]types.AttributeValue{{"x": n("1"), "name": s("a")}}, out.Items)
		out, err = execute(db, "UPDATE pets SET x = x + 1 WHERE id = 1 RETURNING MODIFIED NEW *")
		require.NoError(t, err)
		assert.Equal(t, []map[string]types.AttributeValue{{"x": n("2")}}, out.Items)
		_, err = execute(db, "INSERT INTO pets VALUE {'id': 1}")
		var duplicate *types.DuplicateItemException
		require.ErrorAs(t, err, &duplicate)
		assert.Equal(t, "Duplicate primary key exists in table", duplicate.ErrorMessage())
		batch, err := together(db, "INSERT INTO pets VALUE {'id': 1}", "INSERT INTO pets VALUE {'id': 9}", "SELEC")
		require.NoError(t, err)
		assert.Equal(t, "DuplicateItem,,ValidationError", codesOf(batch))
		assert.Equal(t, "pets", *batch.Responses[1].TableName)
		_, err = atOnce(db, nil, "DELETE FROM pets WHERE id = 9", "EXISTS(SELECT * FROM pets WHERE id = 1 AND x = 7)")
		var cancelled *types.TransactionCanceledException
		require.ErrorAs(t, err, &cancelled)
		assert.Equal(t, "ConditionalCheckFailed", *cancelled.CancellationReasons[1].Code)
		read, err := atOnce(db, nil, "SELECT id FROM pets WHERE id = 9", "SELECT * FROM pets WHERE id = 99")
		require.NoError(t, err)
		assert.Equal(t, []types.ItemResponse{{Item: item{"id": n("9")}}, {}}, read.Responses)
	})
}

// The SDK's token makes a transaction that is sent once more a replay.
func TestTransactionOfStatementsIsReplayed(t *testing.T) {
	executors(t, func(t *testing.T, fake *dynamotest.Client, db executor) {
		fake.Inject(dynamotest.Fault{Times: 1, Do: dynamotest.LoseAnswer()})
		conflict := fake.Inject(dynamotest.Fault{Skip: 1, Do: dynamotest.Conflict()})
		_, err := atOnce(db, aws.String("token"), "UPDATE pets SET x = x + 1 WHERE id = 1")
		require.Error(t, err)
		_, err = atOnce(db, aws.String("token"), "UPDATE pets SET x = x + 1 WHERE id = 1")
		require.NoError(t, err)
		assert.Contains(t, fake.Dump("pets"), "x N 2\n")
		assert.Zero(t, conflict.Fired(), "a replay has no conflict")
	})
}

// Faults know statements: what they work on, whether they read or write, and each of a batch by itself.
func TestFaultsOfStatements(t *testing.T) {
	executors(t, func(t *testing.T, fake *dynamotest.Client, db executor) {
		byKey := dynamotest.Match{Table: "pets", Key: item{"id": n("1.0")}}
		throttle := fake.Inject(dynamotest.Fault{On: byKey, Do: dynamotest.Throttle()})
		for statement, access := range map[string]string{"SELECT * FROM pets WHERE id = 1": "TableRead",
			"UPDATE pets SET x = 1 WHERE id = 1 AND name = 'a'": "TableWrite",
			"INSERT INTO pets VALUE {'id': 1}":                  "TableWrite"} {
			_, err := execute(db, statement)
			var exceeded *types.ProvisionedThroughputExceededException
			require.ErrorAs(t, err, &exceeded, statement)
			assert.Equal(t, access+"ProvisionedThroughputExceeded", *exceeded.ThrottlingReasons[0].Reason)
		}
		_, err := execute(db, "SELECT * FROM pets WHERE id = 2")
		assert.NoError(t, err)
		batch, err := together(db, "DELETE FROM pets WHERE id = 2", "DELETE FROM pets WHERE id = 1", "SELEC")
		require.NoError(t, err)
		assert.Equal(t, ",ProvisionedThroughputExceeded,ValidationError", codesOf(batch))
		_, err = atOnce(db, nil, "DELETE FROM pets WHERE id = 3", "DELETE FROM pets WHERE id = 1")
		var cancelled *types.TransactionCanceledException
		require.ErrorAs(t, err, &cancelled)
		assert.Equal(t, "ProvisionedThroughputExceeded", *cancelled.CancellationReasons[1].Code)
		assert.Equal(t, 5, throttle.Fired())
		throttle.Remove()

		fake.Inject(dynamotest.Fault{On: byKey, Do: dynamotest.Conflict()})
		_, err = execute(db, "SELECT * FROM pets WHERE id = 1")
		assert.NoError(t, err, "a read has no conflict")
		_, err = execute(db, "DELETE FROM pets WHERE id = 1")
		var conflict *types.TransactionConflictException
		assert.ErrorAs(t, err, &conflict)
		batch, err = together(db, "DELETE FROM pets WHERE id = 1", "DELETE FROM pets WHERE id = 2")
		require.NoError(t, err)
		assert.Equal(t, "TransactionConflict,", codesOf(batch))
		_, err = atOnce(db, nil, "SELECT * FROM pets WHERE id = 1")
		require.ErrorAs(t, err, &cancelled)
		assert.Equal(t, "TransactionConflict", *cancelled.CancellationReasons[0].Code)
		fake.ClearFaults()

		index := fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "ExecuteStatement", Index: "by_g"},
			Do: dynamotest.ThrottleOnDemand()})
		_, err = execute(db, "SELECT * FROM indexed.by_g WHERE g = 'x'")
		var throttled *types.ThrottlingException
		assert.ErrorAs(t, err, &throttled)
		_, err = execute(db, "SELECT * FROM indexed")
		assert.NoError(t, err)
		assert.Equal(t, 1, index.Fired())
		assert.True(t, strings.HasSuffix(index.Calls()[0].Resources[0], "table/indexed/index/by_g"))
	})
}

// Reads that are eventually consistent may be stale; others, and what transactions read, are not.
func TestStaleStatements(t *testing.T) {
	executors(t, func(t *testing.T, fake *dynamotest.Client, db executor) {
		stale := fake.Inject(dynamotest.Fault{Do: dynamotest.Stale(1)})
		_, err := execute(db, "INSERT INTO pets VALUE {'id': 5}")
		require.NoError(t, err)
		out, err := execute(db, "SELECT * FROM pets WHERE id = 5")
		require.NoError(t, err)
		assert.Empty(t, out.Items)
		batch, err := together(db, "SELECT * FROM pets WHERE id = 5")
		require.NoError(t, err)
		assert.Nil(t, batch.Responses[0].Item)
		assert.Equal(t, 2, stale.Fired())
		out, err = db.ExecuteStatement(context.Background(), &dynamodb.ExecuteStatementInput{ConsistentRead: aws.Bool(true),
			Statement: aws.String("SELECT * FROM pets WHERE id = 5")})
		require.NoError(t, err)
		assert.Len(t, out.Items, 1)
		read, err := atOnce(db, nil, "SELECT * FROM pets WHERE id = 5")
		require.NoError(t, err)
		assert.NotNil(t, read.Responses[0].Item)
		assert.Equal(t, 2, stale.Fired())
	})
}

// Usage and budgets count statements by what they work on.
func TestUsageOfStatements(t *testing.T) {
	executors(t, func(t *testing.T, fake *dynamotest.Client, db executor) {
		fake.ResetUsage()
		cost := fake.Measure(func() {
			for _, statement := range []string{"SELECT * FROM pets WHERE id = 1", "SELECT * FROM indexed.by_g WHERE g = 'x'",
				"INSERT INTO indexed VALUE {'p': 'n', 's': 1, 'g': 'y'}", "SELEC", "INSERT INTO pets VALUE {'id': 1}"} {
				_, _ = execute(db, statement)
			}
			_, err := together(db, "DELETE FROM pets WHERE id = 2", "DELETE FROM pets WHERE id = 3", "SELEC")
			require.NoError(t, err)
			_, err = atOnce(db, nil, "UPDATE pets SET x = 1 WHERE id = 1", "INSERT INTO indexed VALUE {'p': 'n', 's': 2}")
			require.NoError(t, err)
		})
		assert.Equal(t, []float64{1, 9}, []float64{cost.Read, cost.Write})
		assert.Equal(t, []string{"indexed/by_g"}, cost.Calls[1].On)
		assert.Empty(t, cost.Calls[3].On)
		usage := fake.Usage()
		assert.Equal(t, 7, usage.Calls)
		assert.Equal(t, map[string]int{"ValidationException": 1, "DuplicateItemException": 1}, usage.Errors)
		lines := map[string][]float64{}
		for _, l := range usage.Lines {
			lines[l.Operation+" "+l.Table+" "+l.Index] = []float64{float64(l.Calls), float64(l.Failed), float64(l.Items),
				l.Read, l.Write}
		}
		assert.Equal(t, map[string][]float64{
			"ExecuteStatement pets ": {2, 1, 2, 0.5, 1}, "ExecuteStatement indexed by_g": {1, 0, 2, 0.5, 1},
			"ExecuteStatement indexed ": {1, 0, 1, 0, 1}, "ExecuteStatement  ": {1, 1, 0, 0, 0},
			"BatchExecuteStatement pets ": {1, 0, 2, 0, 2}, "ExecuteTransaction pets ": {1, 0, 1, 0, 2},
			"ExecuteTransaction indexed ": {1, 0, 1, 0, 2},
		}, lines)
	})
}

// An authorizer is asked about each statement, by the actions and the condition key of PartiQL. Of a batch those that
// it refuses fail alone.
func TestAuthorizerOfStatements(t *testing.T) {
	var calls []dynamotest.Call
	fake := withTables(t)
	server, err := dynamotest.NewServer(fake, dynamotest.WithAuthorizer(func(c dynamotest.Call) error {
		calls = append(calls, c)
		if c.FullTableScan || c.Action == "dynamodb:PartiQLDelete" {
			return errors.New("no")
		}
		return nil
	}))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	db := dynamodb.NewFromConfig(server.Config(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	for statement, scans := range map[string]bool{"SELECT * FROM pets": true, "SELECT * FROM pets WHERE x = 1": true,
		"SELECT * FROM pets WHERE id = 1": false, "SELECT * FROM pets WHERE id IN [1, 2] AND x = 1": false,
		"SELECT * FROM pets WHERE id > 1": true, "SELECT * FROM pets WHERE id = 1 OR x = 1": true,
		"SELECT * FROM indexed.by_g WHERE g = 'x'": false, "SELECT * FROM indexed.by_g WHERE p = 'a'": true} {
		calls = nil
		_, err := execute(db, statement)
		assert.Equal(t, scans, err != nil, statement)
		assert.Equal(t, "dynamodb:PartiQLSelect", calls[0].Action)
		if scans {
			assert.ErrorContains(t, err,
				"is not authorized to perform: dynamodb:PartiQLSelect on resource: arn:aws:dynamodb:us-east-1:")
		}
	}
	calls = nil
	batch, err := together(db, "DELETE FROM pets WHERE id = 1", "UPDATE pets SET x = 5 WHERE id = 2", "SELEC",
		"INSERT INTO indexed VALUE {'p': 'q', 's': 1}")
	require.NoError(t, err)
	assert.Equal(t, "AccessDenied,,ValidationError,", codesOf(batch))
	assert.Contains(t, *batch.Responses[0].Error.Message,
		"dynamodb:PartiQLDelete on resource: arn:aws:dynamodb:us-east-1:000000000000:table/pets")
	var actions []string
	for _, c := range calls {
		actions = append(actions, c.Action+" "+strings.Join(c.Tables, ","))
	}
	assert.Equal(t, []string{"dynamodb:PartiQLDelete pets", "dynamodb:PartiQLUpdate pets",
		"dynamodb:PartiQLInsert indexed"}, actions)
	_, err = atOnce(db, nil, "UPDATE pets SET x = 6 WHERE id = 2", "DELETE FROM pets WHERE id = 1")
	assert.ErrorContains(t, err, "AccessDeniedException")
	assert.NotContains(t, fake.Dump("pets"), "x N 6")
}

// A statement that hangs ends with its context.
func TestStatementsHang(t *testing.T) {
	fake := withTables(t)
	fake.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "ExecuteStatement"}, Do: dynamotest.Hang()})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := fake.ExecuteStatement(ctx, &dynamodb.ExecuteStatementInput{Statement: aws.String("SELECT * FROM pets")})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}
