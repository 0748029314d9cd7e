package edit_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
	"github.com/monotable/monotable/internal/codec/edit"
	"github.com/monotable/monotable/internal/expr"
)

type item map[string]types.AttributeValue

// Attribute values, in short.
var s, n, l, m = codectest.String, codectest.Number, codectest.List, codectest.Map

type (
	placed struct {
		ID   string            `dynamodbav:"id"`
		City string            `dynamodbav:"city,omitempty"`
		Tags []string          `dynamodbav:"tags,stringset"`
		Geo  *located          `dynamodbav:"geo,omitempty"`
		Text map[string]string `dynamodbav:"text"`
	}
	located struct {
		ID    string              `dynamodbav:"id"`
		Lat   float64             `dynamodbav:"lat"`
		Stops map[string]position `dynamodbav:"stops"`
		Way   []position          `dynamodbav:"way"`
	}
	position struct {
		ID   string     `dynamodbav:"id"`
		SKU  string     `dynamodbav:"sku"`
		Qty  int        `dynamodbav:"qty,omitempty"`
		At   time.Time  `dynamodbav:"at,unixtime"`
		Any  any        `dynamodbav:"any"`
		Subs []position `dynamodbav:"subs,omitempty"`
	}
	edited struct {
		ID     string               `dynamodbav:"id"`
		Name   string               `dynamodbav:"name,omitempty"`
		Score  float64              `dynamodbav:"score"`
		Home   placed               `dynamodbav:"home"`
		Work   *placed              `dynamodbav:"work,omitempty"`
		Lines  []position           `dynamodbav:"lines"`
		Grid   [][]position         `dynamodbav:"grid"`
		Pair   [2]position          `dynamodbav:"pair"`
		ByName map[string]*position `dynamodbav:"byName,omitempty"`
		ByNum  map[int]position     `dynamodbav:"byNum"`
		Prices map[string]float64   `dynamodbav:"prices"`
		Nums   []int                `dynamodbav:"nums,omitempty"`
		Set    []int                `dynamodbav:"set,numberset"`
		Any    any                  `dynamodbav:"any,omitempty"`
		Money  codectest.Money      `dynamodbav:"money"`
		Raw    map[string]types.AttributeValue
	}
	editedKept struct {
		ID   string               `dynamodbav:"id"`
		Name string               `dynamodbav:"name,omitempty"`
		Home kept                 `dynamodbav:"home"`
		Map  map[string]kept      `dynamodbav:"map"`
		List []position           `dynamodbav:"list"`
		Ptrs map[string]*position `dynamodbav:"ptrs"`
		Rest item                 `monotable:"unknown"`
	}
	kept struct {
		ID   string `dynamodbav:"id"`
		City string `dynamodbav:"city,omitempty"`
		Rest item   `monotable:"unknown"`
	}
)

// ids gives each struct an id of its own.
type ids struct{ next int }

