package expr

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestProjectionNames(t *testing.T) {
	scope, err := NewScope(used("#m, a"))
	require.NoError(t, err)
	p, err := scope.Projection("l[2].k, #m.x, a, l[0], m.y")
	require.NoError(t, err)
	assert.Equal(t, []string{"l", "m", "a"}, p.Names())
	assert.Equal(t, "[l, [2], k] [m, x] [a] [l, [0]] [m, y]", showPaths(p.Paths))
}

func TestProjectionOfNothing(t *testing.T) {
	scope, err := NewScope(nil, nil)
	require.NoError(t, err)
	p, err := scope.Projection("a, m.x")
	require.NoError(t, err)
	assert.Equal(t, m{}, m(p.Apply(nil)))
}

// A projection of some paths is what remains of the item where those paths lead, whatever their order.
func TestProjectionFindsWhatItsPathsLeadTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{Rand: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))}
		text := g.projection()
		names, _ := used(text)
		scope, err := NewScope(names, nil)
		require.NoError(t, err)
		p, err := scope.Projection(text)
		if err != nil {
			return
		}
		item := sample()
		part := p.Apply(item)
		require.Equal(t, sample(), item)
		found := 0
		for _, path := range p.Paths {
			if v := path.of(MapItem(item)); v != nil {
				found++
				require.NotNil(t, part[path[0].Name], text)
				if len(path) == 1 {
					require.Equal(t, v, part[path[0].Name])
				}
			}
		}
		require.Equal(t, found == 0, len(part) == 0, text)
	})
}
