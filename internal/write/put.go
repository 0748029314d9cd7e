package write

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/request"
)

// Put writes a whole item; create expects none.
func (e *Entity) Put(ctx context.Context, pointer reflect.Value, create bool, s *Settings) error {
	if e == nil {
		return cause.NotMade
	}
	if pointer.IsNil() {
		return errNil
	}
	v := pointer.Elem()
	return e.about(v, e.put(ctx, v, create, s))
}

// about says of a failed call which item it was on.
func (e *Entity) about(key reflect.Value, err error) error {
	if err == nil {
		return nil
	}
	primary, bad := e.PrimaryKey(key)
	if bad != nil {
		return err
	}
	return cause.At(err, primary)
}

func (e *Entity) put(ctx context.Context, v reflect.Value, create bool, s *Settings) error {
	if len(e.Unique) > 0 || s.Once {
		return e.putInTransaction(ctx, v, create, s)
	}
	w, err := e.putRequest(v, create, nil, s)
	if err != nil {
		return err
	}
	attempts := call.Of(w.class(s))
	out, err := e.via(s).PutItem(ctx, &w.in, attempts.Options(s.SDK)...)
	switch {
	case err == nil:
	case s.Old == nil && attempts.Took(err):
		out = &dynamodb.PutItemOutput{}
	default:
		return cause.At(e.unsuccessful(attempts, err, w.means), e.KeyOf(w.in.Item))
	}
	v.Set(w.next)
	if err := e.keepOld(s.Old, out.Attributes); err != nil {
		return unread(err)
	}
	return nil
}

// putInTransaction is put for a type with unique constraints, a transaction with the guards that change, and with Once.
func (e *Entity) putInTransaction(ctx context.Context, v reflect.Value, create bool, s *Settings) error {
	if err := e.checkOld(s.Old); err != nil {
		return err
	}
	single := *s
	single.Old = nil
	if create || len(e.Unique) == 0 {
		if s.Old != nil && s.Once {
			return errOldWithOnce
		}
		op := Op{entity: e}
		if err := e.addPut(&op, v, create, nil, nil, &single); err != nil {
			return err
		}
		return e.writeOne(ctx, op, &single, maxModifyTries)
	}
	primary, err := e.PrimaryKey(v)
	if err != nil {
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
		return op, e.addPut(&op, v, false, was, nil, &asRead)
	})
	if err != nil {
		return err
	}
	if err := e.keepOld(s.Old, raw); err != nil {
		return unread(err)
	}
	return nil
}

var errOldWithOnce = errors.New("Old: with Once only calls that read first have what was there: Modify, and Put and " +
	"Delete of types with unique constraints")

// whenThere is what a failed condition of a whole-item write means when there is an item.
func whenThere(create bool) error {
	if create {
		return cause.Exists
	}
	return cause.Condition
}

// wholePut is the PutItem of a T.
type wholePut struct {
	in    dynamodb.PutItemInput
	next  reflect.Value // what the T is once it took place: with its defaults, timestamps and version
	means meaning
}

// class says what a repetition of the put does.
func (w *wholePut) class(s *Settings) call.Class {
	switch {
	case w.means.there == cause.Exists || w.means.raises:
		return call.SelfGuarding
	case s.Old != nil:
		return call.OnceOnly
	}
	return call.Free
}

// putRequest is the put of v. seen is the item as it was read, nil where nobody read it.
func (e *Entity) putRequest(v reflect.Value, create bool, seen attr.Item, s *Settings) (w wholePut,
	err error) {
	if create && s.Version != nil {
		return w, errors.New("AtVersion: Create expects no item")
	}
	if err := e.checkVersion(s); err != nil {
		return w, err
	}
	next, was, err := e.Prepared(v, create, s.Version)
	if err != nil {
		return w, err
	}
	item, err := e.Item(next)
	if err != nil {
		return w, err
	}
	if err := e.CheckFits(item); err != nil {
		return w, err
	}
	if err := e.checkOld(s.Old); err != nil {
		return w, err
	}
	w.next, w.means = next, meaning{missing: cause.Condition, there: whenThere(create)}
	conditions := s.Conditions
	if create {
		conditions = append([]expression.ConditionBuilder{expression.AttributeNotExists(e.hashName())}, conditions...)
	}
	if e.Version != nil && !create {
		w.means.version, w.means.raises = new(was), true
		conditions = append([]expression.ConditionBuilder{e.AtVersion(was)}, conditions...)
		if seen == nil {
			seen = item
		}
	}
	if len(seen) > 0 {
		conditions = append(conditions, e.AsCounted(seen)...)
	}
	if !create {
		conditions = append(conditions, e.OfThisType()...)
	}
	b := &request.Built{}
	if len(conditions) > 0 {
		if b, err = e.Build(conditions, nil); err != nil {
			return w, err
		}
	}
	w.in = dynamodb.PutItemInput{
		TableName: &e.Schema.Name, Item: item, ConditionExpression: b.Condition,
		ExpressionAttributeNames: b.Names, ExpressionAttributeValues: b.Values, ReturnConsumedCapacity: s.Report(),
	}
	if s.Old != nil {
		w.in.ReturnValues = types.ReturnValueAllOld
	}
	if b.Condition != nil {
		w.in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return w, nil
}