func (ids *ids) give(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			ids.give(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			ids.give(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		for _, key := range sortedKeys(v) {
			elem := reflect.New(v.Type().Elem()).Elem()
			elem.Set(v.MapIndex(key))
			if elem.Kind() == reflect.Interface {
				continue
			}
			ids.give(elem)
			v.SetMapIndex(key, elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); v.Type().Field(i).Name == "ID" {
				ids.next++
				f.SetString("id" + strconv.Itoa(ids.next))
			} else if v.Type().Field(i).IsExported() && !f.Type().ConvertibleTo(reflect.TypeFor[time.Time]()) {
				ids.give(f)
			}
		}
	}
}

// sortedKeys are a map's keys in an order; the empty one, which has no name, is taken out.
func sortedKeys(v reflect.Value) []reflect.Value {
	if v.Type().Key().Kind() == reflect.String {
		v.SetMapIndex(reflect.Zero(v.Type().Key()), reflect.Value{})
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return keys
}

// sprinkle makes of what T encodes what others may have stored: attributes that T does not name in every struct, names
// in another case, numbers in another form.
func sprinkle(t *rapid.T, typ reflect.Type, av types.AttributeValue) types.AttributeValue {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberN:
		if typ.Kind() == reflect.Float64 && strings.Contains(av.Value, ".") {
			return n(av.Value + "0")
		}
	case *types.AttributeValueMemberL:
		list := []types.AttributeValue{}
		for _, elem := range av.Value {
			if typ.Kind() != reflect.Interface {
				elem = sprinkle(t, typ.Elem(), elem)
			}
			list = append(list, elem)
		}
		return l(list...)
	case *types.AttributeValueMemberM:
		made := item{}
		switch typ.Kind() {
		case reflect.Map:
			for _, name := range slices.Sorted(maps.Keys(av.Value)) {
				elem := av.Value[name]
				if typ.Key().Kind() == reflect.Int && rapid.IntRange(0, 3).Draw(t, "key form") == 0 {
					name = strings.Replace("0"+name, "0-", "-0", 1)
				}
				made[name] = sprinkle(t, typ.Elem(), elem)
			}
			return m(made)
		case reflect.Struct:
			for f := range typ.Fields() {
				name, _, _ := strings.Cut(f.Tag.Get("dynamodbav"), ",")
				if name == "" {
					name = f.Name
				}
				if elem, ok := av.Value[name]; ok {
					if name != "id" && rapid.IntRange(0, 5).Draw(t, "case") == 0 {
						name = strings.ToUpper(name)
					}
					made[name] = sprinkle(t, f.Type, elem)
				}
			}
			if rapid.IntRange(0, 3).Draw(t, "unknown") > 0 {
				id := av.Value["id"].(*types.AttributeValueMemberS).Value
				made["other"] = m(item{"of": s(id), "big": n("12345678901234567890123456789012345678")})
			}
			return m(made)
		}
	}
	return av
}

// change changes a value here and there, as a program would.
func change(t *rapid.T, v reflect.Value, ids *ids) {
	draw := func(typ reflect.Type) reflect.Value {
		made := reflect.New(typ).Elem()
		codectest.DrawValueTo(t, made, 3)
		ids.give(made)
		return made
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Time](), v.Type() == reflect.TypeFor[codectest.Money]():
		v.Set(draw(v.Type()))
		return
	case rapid.IntRange(0, 2).Draw(t, "change") == 0:
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		switch {
		case v.IsNil():
			v.Set(draw(v.Type()))
		case rapid.IntRange(0, 3).Draw(t, "nil") == 0:
			v.SetZero()
		default:
			change(t, v.Elem(), ids)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Name != "ID" && f.Tag.Get("monotable") == "" {
				change(t, v.Field(i), ids)
			}
		}
	case reflect.Map:
		changeMap(t, v, ids, draw)
	case reflect.Slice:
		changeSlice(t, v, ids, draw)
	case reflect.Array:
		for i := range v.Len() {
			change(t, v.Index(i), ids)
		}
	default:
		v.Set(draw(v.Type()))
	}
}

// changeMap removes entries, changes some, and adds one.
func changeMap(t *rapid.T, v reflect.Value, ids *ids, draw func(reflect.Type) reflect.Value) {
	if v.IsNil() {
		v.Set(draw(v.Type()))
		return
	}
	for _, key := range sortedKeys(v) {
		switch rapid.IntRange(0, 3).Draw(t, "entry") {
		case 0:
			v.SetMapIndex(key, reflect.Value{})
		case 1:
			if v.Type().Elem().Kind() != reflect.Interface {
				elem := reflect.New(v.Type().Elem()).Elem()
				elem.Set(v.MapIndex(key))
				change(t, elem, ids)
				v.SetMapIndex(key, elem)
			}
		}
	}
	if key := draw(v.Type().Key()); key.Kind() != reflect.String || key.String() != "" {
		if !v.MapIndex(key).IsValid() {
			v.SetMapIndex(key, draw(v.Type().Elem()))
		}
	}
}

// changeSlice changes elements, or moves, removes and adds some. Both at a time is for TestEditsOfLists.
func changeSlice(t *rapid.T, v reflect.Value, ids *ids, draw func(reflect.Type) reflect.Value) {
	if rapid.Bool().Draw(t, "in place") {
		for i := range v.Len() {
			change(t, v.Index(i), ids)
		}
		return
	}
	if v.Len() > 1 {
		swap := reflect.Swapper(v.Interface())
		swap(0, rapid.IntRange(0, v.Len()-1).Draw(t, "swap"))
	}
	if v.Len() > 0 && rapid.Bool().Draw(t, "cut") {
		at := rapid.IntRange(0, v.Len()-1).Draw(t, "at")
		v.Set(reflect.AppendSlice(v.Slice3(0, at, at), v.Slice(at+1, v.Len())))
	}
	if rapid.Bool().Draw(t, "append") {
		v.Set(reflect.Append(v.Slice3(0, v.Len(), v.Len()), draw(v.Type().Elem())))
	}
}

