package monotable

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/response"
	"github.com/monotable/monotable/internal/size"
)

// Scan yields all items of this entity type in the table, sending Scan requests as the caller iterates; a break ends
// it. It reads, and pays for, every item of the table, those of other types included. With Segments(n) it sends n
// requests at a time; the goroutines for that end before the iteration does. At most one error is yielded, and it is
// the last.
func (t *Table[T]) Scan(ctx context.Context, options ...ScanOption) iter.Seq2[T, error] {
	r := t.of
	return yielding[T](func(each func(any) bool) error { return r.scan(ctx, scanSettings(options), each) })
}

// Scan is Table.Scan, of the attributes that V has.
func (v *View[V, T]) Scan(ctx context.Context, options ...ScanOption) iter.Seq2[V, error] {
	r := v.of
	return yielding[V](func(each func(any) bool) error { return r.scan(ctx, scanSettings(options), each) })
}

func (r *reader) scan(ctx context.Context, s *settings, each func(any) bool) error {
	sc, err := r.newScan(s)
	if err != nil {
		return r.fail("Scan", err)
	}
	if sc.segments == 1 {
		return r.iterate(ctx, "Scan", sc.walks[0], s, r.pointers(), each)
	}
	if err := r.scanParallel(ctx, sc, s, each); err != nil {
		return r.fail("Scan", err)
	}
	return nil
}

// ScanPage is Scan for one page: with Limit that many items unless the table ends before, otherwise what one response
// holds (up to 1 MB read). It sends as many Scan requests as it needs for at least one item. Next is "" at the end. It
// takes no Segments.
func (t *Table[T]) ScanPage(ctx context.Context, options ...ScanOption) (p Page[T], err error) {
	p.Next, err = t.of.scanPage(ctx, scanSettings(options), reflect.ValueOf(&p.Items).Elem())
	return p, err
}

// ScanPage is Table.ScanPage, of the attributes that V has.
func (v *View[V, T]) ScanPage(ctx context.Context, options ...ScanOption) (p Page[V], err error) {
	p.Next, err = v.of.scanPage(ctx, scanSettings(options), reflect.ValueOf(&p.Items).Elem())
	return p, err
}

func (r *reader) scanPage(ctx context.Context, s *settings, items reflect.Value) (Cursor, error) {
	if s.segments > 1 {
		return "", r.fail("ScanPage", errors.New("a page is read in one segment: use Scan for several"))
	}
	s.onePage = true
	sc, err := r.newScan(s)
	if err != nil {
		return "", r.fail("ScanPage", err)
	}
	return r.page(ctx, "ScanPage", sc.walks[0], s, items)
}

func scanSettings(options []ScanOption) *settings {
	return given(options, new(settings), ScanOption.scan)
}

// scan is a Scan ready to be sent: one walk for each segment that is not at its end yet.
type scan struct {
	segments int
	walks    []*walk
	ended    []bool // by segment: it was at its end when the cursor was made
	binding  []byte
}

func (r *reader) newScan(s *settings) (*scan, error) {
	if r.core == nil {
		return nil, errNotMade
	}
	if s.segmented && s.segments < 1 || s.segments > size.MaxSegments {
		return nil, fmt.Errorf("Segments must be 1 to %d, it is %d", size.MaxSegments, s.segments)
	}
	sc := &scan{segments: max(s.segments, 1)}
	f, err := r.FilterOf(&r.Table, s.unexpired, s.filters)
	if err != nil {
		return nil, err
	}
	sc.binding = r.BoundTo("scan "+strconv.Itoa(sc.segments), &r.Table, &request.KeyCondition{}, false, f)
	for i := range sc.segments {
		w, err := r.newWalk(&r.Table, s)
		if err != nil {
			return nil, err
		}
		w.filtered, w.binding = f.Text != nil, sc.binding
		w.fetch = r.scanFetch(f, r.read, s, i, sc.segments)
		sc.walks = append(sc.walks, w)
	}
	sc.ended = make([]bool, sc.segments)
	if err := r.resumeScan(sc, s); err != nil {
		return nil, err
	}
	ended := 0
	for _, end := range sc.ended {
		if end {
			ended++
		}
	}
	s.progress.begin(sc.segments, ended)
	return sc, nil
}

