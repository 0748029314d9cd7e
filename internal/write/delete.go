package write

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
)

// Delete removes the item of a key.
func (e *Entity) Delete(ctx context.Context, v reflect.Value, s *Settings) error {
	if e == nil {
		return cause.NotMade
	}
	return e.about(v, e.remove(ctx, v, s))
}

func (e *Entity) remove(ctx context.Context, v reflect.Value, s *Settings) error {
	if err := e.expectVersion(s); err != nil {
		return err
	}
	if len(e.Unique) > 0 || s.Once {
		return e.deleteInTransaction(ctx, v, s)
	}
	in, err := e.deleteRequest(v, s)
	if err != nil {
		return err
	}
	attempts := call.Of(deleteClass(s))
	out, err := e.via(s).DeleteItem(ctx, in, attempts.Options(s.SDK)...)
	switch {
	case err == nil:
	case s.Old == nil && attempts.Took(err):
		return nil
	default:
		existing, condition := refused(err)
		if condition && len(existing) > 0 && !e.Owns(existing) && len(s.Conditions) == 0 {
			return nil // there is none of this type
		}
		return e.unsuccessful(attempts, err, meaning{missing: cause.NotFound, there: cause.Condition, version: s.Version})
	}
	if err := e.keepOld(s.Old, out.Attributes); err != nil {
		return unread(err)
	}
	return nil
}

// deleteClass says what a repetition of a DeleteItem does: it answers that there was nothing, unless it expects a
// version, which an item that is gone does not have.
func deleteClass(s *Settings) call.Class {
	switch {
	case s.Version != nil && *s.Version > 0:
		return call.SelfGuarding
	case s.Old != nil:
		return call.OnceOnly
	}
	return call.Free
}

// deleteInTransaction is Delete for a type with unique constraints, a transaction with the guards that the item has,
// and with Once.
func (e *Entity) deleteInTransaction(ctx context.Context, v reflect.Value, s *Settings) error {
	if err := e.checkOld(s.Old); err != nil {
		return err
	}
	primary, err := e.PrimaryKey(v)
	if err != nil {
		return err
	}
	single := *s
	single.Old = nil
	if len(e.Unique) == 0 {
		if s.Old != nil {
			return errOldWithOnce
		}
		op := Op{entity: e}
		if err := e.addDelete(&op, v, nil, &single); err != nil {
			return err
		}
		err := e.writeOne(ctx, op, &single, maxModifyTries)
		if errors.Is(err, cause.NotFound) && len(s.Conditions) == 0 {
			return nil // there is none of this type
		}
		return err
	}
	raw, err := e.rewriteGuarded(ctx, primary, &single, func(raw attr.Item) (op Op, err error) {
		op = Op{entity: e}
		was, err := e.TakenBy(raw)
		if err != nil {
			return op, err
		}
		asRead := single
		asRead.Conditions = append(e.asRead(raw), single.Conditions...)
		return op, e.addDelete(&op, v, was, &asRead)
	})
	if errors.Is(err, cause.NotFound) && !errors.Is(err, cause.Ambiguous) && len(s.Conditions) == 0 {
		return nil // another delete was faster, or there is none of this type
	}
	if err != nil {
		return err
	}
	if err := e.keepOld(s.Old, raw); err != nil {
		return unread(err)
	}
	return nil
}

// deleteRequest is the DeleteItem of a key.
func (e *Entity) deleteRequest(key reflect.Value, s *Settings) (*dynamodb.DeleteItemInput, error) {
	if err := e.checkOld(s.Old); err != nil {
		return nil, err
	}
	primary, err := e.PrimaryKey(key)
	if err != nil {
		return nil, err
	}
	b, err := e.Build(append(s.Conditions[:len(s.Conditions):len(s.Conditions)], e.OfThisType()...), nil)
	if err != nil {
		return nil, err
	}
	in := &dynamodb.DeleteItemInput{
		TableName: &e.Schema.Name, Key: primary, ConditionExpression: b.Condition,
		ExpressionAttributeNames: b.Names, ExpressionAttributeValues: b.Values, ReturnConsumedCapacity: s.Report(),
	}
	if s.Old != nil {
		in.ReturnValues = types.ReturnValueAllOld
	}
	if b.Condition != nil {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return in, nil
}
