package expr

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the text, parsing ends with an expression or with an *Error, the same each time, and what was parsed can be
// run.
func FuzzExpressions(f *testing.F) {
	for kind := range outcomes {
		for _, r := range records(f, kind) {
			f.Add(r.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for kind, outcome := range outcomes {
			result, err := outcome(sample(), text)
			if err != nil {
				var refusal *Error
				require.ErrorAs(t, err, &refusal)
				require.NotEmpty(t, refusal.Message)
			}
			again, errAgain := outcome(sample(), text)
			require.Equal(t, err, errAgain, kind)
			require.Equal(t, result, again, kind)
		}
	})
}

func TestRandomExpressionsEndWell(t *testing.T) {
	g := &generator{Rand: rand.New(rand.NewPCG(1, 2)), broken: true}
	for i := range 20000 {
		kind, text := "conditions", ""
		switch i % 4 {
		case 0:
			text = g.condition(4)
		case 1:
			kind, text = "updates", g.update()
		case 2:
			kind, text = "projections", g.projection()
		case 3:
			kind, text = "keyconditions", g.keyCondition()
		}
		if i%8 > 3 {
			text = g.spoilt(text)
		}
		if _, err := outcomes[kind](g.item(), text); err != nil {
			var refusal *Error
			require.ErrorAs(t, err, &refusal, text)
		}
	}
}
