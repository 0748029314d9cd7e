package entity

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/keytext"
)

// A unique constraint is kept by guards: items of the same table, one for each value taken, that are written and
// removed in the same transaction as their owner. A guard's partition key is "UNIQUE#<entity
// type>#<constraint>#<value>", its sort key, where the table has one, "UNIQUE"; it holds its owner's key.
const (
	GuardPrefix = "UNIQUE#"
	GuardSort   = "UNIQUE"
	GuardType   = "UNIQUE" // of the entity-type attribute
	GuardOwner  = "owner"  // the attribute that holds the owner's primary key
)

// Constraint is one unique constraint of an entity type.
type Constraint struct {
	Name string
	Part Part // makes the guarded value; its name is the constraint's
}

// setUnique binds the model's unique constraints.
func (e *Type) setUnique(m Model) error {
	if len(m.Unique) == 0 {
		return nil
	}
	if e.Plan == nil {
		return errors.New("a table of Item has no unique constraints")
	}
	for _, def := range slices.Concat(e.Schema.Partition, e.Schema.Sort) {
		if def.AttributeType != types.ScalarAttributeTypeS {
			return fmt.Errorf("key attribute %s is of type %s: the guards of unique constraints need keys that are "+
				"strings", *def.AttributeName, def.AttributeType)
		}
		if *def.AttributeName == GuardOwner {
			return fmt.Errorf("key attribute %s has the name that guards of unique constraints use", GuardOwner)
		}
	}
	if part := &e.Table.Partition[0]; part.Natural() || guardable(part) {
		return fmt.Errorf("key attribute %s could be that of a guard of a unique constraint: make it by a template "+
			"that does not begin like %q", part.Name, GuardPrefix)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Unique)) {
		if name == "" || strings.ContainsAny(name, "#%") || !attr.ValidText(name) {
			return fmt.Errorf("unique constraint %q: a name is UTF-8 and has no # and no %%", name)
		}
		part, err := e.templatePart(name, m.Unique[name])
		if err != nil {
			return fmt.Errorf("unique constraint %w", err)
		}
		if len(part.Fields) == 0 {
			return fmt.Errorf("unique constraint %s: its template has no fields, so that all items would be one", name)
		}
		if slices.ContainsFunc(part.Fields, func(f Field) bool { return f.Ref.Shards > 0 }) {
			return fmt.Errorf("unique constraint %s: of a shard only few items could be", name)
		}
		if part.most = e.Table.Partition[0].most - len(e.GuardText(name, "")); part.most < 1 {
			return fmt.Errorf("unique constraint %s: with the entity type's name it leaves no room for a value in "+
				"its guard's key", name)
		}
		e.Unique = append(e.Unique, Constraint{name, *part})
	}
	return nil
}

// checkConstraints refuses constraints over what updates write by themselves, since they do not write its guard.
func (e *Type) checkConstraints() error {
	for _, c := range e.Unique {
		for _, f := range c.Part.Fields {
			if e.Version != nil && f.Path == e.Version.Name || e.Updated != nil && f.Path == e.Updated.Name {
				return fmt.Errorf("unique constraint %s: %s changes with each write", c.Name, f.Path)
			}
		}
	}
	return nil
}

// guardable tells whether a template could make the partition key of a guard.
func guardable(part *Part) bool {
	guard, err := keytext.Parse(GuardPrefix + "{value|raw}")
	return err != nil || keytext.Overlaps(part.Text, guard)
}

// Guarded tells whether a path leads to what a constraint is made of.
func (e *Type) Guarded(path expr.Path) (constraint string, ok bool) {
	for _, c := range e.Unique {
		if slices.ContainsFunc(c.Part.Fields, func(f Field) bool { return Overlap(path, f.Path) }) {
			return c.Name, true
		}
	}
	return "", false
}

// Taken are the values that v takes, by constraint. An unset field leaves its constraint out.
func (e *Type) Taken(v reflect.Value) (map[string]string, error) {
	values := make(map[string]string, len(e.Unique))
	for i := range e.Unique {
		c := &e.Unique[i]
		text, err := c.Value(v)
		if IsUnset(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w, in unique constraint %s", err, c.Name)
		}
		values[c.Name] = text
	}
	return values, nil
}

// Value is what the constraint makes of v: an error that isUnset where v has no part in it.
func (c *Constraint) Value(v reflect.Value) (string, error) {
	return c.Part.TextOf(func(i int) (keytext.Value, bool, error) { return c.Part.Fields[i].Value(v) })
}

