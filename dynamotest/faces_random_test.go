package dynamotest_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
)

// generator makes inputs of the SDK, right ones and wrong ones, by what their fields are called and of which type they
// are.
type generator struct {
	*rand.Rand
	careful bool // what it makes is mostly right
}

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }

// texts are what fields of a name hold; other fields hold strange texts.
var texts = map[string][]string{
	"TableName": {"pets", "pets", "indexed", "indexed", "missing", "ab", "", "bad!name",
		"arn:aws:dynamodb:us-east-1:000000000000:table/indexed"},
	"IndexName": {"by_g", "by_g", "nope", "", "x!"},
	"ConditionExpression": {"attribute_exists(id)", "#n = :v", "attribute_not_exists(p)", "size(x) > :v", "", "(",
		"x.y = :v"},
	"UpdateExpression": {"SET x = :v", "REMOVE x", "ADD x :v", "DELETE x :v", "SET #n = list_append(x, :v)",
		"SET x[0] = :v", "",
		"SET"},
	"FilterExpression": {"#n = :v", "attribute_exists(x)", "contains(x, :v)", "", "p = :v", "x IN (:v, :v)"},
	"KeyConditionExpression": {"id = :v", "p = :v", "p = :v AND s > :v", "g = :v", "p = :v AND begins_with(s, :v)", "",
		"x = :v"},
	"ProjectionExpression": {"id, x", "#n", "x[0].y", "x, x", "", "p"},
	"Statement": {"SELECT * FROM pets WHERE id = ?", "SELECT x FROM indexed", "SELECT * FROM indexed WHERE p = 'a'",
		"UPDATE pets SET x = ? WHERE id = 1", "INSERT INTO pets VALUE {'id': ?}", "DELETE FROM pets WHERE id = ?",
		"SELECT * FROM indexed.by_g WHERE g = ?", "UPDATE indexed REMOVE x WHERE p = 'a' AND s = 1 RETURNING ALL OLD *",
		"EXISTS(SELECT * FROM pets WHERE id = 1 AND x = ?)", "SELEC", "SELECT * FROM missing", "",
		"SELECT 'é😀' FROM pets"},
	"ClientRequestToken": {"token", "other", "", strings.Repeat("t", 37)},
	"ResourceArn":        {"arn:aws:dynamodb:us-east-1:000000000000:table/pets", "pets", ""},
	"StreamArn": {"arn:aws:dynamodb:us-east-1:000000000000:table/pets/stream/2026-11-22T11:00:00.123",
		"x"},
	"AttributeName":   {"id", "p", "s", "g", "x", ""},
	"AttributesToGet": {"id", "x", "p", ""},
}

var names = []string{"id", "p", "s", "g", "x", "name", "#n", ":v", "", "\u2028", "é"}

