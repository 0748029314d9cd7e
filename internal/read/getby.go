package read

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
)

// maxGetByTries bounds how often GetBy follows a value that changes hands while it is read.
const maxGetByTries = 3

// GetBy reads the item that has a unique constraint's value into result.
func (r *Reader) GetBy(ctx context.Context, constraint string, values reflect.Value, s *Settings,
	result reflect.Value) error {
	if r == nil {
		return cause.NotMade
	}
	if s.Paced {
		return errPaced
	}
	c, value, err := r.constraintValue(constraint, values)
	if err != nil {
		return err
	}
	partial := r.Form.Partial
	if partial != nil {
		partial = slices.Concat(partial, attributesBesides(c, partial))
	}
	for range maxGetByTries {
		owner, err := r.guardOwner(ctx, r.GuardKey(constraint, value), s)
		if err != nil {
			return err
		}
		of, err := r.getPrimary(ctx, owner, partial, nil, s)
		if err != nil && !errors.Is(err, cause.NotFound) {
			return err
		}
		if err == nil {
			has, err := r.TakenBy(of.Item)
			if err != nil {
				return err
			}
			if has[constraint] == value {
				return r.Decode(r.Form.Plan, of.Item, result)
			}
		}
	}
	return cause.NotFound
}

// constraintValue is what a unique constraint makes of values.
func (e *Entity) constraintValue(name string, values reflect.Value) (*entity.Constraint, string, error) {
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
func (e *Entity) guardOwner(ctx context.Context, guard attr.Item, s *Settings) (attr.Item, error) {
	in := &dynamodb.GetItemInput{TableName: &e.Schema.Name, Key: guard, ReturnConsumedCapacity: s.Report()}
	if s.Consistent {
		in.ConsistentRead = &s.Consistent
	}
	out, err := e.via(s).GetItem(ctx, in, s.SDK...)
	if err != nil {
		return nil, err
	}
	owner, ok := out.Item[entity.GuardOwner].(*types.AttributeValueMemberM)
	if !ok {
		return nil, cause.NotFound
	}
	return owner.Value, nil
}