// GuardKey is the primary key of a guard.
func (e *Type) GuardKey(constraint, value string) attr.Item {
	key := attr.Item{e.Table.Partition[0].Name: &types.AttributeValueMemberS{Value: e.GuardText(constraint, value)}}
	if len(e.Table.Sort) > 0 {
		key[e.Table.Sort[0].Name] = &types.AttributeValueMemberS{Value: GuardSort}
	}
	return key
}

// GuardText is the partition key of a guard. The constraint's part bounds the value so that it fits.
func (e *Type) GuardText(constraint, value string) string {
	return GuardPrefix + GuardEscape.Replace(e.Name) + "#" + constraint + "#" + value
}

var GuardEscape = strings.NewReplacer("%", "%25", "#", "%23")

// TakenBy are the values that an item as stored takes. One that no guard could have, since it does not fit, has none:
// others stored it.
func (e *Type) TakenBy(raw attr.Item) (map[string]string, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	v := reflect.New(e.GoType).Elem()
	if err := e.Decode(e.Plan, raw, v); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(e.Unique))
	for i := range e.Unique {
		c := &e.Unique[i]
		if text, err := c.Value(v); err == nil {
			values[c.Name] = text
		} else if !errors.Is(err, ErrKey) {
			return nil, fmt.Errorf("%w, in unique constraint %s", err, c.Name)
		}
	}
	return values, nil
}

// Constrained are the top-level attributes that constraints are made of.
func (e *Type) Constrained() (names []string) {
	for _, c := range e.Unique {
		for _, f := range c.Part.Fields {
			if top, _, _ := strings.Cut(f.Path, "."); !slices.Contains(names, top) {
				names = append(names, top)
			}
		}
	}
	return names
}

// Overlap tells whether a document path and a dotted attribute path are equal or one leads through the other.
func Overlap(path expr.Path, dotted string) bool {
	names := strings.Split(dotted, ".")
	for i := range min(len(path), len(names)) {
		if path[i].Index >= 0 || path[i].Name != names[i] {
			return false
		}
	}
	return true
}

// LeadsTo tells whether a document path is an attribute path.
func LeadsTo(path expr.Path, dotted string) bool {
	return len(path) == strings.Count(dotted, ".")+1 && Overlap(path, dotted)
}

// GuardChange is a guard that a write takes or gives up.
type GuardChange struct {
	Constraint, Value string
	Taken             bool
}

// GuardChanges turn the guards of what was taken into those of what is.
func (e *Type) GuardChanges(was, is map[string]string) (changes []GuardChange) {
	for _, c := range e.Unique {
		before, had := was[c.Name]
		after, has := is[c.Name]
		if had && has && before == after {
			continue
		}
		if had {
			changes = append(changes, GuardChange{c.Name, before, false})
		}
		if has {
			changes = append(changes, GuardChange{c.Name, after, true})
		}
	}
	return changes
}

// Guard is the guard of a value that owner, a primary key, has.
func (e *Type) Guard(owner attr.Item, constraint, value string) attr.Item {
	guard := e.GuardKey(constraint, value)
	guard[GuardOwner] = &types.AttributeValueMemberM{Value: owner}
	if e.Typed() {
		guard[e.Schema.EntityType] = &types.AttributeValueMemberS{Value: GuardType}
	}
	return guard
}

// IsGuardKey tells whether a primary key is that of a guard of a unique constraint, of whatever type, in a table with
// these key attributes; sort is "" for none.
func IsGuardKey(partition, sort string, item attr.Item) bool {
	key, ok := item[partition].(*types.AttributeValueMemberS)
	if !ok || !strings.HasPrefix(key.Value, GuardPrefix) {
		return false
	}
	if sort == "" {
		return true
	}
	key, ok = item[sort].(*types.AttributeValueMemberS)
	return ok && key.Value == GuardSort
}

// IsGuardKey tells whether a primary key is one of guards.
func (e *Type) IsGuardKey(key attr.Item) bool {
	sort := ""
	if len(e.Table.Sort) > 0 {
		sort = e.Table.Sort[0].Name
	}
	return IsGuardKey(e.Table.Partition[0].Name, sort, key)
}

// IsGuard tells whether an item is a guard.
func (e *Type) IsGuard(item attr.Item) bool {
	_, owned := item[GuardOwner].(*types.AttributeValueMemberM)
	return owned && e.IsGuardKey(item)
}
