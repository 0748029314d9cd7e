package request

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/keytext"
)

// errNothing: an Upsert of nothing makes the item, and an Update of nothing would do nothing.
var errNothing = errors.New("the update changes nothing: give it Set, Add, Delete, Remove or Patch with at least one " +
	"attribute")

// isEmpty tells an update without an action.
func isEmpty(u expression.UpdateBuilder) bool { return reflect.ValueOf(u).IsZero() }

// UpdateOf makes the expressions of an Update or Upsert: what the caller asked for, the index keys that follow from it,
// the version, and the conditions. seen are the item as the caller knows it.
func (e *Maker) UpdateOf(key reflect.Value, u expression.UpdateBuilder, upsert bool, seen []reflect.Value,
	when []expression.ConditionBuilder) (*Built, error) {
	follow := &following{Maker: e, key: key, upsert: upsert, learned: map[string]bool{}}
	for _, v := range seen {
		if err := follow.see(v); err != nil {
			return nil, err
		}
	}
	if !isEmpty(u) {
		asked, err := e.Build(nil, &u)
		if err != nil {
			return nil, err
		}
		follow.asked = asked.actions(e.Expires)
		follow.actions = follow.asked
	} else if !upsert {
		return nil, errNothing
	}
	if err := follow.check(); err != nil {
		return nil, err
	}
	if !upsert {
		follow.when(expression.AttributeExists(expression.NameNoDotSplit(e.Table.Partition[0].Name)))
	}
	u, err := rebuilt(follow.actions)
	if err != nil {
		return nil, err
	}
	if u, err = follow.more(u); err != nil {
		return nil, err
	}
	conditions := append(append(follow.conditions, when...), e.OfThisType()...)
	if isEmpty(u) { // an upsert of nothing into a table of natural keys
		b, err := e.Build(conditions, nil)
		if err == nil {
			b.Parsed = &expr.Update{}
		}
		return b, err
	}
	b, err := e.build(conditions, &u, true)
	if err == nil {
		b.Raises = e.Version != nil && follow.counts()
	}
	return b, err
}

// following finds what else an update must write, and on which conditions that is right.
type following struct {
	*Maker
	key        reflect.Value
	upsert     bool
	asked      []expr.Action   // the caller's
	actions    []expr.Action   // those, and what follows from them
	seen       []reflect.Value // the item as Known says it
	learned    map[string]bool // paths that were taken from it, and are conditions
	conditions []expression.ConditionBuilder
}

func (f *following) when(c expression.ConditionBuilder) { f.conditions = append(f.conditions, c) }

// more adds to u what follows from it: timestamps, index keys, the item's identity, the version.
func (f *following) more(u expression.UpdateBuilder) (expression.UpdateBuilder, error) {
	u = f.stampUpdate(u, f.upsert)
	u, err := f.indexKeys(u)
	if err != nil {
		return u, err
	}
	if f.upsert {
		if err := f.checkUnique(); err != nil {
			return u, err
		}
		u, err = f.identity(u)
	}
	if err == nil && f.Version != nil && f.counts() {
		name := expression.NameNoDotSplit(f.Version.Name)
		u = u.Set(name, expression.Plus(name.IfNotExists(expression.Value(0)), expression.Value(1)))
	}
	return u, err
}

// counts tells whether the update is a change of the item, which raises its version: not one of uncounted attributes
// alone. An upsert may make the item.
func (f *following) counts() bool {
	return f.upsert || len(f.Uncounted) == 0 ||
		slices.ContainsFunc(f.asked, func(a expr.Action) bool { return !f.Uncounted[a.Path[0].Name] })
}

