package monotable_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

// stamped keeps all that its key is made of in the key alone.
type stamped struct {
	User  string    `dynamodbav:"user"`
	Done  bool      `dynamodbav:"done"`
	At    time.Time `dynamodbav:"at"`
	N     int32     `dynamodbav:"n"`
	U     uint16    `dynamodbav:"u,string"`
	Unix  time.Time `dynamodbav:"unix,unixtime"`
	Raw   []byte    `dynamodbav:"raw"`
	Ratio float64   `dynamodbav:"ratio"`
	Title string    `dynamodbav:"title,omitempty"`
	Hits  int       `dynamodbav:"hits"`
	V     int       `dynamodbav:"v"`
}

var stampedModel = monotable.Model{Version: "v", Keys: map[string]string{
	"PK": "USER#{user}#{done}#{u|plain}", "SK": "{at}#{n|desc}#{unix}#{ratio:10.2}#{raw}",
	"GSI1PK": "T#{title}", "GSI1SK": "{user}#{n}",
}, KeyOnly: []string{"user", "done", "at", "n", "u", "unix", "raw", "ratio"}}

func drawStamped(t *rapid.T) stamped {
	return stamped{
		User: rapid.SampledFrom([]string{"ann", "a#b", "100%", "é~", "7", "007"}).Draw(t, "user"),
		Done: rapid.Bool().Draw(t, "done"), At: time.Unix(rapid.Int64Range(1, 1<<32).Draw(t, "at"),
			rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC(),
		N: rapid.Int32().Draw(t, "n"), U: rapid.Uint16().Draw(t, "u"),
		Unix:  time.Unix(rapid.Int64Range(-1<<32, 1<<32).Draw(t, "unix"), 0),
		Raw:   rapid.SliceOfN(rapid.Byte(), 1, 9).Draw(t, "raw"),
		Ratio: float64(rapid.IntRange(-1e9, 1e9).Draw(t, "ratio")) / 4,
		Title: rapid.SampledFrom([]string{"", "x"}).Draw(t, "title"),
	}
}

// What the key alone holds is not stored beside it, and comes back by every read and write.
func TestKeyOnlyAttributesComeBackFromTheKey(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	stampeds := tableOf[stamped](t, db, stampedModel)
	type short struct {
		User string `dynamodbav:"user"`
		Hits int    `dynamodbav:"hits"`
	}
	view, err := monotable.As[short](stampeds)
	require.NoError(t, err)
	name := db.Schema().Name
	rapid.Check(t, func(t *rapid.T) {
		x := drawStamped(t)
		require.NoError(t, stampeds.Delete(ctx, x)) // what a failed run left
		require.NoError(t, stampeds.Create(ctx, &x))
		item, err := stampeds.Encode(x)
		require.NoError(t, err)
		out, err := requests.service.GetItem(ctx, &dynamodb.GetItemInput{TableName: &name,
			Key: monotable.Item{"PK": item["PK"], "SK": item["SK"]}})
		require.NoError(t, err)
		for _, alone := range stampedModel.KeyOnly {
			require.NotContains(t, out.Item, alone)
		}
		require.True(t, monotable.Item(out.Item).Equal(item))
		check := func(got stamped, err error) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, x, got)
		}
		check(stampeds.Get(ctx, x))
		check(stampeds.Decode(out.Item))
		many, err := stampeds.GetMany(ctx, []stamped{x})
		require.NoError(t, err)
		require.Equal(t, []*stamped{&x}, many)
		partition := stamped{User: x.User, Done: x.Done, U: x.U}
		require.Contains(t, collect(t, stampeds.Query(ctx, partition)), x)
		require.Contains(t, collect(t, stampeds.Query(ctx, partition, monotable.From("at", x.At))), x)
		require.Contains(t, collect(t, stampeds.Collection(ctx, partition)), any(x))
		if x.Title != "" {
			require.Contains(t, collect(t, stampeds.Query(ctx, stamped{Title: x.Title}, monotable.On("GSI1"))), x)
		}
		small, err := view.Get(ctx, x)
		require.NoError(t, err)
		require.Equal(t, short{x.User, x.Hits}, small)
		x.Hits, x.V = x.Hits+1, x.V+1
		check(stampeds.Update(ctx, x, expression.Add(expression.Name("hits"), expression.Value(1))))
		x.Title, x.V = "y", x.V+1
		check(stampeds.Modify(ctx, x, func(e *stamped) error { e.Title = "y"; return nil }))
		x.Title, x.V = "z", x.V+1
		check(stampeds.Upsert(ctx, x, set("title", "z")))
		require.Equal(t, &types.AttributeValueMemberS{Value: "T#z"}, mustItem(t, requests, name, item)["GSI1PK"])
		bytes, err := stampeds.Size(x)
		require.NoError(t, err)
		require.Equal(t, monotable.Item(mustItem(t, requests, name, item)).Size(), bytes)
		require.NoError(t, stampeds.Put(ctx, &x))
		check(stampeds.Get(ctx, x))
		require.NoError(t, stampeds.Delete(ctx, x))
	})
}

