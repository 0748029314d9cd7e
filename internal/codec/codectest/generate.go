package codectest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

// Random struct types, random values of a type, and random items that more or less suit a type.

var scalars = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[time.Time](), reflect.TypeFor[[]byte](),
	reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](),
	reflect.TypeFor[int64](),
	reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](),
	reflect.TypeFor[uint64](),
	reflect.TypeFor[float32](), reflect.TypeFor[float64](),
	reflect.TypeFor[attributevalue.Number](), reflect.TypeFor[json.Number](),
	reflect.TypeFor[attributevalue.UnixTime](),
	reflect.TypeFor[[4]byte](), reflect.TypeFor[any](), reflect.TypeFor[struct{}](),
	reflect.TypeFor[Heading](), reflect.TypeFor[Level](), reflect.TypeFor[Flag](), reflect.TypeFor[Stamp](),
	reflect.TypeFor[Digest](),
	reflect.TypeFor[Money](), reflect.TypeFor[Celsius](), reflect.TypeFor[roster](), reflect.TypeFor[WriteOnly](),
	reflect.TypeFor[readOnly](),
	reflect.TypeFor[nothing](), reflect.TypeFor[Person](), reflect.TypeFor[taker](), reflect.TypeFor[heard](),
	reflect.TypeFor[notes](),
}

var keys = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[Heading](), reflect.TypeFor[int](), reflect.TypeFor[int8](),
	reflect.TypeFor[uint16](),
	reflect.TypeFor[bool](), reflect.TypeFor[float64](), reflect.TypeFor[float32](), reflect.TypeFor[Point](),
	reflect.TypeFor[Shouted](),
	reflect.TypeFor[attributevalue.Number](),
}

func drawType(t *rapid.T, depth int) reflect.Type {
	if depth <= 0 {
		return rapid.SampledFrom(scalars).Draw(t, "scalar")
	}
	switch rapid.IntRange(0, 9).Draw(t, "shape") {
	case 0:
		inner := drawType(t, depth-1)
		if inner.Kind() == reflect.Interface { // attributevalue drops what a *any points to
			return inner
		}
		return reflect.PointerTo(inner)
	case 1, 2:
		return reflect.SliceOf(drawType(t, depth-1))
	case 3:
		return reflect.ArrayOf(rapid.IntRange(0, 3).Draw(t, "len"), drawType(t, depth-1))
	case 4, 5:
		return reflect.MapOf(rapid.SampledFrom(keys).Draw(t, "key"), drawType(t, depth-1))
	case 6:
		return DrawStruct(t, depth-1)
	}
	return rapid.SampledFrom(scalars).Draw(t, "scalar")
}

var attributeNames = []string{"id", "name", "ID", "Name", "größe", "Kelvin", "a.b", "x", "y"}

func DrawStruct(t *rapid.T, depth int) reflect.Type {
	var fields []reflect.StructField
	names := map[string]bool{}
	for i := range rapid.IntRange(0, 5).Draw(t, "fields") {
		f := reflect.StructField{Name: "F" + strconv.Itoa(i), Type: drawType(t, depth)}
		name := rapid.SampledFrom(append(attributeNames, "", "")).Draw(t, "name")
		if names[strings.ToLower(name)] {
			name = ""
		}
		names[strings.ToLower(name)] = true
		f.Tag = reflect.StructTag(`dynamodbav:"` + name + drawOptions(t, f.Type) + `"`)
		fields = append(fields, f)
	}
	return reflect.StructOf(fields)
}

func drawOptions(t *rapid.T, typ reflect.Type) string {
	opts := rapid.SampledFrom([]string{"", ",omitempty", ",nullempty"}).Draw(t, "zero") +
		rapid.SampledFrom([]string{"", "", ",omitemptyelem", ",nullemptyelem"}).Draw(t, "zeroelem") +
		rapid.SampledFrom([]string{"", "", ",string"}).Draw(t, "string")
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch {
	case typ == reflect.TypeFor[time.Time]() || typ == reflect.TypeFor[Stamp]():
		return strings.TrimSuffix(opts, ",string") + rapid.SampledFrom([]string{"", ",unixtime"}).Draw(t, "unix")
	case typ.Kind() != reflect.Slice && typ.Kind() != reflect.Array || typ.Elem().Kind() == reflect.Uint8:
		return opts
	}
	elem := typ.Elem()
	switch elem.Kind() {
	case reflect.String:
		if _, number := reflect.Zero(elem).Interface().(interface{ Int64() (int64, error) }); number {
			return opts + rapid.SampledFrom([]string{"", ",numberset"}).Draw(t, "set")
		}
		return opts + rapid.SampledFrom([]string{"", ",stringset"}).Draw(t, "set")
	case reflect.Int, reflect.Int8, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Float32, reflect.Float64:
		return opts + rapid.SampledFrom([]string{"", ",numberset"}).Draw(t, "set")
	case reflect.Interface:
		return opts + rapid.SampledFrom([]string{"", ",numberset", ",stringset", ",binaryset"}).Draw(t, "set")
	case reflect.Slice, reflect.Array:
		if elem.Elem().Kind() == reflect.Uint8 {
			return opts + rapid.SampledFrom([]string{"", ",binaryset"}).Draw(t, "set")
		}
	}
	return opts
}