// update writes changes as an update expression, and applies it as the engine does.
func update(t require.TestingT, raw item, changes []edit.Change) map[string]types.AttributeValue {
	if len(changes) == 0 {
		return attr.CloneItem(raw)
	}
	names, values := map[string]string{}, map[string]types.AttributeValue{}
	known := map[string]string{}
	var set, remove []string
	for _, c := range changes {
		text := ""
		for _, step := range c.Path {
			if step.Index >= 0 {
				text += "[" + strconv.Itoa(step.Index) + "]"
				continue
			}
			p, ok := known[step.Name]
			if !ok {
				p = "#" + strconv.Itoa(len(names))
				known[step.Name], names[p] = p, step.Name
			}
			text += "." + p
		}
		if text = text[1:]; c.Value == nil {
			remove = append(remove, text)
			continue
		}
		p := ":" + strconv.Itoa(len(values))
		values[p] = c.Value
		set = append(set, text+"="+p)
	}
	text := ""
	if len(set) > 0 {
		text = "SET " + strings.Join(set, ",")
	}
	if len(remove) > 0 {
		text += " REMOVE " + strings.Join(remove, ",")
	}
	if len(values) == 0 {
		values = nil
	}
	scope, err := expr.NewScope(names, values)
	require.NoError(t, err, text)
	u, err := scope.Update(text)
	require.NoError(t, err, text)
	applied, err := u.Apply(raw)
	require.NoError(t, err, text)
	return applied
}

// owners finds the attributes that T does not name, by the id of the struct that they are in.
func owners(av types.AttributeValue, found map[string]types.AttributeValue) map[string]types.AttributeValue {
	switch av := av.(type) {
	case *types.AttributeValueMemberL:
		for _, elem := range av.Value {
			owners(elem, found)
		}
	case *types.AttributeValueMemberM:
		if id, ok := av.Value["id"].(*types.AttributeValueMemberS); ok {
			found[id.Value] = av.Value["other"]
		}
		for _, elem := range av.Value {
			owners(elem, found)
		}
	}
	return found
}

// unchanged requires that what was not changed is as it was stored, byte by byte.
func unchanged(t require.TestingT, raw, before, after, applied item) {
	for name, was := range raw {
		b, had := before[name]
		a, has := after[name]
		if !had || !has || name == strings.ToUpper(name) {
			continue
		}
		if attr.Equal(b, a) {
			require.Equal(t, was, applied[name], name)
			continue
		}
		inner := make([]item, 0, 4)
		for _, av := range []types.AttributeValue{was, b, a, applied[name]} {
			if in, ok := av.(*types.AttributeValueMemberM); ok {
				inner = append(inner, in.Value)
			}
		}
		if len(inner) == 4 {
			unchanged(t, inner[0], inner[1], inner[2], inner[3])
		}
	}
}

func TestEditsKeepWhatTDoesNotName(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[edited](), reflect.TypeFor[editedKept]()} {
		t.Run(typ.Name(), func(t *testing.T) {
			p, err := codec.Of(typ)
			require.NoError(t, err)
			failed, done := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				ids := &ids{}
				v := reflect.New(typ).Elem()
				codectest.DrawValue(t, v)
				ids.give(v)
				stored, err := p.EncodeUnchecked(v)
				if err != nil {
					return
				}
				raw := sprinkle(t, typ, m(stored)).(*types.AttributeValueMemberM).Value
				v.SetZero()
				if attr.CheckItem(raw) != nil || p.Decode(attr.CloneItem(raw), v) != nil {
					return
				}
				before, err := p.EncodeUnchecked(v)
				require.NoError(t, err)
				change(t, v, ids)
				after, err := p.EncodeUnchecked(v)
				if err != nil {
					return
				}
				was := attr.CloneItem(raw)
				changes, err := edit.Edit{Plan: p, Raw: raw, Before: before, After: after}.Changes()
				if err != nil {
					require.ErrorContains(t, err, "cannot be changed as a whole")
					failed++
					return
				}
				for _, c := range changes {
					if c.Value != nil && attr.Check(c.Value) != nil {
						return
					}
				}
				done++
				checkEdit(t, p, raw, before, after, changes)
				require.Equal(t, was, raw)
			})
			t.Logf("%d edits, %d refused", done, failed)
			assert.Greater(t, done, failed)
		})
	}
}

