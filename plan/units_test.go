package plan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/plan"
)

// The guide's own worked examples, each with its section.
func TestGuideExamples(t *testing.T) {
	of := func(bytes int, a plan.AccessPattern) monotable.Units {
		t.Helper()
		a.Name, a.Entity = "p", "E"
		for i := range a.Actions {
			a.Entity, a.Actions[i].Entity = "", "E"
		}
		c, err := plan.EachOf(plan.Workload{Entities: []plan.Entity{{Name: "E", Sizes: plan.Bytes(bytes)}}}, a)
		require.NoError(t, err)
		return c.Units
	}
	reads := func(units float64) monotable.Units { return monotable.Units{Read: units} }
	writes := func(units float64) monotable.Units { return monotable.Units{Write: units} }
	// "DynamoDB read and write operations: Capacity unit consumption for read operations": 3.5 KB rounds up to 4 KB, 10
	// KB to 12 KB.
	assert.Equal(t, reads(1), of(3584, plan.AccessPattern{Operation: plan.GetItem, Consistent: true}))
	assert.Equal(t, reads(3), of(10<<10, plan.AccessPattern{Operation: plan.GetItem, Consistent: true}))
	// The same: BatchGetItem of 1.5 KB and 6.5 KB is 4 KB + 8 KB, each rounded by itself.
	assert.Equal(t, reads(1), of(1536, plan.AccessPattern{Operation: plan.BatchGetItem, Consistent: true}))
	assert.Equal(t, reads(2), of(6656, plan.AccessPattern{Operation: plan.BatchGetItem, Consistent: true}))
	// The same: a Query whose items have 40.8 KB together rounds to 44 KB.
	assert.Equal(t, reads(11), of(4178, plan.AccessPattern{Operation: plan.Query, Items: 10, Consistent: true}))
	// "On-demand capacity mode: Read request units": 8 KB is 2 strong, 1 eventual, 4 transactional.
	assert.Equal(t, reads(2), of(8<<10, plan.AccessPattern{Operation: plan.GetItem, Consistent: true}))
	assert.Equal(t, reads(1), of(8<<10, plan.AccessPattern{Operation: plan.GetItem}))
	assert.Equal(t, reads(4), of(8<<10, plan.AccessPattern{Operation: plan.TransactGetItems}))
	// "On-demand capacity mode: Write request units": 2 KB is 2, and 4 in a transaction.
	assert.Equal(t, writes(2), of(2<<10, plan.AccessPattern{Operation: plan.PutItem}))
	assert.Equal(t, writes(4), of(2<<10, plan.AccessPattern{Operation: plan.TransactWriteItems,
		Actions: []plan.Action{{Operation: plan.PutItem}}}))
	// "Capacity unit consumption for write operations": an item of 512 bytes is 1, of 1.5 KB 2; a delete of none is 1.
	assert.Equal(t, writes(1), of(512, plan.AccessPattern{Operation: plan.PutItem}))
	assert.Equal(t, writes(2), of(1536, plan.AccessPattern{Operation: plan.PutItem}))
	assert.Equal(t, writes(1), of(1536, plan.AccessPattern{Operation: plan.DeleteItem, Missing: 1}))
}

var unitsSchema = monotable.Schema{Name: "units", Partition: monotable.S("p"), Sort: monotable.S("s"),
	Indexes: []monotable.Index{
		{Name: "all", Partition: monotable.S("g")},
		{Name: "keys", Partition: monotable.S("h"), KeysOnly: true},
		{Name: "some", Partition: monotable.S("g"), Sort: monotable.N("n"), Include: []string{"pad"}},
		{Name: "local", Local: true, Sort: monotable.S("l"), KeysOnly: true},
	}}

