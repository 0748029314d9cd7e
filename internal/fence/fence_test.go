// Package fence holds the test that keeps dependencies pointing downward.
package fence

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/monotable/monotable"

// floors are the packages from the bottom up. A package imports packages of lower floors only; one that is not named
// here is on the floor of the folder it is in.
var floors = [][]string{
	{"internal/number", "internal/wire", "internal/codec/jsonscan", "internal/cause"},
	{"internal/size"},
	{"internal/keytext", "internal/attr"},
	{"internal/codec/failure", "internal/codec/scalar", "internal/codec/gotype"},
	{"internal/codec", "internal/expr"},
	{"internal/engine/refusal", "internal/partiql"},
	{"internal/engine/packed"},
	{"internal/engine/keyspace", "internal/engine/btree", "internal/engine/throttle"},
	{"internal/engine", "internal/call", "internal/codec/fromwire", "internal/codec/edit", "internal/cursor",
		"internal/schema"},
	{"internal/entity"},
	{"internal/request", "internal/response", "internal/estimate"},
	{"internal/read", "internal/write"},
	{"internal/guards", "internal/collection"},
	{"."},
	{"admin"},
	{"dynamotest", "stream", "plan"},
	{"dynamotest/local"},
	{"examples"},
}

// testOnly are the packages that only tests import.
var testOnly = map[string]bool{
	"internal/codec/codectest": true, "internal/cputime": true, "internal/script": true, "internal/fence": true,
}

// mayImportTesting are the packages that take a testing.TB.
var mayImportTesting = map[string]bool{"dynamotest": true, "internal/cputime": true, "internal/script": true}

func floorOf(dir string) (int, bool) {
	for at := dir; ; at = path.Dir(at) {
		for floor, dirs := range floors {
			for _, d := range dirs {
				if d == at {
					return floor, at == dir || d != "." // the root's floor is the root's alone
				}
			}
		}
		if at == "." {
			return 0, false
		}
	}
}

func TestDependenciesPointDownward(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	require.NoError(t, filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if file != root && (strings.HasPrefix(name, ".") || name == "testdata" || ownModule(file)) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		relative, err := filepath.Rel(root, file)
		require.NoError(t, err)
		dir := filepath.ToSlash(filepath.Dir(relative))
		seen[dir] = true
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range source.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			checkImport(t, filepath.ToSlash(relative), dir, imported)
		}
		return nil
	}))
	for _, dir := range []string{"bench", "examples/otel"} {
		assert.True(t, ownModule(filepath.Join(root, dir)) && !seen[dir], "%s is a module of its own", dir)
	}
	require.True(t, seen["."] && seen["dynamotest"] && seen["internal/engine"], "the walk missed packages: %v", seen)
}

// ownModule tells a folder that is a module of its own: it uses this one as others do, and what it requires is its own
// affair.
func ownModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func checkImport(t *testing.T, file, dir, imported string) {
	if imported == "testing" || strings.HasPrefix(imported, "testing/") {
		assert.True(t, mayImportTesting[dir], "%s imports %s, which only tests may", file, imported)
		return
	}
	if imported != module && !strings.HasPrefix(imported, module+"/") {
		return
	}
	target := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
	if target == "" {
		target = "."
	}
	assert.False(t, testOnly[target], "%s imports %s, which only tests may", file, imported)
	if testOnly[dir] {
		return
	}
	from, known := floorOf(dir)
	require.True(t, known, "%s is on no floor: name its package in floors", file)
	to, known := floorOf(target)
	require.True(t, known, "%s is on no floor: name it in floors", imported)
	inside := dir == target || strings.HasPrefix(target, topOf(dir)+"/")
	assert.True(t, to < from || from == to && inside, "%s imports %s, which is not below it", file, imported)
}

// topOf is the named folder that a package is in.
func topOf(dir string) string {
	top, _, _ := strings.Cut(dir, "/")
	return top
}

func TestFloors(t *testing.T) {
	last := -1
	for _, dir := range []string{"internal/number", "internal/codec", "internal/entity", ".", "dynamotest",
		"dynamotest/local", "examples/pets/internal/local"} {
		floor, known := floorOf(dir)
		assert.True(t, known, dir)
		assert.Greater(t, floor, last, dir)
		last = floor
	}
	_, known := floorOf("nowhere")
	assert.False(t, known)
}
