package monotable_test

import (
	"context"
	"errors"
	"math"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
)

func TestGetPutCreateDelete(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")

	_, err := sales.Get(ctx, one)
	require.ErrorIs(t, err, monotable.ErrNotFound)
	require.NoError(t, sales.Create(ctx, &one))
	got, err := sales.Get(ctx, sale{CustomerID: "c1", ID: "s1", PlacedAt: day(1)}, monotable.Consistent())
	require.NoError(t, err)
	assert.Equal(t, one, got)
	assert.Equal(t, []string{"GetItem", "PutItem", "GetItem"}, requests.seen())

	again := one
	again.Status = "paid"
	err = sales.Create(ctx, &again)
	require.ErrorIs(t, err, monotable.ErrExists)
	assert.NotErrorIs(t, err, monotable.ErrCondition)
	var failed *monotable.Error
	require.ErrorAs(t, err, &failed)
	status, err := failed.Existing.String("status")
	require.NoError(t, err)
	assert.Equal(t, "open", status)
	var sdk *types.ConditionalCheckFailedException
	require.ErrorAs(t, failed, &sdk)

	var old sale
	require.NoError(t, sales.Put(ctx, &again, monotable.Old(&old)))
	assert.Equal(t, one, old)
	var oldItem monotable.Item
	require.NoError(t, sales.Delete(ctx, again, monotable.Old(&oldItem)))
	pk, err := oldItem.String("PK")
	require.NoError(t, err)
	assert.Equal(t, "CUSTOMER#c1", pk)
	require.NoError(t, sales.Delete(ctx, again), "deleting what is gone is no error")
	_, err = sales.Get(ctx, again)
	require.ErrorIs(t, err, monotable.ErrNotFound)
}

func TestConditionsOnPutAndDelete(t *testing.T) {
	ctx := t.Context()
	sales := newTable[sale](t, store, saleModel)
	one := saleOf("c1", 1, "open")
	isPaid := monotable.If(expression.Name("status").Equal(expression.Value("paid")))

	require.ErrorIs(t, sales.Put(ctx, &one, isPaid), monotable.ErrCondition)
	require.ErrorIs(t, sales.Delete(ctx, one, isPaid), monotable.ErrNotFound)
	require.NoError(t, sales.Put(ctx, &one))
	err := sales.Put(ctx, &one, isPaid)
	require.ErrorIs(t, err, monotable.ErrCondition)
	require.ErrorIs(t, sales.Delete(ctx, one, isPaid), monotable.ErrCondition)

	cheap := monotable.If(expression.Name("total").LessThan(expression.Value(1000)))
	isOpen := monotable.If(expression.Name("status").Equal(expression.Value("open")))
	require.NoError(t, sales.Put(ctx, &one, cheap, isOpen))
	require.ErrorIs(t, sales.Put(ctx, &one, cheap, isPaid), monotable.ErrCondition, "several conditions are ANDed")
	require.NoError(t, sales.Delete(ctx, one, isOpen))
}

func TestZeroValuesInKeys(t *testing.T) {
	ctx := t.Context()
	type number struct {
		ID   int    `dynamodbav:"id,omitempty"`
		Name string `dynamodbav:"name"`
	}
	numbers := newTable[number](t, monotable.Schema{Name: "numbers", Partition: monotable.N("id")}, monotable.Model{})
	require.NoError(t, numbers.Put(ctx, &number{0, "zero"}))
	zero, err := numbers.Get(ctx, number{})
	require.NoError(t, err)
	assert.Equal(t, "zero", zero.Name)

	sales := newTable[sale](t, store, saleModel)
	for name, key := range map[string]sale{
		"customer_id": {ID: "s1", PlacedAt: day(1)},
		"id":          {CustomerID: "c1", PlacedAt: day(1)},
		"placed_at":   {CustomerID: "c1", ID: "s1"},
	} {
		_, err := sales.Get(ctx, key)
		require.ErrorIs(t, err, monotable.ErrKey)
		assert.ErrorContains(t, err, name)
		require.ErrorIs(t, sales.Put(ctx, &key), monotable.ErrKey)
		require.ErrorIs(t, sales.Delete(ctx, key), monotable.ErrKey)
		_, err = sales.GetMany(ctx, []sale{key})
		require.ErrorIs(t, err, monotable.ErrKey)
	}
}

