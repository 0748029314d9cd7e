package codec_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

// What attributevalue makes of a field's value on its own is conformed to what it makes of it with the field's tags.
func TestConformLikeTheTaggedField(t *testing.T) {
	type inner struct {
		At   time.Time `dynamodbav:"at,unixtime"`
		Code int       `dynamodbav:"code,string"`
		Tags []string  `dynamodbav:"tags,stringset"`
	}
	type tagged struct {
		At      time.Time                 `dynamodbav:"at,unixtime"`
		Pointer *time.Time                `dynamodbav:"pointer,unixtime"`
		Code    int                       `dynamodbav:"code,string"`
		Names   []string                  `dynamodbav:"names,stringset"`
		Sizes   []float64                 `dynamodbav:"sizes,numberset"`
		Blobs   [][]byte                  `dynamodbav:"blobs"`
		Times   []attributevalue.UnixTime `dynamodbav:"times"`
		Inner   inner                     `dynamodbav:"inner"`
		Many    map[string][]inner        `dynamodbav:"many"`
	}
	// The same fields, and none of their tags but names.
	type innerPlain struct {
		At   time.Time `dynamodbav:"at"`
		Code int       `dynamodbav:"code"`
		Tags []string  `dynamodbav:"tags"`
	}
	type plain struct {
		At      time.Time               `dynamodbav:"at"`
		Pointer *time.Time              `dynamodbav:"pointer"`
		Code    int                     `dynamodbav:"code"`
		Names   []string                `dynamodbav:"names"`
		Sizes   []float64               `dynamodbav:"sizes"`
		Blobs   [][]byte                `dynamodbav:"blobs"`
		Times   []time.Time             `dynamodbav:"times"`
		Inner   innerPlain              `dynamodbav:"inner"`
		Many    map[string][]innerPlain `dynamodbav:"many"`
	}
	p, err := codec.Of(reflect.TypeFor[tagged]())
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		var x plain
		codectest.DrawValue(t, reflect.ValueOf(&x).Elem())
		x.Blobs = slices.DeleteFunc(x.Blobs, func(b []byte) bool { return b == nil }) // attributevalue refuses both
		delete(x.Many, "")
		y := tagged{At: x.At, Pointer: x.Pointer, Code: x.Code, Names: x.Names, Sizes: x.Sizes, Blobs: x.Blobs,
			Inner: inner(x.Inner)}
		for _, at := range x.Times {
			y.Times = append(y.Times, attributevalue.UnixTime(at))
		}
		if x.Times != nil && y.Times == nil {
			y.Times = []attributevalue.UnixTime{}
		}
		for name, all := range x.Many {
			if y.Many == nil {
				y.Many = map[string][]inner{}
			}
			y.Many[name] = nil
			if all != nil {
				y.Many[name] = []inner{}
			}
			for _, in := range all {
				y.Many[name] = append(y.Many[name], inner(in))
			}
		}
		if x.Many != nil && y.Many == nil {
			y.Many = map[string][]inner{}
		}
		untagged, err := attributevalue.MarshalMap(x)
		require.NoError(t, err)
		want, err := attributevalue.MarshalMap(y)
		require.NoError(t, err)
		for _, field := range p.Fields() {
			before := attr.Clone(untagged[field.Name])
			got := field.Conform(untagged[field.Name])
			require.True(t, attr.Equal(want[field.Name], got), "%s of %+v: %#v", field.Name, x, got)
			require.True(t, attr.Equal(before, untagged[field.Name]), "what is given does not change")
			require.True(t, attr.Equal(want[field.Name], field.Conform(want[field.Name])), "nor what is right")
		}
	})
}

func TestConformLeavesWhatDoesNotFit(t *testing.T) {
	type x struct {
		Names []string  `dynamodbav:"names,stringset"`
		At    time.Time `dynamodbav:"at,unixtime"`
		Text  string    `dynamodbav:"text"`
	}
	p, err := codec.Of(reflect.TypeFor[x]())
	require.NoError(t, err)
	for _, c := range []struct {
		field string
		av    types.AttributeValue
	}{
		{"names", codectest.List(codectest.Number("1"))},
		{"names", codectest.List(codectest.String("a"), nil)},
		{"names", codectest.String("a")},
		{"at", codectest.String("tomorrow")},
		{"text", codectest.List(codectest.String("a"))},
		{"text", codectest.Number("1")},
		{"text", nil},
	} {
		f, _ := p.Field(c.field)
		assert.Equal(t, c.av, f.Conform(c.av), "%s", c.field)
	}
}

func TestPlanHas(t *testing.T) {
	type in struct {
		A string `dynamodbav:"a"`
	}
	type x struct {
		In     in              `dynamodbav:"in"`
		Many   []in            `dynamodbav:"many"`
		ByName map[string]*in  `dynamodbav:"by_name"`
		Any    any             `dynamodbav:"any"`
		Money  codectest.Money `dynamodbav:"money"`
		Set    []string        `dynamodbav:"set,stringset"`
	}
	p, err := codec.Of(reflect.TypeFor[x]())
	require.NoError(t, err)
	for _, path := range [][]string{{"in"}, {"in", "a"}, {"many", "[3]", "a"}, {"by_name", "k", "a"}, {"any", "x", "[1]"},
		{"money", "x"}} {
		assert.True(t, p.Has(path...), "%v", path)
	}
	for _, path := range [][]string{{"none"}, {"in", "b"}, {"in", "a", "b"}, {"many", "a"}, {"many", "[x]"},
		{"by_name", "[0]"}, {"by_name", "k", "b"}, {"set", "[0]"}} {
		assert.False(t, p.Has(path...), "%v", path)
	}
}
