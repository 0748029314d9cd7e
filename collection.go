package monotable

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/monotable/monotable/internal/response"
)

// Collection yields every item of one partition, of whatever types, in the order of their sort key: as values of the Go
// types that New was called with on the same DB (Customer, Order), and as Item what is of none of them. partition needs
// T's partition fields alone. It sends Query requests as the caller iterates, on an index if On is given; Limit, After,
// Resume, Filter, Descending, Consistent and Budget work as in Query, sort conditions do not fit.
func (t *Table[T]) Collection(ctx context.Context, partition T, options ...QueryOption) iter.Seq2[any, error] {
	return t.of.collection(ctx, reflect.ValueOf(&partition).Elem(), options)
}

func (e *core) collection(ctx context.Context, partition reflect.Value, options []QueryOption) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		s := querySettings(options)
		from, err := e.collectionSource(partition, s)
		if err != nil {
			yield(nil, e.fail("Collection", err))
			return
		}
		if err := e.iterate(ctx, "Collection", from, s, e.db.typedRow,
			func(item any) bool { return yield(item, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

// CollectionOf is Collection for a sealed interface I that the partition's types implement, as values or as pointers.
// An item of another type, an unknown one included, is an error.
func CollectionOf[I, T any](ctx context.Context, root *Table[T], partition T,
	options ...QueryOption) iter.Seq2[I, error] {
	return func(yield func(I, error) bool) {
		var none I
		for value, err := range root.Collection(ctx, partition, options...) {
			if err != nil {
				yield(none, err)
				return
			}
			as, ok := value.(I)
			if !ok {
				pointer := reflect.New(reflect.TypeOf(value))
				pointer.Elem().Set(reflect.ValueOf(value))
				as, ok = pointer.Interface().(I)
			}
			if !ok {
				yield(none, root.of.fail("CollectionOf", fmt.Errorf("%T is not a %s", value, reflect.TypeFor[I]())))
				return
			}
			if !yield(as, nil) {
				return
			}
		}
	}
}

// Gather reads one partition with Query requests and sorts it into V, a struct with a field for each type in it: a
// slice for any number of items, a pointer for one or none, a value for one that must be there (else ErrNotFound). A
// slice of Item takes the types that are not known. An item that has no field is an error, as is a second one where one
// is expected: nothing is dropped. Fields of other types than the DB's are an error.
func Gather[V, T any](ctx context.Context, root *Table[T], partition T, options ...QueryOption) (result V, err error) {
	err = root.of.gather(ctx, reflect.ValueOf(&partition).Elem(), options, reflect.ValueOf(&result).Elem())
	if err != nil {
		var none V
		return none, err
	}
	return result, nil
}

func (e *core) gather(ctx context.Context, partition reflect.Value, options []QueryOption, v reflect.Value) error {
	if e == nil {
		return errNotMade
	}
	fail := func(err error) error { return e.fail("Gather", err) }
	g := &gathering{of: v, into: map[reflect.Type]reflect.Value{}, required: map[reflect.Type]string{},
		seen: map[reflect.Type]bool{}}
	if err := g.fields(e.db); err != nil {
		return fail(err)
	}
	for value, err := range e.collection(ctx, partition, options) {
		if err != nil {
			return err
		}
		if err := g.add(reflect.ValueOf(value)); err != nil {
			return fail(err)
		}
	}
	for of, name := range g.required {
		if !g.seen[of] {
			return fail(fmt.Errorf("%w: there is no %s for field %s", ErrNotFound, of, name))
		}
	}
	return nil
}

// gathering is a struct that a collection's items go into, by their types.
type gathering struct {
	of       reflect.Value
	into     map[reflect.Type]reflect.Value // the field of each type
	required map[reflect.Type]string        // by type, the name of a field that must be set
	seen     map[reflect.Type]bool
}

// fields finds the field of each type.
func (g *gathering) fields(db *DB) error {
	if g.of.Kind() != reflect.Struct {
		return fmt.Errorf("%s is not a struct", g.of.Type())
	}
	for i := range g.of.NumField() {
		field := g.of.Type().Field(i)
		of := field.Type
		switch {
		case of == itemsType:
		case of.Kind() == reflect.Slice, of.Kind() == reflect.Pointer:
			of = of.Elem()
		default:
			g.required[of] = field.Name
		}
		switch {
		case !field.IsExported():
			return fmt.Errorf("field %s is not exported", field.Name)
		case of != itemsType && !db.has(of):
			return fmt.Errorf("field %s: no entity type of this DB is a %s", field.Name, of)
		case g.into[of].IsValid():
			return fmt.Errorf("field %s: there is another field for %s", field.Name, of)
		}
		g.into[of] = g.of.Field(i)
	}
	return nil
}

// add puts an item into its field.
func (g *gathering) add(x reflect.Value) error {
	field, ok := g.into[x.Type()]
	if !ok {
		return fmt.Errorf("%s has no field for %s", g.of.Type(), x.Type())
	}
	if field.Kind() == reflect.Slice {
		field.Set(reflect.Append(field, x))
		return nil
	}
	if g.seen[x.Type()] {
		return fmt.Errorf("there is more than one %s, and its field takes one", x.Type())
	}
	g.seen[x.Type()] = true
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(x.Type()))
		field = field.Elem()
	}
	field.Set(x)
	return nil
}

// has tells whether an entity type of db is the Go type t.
func (db *DB) has(t reflect.Type) bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	for _, e := range db.entities {
		if e.GoType == t {
			return true
		}
	}
	return false
}

