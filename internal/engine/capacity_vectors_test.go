package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/wire"
)

// capacityCase is one measured operation of testdata/operations.json; they run in the order of the file.
type capacityCase struct {
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
	Count, ScannedCount *int
	HasLastEvaluatedKey bool `json:"has_last_evaluated_key"`
	Error               *struct {
		Type string
	}
}

// mismeasured are cases whose figure is DynamoDB Local's alone and has its known fault of 100 bytes more in each entry
// of a local index: by the rule, and by the file's own cases of entries of 925 and 1,024 bytes, an entry of 204,800
// bytes is 200 units.
var mismeasured = map[string]float64{
	"IX PutItem 204799 B item in lAll (400 KB limit incl. LSI?)": 400,
	"IX PutItem 204800 B item in lAll (400 KB limit incl. LSI?)": 400,
}

func TestMeasuredCapacity(t *testing.T) {
	raw, err := os.ReadFile("testdata/operations.json")
	require.NoError(t, err)
	var cases []capacityCase
	require.NoError(t, json.Unmarshal(raw, &cases))

	var charges []Charge
	e := New(Options{Charged: func(_ context.Context, c Charge) { charges = append(charges, c) }})
	createCapacityTables(t, e)
	for i := range 1500 {
		s := fmt.Sprintf("%04d", i)
		put(t, e, "cap_hr", pageRow("q15", s, 64))
	}
	seeded := map[string]bool{}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			for _, s := range c.Setup {
				item, err := wire.ParseItem(expandPads(s.Item))
				require.NoError(t, err)
				put(t, e, s.Table, item)
			}
			seedPages(t, e, c.Name, seeded)
			charges = nil
			answer, err := call(e, c.Request.Op, expandPads(c.Request.Body))
			if c.Error != nil {
				require.Error(t, err)
				assert.Contains(t, errorCode(err), c.Error.Type)
			} else {
				require.NoError(t, err)
			}
			checkUnits(t, c, charges, answer)
		})
	}
}

func checkUnits(t *testing.T, c capacityCase, charges []Charge, a answer) {
	t.Helper()
	if c.ExpectedUnits == nil {
		return
	}
	expected := *c.ExpectedUnits
	if corrected, ok := mismeasured[c.Name]; ok {
		expected = corrected
	}
	total, table, indexes := 0.0, 0.0, map[string]float64{}
	for _, charge := range charges {
		total += charge.Read + charge.Write
		table += charge.Read + charge.Write
		for name, units := range charge.Indexes {
			indexes[name] += units
			table -= units
		}
	}
	assert.Equal(t, expected, total, "charged")
	if c.ExpectedArms != nil {
		assert.Equal(t, c.ExpectedArms.Table, table, "table arm")
		assert.Equal(t, c.ExpectedArms.Indexes, indexes, "index arms")
	}
	if c.Error == nil {
		reported := 0.0
		for _, consumed := range a.consumed {
			reported += *consumed.CapacityUnits
		}
		assert.Equal(t, expected, reported, "reported")
	}
	if c.Count != nil {
		assert.Equal(t, *c.Count, a.count, "count")
		assert.Equal(t, *c.ScannedCount, a.scanned, "scanned")
		assert.Equal(t, c.HasLastEvaluatedKey, a.last != nil, "last evaluated key")
	}
}

// seedPages puts the items that a case "Query page of N x S B" reads.
func seedPages(t *testing.T, e *Engine, name string, seeded map[string]bool) {
	t.Helper()
	var n, size int
	if _, err := fmt.Sscanf(name, "Query page of %d x %d B", &n, &size); err != nil || seeded[name] {
		return
	}
	seeded[name] = true
	for i := range n {
		put(t, e, "cap_page", pageRow(fmt.Sprintf("p%06d", size), fmt.Sprintf("%05d", i), size))
	}
}

