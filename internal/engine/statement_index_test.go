package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withProjections makes a table with a global index of some attributes, one of several key attributes, and a local one
// of the keys.
func withProjections(t testing.TB) *Engine {
	t.Helper()
	e := New(Options{})
	send(t, e, "CreateTable", `{"TableName":"proj","BillingMode":"PAY_PER_REQUEST",
	  "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	  "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},
	    {"AttributeName":"g","AttributeType":"S"},{"AttributeName":"l","AttributeType":"S"}],
	  "GlobalSecondaryIndexes":[
	    {"IndexName":"inc","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],
	     "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["in"]}},
	    {"IndexName":"multi","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"pk","KeyType":"HASH"}],
	     "Projection":{"ProjectionType":"ALL"}}],
	  "LocalSecondaryIndexes":[
	    {"IndexName":"lsi","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],
	     "Projection":{"ProjectionType":"KEYS_ONLY"}}]}`)
	for _, item := range []string{
		`{"pk":{"S":"p"},"sk":{"S":"1"},"g":{"S":"a"},"l":{"S":"1"},"in":{"S":"i1"},"out":{"S":"o1"}}`,
		`{"pk":{"S":"p"},"sk":{"S":"2"},"g":{"S":"b"},"l":{"S":"2"},"in":{"S":"i2"},"out":{"S":"o2"}}`,
		`{"pk":{"S":"p"},"sk":{"S":"3"},"out":{"S":"o3"}}`,
	} {
		send(t, e, "PutItem", `{"TableName":"proj","Item":`+item+`}`)
	}
	return e
}

// Reads of indexes, as they were captured: their own items and projection, and filters that they cannot answer.
func TestIndexReads(t *testing.T) {
	e := withProjections(t)
	const global = "One or more parameter values were invalid: Global secondary index inc does not project "
	const filters = "One or more parameter values were invalid: Secondary index "
	const one = `{"g":{"S":"a"},"in":{"S":"i1"},"l":{"S":"1"},"pk":{"S":"p"},"sk":{"S":"1"}}`
	const two = `{"g":{"S":"b"},"in":{"S":"i2"},"l":{"S":"2"},"pk":{"S":"p"},"sk":{"S":"2"}}`
	answers(t, e, map[string]string{
		`SELECT * FROM proj.inc WHERE g = 'a'`:                               one,
		`SELECT * FROM proj.inc WHERE g IN ['b','a']`:                        one + " " + two,
		`SELECT * FROM "proj"."inc" WHERE g = 'b' AND l BETWEEN '1' AND '3'`: two,
		`SELECT * FROM proj.lsi WHERE pk = 'p'`: `{"l":{"S":"1"},"pk":{"S":"p"},"sk":{"S":"1"}}` +
			` {"l":{"S":"2"},"pk":{"S":"p"},"sk":{"S":"2"}}`,
		`SELECT out FROM proj.lsi WHERE pk = 'p' AND l = '2'`: `{"out":{"S":"o2"}}`,
		`SELECT zz, pk, m.aa, zz.b FROM proj.inc WHERE g = 'a'`: "Two document paths overlap with each other; must remove " +
			"or rewrite one of these paths; path one: [zz, b], path " +
			"two: [zz]",
		`SELECT zz, pk, m.aa FROM proj.inc WHERE g = 'a'`: global + "[zz, m]",
		`SELECT out FROM proj.inc`:                        global + "[out]",
		`SELECT pk FROM proj.inc WHERE g = 'a' AND out = 'o1'`: filters +
			"inc does not project one or more filter attributes: [out]",
		`SELECT pk FROM proj.inc WHERE g IN ['a'] AND NOT out = 'x'`: filters +
			"inc does not project one or more filter attributes: [out]",
		`SELECT pk FROM proj.inc WHERE g = 'a' AND l > '0' AND out IS MISSING`: filters +
			"inc does not project one or more filter attributes: [out]",
		`SELECT pk FROM proj.inc WHERE g = 'a' AND begins_with(out, 'o')`: filters +
			"inc does not project one or more filter attributes: [out]",
		`SELECT pk FROM proj.lsi WHERE pk = 'p' AND out IS NOT MISSING`: filters +
			"lsi does not project one or more filter attributes: [out]",
		`SELECT pk FROM proj.inc WHERE (g = 'b' AND u1 = 1) OR (g = 'q' AND u2 = 1)`: filters +
			"inc does not project one or more filter attributes: [u2]",
		`SELECT sk FROM proj.inc WHERE (g = 'b' AND u1 = 1) OR (g = 'a' AND "in" = 'i1')`: `{"sk":{"S":"1"}}`,
		`SELECT pk FROM proj.inc WHERE g = 'a' AND (zz = 1 OR aa = 1 OR mm = 1)`: filters +
			"inc does not project one or more filter attributes: [zz, aa, mm]",
		`SELECT pk FROM proj.inc WHERE g = 'a' AND b = 1 AND (a = 1)`: filters +
			"inc does not project one or more filter attributes: [a, b]",
		`SELECT pk FROM proj.inc WHERE out = 'o1'`:                  ``,
		`SELECT sk FROM proj.inc WHERE NOT out = 'o1' AND sk = '1'`: `{"sk":{"S":"1"}}`,
		`SELECT sk FROM proj.inc WHERE g > 'a'`:                     `{"sk":{"S":"2"}}`,
		`SELECT * FROM proj.multi WHERE g = 1`: "PartiQL statements cannot be executed on tables " +
			"with multi-attribute HASH keys or multi-attribute RANGE keys.",
		`SELECT COUNT(*) FROM proj.multi WHERE g < true`: "PartiQL statements cannot be executed on tables with " +
			"multi-attribute HASH keys or multi-attribute RANGE keys.",
		`SELECT COUNT(*) FROM proj.lsi`:      "Unexpected path component at 1:8:5",
		`SELECT sk FROM proj WHERE sk = '3'`: `{"sk":{"S":"3"}}`,
		`INSERT INTO proj.inc VALUE {'pk': 'a'}`: "FROM clause may only contain a single table name in " +
			"data manipulation statements at 1:13:4",
		"INSERT INTO\n \"nope\".\"x\" VALUE {'pk': 'a'}": "FROM clause may only contain a single table name in " +
			"data manipulation statements at 2:2:6",
		`UPDATE nope.inc SET a = 1 WHERE pk = 'p'`: "This operation is not supported on an index",
		`DELETE FROM nope.inc WHERE pk = 'p'`:      "This operation is not supported on an index",
	})
	consistent := func(statement string) string {
		return executeWith(t, e, &dynamodb.ExecuteStatementInput{Statement: &statement, ConsistentRead: aws.Bool(true)})
	}
	assert.Equal(t, "ValidationException: Strongly consistent read is not supported on Global Secondary Indexes",
		consistent(`SELECT * FROM proj.inc WHERE g = 'a'`))
	assert.Equal(t, "ValidationException: The table does not have the specified index",
		consistent(`SELECT * FROM proj.nope WHERE g = 'a'`), "the name goes first")
	assert.Equal(t, 2, strings.Count(consistent(`SELECT * FROM proj.lsi WHERE pk = 'p'`), "sk"))
	_, err := e.BatchExecuteStatement(background, &dynamodb.BatchExecuteStatementInput{
		Statements: []types.BatchStatementRequest{{Statement: aws.String(`SELECT * FROM proj.multi WHERE g = 'a'`)}}})
	require.NoError(t, err)
}