// check refuses actions on attributes that identify the item or that the library writes.
func (f *following) check() error {
	for _, action := range f.actions {
		top := action.Path[0].Name
		if f.Made[top] {
			return entity.KeyError("%s is written by the library: change the attributes it is made of", top)
		}
		if f.Version != nil && top == f.Version.Name {
			return entity.KeyError("%s is the version, which each write raises by itself", top)
		}
		if name, ok := f.Guarded(action.Path); ok {
			return entity.KeyError("%s is what unique constraint %s is made of: use Modify, which writes its guard too",
				f.shown(action.Path), name)
		}
		for _, part := range f.Table.Parts() {
			if top == part.Name {
				return entity.KeyError("%s is an attribute of the primary key, which never changes: delete the item "+
					"and create another", top)
			}
			for _, field := range part.Fields {
				if entity.Overlap(action.Path, field.Path) {
					return entity.KeyError("%s is what primary key %s is made of, and never changes: delete the item "+
						"and create another", field.Path, part.Name)
				}
			}
		}
	}
	return nil
}

// see notes an item that was given with Known.
func (f *following) see(v reflect.Value) error {
	v, there := pointee(v)
	if !there {
		return errors.New("Known: the pointer is nil")
	}
	if v.Type() != f.GoType {
		return fmt.Errorf("Known takes a %s, or a pointer to one, not a %s", f.GoType, v.Type())
	}
	f.seen = append(f.seen, v)
	return nil
}

// learn takes a template's field from the item that was seen, and makes that a condition. An upsert has what the key is
// made of from there only if the item has it; else from the key.
func (f *following) learn(field *entity.Field) (value keytext.Value, set, known bool, err error) {
	first := !f.learned[field.Path]
	for _, seen := range f.seen {
		was, has, err := field.Value(seen)
		if err != nil {
			return value, false, false, err
		}
		if !has && f.upsert && f.identifies(field.Path) {
			continue
		}
		value, set, known = was, has, true
		if !first {
			continue
		}
		f.learned[field.Path] = true
		as, err := f.asSeen(seen, field)
		if err != nil {
			return value, false, false, err
		}
		f.when(as)
	}
	return value, set, known, nil
}

// asSeen is the condition that an item has a field as a value of T has it.
func (f *following) asSeen(seen reflect.Value, field *entity.Field) (is expression.ConditionBuilder, err error) {
	if v, there := field.Field.Value(seen); there {
		value, err := field.Field.EncodeAny(v.Interface())
		if err != nil {
			return is, entity.KeyError("Known: %s: %w", field.Path, err)
		}
		return f.isKnown(field.Path, value), nil
	}
	path := pathOf(field.Path)
	inMap := false
	for n := 1; n <= len(path); n++ {
		in, _ := f.Plan.Lookup(texts(path[:n])...)
		absent := expression.AttributeNotExists(nameOf(path[:n]))
		v, there := in.Value(seen)
		if !there {
			if !inMap && !entity.Unset(reflect.Zero(field.Field.Type)) { // a zero, if the embedded struct is there
				break
			}
			return absent, nil
		}
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		if v.Kind() == reflect.Pointer {
			return absent.Or(expression.AttributeType(nameOf(path[:n]), expression.Null)), nil
		}
		inMap = v.Kind() == reflect.Map
	}
	return is, entity.KeyError("%s is behind a pointer that is nil in what Known says: whether the item has a value "+
		"for it depends on what else is there; use Modify", field.Path)
}

// isKnown is the condition that an attribute has a value. A zero value may be stored as itself, as NULL, or left out.
func (e *Maker) isKnown(path string, value types.AttributeValue) expression.ConditionBuilder {
	name := nameOf(pathOf(path))
	is := name.Equal(expression.Value(value))
	field, ok := e.Plan.Lookup(strings.Split(path, ".")...)
	if !ok {
		return is
	}
	v := reflect.New(field.Type).Elem()
	if err := field.Decode(value, v); err == nil && (v.IsZero() && e.zeroWhereAbsent(path) || entity.Unset(v)) {
		is = is.Or(expression.AttributeNotExists(name), expression.AttributeType(name, expression.Null))
	}
	return is
}

