package monotable_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/internal/wire"
)

// The measured items, through every way that an item's size is told.
func TestMeasuredSizes(t *testing.T) {
	raw, err := os.ReadFile("internal/size/testdata/item_sizes.json")
	require.NoError(t, err)
	var vectors []struct {
		Name  string
		Item  json.RawMessage
		Bytes int
	}
	require.NoError(t, json.Unmarshal(raw, &vectors))
	require.GreaterOrEqual(t, len(vectors), 300)
	items := capacityTables(t, dynamotest.NewClient())["cap_h"]
	for _, v := range vectors {
		item, err := wire.ParseItem(v.Item)
		require.NoError(t, err)
		assert.Equal(t, v.Bytes, monotable.Item(item).Size(), v.Name)
		sum := 0
		for _, a := range monotable.Item(item).Sizes() {
			sum += a.Bytes
		}
		assert.Equal(t, v.Bytes, sum, v.Name)
		added := 0
		if _, ok := item["p"].(*types.AttributeValueMemberS); !ok {
			old := monotable.Item{}
			if v := item["p"]; v != nil {
				old["p"] = v
			}
			added = len("p") + len("k") - old.Size()
			item["p"] = &types.AttributeValueMemberS{Value: "k"}
		}
		bytes, err := items.Size(item)
		require.NoError(t, err, v.Name)
		assert.Equal(t, v.Bytes+added, bytes, v.Name)
		of, err := items.SizeOf(item)
		require.NoError(t, err, v.Name)
		assert.Equal(t, v.Bytes+added, of.Bytes, v.Name)
	}
}

// costVector is one measured operation; they run in the order of the file.
type costVector struct {
	Name  string
	Setup []struct {
		Table string
		Item  json.RawMessage
	}
	Request struct {
		Op   string
		Body json.RawMessage
	}
	ExpectedUnits *float64 `json:"expected_units"`
	ExpectedArms  *struct {
		Table   float64
		Indexes map[string]float64
	} `json:"expected_arms"`
	Error *struct{ Type string }
}

// mismeasured are cases whose figure is DynamoDB Local's alone and has its known fault of 100 bytes more in each entry
// of a local index; see the same map beside the engine's meter.
var mismeasured = map[string]float64{
	"IX PutItem 204799 B item in lAll (400 KB limit incl. LSI?)": 400,
	"IX PutItem 204800 B item in lAll (400 KB limit incl. LSI?)": 400,
}

// Every measured operation, predicted from the items before and after it, or from the sizes that it reads.
func TestMeasuredCosts(t *testing.T) {
	raw, err := os.ReadFile("internal/engine/testdata/operations.json")
	require.NoError(t, err)
	var vectors []costVector
	require.NoError(t, json.Unmarshal(raw, &vectors))
	client := dynamotest.NewClient()
	p := &predictor{t: t, client: client, tables: capacityTables(t, client), tokens: map[string]bool{}}
	for i := range 1500 {
		p.put("cap_hr", sizedRow("q15", fmt.Sprintf("%04d", i), 64))
	}
	seeded := map[string]bool{}
	predicted := 0
	for _, v := range vectors {
		for _, s := range v.Setup {
			item, err := wire.ParseItem(padded(s.Item))
			require.NoError(t, err)
			p.put(s.Table, item)
		}
		var n, bytes int
		if _, err := fmt.Sscanf(v.Name, "Query page of %d x %d B", &n, &bytes); err == nil && !seeded[v.Name] {
			seeded[v.Name] = true
			for i := range n {
				p.put("cap_page", sizedRow(fmt.Sprintf("p%06d", bytes), fmt.Sprintf("%05d", i), bytes))
			}
		}
		if v.Request.Op == "ExecuteStatement" || v.Error != nil && v.Error.Type == "ValidationException" {
			continue // PartiQL is not in the library; what is refused costs nothing
		}
		t.Run(v.Name, func(t *testing.T) {
			defer func(all *testing.T) { p.t = all }(p.t)
			p.t = t
			cost := p.predict(v.Request.Op, padded(v.Request.Body), v.Error != nil)
			if v.ExpectedUnits == nil {
				return
			}
			expected := *v.ExpectedUnits
			if corrected, ok := mismeasured[v.Name]; ok {
				expected = corrected
			}
			predicted++
			assert.Equal(t, expected, cost.Read+cost.Write, cost.String())
			if v.ExpectedArms != nil {
				assert.Equal(t, v.ExpectedArms.Table, cost.Table.Write)
				for name, units := range v.ExpectedArms.Indexes {
					assert.Equal(t, units, cost.Indexes[name].Write, name)
				}
			}
			sumsUp(t, cost)
		})
	}
	assert.GreaterOrEqual(t, predicted, 150)
}

