package monotable

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// errStop ends a walk because the caller wants no more.
var errStop = errors.New("stop")

// Query yields the items of one partition in the order of their sort key, sending Query requests as the caller iterates; a
// break ends it. partition needs the partition key's fields alone: a sort field that is set there is ErrKey, since sort
// conditions are options that name their field. At most one error is yielded, and it is the last.
//
// Only items of this entity type come back. On an index that other types share, those in the same range are read and paid for,
// and left out by the service. A partition that a template spreads over shards is asked shard by shard, up to Parallel of them at
// a time, with a Query for each page of each, and comes back merged in the order of the sort key. A global index that does not project all of T is refused unless Hydrate is given; read it with a
// View of what it has. A local index fetches what it lacks from the table, at the units of one more read for each item.
func (v view[V, K]) Query(ctx context.Context, partition K, options ...QueryOption) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		s := querySettings(options)
		from, err := v.querySource(partition, s)
		if err != nil {
			var none V
			yield(none, v.fail("Query", err))
			return
		}
		iterate(ctx, v.entity, "Query", from, s, v.value, yield)
	}
}

// QueryPage is Query for one page: with Limit that many items unless the partition ends before, otherwise what one response
// holds (up to 1 MB read). It sends as many Query requests as it needs for at least one item. Next is "" at the end.
func (v view[V, K]) QueryPage(ctx context.Context, partition K, options ...QueryOption) (Page[V], error) {
	s := querySettings(options)
	s.onePage = true
	from, err := v.querySource(partition, s)
	if err != nil {
		return Page[V]{}, v.fail("QueryPage", err)
	}
	return v.page(ctx, "QueryPage", from, s)
}

// Count is the number of items that Query would yield. They are read and paid for all the same; only the answer is smaller.
func (v view[V, K]) Count(ctx context.Context, partition K, options ...QueryOption) (n int, err error) {
	s := querySettings(options)
	s.hydrate = false
	q, err := v.newQuery(partition, s, nil)
	if err != nil {
		return 0, v.fail("Count", err)
	}
	q.project(v.projected(q.space, v.identifying(q.space)))
	from, err := v.sourceOf(q, s, nil)
	if err != nil {
		return 0, v.fail("Count", err)
	}
	_, err = from.give(ctx, func(row) error { n++; return nil })
	if err != nil {
		return n, v.fail("Count", err)
	}
	return n, nil
}

func querySettings(options []QueryOption) *settings {
	s := new(settings)
	for _, o := range options {
		if o != nil {
			o.query(s)
		}
	}
	return s
}

// query is what a Query asks for, ready to be sent.
type query struct {
	space      *keySpace
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
	wire       *wireReading
}

// querySource makes the read of a query.
func (v view[V, K]) querySource(partition K, s *settings) (source, error) {
	q, err := v.newQuery(partition, s, v.read)
	if err != nil {
		return nil, err
	}
	if !s.hydrate {
		q.wire = v.read.wire
		return v.sourceOf(q, s, nil)
	}
	return v.sourceOf(q, s, v.hydrator(v.read, false, s))
}

