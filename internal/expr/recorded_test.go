package expr

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The files of testdata hold expressions with what becomes of them on the sample item: a result, or the message of a
// refusal. All answers are DynamoDB Local 3.1.0's, or the service's where the package comment tells a difference.

// outcome runs an expression on an item, with the sample names and values that it contains.
type outcome func(item m, text string) (result string, err error)

var outcomes = map[string]outcome{
	"conditions": func(item m, text string) (string, error) {
		scope, err := NewScope(used(text))
		if err != nil {
			return "", err
		}
		c, err := scope.Condition(FilterKind, text)
		if err != nil {
			return "", err
		}
		if err := scope.CheckUnused(); err != nil {
			return "", err
		}
		meets, err := c.Eval(MapItem(item))
		return strconv.FormatBool(meets), err
	},
	"projections": func(item m, text string) (string, error) {
		names, _ := used(text)
		scope, err := NewScope(names, nil)
		if err != nil {
			return "", err
		}
		p, err := scope.Projection(text)
		if err != nil {
			return "", err
		}
		return showItem(p.Apply(item)), scope.CheckUnused()
	},
	"updates": func(item m, text string) (string, error) {
		scope, err := NewScope(used(text))
		if err != nil {
			return "", err
		}
		u, err := scope.Update(text)
		if err != nil {
			return "", err
		}
		if err := scope.CheckUnused(); err != nil {
			return "", err
		}
		now, err := u.Apply(item)
		return showChange(item, now), err
	},
	"keyconditions": func(_ m, text string) (string, error) {
		scope, err := NewScope(used(text))
		if err != nil {
			return "", err
		}
		k, err := scope.KeyCondition(text)
		if err != nil {
			return "", err
		}
		if err := scope.CheckUnused(); err != nil {
			return "", err
		}
		for _, path := range k.Paths() {
			if (path[0].Name == "p" || path[0].Name == "s") && len(path) > 1 {
				return "",
					refuse("Key attributes must be scalars; list random access '[]' and map lookup '.' are not "+
						"allowed: Key: %s", path[0].Name)
			}
		}
		if err := k.Check(); err != nil { // Local leaves the kind away where it is the service that says it
			return "", refuse("%s", strings.TrimPrefix(messageOf(err), "Invalid KeyConditionExpression: "))
		}
		return "ok", nil
	},
}

// tell gives the outcome as text.
func (o outcome) tell(item m, text string) string {
	result, err := o(item, text)
	if err != nil {
		return messageOf(err)
	}
	return result
}

// recorded is an expression with its answer.
type recorded struct{ text, answer string }

func records(t testing.TB, kind string) []recorded {
	file, err := os.Open("testdata/" + kind + ".txt")
	require.NoError(t, err)
	defer file.Close()
	var all []recorded
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var r recorded
		_, err := fmt.Sscanf(lines.Text(), "%q %q", &r.text, &r.answer)
		require.NoError(t, err, lines.Text())
		all = append(all, r)
	}
	return all
}

func TestRecordedAnswers(t *testing.T) {
	for kind, outcome := range outcomes {
		t.Run(kind, func(t *testing.T) {
			for _, r := range records(t, kind) {
				assert.Equal(t, r.answer, outcome.tell(sample(), r.text), r.text)
			}
		})
	}
}

func TestRefusalsAreErrors(t *testing.T) {
	for kind, outcome := range outcomes {
		for _, r := range records(t, kind) {
			if _, err := outcome(sample(), r.text); err != nil {
				var refusal *Error
				require.ErrorAs(t, err, &refusal, r.text)
				require.NotContains(t, strings.ToLower(refusal.Message), "%!", r.text)
			}
		}
	}
}
