package expr

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An expression has at most 1 MB together with what it uses, each name and value as often as it is used.
func TestExpressionsAreMeasuredWithWhatTheyUse(t *testing.T) {
	for text, spare := range map[string]int{
		"a = :v":                            0,
		"#a = :v":                           len("attribute"),
		"a = :v AND b = :n":                 2,
		"size(:v) > a":                      0,
		"contains(#a, :v)":                  len("attribute"),
		"attribute_type(#a, :t) AND b = :v": len("attribute") + 1,
	} {
		fill := func(bytes int) *Scope {
			values := map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{Value: strings.Repeat("v",
				bytes)},
				":n": &types.AttributeValueMemberN{Value: "1"}, ":t": &types.AttributeValueMemberS{Value: "S"}}
			s, err := NewScope(map[string]string{"#a": "attribute"}, values)
			require.NoError(t, err)
			return s
		}
		most := 1<<20 - len(text) - spare
		s := fill(most)
		_, err := s.Condition(ConditionKind, text)
		require.NoError(t, err, text)
		assert.Equal(t, 1<<20, s.Size(), text)
		_, err = fill(most+1).Condition(ConditionKind, text)
		assert.EqualError(t, err, "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size;",
			text)
	}
	long := &types.AttributeValueMemberS{Value: strings.Repeat("v", 400000)}
	s, err := NewScope(nil, map[string]types.AttributeValue{":v": long})
	require.NoError(t, err)
	_, err = s.Update("SET a = :v, b = :v")
	require.NoError(t, err)
	_, err = s.Condition(ConditionKind, "a = :v OR b = :v")
	require.NoError(t, err, "each expression has room of its own")
	_, err = s.Update("SET a = :v, b = :v, c = :v")
	assert.EqualError(t, err, "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;")
}
