package read

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/response"
)

// A fetch sends one Query or Scan that starts behind an item's key, or at the start if that is nil. limit is the most
// items to evaluate, 0 for a full page.
//
// spare is a page that is done with, or nil.
type fetch func(ctx context.Context, start attr.Item, limit *int32, spare *response.Page) (fetched, error)

// fetched is one response.
type fetched struct {
	items     []attr.Item
	last      attr.Item // nil at the end
	consumed  *types.ConsumedCapacity
	evaluated int            // items read, before the filter
	page      *response.Page // the items, but for those that it left; nil without the fast path
}

// A source gives the items of one call, in the order in which the caller sees them.
type source interface {
	// give gives items, some at a time, until the end, the limit, the budget (then err is cause.Budget) or an error of
	// each or of the service. next is the cursor to go on with.
	give(ctx context.Context, each func(response.Rows) error) (next string, err error)
	// behind is the cursor behind the item given last.
	behind(response.Row) (string, error)
}

// walk is one read over many responses, in one direction, of one segment or one partition.
type walk struct {
	*Entity
	space    *entity.Space
	fetch    fetch
	all      bool // items of all types, not of this one alone
	filtered bool // the service may leave out items it evaluated
	hydrate  func(context.Context, []response.Row) ([]response.Row, error)
	limit    int            // items to give; 0 for no limit
	ahead    int            // items to ask for behind the limit, to know whether there are any: 1 or 0
	onePage  bool           // without a limit: end with the first response that has items
	budget   float64        // units to spend; 0 for no bound
	spending *call.Spending // of the whole call
	start    attr.Item
	binding  []byte // of its cursors
	resume   *string
	progress *Progress
	spare    *response.Page      // one that is done with, whose memory can be used again; nil for none
	returned chan *response.Page // the same, of a read that gives its pages to another goroutine
	counts   pageCounts
	pageEnd  func(next attr.Item) error // after a page's items, when there may be more
}

func (e *Entity) newWalk(space *entity.Space, s *Settings) (*walk, error) {
	if s.Limited && s.Limit <= 0 {
		return nil, fmt.Errorf("Limit must be positive, it is %d", s.Limit)
	}
	if s.Budgeted && !(s.Budget > 0) {
		return nil, errors.New("Budget must be positive")
	}
	if s.Resume != nil && s.After != "" {
		return nil, errors.New("StartAfter and Resume exclude each other")
	}
	if s.Lookahead && (!s.onePage || !s.Limited) {
		return nil, errors.New("Lookahead is for QueryPage and ScanPage with a Limit, to know whether more is left")
	}
	if err := s.CheckPace(); err != nil {
		return nil, err
	}
	w := &walk{
		Entity: e, space: space, limit: s.Limit, onePage: s.onePage, budget: s.Budget, spending: s.Spend(),
		resume: s.Resume, progress: s.Progress,
	}
	if s.Lookahead {
		w.ahead = 1
	}
	return w, nil
}

// respond reads one response and gives its items of this type.
func (w *walk) respond(ctx context.Context, ask int) (response.Rows, error) {
	reserved, most, err := w.spending.Pacer.Wait(ctx)
	if err != nil {
		return response.Rows{}, err
	}
	if most > 0 && (ask <= 0 || most < ask) {
		ask = most
	}
	var limit *int32
	if ask > 0 {
		n := int32(min(ask, math.MaxInt32))
		limit = &n
	}
	spare := w.spare
	w.spare = nil
	select {
	case spare = <-w.returned:
	default:
	}
	out, err := w.fetch(ctx, w.start, limit, spare)
	if err != nil {
		w.spending.Pacer.Refund(reserved)
		return response.Rows{}, err
	}
	w.spending.Pacer.Settle(reserved, out.consumed, out.evaluated)
	w.counts.add(&out)
	w.spending.Add(out.consumed)
	w.start = out.last
	if out.page != nil && out.page.Left == 0 {
		return response.Rows{Page: out.page, To: len(out.page.Items)}, nil
	}
	all := out.page.Rows(out.items)
	list := all[:0]
	for _, r := range all {
		if r.Page != nil || w.all || w.Mine(r.Item) {
			list = append(list, r)
		}
	}
	if w.hydrate != nil && len(list) > 0 {
		list, err = w.hydrate(ctx, list)
	}
	return response.Rows{List: list}, err
}

