package monotable_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

type stub struct {
	ID    string `dynamodbav:"id"`
	Code  string `dynamodbav:"code,omitempty"`
	Queue string `dynamodbav:"queue,omitempty"`
	N     int    `dynamodbav:"n"`
}

var tickets = monotable.Schema{
	Name: "tickets", Partition: monotable.S("PK"), Sort: monotable.S("SK"),
	Indexes: []monotable.Index{
		{Name: "queue", Partition: monotable.S("QP"), Sort: monotable.S("QS")},
		{Name: "spread", Partition: monotable.S("XP"), Sort: monotable.S("XS")},
	},
}

var ticketKeys = map[string]string{"PK": "T#{id:4}", "SK": "T", "QP": "Q#{queue}", "QS": "{code:3|lower}#{id:4}{n:2}",
	"XP": "X#{queue}#{id|shard:3}", "XS": "{id}"}

// A value of another width is refused wherever a key would be made of it, and nothing is written; one that fits makes
// all keys.
func TestWidthsInWrites(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, tickets)
	table := tableOf[stub](t, db, monotable.Model{Keys: ticketKeys,
		Unique: map[string]string{"code": "{code:3|lower}"}})
	for _, x := range []stub{{ID: "abc", Queue: "q"}, {ID: "abcde", Queue: "q"}, {ID: "abcé", Queue: "q"},
		{ID: "abcd", Queue: "q", Code: "ab"}, {ID: "abcd", Queue: "q", Code: "abcd"}} {
		require.ErrorIs(t, table.Create(ctx, &x), monotable.ErrKey, x.ID)
		require.ErrorIs(t, table.Put(ctx, &x), monotable.ErrKey, x.ID)
	}
	_, err := table.Get(ctx, stub{ID: "abc"})
	require.ErrorIs(t, err, monotable.ErrKey)
	_, err = table.GetBy(ctx, "code", stub{Code: "abcd"})
	require.ErrorIs(t, err, monotable.ErrKey)
	assert.NotContains(t, requests.seen(), "TransactWriteItems") // a Put of a type with constraints reads first

	one := stub{ID: "ab#d", Queue: "q", Code: "A%#", N: 7}
	require.NoError(t, table.Create(ctx, &one))
	require.ErrorIs(t, table.Create(ctx, &stub{ID: "abcd", Code: "a%#"}), monotable.ErrExists, "the code is taken")
	got, err := table.GetBy(ctx, "code", stub{Code: "a%#"})
	require.NoError(t, err)
	assert.Equal(t, one, got)
	item, err := table.Encode(one)
	require.NoError(t, err)
	for name, want := range map[string]string{"PK": "T#ab#d", "QP": "Q#q", "QS": "a%##ab#d07", "XS": "ab#d"} {
		text, _ := item.String(name)
		assert.Equal(t, want, text, name)
	}
	_, err = table.Modify(ctx, one, func(x *stub) error { x.Code = "four"; return nil })
	require.ErrorIs(t, err, monotable.ErrKey)
}

// An update makes index keys of a width by what the table's key tells, whatever widths the two have.
func TestWidthsInUpdates(t *testing.T) {
	ctx := t.Context()
	table := newTable[stub](t, tickets, monotable.Model{Keys: ticketKeys})
	require.NoError(t, table.Put(ctx, &stub{ID: "abcd", Code: "abc", N: 1}))
	set := func(queue, code string) expression.UpdateBuilder {
		return expression.Set(expression.Name("queue"), expression.Value(queue)).
			Set(expression.Name("code"), expression.Value(code)).Set(expression.Name("n"), expression.Value(2))
	}
	_, err := table.Update(ctx, stub{ID: "abcd"}, set("q", "toolong"))
	require.ErrorIs(t, err, monotable.ErrKey)
	x, err := table.Update(ctx, stub{ID: "abcd"}, set("q", "XYZ"))
	require.NoError(t, err)
	assert.Equal(t, stub{"abcd", "XYZ", "q", 2}, x)
	for _, options := range [][]monotable.QueryOption{
		{monotable.On("queue"), monotable.Eq("code", "xyz"), monotable.Eq("id", "abcd"), monotable.From("n", 2)},
		{monotable.On("queue"), monotable.BeginsWith("code", "XY")},
		{monotable.On("queue"), monotable.Eq("code", "xYz"), monotable.After("id", "abc"), monotable.Before("id", "abd")},
		{monotable.On("spread")},
		{monotable.On("spread"), monotable.Eq("id", "abcd")},
	} {
		found, err := monotable.Collect(table.Query(ctx, stub{Queue: "q"}, options...))
		require.NoError(t, err)
		assert.Equal(t, []stub{x}, found)
	}
	for _, option := range []monotable.QueryOption{monotable.Eq("code", "xy"), monotable.From("code", "wxyz"),
		monotable.BeginsWith("code", "wxyz"), monotable.UpTo("code", "")} {
		require.ErrorIs(t, firstError(table.Query(ctx, stub{Queue: "q"}, monotable.On("queue"), option)),
			monotable.ErrKey)
	}
}

// Widths tell types apart that no attribute does, when they are registered and when items are read.
func TestWidthsTellTypesApart(t *testing.T) {
	ctx := t.Context()
	db, client := newDB(t, monotable.Schema{Name: "apart", Partition: monotable.S("PK"), Sort: monotable.S("SK")})
	model := func(name, pk, sk string) monotable.Model {
		return monotable.Model{Type: name, Keys: map[string]string{"PK": pk, "SK": sk}}
	}
	four := tableOf[stub](t, db, model("Four", "T#{id:4}", "{code:1}{n:3}"))
	type sixes struct {
		ID string `dynamodbav:"id"`
		N  int    `dynamodbav:"n"`
	}
	_, err := monotable.New[sixes](db, model("Any", "T#{id}", "{n:4}"))
	require.ErrorContains(t, err, "could be those of entity type Four")
	six, err := monotable.New[sixes](db, model("Six", "T#{id:6}", "{n:4}"))
	require.NoError(t, err)
	require.NoError(t, four.Put(ctx, &stub{ID: "abcd", Code: "c", N: 1}))
	require.NoError(t, six.Put(ctx, &sixes{ID: "abcdef", N: 1}))
	name := db.Schema().Name
	_, err = client.service.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: monotable.Item{
		"PK": &types.AttributeValueMemberS{Value: "T#abcé"}, "SK": &types.AttributeValueMemberS{Value: "c001"},
		"id": &types.AttributeValueMemberS{Value: "odd"}}})
	require.NoError(t, err)
	assert.Equal(t, []stub{{ID: "abcd", Code: "c", N: 1}}, collect(t, four.Scan(ctx)))
	assert.Equal(t, []sixes{{ID: "abcdef", N: 1}}, collect(t, six.Scan(ctx)))
}
