package monotable

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/expr"
)

func itemSettings(options []ItemOption) *settings {
	return given(options, new(settings), ItemOption.whole)
}

func updateSettings(options []UpdateOption) *settings {
	return given(options, new(settings), UpdateOption.update)
}

// Create writes an item that is not there yet, with one PutItem, or with unique constraints or Once one
// TransactWriteItems. It returns ErrExists, with the item that is there in Error.Existing, if one of its key exists;
// where an attempt's answer was lost before, that may be this call's own, and ErrAmbiguous stands beside it. A value
// that another item has taken is ErrExists as well, with Error.Constraint. With a versioned model the item gets version
// 1. *item changes only if the write took place.
func (t *Table[T]) Create(ctx context.Context, item *T, options ...ItemOption) error {
	return t.of.put(ctx, "Create", reflect.ValueOf(item), true, itemSettings(options))
}

// Put writes an item whether or not one of its key is there, with one PutItem; the item that was there is replaced as a
// whole, attributes that T does not name included. Of a type with unique constraints it costs one consistent GetItem
// more, and is a transaction. With If it returns ErrCondition, and the item that is there in Error.Existing, when
// the condition fails. With a versioned model the item must be at the version that *item carries, or not be there (or
// carry no version) when that is 0, else ErrVersion; on success *item holds the new version. *item changes only if the
// write took place.
func (t *Table[T]) Put(ctx context.Context, item *T, options ...ItemOption) error {
	return t.of.put(ctx, "Put", reflect.ValueOf(item), false, itemSettings(options))
}

func (e *core) put(ctx context.Context, op string, pointer reflect.Value, create bool, s *settings) error {
	if e == nil {
		return errNotMade
	}
	if pointer.IsNil() {
		return e.fail(op, errors.New("the item is nil"))
	}
	v := pointer.Elem()
	if len(e.Unique) > 0 || s.once {
		return e.putInTransaction(ctx, op, v, create, s)
	}
	w, err := e.putRequest(v, create, s)
	if err != nil {
		return e.fail(op, err)
	}
	attempts := call.Of(w.class(s))
	out, err := e.via(s).PutItem(ctx, w.in, attempts.Options(s.sdk)...)
	switch {
	case err == nil:
	case s.old == nil && attempts.Took(err):
		out = &dynamodb.PutItemOutput{}
	default:
		return e.unsuccessful(op, attempts, err, w.means)
	}
	v.Set(w.next)
	if err := e.keepOld(s.old, out.Attributes); err != nil {
		return e.unread(op, err)
	}
	return nil
}

// putInTransaction is put for a type with unique constraints, a transaction with the guards that change, and with Once.
func (e *core) putInTransaction(ctx context.Context, name string, v reflect.Value, create bool, s *settings) error {
	if err := e.checkOld(s.old); err != nil {
		return e.fail(name, err)
	}
	single := *s
	single.old = nil
	if create || len(e.Unique) == 0 {
		if s.old != nil && s.once {
			return e.fail(name, errOldWithOnce)
		}
		op := Op{entity: e, name: name}
		if op.err = e.addPut(&op, v, create, nil, &single); op.err != nil {
			return e.fail(name, op.err)
		}
		return e.writeOne(ctx, name, op, &single, maxModifyTries)
	}
	primary, err := e.PrimaryKey(v)
	if err != nil {
		return e.fail(name, err)
	}
	raw, err := e.rewriteGuarded(ctx, name, primary, &single, func(raw attributes) (op Op, err error) {
		op = Op{entity: e, name: name}
		was, err := e.TakenBy(raw)
		if err != nil {
			return op, err
		}
		asRead := single
		asRead.conditions = append(e.asRead(raw), single.conditions...)
		return op, e.addPut(&op, v, false, was, &asRead)
	})
	if err != nil {
		return err
	}
	if err := e.keepOld(s.old, raw); err != nil {
		return e.unread(name, err)
	}
	return nil
}

var errOldWithOnce = errors.New("Old: with Once only calls that read first have what was there: Modify, and Put and " +
	"Delete of types with unique constraints")

// whenThere is what a failed condition of a whole-item write means when there is an item.
func whenThere(create bool) error {
	if create {
		return ErrExists
	}
	return ErrCondition
}

// wholePut is the PutItem of a T.
type wholePut struct {
	in    *dynamodb.PutItemInput
	next  reflect.Value // what the T is once it took place: with its defaults, timestamps and version
	means meaning
}

