package btree

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/engine/packed"
)

// TestTreeAgainstSortedMap drives a tree and a plain map with the same operations.
func TestTreeAgainstSortedMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var (
			tr    Tree
			model = map[string]packed.Item{}
		)
		key := rapid.Custom(func(t *rapid.T) string {
			if rapid.Bool().Draw(t, "long") {
				return fmt.Sprintf("prefix-of-all-%05d", rapid.IntRange(0, 2000).Draw(t, "n"))
			}
			return string(rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "short"))
		})
		for range rapid.IntRange(1, 40).Draw(t, "rounds") {
			first := rapid.IntRange(0, 2000).Draw(t, "from")
			n := rapid.IntRange(0, 300).Draw(t, "run")
			grow := rapid.Bool().Draw(t, "grow")
			for i := range n {
				k := fmt.Sprintf("prefix-of-all-%05d", (first+i*7)%2000)
				applyBoth(t, &tr, model, k, grow)
			}
			applyBoth(t, &tr, model, key.Draw(t, "key"), rapid.Bool().Draw(t, "set"))
		}
		checkTree(t, &tr, model)
		from := key.Draw(t, "bound")
		sorted := sortedKeys(model)
		var up, down []string
		tr.Ascend(from, func(e *Entry) bool { up = append(up, e.Key); return true })
		tr.Descend(from, func(e *Entry) bool { down = append(down, e.Key); return true })
		at, _ := slices.BinarySearch(sorted, from)
		require.Equal(t, sorted[at:], append([]string{}, up...))
		if from == "" {
			at = len(sorted)
		}
		slices.Reverse(down)
		require.Equal(t, sorted[:at], append([]string{}, down...))
	})
}

func applyBoth(t *rapid.T, tr *Tree, model map[string]packed.Item, key string, set bool) {
	if set {
		item := packed.Item("item of " + key)
		tr.Set(NewEntry(key, item))
		model[key] = item
		return
	}
	_, was := model[key]
	delete(model, key)
	require.Equal(t, was, tr.Remove(key))
}

func checkTree(t *rapid.T, tr *Tree, model map[string]packed.Item) {
	require.Equal(t, len(model), tr.Size)
	var walked []string
	tr.Ascend("", func(e *Entry) bool {
		walked = append(walked, e.Key)
		require.Equal(t, model[e.Key], e.Item)
		return true
	})
	require.Equal(t, sortedKeys(model), append([]string{}, walked...))
	for key, item := range model {
		got, ok := tr.Get(key)
		require.True(t, ok)
		require.Equal(t, item, got)
	}
	if tr.root != nil {
		checkNode(t, tr.root, true)
	}
}

// checkNode checks a node's bounds and gives its depth.
func checkNode(t *rapid.T, n *treeNode, root bool) int {
	require.LessOrEqual(t, len(n.entries), treeMax)
	if !root {
		require.GreaterOrEqual(t, len(n.entries), treeMin)
	}
	require.True(t, slices.IsSortedFunc(n.entries, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) }))
	if len(n.children) == 0 {
		return 1
	}
	require.Len(t, n.children, len(n.entries)+1)
	depth := checkNode(t, n.children[0], false)
	for _, child := range n.children[1:] {
		require.Equal(t, depth, checkNode(t, child, false))
	}
	return depth + 1
}

func sortedKeys(model map[string]packed.Item) []string {
	sorted := []string{}
	for key := range model {
		sorted = append(sorted, key)
	}
	slices.Sort(sorted)
	return sorted
}
