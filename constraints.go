package monotable

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/keytext"
)

// A unique constraint is kept by guards: items of the same table, one for each value taken, that are written and removed in the
// same transaction as their owner. A guard's partition key is "UNIQUE#<entity type>#<constraint>#<value>", its sort key, where
// the table has one, "UNIQUE"; it holds its owner's key.
const (
	guardPrefix = "UNIQUE#"
	guardSort   = "UNIQUE"
	guardType   = "UNIQUE" // of the entity-type attribute
	guardOwner  = "owner"  // the attribute that holds the owner's primary key
)

// constraint is one unique constraint of an entity type.
type constraint struct {
	name string
	part keyPart // makes the guarded value; its name is the constraint's
}

// setUnique binds the model's unique constraints.
func (e *known) setUnique(m Model) error {
	if len(m.Unique) == 0 {
		return nil
	}
	if e.plan == nil {
		return errors.New("a table of Item has no unique constraints")
	}
	for _, def := range slices.Concat(e.schema.Partition, e.schema.Sort) {
		if def.AttributeType != types.ScalarAttributeTypeS {
			return fmt.Errorf("key attribute %s is of type %s: the guards of unique constraints need keys that are strings", *def.AttributeName, def.AttributeType)
		}
		if *def.AttributeName == guardOwner {
			return fmt.Errorf("key attribute %s has the name that guards of unique constraints use", guardOwner)
		}
	}
	if part := &e.table.partition[0]; part.natural() || guardable(m.Keys[part.name]) {
		return fmt.Errorf("key attribute %s could be that of a guard of a unique constraint: make it by a template that does not begin like %q", part.name, guardPrefix)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Unique)) {
		if name == "" || strings.ContainsAny(name, "#%") {
			return fmt.Errorf("unique constraint %q: a name has no # and no %%", name)
		}
		part, err := e.templatePart(name, m.Unique[name])
		if err != nil {
			return fmt.Errorf("unique constraint %w", err)
		}
		if len(part.fields) == 0 {
			return fmt.Errorf("unique constraint %s: its template has no fields, so that all items would be one", name)
		}
		if slices.ContainsFunc(part.fields, func(f keyField) bool { return f.ref.Shards > 0 }) {
			return fmt.Errorf("unique constraint %s: of a shard only few items could be", name)
		}
		if part.most = e.table.partition[0].most - len(e.guardText(name, "")); part.most < 1 {
			return fmt.Errorf("unique constraint %s: with the entity type's name it leaves no room for a value in its guard's key", name)
		}
		e.unique = append(e.unique, constraint{name, *part})
	}
	return nil
}

// checkConstraints refuses constraints over what updates write by themselves, since they do not write its guard.
func (e *known) checkConstraints() error {
	for _, c := range e.unique {
		for _, f := range c.part.fields {
			if e.version != nil && f.path == e.version.Name || e.updated != nil && f.path == e.updated.Name {
				return fmt.Errorf("unique constraint %s: %s changes with each write", c.name, f.path)
			}
		}
	}
	return nil
}

// guardable tells whether a template could make the partition key of a guard.
func guardable(template string) bool {
	parsed, err := keytext.Parse(template)
	if err != nil {
		return true
	}
	guard, err := keytext.Parse(guardPrefix + "{value|raw}")
	return err != nil || keytext.Overlaps(parsed, guard)
}

// guarded tells whether a path leads to what a constraint is made of.
func (e *known) guarded(path expr.Path) (constraint string, ok bool) {
	for _, c := range e.unique {
		if slices.ContainsFunc(c.part.fields, func(f keyField) bool { return overlap(path, f.path) }) {
			return c.name, true
		}
	}
	return "", false
}

// taken are the values that v takes, by constraint. An unset field leaves its constraint out.
func (e *known) taken(v reflect.Value) (map[string]string, error) {
	values := make(map[string]string, len(e.unique))
	for i := range e.unique {
		c := &e.unique[i]
		text, err := c.value(v)
		if isUnset(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w, in unique constraint %s", err, c.name)
		}
		values[c.name] = text
	}
	return values, nil
}

// value is what the constraint makes of v: an error that isUnset where v has no part in it.
func (c *constraint) value(v reflect.Value) (string, error) {
	return c.part.textOf(func(i int) (keytext.Value, bool, error) { return c.part.fields[i].value(v) })
}

// guardKey is the primary key of a guard.
func (e *known) guardKey(constraint, value string) attributes {
	key := attributes{e.table.partition[0].name: &types.AttributeValueMemberS{Value: e.guardText(constraint, value)}}
	if len(e.table.sort) > 0 {
		key[e.table.sort[0].name] = &types.AttributeValueMemberS{Value: guardSort}
	}
	return key
}

// guardText is the partition key of a guard. The constraint's part bounds the value so that it fits.
func (e *known) guardText(constraint, value string) string {
	return guardPrefix + guardEscape.Replace(e.name) + "#" + constraint + "#" + value
}

var guardEscape = strings.NewReplacer("%", "%25", "#", "%23")

// takenBy are the values that an item as stored takes. One that no guard could have, since it does not fit, has none: others
// stored it.
func (e *known) takenBy(raw attributes) (map[string]string, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	v := reflect.New(e.goType).Elem()
	if err := e.decode(e.plan, raw, v); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(e.unique))
	for i := range e.unique {
		c := &e.unique[i]
		if text, err := c.value(v); err == nil {
			values[c.name] = text
		} else if !errors.Is(err, ErrKey) {
			return nil, fmt.Errorf("%w, in unique constraint %s", err, c.name)
		}
	}
	return values, nil
}

// constrained are the top-level attributes that constraints are made of.
func (e *known) constrained() (names []string) {
	for _, c := range e.unique {
		for _, f := range c.part.fields {
			if top, _, _ := strings.Cut(f.path, "."); !slices.Contains(names, top) {
				names = append(names, top)
			}
		}
	}
	return names
}
