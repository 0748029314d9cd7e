//go:build !oracle

// A table for each model is too slow on DynamoDB Local.

package monotable_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

// nest has what index keys are made of in structs, behind pointers, in maps, and in embedded structs.
type nest struct {
	ID   string         `dynamodbav:"id"`
	S    string         `dynamodbav:"s"`
	In   nestIn         `dynamodbav:"in"`
	Ptr  *nestIn        `dynamodbav:"ptr,omitempty"`
	M    map[string]int `dynamodbav:"m,omitempty"`
	Deep *nestDeep      `dynamodbav:"deep,omitempty"`
	*NestBase
}

type nestIn struct {
	City string `dynamodbav:"city,omitempty"`
	Zip  int    `dynamodbav:"zip,omitempty"`
	Rank *int   `dynamodbav:"rank"`
}

type nestDeep struct {
	In *nestIn           `dynamodbav:"in,omitempty"`
	M  map[string]nestIn `dynamodbav:"m,omitempty"`
}

type NestBase struct {
	Tag string `dynamodbav:"tag,omitempty"`
	N   int    `dynamodbav:"n,omitempty"`
}

var nests = monotable.Schema{Name: "nests", Partition: monotable.S("PK"), Indexes: []monotable.Index{
	{Name: "index-a", Partition: monotable.S("GA")}, {Name: "index-b", Partition: monotable.S("GB")}}}

// nestPaths are what templates can take, and how they write it; nestContainers what those lie in.
var (
	nestPaths = []string{"id", "s", "in.city", "in.zip", "in.rank", "ptr.city", "ptr.zip", "ptr.rank", "m.k",
		"deep.in.city",
		"deep.in.zip", "deep.m.k.city", "deep.m.k.zip", "tag", "n"}
	nestContainers = []string{"in", "ptr", "m", "deep", "deep.in", "deep.m", "deep.m.k"}
)

func drawIn(t *rapid.T) (in nestIn) {
	in.City = rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "city")
	in.Zip = rapid.IntRange(0, 2).Draw(t, "zip")
	if rapid.Bool().Draw(t, "ranked") {
		in.Rank = ptr(rapid.IntRange(0, 1).Draw(t, "rank"))
	}
	return in
}

func drawNest(t *rapid.T) nest {
	x := nest{ID: "1", S: rapid.SampledFrom([]string{"", "s", "t"}).Draw(t, "s"), In: drawIn(t)}
	yes := func(what string) bool { return rapid.Bool().Draw(t, what) }
	if yes("ptr") {
		x.Ptr = ptr(drawIn(t))
	}
	if yes("m") {
		x.M = map[string]int{}
		if yes("k") {
			x.M["k"] = rapid.IntRange(0, 1).Draw(t, "k")
		}
	}
	if yes("deep") {
		x.Deep = &nestDeep{}
		if yes("in") {
			x.Deep.In = ptr(drawIn(t))
		}
		if yes("m") {
			x.Deep.M = map[string]nestIn{}
			if yes("k") {
				x.Deep.M["k"] = drawIn(t)
			}
		}
	}
	if yes("base") {
		x.NestBase = &NestBase{Tag: rapid.SampledFrom([]string{"", "g"}).Draw(t, "tag"),
			N: rapid.IntRange(0, 1).Draw(t, "n")}
	}
	return x
}

// nestKey is what a template of two paths makes of a value, by hand; "" where one of them is not set.
func nestKey(x nest, paths []string) (key string) {
	for _, path := range paths {
		text := nestText(x, path)
		if text == "" {
			return ""
		}
		key += "#" + text
	}
	return key[1:]
}

func nestText(x nest, path string) string {
	of := func(in *nestIn, field string) string {
		switch {
		case in == nil:
			return ""
		case field == "city":
			return in.City
		case field == "zip":
			return fmt.Sprint(in.Zip)
		case in.Rank == nil:
			return ""
		}
		return fmt.Sprint(*in.Rank)
	}
	var deep nestDeep
	if x.Deep != nil {
		deep = *x.Deep
	}
	var entry *nestIn
	if in, there := deep.M["k"]; there {
		entry = &in
	}
	switch path {
	case "id":
		return x.ID
	case "s":
		return x.S
	case "in.city", "in.zip", "in.rank":
		return of(&x.In, path[3:])
	case "ptr.city", "ptr.zip", "ptr.rank":
		return of(x.Ptr, path[4:])
	case "m.k":
		if k, there := x.M["k"]; there {
			return fmt.Sprint(k)
		}
		return ""
	case "deep.in.city", "deep.in.zip":
		return of(deep.In, path[8:])
	case "deep.m.k.city", "deep.m.k.zip":
		return of(entry, path[9:])
	}
	switch {
	case x.NestBase == nil:
		return ""
	case path == "tag":
		return x.Tag
	}
	return fmt.Sprint(x.N)
}

// nestTable is a random model over nests, and its service.
type nestTable struct {
	table     *monotable.Table[nest]
	db        *monotable.DB
	client    service
	name      string
	templates map[string][]string
}

