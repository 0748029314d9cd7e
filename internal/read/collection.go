package read

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/monotable/monotable/internal/cause"
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