// run gives this type's items, those of a response at a time, until the end, the limit, the budget (then err is
// cause.Budget) or an error of each or of the service. next is the key to go on behind, nil at the end.
//
// With a filter the service's own limit counts items that the caller never sees, so each further request asks for twice
// as many: few requests for a filter that keeps little, little waste for one that keeps much.
//
// With a look ahead it goes on at the limit until it knows whether there is an item behind it.
func (w *walk) run(ctx context.Context, each func(response.Rows) error) (next attr.Item, err error) {
	left, ask := w.limit, w.limit+w.ahead
	var full attr.Item // the place behind the item that met the limit
	for round := 1; ; round++ {
		some, err := w.respond(ctx, ask)
		if err != nil {
			return nil, err
		}
		if full != nil && some.Len() > 0 {
			return full, nil
		}
		cut := w.limit > 0 && some.Len() > left
		if cut {
			some = some.First(left)
		}
		n := some.Len()
		var last response.Row
		if cut {
			last = some.At(n - 1)
		} else if w.ahead > 0 && n > 0 && n == left {
			if full, err = w.placeOf(some.At(n - 1)); err != nil {
				return nil, err
			}
		}
		if n > 0 {
			if err := each(some); err != nil {
				return nil, err
			}
			if w.returned == nil {
				w.spare = some.Page
			}
		}
		left -= n
		switch {
		case cut:
			return w.placeOf(last)
		case len(w.start) == 0:
			return nil, nil
		case w.limit > 0 && left == 0 && full == nil, w.limit == 0 && w.onePage && n > 0:
			return w.start, nil
		case w.budget > 0 && w.spending.Sum() >= w.budget:
			if full != nil {
				return full, cause.Budget
			}
			return w.start, cause.Budget
		}
		if w.pageEnd != nil {
			if err := w.pageEnd(w.start); err != nil {
				return nil, err
			}
		}
		if ask = left + w.ahead; w.filtered {
			ask <<= min(round, 16)
		}
	}
}

// give is run with cursors, and keeps that of Resume at the end of each response; that of one page, whose items the
// caller has all or none of, at its end.
func (w *walk) give(ctx context.Context, each func(response.Rows) error) (next string, err error) {
	switch {
	case w.onePage && w.progress != nil:
		w.pageEnd = func(attr.Item) error { w.progress.page(w.counts.taken(), false); return nil }
	case w.onePage:
	case w.resume != nil || w.progress != nil:
		w.pageEnd = func(place attr.Item) error { w.endPage(place); return nil }
	}
	place, err := w.run(ctx, each)
	if err != nil && !errors.Is(err, cause.Budget) {
		return "", err
	}
	return w.endPage(place), err
}

// endPage gives the cursor behind a page, after its items.
func (w *walk) endPage(place attr.Item) string {
	next := w.cursor(w.binding, place)
	if w.resume != nil {
		*w.resume = next
	}
	w.progress.page(w.counts.taken(), next == "")
	return next
}

func (w *walk) behind(r response.Row) (string, error) {
	place, err := w.placeOf(r)
	if err != nil {
		return "", err
	}
	return w.cursor(w.binding, place), nil
}

// placeOf is the place of a row of this walk.
func (w *walk) placeOf(r response.Row) (attr.Item, error) {
	if r.Entry != nil {
		return w.place(w.space, r.Entry)
	}
	entry, err := r.Page.Attributes(r.At)
	if err != nil {
		return nil, err
	}
	return w.place(w.space, entry)
}
