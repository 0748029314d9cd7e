package request

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/expr"
)

// carried is what an operand says beside its value. It is a types.AttributeValue so that the SDK's builders carry it:
// they hide the error of a Marshaler, and know no type that a value is of. It ends in Build, and is never sent.
type carried struct {
	types.AttributeValue              // nil for what an update removes
	of                   reflect.Type // of the value that Patch was given; nil for other operands
	err                  error
}

var (
	valueType     = reflect.TypeFor[types.AttributeValue]()
	marshalerType = reflect.TypeFor[attributevalue.Marshaler]()
)

// Value is an operand as the SDK's builders make it, but for its error, which they would hide.
func Value(path string, v any) expression.ValueBuilder {
	if built, ok := v.(expression.ValueBuilder); ok {
		return built
	}
	if _, ok := v.(expression.OperandBuilder); ok {
		return failing(path, fmt.Errorf("a %T is no value", v))
	}
	if t := reflect.TypeOf(v); t != nil && (t.Implements(valueType) || reflect.PointerTo(t).Implements(valueType)) {
		return expression.Value(v)
	}
	value, err := codec.EncodeValue(addressed(v))
	if err != nil {
		return failing(path, err)
	}
	return expression.Value(value)
}

// Operand is Value, or what the SDK's builders made of paths already.
func Operand(path string, v any) expression.OperandBuilder {
	if built, ok := v.(expression.OperandBuilder); ok {
		return built
	}
	return Value(path, v)
}

// addressed is v, or a pointer to it where it has the methods of its pointer, or something in it has those of its own:
// T's fields have them.
func addressed(v any) any {
	of := reflect.ValueOf(v)
	switch of.Kind() {
	case reflect.Invalid, reflect.Pointer:
		return v
	case reflect.Map, reflect.Slice:
		if of.IsNil() {
			return v
		}
	}
	if of.Kind() != reflect.Struct && !reflect.PointerTo(of.Type()).Implements(marshalerType) {
		return v
	}
	pointer := reflect.New(of.Type())
	pointer.Elem().Set(of)
	return pointer.Interface()
}

func failing(path string, err error) expression.ValueBuilder {
	return expression.Value(&carried{err: fmt.Errorf("operand on %s: %w", outermost(path), err)})
}

// outermost is the part of a path that is no data: what is in a value may be the key of a map.
func outermost(path string) string {
	top, _, nested := strings.Cut(path, ".")
	if nested {
		return top + ".…"
	}
	return top
}

// pointee follows pointers and interfaces; false where one is nil.
func pointee(v reflect.Value) (reflect.Value, bool) {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	if v.IsValid() && !v.CanAddr() { // methods of pointers are found on what has an address
		copied := reflect.New(v.Type()).Elem()
		copied.Set(v)
		v = copied
	}
	return v, v.IsValid()
}

// Patch is the update that gives an item what v's encoding has at these paths, and takes what it has not. An action
// that removes sets to nothing until Build knows it for what it is.
func Patch(v reflect.Value, paths []string) (u expression.UpdateBuilder) {
	v, there := pointee(v)
	for _, path := range paths {
		is := &carried{err: errors.New("Patch of a nil pointer")}
		if there {
			is = &carried{of: v.Type()}
			if is.AttributeValue, is.err = encodedAt(v, path); is.err != nil {
				is.err = fmt.Errorf("Patch: %w", is.err)
			}
		}
		u = u.Set(expression.Name(path), expression.Value(is))
	}
	return u
}

// encodedAt is what v's encoding has at a path, nil for nothing.
func encodedAt(v reflect.Value, path string) (types.AttributeValue, error) {
	steps, err := stepsOf(path)
	if err != nil {
		return nil, err
	}
	item := attr.Item{}
	if v.Type().ConvertibleTo(reflect.TypeFor[attr.Item]()) {
		item = entity.ItemOf(v)
	} else {
		plan, err := codec.Of(v.Type())
		if err != nil {
			return nil, err
		}
		if !plan.Has(texts(steps)...) {
			return nil, fmt.Errorf("%s has no attribute %s", v.Type(), shownBy(plan, steps))
		}
		value, err := plan.Attribute(v, steps[0].Name)
		if err != nil {
			return nil, err
		}
		if value != nil {
			item[steps[0].Name] = value
		}
	}
	found := steps.In(expr.MapItem(item))
	if attr.Absent(found) {
		return nil, nil
	}
	return found, nil
}

// stepsOf reads a path as expression.Name does: steps end with dots, and places of lists stand in brackets at their
// ends.
func stepsOf(path string) (steps expr.Path, err error) {
	for word := range strings.SplitSeq(path, ".") {
		name, indexes := word, ""
		if at := strings.IndexByte(word, '['); at >= 0 && strings.HasSuffix(word, "]") {
			name, indexes = word[:at], word[at:]
		}
		if name == "" {
			return nil, errors.New("a path has an empty step")
		}
		steps = append(steps, expr.Elem{Name: name, Index: -1})
		for indexes != "" {
			text, rest, _ := strings.Cut(indexes[1:], "]")
			index, err := strconv.Atoi(text)
			if err != nil || index < 0 || rest != "" && rest[0] != '[' {
				return nil, errors.New("a path has no number between its brackets")
			}
			steps, indexes = append(steps, expr.Elem{Index: index}), rest
		}
	}
	return steps, nil
}

// texts are the steps of a path as a codec.Plan looks them up.
func texts(path expr.Path) []string {
	steps := make([]string, len(path))
	for i, elem := range path {
		if steps[i] = elem.Name; elem.Index >= 0 {
			steps[i] = fmt.Sprintf("[%d]", elem.Index)
		}
	}
	return steps
}

// unpack takes the values out of what carries them.
func (e *Maker) unpack(b *Built) error {
	for _, placeholder := range slices.Sorted(maps.Keys(b.Values)) {
		is, ok := b.Values[placeholder].(*carried)
		if !ok {
			continue
		}
		switch {
		case is.of != nil && is.of != e.GoType:
			return fmt.Errorf("Patch takes a %s, or a pointer to one, not a %s", e.GoType, is.of)
		case is.err != nil:
			return fmt.Errorf("expression: %w", is.err)
		}
		if b.patched == nil {
			b.patched = map[string]bool{}
		}
		b.patched[placeholder] = is.AttributeValue != nil
		if b.Values[placeholder] = is.AttributeValue; is.AttributeValue == nil {
			b.Values[placeholder] = &types.AttributeValueMemberNULL{Value: true}
		}
	}
	return nil
}

// actions are those of the parsed update, with the removals of Patch as what they are. A time by which an item expires
// is no time where it is zero, as in an item that is put.
func (b *Built) actions(expires *codec.Field) []expr.Action {
	all := slices.Clone(b.Parsed.Actions)
	for i, action := range all {
		operand, ok := action.Value.(*expr.Value)
		if !ok {
			continue
		}
		has, patched := b.patched[operand.Placeholder]
		if patched && has && expires != nil && expires.Kind == codec.Time && entity.LeadsTo(action.Path, expires.Name) {
			at := reflect.New(expires.Type).Elem()
			has = expires.Decode(operand.Value, at) != nil || !entity.Unset(at)
		}
		if patched && !has {
			all[i].Kind, all[i].Value = expr.Remove, nil
		}
	}
	return all
}