// sumsUp checks that a cost is the sum of its charges.
func sumsUp(t require.TestingT, cost monotable.Cost) {
	var table monotable.Units
	indexes := map[string]monotable.Units{}
	for _, c := range cost.Charges {
		if c.Index == "" {
			table = monotable.Units{Read: table.Read + c.Units.Read, Write: table.Write + c.Units.Write}
		} else if c.Units != (monotable.Units{}) {
			x := indexes[c.Index]
			indexes[c.Index] = monotable.Units{Read: x.Read + c.Units.Read, Write: x.Write + c.Units.Write}
		}
	}
	require.Equal(t, table, cost.Table)
	require.Equal(t, len(indexes), len(cost.Indexes))
	all := table
	for name, x := range indexes {
		require.Equal(t, x, cost.Indexes[name])
		all = monotable.Units{Read: all.Read + x.Read, Write: all.Write + x.Write}
	}
	require.Equal(t, all, cost.Units)
}

// predictor works out costs from what is in the tables, and then makes the requests.
type predictor struct {
	t      *testing.T
	client *dynamotest.Client
	tables map[string]*monotable.Table[monotable.Item]
	tokens map[string]bool
}

func (p *predictor) put(table string, item monotable.Item) {
	_, err := p.client.PutItem(p.t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
	require.NoError(p.t, err)
}

// stored is the item that a key or another item finds; nil for none.
func (p *predictor) stored(table string, item monotable.Item) *monotable.Item {
	key := monotable.Item{"p": item["p"]}
	if table != "cap_h" && table != "cap_stream" && table != "cap_gsi2" {
		key["s"] = item["s"]
	}
	consistent := true
	out, err := p.client.GetItem(p.t.Context(),
		&dynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: &consistent})
	require.NoError(p.t, err)
	if out.Item == nil {
		return nil
	}
	found := monotable.Item(out.Item)
	return &found
}

func (p *predictor) size(table string, key monotable.Item) int {
	if item := p.stored(table, key); item != nil {
		return item.Size()
	}
	return 0
}

func input[In any](t *testing.T, body []byte) *In {
	in := new(In)
	require.NoError(t, wire.UnmarshalInput(body, in))
	return in
}

func consistently(yes *bool) []monotable.CostOption {
	if yes != nil && *yes {
		return []monotable.CostOption{monotable.Consistent()}
	}
	return nil
}

