package request_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/schema"
)

var patched = schema.Schema{Name: "patched", Partition: schema.Attrs(monotable.S("PK"))}

// After a Patch an item has, at each path that was named, what attributevalue makes of the value, and else what it had:
// for random types, values and paths, against a map that is changed by hand.
func TestPatchAgreesWithAttributevalue(t *testing.T) {
	client := dynamotest.New(t, monotable.Schema{Name: "patched", Partition: monotable.S("PK")})
	done, removed, nested := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		typ := withKey(codectest.DrawStruct(t, 3))
		of, err := entity.Of(&patched, time.Now, typ, false, entity.Model{})
		require.NoError(t, err)
		was, v := reflect.New(typ), reflect.New(typ)
		codectest.DrawValue(t, was.Elem())
		codectest.DrawValue(t, v.Elem())
		was.Elem().Field(0).SetString("k")
		stored, encoded := marshalled(was), marshalled(v)
		if stored == nil || encoded == nil { // another case is drawn, and too many of these fail the test
			t.Skip("attributevalue cannot encode it")
		}
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &patched.Name,
			Item: attr.CloneItem(stored)}); err != nil {
			require.Error(t, attr.CheckItem(stored), "the service would not store it: %v", err)
			t.Skip("the service would not store it")
		}
		paths := drawPaths(t, stored, encoded)
		texts := make([]string, len(paths))
		for i, p := range paths {
			texts[i] = p.String()
		}
		built, err := (&request.Maker{Type: of}).UpdateOf(was.Elem(), request.Patch(v, texts), false, nil, nil)
		if err != nil {
			plan, _ := codec.Of(typ)
			_, refused := plan.Encode(v.Elem())
			require.True(t, refused != nil || attr.CheckItem(encoded) != nil, "Put would take it: %v", err)
			return
		}
		out, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &patched.Name,
			Key: attr.Item{"PK": stored["PK"]}, UpdateExpression: built.Update,
			ConditionExpression: built.Condition, ExpressionAttributeNames: built.Names,
			ExpressionAttributeValues: built.Values, ReturnValues: types.ReturnValueAllNew})
		require.NoError(t, err)
		want := attr.CloneItem(stored)
		apply(want, paths, encoded)
		require.True(t, attr.EqualItems(want, out.Attributes), "%v of %v\nwas  %s\nnow  %s\nwant %s", texts, typ,
			shown(stored), shown(out.Attributes), shown(want))
		for _, p := range paths {
			nested += min(len(p)-1, 1)
			if p.in(encoded) == nil {
				removed++
			}
		}
		done++
	})
	t.Logf("%d patches, %d removals, %d nested paths", done, removed, nested)
	require.Greater(t, min(done, removed, nested), 10, "%d patches, %d removals, %d nested paths", done, removed, nested)
}

// withKey is a struct type with a key before its fields.
func withKey(t reflect.Type) reflect.Type {
	fields := []reflect.StructField{{Name: "PK", Type: reflect.TypeFor[string](), Tag: `dynamodbav:"PK"`}}
	for i := range t.NumField() {
		fields = append(fields, t.Field(i))
	}
	for i := range fields {
		fields[i].Index, fields[i].Offset = nil, 0
	}
	return reflect.StructOf(fields)
}

// marshalled is what attributevalue makes of what pointer points to; nil where it fails, which it does by panics, too.
func marshalled(pointer reflect.Value) (item attr.Item) {
	defer func() {
		if recover() != nil {
			item = nil
		}
	}()
	item, err := attributevalue.MarshalMap(pointer.Interface())
	if err != nil {
		return nil
	}
	return item
}

// steps is a path: strings are names, ints are places.
type steps []any

