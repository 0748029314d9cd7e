package write

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
)

// GuardChange is a change of one guard: removed, or written.
type GuardChange struct {
	Constraint, Value string
	Owner             attr.Item // primary key
	Drop              bool
	From              attr.Item // of a guard that is written, who has it so far; nil for nobody
}

// SeenItem is an item as it was read: nil when there was none.
type SeenItem struct{ Key, Raw attr.Item }

// MendGuard changes a guard, on condition that items are as they were seen.
func (e *Entity) MendGuard(ctx context.Context, change GuardChange, seen []SeenItem, s *call.Settings) error {
	op := Op{entity: e}
	if change.Drop {
		op.actions = []action{e.dropGuard(change.Owner, change.Constraint, change.Value)}
	} else {
		op.actions = []action{e.takeGuard(change.Owner, change.Constraint, change.Value, change.From)}
	}
	for _, item := range seen {
		check, err := e.unchanged(item)
		if err != nil {
			return err
		}
		op.actions = append(op.actions, check)
	}
	return e.writeOne(ctx, op, &Settings{Settings: *s}, 0)
}

// asSeen is the condition that what an item's constraints are made of, and its type, are as they were read.
func (e *Entity) asSeen(raw attr.Item) []expression.ConditionBuilder {
	conditions := e.asRead(raw)
	if e.Typed() && len(raw) > 0 {
		name := expression.NameNoDotSplit(e.Schema.EntityType)
		if is, there := raw[e.Schema.EntityType]; there {
			conditions = append(conditions, name.Equal(expression.Value(is)))
		} else {
			conditions = append(conditions, expression.AttributeNotExists(name))
		}
	}
	return conditions
}

// builtOf is conditions as one; there is one at least.
func builtOf(conditions []expression.ConditionBuilder) (expression.Expression, error) {
	all := conditions[0]
	for _, more := range conditions[1:] {
		all = all.And(more)
	}
	return expression.NewBuilder().WithCondition(all).Build()
}

// unchanged checks that an item is as it was seen.
func (e *Entity) unchanged(seen SeenItem) (action, error) {
	made, err := builtOf(e.asSeen(seen.Raw))
	if err != nil {
		return action{}, err
	}
	return action{means: meaning{missing: cause.Condition, there: cause.Condition},
		item: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &e.Schema.Name, Key: e.KeyOf(seen.Key), ConditionExpression: made.Condition(),
			ExpressionAttributeNames: made.Names(), ExpressionAttributeValues: made.Values(),
		}}}, nil
}
