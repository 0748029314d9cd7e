package script

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// schemas are the tables that a section may name, each as "attribute:type …", partition key first, then for each index
// its name, a colon and its key and projection.
var schemas = map[string]string{
	"h":  "p:S",
	"n":  "p:N",
	"b":  "p:B",
	"hr": "p:S s:S",
	"hn": "p:S s:N",
	"hb": "p:S s:B",
	"x":  "", // never made: the name of a table that does not exist
	"y":  "", // never made before the section: for CreateTable
	// Indexes: global ones are written name(hash,range…)projection, local ones name[range]projection. A / stands
	// between hash and range attributes where there are several hash attributes.
	"ix": "p:S s:S gAll(g1:S)ALL gKeys(g2:S)KEYS_ONLY gInc(g3:S,s:S)proj gNum(g4:S,gn:N)ALL lAll[l1:S]ALL " +
		"lKeys[l2:N]KEYS_ONLY lInc[l3:S]proj",
	// A table without a sort key and with an index whose key is the table's, inverted.
	"gi": "p:S byg(g:S,h:N)ALL",
	// Two hash and two range attributes.
	"m": "p:S bym(a:S,b:N/c:N,d:S)ALL",
}

// tables are the tables of one section.
type tables struct {
	target Target
	prefix string
	made   map[string]bool
}

func newTables(t *testing.T, target Target) *tables {
	ts := &tables{target: target, prefix: fmt.Sprintf("script_%08x_", rand.Uint32()), made: map[string]bool{}}
	t.Cleanup(func() {
		for name := range ts.made {
			_, _ = target.DeleteTable(context.Background(),
				&dynamodb.DeleteTableInput{TableName: new(ts.prefix + name)})
		}
	})
	return ts
}

// expand replaces every $name by the name of the section's table, which it makes if need be.
func (ts *tables) expand(t *testing.T, text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := strings.IndexFunc(after, func(r rune) bool { return r < 'a' || r > 'z' })
		if end < 0 {
			end = len(after)
		}
		name := after[:end]
		schema, known := schemas[name]
		require.True(t, known, "no table $%s", name)
		if !ts.made[name] {
			ts.made[name] = true
			if schema != "" {
				ts.create(t, ts.prefix+name, schema)
			}
		}
		b.WriteString(ts.prefix + name)
		text = after[end:]
	}
}

// contract undoes expand.
func (ts *tables) contract(text string) string { return strings.ReplaceAll(text, ts.prefix, "$") }

func (ts *tables) create(t *testing.T, name, schema string) {
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	declared := map[string]bool{}
	key := func(hashes int, attributes []string) []types.KeySchemaElement {
		var elements []types.KeySchemaElement
		for i, a := range attributes {
			name, kind, _ := strings.Cut(a, ":")
			if !declared[name] {
				declared[name] = true
				in.AttributeDefinitions = append(in.AttributeDefinitions,
					types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeType(kind)})
			}
			role := types.KeyTypeRange
			if i < hashes {
				role = types.KeyTypeHash
			}
			elements = append(elements, types.KeySchemaElement{AttributeName: &name, KeyType: role})
		}
		return elements
	}
	var own []string
	for word := range strings.FieldsSeq(schema) {
		open := strings.IndexAny(word, "([")
		if open < 0 {
			own = append(own, word)
			in.KeySchema = key(1, own)
			continue
		}
		index, rest := word[:open], word[open+1:]
		attributes, projection, _ := strings.Cut(strings.ReplaceAll(rest, "]", ")"), ")")
		hashes := 1
		if hash, _, several := strings.Cut(attributes, "/"); several {
			hashes = 1 + strings.Count(hash, ",")
			attributes = strings.Replace(attributes, "/", ",", 1)
		}
		p := &types.Projection{ProjectionType: types.ProjectionType(projection)}
		if strings.ToLower(projection) == projection {
			p = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{projection}}
		}
		if word[open] == '(' {
			in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
				IndexName: &index, KeySchema: key(hashes, strings.Split(attributes, ",")), Projection: p})
		} else {
			in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{
				IndexName: &index, KeySchema: key(1, []string{own[0], attributes}), Projection: p})
		}
	}
	ctx := context.Background()
	_, err := ts.target.CreateTable(ctx, in)
	require.NoError(t, err)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		out, err := ts.target.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		require.NoError(t, err)
		if out.Table.TableStatus == types.TableStatusActive {
			return
		}
		require.True(t, time.Now().Before(deadline), "table %s is still %s", name, out.Table.TableStatus)
	}
}

// fill carries out a fill step.
func (ts *tables) fill(t *testing.T, text string) {
	var table, partition string
	var n, size int
	_, err := fmt.Sscanf(text, "%s p=%s n=%d size=%d", &table, &partition, &n, &size)
	require.NoError(t, err)
	table = ts.expand(t, table)
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	for from := 0; from < n; from += 25 {
		var writes []types.WriteRequest
		for i := from; i < min(from+25, n); i++ {
			item := map[string]types.AttributeValue{"p": s(partition), "s": s(fmt.Sprintf("%05d", i)),
				"d": s(strings.Repeat("a", size-len("p"+partition+"s00000d")))}
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		out, err := ts.target.BatchWriteItem(context.Background(),
			&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: writes}})
		require.NoError(t, err)
		require.Empty(t, out.UnprocessedItems)
	}
}
