package monotable_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

type login struct {
	Day   string    `dynamodbav:"day"`
	Email string    `dynamodbav:"email"`
	N     int       `dynamodbav:"n"`
	At    time.Time `dynamodbav:"at"`
}

// A sort key's shard does not tell the value that it is chosen by.
func TestShardInASortKey(t *testing.T) {
	ctx := t.Context()
	table := newTable[login](t, store, monotable.Model{Keys: map[string]string{"PK": "D#{day}",
		"SK": "{email|shard:2}#{n:4}"}})
	for i := range 8 {
		require.NoError(t, table.Put(ctx, &login{Day: "mon", Email: fmt.Sprint("e", i), N: i, At: time.Unix(1, 0)}))
	}
	err := firstError(table.Query(ctx, login{Day: "mon"}, monotable.Eq("email", "e1")))
	require.ErrorIs(t, err, monotable.ErrKey)
	require.ErrorContains(t, err, "shard of email")
	assert.Len(t, collect(t, table.Query(ctx, login{Day: "mon"})), 8)
}

// A shard is known by a sort condition only where that asks for one value: a folded or cut one stands for several, in
// many shards.
func TestShardOfAFoldedCondition(t *testing.T) {
	ctx := t.Context()
	folded := newTable[login](t, store, monotable.Model{Keys: map[string]string{"PK": "D#{day}#{email|shard:16}",
		"SK": "{email|lower}#{n:4}"}})
	cut := newTable[login](t, store, monotable.Model{Keys: map[string]string{"PK": "D#{day}#{at|shard:16}",
		"SK": "{at|date}#{n:4}"}})
	same := newTable[login](t, store, monotable.Model{Keys: map[string]string{"PK": "D#{day}#{email|shard:16|lower}",
		"SK": "{email|lower}#{n:4}"}})
	midnight := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for i, email := range []string{"ann@x", "Ann@x", "ANN@x", "ANN@X"} {
		l := login{Day: "mon", Email: email, N: i, At: midnight.Add(time.Duration(i) * time.Hour)}
		require.NoError(t, folded.Put(ctx, &l))
		require.NoError(t, cut.Put(ctx, &l))
		require.NoError(t, same.Put(ctx, &l))
	}
	assert.Len(t, collect(t, folded.Query(ctx, login{Day: "mon"}, monotable.Eq("email", "ann@X"))), 4)
	assert.Len(t, collect(t, cut.Query(ctx, login{Day: "mon"}, monotable.Eq("at", midnight))), 4)
	assert.Len(t, collect(t, same.Query(ctx, login{Day: "mon"}, monotable.Eq("email", "ann@X"))), 4)
}

// A partition field that is folded in the key does not tell the shard of the value as it was written.
func TestShardBesideAFoldedField(t *testing.T) {
	ctx := t.Context()
	table := newTable[login](t, store, monotable.Model{Keys: map[string]string{"PK": "E#{email|lower}#{email|shard:16}",
		"SK": "{n:4}"}})
	for i, email := range []string{"ann@x", "Ann@x", "ANN@x", "ANN@X"} {
		require.NoError(t, table.Put(ctx, &login{Email: email, N: i, At: time.Unix(1, 0)}))
	}
	assert.Len(t, collect(t, table.Query(ctx, login{Email: "aNN@x"})), 4)
}
