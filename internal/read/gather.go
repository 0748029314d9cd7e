package read

import (
	"context"
	"fmt"
	"reflect"

	"github.com/monotable/monotable/internal/cause"
)

// Gather reads one partition into v, a struct with a field for each type in it.
func (r *Reader) Gather(ctx context.Context, partition reflect.Value, s *Settings, v reflect.Value) error {
	if r == nil {
		return cause.NotMade
	}
	g := &gathering{of: v, into: map[reflect.Type]reflect.Value{}, required: map[reflect.Type]string{},
		seen: map[reflect.Type]bool{}}
	if err := g.fields(r.Types); err != nil {
		return err
	}
	var odd error
	err := r.Collection(ctx, partition, s, func(value any) bool {
		odd = g.add(reflect.ValueOf(value))
		return odd == nil
	})
	switch {
	case odd != nil:
		return odd
	case err != nil:
		return err
	}
	for of, name := range g.required {
		if !g.seen[of] {
			return cause.Of(cause.NotFound, "there is no %s for field %s", of, name)
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
func (g *gathering) fields(known *Types) error {
	if g.of.Kind() != reflect.Struct {
		return fmt.Errorf("%s is not a struct", g.of.Type())
	}
	for i := range g.of.NumField() {
		field := g.of.Type().Field(i)
		of := field.Type
		switch {
		case of == known.itemType:
		case of.Kind() == reflect.Slice, of.Kind() == reflect.Pointer:
			of = of.Elem()
		default:
			g.required[of] = field.Name
		}
		switch {
		case !field.IsExported():
			return fmt.Errorf("field %s is not exported", field.Name)
		case of != known.itemType && !known.has(of):
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
