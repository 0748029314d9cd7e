package monotable

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/keytext"
	"github.com/monotable/monotable/internal/schema"
	"github.com/monotable/monotable/internal/size"
)

// known is what is known of an entity type without sending anything: how T's values become keys and items of the schema's table.
type known struct {
	schema  *schema.Schema
	clock   func() time.Time
	name    string // Model.Type
	goType  reflect.Type
	plan    *codec.Plan // nil when T is Item
	aliases []string
	version *codec.Field // nil for none, as are the next three
	created *codec.Field
	updated *codec.Field
	expires *codec.Field // the schema's TTL attribute
	unique  []constraint // in the order of their names
	table   keySpace
	indexes map[string]*keySpace // those that T's items can be in, by name
	inOrder []*keySpace          // the table, then the indexes in the schema's order
	model   Model
	plain   bool            // whole-item writes store T as it is given
	shared  atomic.Bool     // another type's items may have the same keys
	made    map[string]bool // attributes that templates and the DB write, which T does not see
}

// keySpace is the table or an index as this entity type uses it.
type keySpace struct {
	index     *schema.Index // nil for the table
	partition []keyPart
	sort      []keyPart
	both      []keyPart // partition, then sort
}

// parts are the key's attributes in order.
func (k *keySpace) parts() []keyPart { return k.both }

func (k *keySpace) String() string {
	if k.index == nil {
		return "the table"
	}
	return "index " + k.index.Name
}

// keyPart is one attribute of a key: T's own, or made by a template of T's attributes.
type keyPart struct {
	name   string
	scalar types.ScalarAttributeType
	most   int            // bytes that a value may have
	text   *keytext.Bound // nil when T's own attribute is the key
	fields []keyField     // the template's fields in order; one for a natural attribute
}

// keyField is an attribute of T that a key is made of. T's own nested attributes are named with dots.
type keyField struct {
	path  string
	field *codec.Field // nil when T is Item
	ref   keytext.Ref  // how a template writes it
	kind  keytext.Kind // as a template takes it
}

// exact tells whether the key text keeps all of the field's value: a folded string, a cut time and a shard cannot be had back.
func (f *keyField) exact() bool { return f.ref.Keeps(f.seconds()) }

// determines tells whether the text of f tells that of other, which is of the same attribute, though it may not tell the value.
func (f *keyField) determines(other *keyField) bool { return f.ref.Determines(other.ref, f.seconds()) }

// seconds tells whether the field's values are times in whole seconds.
func (f *keyField) seconds() bool { return f.field != nil && f.field.UnixTime }

// zeroable tells whether an attribute that is absent is a value all the same: T's zero number or false.
func (f *keyField) zeroable() bool {
	_, set := f.absentValue()
	return set
}

func (p *keyPart) natural() bool { return p.text == nil }

// layoutOf binds a model to a schema. Everything that can be wrong with either is found here.
func layoutOf(of *schema.Schema, clock func() time.Time, t reflect.Type, m Model) (*known, error) {
	e := &known{schema: of, clock: clock, name: m.Type, aliases: slices.Clone(m.Aliases), goType: t, model: m, indexes: map[string]*keySpace{}, made: map[string]bool{}}
	if e.name == "" {
		e.name = t.Name()
	}
	if e.name == guardType || slices.Contains(e.aliases, guardType) {
		return nil, fmt.Errorf("the entity type %s is that of the guards of unique constraints", guardType)
	}
	if t != itemType {
		plan, err := codec.Of(t)
		if err != nil {
			return nil, err
		}
		e.plan = plan
	}
	if err := e.claimAttributes(m); err != nil {
		return nil, err
	}
	if err := e.layKeys(m); err != nil {
		return nil, err
	}
	e.inOrder = e.spaces()
	if e.plan != nil {
		for _, space := range e.spaces() {
			if err := errors.Join(checkSortTypes(space), checkShards(space)); err != nil {
				return nil, err
			}
		}
	}
	if err := e.setUnique(m); err != nil {
		return nil, err
	}
	if err := e.setStamps(m); err != nil {
		return nil, err
	}
	if err := e.setVersion(m.Version); err != nil {
		return nil, err
	}
	if err := e.checkConstraints(); err != nil {
		return nil, err
	}
	_, defaults := reflect.New(t).Interface().(Defaulter)
	_, validates := reflect.New(t).Interface().(Validator)
	e.plain = !defaults && !validates && e.version == nil && e.created == nil && e.updated == nil
	return e, nil
}

// layKeys binds the key attributes of the table, and of the indexes that T's items can be in.
func (e *known) layKeys(m Model) error {
	of := e.schema
	parts := map[string]*keyPart{}
	for _, def := range of.KeyAttributes() {
		part, err := e.keyPart(def, m)
		if err != nil {
			return err
		}
		parts[part.name] = part
	}
	pick := func(attrs schema.Attrs) (picked []keyPart, missing string) {
		for _, def := range attrs {
			part := parts[*def.AttributeName]
			if len(part.fields) == 0 && part.natural() {
				missing = part.name
			}
			picked = append(picked, *part)
		}
		return picked, missing
	}
	e.table.partition, _ = pick(of.Partition)
	e.table.sort, _ = pick(of.Sort)
	e.table.both = slices.Concat(e.table.partition, e.table.sort)
	for _, part := range e.table.parts() {
		if part.natural() && len(part.fields) == 0 {
			return fmt.Errorf("key attribute %s: %s has no attribute of that name and the model no template for it", part.name, e.goType)
		}
	}
	for i := range of.Indexes {
		index := &of.Indexes[i]
		space := &keySpace{index: index}
		var noPartition, noSort string
		space.partition, noPartition = pick(index.PartitionOf(of))
		space.sort, noSort = pick(index.Sort)
		space.both = slices.Concat(space.partition, space.sort)
		missing := noPartition + noSort
		if missing == "" {
			e.indexes[index.Name] = space
			continue
		}
		for _, part := range space.parts() {
			if !part.natural() && !e.table.has(part.name) {
				return fmt.Errorf("index %s: the model makes %s, but %s is neither made nor an attribute of %s",
					index.Name, part.name, missing, e.goType)
			}
		}
	}
	return nil
}

