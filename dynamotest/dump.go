package dynamotest

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
)

// Dump shows tables with all their items as text that is the same for the same contents, for golden files and
// differences a person can read. Without names it shows all tables. It is not counted as a call.
//
//	table pets
//	key id N
//	index by_owner: owner S, id N; project ALL
//	ttl expires
//	items 1
//
//	id N 1
//	  name S "Rachel"
//	  address M
//	    city S "Oslo"
//	  tags SS "brave" "old"
//
// Tables come in the order of their names and items in that of their keys: strings and binaries by bytes, numbers by
// value. A line holds one value behind its name and its type: strings as Go writes them, binaries in base64, numbers as
// the service returns them, sets sorted. Elements of lists are named by their place, members of maps come sorted. An
// index's line says nothing of its entries, which follow from the items. A name with a space or quote is quoted. For a
// table that is not there the text says so.
func (c *Client) Dump(tables ...string) string {
	ctx := context.Background()
	names := slices.Clone(tables)
	if len(names) == 0 {
		names = c.tableNames(ctx)
	}
	slices.Sort(names)
	var d dump
	for i, name := range names {
		if i > 0 {
			d.b.WriteByte('\n')
		}
		d.table(ctx, c, name)
	}
	return d.b.String()
}

func (c *Client) tableNames(ctx context.Context) []string {
	var names []string
	in := &dynamodb.ListTablesInput{}
	for {
		out, err := c.engine.ListTables(ctx, in)
		if err != nil {
			return names
		}
		names = append(names, out.TableNames...)
		if out.LastEvaluatedTableName == nil {
			return names
		}
		in.ExclusiveStartTableName = out.LastEvaluatedTableName
	}
}

// dump is a text under way.
type dump struct{ b strings.Builder }

func (d *dump) line(depth int, format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

func (d *dump) table(ctx context.Context, c *Client, name string) {
	out, err := c.engine.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		d.line(0, "table %s is not there", name)
		return
	}
	t := out.Table
	d.line(0, "table %s", *t.TableName)
	d.line(0, "key %s", keyText(t.KeySchema, t.AttributeDefinitions))
	for _, x := range t.LocalSecondaryIndexes {
		d.line(0, "local index %s: %s; project %s", *x.IndexName, keyText(x.KeySchema, t.AttributeDefinitions),
			projectionText(x.Projection))
	}
	for _, x := range t.GlobalSecondaryIndexes {
		d.line(0, "index %s: %s; project %s", *x.IndexName, keyText(x.KeySchema, t.AttributeDefinitions),
			projectionText(x.Projection))
	}
	if ttl, err := c.engine.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name}); err == nil &&
		ttl.TimeToLiveDescription.AttributeName != nil {
		d.line(0, "ttl %s", nameText(*ttl.TimeToLiveDescription.AttributeName))
	}
	items := c.engine.Items(name)
	d.line(0, "items %d", len(items))
	keys := make([]string, len(t.KeySchema))
	for i, k := range t.KeySchema {
		keys[i] = *k.AttributeName
	}
	slices.SortFunc(items, func(a, b map[string]types.AttributeValue) int {
		for _, k := range keys {
			if order := compareKeys(a[k], b[k]); order != 0 {
				return order
			}
		}
		return 0
	})
	for _, item := range items {
		d.item(keys, item)
	}
}

// item writes one item: its key on the first line, the rest below.
func (d *dump) item(keys []string, item map[string]types.AttributeValue) {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = nameText(k) + " " + scalarText(item[k])
	}
	d.b.WriteByte('\n')
	d.line(0, "%s", strings.Join(parts, ", "))
	for _, name := range slices.Sorted(maps.Keys(item)) {
		if !slices.Contains(keys, name) {
			d.value(1, nameText(name), item[name])
		}
	}
}

func (d *dump) value(depth int, name string, v types.AttributeValue) {
	switch v := v.(type) {
	case *types.AttributeValueMemberL:
		d.line(depth, "%s L", name)
		for i, e := range v.Value {
			d.value(depth+1, strconv.Itoa(i), e)
		}
	case *types.AttributeValueMemberM:
		d.line(depth, "%s M", name)
		for _, member := range slices.Sorted(maps.Keys(v.Value)) {
			d.value(depth+1, nameText(member), v.Value[member])
		}
	default:
		d.line(depth, "%s %s", name, scalarText(v))
	}
}

// scalarText writes a value that takes one line, with its type.
func scalarText(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return "S " + strconv.Quote(v.Value)
	case *types.AttributeValueMemberN:
		return "N " + v.Value
	case *types.AttributeValueMemberB:
		return "B " + base64.StdEncoding.EncodeToString(v.Value)
	case *types.AttributeValueMemberBOOL:
		return "BOOL " + strconv.FormatBool(v.Value)
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberSS:
		return "SS" + setText(v.Value, strings.Compare, strconv.Quote)
	case *types.AttributeValueMemberNS:
		return "NS" + setText(v.Value, compareNumbers, func(n string) string { return n })
	case *types.AttributeValueMemberBS:
		return "BS" + setText(v.Value, slices.Compare, base64.StdEncoding.EncodeToString)
	}
	return "?"
}

func setText[T any](set []T, compare func(a, b T) int, text func(T) string) string {
	var b strings.Builder
	for _, e := range slices.SortedFunc(slices.Values(set), compare) {
		b.WriteString(" " + text(e))
	}
	return b.String()
}

// nameText quotes a name that could be taken for more than a name.
func nameText(name string) string {
	if name == "" || strings.ContainsFunc(name,
		func(r rune) bool { return r <= ' ' || r == '"' || r == ',' || r > '~' }) {
		return strconv.Quote(name)
	}
	return name
}

func keyText(schema []types.KeySchemaElement, definitions []types.AttributeDefinition) string {
	parts := make([]string, len(schema))
	for i, k := range schema {
		for _, d := range definitions {
			if *d.AttributeName == *k.AttributeName {
				parts[i] = nameText(*k.AttributeName) + " " + string(d.AttributeType)
			}
		}
	}
	return strings.Join(parts, ", ")
}

func projectionText(p *types.Projection) string {
	text := string(p.ProjectionType)
	for _, name := range slices.Sorted(slices.Values(p.NonKeyAttributes)) {
		text += " " + nameText(name)
	}
	return text
}

// compareKeys orders key values of one type as the service orders sort keys.
func compareKeys(a, b types.AttributeValue) int {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return cmp.Compare(a.Value, b.Value)
		}
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			return compareNumbers(a.Value, b.Value)
		}
	case *types.AttributeValueMemberB:
		if b, ok := b.(*types.AttributeValueMemberB); ok {
			return slices.Compare(a.Value, b.Value)
		}
	}
	return 0
}

func compareNumbers(a, b string) int {
	x, errX := number.Parse(a)
	y, errY := number.Parse(b)
	if errX != nil || errY != nil { // the service returns none such
		return cmp.Compare(a, b)
	}
	return x.Compare(y)
}
