package partiql

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// root is what messages call a value; what lies in it follows behind.
const root = "root"

// kinds are what messages call a piece within a value.
func kindOf(e Expr) string {
	switch e := e.(type) {
	case *Name:
		return "VariableReference"
	case *Parameter:
		return "Parameter"
	case *Path:
		return "Path"
	case *Literal:
		switch e.Kind {
		case Missing:
			return "LiteralMissing"
		case Date:
			return "DateTimeType"
		}
		return "Literal"
	case *List, *Bag, *Sexp:
		return "Seq"
	case *Struct:
		return "Struct"
	case *Call:
		if e.Aggregate {
			return "CallAgg"
		}
	case *Is, *Cast:
		return "Typed"
	case *Select:
		return "Select"
	case *Case:
		if e.Of != nil {
			return "SimpleCase"
		}
		return "SearchedCase"
	}
	return "NAry"
}

// wordOf is what messages call a piece by its own word or sign.
func wordOf(e Expr) string {
	switch e := e.(type) {
	case *Name:
		return e.Text
	case *Parameter:
		return "PARAMETER"
	case *Path:
		return "PATH"
	case *Literal:
		switch e.Kind {
		case Missing:
			return "MISSING"
		case Date:
			return "UNKNOWN"
		case String:
			return `"` + e.Text + `"`
		case Number:
			return e.Text
		case Null:
			return "null"
		}
		return strings.ToLower(fmt.Sprint(e.Kind == True))
	case *List:
		return "LIST"
	case *Bag:
		return "BAG"
	case *Sexp:
		return "SEXP"
	case *Struct:
		return "STRUCT"
	case *Call:
		return e.Function
	case *Unary:
		return e.Operator
	case *Binary:
		return e.Operator
	case *Between:
		return "between"
	case *In:
		return "in"
	case *Like:
		return "like"
	case *Is:
		return "is"
	case *Cast:
		return "cast"
	case *Case:
		return "CASE"
	case *Select:
		return "SELECT"
	}
	return "UNKNOWN"
}

// value makes the value that a literal is, which stands at that path.
func value(e Expr, path string, depth int) (types.AttributeValue, error) {
	switch e := e.(type) {
	case *Literal:
		return scalar(e, path)
	case *List:
		return list(e, path, depth)
	case *Struct:
		m, err := fields(e, path, depth)
		return &types.AttributeValueMemberM{Value: m}, err
	case *Bag:
		return set(e, path)
	case *Sexp:
		return nil, refuse("Unsupported data type: Seq under key %s at %s", path, e.At)
	}
	if path == root {
		return nil, refuse("Unsupported data type: %s under key %s at %s", wordOf(e), path, e.Where())
	}
	return nil, refuse("Unsupported data type: %s under key %s at %s", kindOf(e), path, e.Where())
}

