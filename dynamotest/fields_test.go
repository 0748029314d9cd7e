package dynamotest_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// notImplemented is every field of a request that is refused by name. Whatever else the SDK has is read.
var notImplemented = []string{
	"CreateTableInput.GlobalSecondaryIndexes.WarmThroughput", "CreateTableInput.GlobalTableSettingsReplicationMode",
	"CreateTableInput.GlobalTableSourceArn", "CreateTableInput.ResourcePolicy", "CreateTableInput.VectorIndexes",
	"CreateTableInput.WarmThroughput", "GetShardIteratorInput.Timestamp",
	"ListTagsOfResourceInput.NextToken", "UpdateTableInput.DisassociationProtectionEnabled",
	"UpdateTableInput.GlobalSecondaryIndexUpdates.Create.WarmThroughput",
	"UpdateTableInput.GlobalSecondaryIndexUpdates.Update.WarmThroughput",
	"UpdateTableInput.GlobalTableSettingsReplicationMode",
	"UpdateTableInput.GlobalTableWitnessUpdates", "UpdateTableInput.MultiRegionConsistency",
	"UpdateTableInput.ReplicaUpdates",
	"UpdateTableInput.VectorIndexUpdates", "UpdateTableInput.WarmThroughput",
}

// withoutEffect is every field that the service takes and does nothing with: it never gives a batch of statements the
// item of a failed condition, whatever they ask for.
var withoutEffect = []string{"BatchExecuteStatementInput.Statements.ReturnValuesOnConditionCheckFailure"}

// fieldPaths lists the fields that a request can have, with those of the structures in it behind the field they are in,
// but for what lies in a field that is refused.
func fieldPaths(t reflect.Type, path string) []string {
	switch {
	case t == reflect.TypeFor[types.AttributeValue](), t == reflect.TypeFor[time.Time]():
		return nil
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice, t.Kind() == reflect.Map:
		return fieldPaths(t.Elem(), path)
	case t.Kind() != reflect.Struct:
		return nil
	}
	var all []string
	for f := range t.Fields() {
		if !f.IsExported() {
			continue
		}
		at := path + "." + f.Name
		all = append(all, at)
		if !slices.Contains(notImplemented, at) {
			all = append(all, fieldPaths(f.Type, at)...)
		}
	}
	return all
}

// alter changes the field at path, of the first element where there are several, and says whether the request has the
// structure that the field is of.
func alter(v reflect.Value, path []string, change func(reflect.Value)) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && alter(v.Elem(), path, change)
	case reflect.Slice:
		return v.Len() > 0 && alter(v.Index(0), path, change)
	case reflect.Map:
		keys := v.MapKeys()
		if len(keys) == 0 {
			return false
		}
		key := slices.MinFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		e := reflect.New(v.Type().Elem()).Elem()
		e.Set(v.MapIndex(key))
		defer func() { v.SetMapIndex(key, e) }()
		return alter(e, path, change)
	}
	f := v.FieldByName(path[0])
	if len(path) == 1 {
		change(f)
		return true
	}
	return alter(f, path[1:], change)
}

// withTables makes a client with two tables, a stream, tags and items in it.
func withTables(t testing.TB) *dynamotest.Client {
	ctx := context.Background()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	c := dynamotest.NewClient(dynamotest.WithClock(func() time.Time { return now }))
	for _, schema := range tablesOfFields {
		in, err := admin.CreateTableInput(schema)
		require.NoError(t, err)
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: types.StreamViewTypeNewAndOldImages}
		in.Tags = []types.Tag{{Key: aws.String("x"), Value: aws.String("y")}}
		_, err = c.CreateTable(ctx, in)
		require.NoError(t, err)
	}
	for _, i := range []item{{"id": n("1"), "x": n("1"), "name": s("a")}, {"id": n("2"), "x": s("1")}, {"id": n("3")}} {
		_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pets"), Item: i})
		require.NoError(t, err)
	}
	for _, i := range []item{{"p": s("a"), "s": n("1"), "g": s("x"), "l": n("1")},
		{"p": s("a"), "s": n("2"), "g": s("x")},
		{"p": s("b"), "s": n("1")}} {
		_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("indexed"), Item: i})
		require.NoError(t, err)
	}
	return c
}

// outcome is what a request answers on a client that withTables makes, and all that can be seen afterwards.
func outcome(t testing.TB, method string, in reflect.Value) (text string, err error) {
	ctx := context.Background()
	c := withTables(t)
	call := reflect.ValueOf(c).MethodByName(method)
	results := call.CallSlice([]reflect.Value{reflect.ValueOf(ctx), in, reflect.Zero(call.Type().In(2))})
	err, _ = results[1].Interface().(error)
	plain := func(out any, err error) string {
		if err != nil {
			return ephemeral.ReplaceAllString(err.Error(), "") + serviceError(err)
		}
		return (&faces{}).plain(out)
	}
	text = plain(results[0].Interface(), err)
	tables, _ := c.ListTables(ctx, &dynamodb.ListTablesInput{})
	for _, name := range tables.TableNames {
		text += plain(c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name}))
		text += plain(c.Scan(ctx, &dynamodb.ScanInput{TableName: &name}))
		text += plain(c.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name}))
		text += plain(c.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name}))
		text += plain(c.ListTagsOfResource(ctx,
			&dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(tableARN + name)}))
	}
	return text, err
}

