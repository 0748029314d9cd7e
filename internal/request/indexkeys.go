package request

import (
	"errors"
	"fmt"
	"maps"
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
	if err := follow.more(); err != nil {
		return nil, err
	}
	b, err := e.Build(append(append(follow.conditions, when...), e.OfThisType()...), nil)
	if err != nil {
		return nil, err
	}
	all := append(follow.asked[:len(follow.asked):len(follow.asked)], follow.written...)
	b.Parsed, b.Raises = expr.NewUpdate(all), e.Version != nil && follow.counts()
	w := expr.NewWriter(b.Names, b.Values)
	if text := w.Update(all); text != "" { // an upsert of nothing into a table of natural keys has none
		b.Update, b.Names, b.Values = &text, w.Names, w.Values
	}
	return b, nil
}

// following finds what else an update must write, and on which conditions that is right.
type following struct {
	*Maker
	key        reflect.Value
	upsert     bool
	asked      []expr.Action   // the caller's
	actions    []expr.Action   // those, and the timestamps
	written    []expr.Action   // what follows from them
	seen       []reflect.Value // the item as Known says it
	learned    map[string]bool // paths that were taken from it, and are conditions
	conditions []expression.ConditionBuilder
}

func (f *following) when(c expression.ConditionBuilder) { f.conditions = append(f.conditions, c) }

// topLevel is the path of a top-level attribute.
func topLevel(name string) expr.Path { return expr.Path{{Name: name, Index: -1}} }

// set writes an attribute in the same update.
func (f *following) set(name string, operand expr.Operand) {
	f.written = append(f.written, expr.Action{Kind: expr.Set, Path: topLevel(name), Value: operand})
}

// remove removes an attribute in the same update.
func (f *following) remove(name string) {
	f.written = append(f.written, expr.Action{Kind: expr.Remove, Path: topLevel(name)})
}

// ifAbsent is what an attribute has or, where it is absent, a value.
func ifAbsent(name string, value types.AttributeValue) expr.Operand {
	return &expr.IfNotExists{Path: topLevel(name), Else: expr.NewValue(value)}
}

func textValue(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }

// more finds what follows from the update: timestamps, index keys, the item's identity, the version.
func (f *following) more() error {
	f.stampUpdate()
	if err := f.indexKeys(); err != nil {
		return err
	}
	if f.upsert {
		if err := errors.Join(f.checkUnique(), f.identity()); err != nil {
			return err
		}
	}
	if f.Version != nil && f.counts() {
		number := func(text string) types.AttributeValue { return &types.AttributeValueMemberN{Value: text} }
		f.set(f.Version.Name, &expr.Arithmetic{Left: ifAbsent(f.Version.Name, number("0")),
			Right: expr.NewValue(number("1"))})
	}
	return nil
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
		if _, stored, err := field.Field.Encode(v); err == nil && !stored && !entity.Unset(v) && f.embeds(field.Path) {
			return is, entity.KeyError("%s is not stored where it is zero, and has a value when another attribute of "+
				"its embedded struct is there: use Modify", field.Path)
		}
		value, err := field.Field.EncodeAny(v.Interface())
		if err != nil {
			return is, entity.KeyError("Known: %s: %w", field.Path, err)
		}
		return f.isKnown(field.Path, value), nil
	}
	is, ok := f.missing(field, seen)
	if !ok {
		return is, entity.KeyError("%s is in an embedded struct whose pointer is nil in what Known says: whether the "+
			"item has a value for it depends on what else is there; use Modify", field.Path)
	}
	return is, nil
}

// missing is the condition that an item has not what leads to a field, where a value of T has it not: a pointer, or an
// entry of a map. It cannot be asked of an embedded struct in which an absent attribute would be zero.
func (f *following) missing(field *entity.Field, from reflect.Value) (is expression.ConditionBuilder, ok bool) {
	path := pathOf(field.Path)
	inMap := false
	for n := 1; n <= len(path); n++ {
		in, _ := f.Plan.Lookup(texts(path[:n])...)
		absent := expression.AttributeNotExists(nameOf(path[:n]))
		v, there := in.Value(from)
		if !there {
			return absent, inMap || entity.Unset(reflect.Zero(field.Field.Type))
		}
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		if v.Kind() == reflect.Pointer {
			return absent.Or(expression.AttributeType(nameOf(path[:n]), expression.Null)), true
		}
		inMap = v.Kind() == reflect.Map
	}
	return is, false
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
	if err := field.Decode(value, v); err != nil {
		return is
	}
	absent, null := expression.AttributeNotExists(name), expression.AttributeType(name, expression.Null)
	switch {
	case entity.Unset(v), v.IsZero() && e.zeroWhereAbsent(path):
		return is.Or(absent, null)
	case v.IsZero():
		within, kind := e.container(path)
		switch kind {
		case reflect.Struct:
			return is.Or(expression.AttributeType(within, expression.Map).And(absent.Or(null)))
		case reflect.Map:
			return is.Or(null)
		}
	}
	return is
}

