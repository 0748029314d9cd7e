package expr

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func nested(levels int, leaf types.AttributeValue) types.AttributeValue {
	for range levels {
		leaf = list(leaf)
	}
	return leaf
}

// scopes are names and values with what NewScope says of them.
var scopes = []struct {
	about  string
	names  map[string]string
	values m
	want   string // "" if nothing is wrong
}{
	{about: "none"},
	{"fine", map[string]string{"#a": "a", "#_1": "é"}, m{":v": num("1"), ":_9": str("")}, ""},
	{"no names", map[string]string{}, nil, "ExpressionAttributeNames must not be empty"},
	{"no values", nil, m{}, "ExpressionAttributeValues must not be empty"},
	{"name without sign", map[string]string{"a": "x"}, nil,
		`ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`},
	{"name that is a value", map[string]string{":a": "x"}, nil,
		`ExpressionAttributeNames contains invalid key: Syntax error; key: ":a"`},
	{"empty name key", map[string]string{"": "x"}, nil,
		"ExpressionAttributeNames contains invalid key: The expression attribute map contains an empty key;"},
	{"sign alone", map[string]string{"#": "x"}, nil,
		`ExpressionAttributeNames contains invalid key: Syntax error; key: "#"`},
	{"space within", map[string]string{"#a b": "x"}, nil,
		`ExpressionAttributeNames contains invalid key: Syntax error; key: "#a b"`},
	{"space around", map[string]string{" #a\n": "x"}, nil, ""},
	{"white space", map[string]string{" ": "x"}, nil,
		`ExpressionAttributeNames contains invalid key: Syntax error; key: " "`},
	{"letter beyond ASCII", map[string]string{"#é": "x"}, nil,
		`ExpressionAttributeNames contains invalid key: Syntax error; key: "#é"`},
	{"longest key", map[string]string{"#" + strings.Repeat("a", 254): "x"}, nil, ""},
	{"long name key", map[string]string{"#" + strings.Repeat("a", 255): "x"}, nil,
		"ExpressionAttributeNames contains invalid key: The expression attribute map contains a key that is too " +
			"long; size of key: 256"},
	{"long value key", nil, m{":" + strings.Repeat("a", 255): num("1")},
		"ExpressionAttributeValues contains invalid key: The expression attribute map contains a key that is too long;"},
	{"empty name", map[string]string{"#a": ""}, nil,
		"ExpressionAttributeNames contains invalid value: Empty attribute name for key #a"},
	{"longest name", map[string]string{"#a": strings.Repeat("b", 65535)}, nil, ""},
	{"long name", map[string]string{"#a": strings.Repeat("b", 65536)}, nil,
		"ExpressionAttributeNames contains invalid value: Attribute name is too large, must be less than 65536 bytes " +
			"for key #a"},
	{"value without sign", nil, m{"v": num("1")},
		`ExpressionAttributeValues contains invalid key: Syntax error; key: "v"`},
	{"empty value key", nil, m{"": num("1")},
		"ExpressionAttributeValues contains invalid key: The expression attribute map contains an empty key;"},
	{"keys before values", map[string]string{"#a": ""}, m{"v": num("x")},
		`ExpressionAttributeValues contains invalid key: Syntax error; key: "v"`},
	{"values before names", map[string]string{"#a": ""}, m{":v": ns("1", "1")},
		"ExpressionAttributeValues contains invalid value: Input collection contains duplicates for key :v"},
	{"nothing", nil, m{":v": nil},
		"ExpressionAttributeValues contains invalid value: The supplied Item contains a null AttributeValue for key :v"},
	{"nothing within", nil, m{":v": list(nil)},
		"ExpressionAttributeValues contains invalid value: The supplied Item contains a null AttributeValue for key :v"},
	{"bad number", nil, m{":v": num("x")},
		"ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x " +
			"for key :v"},
	{"no number", nil, m{":v": num("")},
		"ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value for " +
			"key :v"},
	{"large number", nil, m{":v": num("1e126")},
		"ExpressionAttributeValues contains invalid value: Number overflow. Attempting to store a number with " +
			"magnitude larger than supported range for key :v"},
	{"small number", nil, m{":v": num("1e-131")},
		"ExpressionAttributeValues contains invalid value: Number underflow. Attempting to store a number with " +
			"magnitude smaller than supported range for key :v"},
	{"long number", nil, m{":v": num(strings.Repeat("1", 39))},
		"ExpressionAttributeValues contains invalid value: Attempting to store more than 38 significant digits in a " +
			"Number for key :v"},
	{"bad number within", nil, m{":v": doc(m{"a": ns("1", "x")})},
		"ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x " +
			"for key :v"},
	{"false null", nil, m{":v": &types.AttributeValueMemberNULL{}},
		"ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: Null attribute " +
			"value types must have the value of true for key :v"},
	{"empty strings", nil, m{":v": ss()},
		"ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An string set  " +
			"may not be empty for key :v"},
	{"empty numbers", nil, m{":v": ns()},
		"ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An number set  " +
			"may not be empty for key :v"},
	{"empty binaries", nil, m{":v": bs()},
		"ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: Binary sets " +
			"should not be empty for key :v"},
	{"empty member", nil, m{":v": ss("")}, ""},
	{"same strings", nil, m{":v": ss("a", "b", "a")},
		"ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: Input " +
			"collection [a, b, a] contains duplicates. for key :v"},
	{"same numbers", nil, m{":v": ns("1", "1.0")},
		"ExpressionAttributeValues contains invalid value: Input collection contains duplicates for key :v"},
	{"same binaries", nil, m{":v": bs("a", "a")},
		"ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: Input " +
			"collection of type BS contains duplicates. for key :v"},
	{"nameless entry", nil, m{":v": doc(m{"": num("1")})},
		"ExpressionAttributeValues contains invalid value: Empty attribute name for key :v"},
	{"deepest", nil, m{":v": nested(32, num("1"))}, ""},
	{"too deep", nil, m{":v": nested(33, num("1"))},
		"ExpressionAttributeValues contains invalid value: Nesting Levels have exceeded supported limits: Attributes " +
			"in the item have nested levels beyond supported limit for key :v"},
	{"deepest list", nil, m{":v": nested(31, list())}, ""},
	{"list too deep", nil, m{":v": nested(32, list())},
		"ExpressionAttributeValues contains invalid value: Nesting Levels have exceeded supported limits: Attributes " +
			"in the item have nested levels beyond supported limit for key :v"},
	{"large value", nil, m{":v": str(strings.Repeat("a", 2<<20))}, "ExpressionAttributeValues exceeds max size"},
	{"large names", manyNames(33), nil, "ExpressionAttributeNames exceeds max size"},
	{"large together", manyNames(17), m{":v": str(strings.Repeat("a", 1<<20))},
		"Combined size of ExpressionAttributeNames and ExpressionAttributeValues exceeds max size"},
}