// copied is a request that shares nothing with another.
func copied(in any) reflect.Value {
	v := reflect.New(reflect.TypeOf(in).Elem())
	copyInto(v.Elem(), reflect.ValueOf(in).Elem())
	return v
}

func copyInto(to, from reflect.Value) {
	switch {
	case from.Kind() == reflect.Pointer && !from.IsNil():
		to.Set(reflect.New(from.Type().Elem()))
		copyInto(to.Elem(), from.Elem())
	case from.Kind() == reflect.Slice && !from.IsNil():
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			copyInto(to.Index(i), from.Index(i))
		}
	case from.Kind() == reflect.Map && !from.IsNil():
		to.Set(reflect.MakeMap(from.Type()))
		for each := from.MapRange(); each.Next(); {
			e := reflect.New(from.Type().Elem()).Elem()
			copyInto(e, each.Value())
			to.SetMapIndex(each.Key(), e)
		}
	case from.Kind() == reflect.Struct:
		to.Set(from)
		for i := range from.NumField() {
			if from.Type().Field(i).IsExported() {
				copyInto(to.Field(i), from.Field(i))
			}
		}
	default:
		to.Set(from)
	}
}

// methodsWithInputs gives the operations of a client, by name.
func methodsWithInputs(c any) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	v := reflect.ValueOf(c)
	for i := range v.NumMethod() {
		m := v.Type().Method(i)
		if m.Type.NumIn() == 4 && strings.HasSuffix(m.Type.In(2).String(), "Input") {
			all[m.Name] = v.Method(i)
		}
	}
	return all
}

// Every field that a request can have does something: there is a request that comes out differently when that field
// alone is taken away or has another value.
func TestEveryFieldIsRead(t *testing.T) {
	for name, method := range methodsWithInputs(&dynamotest.Client{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			input := method.Type().In(1).Elem()
			unread := map[string]bool{}
			for _, path := range fieldPaths(input, input.Name()) {
				unread[path] = !slices.Contains(notImplemented, path) && !slices.Contains(withoutEffect, path)
			}
			maps.DeleteFunc(unread, func(_ string, unread bool) bool { return !unread })
			right := rightRequests(t)[name]
			for i := range 60 {
				var base any
				if i < len(right) {
					base = right[i]
				} else {
					made := reflect.New(input)
					generator{rand.New(rand.NewPCG(uint64(i), 1)), i%3 > 0}.fields(made.Elem(), 0)
					base = made.Interface()
				}
				proveRead(t, name, base, unread)
			}
			assert.Empty(t, slices.Sorted(maps.Keys(unread)))
		})
	}
}

// proveRead takes the fields from unread whose change makes a difference to a request.
func proveRead(t *testing.T, name string, base any, unread map[string]bool) {
	want, err := outcome(t, name, copied(base))
	for path := range unread {
		steps := strings.Split(path, ".")[1:]
		for try := range 4 {
			in := copied(base)
			g := generator{rand.New(rand.NewPCG(uint64(try), 2)), true}
			found := alter(in, steps, func(f reflect.Value) {
				f.SetZero()
				if try > 0 {
					g.fill(f, steps[len(steps)-1], 0)
				}
			})
			if !found || err != nil && try > 0 && !strings.Contains(want, "ConditionalCheckFailed") {
				break
			}
			if got, _ := outcome(t, name, in); got != want {
				delete(unread, path)
				break
			}
		}
	}
}

// A field that is not implemented is refused by name on either client, in a request that is right without it.
func TestFieldsThatAreNotImplemented(t *testing.T) {
	ctx := context.Background()
	server, err := dynamotest.NewServer(withTables(t))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	sdk := methodsWithInputs(dynamodb.NewFromConfig(server.Config()))
	maps.Copy(sdk, methodsWithInputs(dynamodbstreams.NewFromConfig(server.Config())))
	right := rightRequests(t)
	for _, path := range notImplemented {
		steps := strings.Split(path, ".")
		name := strings.TrimSuffix(steps[0], "Input")
		tried := false
		for _, base := range right[name] {
			in := copied(base)
			if !alter(in, steps[1:], func(f reflect.Value) { somethingIn(f) }) {
				continue
			}
			tried = true
			ours := methodsWithInputs(withTables(t))
			for face, call := range map[string]reflect.Value{"in process": ours[name], "over HTTP": sdk[name]} {
				results := call.CallSlice([]reflect.Value{reflect.ValueOf(ctx), in, reflect.Zero(call.Type().In(2))})
				err, _ := results[1].Interface().(error)
				var api smithy.APIError
				require.ErrorAs(t, err, &api, "%s %s", path, face)
				assert.Equal(t, "ValidationException", api.ErrorCode())
				assert.Equal(t, "dynamotest does not implement "+path,
					strings.ReplaceAll(api.ErrorMessage(), "[0]", ""), face)
			}
		}
		assert.True(t, tried, path)
	}
}

// somethingIn gives a field a value, and all structures in it, so that the SDK sends it.
func somethingIn(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(1, 0)))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		somethingIn(v.Elem())
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		somethingIn(v.Index(0))
	case v.Kind() == reflect.String:
		v.SetString("something")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				somethingIn(v.Field(i))
			}
		}
	}
}