// zeroWhereAbsent tells whether an attribute that is not there decodes as its zero: not as no value, as an entry of a
// map, or as either, behind a pointer.
func (e *Maker) zeroWhereAbsent(path string) bool {
	steps := strings.Split(path, ".")
	for n := 1; n < len(steps); n++ {
		if in, ok := e.Plan.Lookup(steps[:n]...); !ok || in.Type.Kind() == reflect.Pointer ||
			in.Type.Kind() == reflect.Map {
			return false
		}
	}
	field, ok := e.Plan.Lookup(steps...)
	if !ok {
		return false
	}
	_, there := field.Value(reflect.New(e.GoType).Elem())
	return there
}

// pathOf is a dotted attribute path as a document path.
func pathOf(dotted string) (path expr.Path) {
	for step := range strings.SplitSeq(dotted, ".") {
		path = append(path, expr.Elem{Name: step, Index: -1})
	}
	return path
}

// indexKeys adds the index keys that follow from the actions to u. For an upsert they also include those that follow
// from the key alone.
func (f *following) indexKeys(u expression.UpdateBuilder) (expression.UpdateBuilder, error) {
	done := map[string]bool{}
	for _, space := range f.Spaces()[1:] {
		parts := space.Parts()
		for i := range parts {
			part := &parts[i]
			if f.Table.Has(part.Name) || done[part.Name] {
				continue
			}
			done[part.Name] = true
			var err error
			if part.Natural() {
				err = f.checkNatural(part, space)
			} else {
				u, err = f.indexKey(u, space, part)
			}
			if err != nil {
				return u, err
			}
		}
	}
	return u, nil
}

// indexKey adds one index key that a template makes.
func (f *following) indexKey(u expression.UpdateBuilder, space *entity.Space,
	part *entity.Part) (expression.UpdateBuilder, error) {
	touched := slices.ContainsFunc(part.Fields, func(field entity.Field) bool { return f.touches(field.Path) })
	if space.Except != nil {
		out, err := f.leftOut(space, part, touched)
		switch {
		case err != nil:
			return u, err
		case out && f.touches(space.Except.Name):
			return u.Remove(expression.NameNoDotSplit(part.Name)), nil
		case out:
			return u, nil
		}
		touched = touched || f.touches(space.Except.Name)
	}
	if !touched && !f.upsert {
		return u, nil
	}
	of, err := f.remake(part, touched)
	if err != nil {
		return u, err
	}
	name := expression.NameNoDotSplit(part.Name)
	switch {
	case of.empty && touched:
		return u.Remove(name), nil
	case of.empty:
		return u, nil
	case len(of.unknown) > 0 && touched:
		paths := make([]string, len(of.unknown))
		for i, field := range of.unknown {
			paths[i] = field.Path
		}
		return u,
			entity.KeyError("the update changes key %s of %s, which is also made of %s: set that in the same "+
				"update, give Known the item as it was seen, or use Modify",
				part.Name, space, strings.Join(paths, ", "))
	case !touched && len(of.unknown)+len(of.given) > 0:
		return f.untouched(u, part, of)
	}
	text, err := part.TextOf(of.value)
	if err != nil {
		return u, err
	}
	for _, field := range of.given {
		f.when(f.asGiven(field))
	}
	if !f.upsert { // which would store what the key tells
		for _, has := range f.hasIdentity(of.told) {
			f.when(has)
		}
	}
	return u.Set(name, expression.Value(text)), nil
}