func list(e *List, path string, depth int) (types.AttributeValue, error) {
	if depth++; depth >= size.MaxNesting {
		return nil, tooDeep(path)
	}
	l := &types.AttributeValueMemberL{Value: make([]types.AttributeValue, len(e.Items))}
	for i, item := range e.Items {
		var err error
		if l.Value[i], err = value(item, fmt.Sprintf("%s[%d]", path, i), depth); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func tooDeep(path string) error {
	return refuse("Nesting Levels have exceeded supported limits under %s", path)
}

func scalar(e *Literal, path string) (types.AttributeValue, error) {
	switch e.Kind {
	case String:
		return &types.AttributeValueMemberS{Value: e.Text}, nil
	case Number:
		d, err := number.Parse(e.Text)
		if fault := NumberFault(e.Text); fault != nil {
			err = fault
		}
		if err != nil {
			return nil, refuse("%s under %s", err, path)
		}
		text := e.Text // which messages show
		if strings.ContainsAny(text, "eE") {
			text = d.String()
		}
		return &types.AttributeValueMemberN{Value: text}, nil
	case True, False:
		return &types.AttributeValueMemberBOOL{Value: e.Kind == True}, nil
	case Null:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case Ion:
		return nil, refuse("Ion Literals are not supported: %s under key %s at %s", ionType(e.Text), path, e.At)
	}
	if path == root {
		return nil, refuse("Unsupported data type: %s under key %s at %s", wordOf(e), path, e.At)
	}
	return nil, refuse("Unsupported data type: %s under key %s at %s", kindOf(e), path, e.At)
}

// fields makes a map.
func fields(e *Struct, path string, depth int) (map[string]types.AttributeValue, error) {
	if depth++; depth >= size.MaxNesting {
		return nil, tooDeep(path)
	}
	m := make(map[string]types.AttributeValue, len(e.Fields))
	for _, f := range e.Fields {
		name, err := fieldName(f, path)
		if err != nil {
			return nil, err
		}
		v, err := value(f.Value, path+"."+name, depth)
		if err != nil {
			return nil, err
		}
		if m[name] != nil {
			return nil, refuse("Duplicate keys in tuple. Key: %s under %s at %s", name, path, e.At)
		}
		m[name] = v
	}
	return m, nil
}

func fieldName(f Field, path string) (string, error) {
	name, ok := f.Name.(*Literal)
	if !ok || name.Kind != String {
		return "", refuse("Tuple keys must be of type String. Actual type: %s under %s at %s", kindOf(f.Name), path,
			f.Name.Where())
	}
	if name.Text == "" {
		return "", errEmptyName
	}
	return name.Text, nil
}

// set makes a set, of strings or of numbers.
func set(e *Bag, path string) (types.AttributeValue, error) {
	const only = "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
	if len(e.Items) == 0 {
		return nil, refuse("Empty bags are not supported")
	}
	texts := make([]string, len(e.Items))
	kind := LiteralKind(Ion)
	seen := map[string]bool{}
	repeats := false
	for i, item := range e.Items {
		l, ok := item.(*Literal)
		if !ok || l.Kind != String && l.Kind != Number {
			return nil, refuse("%s at %s", only, item.Where())
		}
		if i > 0 && l.Kind != kind {
			return nil, refuse(only)
		}
		kind, texts[i] = l.Kind, l.Text
		stored := l.Text
		if kind == Number {
			if _, err := scalar(l, path); err != nil {
				return nil, err
			}
			d, err := number.Parse(l.Text)
			if err != nil {
				return nil, err
			}
			stored = d.String()
		}
		repeats = repeats || seen[stored]
		seen[stored] = true
	}
	if repeats {
		end := "."
		if kind == Number {
			end = "! under " + path
		}
		return nil, refuse("One or more parameter values were invalid: Input collection [%s] contains duplicates%s",
			strings.Join(texts, ", "), end)
	}
	if kind == Number {
		return &types.AttributeValueMemberNS{Value: texts}, nil
	}
	return &types.AttributeValueMemberSS{Value: texts}, nil
}

// item makes the item of an INSERT. A parameter may stand for an attribute.
func (b *binder) item(e Expr) (map[string]types.AttributeValue, error) {
	s, ok := e.(*Struct)
	if !ok {
		return nil, refuse("Unsupported format in item expression. Please use struct format {...} to express item "+
			"values for insert statement. at %s", e.Where())
	}
	item := make(map[string]types.AttributeValue, len(s.Fields))
	for _, f := range s.Fields {
		name, err := fieldName(f, root)
		if err != nil {
			return nil, err
		}
		var v types.AttributeValue
		if p, ok := f.Value.(*Parameter); ok {
			v, err = b.parameter(p)
		} else {
			v, err = value(f.Value, root, 0)
		}
		if err != nil {
			return nil, err
		}
		if item[name] != nil {
			return nil, refuse("Duplicate keys in tuple. Key: %s under %s at %s", name, root, f.Name.Where())
		}
		item[name] = v
	}
	return item, nil
}

var errEmptyName = refuse("Path component cannot be an empty string")
