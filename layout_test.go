package monotable_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

func TestOpenRefusesASchema(t *testing.T) {
	client := dynamotest.NewClient()
	for name, test := range map[string]struct {
		schema monotable.Schema
		says   []string
	}{
		"no name": {monotable.Schema{Partition: monotable.S("PK")}, []string{"table name"}},
		"no key":  {monotable.Schema{Name: "table"}, []string{"no partition key"}},
		"two sort keys": {monotable.Schema{Name: "table", Partition: monotable.S("PK"),
			Sort: monotable.S("a", "b")}, []string{"2 attributes, at most 1"}},
		"one attribute twice": {monotable.Schema{Name: "table", Partition: monotable.S("PK"), Sort: monotable.S("PK")},
			[]string{"PK is in its key twice"}},
		"two types": {monotable.Schema{Name: "table", Partition: monotable.S("PK"), Indexes: []monotable.Index{
			{Name: "index", Partition: monotable.N("PK")},
		}}, []string{"PK is N here and S elsewhere"}},
		"everything at once": {monotable.Schema{Name: "t", Partition: monotable.S(""), EntityType: "type", TTL: "type",
			Stream: "EVERYTHING", Indexes: []monotable.Index{
				{Name: "index", Partition: monotable.S("a", "b", "c", "d", "e")},
				{Name: "index", Local: true, Sort: monotable.S("x"), KeysOnly: true, Include: []string{"y"}},
			}}, []string{"table name", "1 to 255 bytes", "5 attributes, at most 4", "there twice",
			"needs a table with a sort key", "KeysOnly and Include", "both TTL and entity type", `no stream view "EVERYTHING"`}},
		"a key as TTL": {monotable.Schema{Name: "table", Partition: monotable.S("PK"), TTL: "PK"},
			[]string{"TTL attribute PK is a key"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := monotable.Open(client, test.schema)
			require.Error(t, err)
			for _, says := range test.says {
				assert.ErrorContains(t, err, says)
			}
		})
	}
	_, err := monotable.Open(nil, monotable.Schema{Name: "table"}, monotable.Clock(nil),
		monotable.CursorKeys([]byte("short"), make([]byte, 16), nil))
	for _, says := range []string{"client is nil", "no partition key", "Clock: the function is nil",
		"cursor key 0 has 5 bytes", "cursor key 2 has 0 bytes"} {
		require.ErrorContains(t, err, says, "all that is wrong is said at once")
	}
}

func TestNewRefusesAModel(t *testing.T) {
	db, err := monotable.Open(dynamotest.NewClient(), store)
	require.NoError(t, err)
	refused := func(err error, says ...string) {
		t.Helper()
		require.Error(t, err)
		for _, s := range says {
			assert.ErrorContains(t, err, s)
		}
	}
	keys := func(pk, sk string) monotable.Model {
		return monotable.Model{Keys: map[string]string{"PK": pk, "SK": sk}}
	}
	_, err = monotable.New[sale](db, monotable.Model{})
	refused(err, "PK", "no template")
	_, err = monotable.New[sale](db, monotable.Model{Keys: map[string]string{"PK": "A#{id}", "SK": "B",
		"GSI9": "{id}"}})
	refused(err, "GSI9")
	_, err = monotable.New[sale](db, keys("A#{nothing}", "B"))
	refused(err, "nothing", "A#{nothing}")
	_, err = monotable.New[sale](db, keys("A#{id", "B"))
	refused(err, "byte 2")
	_, err = monotable.New[sale](db, keys("A#{tags}", "B"))
	refused(err, "tags")
	_, err = monotable.New[sale](db, monotable.Model{Keys: map[string]string{"PK": "A#{id}", "SK": "B",
		"GSI1PK": "{status}"}})
	refused(err, "GSI1", "GSI1SK")
	_, err = monotable.New[sale](db, monotable.Model{Keys: saleModel.Keys, Version: "nothing"})
	refused(err, "Version", "nothing")
	_, err = monotable.New[sale](db, monotable.Model{Keys: saleModel.Keys, Version: "status"})
	refused(err, "Status", "integer")
	_, err = monotable.New[string](db, monotable.Model{})
	refused(err, "struct")
	_, err = monotable.New[sale](nil, saleModel)
	refused(err, "nil")

	type declaresType struct {
		ID   string `dynamodbav:"id"`
		Type string `dynamodbav:"type"`
	}
	_, err = monotable.New[declaresType](db, keys("A#{id}", "B"))
	refused(err, "Type", "written by the library")
	type declaresKey struct {
		ID string `dynamodbav:"id"`
		PK string `dynamodbav:"PK"`
	}
	_, err = monotable.New[declaresKey](db, keys("A#{id}", "B"))
	refused(err, "PK", "written by the library")
	type badTag struct {
		ID string `dynamodbav:"id,omitemty"`
	}
	_, err = monotable.New[badTag](db, keys("A#{id}", "B"))
	refused(err, "ID", "omitemty")
	type badType struct {
		ID   string   `dynamodbav:"id"`
		Feed chan int `dynamodbav:"feed"`
	}
	_, err = monotable.New[badType](db, keys("A#{id}", "B"))
	refused(err, "Feed")

	_, err = monotable.New[sale](db, saleModel)
	require.NoError(t, err)
	_, err = monotable.New[sale](db, saleModel)
	require.NoError(t, err, "the same again")
	other := profileModel
	other.Type = saleModel.Type
	_, err = monotable.New[profile](db, other)
	refused(err, "Sale")
}

