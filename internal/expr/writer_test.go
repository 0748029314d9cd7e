package expr_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/expr"
)

// drawOperand is an operand of SET; depth bounds how operands are put into one another.
func drawOperand(t *rapid.T, depth int) expr.Operand {
	value := &expr.Value{Value: &types.AttributeValueMemberN{Value: rapid.StringMatching(`[1-9][0-9]{0,3}`).Draw(t, "n")}}
	list := &expr.Value{Value: &types.AttributeValueMemberL{}}
	switch kind := rapid.IntRange(0, 4).Draw(t, "kind"); {
	case kind == 0 || depth == 0:
		return value
	case kind == 1:
		return drawPath(t, "of")
	case kind == 2:
		return &expr.IfNotExists{Path: drawPath(t, "if"), Else: drawOperand(t, 0)}
	case kind == 3 && depth == 2:
		return &expr.Arithmetic{Minus: rapid.Bool().Draw(t, "minus"), Left: drawOperand(t, 1), Right: value}
	case depth == 2:
		return &expr.ListAppend{Left: drawPath(t, "left"), Right: list}
	}
	return value
}

func drawPath(t *rapid.T, top string) expr.Path {
	path := expr.Path{{Name: top + rapid.SampledFrom([]string{"", ".x", "[0]", "é"}).Draw(t, "top"), Index: -1}}
	for range rapid.IntRange(0, 3).Draw(t, "steps") {
		if rapid.Bool().Draw(t, "index") {
			path = append(path, expr.Elem{Index: rapid.IntRange(0, 99).Draw(t, "at")})
		} else {
			path = append(path, expr.Elem{Name: rapid.SampledFrom([]string{"a", "a.b", "#", ":v"}).Draw(t, "name"), Index: -1})
		}
	}
	return path
}

// What the writer writes is read as what it was told.
func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var actions []expr.Action
		for i := range rapid.IntRange(1, 6).Draw(t, "actions") {
			path := drawPath(t, string(rune('A'+i)))
			number := &expr.Value{Value: &types.AttributeValueMemberN{Value: "1"}}
			set := &expr.Value{Value: &types.AttributeValueMemberSS{Value: []string{"x"}}}
			actions = append(actions, rapid.SampledFrom([]expr.Action{
				{Kind: expr.Set, Path: path, Value: drawOperand(t, 2)}, {Kind: expr.Remove, Path: path},
				{Kind: expr.Add, Path: path, Value: number}, {Kind: expr.Delete, Path: path, Value: set},
			}).Draw(t, "action"))
		}
		w := expr.NewWriter(nil, nil)
		text := w.Update(actions)
		scope, err := expr.NewScope(w.Names, w.Values)
		require.NoError(t, err)
		read, err := scope.Update(text)
		require.NoError(t, err, text)
		byKind := map[expr.ActionKind][]expr.Action{}
		for _, a := range actions {
			byKind[a.Kind] = append(byKind[a.Kind], a)
		}
		var want []expr.Action
		for _, kind := range []expr.ActionKind{expr.Set, expr.Remove, expr.Add, expr.Delete} {
			want = append(want, byKind[kind]...)
		}
		require.Len(t, read.Actions, len(want))
		for i, a := range read.Actions {
			require.Equal(t, want[i].Kind, a.Kind)
			require.Equal(t, want[i].Path, a.Path)
			require.Equal(t, shape(want[i].Value), shape(a.Value))
		}
	})
}

// shape is an operand without its placeholders.
func shape(o expr.Operand) any {
	switch o := o.(type) {
	case *expr.Value:
		return o.Value
	case *expr.IfNotExists:
		return []any{"if", o.Path, shape(o.Else)}
	case *expr.ListAppend:
		return []any{"append", shape(o.Left), shape(o.Right)}
	case *expr.Arithmetic:
		return []any{o.Minus, shape(o.Left), shape(o.Right)}
	}
	return o
}