// carries tells whether a query's partition is given with an attribute's value, though the key may not keep all of it.
func (k *keySpace) carries(path string) bool {
	return slices.ContainsFunc(k.partition, func(part keyPart) bool {
		return slices.ContainsFunc(part.fields, func(f keyField) bool { return f.path == path && f.ref.Shards == 0 })
	})
}

// binds tells whether a partition has one text of a sort field in all of its items: that of the value which the partition is
// given with, since the partition's key loses nothing that the field keeps.
func (k *keySpace) binds(field *keyField) bool {
	return slices.ContainsFunc(k.partition, func(part keyPart) bool {
		return slices.ContainsFunc(part.fields, func(f keyField) bool {
			return f.path == field.path && f.ref.Shards == 0 && f.determines(field)
		})
	})
}

func (k *keySpace) has(attribute string) bool {
	for i := range k.both {
		if k.both[i].name == attribute {
			return true
		}
	}
	return false
}

// spaces are the table, then T's indexes in the schema's order.
func (e *known) spaces() []*keySpace {
	if e.inOrder != nil {
		return e.inOrder
	}
	all := []*keySpace{&e.table}
	for i := range e.schema.Indexes {
		if space := e.indexes[e.schema.Indexes[i].Name]; space != nil {
			all = append(all, space)
		}
	}
	return all
}

// claimAttributes notes the attributes that the model's templates and the entity type write, none of which T may declare.
func (e *known) claimAttributes(m Model) error {
	names := map[string]bool{}
	for _, def := range e.schema.KeyAttributes() {
		names[*def.AttributeName] = true
	}
	for attribute := range m.Keys {
		if !names[attribute] {
			return fmt.Errorf("Keys names %s, which is no key attribute of table %s", attribute, e.schema.Name)
		}
		e.made[attribute] = true
	}
	if e.plan == nil {
		if len(m.Keys) > 0 {
			return errors.New("a table of Item takes its keys from the item's own attributes: Keys must be empty")
		}
		return nil
	}
	if t := e.schema.EntityType; t != "" {
		e.made[t] = true
	}
	for attribute := range e.made {
		for _, f := range e.plan.Fields() {
			if !strings.EqualFold(f.Name, attribute) {
				continue
			}
			return fmt.Errorf("field %s: attribute %s is written by the library and cannot be T's as well", f.GoName, attribute)
		}
	}
	return nil
}

// keyPart binds one key attribute: to its template, or to T's attribute of the same name; with neither it has no fields.
func (e *known) keyPart(def types.AttributeDefinition, m Model) (*keyPart, error) {
	part := &keyPart{name: *def.AttributeName, scalar: def.AttributeType, most: size.MaxPartitionKey}
	if e.schema.Sorts(part.name) {
		part.most = size.MaxSortKey
	}
	template, templated := m.Keys[part.name]
	if !templated {
		if e.plan == nil {
			part.fields = []keyField{{path: part.name}}
			return part, nil
		}
		field, ok := e.plan.Field(part.name)
		if !ok {
			return part, nil
		}
		kind, _ := textKind(field)
		part.fields = []keyField{{path: part.name, field: field, kind: kind}}
		if got := scalarOf(field); !keyable(field) || got != "" && got != part.scalar {
			return nil, fmt.Errorf("field %s (%s): it cannot be key attribute %s, which is of type %s", field.GoName, field.Type, part.name, part.scalar)
		}
		return part, nil
	}
	if part.scalar != types.ScalarAttributeTypeS {
		return nil, fmt.Errorf("key attribute %s is of type %s: only strings can be made by a template", part.name, part.scalar)
	}
	made, err := e.templatePart(part.name, template)
	if err == nil {
		made.most = part.most
	}
	return made, err
}

// templatePart binds a template over T's attributes.
func (e *known) templatePart(name, template string) (*keyPart, error) {
	part := &keyPart{name: name, scalar: types.ScalarAttributeTypeS, most: size.MaxPartitionKey}
	parsed, err := keytext.Parse(template)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", part.name, err)
	}
	part.text, err = parsed.Bind(func(path string) (keytext.Kind, bool) {
		if field, ok := e.plan.Lookup(strings.Split(path, ".")...); ok {
			return textKind(field)
		}
		return keytext.None, false
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", part.name, err)
	}
	for _, ref := range parsed.Fields() {
		if strings.ContainsAny(ref.Path, "[]") {
			return nil, fmt.Errorf("%s: a template takes attributes, and %s is an element of a list", part.name, ref.Path)
		}
		field, _ := e.plan.Lookup(strings.Split(ref.Path, ".")...)
		kind, _ := textKind(field)
		part.fields = append(part.fields, keyField{ref.Path, field, ref, kind})
	}
	return part, nil
}

// checkSortTypes refuses keys that would not sort, or not be found, as their values are.
func checkSortTypes(k *keySpace) error {
	for _, part := range k.parts() {
		if part.natural() && part.scalar == types.ScalarAttributeTypeS && derefType(part.fields[0].field.Type) == timeType {
			return fmt.Errorf("field %s: RFC 3339 text with fractions does not sort as time does, and one instant has several texts; make %s of %s by a template, or tag the field unixtime and declare the attribute N",
				part.fields[0].field.GoName, part.name, k)
		}
	}
	return nil
}
