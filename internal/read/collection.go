package read

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/response"
)

// Collection gives every item of one partition, as values of their types.
func (r *Reader) Collection(ctx context.Context, partition reflect.Value, s *Settings, each func(any) bool) error {
	if r == nil {
		return cause.NotMade
	}
	from, err := r.collectionSource(partition, s)
	if err != nil {
		return err
	}
	return r.iterate(ctx, from, s, r.Types.value, each)
}

// collectionSource makes the read of a whole partition.
func (e *Entity) collectionSource(partition reflect.Value, s *Settings) (source, error) {
	if len(s.Sort) > 0 {
		return nil, errors.New("a collection is a whole partition: sort conditions are for Query")
	}
	q := &query{descending: s.Descending}
	var err error
	if q.space, err = e.spaceOf(s); err != nil {
		return nil, err
	}
	if q.space.Index != nil && !q.space.Index.Local && !q.space.Index.ProjectsAll() && !s.Hydrate {
		return nil, fmt.Errorf("index %s projects only some attributes: give Hydrate", q.space.Index.Name)
	}
	condition, err := e.PartitionCondition(q.space, partition, nil)
	if err != nil {
		return nil, err
	}
	filter, err := e.FilterOfAll(q.space, s.Unexpired, s.Filters)
	if err != nil {
		return nil, err
	}
	q.condition, q.binding = condition.Text, e.BoundTo("collection", q.space, condition, s.Descending, filter)
	q.names, q.values, q.filter = merged(condition.Names, filter.Names), merged(condition.Values, filter.Values),
		filter.Text
	q.whole = q.space.Index != nil && q.space.Index.Local && !q.space.Index.ProjectsAll()
	q.shards, q.shardAt, q.all = condition.Shards, condition.ShardAt, true
	if !s.Hydrate {
		if e.Typed() {
			q.wire = e.Wire
		}
		return e.sourceOf(q, s, nil)
	}
	return e.sourceOf(q, s, e.hydrator(&Form{}, true, s))
}

// Stored gives every item of one partition of the table, of whatever types, as it is stored now, a response's at a time
// and of a spread partition one shard behind the other. keys is for who wants to know no more than which items are
// guards.
func (e *Entity) Stored(ctx context.Context, partition reflect.Value, keys bool, s *Settings,
	page func([]attr.Item) error) error {
	s.Consistent = true
	// What a query refuses as well: a sort field that is set means one item, perhaps.
	if _, err := e.KeyCondition(&e.Table, partition, nil); err != nil {
		return err
	}
	condition, err := e.PartitionCondition(&e.Table, partition, nil)
	if err != nil {
		return err
	}
	q := query{space: &e.Table, condition: condition.Text, names: condition.Names, values: condition.Values, all: true}
	if keys {
		names := e.identifying(q.space)
		if !slices.Contains(names, entity.GuardOwner) {
			names = append(names, entity.GuardOwner)
		}
		q.project(names)
	}
	shards := condition.Shards
	if len(shards) == 0 {
		shards = []types.AttributeValue{nil}
	}
	for _, shard := range shards {
		of := q
		if shard != nil {
			of.values = maps.Clone(q.values)
			of.values[condition.ShardAt] = shard
		}
		w, err := e.newWalk(of.space, s)
		if err != nil {
			return err
		}
		w.all, w.fetch = true, e.queryFetch(&of, s)
		if _, err := w.run(ctx, func(some response.Rows) error {
			items := make([]attr.Item, some.Len())
			for i := range items {
				items[i] = some.At(i).Entry
			}
			return page(items)
		}); err != nil {
			return err
		}
	}
	return nil
}