// checkEdit makes the changes to raw, and looks at what they make of it.
func checkEdit(t *rapid.T, p *codec.Plan, raw, before, after item, changes []edit.Change) {
	applied := update(t, raw, changes)
	require.True(t, attr.Equal(m(applied), m(edit.Apply(raw, changes))))
	for _, most := range []int{0, 1, 3} {
		whole := edit.Whole(raw, changes, most)
		require.True(t, attr.Equal(m(applied), m(update(t, raw, whole))))
		counts := map[string]int{}
		for _, c := range whole {
			counts[c.Path[0].Name]++
			require.LessOrEqual(t, counts[c.Path[0].Name], max(most, 1))
		}
	}
	again := func(in item) item { // some values come back as others: a pointer to nil as nil
		v := reflect.New(p.Type()).Elem()
		require.NoError(t, p.Decode(attr.CloneItem(in), v))
		made, err := p.EncodeUnchecked(v)
		require.NoError(t, err)
		return made
	}
	// a name in another case that was replaced is gone from its place, too
	if p.Type() != reflect.TypeFor[editedKept]() {
		require.True(t, attr.Equal(m(again(after)), m(again(applied))), "%v\nis not\n%v", show(after), show(applied))
	}
	had, has := owners(m(raw), map[string]types.AttributeValue{}), owners(m(applied), map[string]types.AttributeValue{})
	for id, other := range had {
		if now, there := has[id]; there {
			require.Equal(t, other, now, "%s\nraw %s\nafter %s\napplied %s\nchanges %v", id, show(raw), show(after),
				show(applied), changes)
		}
	}
	unchanged(t, raw, before, after, edit.Apply(raw, changes)) // the engine writes numbers anew
}

func show(i item) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(i)) {
		fmt.Fprintf(&text, "%s=", name)
		switch av := i[name].(type) {
		case *types.AttributeValueMemberM:
			fmt.Fprintf(&text, "{%s}", show(av.Value))
		case *types.AttributeValueMemberL:
			for n, elem := range av.Value {
				fmt.Fprintf(&text, "%s", show(item{strconv.Itoa(n): elem}))
			}
		default:
			fmt.Fprintf(&text, "%v", reflect.ValueOf(av).Elem())
		}
		text.WriteString(" ")
	}
	return text.String()
}

// row is an element of a list as T sees it, and stored as others wrote it: with one attribute more.
type row struct {
	ID    string `dynamodbav:"id"`
	State string `dynamodbav:"state"`
	Count int    `dynamodbav:"count"`
}

type rows struct {
	Rows []row `dynamodbav:"rows"`
}

func stored(list ...row) types.AttributeValue {
	raw := l().(*types.AttributeValueMemberL)
	for _, r := range list {
		raw.Value = append(raw.Value, m(item{"id": s(r.ID), "state": s(r.State), "count": n(strconv.Itoa(r.Count)),
			"other": s("of " + r.ID)}))
	}
	return raw
}

func editRows(t *testing.T, raw types.AttributeValue, to []row) ([]edit.Change, error) {
	p, err := codec.Of(reflect.TypeFor[rows]())
	require.NoError(t, err)
	var v rows
	require.NoError(t, p.Decode(item{"rows": raw}, reflect.ValueOf(&v).Elem()))
	before, err := p.EncodeUnchecked(reflect.ValueOf(v))
	require.NoError(t, err)
	after, err := p.EncodeUnchecked(reflect.ValueOf(rows{to}))
	require.NoError(t, err)
	return edit.Edit{Plan: p, Raw: item{"rows": raw}, Before: before, After: after}.Changes()
}

