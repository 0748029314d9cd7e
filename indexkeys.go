package monotable

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/keytext"
)

// updateOf makes the expressions of an Update or Upsert: what the caller asked for, the index keys that follow from it, the
// version, and the conditions.
func (e *entity) updateOf(key reflect.Value, u expression.UpdateBuilder, upsert bool, s *settings) (*built, error) {
	asked, err := e.build(nil, &u)
	var empty expression.UnsetParameterError
	if errors.As(err, &empty) && upsert {
		asked, err = &built{parsed: &expr.Update{}}, nil
	}
	if err != nil {
		return nil, err
	}
	follow := &following{entity: e, key: key, actions: asked.parsed.Actions, known: map[string]types.AttributeValue{}}
	if err := follow.check(); err != nil {
		return nil, err
	}
	var conditions []expression.ConditionBuilder
	if !upsert {
		conditions = append(conditions, expression.AttributeExists(expression.NameNoDotSplit(e.table.partition[0].name)))
	}
	for _, k := range s.known {
		value, err := follow.learn(k)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, e.isKnown(k.name, value))
	}
	if u, err = rebuilt(asked.parsed.Actions); err != nil {
		return nil, err
	}
	u = follow.stampUpdate(u, upsert)
	if u, err = follow.indexKeys(u, upsert); err != nil {
		return nil, err
	}
	if upsert {
		for _, c := range e.unique {
			if !slices.ContainsFunc(c.part.fields, func(field keyField) bool { return !follow.identifies(field.path) }) {
				return nil, keyError("unique constraint %s is made of the key alone: Upsert would have to write its guard; use Create, Put or Modify", c.name)
			}
		}
		if u, err = follow.identity(u); err != nil {
			return nil, err
		}
	}
	if e.version != nil {
		name := expression.NameNoDotSplit(e.version.Name)
		u = u.Set(name, expression.Plus(name.IfNotExists(expression.Value(0)), expression.Value(1)))
	}
	conditions = append(append(conditions, s.conditions...), e.ofThisType()...)
	b, err := e.build(conditions, &u)
	if errors.As(err, &empty) && upsert { // an upsert of nothing into a table of natural keys
		b, err = e.build(conditions, nil)
		if err == nil {
			b.parsed = &expr.Update{}
		}
	}
	return b, err
}

// following finds what else an update must write.
type following struct {
	*entity
	key     reflect.Value
	actions []expr.Action
	known   map[string]types.AttributeValue // by path, as given with Known
}

// check refuses actions on attributes that identify the item or that the library writes.
func (f *following) check() error {
	for _, action := range f.actions {
		top := action.Path[0].Name
		if f.made[top] {
			return keyError("%s is written by the library: change the attributes it is made of", top)
		}
		if f.version != nil && top == f.version.Name {
			return keyError("%s is the version, which each write raises by itself", top)
		}
		if name, ok := f.guarded(action.Path); ok {
			return keyError("%s is what unique constraint %s is made of: use Modify, which writes its guard too", pathName(action.Path), name)
		}
		for _, part := range f.table.parts() {
			if top == part.name {
				return keyError("%s is an attribute of the primary key, which never changes: delete the item and create another", top)
			}
			for _, field := range part.fields {
				if overlap(action.Path, field.path) {
					return keyError("%s is what primary key %s is made of, and never changes: delete the item and create another", field.path, part.name)
				}
			}
		}
	}
	return nil
}

// learn notes a Known value, encoded as T encodes it.
func (f *following) learn(k knownField) (types.AttributeValue, error) {
	if f.plan == nil {
		return nil, keyError("Known(%s): a table of Item has no templates", k.name)
	}
	field, ok := f.plan.Lookup(strings.Split(k.name, ".")...)
	if !ok {
		return nil, keyError("Known(%s): %s has no such attribute", k.name, f.goType)
	}
	value, err := field.EncodeAny(k.value)
	if err != nil {
		return nil, keyError("Known(%s): %w", k.name, err)
	}
	f.known[k.name] = value
	return value, nil
}

// isKnown is the condition that an attribute has a value. A zero value may be stored as itself, as NULL, or left out.
func (e *entity) isKnown(path string, value types.AttributeValue) expression.ConditionBuilder {
	name := nameOf(pathOf(path))
	is := name.Equal(expression.Value(value))
	field, ok := e.plan.Lookup(strings.Split(path, ".")...)
	if !ok {
		return is
	}
	v := reflect.New(field.Type).Elem()
	if err := field.Decode(value, v); err == nil && (v.IsZero() || unset(v)) {
		is = is.Or(expression.AttributeNotExists(name), expression.AttributeType(name, expression.Null))
	}
	return is
}

