package codec_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

// Every container of an element that has an Unmarshaler, decoded from every kind of attribute, is as attributevalue
// decodes it: into new values, and onto values that are there.
func TestUnmarshalersInEveryContainer(t *testing.T) {
	count := 0
	codectest.EachContainer(func(row reflect.Type, values []types.AttributeValue) {
		if _, err := codec.Of(row); err != nil {
			return
		}
		count++
		for _, av := range values {
			in := item{"F": av}
			checkDecode(t, row, in, func() reflect.Value { return reflect.New(row).Elem() })
			if !hasEmptyList(in) { // a difference that is wanted
				checkDecode(t, row, in, func() reflect.Value {
					v := reflect.New(row).Elem()
					codectest.Fill(v)
					return v
				})
			}
		}
	})
	require.Greater(t, count, 1000)
}
