package engine

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// written is a single write that took place.
type written struct {
	effect
	capacity capacity
	metrics  *types.ItemCollectionMetrics // nil unless asked for
}

// writeOne does a write that is an operation of its own.
func (e *Engine) writeOne(ctx context.Context, operation string, w *write, metrics types.ReturnItemCollectionMetrics) (*written, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	done := &written{capacity: capacity{table: w.table, items: 1}}
	err := e.writing(w.table, func(t *table) error {
		p, err := w.on(t)
		if err != nil {
			return err
		}
		done.effect, err = p.effect()
		if err == nil || isConditionFailed(err) {
			if err := done.admit(err != nil); err != nil {
				return err
			}
			done.capacity.write = done.units()
		}
		if err != nil {
			return err
		}
		done.apply(&done.capacity)
		if metrics == types.ReturnItemCollectionMetricsSize {
			done.metrics = t.collectionMetrics(done.effect)
		}
		return nil
	})
	e.charged(ctx, operation, &done.capacity, err)
	if err != nil {
		return nil, err
	}
	return done, nil
}

// collectionMetrics estimates the size of the item collection that a write touched, nil for a table without local indexes.
func (t *table) collectionMetrics(f effect) *types.ItemCollectionMetrics {
	if !t.hasLocal() {
		return nil
	}
	item := cmp.Or(f.new, f.old)
	if item == "" {
		item, _ = pack(f.write.key)
	}
	hash := t.keys.hash[0].name
	value, _ := item.Attribute(hash)
	const gigabyte = 1 << 30
	low := float64(t.collections[t.collectionOf(f.key, item)] / gigabyte)
	return &types.ItemCollectionMetrics{
		ItemCollectionKey:   map[string]types.AttributeValue{hash: value},
		SizeEstimateRangeGB: []float64{low, low + 1},
	}
}
