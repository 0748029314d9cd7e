package read

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/response"
	"github.com/monotable/monotable/internal/size"
)

// Op is one of several reads: of a transaction, or of a batch.
type Op struct {
	entity *Entity
	key    attr.Item
	into   func(response.Row) error // of a row without an item too
	err    error
}

// GetOp reads an item among others. into points to a pointer, which becomes one to a new value, or nil.
func (r *Reader) GetOp(key, into reflect.Value) Op {
	if r == nil {
		return Op{err: cause.NotMade}
	}
	op := Op{entity: r.Entity}
	if into.IsNil() {
		op.err = errors.New("GetOp has no place for the item")
		return op
	}
	op.key, op.err = r.PrimaryKey(key)
	op.into = func(of response.Row) error {
		if of.Page == nil && (len(of.Item) == 0 || !r.Owns(of.Item)) {
			into.Elem().SetZero()
			return nil
		}
		v, err := r.newValue(of)
		if err == nil {
			into.Elem().Set(v)
		}
		return err
	}
	return op
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
	return call.OneOf(len(ops), func(i int) string {
		if ops[i].entity == nil {
			return ""
		}
		return ops[i].entity.Name
	})
}

// TableOf is the table that all operations are on; "" if they are on several.
func TableOf(ops []Op) string {
	return call.OneOf(len(ops), func(i int) string {
		if ops[i].entity == nil {
			return ""
		}
		return ops[i].entity.Schema.Name
	})
}

// failedAt is the failure of one of several operations.
func failedAt(ops []Op, i int, err error) *cause.Failure {
	failed := cause.Fail(err)
	if failed.Index, failed.Key = i, ops[i].key; ops[i].entity != nil {
		failed.Entity, failed.Table = ops[i].entity.Name, ops[i].entity.Schema.Name
	}
	return failed
}

// Transact reads the items of ops as they all were at one moment.
func Transact(ctx context.Context, line *call.Line, fast *response.Path, ops []Op, s *call.TransactSettings) error {
	if n := len(ops); n < 1 || n > size.MaxTransaction {
		return fmt.Errorf("a transaction has 1 to %d operations, this one %d", size.MaxTransaction, n)
	}
	in := &dynamodb.TransactGetItemsInput{ReturnConsumedCapacity: s.Report()}
	wires := make([]*response.Reading, len(ops))
	for i, op := range ops {
		if err := op.check(line); err != nil {
			return failedAt(ops, i, err)
		}
		wires[i] = op.entity.Wire
		in.TransactItems = append(in.TransactItems,
			types.TransactGetItem{Get: &types.Get{TableName: &op.entity.Schema.Name, Key: op.key}})
	}
	return s.Repeatedly(ctx, func() error {
		decoding := fast.OfPlaces(wires)
		out, err := line.Via(&s.Settings, entityOf(ops)).TransactGetItems(ctx, in, decoding.Options(s.SDK)...)
		if err != nil {
			return call.Cancelled(err, nil, len(ops), func(i int, reason types.CancellationReason) *cause.Failure {
				failed := failedAt(ops, i, call.CancelledFor(*reason.Code))
				failed.Operation = "Get"
				return failed
			})
		}
		if len(out.Responses) != len(ops) {
			return fmt.Errorf("%d answers to %d operations", len(out.Responses), len(ops))
		}
		items := make([]attr.Item, len(ops))
		for i := range items {
			items[i] = out.Responses[i].Item
		}
		found, err := decoding.Placed(out.ResultMetadata, items)
		if err != nil {
			return err
		}
		for i, op := range ops {
			if err := op.into(found[i]); err != nil {
				return failedAt(ops, i, err)
			}
		}
		return nil
	})
}

// Batch reads the items of ops, each at a moment of its own.
func Batch(ctx context.Context, line *call.Line, ops []Op, s *Settings) error {
	if err := s.CheckPace(); err != nil {
		return err
	}
	pace := s.Pacer()
	byEntity := map[*Entity][]int{}
	for i, op := range ops {
		if err := op.check(line); err != nil {
			return failedAt(ops, i, err)
		}
		byEntity[op.entity] = append(byEntity[op.entity], i)
	}
	var left cause.Unfinished
	for e, places := range byEntity {
		keys := make([]attr.Item, len(places))
		for j, i := range places {
			keys[j] = ops[i].key
		}
		found, err := e.getBatch(ctx, keys, &Form{Wire: e.Wire}, s, pace)
		var some *cause.Unfinished
		if err != nil && !errors.As(err, &some) {
			return err
		}
		undone := map[int]bool{}
		if some != nil {
			left.Err = some.Err
			for _, j := range some.Places {
				undone[j] = true
				left.Places = append(left.Places, places[j])
			}
		}
		for j, i := range places {
			if undone[j] {
				continue
			}
			if err := ops[i].into(found[j]); err != nil {
				return failedAt(ops, i, err)
			}
		}
	}
	if len(left.Places) > 0 {
		slices.Sort(left.Places)
		return &left
	}
	return nil
}
