package monotable

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/response"
)

// Page is a part of a query or a scan.
type Page[T any] struct {
	Items []T    // never nil in a page without an error
	Next  Cursor // "" is the end; a Limit that the last item of all meets may give a cursor to an empty page
}

type attributes = map[string]types.AttributeValue

// A fetch sends one Query or Scan that starts behind an item's key, or at the start if that is nil. limit is the most
// items to evaluate, 0 for a full page.
//
// spare is a page that is done with, or nil.
type fetch func(ctx context.Context, start attributes, limit *int32, spare *response.Page) (fetched, error)

// fetched is one response.
type fetched struct {
	items     []attributes
	last      attributes // nil at the end
	consumed  *types.ConsumedCapacity
	evaluated int            // items read, before the filter
	page      *response.Page // the items, but for those that it left; nil without the fast path
}

// A source gives the items of one call, in the order in which the caller sees them.
type source interface {
	// give gives items, some at a time, until the end, the limit, the budget (then err is ErrBudget) or an error of
	// each or of the service. next is the cursor to go on with.
	give(ctx context.Context, each func(response.Rows) error) (next Cursor, err error)
	// behind is the cursor behind the item given last.
	behind(response.Row) (Cursor, error)
}

// walk is one read over many responses, in one direction, of one segment or one partition.
type walk struct {
	*core
	space    *entity.Space
	fetch    fetch
	all      bool // items of all types, not of this one alone
	filtered bool // the service may leave out items it evaluated
	hydrate  func(context.Context, []response.Row) ([]response.Row, error)
	limit    int       // items to give; 0 for no limit
	onePage  bool      // without a limit: end with the first response that has items
	budget   float64   // units to spend; 0 for no bound
	spending *spending // of the whole call
	start    attributes
	binding  []byte // of its cursors
	resume   *Cursor
	progress *progress
	spare    *response.Page      // one that is done with, whose memory can be used again; nil for none
	returned chan *response.Page // the same, of a read that gives its pages to another goroutine
	counts   pageCounts
	pageEnd  func(next attributes) error // after a page's items, when there may be more
}

func (e *core) newWalk(space *entity.Space, s *settings) (*walk, error) {
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
		s.spending = &spending{pacer: call.NewPacer(s.pace, s.paced)}
	}
	s.entity = e.Name
	return &walk{
		core: e, space: space, limit: s.limit, onePage: s.onePage, budget: s.budget, spending: s.spending,
		resume: s.resume, progress: s.progress,
	}, nil
}

// spending sums the units of one call's requests, which may run in parallel.
type spending struct {
	mu    sync.Mutex
	units float64
	pacer *call.Pacer // nil unless Pace is given
}

func (s *spending) add(c *types.ConsumedCapacity) {
	if s == nil || c == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units += aws.ToFloat64(c.CapacityUnits)
}

// addUnpaced is add for a request that did not wait for its turn: those behind it wait the longer.
func (s *spending) addUnpaced(c *types.ConsumedCapacity) {
	s.add(c)
	if s != nil {
		s.pacer.Charge(c)
	}
}

func (s *spending) sum() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.units
}