// pathOf is a dotted attribute path as a document path.
func pathOf(dotted string) (path expr.Path) {
	for step := range strings.SplitSeq(dotted, ".") {
		path = append(path, expr.Elem{Name: step, Index: -1})
	}
	return path
}

// indexKeys adds the index keys that follow from the actions to u. For an upsert they also include those that follow from the
// key alone.
func (f *following) indexKeys(u expression.UpdateBuilder, upsert bool) (expression.UpdateBuilder, error) {
	done := map[string]bool{}
	for _, space := range f.spaces()[1:] {
		for _, part := range space.parts() {
			if f.table.has(part.name) || done[part.name] {
				continue
			}
			done[part.name] = true
			if part.natural() {
				if err := f.checkNatural(&part, space); err != nil {
					return u, err
				}
				continue
			}
			touched := slices.ContainsFunc(part.fields, func(field keyField) bool { return f.touches(field.path) })
			if !touched && !upsert {
				continue
			}
			text, empty, lacks, err := f.remake(&part, upsert && !touched)
			name := expression.NameNoDotSplit(part.name)
			switch {
			case err != nil:
				return u, err
			case upsert && !touched && !empty && len(lacks) == 0:
				u = u.Set(name, name.IfNotExists(expression.Value(text)))
			case empty && touched:
				u = u.Remove(name)
			case empty:
			case len(lacks) > 0 && touched:
				return u, keyError("the update changes key %s of %s, which is also made of %s: give Known(%q, …), set it in the same update, or use Modify",
					part.name, space, strings.Join(lacks, ", "), lacks[0])
			case len(lacks) > 0:
			default:
				u = u.Set(name, expression.Value(text))
			}
		}
	}
	return u, nil
}

func (f *following) touches(path string) bool {
	return slices.ContainsFunc(f.actions, func(a expr.Action) bool { return overlap(a.Path, path) })
}

// remake is a template's text after the update; empty says that a field it is made of is emptied, lacks which are not known.
//
// fresh asks for the text that an item has which the update creates: what is not known is absent.
func (f *following) remake(part *keyPart, fresh bool) (text string, empty bool, lacks []string, err error) {
	values := make([]keytext.Value, len(part.fields))
	for i := range part.fields {
		field := &part.fields[i]
		value, set, known, err := f.after(field)
		if err == nil && !known && fresh {
			value, set, err = field.absentValue()
			known = true
		}
		switch {
		case err != nil:
			return "", false, nil, err
		case !known:
			lacks = append(lacks, field.path)
		case !set:
			empty = true
		}
		values[i] = value
	}
	if empty || len(lacks) > 0 {
		return "", empty, lacks, nil
	}
	text, err = part.textOf(func(i int) (keytext.Value, bool, error) { return values[i], true, nil })
	return text, false, nil, err
}

// after is a template field's value after the update.
func (f *following) after(field *keyField) (value keytext.Value, set, known bool, err error) {
	for _, action := range f.actions {
		if !overlap(action.Path, field.path) {
			continue
		}
		if leadsTo(action.Path, field.path) {
			if action.Kind == expr.Remove {
				value, set, err = field.absentValue()
				return value, set, true, err
			}
			if operand, ok := action.Value.(*expr.Value); ok && action.Kind == expr.Set {
				value, set, err = field.fromEncoded(operand.Value)
				return value, set, err == nil, err
			}
		}
		return value, false, false, keyError("%s is what an index key is made of: an update sets it to a plain value or removes it; for anything else use Modify", field.path)
	}
	if given, ok := f.known[field.path]; ok {
		value, set, err = field.fromEncoded(given)
		return value, set, err == nil, err
	}
	for _, part := range f.table.parts() {
		for i := range part.fields {
			if p := &part.fields[i]; p.path == field.path && p.determines(field) {
				value, set, err = field.value(f.key)
				return value, set, err == nil, err
			}
		}
	}
	return value, false, false, nil
}

// checkNatural refuses a value that T's own attribute cannot have as an index key.
func (f *following) checkNatural(part *keyPart, space *keySpace) error {
	for _, action := range f.actions {
		operand, plain := action.Value.(*expr.Value)
		if action.Kind != expr.Set || !plain || len(action.Path) != 1 || action.Path[0].Name != part.name {
			continue
		}
		if err := part.check(operand.Value); err != nil {
			return fmt.Errorf("%w, which %s needs: remove the attribute to leave the item out of it", err, space)
		}
	}
	return nil
}