var strangeTexts = []string{"", "a", "1", "\x00\x1f", "\u2028", "é\U0001F600", "<&>", `"\`, "\uFFFD",
	strings.Repeat("k", 300)}

var numbers = []string{"0", "-0", "+1", "1.0", "1e2", "1E+125", "1e126", "0e126", "1e-131", "0e-131", ".5", "5.", "",
	" 1",
	"NaN", "0x1", "00012", "1e99999999999", "1e-2147483649", strings.Repeat("9", 38), strings.Repeat("9", 39),
	strings.Repeat("9", 38) + ".0"}

// value makes an attribute value, rarely one that is none.
func (g generator) value(depth int) types.AttributeValue {
	choice := g.IntN(24)
	if g.careful {
		choice = 13 + g.IntN(11)
	}
	switch choice {
	case 0:
		return pick[types.AttributeValue](g, nil, (*types.AttributeValueMemberS)(nil),
			&types.UnknownUnionMember{Tag: "X"},
			&types.AttributeValueMemberNULL{}, (*types.AttributeValueMemberM)(nil))
	case 1, 2:
		return &types.AttributeValueMemberB{Value: pick(g, nil, []byte{}, []byte{0, 255}, []byte("abc"))}
	case 3:
		return &types.AttributeValueMemberBOOL{Value: pick(g, true, false)}
	case 4:
		return &types.AttributeValueMemberNULL{Value: true}
	case 5:
		return &types.AttributeValueMemberSS{Value: pick(g, nil, []string{}, []string{"b", "a"}, []string{"a", "a"},
			[]string{""})}
	case 6:
		return &types.AttributeValueMemberNS{Value: pick(g, nil, []string{}, []string{"2", "1"}, []string{"1", "1.0"},
			[]string{"x"})}
	case 7:
		return &types.AttributeValueMemberBS{Value: pick(g, nil, [][]byte{}, [][]byte{{1}, {0}}, [][]byte{{1}, {1}},
			[][]byte{nil},
			[][]byte{{}})}
	case 8, 9:
		return &types.AttributeValueMemberL{Value: g.list(depth)}
	case 10, 11:
		return &types.AttributeValueMemberM{Value: g.item(depth + 1)}
	case 12:
		v := types.AttributeValue(&types.AttributeValueMemberNULL{Value: true})
		for range 28 + g.IntN(6) {
			v = &types.AttributeValueMemberL{Value: []types.AttributeValue{v}}
		}
		return v
	case 13:
		return n(pick(g, numbers...))
	case 14, 15:
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{s("\u2028"),
			&types.AttributeValueMemberB{Value: []byte{}}}}
	case 16, 17, 18, 19:
		return n(pick(g, "1", "2", "3"))
	}
	return s(pick(g, strangeTexts...))
}

func (g generator) list(depth int) []types.AttributeValue {
	if depth > 3 {
		return nil
	}
	list := pick(g, nil, []types.AttributeValue{})
	for range g.IntN(3) {
		list = append(list, g.value(depth+1))
	}
	return list
}

func (g generator) item(depth int) item {
	if depth > 3 || g.IntN(10) == 0 {
		return pick(g, nil, item{})
	}
	i := item{}
	for range g.IntN(3) {
		i[pick(g, names...)] = g.value(depth)
	}
	return i
}

// key makes a key, or an item that has one, mostly.
func (g generator) key(name string) item {
	var i item
	switch g.IntN(5) {
	case 0:
		if !g.careful {
			return g.item(0)
		}
		fallthrough
	case 1, 2:
		i = item{"id": n(pick(g, "1", "2", "3.0", "0e126", "-0"))}
	default:
		i = item{"p": s(pick(g, "a", "b")), "s": n(pick(g, "1", "2", "1e0"))}
	}
	if name == "Item" && g.IntN(3) > 0 {
		i[pick(g, "x", "name", "g")] = g.value(0)
	}
	return i
}

// fill fills v, which a field of that name holds.
func (g generator) fill(v reflect.Value, name string, depth int) {
	switch name {
	case "Item", "Key", "ExclusiveStartKey", "Keys":
		if v.Type() == reflect.TypeFor[item]() {
			v.Set(reflect.ValueOf(g.key(name)))
			return
		}
	case "ExpressionAttributeNames":
		v.Set(reflect.ValueOf(pick(g, nil, nil, map[string]string{}, map[string]string{"#n": "name"},
			map[string]string{"#n": "name"},
			map[string]string{"#n": ""}, map[string]string{"n": "x"})))
		return
	case "ExpressionAttributeValues":
		used := item{":v": g.value(0)}
		v.Set(reflect.ValueOf(pick(g, nil, item{}, used, used, used, item{"v": g.value(0)})))
		return
	}
	switch {
	case v.Type() == reflect.TypeFor[types.AttributeValue]():
		value := g.value(0)
		if _, unknown := value.(*types.UnknownUnionMember); name == "Parameters" && (value == nil || unknown) {
			value = s("a") // in place of what the SDK would leave out
		}
		if value != nil {
			v.Set(reflect.ValueOf(value))
		}
	case v.Kind() == reflect.String:
		v.SetString(g.text(v.Type(), name))
	case v.Kind() == reflect.Bool:
		v.SetBool(g.IntN(2) == 0)
	case v.CanInt():
		v.SetInt(pick[int64](g, -1, 0, 1, 1, 2, 5, 101, 1<<31-1))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		g.fill(v.Elem(), name, depth)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), g.IntN(3), 3))
		for i := range v.Len() {
			g.fill(v.Index(i), name, depth+1)
		}
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range g.IntN(3) {
			e := reflect.New(v.Type().Elem()).Elem()
			g.fill(e, name, depth+1)
			key := pick(g, names...)
			if name == "RequestItems" {
				key = g.text(reflect.TypeFor[string](), "TableName")
			}
			v.SetMapIndex(reflect.ValueOf(key), e)
		}
	case v.Kind() == reflect.Struct:
		g.fields(v, depth)
	}
}

// fields fills the fields of a structure, those that make most requests right more often.
func (g generator) fields(v reflect.Value, depth int) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		odds := 4 // one in four
		switch f.Name {
		case "TableName", "Item", "Key", "Keys", "RequestItems", "TransactItems", "PutRequest", "Put", "Get",
			"ExpressionAttributeNames", "ExpressionAttributeValues", "KeyConditionExpression", "ResourceArn",
			"KeySchema", "AttributeDefinitions", "Statement", "Statements", "TransactStatements", "Parameters":
			odds = 1
		case "Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter", "AttributesToGet",
			"ConditionalOperator":
			odds = 12
		}
		if g.IntN(20) == 0 {
			odds = 20
		}
		if g.IntN(odds) == 0 {
			g.fill(v.Field(i), f.Name, depth+1)
		}
	}
	if g.careful {
		g.mend(v)
	}
}

// mend gives the expressions of a structure the names and values that they use.
func (g generator) mend(v reflect.Value) {
	used := ""
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; strings.HasSuffix(name, "Expression") && !v.Field(i).IsNil() {
			used += v.Field(i).Elem().String()
		}
	}
	if names := v.FieldByName("ExpressionAttributeNames"); names.IsValid() {
		names.SetZero()
		if strings.Contains(used, "#n") {
			names.Set(reflect.ValueOf(map[string]string{"#n": "name"}))
		}
	}
	if values := v.FieldByName("ExpressionAttributeValues"); values.IsValid() {
		values.SetZero()
		if strings.Contains(used, ":v") {
			values.Set(reflect.ValueOf(item{":v": g.value(0)}))
		}
	}
	for _, name := range []string{"Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter",
		"AttributesToGet",
		"ConditionalOperator"} {
		if legacy := v.FieldByName(name); legacy.IsValid() && g.IntN(4) > 0 {
			legacy.SetZero()
		}
	}
}

// text makes a text, of an enumeration mostly one that it has.
func (g generator) text(t reflect.Type, name string) string {
	if values, ok := t.MethodByName("Values"); ok && (g.careful || g.IntN(8) > 0) {
		all := values.Func.Call([]reflect.Value{reflect.Zero(t)})[0]
		return all.Index(g.IntN(all.Len())).String()
	}
	if t.Name() != "string" {
		return "BOGUS"
	}
	if known := texts[name]; known != nil {
		if g.careful {
			known = known[:min(len(known), 4)]
		}
		return pick(g, known...)
	}
	return pick(g, strangeTexts...)
}

// Requests of all sorts, most of them wrong somewhere, are answered and refused alike on either client, and do alike:
// each follows on what those before it did.
func TestRandomRequestsOnBothFaces(t *testing.T) {
	f := newFaces(t)
	for _, schema := range []monotable.Schema{pets, indexed} {
		in, err := admin.CreateTableInput(schema)
		require.NoError(t, err)
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: types.StreamViewTypeNewAndOldImages}
		_, err = f.CreateTable(context.Background(), in)
		require.NoError(t, err)
	}
	methods := reflect.ValueOf(f)
	accepted := map[string]int{}
	for round := range 300 {
		for i := range methods.NumMethod() {
			name := methods.Type().Method(i).Name
			method := methods.Method(i)
			if name == "DeleteTable" || name == "UpdateTable" && round%10 > 0 { // which leave little to be asked
				continue
			}
			g := generator{rand.New(rand.NewPCG(uint64(round), uint64(i))), round%2 == 0}
			in := reflect.New(method.Type().In(1).Elem())
			g.fields(in.Elem(), 0)
			results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
			if results[1].IsNil() {
				accepted[name]++
			}
		}
	}
	for _, name := range []string{"PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem",
		"BatchWriteItem",
		"TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"} {
		assert.NotZero(t, accepted[name], "no %s was right", name)
	}
	t.Log(accepted)
}
