package monotable

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// maxSegments is the most segments of a parallel scan (DynamoDB API reference, Scan, TotalSegments).
const maxSegments = 1_000_000

// Scan yields all items of this entity type in the table, sending Scan requests as the caller iterates; a break ends it. It
// reads, and pays for, every item of the table, those of other types included. With Segments(n) it sends n requests at a time;
// the goroutines for that end before the iteration does. At most one error is yielded, and it is the last.
func (v view[V, K]) Scan(ctx context.Context, options ...ScanOption) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		var none V
		s := scanSettings(options)
		sc, err := v.newScan(s, v.read)
		if err != nil {
			yield(none, v.fail("Scan", err))
			return
		}
		if sc.segments == 1 {
			iterate(ctx, v.entity, "Scan", sc.walks[0], s, v.value, yield)
			return
		}
		if err := v.scanParallel(ctx, sc, s, yield); err != nil {
			yield(none, v.fail("Scan", err))
		}
	}
}

// ScanPage is Scan for one page: with Limit that many items unless the table ends before, otherwise what one response holds (up
// to 1 MB read). It sends as many Scan requests as it needs for at least one item. Next is "" at the end. It takes no Segments.
func (v view[V, K]) ScanPage(ctx context.Context, options ...ScanOption) (Page[V], error) {
	s := scanSettings(options)
	if s.segments > 1 {
		return Page[V]{}, v.fail("ScanPage", errors.New("a page is read in one segment: use Scan for several"))
	}
	s.onePage = true
	sc, err := v.newScan(s, v.read)
	if err != nil {
		return Page[V]{}, v.fail("ScanPage", err)
	}
	return v.page(ctx, "ScanPage", sc.walks[0], s)
}

func scanSettings(options []ScanOption) *settings {
	s := new(settings)
	for _, o := range options {
		if o != nil {
			o.scan(s)
		}
	}
	return s
}

// scan is a Scan ready to be sent: one walk for each segment that is not at its end yet.
type scan struct {
	segments int
	walks    []*walk
	ended    []bool // by segment: it was at its end when the cursor was made
	binding  []byte
}

func (v view[V, K]) newScan(s *settings, read *reading) (*scan, error) {
	if v.entity == nil {
		return nil, errNotMade
	}
	if s.segmented && s.segments < 1 || s.segments > maxSegments {
		return nil, fmt.Errorf("Segments must be 1 to %d, it is %d", maxSegments, s.segments)
	}
	sc := &scan{segments: max(s.segments, 1)}
	f, err := v.filterOf(&v.table, s)
	if err != nil {
		return nil, err
	}
	sc.binding = v.boundTo("scan "+strconv.Itoa(sc.segments), &v.table, &keyCondition{}, false, f)
	for i := range sc.segments {
		w, err := v.newWalk(&v.table, s)
		if err != nil {
			return nil, err
		}
		w.filtered, w.binding = f.text != nil, sc.binding
		w.fetch = v.scanFetch(f, read, s, i, sc.segments)
		sc.walks = append(sc.walks, w)
	}
	sc.ended = make([]bool, sc.segments)
	if err := v.resumeScan(sc, s); err != nil {
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

func (e *entity) scanFetch(f *built, read *reading, s *settings, segment, of int) fetch {
	in := dynamodb.ScanInput{
		TableName: &e.db.schema.Name, FilterExpression: f.text,
		ExpressionAttributeNames: f.names, ExpressionAttributeValues: f.values, ReturnConsumedCapacity: s.report(),
	}
	if s.consistent {
		in.ConsistentRead = &s.consistent
	}
	if of > 1 {
		n, m := int32(segment), int32(of)
		in.Segment, in.TotalSegments = &n, &m
	}
	if read.partial != nil {
		text, names := projection(e.projected(&e.table, read.partial))
		in.ProjectionExpression, in.ExpressionAttributeNames = text, merged(f.names, names)
	}
	var page *wirePage
	return func(ctx context.Context, start attributes, limit *int32) (fetched, error) {
		request := in
		request.ExclusiveStartKey, request.Limit = start, limit
		call := read.wire.page(s, page)
		out, err := e.db.via(s).Scan(ctx, &request, call.options(s.sdk)...)
		if err != nil {
			return fetched{}, err
		}
		if page, err = call.result(out.ResultMetadata, len(out.Items)); err != nil {
			return fetched{}, err
		}
		return fetched{out.Items, out.LastEvaluatedKey, out.ConsumedCapacity, int(out.ScannedCount), page}, nil
	}
}

// resumeScan puts each segment where the options' cursor says.
func (e *entity) resumeScan(sc *scan, s *settings) error {
	if sc.segments == 1 {
		var err error
		sc.walks[0].start, err = e.startOf(&e.table, sc.binding, s)
		return err
	}
	if s.limited {
		return errors.New("Limit takes one segment: with several, break when there are enough")
	}
	places, ended, err := e.resumeMany(&e.table, sc.binding, sc.segments, s)
	if err != nil {
		return err
	}
	sc.ended = ended
	for i, w := range sc.walks {
		w.start = places[i]
	}
	return nil
}

// scanned is an item of a segment on its way to the caller, the end of a page, or the segment's end with its last place or error.
type scanned[V any] struct {
	segment int
	item    V
	place   attributes // behind the item or page; nil when nobody keeps a cursor
	page    bool
	ended   bool
	counts  pageCounts // of the page, or of the segment's last
	err     error
}

// scanParallel runs every segment in a goroutine of its own and yields what they find. All of them have ended when it returns.
func (v view[V, K]) scanParallel(ctx context.Context, sc *scan, s *settings, yield func(V, error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	found := make(chan scanned[V], sc.segments)
	send := func(x scanned[V]) error {
		select {
		case found <- x:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	places := make([]attributes, sc.segments)
	left := 0
	for i, w := range sc.walks {
		places[i] = w.start
		if sc.ended[i] {
			continue
		}
		left++
		if s.resume != nil || s.progress != nil {
			w.pageEnd = func(next attributes) error {
				return send(scanned[V]{segment: i, page: true, place: next, counts: w.counts.taken()})
			}
		}
		running.Go(func() {
			next, err := w.run(ctx, func(r row) error {
				item, err := v.value(r)
				if err != nil {
					return err
				}
				x := scanned[V]{segment: i, item: item}
				if s.resume != nil {
					if x.place, err = w.placeOf(r); err != nil {
						return err
					}
				}
				return send(x)
			})
			_ = send(scanned[V]{segment: i, ended: true, place: next, counts: w.counts.taken(), err: err})
		})
	}
	var failed error
	for left > 0 {
		var x scanned[V]
		select {
		case x = <-found:
		case <-ctx.Done():
			return ctx.Err()
		}
		if x.ended {
			left--
			if x.err == nil {
				sc.ended[x.segment] = true
			} else if errors.Is(x.err, ErrBudget) {
				places[x.segment], failed = x.place, x.err
			} else {
				return x.err
			}
		} else {
			places[x.segment] = x.place
		}
		if s.resume != nil {
			*s.resume = ""
			if left > 0 || failed != nil {
				*s.resume = v.db.manyCursor(sc.binding, places, sc.ended)
			}
		}
		if x.page || x.ended {
			s.progress.page(x.counts, x.ended && x.err == nil)
			continue
		}
		s.progress.item()
		if !yield(x.item, nil) {
			return nil
		}
	}
	return failed
}