// identifies tells whether the primary key is made of an attribute.
func (f *following) identifies(path string) bool {
	return slices.ContainsFunc(f.table.parts(), func(part keyPart) bool {
		return slices.ContainsFunc(part.fields, func(field keyField) bool { return field.path == path })
	})
}

// identity adds what an upsert that creates must store beside the key: the attributes that the key is made of, and the type.
func (f *following) identity(u expression.UpdateBuilder) (expression.UpdateBuilder, error) {
	done := map[string]bool{}
	for _, part := range f.table.parts() {
		if part.natural() {
			continue
		}
		for _, field := range part.fields {
			if done[field.path] {
				continue
			}
			done[field.path] = true
			if strings.Contains(field.path, ".") {
				return u, keyError("%s is made of the nested attribute %s, which Upsert cannot create: use Modify or Put", part.name, field.path)
			}
			v, _ := field.field.Value(f.key)
			value, err := field.field.EncodeAny(v.Interface())
			if err != nil {
				return u, keyError("%s: %w", field.path, err)
			}
			name := expression.NameNoDotSplit(field.path)
			if field.exact() {
				u = u.Set(name, expression.Value(value))
			} else { // the item may hold it in another form of the same key
				u = u.Set(name, name.IfNotExists(expression.Value(value)))
			}
		}
	}
	if f.typed() {
		u = u.Set(expression.NameNoDotSplit(f.db.schema.EntityType), expression.Value(f.name))
	}
	return u, nil
}

// overlap tells whether a document path and a dotted attribute path are equal or one leads through the other.
func overlap(path expr.Path, dotted string) bool {
	names := strings.Split(dotted, ".")
	for i := range min(len(path), len(names)) {
		if path[i].Index >= 0 || path[i].Name != names[i] {
			return false
		}
	}
	return true
}

// leadsTo tells whether a document path is an attribute path.
func leadsTo(path expr.Path, dotted string) bool {
	return len(path) == strings.Count(dotted, ".")+1 && overlap(path, dotted)
}

// rebuilt is an update builder of these actions that shares nothing with the caller's, which adding to it would change.
func rebuilt(actions []expr.Action) (u expression.UpdateBuilder, err error) {
	for _, action := range actions {
		name := nameOf(action.Path)
		switch action.Kind {
		case expr.Set:
			value, err := operandOf(action.Value)
			if err != nil {
				return u, err
			}
			u = u.Set(name, value)
		case expr.Remove:
			u = u.Remove(name)
		case expr.Add, expr.Delete:
			value, ok := action.Value.(*expr.Value)
			if !ok {
				return u, fmt.Errorf("expression: %s takes a value", action.Kind)
			}
			if operand := expression.Value(value.Value); action.Kind == expr.Add {
				u = u.Add(name, operand)
			} else {
				u = u.Delete(name, operand)
			}
		}
	}
	return u, nil
}

// nameOf names a path step by step, since a step may have dots of its own.
func nameOf(path expr.Path) expression.NameBuilder {
	name := expression.NameNoDotSplit(path[0].Name)
	for _, step := range path[1:] {
		text := step.Name
		if step.Index >= 0 {
			text = "[" + strconv.Itoa(step.Index) + "]"
		}
		name = name.AppendName(expression.NameNoDotSplit(text))
	}
	return name
}

func operandOf(operand expr.Operand) (expression.OperandBuilder, error) {
	two := func(left, right expr.Operand) (l, r expression.OperandBuilder, err error) {
		if l, err = operandOf(left); err == nil {
			r, err = operandOf(right)
		}
		return l, r, err
	}
	switch o := operand.(type) {
	case *expr.Value:
		return expression.Value(o.Value), nil
	case expr.Path:
		return nameOf(o), nil
	case *expr.IfNotExists:
		otherwise, err := operandOf(o.Else)
		return expression.IfNotExists(nameOf(o.Path), otherwise), err
	case *expr.ListAppend:
		l, r, err := two(o.Left, o.Right)
		return expression.ListAppend(l, r), err
	case *expr.Arithmetic:
		l, r, err := two(o.Left, o.Right)
		if o.Minus {
			return expression.Minus(l, r), err
		}
		return expression.Plus(l, r), err
	}
	return nil, fmt.Errorf("expression: unknown operand %T", operand)
}