func TestNaturalKeyTypes(t *testing.T) {
	type wrong struct {
		ID string `dynamodbav:"id"`
	}
	type sortedByTime struct {
		ID string    `dynamodbav:"id"`
		At time.Time `dynamodbav:"at"`
	}
	type sortedByUnixTime struct {
		ID string    `dynamodbav:"id"`
		At time.Time `dynamodbav:"at,unixtime"`
	}
	client := dynamotest.NewClient()
	db, err := monotable.Open(client, monotable.Schema{Name: "numbers", Partition: monotable.N("id")})
	require.NoError(t, err)
	_, err = monotable.New[wrong](db, monotable.Model{})
	require.ErrorContains(t, err, "ID (string)")

	db, err = monotable.Open(client, monotable.Schema{Name: "times", Partition: monotable.S("id"),
		Sort: monotable.S("at")})
	require.NoError(t, err)
	_, err = monotable.New[sortedByTime](db, monotable.Model{})
	require.ErrorContains(t, err, "does not sort")
	db, err = monotable.Open(client, monotable.Schema{Name: "times", Partition: monotable.S("id"),
		Sort: monotable.N("at")})
	require.NoError(t, err)
	_, err = monotable.New[sortedByUnixTime](db, monotable.Model{})
	require.NoError(t, err)
}

func TestUnixTimesInTemplatesAreAsStored(t *testing.T) {
	ctx := t.Context()
	type event struct {
		ID string    `dynamodbav:"id"`
		At time.Time `dynamodbav:"at,unixtime"`
	}
	events := newTable[event](t, store, monotable.Model{Keys: map[string]string{"PK": "E#{id}", "SK": "{at}"}})
	require.NoError(t, events.Put(ctx, &event{"a", time.Date(2026, 1, 1, 0, 0, 0, 5e8, time.UTC)}))
	for _, e := range collect(t, events.Scan(ctx)) {
		_, err := events.Get(ctx, e)
		require.NoError(t, err)
		_, err = events.Modify(ctx, e, func(*event) error { return nil })
		require.NoError(t, err)
	}
}

func TestFoldedKeysDoNotTellTheField(t *testing.T) {
	ctx := t.Context()
	type user struct {
		Email  string `dynamodbav:"email"`
		Status string `dynamodbav:"status"`
	}
	users := newTable[user](t, store, monotable.Model{Keys: map[string]string{
		"PK": "U#{email|lower}", "SK": "U", "GSI1PK": "S#{status}", "GSI1SK": "{email}#{status}",
	}})
	require.NoError(t, users.Create(ctx, &user{"Bob@X", "a"}))
	_, err := users.Update(ctx, user{Email: "bob@x"}, set("status", "b"))
	require.ErrorIs(t, err, monotable.ErrKey)
	_, err = users.Update(ctx, user{Email: "bob@x"}, set("status", "b"), monotable.Known(user{Email: "Bob@X"}))
	require.NoError(t, err)
	got, err := users.Get(ctx, user{Email: "BOB@X"})
	require.NoError(t, err)
	assert.Equal(t, user{"Bob@X", "b"}, got)
	assert.Len(t, collect(t, users.Query(ctx, user{Status: "b"}, monotable.On("GSI1"), monotable.Eq("email", "Bob@X"))),
		1)
}

func TestModelsThatWouldDrift(t *testing.T) {
	db, err := monotable.Open(fake, store)
	require.NoError(t, err)
	keys := func(gsi string) map[string]string {
		return map[string]string{"PK": "A#{id}", "SK": "A", "GSI1PK": gsi, "GSI1SK": "{id}"}
	}
	type x struct {
		ID   string   `dynamodbav:"id"`
		Tags []string `dynamodbav:"tags"`
		V    int      `dynamodbav:"v"`
	}
	_, err = monotable.New[x](db, monotable.Model{Keys: keys("{v}"), Version: "v"})
	require.ErrorContains(t, err, "version")
	_, err = monotable.New[x](db, monotable.Model{Keys: keys("T#{tags.[0]}")})
	require.Error(t, err)
	type folds struct {
		ID   string `dynamodbav:"id"`
		Type string `dynamodbav:"Type"`
	}
	_, err = monotable.New[folds](db, monotable.Model{Keys: map[string]string{"PK": "A#{id}", "SK": "A"}})
	require.ErrorContains(t, err, "written by the library")
}
