package expr

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func parsedUpdate(t require.TestingT, text string) *Update {
	scope, err := NewScope(used(text))
	require.NoError(t, err)
	u, err := scope.Update(text)
	require.NoError(t, err, text)
	return u
}

func TestUpdateUses(t *testing.T) {
	for _, c := range []struct{ text, uses, paths string }{
		{"SET #a = :n, m.x = q", "[a] :n assign", "[a] [m, x] [q]"},
		{"SET a = if_not_exists(q, :n)", "[a] :n assign", "[a] [q]"},
		{"SET a = if_not_exists(q, if_not_exists(n, :n))", "[a] :n assign", "[a] [q] [n]"},
		{"SET a = a + :n", "[a] :n number", "[a] [a]"},
		{"SET a = if_not_exists(a, :n) - :n2", "[a] :n number; [a] :n2 number", "[a] [a]"},
		{"SET l = list_append(if_not_exists(l, :el), :l)", "[l] :el append; [l] :l append", "[l] [l]"},
		{"ADD a :n, ss :ss DELETE ns :ns REMOVE l[0]", "[a] :n add; [ss] :ss add; [ns] :ns delete",
			"[a] [ss] [ns] [l, [0]]"},
	} {
		u := parsedUpdate(t, c.text)
		assert.Equal(t, c.uses, showUses(u.Uses()), c.text)
		assert.Equal(t, c.paths, showPaths(u.Paths()), c.text)
	}
}

func TestUpdateActions(t *testing.T) {
	u := parsedUpdate(t, "SET a = q - :n, l = list_append(l, :l) REMOVE #m.x ADD ns :ns")
	require.Len(t, u.Actions, 4)
	assert.Equal(t, Action{Set, Path{{"a", -1}}, u.Actions[0].Value}, u.Actions[0])
	difference := u.Actions[0].Value.(*Arithmetic)
	assert.True(t, difference.Minus)
	assert.Equal(t, Path{{"q", -1}}, difference.Left)
	assert.Equal(t, ":n", difference.Right.(*Value).Placeholder)
	assert.Equal(t, ":l", u.Actions[1].Value.(*ListAppend).Right.(*Value).Placeholder)
	assert.Equal(t, Action{Kind: Remove, Path: Path{{"m", -1}, {"x", -1}}}, u.Actions[2])
	assert.Equal(t, sampleValues[":ns"], u.Actions[3].Value.(*Value).Value)
	assert.True(t, u.Creates())
	assert.False(t, parsedUpdate(t, "REMOVE a DELETE ss :ss").Creates())
	assert.True(t, parsedUpdate(t, "ADD ss :ss REMOVE a").Creates())
}

func TestUpdated(t *testing.T) {
	for _, c := range []struct{ text, old, now string }{
		{"SET a = :n", "{a:N5}", "{a:N3}"},
		{"SET new1 = :n", "{}", "{new1:N3}"},
		{"SET m.y.z = :s", `{m:{y:{z:"hello"}}}`, `{m:{y:{z:"h"}}}`},
		{"SET m.new1 = :s, m.x = :n2", "{m:{x:N3}}", `{m:{new1:"h" x:N5}}`},
		{"SET l[0] = :s, l[4][1] = :n", "{l:[N1 [N2]]}", `{l:["h" [N3]]}`},
		{"REMOVE a, m.x", "{a:N5 m:{x:N3}}", "{}"},
		{"REMOVE l[0]", "{l:[N1]}", `{l:["h"]}`},
		{"SET l[7] = :n", "{}", "{}"},
		{"ADD q :n DELETE ss :ss", "{q:N3 ss:SSh,x}", "{q:N6}"},
	} {
		u := parsedUpdate(t, c.text)
		now, err := u.Apply(sample())
		require.NoError(t, err, c.text)
		assert.Equal(t, c.old, showItem(u.Updated(sample())), c.text)
		assert.Equal(t, c.now, showItem(u.Updated(now)), c.text)
	}
}

func TestUpdateOfAnAbsentItem(t *testing.T) {
	for text, want := range map[string]string{
		"SET a = :n ADD q :n2, ss :ss": "{a:N3 p:\"k\" q:N5 ss:SSh,x}",
		"SET a = p":                    "{a:\"k\" p:\"k\"}",
		"REMOVE a DELETE ss :ss":       "{p:\"k\"}",
	} {
		now, err := parsedUpdate(t, text).Apply(m{"p": str("k")})
		require.NoError(t, err)
		assert.Equal(t, want, showItem(now), text)
	}
	_, err := parsedUpdate(t, "SET a = a + :n").Apply(nil)
	assert.EqualError(t, err, "The provided expression refers to an attribute that does not exist in the item")
	now, err := parsedUpdate(t, "ADD a :n").Apply(nil)
	require.NoError(t, err)
	assert.Equal(t, "{a:N3}", showItem(now))
}

