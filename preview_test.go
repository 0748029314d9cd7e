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

func TestPreviewSendsNothing(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	sales := tableOf[sale](t, db, saleModel)
	one := saleOf("c1", 1, "open")
	var request any
	preview := monotable.Preview(&request)
	for want, call := range map[any]func() error{
		&dynamodb.PutItemInput{}: func() error { return sales.Put(ctx, &one, preview) },
		&dynamodb.GetItemInput{}: func() error { _, err := sales.Get(ctx, one, preview); return err },
		&dynamodb.UpdateItemInput{}: func() error {
			_,
				err := sales.Update(ctx, one, set("status", "x"), preview)
			return err
		},
		&dynamodb.DeleteItemInput{}: func() error { return sales.Delete(ctx, one, preview) },
		&dynamodb.QueryInput{}: func() error {
			return firstError(sales.Query(ctx, sale{CustomerID: "c1"}, preview))
		},
		&dynamodb.ScanInput{}: func() error { return firstError(sales.Scan(ctx, preview)) },
		&dynamodb.BatchGetItemInput{}: func() error {
			_,
				err := sales.GetMany(ctx, []sale{one}, preview)
			return err
		},
		&dynamodb.BatchWriteItemInput{}: func() error { return sales.PutMany(ctx, []sale{one}, preview) },
		&dynamodb.TransactWriteItemsInput{}: func() error {
			return db.Write(ctx, []monotable.Op{sales.CreateOp(&one)},
				preview)
		},
		&dynamodb.TransactGetItemsInput{}: func() error {
			var into *sale
			return db.Read(ctx, []monotable.ReadOp{sales.GetOp(one, &into)}, preview)
		},
	} {
		require.ErrorIs(t, call(), monotable.ErrPreview)
		assert.IsType(t, want, request)
	}
	assert.Empty(t, requests.seen())
}

func TestAtVersion(t *testing.T) {
	ctx := t.Context()
	profiles := newTable[profile](t, store, profileModel)
	p := profile{ID: "c1", Email: "a@b.c", Address: address{City: "Oslo"}}
	require.NoError(t, profiles.Create(ctx, &p))
	visits := expression.Add(expression.Name("visits"), expression.Value(1))
	_, err := profiles.Update(ctx, p, visits, monotable.AtVersion(7))
	require.ErrorIs(t, err, monotable.ErrCondition)
	got, err := profiles.Update(ctx, p, visits, monotable.AtVersion(1))
	require.NoError(t, err)
	assert.EqualValues(t, 2, got.Version)
	require.ErrorIs(t, profiles.Delete(ctx, p, monotable.AtVersion(1)), monotable.ErrCondition)
	require.ErrorIs(t, profiles.Put(ctx, &got, monotable.AtVersion(1)), monotable.ErrVersion)
	stale := p
	require.NoError(t, profiles.Put(ctx, &stale, monotable.AtVersion(int8(2))), "in the place of the one it carries")
	assert.EqualValues(t, 3, stale.Version)
	require.ErrorContains(t, profiles.Delete(ctx, p, monotable.AtVersion(-1)), "negative")
	require.ErrorContains(t, profiles.Create(ctx, &p, monotable.AtVersion(0)), "AtVersion")
	require.NoError(t, profiles.Delete(ctx, p, monotable.AtVersion(uint8(3))))
	sales := newTable[sale](t, store, saleModel)
	require.ErrorContains(t, sales.Delete(ctx, saleOf("c1", 1, ""), monotable.AtVersion(1)), "no version")
}

func TestTablesAsTheyAre(t *testing.T) {
	ctx := t.Context()
	old := monotable.Schema{Name: "legacy", Partition: monotable.S("pk"), Sort: monotable.S("sk"),
		EntityType: "__edb_e__"}
	type task struct {
		Project string `dynamodbav:"project"`
		ID      string `dynamodbav:"id"`
	}
	db, client := newDB(t, old)
	tasks := tableOf[task](t, db, monotable.Model{
		Type: "task", Aliases: []string{"todo"},
		Keys: map[string]string{"pk": "$app#project_{project|lower|raw}", "sk": "$task_1#id_{id|lower}"},
	})
	table := db.Schema().Name
	for i, name := range []string{"task", "todo", "", "note"} {
		item := map[string]types.AttributeValue{
			"pk":      &types.AttributeValueMemberS{Value: "$app#project_x"},
			"project": &types.AttributeValueMemberS{Value: "X"},
			"sk":      &types.AttributeValueMemberS{Value: "$task_1#id_" + string(rune('a'+i))},
			"id":      &types.AttributeValueMemberS{Value: string(rune('A' + i))},
		}
		if name != "" {
			item["__edb_e__"] = &types.AttributeValueMemberS{Value: name}
		}
		_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item})
		require.NoError(t, err)
	}
	assert.Equal(t, []task{{"X", "A"}, {"X", "B"}, {"X", "C"}}, collect(t, tasks.Query(ctx, task{Project: "X"})),
		"a note is another type")
	got, err := tasks.Get(ctx, task{Project: "x", ID: "b"})
	require.NoError(t, err)
	assert.Equal(t, task{"X", "B"}, got)

	untyped := old
	untyped.EntityType = ""
	other, err := monotable.Open(fake, untyped)
	require.NoError(t, err)
	_, err = monotable.New[task](other, monotable.Model{Keys: map[string]string{"pk": "P#{project}", "sk": "T#{id}"}})
	require.NoError(t, err)
	_, err = monotable.New[shipment](other, monotable.Model{Keys: map[string]string{"pk": "P#{id}", "sk": "T#{state}"}})
	require.ErrorContains(t, err, "EntityType")
	_, err = monotable.New[shipment](other, monotable.Model{Keys: map[string]string{"pk": "P#{id}", "sk": "S#{state}"}})
	require.NoError(t, err)
}
