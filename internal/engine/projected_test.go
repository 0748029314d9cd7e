package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// included is an index's projection of n attributes beside its keys.
func included(n int) string {
	return `{"ProjectionType":"INCLUDE","NonKeyAttributes":["` + strings.Join(strs(n, "a%d"), `","`) + `"]}`
}

// The attributes that all indexes of a table include are bounded together, whichever operation adds an index.
func TestIncludedAttributesOfAllIndexes(t *testing.T) {
	e := withTables(t, Options{}) // tab_ix includes one in its local index
	add := func(name string, n int) string {
		return fmt.Sprintf(`{"TableName":"tab_ix","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"}],
			"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"%s",
			"KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":%s}}]}`, name, included(n))
	}
	send(t, e, "UpdateTable", add("some", 60))
	assert.Equal(t,
		"ValidationException: One or more parameter values were invalid: Number of projected attributes exceeds "+
			"per-table limit of 100",
		refused(t, e, "UpdateTable", add("more", 40)))
	send(t, e, "UpdateTable", add("more", 39))
	require.NoError(t, New(Options{}).Load(strings.NewReader(saved(t, e))))
}

// A table that was taken once is loaded again, whatever is asked of new ones.
func TestSnapshotsOfTablesThatWouldNotBeTaken(t *testing.T) {
	e := withTables(t, Options{})
	table := e.find("tab_ix")
	for _, x := range table.indexes {
		if x.projected != nil {
			x.projection.ProjectionType = "INCLUDE"
			x.projection.NonKeyAttributes = strs(99, "a%d")
		}
	}
	table.settings.tags = map[string]string{"aws:x": "1"}
	loaded := New(Options{})
	require.NoError(t, loaded.Load(strings.NewReader(saved(t, e))))
	assert.Equal(t, saved(t, e), saved(t, loaded))
}
