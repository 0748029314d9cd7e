package monotable_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// README's Go snippets are files of this module, word for word, so that they are compiled and run.
func TestReadmeSnippetsAreCompiled(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	files := []string{"examples/readme/main.go", "examples/readme/main_test.go"}
	blocks := strings.Split(string(readme), "```go\n")[1:]
	require.Len(t, blocks, len(files), "every Go block of README.md is one of these files: %v", files)
	for i, file := range files {
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		block, _, _ := strings.Cut(blocks[i], "```")
		require.Equal(t, string(want), block, "README.md and %s differ", file)
	}
}
