package gotype_test

import (
	"math/big"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

// Each difference from attributevalue that shows in the type alone, as package codec states them, has a case here.

type (
	hiddenInt int
	item      map[string]types.AttributeValue
)

type hiddenStruct struct{ A int }

func TestTypesRefused(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{struct{ C chan int }{}, "field C: DynamoDB has no type for chan"},
		{struct{ F func() }{}, "field F: DynamoDB has no type for func"},
		{struct{ C complex64 }{}, "field C: DynamoDB has no type for complex64"},
		{struct{ U uintptr }{}, "field U: DynamoDB has no type for uintptr"},
		{struct{ L []map[string]*chan int }{}, "field L: DynamoDB has no type for chan"},
		{struct{ In struct{ C chan int } }{}, "field In.C: DynamoDB has no type for chan"},
		{struct{ Big *big.Int }{}, "field Big: type big.Int has no exported fields"},
		{struct{ Mu sync.Mutex }{}, "field Mu: type sync.Mutex has no exported fields"},
		{struct{ time.Time }{}, "field Time: an embedded time has no fields and would be lost"},
		{struct{ attributevalue.UnixTime }{}, "field UnixTime: an embedded time has no fields and would be lost"},
		{struct{ *hiddenStruct }{}, "field hiddenStruct: an embedded unexported type"},
		{struct{ hiddenInt }{}, "field hiddenInt: an embedded unexported type"},
		{struct {
			hiddenStruct `dynamodbav:"h"`
		}{}, "field hiddenStruct: an embedded unexported type"},
		{struct {
			A int `dynamodbav:"x"`
			B int `dynamodbav:"x"`
		}{}, `field B: attribute "x" is already field A`},
		{struct {
			A int `dynamodbav:"B"`
			B int
		}{}, `field B: attribute "B" is already field A`},
		{struct {
			A int `dynamodbav:"a,omitemtpy"`
		}{}, `field A: unknown dynamodbav option "omitemtpy"`},
		{struct {
			A int `dynamodbav:",omitempty,nullempty"`
		}{}, "field A: omitempty and nullempty exclude each other"},
		{struct {
			A []int `dynamodbav:",omitemptyelem,nullemptyelem"`
		}{}, "field A: omitemptyelem and nullemptyelem exclude each other"},
		{struct {
			A []any `dynamodbav:",stringset,numberset"`
		}{}, "field A: one attribute is one kind of set"},
		{struct {
			A map[string]struct{} `dynamodbav:",stringset"`
		}{}, "field A: a set is made of a slice or an array, not of map[string]struct {}"},
		{struct {
			A []byte `dynamodbav:",numberset"`
		}{}, "field A: a set is made of a slice or an array, not of []uint8"},
		{struct {
			A []int `dynamodbav:",stringset"`
		}{}, "field A: a string set cannot have elements of int"},
		{struct {
			A *[]*string `dynamodbav:",numberset"`
		}{}, "field A: a number set cannot have elements of string"},
		{struct {
			A []string `dynamodbav:",binaryset"`
		}{}, "field A: a binary set cannot have elements of string"},
		{struct {
			A []time.Time `dynamodbav:",unixtime"`
		}{}, "field A: unixtime has no effect on []time.Time"},
		{struct {
			A string `dynamodbav:",unixtime"`
		}{}, "field A: unixtime has no effect on string"},
		{struct {
			A *time.Time `dynamodbav:",string"`
		}{}, "field A: option string makes a time that cannot be read back"},
		{struct{ A map[struct{ X int }]int }{}, "field A: a map's key is"},
		{struct{ A map[any]int }{}, "field A: a map's key is"},
		{struct{ A map[writeKey]int }{}, "field A: a map's key is"},
		{struct{ A **pointerToItself }{}, "a pointer to itself has no value"},
		{struct {
			A int `monotable:"unknwon"`
		}{}, `field A: tag monotable has the values "unknown" and "omitzero"`},
		{struct {
			A map[string]string `monotable:"unknown"`
		}{}, "field A: the place for unknown attributes is"},
		{struct {
			a item `monotable:"unknown"`
		}{}, "field a: a field tagged monotable must be exported"},
		{struct {
			A item `monotable:"unknown" dynamodbav:"a"`
		}{}, "field A: a field tagged monotable:\"unknown\" is no attribute itself"},
		{struct {
			A item `monotable:"unknown"`
			B item `monotable:"unknown"`
		}{}, "field B: a struct has one place for unknown attributes, and A is it"},
		{struct {
			A item `monotable:"unknown"`
			Rest
		}{}, "field Rest.Rest: a struct has one place for unknown attributes, and A is it"},
		{time.Time{}, "an item is made of a struct"},
		{attributevalue.UnixTime{}, "an item is made of a struct"},
		{map[string]any{}, "an item is made of a struct"},
		{&codectest.Person{}, "an item is made of a struct"},
	} {
		typ := reflect.TypeOf(c.v)
		for range 2 { // an error is not cached as a plan
			_, err := codec.Of(typ)
			require.Error(t, err, "%v", typ)
			assert.Contains(t, err.Error(), c.want, "%v", typ)
			wrong := new(codec.TypeError)
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, typ, wrong.Type)
		}
	}
}

type pointerToItself *pointerToItself

type writeKey struct{ A int }

func (writeKey) MarshalText() ([]byte, error) { return []byte("k"), nil }

type Rest struct {
	Rest item `monotable:"unknown"`
}

func TestTypesAccepted(t *testing.T) {
	for _, v := range []any{
		struct{ A struct{} }{},
		struct {
			A sync.Mutex `dynamodbav:"-"`
			B chan int   `dynamodbav:"-,"`
		}{},
		struct{ sync.Mutex }{},
		struct{ A *codectest.Money }{},
		struct {
			A int64 `dynamodbav:",unixtime,"`
		}{},
		struct{ item }{item: nil}.item["x"],
	} {
		if v == nil {
			continue
		}
		_, err := codec.Of(reflect.TypeOf(v))
		assert.NoError(t, err, "%T", v)
	}
}
