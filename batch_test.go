package monotable_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

func TestPutManyAndDeleteMany(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
	pets := tableOf[Pet](t, db, monotable.Model{})
	var all []Pet
	for i := range 60 {
		all = append(all, Pet{ID: i, Name: "first"})
	}
	all = append(all, Pet{ID: 7, Name: "last"})
	var meter monotable.Meter
	require.NoError(t, pets.PutMany(ctx, all, monotable.Metered(&meter), monotable.Parallel(2)))
	assert.Len(t, requests.seen(), 3)
	assert.Equal(t, 60.0, meter.Used().Write)
	seven, err := pets.Get(ctx, Pet{ID: 7})
	require.NoError(t, err)
	assert.Equal(t, "last", seven.Name, "of two with one key the later one is written")
	require.NoError(t, pets.DeleteMany(ctx, all[:59]))
	assert.Len(t, collect(t, pets.Scan(ctx)), 1)
	require.NoError(t, pets.PutMany(ctx, nil))
	require.Error(t, pets.PutMany(ctx, all, monotable.Parallel(0)))
}

// What is left is all that is not known to be written: of a key given twice both places, since neither item is known to
// be there.
func TestWhatABatchLeaves(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
	pets := tableOf[Pet](t, db, monotable.Model{})
	twice := []Pet{{ID: 1, Name: "first"}, {ID: 2, Name: "x"}, {ID: 1, Name: "last"}}
	for name, test := range map[string]struct {
		err       error
		ambiguous bool
		throttled bool
	}{
		"refused":   {&types.ResourceNotFoundException{}, false, false},
		"throttled": {&types.ProvisionedThroughputExceededException{}, false, true},
		"lost":      {errors.New("connection reset"), true, false},
		"internal":  {&types.InternalServerError{}, true, false},
	} {
		requests.before = func(string, any) error { return test.err }
		err := pets.PutMany(ctx, twice)
		requests.before = nil
		var left *monotable.BatchError
		require.ErrorAs(t, err, &left, name)
		assert.Equal(t, []int{0, 1, 2}, left.Left, name)
		assert.Equal(t, test.ambiguous, errors.Is(err, monotable.ErrAmbiguous), name)
		assert.Equal(t, test.throttled, errors.Is(err, monotable.ErrThrottled), name)
		require.ErrorIs(t, err, test.err)
	}
}

func TestBatchesOfSeveralTypes(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, store)
	sales, reviews := tableOf[sale](t, db, saleModel), tableOf[review](t, db, reviewModel)
	one, two := saleOf("c1", 1, "open"), saleOf("c1", 2, "open")
	five := review{SKU: "s", CustomerID: "c1", Stars: 5}
	require.NoError(t, sales.Put(ctx, &two))
	require.NoError(t, db.BatchWrite(ctx, []monotable.Op{sales.PutOp(&one), sales.DeleteOp(two), reviews.PutOp(&five)}))
	var gotSale, gone *sale
	var gotReview *review
	gone = &one
	require.NoError(t, db.BatchRead(ctx, []monotable.ReadOp{
		reviews.GetOp(five, &gotReview), sales.GetOp(one, &gotSale), sales.GetOp(two, &gone),
	}))
	assert.Equal(t, one, *gotSale)
	assert.Equal(t, five, *gotReview)
	assert.Nil(t, gone)
	assert.Len(t, collect(t, sales.Query(ctx, sale{Status: "open"}, monotable.On("GSI1"))), 1)

	profiles := tableOf[profile](t, db, profileModel)
	ann := profile{ID: "c1", Email: "a@b.c", Address: address{City: "Oslo"}}
	err := db.BatchWrite(ctx, []monotable.Op{sales.PutOp(&one), profiles.PutOp(&ann)})
	require.ErrorContains(t, err, "versions", "a batch cannot check a version")
	open := monotable.If(expression.Name("status").Equal(expression.Value("open")))
	require.ErrorContains(t, db.BatchWrite(ctx, []monotable.Op{sales.DeleteOp(one, open)}), "conditions")
	require.ErrorIs(t, db.BatchWrite(ctx, []monotable.Op{sales.DeleteOp(sale{})}), monotable.ErrKey)
}

// stuck is a service that leaves every write of one pet unprocessed, and of others the first time.
type stuck struct {
	service
	refused *map[string]bool
}

func (s stuck) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	left := map[string][]types.WriteRequest{}
	for table, requests := range in.RequestItems {
		for _, request := range requests {
			id := request.PutRequest.Item["id"].(*types.AttributeValueMemberN).Value
			if id == "3" || !(*s.refused)[id] {
				(*s.refused)[id] = true
				left[table] = append(left[table], request)
				continue
			}
			if _, err := s.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table,
				Item: request.PutRequest.Item}); err != nil {
				return nil, err
			}
		}
	}
	return &dynamodb.BatchWriteItemOutput{UnprocessedItems: left}, nil
}

func TestWhatABatchLeavesIsReturned(t *testing.T) {
	t.Parallel()
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	db, client := newDB(t, schema)
	db, err := monotable.Open(stuck{client, &map[string]bool{}}, db.Schema())
	require.NoError(t, err)
	pets := tableOf[Pet](t, db, monotable.Model{})
	all := make([]Pet, 6)
	for i := range all {
		all[i] = Pet{ID: i, Name: "x"}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500_000_000)
	defer cancel()
	err = pets.PutMany(ctx, all)
	var left *monotable.BatchError
	require.True(t, errors.As(err, &left), "%v", err)
	assert.Equal(t, []int{3}, left.Left)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Len(t, collect(t, pets.Scan(t.Context())), 5, "the others are written")
}

// What a key that is given twice reads is two items: attributes that T does not name, and those of Item, are not
// shared.
func TestGetManyGivesItemsTwice(t *testing.T) {
	type known struct {
		ID   int            `dynamodbav:"id"`
		More monotable.Item `monotable:"unknown"`
	}
	db, _ := newDB(t, petSchema)
	table, items := tableOf[known](t, db, monotable.Model{}), tableOf[monotable.Item](t, db, monotable.Model{})
	more := func() monotable.Item {
		return monotable.Item{"list": list(text("x"))}
	}
	require.NoError(t, table.Put(t.Context(), &known{ID: 1, More: more()}))

	found, err := table.GetMany(t.Context(), []known{{ID: 1}, {ID: 1}, {ID: 2}, {ID: 2}})
	require.NoError(t, err)
	require.NotNil(t, found[0])
	found[0].More["list"].(*types.AttributeValueMemberL).Value[0] = nil
	assert.Equal(t, []*known{{ID: 1, More: more()}, nil, nil}, found[1:])

	var read [2]*monotable.Item
	require.NoError(t, db.BatchRead(t.Context(),
		[]monotable.ReadOp{items.GetOp(itemKey(1), &read[0]), items.GetOp(itemKey(1), &read[1])}))
	delete(*read[0], "list")
	assert.Equal(t, more()["list"], (*read[1])["list"])
}