func mustItem(t require.TestingT, r *recorder, table string, key monotable.Item) monotable.Item {
	out, err := r.service.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: &table,
		Key: monotable.Item{"PK": key["PK"], "SK": key["SK"]}})
	require.NoError(t, err)
	return out.Item
}

// legacy is an item of a table that was there before: its ids are in its keys alone.
type legacy struct {
	User  string `dynamodbav:"user"`
	ID    int    `dynamodbav:"id"`
	Total int    `dynamodbav:"total"`
}

var legacySchema = monotable.Schema{Name: "legacy", Partition: monotable.S("pk"), Sort: monotable.S("sk")}

var legacyModel = monotable.Model{Keys: map[string]string{"pk": "USER#{user}", "sk": "ORDER#{id|plain}"},
	KeyOnly: []string{"user", "id"}}

// What others stored beside the key stays if it agrees, and is an error if not; a key in another form is another's.
func TestKeyOnlyBesideWhatOthersStored(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, legacySchema)
	orders, name := tableOf[legacy](t, db, legacyModel), db.Schema().Name
	put := func(sk string, more ...string) {
		item := monotable.Item{"pk": &types.AttributeValueMemberS{Value: "USER#42"},
			"sk": &types.AttributeValueMemberS{Value: sk}, "total": &types.AttributeValueMemberN{Value: "5"}}
		for i := 0; i < len(more); i += 2 {
			item[more[i]] = &types.AttributeValueMemberN{Value: more[i+1]}
		}
		_, err := requests.service.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: item})
		require.NoError(t, err)
	}
	put("ORDER#9")
	put("ORDER#007")
	put("ORDER#x")
	put("ORDER#11", "id", "11")
	want := []legacy{{"42", 11, 5}, {"42", 9, 5}}
	assert.Equal(t, want, collect(t, orders.Query(ctx, legacy{User: "42"})))
	assert.ElementsMatch(t, want, collect(t, orders.Scan(ctx)))
	_, err := orders.Modify(ctx, legacy{"42", 11, 0}, func(o *legacy) error { o.Total = 6; return nil })
	require.NoError(t, err)
	out, err := requests.service.GetItem(ctx, &dynamodb.GetItemInput{TableName: &name, Key: monotable.Item{
		"pk": &types.AttributeValueMemberS{Value: "USER#42"}, "sk": &types.AttributeValueMemberS{Value: "ORDER#11"}}})
	require.NoError(t, err)
	assert.Contains(t, out.Item, "id", "a copy that agrees stays")
	put("ORDER#12", "id", "13")
	_, err = orders.Get(ctx, legacy{User: "42", ID: 12})
	require.ErrorContains(t, err, "attribute id is stored beside the key, and differs")
	assert.NotContains(t, err.Error(), "13")
	require.Error(t, firstError(orders.Query(ctx, legacy{User: "42"})))

	// Expressions do not reach what the key alone holds.
	nine, id := legacy{"42", 9, 0}, expression.Name("id")
	for what, err := range map[string]error{
		"filter":    firstError(orders.Scan(ctx, monotable.Filter(id.Equal(expression.Value(9))))),
		"condition": orders.Put(ctx, &nine, monotable.If(expression.AttributeExists(id))),
		"update":    second(orders.Update(ctx, nine, set("id", 10))),
		"remove":    second(orders.Update(ctx, nine, expression.Remove(id))),
	} {
		require.ErrorIs(t, err, monotable.ErrKey, what)
	}
}

