package write

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
)

// maxModifyTries bounds how often Modify runs its function when others keep writing the same item.
const maxModifyTries = 100

// modification is one call of Modify.
type modification struct {
	*Entity
	s       *Settings
	primary attr.Item
	fn      func(reflect.Value) error
	result  reflect.Value
}

// Modify reads an item into result, runs fn on that, and writes the difference.
func (e *Entity) Modify(ctx context.Context, key reflect.Value, s *Settings, result reflect.Value,
	fn func(reflect.Value) error) error {
	if e == nil {
		return cause.NotMade
	}
	return e.about(key, e.modify(ctx, key, s, result, fn))
}

func (e *Entity) modify(ctx context.Context, key reflect.Value, s *Settings, result reflect.Value,
	fn func(reflect.Value) error) error {
	if fn == nil {
		return errors.New("the function is nil")
	}
	if err := errors.Join(e.checkVersion(s), e.checkOld(s.Old)); err != nil {
		return err
	}
	primary, err := e.PrimaryKey(key)
	if err != nil {
		return err
	}
	raw, err := e.stored(ctx, primary, s)
	if err != nil {
		return err
	}
	if len(raw) == 0 || !e.Owns(raw) {
		return cause.NotFound
	}
	m := &modification{Entity: e, s: s, primary: primary, fn: fn, result: result}
	for try := 1; ; try++ {
		now, err := m.round(ctx, raw)
		if now == nil || try == maxModifyTries {
			return err
		}
		if err := call.Pause(ctx, try); err != nil {
			return err
		}
		raw = now
	}
}

// round runs the function on an item as read and writes the difference. now is the item for another round, where one
// may follow err.
func (m *modification) round(ctx context.Context, raw attr.Item) (now attr.Item, err error) {
	if m.s.Version != nil && !m.IsAt(raw, *m.s.Version) {
		return nil, &cause.Failure{Causes: []error{cause.Version}, Index: -1, Existing: raw}
	}
	c, err := m.changeOf(raw, m.primary, m.result, m.fn)
	if err != nil {
		return nil, err
	}
	if c.none() && len(m.s.Conditions) == 0 {
		return nil, m.done(raw, raw)
	}
	in, err := c.request(m.s)
	if err != nil {
		return nil, err
	}
	if len(c.guards) > 0 || m.s.Once {
		now, err = c.writeInTransaction(ctx, in, m.s)
	} else {
		now, err = c.write(ctx, in, m.s)
	}
	if err != nil {
		return now, err
	}
	return nil, m.done(raw, c.after())
}

// done keeps what was there and gives what is. The write took place, so that what goes wrong here is no failure of it.
func (m *modification) done(raw, after attr.Item) error {
	if err := m.keepOld(m.s.Old, raw); err != nil {
		return unread(err)
	}
	m.result.SetZero()
	if err := m.Decode(m.Plan, after, m.result); err != nil {
		return unread(err)
	}
	return nil
}

// means is what a failed condition of the change means.
func (c *change) means() meaning {
	means := meaning{missing: cause.NotFound, there: cause.Condition}
	if c.Version != nil {
		if at, ok := c.VersionIn(c.raw); ok {
			means.version, means.raises = &at, true
		}
	}
	return means
}

// write sends the change. now is the item as it is, where the change may be made anew on that.
func (c *change) write(ctx context.Context, in *dynamodb.UpdateItemInput, s *Settings) (now attr.Item, err error) {
	attempts := call.Of(call.SelfGuarding)
	_, err = c.via(s).UpdateItem(ctx, in, attempts.Options(s.SDK)...)
	if err == nil || attempts.Took(err) {
		return nil, nil
	}
	err = c.unsuccessful(attempts, err, c.means())
	existing := cause.Existing(err)
	switch {
	case errors.Is(err, cause.Ambiguous):
		return nil, err
	case errors.Is(err, cause.Conflict):
		return c.raw, err
	case errors.Is(err, cause.Condition) && !c.guardsHold(existing):
		return existing, err
	}
	return nil, err
}

// writeInTransaction sends a change that moves guards of unique constraints, or is to take place once, as a
// transaction. now is the item as it is, where the change may be made anew on that.
func (c *change) writeInTransaction(ctx context.Context, in *dynamodb.UpdateItemInput,
	s *Settings) (now attr.Item, err error) {
	op := Op{entity: c.Entity, actions: append([]action{{means: c.means(), item: updateAction(in)}}, c.guards...)}
	err = c.writeOne(ctx, op, s, 0)
	existing := cause.Existing(err)
	switch {
	case err == nil || errors.Is(err, cause.Ambiguous):
		return nil, err
	case call.CancelledInPassing(err):
		return c.raw, err
	case errors.Is(err, cause.Condition) && cause.Constraint(err) == "" && !c.guardsHold(existing):
		return existing, err
	}
	return nil, err
}
