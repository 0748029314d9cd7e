package monotable

import (
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
)

// Errors that an *AttributeError can be told by, with errors.Is.
var (
	// ErrAbsent: an item has no attribute at that path.
	ErrAbsent = errors.New("monotable: no such attribute")
	// ErrType: the attribute has another type than the one asked for.
	ErrType = errors.New("monotable: attribute of another type")
)

// AttributeError says why an attribute could not be had as it was asked for. It never holds values.
//
// errors.Is(err, ErrAbsent) if there is no such attribute, errors.Is(err, ErrType) if it, or something on the way to
// it, has another type. Neither holds for a path that is malformed, and for a value that does not fit the Go type asked
// for.
type AttributeError struct {
	Path   string // as it was asked for; "" for the item itself
	Where  string // the part of Path that is absent or has the wrong type, if it is not all of it
	Have   string // the type that is there, such as "number" or "string set"; "" if nothing is
	Want   string // the type that was wanted; "" if any
	Reason string // what else is wrong; "" if the types say it all

	shown string // Path without the names inside of values, which may be data; "" for all of Path
	cause error  // of package attributevalue's types where one stands for the reason; may show values
}

// attributeError makes an *AttributeError of the codec's error on the attribute at a path; nil of nil.
func attributeError(path string, err error) error {
	if err == nil {
		return nil
	}
	wrong := &AttributeError{Path: path, Reason: err.Error(), cause: err}
	var inner *codec.Error
	if errors.As(err, &inner) {
		wrong.Reason, wrong.cause = inner.Reason, inner.Err
		wrong.Path, wrong.shown = attr.Join(path, inner.Path), attr.Join(path, inner.Shown)
		if rest, of := strings.CutPrefix(wrong.shown, attr.SomeKey); of { // of a map that is the item
			if steps, err := parsePath(wrong.Path); err == nil {
				wrong.shown = attr.EscapeName(steps[0].name) + rest
			}
		}
	}
	return wrong
}

// valueError is what is wrong with a value at a path, whose first step is an attribute's name.
func valueError(path, reason string) error {
	wrong := &AttributeError{Path: path, Reason: reason}
	if steps, err := parsePath(path); path != "" && err == nil {
		for i, step := range steps {
			switch {
			case step.index >= 0:
				wrong.shown += "[" + strconv.Itoa(step.index) + "]"
			case i == 0:
				wrong.shown = attr.EscapeName(step.name)
			default:
				wrong.shown = attr.Join(wrong.shown, attr.SomeKey)
			}
		}
	}
	return wrong
}

// checkItem finds what DynamoDB could not hold, or would hold as something else.
func checkItem(item Item) error {
	err := attr.CheckItem(item)
	var wrong *attr.Error
	if errors.As(err, &wrong) {
		return &AttributeError{Path: wrong.Path, shown: wrong.Shown, Reason: wrong.Reason}
	}
	return err
}

// Unwrap returns the cause, if there is one: an error of package attributevalue, or of a type's own Marshaler or
// Unmarshaler. Its text may show values.
func (e *AttributeError) Unwrap() error { return e.cause }

// Error names the attribute, what is there and what was wanted.
func (e *AttributeError) Error() string {
	what := "the item"
	switch {
	case e.shown != "":
		what = "attribute " + e.shown
	case e.Path != "":
		what = "attribute " + e.Path
	}
	where := ""
	if e.Where != "" && e.Where != e.Path {
		where = e.Where
	}
	switch {
	case e.Reason != "":
		return "monotable: " + what + ": " + e.Reason
	case e.Have == "" && where != "":
		return "monotable: " + what + ": there is no " + where
	case e.Have == "":
		return "monotable: " + what + ": there is none"
	case where != "":
		return "monotable: " + what + ": " + where + " is a " + e.Have + ", not a " + e.Want
	}
	return "monotable: " + what + " is a " + e.Have + ", not a " + e.Want
}

// Is tells ErrAbsent and ErrType.
func (e *AttributeError) Is(target error) bool {
	switch {
	case e.Reason != "":
		return false
	case e.Have == "":
		return target == ErrAbsent
	}
	return target == ErrType
}

// step is one element of a path: a name, or an index if name is "" and index is not negative.
type pathStep struct {
	name  string
	index int // -1 for a name
}

// parsePath reads a path. The first step is a name.
func parsePath(path string) ([]pathStep, error) {
	malformed := &AttributeError{Path: path, Reason: "the path is malformed"}
	var steps []pathStep
	for rest := path; ; {
		name, more, ok := cutName(rest)
		if !ok {
			return nil, malformed
		}
		steps = append(steps, pathStep{name: name, index: -1})
		for strings.HasPrefix(more, "[") {
			digits, after, closed := strings.Cut(more[1:], "]")
			index, err := strconv.ParseUint(digits, 10, 31)
			if !closed || err != nil {
				return nil, malformed
			}
			steps, more = append(steps, pathStep{index: int(index)}), after
		}
		if more == "" {
			return steps, nil
		}
		if more[0] != '.' {
			return nil, malformed
		}
		rest = more[1:]
	}
}