func TestSortKeyOfEachType(t *testing.T) {
	ctx := t.Context()
	type entry struct {
		Blob []byte  `dynamodbav:"blob"`
		At   float64 `dynamodbav:"at"`
	}
	entries := newTable[entry](t, monotable.Schema{Name: "entries", Partition: monotable.B("blob"),
		Sort: monotable.N("at")}, monotable.Model{})
	for _, at := range []float64{10, -1.5, 0, 9, 1e20} {
		require.NoError(t, entries.Put(ctx, &entry{[]byte{0, 255}, at}))
	}
	var order []float64
	for _, e := range collect(t, entries.Query(ctx, entry{Blob: []byte{0, 255}})) {
		order = append(order, e.At)
	}
	assert.Equal(t, []float64{-1.5, 0, 9, 10, 1e20}, order)
	got := collect(t, entries.Query(ctx, entry{Blob: []byte{0, 255}}, monotable.Between("at", 0, 9.0)))
	assert.Len(t, got, 2)
}

func TestUnknownAttributesSurvive(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	profiles := tableOf[profile](t, db, profileModel)
	p := profile{ID: "c1", Email: "Ann@Example.com", Address: address{City: "Oslo"}, More: monotable.Item{
		"nickname": &types.AttributeValueMemberS{Value: "annie"},
		"score":    &types.AttributeValueMemberN{Value: "12345678901234567890123456789012345678"},
	}}
	require.NoError(t, profiles.Put(ctx, &p))
	assert.EqualValues(t, 1, p.Version)
	got, err := profiles.Get(ctx, profile{ID: "c1"})
	require.NoError(t, err)
	assert.True(t, p.More.Equal(got.More), "made keys and the entity type are not T's")
	got.Visits++
	require.NoError(t, profiles.Put(ctx, &got))
	again, err := profiles.Modify(ctx, got, func(p *profile) error { p.Visits++; return nil })
	require.NoError(t, err)
	assert.Equal(t, 2, again.Visits)
	assert.EqualValues(t, 3, again.Version)
	assert.True(t, p.More.Equal(again.More))
	again, err = profiles.Modify(ctx, got, func(p *profile) error { delete(p.More, "nickname"); return nil })
	require.NoError(t, err)
	assert.Len(t, again.More, 1)
	again, err = profiles.Get(ctx, got)
	require.NoError(t, err)
	assert.Len(t, again.More, 1)

	again.More["PK"] = &types.AttributeValueMemberS{Value: "CUSTOMER#other"}
	require.ErrorContains(t, profiles.Put(ctx, &again), "PK")
}

func TestItemAsT(t *testing.T) {
	ctx := t.Context()
	pets := newTable[monotable.Item](t, monotable.Schema{Name: "pets", Partition: monotable.N("id")}, monotable.Model{})
	rachel := monotable.Item{
		"id": &types.AttributeValueMemberN{Value: "1"}, "name": &types.AttributeValueMemberS{Value: "Rachel"},
		"pets": list(fields(monotable.Item{"type": text("cat")})),
	}
	mike := monotable.Item{
		"id": &types.AttributeValueMemberN{Value: "2"}, "name": &types.AttributeValueMemberS{Value: "Mike"},
		"address": fields(monotable.Item{"city": text("Rome")}),
	}
	require.NoError(t, pets.Create(ctx, &rachel))
	require.NoError(t, pets.Create(ctx, &mike))
	got, err := pets.Get(ctx, monotable.Item{"id": &types.AttributeValueMemberN{Value: "1.0"}})
	require.NoError(t, err)
	assert.True(t, rachel.Equal(got))
	all := collect(t, pets.Scan(ctx))
	assert.Len(t, all, 2)
	_, err = pets.Get(ctx, monotable.Item{"id": &types.AttributeValueMemberS{Value: "1"}})
	require.ErrorIs(t, err, monotable.ErrKey)
	got, err = pets.Modify(ctx, rachel, func(i *monotable.Item) error {
		(*i)["name"] = &types.AttributeValueMemberS{Value: "Rachael"}
		return nil
	})
	require.NoError(t, err)
	name, err := got.String("name")
	require.NoError(t, err)
	assert.Equal(t, "Rachael", name)
}

