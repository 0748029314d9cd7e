package write

import (
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
)

// Op is one write of a transaction or batch. What is wrong with it is kept in it, and returned with its place before
// anything is sent.
type Op struct {
	entity  *Entity
	name    string
	actions []action // the write itself, then its guards
	done    func()   // once it took place
	plain   bool     // a put or delete that the caller gave no conditions
	instead []error  // what the caller has a failed condition mean
	err     error
}

// Else is op with an error for when its condition fails.
func (op Op) Else(err error) Op {
	if err != nil {
		op.instead = append(op.instead[:len(op.instead):len(op.instead)], err)
	}
	return op
}

// action is one action of a transaction: the write that was asked for, or a guard of a unique constraint.
type action struct {
	item       types.TransactWriteItem
	means      meaning   // of its condition, when it fails
	constraint string    // of a guard
	owner      attr.Item // of a guard: its owner's primary key
	value      string    // of a guard
}

// opOf makes an operation by a function that says what is wrong with it.
func (e *Entity) opOf(name string, lay func(*Op) error) Op {
	op := Op{entity: e, name: name, err: cause.NotMade}
	if e != nil {
		op.err = lay(&op)
	}
	return op
}

var (
	errNil            = errors.New("the item is nil")
	errKnownElsewhere = errors.New("Known is for updates: UpdateOp and UpsertOp")
)

// notUpdate refuses the options that only updates take.
func (s *Settings) notUpdate() error {
	if len(s.Known) > 0 {
		return errKnownElsewhere
	}
	return nil
}

// PutOp is a write of a whole item; create expects none.
func (e *Entity) PutOp(pointer reflect.Value, create bool, s *Settings) Op {
	name := "Put"
	if create {
		name = "Create"
	}
	return e.opOf(name, func(op *Op) error {
		if err := s.notUpdate(); err != nil {
			return err
		}
		switch {
		case pointer.IsNil():
			return errNil
		case len(e.Unique) > 0 && !create:
			return errors.New("the type has unique constraints: a transaction must be told what was there, with " +
				"ReplaceOp")
		}
		return e.addPut(op, pointer.Elem(), create, nil, nil, s)
	})
}

// addPut makes op the write of v as a whole, with the guards that change from what was taken before. seen is the item
// as it was read, nil where nobody read it.
func (e *Entity) addPut(op *Op, v reflect.Value, create bool, was map[string]string, seen attr.Item,
	s *Settings) error {
	w, err := e.putRequest(v, create, seen, s)
	if err != nil {
		return err
	}
	in, next := &w.in, w.next
	op.actions = []action{{means: w.means, item: types.TransactWriteItem{Put: &types.Put{
		TableName: in.TableName, Item: in.Item, ConditionExpression: in.ConditionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: in.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: in.ReturnValuesOnConditionCheckFailure,
	}}}}
	op.plain = !create && len(s.Conditions) == 0 && e.Version == nil
	if len(e.Unique) > 0 {
		is, err := e.Taken(next)
		if err != nil {
			return err
		}
		op.actions = append(op.actions, e.guardChanges(e.KeyOf(in.Item), was, is)...)
	}
	op.done = func() { v.Set(next) }
	return nil
}

// ReplaceOp writes an item in the place of one that is known.
func (e *Entity) ReplaceOp(before, pointer reflect.Value, s *Settings) Op {
	return e.opOf("Replace", func(op *Op) error {
		if err := s.notUpdate(); err != nil {
			return err
		}
		switch {
		case s.Version != nil:
			return errors.New("AtVersion: ReplaceOp expects the version of the item that it replaces")
		case pointer.IsNil():
			return errNil
		}
		v := pointer.Elem()
		stored, err := e.Item(before)
		if err != nil {
			return err
		}
		key, err := e.PrimaryKey(v)
		if err != nil {
			return err
		}
		if !attr.EqualItems(key, e.KeyOf(stored)) {
			return entity.KeyError("the new item has another primary key: use DeleteOp and CreateOp")
		}
		taken, err := e.Taken(before)
		if err != nil {
			return err
		}
		s.Conditions = append(e.asRead(stored), s.Conditions...)
		if e.Version != nil && e.VersionOf(before) != e.VersionOf(v) {
			return errors.New("the new item carries another version than the one it replaces")
		}
		err = e.addPut(op, v, false, taken, stored, s)
		if len(op.actions) > 0 {
			op.actions[0].means.missing = cause.NotFound
		}
		return err
	})
}

// UpdateOp changes some attributes of an item; upsert makes it where there is none.
func (e *Entity) UpdateOp(key reflect.Value, u expression.UpdateBuilder, upsert bool, s *Settings) Op {
	name := "Update"
	if upsert {
		name = "Upsert"
	}
	return e.opOf(name, func(op *Op) error {
		in, made, err := e.updateRequest(key, u, upsert, s)
		if err != nil {
			return err
		}
		op.actions = []action{{item: updateAction(in), means: meaning{missing: whenMissing(upsert),
			there: cause.Condition, version: s.Version, raises: made.Raises && s.Version != nil}}}
		return nil
	})
}

