package engine

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
)

// written is what the answer to a single write holds. What was not asked for is nil.
type written struct {
	attributes map[string]types.AttributeValue
	consumed   *types.ConsumedCapacity
	metrics    *types.ItemCollectionMetrics
}

// writeOne does a write that is an operation of its own.
func (e *Engine) writeOne(ctx context.Context, operation string, r writeRequest) (done written, err error) {
	w, err := r.single(e.front)
	if err != nil {
		return done, err
	}
	if err := ctx.Err(); err != nil {
		return done, err
	}
	var f effect
	units := capacity{table: w.table, items: 1}
	err = e.writing(w.table, func(t *table) error {
		p, err := w.on(t)
		if err != nil {
			return err
		}
		if f, err = p.perform(&units); err != nil {
			return err
		}
		if r.metrics == types.ReturnItemCollectionMetricsSize {
			done.metrics = t.collectionMetrics(f)
		}
		return nil
	})
	e.charged(ctx, operation, &units, err)
	if err != nil {
		return written{}, err
	}
	done.attributes = f.returned(r.returnValues)
	done.consumed = units.consumed(r.consumed)
	return done, nil
}

// perform does the write and counts what it costs; one whose condition failed costs what the table charges.
func (p place) perform(units *capacity) (effect, error) {
	f, err := p.effect()
	if err == nil || refusal.IsConditionFailed(err) {
		if err := f.admit(err != nil); err != nil {
			return f, err
		}
		units.write += f.units()
	}
	if err != nil {
		return f, err
	}
	f.apply(units)
	return f, nil
}

// returned gives the attributes that a write was asked to return.
func (f *effect) returned(values types.ReturnValue) map[string]types.AttributeValue {
	var updated map[string]types.AttributeValue
	switch {
	case values == types.ReturnValueAllOld:
		return f.old.Map()
	case values == types.ReturnValueAllNew:
		return f.new.Map()
	case values == types.ReturnValueUpdatedOld && f.update != nil:
		updated = f.update.Updated(f.old.Map())
	case values == types.ReturnValueUpdatedNew && f.update != nil:
		updated = f.update.Updated(f.new.Map())
	}
	if len(updated) == 0 {
		return nil
	}
	return updated
}

// collectionMetrics estimates the size of the item collection that a write touched, nil for a table without local
// indexes.
func (t *table) collectionMetrics(f effect) *types.ItemCollectionMetrics {
	if !t.hasLocal() {
		return nil
	}
	item := cmp.Or(f.new, f.old)
	if item == "" {
		item, _ = packed.Pack(f.write.key)
	}
	hash := t.keys.Hash[0].Name
	value, _ := item.Attribute(hash)
	const gigabyte = 1 << 30
	low := float64(t.collections[t.collectionOf(f.key, item)] / gigabyte)
	return &types.ItemCollectionMetrics{
		ItemCollectionKey:   map[string]types.AttributeValue{hash: value},
		SizeEstimateRangeGB: []float64{low, low + 1},
	}
}
