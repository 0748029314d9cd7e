package write

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/expr"
)

// meaning is what a failed condition of a write means to its caller.
type meaning struct {
	missing error   // there is no item
	there   error   // there is one
	version *uint64 // that the item was expected to be at; nil for none
	raises  bool    // the write raises it, so that an item that is at it is proof that the write did not take place
}

// of tells what a condition that failed on an item, none if it is empty, means; settled says that the item shows that
// no attempt took place.
func (m meaning) of(e *Entity, existing attr.Item) (shown attr.Item, settled bool, sentinel error) {
	switch {
	case len(existing) == 0 && m.missing == cause.Condition && m.version != nil && *m.version > 0:
		return nil, false, cause.Version
	case len(existing) == 0:
		return nil, false, m.missing
	case m.missing == cause.NotFound && !e.Owns(existing): // there is none of this type
		return nil, false, cause.NotFound
	case m.version == nil:
		return existing, false, m.there
	case m.there == cause.Condition && !e.IsAt(existing, *m.version):
		return existing, false, cause.Version
	}
	// An item that was deleted and created anew is at version 1 again.
	return existing, m.raises && *m.version > 1, m.there
}

// refused tells a failed condition from other failures: the item that stood in the way, and whether a condition failed
// at all.
func refused(err error) (existing attr.Item, condition bool) {
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return nil, false
	}
	return failed.Item, true
}

// unsuccessful is why a write failed.
func (e *Entity) unsuccessful(attempts *call.Record, err error, m meaning) error {
	failed := cause.Fail()
	settled := false
	switch existing, condition := refused(err); {
	case condition:
		var sentinel error
		failed.Existing, settled, sentinel = m.of(e, existing)
		failed.Causes = append(failed.Causes, sentinel)
	case call.Throttled(err):
		failed.Causes = append(failed.Causes, cause.Throttled)
	case call.Conflicted(err):
		failed.Causes = append(failed.Causes, cause.Conflict)
	}
	if attempts.Ambiguous(err) && !settled {
		failed.Causes = append(failed.Causes, cause.Ambiguous)
	}
	failed.Causes = append(failed.Causes, err)
	return failed
}

// unread is the failure of a write that took place and whose answer cannot be had.
func unread(err error) error { return cause.Fail(cause.Ambiguous, err) }

// classOf says what a repetition of an update does. raised says that its condition names the version that it raises.
func (e *Entity) classOf(u *expr.Update, raised, old bool) call.Class {
	switch {
	case raised:
		return call.SelfGuarding
	case old || !e.repeatable(u):
		return call.OnceOnly
	}
	return call.Free
}

// repeatable tells whether making an update twice is making it once, but for its version.
func (e *Entity) repeatable(u *expr.Update) bool {
	for _, action := range u.Actions {
		if e.Version != nil && len(action.Path) == 1 && action.Path[0].Name == e.Version.Name {
			continue
		}
		if action.Path[len(action.Path)-1].Index >= 0 { // past a list's end it appends, and others move up
			return false
		}
		switch action.Kind {
		case expr.Set:
			if !settles(action.Path, action.Value) {
				return false
			}
		case expr.Add, expr.Delete:
			if !isSet(action.Value) {
				return false
			}
		}
	}
	return true
}

// settles tells whether an operand is the same whether or not it was assigned to the path before.
func settles(path expr.Path, operand expr.Operand) bool {
	switch o := operand.(type) {
	case *expr.Value:
		return true
	case *expr.IfNotExists:
		_, plain := o.Else.(*expr.Value)
		return plain && samePath(path, o.Path)
	}
	return false
}

func samePath(a, b expr.Path) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func isSet(operand expr.Operand) bool {
	value, plain := operand.(*expr.Value)
	if !plain {
		return false
	}
	switch value.Value.(type) {
	case *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
		return true
	}
	return false
}