// updateAction is an UpdateItem as an action of a transaction.
func updateAction(in *dynamodb.UpdateItemInput) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: in.TableName, Key: in.Key, UpdateExpression: in.UpdateExpression,
		ConditionExpression:      in.ConditionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: in.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: in.ReturnValuesOnConditionCheckFailure,
	}}
}

// DeleteOp removes an item, with the guards that it has.
func (e *Entity) DeleteOp(v reflect.Value, s *Settings) Op {
	return e.opOf("Delete", func(op *Op) error {
		if err := s.notUpdate(); err != nil {
			return err
		}
		if err := e.expectVersion(s); err != nil {
			return err
		}
		if len(e.Unique) == 0 {
			return e.addDelete(op, v, nil, s)
		}
		stored, err := e.Item(v)
		if err != nil {
			return err
		}
		taken, err := e.Taken(v)
		if err != nil {
			return err
		}
		s.Conditions = append(e.asRead(stored), s.Conditions...)
		return e.addDelete(op, v, taken, s)
	})
}

// addDelete makes op the removal of v's item, and of the guards of what it took.
func (e *Entity) addDelete(op *Op, v reflect.Value, was map[string]string, s *Settings) error {
	in, err := e.deleteRequest(v, s)
	if err != nil {
		return err
	}
	means := meaning{missing: cause.NotFound, there: cause.Condition, version: s.Version}
	op.actions = []action{{means: means, item: types.TransactWriteItem{Delete: &types.Delete{
		TableName: in.TableName, Key: in.Key, ConditionExpression: in.ConditionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: in.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: in.ReturnValuesOnConditionCheckFailure,
	}}}}
	op.plain = len(s.Conditions) == 0
	op.actions = append(op.actions, e.guardChanges(in.Key, was, nil)...)
	return nil
}

// CheckOp expects an item for which the conditions hold.
func (e *Entity) CheckOp(key reflect.Value, conditions []expression.ConditionBuilder) Op {
	return e.opOf("Check", func(op *Op) error {
		all := append([]expression.ConditionBuilder{expression.AttributeExists(e.hashName())}, conditions...)
		return e.addCheck(op, key, meaning{missing: cause.NotFound, there: cause.Condition},
			append(all, e.OfThisType()...))
	})
}

// AbsentOp expects no item, of whatever type.
func (e *Entity) AbsentOp(key reflect.Value) Op {
	return e.opOf("Absent", func(op *Op) error {
		return e.addCheck(op, key, meaning{missing: cause.Exists, there: cause.Exists},
			[]expression.ConditionBuilder{expression.AttributeNotExists(e.hashName())})
	})
}

// hashName names the table's partition key.
func (e *Entity) hashName() expression.NameBuilder {
	return expression.NameNoDotSplit(e.Table.Partition[0].Name)
}

// addCheck makes op the check of a key's item.
func (e *Entity) addCheck(op *Op, key reflect.Value, means meaning, conditions []expression.ConditionBuilder) error {
	primary, err := e.PrimaryKey(key)
	if err != nil {
		return err
	}
	b, err := e.Build(conditions, nil)
	if err != nil {
		return err
	}
	op.actions = []action{{means: means, item: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &e.Schema.Name, Key: primary, ConditionExpression: b.Condition,
		ExpressionAttributeNames: b.Names, ExpressionAttributeValues: b.Values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}}}
	return nil
}

// check tells what is wrong with an operation, by itself or for a line.
func (op *Op) check(line *call.Line) error {
	if op.entity == nil {
		return call.CheckOp(nil, line, op.err)
	}
	return call.CheckOp(op.entity.Line, line, op.err)
}

// entityOf is the entity type that all operations are of; "" if they are of several.
func entityOf(ops []Op) string {
	return call.OneOf(len(ops), func(i int) string { return ops[i].entityName() })
}

// TableOf is the table that all operations are on; "" if they are on several.
func TableOf(ops []Op) string {
	return call.OneOf(len(ops), func(i int) string { return ops[i].table() })
}

func (op *Op) table() string {
	if op.entity == nil {
		return ""
	}
	return op.entity.Schema.Name
}

// key is the primary key of the item that the operation is on, nil where it could not be made.
func (op *Op) key() attr.Item {
	if len(op.actions) == 0 {
		return nil
	}
	key, _ := target(op.actions[0].item)
	return op.entity.KeyOf(key)
}

// failedAt is the failure of one of several operations.
func failedAt(ops []Op, i int, causes ...error) *cause.Failure {
	op := &ops[i]
	return &cause.Failure{Causes: causes, Operation: op.name, Entity: op.entityName(), Table: op.table(), Index: i,
		Key: op.key()}
}

func (op *Op) entityName() string {
	if op.entity == nil {
		return ""
	}
	return op.entity.Name
}
