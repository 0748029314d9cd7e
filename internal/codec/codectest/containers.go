package codectest

import (
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/wire"
)

// Types with an Unmarshaler that takes whatever it is given, and tells what that was.
type (
	taker   struct{ Got []string }
	counter int
	heard   string
	octets  []byte
	notes   map[string]int // its method is that of the value
	picky   struct{ Got string }
)

func (v *taker) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	v.Got = append(v.Got, string(wire.AppendValue(nil, av)))
	return nil
}

func (v *counter) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { *v++; return nil }

func (v *heard) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	*v += heard(wire.AppendValue(nil, av))
	return nil
}

func (v *octets) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	*v = append(*v, wire.AppendValue(nil, av)...)
	return nil
}

func (v notes) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	if v != nil {
		v[string(wire.AppendValue(nil, av))]++
	}
	return nil
}

func (v *picky) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	set, ok := av.(*types.AttributeValueMemberSS)
	if !ok {
		return errors.New("picky: no string set")
	}
	v.Got = string(wire.AppendValue(nil, set))
	return nil
}

// containersOf are types that have elements of typ in them, so many levels deep.
func containersOf(typ reflect.Type, levels int) []reflect.Type {
	all := []reflect.Type{typ}
	if levels == 0 {
		return all
	}
	for _, inner := range containersOf(typ, levels-1) {
		all = append(all, reflect.PointerTo(inner), reflect.SliceOf(inner),
			reflect.ArrayOf(0, inner), reflect.ArrayOf(2, inner), reflect.ArrayOf(4, inner),
			reflect.MapOf(reflect.TypeFor[string](), inner),
			reflect.StructOf([]reflect.StructField{{Name: "In", Type: inner}}))
	}
	return all
}

// Fill gives each pointer something to point to, each slice elements, and each interface a pointer to a type with a
// method.
func Fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		Fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 4, 5))
		for i := range v.Len() {
			Fill(v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			Fill(v.Index(i))
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			Fill(field)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.Interface:
		v.Set(reflect.ValueOf(new(taker)))
	case reflect.String:
		v.SetString("was")
	}
}

// EachContainer visits structs with one field F: every container of an element that has an Unmarshaler, and the
// attributes of every kind that it is decoded from.
func EachContainer(visit func(row reflect.Type, values []types.AttributeValue)) {
	values := []types.AttributeValue{
		&types.AttributeValueMemberNULL{Value: true}, String("s"), Number("1"), List(),
		List(String("a"), Number("2"), &types.AttributeValueMemberNULL{Value: true}),
		Map(map[string]types.AttributeValue{"In": String("x")}),
		Map(map[string]types.AttributeValue{"In": &types.AttributeValueMemberSS{Value: []string{"a", "b"}}}),
		List(
			&types.AttributeValueMemberSS{Value: []string{"a", "b"}},
			&types.AttributeValueMemberNS{Value: []string{"1", "2", "3"}},
		),
	}
	for _, count := range []int{0, 1, 3} {
		values = append(values,
			&types.AttributeValueMemberSS{Value: append([]string{}, []string{"7", "b", "c"}[:count]...)},
			&types.AttributeValueMemberNS{Value: append([]string{}, []string{"7", "2", "3.5"}[:count]...)},
			&types.AttributeValueMemberBS{Value: append([][]byte{}, [][]byte{{7}, {2}, {}}[:count]...)})
	}
	for _, elem := range []reflect.Type{
		reflect.TypeFor[taker](), reflect.TypeFor[counter](), reflect.TypeFor[heard](), reflect.TypeFor[octets](),
		reflect.TypeFor[notes](), reflect.TypeFor[picky](),
		reflect.TypeFor[any](),
	} {
		for _, typ := range containersOf(elem, 3) {
			visit(reflect.StructOf([]reflect.StructField{{Name: "F", Type: typ}}), values)
		}
	}
}
