package read

import (
	"context"
	"errors"
	"reflect"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/response"
)

// scanned is what a response gave of a segment on its way to the caller, or the segment's end with its last place or
// error.
type scanned struct {
	segment int
	values  reflect.Value  // a slice of the reader's type; invalid for none
	places  []attr.Item    // behind each of them, if somebody keeps a cursor
	page    *response.Page // whose values they are, to be given back
	err     error          // of the value behind them
	more    bool           // the end of a response's items, and not of the segment
	ended   bool
	place   attr.Item  // behind the response, or where the segment ended
	counts  pageCounts // of the response, or of the segment's last
}

// scanParallel runs every segment in a goroutine of its own, which decodes while others wait for their responses, and
// gives the caller what they find. A segment is at most three responses ahead of the caller. All goroutines have ended
// when it returns.
func (r *Reader) scanParallel(ctx context.Context, sc *scan, s *Settings, each func(any) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	running := call.Crew{Stop: cancel}
	defer running.Wait()
	defer cancel()
	p := &parallelScan{Reader: r, scan: sc, s: s, found: make(chan scanned), places: make([]attr.Item, sc.segments)}
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
	*Reader
	*scan
	s      *Settings
	found  chan scanned
	places []attr.Item // by segment: behind what was given to the caller
	left   int         // segments that are under way
	failed error       // the budget's end
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
	if p.s.Resume != nil || p.s.Progress != nil {
		w.pageEnd = func(next attr.Item) error {
			return send(scanned{more: true, place: next, counts: w.counts.taken()})
		}
	}
	running.Go(func() {
		next, err := w.run(ctx, func(some response.Rows) error {
			x := p.decodeAll(w, some, p.s.Resume != nil)
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
		case errors.Is(x.err, cause.Budget):
			p.places[x.segment], p.failed = x.place, x.err
		default:
			return false, x.err
		}
		p.keep()
		p.s.Progress.page(x.counts, x.err == nil)
		return true, nil
	case x.more:
		p.places[x.segment] = x.place
		p.keep()
		p.s.Progress.page(x.counts, false)
		return true, nil
	}
	for i := range x.values.Len() {
		if p.s.Resume != nil {
			p.places[x.segment] = x.places[i]
			p.keep()
		}
		p.s.Progress.items(1)
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
	if p.s.Resume == nil {
		return
	}
	*p.s.Resume = ""
	if p.left > 0 || p.failed != nil {
		*p.s.Resume = p.Cursors.Many(p.binding, p.places, p.ended)
	}
}

// decodeAll makes a response's rows values, up to the first that is no value of the reader's type, and finds their
// places if they are wanted.
func (r *Reader) decodeAll(w *walk, some response.Rows, wantPlaces bool) (x scanned) {
	x.page = some.Page
	n := some.Len()
	if x.values = some.Values(); !x.values.IsValid() {
		x.values = reflect.MakeSlice(reflect.SliceOf(r.Form.Type), n, n)
		for i := range n {
			of := some.At(i)
			if of.Page != nil {
				x.values.Index(i).Set(of.Page.Value(of.At))
			} else if x.err = r.Decode(r.Form.Plan, of.Item, x.values.Index(i)); x.err != nil {
				x.values = x.values.Slice(0, i)
				break
			}
		}
	}
	if !wantPlaces {
		return x
	}
	x.places = make([]attr.Item, x.values.Len())
	for i := range x.places {
		var err error
		if x.places[i], err = w.placeOf(some.At(i)); err != nil {
			x.places, x.values, x.err = x.places[:i], x.values.Slice(0, i), err
			break
		}
	}
	return x
}
