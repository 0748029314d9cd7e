package entity

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/keytext"
	"github.com/monotable/monotable/internal/schema"
	"github.com/monotable/monotable/internal/size"
)

// Type is what is known of an entity type without sending anything: how T's values become keys and items of the
// schema's table.
type Type struct {
	Schema  *schema.Schema
	Clock   func() time.Time
	Name    string // Model.Type
	GoType  reflect.Type
	Plan    *codec.Plan // nil when T is Item
	Aliases []string
	Version *codec.Field // nil for none, as are the next three
	Created *codec.Field
	Updated *codec.Field
	Expires *codec.Field // the schema's TTL attribute
	Unique  []Constraint // in the order of their names
	Table   Space
	Indexes map[string]*Space // those that T's items can be in, by name
	inOrder []*Space          // the table, then the indexes in the schema's order
	Model   Model
	Plain   bool            // whole-item writes store T as it is given
	Shared  atomic.Bool     // another type's items may have the same keys
	Rivals  atomic.Bool     // another type of the DB may have them
	Made    map[string]bool // attributes that templates and the DB write, which T does not see

	KeyOnly   map[string]bool // top-level attributes that the primary key alone holds
	Uncounted map[string]bool // top-level attributes whose update alone is no change of the item
}

// Model is how an entity type is laid out in the table.
type Model struct {
	Type             string
	Aliases          []string
	Keys             map[string]string
	Unique           map[string]string
	Version          string
	Created, Updated string
	KeyOnly          []string
	Prefix           map[string]string
	Except           map[string]string
	Uncounted        []string
}

// Space is the table or an index as this entity type uses it.
type Space struct {
	Index     *schema.Index // nil for the table
	Partition []Part
	Sort      []Part
	both      []Part       // partition, then sort
	Except    *codec.Field // an item in which it is not zero is left out; nil for none
}

// Parts are the key's attributes in order.
func (k *Space) Parts() []Part { return k.both }

// String names the table or index in errors.
func (k *Space) String() string {
	if k.Index == nil {
		return "the table"
	}
	return "index " + k.Index.Name
}

// Part is one attribute of a key: T's own, or made by a template of T's attributes.
type Part struct {
	Name   string
	Scalar types.ScalarAttributeType
	most   int            // bytes that a value may have
	Text   *keytext.Bound // nil when T's own attribute is the key
	Prefix string         // how T's own attribute begins; "" for anyhow
	Fields []Field        // the template's fields in order; one for a natural attribute
}

// Field is an attribute of T that a key is made of. T's own nested attributes are named with dots.
type Field struct {
	Path  string
	Field *codec.Field // nil when T is Item
	Ref   keytext.Ref  // how a template writes it
	Kind  keytext.Kind // as a template takes it
	InMap bool         // it is an entry of a map, or in one
	InPtr bool         // it is behind a pointer, so that whether a zero is a value depends on what else is there
	lossy bool         // Ref does not keep all of the value
}

// Exact tells whether the key text keeps all of the field's value: a folded string, a cut time and a shard cannot be
// had back.
func (f *Field) Exact() bool { return !f.lossy }

// Determines tells whether the text of f tells that of other, which is of the same attribute, though it may not tell
// the value.
func (f *Field) Determines(other *Field) bool {
	one, two := f.Ref, other.Ref
	if f.Kind == keytext.String { // whose width is a check, and changes no text
		one.Digits, two.Digits = 0, 0
	}
	return one.Determines(two, f.Seconds())
}

// Seconds tells whether the field's values are times in whole seconds.
func (f *Field) Seconds() bool { return f.Field != nil && f.Field.UnixTime }

// Zeroable tells whether an attribute that is absent is a value all the same: T's zero number or false.
func (f *Field) Zeroable() bool {
	_, set := f.AbsentValue()
	return set
}

// Natural tells whether the key attribute is T's own.
func (p *Part) Natural() bool { return p.Text == nil }

// Of binds a model to a schema. Everything that can be wrong with either is found here.
func Of(of *schema.Schema, clock func() time.Time, t reflect.Type, schemaless bool, m Model) (*Type, error) {
	e := &Type{Schema: of, Clock: clock, Name: m.Type, Aliases: slices.Clone(m.Aliases), GoType: t, Model: m,
		Indexes: map[string]*Space{}, Made: map[string]bool{}}
	if e.Name == "" {
		e.Name = t.Name()
	}
	if e.Name == GuardType || slices.Contains(e.Aliases, GuardType) {
		return nil, fmt.Errorf("the entity type %s is that of the guards of unique constraints", GuardType)
	}
	for _, name := range append([]string{e.Name}, e.Aliases...) {
		if !attr.ValidText(name) {
			return nil, errors.New("the name of the entity type, or an alias, is not UTF-8")
		}
	}
	if !schemaless {
		plan, err := codec.Of(t)
		if err != nil {
			return nil, err
		}
		e.Plan = plan
	}
	if err := e.lay(m); err != nil {
		return nil, err
	}
	_, defaults := reflect.New(t).Interface().(defaulter)
	_, validates := reflect.New(t).Interface().(validator)
	e.Plain = !defaults && !validates && e.Version == nil && e.Created == nil && e.Updated == nil
	return e, nil
}