// sourceOf makes the read that sends a query: one walk, or one for each shard of its partition.
func (e *entity) sourceOf(q *query, s *settings, hydrate func(context.Context, []row) ([]row, error)) (source, error) {
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
		q.wire = nil // shards are merged by their items' keys
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
func (v view[V, K]) newQuery(partition K, s *settings, read *reading) (*query, error) {
	q := &query{descending: s.descending}
	var err error
	if q.space, err = v.spaceOf(s); err != nil {
		return nil, err
	}
	if read != nil {
		if err := v.checkProjected(q.space, read, s.hydrate); err != nil {
			return nil, err
		}
	}
	condition, err := v.keyCondition(q.space, reflect.ValueOf(&partition).Elem(), s.sort)
	if err != nil {
		return nil, err
	}
	f, err := v.filterOf(q.space, s)
	if err != nil {
		return nil, err
	}
	q.condition, q.binding = condition.text, v.boundTo("query", q.space, condition, s.descending, f)
	q.names, q.values, q.filter = merged(condition.names, f.names), merged(condition.values, f.values), f.text
	q.shards, q.shardAt = condition.shards, condition.shardAt
	if read != nil && read.partial != nil && !s.hydrate {
		q.project(v.projected(q.space, read.partial))
	}
	q.whole = q.projection == nil && read != nil && q.space.index != nil && q.space.index.Local && !q.space.index.projectsAll()
	return q, nil
}

// spaceOf is the table, or the index that the options name.
func (e *entity) spaceOf(s *settings) (*keySpace, error) {
	if e == nil {
		return nil, errNotMade
	}
	if s.index == "" {
		return &e.table, nil
	}
	index, ok := e.db.schema.index(s.index)
	if !ok {
		return nil, fmt.Errorf("table %s has no index %s", e.db.schema.Name, s.index)
	}
	space, ok := e.indexes[s.index]
	if !ok {
		return nil, fmt.Errorf("index %s holds no items of this type: the model makes none of its key", s.index)
	}
	if s.consistent && !index.Local {
		return nil, fmt.Errorf("index %s is global: it cannot be read consistently", s.index)
	}
	return space, nil
}

// project asks for some attributes only.
func (q *query) project(attributes []string) {
	text, names := projection(attributes)
	q.projection, q.names = text, merged(q.names, names)
}

func (e *entity) queryFetch(q *query, s *settings) fetch {
	var page *wirePage
	return func(ctx context.Context, start attributes, limit *int32) (fetched, error) {
		in := &dynamodb.QueryInput{
			TableName: &e.db.schema.Name, KeyConditionExpression: &q.condition, FilterExpression: q.filter,
			ProjectionExpression: q.projection, ExpressionAttributeNames: q.names, ExpressionAttributeValues: q.values,
			ExclusiveStartKey: start, Limit: limit, ReturnConsumedCapacity: s.report(),
		}
		if q.space.index != nil {
			in.IndexName = &q.space.index.Name
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
		call := q.wire.page(s, page)
		call.ofAll(q.all)
		out, err := e.db.via(s).Query(ctx, in, call.options(s.sdk)...)
		if err != nil {
			return fetched{}, err
		}
		if page, err = call.result(out.ResultMetadata, len(out.Items)); err != nil {
			return fetched{}, err
		}
		return fetched{out.Items, out.LastEvaluatedKey, out.ConsumedCapacity, int(out.ScannedCount), page}, nil
	}
}

// iterate yields a read's items as decode makes them, and keeps the caller's cursor.
func iterate[V any](ctx context.Context, e *entity, op string, from source, s *settings, decode func(row) (V, error), yield func(V, error) bool) {
	_, err := from.give(ctx, func(r row) error {
		item, err := decode(r)
		if err != nil {
			return err
		}
		s.progress.item()
		if s.resume != nil {
			if *s.resume, err = from.behind(r); err != nil {
				return err
			}
		}
		if !yield(item, nil) {
			return errStop
		}
		return nil
	})
	if err != nil && err != errStop {
		var none V
		yield(none, e.fail(op, err))
	}
}

// value is an item of this type as a V.
func (v view[V, K]) value(r row) (V, error) { return decodedRow[V](v.entity, v.read, r) }

// page gathers a read's items as a page.
func (v view[V, K]) page(ctx context.Context, op string, from source, s *settings) (p Page[V], err error) {
	p.Items = []V{} // an empty list in JSON too
	p.Next, err = from.give(ctx, func(r row) error {
		item, err := v.value(r)
		if err == nil {
			p.Items = append(p.Items, item)
			s.progress.item()
		}
		return err
	})
	if err != nil && !errors.Is(err, ErrBudget) {
		return Page[V]{}, v.fail(op, err)
	}
	if err != nil {
		err = v.fail(op, err)
	}
	return p, err
}

// cursor seals a place; the end is "".
func (db *DB) cursor(binding []byte, place attributes) Cursor {
	if len(place) == 0 {
		return ""
	}
	return db.cursors.seal(binding, appendPlace(nil, place))
}

// startOf opens the cursor that the options gave, if any.
func (e *entity) startOf(space *keySpace, binding []byte, s *settings) (attributes, error) {
	cursor := s.after
	if s.resume != nil {
		cursor = *s.resume
	}
	if cursor == "" {
		return nil, nil
	}
	raw, err := e.db.cursors.open(binding, cursor, 1)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCursor, err)
	}
	place, rest, err := e.db.schema.readPlace(raw, space.index)
	if err == nil && len(rest) > 0 {
		err = errCursorText
	}
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
	for k, v := range a {
		m[k] = v
	}
	for k, v := range b {
		m[k] = v
	}
	return m
}

// appendBound adds a length and bytes, so that what is joined this way cannot be joined otherwise.
func appendBound(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}
