package monotable_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

type session struct {
	ID        string     `dynamodbav:"id"`
	Role      string     `dynamodbav:"role"`
	Hits      int        `dynamodbav:"hits"`
	CreatedAt time.Time  `dynamodbav:"created_at"`
	UpdatedAt *time.Time `dynamodbav:"updated_at,unixtime,omitempty"`
	ExpiresAt time.Time  `dynamodbav:"expires_at,unixtime"`
}

var errRole = errors.New("there is no such role")

func (s *session) SetDefaults() {
	if s.Role == "" {
		s.Role = "guest"
	}
}

func (s *session) Validate() error {
	if s.Role == "root" {
		return errRole
	}
	return nil
}

var sessionSchema = monotable.Schema{Name: "sessions", Partition: monotable.S("id"), TTL: "expires_at"}
var sessionModel = monotable.Model{Created: "created_at", Updated: "updated_at"}

// sessions are on a clock of their own.
func sessions(t testing.TB) (table *monotable.Table[session], clock *time.Time) {
	clock = new(time.Date(2026, 5, 1, 10, 0, 0, 123456789, time.UTC))
	db, _ := newDB(t, sessionSchema, monotable.Clock(func() time.Time { return *clock }))
	return tableOf[session](t, db, sessionModel), clock
}

func TestTimestampsAndHooks(t *testing.T) {
	ctx := t.Context()
	table, clock := sessions(t)
	born := *clock
	s := session{ID: "a"}
	require.NoError(t, table.Create(ctx, &s))
	assert.Equal(t, "guest", s.Role)
	assert.Equal(t, born, s.CreatedAt)
	assert.True(t, born.Truncate(time.Second).Equal(*s.UpdatedAt))
	got, err := table.Get(ctx, s)
	require.NoError(t, err)
	assert.True(t, s.UpdatedAt.Equal(*got.UpdatedAt))
	assert.Equal(t, s.CreatedAt, got.CreatedAt)
	assert.True(t, got.ExpiresAt.IsZero(), "a zero time is no TTL")

	*clock = clock.Add(time.Hour)
	require.NoError(t, table.Put(ctx, &got))
	assert.Equal(t, born, got.CreatedAt)
	assert.True(t, got.UpdatedAt.After(*s.UpdatedAt))
	*clock = clock.Add(time.Hour)
	updated, err := table.Update(ctx, s, expression.Add(expression.Name("hits"), expression.Value(1)))
	require.NoError(t, err)
	assert.Equal(t, born, updated.CreatedAt)
	assert.True(t, updated.UpdatedAt.After(*got.UpdatedAt))
	*clock = clock.Add(time.Hour)
	modified, err := table.Modify(ctx, s, func(s *session) error { s.Hits++; return nil })
	require.NoError(t, err)
	assert.True(t, modified.UpdatedAt.After(*updated.UpdatedAt))
	same, err := table.Modify(ctx, s, func(*session) error { return nil })
	require.NoError(t, err)
	assert.True(t, same.UpdatedAt.Equal(*modified.UpdatedAt), "nothing changed, nothing is stamped")
	other, err := table.Upsert(ctx, session{ID: "b"}, set("role", "user"))
	require.NoError(t, err)
	assert.Equal(t, *clock, other.CreatedAt)

	bad := session{ID: "c", Role: "root"}
	require.ErrorIs(t, table.Create(ctx, &bad), errRole)
	_, err = table.Modify(ctx, s, func(s *session) error { s.Role = "root"; return nil })
	require.ErrorIs(t, err, errRole)
	clash := session{ID: "a"}
	require.ErrorIs(t, table.Create(ctx, &clash), monotable.ErrExists)
	assert.Equal(t, session{ID: "a"}, clash, "a failed write changes nothing")
}

func TestUnexpired(t *testing.T) {
	ctx := t.Context()
	table, clock := sessions(t)
	for id, at := range map[string]time.Time{"past": clock.Add(-time.Minute), "soon": clock.Add(time.Minute),
		"never": {}} {
		require.NoError(t, table.Put(ctx, &session{ID: id, ExpiresAt: at}))
	}
	assert.Len(t, collect(t, table.Scan(ctx)), 3, "DynamoDB deletes some time after")
	assert.Len(t, collect(t, table.Scan(ctx, monotable.Unexpired())), 2)
	_, err := table.Get(ctx, session{ID: "past"})
	require.NoError(t, err)
	_, err = table.Get(ctx, session{ID: "past"}, monotable.Unexpired())
	require.ErrorIs(t, err, monotable.ErrNotFound)
	many, err := table.GetMany(ctx, []session{{ID: "past"}, {ID: "soon"}, {ID: "never"}}, monotable.Unexpired())
	require.NoError(t, err)
	assert.Nil(t, many[0])
	assert.NotNil(t, many[1])
	assert.NotNil(t, many[2])
	assert.Len(t, collect(t, table.Query(ctx, session{ID: "past"}, monotable.Unexpired())), 0)

	sales := newTable[sale](t, store, saleModel)
	require.ErrorContains(t, firstError(sales.Scan(ctx, monotable.Unexpired())), "TTL")
	type wrongTTL struct {
		ID string    `dynamodbav:"id"`
		At time.Time `dynamodbav:"expires_at"`
	}
	db, err := monotable.Open(fake, sessionSchema)
	require.NoError(t, err)
	_, err = monotable.New[wrongTTL](db, monotable.Model{})
	require.ErrorContains(t, err, "unixtime")
	_, err = monotable.New[session](db, monotable.Model{Updated: "hits"})
	require.ErrorContains(t, err, "time.Time")
}

func TestTimestampsInIndexKeys(t *testing.T) {
	ctx := t.Context()
	type doc struct {
		ID        string    `dynamodbav:"id"`
		Title     string    `dynamodbav:"title"`
		UpdatedAt time.Time `dynamodbav:"updated_at"`
	}
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	db, _ := newDB(t, store, monotable.Clock(func() time.Time { return now }))
	docs := tableOf[doc](t, db, monotable.Model{Updated: "updated_at", Keys: map[string]string{
		"PK": "DOC#{id}", "SK": "DOC", "GSI1PK": "DOCS", "GSI1SK": "{updated_at}",
	}})
	recent := func() []doc {
		return collect(t, docs.Query(ctx, doc{}, monotable.On("GSI1"), monotable.Eq("updated_at", now)))
	}
	d := doc{ID: "1"}
	require.NoError(t, docs.Create(ctx, &d))
	require.Len(t, recent(), 1)
	now = now.Add(time.Minute)
	_, err := docs.Update(ctx, d, set("title", "x"))
	require.NoError(t, err)
	require.Len(t, recent(), 1, "the index follows the timestamp of an update")
	now = now.Add(time.Minute)
	_, err = docs.Modify(ctx, d, func(d *doc) error { d.Title = "y"; return nil })
	require.NoError(t, err)
	require.Len(t, recent(), 1, "and of a Modify")
}
