package monotable

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Page is a part of a query or a scan.
type Page[T any] struct {
	Items []T    // never nil in a page without an error
	Next  Cursor // "" is the end; a Limit that the last item of all meets may give a cursor to an empty page
}

type attributes = map[string]types.AttributeValue

// A fetch sends one Query or Scan that starts behind an item's key, or at the start if that is nil. limit is the most items to
// evaluate, 0 for a full page.
type fetch func(ctx context.Context, start attributes, limit *int32) (fetched, error)

// fetched is one response.
type fetched struct {
	items     []attributes
	last      attributes // nil at the end
	consumed  *types.ConsumedCapacity
	evaluated int       // items read, before the filter
	page      *wirePage // the items, but for those that it left; nil without the fast path
}

// row is one item read: the entry as the table or index gave it, and the whole item where that was read as well; or neither,
// and its place in a page that is decoded already.
type row struct {
	entry, item attributes
	page        *wirePage
	at          int
}

// A source gives the items of one call, in the order in which the caller sees them.
type source interface {
	// give gives items one by one until the end, the limit, the budget (then err is ErrBudget) or an error of each or of the
	// service. next is the cursor to go on with.
	give(ctx context.Context, each func(row) error) (next Cursor, err error)
	// behind is the cursor behind the item given last.
	behind(row) (Cursor, error)
}

// walk is one read over many responses, in one direction, of one segment or one partition.
type walk struct {
	*entity
	space    *keySpace
	fetch    fetch
	all      bool // items of all types, not of this one alone
	filtered bool // the service may leave out items it evaluated
	hydrate  func(context.Context, []row) ([]row, error)
	limit    int       // items to give; 0 for no limit
	onePage  bool      // without a limit: end with the first response that has items
	budget   float64   // units to spend; 0 for no bound
	spending *spending // of the whole call
	start    attributes
	binding  []byte // of its cursors
	resume   *Cursor
	progress *progress
	rows     []row // of the response before, whose memory is used again
	counts   pageCounts
	pageEnd  func(next attributes) error // after a page's items, when there may be more
}

func (e *entity) newWalk(space *keySpace, s *settings) (*walk, error) {
	if s.limited && s.limit <= 0 {
		return nil, fmt.Errorf("Limit must be positive, it is %d", s.limit)
	}
	if s.budgeted && !(s.budget > 0) {
		return nil, errors.New("Budget must be positive")
	}
	if s.resume != nil && s.after != "" {
		return nil, errors.New("After and Resume exclude each other")
	}
	if s.paced && !(s.pace > 0 && s.pace <= math.MaxFloat64) {
		return nil, errors.New("Pace must be positive")
	}
	if s.spending == nil {
		s.spending = &spending{pacer: newPacer(s)}
	}
	s.entity = e.name
	return &walk{
		entity: e, space: space, limit: s.limit, onePage: s.onePage, budget: s.budget, spending: s.spending,
		resume: s.resume, progress: s.progress,
	}, nil
}

// spending sums the units of one call's requests, which may run in parallel.
type spending struct {
	mu    sync.Mutex
	units float64
	pacer *pacer // nil unless Pace is given
}

func (s *spending) add(c *types.ConsumedCapacity) {
	if s == nil || c == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units += deref(c.CapacityUnits)
}

// addUnpaced is add for a request that did not wait for its turn: those behind it wait the longer.
func (s *spending) addUnpaced(c *types.ConsumedCapacity) {
	s.add(c)
	if s != nil {
		s.pacer.charge(c)
	}
}

func (s *spending) sum() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.units
}

// respond reads one response and gives its items of this type.
func (w *walk) respond(ctx context.Context, ask int) ([]row, error) {
	reserved, most, err := w.spending.pacer.wait(ctx)
	if err != nil {
		return nil, err
	}
	if most > 0 && (ask <= 0 || most < ask) {
		ask = most
	}
	var limit *int32
	if ask > 0 {
		n := int32(min(ask, math.MaxInt32))
		limit = &n
	}
	out, err := w.fetch(ctx, w.start, limit)
	if err != nil {
		w.spending.pacer.settle(reserved, nil)
		return nil, err
	}
	w.spending.pacer.settle(reserved, &out)
	w.counts.add(&out)
	w.spending.add(out.consumed)
	w.start = out.last
	all := out.page.rows(w.rows[:0], out.items)
	rows := all[:0]
	if out.page != nil {
		w.rows = all
	}
	for _, r := range all {
		if r.page != nil || w.all || w.mine(r.item) {
			rows = append(rows, r)
		}
	}
	if w.hydrate != nil && len(rows) > 0 {
		return w.hydrate(ctx, rows)
	}
	return rows, nil
}

