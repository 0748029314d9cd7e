package monotable_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const fitting = `package app

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/monotable/monotable"
)

type T struct{ ID string }

func _(ctx context.Context, db *monotable.DB, t *monotable.Table[T], u expression.UpdateBuilder,
	c expression.ConditionBuilder, m *monotable.Meter, f func(*T) error, cursor monotable.Cursor, old *T, item T) {
	_ = []any{ctx, db, t, u, c, m, f, cursor, old, item}
	LINE
}
`

// What fits compiles and what does not fit does not, for that reason.
func TestWhatDoesNotFitDoesNotCompile(t *testing.T) {
	check := checker(t)
	for _, fits := range []string{
		`t.Create(ctx, &item, monotable.Once(), monotable.If(c), monotable.Old(old), monotable.Metered(m))`,
		`t.Put(ctx, &item, monotable.AtVersion(int64(1)), monotable.Once())`,
		`t.Modify(ctx, item, f, monotable.AtVersion(uint8(1)), monotable.Once())`,
		`t.Update(ctx, item, u, monotable.AtVersion(1), monotable.Old(old), monotable.Metered(m))`,
		`_ = t.UpdateOp(item, u, monotable.If(c), monotable.AtVersion(1)).Else(ctx.Err())`,
		`t.Update(ctx, item, u, monotable.Known(item))`,
		`_ = t.UpdateOp(item, u, monotable.Known(item))`,
		`t.DeleteCollection(ctx, item, monotable.Pace(1), monotable.Metered(m))`,
		`t.PutMany(ctx, []T{item}, monotable.Pace(1), monotable.Parallel(1))`,
		`t.DeleteMany(ctx, []T{item}, monotable.Pace(1))`,
		`t.GetMany(ctx, []T{item}, monotable.Pace(1), monotable.Consistent())`,
		`db.BatchWrite(ctx, nil, monotable.Pace(1))`,
		`db.BatchRead(ctx, nil, monotable.Pace(1))`,
		`t.Query(ctx, item, monotable.Pace(1))`,
		`t.Scan(ctx, monotable.Pace(1), monotable.Segments(2))`,
		`db.Write(ctx, nil, monotable.Retry(3), monotable.Token("t"), monotable.Metered(m))`,
	} {
		assert.Empty(t, check(fits), fits)
	}
	for _, unfit := range []string{
		`t.Update(ctx, item, u, monotable.Once())`,
		`t.Upsert(ctx, item, u, monotable.Once())`,
		`_ = t.UpdateOp(item, u, monotable.Once())`,
		`t.Create(ctx, &item, monotable.Known(item))`,
		`t.Put(ctx, &item, monotable.Known(item))`,
		`t.Modify(ctx, item, f, monotable.Known(item))`,
		`_ = t.CreateOp(&item, monotable.Old(old))`,
		`_ = t.UpdateOp(item, u, monotable.Old(old))`,
		`_ = t.DeleteOp(item, monotable.Metered(m))`,
		`_ = t.PutOp(&item, monotable.SDK())`,
		`_ = t.PutOp(&item, monotable.Pace(1))`,
		`t.Put(ctx, &item, monotable.Pace(1))`,
		`t.Update(ctx, item, u, monotable.Pace(1))`,
		`db.Write(ctx, nil, monotable.Pace(1))`,
		`t.DeleteCollection(ctx, item, monotable.Limit(1))`,
		`t.DeleteCollection(ctx, item, monotable.Filter(c))`,
		`t.DeleteCollection(ctx, item, monotable.On("i"))`,
		`t.DeleteCollection(ctx, item, monotable.Consistent())`,
		`t.PutMany(ctx, []T{item}, monotable.If(c))`,
		`t.Get(ctx, item, monotable.Limit(1))`,
		`t.Query(ctx, item, monotable.Segments(1))`,
		`t.Scan(ctx, monotable.On("i"))`,
		`t.Put(ctx, &item, monotable.Retry(1))`,
	} {
		text := check(unfit)
		assert.Contains(t, text, "does not implement monotable.", unfit)
		assert.Contains(t, text, "missing method", unfit)
	}
	assert.Contains(t, check(`monotable.AtVersion(1.5)`), "does not satisfy")
	assert.Contains(t, check(`monotable.AtVersion("1")`), "does not satisfy")
}

// checker tells what a compiler says of a line.
func checker(t *testing.T) func(line string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", ".").Output()
	require.NoError(t, err)
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if name, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			exports[name] = file
		}
	}
	files := token.NewFileSet()
	imports := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	return func(line string) string {
		file, err := parser.ParseFile(files, "app.go", strings.Replace(fitting, "LINE", line, 1), 0)
		require.NoError(t, err, line)
		_, err = (&types.Config{Importer: imports}).Check("app", files, []*ast.File{file}, nil)
		if err != nil {
			return err.Error()
		}
		return ""
	}
}