// entityOf finds the type of an item: by its entity-type attribute, else by its keys; nil for none.
func (db *DB) entityOf(item attributes) *core {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.schema.EntityType != "" {
		if name, err := Item(item).String(db.schema.EntityType); err == nil {
			return db.entities[name]
		}
	}
	var found *core
	for _, e := range db.entities {
		if e.Plan != nil && e.Mine(item) {
			if found != nil {
				return nil // it could be either
			}
			found = e
		}
	}
	return found
}

// typedValue is an item as a value of its entity's Go type, or as Item.
func (db *DB) typedValue(item attributes) (any, error) {
	e := db.entityOf(item)
	if e == nil {
		return Item(item), nil
	}
	v := reflect.New(e.GoType).Elem()
	if err := e.Decode(e.Plan, item, v); err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	return v.Interface(), nil
}

// typedRow is likewise for a row.
func (db *DB) typedRow(r response.Row) (any, error) {
	if r.Page != nil {
		return r.Page.Value(r.At).Interface(), nil
	}
	return db.typedValue(r.Item)
}

// collectionSource makes the read of a whole partition.
func (e *core) collectionSource(partition reflect.Value, s *settings) (source, error) {
	if len(s.sort) > 0 {
		return nil, errors.New("a collection is a whole partition: sort conditions are for Query")
	}
	q := &query{descending: s.descending}
	var err error
	if q.space, err = e.spaceOf(s); err != nil {
		return nil, err
	}
	if q.space.Index != nil && !q.space.Index.Local && !q.space.Index.ProjectsAll() && !s.hydrate {
		return nil, fmt.Errorf("index %s projects only some attributes: give Hydrate", q.space.Index.Name)
	}
	condition, err := e.PartitionCondition(q.space, partition, nil)
	if err != nil {
		return nil, err
	}
	filter, err := e.FilterOfAll(q.space, s.unexpired, s.filters)
	if err != nil {
		return nil, err
	}
	q.condition, q.binding = condition.Text, e.BoundTo("collection", q.space, condition, s.descending, filter)
	q.names, q.values, q.filter = merged(condition.Names, filter.Names), merged(condition.Values, filter.Values),
		filter.Text
	q.whole = q.space.Index != nil && q.space.Index.Local && !q.space.Index.ProjectsAll()
	q.shards, q.shardAt, q.all = condition.Shards, condition.ShardAt, true
	if !s.hydrate {
		if e.Typed() {
			q.wire = e.wire
		}
		return e.sourceOf(q, s, nil)
	}
	return e.sourceOf(q, s, e.hydrator(&reading{}, true, s))
}