func (p *predictor) predict(op string, body []byte, fails bool) (cost monotable.Cost) {
	t, ctx := p.t, p.t.Context()
	var failing []monotable.WriteCostOption
	if fails {
		failing = append(failing, monotable.ConditionFails())
	}
	must := func(cost monotable.Cost, err error) monotable.Cost {
		require.NoError(t, err)
		return cost
	}
	sent := func(err error) {
		if fails {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
	}
	switch op {
	case "GetItem":
		in := input[dynamodb.GetItemInput](t, body)
		return must(monotable.ReadCost(p.size(*in.TableName, in.Key), consistently(in.ConsistentRead)...))
	case "BatchGetItem":
		for table, keys := range input[dynamodb.BatchGetItemInput](t, body).RequestItems {
			var sizes []int
			for _, key := range keys.Keys {
				sizes = append(sizes, p.size(table, key))
			}
			cost = cost.Plus(must(monotable.BatchReadCost(sizes, consistently(keys.ConsistentRead)...)))
		}
		return cost
	case "TransactGetItems":
		var sizes []int
		for _, x := range input[dynamodb.TransactGetItemsInput](t, body).TransactItems {
			sizes = append(sizes, p.size(*x.Get.TableName, x.Get.Key))
		}
		return must(monotable.TransactReadCost(sizes))
	case "PutItem":
		in := input[dynamodb.PutItemInput](t, body)
		item := monotable.Item(in.Item)
		cost = must(p.tables[*in.TableName].WriteCost(p.stored(*in.TableName, item), &item, failing...))
		_, err := p.client.PutItem(ctx, in)
		sent(err)
		return cost
	case "DeleteItem":
		in := input[dynamodb.DeleteItemInput](t, body)
		cost = must(p.tables[*in.TableName].WriteCost(p.stored(*in.TableName, in.Key), nil, failing...))
		_, err := p.client.DeleteItem(ctx, in)
		sent(err)
		return cost
	case "UpdateItem":
		in := input[dynamodb.UpdateItemInput](t, body)
		before := p.stored(*in.TableName, in.Key)
		_, err := p.client.UpdateItem(ctx, in)
		sent(err)
		return must(p.tables[*in.TableName].UpdateCost(before, p.stored(*in.TableName, in.Key), failing...))
	case "BatchWriteItem":
		in := input[dynamodb.BatchWriteItemInput](t, body)
		for table, requests := range in.RequestItems {
			for _, r := range requests {
				if r.PutRequest != nil {
					item := monotable.Item(r.PutRequest.Item)
					cost = cost.Plus(must(p.tables[table].WriteCost(p.stored(table, item), &item)))
				} else {
					cost = cost.Plus(must(p.tables[table].WriteCost(p.stored(table, r.DeleteRequest.Key), nil)))
				}
			}
		}
		_, err := p.client.BatchWriteItem(ctx, in)
		sent(err)
		return cost
	case "TransactWriteItems":
		return p.predictTransaction(input[dynamodb.TransactWriteItemsInput](t, body), sent,
			append(failing, monotable.Transactional()))
	case "Query":
		in := input[dynamodb.QueryInput](t, body)
		index := ""
		if in.IndexName != nil {
			index = *in.IndexName
		}
		entries := *in
		entries.FilterExpression, entries.ProjectionExpression, entries.Select = nil, nil, ""
		entries.ExpressionAttributeNames = nil
		if in.FilterExpression != nil {
			entries.ExpressionAttributeValues = map[string]types.AttributeValue{":p": in.ExpressionAttributeValues[":p"]}
			if !strings.Contains(*in.KeyConditionExpression, ":p") {
				entries.ExpressionAttributeValues = in.ExpressionAttributeValues
			}
		}
		out, err := p.client.Query(ctx, &entries)
		require.NoError(t, err)
		fetches := in.Select == types.SelectAllAttributes ||
			in.ProjectionExpression != nil && strings.Contains(*in.ProjectionExpression, "z")
		return p.predictPage(*in.TableName, index, out.Items, in.ConsistentRead, fetches && index != "")
	case "Scan":
		in := input[dynamodb.ScanInput](t, body)
		entries := *in
		entries.FilterExpression, entries.ProjectionExpression, entries.Select, entries.ExpressionAttributeValues = nil,
			nil, "", nil
		out, err := p.client.Scan(ctx, &entries)
		require.NoError(t, err)
		return p.predictPage(*in.TableName, "", out.Items, in.ConsistentRead, false)
	}
	require.Fail(t, "no prediction for "+op)
	return cost
}

// predictPage is the cost of one page with those entries, which all have one size.
func (p *predictor) predictPage(table, index string, entries []map[string]types.AttributeValue, consistent *bool,
	fetches bool) monotable.Cost {
	if len(entries) == 0 {
		cost, err := monotable.QueryCost(0, 0, consistently(consistent)...)
		require.NoError(p.t, err)
		return cost
	}
	bytes := monotable.Item(entries[0]).Size()
	for _, e := range entries {
		require.Equal(p.t, bytes, monotable.Item(e).Size())
	}
	if fetches || index == "" {
		options := []monotable.QueryOption{monotable.Limit(len(entries))}
		if index != "" {
			options = append(options, monotable.On(index))
		}
		if consistent != nil && *consistent {
			options = append(options, monotable.Consistent())
		}
		cost, err := p.tables[table].QueryCost(len(entries), *p.stored(table, entries[0]), options...)
		require.NoError(p.t, err)
		return cost
	}
	cost, err := monotable.QueryCost(len(entries), bytes, consistently(consistent)...)
	require.NoError(p.t, err)
	require.LessOrEqual(p.t, len(cost.Charges), 1)
	return cost
}

func (p *predictor) predictTransaction(in *dynamodb.TransactWriteItemsInput, sent func(error),
	options []monotable.WriteCostOption) (cost monotable.Cost) {
	t := p.t
	must := func(cost monotable.Cost, err error) monotable.Cost {
		require.NoError(t, err)
		return cost
	}
	if in.ClientRequestToken != nil {
		if p.tokens[*in.ClientRequestToken] {
			var sizes []int
			for _, x := range in.TransactItems {
				sizes = append(sizes, p.size(*x.Put.TableName, x.Put.Item))
			}
			return must(monotable.TransactReadCost(sizes))
		}
		p.tokens[*in.ClientRequestToken] = true
	}
	before := make([]*monotable.Item, len(in.TransactItems))
	for i, x := range in.TransactItems {
		if x.Update != nil {
			before[i] = p.stored(*x.Update.TableName, x.Update.Key)
		}
	}
	for _, x := range in.TransactItems {
		switch {
		case x.Put != nil:
			item := monotable.Item(x.Put.Item)
			cost = cost.Plus(must(p.tables[*x.Put.TableName].WriteCost(p.stored(*x.Put.TableName, item), &item,
				options...)))
		case x.Delete != nil:
			cost = cost.Plus(must(p.tables[*x.Delete.TableName].WriteCost(p.stored(*x.Delete.TableName, x.Delete.Key),
				nil, options...)))
		case x.ConditionCheck != nil:
			cost = cost.Plus(must(p.tables[*x.ConditionCheck.TableName].CheckCost(p.stored(*x.ConditionCheck.TableName,
				x.ConditionCheck.Key))))
		}
	}
	_, err := p.client.TransactWriteItems(t.Context(), in)
	sent(err)
	for i, x := range in.TransactItems {
		if x.Update != nil {
			after := p.stored(*x.Update.TableName, x.Update.Key)
			cost = cost.Plus(must(p.tables[*x.Update.TableName].UpdateCost(before[i], after, options...)))
		}
	}
	return cost
}

// sizedRow makes an item of so many bytes.
func sizedRow(p, s string, bytes int) monotable.Item {
	item := monotable.Item{"p": &types.AttributeValueMemberS{Value: p}, "s": &types.AttributeValueMemberS{Value: s}}
	item["z"] = &types.AttributeValueMemberS{Value: strings.Repeat("a", bytes-item.Size()-1)}
	return item
}

// padded replaces "@pad:N" by N letters.
func padded(raw json.RawMessage) []byte {
	parts := strings.Split(string(raw), `"@pad:`)
	for i, part := range parts[1:] {
		n, rest, _ := strings.Cut(part, `"`)
		length, _ := strconv.Atoi(n)
		parts[i+1] = `"` + strings.Repeat("a", length) + `"` + rest
	}
	return []byte(strings.Join(parts, ""))
}

// capacityTables makes the tables that capacity was measured on.
func capacityTables(t *testing.T, client *dynamotest.Client) map[string]*monotable.Table[monotable.Item] {
	hash, sorted := monotable.Schema{Partition: monotable.S("p")},
		monotable.Schema{Partition: monotable.S("p"), Sort: monotable.S("s")}
	indexed, gsi2 := sorted, hash
	indexed.Indexes = []monotable.Index{
		{Name: "gAll", Partition: monotable.S("g1")},
		{Name: "gKeys", Partition: monotable.S("g2"), KeysOnly: true},
		{Name: "gInc", Partition: monotable.S("g3"), Sort: monotable.S("s"), Include: []string{"proj"}},
		{Name: "lAll", Local: true, Sort: monotable.S("l1")},
		{Name: "lKeys", Local: true, Sort: monotable.S("l2"), KeysOnly: true},
		{Name: "lInc", Local: true, Sort: monotable.S("l3"), Include: []string{"proj"}},
	}
	gsi2.Indexes = []monotable.Index{{Name: "gByGH", Partition: monotable.S("g"), Sort: monotable.S("h")}}
	tables := map[string]*monotable.Table[monotable.Item]{}
	for name, schema := range map[string]monotable.Schema{
		"cap_h": hash, "cap_stream": hash, "cap_hr": sorted, "cap_scan": sorted, "cap_page": sorted, "cap_ix": indexed,
		"cap_gsi2": gsi2,
	} {
		schema.Name, schema.Indexes = name, slices.Clone(schema.Indexes)
		require.NoError(t, admin.Create(t.Context(), client, schema, 0))
		db, err := monotable.Open(client, schema)
		require.NoError(t, err)
		tables[name] = tableOf[monotable.Item](t, db, monotable.Model{})
	}
	return tables
}