// AsCounted are the conditions that uncounted attributes are as in an item that was seen, or are not there.
func (e *Maker) AsCounted(seen map[string]types.AttributeValue) (conditions []expression.ConditionBuilder) {
	for _, name := range slices.Sorted(maps.Keys(e.Uncounted)) {
		as := e.IsZero(name)
		if value, there := seen[name]; there { // a zero may be stored as NULL
			as = expression.AttributeNotExists(expression.NameNoDotSplit(name)).Or(e.isKnown(name, value))
		}
		conditions = append(conditions, as)
	}
	return conditions
}

// IsZero is the condition that a top-level attribute is not there, or is T's zero in whatever form.
func (e *Maker) IsZero(name string) expression.ConditionBuilder {
	absent := expression.AttributeNotExists(expression.NameNoDotSplit(name))
	if e.Plan == nil {
		return absent
	}
	field, ok := e.Plan.Field(name)
	if !ok {
		return absent
	}
	zero, err := field.EncodeAny(reflect.Zero(field.Type).Interface())
	if err != nil {
		return absent
	}
	return absent.Or(e.isKnown(name, zero))
}

// container is what an attribute lies in, and its kind: where that is a struct, an attribute that is not there is zero.
func (e *Maker) container(path string) (within expression.NameBuilder, kind reflect.Kind) {
	steps := pathOf(path)
	last := len(steps) - 1
	if last == 0 || e.embeds(path) {
		return within, reflect.Invalid
	}
	in, ok := e.Plan.Lookup(texts(steps[:last])...)
	if !ok {
		return within, reflect.Invalid
	}
	return nameOf(steps[:last]), entity.DerefType(in.Type).Kind()
}

// structOf is the plan of the struct that an attribute lies in, T's own for a top-level one; nil where it is in none.
func (e *Maker) structOf(path expr.Path) *codec.Plan {
	if len(path) == 1 {
		return e.Plan
	}
	in, ok := e.Plan.Lookup(texts(path[:len(path)-1])...)
	if !ok || entity.DerefType(in.Type).Kind() != reflect.Struct {
		return nil
	}
	plan, err := codec.Of(entity.DerefType(in.Type))
	if err != nil {
		return nil
	}
	return plan
}

// embeds tells whether an attribute is in a struct that is embedded by a pointer, which is there when any attribute of
// that struct is.
func (e *Maker) embeds(dotted string) bool {
	path := pathOf(dotted)
	plan := e.structOf(path)
	if plan == nil {
		return false
	}
	field, ok := plan.Field(path[len(path)-1].Name)
	if !ok {
		return false
	}
	_, there := field.Value(reflect.New(plan.Type()).Elem())
	return !there
}

