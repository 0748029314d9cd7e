package local

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/monotable/monotable/examples/pets/internal/local/template"
)

// build makes each function's bootstrap below dir, and returns their paths by the functions' names in the template. One
// go build makes them all, so that what they share is compiled once.
func build(ctx context.Context, dir string, functions []template.Function) (map[string]string, error) {
	// executable as go build names it, by folder
	built := map[string]string{}
	// without debugging tables: half the time
	args := []string{"build", "-ldflags=-s -w", "-o", dir + string(filepath.Separator)}
	for _, f := range functions {
		name := filepath.Base(f.CodeDir)
		if other, again := built[name]; again && other != f.CodeDir {
			return nil, fmt.Errorf("two functions' folders are called %s", name)
		} else if again {
			continue
		}
		built[name] = f.CodeDir
		code, err := filepath.Abs(f.CodeDir)
		if err != nil {
			return nil, err
		}
		args = append(args, code)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, output.Bytes())
	}
	bootstraps := map[string]string{}
	for _, f := range functions {
		name, suffix := filepath.Base(f.CodeDir), ""
		if runtime.GOOS == "windows" {
			suffix = ".exe"
		}
		root := filepath.Join(dir, "functions", f.ID)
		if err := os.MkdirAll(root, 0o755); err != nil {
			return nil, err
		}
		bootstraps[f.ID] = filepath.Join(root, "bootstrap"+suffix)
		if err := os.Link(filepath.Join(dir, name+suffix), bootstraps[f.ID]); err != nil {
			return nil, err
		}
	}
	return bootstraps, nil
}
