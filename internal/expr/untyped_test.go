package expr_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/expr"
)

// What ADD and DELETE cannot take is refused, unless others are to be put in its place.
func TestUntypedOperands(t *testing.T) {
	list := &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "a"}}}
	set := &types.AttributeValueMemberSS{Value: []string{"a"}}
	for _, verb := range []string{"ADD", "DELETE"} {
		for _, value := range []types.AttributeValue{list, set} {
			values := map[string]types.AttributeValue{":v": value}
			scope, err := expr.NewScope(nil, values)
			require.NoError(t, err)
			_, err = scope.Update(verb + " a :v")
			assert.Equal(t, value == types.AttributeValue(list), err != nil)
			scope, err = expr.NewScope(nil, values)
			require.NoError(t, err)
			scope.Untyped()
			u, err := scope.Update(verb + " a :v")
			require.NoError(t, err)
			assert.Equal(t, value == types.AttributeValue(list), scope.Mistyped())
			assert.Len(t, u.Uses(), 1)
		}
	}
}
