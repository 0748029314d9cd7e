//go:build !oracle

// DynamoDB Local 3.1 has no indexes of several attributes, so that these run on the fake alone.

package monotable_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

// visit is kept by a folded address; its index keys are made of the address as it was written.
type visit struct {
	Email  string `dynamodbav:"email"`
	Status string `dynamodbav:"status,omitempty"`
	N      int    `dynamodbav:"n"`
	Hits   int    `dynamodbav:"hits"`
}

func visits(t testing.TB,
	keys map[string]string) (*monotable.Table[visit], func(pk string) monotable.Item, func(monotable.Item)) {
	t.Helper()
	db, client := newDB(t, store)
	keys["SK"] = "VISIT"
	table, name := tableOf[visit](t, db, monotable.Model{Type: "visit", Keys: keys}), db.Schema().Name
	raw := func(pk string) monotable.Item {
		out, err := client.service.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: monotable.Item{
			"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: "VISIT"},
		}})
		require.NoError(t, err)
		return out.Item
	}
	put := func(item monotable.Item) {
		_, err := client.service.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: item})
		require.NoError(t, err)
	}
	return table, raw, put
}

// An upsert into a table whose key loses something makes the index keys that are made of the same attribute.
func TestUpsertMakesIndexKeysOfALossyKey(t *testing.T) {
	ctx := t.Context()
	hit := expression.Add(expression.Name("hits"), expression.Value(1))
	table, raw, put := visits(t, map[string]string{"PK": "V#{email|lower}", "GSI1PK": "{email}",
		"GSI1SK": "{status}#{email}#{n:3}"})
	_, err := table.Upsert(ctx, visit{Email: "Bob@x"}, hit)
	require.NoError(t, err)
	assert.Equal(t, "Bob@x", textAt(t, raw("V#bob@x"), "GSI1PK"))
	got, err := table.Upsert(ctx, visit{Email: "bob@X"}, hit)
	require.NoError(t, err)
	assert.Equal(t, visit{Email: "Bob@x", Hits: 2}, got)
	assert.Equal(t, "Bob@x", textAt(t, raw("V#bob@x"), "GSI1PK"), "the item keeps its spelling, and its index key")

	// Where the update touches an index key that the spelling is in, the spelling must be as given.
	u := set("status", "new").Set(expression.Name("n"), expression.Value(7))
	_, err = table.Upsert(ctx, visit{Email: "bob@x"}, u)
	require.ErrorIs(t, err, monotable.ErrCondition)
	var failed *monotable.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "Bob@x", textAt(t, failed.Existing, "email"))
	_, err = table.Upsert(ctx, visit{Email: "Bob@x"}, u)
	require.NoError(t, err)
	assert.Equal(t, "new#Bob@x#007", textAt(t, raw("V#bob@x"), "GSI1SK"))
	_, err = table.Upsert(ctx, visit{Email: "Ann@x"}, u)
	require.NoError(t, err)
	assert.Equal(t, "new#Ann@x#007", textAt(t, raw("V#ann@x"), "GSI1SK"))

	// An item that others stored without the attribute gets it, and with it the index keys; not where they cannot be
	// told.
	other := func(more monotable.Item) {
		item := monotable.Item{"PK": &types.AttributeValueMemberS{Value: "V#eve@x"},
			"SK": &types.AttributeValueMemberS{Value: "VISIT"}}
		maps.Copy(item, more)
		put(item)
	}
	other(nil)
	_, err = table.Upsert(ctx, visit{Email: "Eve@x"}, hit)
	require.NoError(t, err)
	assert.Equal(t, "Eve@x", textAt(t, raw("V#eve@x"), "GSI1PK"))
	other(monotable.Item{"status": &types.AttributeValueMemberS{Value: "old"}})
	_, err = table.Upsert(ctx, visit{Email: "Eve@x"}, hit)
	require.ErrorIs(t, err, monotable.ErrCondition)
}

// So does one into a table that a shard spreads, and of times that the key cuts.
func TestUpsertMakesIndexKeysOfAShardedKey(t *testing.T) {
	ctx := t.Context()
	table := newTable[probe](t, probes, monotable.Model{Keys: map[string]string{
		"PK": "{tenant}#{id|shard:4}#{at|date}", "SK": "X", "GP": "{id}", "GS": "{at|month}#{at}#{n:3}", "MP": "{id}",
		"MS": "x", "MT": "{at|hour}",
	}})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	x, err := table.Upsert(ctx, probe{Tenant: "t", ID: "a", At: at}, set("note", "x"))
	require.NoError(t, err)
	assert.Equal(t, []probe{x}, collect(t, table.Query(ctx, probe{ID: "a"}, monotable.On("made"))))
	assert.Equal(t, []probe{x}, collect(t, table.Query(ctx, probe{ID: "a"}, monotable.On("made"),
		monotable.Eq("at", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), monotable.Eq("at", at))))
}

