package expr

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parsedCondition(t testing.TB, text string) *Condition {
	scope, err := NewScope(used(text))
	require.NoError(t, err)
	c, err := scope.Condition(ConditionKind, text)
	require.NoError(t, err, text)
	return c
}

// showUses writes uses in one line.
func showUses(uses []Use) string {
	var all []string
	for _, use := range uses {
		all = append(all, use.Path.String()+" "+use.Placeholder+" "+string(use.Role))
	}
	return strings.Join(all, "; ")
}

func showPaths(paths []Path) string { return strings.Join(each(paths, Path.String), " ") }

func TestConditionUses(t *testing.T) {
	for _, c := range []struct{ text, uses, paths string }{
		{"#a = :n", "[a] :n compare", "[a]"},
		{":n <> m.x[2]", "[m, x, [2]] :n compare", "[m, x, [2]]"},
		{"a BETWEEN :n AND :n2", "[a] :n compare; [a] :n2 compare", "[a]"},
		{":n BETWEEN a AND q", "[a] :n compare; [q] :n compare", "[a] [q]"},
		{"a IN (:n, q, :s)", "[a] :n compare; [a] :s compare", "[a] [q]"},
		{"size(l) > :n", "[l] :n size", "[l]"},
		{"size(:s) > a AND :n < size(t)", "[t] :n size", "[a] [t]"},
		{"begins_with(t, :s)", "[t] :s prefix", "[t]"},
		{"begins_with(:s, t)", "[t] :s container", "[t]"},
		{"contains(ss, :s)", "[ss] :s contains", "[ss]"},
		{"contains(:ss, t)", "[t] :ss container", "[t]"},
		{"contains(l, size(t))", "", "[l] [t]"},
		{"attribute_type(a, :ty)", "[a] :ty type", "[a]"},
		{"attribute_exists(a) AND NOT (attribute_not_exists(m.x) OR :n = :n2)", "", "[a] [m, x]"},
	} {
		parsed := parsedCondition(t, c.text)
		assert.Equal(t, c.uses, showUses(parsed.Uses()), c.text)
		assert.Equal(t, c.paths, showPaths(parsed.Paths()), c.text)
		for _, use := range parsed.Uses() {
			assert.Equal(t, sampleValues[use.Placeholder], use.Value, c.text)
		}
	}
}

func TestConditionOnAnAbsentItem(t *testing.T) {
	for text, want := range map[string]bool{
		"attribute_not_exists(a)": true, "attribute_exists(a)": false, "a = :n": false, "a <> :n": true,
		"NOT a = :n": true,
		"a < :n":     false, "size(a) = :n": false, "size(a) <> :n": true, "contains(a, :n)": false, "a IN (:n)": false,
		":n = :n": true,
	} {
		got, err := parsedCondition(t, text).Eval(MapItem(nil))
		require.NoError(t, err)
		assert.Equal(t, want, got, text)
	}
}

func TestPrecedence(t *testing.T) {
	for text, want := range map[string]bool{
		":n = :n OR :n = :n AND :n = :s":        true,
		"(:n = :n OR :n = :n) AND :n = :s":      false,
		"NOT :n = :s AND :n = :s":               false,
		"NOT (:n = :s AND :n = :s)":             true,
		"NOT :n = :n OR :n = :n":                true,
		"NOT (:n = :n OR :n = :n)":              false,
		":n BETWEEN :n AND :n AND :n = :s":      false,
		":n = :s OR :n BETWEEN :n AND :n":       true,
		"NOT NOT :n = :n":                       true,
		":n = :n AND :n = :n OR NOT :n = :n":    true,
		":n = :s AND (:n = :n OR :n = :n)":      false,
		"NOT :n IN (:s) and not :n in (:n, :s)": false,
	} {
		got, err := parsedCondition(t, text).Eval(MapItem(nil))
		require.NoError(t, err)
		assert.Equal(t, want, got, text)
	}
}

