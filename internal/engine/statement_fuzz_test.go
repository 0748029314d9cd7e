package engine

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
)

// Whatever a statement says, it is answered or refused with an error of the service's, alone, in a batch and in a
// transaction, and leaves the indexes in step with the table.
func FuzzStatements(f *testing.F) {
	raw, err := os.ReadFile("testdata/statements.json")
	require.NoError(f, err)
	var all []struct{ Request struct{ Statement string } }
	require.NoError(f, json.Unmarshal(raw, &all))
	for _, r := range all {
		f.Add(r.Request.Statement)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := withStatementTables(t, Options{})
		parameters := values(t, `{"S":"a"}`, `{"N":"1"}`, `{"SS":["x"]}`, `{"L":[]}`)
		limit := int32(3)
		_, err := e.ExecuteStatement(background, &dynamodb.ExecuteStatementInput{Statement: &text, Parameters: parameters,
			Limit: &limit})
		requireAPI(t, err)
		_, err = e.BatchExecuteStatement(background, &dynamodb.BatchExecuteStatementInput{
			Statements: []types.BatchStatementRequest{{Statement: &text, Parameters: parameters}}})
		requireAPI(t, err)
		_, err = e.ExecuteTransaction(background, &dynamodb.ExecuteTransactionInput{
			TransactStatements: []types.ParameterizedStatement{{Statement: &text, Parameters: parameters}}})
		requireAPI(t, err)
		checkInStep(t, e.tables["TabC"])
	})
}

func requireAPI(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		var api smithy.APIError
		require.True(t, errors.As(err, &api), "%T: %v", err, err)
		require.NotContains(t, api.ErrorCode(), "Internal")
	}
}
