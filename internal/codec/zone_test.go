package codec

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A time is stored as the instant that it is, also where its zone's offset has seconds, or is more than RFC 3339 can
// write.
func TestTimesStayTheSameInstant(t *testing.T) {
	type event struct {
		At time.Time `dynamodbav:"at"`
	}
	p, err := Of(reflect.TypeFor[event]())
	require.NoError(t, err)
	for _, offset := range []int{0, 60, -3600, 19*60 + 32, 24 * 3600, -30 * 3600, 86399, 23*3600 + 59*60} {
		at := time.Date(1920, 5, 1, 12, 0, 0, 5, time.FixedZone("zone", offset))
		item, err := p.Encode(reflect.ValueOf(event{at}))
		require.NoError(t, err, "%d", offset)
		var back event
		require.NoError(t, p.Decode(item, reflect.ValueOf(&back).Elem()), "%d", offset)
		assert.True(t, at.Equal(back.At), "%d: %v", offset, back.At)
		scale, ok := p.Scale()
		require.True(t, ok)
		sizes := make([]int, 1)
		require.NoError(t, scale.Weigh(reflect.ValueOf(&event{at}).Elem(), sizes))
		assert.Equal(t, len("at")+len(item["at"].(*types.AttributeValueMemberS).Value), sizes[0], "%d", offset)
	}
}
