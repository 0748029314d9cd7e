// Package docs holds the guide, and the tests of what is written in it.
package docs_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// pages are the documents whose snippets are code of this module, and whose links lead somewhere.
func pages(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.md")
	require.NoError(t, err)
	require.Greater(t, len(files), 10)
	all := map[string]string{}
	for _, file := range append(files, "../README.md", "../examples/tasks/README.md") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all[file] = string(text)
	}
	return all
}

// trimmed is a text without the indentation of its lines, and without empty lines.
func trimmed(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// Every Go snippet is a part of a file that is compiled and run: of this folder's tests, or of an example.
func TestSnippetsAreCode(t *testing.T) {
	var code strings.Builder
	for _, pattern := range []string{"*_test.go", "../example_*_test.go", "../examples/readme/*.go",
		"../examples/tasks/tasks/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			code.WriteString(trimmed(string(text)))
		}
	}
	snippets := 0
	for file, text := range pages(t) {
		for _, rest := range strings.Split(text, "```go\n")[1:] {
			snippet, _, ended := strings.Cut(rest, "```")
			require.True(t, ended, file)
			assert.True(t, strings.Contains(code.String(), trimmed(snippet)), "%s: nowhere run:\n%s", file, snippet)
			snippets++
		}
	}
	require.Greater(t, snippets, 30)
}

var (
	link  = regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`)
	block = regexp.MustCompile("(?s)```.*?```")
)

// Links within the repository lead to files, and to headings that are there.
func TestLinksLeadSomewhere(t *testing.T) {
	for file, text := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target := filepath.Join(filepath.Dir(file), m[1])
			if m[1] == "" {
				target = file
			}
			_, err := os.Stat(target)
			if !assert.NoError(t, err, "%s links to %s", file, m[0]) || m[2] == "" {
				continue
			}
			headings, err := os.ReadFile(target)
			require.NoError(t, err)
			assert.Contains(t, anchors(string(headings)), m[2], "%s links to %s", file, m[0])
		}
	}
}

var unlinkable = regexp.MustCompile(`[^a-z0-9 _-]`)

// anchors are the links to a document's headings.
func anchors(text string) (all []string) {
	for line := range strings.Lines(text) {
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			name := unlinkable.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
			all = append(all, "#"+strings.ReplaceAll(name, " ", "-"))
		}
	}
	return all
}

var method = regexp.MustCompile("`(Table|DB)\\.([A-Z][A-Za-z]+)`")

// The table of IAM actions has every method that sends a request.
func TestPermissionsNameEveryMethod(t *testing.T) {
	text := pages(t)["iam.md"]
	sends := func(m reflect.Method) bool {
		return m.Type.NumIn() > 1 && m.Type.In(1).String() == "context.Context"
	}
	for name, of := range map[string]reflect.Type{"Table": reflect.TypeFor[*monotable.Table[monotable.Item]](),
		"DB": reflect.TypeFor[*monotable.DB]()} {
		for i := range of.NumMethod() {
			if m := of.Method(i); sends(m) {
				assert.Contains(t, text, "`"+name+"."+m.Name+"`")
			}
		}
	}
	for _, m := range method.FindAllStringSubmatch(text, -1) {
		of := reflect.TypeFor[*monotable.Table[monotable.Item]]()
		if m[1] == "DB" {
			of = reflect.TypeFor[*monotable.DB]()
		}
		_, there := of.MethodByName(m[2])
		assert.True(t, there, "iam.md names %s", m[0])
	}
}