// leftOut tells whether an item is left out of an index after the update. Where nobody knows, the index's key must not
// change, and an upsert is for items that are not left out.
func (f *following) leftOut(space *entity.Space, part *entity.Part, touched bool) (out bool, err error) {
	name := space.Except.Name
	var value types.AttributeValue
	known := false
	for _, action := range f.actions {
		if action.Path[0].Name != name {
			continue
		}
		operand, plain := action.Value.(*expr.Value)
		switch {
		case len(action.Path) == 1 && action.Kind == expr.Remove:
			return false, nil
		case len(action.Path) > 1 || action.Kind != expr.Set || !plain:
			return false, entity.KeyError("%s leaves items out of %s: an update sets it to a plain value or removes "+
				"it; for anything else use Modify", name, space)
		}
		value, known = operand.Value, true
	}
	if known {
		v := reflect.New(space.Except.Type).Elem()
		if err := space.Except.Decode(value, v); err != nil {
			return false, entity.KeyError("%s: %w", name, err)
		}
		return !entity.IsZero(v), nil
	}
	switch {
	case len(f.seen) > 0 && (touched || f.upsert):
		return f.seenOut(space.Except)
	case touched:
		return false, entity.KeyError("the update changes key %s of %s, which items are left out of by %s: set that "+
			"in the same update, give Known the item as it was seen, or use Modify", part.Name, space, name)
	case f.upsert:
		zero, err := space.Except.EncodeAny(reflect.Zero(space.Except.Type).Interface())
		if err != nil {
			return false, entity.KeyError("%s: %w", name, err)
		}
		f.when(f.isKnown(name, zero))
	}
	return false, nil
}

// seenOut tells whether an item is left out of an index as it was seen, and makes that a condition.
func (f *following) seenOut(except *codec.Field) (out bool, err error) {
	first := !f.learned[except.Name]
	f.learned[except.Name] = true
	for _, seen := range f.seen {
		is := expression.AttributeNotExists(expression.NameNoDotSplit(except.Name))
		v, there := except.Value(seen)
		if there {
			value, err := except.EncodeAny(v.Interface())
			if err != nil {
				return false, entity.KeyError("Known: %s: %w", except.Name, err)
			}
			is = f.isKnown(except.Name, value)
		}
		if out = there && !entity.IsZero(v); first {
			f.when(is)
		}
	}
	return out, nil
}

func (f *following) touches(path string) bool {
	return slices.ContainsFunc(f.actions, func(a expr.Action) bool { return entity.Overlap(a.Path, path) })
}

// remade is what is known of a template's fields after the update.
type remade struct {
	values  []keytext.Value
	empty   bool            // a field is emptied, so that there is no text
	unknown []*entity.Field // are as they were, which may be absent
	given   []*entity.Field // are, for an upsert, as they were or, where they were absent, as the key has them
	told    []*entity.Field // are as the table's key tells
}

func (r *remade) value(i int) (keytext.Value, bool, error) { return r.values[i], true, nil }

// remake finds what is known of a template's fields after the update. What was seen of the item is needed only where
// the update touches one of them, and empties none.
func (f *following) remake(part *entity.Part, touched bool) (*remade, error) {
	of := &remade{values: make([]keytext.Value, len(part.Fields))}
	var open []int // fields that neither the update nor the table's key says
	for i := range part.Fields {
		field := &part.Fields[i]
		value, set, known, err := f.after(field)
		if !known && err == nil && f.told(field) {
			of.told = append(of.told, field)
			value, set, known, err = valueKnown(field, f.key)
		}
		if err != nil {
			return nil, err
		}
		of.values[i], of.empty = value, of.empty || known && !set
		if !known {
			open = append(open, i)
		}
	}
	if of.empty && touched {
		return of, nil
	}
	for _, i := range open {
		field := &part.Fields[i]
		var value keytext.Value
		var set, known bool
		var err error
		if touched {
			value, set, known, err = f.learn(field)
		}
		if !known && err == nil && f.upsert && f.identifies(field.Path) {
			of.given = append(of.given, field)
			value, set, known, err = valueKnown(field, f.key)
		}
		if err != nil {
			return nil, err
		}
		of.values[i], of.empty = value, of.empty || known && !set
		if !known {
			of.unknown = append(of.unknown, field)
		}
	}
	return of, nil
}

// valueKnown is a field of a value that has it, set or not.
func valueKnown(f *entity.Field, v reflect.Value) (value keytext.Value, set, known bool, err error) {
	value, set, err = f.Value(v)
	return value, set, true, err
}