// Each way in which a model cannot have what it asks for is said, all of them at a time.
func TestModelsSayAllThatIsWrong(t *testing.T) {
	schema := store
	schema.Indexes = append(schema.Indexes[:3:3], monotable.Index{Name: "by-region", Partition: monotable.S("region")})
	db, _ := newDB(t, schema)
	type odd struct {
		ID      string     `dynamodbav:"id"`
		At      time.Time  `dynamodbav:"at"`
		N       int        `dynamodbav:"n" monotable:"omitzero"`
		M       int        `dynamodbav:"m"`
		V       int        `dynamodbav:"v"`
		Deleted *time.Time `dynamodbav:"deleted,omitempty"`
		Region  string     `dynamodbav:"region,omitempty"`
	}
	keys := func(more ...string) map[string]string {
		all := map[string]string{"PK": "O#{id|lower}#{n}#{m}", "SK": "{at|date}", "GSI1PK": "{id}", "GSI1SK": "{m}"}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	for name, c := range map[string]struct {
		model monotable.Model
		want  []string
	}{
		"key only": {monotable.Model{Version: "v", Keys: keys(), KeyOnly: []string{"id", "at", "n", "v", "x", "deleted"}},
			[]string{"keeps all of id", "keeps all of at", "cannot be tagged omitzero", "v is the version", "names x",
				"keeps all of deleted"}},
		"prefix": {monotable.Model{Keys: keys(), Prefix: map[string]string{"PK": "x", "region": "", "total": "1"}},
			[]string{"Prefix names PK", "that of region is empty", "Prefix names total"}},
		"except": {monotable.Model{Keys: keys(), Except: map[string]string{"GSI1": "at", "inverted": "deleted",
			"none": "deleted"}}, []string{"at is what the primary key is made of", "no key of index inverted is made",
			"no part in an index none"}},
		"uncounted": {monotable.Model{Version: "v", Keys: keys(), Uncounted: []string{"m", "v", "x", "region"}},
			[]string{"made of m", "v is the version", "names x", "made of region"}},
		"uncounted of what": {monotable.Model{Keys: keys(), Uncounted: []string{"deleted"}},
			[]string{"neither Version nor Updated"}},
		"keys": {monotable.Model{Version: "nov", Updated: "noup", Keys: keys("PK", "{none}", "SK", "{", "other", "x")},
			[]string{"none", "SK", "Keys names other", "Version names nov", "Updated names noup"}},
	} {
		_, err := monotable.New[odd](db, c.model)
		require.Error(t, err, name)
		for _, part := range c.want {
			assert.ErrorContains(t, err, part, name)
		}
	}
	_, err := monotable.New[monotable.Item](db, monotable.Model{KeyOnly: []string{"x"}})
	require.ErrorContains(t, err, "a table of Item has none")
}

type happened struct {
	PK   string `dynamodbav:"PK"`
	SK   string `dynamodbav:"SK"`
	Text string `dynamodbav:"text"`
}

// Types that have their keys themselves are told apart by how these begin.
func TestPrefixTellsTypesApart(t *testing.T) {
	ctx := t.Context()
	schema := monotable.Schema{Name: "prefixed", Partition: monotable.S("PK"), Sort: monotable.S("SK")}
	db, requests := newDB(t, schema)
	type note struct {
		PK string `dynamodbav:"PK"`
		SK string `dynamodbav:"SK"`
	}
	type made struct {
		ID int `dynamodbav:"id"`
	}
	events := tableOf[happened](t, db, monotable.Model{Prefix: map[string]string{"SK": "EVENT#"}})
	notes := tableOf[note](t, db, monotable.Model{Prefix: map[string]string{"SK": "NOTE#"}})
	_ = tableOf[made](t, db, monotable.Model{Keys: map[string]string{"PK": "M", "SK": "MADE#{id}"}})
	_, err := monotable.New[made](db, monotable.Model{Type: "other",
		Keys: map[string]string{"PK": "M", "SK": "{id|plain}"}})
	require.NoError(t, err, "digits begin neither")
	type loose struct {
		PK string `dynamodbav:"PK"`
		SK string `dynamodbav:"SK"`
	}
	for _, m := range []monotable.Model{{}, {Prefix: map[string]string{"SK": "EV"}},
		{Prefix: map[string]string{"PK": "x"}}} {
		_, err := monotable.New[loose](db, m)
		require.ErrorContains(t, err, "its keys could be those of entity type", "%v", m)
	}
	for i := range 3 {
		require.NoError(t, events.Create(ctx, &happened{PK: "p", SK: "EVENT#" + strconv.Itoa(i)}))
		require.NoError(t, notes.Create(ctx, &note{"p", "NOTE#" + strconv.Itoa(i)}))
	}
	var read *dynamodb.QueryInput
	requests.before = func(_ string, in any) error { read, _ = in.(*dynamodb.QueryInput); return nil }
	assert.Len(t, collect(t, events.Query(ctx, happened{PK: "p"})), 3)
	assert.Contains(t, *read.KeyConditionExpression, "begins_with(")
	requests.before = nil
	assert.Len(t, collect(t, events.Query(ctx, happened{PK: "p"}, monotable.From("SK", "A"))), 3, "notes are another's")
	assert.Len(t, collect(t, notes.Scan(ctx)), 3)
	require.ErrorIs(t, events.Put(ctx, &happened{PK: "p", SK: "NOTE#1"}), monotable.ErrKey)
	_, err = events.Get(ctx, happened{PK: "p", SK: "NOTE#1"})
	require.ErrorIs(t, err, monotable.ErrKey)
	gathered, err := monotable.Gather[struct {
		Events []happened
		Notes  []note
	}](ctx, events, happened{PK: "p"})
	require.NoError(t, err)
	assert.Len(t, gathered.Events, 3)
	assert.Len(t, gathered.Notes, 3)
}