// statementUnits gives what a statement consumed: the total, the table's part and each index's.
func statementUnits(t *testing.T, e *Engine, statement string, consistent bool) string {
	t.Helper()
	out, err := e.ExecuteStatement(background, &dynamodb.ExecuteStatementInput{Statement: &statement,
		ConsistentRead: &consistent, ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes})
	require.NoError(t, err, statement)
	return consumedText(*out.ConsumedCapacity)
}

// What the service says that statements consume, as captured.
func TestStatementCapacity(t *testing.T) {
	e := withProjections(t)
	for _, c := range []struct {
		statement  string
		consistent bool
		want       string
	}{
		{`SELECT * FROM proj WHERE pk = 'p' AND sk = '1'`, false, "0.5 = proj 0.5"},
		{`SELECT * FROM proj WHERE pk = 'p' AND sk = '1'`, true, "1 = proj 1"},
		{`SELECT * FROM proj WHERE pk = 'p' AND sk = 'none'`, false, "0.5 = proj 0.5"},
		{`SELECT sk FROM proj WHERE pk = 'p' AND out = 'nothing'`, false, "0.5 = proj 0.5"},
		{`SELECT * FROM proj.inc WHERE g = 'a'`, false, "0.5 = proj 0 inc 0.5"},
		{`SELECT pk FROM proj.lsi WHERE pk = 'p'`, true, "1 = proj 0 lsi 1"},
		{`SELECT out FROM proj.lsi WHERE pk = 'p'`, false, "1.5 = proj 1 lsi 0.5"},
		{`INSERT INTO proj VALUE {'pk': 'n', 'sk': '1', 'g': 'g', 'l': 'l'}`, false, "4 = proj 1 inc 1 lsi 1 multi 1"},
		{`UPDATE proj SET other = 1 WHERE pk = 'n' AND sk = '1'`, false, "2 = proj 1 multi 1"},
		{`UPDATE proj SET g = 'h' WHERE pk = 'n' AND sk = '1'`, false, "5 = proj 1 inc 2 multi 2"},
		{`DELETE FROM proj WHERE pk = 'n' AND sk = '1'`, false, "4 = proj 1 inc 1 lsi 1 multi 1"},
		{`DELETE FROM proj WHERE pk = 'n' AND sk = '1'`, false, "1 = proj 1"},
	} {
		assert.Equal(t, c.want, statementUnits(t, e, c.statement, c.consistent), c.statement)
	}
	wide := strings.Repeat("x", 3000)
	assert.Equal(t, "3 = proj 3",
		statementUnits(t, e, `INSERT INTO proj VALUE {'pk': 'l', 'sk': '1', 'wide': '`+wide+`'}`, false))
	assert.Equal(t, "3 = proj 3", statementUnits(t, e, `UPDATE proj SET wide = '' WHERE pk = 'l' AND sk = '1'`, false))
	out, err := e.ExecuteStatement(background, &dynamodb.ExecuteStatementInput{ReturnConsumedCapacity: "TOTAL",
		Statement: aws.String(`SELECT * FROM proj`)})
	require.NoError(t, err)
	assert.Nil(t, out.ConsumedCapacity.Table)
	assert.Nil(t, out.ConsumedCapacity.ReadCapacityUnits)
	for _, sk := range []string{"1", "2", "3"} {
		send(t, e, "PutItem", `{"TableName":"proj","Item":{"pk":{"S":"nine"},"sk":{"S":"`+sk+`"},"l":{"S":"l"},
		  "wide":{"S":"`+strings.Repeat("x", 9000)+`"},"n":{"N":"`+sk+`"}}}`)
	}
	assert.Equal(t, "5 = proj 4.5 lsi 0.5", statementUnits(t, e, `SELECT wide FROM proj.lsi WHERE pk = 'nine'`, false))
	assert.Equal(t, "10 = proj 9 lsi 1", statementUnits(t, e, `SELECT wide FROM proj.lsi WHERE pk = 'nine'`, true))
}