func TestLimitsOfConditions(t *testing.T) {
	repeated := func(n int, part, between string) string {
		return strings.TrimSuffix(strings.Repeat(part+between, n), between)
	}
	const tooMany = "Invalid FilterExpression: The expression contains too many operators; operator count: 301"
	for _, c := range []struct{ about, text, want string }{
		{"longest", "a = :n" + strings.Repeat(" ", 4090), ""},
		{"too long", "a = :n" + strings.Repeat(" ", 4091),
			"Invalid FilterExpression: Expression size has exceeded the maximum allowed size; expression size: 4097"},
		{"too long and wrong", "a = " + strings.Repeat("&", 4100),
			"Invalid FilterExpression: Expression size has exceeded the maximum allowed size; expression size: 4104"},
		{"299 operators", repeated(150, "a = b", " AND "), ""},
		{"301 operators", repeated(151, "a = b", " AND "), tooMany},
		{"300 negations", strings.Repeat("NOT ", 299) + "a = b", ""},
		{"301 negations", strings.Repeat("NOT ", 300) + "a = b", tooMany},
		{"calls count", "contains(a, size(b)) AND " + repeated(149, "a = b", " AND "), ""},
		{"calls count too", "NOT contains(a, size(b)) AND " + repeated(149, "a = b", " AND "), tooMany},
		{"nested", repeated(149, "(a = b OR ", "") + "a = b" + strings.Repeat(")", 149), ""},
		{"100 choices", "a IN (" + repeated(100, ":n", ",") + ")", ""},
		{"101 choices", "a IN (" + repeated(101, ":n", ",") + ")",
			"Invalid FilterExpression: The IN operator is provided with too many operands; number of operands: 101"},
		{"32 names", repeated(32, "a", ".") + " = :n", ""},
		{"33 names", repeated(33, "a", ".") + " = :n",
			"Invalid FilterExpression: The document path has too many nesting levels; nesting levels: 33"},
		{"31 indexes", "a" + repeated(31, "[0]", "") + " = :n", ""},
		{"32 indexes", "a" + repeated(32, "[0]", "") + " = :n",
			"Invalid FilterExpression: The document path has too many nesting levels; nesting levels: 33"},
		{"largest index", "a[2147483647] = :n", ""},
		{"index too large", "a[2147483648] = :n",
			"Invalid FilterExpression: List index is not within the allowable range; index: [2147483648]"},
		{"only parentheses", strings.Repeat("(", 4096),
			`Invalid FilterExpression: Syntax error; token: "<EOF>", near: "("`},
		{"only negations", repeated(1024, "NOT", " "),
			`Invalid FilterExpression: Syntax error; token: "<EOF>", near: "NOT"`},
	} {
		scope, err := NewScope(used(c.text))
		require.NoError(t, err)
		_, err = scope.Condition(FilterKind, c.text)
		if c.want == "" {
			assert.NoError(t, err, c.about)
		} else {
			require.Error(t, err, c.about)
			assert.Equal(t, c.want, messageOf(err), c.about)
		}
	}
}

func TestKeyConditionTerms(t *testing.T) {
	for text, want := range map[string]string{
		"p = :s":                                       "p = \"h\"",
		"(p = :s) AND :n < s":                          "p = \"h\"; s > N3",
		":n >= s AND p = :s":                           "s <= N3; p = \"h\"",
		"p = :s AND s BETWEEN :n3 AND :n":              "p = \"h\"; s BETWEEN N-10 N3",
		"p = :s AND begins_with(s, :s3)":               "p = \"h\"; s begins_with \"\"",
		"p = :s AND q = :n AND (r = :n2 AND t <= :s2)": "p = \"h\"; q = N3; r = N5; t <= \"hello\"",
	} {
		scope, err := NewScope(used(text))
		require.NoError(t, err)
		k, err := scope.KeyCondition(text)
		require.NoError(t, err)
		require.NoError(t, k.Check())
		var terms []string
		for _, term := range k.Terms {
			terms = append(terms, term.Attribute+" "+string(term.Op)+" "+strings.Join(each(term.Values, show), " "))
		}
		assert.Equal(t, want, strings.Join(terms, "; "), text)
	}
}

func TestKeyConditionThatIsNone(t *testing.T) {
	scope, err := NewScope(used("p = :s AND s = :n"))
	require.NoError(t, err)
	k, err := scope.KeyCondition("p = :s AND s <> :n")
	require.NoError(t, err)
	assert.EqualError(t, k.Check(), "Invalid operator used in KeyConditionExpression: <>")
	assert.Empty(t, k.Terms)
	assert.Equal(t, "[p] [s]", showPaths(k.Paths()))
}

func TestConditionServesManyAtOnce(t *testing.T) {
	c := parsedCondition(t, "a = :n2 AND contains(l, :s) AND ns = :ns AND size(t) BETWEEN :n AND :n4")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				got, err := c.Eval(MapItem(sample()))
				assert.NoError(t, err)
				assert.True(t, got)
			}
		})
	}
	group.Wait()
}