func manyNames(n int) map[string]string {
	names := map[string]string{}
	for i := range n {
		names["#a"+strings.Repeat("b", i)] = strings.Repeat("n", 65000)
	}
	return names
}

func TestNewScope(t *testing.T) {
	for _, c := range scopes {
		scope, err := NewScope(c.names, c.values)
		if c.want == "" {
			require.NoError(t, err, c.about)
			require.NotNil(t, scope)
			continue
		}
		var refusal *Error
		require.ErrorAs(t, err, &refusal, c.about)
		assert.Equal(t, c.want, refusal.Message, c.about)
		assert.Nil(t, scope)
	}
}

func TestCheckUnusedSumsUpAllExpressions(t *testing.T) {
	scope, err := NewScope(map[string]string{"#a": "a", "#b": "b", "#c": "c"},
		m{":p": str("k"), ":x": num("1"), ":y": num("1"), ":z": num("1")})
	require.NoError(t, err)
	_, err = scope.KeyCondition("p = :p")
	require.NoError(t, err)
	assert.EqualError(t, scope.CheckUnused(),
		"Value provided in ExpressionAttributeNames unused in expressions: keys: {#c, #a, #b}")
	_, err = scope.Projection("#a, #b, #c.d")
	require.NoError(t, err)
	assert.EqualError(t, scope.CheckUnused(),
		"Value provided in ExpressionAttributeValues unused in expressions: keys: {:z, :x, :y}")
	_, err = scope.Condition(FilterKind, "d IN (:z, :y, :x)")
	require.NoError(t, err)
	assert.NoError(t, scope.CheckUnused())
}

func TestUnusedKeysAreInTheOrderOfAHashSet(t *testing.T) {
	for _, want := range []string{
		":v0 :v1 :v2 :v3 :v4",
		":v10 :v0 :v1 :v2 :v3 :v4 :v5 :v6 :v7 :v8 :v9",
		":v11 :v12 :v13 :v10 :v0 :v1 :v2 :v3 :v4 :v5 :v6 :v7 :v8 :v9",
		":def :abc :longer_name :zzz :x",
		":z :x :y",
	} {
		keys := m{":used": null()}
		for key := range strings.FieldsSeq(want) {
			keys[key] = null()
		}
		scope, err := NewScope(nil, keys)
		require.NoError(t, err)
		_, err = scope.Condition(FilterKind, "a = :used")
		require.NoError(t, err)
		assert.EqualError(t, scope.CheckUnused(),
			"Value provided in ExpressionAttributeValues unused in expressions: keys: {"+strings.ReplaceAll(want, " ",
				", ")+"}")
	}
}

func TestScopeLeavesItsMapsAlone(t *testing.T) {
	names, values := maps.Clone(sampleNames), maps.Clone(sampleValues)
	scope, err := NewScope(names, values)
	require.NoError(t, err)
	u, err := scope.Update("SET #a = :l ADD #nosuch :n DELETE ss :ss")
	require.NoError(t, err)
	now, err := u.Apply(sample())
	require.NoError(t, err)
	now["a"].(*types.AttributeValueMemberL).Value[0] = str("changed")
	assert.Equal(t, sampleNames, names)
	assert.Equal(t, "[N1 N2]", show(values[":l"]))
}

func TestReservedWords(t *testing.T) {
	words := strings.Fields(reservedWords)
	require.Len(t, words, 573)
	require.Len(t, reserved, 573)
	scope, err := NewScope(nil, m{":v": num("1")})
	require.NoError(t, err)
	for _, word := range words {
		if token := lex(word)[0]; token.kind == tokenWord {
			continue // of the grammar: no name at all
		}
		lower := strings.ToLower(word)
		_, err := scope.Condition(ConditionKind, "a.b = "+lower)
		assert.EqualError(t, err,
			"Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: "+lower)
		_, err = scope.KeyCondition(word + " = :v")
		assert.EqualError(t, err,
			"Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: "+word)
		_, err = scope.Update("REMOVE a[0]." + word)
		assert.EqualError(t, err,
			"Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: "+word)
		_, err = scope.Projection("a, " + word)
		assert.EqualError(t, err,
			"Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: "+word)
		_, err = scope.Projection("a, " + word + "_1")
		assert.NoError(t, err)
	}
}