func (e *core) scanFetch(f *request.Built, read *reading, s *settings, segment, of int) fetch {
	in := dynamodb.ScanInput{
		TableName: &e.Schema.Name, FilterExpression: f.Text,
		ExpressionAttributeNames: f.Names, ExpressionAttributeValues: f.Values, ReturnConsumedCapacity: s.report(),
	}
	if s.consistent {
		in.ConsistentRead = &s.consistent
	}
	if of > 1 {
		n, m := int32(segment), int32(of)
		in.Segment, in.TotalSegments = &n, &m
	}
	if read.partial != nil {
		text, names := entity.Projection(e.projected(&e.Table, read.partial))
		in.ProjectionExpression, in.ExpressionAttributeNames = text, merged(f.Names, names)
	}
	return func(ctx context.Context, start attributes, limit *int32, spare *response.Page) (fetched, error) {
		request := in
		request.ExclusiveStartKey, request.Limit = start, limit
		call := read.wire.Paged(s.limited || s.resume != nil, spare)
		out, err := e.db.via(s).Scan(ctx, &request, call.Options(s.sdk)...)
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

// resumeScan puts each segment where the options' cursor says.
func (e *core) resumeScan(sc *scan, s *settings) error {
	if sc.segments == 1 {
		var err error
		sc.walks[0].start, err = e.startOf(&e.Table, sc.binding, s)
		return err
	}
	if s.limited {
		return errors.New("Limit takes one segment: with several, break when there are enough")
	}
	places, ended, err := e.resumeMany(&e.Table, sc.binding, sc.segments, s)
	if err != nil {
		return err
	}
	sc.ended = ended
	for i, w := range sc.walks {
		w.start = places[i]
	}
	return nil
}

// scanned is what a response gave of a segment on its way to the caller, or the segment's end with its last place or
// error.
type scanned struct {
	segment int
	values  reflect.Value  // a slice of the reader's type; invalid for none
	places  []attributes   // behind each of them, if somebody keeps a cursor
	page    *response.Page // whose values they are, to be given back
	err     error          // of the value behind them
	more    bool           // the end of a response's items, and not of the segment
	ended   bool
	place   attributes // behind the response, or where the segment ended
	counts  pageCounts // of the response, or of the segment's last
}

// scanParallel runs every segment in a goroutine of its own, which decodes while others wait for their responses, and
// gives the caller what they find. A segment is at most three responses ahead of the caller. All goroutines have ended
// when it returns.
func (r *reader) scanParallel(ctx context.Context, sc *scan, s *settings, each func(any) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	running := call.Crew{Stop: cancel}
	defer running.Wait()
	defer cancel()
	p := &parallelScan{reader: r, scan: sc, s: s, found: make(chan scanned), places: make([]attributes, sc.segments)}
	for i := range sc.walks {
		if p.places[i] = sc.walks[i].start; !sc.ended[i] {
			p.left++
			p.start(ctx, &running, i)
		}
	}
	for p.left > 0 {
		var x scanned
		select {
		case x = <-p.found:
		case <-ctx.Done():
			return ctx.Err()
		}
		if more, err := p.take(x, each); err != nil || !more {
			return err
		}
	}
	return p.failed
}

// parallelScan is what the segments of one scan have come to.
type parallelScan struct {
	*reader
	*scan
	s      *settings
	found  chan scanned
	places []attributes // by segment: behind what was given to the caller
	left   int          // segments that are under way
	failed error        // the budget's end
}

// start walks a segment, which tells of each response.
func (p *parallelScan) start(ctx context.Context, running *call.Crew, segment int) {
	w := p.walks[segment]
	send := func(x scanned) error {
		x.segment = segment
		select {
		case p.found <- x:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	w.returned = make(chan *response.Page, 3)
	if p.s.resume != nil || p.s.progress != nil {
		w.pageEnd = func(next attributes) error {
			return send(scanned{more: true, place: next, counts: w.counts.taken()})
		}
	}
	running.Go(func() {
		next, err := w.run(ctx, func(some response.Rows) error {
			x := p.decodeAll(w, some, p.s.resume != nil)
			if err := send(x); err != nil {
				return err
			}
			return x.err
		})
		_ = send(scanned{ended: true, place: next, counts: w.counts.taken(), err: err})
	})
}

// take gives on what a segment tells; more is false when the caller stopped.
func (p *parallelScan) take(x scanned, each func(any) bool) (more bool, err error) {
	switch {
	case x.ended:
		p.left--
		switch {
		case x.err == nil:
			p.ended[x.segment] = true
		case errors.Is(x.err, ErrBudget):
			p.places[x.segment], p.failed = x.place, x.err
		default:
			return false, x.err
		}
		p.keep()
		p.s.progress.page(x.counts, x.err == nil)
		return true, nil
	case x.more:
		p.places[x.segment] = x.place
		p.keep()
		p.s.progress.page(x.counts, false)
		return true, nil
	}
	for i := range x.values.Len() {
		if p.s.resume != nil {
			p.places[x.segment] = x.places[i]
			p.keep()
		}
		p.s.progress.items(1)
		if !each(x.values.Index(i).Addr().Interface()) {
			return false, nil
		}
	}
	if x.page != nil {
		select {
		case p.walks[x.segment].returned <- x.page:
		default:
		}
	}
	return true, nil
}

// keep sets the caller's cursor to where the scan stands.
func (p *parallelScan) keep() {
	if p.s.resume == nil {
		return
	}
	*p.s.resume = ""
	if p.left > 0 || p.failed != nil {
		*p.s.resume = Cursor(p.db.cursors.Many(p.binding, p.places, p.ended))
	}
}

// decodeAll makes a response's rows values, up to the first that is no value of the reader's type, and finds their
// places if they are wanted.
func (r *reader) decodeAll(w *walk, some response.Rows, wantPlaces bool) (x scanned) {
	x.page = some.Page
	n := some.Len()
	if x.values = some.Values(); !x.values.IsValid() {
		x.values = reflect.MakeSlice(reflect.SliceOf(r.read.typ), n, n)
		for i := range n {
			of := some.At(i)
			if of.Page != nil {
				x.values.Index(i).Set(of.Page.Value(of.At))
			} else if x.err = r.Decode(r.read.plan, of.Item, x.values.Index(i)); x.err != nil {
				x.values = x.values.Slice(0, i)
				break
			}
		}
	}
	if !wantPlaces {
		return x
	}
	x.places = make([]attributes, x.values.Len())
	for i := range x.places {
		var err error
		if x.places[i], err = w.placeOf(some.At(i)); err != nil {
			x.places, x.values, x.err = x.places[:i], x.values.Slice(0, i), err
			break
		}
	}
	return x
}
