//go:build !oracle

// DynamoDB Local 3.1 has no indexes of several attributes, so that these run on the fake alone.

package monotable_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

type badge struct {
	ID      string     `dynamodbav:"id"`
	Number  int        `dynamodbav:"number"`
	Ratio   float32    `dynamodbav:"ratio,omitempty"`
	Lead    bool       `dynamodbav:"lead"`
	Phone   string     `dynamodbav:"phone,omitempty"`
	Seat    *int       `dynamodbav:"seat,omitempty"`
	Code    [2]byte    `dynamodbav:"code"`
	Room    room       `dynamodbav:"room"`
	Annex   *room      `dynamodbav:"annex,omitempty"`
	Made    time.Time  `dynamodbav:"made"`
	Changed *time.Time `dynamodbav:"changed,omitempty"`
	V       int        `dynamodbav:"v"`
}

type room struct {
	Floor int `dynamodbav:"floor"`
}

var badgeKeys = map[string]string{"PK": "BADGE#{id}", "SK": "BADGE"}

// What an upsert creates may have a value at once: no upsert takes one, since it writes no guard.
func TestUpsertTakesNoValue(t *testing.T) {
	ctx := t.Context()
	for template, refused := range map[string]bool{
		"{number}": true, "{ratio:3.2}": true, "{lead}": true, "{code}": true, "{room.floor:3}": true,
		"{id}#{number}": true, "{id|lower}": true,
		"{made}": true, "{made}#{phone}": true,
		"{phone}": false, "{seat}": false, "{annex.floor}": false, "{number}#{phone}": false, "{id}#{seat}": false,
	} {
		db, client := newDB(t, store)
		table := tableOf[badge](t, db, monotable.Model{Type: "Badge", Keys: badgeKeys, Created: "made",
			Unique: map[string]string{"c": template}})
		_, err := table.Upsert(ctx, badge{ID: "a"}, set("v", 1))
		if refused {
			require.ErrorIs(t, err, monotable.ErrKey, template)
			require.ErrorContains(t, err, "use Create, Put or Modify")
			require.ErrorIs(t, db.Write(ctx, []monotable.Op{table.UpsertOp(badge{ID: "a"}, set("v", 1))}),
				monotable.ErrKey)
			continue
		}
		require.NoError(t, err, template)
		require.Empty(t, guardsOf(t, client.service, db.Schema().Name, "Badge"))
	}
	for _, template := range []string{"{v}", "{changed}#{phone}"} {
		db, _ := newDB(t, store)
		_, err := monotable.New[badge](db, monotable.Model{Keys: badgeKeys, Version: "v", Updated: "changed",
			Unique: map[string]string{"c": template}})
		require.ErrorContains(t, err, "changes with each write", template)
	}
}

// An item that others stored without what its key is made of would take a value with it.
func TestUpsertOfAnItemWithoutItsIdentity(t *testing.T) {
	ctx := t.Context()
	db, client := newDB(t, store)
	table, name := tableOf[badge](t, db, monotable.Model{Keys: badgeKeys,
		Unique: map[string]string{"c": "{id}#{phone}"}}), db.Schema().Name
	item := monotable.Item{"PK": &types.AttributeValueMemberS{Value: "BADGE#a"},
		"SK": &types.AttributeValueMemberS{Value: "BADGE"}, "phone": &types.AttributeValueMemberS{Value: "1"}}
	_, err := client.service.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: item})
	require.NoError(t, err)
	_, err = table.Upsert(ctx, badge{ID: "a"}, set("v", 1))
	require.ErrorIs(t, err, monotable.ErrCondition)
	b := badge{ID: "a", Phone: "1"}
	require.NoError(t, table.Put(ctx, &b))
	_, err = table.Upsert(ctx, badge{ID: "a"}, set("v", 1))
	require.NoError(t, err)
}

// A value that does not fit in its guard's key is refused before anything is sent; one that others stored is in
// nobody's way.
func TestValuesThatFitNoGuard(t *testing.T) {
	schema := monotable.Schema{Name: "badges", Partition: monotable.S("PK"), Sort: monotable.S("SK"),
		EntityType: "type"}
	valuesThatFit(t, schema, 2048-len("UNIQUE#Badge#phones#"))
	schema.Indexes = []monotable.Index{{Name: "inverted", Partition: monotable.S("SK"), Sort: monotable.S("PK")}}
	valuesThatFit(t, schema, 1024-len("UNIQUE#Badge#phones#"))
}

