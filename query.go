package monotable

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/response"
)

// errStop ends a walk because the caller wants no more.
var errStop = errors.New("stop")

// Query yields the items of one partition in the order of their sort key, sending Query requests as the caller
// iterates; a break ends it. partition needs the partition key's fields alone: a sort field that is set there is
// ErrKey, since sort conditions are options that name their field. At most one error is yielded, and it is the last.
//
// Only items of this entity type come back. On an index that other types share, those in the same range are read and
// paid for, and left out by the service. A partition that a template spreads over shards is asked shard by shard, up to
// Parallel of them at a time, with a Query for each page of each, and comes back merged in the order of the sort key. A
// global index that does not project all of T is refused unless Hydrate is given; read it with a View of what it has. A
// local index fetches what it lacks from the table, at the units of one more read for each item.
func (t *Table[T]) Query(ctx context.Context, partition T, options ...QueryOption) iter.Seq2[T, error] {
	r := t.of
	return yielding[T](func(each func(any) bool) error {
		return r.query(ctx, reflect.ValueOf(&partition).Elem(), querySettings(options), each)
	})
}

// Query is Table.Query, of the attributes that V has.
func (v *View[V, T]) Query(ctx context.Context, partition T, options ...QueryOption) iter.Seq2[V, error] {
	r := v.of
	return yielding[V](func(each func(any) bool) error {
		return r.query(ctx, reflect.ValueOf(&partition).Elem(), querySettings(options), each)
	})
}

// yielding is the iterator of a read that gives pointers to V.
func yielding[V any](read func(each func(any) bool) error) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		if err := read(func(item any) bool { return yield(*item.(*V), nil) }); err != nil {
			var none V
			yield(none, err)
		}
	}
}

func (r *reader) query(ctx context.Context, partition reflect.Value, s *settings, each func(any) bool) error {
	from, err := r.querySource(partition, s)
	if err != nil {
		return r.fail("Query", err)
	}
	return r.iterate(ctx, "Query", from, s, r.pointers(), each)
}

// QueryPage is Query for one page: with Limit that many items unless the partition ends before, otherwise what one
// response holds (up to 1 MB read). It sends as many Query requests as it needs for at least one item. Next is "" at
// the end.
func (t *Table[T]) QueryPage(ctx context.Context, partition T, options ...QueryOption) (p Page[T], err error) {
	p.Next, err = t.of.queryPage(ctx, reflect.ValueOf(&partition).Elem(), querySettings(options),
		reflect.ValueOf(&p.Items).Elem())
	return p, err
}

// QueryPage is Table.QueryPage, of the attributes that V has.
func (v *View[V, T]) QueryPage(ctx context.Context, partition T, options ...QueryOption) (p Page[V], err error) {
	p.Next, err = v.of.queryPage(ctx, reflect.ValueOf(&partition).Elem(), querySettings(options),
		reflect.ValueOf(&p.Items).Elem())
	return p, err
}

func (r *reader) queryPage(ctx context.Context, partition reflect.Value, s *settings,
	items reflect.Value) (Cursor, error) {
	s.onePage = true
	from, err := r.querySource(partition, s)
	if err != nil {
		return "", r.fail("QueryPage", err)
	}
	return r.page(ctx, "QueryPage", from, s, items)
}

// Count is the number of items that Query would yield. They are read and paid for all the same; only the answer is
// smaller.
func (t *Table[T]) Count(ctx context.Context, partition T, options ...QueryOption) (int, error) {
	return t.of.count(ctx, reflect.ValueOf(&partition).Elem(), querySettings(options))
}

// Count is Table.Count.
func (v *View[V, T]) Count(ctx context.Context, partition T, options ...QueryOption) (int, error) {
	return v.of.count(ctx, reflect.ValueOf(&partition).Elem(), querySettings(options))
}

func (e *core) count(ctx context.Context, partition reflect.Value, s *settings) (n int, err error) {
	s.hydrate = false
	q, err := e.newQuery(partition, s, nil)
	if err != nil {
		return 0, e.fail("Count", err)
	}
	q.project(e.projected(q.space, e.identifying(q.space)))
	from, err := e.sourceOf(q, s, nil)
	if err != nil {
		return 0, e.fail("Count", err)
	}
	_, err = from.give(ctx, func(some response.Rows) error { n += some.Len(); return nil })
	if err != nil {
		return n, e.fail("Count", err)
	}
	return n, nil
}

func querySettings(options []QueryOption) *settings {
	return given(options, new(settings), QueryOption.query)
}

// query is what a Query asks for, ready to be sent.
type query struct {
	space      *entity.Space
	condition  string
	filter     *string
	projection *string
	whole      bool                   // a local index is to fetch what it lacks
	all        bool                   // items of all types
	shards     []types.AttributeValue // of a partition that is spread: the key of each
	shardAt    string                 // their placeholder among values
	names      map[string]string
	values     map[string]types.AttributeValue
	binding    []byte // of its cursors
	descending bool
	wire       *response.Reading
}

// querySource makes the read of a query.
func (r *reader) querySource(partition reflect.Value, s *settings) (source, error) {
	q, err := r.newQuery(partition, s, r.read)
	if err != nil {
		return nil, err
	}
	if !s.hydrate {
		q.wire = r.read.wire
		return r.sourceOf(q, s, nil)
	}
	return r.sourceOf(q, s, r.hydrator(r.read, false, s))
}

