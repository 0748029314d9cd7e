package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inBatch sends statements in one batch and writes what each answers: OK with its row, or its error's code and message,
// and behind it the table, where that is named.
func inBatch(t testing.TB, e *Engine, statements ...string) []string {
	t.Helper()
	in := &dynamodb.BatchExecuteStatementInput{}
	for _, s := range statements {
		in.Statements = append(in.Statements, types.BatchStatementRequest{Statement: &s,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
	}
	out, err := e.BatchExecuteStatement(background, in)
	if err != nil {
		return []string{errorCode(err) + ": " + errorMessage(err)}
	}
	var all []string
	for _, r := range out.Responses {
		text := "OK"
		if r.Item != nil {
			text += " " + itemJSON(r.Item)
		}
		if r.Error != nil {
			text = string(r.Error.Code) + ": " + aws.ToString(r.Error.Message)
			assert.Nil(t, r.Error.Item)
			assert.Nil(t, r.Item)
		}
		all = append(all, strings.TrimSpace(text+" "+aws.ToString(r.TableName)))
	}
	return all
}

func TestBatchOfStatements(t *testing.T) {
	e := withStatementTables(t, Options{})
	const key = "ValidationError: Select statements within BatchExecuteStatement must specify the primary key in the " +
		"where clause."
	assert.Equal(t, []string{
		`OK {"n":{"N":"2"},"pk":{"S":"b"}} TabH`, "OK TabH", `OK {"sk":{"S":"1"}} TabC`, `OK {"n":{"N":"3"}} TabH`,
		"ValidationError: Statement wasn't well formed, can't be processed: Expected data manipulation",
		"ResourceNotFound: Requested resource not found", key, key, key, key, key, key,
		"ValidationError: Too many decomposed read operations for a given query.",
		"ValidationError: Key attribute's data type should match its data type in table's schema: Key pk",
		"ValidationError: EXISTS can only be used in ExecuteTransaction write requests.",
		`OK {"m":{"M":{"x":{"N":"1"}}}} TabH`,
	}, inBatch(t, e, "SELECT * FROM TabH WHERE pk='b'", "SELECT * FROM TabH WHERE pk='none'",
		"SELECT sk FROM TabC WHERE pk='x' AND sk='1'", "SELECT n FROM TabH WHERE pk IN ['c']", "SLECT * FROM TabH",
		"SELECT * FROM Nowhere WHERE pk='a'", "SELECT * FROM TabH", "SELECT * FROM TabC WHERE pk='x'",
		"SELECT * FROM TabH WHERE pk='b' AND n=2", "SELECT * FROM TabH WHERE pk='b' AND attribute_exists(pk)",
		"SELECT * FROM TabH WHERE pk IN ['a','b']", "SELECT * FROM TabC.gall WHERE g='g1' AND sk='1'",
		"SELECT * FROM TabH WHERE pk IN ["+quotedNumbers(51)+"]", "SELECT * FROM TabH WHERE pk=1",
		"EXISTS(SELECT * FROM TabH WHERE pk='a' AND n=1)", "SELECT m.x FROM TabH WHERE pk='a'"))
	assert.Equal(t, []string{
		"DuplicateItem: Duplicate primary key exists in table TabH", "OK TabH",
		"ConditionalCheckFailed: The conditional request failed TabH",
		"ConditionalCheckFailed: The conditional request failed TabH",
		`OK {"q":{"N":"1"}} TabC`, "OK TabC",
		`OK {"d":{"S":"data3"},"g":{"S":"g1"},"l":{"N":"7"},"n":{"N":"3"},"pk":{"S":"x"},"sk":{"S":"3"}} TabC`,
		"ValidationError: Where clause does not contain a mandatory equality on all key attributes",
		"ValidationError: An operand in the update expression has an incorrect data type TabC",
		"ResourceNotFound: Requested resource not found",
	}, inBatch(t, e, "INSERT INTO TabH VALUE {'pk':'a'}", "INSERT INTO TabH VALUE {'pk':'new'}",
		"UPDATE TabH SET q=1 WHERE pk='none'", "DELETE FROM TabH WHERE pk='b' AND n=7",
		"UPDATE TabC SET q=1 WHERE pk='x' AND sk='1' RETURNING MODIFIED NEW *",
		"UPDATE TabC SET q=1 WHERE pk='x' AND sk='2' RETURNING MODIFIED OLD *",
		"DELETE FROM TabC WHERE pk='x' AND sk='3' RETURNING ALL OLD *", "UPDATE TabC SET q=1 WHERE pk='x'",
		"UPDATE TabC SET q=d+1 WHERE pk='x' AND sk='4'", "DELETE FROM Nowhere WHERE pk='x'"))
	assert.Equal(t, []string{"ValidationException: Read and write requests together in the same batch is not supported."},
		inBatch(t, e, "SELEC", "SELECT * FROM TabH WHERE pk='a'", "DELETE FROM TabH WHERE pk='b'"))
	for _, twice := range [][]string{{"SELECT * FROM TabH WHERE pk='a'", "SELEC", "SELECT n FROM TabH WHERE pk IN ['a']"},
		{"DELETE FROM TabH WHERE pk='a'", "INSERT INTO TabH VALUE {'pk':'a'}"}} {
		assert.Equal(t, []string{"ValidationException: Provided list of item keys contains duplicates"},
			inBatch(t, e, twice...))
	}
	assert.Equal(t,
		[]string{"ValidationException: 1 validation error detected: Value '[]' at 'statements' failed to satisfy " +
			"constraint: Member must have length greater than or equal to 1"}, []string{refused(t, e, "BatchExecuteStatement",
			`{"Statements":[]}`)})
	assert.Contains(t, inBatch(t, e, make([]string, 26)...)[0], "Member must have length less than or equal to 25")
	out, err := e.BatchExecuteStatement(background,
		&dynamodb.BatchExecuteStatementInput{Statements: []types.BatchStatementRequest{
			{Statement: aws.String("SELECT * FROM TabH WHERE pk=?"), Parameters: values(t, `{"SS":["a","a"]}`)}}})
	require.NoError(t, err)
	assert.Equal(t, types.BatchStatementErrorCodeEnumValidationError, out.Responses[0].Error.Code)
}

// What a batch consumes was captured: of a failed member's attempt the total alone tells, if another had success.
func TestBatchCapacity(t *testing.T) {
	for want, statements := range map[string][]string{
		"TabC 0.5 = TabC 0.5|TabH 1.5 = TabH 1.5": {"SELECT * FROM TabH WHERE pk='a'", "!SELECT * FROM TabH WHERE pk='b'",
			"SELECT * FROM TabC WHERE pk='x' AND sk='1'"},
		"TabH 3 = TabH 2": {"INSERT INTO TabH VALUE {'pk':'a'}", "INSERT INTO TabH VALUE {'pk':'y'}",
			"INSERT INTO TabH VALUE {'pk':'z'}"},
		"": {"INSERT INTO TabH VALUE {'pk':'a'}",
			"UPDATE TabH SET q=1 WHERE pk='none'", "SELEC"},
		"TabC 4 = TabC 1 gall 1 gkeys 1 lkeys 1": {"INSERT INTO TabC VALUE {'pk':'z','sk':'1','g':'g','l':1}",
			"INSERT INTO TabH VALUE {'pk':'a'}"},
	} {
		e := withStatementTables(t, Options{})
		in := &dynamodb.BatchExecuteStatementInput{ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes}
		for _, s := range statements {
			text, consistent := strings.CutPrefix(s, "!")
			in.Statements = append(in.Statements, types.BatchStatementRequest{Statement: &text, ConsistentRead: &consistent})
		}
		out, err := e.BatchExecuteStatement(background, in)
		require.NoError(t, err)
		var got []string
		for _, c := range out.ConsumedCapacity {
			got = append(got, *c.TableName+" "+consumedText(c))
		}
		assert.Equal(t, want, strings.Join(got, "|"))
	}
}

// transacted sends statements as one transaction and gives its answer in JSON, or its refusal with its reasons.
func transacted(t testing.TB, e *Engine, statements ...string) string {
	t.Helper()
	in := &dynamodb.ExecuteTransactionInput{}
	for _, s := range statements {
		in.TransactStatements = append(in.TransactStatements, types.ParameterizedStatement{Statement: &s})
	}
	return transactedWith(t, e, in)
}

func transactedWith(t testing.TB, e *Engine, in *dynamodb.ExecuteTransactionInput) string {
	t.Helper()
	out, err := e.ExecuteTransaction(background, in)
	if err == nil {
		text := ""
		for _, r := range out.Responses {
			text += itemJSON(r.Item) + " "
		}
		require.NotNil(t, out.Responses)
		return strings.TrimSpace(text)
	}
	if errorCode(err) != "TransactionCanceledException" {
		return strings.TrimPrefix(errorCode(err)+": "+errorMessage(err), "ValidationException: ")
	}
	cancelled := asError[*types.TransactionCanceledException](t, err)
	var reasons []string
	for _, r := range cancelled.CancellationReasons {
		text := *r.Code
		if r.Message != nil {
			text += " " + *r.Message
		}
		if r.Item != nil {
			text += " " + itemJSON(r.Item)
		}
		reasons = append(reasons, text)
	}
	return "[" + strings.Join(reasons, "; ") + "]"
}

func TestTransactionOfStatements(t *testing.T) {
	const prefix = "Validation failed in TransactStatements"
	const key = "Select statements within ExecuteTransaction must specify the primary key in the where clause."
	const mismatch = "ValidationError The provided key element does not match the schema"
	const failed = "ConditionalCheckFailed The conditional request failed"
	const exists = "EXISTS() must contain a single item read with additional condition"
	const twice = "Transaction request cannot include multiple operations on one item"
	write := "UPDATE TabH SET q=1 WHERE pk='b'"
	for want, statements := range map[string][]string{
		`{"n":{"N":"2"},"pk":{"S":"b"}} null {"sk":{"S":"1"}}`: {"SELECT * FROM TabH WHERE pk='b'",
			"SELECT * FROM TabH WHERE pk='none'",
			"SELECT sk FROM TabC WHERE pk='x' AND sk IN ['1']"},
		``: {"INSERT INTO TabH VALUE {'pk':'t'}", write, "DELETE FROM TabH WHERE pk='c'",
			"DELETE FROM TabH WHERE pk='none' AND n=1",
			"EXISTS(SELECT * FROM TabH WHERE pk='a' AND n=1)"},
		prefix + `[1]: Statement wasn't well formed, can't be processed: Unexpected term`: {write,
			"SELECT * FROM TabH WHERE pk=:v"},
		prefix + `[0]: ` + key: {"SELECT * FROM TabH WHERE pk='a' AND n=1"},
		prefix + `[1]: ` + key: {"SELECT * FROM TabH WHERE pk='b'", "SELECT * FROM TabC WHERE pk='x'"},
		prefix +
			`[0]: Reads on indices are not supported within transactions.`: {"SELECT * FROM TabC.gall WHERE g='g1' AND sk='1'"},
		prefix +
			`[1]: RETURNING clause is not supported in ExecuteTransaction.`: {"DELETE FROM Nowhere WHERE pk='a' RETURNING ALL " +
			"OLD *",
			write + " RETURNING ALL OLD *"},
		prefix + `[0]: This operation is not supported on an index`: {"DELETE FROM TabC.gall WHERE pk='a'"},
		prefix + `[0]: ` + exists:                                   {"EXISTS(SELECT * FROM TabH WHERE pk='a')"},
		prefix + `[1]: ` + exists: {write,
			"EXISTS(SELECT * FROM TabH WHERE pk IN ['a'] AND n=1)"},
		prefix +
			`[0]: Overlapping conditions with range keys are not supported in where clause`: {"SELECT * FROM TabC WHERE " +
			"pk='x' OR pk='x'"},
		prefix + `[0]: The IN operator is provided with too many operands; number of operands: 101`: {
			"SELECT * FROM TabH WHERE pk IN [" + quotedNumbers(101) + "]"},
		prefix + `[0]: Empty bags are not supported`: {"INSERT INTO TabH VALUE {'pk':'t','s':<<>>}"},
		prefix + `[0]: Nesting Levels have exceeded supported limits under root` + strings.Repeat(".a", 31): {
			"INSERT INTO TabH VALUE {'pk':'t','s':" + nested(32) + "}"},
		`ExecuteTransaction API does not support both read and write operations in the same request.`: {write,
			"SELECT * FROM TabH WHERE pk='a'"},
		twice:                            {"SELECT * FROM TabH WHERE pk='a'", "SELECT n FROM TabH WHERE pk='a'"},
		`[` + mismatch + `; None]`:       {"UPDATE TabC SET q=1 WHERE pk='x'", write},
		`[None; ` + mismatch + `]`:       {write, "DELETE FROM TabH WHERE pk=1"},
		`[` + mismatch + `]`:             {"SELECT * FROM TabH WHERE pk=1"},
		`[None; ` + mismatch + `; None]`: {write, "DELETE FROM TabH WHERE pk IN ['a']", write},
		`[ValidationError One or more parameter values were invalid: Missing the key sk in the item]`: {"INSERT INTO TabC " +
			"VALUE {'pk':'x'}"},
		`[None; ResourceNotFound Requested resource not found]`: {write,
			"DELETE FROM Nowhere WHERE pk='a' RETURNING ALL OLD *"},
		`[ResourceNotFound Requested resource not found; None]`: {"SELECT * FROM " +
			"Nowhere WHERE pk='a'", "SELECT * FROM TabH WHERE pk='a'"},
		`[None; ` + failed + `]`: {write, "UPDATE TabH SET q=1 WHERE pk='none'"},
		`[` + failed + `; None]`: {"EXISTS(SELECT * FROM TabH WHERE pk='a' AND n=7)", write},
		`[` + failed + `]`:       {"EXISTS(SELECT * FROM TabH WHERE pk='none' AND n IS MISSING)"},
		`[None; DuplicateItem Duplicate primary key exists in table]`: {write, "INSERT INTO TabH VALUE {'pk':'a'}"},
		`[None; ` + failed + `; None]`: {write,
			"EXISTS(SELECT * FROM TabH WHERE pk='a' AND pk='c')", "DELETE FROM TabH WHERE pk='c'"},
	} {
		e := withStatementTables(t, Options{})
		before := storedItems(t, e)
		assert.Equal(t, want, transacted(t, e, statements...), statements)
		if want != "" {
			assert.Equal(t, before, storedItems(t, e), statements)
		} else {
			assert.NotEqual(t, before, storedItems(t, e), statements)
		}
	}
	for _, same := range []string{"DELETE FROM TabH WHERE pk='b'", "INSERT INTO TabH VALUE {'pk':'b'}",
		"EXISTS(SELECT * FROM TabH WHERE pk='b' AND n=1)"} {
		assert.Equal(t, twice, transacted(t, withStatementTables(t, Options{}), write, same))
	}
}

// What is wrong with a parameter is of no statement; a transaction has 1 to 100 statements; a reason has the item that
// was asked for.
func TestTransactionBounds(t *testing.T) {
	e := withStatementTables(t, Options{})
	assert.Equal(t, "The parameter cannot be converted to a numeric value: x",
		transactedWith(t, e, &dynamodb.ExecuteTransactionInput{
			TransactStatements: []types.ParameterizedStatement{{Statement: aws.String("SELEC")},
				{Statement: aws.String("DELETE FROM TabH WHERE pk=?"), Parameters: values(t, `{"N":"x"}`)}}}))
	assert.Contains(t, refused(t, e, "ExecuteTransaction", `{"TransactStatements":[]}`),
		"at 'transactStatements' failed to satisfy constraint: "+
			"Member must have length greater than or equal to 1")
	many := strs(100, "INSERT INTO TabH VALUE {'pk':'many%d'}")
	assert.Equal(t, "", transacted(t, e, many...))
	assert.Contains(t, transacted(t, e, append(many, "SELEC")...), "Member must have length less than or equal to 100")
	assert.Contains(t, refused(t, e, "ExecuteTransaction",
		`{"TransactStatements":[{"Statement":"x"}],"ClientRequestToken":"`+strings.Repeat("t", 37)+`"}`),
		"Member must have length less than or equal to 36")
	assert.Equal(t, `[ConditionalCheckFailed The conditional request failed {"n":{"N":"2"},"pk":{"S":"b"}}]`,
		transactedWith(t, e, &dynamodb.ExecuteTransactionInput{TransactStatements: []types.ParameterizedStatement{
			{Statement: aws.String("DELETE FROM TabH WHERE pk='b' AND n=7"), ReturnValuesOnConditionCheckFailure: "ALL_OLD"}}}))
}

// A token makes a repetition a replay, whatever it asks to be told; of other statements it is refused, and it is no
// token of TransactWriteItems.
func TestTransactionTokens(t *testing.T) {
	clock := newClock()
	e := withStatementTables(t, Options{Clock: clock.read})
	in := func(statement string) *dynamodb.ExecuteTransactionInput {
		return &dynamodb.ExecuteTransactionInput{ClientRequestToken: aws.String("token"),
			TransactStatements: []types.ParameterizedStatement{{Statement: &statement}}}
	}
	add := in("UPDATE TabH SET n = n + 1 WHERE pk='b'")
	assert.Equal(t, "", transactedWith(t, e, add))
	add.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := e.ExecuteTransaction(background, add)
	require.NoError(t, err)
	assert.Equal(t, `{"N":"3"}`, stored(t, e, "b", "n"))
	assert.Equal(t, "2, read 2", consumedText(out.ConsumedCapacity[0]))
	assert.Empty(t, out.Responses)
	assert.True(t, e.Replays(add))
	assert.Contains(t, transactedWith(t, e, in("UPDATE TabH SET n = n + 2 WHERE pk='b'")),
		"IdempotentParameterMismatchException")
	send(t, e, "TransactWriteItems",
		`{"ClientRequestToken":"token","TransactItems":[{"Delete":{"TableName":"TabH","Key":{"pk":{"S":"none"}}}}]}`)
	clock.add(tokenLife)
	assert.False(t, e.Replays(add))
	assert.Equal(t, "", transactedWith(t, e, add))
	assert.Equal(t, `{"N":"4"}`, stored(t, e, "b", "n"))
	wide := in("INSERT INTO TabH VALUE {'pk':'wide','w':'" + strings.Repeat("w", 7000) + "'}")
	wide.ClientRequestToken, wide.ReturnConsumedCapacity = aws.String("wide"), types.ReturnConsumedCapacityTotal
	assert.Equal(t, "", transactedWith(t, e, wide))
	execute(t, e, "UPDATE TabH SET w = '' WHERE pk='wide'")
	out, err = e.ExecuteTransaction(background, wide)
	require.NoError(t, err)
	assert.Equal(t, "4, read 4", consumedText(out.ConsumedCapacity[0]), "of the item as the first call left it")
}

// What transactions consume was captured: twice as much of the table, of indexes as elsewhere.
func TestTransactionCapacity(t *testing.T) {
	e := withStatementTables(t, Options{})
	units := func(statement string) string {
		out, err := e.ExecuteTransaction(background, &dynamodb.ExecuteTransactionInput{ReturnConsumedCapacity: "INDEXES",
			TransactStatements: []types.ParameterizedStatement{{Statement: &statement}}})
		require.NoError(t, err)
		require.Len(t, out.ConsumedCapacity, 1)
		return consumedText(out.ConsumedCapacity[0])
	}
	assert.Equal(t, "5 = TabC 2 gall 1 gkeys 1 lkeys 1, written 5",
		units("INSERT INTO TabC VALUE {'pk':'z','sk':'1','g':'g','l':1}"))
	assert.Equal(t, "6 = TabC 2 gall 2 gkeys 2, written 6", units("UPDATE TabC SET g='h' WHERE pk='z' AND sk='1'"))
	assert.Equal(t, "2 = TabC 2, read 2", units("SELECT * FROM TabC WHERE pk='z' AND sk='1'"))
	assert.Equal(t, "10 = TabC 6 gall 3 gkeys 1, written 10",
		units("INSERT INTO TabC VALUE {'pk':'y','sk':'w','g':'g','w':'"+strings.Repeat("w", 3000)+"'}"))
}

// Statements move money between accounts while others read both: no reader sees money come or go.
func TestTransactionsOfStatementsAreIsolated(t *testing.T) {
	e := withStatementTables(t, Options{})
	const total = 10
	for _, pk := range []string{"one", "two"} {
		execute(t, e, fmt.Sprintf("INSERT INTO TabH VALUE {'pk':'%s','money':%d}", pk, total/2))
	}
	ctx, stop := context.WithCancel(background)
	done := make(chan error, 2)
	for range 2 {
		go func() {
			for ctx.Err() == nil {
				_, err := e.ExecuteTransaction(background,
					&dynamodb.ExecuteTransactionInput{TransactStatements: []types.ParameterizedStatement{
						{Statement: aws.String("UPDATE TabH SET money = money - 1 WHERE pk='one'")},
						{Statement: aws.String("UPDATE TabH SET money = money + 1 WHERE pk='two'")}}})
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 500 {
		sum := 0
		var read []struct{ Money struct{ N json.Number } }
		text := transacted(t, e, "SELECT money FROM TabH WHERE pk='one'", "SELECT money FROM TabH WHERE pk='two'")
		require.NoError(t, json.Unmarshal([]byte("["+strings.ReplaceAll(text, "} {", "},{")+"]"), &read))
		for _, account := range read {
			n, err := account.Money.N.Int64()
			require.NoError(t, err)
			sum += int(n)
		}
		require.Equal(t, total, sum)
	}
	stop()
	require.NoError(t, <-done)
	require.NoError(t, <-done)
}