// After each update, by Patch, Set or Remove, of attributes or of what they lie in, and whatever Known was told, index
// keys are what the templates make of the stored item, by hand, whoever stored it in whatever form; and an update that
// was told the item as it was read does not meet another one.
func TestNestedIndexKeysDoNotDrift(t *testing.T) {
	done := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		db, client := newDB(t, nests)
		n := &nestTable{db: db, client: client.service, name: db.Schema().Name, templates: map[string][]string{}}
		keys := map[string]string{"PK": "N#{id}"}
		for _, key := range []string{"GA", "GB"} {
			for i := range 2 {
				path := rapid.SampledFrom(nestPaths).Draw(rt, key)
				n.templates[key] = append(n.templates[key], path)
				if i > 0 {
					keys[key] += "#"
				}
				keys[key] += "{" + path + nestWidths[path] + "}"
			}
		}
		n.table = tableOf[nest](t, db, monotable.Model{Keys: keys})
		for range rapid.IntRange(5, 25).Draw(rt, "writes") {
			what := n.write(rt)
			done[what]++
			n.check(rt, what)
		}
	})
	t.Log(done)
	for _, what := range []string{"updated", "upserted", "as seen"} {
		require.Positive(t, done[what], "%s: %v", what, done)
	}
}

// nestWidths are those of numbers, so that 0 to 9 are written as they are.
var nestWidths = map[string]string{"in.zip": ":1", "in.rank": ":1", "ptr.zip": ":1", "ptr.rank": ":1", "m.k": ":1",
	"deep.in.zip": ":1", "deep.m.k.zip": ":1", "n": ":1"}

func (n *nestTable) stored(t *rapid.T) monotable.Item {
	out, err := n.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &n.name,
		Key: monotable.Item{"PK": text("N#1")}})
	require.NoError(t, err)
	return out.Item
}

// put stores an item as others do: with attributes that are NULL, or left out, and with its index keys.
func (n *nestTable) put(t *rapid.T) {
	encoded, err := attributevalue.MarshalMap(drawNest(t))
	require.NoError(t, err)
	item := monotable.Item(encoded)
	for _, path := range slices.Concat(nestPaths, nestContainers) {
		if !item.Has(path) || path == "m.k" || path == "deep.m.k" {
			continue
		}
		switch rapid.SampledFrom([]string{"", "", "", "NULL", "absent"}).Draw(t, path) {
		case "NULL":
			require.NoError(t, item.Set(path, nil))
		case "absent":
			require.NoError(t, item.Remove(path))
		}
	}
	var x nest
	require.NoError(t, attributevalue.UnmarshalMap(item, &x))
	item["PK"] = text("N#1")
	for key, paths := range n.templates {
		if made := nestKey(x, paths); made != "" {
			item[key] = text(made)
		}
	}
	_, err = n.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &n.name, Item: item})
	require.NoError(t, err)
}

// write makes one write, and tells which.
func (n *nestTable) write(t *rapid.T) string {
	ctx := t.Context()
	if rapid.IntRange(0, 2).Draw(t, "others") == 0 {
		n.put(t)
		return "others"
	}
	key, x := nest{ID: "1"}, drawNest(t)
	var options []monotable.UpdateOption
	seen, err := n.table.Get(ctx, key)
	right := err == nil && seen.ID != "" && rapid.Bool().Draw(t, "as read")
	switch {
	case right:
		options = []monotable.UpdateOption{monotable.Known(&seen)}
	case rapid.Bool().Draw(t, "another"):
		options = []monotable.UpdateOption{monotable.Known(drawNest(t))}
	}
	u := n.update(t, x)
	if rapid.Bool().Draw(t, "upsert") {
		_, err := n.table.Upsert(ctx, key, u, options...)
		return n.outcome(t, "upserted", err, false)
	}
	_, err = n.table.Update(ctx, key, u, options...)
	what := "updated"
	if right {
		what = "as seen"
	}
	return n.outcome(t, what, err, right)
}

// outcome is what happened; an update that was told the item as it was read does not meet another one, and what is
// refused does nothing.
func (n *nestTable) outcome(t *rapid.T, what string, err error, right bool) string {
	if err == nil {
		return what
	}
	if errors.Is(err, monotable.ErrCondition) {
		require.False(t, right, "the item is as it was read: %v", n.templates)
		return what + " on another item"
	}
	var invalid interface{ ErrorCode() string }
	if !errors.Is(err, monotable.ErrKey) && !errors.Is(err, monotable.ErrNotFound) {
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, "ValidationException", invalid.ErrorCode(), "%v", err)
	}
	return what + " in vain"
}

// update draws actions on paths none of which is in another.
func (n *nestTable) update(t *rapid.T, x nest) expression.UpdateBuilder {
	var patched, removed, taken []string
	all := rapid.Permutation(slices.Concat(nestPaths[1:], nestContainers)).Draw(t, "paths")
	for _, path := range all[:rapid.IntRange(1, 3).Draw(t, "count")] {
		if slices.ContainsFunc(taken, func(other string) bool {
			return strings.HasPrefix(path+".", other+".") || strings.HasPrefix(other+".", path+".")
		}) {
			continue
		}
		taken = append(taken, path)
		if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
			removed = append(removed, path)
		} else {
			patched = append(patched, path)
		}
	}
	t.Logf("Patch %v, Remove %v; templates %v", patched, removed, n.templates)
	u := monotable.Patch(x, patched...)
	for _, path := range removed {
		u = u.Remove(expression.Name(path))
	}
	return u
}

func (n *nestTable) check(t *rapid.T, what string) {
	item := n.stored(t)
	if item == nil {
		return
	}
	var x nest
	require.NoError(t, attributevalue.UnmarshalMap(item, &x))
	for key, paths := range n.templates {
		got, _ := item[key].(*types.AttributeValueMemberS)
		want := nestKey(x, paths)
		if want == "" {
			require.Nil(t, got, "%s of %v after what %s: %+v", key, paths, what, x)
		} else {
			require.NotNil(t, got, "%s of %v after what %s: %+v", key, paths, what, x)
			require.Equal(t, want, got.Value, "%s of %v after what %s: %+v", key, paths, what, x)
		}
	}
}