// class says what a repetition of the put does.
func (w *wholePut) class(s *settings) call.Class {
	switch {
	case w.means.there == ErrExists || w.means.raises:
		return call.SelfGuarding
	case s.old != nil:
		return call.OnceOnly
	}
	return call.Free
}

// putRequest is the put of v.
func (e *core) putRequest(v reflect.Value, create bool, s *settings) (*wholePut, error) {
	if create && s.version != nil {
		return nil, errors.New("AtVersion: Create expects no item")
	}
	if err := e.checkVersion(s); err != nil {
		return nil, err
	}
	next, was, err := e.Prepared(v, create, s.version)
	if err != nil {
		return nil, err
	}
	item, err := e.Item(next)
	if err != nil {
		return nil, err
	}
	if err := e.checkFits(item); err != nil {
		return nil, err
	}
	if err := e.checkOld(s.old); err != nil {
		return nil, err
	}
	means := meaning{missing: ErrCondition, there: whenThere(create)}
	conditions := s.conditions
	if create {
		conditions = append([]expression.ConditionBuilder{expression.AttributeNotExists(
			expression.NameNoDotSplit(e.Table.Partition[0].Name))}, conditions...)
	}
	if e.Version != nil && !create {
		means.version, means.raises = &was, true
		conditions = append([]expression.ConditionBuilder{e.AtVersion(was)}, conditions...)
	}
	if !create {
		conditions = append(conditions, e.OfThisType()...)
	}
	b, err := e.Build(conditions, nil)
	if err != nil {
		return nil, err
	}
	in := &dynamodb.PutItemInput{
		TableName: &e.Schema.Name, Item: item, ConditionExpression: b.Condition,
		ExpressionAttributeNames: b.Names, ExpressionAttributeValues: b.Values, ReturnConsumedCapacity: s.report(),
	}
	if s.old != nil {
		in.ReturnValues = types.ReturnValueAllOld
	}
	if b.Condition != nil {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return &wholePut{in, next, means}, nil
}

// checkVersion refuses an AtVersion that cannot be.
func (e *core) checkVersion(s *settings) error {
	switch {
	case s.version == nil:
		return nil
	case e.Version == nil:
		return errors.New("AtVersion: the model has no version")
	case s.negative:
		return errors.New("AtVersion: a version is not negative")
	}
	return e.CheckNext(*s.version)
}

// expectVersion makes AtVersion one of the conditions.
func (e *core) expectVersion(s *settings) error {
	if err := e.checkVersion(s); err != nil || s.version == nil {
		return err
	}
	s.conditions = append(s.conditions, e.AtVersion(*s.version))
	return nil
}

// checkOld refuses an Old of another type before anything is sent.
func (e *core) checkOld(old any) error {
	switch {
	case old == nil:
		return nil
	case reflect.ValueOf(old).IsNil():
		return errors.New("Old(nil) has no place to keep the item")
	case reflect.TypeOf(old).Elem() == e.GoType, reflect.TypeOf(old).Elem() == itemsType:
		return nil
	}
	return fmt.Errorf("Old takes a *%s or a *monotable.Item, not a %T", e.GoType, old)
}

// keepOld keeps the item as it was, if there was one.
func (e *core) keepOld(old any, item attributes) error {
	if old == nil || len(item) == 0 {
		return nil
	}
	v := reflect.ValueOf(old).Elem()
	if v.Type() == itemsType {
		v.Set(reflect.ValueOf(Item(item)))
		return nil
	}
	was := reflect.New(e.GoType).Elem()
	if !e.Owns(item) {
		return nil
	}
	if err := e.Decode(e.Plan, item, was); err != nil {
		return err
	}
	v.Set(was)
	return nil
}

// Delete removes the item of that key, with one DeleteItem; of a type with unique constraints it costs one consistent
// GetItem more, and is a transaction with the guards. It is no error if there is none; with If, a condition that fails
// is ErrCondition, or ErrNotFound where there is no item: where an attempt's answer was lost before, this call may have
// removed it, and ErrAmbiguous stands beside it.
func (t *Table[T]) Delete(ctx context.Context, key T, options ...ItemOption) error {
	return t.of.delete(ctx, reflect.ValueOf(&key).Elem(), itemSettings(options))
}

func (e *core) delete(ctx context.Context, v reflect.Value, s *settings) error {
	const op = "Delete"
	if e == nil {
		return errNotMade
	}
	if err := e.expectVersion(s); err != nil {
		return e.fail(op, err)
	}
	if len(e.Unique) > 0 || s.once {
		return e.deleteInTransaction(ctx, v, s)
	}
	in, err := e.deleteRequest(v, s)
	if err != nil {
		return e.fail(op, err)
	}
	attempts := call.Of(deleteClass(s))
	out, err := e.via(s).DeleteItem(ctx, in, attempts.Options(s.sdk)...)
	switch {
	case err == nil:
	case s.old == nil && attempts.Took(err):
		return nil
	default:
		existing, condition := refused(err)
		if condition && len(existing) > 0 && !e.Owns(existing) && len(s.conditions) == 0 {
			return nil // there is none of this type
		}
		return e.unsuccessful(op, attempts, err, meaning{missing: ErrNotFound, there: ErrCondition, version: s.version})
	}
	if err := e.keepOld(s.old, out.Attributes); err != nil {
		return e.unread(op, err)
	}
	return nil
}

// deleteClass says what a repetition of a DeleteItem does: it answers that there was nothing, unless it expects a
// version, which an item that is gone does not have.
func deleteClass(s *settings) call.Class {
	switch {
	case s.version != nil && *s.version > 0:
		return call.SelfGuarding
	case s.old != nil:
		return call.OnceOnly
	}
	return call.Free
}

// deleteInTransaction is Delete for a type with unique constraints, a transaction with the guards that the item has,
// and with Once.
func (e *core) deleteInTransaction(ctx context.Context, v reflect.Value, s *settings) error {
	const name = "Delete"
	if err := e.checkOld(s.old); err != nil {
		return e.fail(name, err)
	}
	primary, err := e.PrimaryKey(v)
	if err != nil {
		return e.fail(name, err)
	}
	single := *s
	single.old = nil
	if len(e.Unique) == 0 {
		if s.old != nil {
			return e.fail(name, errOldWithOnce)
		}
		op := Op{entity: e, name: name}
		if err := e.addDelete(&op, v, nil, &single); err != nil {
			return e.fail(name, err)
		}
		err := e.writeOne(ctx, name, op, &single, maxModifyTries)
		if errors.Is(err, ErrNotFound) && len(s.conditions) == 0 {
			return nil // there is none of this type
		}
		return err
	}
	raw, err := e.rewriteGuarded(ctx, name, primary, &single, func(raw attributes) (op Op, err error) {
		op = Op{entity: e, name: name}
		was, err := e.TakenBy(raw)
		if err != nil {
			return op, err
		}
		asRead := single
		asRead.conditions = append(e.asRead(raw), single.conditions...)
		return op, e.addDelete(&op, v, was, &asRead)
	})
	if errors.Is(err, ErrNotFound) && !errors.Is(err, ErrAmbiguous) && len(s.conditions) == 0 {
		return nil // another delete was faster, or there is none of this type
	}
	if err != nil {
		return err
	}
	if err := e.keepOld(s.old, raw); err != nil {
		return e.unread(name, err)
	}
	return nil
}

// deleteRequest is the DeleteItem of a key.
func (e *core) deleteRequest(key reflect.Value, s *settings) (*dynamodb.DeleteItemInput, error) {
	if err := e.checkOld(s.old); err != nil {
		return nil, err
	}
	primary, err := e.PrimaryKey(key)
	if err != nil {
		return nil, err
	}
	b, err := e.Build(append(s.conditions[:len(s.conditions):len(s.conditions)], e.OfThisType()...), nil)
	if err != nil {
		return nil, err
	}
	in := &dynamodb.DeleteItemInput{
		TableName: &e.Schema.Name, Key: primary, ConditionExpression: b.Condition,
		ExpressionAttributeNames: b.Names, ExpressionAttributeValues: b.Values, ReturnConsumedCapacity: s.report(),
	}
	if s.old != nil {
		in.ReturnValues = types.ReturnValueAllOld
	}
	if b.Condition != nil {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return in, nil
}

// Update changes some attributes of an item that is there, with one UpdateItem, and returns the item as it is then. It
// returns ErrNotFound if there is none, and ErrCondition, with the item in Error.Existing, if a condition given with If
// fails.
//
// An update whose repetition would double an effect, such as an ADD of a number or a list's append, is not sent again
// after a lost answer, unless AtVersion guards it; throttles are. It is then ErrAmbiguous.
//
// An index key that a template makes of a changed attribute is rewritten in the same request. For that Update must know
// the template's other attributes: from u itself, from the key, or from Known; otherwise it is refused with ErrKey,
// naming what it lacks, and nothing is sent. An index key that is made of what the table's key tells is written only if
// the item has that attribute, else ErrCondition. Attributes of the primary key cannot change. A versioned item's
// version rises by one.
func (t *Table[T]) Update(ctx context.Context, key T, u expression.UpdateBuilder,
	options ...UpdateOption) (result T, err error) {
	err = t.of.update(ctx, "Update", reflect.ValueOf(&key).Elem(), u, false, updateSettings(options),
		reflect.ValueOf(&result).Elem())
	return result, err
}

// Upsert is Update that creates the item where there is none: with its key's attributes, its entity type, and what u
// sets.
//
// Where the key keeps only a part of an attribute ({email|lower}, {at|date}, a shard), an item that is there keeps its
// own form of it, and the index keys made of that. If u changes an index key that is made of it as well, the item must
// hold it as key does, or not at all, else ErrCondition with the item. ErrCondition is also returned for an item that
// others stored without what its key is made of, where index keys or unique values could then not be told. A type of
// whose unique constraints a new item could have a value at once, of its key, of zero numbers or of Created, is refused
// with ErrKey: use Create, Put or Modify.
func (t *Table[T]) Upsert(ctx context.Context, key T, u expression.UpdateBuilder,
	options ...UpdateOption) (result T, err error) {
	err = t.of.update(ctx, "Upsert", reflect.ValueOf(&key).Elem(), u, true, updateSettings(options),
		reflect.ValueOf(&result).Elem())
	return result, err
}

func (e *core) update(ctx context.Context, op string, key reflect.Value, u expression.UpdateBuilder, upsert bool,
	s *settings, result reflect.Value) error {
	if e == nil {
		return errNotMade
	}
	in, parsed, err := e.updateRequest(key, u, upsert, s)
	if err != nil {
		return e.fail(op, err)
	}
	raised := s.version != nil
	attempts := call.Of(e.classOf(parsed, raised, s.old != nil))
	out, err := e.via(s).UpdateItem(ctx, in, attempts.Options(s.sdk)...)
	if err != nil {
		return e.unsuccessful(op, attempts, err,
			meaning{missing: whenMissing(upsert), there: ErrCondition, version: s.version, raises: raised})
	}
	now := out.Attributes
	if len(now) == 0 && !(upsert && s.old != nil) { // which the service never answers
		return e.unread(op, errors.New("the answer has no item"))
	}
	if s.old != nil {
		if err := e.keepOld(s.old, out.Attributes); err != nil {
			return e.unread(op, err)
		}
		before := maps.Clone(in.Key)
		maps.Copy(before, out.Attributes)
		if now, err = parsed.Apply(before); err != nil {
			return e.unread(op, err)
		}
	}
	if err := e.Decode(e.Plan, now, result); err != nil {
		return e.unread(op, err)
	}
	return nil
}

// whenMissing is what a failed condition of an update means when there is no item.
func whenMissing(upsert bool) error {
	if upsert {
		return ErrCondition
	}
	return ErrNotFound
}

// updateRequest is the UpdateItem of an Update or Upsert, and its parsed update.
func (e *core) updateRequest(key reflect.Value, u expression.UpdateBuilder, upsert bool,
	s *settings) (*dynamodb.UpdateItemInput, *expr.Update, error) {
	if err := e.checkOld(s.old); err != nil {
		return nil, nil, err
	}
	primary, err := e.PrimaryKey(key)
	if err != nil {
		return nil, nil, err
	}
	if err := e.expectVersion(s); err != nil {
		return nil, nil, err
	}
	b, err := e.UpdateOf(key, u, upsert, s.known, s.conditions)
	if err != nil {
		return nil, nil, err
	}
	if err := e.checkUpdate(primary, b.Parsed); err != nil {
		return nil, nil, err
	}
	in := &dynamodb.UpdateItemInput{
		TableName: &e.Schema.Name, Key: primary, UpdateExpression: b.Update, ConditionExpression: b.Condition,
		ExpressionAttributeNames: b.Names, ExpressionAttributeValues: b.Values,
		ReturnValues: types.ReturnValueAllNew, ReturnConsumedCapacity: s.report(),
	}
	if s.old != nil {
		in.ReturnValues = types.ReturnValueAllOld
	}
	if b.Condition != nil {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return in, b.Parsed, nil
}
