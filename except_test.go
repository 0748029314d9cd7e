package monotable_test

import (
	"errors"
	"fmt"
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

// card is on a board while it is not deleted; its comments are counted without disturbing who edits it.
type card struct {
	Project  string     `dynamodbav:"project"`
	ID       string     `dynamodbav:"id"`
	Column   string     `dynamodbav:"column,omitempty"`
	Rank     int        `dynamodbav:"rank"`
	Deleted  *time.Time `dynamodbav:"deleted_at,omitempty"`
	Comments int        `dynamodbav:"comments"`
	Title    string     `dynamodbav:"title"`
	Version  int        `dynamodbav:"v"`
	Updated  time.Time  `dynamodbav:"updated"`
}

var cardModel = monotable.Model{Version: "v", Updated: "updated",
	Keys: map[string]string{"PK": "P#{project}", "SK": "CARD#{id}", "GSI1PK": "BOARD#{project}#{column}",
		"GSI1SK": "{rank:6}"},
	Except: map[string]string{"GSI1": "deleted_at"}, Uncounted: []string{"comments"}, KeyOnly: []string{"id"}}

// cards are a random history of one card, and what it must have come to.
type cards struct {
	table *monotable.Table[card]
	db    *monotable.DB
	raw   func() monotable.Item
	is    *card   // nil for none
	seen  []*card // as it was read at times
}

var cardKey = card{Project: "p", ID: "1"}

func (c *cards) outcome(t *rapid.T, err error, change func()) {
	t.Helper()
	if err == nil {
		change()
	}
	c.check(t)
}

// check compares what is stored with the model: attributes by hand, and index keys as the templates say.
func (c *cards) check(t *rapid.T) {
	t.Helper()
	item := c.raw()
	if c.is == nil {
		require.Empty(t, item)
		return
	}
	got, err := c.table.Decode(item)
	require.NoError(t, err)
	got.Updated = c.is.Updated
	require.Equal(t, *c.is, got)
	require.NotContains(t, item, "id")
	boarded := c.is.Deleted == nil
	want := map[string]string{}
	if boarded && c.is.Column != "" {
		want["GSI1PK"] = "BOARD#p#" + c.is.Column
	}
	if boarded {
		want["GSI1SK"] = fmt.Sprintf("%06d", c.is.Rank)
	}
	for _, name := range []string{"GSI1PK", "GSI1SK"} {
		value, _ := item[name].(*types.AttributeValueMemberS)
		if want[name] == "" {
			require.Nil(t, item[name], name)
		} else {
			require.Equal(t, want[name], value.Value, name)
		}
	}
}

func drawCard(t *rapid.T) card {
	c := cardKey
	c.Column = rapid.SampledFrom([]string{"", "todo", "done"}).Draw(t, "column")
	c.Rank = rapid.IntRange(0, 9).Draw(t, "rank")
	if rapid.Bool().Draw(t, "deleted") {
		at := day(rapid.IntRange(1, 9).Draw(t, "day"))
		c.Deleted = &at
	}
	c.Comments = rapid.IntRange(0, 2).Draw(t, "comments")
	return c
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func (c *cards) some(t *rapid.T) *card {
	if len(c.seen) == 0 {
		return &card{Project: "p", ID: "1"}
	}
	x := *rapid.SampledFrom(c.seen).Draw(t, "seen")
	return &x
}

func TestItemsLeftOutAndCountsKept(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	table, name := tableOf[card](t, db, cardModel), db.Schema().Name
	key := monotable.Item{"PK": &types.AttributeValueMemberS{Value: "P#p"},
		"SK": &types.AttributeValueMemberS{Value: "CARD#1"}}
	rapid.Check(t, func(t *rapid.T) {
		require.NoError(t, table.Delete(ctx, cardKey))
		c := &cards{table: table, db: db, raw: func() monotable.Item {
			out, err := requests.service.GetItem(ctx, &dynamodb.GetItemInput{TableName: &name, Key: key})
			require.NoError(t, err)
			return out.Item
		}}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				x := drawCard(t)
				c.outcome(t, table.Create(ctx, &x), func() { c.is = &x })
			},
			"read": func(t *rapid.T) {
				if x, err := table.Get(ctx, cardKey); err == nil {
					c.seen = append(c.seen, &x)
				}
			},
			"put": func(t *rapid.T) {
				x := c.some(t)
				counted := x.Comments
				x.Column, x.Deleted = drawCard(t).Column, drawCard(t).Deleted
				lost := c.is != nil && c.is.Comments != counted
				err := table.Put(ctx, x)
				require.False(t, err == nil && lost, "a count was lost")
				c.outcome(t, err, func() { c.is = x })
			},
			"count": func(t *rapid.T) {
				before := c.is
				got, err := table.Update(ctx, cardKey, expression.Add(expression.Name("comments"), expression.Value(1)))
				require.Equal(t, before == nil, err != nil)
				c.outcome(t, err, func() {
					next := *before
					next.Comments++
					require.Equal(t, next.Version, got.Version, "it is no change of the item")
					require.True(t, next.Updated.Equal(got.Updated))
					c.is = &next
				})
			},
			"title": func(t *rapid.T) {
				got, err := table.Update(ctx, cardKey, set("title", "x"))
				c.outcome(t, err, func() { c.is = &got; require.Equal(t, "x", got.Title) })
			},
			"move": func(t *rapid.T) {
				x, to := c.some(t), drawCard(t).Column
				update := set("column", to)
				_, err := table.Update(ctx, cardKey, update)
				require.ErrorIs(t, err, monotable.ErrKey, "whether it is on the board is not known")
				stale := c.is == nil || !sameTime(c.is.Deleted, x.Deleted)
				got, err := table.Update(ctx, cardKey, update, monotable.Known(x))
				require.Equal(t, stale, err != nil, "%v", err)
				c.outcome(t, err, func() { require.Equal(t, to, got.Column); c.is = &got })
			},
			"remove": func(t *rapid.T) {
				got, err := table.Update(ctx, cardKey, set("deleted_at", day(1)))
				c.outcome(t, err, func() { c.is = &got })
			},
			"restore": func(t *rapid.T) {
				back := expression.Remove(expression.Name("deleted_at"))
				_, err := table.Update(ctx, cardKey, back)
				require.ErrorIs(t, err, monotable.ErrKey, "the board's key is not known")
				x := c.some(t)
				stale := c.is == nil || c.is.Column != x.Column || c.is.Rank != x.Rank
				got, err := table.Update(ctx, cardKey, back, monotable.Known(*x))
				require.Equal(t, stale, err != nil, "%v", err)
				c.outcome(t, err, func() { c.is = &got })
			},
			"upsert": func(t *rapid.T) {
				out := c.is != nil && c.is.Deleted != nil
				got, err := table.Upsert(ctx, cardKey, set("title", "u"))
				require.Equal(t, out, errors.Is(err, monotable.ErrCondition), "%v", err)
				c.outcome(t, err, func() { c.is = &got })
			},
			"upsert of one seen": func(t *rapid.T) {
				x, u := c.some(t), monotable.Patch(drawCard(t), "title", "comments")
				if rapid.Bool().Draw(t, "move") {
					u = monotable.Patch(drawCard(t), "column", "rank")
				}
				got, err := table.Upsert(ctx, cardKey, u, monotable.Known(x))
				require.Equal(t, c.is != nil && !sameTime(c.is.Deleted, x.Deleted) || c.is == nil && x.Deleted != nil,
					errors.Is(err, monotable.ErrCondition), "%v", err)
				c.outcome(t, err, func() { c.is = &got })
			},
			"modify": func(t *rapid.T) {
				to, counts := drawCard(t), rapid.Bool().Draw(t, "counts")
				got, err := table.Modify(ctx, cardKey, func(x *card) error {
					x.Column, x.Deleted, x.Rank = to.Column, to.Deleted, to.Rank
					if counts {
						x.Comments = 0
					}
					return nil
				})
				c.outcome(t, err, func() { c.is = &got })
			},
			"replace": func(t *rapid.T) {
				was := c.some(t)
				now := *was
				now.Comments, now.Deleted = drawCard(t).Comments, drawCard(t).Deleted
				lost := c.is != nil && c.is.Comments != was.Comments
				err := db.Write(ctx, []monotable.Op{table.ReplaceOp(*was, &now)})
				require.False(t, err == nil && lost, "a count was lost")
				c.outcome(t, err, func() { c.is = &now })
			},
		})
		c.check(t)
	})
}

