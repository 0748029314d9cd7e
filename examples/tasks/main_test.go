package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadmeShowsWhatIsPrinted(t *testing.T) {
	var out strings.Builder
	require.NoError(t, play(t.Context(), &out))
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(readme), "```text\n")
	block, _, _ := strings.Cut(rest, "```")
	assert.Equal(t, out.String(), block)
}
