package entity

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/keytext"
)

// attribute is one of T's top-level attributes that a model names, for what the name says.
func (e *Type) attribute(what, name string) (*codec.Field, error) {
	if e.Plan == nil {
		return nil, fmt.Errorf("%s: a table of Item has none", what)
	}
	field, ok := e.Plan.Field(name)
	if !ok {
		return nil, fmt.Errorf("%s names %s, which is no attribute of %s", what, name, e.GoType)
	}
	return field, nil
}

// kept tells the attributes that the library writes or goes by: they are neither KeyOnly nor Uncounted.
func (e *Type) kept(name string) bool {
	for _, field := range []*codec.Field{e.Version, e.Created, e.Updated, e.Expires} {
		if field != nil && field.Name == name {
			return true
		}
	}
	return false
}

// setKeyOnly binds the attributes that the primary key alone holds.
func (e *Type) setKeyOnly(names []string) error {
	var errs []error
	for _, name := range names {
		if err := e.checkKeyOnly(name); err != nil {
			errs = append(errs, err)
			continue
		}
		if e.KeyOnly == nil {
			e.KeyOnly = map[string]bool{}
		}
		e.KeyOnly[name] = true
	}
	return errors.Join(errs...)
}

func (e *Type) checkKeyOnly(name string) error {
	field, err := e.attribute("KeyOnly", name)
	switch {
	case err != nil:
		return err
	case e.kept(name):
		return fmt.Errorf("KeyOnly: %s is the version, a timestamp or the TTL, which is an attribute of its own", name)
	case field.OmitZero:
		return fmt.Errorf("KeyOnly: %s is never stored beside the key: it cannot be tagged omitzero", name)
	case !readsBack(field):
		return fmt.Errorf("KeyOnly: field %s (%s) cannot be read back from text", field.GoName, field.Type)
	}
	there := false
	for _, part := range e.Table.Parts() {
		for _, f := range part.Fields {
			if f.Path != name {
				continue
			}
			if part.Natural() {
				return fmt.Errorf("KeyOnly: %s is a key attribute itself", name)
			}
			there = there || f.Exact() && f.Ref.Shards == 0 && f.Ref.Unit != "unix" && f.Ref.Unit != "unixms"
		}
	}
	if !there {
		return fmt.Errorf("KeyOnly: no template of the table's own key keeps all of %s: it stands there without "+
			"lower, upper, a shard or a cut time", name)
	}
	return nil
}

// readsBack tells whether what a template writes of a field is decoded into it.
func readsBack(f *codec.Field) bool {
	switch f.Kind {
	case codec.String:
		return !DerefType(f.Type).Implements(textMarshalerType)
	case codec.Int, codec.Uint, codec.Float, codec.Number, codec.Bool, codec.Time, codec.Bytes:
		return true
	}
	return false
}

// setPrefix binds how natural string keys begin.
func (e *Type) setPrefix(prefixes map[string]string) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(prefixes)) {
		found := false
		for _, space := range e.Spaces() {
			for _, parts := range [][]Part{space.Partition, space.Sort, space.both} {
				for i := range parts {
					if parts[i].Name == name && parts[i].Natural() && parts[i].Scalar == types.ScalarAttributeTypeS {
						parts[i].Prefix, found = prefixes[name], true
					}
				}
			}
		}
		switch {
		case !found:
			errs = append(errs, fmt.Errorf("Prefix names %s, which is no string key attribute of %s itself", name,
				e.GoType))
		case prefixes[name] == "" || !attr.ValidText(prefixes[name]):
			errs = append(errs, fmt.Errorf("Prefix: that of %s is empty, or no UTF-8", name))
		}
	}
	return errors.Join(errs...)
}

// Begins refuses a natural key that does not begin as the model says.
func (p *Part) Begins(value types.AttributeValue) error {
	if s, ok := value.(*types.AttributeValueMemberS); ok && !strings.HasPrefix(s.Value, p.Prefix) {
		return KeyError("%s does not begin as the model's Prefix says", p.Name)
	}
	return nil
}

