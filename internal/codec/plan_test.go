package codec_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

func TestEncodeAsAttributevalue(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[codectest.Person]())
	require.NoError(t, err)
	v := codectest.Person{ID: 1, Name: "Mike", Address: &codectest.Address{City: "Rome"}, Tags: []string{"a", "b"},
		Seen: time.Unix(5, 0), Scores: map[string]int{"x": 1}}
	item, err := p.Encode(reflect.ValueOf(v))
	require.NoError(t, err)
	want, err := attributevalue.MarshalMap(v)
	require.NoError(t, err)
	require.Equal(t, want, item)
	var back codectest.Person
	require.NoError(t, p.Decode(item, reflect.ValueOf(&back).Elem()))
	require.Equal(t, v, back)
}
