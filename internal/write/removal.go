package write

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
)

// RemoveMany removes items by their keys, whatever is there, and tells how many of them it is known to have removed.
func (e *Entity) RemoveMany(ctx context.Context, items []attr.Item, s *call.Settings) (int, error) {
	ops := make([]Op, len(items))
	for i, item := range items {
		ops[i] = Op{entity: e, plain: true, actions: []action{{item: types.TransactWriteItem{
			Delete: &types.Delete{TableName: &e.Schema.Name, Key: e.KeyOf(item)}}}}}
	}
	err := Batch(ctx, e.Line, ops, s)
	var left *cause.Unfinished
	if errors.As(err, &left) {
		return len(items) - len(left.Places), left.Err
	}
	if err != nil {
		return 0, err
	}
	return len(items), nil
}

// MayGuard tells whether an item is of a type with unique constraints, or its key could be that of one.
func (e *Entity) MayGuard(raw attr.Item) bool {
	return len(e.Unique) > 0 && (e.Mine(raw) || e.Mine(e.KeyOf(raw)))
}

// RemoveSeen removes an item as it was read, with those of its guards that it has; guarded are the types with unique
// constraints. An item that was changed since is removed as it is then, and removed is false for one that is gone.
func (e *Entity) RemoveSeen(ctx context.Context, raw attr.Item, guarded []*Entity, s *call.Settings,
	pace *call.Pacer) (removed bool, err error) {
	r := &removal{Entity: e, raw: raw, guarded: guarded, others: map[string]bool{}}
	for try := 1; ; try++ {
		var again bool
		err := pace.Pay(ctx, func(ctx context.Context) (int, error) {
			err := r.send(ctx, s)
			again = r.learn(err)
			return 1, err
		})
		switch {
		case err == nil:
			return true, nil
		case again && r.raw == nil:
			return false, nil
		case !again || try == maxModifyTries:
			return false, err
		}
		if wait := call.Pause(ctx, try); wait != nil {
			return false, cause.And(err, wait)
		}
	}
}

// removal is the deletion of an item as it was read.
type removal struct {
	*Entity
	raw     attr.Item // nil once it is gone
	guarded []*Entity
	others  map[string]bool // by constraint: its value's guard is another item's
}

// send deletes the item and its guards if all of them are as they were seen.
func (r *removal) send(ctx context.Context, s *call.Settings) error {
	key := r.KeyOf(r.raw)
	conditions := []expression.ConditionBuilder{expression.AttributeExists(r.hashName())}
	var guards []action
	for _, e := range r.guarded {
		if !e.MayGuard(r.raw) {
			continue
		}
		conditions = append(conditions, e.asSeen(r.raw)...)
		if !e.Mine(r.raw) {
			continue
		}
		values, err := e.TakenBy(r.raw)
		if err != nil {
			return cause.At(err, key)
		}
		for _, c := range e.GuardChanges(values, nil) {
			if r.others[c.Constraint] {
				guards = append(guards, e.leaveGuard(key, c.Constraint, c.Value))
			} else {
				guards = append(guards, e.dropGuard(key, c.Constraint, c.Value))
			}
		}
	}
	condition, err := builtOf(conditions)
	if err != nil {
		return cause.At(err, key)
	}
	own := action{means: meaning{missing: cause.Condition, there: cause.Condition}, item: types.TransactWriteItem{
		Delete: &types.Delete{
			TableName: &r.Schema.Name, Key: key, ConditionExpression: condition.Condition(),
			ExpressionAttributeNames: condition.Names(), ExpressionAttributeValues: condition.Values(),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}}}
	return r.writeOne(ctx, Op{entity: r.Entity, actions: append([]action{own}, guards...)},
		&Settings{Settings: *s}, 0)
}

// learn takes from a failure what is different from what was seen, and tells whether to try anew.
func (r *removal) learn(err error) (again bool) {
	switch constraint := cause.Constraint(err); {
	case err == nil, errors.Is(err, cause.Ambiguous):
		return false
	case call.CancelledInPassing(err):
		return true
	case !errors.Is(err, cause.Condition):
		return false
	case constraint != "":
		r.others[constraint] = !r.others[constraint]
		return true
	}
	r.raw = cause.Existing(err)
	clear(r.others)
	return true
}

// leaveGuard is the condition that a guard is not owner's.
func (e *Entity) leaveGuard(owner attr.Item, constraint, value string) action {
	condition := "attribute_not_exists(#k) OR #o <> :o"
	return action{constraint: constraint, means: meaning{missing: cause.Condition, there: cause.Condition}, owner: owner,
		value: value, item: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &e.Schema.Name, Key: e.GuardKey(constraint, value), ConditionExpression: &condition,
			ExpressionAttributeNames:  map[string]string{"#k": e.Table.Partition[0].Name, "#o": entity.GuardOwner},
			ExpressionAttributeValues: attr.Item{":o": &types.AttributeValueMemberM{Value: owner}},
		}}}
}