// overlaps tells whether one text could be both key attributes.
func (p *Part) overlaps(o *Part) bool {
	a, b := p.pattern(), o.pattern()
	return a == nil || b == nil || keytext.Overlaps(a, b)
}

// pattern has every text of the key attribute; nil where nothing is known of it.
func (p *Part) pattern() keytext.Pattern {
	switch {
	case p.Text != nil:
		return p.Text
	case p.Prefix != "":
		return keytext.BeginningWith(p.Prefix)
	}
	return nil
}

// setExcept binds the attributes that leave an item out of an index.
func (e *Type) setExcept(except map[string]string) error {
	var errs []error
	for _, index := range slices.Sorted(maps.Keys(except)) {
		if err := e.leaveOut(index, except[index]); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (e *Type) leaveOut(index, name string) error {
	field, err := e.attribute("Except", name)
	if err != nil {
		return err
	}
	if e.kept(name) && (e.Expires == nil || name != e.Expires.Name) {
		return fmt.Errorf("Except: %s is set by the library's writes, and would leave every item out", name)
	}
	space := e.Indexes[index]
	if space == nil {
		return fmt.Errorf("Except: this type has no part in an index %s", index)
	}
	made := false
	for _, part := range space.Parts() {
		if part.Natural() || e.Table.Has(part.Name) {
			continue
		}
		made = true
		for _, other := range e.Spaces()[1:] {
			if other != space && other.Has(part.Name) {
				return fmt.Errorf("Except: %s is a key of %s and of %s, and an item cannot be left out of one alone",
					part.Name, space, other)
			}
		}
	}
	if !made {
		return fmt.Errorf("Except: no key of %s is made by a template: leave its attribute out instead", space)
	}
	for _, part := range e.Table.Parts() {
		if slices.ContainsFunc(part.Fields, func(f Field) bool { return f.Path == name }) {
			return fmt.Errorf("Except: %s is what the primary key is made of, and never changes", name)
		}
	}
	space.Except = field
	return nil
}

// LeavesOut tells whether an attribute can leave an item out of an index.
func (e *Type) LeavesOut() bool {
	return slices.ContainsFunc(e.Spaces(), func(k *Space) bool { return k.Except != nil })
}

// leaves tells whether an item is left out of an index.
func (k *Space) leaves(v reflect.Value) bool {
	if k.Except == nil {
		return false
	}
	of, ok := k.Except.Value(v)
	return ok && !IsZero(of)
}

// IsZero tells a value that says nothing: a nil, what a pointer to zero points to, what has no elements, a zero time.
func IsZero(v reflect.Value) bool {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return true
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len() == 0
	}
	if own, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return own.IsZero()
	}
	return v.IsZero()
}

// setUncounted binds the attributes whose update alone is no change of the item.
func (e *Type) setUncounted(names []string) error {
	var errs []error
	if len(names) > 0 && e.Plan != nil && e.Version == nil && e.Updated == nil {
		errs = append(errs, errors.New("Uncounted: the model has neither Version nor Updated, which it would leave alone"))
	}
	for _, name := range names {
		_, err := e.attribute("Uncounted", name)
		switch {
		case err != nil:
			errs = append(errs, err)
			continue
		case e.kept(name):
			errs = append(errs, fmt.Errorf("Uncounted: %s is the version, a timestamp or the TTL", name))
			continue
		case e.keyed(name):
			errs = append(errs, fmt.Errorf("Uncounted: a key or a unique constraint is made of %s", name))
			continue
		}
		if e.Uncounted == nil {
			e.Uncounted = map[string]bool{}
		}
		e.Uncounted[name] = true
	}
	return errors.Join(errs...)
}

// keyed tells whether a key, a unique constraint or a place in an index depends on a top-level attribute.
func (e *Type) keyed(name string) bool {
	made := func(part Part) bool {
		return slices.ContainsFunc(part.Fields, func(f Field) bool {
			top, _, _ := strings.Cut(f.Path, ".")
			return top == name
		})
	}
	for _, space := range e.Spaces() {
		if space.Except != nil && space.Except.Name == name || slices.ContainsFunc(space.Parts(), made) {
			return true
		}
	}
	return slices.ContainsFunc(e.Unique, func(c Constraint) bool { return made(c.Part) })
}

