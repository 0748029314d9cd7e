package expr

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// messageOf is the service's message of a refusal, and the text of another error.
func messageOf(err error) string {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Message
	}
	return err.Error()
}

// refusalOf parses an expression that is to be refused.
func refusalOf(kind Kind, text string, names map[string]string, values map[string]types.AttributeValue) error {
	scope, err := NewScope(names, values)
	if err != nil {
		return err
	}
	switch kind {
	case UpdateKind:
		_, err = scope.Update(text)
	case ProjectionKind:
		_, err = scope.Projection(text)
	default:
		_, err = scope.Condition(kind, text)
	}
	return err
}

// quietCase is a refusal whose message shows a value, and its text as an error.
type quietCase struct {
	err   error
	quiet string
}

// quietCases are the refusals whose messages show values.
func quietCases() map[string]quietCase {
	str := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	value := func(v types.AttributeValue) error {
		return refusalOf(ConditionKind, "a = :v", nil, map[string]types.AttributeValue{":v": v})
	}
	inMap := func(m map[string]types.AttributeValue) error { return value(&types.AttributeValueMemberM{Value: m}) }
	number := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
	bounds := func(low, high types.AttributeValue) error {
		return refusalOf(ConditionKind, "a BETWEEN :l AND :h", nil,
			map[string]types.AttributeValue{":l": low, ":h": high})
	}
	names := map[string]string{"#m": "orders", "#k": "secret-key"}
	return map[string]quietCase{
		"duplicates": {value(&types.AttributeValueMemberSS{Value: []string{"secret-1", "secret-1"}}),
			"ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: " +
				"Input collection […] contains duplicates. for key :v"},
		"number": {value(number("secret-2")),
			"ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: " +
				"… for key :v"},
		"number in a set": {value(&types.AttributeValueMemberNS{Value: []string{"secret-2"}}),
			"ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: " +
				"… for key :v"},
		"null in a map": {inMap(map[string]types.AttributeValue{"secret-3": nil}),
			"ExpressionAttributeValues contains invalid value: The supplied Item contains a null AttributeValue: … " +
				"is null for key :v"},
		"reversed strings": {bounds(str("secret-b"), str("secret-a")),
			"Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to " +
				"lower bound; " +
				"lower bound operand: AttributeValue: …, upper bound operand: AttributeValue: …"},
		"reversed numbers": {bounds(number("74747"), number("-74747")),
			"Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to " +
				"lower bound; " +
				"lower bound operand: AttributeValue: …, upper bound operand: AttributeValue: …"},
		"bounds of two types": {bounds(str("secret-b"), &types.AttributeValueMemberB{Value: []byte("secret")}),
			"Invalid ConditionExpression: The BETWEEN operator requires same data type for lower and upper bounds; " +
				"lower bound operand: AttributeValue: …, upper bound operand: AttributeValue: …"},
		"type": {refusalOf(ConditionKind, "attribute_type(a, :v)", nil,
			map[string]types.AttributeValue{":v": str("secret-4")}),
			"Invalid ConditionExpression: Invalid attribute type name found; type: …, valid types: " +
				"{N,BS,L,B,NULL,M,S,SS,NS,BOOL}"},
		"overlapping targets": {refusalOf(UpdateKind, "REMOVE #m.#k, #m.#k[0]", names, nil),
			"Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of " +
				"these paths; " +
				"path one: [orders, …], path two: [orders, …, [0]]"},
		"conflicting targets": {refusalOf(UpdateKind, "REMOVE #m.#k.b, #m.#k[0]", names, nil),
			"Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of " +
				"these paths; " +
				"path one: [orders, …, …], path two: [orders, …, [0]]"},
		"overlapping projection": {refusalOf(ProjectionKind, "#m.#k, #m.#k", names, nil),
			"Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of " +
				"these paths; " +
				"path one: [orders, …], path two: [orders, …]"},
		"one path twice": {refusalOf(ConditionKind, "#m.#k = #m.#k", names, nil),
			"Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this " +
				"operator or function; " +
				"operator: =, first operand: [orders, …]"},
	}
}

// A refusal's message is the service's, values and all; its text as an error holds none of them.
func TestErrorsHoldNoValues(t *testing.T) {
	t.Parallel()
	for about, c := range quietCases() {
		var refusal *Error
		require.ErrorAs(t, c.err, &refusal, about)
		assert.Equal(t, c.quiet, c.err.Error(), about)
		assert.NotContains(t, c.quiet, "secret")
		shown := strings.Contains(refusal.Message, "secret") || strings.Contains(refusal.Message, "74747") ||
			strings.Contains(refusal.Message, "c2VjcmV0")
		assert.True(t, shown, "%s: the service's message shows the value: %s", about, refusal.Message)
	}
	err := CheckValue(&types.AttributeValueMemberSS{Value: []string{"secret", "secret"}})
	assert.EqualError(t, err, "One or more parameter values were invalid: Input collection […] contains duplicates.")
}
