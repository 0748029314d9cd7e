package monotable_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// A sort key has at most 1,024 bytes in an index too, a partition key 2,048.
func TestIndexKeyBounds(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, monotable.Schema{
		Name: "bounds", Partition: monotable.S("id"),
		Indexes: []monotable.Index{{Name: "by-name", Partition: monotable.S("group"), Sort: monotable.S("name")}},
	})
	type member struct {
		ID    string `dynamodbav:"id"`
		Group string `dynamodbav:"group,omitempty"`
		Name  string `dynamodbav:"name,omitempty"`
	}
	members := tableOf[member](t, db, monotable.Model{})
	require.NoError(t, members.Put(ctx, &member{ID: "a", Group: strings.Repeat("g", 2048),
		Name: strings.Repeat("n", 1024)}))
	requests.seen()
	err := members.Put(ctx, &member{ID: "b", Group: "g", Name: strings.Repeat("n", 1025)})
	require.ErrorIs(t, err, monotable.ErrKey)
	require.ErrorContains(t, err, "name has 1025 bytes, and at most 1024 are allowed")
	err = members.Put(ctx, &member{ID: "b", Group: strings.Repeat("g", 2049), Name: "n"})
	require.ErrorContains(t, err, "group has 2049 bytes, and at most 2048 are allowed")
	assert.Empty(t, requests.seen())
}