// FillKeyOnly sets those attributes of into, a value of plan's type, that the primary key alone holds. key gives the
// text of a key attribute, and stored what the item has beside it, nil for nothing: others may have written it.
func (e *Type) FillKeyOnly(plan *codec.Plan, into reflect.Value, key func(name string) (string, bool),
	stored func(name string) types.AttributeValue) error {
	if len(e.KeyOnly) == 0 {
		return nil
	}
	found := map[string]types.AttributeValue{}
	for _, parts := range [][]Part{e.Table.Partition, e.Table.Sort} {
		for i := range parts {
			if !parts[i].Natural() {
				if err := e.readKey(&parts[i], key, found); err != nil {
					return err
				}
			}
		}
	}
	for name, value := range found {
		field, ok := plan.Field(name)
		if !ok {
			continue
		}
		v := reflect.New(field.Type).Elem()
		if err := field.Decode(value, v); err != nil {
			return err
		}
		if own := stored(name); own != nil && !attr.Equal(own, value) && !sameTime(field, own, v) {
			return fmt.Errorf("attribute %s is stored beside the key, and differs from what the key says", name)
		}
		if err := field.Set(into, v); err != nil {
			return err
		}
	}
	return nil
}

// sameTime tells whether what is stored is a time that v has too: one instant has a text in each zone.
func sameTime(field *codec.Field, stored types.AttributeValue, v reflect.Value) bool {
	other := reflect.New(field.Type).Elem()
	if field.Kind != codec.Time || field.Decode(stored, other) != nil {
		return false
	}
	one, isTime := reflect.Indirect(v).Interface().(time.Time)
	two, both := reflect.Indirect(other).Interface().(time.Time)
	return isTime && both && one.Equal(two)
}

// readKey finds the values of KeyOnly attributes in one key attribute.
func (e *Type) readKey(part *Part, key func(name string) (string, bool), found map[string]types.AttributeValue) error {
	if !slices.ContainsFunc(part.Fields, func(f Field) bool { return e.KeyOnly[f.Path] && f.Exact() }) {
		return nil
	}
	text, ok := key(part.Name)
	if !ok {
		return KeyError("the item lacks %s, which some of its attributes are kept in alone", part.Name)
	}
	values, err := part.Text.Parse(text)
	if err != nil {
		return KeyError("%s: %w", part.Name, err)
	}
	for i := range part.Fields {
		f := &part.Fields[i]
		if !e.KeyOnly[f.Path] || !f.Exact() {
			continue
		}
		value, err := f.encoded(values[i])
		if err != nil {
			return KeyError("%s: %w", part.Name, err)
		}
		if other := found[f.Path]; other != nil && !attr.Equal(other, value) {
			return KeyError("%s says another %s than the rest of the key", part.Name, f.Path)
		}
		found[f.Path] = value
	}
	return nil
}

// encoded is a template's value as the attribute is stored.
func (f *Field) encoded(v keytext.Value) (types.AttributeValue, error) {
	switch v.Kind() {
	case keytext.Int:
		return f.Field.EncodeAny(v.Int())
	case keytext.Uint:
		return f.Field.EncodeAny(v.Uint())
	case keytext.Float:
		return f.Field.EncodeAny(v.Float())
	case keytext.Time:
		return f.Field.EncodeAny(v.Time())
	case keytext.Bool:
		return f.Field.EncodeAny(v.Bool())
	case keytext.Bytes:
		return f.Field.EncodeAny(v.Bytes())
	case keytext.Number:
		if f.Field.AsString {
			return &types.AttributeValueMemberS{Value: v.Text()}, nil
		}
		return &types.AttributeValueMemberN{Value: v.Text()}, nil
	}
	return &types.AttributeValueMemberS{Value: v.Text()}, nil
}