// cutName cuts the name at the front of a path from what follows it.
func cutName(path string) (name, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch c := path[i]; c {
		case '\\':
			if i++; i == len(path) {
				return "", "", false
			}
			b.WriteByte(path[i])
		case '.', '[':
			return b.String(), path[i:], b.Len() > 0
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", b.Len() > 0
}

func pathText(steps []pathStep) string {
	text := ""
	for _, s := range steps {
		if s.index >= 0 {
			text += "[" + strconv.Itoa(s.index) + "]"
		} else {
			text = attr.Join(text, attr.EscapeName(s.name))
		}
	}
	return text
}

// At returns the attribute at a path. The error is ErrAbsent if there is none, or ErrType if the path leads through
// something that is not a map, or not a list.
func (i Item) At(path string) (types.AttributeValue, error) {
	steps, err := parsePath(path)
	if err != nil {
		return nil, err
	}
	return i.walk(path, steps)
}

func (i Item) walk(path string, steps []pathStep) (types.AttributeValue, error) {
	var av types.AttributeValue = &types.AttributeValueMemberM{Value: i}
	for n, s := range steps {
		next, wrong := s.from(av)
		if wrong != "" {
			return nil, &AttributeError{Path: path, Where: pathText(steps[:n]), Have: typeOf(av), Want: wrong}
		}
		if attr.Absent(next) {
			return nil, &AttributeError{Path: path, Where: pathText(steps[:n+1])}
		}
		av = next
	}
	return av, nil
}

// from takes the step from av; wrong is the type that av would need to have.
func (s pathStep) from(av types.AttributeValue) (next types.AttributeValue, wrong string) {
	if s.index < 0 {
		m, ok := av.(*types.AttributeValueMemberM)
		if !ok {
			return nil, "map"
		}
		return m.Value[s.name], ""
	}
	l, ok := av.(*types.AttributeValueMemberL)
	switch {
	case !ok:
		return nil, "list"
	case s.index >= len(l.Value):
		return nil, ""
	}
	return l.Value[s.index], ""
}

// Has reports whether there is an attribute at a path, NULL included.
func (i Item) Has(path string) bool {
	_, err := i.At(path)
	return err == nil
}

// Set writes an attribute, encoding x as a struct field of its type would be. As in an update expression, what leads to
// it must be there (else ErrAbsent or ErrType), and an index behind a list's end appends.
func (i Item) Set(path string, x any) error {
	steps, err := parsePath(path)
	if err != nil {
		return err
	}
	av, err := codec.EncodeValue(x)
	if err != nil {
		return attributeError(path, err)
	}
	return i.change(path, steps, func(m map[string]types.AttributeValue, name string) { m[name] = av },
		func(l []types.AttributeValue, index int) []types.AttributeValue {
			if index >= len(l) {
				return append(l, av)
			}
			l[index] = av
			return l
		})
}

// Remove removes an attribute, or an element of a list, whose later elements move up. What leads to it must be there
// (else ErrAbsent or ErrType), the attribute itself need not.
func (i Item) Remove(path string) error {
	steps, err := parsePath(path)
	if err != nil {
		return err
	}
	return i.change(path, steps, func(m map[string]types.AttributeValue, name string) { delete(m, name) },
		func(l []types.AttributeValue, index int) []types.AttributeValue {
			if index >= len(l) {
				return l
			}
			return append(l[:index:index], l[index+1:]...)
		})
}

// change hands the map or the list that the last step leads from to one of two functions.
func (i Item) change(path string, steps []pathStep, entry func(map[string]types.AttributeValue, string),
	elem func([]types.AttributeValue, int) []types.AttributeValue) error {
	last := steps[len(steps)-1]
	if len(steps) == 1 {
		entry(i, last.name)
		return nil
	}
	in, err := i.walk(path, steps[:len(steps)-1])
	if err != nil {
		return err
	}
	if _, wrong := last.from(in); wrong != "" {
		return &AttributeError{Path: path, Where: pathText(steps[:len(steps)-1]), Have: typeOf(in), Want: wrong}
	}
	switch in := in.(type) {
	case *types.AttributeValueMemberM:
		if in.Value == nil {
			in.Value = map[string]types.AttributeValue{}
		}
		entry(in.Value, last.name)
	case *types.AttributeValueMemberL:
		in.Value = elem(in.Value, last.index)
	}
	return nil
}

// typeOf names a value's type for an error.
func typeOf(av types.AttributeValue) string {
	if name := codec.TypeName(av); name != "" {
		return name
	}
	return "value of unknown type"
}
