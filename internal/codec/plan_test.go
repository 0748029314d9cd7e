package codec_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/monotable/monotable/internal/codec"
)

type address struct {
	Street string `dynamodbav:"street"`
	City   string `dynamodbav:"city"`
}

type person struct {
	ID      int            `dynamodbav:"id"`
	Name    string         `dynamodbav:"name"`
	Address *address       `dynamodbav:"address,omitempty"`
	Tags    []string       `dynamodbav:"tags,stringset"`
	Seen    time.Time      `dynamodbav:"seen,unixtime"`
	Scores  map[string]int `dynamodbav:"scores"`
}

func TestEncodeAsAttributevalue(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[person]())
	require.NoError(t, err)
	v := person{ID: 1, Name: "Mike", Address: &address{City: "Rome"}, Tags: []string{"a", "b"}, Seen: time.Unix(5, 0), Scores: map[string]int{"x": 1}}
	item, err := p.Encode(reflect.ValueOf(v))
	require.NoError(t, err)
	want, err := attributevalue.MarshalMap(v)
	require.NoError(t, err)
	require.Equal(t, want, item)
	var back person
	require.NoError(t, p.Decode(item, reflect.ValueOf(&back).Elem()))
	require.Equal(t, v, back)
}