// respond reads one response and gives its items of this type.
func (w *walk) respond(ctx context.Context, ask int) (response.Rows, error) {
	reserved, most, err := w.spending.pacer.Wait(ctx)
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
		w.spending.pacer.Refund(reserved)
		return response.Rows{}, err
	}
	w.spending.pacer.Settle(reserved, out.consumed, out.evaluated)
	w.counts.add(&out)
	w.spending.add(out.consumed)
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
// ErrBudget) or an error of each or of the service. next is the key to go on behind, nil at the end.
//
// With a filter the service's own limit counts items that the caller never sees, so each further request asks for twice
// as many: few requests for a filter that keeps little, little waste for one that keeps much.
func (w *walk) run(ctx context.Context, each func(response.Rows) error) (next attributes, err error) {
	left, ask := w.limit, w.limit
	for round := 1; ; round++ {
		some, err := w.respond(ctx, ask)
		if err != nil {
			return nil, err
		}
		cut := w.limit > 0 && some.Len() > left
		if cut {
			some = some.First(left)
		}
		n := some.Len()
		var last response.Row
		if cut {
			last = some.At(n - 1)
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
		case w.limit > 0 && left == 0, w.limit == 0 && w.onePage && n > 0:
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
func (w *walk) give(ctx context.Context, each func(response.Rows) error) (next Cursor, err error) {
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

func (w *walk) behind(r response.Row) (Cursor, error) {
	place, err := w.placeOf(r)
	if err != nil {
		return "", err
	}
	return w.db.cursor(w.binding, place), nil
}

// place is the key by which the service starts behind an entry: the table's key and the index's.
func (e *core) place(space *entity.Space, entry attributes) (attributes, error) {
	place := make(attributes, 4)
	for _, parts := range [][]entity.Part{e.Table.Partition, e.Table.Sort, space.Partition, space.Sort} {
		for i := range parts {
			v, ok := entry[parts[i].Name]
			if !ok {
				return nil, fmt.Errorf("an item came without its key attribute %s", parts[i].Name)
			}
			place[parts[i].Name] = v
		}
	}
	return place, nil
}

// placeOf is the place of a row of this walk.
func (w *walk) placeOf(r response.Row) (attributes, error) {
	if r.Entry != nil {
		return w.place(w.space, r.Entry)
	}
	entry, err := r.Page.Attributes(r.At)
	if err != nil {
		return nil, err
	}
	return w.place(w.space, entry)
}

// pointers makes rows of this type values of the reader's type, and gives a pointer to each. What it points to is the
// caller's until the next.
func (r *reader) pointers() func(response.Row) (any, error) {
	var box reflect.Value
	return func(of response.Row) (any, error) {
		if of.Page != nil {
			return of.Page.Pointer(of.At), nil
		}
		if !box.IsValid() {
			box = reflect.New(r.read.typ)
		} else {
			box.Elem().SetZero()
		}
		err := r.Decode(r.read.plan, of.Item, box.Elem())
		return box.Interface(), err
	}
}

// newValue makes a row of this type a value of the reader's type, and returns a pointer to it.
func (r *reader) newValue(of response.Row) (reflect.Value, error) {
	if of.Page == nil {
		v := reflect.New(r.read.typ)
		return v, r.Decode(r.read.plan, of.Item, v.Elem())
	}
	v := of.Page.Value(of.At)
	if !r.db.fast.OwnMemory {
		return v.Addr(), nil
	}
	own := reflect.New(r.read.typ)
	own.Elem().Set(v)
	return own, nil
}

// iterate gives a read's items one by one as value makes them, and keeps the caller's cursor, until each wants no more.
func (e *core) iterate(ctx context.Context, op string, from source, s *settings, value func(response.Row) (any, error),
	each func(any) bool) error {
	_, err := from.give(ctx, func(some response.Rows) error {
		for i := range some.Len() {
			r := some.At(i)
			item, err := value(r)
			if err != nil {
				return err
			}
			s.progress.items(1)
			if s.resume != nil {
				if *s.resume, err = from.behind(r); err != nil {
					return err
				}
			}
			if !each(item) {
				return errStop
			}
		}
		return nil
	})
	if err != nil && err != errStop {
		return e.fail(op, err)
	}
	return nil
}

// page gathers a read's items in items, a slice of the reader's type. It is empty rather than nil unless there is an
// error other than ErrBudget.
func (r *reader) page(ctx context.Context, op string, from source, s *settings, items reflect.Value) (Cursor, error) {
	pointer := r.pointers()
	items.Set(reflect.MakeSlice(items.Type(), 0, 0)) // an empty list in JSON too
	next, err := from.give(ctx, func(some response.Rows) error {
		if items.Len() == 0 {
			if values := some.Take(); values.IsValid() {
				items.Set(values)
				s.progress.items(values.Len())
				return nil
			}
		}
		n := items.Len()
		items.Grow(some.Len())
		for i := range some.Len() {
			item, err := pointer(some.At(i))
			if err != nil {
				return err
			}
			items.SetLen(n + 1)
			items.Index(n).Set(reflect.ValueOf(item).Elem())
			s.progress.items(1)
			n++
		}
		return nil
	})
	if err != nil && !errors.Is(err, ErrBudget) {
		items.SetZero()
		return "", r.fail(op, err)
	}
	if err != nil {
		err = r.fail(op, err)
	}
	return next, err
}
