package read

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/response"
	"github.com/monotable/monotable/internal/schema"
)

// Types are the entity types of one table.
type Types struct {
	Fast     response.Path
	itemType reflect.Type // of what is of none of them
	schema   *schema.Schema

	mu     sync.Mutex
	byName map[string]*Entity // by Model.Type
}

// NewTypes is a table's entity types, none yet. itemType is the Go type of an item that is of none of them.
func NewTypes(of *schema.Schema, itemType reflect.Type, mapped, ownMemory bool) *Types {
	t := &Types{itemType: itemType, schema: of, byName: map[string]*Entity{}}
	t.Fast.Off, t.Fast.OwnMemory, t.Fast.Of = mapped, ownMemory, t.wireOf
	return t
}

// Add adds an entity type; a name stands for one Go type.
func (t *Types) Add(e *Entity) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other, ok := t.byName[e.Name]; ok {
		if other.GoType != e.GoType {
			return fmt.Errorf("entity type %s is %s in this DB already", e.Name, other.GoType)
		}
		if !reflect.DeepEqual(other.Model, e.Model) {
			return fmt.Errorf("entity type %s has another model in this DB already", e.Name)
		}
		e.Shared.Store(other.Shared.Load())
		e.Rivals.Store(other.Rivals.Load())
	}
	if natural(e) {
		e.Shared.Store(true)
	}
	for _, other := range t.byName {
		if other.Name == e.Name || e.Plan == nil || other.Plan == nil || !e.Overlaps(other.Type) {
			continue
		}
		if t.schema.EntityType == "" {
			return fmt.Errorf("its keys could be those of entity type %s, and the schema has no EntityType to tell "+
				"them apart", other.Name)
		}
		for _, one := range []*Entity{e, other} {
			one.Shared.Store(true)
			one.Rivals.Store(true)
		}
	}
	t.byName[e.Name] = e
	return nil
}

// natural tells whether the primary key is T's own attributes, and so whatever a program puts there.
func natural(e *Entity) bool {
	return !slices.ContainsFunc(e.Table.Parts(), func(p entity.Part) bool { return !p.Natural() })
}

// wireOf is the fast path of the entity type of that name; nil for none.
func (t *Types) wireOf(name string) *response.Reading {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.named(name); e != nil && e.Plan != nil {
		return e.Wire
	}
	return nil
}

// named is the entity type of that name, or that others stored under it; nil for none. The caller holds mu.
func (t *Types) named(name string) *Entity {
	if e := t.byName[name]; e != nil {
		return e
	}
	for _, e := range t.byName {
		if slices.Contains(e.Aliases, name) {
			return e
		}
	}
	return nil
}

// Guarded are the entity types with unique constraints, in the order of their names.
func (t *Types) Guarded() (all []*Entity) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(t.byName)) {
		if e := t.byName[name]; len(e.Unique) > 0 {
			all = append(all, e)
		}
	}
	return all
}

// has tells whether an entity type is the Go type of.
func (t *Types) has(of reflect.Type) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.byName {
		if e.GoType == of {
			return true
		}
	}
	return false
}

// entityOf finds the type of an item: by its entity-type attribute, else by its keys; nil for none.
func (t *Types) entityOf(item attr.Item) *Entity {
	t.mu.Lock()
	defer t.mu.Unlock()
	if name, ok := item[t.schema.EntityType].(*types.AttributeValueMemberS); ok && t.schema.EntityType != "" {
		return t.named(name.Value)
	}
	var found *Entity
	for _, e := range t.byName {
		if e.Plan != nil && e.Mine(item) {
			if found != nil {
				return nil // it could be either
			}
			found = e
		}
	}
	return found
}

// value is a row as a value of its entity's Go type, or of that of items without one.
func (t *Types) value(r response.Row) (any, error) {
	if r.Page != nil {
		return r.Page.Value(r.At).Interface(), nil
	}
	e := t.entityOf(r.Item)
	if e == nil {
		return reflect.ValueOf(r.Item).Convert(t.itemType).Interface(), nil
	}
	v := reflect.New(e.GoType).Elem()
	if err := e.Decode(e.Plan, r.Item, v); err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	return v.Interface(), nil
}