// lay binds all that the model says, and gives all that is wrong with it.
func (e *Type) lay(m Model) error {
	err := errors.Join(e.claimAttributes(m), e.layKeys(m))
	if err != nil { // the rest may lean on what is wrong
		return errors.Join(err, e.setStamps(m), e.setVersion(m.Version))
	}
	e.inOrder = e.Spaces()
	if e.Plan != nil {
		for _, space := range e.Spaces() {
			err = errors.Join(err, checkSortTypes(space), checkShards(space))
		}
	}
	err = errors.Join(err, e.setPrefix(m.Prefix), e.setUnique(m), e.setStamps(m), e.setVersion(m.Version))
	if err != nil {
		return err
	}
	return errors.Join(e.setExcept(m.Except), e.checkConstraints(), e.setKeyOnly(m.KeyOnly), e.setUncounted(m.Uncounted))
}

// layKeys binds the key attributes of the table, and of the indexes that T's items can be in.
func (e *Type) layKeys(m Model) error {
	of := e.Schema
	parts := map[string]*Part{}
	var errs []error
	for _, def := range of.KeyAttributes() {
		part, err := e.keyPart(def, m)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		parts[part.Name] = part
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	pick := func(attrs schema.Attrs) (picked []Part, missing string) {
		for _, def := range attrs {
			part := parts[*def.AttributeName]
			if len(part.Fields) == 0 && part.Natural() {
				missing = part.Name
			}
			picked = append(picked, *part)
		}
		return picked, missing
	}
	e.Table.Partition, _ = pick(of.Partition)
	e.Table.Sort, _ = pick(of.Sort)
	e.Table.both = slices.Concat(e.Table.Partition, e.Table.Sort)
	for _, part := range e.Table.Parts() {
		if part.Natural() && len(part.Fields) == 0 {
			errs = append(errs, fmt.Errorf("key attribute %s: %s has no attribute of that name and the model no "+
				"template for it", part.Name, e.GoType))
		}
	}
	for i := range of.Indexes {
		index := &of.Indexes[i]
		space := &Space{Index: index}
		var noPartition, noSort string
		space.Partition, noPartition = pick(index.PartitionOf(of))
		space.Sort, noSort = pick(index.Sort)
		space.both = slices.Concat(space.Partition, space.Sort)
		missing := noPartition + noSort
		if missing == "" {
			e.Indexes[index.Name] = space
			continue
		}
		for _, part := range space.Parts() {
			if !part.Natural() && !e.Table.Has(part.Name) {
				errs = append(errs, fmt.Errorf("index %s: the model makes %s, but %s is neither made nor an "+
					"attribute of %s", index.Name, part.Name, missing, e.GoType))
			}
		}
	}
	return errors.Join(errs...)
}

// Carries tells whether a query's partition is given with an attribute's value, though the key may not keep all of it.
func (k *Space) Carries(path string) bool {
	return slices.ContainsFunc(k.Partition, func(part Part) bool {
		return slices.ContainsFunc(part.Fields, func(f Field) bool { return f.Path == path && f.Ref.Shards == 0 })
	})
}

// Binds tells whether a partition has one text of a sort field in all of its items: that of the value which the
// partition is given with, since the partition's key loses nothing that the field keeps.
func (k *Space) Binds(field *Field) bool {
	return slices.ContainsFunc(k.Partition, func(part Part) bool {
		return slices.ContainsFunc(part.Fields, func(f Field) bool {
			return f.Path == field.Path && f.Ref.Shards == 0 && f.Determines(field)
		})
	})
}

// Has tells whether an attribute is one of the key's.
func (k *Space) Has(attribute string) bool {
	for i := range k.both {
		if k.both[i].Name == attribute {
			return true
		}
	}
	return false
}

// Spaces are the table, then T's indexes in the schema's order.
func (e *Type) Spaces() []*Space {
	if e.inOrder != nil {
		return e.inOrder
	}
	all := []*Space{&e.Table}
	for i := range e.Schema.Indexes {
		if space := e.Indexes[e.Schema.Indexes[i].Name]; space != nil {
			all = append(all, space)
		}
	}
	return all
}

// claimAttributes notes the attributes that the model's templates and the entity type write, none of which T may
// declare.
func (e *Type) claimAttributes(m Model) error {
	names := map[string]bool{}
	for _, def := range e.Schema.KeyAttributes() {
		names[*def.AttributeName] = true
	}
	var errs []error
	for _, attribute := range slices.Sorted(maps.Keys(m.Keys)) {
		if !names[attribute] {
			errs = append(errs, fmt.Errorf("Keys names %s, which is no key attribute of table %s", attribute,
				e.Schema.Name))
		}
		e.Made[attribute] = true
	}
	if e.Plan == nil {
		if len(m.Keys) > 0 {
			errs = append(errs, errors.New("a table of Item takes its keys from the item's own attributes: Keys must "+
				"be empty"))
		}
		return errors.Join(errs...)
	}
	if t := e.Schema.EntityType; t != "" {
		e.Made[t] = true
	}
	for _, attribute := range slices.Sorted(maps.Keys(e.Made)) {
		for _, f := range e.Plan.Fields() {
			if !strings.EqualFold(f.Name, attribute) {
				continue
			}
			errs = append(errs, fmt.Errorf("field %s: attribute %s is written by the library and cannot be T's as well",
				f.GoName, attribute))
		}
	}
	return errors.Join(errs...)
}

// keyPart binds one key attribute: to its template, or to T's attribute of the same name; with neither it has no
// fields.
func (e *Type) keyPart(def types.AttributeDefinition, m Model) (*Part, error) {
	part := &Part{Name: *def.AttributeName, Scalar: def.AttributeType, most: size.MaxPartitionKey}
	if e.Schema.Sorts(part.Name) {
		part.most = size.MaxSortKey
	}
	template, templated := m.Keys[part.Name]
	if !templated {
		if e.Plan == nil {
			part.Fields = []Field{{Path: part.Name}}
			return part, nil
		}
		field, ok := e.Plan.Field(part.Name)
		if !ok {
			return part, nil
		}
		kind, _ := textKind(field)
		part.Fields = []Field{{Path: part.Name, Field: field, Kind: kind}}
		if got := ScalarOf(field); !keyable(field) || got != "" && got != part.Scalar {
			return nil, fmt.Errorf("field %s (%s): it cannot be key attribute %s, which is of type %s", field.GoName,
				field.Type, part.Name, part.Scalar)
		}
		return part, nil
	}
	if part.Scalar != types.ScalarAttributeTypeS {
		return nil, fmt.Errorf("key attribute %s is of type %s: only strings can be made by a template", part.Name,
			part.Scalar)
	}
	made, err := e.templatePart(part.Name, template)
	if err == nil {
		made.most = part.most
	}
	return made, err
}

// templatePart binds a template over T's attributes.
func (e *Type) templatePart(name, template string) (*Part, error) {
	part := &Part{Name: name, Scalar: types.ScalarAttributeTypeS, most: size.MaxPartitionKey}
	parsed, err := keytext.Parse(template)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", part.Name, err)
	}
	part.Text, err = parsed.Bind(func(path string) (keytext.Kind, bool) {
		if field, ok := e.Plan.Lookup(strings.Split(path, ".")...); ok {
			return textKind(field)
		}
		return keytext.None, false
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", part.Name, err)
	}
	for _, ref := range parsed.Fields() {
		if strings.ContainsAny(ref.Path, "[]") {
			return nil, fmt.Errorf("%s: a template takes attributes, and %s is an element of a list", part.Name,
				ref.Path)
		}
		field, _ := e.Plan.Lookup(strings.Split(ref.Path, ".")...)
		kind, _ := textKind(field)
		of := Field{Path: ref.Path, Field: field, Ref: ref, Kind: kind}
		of.lossy = !ref.Keeps(of.Seconds())
		of.InMap, of.InPtr = e.behind(ref.Path, field)
		part.Fields = append(part.Fields, of)
	}
	return part, nil
}

// behind tells whether a path leads through a map or a pointer.
func (e *Type) behind(path string, field *codec.Field) (inMap, inPtr bool) {
	steps := strings.Split(path, ".")
	for n := 1; n < len(steps); n++ {
		if in, ok := e.Plan.Lookup(steps[:n]...); ok {
			inMap = inMap || DerefType(in.Type).Kind() == reflect.Map
			inPtr = inPtr || in.Type.Kind() == reflect.Pointer
		}
	}
	if _, there := field.Value(reflect.New(e.GoType).Elem()); !there && !inMap {
		inPtr = true // of an embedded struct
	}
	return inMap, inPtr
}

// checkSortTypes refuses keys that would not sort, or not be found, as their values are.
func checkSortTypes(k *Space) error {
	for _, part := range k.Parts() {
		if part.Natural() && part.Scalar == types.ScalarAttributeTypeS &&
			DerefType(part.Fields[0].Field.Type) == TimeType {
			return fmt.Errorf("field %s: RFC 3339 text with fractions does not sort as time does, and one instant "+
				"has several texts; make %s of %s by a template, or tag the field unixtime and declare the attribute N",
				part.Fields[0].Field.GoName, part.Name, k)
		}
	}
	return nil
}

// checkShards refuses a key that is spread twice.
func checkShards(k *Space) error {
	n := 0
	for _, part := range k.Partition {
		for _, f := range part.Fields {
			if !part.Natural() && f.Ref.Shards > 0 {
				n++
			}
		}
	}
	if n > 1 {
		return fmt.Errorf("the partition key of %s has %d sharded fields, and may have one", k, n)
	}
	return nil
}
