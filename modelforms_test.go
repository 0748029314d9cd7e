package monotable_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// seat has a number that its key alone holds, and that a constraint is made of too.
type seat struct {
	Hall   string    `dynamodbav:"hall"`
	Number int       `dynamodbav:"number,omitempty"`
	From   time.Time `dynamodbav:"from"`
	Guest  string    `dynamodbav:"guest,omitempty"`
}

var seatModel = monotable.Model{
	Keys:    map[string]string{"PK": "HALL#{hall}", "SK": "SEAT#{number}#{from}"},
	KeyOnly: []string{"number", "from"}, Unique: map[string]string{"guest": "{guest}#{number}"},
}

// A constraint may be made of what the key alone holds: the writes that expect an item as it was read find it in the
// key.
func TestUniqueOfKeyOnly(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	seats := tableOf[seat](t, db, seatModel)
	was := seat{Hall: "a", Number: 7, From: time.Unix(5, 0).UTC(), Guest: "ann"}
	require.NoError(t, seats.Create(ctx, &was))
	put := was
	put.Guest = "bob"
	require.NoError(t, seats.Put(ctx, &put))
	now := put
	now.Guest = "cat"
	require.NoError(t, db.Write(ctx, []monotable.Op{seats.ReplaceOp(put, &now)}))
	got, err := seats.GetBy(ctx, "guest", now)
	require.NoError(t, err)
	assert.Equal(t, now, got)
	report, err := seats.CheckGuards(ctx)
	require.NoError(t, err)
	assert.Empty(t, report.Problems)
	require.NoError(t, db.Write(ctx, []monotable.Op{seats.DeleteOp(now)}))
	require.NoError(t, seats.Put(ctx, &was))
	require.NoError(t, seats.Delete(ctx, was))
}

// What an update reads is looked for in the item, where it is not.
func TestUpdateReadsNoKeyOnly(t *testing.T) {
	db, _ := newDB(t, store)
	model := seatModel
	model.Unique = nil
	seats := tableOf[seat](t, db, model)
	key := seat{Hall: "a", Number: 7, From: time.Unix(5, 0).UTC()}
	_, err := seats.Update(t.Context(), key, monotable.Set("guest", expression.Name("from")))
	require.ErrorIs(t, err, monotable.ErrKey)
}

// A copy of a time that is kept in the key agrees if it is the same instant, in whatever zone it was written.
func TestKeyOnlyTimeInAnotherZone(t *testing.T) {
	ctx := t.Context()
	db, r := newDB(t, store)
	model := seatModel
	model.Unique = nil
	seats := tableOf[seat](t, db, model)
	want := seat{Hall: "a", Number: 7, From: time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)}
	item, err := seats.Encode(want)
	require.NoError(t, err)
	name := db.Schema().Name
	for text, agrees := range map[string]bool{
		"2026-01-01T04:00:00+02:00": true, "2026-01-01T02:00:00.000Z": true, "2026-01-01T02:00:00+02:00": false,
	} {
		item["from"] = &types.AttributeValueMemberS{Value: text}
		_, err := r.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: item})
		require.NoError(t, err)
		got, err := seats.Get(ctx, want)
		if !agrees {
			require.ErrorContains(t, err, "differs from what the key says", text)
			continue
		}
		require.NoError(t, err, text)
		assert.Equal(t, want, got)
	}
}

// A zero that is left out by a Put is stored by an Upsert; ReplaceOp finds the item that it was given all the same.
func TestReplaceOfZeroThatUpsertStored(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	model := seatModel
	model.KeyOnly, model.Unique = nil, map[string]string{"guest": "{guest}#{number}"}
	seats := tableOf[seat](t, db, model)
	was, err := seats.Upsert(ctx, seat{Hall: "a", From: time.Unix(5, 0).UTC()}, expression.UpdateBuilder{})
	require.NoError(t, err)
	now := was
	now.Guest = "ann"
	require.NoError(t, db.Write(ctx, []monotable.Op{seats.ReplaceOp(was, &now)}))
}

