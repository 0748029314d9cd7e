package expr

import (
	"maps"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Writer writes the expressions of one request, every name and value as a placeholder of its own kind, so that they can
// stand beside those of the SDK's expression builder.
type Writer struct {
	Names  map[string]string               // nil for none
	Values map[string]types.AttributeValue // nil for none, since the service refuses an empty map
	byName map[string]string               // placeholders
	byText map[string]string               // of string values
}

// NewWriter begins with the placeholders that are there already, which it copies.
func NewWriter(names map[string]string, values map[string]types.AttributeValue) *Writer {
	return &Writer{Names: maps.Clone(names), Values: maps.Clone(values), byName: map[string]string{},
		byText: map[string]string{}}
}

// Name is the placeholder of an attribute's name.
func (w *Writer) Name(attribute string) string {
	p, ok := w.byName[attribute]
	if !ok {
		if w.Names == nil {
			w.Names = map[string]string{}
		}
		p = "#w" + strconv.Itoa(len(w.byName))
		w.byName[attribute], w.Names[p] = p, attribute
	}
	return p
}

// Value is a placeholder of a value.
func (w *Writer) Value(v types.AttributeValue) string {
	if w.Values == nil {
		w.Values = map[string]types.AttributeValue{}
	}
	p := ":w" + strconv.Itoa(len(w.Values))
	w.Values[p] = v
	return p
}

// Text is the placeholder of a string, one for all times that it is written.
func (w *Writer) Text(s string) string {
	p, ok := w.byText[s]
	if !ok {
		p = w.Value(&types.AttributeValueMemberS{Value: s})
		w.byText[s] = p
	}
	return p
}

// Path is a document path.
func (w *Writer) Path(path Path) string {
	var b strings.Builder
	for i, e := range path {
		switch {
		case e.Index >= 0:
			b.WriteString("[" + strconv.Itoa(e.Index) + "]")
		case i > 0:
			b.WriteString("." + w.Name(e.Name))
		default:
			b.WriteString(w.Name(e.Name))
		}
	}
	return b.String()
}

// Projection asks for whole top-level attributes.
func (w *Writer) Projection(attributes []string) string {
	placeholders := make([]string, len(attributes))
	for i, name := range attributes {
		placeholders[i] = w.Name(name)
	}
	return strings.Join(placeholders, ",")
}

// Update is the update expression of actions; "" for none.
func (w *Writer) Update(actions []Action) string {
	var clauses []string
	for _, kind := range [...]ActionKind{Set, Remove, Add, Delete} {
		var written []string
		for _, a := range actions {
			if a.Kind != kind {
				continue
			}
			text := w.Path(a.Path)
			switch kind {
			case Set:
				text += " = " + w.operand(a.Value)
			case Add, Delete:
				text += " " + w.operand(a.Value)
			}
			written = append(written, text)
		}
		if len(written) > 0 {
			clauses = append(clauses, string(kind)+" "+strings.Join(written, ", "))
		}
	}
	return strings.Join(clauses, " ")
}

// operand is what stands behind a path's "=".
func (w *Writer) operand(operand Operand) string {
	switch o := operand.(type) {
	case *Value:
		return w.Value(o.Value)
	case Path:
		return w.Path(o)
	case *IfNotExists:
		return "if_not_exists(" + w.Path(o.Path) + ", " + w.operand(o.Else) + ")"
	case *ListAppend:
		return "list_append(" + w.operand(o.Left) + ", " + w.operand(o.Right) + ")"
	case *Arithmetic:
		sign := " + "
		if o.Minus {
			sign = " - "
		}
		return w.operand(o.Left) + sign + w.operand(o.Right)
	}
	return ""
}