// sourceOf makes the read that sends a query: one walk, or one for each shard of its partition.
func (e *core) sourceOf(q *query, s *settings,
	hydrate func(context.Context, []response.Row) ([]response.Row, error)) (source, error) {
	walkOf := func(q *query) (*walk, error) {
		w, err := e.newWalk(q.space, s)
		if err != nil {
			return nil, err
		}
		w.all, w.filtered, w.binding, w.hydrate = q.all, q.filter != nil, q.binding, hydrate
		w.fetch = e.queryFetch(q, s)
		return w, nil
	}
	if len(q.shards) > 0 {
		if q.all {
			q.wire = nil
		}
		q.wire = q.wire.WithKeys(q.space) // by which shards are merged
		return e.shardWalks(q, s, walkOf)
	}
	w, err := walkOf(q)
	if err == nil {
		w.start, err = e.startOf(q.space, q.binding, s)
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// newQuery makes the request of a query; read is nil where only keys matter.
func (e *core) newQuery(partition reflect.Value, s *settings, read *reading) (*query, error) {
	q := &query{descending: s.descending}
	var err error
	if q.space, err = e.spaceOf(s); err != nil {
		return nil, err
	}
	if read != nil {
		if err := e.checkProjected(q.space, read, s.hydrate); err != nil {
			return nil, err
		}
	}
	condition, err := e.KeyCondition(q.space, partition, s.sort)
	if err != nil {
		return nil, err
	}
	f, err := e.FilterOf(q.space, s.unexpired, s.filters)
	if err != nil {
		return nil, err
	}
	q.condition, q.binding = condition.Text, e.BoundTo("query", q.space, condition, s.descending, f)
	q.names, q.values, q.filter = merged(condition.Names, f.Names), merged(condition.Values, f.Values), f.Text
	q.shards, q.shardAt = condition.Shards, condition.ShardAt
	if read != nil && read.partial != nil && !s.hydrate {
		q.project(e.projected(q.space, read.partial))
	}
	q.whole = q.projection == nil && read != nil && q.space.Index != nil && q.space.Index.Local &&
		!q.space.Index.ProjectsAll()
	return q, nil
}

// spaceOf is the table, or the index that the options name.
func (e *core) spaceOf(s *settings) (*entity.Space, error) {
	if e == nil {
		return nil, errNotMade
	}
	if s.index == "" {
		return &e.Table, nil
	}
	index, ok := e.Schema.Index(s.index)
	if !ok {
		return nil, fmt.Errorf("table %s has no index %s", e.Schema.Name, s.index)
	}
	space, ok := e.Indexes[s.index]
	if !ok {
		return nil, fmt.Errorf("index %s holds no items of this type: the model makes none of its key", s.index)
	}
	if s.consistent && !index.Local {
		return nil, fmt.Errorf("index %s is global: it cannot be read consistently", s.index)
	}
	if !s.hydrate && e.Typed() && e.rivals.Load() && !index.Local && !index.Holds(e.Schema, e.Schema.EntityType) {
		return nil, fmt.Errorf("index %s does not project %s, by which types that may have the same keys are told "+
			"apart: give Hydrate, or project it", s.index, e.Schema.EntityType)
	}
	return space, nil
}

// project asks for some attributes only.
func (q *query) project(attributes []string) {
	text, names := entity.Projection(attributes)
	q.projection, q.names = text, merged(q.names, names)
}

func (e *core) queryFetch(q *query, s *settings) fetch {
	return func(ctx context.Context, start attributes, limit *int32, spare *response.Page) (fetched, error) {
		in := &dynamodb.QueryInput{
			TableName: &e.Schema.Name, KeyConditionExpression: &q.condition, FilterExpression: q.filter,
			ProjectionExpression: q.projection, ExpressionAttributeNames: q.names, ExpressionAttributeValues: q.values,
			ExclusiveStartKey: start, Limit: limit, ReturnConsumedCapacity: s.report(),
		}
		if q.space.Index != nil {
			in.IndexName = &q.space.Index.Name
		}
		if q.whole {
			in.Select = types.SelectAllAttributes
		}
		if q.descending {
			forward := false
			in.ScanIndexForward = &forward
		}
		if s.consistent {
			in.ConsistentRead = &s.consistent
		}
		call := q.wire.Paged(s.limited || s.resume != nil, spare)
		call.OfAll(q.all)
		out, err := e.db.via(s).Query(ctx, in, call.Options(s.sdk)...)
		if err != nil {
			return fetched{}, err
		}
		page, err := call.Result(out.ResultMetadata, len(out.Items))
		if err != nil {
			return fetched{}, err
		}
		return fetched{out.Items, out.LastEvaluatedKey, out.ConsumedCapacity, int(out.ScannedCount), page}, nil
	}
}

// cursor seals a place; the end is "".
func (db *DB) cursor(binding []byte, place attributes) Cursor {
	if len(place) == 0 {
		return ""
	}
	return Cursor(db.cursors.One(binding, place))
}

// startOf opens the cursor that the options gave, if any.
func (e *core) startOf(space *entity.Space, binding []byte, s *settings) (attributes, error) {
	from := s.after
	if s.resume != nil {
		from = *s.resume
	}
	if from == "" {
		return nil, nil
	}
	place, err := e.db.cursors.OpenOne(binding, string(from), e.Schema.PlaceTypes(space.Index))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCursor, err)
	}
	return place, nil
}

// merged is both maps as one, nil if both are empty.
func merged[V any](a, b map[string]V) map[string]V {
	if len(a)+len(b) == 0 {
		return nil
	}
	m := make(map[string]V, len(a)+len(b))
	maps.Copy(m, a)
	maps.Copy(m, b)
	return m
}
