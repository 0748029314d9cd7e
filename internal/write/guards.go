package write

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/expr"
)

// guardChanges are the actions that turn the guards of what was into those of what is. owner is the item's primary key;
// nil for was or is means that there is no item before or after.
func (e *Entity) guardChanges(owner attr.Item, was, is map[string]string) []action {
	var actions []action
	for _, c := range e.GuardChanges(was, is) {
		if c.Taken {
			actions = append(actions, e.takeGuard(owner, c.Constraint, c.Value, nil))
		} else {
			actions = append(actions, e.dropGuard(owner, c.Constraint, c.Value))
		}
	}
	return actions
}

// takeGuard writes a guard that nobody has, or that from has, which gives it up in the same transaction.
func (e *Entity) takeGuard(owner attr.Item, constraint, value string, from attr.Item) action {
	w := expr.NewWriter(nil, nil)
	condition := "attribute_not_exists(" + w.Name(e.Table.Partition[0].Name) + ")"
	if from != nil {
		condition += " OR " + w.Name(entity.GuardOwner) + " = " + w.Value(&types.AttributeValueMemberM{Value: from})
	}
	return action{constraint: constraint, means: meaning{missing: cause.Exists, there: cause.Exists}, owner: owner,
		value: value, item: types.TransactWriteItem{Put: &types.Put{
			TableName: &e.Schema.Name, Item: e.Guard(owner, constraint, value), ConditionExpression: &condition,
			ExpressionAttributeNames: w.Names, ExpressionAttributeValues: w.Values,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}}}
}

// dropGuard removes a guard that owner has; a guard that is not there is as good.
func (e *Entity) dropGuard(owner attr.Item, constraint, value string) action {
	w := expr.NewWriter(nil, nil)
	condition := "attribute_not_exists(" + w.Name(e.Table.Partition[0].Name) + ") OR " +
		w.Name(entity.GuardOwner) + " = " + w.Value(&types.AttributeValueMemberM{Value: owner})
	return action{constraint: constraint, means: meaning{missing: cause.Condition, there: cause.Condition}, owner: owner,
		value: value, item: types.TransactWriteItem{Delete: &types.Delete{
			TableName: &e.Schema.Name, Key: e.GuardKey(constraint, value), ConditionExpression: &condition,
			ExpressionAttributeNames: w.Names, ExpressionAttributeValues: w.Values,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}}}
}

// asRead is the condition that what constraints are made of is as in an item that was read, or that there is no item.
func (e *Entity) asRead(raw attr.Item) []expression.ConditionBuilder {
	if len(raw) == 0 {
		return []expression.ConditionBuilder{expression.AttributeNotExists(e.hashName())}
	}
	conditions := []expression.ConditionBuilder{expression.AttributeExists(e.hashName())}
	done := map[string]bool{}
	for _, c := range e.Unique {
		for _, f := range c.Part.Fields {
			top, _, _ := strings.Cut(f.Path, ".")
			if done[top] || e.Table.Has(top) || e.KeyOnly[top] { // which the key tells
				continue
			}
			done[top] = true
			name := expression.NameNoDotSplit(top)
			if value, there := raw[top]; there {
				conditions = append(conditions, name.Equal(expression.Value(value)))
			} else {
				conditions = append(conditions, e.IsZero(top)) // an Upsert stores a zero that a Put leaves out
			}
		}
	}
	return conditions
}

// isAsRead tells whether asRead holds for an item.
func (e *Entity) isAsRead(raw, item attr.Item) bool {
	if len(raw) == 0 || len(item) == 0 {
		return len(raw) == len(item)
	}
	for _, c := range e.Unique {
		for _, f := range c.Part.Fields {
			top, _, _ := strings.Cut(f.Path, ".")
			was, had := raw[top]
			is, has := item[top]
			if had != has || had && !attr.Equal(was, is) {
				return false
			}
		}
	}
	return true
}

// rewriteGuarded replaces or deletes a guarded item without knowing what is there: it reads the item, then writes it
// and the guards that change, on condition that what they are made of has not changed since; if it has, again.
func (e *Entity) rewriteGuarded(ctx context.Context, primary attr.Item, s *Settings,
	write func(raw attr.Item) (Op, error)) (raw attr.Item, err error) {
	for try := 1; ; try++ {
		raw, err := e.stored(ctx, primary, s)
		if err != nil {
			return nil, err
		}
		op, err := write(raw)
		if err != nil {
			return nil, err
		}
		err = e.writeOne(ctx, op, s, 0)
		if err == nil {
			return raw, nil
		}
		changed := errors.Is(err, cause.Condition) && cause.Constraint(err) == "" && !errors.Is(err, cause.Ambiguous) &&
			!e.isAsRead(raw, cause.Existing(err))
		if !changed && !call.CancelledInPassing(err) || try == maxModifyTries {
			return nil, err
		}
		if wait := call.Pause(ctx, try); wait != nil {
			return nil, cause.And(err, wait)
		}
	}
}

// writeOne sends one operation with its guards as a transaction of its own, and again up to so many times when it was
// cancelled in passing.
func (e *Entity) writeOne(ctx context.Context, op Op, s *Settings, retries int) error {
	err := Transact(ctx, e.Line, []Op{op}, &call.TransactSettings{Settings: s.Settings, Retries: retries})
	var failed *cause.Failure
	if errors.As(err, &failed) { // the call is one
		failed.Operation, failed.Entity, failed.Table, failed.Index = "", "", "", -1
	}
	return cause.At(err, op.key())
}

// stored reads an item as it is now; nil for none.
func (e *Entity) stored(ctx context.Context, primary attr.Item, s *Settings) (attr.Item, error) {
	consistent := true
	out, err := e.via(s).GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &e.Schema.Name, Key: primary, ConsistentRead: &consistent, ReturnConsumedCapacity: s.Report(),
	}, s.SDK...)
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}
