package monotable_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// What an estimate says of every rule.
func TestCostExplainsEveryRule(t *testing.T) {
	cost := monotable.Cost{Charges: []monotable.Charge{
		{Operation: "GetItem", Rule: monotable.ReadConsistent, Is: 4097, Times: 1, Units: monotable.Units{Read: 2}},
		{Operation: "Query", Index: "byDay", Rule: monotable.ReadEventual, Is: 4096, Times: 3,
			Units: monotable.Units{Read: 1.5}},
		{Operation: "TransactGetItems", Rule: monotable.ReadTransactional, Times: 1, Units: monotable.Units{Read: 2}},
		{Operation: "PutItem", Rule: monotable.WriteItem, Was: 1, Is: 1025, Times: 1, Units: monotable.Units{Write: 2}},
		{Operation: "DeleteItem", Rule: monotable.WriteFailed, Times: 1, Units: monotable.Units{Write: 1}},
		{Operation: "TransactWriteItems", Guard: "email", Rule: monotable.WriteInTransaction, Is: 90, Times: 1,
			Units: monotable.Units{Write: 2}},
		{Operation: "TransactWriteItems", Rule: monotable.CheckInTransaction, Is: 1, Times: 1,
			Units: monotable.Units{Write: 2}},
		{Operation: "PutItem", Index: "byDay", Rule: monotable.IndexEnters, Is: 80, Times: 1,
			Units: monotable.Units{Write: 1}},
		{Operation: "PutItem", Index: "byDay", Rule: monotable.IndexLeaves, Was: 80, Times: 1,
			Units: monotable.Units{Write: 1}},
		{Operation: "PutItem", Index: "byDay", Rule: monotable.IndexChanges, Was: 80, Is: 2000, Times: 1,
			Units: monotable.Units{Write: 2}},
		{Operation: "PutItem", Index: "byDay", Rule: monotable.IndexMoves, Was: 80, Is: 80, Times: 1,
			Units: monotable.Units{Write: 2}},
		{Operation: "PutItem", Index: "byDay", Rule: monotable.IndexSame, Was: 80, Is: 80, Times: 1},
	}, Missing: []string{"repeats"}}
	for i, charge := range cost.Charges {
		require.Equal(t, monotable.Rule(i+1), charge.Rule)
	}
	require.Equal(t, "rule 13", monotable.Rule(len(cost.Charges)+1).String(), "a rule without a line above")
	require.Equal(t, `0 units
  table  2 read units    GetItem: 4,097 bytes; each 4 KB read consistently is a unit
  byDay  1.5 read units  Query, 3 times: 4,096 bytes; each 4 KB read eventually consistently is half a unit
  table  2 read units    TransactGetItems: nothing found; each 4 KB read in a transaction is two units
  table  2 write units   PutItem: 1 byte before and 1,025 after; `+
		`each 1 KB of the larger of the item before and after is a unit
  table  1 write unit    DeleteItem: no item; `+
		`each 1 KB of the larger of the item before and after is a unit, though the condition fails
  table  2 write units   TransactWriteItems, guard of email: 0 bytes before and 90 after; `+
		`each 1 KB of the larger of the item before and after is two units in a transaction
  table  2 write units   TransactWriteItems: 1 byte; each 1 KB of the item checked is two units
  byDay  1 write unit    PutItem: 80 bytes; a new entry: each 1 KB is a unit
  byDay  1 write unit    PutItem: 80 bytes; the entry goes: each 1 KB is a unit
  byDay  2 write units   PutItem: 80 bytes before and 2,000 after; `+
		`the entry changes under its key: each 1 KB of the larger of before and after is a unit
  byDay  2 write units   PutItem: 80 bytes before and 80 after; `+
		`the key changes: each 1 KB of the old entry and each of the new one is a unit
  byDay  0 units         PutItem: 80 bytes before and 80 after; the entry stays as it is
  missing: repeats`, cost.String())
}
