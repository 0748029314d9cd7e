package engine

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/engine/throttle"
)

// Statements take their units from the table's throughput, and are refused where it is used up: alone, by themselves in
// a batch, and in their places of a transaction.
func TestStatementsAreThrottled(t *testing.T) {
	clock := newClock()
	e := New(Options{Clock: clock.read, Limits: &throttle.Limits{PartitionRead: 3, PartitionWrite: 3}})
	for _, table := range statementTables {
		send(t, e, "CreateTable", table)
	}
	read, write := "SELECT * FROM TabH WHERE pk = 'a'", "UPDATE TabH SET q = 1 WHERE pk = 'a'"
	require.Empty(t, execute(t, e, "INSERT INTO TabH VALUE {'pk': 'a'}"))
	require.Empty(t, execute(t, e, write))
	require.Empty(t, execute(t, e, write))
	throttled := asError[*types.ThrottlingException]
	_, err := e.ExecuteStatement(background, statementOf(write))
	assert.Equal(t, "TableWriteKeyRangeThroughputExceeded", *throttled(t, err).ThrottlingReasons[0].Reason)
	assert.Contains(t, inBatch(t, e, write)[0], "ThrottlingError: ")
	assert.Contains(t, transacted(t, e, "DELETE FROM TabH WHERE pk = 'b'", write), "[None; ThrottlingError ")
	for range 6 {
		require.NotEmpty(t, execute(t, e, read))
	}
	_, err = e.ExecuteStatement(background, statementOf(read))
	assert.Equal(t, "TableReadKeyRangeThroughputExceeded", *throttled(t, err).ThrottlingReasons[0].Reason)
	assert.Contains(t, inBatch(t, e, read)[0], "ThrottlingError: ")
	_, err = e.ExecuteStatement(background, statementOf("SELECT * FROM TabH WHERE pk IN ['a', 'b']"))
	assert.Error(t, err, "one of its partitions is busy")
	assert.Len(t, requireItems(t, e, "SELECT * FROM TabH"), 1, "a scan has no partition")
}
