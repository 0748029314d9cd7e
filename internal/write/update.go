package write

import (
	"context"
	"errors"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/size"
)

// Update changes some attributes of an item, and decodes it as it is then into result; upsert makes it where there is
// none.
func (e *Entity) Update(ctx context.Context, key reflect.Value, u expression.UpdateBuilder, upsert bool,
	s *Settings, result reflect.Value) error {
	if e == nil {
		return cause.NotMade
	}
	return e.about(key, e.update(ctx, key, u, upsert, s, result))
}

func (e *Entity) update(ctx context.Context, key reflect.Value, u expression.UpdateBuilder, upsert bool,
	s *Settings, result reflect.Value) error {
	in, made, err := e.updateRequest(key, u, upsert, s)
	if err != nil {
		return err
	}
	parsed, raised := made.Parsed, made.Raises && s.Version != nil
	attempts := call.Of(e.classOf(parsed, raised, s.Old != nil))
	out, err := e.via(s).UpdateItem(ctx, in, attempts.Options(s.SDK)...)
	if err != nil {
		return e.unsuccessful(attempts, err,
			meaning{missing: whenMissing(upsert), there: cause.Condition, version: s.Version, raises: raised})
	}
	now := out.Attributes
	if len(now) == 0 && !(upsert && s.Old != nil) { // which the service never answers
		return unread(errors.New("the answer has no item"))
	}
	if s.Old != nil {
		if err := e.keepOld(s.Old, out.Attributes); err != nil {
			return unread(err)
		}
		before := maps.Clone(in.Key)
		maps.Copy(before, out.Attributes)
		if now, err = parsed.Apply(before); err != nil {
			return unread(err)
		}
	}
	if err := e.Decode(e.Plan, now, result); err != nil {
		return unread(err)
	}
	return nil
}

// whenMissing is what a failed condition of an update means when there is no item.
func whenMissing(upsert bool) error {
	if upsert {
		return cause.Condition
	}
	return cause.NotFound
}

// updateRequest is the UpdateItem of an Update or Upsert, and what it was made of.
func (e *Entity) updateRequest(key reflect.Value, u expression.UpdateBuilder, upsert bool,
	s *Settings) (*dynamodb.UpdateItemInput, *request.Built, error) {
	if err := e.checkOld(s.Old); err != nil {
		return nil, nil, err
	}
	primary, err := e.PrimaryKey(key)
	if err != nil {
		return nil, nil, err
	}
	if err := e.expectVersion(s); err != nil {
		return nil, nil, err
	}
	b, err := e.UpdateOf(key, u, upsert, s.Known, s.Conditions)
	if err != nil {
		return nil, nil, err
	}
	if err := e.checkUpdate(primary, b.Parsed); err != nil {
		return nil, nil, err
	}
	in := &dynamodb.UpdateItemInput{
		TableName: &e.Schema.Name, Key: primary, UpdateExpression: b.Update, ConditionExpression: b.Condition,
		ExpressionAttributeNames: b.Names, ExpressionAttributeValues: b.Values,
		ReturnValues: types.ReturnValueAllNew, ReturnConsumedCapacity: s.Report(),
	}
	if s.Old != nil {
		in.ReturnValues = types.ReturnValueAllOld
	}
	if b.Condition != nil {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return in, b, nil
}

// checkUpdate refuses an update whose key and values are too large together. What else the item has is known to the
// service alone.
func (e *Entity) checkUpdate(key attr.Item, u *expr.Update) error {
	if u == nil {
		return nil
	}
	known := attr.Item{}
	for _, action := range u.Actions {
		if value, plain := action.Value.(*expr.Value); plain && action.Kind == expr.Set && len(action.Path) == 1 {
			known[action.Path[0].Name] = value.Value
		}
	}
	bytes := size.Item(key) + size.Item(known)
	if bytes <= size.MaxItem {
		return nil
	}
	failed := entity.TooLarge(known, bytes, 0)
	failed.Partial = true
	return failed
}