// couples tells whether what the caller asked for may decide whether the embedded struct that a field is in is there,
// and with it a zero that is not stored.
func (f *following) couples(field *entity.Field) bool {
	if !field.InPtr || entity.Unset(reflect.Zero(field.Field.Type)) || !f.embeds(field.Path) {
		return false
	}
	path := pathOf(field.Path)
	last := len(path) - 1
	plan := f.structOf(path)
	own, _ := plan.Field(path[last].Name)
	return slices.ContainsFunc(f.asked, func(a expr.Action) bool {
		if len(a.Path) != len(path) || !slices.Equal(a.Path[:last], path[:last]) || a.Path[last] == path[last] {
			return false
		}
		other, ok := plan.Field(a.Path[last].Name)
		v := reflect.New(plan.Type()).Elem()
		if !ok || other.Set(v, reflect.Zero(other.Type)) != nil {
			return false
		}
		_, there := own.Value(v)
		return there
	})
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

// indexKeys adds the index keys that follow from the actions. For an upsert they also include those that follow
// from the key alone.
func (f *following) indexKeys() error {
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
				err = f.indexKey(space, part)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// indexKey adds one index key that a template makes.
func (f *following) indexKey(space *entity.Space, part *entity.Part) error {
	touched := slices.ContainsFunc(part.Fields,
		func(field entity.Field) bool { return f.touches(field.Path) || f.couples(&field) })
	if space.Except != nil {
		out, err := f.leftOut(space, part, touched)
		switch {
		case err != nil:
			return err
		case out && f.touches(space.Except.Name):
			f.remove(part.Name)
			return nil
		case out:
			return nil
		}
		touched = touched || f.touches(space.Except.Name)
	}
	if !touched && !f.upsert {
		return nil
	}
	of, err := f.remake(part, touched)
	if err != nil {
		return err
	}
	switch {
	case of.empty && touched:
		f.remove(part.Name)
		return nil
	case of.empty:
		return nil
	case len(of.unknown) > 0 && touched:
		paths := make([]string, len(of.unknown))
		for i, field := range of.unknown {
			paths[i] = field.Path
		}
		return entity.KeyError("the update changes key %s of %s, which is also made of %s: set that in the same "+
			"update, give Known the item as it was seen, or use Modify",
			part.Name, space, strings.Join(paths, ", "))
	case !touched && len(of.unknown)+len(of.given) > 0:
		return f.untouched(part, of)
	}
	text, err := part.TextOf(of.value)
	if err != nil {
		return err
	}
	for _, field := range of.given {
		f.when(f.asGiven(field))
	}
	if !f.upsert { // which would store what the key tells
		for _, has := range f.hasIdentity(of.told) {
			f.when(has)
		}
	}
	f.set(part.Name, expr.NewValue(textValue(text)))
	return nil
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
		is := f.isKnown(name, zero)
		if of := entity.DerefType(space.Except.Type); of != space.Except.Type { // a pointer to zero leaves nothing out
			if value, err := space.Except.EncodeAny(reflect.Zero(of).Interface()); err == nil {
				is = is.Or(expression.NameNoDotSplit(name).Equal(expression.Value(value)))
			}
		}
		f.when(is)
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
			return f.removed(field, action.Path)
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
	if f.couples(field) {
		return value, false, false,
			entity.KeyError("%s is what an index key is made of, and has a value when another attribute of its embedded "+
				"struct is there, which the update changes: set it in the same update, or use Modify", field.Path)
	}
	return value, false, false, nil
}

// removed is a template's field when it, or what it lies in, was removed: what that lay in was there, or the service
// refuses the update. An attribute that is absent is zero, where that is a value, if its struct is there.
func (f *following) removed(field *entity.Field,
	path expr.Path) (value keytext.Value, set, known bool, err error) {
	zero := reflect.Zero(field.Field.Type)
	if entity.Unset(zero) || f.isEntry(path) {
		return value, false, true, nil
	}
	names := strings.Split(field.Path, ".")
	if f.embeds(strings.Join(names[:len(path)], ".")) {
		return value, false, false,
			entity.KeyError("%s is what an index key is made of, and is in an embedded struct behind a pointer: whether "+
				"it has a value without it depends on the item; use Modify", field.Path)
	}
	for n := len(path); n < len(names); n++ {
		in, _ := f.Plan.Lookup(names[:n]...)
		if in.Type.Kind() != reflect.Struct || f.embeds(strings.Join(names[:n+1], ".")) { // nil with what it lies in
			return value, false, true, nil
		}
	}
	encoded, err := field.Field.EncodeAny(zero.Interface())
	if err != nil {
		return value, false, false, entity.KeyError("%s: %w", field.Path, err)
	}
	value, set, err = field.FromEncoded(encoded)
	return value, set, err == nil, err
}

// isEntry tells whether a path leads to an entry of a map.
func (e *Maker) isEntry(path expr.Path) bool {
	if len(path) == 1 {
		return false
	}
	in, ok := e.Plan.Lookup(texts(path[:len(path)-1])...)
	return ok && entity.DerefType(in.Type).Kind() == reflect.Map
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
func (f *following) untouched(part *entity.Part, of *remade) error {
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
		return nil
	}
	text, err := part.TextOf(func(i int) (keytext.Value, bool, error) { return values[i], true, nil })
	if err != nil {
		return err
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
			return entity.KeyError("%s: %w", field.Path, err)
		}
		makes = makes.And(f.isKnown(field.Path, zero))
	}
	f.when(keeps.Or(makes))
	f.set(part.Name, ifAbsent(part.Name, textValue(text)))
	return nil
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
			if _, set, _ := field.Value(none); set {
				continue
			}
			if _, there := field.Field.Value(none); there {
				keeps = keeps.Or(expression.AttributeNotExists(nameOf(pathOf(field.Path))))
			} else if missing, ok := f.missing(field, none); ok {
				keeps = keeps.Or(missing)
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
		if err := part.Begins(operand.Value); err != nil {
			return err
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
func (f *following) identity() error {
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
				return entity.KeyError("%s is made of the nested attribute %s, which Upsert cannot create: use Modify "+
					"or Put", part.Name, field.Path)
			}
			v, _ := field.Field.Value(f.key)
			value, err := field.Field.EncodeAny(v.Interface())
			if err != nil {
				return entity.KeyError("%s: %w", field.Path, err)
			}
			if f.keepsWhole(field.Path) {
				f.set(field.Path, expr.NewValue(value))
			} else { // the item may hold it in another form of the same key
				f.set(field.Path, ifAbsent(field.Path, value))
			}
		}
	}
	if f.Typed() {
		f.set(f.Schema.EntityType, expr.NewValue(textValue(f.Name)))
	}
	return nil
}

// keepsWhole tells whether the primary key keeps all of an attribute.
func (f *following) keepsWhole(path string) bool { return f.told(&entity.Field{Path: path}) }

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

// stampUpdate adds the timestamps to an update that does not set them itself.
func (f *following) stampUpdate() {
	stamp := func(field *codec.Field, operand expr.Operand) {
		f.set(field.Name, operand)
		f.actions = append(f.actions[:len(f.actions):len(f.actions)], f.written[len(f.written)-1])
	}
	if field := f.Updated; field != nil && !f.touches(field.Name) && f.counts() {
		stamp(field, expr.NewValue(f.StampNow(field)))
	}
	if field := f.Created; field != nil && f.upsert && !f.touches(field.Name) {
		stamp(field, ifAbsent(field.Name, f.StampNow(field)))
	}
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