func TestVersion(t *testing.T) {
	ctx := t.Context()
	profiles := newTable[profile](t, store, profileModel)
	p := profile{ID: "c1", Email: "a@b.c", Address: address{City: "Oslo"}}
	require.NoError(t, profiles.Create(ctx, &p))
	assert.EqualValues(t, 1, p.Version)

	stale := p
	p.Visits = 1
	require.NoError(t, profiles.Put(ctx, &p))
	assert.EqualValues(t, 2, p.Version)
	err := profiles.Put(ctx, &stale)
	require.ErrorIs(t, err, monotable.ErrCondition)
	assert.EqualValues(t, 1, stale.Version, "a failed write leaves the item as it was")

	blind := profile{ID: "c1", Email: "x@y.z", Address: address{City: "Oslo"}}
	require.ErrorIs(t, profiles.Put(ctx, &blind), monotable.ErrCondition, "version 0 expects none")

	got, err := profiles.Update(ctx, p, expression.Set(expression.Name("visits"), expression.Value(5)))
	require.NoError(t, err)
	assert.EqualValues(t, 3, got.Version)
	assert.Equal(t, 5, got.Visits)
	_, err = profiles.Update(ctx, p, expression.Set(expression.Name("v"), expression.Value(9)))
	require.ErrorIs(t, err, monotable.ErrKey)
}

func TestGetMany(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
	pets := tableOf[Pet](t, db, monotable.Model{})
	for i := range 120 {
		require.NoError(t, pets.Put(ctx, &Pet{ID: i, Name: "pet " + strconv.Itoa(i)}))
	}
	requests.seen()
	keys := []Pet{{ID: 500}, {ID: 3}, {ID: 3}}
	for i := range 120 {
		keys = append(keys, Pet{ID: 119 - i})
	}
	got, err := pets.GetMany(ctx, keys, monotable.Consistent())
	require.NoError(t, err)
	require.Len(t, got, len(keys))
	assert.Nil(t, got[0])
	assert.Equal(t, "pet 3", got[1].Name)
	assert.Equal(t, "pet 3", got[2].Name)
	assert.NotSame(t, got[1], got[2])
	for i, key := range keys[1:] {
		assert.Equal(t, key.ID, got[i+1].ID)
	}
	assert.Equal(t, []string{"BatchGetItem", "BatchGetItem"}, requests.seen(), "121 different keys")
	none, err := pets.GetMany(ctx, nil)
	require.NoError(t, err)
	assert.Empty(t, none)
	assert.Empty(t, requests.seen(), "nothing to read, nothing sent")
}

// unprocessed is a service that leaves keys unprocessed: all but the first of each request.
type unprocessed struct {
	service
	progress bool
}

func (u unprocessed) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	for name, request := range in.RequestItems {
		left := request
		left.Keys = request.Keys
		if u.progress {
			left.Keys = request.Keys[1:]
			request.Keys = request.Keys[:1]
			out, err := u.service.BatchGetItem(ctx,
				&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{name: request}}, o...)
			if err == nil && len(left.Keys) > 0 {
				out.UnprocessedKeys = map[string]types.KeysAndAttributes{name: left}
			}
			return out, err
		}
		return &dynamodb.BatchGetItemOutput{UnprocessedKeys: map[string]types.KeysAndAttributes{name: left}}, nil
	}
	return nil, errors.New("no keys")
}

func TestGetManyUnprocessed(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	schema := monotable.Schema{Name: "unprocessed-pets", Partition: monotable.N("id")}
	client := newService(t)
	require.NoError(t, admin.Create(ctx, client, schema, 0))
	t.Cleanup(func() {
		_, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &schema.Name})
		require.NoError(t, err)
	})
	db, err := monotable.Open(unprocessed{client, true}, schema)
	require.NoError(t, err)
	pets := tableOf[Pet](t, db, monotable.Model{})
	var keys []Pet
	for i := range 4 {
		require.NoError(t, pets.Put(ctx, &Pet{ID: i, Name: "x"}))
		keys = append(keys, Pet{ID: i})
	}
	got, err := pets.GetMany(ctx, keys)
	require.NoError(t, err)
	for i := range got {
		require.NotNil(t, got[i])
		assert.Equal(t, i, got[i].ID)
	}

	db, err = monotable.Open(unprocessed{client, false}, schema)
	require.NoError(t, err)
	cancelled, cancel := context.WithTimeout(ctx, 200_000_000)
	defer cancel()
	got, err = tableOf[Pet](t, db, monotable.Model{}).GetMany(cancelled, keys)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	var left *monotable.BatchError
	require.ErrorAs(t, err, &left)
	assert.Equal(t, []int{0, 1, 2, 3}, left.Left)
	assert.Len(t, got, 4)
}

func TestOldOfAnotherType(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	var wrong profile
	require.ErrorContains(t, sales.Put(ctx, &one, monotable.Old(&wrong)), "Old")
	require.ErrorContains(t, sales.Delete(ctx, one, monotable.Old[sale](nil)), "Old")
	assert.Empty(t, requests.seen())
}

func TestNilItems(t *testing.T) {
	sales := newTable[sale](t, store, saleModel)
	require.Error(t, sales.Put(t.Context(), nil))
	require.Error(t, sales.Create(t.Context(), nil))
}

