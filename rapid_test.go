package monotable_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

// parcel is in an overloaded index whose key is made of two attributes, and has a unique label.
type parcel struct {
	Owner  string `dynamodbav:"owner_id"`
	N      int    `dynamodbav:"n"`
	State  string `dynamodbav:"state,omitempty"`
	Zone   string `dynamodbav:"zone,omitempty"`
	Weight int    `dynamodbav:"weight"`
	Label  string `dynamodbav:"label,omitempty"`
	V      int64  `dynamodbav:"v"`
}

var parcelModel = monotable.Model{
	Type: "Parcel", Version: "v", Unique: map[string]string{"label": "{label}"},
	Keys: map[string]string{"PK": "OWNER#{owner_id}", "SK": "PARCEL#{n:2}", "GSI1PK": "STATE#{state}#{zone}",
		"GSI1SK": "{weight:3}#{owner_id}#{n:2}"},
}

type parcelKey struct {
	owner string
	n     int
}

// parcels is the table, and beside it what it must hold.
type parcels struct {
	table  *monotable.Table[parcel]
	client service
	name   string
	model  map[parcelKey]parcel
}

// The library and a map, through the same random writes: items, index, unique labels and versions agree after each of
// them.
func TestWritesAgreeWithAModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		db, client := newDB(t, store)
		p := &parcels{tableOf[parcel](t, db, parcelModel), client.service, db.Schema().Name, map[parcelKey]parcel{}}
		rt.Repeat(map[string]func(*rapid.T){
			"create": p.create, "put": p.put, "update": p.update, "upsert": p.upsert, "modify": p.modify,
			"delete": p.delete,
			"":       p.agree,
		})
	})
}

func drawParcel(t *rapid.T) parcel {
	return parcel{
		Owner: rapid.SampledFrom([]string{"a", "a#b"}).Draw(t, "owner"), N: rapid.IntRange(-1, 2).Draw(t, "n"),
		State:  rapid.SampledFrom([]string{"", "new", "sent"}).Draw(t, "state"),
		Zone:   rapid.SampledFrom([]string{"", "x", "#"}).Draw(t, "zone"),
		Weight: rapid.IntRange(-2, 20).Draw(t, "weight"),
		Label:  rapid.SampledFrom([]string{"", "l1", "l2", "l3"}).Draw(t, "label"),
	}
}

func (x parcel) key() parcelKey { return parcelKey{x.Owner, x.N} }

// taken tells whether another parcel has the label.
func (p *parcels) taken(x parcel) bool {
	for k, other := range p.model {
		if x.Label != "" && other.Label == x.Label && k != x.key() {
			return true
		}
	}
	return false
}

func (p *parcels) create(t *rapid.T) {
	x := drawParcel(t)
	before := x
	err := p.table.Create(t.Context(), &x)
	_, there := p.model[x.key()]
	if there || p.taken(x) {
		require.ErrorIs(t, err, monotable.ErrExists)
		require.Equal(t, before, x)
		return
	}
	require.NoError(t, err)
	p.model[x.key()] = x
}

func (p *parcels) put(t *rapid.T) {
	x := drawParcel(t)
	was, there := p.model[x.key()]
	x.V = rapid.SampledFrom([]int64{was.V, was.V, was.V + 1, 0}).Draw(t, "version")
	err := p.table.Put(t.Context(), &x)
	switch {
	case x.V != was.V && err != nil && !errors.Is(err, monotable.ErrExists), there && x.V == 0:
		require.ErrorIs(t, err, monotable.ErrCondition)
	case p.taken(x) && err != nil:
		require.ErrorIs(t, err, monotable.ErrExists)
	default:
		require.NoError(t, err)
		require.Equal(t, was.V+1, x.V)
		p.model[x.key()] = x
	}
}

func (p *parcels) update(t *rapid.T) { p.change(t, false) }
func (p *parcels) upsert(t *rapid.T) { p.change(t, true) }

