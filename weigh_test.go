package monotable_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/internal/codec/codectest"
)

func offline[T any](t testing.TB, schema monotable.Schema, model monotable.Model) *monotable.Table[T] {
	db, err := monotable.Open(dynamotest.NewClient(), schema,
		monotable.Clock(func() time.Time { return day(2).Add(987) }))
	require.NoError(t, err)
	return tableOf[T](t, db, model)
}

// What items weigh without being made is what they weigh.
func TestSizeIsThatOfTheItem(t *testing.T) {
	sales, members, entries := offline[sale](t, store, saleModel), offline[member](t, club, memberModel),
		offline[entry](t, ledger, monotable.Model{})
	text := rapid.SampledFrom([]string{"", "x", "größe#%", strings.Repeat("long", 300)})
	rapid.Check(t, func(rt *rapid.T) {
		s := sale{
			CustomerID: text.Draw(rt, "customer"), ID: text.Draw(rt, "id"),
			PlacedAt: day(rapid.IntRange(1, 400).Draw(rt, "day")),
			Status:   text.Draw(rt, "status"), Region: text.Draw(rt, "region"), Total: rapid.Int64().Draw(rt, "total"),
		}
		if rapid.Bool().Draw(rt, "due") {
			s.DueAt, s.Tags = new(day(5)), []string{"a", "bb"}
		}
		sameSize(rt, sales, s)
		sameSize(rt, members, member{ID: text.Draw(rt, "id"), Email: text.Draw(rt, "email"),
			City: text.Draw(rt, "city"), Updated: day(3).Add(120), Version: 1 + rapid.IntRange(0, 200).Draw(rt, "v")})
		c := costing{T: rt}
		sameSize(rt, entries, c.draw())
	})
	unset, err := members.Size(member{ID: "m", Email: "e"})
	require.NoError(t, err)
	set, err := members.Size(member{ID: "m", Email: "e", Updated: day(2).Add(987), Version: 1})
	require.NoError(t, err)
	assert.Equal(t, set, unset, "unset timestamps and versions count as Create sets them")
}

func sameSize[T any](t *rapid.T, table *monotable.Table[T], v T) {
	item, failed := table.Encode(v)
	bytes, err := table.Size(v)
	require.Equal(t, failed == nil, err == nil, "%v, %v", failed, err)
	if err != nil {
		return
	}
	require.Equal(t, item.Size(), bytes)
	of, err := table.SizeOf(v)
	require.NoError(t, err)
	require.Equal(t, bytes, of.Bytes)
	require.Equal(t, item.Sizes(), of.Attributes)
}

func BenchmarkSize(b *testing.B) {
	flats := offline[codectest.Flat](b, monotable.Schema{Name: "flat", Partition: monotable.S("id")}, monotable.Model{})
	b.Run("flat", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = flats.Size(codectest.FlatValue)
		}
	})
	b.Run("flat/by way of the item", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			item, _ := flats.Encode(codectest.FlatValue)
			_ = item.Size()
		}
	})
}

func BenchmarkWriteCost(b *testing.B) {
	natural := monotable.Schema{Name: "flat", Partition: monotable.S("id"), Indexes: []monotable.Index{
		{Name: "by-email", Partition: monotable.S("email")},
		{Name: "by-name", Partition: monotable.S("name"), Sort: monotable.N("age"), Include: []string{"notes"}},
	}}
	flats := offline[codectest.Flat](b, natural, monotable.Model{})
	after := codectest.FlatValue
	after.Age, after.Notes = 38, "short"
	b.Run("two indexes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = flats.WriteCost(&codectest.FlatValue, &after)
		}
	})
	made := store
	made.Indexes = []monotable.Index{store.Indexes[0], store.Indexes[3]}
	sales := offline[sale](b, made, saleModel)
	open := saleOf("c1", 3, "open")
	paid := saleOf("c1", 3, "paid")
	b.Run("two indexes, templates", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = sales.WriteCost(&open, &paid)
		}
	})
}