// Elements keep what T does not name wherever they are now; where that cannot be told, nothing is written.
func TestEditsOfLists(t *testing.T) {
	a, b, c := row{"a", "open", 1}, row{"b", "open", 2}, row{"c", "open", 3}
	now := func(r row, state string, count int) row { r.State, r.Count = state, count; return r }
	fresh, other := row{"x", "new", 9}, row{"y", "new", 9}
	for name, to := range map[string]struct {
		rows  []row
		paths string // "" for an error
	}{
		"one changed": {[]row{a, now(b, "paid", 2), c}, "rows[1].state"},
		"all changed": {[]row{now(a, "paid", 1), now(b, "paid", 4), now(c, "sent", 3)},
			"rows[0].state rows[1].count rows[1].state rows[2].state"},
		"values that change places": {[]row{now(a, "open", 2), now(b, "open", 3), now(c, "open", 1)},
			"rows[0].count rows[1].count rows[2].count"},
		"added in front":                    {[]row{fresh, a, b, c}, "rows"},
		"added behind":                      {[]row{a, b, c, fresh}, "rows"},
		"removed":                           {[]row{a, c}, "rows"},
		"all removed":                       {[]row{}, "rows"},
		"turned round":                      {[]row{c, b, a}, "rows"},
		"removed, and another added":        {[]row{b, c, fresh}, "rows"},
		"one changed, and one added":        {[]row{now(a, "paid", 1), b, c, fresh}, "rows"},
		"one changed, and added in front":   {[]row{fresh, now(a, "paid", 7), b, c}, "rows"},
		"all changed and turned round":      {[]row{now(c, "paid", 7), now(b, "paid", 7), now(a, "paid", 7)}, "rows"},
		"one removed, and others changed":   {[]row{now(a, "paid", 7), now(c, "paid", 8)}, "rows"},
		"some replaced":                     {[]row{a, fresh, other, c}, ""},
		"all replaced, and more than those": {[]row{fresh, other, fresh, other}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			raw := stored(a, b, c)
			changes, err := editRows(t, raw, to.rows)
			if err == nil {
				texts := make([]string, len(changes))
				for i, c := range changes {
					texts[i] = c.Text()
				}
				require.Equal(t, to.paths, strings.Join(texts, " "))
			} else {
				require.Empty(t, to.paths, err)
				require.ErrorContains(t, err, "attribute rows: cannot be changed as a whole")
				return
			}
			applied := update(t, item{"rows": raw}, changes)
			p, err := codec.Of(reflect.TypeFor[rows]())
			require.NoError(t, err)
			var v rows
			require.NoError(t, p.Decode(applied, reflect.ValueOf(&v).Elem()))
			require.Equal(t, to.rows, v.Rows)
			for _, elem := range applied["rows"].(*types.AttributeValueMemberL).Value {
				in := elem.(*types.AttributeValueMemberM).Value
				if id := in["id"].(*types.AttributeValueMemberS).Value; id != "x" {
					require.Equal(t, s("of "+id), in["other"])
				} else {
					require.Nil(t, in["other"])
				}
			}
		})
	}
	same := row{"same", "open", 1}
	raw := stored(same, same)
	raw.(*types.AttributeValueMemberL).Value[1].(*types.AttributeValueMemberM).Value["other"] = s("another's")
	_, err := editRows(t, raw, []row{same})
	require.ErrorContains(t, err, "attribute rows: cannot be changed as a whole", "which of two was removed?")
	_, err = editRows(t, raw, []row{same, now(same, "paid", 1)})
	require.NoError(t, err)
}