// An update makes no index key of what the table's key tells and the item, which others stored, lacks.
func TestUpdateOfAnItemWithoutItsIdentity(t *testing.T) {
	ctx := t.Context()
	table, raw, put := visits(t, map[string]string{"PK": "V#{email}", "GSI1PK": "{email|lower}#{status}",
		"GSI1SK": "{status}"})
	put(monotable.Item{"PK": &types.AttributeValueMemberS{Value: "V#Eve@x"},
		"SK": &types.AttributeValueMemberS{Value: "VISIT"}})
	_, err := table.Update(ctx, visit{Email: "Eve@x"}, set("status", "new"))
	require.ErrorIs(t, err, monotable.ErrCondition)
	_, err = table.Update(ctx, visit{Email: "Eve@x"}, set("hits", 1))
	require.NoError(t, err)
	_, err = table.Upsert(ctx, visit{Email: "Eve@x"}, set("status", "new"))
	require.NoError(t, err)
	assert.Equal(t, "eve@x#new", textAt(t, raw("V#Eve@x"), "GSI1PK"))
	_, err = table.Update(ctx, visit{Email: "Eve@x"}, set("status", "old"))
	require.NoError(t, err)
	assert.Equal(t, "eve@x#old", textAt(t, raw("V#Eve@x"), "GSI1PK"))
}

// drift is a random model over a random table of probes, and its service.
type drift struct {
	table  *monotable.Table[probe]
	db     *monotable.DB
	client service
	name   string
	keys   map[string]template
	alone  bool // nobody else writes
}

// After each write of whatever kind each key attribute is what its template makes of the stored item, by hand, whatever
// the modifiers, and whether the library stored the item first or others did, with as much of it as they saw fit.
func TestIndexKeysDoNotDrift(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := &drift{keys: map[string]template{}, alone: rapid.Bool().Draw(rt, "alone")}
		identity := piecesOf("id", "email", "at", "due", "n")
		d.keys["PK"] = drawTemplate(rt, "PK", "P#", 2, identity)
		d.keys["SK"] = template{lead: "X"}
		if rapid.Bool().Draw(rt, "sorted") {
			d.keys["SK"] = drawTemplate(rt, "SK", "", 1, identity)
		}
		for _, name := range []string{"GP", "GS", "MP", "MS", "MT", "OP"} {
			d.keys[name] = drawTemplate(rt, name, "", 2, pieces)
		}
		keys := map[string]string{}
		for name, of := range d.keys {
			keys[name] = of.String()
		}
		db, client := newDB(t, probes)
		d.db, d.client, d.name = db, client.service, db.Schema().Name
		d.table = tableOf[probe](t, db, monotable.Model{Keys: keys})
		for range rapid.IntRange(1, 12).Draw(rt, "writes") {
			what := d.write(rt)
			d.check(rt, what)
		}
	})
}

