//go:build !oracle

// DynamoDB Local counts the units of transactions wrongly, so that these run on the fake alone.

package monotable_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// A unique value that changes hands in one transaction is one write of its guard; in two, it is two.
func TestCostOfAValueThatChangesHands(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, club, monotable.Clock(func() time.Time { return day(3) }))
	members := tableOf[member](t, db, memberModel)
	ann, bob := member{ID: "ann", Email: "a@x"}, member{ID: "bob", Email: "b@x"}
	require.NoError(t, members.Create(ctx, &ann))
	annNow, bobNow := ann, bob
	annNow.Email, bobNow.Email = "c@x", "a@x"
	one, err := members.WriteCost(&ann, &annNow, monotable.Transactional())
	require.NoError(t, err)
	two, err := members.WriteCost(nil, &bobNow, monotable.Transactional())
	require.NoError(t, err)
	var meter monotable.Meter
	require.NoError(t, db.Write(ctx, []monotable.Op{members.ReplaceOp(ann, &annNow), members.CreateOp(&bobNow)},
		monotable.Metered(&meter)))
	used := meter.Used()
	for _, sum := range []monotable.Cost{one.Plus(two), two.Plus(one), monotable.Cost{}.Plus(one).Plus(two),
		monotable.Cost{}.Plus(two, one)} {
		assert.Equal(t, used.Units, sum.Units, "%s", sum)
		assert.Equal(t, used.Table, sum.Table)
		assert.Equal(t, used.Indexes, sum.Indexes)
		sumsUp(t, sum)
	}
	first, err := one.Times(1)
	require.NoError(t, err)
	assert.Equal(t, one.Units, first.Units)
	assert.Equal(t, one.Write+two.Write, first.Plus(two).Write)
	alone, err := members.WriteCost(&ann, nil)
	require.NoError(t, err)
	other, err := members.WriteCost(nil, &bobNow)
	require.NoError(t, err)
	assert.Equal(t, alone.Write+other.Write, alone.Plus(other).Write,
		"calls of their own are transactions of their own")
}

// Transactions of several members, whose values change hands at random, cost what is metered, done or cancelled.
func TestPredictedTransactionsOfGuards(t *testing.T) {
	t.Parallel()
	if _, isFake := newService(t).(*dynamotest.Client); !isFake {
		return // DynamoDB Local counts transactions wrongly
	}
	whole := club
	whole.Indexes = slices.Clone(club.Indexes)
	whole.Indexes[0].KeysOnly = false // a guard's owner is in it, too
	rapid.Check(t, func(rt *rapid.T) {
		client := dynamotest.NewClient()
		schema := rapid.SampledFrom([]monotable.Schema{club, whole}).Draw(rt, "schema")
		require.NoError(rt, admin.Create(t.Context(), client, schema, 0))
		db, err := monotable.Open(client, schema, monotable.Clock(func() time.Time { return day(3) }))
		require.NoError(rt, err)
		h := &hands{T: rt, client: client, db: db, members: tableOf[member](t, db, memberModel),
			stored: map[string]member{}}
		for range 10 {
			h.step()
		}
	})
}

type hands struct {
	*rapid.T
	db      *monotable.DB
	members *monotable.Table[member]
	stored  map[string]member
	client  *dynamotest.Client
}

func (h *hands) step() {
	fails := rapid.SampledFrom([]bool{false, false, true}).Draw(h.T, "fails")
	options := []monotable.WriteCostOption{monotable.Transactional()}
	if fails {
		options = append(options, monotable.ConditionFails())
	}
	var ops []monotable.Op
	var sum monotable.Cost
	after := map[string]member{}
	for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", strings.Repeat("c", 900)}), 1, 3,
		rapid.ID[string]).Draw(h.T, "ids") {
		was, there := h.stored[id]
		now := &member{ID: id, Version: was.Version,
			Email: rapid.SampledFrom([]string{"a@x", "b@x", strings.Repeat("c", 900) + "@x"}).Draw(h.T, "email"),
			Nick:  rapid.SampledFrom([]string{"", "n", "m"}).Draw(h.T, "nick"),
			About: strings.Repeat("x", rapid.SampledFrom([]int{0, 900}).Draw(h.T, "about"))}
		before, is := &was, now
		switch {
		case !there:
			before = nil
			ops = append(ops, h.members.CreateOp(now))
		case rapid.Bool().Draw(h.T, "removes"):
			is = nil
			ops = append(ops, h.members.DeleteOp(was))
		default:
			ops = append(ops, h.members.ReplaceOp(was, now))
		}
		cost, err := h.members.WriteCost(before, is, options...)
		require.NoError(h, err)
		sum = sum.Plus(cost)
		if is != nil {
			after[id] = *is
		} else {
			after[id] = member{}
		}
	}
	if fails {
		cost, err := h.members.CheckCost(nil)
		require.NoError(h, err)
		sum = sum.Plus(cost)
		ops = append(ops, h.members.CheckOp(member{ID: "nobody"}, expression.AttributeExists(expression.Name("PK"))))
	}
	for id, x := range after {
		for other, y := range after {
			if id != other && x.ID != "" && y.ID != "" && (x.Email == y.Email || x.Nick != "" && x.Nick == y.Nick) {
				return // two would take one value
			}
		}
	}
	h.client.ResetUsage()
	err := h.db.Write(h.Context(), ops)
	used := map[string]float64{}
	for _, line := range h.client.Usage().Lines {
		used[line.Index] += line.Write
	}
	switch {
	case errors.Is(err, monotable.ErrExists):
		return // another has a value
	case fails:
		require.ErrorIs(h, err, monotable.ErrNotFound)
	default:
		require.NoError(h, err)
		h.keep(after)
	}
	require.Equal(h, used[""], sum.Table.Write, "%s", sum)
	for _, x := range h.db.Schema().Indexes {
		require.Equal(h, used[x.Name], sum.Indexes[x.Name].Write, "%s", sum)
	}
	sumsUp(h, sum)
}

// keep notes what was written; the zero member is gone.
func (h *hands) keep(after map[string]member) {
	for id, x := range after {
		if x.ID == "" {
			delete(h.stored, id)
			continue
		}
		got, err := h.members.Get(h.Context(), x)
		require.NoError(h, err)
		h.stored[id] = got
	}
}