func TestEditsOfNamesInAnotherCase(t *testing.T) {
	type plain struct {
		Name string `dynamodbav:"name,omitempty"`
		In   struct {
			City string `dynamodbav:"city,omitempty"`
		} `dynamodbav:"in"`
	}
	type keeps struct {
		plain
		Rest item `monotable:"unknown"`
	}
	edit := func(p *codec.Plan, raw item, change func(v reflect.Value)) item {
		v := reflect.New(p.Type()).Elem()
		require.NoError(t, p.Decode(raw, v))
		before, err := p.EncodeUnchecked(v)
		require.NoError(t, err)
		change(v)
		after, err := p.EncodeUnchecked(v)
		require.NoError(t, err)
		changes, err := edit.Edit{Plan: p, Raw: raw, Before: before, After: after,
			Owned: func(name string) bool { return name == "nAmE" }}.Changes()
		require.NoError(t, err)
		applied := update(t, raw, changes)
		again := reflect.New(p.Type()).Elem()
		require.NoError(t, p.Decode(applied, again))
		require.Equal(t, v.FieldByName("Name").String(), again.FieldByName("Name").String())
		require.Equal(t, v.FieldByName("In").Interface(), again.FieldByName("In").Interface())
		return applied
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[plain](), reflect.TypeFor[keeps]()} {
		p, err := codec.Of(typ)
		require.NoError(t, err)
		for _, raw := range []item{
			{"NAME": s("x"), "in": m(item{"CITY": s("y"), "zip": s("z")})},
			{"NAME": s("x"), "Name": s("y"), "IN": m(item{"CITY": s("y"), "City": s("y"), "zip": s("z")})},
			{"name": s("n"), "NAME": s("x"), "in": m(item{"city": s("c"), "CITY": s("y"), "zip": s("z")})},
		} {
			emptied := edit(p, raw, func(v reflect.Value) {
				v.FieldByName("Name").SetString("")
				v.FieldByName("In").Field(0).SetString("")
			})
			in, ok := emptied["in"].(*types.AttributeValueMemberM)
			if !ok {
				in = emptied["IN"].(*types.AttributeValueMemberM)
			}
			assert.Equal(t, s("z"), in.Value["zip"])
			set := edit(p, raw, func(v reflect.Value) {
				v.FieldByName("Name").SetString("new")
				v.FieldByName("In").Field(0).SetString("new")
			})
			assert.Equal(t, s("new"), set["name"])
			assert.Equal(t, m(item{"city": s("new"), "zip": s("z")}).(*types.AttributeValueMemberM).Value["zip"],
				set["in"].(*types.AttributeValueMemberM).Value["zip"])
		}
	}
}

func TestEditsOfNamesInAnotherCaseAndUnknown(t *testing.T) {
	type keeps struct {
		Name string `dynamodbav:"name,omitempty"`
		Rest item   `monotable:"unknown"`
	}
	p, err := codec.Of(reflect.TypeFor[keeps]())
	require.NoError(t, err)
	before, after := item{"name": s("x"), "NAME": s("x")}, item{"NAME": s("SECRET")}
	_, err = edit.Edit{Plan: p, Raw: item{"NAME": s("x")}, Before: before, After: after}.Changes()
	assert.EqualError(t, err, "attribute name: was emptied, and set in Rest under a name that differs in case only")
	changes, err := edit.Edit{Plan: p, Raw: item{"NAME": s("x"), "gone": s("k"), "other": s("o")}, Before: before,
		After: item{}, Owned: func(name string) bool { return name == "gone" }}.Changes()
	require.NoError(t, err)
	assert.Equal(t, item{"other": s("o")}, item(edit.Apply(item{"NAME": s("x"), "gone": s("k"), "other": s("o")},
		changes)))
}

// Without a plan, and where T has its own methods, all names are T's; what has methods is replaced as a whole.
func TestEditsWithoutAPlan(t *testing.T) {
	raw := item{"a": m(item{"x": n("1.0"), "y": l(n("12345678901234567890123"), m(item{"deep": s("1")}))}),
		"gone": s("x"), "stays": n("1")}
	after := item{"a": m(item{"x": n("1"), "y": l(n("12345678901234567890123"), m(item{"deep": s("2")}))}),
		"new": s("y"), "stays": n("1.0")}
	changes, err := edit.Edit{Raw: raw, Before: attr.CloneItem(raw), After: after}.Changes()
	require.NoError(t, err)
	var texts []string
	for _, c := range changes {
		texts = append(texts, c.Text())
	}
	assert.Equal(t, []string{"a{key}[1]{key}", "gone", "new"}, texts)
	assert.True(t, attr.Equal(m(after), m(update(t, raw, changes))))

	p, err := codec.Of(reflect.TypeFor[codectest.Marshalled]())
	require.NoError(t, err)
	changes, err = edit.Edit{Plan: p, Raw: item{"a": n("1"), "b": s("b")}, Before: item{"a": n("1")},
		After: item{"a": n("2")}}.Changes()
	require.NoError(t, err)
	assert.Equal(t, item{"a": n("2"), "b": s("b")}, item(update(t, item{"a": n("1"), "b": s("b")}, changes)))
}
