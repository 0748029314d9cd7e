package read

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/response"
)

// Sweep gives the type's items and the guards of all types as they are stored, a page of the table at a time; the
// caller's cursor stands behind a page once it was given.
func (e *Entity) Sweep(ctx context.Context, s *Settings, page func([]attr.Item) error) error {
	w, err := e.sweep(s)
	if err != nil {
		return err
	}
	s.Progress.begin(1, 0)
	var entries []attr.Item
	pageEnd := func(place attr.Item) error {
		if err := page(entries); err != nil {
			return err
		}
		entries = nil
		w.endPage(place)
		return nil
	}
	w.pageEnd = pageEnd
	place, err := w.run(ctx, func(some response.Rows) error {
		for _, r := range some.List {
			entries = append(entries, r.Entry)
		}
		s.Progress.items(len(some.List))
		return nil
	})
	if err == nil || errors.Is(err, cause.Budget) {
		if failed := pageEnd(place); failed != nil {
			return failed
		}
	}
	return err
}

// sweep is the walk of a Sweep.
func (e *Entity) sweep(s *Settings) (*walk, error) {
	if s.Segments > 1 || s.Limited || len(s.Filters) > 0 || s.Unexpired {
		return nil, errors.New("guards are checked in one segment, and all of them: Segments, Limit, Filter and " +
			"Unexpired do not fit")
	}
	w, err := e.newWalk(&e.Table, s)
	if err != nil {
		return nil, err
	}
	var wanted []expression.ConditionBuilder
	if e.Typed() {
		name := expression.NameNoDotSplit(e.Schema.EntityType)
		wanted = append(wanted, e.OwnType().Or(name.Equal(expression.Value(entity.GuardType))))
	}
	filter, err := e.FilterOfAll(&e.Table, false, wanted)
	if err != nil {
		return nil, err
	}
	w.all, w.filtered = true, filter.Text != nil
	w.binding = e.BoundTo("guards", &e.Table, &request.KeyCondition{}, false, filter)
	w.fetch = e.scanFetch(filter, &Form{}, s, 0, 1)
	w.start, err = e.startOf(&e.Table, w.binding, s)
	return w, err
}

// Raw reads the items of keys as they are stored, nil where there is none.
func (e *Entity) Raw(ctx context.Context, keys []attr.Item, s *Settings) ([]attr.Item, error) {
	rows, err := e.getBatch(ctx, keys, &Form{}, s, nil)
	items := make([]attr.Item, len(rows))
	for i, r := range rows {
		items[i] = r.Item
	}
	return items, err
}

// AtOnce reads the items of keys as they are stored at one moment, nil where there is none. A read that was cancelled
// in passing is sent again.
func (e *Entity) AtOnce(ctx context.Context, keys []attr.Item, retries int, s *Settings) ([]attr.Item, error) {
	in := &dynamodb.TransactGetItemsInput{ReturnConsumedCapacity: s.Report()}
	for _, key := range keys {
		in.TransactItems = append(in.TransactItems,
			types.TransactGetItem{Get: &types.Get{TableName: &e.Schema.Name, Key: e.KeyOf(key)}})
	}
	var out *dynamodb.TransactGetItemsOutput
	again := call.TransactSettings{Retries: retries}
	err := again.Repeatedly(ctx, func() (err error) {
		out, err = e.via(s).TransactGetItems(ctx, in, s.SDK...)
		if err != nil {
			return call.Cancelled(err, nil, len(keys), func(_ int, reason types.CancellationReason) *cause.Failure {
				return cause.Fail(call.CancelledFor(*reason.Code))
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out.ConsumedCapacity {
		s.Spending().AddUnpaced(&out.ConsumedCapacity[i])
	}
	if len(out.Responses) != len(keys) {
		return nil, errors.New("the service answered to another number of reads")
	}
	items := make([]attr.Item, len(keys))
	for i := range items {
		items[i] = out.Responses[i].Item
	}
	return items, nil
}