func TestTypesInOneTable(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	sales, profiles := tableOf[sale](t, db, saleModel), tableOf[profile](t, db, profileModel)
	one := saleOf("c1", 1, "open")
	require.NoError(t, sales.Put(ctx, &one))
	require.NoError(t, profiles.Put(ctx, &profile{ID: "c1", Email: "a@b.c", Address: address{City: "Oslo"}}))
	assert.Len(t, collect(t, sales.Scan(ctx)), 1)
	assert.Len(t, collect(t, profiles.Scan(ctx)), 1)
	assert.Len(t, collect(t, sales.Query(ctx, sale{CustomerID: "c1"})), 1)
	assert.Len(t, collect(t, profiles.Query(ctx, profile{ID: "c1"})), 1)
	n, err := sales.Count(ctx, sale{CustomerID: "c1"})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
}

func TestTypesThatShareKeysLeaveEachOtherAlone(t *testing.T) {
	ctx := t.Context()
	type a struct {
		ID string `dynamodbav:"id"`
		N  int    `dynamodbav:"n"`
	}
	type b struct {
		ID   string `dynamodbav:"id"`
		Name string `dynamodbav:"name"`
	}
	db, _ := newDB(t, monotable.Schema{Name: "natural", Partition: monotable.S("id"), EntityType: "type"})
	as, bs := tableOf[a](t, db, monotable.Model{Type: "a"}), tableOf[b](t, db, monotable.Model{Type: "b"})
	require.NoError(t, bs.Create(ctx, &b{"1", "bee"}))
	_, err := as.Get(ctx, a{ID: "1"})
	require.ErrorIs(t, err, monotable.ErrNotFound)
	_, err = as.Update(ctx, a{ID: "1"}, set("n", 1))
	require.ErrorIs(t, err, monotable.ErrNotFound)
	_, err = as.Upsert(ctx, a{ID: "1"}, set("n", 1))
	require.ErrorIs(t, err, monotable.ErrCondition)
	require.ErrorIs(t, as.Put(ctx, &a{"1", 1}), monotable.ErrCondition)
	require.NoError(t, as.Delete(ctx, a{ID: "1"}), "there is none of this type")
	got, err := bs.Get(ctx, b{ID: "1"})
	require.NoError(t, err)
	assert.Equal(t, b{"1", "bee"}, got)
	require.NoError(t, as.PutMany(ctx, []a{{"2", 2}}))
	_, err = monotable.New[a](db, monotable.Model{Type: "a", Aliases: []string{"other"}})
	require.ErrorContains(t, err, "another model")
}

func TestResultsShareNothingWithTheCallers(t *testing.T) {
	ctx := t.Context()
	type x struct {
		ID string         `dynamodbav:"id"`
		A  string         `dynamodbav:"a,omitempty"`
		M  map[string]int `dynamodbav:"m"`
	}
	xs := newTable[x](t, monotable.Schema{Name: "shared", Partition: monotable.S("id")}, monotable.Model{})
	require.NoError(t, xs.Put(ctx, &x{ID: "1", M: map[string]int{"k": 1}}))
	next := x{ID: "1", A: "new", M: map[string]int{"k": 2, "j": 3}}
	old := next
	require.NoError(t, xs.Put(ctx, &next, monotable.Old(&old)))
	assert.Equal(t, x{ID: "1", M: map[string]int{"k": 1}}, old)
	assert.Equal(t, map[string]int{"k": 2, "j": 3}, next.M)
	mine := map[string]int{"z": 9}
	got, err := xs.Modify(ctx, next, func(x *x) error { x.M = mine; return nil })
	require.NoError(t, err)
	got.M["y"] = 1
	assert.Len(t, mine, 1)
}

func TestVersionsDoNotWrap(t *testing.T) {
	ctx := t.Context()
	type x struct {
		ID string `dynamodbav:"id"`
		V  int32  `dynamodbav:"v"`
	}
	xs := newTable[x](t, monotable.Schema{Name: "versions", Partition: monotable.S("id")},
		monotable.Model{Version: "v"})
	last := x{"1", math.MaxInt32}
	require.ErrorContains(t, xs.Put(ctx, &last), "version")
	assert.EqualValues(t, math.MaxInt32, last.V)
	one := x{ID: "2"}
	require.NoError(t, xs.Put(ctx, &one))
	got, err := xs.Modify(ctx, one, func(x *x) error { x.V = 99; return nil })
	require.NoError(t, err)
	assert.EqualValues(t, 1, got.V, "nothing was written")
}
