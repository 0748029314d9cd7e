package monotable_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
)

// With OwnMemory every read gives the same values as without.
func TestFastPathWithOwnMemory(t *testing.T) {
	for _, c := range cannedReads {
		for _, read := range []func(*monotable.DB) (any, error){c.of, c.ofItem} {
			var values [2]any
			for i, options := range [][]monotable.OpenOption{nil, {monotable.OwnMemory()}} {
				db, err := monotable.Open(cannedClient(&canned{answers: []cannedAnswer{{body: c.body}}}), petSchema,
					options...)
				require.NoError(t, err)
				values[i], err = read(db)
				require.NoError(t, err)
				assert.Equal(t, monotable.ReadStats{Fast: 1}, db.ReadStats(), c.form)
			}
			assert.Equal(t, values[0], values[1], c.form)
		}
	}
}

// Two that are asked for together are each the caller's own.
func TestFastPathValuesAreTheCallers(t *testing.T) {
	body := `{"Responses":{"pets":[{"id":{"N":"1"},"name":{"S":"Rex"},"tags":{"SS":["a"]}},` +
		`{"id":{"N":"2"},"name":{"S":"Mia"},"tags":{"SS":["b"]}}]}}`
	for _, options := range [][]monotable.OpenOption{nil, {monotable.OwnMemory()}, {monotable.WithoutFastPath()}} {
		pets, _ := petTable(t, cannedClient(&canned{answers: []cannedAnswer{{body: body}}}), options...)
		found, err := pets.GetMany(t.Context(), []pet{{ID: 2}, {ID: 1}, {ID: 2}, {ID: 9}})
		require.NoError(t, err)
		require.Equal(t, []*pet{{ID: 2, Name: "Mia", Tags: []string{"b"}}, {ID: 1, Name: "Rex", Tags: []string{"a"}},
			{ID: 2, Name: "Mia", Tags: []string{"b"}}, nil}, found)
		found[0].Tags[0], found[0].Name = "changed", "changed"
		found[0].Tags = append(found[0].Tags, "more")
		assert.Equal(t, &pet{ID: 1, Name: "Rex", Tags: []string{"a"}}, found[1])
		assert.Equal(t, &pet{ID: 2, Name: "Mia", Tags: []string{"b"}}, found[2],
			"a key given twice has a value of its own each time")
	}
}

// odd decodes itself.
type odd struct {
	PK, SK string
	Text   string
}

func (o *odd) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	item, ok := av.(*types.AttributeValueMemberM)
	if !ok {
		return fmt.Errorf("%T", av)
	}
	var raw struct {
		PK string `dynamodbav:"p"`
		SK string `dynamodbav:"s"`
	}
	if err := attributevalue.UnmarshalMap(item.Value, &raw); err != nil {
		return err
	}
	*o = odd{raw.PK, raw.SK, raw.PK + "/" + raw.SK}
	return nil
}

// A type that decodes itself is told from others in its table as any is.
func TestFastPathOfATypeThatDecodesItself(t *testing.T) {
	body := `{"Items":[{"p":{"S":"a"},"s":{"S":"1"},"type":{"S":"odd"}},` +
		`{"p":{"S":"a"},"s":{"S":"2"},"type":{"S":"even"}},{"p":{"S":"a"},"s":{"S":"3"}}]}`
	schema := monotable.Schema{Name: "things", Partition: monotable.S("PK"), Sort: monotable.S("SK"),
		EntityType: "type"}
	for _, options := range [][]monotable.OpenOption{nil, {monotable.WithoutFastPath()}} {
		db, err := monotable.Open(cannedClient(&canned{answers: []cannedAnswer{{body: body}}},
			func(o *dynamodb.Options) {}), schema, options...)
		require.NoError(t, err)
		table := tableOf[odd](t, db, monotable.Model{Type: "odd"})
		page, err := table.ScanPage(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []odd{{"a", "1", "a/1"}, {"a", "3", "a/3"}}, page.Items)
	}
}

// Shards are merged by their keys, decoded as they are.
func TestFastPathOfShards(t *testing.T) {
	type task struct {
		ID     string `dynamodbav:"id"`
		Status string `dynamodbav:"status"`
		Rank   int    `dynamodbav:"rank"`
		Note   string `dynamodbav:"note"`
	}
	for _, options := range [][]monotable.OpenOption{nil, {monotable.WithoutFastPath()}} {
		service := dynamodb.New(sdkOptions(t))
		schema := monotable.Schema{Name: fmt.Sprintf("tasks-%d", tableNumber.Add(1)), Partition: monotable.S("PK"),
			Sort: monotable.S("SK")}
		require.NoError(t, admin.Create(t.Context(), service, schema, 0))
		db, err := monotable.Open(service, schema, options...)
		require.NoError(t, err)
		tasks := tableOf[task](t, db, monotable.Model{Keys: map[string]string{"PK": "T#{status}#{id|shard:3}",
			"SK": "{rank}#{id}"}})
		var want []task
		for i := range 40 {
			x := task{ID: fmt.Sprintf("t%d", i*7%40), Status: "open", Rank: i, Note: "n"}
			want = append(want, x)
			require.NoError(t, tasks.Put(t.Context(), &x))
		}
		before := db.ReadStats()
		assert.Equal(t, want, collect(t, tasks.Query(t.Context(), task{Status: "open"})))
		stats := db.ReadStats()
		assert.Equal(t, before.Maps, stats.Maps)
		assert.Equal(t, len(options) == 0, stats.Fast == before.Fast+3)

		page, err := tasks.QueryPage(t.Context(), task{Status: "open"}, monotable.Limit(7))
		require.NoError(t, err)
		assert.Equal(t, want[:7], page.Items)
		rest, err := tasks.QueryPage(t.Context(), task{Status: "open"}, monotable.StartAfter(page.Next))
		require.NoError(t, err)
		assert.Equal(t, want[7:], rest.Items)
	}
}