// write makes one write, which may be refused as the documentation says.
func (d *drift) write(t *rapid.T) (what string) {
	ctx := t.Context()
	x := drawProbe(t, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"))
	what = rapid.SampledFrom([]string{"other", "other", "Create", "Put", "PutMany", "Update", "Upsert", "Upsert",
		"Upsert", "Modify", "Delete", "UpdateOp", "UpsertOp", "PutOp"}).Draw(t, "write")
	var err error
	switch what {
	case "other":
		if !d.alone {
			d.other(t, x)
		}
	case "Create":
		err = d.table.Create(ctx, &x)
	case "Put":
		err = d.table.Put(ctx, &x)
	case "PutMany":
		err = d.table.PutMany(ctx, []probe{x})
	case "PutOp":
		err = d.db.Write(ctx, []monotable.Op{d.table.PutOp(&x)})
	case "Delete":
		err = d.table.Delete(ctx, x)
	case "Modify":
		_, err = d.table.Modify(ctx, x, func(now *probe) error {
			now.Status, now.Rank, now.F, now.Flag, now.Tenant = x.Status, x.Rank, x.F, x.Flag, x.Tenant
			return nil
		})
	default:
		u := d.drawUpdate(t, x)
		known, right := d.drawKnown(t, x)
		var options []monotable.UpdateOption
		var ofOp []monotable.OpOption
		for _, k := range known {
			options, ofOp = append(options, k), append(ofOp, k)
		}
		fits := d.alone && right && d.asStored(t, x)
		switch what {
		case "Update":
			_, err = d.table.Update(ctx, x, u, options...)
		case "Upsert":
			_, err = d.table.Upsert(ctx, x, u, options...)
		case "UpdateOp":
			err = d.db.Write(ctx, []monotable.Op{d.table.UpdateOp(x, u, ofOp...)})
		case "UpsertOp":
			err = d.db.Write(ctx, []monotable.Op{d.table.UpsertOp(x, u, ofOp...)})
		}
		what = fmt.Sprintf("%s of %+v, %+v", what, x, u)
		require.False(t, fits && errors.Is(err, monotable.ErrCondition),
			"what the library stored is as it should be: %s", what)
	}
	for _, allowed := range []error{nil, monotable.ErrKey, monotable.ErrExists, monotable.ErrNotFound,
		monotable.ErrCondition} {
		if errors.Is(err, allowed) {
			return fmt.Sprintf("%s: %v", what, err)
		}
	}
	require.NoError(t, err, what)
	return what
}

// updateOrOp fits an update, by itself and in a transaction.
type updateOrOp interface {
	monotable.UpdateOption
	monotable.OpOption
}

// asStored tells whether the item of x's key, if there is one, has what the key is made of as x has it.
func (d *drift) asStored(t *rapid.T, x probe) bool {
	was, err := d.table.Get(t.Context(), x)
	if err != nil {
		return true
	}
	return was.ID == x.ID && was.Email == x.Email && was.N == x.N && was.Due.Unix() == x.Due.Unix() &&
		was.At.Format(time.RFC3339Nano) == x.At.Format(time.RFC3339Nano)
}

// drawUpdate draws an update of attributes that the table's key is not made of.
func (d *drift) drawUpdate(t *rapid.T, x probe) expression.UpdateBuilder {
	values := map[string]any{
		"tenant": x.Tenant, "email": x.Email, "status": x.Status, "at": x.At, "due": x.Due, "n": x.N, "f": x.F,
		"flag": x.Flag, "rank": x.Rank,
	}
	how := map[string][]string{}
	for _, path := range slices.Sorted(maps.Keys(values)) {
		if d.keys["PK"].has(func(p piece) bool { return p.path == path }) ||
			d.keys["SK"].has(func(p piece) bool { return p.path == path }) {
			continue
		}
		ways := []string{"", "", "", "", "", "", "", "", "set", "set", "remove", "patch", "patch"}
		way := rapid.SampledFrom(ways).Draw(t, path)
		how[way] = append(how[way], path)
	}
	u := monotable.Patch(x, how["patch"]...).Set(expression.Name("note"), expression.Value("n"))
	for _, path := range how["set"] {
		if path == "rank" && x.Rank == nil {
			u = u.Remove(expression.Name(path))
		} else {
			u = u.Set(expression.Name(path), expression.Value(values[path]))
		}
	}
	for _, path := range how["remove"] {
		if path != "due" && path != "n" && path != "tenant" { // keys of T's own
			u = u.Remove(expression.Name(path))
		}
	}
	return u
}

// drawKnown draws what is said to be known of the item of x's key, and whether it is so.
func (d *drift) drawKnown(t *rapid.T, x probe) (options []updateOrOp, right bool) {
	switch rapid.SampledFrom([]string{"none", "as read", "as read", "another"}).Draw(t, "known") {
	case "none":
		return nil, true
	case "as read":
		if seen, err := d.table.Get(t.Context(), x); err == nil {
			return []updateOrOp{monotable.Known(&seen)}, true
		}
	}
	return []updateOrOp{monotable.Known(drawProbe(t, x.ID))}, false
}

// other is an item as others write it: without some of its attributes, and with the index keys that follow from the
// rest.
func (d *drift) other(t *rapid.T, x probe) {
	item, err := attributevalue.MarshalMap(x)
	require.NoError(t, err)
	for _, path := range []string{"id", "email", "status", "at", "n", "f", "flag", "rank"} {
		if rapid.SampledFrom([]bool{false, false, true}).Draw(t, "without "+path) {
			delete(item, path)
		}
	}
	var seen probe
	require.NoError(t, attributevalue.UnmarshalMap(item, &seen))
	for name, of := range d.keys {
		from := seen
		if name == "PK" || name == "SK" {
			from = x
		}
		if key := of.key(from); key != "" {
			item[name] = &types.AttributeValueMemberS{Value: key}
		}
	}
	_, err = d.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &d.name, Item: item})
	require.NoError(t, err)
}

// check compares what is stored with the templates.
func (d *drift) check(t *rapid.T, what string) {
	out, err := d.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &d.name})
	require.NoError(t, err)
	for _, item := range out.Items {
		var x probe
		require.NoError(t, attributevalue.UnmarshalMap(item, &x))
		for _, name := range []string{"GP", "GS", "MP", "MS", "MT", "OP"} {
			got := ""
			if s, there := item[name].(*types.AttributeValueMemberS); there {
				got = s.Value
			}
			require.Equal(t, d.keys[name].key(x), got, "%s (%s) after %s\nkeys %v\nitem %+v", name, d.keys[name], what,
				d.texts(), x)
		}
	}
}

func (d *drift) texts() string {
	var all []string
	for name, of := range d.keys {
		all = append(all, name+"="+of.String())
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