// A Modify that sets a count expects it as it was read.
func TestModifyExpectsTheCountsThatItChanges(t *testing.T) {
	ctx := t.Context()
	table := newTable[card](t, store, cardModel)
	x := cardKey
	require.NoError(t, table.Create(ctx, &x))
	count := expression.Add(expression.Name("comments"), expression.Value(1))
	rounds := 0
	got, err := table.Modify(ctx, cardKey, func(c *card) error {
		if rounds++; rounds == 1 {
			_, err := table.Update(ctx, cardKey, count)
			require.NoError(t, err)
		}
		c.Comments += 10
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 11}, []int{rounds, got.Comments})
	rounds = 0
	got, err = table.Modify(ctx, cardKey, func(c *card) error {
		if rounds++; rounds == 1 {
			_, err := table.Update(ctx, cardKey, count)
			require.NoError(t, err)
		}
		c.Title = "edited"
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, 1, rounds, "a count disturbs no edit of something else")
	seen := got.Version
	_, err = table.Update(ctx, cardKey, count)
	require.NoError(t, err)
	_, err = table.Update(ctx, cardKey, set("title", "next"), monotable.AtVersion(seen))
	require.NoError(t, err, "nor an If-Match")
	board := collect(t, table.Query(ctx, card{Project: "p", Column: "todo"}, monotable.On("GSI1")))
	assert.Empty(t, board, "it is in no column")
}