// 10,000 random operations cost what they are planned to.
func TestPlannedUnitsAreMetered(t *testing.T) {
	client := dynamotest.New(t, unitsSchema)
	random := rand.New(rand.NewPCG(5, 5))
	stored := map[string]monotable.Item{}
	ctx := t.Context()
	kept := types.ReturnConsumedCapacityIndexes
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	for i := range 10_000 {
		p, s := fmt.Sprint("p", random.IntN(10)), fmt.Sprint("s", random.IntN(10))
		key := monotable.Item{"p": text(p), "s": text(s)}
		before := stored[p+s]
		item := key.Clone()
		for name, choices := range map[string]int{"g": 3, "h": 3, "l": 3} {
			if n := random.IntN(choices); n > 0 {
				item[name] = text(fmt.Sprint(name, n))
			}
		}
		if random.IntN(2) == 0 {
			item["n"] = &types.AttributeValueMemberN{Value: fmt.Sprint(random.IntN(3))}
		}
		item["pad"] = text(strings.Repeat("x", 1+random.IntN(3)*random.IntN(3000)))
		if random.IntN(4) == 0 && before != nil { // change nothing but what few indexes hold
			item = before.Clone()
			item["more"] = text(strings.Repeat("y", random.IntN(2000)))
		}
		w := plan.Workload{Indexes: plan.IndexesOf(unitsSchema)}
		entity := func(name string, of monotable.Item) string {
			e, err := plan.EntityOfItems(name, unitsSchema, 1, of)
			require.NoError(t, err)
			w.Entities = append(w.Entities, e)
			return name
		}
		a := plan.AccessPattern{Name: "p"}
		var used []types.ConsumedCapacity
		var err error
		one := func(c *types.ConsumedCapacity) { used = append(used, *c) }
		switch kind := random.IntN(7); {
		case kind < 2: // a put over whatever is there
			a.Operation, a.Entity, a.Effects = plan.PutItem, entity("after", item),
				plan.EffectsOf(unitsSchema, before, item)
			if before != nil {
				a.Was = entity("before", before)
			}
			out, failed := client.PutItem(ctx,
				&dynamodb.PutItemInput{TableName: &unitsSchema.Name, Item: item, ReturnConsumedCapacity: kept})
			require.NoError(t, failed)
			one(out.ConsumedCapacity)
			stored[p+s] = item
		case kind == 2:
			a.Operation, a.Missing = plan.DeleteItem, 1
			a.Entity = entity("none", item)
			if before != nil {
				w.Entities, a.Missing = nil, 0
				a.Entity = entity("before", before)
			}
			out, failed := client.DeleteItem(ctx,
				&dynamodb.DeleteItemInput{TableName: &unitsSchema.Name, Key: key, ReturnConsumedCapacity: kept})
			require.NoError(t, failed)
			one(out.ConsumedCapacity)
			delete(stored, p+s)
		case kind == 3:
			a.Operation, a.Consistent, a.Missing = plan.GetItem, random.IntN(2) == 0, 1
			a.Entity = entity("none", item)
			if before != nil {
				w.Entities, a.Missing = nil, 0
				a.Entity = entity("before", before)
			}
			out, failed := client.GetItem(ctx,
				&dynamodb.GetItemInput{TableName: &unitsSchema.Name, Key: key, ConsistentRead: &a.Consistent,
					ReturnConsumedCapacity: kept})
			require.NoError(t, failed)
			one(out.ConsumedCapacity)
		case kind == 4: // a transaction of one put
			put := plan.Action{Operation: plan.PutItem, Entity: entity("after", item),
				Effects: plan.EffectsOf(unitsSchema, before, item)}
			if before != nil {
				put.Was = entity("before", before)
			}
			a.Operation, a.Actions = plan.TransactWriteItems, []plan.Action{put}
			out, failed := client.TransactWriteItems(ctx,
				&dynamodb.TransactWriteItemsInput{ReturnConsumedCapacity: kept,
					TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: &unitsSchema.Name,
						Item: item}}}})
			require.NoError(t, failed)
			used = out.ConsumedCapacity
			stored[p+s] = item
		case kind == 5: // a batch of one put
			put := plan.Action{Operation: plan.PutItem, Entity: entity("after", item),
				Effects: plan.EffectsOf(unitsSchema, before, item)}
			if before != nil {
				put.Was = entity("before", before)
			}
			a.Operation, a.Actions = plan.BatchWriteItem, []plan.Action{put}
			out, failed := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{ReturnConsumedCapacity: kept,
				RequestItems: map[string][]types.WriteRequest{unitsSchema.Name: {{PutRequest: &types.PutRequest{Item: item}}}}})
			require.NoError(t, failed)
			used = out.ConsumedCapacity
			stored[p+s] = item
		default: // the item collection
			if len(stored) == 0 {
				continue
			}
			a.Operation, a.Consistent, a.Missing = plan.Query, random.IntN(2) == 0, 1
			a.Entity = entity("none", item)
			bytes, n := 0, 0
			for key, item := range stored {
				if strings.HasPrefix(key, p+"s") {
					bytes, n = bytes+item.Size(), n+1
				}
			}
			if n > 0 { // as one item of all their bytes, which a page rounds together
				w.Entities, a.Missing, a.Items = nil, 0, 1
				w.Entities = append(w.Entities, plan.Entity{Name: "none", Sizes: plan.Bytes(bytes)})
			}
			out, failed := client.Query(ctx, &dynamodb.QueryInput{TableName: &unitsSchema.Name,
				ConsistentRead: &a.Consistent, ReturnConsumedCapacity: kept,
				KeyConditionExpression: new("p = :p"), ExpressionAttributeValues: monotable.Item{":p": text(p)}})
			require.NoError(t, failed)
			one(out.ConsumedCapacity)
		}
		planned, err := plan.EachOf(w, a)
		require.NoError(t, err)
		table, indexes := 0.0, map[string]float64{}
		for _, c := range used {
			table += *c.Table.CapacityUnits
			for _, arms := range []map[string]types.Capacity{c.GlobalSecondaryIndexes, c.LocalSecondaryIndexes} {
				for name, x := range arms {
					indexes[name] += *x.CapacityUnits
				}
			}
		}
		of := map[string]float64{}
		for name, x := range planned.Indexes {
			of[name] = x.Read + x.Write
		}
		require.Equal(t, table, planned.Table.Read+planned.Table.Write, "%d: %+v", i, a)
		require.Equal(t, indexes, of, "%d: %+v", i, a)
	}
}
