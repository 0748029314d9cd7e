package write

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/size"
)

// Transact writes all of ops or none.
func Transact(ctx context.Context, line *call.Line, ops []Op, s *call.TransactSettings) error {
	in, places, err := transactRequest(line, ops, s)
	if err != nil {
		return err
	}
	client := line.Via(&s.Settings, entityOf(ops))
	err = s.Repeatedly(ctx, func() error {
		token := s.Token
		if !s.Tokened { // a cancelled try is not remembered, and a token stands for one content: each has its own
			token = rand.Text()
		}
		in.ClientRequestToken = &token
		attempts := call.Under(s.Tokened)
		_, err := client.TransactWriteItems(ctx, in, attempts.Options(s.SDK)...)
		if err == nil || attempts.Took(err) {
			return nil
		}
		return call.Cancelled(err, attempts, len(places), func(i int, reason types.CancellationReason) *cause.Failure {
			return places[i].cancelledFor(ops, reason)
		})
	})
	if err != nil {
		return asToldBy(ops, err)
	}
	for _, op := range ops {
		if op.done != nil {
			op.done()
		}
	}
	return nil
}

// asToldBy puts what the caller has a failed condition mean before what it means to the library.
func asToldBy(ops []Op, err error) error {
	failed, ok := err.(*cause.Failure)
	if !ok || failed.Index < 0 || len(ops[failed.Index].instead) == 0 {
		return err
	}
	switch {
	case errors.Is(err, cause.NotFound), errors.Is(err, cause.Exists), errors.Is(err, cause.Condition):
		failed.Causes = append(slices.Clone(ops[failed.Index].instead), failed.Causes...)
	}
	return failed
}

// place is what an action of a transaction stands for.
type place struct {
	action
	entity *Entity
	index  int // of the operation it belongs to
}

// transactRequest is the TransactWriteItems of ops, and what each of its actions stands for.
func transactRequest(line *call.Line, ops []Op, s *call.TransactSettings) (*dynamodb.TransactWriteItemsInput, []place,
	error) {
	if len(ops) == 0 {
		return nil, nil, fmt.Errorf("a transaction has 1 to %d operations, this one none", size.MaxTransaction)
	}
	if err := checkToken(s); err != nil {
		return nil, nil, err
	}
	var places []place
	seen := map[string]int{} // by item: the place of the action on it
	for i := range ops {
		var err error
		if places, err = addPlaces(places, seen, line, &ops[i], i); err != nil {
			return nil, nil, failedAt(ops, i, err)
		}
	}
	in := &dynamodb.TransactWriteItemsInput{ReturnConsumedCapacity: s.Report()}
	bytes := 0
	for _, p := range places {
		_, item := target(p.item)
		bytes += size.Item(item)
		in.TransactItems = append(in.TransactItems, p.item)
	}
	if len(places) > size.MaxTransaction {
		return nil, nil, fmt.Errorf(
			"a transaction has 1 to %d actions, guards of unique constraints among them; this one has %d",
			size.MaxTransaction, len(places))
	}
	if bytes > size.MaxTransactionBytes {
		return nil, nil, fmt.Errorf("the items have %d bytes together, a transaction takes %d", bytes,
			size.MaxTransactionBytes)
	}
	return in, places, nil
}

// addPlaces adds the actions of one operation, each on another item, but for a guard that one operation gives up and
// another takes.
func addPlaces(places []place, seen map[string]int, line *call.Line, op *Op, index int) ([]place, error) {
	if err := op.check(line); err != nil {
		return nil, err
	}
	for _, a := range op.actions {
		key, _ := target(a.item)
		id, err := op.entity.KeyID(key)
		if err != nil {
			return nil, err
		}
		id = op.entity.Schema.Name + "\x00" + id
		at, twice := seen[id]
		if !twice {
			seen[id] = len(places)
			places = append(places, place{action: a, entity: op.entity, index: index})
			continue
		}
		both, ok := op.entity.handOver(places[at].action, a)
		if !ok {
			return nil, fmt.Errorf("it is on the same item as operation %d: a transaction takes one of each",
				places[at].index)
		}
		if places[at].action = both; a.item.Put != nil { // who takes it fails where a third has it
			places[at].index = index
		}
	}
	return places, nil
}

func checkToken(s *call.TransactSettings) error {
	switch {
	case len(s.Token) > size.MaxToken || s.Tokened && s.Token == "":
		return fmt.Errorf("a token has 1 to %d bytes, this one %d", size.MaxToken, len(s.Token))
	case !attr.ValidText(s.Token):
		return errors.New("a token is UTF-8 text")
	}
	return nil
}

// handOver makes one action of two guard actions on one value, of which one gives it up and the other takes it.
func (e *Entity) handOver(a, b action) (action, bool) {
	if a.constraint == "" || a.constraint != b.constraint || (a.item.Put == nil) == (b.item.Put == nil) {
		return action{}, false
	}
	taker, giver := a, b
	if a.item.Put == nil {
		taker, giver = b, a
	}
	return e.takeGuard(taker.owner, taker.constraint, taker.value, giver.owner), true
}

// cancelledFor is the failure of the operation that a transaction was cancelled for.
func (p *place) cancelledFor(ops []Op, reason types.CancellationReason) *cause.Failure {
	failed := failedAt(ops, p.index)
	failed.Constraint = p.constraint
	kind := call.CancelledFor(*reason.Code)
	if *reason.Code == "ConditionalCheckFailed" {
		if p.constraint != "" {
			kind, failed.Existing = p.means.there, reason.Item
		} else {
			failed.Existing, _, kind = p.means.of(p.entity, reason.Item)
		}
	}
	failed.Causes = []error{kind}
	return failed
}

// target is the item that an action is on: what its key is read from, and what counts towards the transaction's size.
func target(action types.TransactWriteItem) (key, item attr.Item) {
	switch {
	case action.Put != nil:
		return action.Put.Item, action.Put.Item
	case action.Update != nil:
		both := maps.Clone(action.Update.Key)
		maps.Copy(both, action.Update.ExpressionAttributeValues)
		return action.Update.Key, both
	case action.Delete != nil:
		return action.Delete.Key, action.Delete.Key
	}
	return action.ConditionCheck.Key, action.ConditionCheck.Key
}