func TestUpdateWritesNumbersAsTheServiceDoes(t *testing.T) {
	now, err := parsedUpdate(t, "SET a = :n2, l = :l, q = q + :n5 ADD new1 :ns").Apply(sample())
	require.NoError(t, err)
	assert.Equal(t, num("5"), now["a"])
	assert.Equal(t, list(num("1"), num("2")), now["l"])
	assert.Equal(t, num("3.00001"), now["q"])
	assert.Equal(t, ns("5", "3"), now["new1"])
	zero, err := parsedUpdate(t, "SET q = q - :n").Apply(sample())
	require.NoError(t, err)
	assert.Equal(t, num("0"), zero["q"])
}

func TestUpdateRefusesNestingTooDeep(t *testing.T) {
	const refusal = "Nesting Levels have exceeded supported limits"
	item := m{"x": nested(30, list())} // as deep as an item's attributes go
	for text, want := range map[string]string{
		"SET y = x":                  "",
		"SET em.x = x":               refusal,
		"SET y[0] = x":               refusal,
		"SET y = :deep":              refusal,
		"SET z = :deepest":           "",
		"SET em.x = :scalar":         "",
		"SET x = list_append(x, :l)": "",
	} {
		item["em"], item["y"] = doc(m{}), list()
		values := m{":deep": nested(32, num("1")), ":deepest": nested(31, num("1")), ":scalar": num("1"),
			":l": list(num("1"))}
		for key := range values {
			if !strings.Contains(text, key) {
				delete(values, key)
			}
		}
		if len(values) == 0 {
			values = nil
		}
		scope, err := NewScope(nil, values)
		require.NoError(t, err)
		u, err := scope.Update(text)
		require.NoError(t, err)
		if _, err = u.Apply(item); want == "" {
			assert.NoError(t, err, text)
		} else {
			require.Error(t, err, text)
			assert.Equal(t, want, messageOf(err), text)
		}
	}
}

func TestLimitsOfUpdates(t *testing.T) {
	var sums, removals, targets []string
	for a := 'a'; a <= 'z'; a++ {
		for b := '0'; b <= '9'; b++ {
			name := string(a) + string(b)
			targets = append(targets, name)
			removals = append(removals, name)
			for c := '0'; c <= '1'; c++ {
				sums = append(sums, name+string(c)+"=a+:n")
			}
		}
	}
	for _, c := range []struct{ about, text, want string }{
		{"300 sums", "SET " + strings.Join(sums[:300], ","), ""},
		{"301 sums", "SET " + strings.Join(sums[:301], ","),
			"Invalid UpdateExpression: The expression contains too many operators; operator count: 301"},
		{"260 removals", "REMOVE " + strings.Join(removals, ","), ""},
		{"too long", "SET a = :n" + strings.Repeat(" ", 4087),
			"Invalid UpdateExpression: Expression size has exceeded the maximum allowed size; expression size: 4097"},
		{"empty", "", "Invalid UpdateExpression: The expression can not be empty;"},
		{"depth", "REMOVE " + strings.Repeat("a.", 32) + "a",
			"Invalid UpdateExpression: The document path has too many nesting levels; nesting levels: 33"},
	} {
		scope, err := NewScope(used(c.text))
		require.NoError(t, err)
		_, err = scope.Update(c.text)
		if c.want == "" {
			assert.NoError(t, err, c.about)
		} else {
			require.Error(t, err, c.about)
			assert.Equal(t, c.want, messageOf(err), c.about)
		}
	}
	scope, err := NewScope(nil, nil)
	require.NoError(t, err)
	p, err := scope.Projection(strings.Join(targets, ","))
	require.NoError(t, err)
	assert.Len(t, p.Names(), 260)
}

// containers lists the maps, lists, sets and binaries of a value, so that two values can be seen to share none.
func containers(v types.AttributeValue) []any {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		all := []any{v}
		for _, e := range v.Value {
			all = append(all, containers(e)...)
		}
		return all
	case *types.AttributeValueMemberL:
		all := []any{v}
		for _, e := range v.Value {
			all = append(all, containers(e)...)
		}
		return all
	case *types.AttributeValueMemberB:
		if len(v.Value) > 0 {
			return []any{v, &v.Value[0]}
		}
	case *types.AttributeValueMemberBS:
		all := []any{v}
		for _, b := range v.Value {
			if len(b) > 0 {
				all = append(all, &b[0])
			}
		}
		return all
	case *types.AttributeValueMemberSS:
		return []any{v, &v.Value[0]}
	case *types.AttributeValueMemberNS:
		return []any{v, &v.Value[0]}
	}
	return []any{v}
}

func TestApplyNeitherChangesNorShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{Rand: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))}
		text := g.update()
		scope, err := NewScope(used(text))
		require.NoError(t, err)
		u, err := scope.Update(text)
		if err != nil {
			return
		}
		old := sample()
		now, err := u.Apply(old)
		require.Equal(t, sample(), old, text)
		if err != nil {
			return
		}
		taken := map[any]bool{}
		for _, v := range old {
			for _, c := range containers(v) {
				taken[c] = true
			}
		}
		for _, v := range sampleValues {
			for _, c := range containers(v) {
				taken[c] = true
			}
		}
		for name, v := range now {
			for _, c := range containers(v) {
				require.False(t, taken[c], "%s: %s is shared", text, name)
				taken[c] = true
			}
		}
		again, err := u.Apply(old)
		require.NoError(t, err)
		require.Equal(t, showItem(now), showItem(again))
	})
}
