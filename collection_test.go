package monotable_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// customerPartition is a customer's profile, two sales, and an item of a type that the DB does not know.
func customerPartition(t testing.TB) (*monotable.DB, *monotable.Table[profile], *monotable.Table[sale]) {
	t.Helper()
	ctx := t.Context()
	db, client := newDB(t, store)
	profiles, sales := tableOf[profile](t, db, profileModel), tableOf[sale](t, db, saleModel)
	require.NoError(t, profiles.Put(ctx, &profile{ID: "c1", Email: "a@b.c", Address: address{City: "Oslo"}}))
	for n := range 2 {
		s := saleOf("c1", n+1, "open")
		require.NoError(t, sales.Put(ctx, &s))
	}
	table := db.Schema().Name
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
		"PK": &types.AttributeValueMemberS{Value: "CUSTOMER#c1"}, "SK": &types.AttributeValueMemberS{Value: "ZEBRA"},
		"type": &types.AttributeValueMemberS{Value: "Zebra"},
	}})
	require.NoError(t, err)
	return db, profiles, sales
}

func TestCollection(t *testing.T) {
	ctx := t.Context()
	_, profiles, sales := customerPartition(t)
	var got []string
	for v, err := range profiles.Collection(ctx, profile{ID: "c1"}) {
		require.NoError(t, err)
		switch v := v.(type) {
		case profile:
			got = append(got, "profile "+v.ID)
		case sale:
			got = append(got, "sale "+v.ID)
		case monotable.Item:
			sk, err := v.String("SK")
			require.NoError(t, err)
			got = append(got, "item "+sk)
		default:
			t.Fatalf("%T", v)
		}
	}
	assert.Equal(t, []string{"profile c1", "sale s1", "sale s2", "item ZEBRA"}, got)

	var at monotable.Cursor
	n := 0
	for {
		for _, err := range sales.Collection(ctx, sale{CustomerID: "c1"}, monotable.Resume(&at), monotable.Limit(1),
			monotable.Descending()) {
			require.NoError(t, err)
			n++
		}
		if at == "" {
			break
		}
	}
	assert.Equal(t, 4, n)
	require.ErrorIs(t, firstError(profiles.Collection(ctx, profile{})), monotable.ErrKey)
	require.Error(t, firstError(profiles.Collection(ctx, profile{ID: "c1"}, monotable.Eq("id", "x"))))
}

func TestGather(t *testing.T) {
	ctx := t.Context()
	_, profiles, _ := customerPartition(t)
	type whole struct {
		Profile profile
		Sales   []sale
		Others  []monotable.Item
	}
	got, err := monotable.Gather[whole](ctx, profiles, profile{ID: "c1"})
	require.NoError(t, err)
	assert.Equal(t, "c1", got.Profile.ID)
	assert.Equal(t, []string{"s1", "s2"}, ids(got.Sales))
	assert.Len(t, got.Others, 1)

	_, err = monotable.Gather[whole](ctx, profiles, profile{ID: "nobody"})
	require.ErrorIs(t, err, monotable.ErrNotFound)
	type maybe struct {
		Profile *profile
		Sales   []sale
		Others  []monotable.Item
	}
	none, err := monotable.Gather[maybe](ctx, profiles, profile{ID: "nobody"})
	require.NoError(t, err)
	assert.Nil(t, none.Profile)

	type dropsOthers struct {
		Profile profile
		Sales   []sale
	}
	_, err = monotable.Gather[dropsOthers](ctx, profiles, profile{ID: "c1"})
	require.ErrorContains(t, err, "no field for monotable.Item")
	type oneSale struct {
		Profile profile
		Sale    *sale
		Others  []monotable.Item
	}
	_, err = monotable.Gather[oneSale](ctx, profiles, profile{ID: "c1"})
	require.ErrorContains(t, err, "more than one")
	type stranger struct{ Reviews []review }
	_, err = monotable.Gather[stranger](ctx, profiles, profile{ID: "c1"})
	require.ErrorContains(t, err, "Reviews")
}

// ofCustomer is implemented by a customer's entity types.
type ofCustomer interface{ label() string }

func (p profile) label() string { return "profile" }
func (s *sale) label() string   { return fmt.Sprint("sale of ", s.Total) }

func TestCollectionOf(t *testing.T) {
	ctx := t.Context()
	_, profiles, _ := customerPartition(t)
	var labels []string
	var last error
	for v, err := range monotable.CollectionOf[ofCustomer](ctx, profiles, profile{ID: "c1"}) {
		if last = err; err == nil {
			labels = append(labels, v.label())
		}
	}
	assert.Equal(t, []string{"profile", "sale of 100", "sale of 200"}, labels)
	require.ErrorContains(t, last, "monotable.Item", "an unknown item is not silently left out")
}

// Items that others stored under an alias are of the type that has it.
func TestCollectionOfAliasedItems(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	model := saleModel
	model.Aliases = []string{"OldSale"}
	sales := tableOf[sale](t, db, model)
	x := saleOf("c1", 1, "open")
	item, err := sales.Encode(x)
	require.NoError(t, err)
	item["type"] = &types.AttributeValueMemberS{Value: "OldSale"}
	name := db.Schema().Name
	_, err = requests.service.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: item})
	require.NoError(t, err)
	require.Equal(t, []any{x}, collect(t, sales.Collection(ctx, sale{CustomerID: "c1"})))
	require.Equal(t, []sale{x}, collect(t, sales.Query(ctx, sale{CustomerID: "c1"})))
}
