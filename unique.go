package monotable

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/entity"
)

// IsGuard tells whether an item, from a stream, an export or a scan of Item, is the guard of a unique constraint, which
// the library keeps beside the items of a type that has some. It sends nothing.
func (s Schema) IsGuard(item Item) bool {
	_, owned := item[entity.GuardOwner].(*types.AttributeValueMemberM)
	return owned && s.IsGuardKey(item)
}

// IsGuardKey tells whether a primary key is one of guards, for where no more is known of an item. It sends nothing.
func (s Schema) IsGuardKey(item Item) bool {
	if len(s.Partition) == 0 {
		return false
	}
	if key, err := item.String(*s.Partition[0].AttributeName); err != nil ||
		!strings.HasPrefix(key, entity.GuardPrefix) {
		return false
	}
	if len(s.Sort) > 0 {
		if key, err := item.String(*s.Sort[0].AttributeName); err != nil || key != entity.GuardSort {
			return false
		}
	}
	return true
}

// guardChanges are the actions that turn the guards of what was into those of what is. owner is the item's primary key;
// nil for was or is means that there is no item before or after.
func (e *core) guardChanges(owner attributes, was, is map[string]string) []opAction {
	var actions []opAction
	for _, c := range e.Unique {
		before, had := was[c.Name]
		after, has := is[c.Name]
		if had && has && before == after {
			continue
		}
		if had {
			actions = append(actions, e.dropGuard(owner, c.Name, before))
		}
		if has {
			actions = append(actions, e.takeGuard(owner, c.Name, after, nil))
		}
	}
	return actions
}

// takeGuard writes a guard that nobody has, or that from has, which gives it up in the same transaction.
func (e *core) takeGuard(owner attributes, constraint, value string, from attributes) opAction {
	guard := e.GuardKey(constraint, value)
	maps.Copy(guard, attributes{entity.GuardOwner: &types.AttributeValueMemberM{Value: owner}})
	if e.Typed() {
		guard[e.Schema.EntityType] = &types.AttributeValueMemberS{Value: entity.GuardType}
	}
	names, values := map[string]string{"#k": e.Table.Partition[0].Name}, attributes(nil)
	condition := "attribute_not_exists(#k)"
	if from != nil {
		condition += " OR #o = :o"
		names["#o"], values = entity.GuardOwner, attributes{":o": &types.AttributeValueMemberM{Value: from}}
	}
	return opAction{constraint: constraint, means: meaning{missing: ErrExists, there: ErrExists}, owner: owner,
		value: value, item: types.TransactWriteItem{Put: &types.Put{
			TableName: &e.Schema.Name, Item: guard, ConditionExpression: &condition,
			ExpressionAttributeNames: names, ExpressionAttributeValues: values,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}}}
}

// dropGuard removes a guard that owner has; a guard that is not there is as good.
func (e *core) dropGuard(owner attributes, constraint, value string) opAction {
	condition := "attribute_not_exists(#k) OR #o = :o"
	return opAction{constraint: constraint, means: meaning{missing: ErrCondition, there: ErrCondition}, owner: owner,
		value: value, item: types.TransactWriteItem{Delete: &types.Delete{
			TableName: &e.Schema.Name, Key: e.GuardKey(constraint, value), ConditionExpression: &condition,
			ExpressionAttributeNames: map[string]string{"#k": e.Table.Partition[0].Name,
				"#o": entity.GuardOwner},
			ExpressionAttributeValues:           attributes{":o": &types.AttributeValueMemberM{Value: owner}},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}}}
}

// asRead is the condition that what constraints are made of is as in an item that was read, or that there is no item.
func (e *core) asRead(raw attributes) []expression.ConditionBuilder {
	if len(raw) == 0 {
		return []expression.ConditionBuilder{expression.AttributeNotExists(
			expression.NameNoDotSplit(e.Table.Partition[0].Name))}
	}
	conditions := []expression.ConditionBuilder{expression.AttributeExists(
		expression.NameNoDotSplit(e.Table.Partition[0].Name))}
	done := map[string]bool{}
	for _, c := range e.Unique {
		for _, f := range c.Part.Fields {
			top, _, _ := strings.Cut(f.Path, ".")
			if done[top] || e.Table.Has(top) {
				continue
			}
			done[top] = true
			name := expression.NameNoDotSplit(top)
			if value, there := raw[top]; there {
				conditions = append(conditions, name.Equal(expression.Value(value)))
			} else {
				conditions = append(conditions, expression.AttributeNotExists(name))
			}
		}
	}
	return conditions
}

// isAsRead tells whether asRead holds for an item.
func (e *core) isAsRead(raw, item attributes) bool {
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
func (e *core) rewriteGuarded(ctx context.Context, name string, primary attributes, s *settings,
	write func(raw attributes) (Op, error)) (raw attributes, err error) {
	for try := 1; ; try++ {
		consistent := true
		out, err := e.via(s).GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &e.Schema.Name, Key: primary, ConsistentRead: &consistent, ReturnConsumedCapacity: s.report(),
		}, s.sdk...)
		if err != nil {
			return nil, e.fail(name, err)
		}
		op, err := write(out.Item)
		if err != nil {
			return nil, e.fail(name, err)
		}
		err = e.writeOne(ctx, name, op, s, 0)
		if err == nil {
			return out.Item, nil
		}
		var failed *Error
		changed := errors.As(err, &failed) && failed.Constraint == "" && errors.Is(err, ErrCondition) &&
			!errors.Is(err, ErrAmbiguous) && !e.isAsRead(out.Item, failed.Existing)
		if !changed && !cancelledInPassing(err) || try == maxModifyTries {
			return nil, err
		}
		if wait := call.Pause(ctx, try); wait != nil {
			return nil, errors.Join(err, wait)
		}
	}
}

// writeOne sends one operation with its guards as a transaction of its own, and again up to so many times when it was
// cancelled in passing.
func (e *core) writeOne(ctx context.Context, name string, op Op, s *settings, retries int) error {
	err := e.db.write(ctx, []Op{op}, &transactSettings{settings: *s, retries: retries})
	var failed *Error
	if errors.As(err, &failed) {
		failed.Op, failed.Index, failed.Entity = name, -1, e.Name
	}
	return err
}