// run gives this type's items, one by one, until the end, the limit, the budget (then err is ErrBudget) or an error of each or
// of the service. next is the key to go on behind, nil at the end.
//
// With a filter the service's own limit counts items that the caller never sees, so each further request asks for twice as
// many: few requests for a filter that keeps little, little waste for one that keeps much.
func (w *walk) run(ctx context.Context, each func(row) error) (next attributes, err error) {
	left, ask := w.limit, w.limit
	for round := 1; ; round++ {
		rows, err := w.respond(ctx, ask)
		if err != nil {
			return nil, err
		}
		cut := w.limit > 0 && len(rows) > left
		if cut {
			rows = rows[:left]
		}
		for _, r := range rows {
			if err := each(r); err != nil {
				return nil, err
			}
		}
		left -= len(rows)
		switch {
		case cut:
			return w.placeOf(rows[len(rows)-1])
		case len(w.start) == 0:
			return nil, nil
		case w.limit > 0 && left == 0, w.limit == 0 && w.onePage && len(rows) > 0:
			return w.start, nil
		case w.budget > 0 && w.spending.sum() >= w.budget:
			return w.start, ErrBudget
		}
		if w.pageEnd != nil {
			if err := w.pageEnd(w.start); err != nil {
				return nil, err
			}
		}
		if ask = left; w.filtered {
			ask = left << min(round, 16)
		}
	}
}

// give is run with cursors, and keeps that of Resume at the end of each page.
func (w *walk) give(ctx context.Context, each func(row) error) (next Cursor, err error) {
	if w.resume != nil || w.progress != nil {
		w.pageEnd = func(place attributes) error { w.endPage(place); return nil }
	}
	place, err := w.run(ctx, each)
	if err != nil && !errors.Is(err, ErrBudget) {
		return "", err
	}
	return w.endPage(place), err
}

// endPage gives the cursor behind a page, after its items.
func (w *walk) endPage(place attributes) Cursor {
	next := w.db.cursor(w.binding, place)
	if w.resume != nil {
		*w.resume = next
	}
	w.progress.page(w.counts.taken(), next == "")
	return next
}

func (w *walk) behind(r row) (Cursor, error) {
	place, err := w.placeOf(r)
	if err != nil {
		return "", err
	}
	return w.db.cursor(w.binding, place), nil
}

// place is the key by which the service starts behind an entry: the table's key and the index's.
func (e *entity) place(space *keySpace, entry attributes) (attributes, error) {
	place := make(attributes, 4)
	for _, parts := range [][]keyPart{e.table.partition, e.table.sort, space.partition, space.sort} {
		for i := range parts {
			v, ok := entry[parts[i].name]
			if !ok {
				return nil, fmt.Errorf("an item came without its key attribute %s", parts[i].name)
			}
			place[parts[i].name] = v
		}
	}
	return place, nil
}

// placeOf is the place of a row of this walk.
func (w *walk) placeOf(r row) (attributes, error) {
	if r.page == nil {
		return w.place(w.space, r.entry)
	}
	entry, err := r.page.attributes(r.at)
	if err != nil {
		return nil, err
	}
	return w.place(w.space, entry)
}

// decodedRow is a row of this type as a V.
func decodedRow[V any](e *entity, read *reading, r row) (V, error) {
	if r.page != nil {
		return valueOf[V](r.page, r.at), nil
	}
	return decoded[V](e, read, r.item)
}

// decoded is an item of this type as a V.
func decoded[V any](e *entity, read *reading, item attributes) (v V, err error) {
	err = e.decode(read, item, reflect.ValueOf(&v).Elem())
	return v, err
}
