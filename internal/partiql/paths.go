package partiql

import (
	"strconv"
	"strings"

	"github.com/monotable/monotable/internal/expr"
)

// path makes the document path that a name or a path is.
func path(e Expr) (expr.Path, error) {
	switch e := e.(type) {
	case *Name:
		return named(nil, e.Text)
	case *Path:
		name, ok := e.Root.(*Name)
		if !ok {
			return nil, unexpectedStep(e.Root, e.At)
		}
		p, err := named(nil, name.Text)
		for _, step := range e.Steps {
			if err != nil {
				return nil, err
			}
			p, err = further(p, step)
		}
		return p, err
	}
	return nil, unexpectedStep(e, e.Where())
}

// unexpectedStep refuses what is no step of a path. A path in parentheses is told where they stand.
func unexpectedStep(e Expr, at Position) error {
	if _, nested := e.(*Path); nested {
		at.Length = 1
		return refuse("Unexpected path component at %s", at)
	}
	return refuse("Unexpected path component at %s", e.Where())
}

func named(p expr.Path, name string) (expr.Path, error) {
	if name == "" {
		return nil, errEmptyName
	}
	return append(p, expr.Elem{Name: name, Index: -1}), nil
}

// further is a path with one more step.
func further(p expr.Path, step Step) (expr.Path, error) {
	switch step.Kind {
	case StepName:
		return named(p, step.Name)
	case StepAll:
		return nil, refuse("Unpivot path component like a.*.b are not supported at %s", step.At)
	case StepEvery:
		return nil, refuse("Wildcard path component like a[*].b are not supported at %s", step.At)
	}
	switch index := step.Index.(type) {
	case *Name:
		return named(p, index.Text)
	case *Literal:
		if index.Kind == String {
			return named(p, index.Text)
		}
		if index.Kind != Number || strings.ContainsAny(index.Text, ".eE") {
			break
		}
		i, err := strconv.ParseInt(index.Text, 10, 32)
		if err != nil || i < 0 {
			return nil, refuse("List index is not within the allowable range; index: [%s] at %s", index.Text, index.At)
		}
		return append(p, expr.Elem{Index: int(i)}), nil
	}
	return nil, refuse("Unexpected path component at %s", step.Index.Where())
}

// tableOf gives the table and the index that a source names.
func tableOf(e Expr) (names []string, err error) {
	var p expr.Path
	switch e := e.(type) {
	case *Name:
		p, err = named(nil, e.Text)
	case *Path:
		name, ok := e.Root.(*Name)
		if !ok {
			return nil, errSource
		}
		if p, err = named(nil, name.Text); err != nil {
			return nil, err
		}
		for _, step := range e.Steps {
			if p, err = further(p, step); err != nil {
				return nil, err
			}
		}
	default:
		return nil, errSource
	}
	if err != nil {
		return nil, err
	}
	if len(p) > 2 {
		return nil, refuse("A path may contain at most 2 components in the FROM clause")
	}
	for _, step := range p {
		if step.Index >= 0 {
			return nil, refuse("Invalid list expression in source.")
		}
		if !isTableName(step.Name) {
			return nil, refuse("Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', " +
				"'-', '_', '.'.")
		}
		names = append(names, step.Name)
	}
	return names, nil
}

var errSource = refuse("Unexpected from source")

func isTableName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !isDigit(c) && c != '-' && c != '.' && (!startsName(c) || c == '$') {
			return false
		}
	}
	return len(name) >= 3 && len(name) <= 255
}
