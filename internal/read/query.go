package read

import (
	"context"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/response"
)

// Query gives the items of one partition as pointers to values of the reader's type, until each wants no more.
func (r *Reader) Query(ctx context.Context, partition reflect.Value, s *Settings, each func(any) bool) error {
	if r == nil {
		return cause.NotMade
	}
	from, err := r.querySource(partition, s)
	if err != nil {
		return err
	}
	return r.iterate(ctx, from, s, r.pointers(), each)
}

// QueryPage puts a page of a partition's items into items, a slice of the reader's type.
func (r *Reader) QueryPage(ctx context.Context, partition reflect.Value, s *Settings,
	items reflect.Value) (string, error) {
	if r == nil {
		return "", cause.NotMade
	}
	s.onePage = true
	from, err := r.querySource(partition, s)
	if err != nil {
		return "", err
	}
	return r.page(ctx, from, s, items)
}

// Count counts a partition's items.
func (r *Reader) Count(ctx context.Context, partition reflect.Value, s *Settings) (n int, err error) {
	if r == nil {
		return 0, cause.NotMade
	}
	s.Hydrate = false
	q, err := r.newQuery(partition, s, nil)
	if err != nil {
		return 0, err
	}
	q.project(r.projected(q.space, r.identifying(q.space)))
	from, err := r.sourceOf(q, s, nil)
	if err != nil {
		return 0, err
	}
	_, err = from.give(ctx, func(some response.Rows) error { n += some.Len(); return nil })
	if err != nil {
		return n, err
	}
	return n, nil
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
func (r *Reader) querySource(partition reflect.Value, s *Settings) (source, error) {
	q, err := r.newQuery(partition, s, r.Form)
	if err != nil {
		return nil, err
	}
	if !s.Hydrate {
		q.wire = r.Form.Wire
		return r.sourceOf(q, s, nil)
	}
	return r.sourceOf(q, s, r.hydrator(r.Form, false, s))
}

// sourceOf makes the read that sends a query: one walk, or one for each shard of its partition.
func (e *Entity) sourceOf(q *query, s *Settings,
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
func (e *Entity) newQuery(partition reflect.Value, s *Settings, read *Form) (*query, error) {
	q := &query{descending: s.Descending}
	var err error
	if q.space, err = e.spaceOf(s); err != nil {
		return nil, err
	}
	if read != nil {
		if err := e.checkProjected(q.space, read, s.Hydrate); err != nil {
			return nil, err
		}
	}
	condition, err := e.KeyCondition(q.space, partition, s.Sort)
	if err != nil {
		return nil, err
	}
	f, err := e.FilterOf(q.space, s.Unexpired, s.Filters)
	if err != nil {
		return nil, err
	}
	q.condition, q.binding = condition.Text, e.BoundTo("query", q.space, condition, s.Descending, f)
	q.names, q.values, q.filter = merged(condition.Names, f.Names), merged(condition.Values, f.Values), f.Text
	q.shards, q.shardAt = condition.Shards, condition.ShardAt
	if read != nil && read.Partial != nil && !s.Hydrate {
		q.project(e.projected(q.space, read.Partial))
	}
	q.whole = q.projection == nil && read != nil && q.space.Index != nil && q.space.Index.Local &&
		!q.space.Index.ProjectsAll()
	return q, nil
}

// project asks for some attributes only.
func (q *query) project(attributes []string) {
	text, names := entity.Projection(attributes)
	q.projection, q.names = text, merged(q.names, names)
}

func (e *Entity) queryFetch(q *query, s *Settings) fetch {
	return func(ctx context.Context, start attr.Item, limit *int32, spare *response.Page) (fetched, error) {
		in := &dynamodb.QueryInput{
			TableName: &e.Schema.Name, KeyConditionExpression: &q.condition, FilterExpression: q.filter,
			ProjectionExpression: q.projection, ExpressionAttributeNames: q.names, ExpressionAttributeValues: q.values,
			ExclusiveStartKey: start, Limit: limit, ReturnConsumedCapacity: s.Report(),
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
		if s.Consistent {
			in.ConsistentRead = &s.Consistent
		}
		call := q.wire.Paged(s.Limited || s.Resume != nil, spare)
		call.OfAll(q.all)
		out, err := e.via(s).Query(ctx, in, call.Options(s.SDK)...)
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