var (
	someFloats  = []float64{1, -1.5, 0.1, 1e20, 1e-7, math.Pi, math.Copysign(0, -1), 123456789}
	someStrings = []string{"", "a", "Rachel", "17", "-3.5", "true", "2026-11-22T10:00:00.5Z", "naïve", "1e3", "3:4"}
	someNumbers = []string{
		"0", "1", "-1", "255", "256", "70000", "1.5", "1e3", "12345678901234567890123456789012345678", "-0.001",
		"18446744073709551615",
	}
)

// DrawValue fills v at random; zero values and nils come often.
func DrawValue(t *rapid.T, v reflect.Value) { DrawValueTo(t, v, 8) }

// DrawValueTo is DrawValue for a value of so many levels.
func DrawValueTo(t *rapid.T, v reflect.Value, depth int) {
	if depth == 0 || rapid.IntRange(0, 5).Draw(t, "zero") == 0 {
		return
	}
	if drawKnown(t, v) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(drawString(t))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "uint"))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(rapid.SampledFrom(someFloats).Draw(t, "float"))
	case reflect.Interface:
		typ := drawType(t, 1)
		if typ.Kind() == reflect.Interface {
			return
		}
		held := reflect.New(typ).Elem()
		DrawValueTo(t, held, depth-1)
		v.Set(held)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		DrawValueTo(t, v.Elem(), depth-1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(0, 3).Draw(t, "len"), 4))
		for i := range v.Len() {
			DrawValueTo(t, v.Index(i), depth-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			DrawValueTo(t, v.Index(i), depth-1)
		}
	case reflect.Map:
		drawMapTo(t, v, depth)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				DrawValueTo(t, v.Field(i), depth-1)
			}
		}
	}
}

// drawKnown fills a value of a type that is not as its kind, and tells whether v was one.
func drawKnown(t *rapid.T, v reflect.Value) bool {
	switch v.Type() {
	case reflect.TypeFor[attributevalue.Number](), reflect.TypeFor[json.Number]():
		v.SetString(drawNumber(t))
	case reflect.TypeFor[Money]():
		v.Set(reflect.ValueOf(Money{Cents: rapid.Int64Range(-999, 999).Draw(t, "cents")}))
	case reflect.TypeFor[types.AttributeValue]():
		v.Set(reflect.ValueOf(drawAny(t, 2)))
	case reflect.TypeFor[readOnly](), reflect.TypeFor[WriteOnly]():
		v.Field(0).SetString(drawString(t))
	default:
		if !v.Type().ConvertibleTo(reflect.TypeFor[time.Time]()) {
			return false
		}
		nanos := rapid.SampledFrom([]int64{0, 1, 120_000_000})
		at := time.Unix(rapid.Int64Range(-1e9, 3e9).Draw(t, "seconds"), nanos.Draw(t, "nanos")).UTC()
		v.Set(reflect.ValueOf(at).Convert(v.Type()))
	}
	return true
}

// drawMapTo fills a map. Two keys of one name are an error here, and a coin toss in attributevalue.
func drawMapTo(t *rapid.T, v reflect.Value, depth int) {
	v.Set(reflect.MakeMap(v.Type()))
	names := map[string]bool{}
	for range rapid.IntRange(0, 3).Draw(t, "len") {
		key := reflect.New(v.Type().Key()).Elem()
		DrawValueTo(t, key, depth-1)
		if name := keyName(key); !names[name] {
			names[name] = true
			elem := reflect.New(v.Type().Elem()).Elem()
			DrawValueTo(t, elem, depth-1)
			v.SetMapIndex(key, elem)
		}
	}
}

func keyName(key reflect.Value) string {
	if m, ok := key.Interface().(interface{ MarshalText() ([]byte, error) }); ok {
		text, _ := m.MarshalText()
		return string(text)
	}
	return fmt.Sprint(key.Interface())
}

func drawString(t *rapid.T) string {
	return rapid.SampledFrom(someStrings).Draw(t, "string")
}

func drawNumber(t *rapid.T) string {
	return rapid.SampledFrom(someNumbers).Draw(t, "number")
}

