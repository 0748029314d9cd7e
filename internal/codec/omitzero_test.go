package codec_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/size"
)

type pair struct{ A, B int }

// never is zero only by its own word.
type never struct{ N int }

func (n never) IsZero() bool { return n.N == 7 }

// kept has each kind of field, and sparse the same ones tagged omitzero.
type kept struct {
	S    string         `dynamodbav:"s"`
	I    int64          `dynamodbav:"i"`
	U    uint8          `dynamodbav:"u"`
	F    float64        `dynamodbav:"f"`
	B    bool           `dynamodbav:"b"`
	At   time.Time      `dynamodbav:"at"`
	Unix time.Time      `dynamodbav:"unix,unixtime"`
	In   pair           `dynamodbav:"in"`
	Arr  [2]int         `dynamodbav:"arr"`
	L    []string       `dynamodbav:"l"`
	M    map[string]int `dynamodbav:"m"`
	Own  never          `dynamodbav:"own"`
	Str  int            `dynamodbav:"str,string"`
}

type sparse struct {
	S    string         `dynamodbav:"s" monotable:"omitzero"`
	I    int64          `dynamodbav:"i" monotable:"omitzero"`
	U    uint8          `dynamodbav:"u" monotable:"omitzero"`
	F    float64        `dynamodbav:"f" monotable:"omitzero"`
	B    bool           `dynamodbav:"b" monotable:"omitzero"`
	At   time.Time      `dynamodbav:"at" monotable:"omitzero"`
	Unix time.Time      `dynamodbav:"unix,unixtime" monotable:"omitzero"`
	In   pair           `dynamodbav:"in" monotable:"omitzero"`
	Arr  [2]int         `dynamodbav:"arr" monotable:"omitzero"`
	L    []string       `dynamodbav:"l" monotable:"omitzero"`
	M    map[string]int `dynamodbav:"m" monotable:"omitzero"`
	Own  never          `dynamodbav:"own" monotable:"omitzero"`
	Str  int            `dynamodbav:"str,string" monotable:"omitzero"`
}

// What is tagged omitzero is stored as attributevalue stores it without the tag, or not at all where it is zero.
func TestOmitZero(t *testing.T) {
	whole, err := codec.Of(reflect.TypeFor[sparse]())
	require.NoError(t, err)
	scale, ok := whole.Scale()
	require.True(t, ok)
	rapid.Check(t, func(t *rapid.T) {
		some := func(field string) bool { return rapid.Bool().Draw(t, field) }
		var v kept
		if some("s") {
			v.S = "x"
		}
		if some("numbers") {
			v.I, v.U, v.F, v.Str = 3, 4, 1.5, 9
		}
		v.B = some("b")
		if some("at") {
			v.At = time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "seconds"), 0).UTC()
		}
		if some("unix") {
			v.Unix = time.Unix(0, 0).UTC() // the epoch is no zero time
		}
		v.In.B, v.Arr[1], v.Own.N = rapid.IntRange(0, 1).Draw(t, "in"), rapid.IntRange(0, 1).Draw(t, "arr"),
			rapid.IntRange(6, 8).Draw(t, "own")
		if some("l") {
			v.L, v.M = []string{}, map[string]int{}
		}
		want, err := attributevalue.MarshalMap(v)
		require.NoError(t, err)
		of := reflect.ValueOf(v)
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("dynamodbav"), ",")
			zero := of.Field(i).IsZero()
			if own, ok := of.Field(i).Interface().(interface{ IsZero() bool }); ok {
				zero = own.IsZero()
			}
			if zero {
				delete(want, name)
			}
		}
		x := sparse(v)
		for _, at := range []reflect.Value{reflect.ValueOf(x), reflect.ValueOf(&x).Elem()} {
			got, err := whole.Encode(at)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
		into := make([]int, len(whole.Fields()))
		require.NoError(t, scale.Weigh(reflect.ValueOf(&x).Elem(), into))
		total := 0
		for _, bytes := range into {
			total += bytes
		}
		assert.Equal(t, size.Item(want), total)
		var back sparse
		require.NoError(t, whole.Decode(want, reflect.ValueOf(&back).Elem()))
		again, err := whole.Encode(reflect.ValueOf(&back).Elem())
		require.NoError(t, err)
		delete(want, "own") // 7 is not read back as what it was
		delete(again, "own")
		assert.Equal(t, map[string]types.AttributeValue(want), again)
	})
}

func TestOmitZeroWhereItDoesNotFit(t *testing.T) {
	for _, of := range []any{
		struct {
			P *int `monotable:"omitzero"`
		}{}, struct {
			A any `monotable:"omitzero"`
		}{}, struct {
			N int `dynamodbav:",nullempty" monotable:"omitzero"`
		}{}, struct {
			pair `monotable:"omitzero"`
		}{}, struct {
			N int `monotable:"omitall"`
		}{},
	} {
		_, err := codec.Of(reflect.TypeOf(of))
		assert.Error(t, err, "%T", of)
	}
}