// after is a template field's value after the update, as far as the update says it.
func (f *following) after(field *entity.Field) (value keytext.Value, set, known bool, err error) {
	for _, action := range f.actions {
		if !entity.Overlap(action.Path, field.Path) {
			continue
		}
		operand, plain := action.Value.(*expr.Value)
		leads := len(action.Path) <= strings.Count(field.Path, ".")+1 // to the field, or to what it is in
		switch {
		case action.Kind == expr.Remove && leads:
			if value, set = field.AbsentValue(); set && field.InPtr {
				return value, false, false,
					entity.KeyError("%s is what an index key is made of, and is behind a pointer: whether it has "+
						"a value without it depends on the item; use Modify", field.Path)
			}
			return value, set, true, nil
		case action.Kind == expr.Set && plain && entity.LeadsTo(action.Path, field.Path):
			value, set, err = field.FromEncoded(operand.Value)
			return value, set, err == nil, err
		case action.Kind == expr.Set && plain && leads:
			return f.inside(field, action.Path, operand.Value)
		}
		return value, false, false,
			entity.KeyError("%s is what an index key is made of: an update sets it to a plain value or removes it; "+
				"for anything else use Modify", field.Path)
	}
	return value, false, false, nil
}

// inside is a template's field in a value that an update sets, as T reads it from there.
func (f *following) inside(field *entity.Field, path expr.Path,
	value types.AttributeValue) (of keytext.Value, set, known bool, err error) {
	for _, step := range slices.Backward(path[1:]) {
		value = &types.AttributeValueMemberM{Value: attr.Item{step.Name: value}}
	}
	v := reflect.New(f.GoType).Elem()
	if err := f.Plan.Decode(attr.Item{path[0].Name: value}, v); err != nil {
		return of, false, false, entity.KeyError("%s: %w", field.Path, err)
	}
	return valueKnown(field, v)
}

// told tells whether the table's key tells what a template makes of a field.
func (f *following) told(field *entity.Field) bool {
	return slices.ContainsFunc(f.Table.Parts(), func(part entity.Part) bool {
		return slices.ContainsFunc(part.Fields,
			func(p entity.Field) bool { return p.Path == field.Path && p.Determines(field) })
	})
}

// untouched adds an index key that an upsert does not touch and that the item must have if the upsert creates it.
//
// An item that is there, and has what the primary key is made of, keeps its index key, whatever that is made of. One
// that others stored without it gets it now, and must then be as a new one in all that the index key is made of.
func (f *following) untouched(u expression.UpdateBuilder, part *entity.Part,
	of *remade) (expression.UpdateBuilder, error) {
	none := reflect.Zero(f.GoType)
	fresh := true
	values := slices.Clone(of.values)
	for i := range part.Fields {
		field := &part.Fields[i]
		if !slices.Contains(of.unknown, field) {
			continue
		}
		value, set, _ := field.Value(none) // a zero value that has no text is none
		values[i], fresh = value, fresh && set
	}
	if !fresh {
		f.keepWithout(part.Fields, func(field *entity.Field) bool { return slices.Contains(of.unknown, field) })
		return u, nil
	}
	text, err := part.TextOf(func(i int) (keytext.Value, bool, error) { return values[i], true, nil })
	if err != nil {
		return u, err
	}
	name := expression.NameNoDotSplit(part.Name)
	keeps := expression.AttributeExists(name)
	for _, has := range f.hasIdentity(pointers(part.Fields)) {
		keeps = keeps.And(has)
	}
	makes := expression.AttributeNotExists(name).Or(name.Equal(expression.Value(text)))
	for _, field := range of.given {
		makes = makes.And(f.asGiven(field))
	}
	for _, field := range of.unknown {
		zero, err := field.Field.EncodeAny(reflect.Zero(field.Field.Type).Interface())
		if err != nil {
			return u, entity.KeyError("%s: %w", field.Path, err)
		}
		makes = makes.And(f.isKnown(field.Path, zero))
	}
	f.when(keeps.Or(makes))
	return u.Set(name, name.IfNotExists(expression.Value(text))), nil
}

