package engine

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/wire"
)

// statementTables are the tables of the recorded statements: of one key attribute, of two, and the second with indexes
// on g and sk, on g with the keys alone, and, a local one, on l with the keys alone.
var statementTables = []string{
	`{"TableName":"TabH","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],
	  "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}]}`,
	`{"TableName":"TabN","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],
	  "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"N"}]}`,
	`{"TableName":"TabC","BillingMode":"PAY_PER_REQUEST",
	  "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	  "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},
	    {"AttributeName":"g","AttributeType":"S"},{"AttributeName":"l","AttributeType":"N"}],
	  "GlobalSecondaryIndexes":[
	    {"IndexName":"gall","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	     "Projection":{"ProjectionType":"ALL"}},
	    {"IndexName":"gkeys","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],
	     "Projection":{"ProjectionType":"KEYS_ONLY"}}],
	  "LocalSecondaryIndexes":[
	    {"IndexName":"lkeys","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],
	     "Projection":{"ProjectionType":"KEYS_ONLY"}}]}`,
}

const itemA = `{"pk":{"S":"a"},"n":{"N":"1"},"s":{"S":"str"},
  "m":{"M":{"x":{"N":"1"},"y":{"M":{"z":{"S":"deep"}}}}},"l":{"L":[{"S":"e0"},{"N":"5"},{"M":{"q":{"S":"v"}}}]},
  "ss":{"SS":["p","q"]},"ns":{"NS":["1","2"]},"nul":{"NULL":true},"b":{"BOOL":true},"bin":{"B":"AQI="},
  "bs":{"BS":["AQ=="]},"Case":{"S":"up"}}`

// withStatementTables makes an engine with the tables and items of the recorded statements.
func withStatementTables(t testing.TB, o Options) *Engine {
	t.Helper()
	e := New(o)
	for _, table := range statementTables {
		send(t, e, "CreateTable", table)
	}
	for _, item := range []string{itemA, `{"pk":{"S":"b"},"n":{"N":"2"}}`,
		`{"pk":{"S":"c"},"n":{"N":"3"},"s":{"S":"other"}}`} {
		send(t, e, "PutItem", `{"TableName":"TabH","Item":`+item+`}`)
	}
	for _, p := range []string{"x", "y"} {
		for s := 1; s <= 4; s++ {
			send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"TabC","Item":{"pk":{"S":"%s"},"sk":{"S":"%d"},"g":{"S":"g1"},
			  "l":{"N":"%d"},"d":{"S":"data%[2]d"},"n":{"N":"%[2]d"}}}`, p, s, 10-s))
		}
	}
	return e
}

// execute sends a statement with parameters in DynamoDB JSON, and gives what it answers: items in JSON, or the refusal.
func execute(t testing.TB, e *Engine, statement string, parameters ...string) string {
	t.Helper()
	return executeWith(t, e, &dynamodb.ExecuteStatementInput{Statement: &statement, Parameters: values(t, parameters...)})
}

func executeWith(t testing.TB, e *Engine, in *dynamodb.ExecuteStatementInput) string {
	t.Helper()
	out, err := e.ExecuteStatement(background, in)
	if err != nil {
		return errorCode(err) + ": " + errorMessage(err)
	}
	return shown(out.Items)
}

// values reads values in DynamoDB JSON.
func values(t testing.TB, texts ...string) []types.AttributeValue {
	t.Helper()
	var all []types.AttributeValue
	for _, text := range texts {
		all = append(all, parseItem(t, `{"v":`+text+`}`)["v"])
	}
	return all
}

// shown writes items in JSON with their attributes in order.
func shown(items []map[string]types.AttributeValue) string {
	text := ""
	for i, item := range items {
		if i > 0 {
			text += " "
		}
		text += itemJSON(item)
	}
	return text
}

func itemJSON(item map[string]types.AttributeValue) string {
	var decoded any
	if json.Unmarshal(wire.AppendItem(nil, item), &decoded) != nil {
		return ""
	}
	sorted, err := json.Marshal(decoded)
	if err != nil {
		return ""
	}
	return string(sorted)
}

// statementOf is an input of a statement alone.
func statementOf(statement string) *dynamodb.ExecuteStatementInput {
	return &dynamodb.ExecuteStatementInput{Statement: &statement}
}

func requireItems(t testing.TB, e *Engine, statement string) []map[string]types.AttributeValue {
	t.Helper()
	out, err := e.ExecuteStatement(background, statementOf(statement))
	require.NoError(t, err, statement)
	return out.Items
}