func valuesThatFit(t *testing.T, schema monotable.Schema, most int) {
	t.Helper()
	ctx := t.Context()
	db, requests := newDB(t, schema)
	table, name := tableOf[badge](t, db, monotable.Model{Type: "Badge", Keys: badgeKeys,
		Unique: map[string]string{"phones": "{phone}"}}), db.Schema().Name
	fits := badge{ID: "a", Phone: strings.Repeat("1", most)}
	require.NoError(t, table.Create(ctx, &fits))
	requests.seen()
	long := badge{ID: "b", Phone: strings.Repeat("2", most+1)}
	refused := func(err error) {
		t.Helper()
		require.ErrorIs(t, err, monotable.ErrKey)
		require.ErrorContains(t, err, "unique constraint phones")
		require.NotContains(t, err.Error(), "222")
	}
	refused(table.Create(ctx, &long))
	refused(db.Write(ctx, []monotable.Op{table.CreateOp(&long)}))
	_, err := table.GetBy(ctx, "phones", long)
	require.ErrorIs(t, err, monotable.ErrKey)
	require.Empty(t, requests.seen())
	_, err = table.Modify(ctx, fits, func(b *badge) error { b.Phone = long.Phone; return nil })
	refused(err)

	item, err := attributevalue.MarshalMap(long)
	require.NoError(t, err)
	item["PK"], item["SK"], item["type"] = &types.AttributeValueMemberS{Value: "BADGE#b"},
		&types.AttributeValueMemberS{Value: "BADGE"}, &types.AttributeValueMemberS{Value: "Badge"}
	_, err = requests.service.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: item})
	require.NoError(t, err)
	report, err := table.CheckGuards(ctx)
	require.NoError(t, err)
	require.Empty(t, report.Problems)
	_, err = table.Modify(ctx, long, func(b *badge) error { b.Phone = "3"; return nil })
	require.NoError(t, err)
	require.NoError(t, table.Delete(ctx, long))

	_, err = monotable.New[badge](db, monotable.Model{Type: strings.Repeat("B", 2048), Keys: badgeKeys,
		Unique: map[string]string{"phones": "{phone}"}})
	require.ErrorContains(t, err, "no room")
}

// After each write of whatever kind there is a guard for each value that a stored item has, and no other.
func TestGuardsDoNotDrift(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		db, client := newDB(t, probes)
		of := piecesOf("id", "tenant", "email", "status", "at", "due", "rank")
		for range 8 {
			of = append(of, piecesOf("n", "f", "flag")...) // which are values where they are absent
		}
		of = slices.DeleteFunc(of, func(p piece) bool { return p.shard > 0 })
		unique := drawTemplate(rt, "unique", "", 2, of)
		keys := map[string]string{"PK": "P#" +
			rapid.SampledFrom([]string{"{id}", "{email|lower}", "{id}#{email}", "{n:3}"}).Draw(rt, "PK"), "SK": "X",
			"GP": "{email}", "GS": "x", "MP": "x", "MS": "x", "MT": "x", "OP": "x"}
		g := &guarded{unique: unique, db: db, client: client.service, name: db.Schema().Name}
		g.table = tableOf[probe](t, db, monotable.Model{Type: "probe", Keys: keys,
			Unique: map[string]string{"u": unique.String()}})
		for range rapid.IntRange(1, 10).Draw(rt, "writes") {
			what := g.write(rt)
			g.check(rt, fmt.Sprintf("%s, unique %s, keys %v", what, unique, keys))
		}
	})
}

type guarded struct {
	table  *monotable.Table[probe]
	db     *monotable.DB
	client service
	name   string
	unique template
}

func (g *guarded) write(t *rapid.T) string {
	ctx := t.Context()
	x := drawProbe(t, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"))
	what := rapid.SampledFrom([]string{"Create", "Put", "Update", "Upsert", "Upsert", "Modify", "Delete", "Replace",
		"DeleteOp"}).Draw(t, "write")
	u := set("note", "n")
	if rapid.Bool().Draw(t, "more") {
		u = u.Set(expression.Name("status"), expression.Value("new")).Remove(expression.Name("rank")).
			Remove(expression.Name("flag"))
	}
	was, err := g.table.Get(ctx, x)
	there := err == nil
	switch what {
	case "Create":
		err = g.table.Create(ctx, &x)
	case "Put":
		err = g.table.Put(ctx, &x)
	case "Update":
		_, err = g.table.Update(ctx, x, u)
	case "Upsert":
		_, err = g.table.Upsert(ctx, x, u)
	case "Modify":
		_, err = g.table.Modify(ctx, x, func(now *probe) error {
			now.Status, now.Rank, now.F, now.Flag, now.At, now.Due = x.Status, x.Rank, x.F, x.Flag, x.At, x.Due
			return nil
		})
	case "Delete":
		err = g.table.Delete(ctx, x)
	case "Replace":
		if there {
			err = g.db.Write(ctx, []monotable.Op{g.table.ReplaceOp(was, &x)})
		}
	case "DeleteOp":
		if there {
			err = g.db.Write(ctx, []monotable.Op{g.table.DeleteOp(was)})
		}
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

func (g *guarded) check(t *rapid.T, what string) {
	out, err := g.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &g.name})
	require.NoError(t, err)
	var want, got []string
	for _, item := range out.Items {
		pk, err := monotable.Item(item).String("PK")
		require.NoError(t, err)
		if value, is := strings.CutPrefix(pk, "UNIQUE#probe#u#"); is {
			got = append(got, value)
			continue
		}
		var x probe
		require.NoError(t, attributevalue.UnmarshalMap(item, &x))
		if value := g.unique.key(x); value != "" {
			want = append(want, value)
		}
	}
	require.ElementsMatch(t, want, got, what)
}