// keepWithout is the condition under which nothing comes about that is made of these fields: the item has those of them
// that the primary key is made of, which an upsert would set, or lacks one of the unknown others.
func (f *following) keepWithout(fields []entity.Field, unknown func(*entity.Field) bool) {
	has := f.hasIdentity(pointers(fields))
	if len(has) == 0 {
		return
	}
	keeps := has[0]
	for _, more := range has[1:] {
		keeps = keeps.And(more)
	}
	none := reflect.Zero(f.GoType)
	for i := range fields {
		if field := &fields[i]; unknown(field) {
			if _, set, _ := field.Value(none); !set {
				keeps = keeps.Or(expression.AttributeNotExists(nameOf(pathOf(field.Path))))
			}
		}
	}
	f.when(keeps)
}

func pointers(fields []entity.Field) []*entity.Field {
	all := make([]*entity.Field, len(fields))
	for i := range fields {
		all[i] = &fields[i]
	}
	return all
}

// hasIdentity are the conditions that an item has those of the fields that templates make the primary key of. A zero
// number that is absent is there all the same.
func (f *following) hasIdentity(fields []*entity.Field) (conditions []expression.ConditionBuilder) {
	done := map[string]bool{}
	for _, field := range fields {
		if done[field.Path] || !f.identifies(field.Path) || f.Table.Has(field.Path) || f.KeyOnly[field.Path] {
			continue
		}
		done[field.Path] = true
		if v, ok := field.Field.Value(f.key); ok && field.Zeroable() && v.IsZero() {
			continue
		}
		conditions = append(conditions, f.hasAsKey(field))
	}
	return conditions
}

// hasAsKey is the condition that an item has an attribute as the key says it, as far as that can be asked: a NULL is
// none, and a time has several texts.
func (f *following) hasAsKey(field *entity.Field) expression.ConditionBuilder {
	name := nameOf(pathOf(field.Path))
	if field.Kind != keytext.Time && field.Kind != keytext.Float && f.keepsWhole(field.Path) {
		v, _ := field.Field.Value(f.key)
		if value, err := field.Field.EncodeAny(v.Interface()); err == nil {
			return name.Equal(expression.Value(value))
		}
	}
	return expression.AttributeExists(name).And(expression.Not(expression.AttributeType(name, expression.Null)))
}

// asGiven is the condition that an attribute which the primary key does not keep is as the key has it, or is not there.
func (f *following) asGiven(field *entity.Field) expression.ConditionBuilder {
	name := nameOf(pathOf(field.Path))
	absent := expression.AttributeNotExists(name)
	v, _ := field.Field.Value(f.key)
	value, err := field.Field.EncodeAny(v.Interface())
	if err != nil { // which identity tells
		return absent
	}
	return absent.Or(name.Equal(expression.Value(value)))
}

// checkNatural refuses a value that T's own attribute cannot have as an index key.
func (f *following) checkNatural(part *entity.Part, space *entity.Space) error {
	for _, action := range f.actions {
		operand, plain := action.Value.(*expr.Value)
		if action.Kind != expr.Set || !plain || len(action.Path) != 1 || action.Path[0].Name != part.Name {
			continue
		}
		if err := part.Check(operand.Value); err != nil {
			return fmt.Errorf("%w, which %s needs: remove the attribute to leave the item out of it", err, space)
		}
	}
	return nil
}

// identifies tells whether the primary key is made of an attribute.
func (f *following) identifies(path string) bool {
	return slices.ContainsFunc(f.Table.Parts(), func(part entity.Part) bool {
		return slices.ContainsFunc(part.Fields, func(field entity.Field) bool { return field.Path == path })
	})
}