// DrawItem draws attributes for the names that type typ uses, most of them of a fitting type.
func DrawItem(t *rapid.T, typ reflect.Type, depth int) map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{}
	for f := range typ.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("dynamodbav"), ",")
		if name == "" {
			name = f.Name
		}
		inner := f.Type
		if f.Anonymous {
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct {
				maps.Copy(item, DrawItem(t, inner, depth))
			}
		}
		switch rapid.IntRange(0, 9).Draw(t, "have") {
		case 0:
			continue
		case 1:
			name = rapid.SampledFrom([]string{strings.ToUpper(name), strings.ToLower(name), name + "x"}).Draw(t, "fold")
		}
		item[name] = drawAttribute(t, f.Type, options, depth)
	}
	for name := range item { // names that differ in case only are a coin toss in attributevalue
		for other := range item {
			if name != other && strings.EqualFold(name, other) {
				delete(item, other)
			}
		}
	}
	return item
}

func drawAttribute(t *rapid.T, typ reflect.Type, options string, depth int) types.AttributeValue {
	if depth <= 0 || rapid.IntRange(0, 5).Draw(t, "any") == 0 {
		return drawAny(t, 1)
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	text := strings.Contains(options, "string")
	switch {
	case typ.ConvertibleTo(reflect.TypeFor[time.Time]()):
		return rapid.SampledFrom([]types.AttributeValue{
			&types.AttributeValueMemberS{Value: "2026-11-22T10:00:00.5Z"},
			&types.AttributeValueMemberN{Value: "1795000000"},
			&types.AttributeValueMemberS{Value: "2026"}, &types.AttributeValueMemberN{Value: "0.5"},
		}).Draw(t, "time")
	case typ.Kind() == reflect.String && !text:
		return &types.AttributeValueMemberS{Value: drawString(t)}
	case typ.Kind() == reflect.Bool:
		return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "bool")}
	case typ.Kind() == reflect.Interface:
		return drawAny(t, depth)
	case typ.Kind() == reflect.Struct:
		if typ == reflect.TypeFor[Money]() {
			return &types.AttributeValueMemberN{Value: drawNumber(t)}
		}
		return &types.AttributeValueMemberM{Value: DrawItem(t, typ, depth-1)}
	case typ.Kind() == reflect.Map:
		m := map[string]types.AttributeValue{}
		for range rapid.IntRange(0, 3).Draw(t, "len") {
			m[drawString(t)] = drawAttribute(t, typ.Elem(), "", depth-1)
		}
		return &types.AttributeValueMemberM{Value: m}
	case typ.Kind() == reflect.Slice || typ.Kind() == reflect.Array:
		if typ.Elem().Kind() == reflect.Uint8 && rapid.IntRange(0, 4).Draw(t, "bytes") > 0 {
			b := rapid.SampledFrom([]string{"", "abc", "abcd"}).Draw(t, "b")
			return &types.AttributeValueMemberB{Value: []byte(b)}
		}
		return drawList(t, typ.Elem(), depth)
	case text:
		return &types.AttributeValueMemberS{Value: drawNumber(t)}
	}
	return &types.AttributeValueMemberN{Value: drawNumber(t)}
}

func drawList(t *rapid.T, elem reflect.Type, depth int) types.AttributeValue {
	count := rapid.IntRange(0, 3).Draw(t, "len")
	switch rapid.IntRange(0, 5).Draw(t, "set") {
	case 0:
		set := &types.AttributeValueMemberSS{}
		for range count {
			set.Value = append(set.Value, drawString(t))
		}
		return set
	case 1:
		set := &types.AttributeValueMemberNS{}
		for range count {
			set.Value = append(set.Value, drawNumber(t))
		}
		return set
	case 2:
		set := &types.AttributeValueMemberBS{}
		for range count {
			set.Value = append(set.Value, []byte(drawString(t)))
		}
		return set
	}
	list := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
	for range count {
		list.Value = append(list.Value, drawAttribute(t, elem, "", depth-1))
	}
	return list
}

func drawAny(t *rapid.T, depth int) types.AttributeValue {
	switch rapid.IntRange(0, 6).Draw(t, "type") {
	case 0:
		return &types.AttributeValueMemberNULL{Value: true}
	case 1:
		return &types.AttributeValueMemberN{Value: drawNumber(t)}
	case 2:
		return &types.AttributeValueMemberBOOL{Value: true}
	case 3:
		return &types.AttributeValueMemberB{Value: []byte("abcd")}
	case 4:
		if depth > 0 {
			return drawList(t, reflect.TypeFor[any](), depth-1)
		}
	case 5:
		if depth > 0 {
			return Map(map[string]types.AttributeValue{"x": drawAny(t, depth-1), "7": drawAny(t, depth-1)})
		}
	}
	return &types.AttributeValueMemberS{Value: drawString(t)}
}