func (p steps) String() string {
	var b strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		case string:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

// sorts is a text that sorts as the path does, by places of lists as numbers.
func (p steps) sorts() (text string) {
	for _, step := range p {
		if at, ok := step.(int); ok {
			step = fmt.Sprintf("%06d", at)
		}
		text += step.(string) + "\x00"
	}
	return text
}

func (p steps) in(item attr.Item) types.AttributeValue {
	var v types.AttributeValue = &types.AttributeValueMemberM{Value: item}
	for _, step := range p {
		switch step := step.(type) {
		case int:
			list, ok := v.(*types.AttributeValueMemberL)
			if !ok || step >= len(list.Value) {
				return nil
			}
			v = list.Value[step]
		case string:
			m, ok := v.(*types.AttributeValueMemberM)
			if !ok {
				return nil
			}
			v = m.Value[step]
		}
	}
	return v
}

// leadsOn tells whether what a path leads through is there, as the map or the list that it takes it for.
func (p steps) leadsOn(item attr.Item) bool {
	if len(p) == 1 {
		return true
	}
	switch p[:len(p)-1].in(item).(type) {
	case *types.AttributeValueMemberM:
		_, ok := p[len(p)-1].(string)
		return ok
	case *types.AttributeValueMemberL:
		_, ok := p[len(p)-1].(int)
		return ok
	}
	return false
}

// pathsOf are all paths in a value, those of names that a path cannot write excepted.
func pathsOf(v types.AttributeValue, at steps) (all []steps) {
	add := func(step any, inner types.AttributeValue) {
		path := append(slices.Clone(at), step)
		all = append(append(all, path), pathsOf(inner, path)...)
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		for _, name := range slices.Sorted(maps.Keys(v.Value)) {
			if name != "" && !strings.ContainsAny(name, ".[]") {
				add(name, v.Value[name])
			}
		}
	case *types.AttributeValueMemberL:
		for i, elem := range v.Value {
			add(i, elem)
		}
	}
	return all
}

// drawPaths draws some paths of either item, none of which is in another, and which lead through what is stored.
func drawPaths(t *rapid.T, stored, encoded attr.Item) (paths []steps) {
	all := pathsOf(&types.AttributeValueMemberM{Value: stored}, nil)
	all = append(all, pathsOf(&types.AttributeValueMemberM{Value: encoded}, nil)...)
	for _, p := range all {
		if p[0] == "PK" || !p.leadsOn(stored) || rapid.IntRange(0, 2).Draw(t, "named") > 0 {
			continue
		}
		if !slices.ContainsFunc(paths, func(q steps) bool {
			n := min(len(p), len(q))
			return slices.Equal(p[:n], q[:n])
		}) {
			paths = append(paths, p)
		}
	}
	if len(paths) == 0 {
		t.Skip("there is no path")
	}
	return paths
}

// apply does by hand what a Patch is to do: it sets, behind the end of a list in the order of the places, and then
// removes, the last of a list's elements first.
func apply(item attr.Item, paths []steps, encoded attr.Item) {
	slices.SortFunc(paths, func(p, q steps) int { return strings.Compare(p.sorts(), q.sorts()) })
	put := func(p steps, value types.AttributeValue) {
		in := p[:len(p)-1].in(item)
		if len(p) == 1 {
			in = &types.AttributeValueMemberM{Value: item}
		}
		switch in := in.(type) {
		case *types.AttributeValueMemberM:
			if in.Value[p[len(p)-1].(string)] = value; value == nil {
				delete(in.Value, p[len(p)-1].(string))
			}
		case *types.AttributeValueMemberL:
			at := p[len(p)-1].(int)
			switch {
			case value == nil && at < len(in.Value):
				in.Value = slices.Delete(in.Value, at, at+1)
			case value != nil && at < len(in.Value):
				in.Value[at] = value
			case value != nil:
				in.Value = append(in.Value, value)
			}
		}
	}
	for _, p := range paths {
		if value := p.in(encoded); value != nil {
			put(p, attr.Clone(value))
		}
	}
	for _, p := range slices.Backward(paths) {
		if p.in(encoded) == nil {
			put(p, nil)
		}
	}
}

func shown(item attr.Item) string {
	var all any
	if attributevalue.UnmarshalMap(item, &all) != nil {
		return fmt.Sprint(slices.Sorted(maps.Keys(item)))
	}
	return fmt.Sprint(all)
}
