package fence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A knot is a set of files of one package that all need each other: to read one is to read all of them. mostKnot is
// what can be read at one sitting, in lines; the root's, which users read too, is less.
const mostKnot, mostRootKnot = 2000, 1500

// Bounds of the root package and of functions, which may only come down.
const (
	mostRootLines    = 5000
	mostRootFiles    = 18
	mostRootExported = 125
	mostFunction     = 60 // lines
	mostLong         = 0  // functions that are longer
)

// mostLine bounds every line of Go in the repository, in characters, of which a tab is one: tests and the modules
// within this one are read as the rest is.
const mostLine = 120

// listed is what the go command knows of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// house is a package as it is measured.
type house struct {
	lines map[string]int // by file
	needs map[string]map[string]bool
	long  []string // functions over mostFunction lines
	names int      // exported
}

// TestHouse measures how the packages are laid out.
func TestHouse(t *testing.T) {
	all := list(t)
	exports := map[string]string{}
	for _, p := range all {
		exports[p.ImportPath] = p.Export
	}
	long := 0
	for _, p := range all {
		measured := p.ImportPath == module ||
			strings.HasPrefix(p.ImportPath, module+"/") && !strings.Contains(p.ImportPath, "/examples/")
		if !measured || len(p.GoFiles) == 0 {
			continue
		}
		h := measure(t, p, exports)
		long += len(h.long)
		lines, files := h.knot()
		bound := mostKnot
		if p.ImportPath == module {
			bound = mostRootKnot
		}
		assert.LessOrEqual(t, lines, bound, "%s: %d files that all need each other", p.ImportPath, files)
		total := 0
		for _, n := range h.lines {
			total += n
		}
		t.Logf("%-56s %6d lines %3d files, knot %5d lines %3d files, exported %3d", p.ImportPath, total, len(h.lines),
			lines, files, h.names)
		for _, name := range h.long {
			t.Logf("over %d lines: %s", mostFunction, name)
		}
		if p.ImportPath == module {
			assert.LessOrEqual(t, total, mostRootLines)
			assert.LessOrEqual(t, len(h.lines), mostRootFiles)
			assert.LessOrEqual(t, h.names, mostRootExported)
		}
	}
	assert.LessOrEqual(t, long, mostLong, "functions over %d lines", mostFunction)
}

// TestHouseLines measures how long lines are, in all modules of the repository.
func TestHouseLines(t *testing.T) {
	type measured struct{ files, lines, longest int }
	root := filepath.Join("..", "..")
	modules := map[string]*measured{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := moduleOf(root, path)
		m := modules[name]
		if m == nil {
			m = &measured{}
			modules[name] = m
		}
		m.files++
		for line := range strings.Lines(string(text)) {
			n := utf8.RuneCountInString(strings.TrimRight(line, "\r\n"))
			m.lines++
			m.longest = max(m.longest, n)
			assert.LessOrEqual(t, n, mostLine, "characters in %s:\n%s", path, line)
		}
		return nil
	}))
	for name, m := range modules {
		t.Logf("module %-14s %4d files %6d lines, the longest %3d characters", name, m.files, m.lines, m.longest)
	}
	require.Contains(t, modules, ".")
}

// moduleOf is the directory under root of the module that a file belongs to.
func moduleOf(root, file string) string {
	dir := filepath.Dir(file)
	for dir != root {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	name, _ := filepath.Rel(root, dir)
	return name
}

// list asks the go command for the module's packages and what they need, with their export data.
func list(t *testing.T) (all []listed) {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", "./...")
	cmd.Dir = filepath.Join("..", "..")
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	require.NoError(t, err, failed.String())
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := dec.Decode(&p)
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		all = append(all, p)
	}
}

// measure type-checks a package and notes which of its files use names of which others. Fields do not count.
func measure(t *testing.T, p listed, exports map[string]string) *house {
	t.Helper()
	h := &house{lines: map[string]int{}, needs: map[string]map[string]bool{}}
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
		h.lines[name], h.needs[name] = set.File(file.Pos()).LineCount(), map[string]bool{}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				if n := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; n > mostFunction {
					h.long = append(h.long, fmt.Sprintf("%s %s: %d", name, f.Name.Name, n))
				}
			}
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	pkg, err := config.Check(p.ImportPath, set, files, info)
	require.NoError(t, err)
	for id, of := range info.Uses {
		if of.Pkg() != pkg || !of.Pos().IsValid() {
			continue
		}
		if f, ok := of.(*types.Func); ok {
			of = f.Origin()
		} else if of.Parent() != pkg.Scope() {
			continue
		}
		from, to := filepath.Base(set.Position(id.Pos()).Filename), filepath.Base(set.Position(of.Pos()).Filename)
		if from != to {
			h.needs[from][to] = true
		}
	}
	for _, name := range pkg.Scope().Names() {
		if token.IsExported(name) {
			h.names++
		}
	}
	return h
}

// knot is the largest set of files that all need each other, in lines.
func (h *house) knot() (lines, files int) {
	reach := map[string]map[string]bool{}
	for from := range h.needs {
		seen := map[string]bool{}
		for left := []string{from}; len(left) > 0; {
			at := left[len(left)-1]
			left = left[:len(left)-1]
			for to := range h.needs[at] {
				if !seen[to] {
					seen[to] = true
					left = append(left, to)
				}
			}
		}
		reach[from] = seen
	}
	for a := range reach {
		var knot []string
		for b := range reach[a] {
			if reach[b][a] {
				knot = append(knot, b)
			}
		}
		sum := 0
		for _, name := range knot {
			sum += h.lines[name]
		}
		if sum > lines {
			lines, files = sum, len(knot)
		}
	}
	return lines, files
}

func TestKnot(t *testing.T) {
	h := &house{lines: map[string]int{"a": 1, "b": 2, "c": 4, "d": 8}, needs: map[string]map[string]bool{
		"a": {"b": true}, "b": {"a": true, "c": true}, "c": {"d": true}, "d": {},
	}}
	lines, files := h.knot()
	assert.Equal(t, []int{3, 2}, []int{lines, files})
	lines, files = (&house{}).knot()
	assert.Equal(t, []int{0, 0}, []int{lines, files})
}
