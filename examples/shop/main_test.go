package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/shop/shop"
)

func runWith(t *testing.T, args ...string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), args, &out, io.Discard))
	return out.String()
}

// blocks are the README's code blocks of a language.
func blocks(t *testing.T, language string) (all []string) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, rest := range strings.Split(string(readme), "```"+language+"\n")[1:] {
		block, _, ok := strings.Cut(rest, "```")
		require.True(t, ok)
		all = append(all, block)
	}
	return all
}

func TestReadmeShowsWhatIsPrinted(t *testing.T) {
	assert.Equal(t, []string{runWith(t)}, blocks(t, "text"))
}

func TestReadmeSnippetsAreTheCode(t *testing.T) {
	files, err := filepath.Glob("shop/*.go")
	require.NoError(t, err)
	var code strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		code.Write(text)
	}
	snippets := blocks(t, "go")
	require.NotEmpty(t, snippets)
	for _, snippet := range snippets {
		assert.Contains(t, code.String(), snippet)
	}
}

func TestLinesFitAScreen(t *testing.T) {
	for line := range strings.Lines(runWith(t)) {
		assert.LessOrEqual(t, len(strings.TrimSuffix(line, "\n")), 100, line)
	}
}

func TestEndpoint(t *testing.T) {
	server, err := dynamotest.NewServer(dynamotest.NewClient())
	require.NoError(t, err)
	defer server.Close()
	assert.Equal(t, runWith(t), runWith(t, "-endpoint", server.URL()), "over HTTP it is the same")

	tables, err := dynamodb.NewFromConfig(server.Config()).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	assert.Empty(t, tables.TableNames, "the table is gone")
}

func TestWithoutAnIndex(t *testing.T) {
	out := runWith(t, "-without", shop.ByRegion)
	for _, p := range shop.Patterns {
		assert.Contains(t, out, p.Name)
		if p.Needs != "" {
			assert.Contains(t, out, "Left out, since it needs index "+p.Needs+": "+p.Name)
		}
	}
}

func TestBadArguments(t *testing.T) {
	for _, args := range [][]string{{"play"}, {"-without", "GSI1"}, {"-endpoint", "127.0.0.1:8000"},
		{"-endpoint", "nowhere"}, {"-x"}} {
		assert.Error(t, run(t.Context(), args, io.Discard, io.Discard), args)
	}
}