// identity adds what an upsert that creates must store beside the key: the attributes that the key is made of, and the
// type.
func (f *following) identity(u expression.UpdateBuilder) (expression.UpdateBuilder, error) {
	done := map[string]bool{}
	for _, part := range f.Table.Parts() {
		if part.Natural() {
			continue
		}
		for _, field := range part.Fields {
			if done[field.Path] || f.Table.Has(field.Path) || f.KeyOnly[field.Path] {
				continue
			}
			done[field.Path] = true
			if strings.Contains(field.Path, ".") {
				return u,
					entity.KeyError("%s is made of the nested attribute %s, which Upsert cannot create: use Modify "+
						"or Put", part.Name, field.Path)
			}
			v, _ := field.Field.Value(f.key)
			value, err := field.Field.EncodeAny(v.Interface())
			if err != nil {
				return u, entity.KeyError("%s: %w", field.Path, err)
			}
			name := expression.NameNoDotSplit(field.Path)
			if f.keepsWhole(field.Path) {
				u = u.Set(name, expression.Value(value))
			} else { // the item may hold it in another form of the same key
				u = u.Set(name, name.IfNotExists(expression.Value(value)))
			}
		}
	}
	if f.Typed() {
		u = u.Set(expression.NameNoDotSplit(f.Schema.EntityType), expression.Value(f.Name))
	}
	return u, nil
}

// keepsWhole tells whether the primary key keeps all of an attribute.
func (f *following) keepsWhole(path string) bool { return f.told(&entity.Field{Path: path}) }

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

// stampUpdate adds the timestamps to an update that does not set them itself.
func (f *following) stampUpdate(u expression.UpdateBuilder, upsert bool) expression.UpdateBuilder {
	stamp := func(field *codec.Field, operand expr.Operand) {
		f.actions = append(f.actions, expr.Action{Kind: expr.Set, Path: expr.Path{{Name: field.Name, Index: -1}},
			Value: operand})
	}
	if field := f.Updated; field != nil && !f.touches(field.Name) && f.counts() {
		now := f.StampNow(field)
		u = u.Set(expression.NameNoDotSplit(field.Name), expression.Value(now))
		stamp(field, &expr.Value{Value: now})
	}
	if field := f.Created; field != nil && upsert && !f.touches(field.Name) {
		now, name := f.StampNow(field), expression.NameNoDotSplit(field.Name)
		u = u.Set(name, name.IfNotExists(expression.Value(now)))
		stamp(field, &expr.IfNotExists{Path: expr.Path{{Name: field.Name, Index: -1}}, Else: &expr.Value{Value: now}})
	}
	return u
}

// checkUnique refuses an upsert that could make an item take a value, whose guard it does not write: what it creates
// has its key's attributes, and zero numbers and false are values of those that it lacks.
func (f *following) checkUnique() error {
	if len(f.Unique) == 0 {
		return nil
	}
	fresh := reflect.New(f.GoType).Elem()
	for _, part := range f.Table.Parts() {
		for _, field := range part.Fields {
			if v, ok := field.Field.Value(f.key); ok {
				if err := field.Field.Set(fresh, v); err != nil {
					return entity.KeyError("%s: %w", field.Path, err)
				}
			}
		}
	}
	for i := range f.Unique {
		c := &f.Unique[i]
		takes, stamped := true, false
		for j := range c.Part.Fields {
			_, set, _ := c.Part.Fields[j].Value(fresh) // a value without a text is none
			takes = takes && set
			stamped = stamped || f.Created != nil && c.Part.Fields[j].Path == f.Created.Name
		}
		if takes || stamped {
			return entity.KeyError("by an Upsert an item may come to have a value of unique constraint %s, of its "+
				"key, of zero numbers or of the time, whose guard Upsert does not write: use Create, Put or Modify", c.Name)
		}
		f.keepWithout(c.Part.Fields, func(field *entity.Field) bool { return !f.identifies(field.Path) })
	}
	return nil
}