// The prefix of an index's natural key holds for an update as for a put.
func TestPrefixOfIndexInUpdate(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	model := saleModel
	model.Prefix = map[string]string{"region": "R#"}
	sales := tableOf[sale](t, db, model)
	s := sale{CustomerID: "c", ID: "1", PlacedAt: time.Unix(5, 0).UTC(), Status: "new", Region: "R#1"}
	require.NoError(t, sales.Create(ctx, &s))
	other := s
	other.Region = "north"
	_, set := sales.Update(ctx, s, monotable.Set("region", "north"))
	_, patch := sales.Update(ctx, s, monotable.Patch(other, "region"))
	_, upsert := sales.Upsert(ctx, s, monotable.Set("region", "north"))
	_, modify := sales.Modify(ctx, s, func(s *sale) error { s.Region = "north"; return nil })
	for _, err := range []error{set, patch, upsert, modify, sales.Put(ctx, &other)} {
		require.ErrorIs(t, err, monotable.ErrKey)
		assert.NotContains(t, err.Error(), "omitempty")
	}
	_, err := sales.Update(ctx, s, monotable.Set("region", "R#2"))
	require.NoError(t, err)
}

// A counter that others stored as NULL is read as zero, and is no count that a Put would lose.
func TestUncountedStoredAsNull(t *testing.T) {
	ctx := t.Context()
	type page struct {
		ID      string `dynamodbav:"id"`
		Views   int    `dynamodbav:"views,omitempty"`
		Version int64  `dynamodbav:"version"`
	}
	db, r := newDB(t, store)
	pages := tableOf[page](t, db, monotable.Model{Version: "version", Uncounted: []string{"views"},
		Keys: map[string]string{"PK": "PAGE#{id}", "SK": "PAGE"}})
	p := page{ID: "a"}
	require.NoError(t, pages.Create(ctx, &p))
	item, err := pages.Encode(p)
	require.NoError(t, err)
	item["views"] = &types.AttributeValueMemberNULL{Value: true}
	name := db.Schema().Name
	_, err = r.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: item})
	require.NoError(t, err)
	read, err := pages.Get(ctx, p)
	require.NoError(t, err)
	require.NoError(t, pages.Put(ctx, &read))
	stale := read
	_, err = pages.Update(ctx, p, monotable.Set("views", 1))
	require.NoError(t, err)
	require.ErrorIs(t, pages.Put(ctx, &stale), monotable.ErrCondition)
}

// The version and timestamps are never zero once an item is written.
func TestExceptOfWhatIsAlwaysSet(t *testing.T) {
	type card struct {
		ID      string    `dynamodbav:"id"`
		Version int       `dynamodbav:"version"`
		Created time.Time `dynamodbav:"created"`
		Changed time.Time `dynamodbav:"changed"`
	}
	for _, name := range []string{"version", "created", "changed"} {
		db, _ := newDB(t, store)
		_, err := monotable.New[card](db, monotable.Model{Version: "version", Created: "created", Updated: "changed",
			Except: map[string]string{"GSI1": name},
			Keys:   map[string]string{"PK": "CARD#{id}", "SK": "CARD", "GSI1PK": "CARDS", "GSI1SK": "{id}"}})
		require.ErrorContains(t, err, "Except: "+name+" is set by the library's writes")
	}
}

// A pointer to zero leaves an item out of no index, and stops no Upsert.
func TestUpsertMeetsPointerToZero(t *testing.T) {
	ctx := t.Context()
	type card struct {
		ID     string `dynamodbav:"id"`
		Hidden *bool  `dynamodbav:"hidden,omitempty"`
		Note   string `dynamodbav:"note"`
	}
	db, _ := newDB(t, store)
	cards := tableOf[card](t, db, monotable.Model{Except: map[string]string{"GSI1": "hidden"},
		Keys: map[string]string{"PK": "CARD#{id}", "SK": "CARD", "GSI1PK": "CARDS", "GSI1SK": "{id}"}})
	shown := card{ID: "a", Hidden: new(bool)}
	require.NoError(t, cards.Create(ctx, &shown))
	_, err := cards.Upsert(ctx, shown, monotable.Set("note", "x"))
	require.NoError(t, err)
	hidden := card{ID: "b", Hidden: new(true)}
	require.NoError(t, cards.Create(ctx, &hidden))
	_, err = cards.Upsert(ctx, hidden, monotable.Set("note", "x"))
	require.ErrorIs(t, err, monotable.ErrCondition)
}
