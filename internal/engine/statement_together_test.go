package engine

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/wire"
)

// recordedTogether is a batch or a transaction of statements that was sent to DynamoDB Local 3.1.0, with the service's
// answer where that is known to be another.
type recordedTogether struct {
	Case, Operation string
	Request         json.RawMessage
	Local           recordedResponses
	Service         *recordedResponses
}

type recordedResponses struct {
	Error, Message string
	Reasons        any // of a cancelled transaction
	Responses      any
}

// Batches and transactions answer as they were recorded, and change nothing where they are refused.
func TestRecordedBatchesAndTransactions(t *testing.T) {
	raw, err := os.ReadFile("testdata/statements_together.json")
	require.NoError(t, err)
	var all []recordedTogether
	require.NoError(t, json.Unmarshal(raw, &all))
	require.Greater(t, len(all), 65)
	for _, r := range all {
		t.Run(r.Case, func(t *testing.T) {
			e := withStatementTables(t, Options{})
			before := storedItems(t, e)
			want := r.Local
			if r.Service != nil {
				want = *r.Service
			}
			a, err := call(e, r.Operation, r.Request)
			if err != nil {
				assert.Equal(t, want.Error+": "+want.Message, errorCode(err)+": "+errorMessage(err))
				assert.Equal(t, want.Reasons, reasonsOf(t, err))
				assert.Equal(t, before, storedItems(t, e))
				return
			}
			require.Empty(t, want.Error+want.Message)
			var got recordedResponses
			require.NoError(t, json.Unmarshal(a.body, &got))
			assert.Equal(t, want.Responses, got.Responses)
		})
	}
}

// reasonsOf gives the reasons of a cancellation as they were recorded, nil for other errors.
func reasonsOf(t *testing.T, err error) any {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return nil
	}
	reasons := []any{}
	for _, r := range cancelled.CancellationReasons {
		var decoded any
		require.NoError(t, json.Unmarshal(wire.AppendOutput(nil, &r), &decoded))
		reasons = append(reasons, decoded)
	}
	return reasons
}