// pageRow makes an item of so many bytes.
func pageRow(p, s string, bytes int) map[string]types.AttributeValue {
	pad := bytes - len("p") - len(p) - len("s") - len(s) - len("z")
	return map[string]types.AttributeValue{
		"p": &types.AttributeValueMemberS{Value: p},
		"s": &types.AttributeValueMemberS{Value: s},
		"z": &types.AttributeValueMemberS{Value: strings.Repeat("a", pad)},
	}
}

// expandPads replaces "@pad:N" by N letters.
func expandPads(raw json.RawMessage) []byte {
	parts := strings.Split(string(raw), `"@pad:`)
	for i, part := range parts[1:] {
		n, rest, _ := strings.Cut(part, `"`)
		length, _ := strconv.Atoi(n)
		parts[i+1] = `"` + strings.Repeat("a", length) + `"` + rest
	}
	return []byte(strings.Join(parts, ""))
}

func put(t *testing.T, e *Engine, table string, item map[string]types.AttributeValue) {
	t.Helper()
	_, err := e.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &table, Item: item})
	require.NoError(t, err)
}

func createCapacityTables(t *testing.T, e *Engine) {
	t.Helper()
	create := func(name string, sorted bool, edit func(*dynamodb.CreateTableInput)) {
		in := &dynamodb.CreateTableInput{
			TableName:            &name,
			BillingMode:          types.BillingModePayPerRequest,
			KeySchema:            keys("p"),
			AttributeDefinitions: strings_("p"),
		}
		if sorted {
			in.KeySchema = keys("p", "s")
			in.AttributeDefinitions = strings_("p", "s")
		}
		if edit != nil {
			edit(in)
		}
		_, err := e.CreateTable(context.Background(), in)
		require.NoError(t, err)
	}
	all := &types.Projection{ProjectionType: types.ProjectionTypeAll}
	keysOnly := &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	include := &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"proj"}}
	create("cap_h", false, nil)
	create("cap_stream", false, func(in *dynamodb.CreateTableInput) {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: types.StreamViewTypeNewAndOldImages}
	})
	for _, name := range []string{"cap_hr", "cap_scan", "cap_page"} {
		create(name, true, nil)
	}
	create("cap_ix", true, func(in *dynamodb.CreateTableInput) {
		in.AttributeDefinitions = strings_("p", "s", "g1", "g2", "g3", "l1", "l2", "l3")
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{
			{IndexName: aws.String("gAll"), KeySchema: keys("g1"), Projection: all},
			{IndexName: aws.String("gKeys"), KeySchema: keys("g2"), Projection: keysOnly},
			{IndexName: aws.String("gInc"), KeySchema: keys("g3", "s"), Projection: include},
		}
		in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{
			{IndexName: aws.String("lAll"), KeySchema: keys("p", "l1"), Projection: all},
			{IndexName: aws.String("lKeys"), KeySchema: keys("p", "l2"), Projection: keysOnly},
			{IndexName: aws.String("lInc"), KeySchema: keys("p", "l3"), Projection: include},
		}
	})
	create("cap_gsi2", false, func(in *dynamodb.CreateTableInput) {
		in.AttributeDefinitions = strings_("p", "g", "h")
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{IndexName: aws.String("gByGH"),
			KeySchema: keys("g", "h"), Projection: all}}
	})
}

// keys makes a key schema of one hash attribute and at most one range attribute.
func keys(hash string, sort ...string) []types.KeySchemaElement {
	schema := []types.KeySchemaElement{{AttributeName: &hash, KeyType: types.KeyTypeHash}}
	for _, name := range sort {
		schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeRange})
	}
	return schema
}

// strings_ defines attributes as strings.
func strings_(names ...string) []types.AttributeDefinition {
	var definitions []types.AttributeDefinition
	for _, name := range names {
		definitions = append(definitions, types.AttributeDefinition{AttributeName: aws.String(name),
			AttributeType: types.ScalarAttributeTypeS})
	}
	return definitions
}