// change sets or removes the state, which needs the zone, or adds to the weight, which is refused.
func (p *parcels) change(t *rapid.T, upsert bool) {
	x := drawParcel(t)
	was, there := p.model[x.key()]
	u := expression.Remove(expression.Name("state"))
	if x.State != "" {
		u = expression.Set(expression.Name("state"), expression.Value(x.State))
	}
	if rapid.Bool().Draw(t, "weightless") && !upsert {
		u = u.Remove(expression.Name("weight"))
		was.Weight = 0
	}
	options := []monotable.UpdateOption{monotable.Known(x)}
	both := rapid.Bool().Draw(t, "both")
	if both {
		options = nil
		if x.Zone == "" {
			u = u.Remove(expression.Name("zone"))
		} else {
			u = u.Set(expression.Name("zone"), expression.Value(x.Zone))
		}
	}
	call := p.table.Update
	if upsert {
		call = p.table.Upsert
		if rapid.Bool().Draw(t, "weighed") {
			u = u.Set(expression.Name("weight"), expression.Value(x.Weight))
			was.Weight = x.Weight
		}
	}
	got, err := call(t.Context(), x, u, options...)
	switch {
	case !upsert && !there:
		require.ErrorIs(t, err, monotable.ErrNotFound)
		return
	case !both && x.State != "" && was.Zone != x.Zone:
		require.ErrorIs(t, err, monotable.ErrCondition)
		return
	}
	require.NoError(t, err)
	was.Owner, was.N, was.State, was.V = x.Owner, x.N, x.State, was.V+1
	if both {
		was.Zone = x.Zone
	}
	require.Equal(t, was, got)
	p.model[x.key()] = was
}

func (p *parcels) modify(t *rapid.T) {
	x := drawParcel(t)
	was, there := p.model[x.key()]
	got, err := p.table.Modify(t.Context(), x, func(now *parcel) error {
		require.Equal(t, was, *now)
		now.State, now.Zone, now.Weight, now.Label = x.State, x.Zone, x.Weight, x.Label
		return nil
	})
	switch {
	case !there:
		require.ErrorIs(t, err, monotable.ErrNotFound)
		return
	case p.taken(x):
		require.ErrorIs(t, err, monotable.ErrExists)
		return
	}
	require.NoError(t, err)
	x.V = was.V
	if x != was {
		x.V++
	}
	require.Equal(t, x, got)
	p.model[x.key()] = x
}

func (p *parcels) delete(t *rapid.T) {
	x := drawParcel(t)
	require.NoError(t, p.table.Delete(t.Context(), x))
	delete(p.model, x.key())
}

// agree compares everything there is with the model.
func (p *parcels) agree(t *rapid.T) {
	ctx := t.Context()
	want := map[string]parcel{}
	var labels []string
	for _, x := range p.model {
		if x.State != "" && x.Zone != "" {
			want[fmt.Sprint(x.key())] = x
		}
		if x.Label != "" {
			labels = append(labels, x.Label)
		}
	}
	all := collect(t, p.table.Scan(ctx))
	require.Len(t, all, len(p.model))
	for _, x := range all {
		require.Equal(t, p.model[x.key()], x)
	}
	indexed := map[string]parcel{}
	for _, state := range []string{"new", "sent"} {
		for _, zone := range []string{"x", "#"} {
			found := collect(t, p.table.Query(ctx, parcel{State: state, Zone: zone}, monotable.On("GSI1")))
			require.True(t, slices.IsSortedFunc(found,
				func(a, b parcel) int { return cmp.Compare(a.Weight, b.Weight) }))
			for _, x := range found {
				require.Equal(t, state+zone, x.State+x.Zone)
				indexed[fmt.Sprint(x.key())] = x
			}
		}
	}
	require.Equal(t, want, indexed)
	var taken []string
	for _, guard := range guardsOf(t, p.client, p.name, "Parcel") {
		taken = append(taken, guard[len("label#"):len("label#")+2])
	}
	assert.ElementsMatch(t, labels, taken)
}
