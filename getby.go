package monotable

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/entity"
)

// maxGetByTries bounds how often GetBy follows a value that changes hands while it is read.
const maxGetByTries = 3

// GetBy reads the one item that has a unique constraint's value, such as the customer of an e-mail address, without an
// index: values has the fields of the constraint's template set. An unset one is ErrKey, and a value that nobody has is
// ErrNotFound.
//
// It sends two GetItem requests, for the constraint's guard and for its owner, and two more where the value changed
// hands between them, at most six in all. A guard of up to 4 KB costs half a read unit besides the item's own, or one
// with Consistent.
func (t *Table[T]) GetBy(ctx context.Context, constraint string, values T, options ...GetOption) (result T, err error) {
	err = t.of.getBy(ctx, constraint, reflect.ValueOf(&values).Elem(), options, reflect.ValueOf(&result).Elem())
	return result, err
}

// GetBy is Table.GetBy, of the attributes that V has.
func (v *View[V, T]) GetBy(ctx context.Context, constraint string, values T,
	options ...GetOption) (result V, err error) {
	err = v.of.getBy(ctx, constraint, reflect.ValueOf(&values).Elem(), options, reflect.ValueOf(&result).Elem())
	return result, err
}

func (r *reader) getBy(ctx context.Context, constraint string, values reflect.Value, options []GetOption,
	result reflect.Value) error {
	const op = "GetBy"
	if r.core == nil {
		return errNotMade
	}
	s := getSettings(options)
	c, value, err := r.constraintValue(constraint, values)
	if err != nil {
		return r.fail(op, err)
	}
	partial := r.read.partial
	if partial != nil {
		partial = slices.Concat(partial, attributesBesides(c, partial))
	}
	for range maxGetByTries {
		owner, err := r.guardOwner(ctx, r.GuardKey(constraint, value), s)
		if err != nil {
			return r.fail(op, err)
		}
		of, err := r.getPrimary(ctx, op, owner, partial, nil, s)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil {
			has, err := r.TakenBy(of.Item)
			if err != nil {
				return r.fail(op, err)
			}
			if has[constraint] == value {
				if err := r.Decode(r.read.plan, of.Item, result); err != nil {
					return r.fail(op, err)
				}
				return nil
			}
		}
	}
	return r.fail(op, ErrNotFound)
}

// constraintValue is what a unique constraint makes of values.
func (e *core) constraintValue(name string, values reflect.Value) (*entity.Constraint, string, error) {
	i := slices.IndexFunc(e.Unique, func(c entity.Constraint) bool { return c.Name == name })
	if i < 0 {
		if len(e.Unique) == 0 {
			return nil, "", fmt.Errorf("there is no unique constraint %q, the model has none", name)
		}
		names := make([]string, len(e.Unique))
		for i, c := range e.Unique {
			names[i] = c.Name
		}
		return nil, "", fmt.Errorf("there is no unique constraint %q, the model has %s", name,
			strings.Join(names, ", "))
	}
	c := &e.Unique[i]
	text, err := c.Value(values)
	return c, text, err
}

// attributesBesides are the top-level attributes that the constraint is made of, without those in names.
func attributesBesides(c *entity.Constraint, names []string) (more []string) {
	for _, f := range c.Part.Fields {
		top, _, _ := strings.Cut(f.Path, ".")
		if !slices.Contains(names, top) && !slices.Contains(more, top) {
			more = append(more, top)
		}
	}
	return more
}

// guardOwner reads a guard and gives its owner's primary key.
func (e *core) guardOwner(ctx context.Context, guard attributes, s *settings) (attributes, error) {
	in := &dynamodb.GetItemInput{TableName: &e.Schema.Name, Key: guard, ReturnConsumedCapacity: s.report()}
	if s.consistent {
		in.ConsistentRead = &s.consistent
	}
	out, err := e.via(s).GetItem(ctx, in, s.sdk...)
	if err != nil {
		return nil, err
	}
	owner, ok := out.Item[entity.GuardOwner].(*types.AttributeValueMemberM)
	if !ok {
		return nil, ErrNotFound
	}
	return owner.Value, nil
}
