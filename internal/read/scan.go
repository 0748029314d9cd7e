package read

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/response"
	"github.com/monotable/monotable/internal/size"
)

// Scan gives all items of the type as pointers to values of the reader's, until each wants no more.
func (r *Reader) Scan(ctx context.Context, s *Settings, each func(any) bool) error {
	sc, err := r.newScan(s)
	if err != nil {
		return err
	}
	if sc.segments == 1 {
		return r.iterate(ctx, sc.walks[0], s, r.pointers(), each)
	}
	return r.scanParallel(ctx, sc, s, each)
}

// ScanPage puts a page of the type's items into items, a slice of the reader's type.
func (r *Reader) ScanPage(ctx context.Context, s *Settings, items reflect.Value) (string, error) {
	if s.Segments > 1 {
		return "", errors.New("a page is read in one segment: use Scan for several")
	}
	s.onePage = true
	sc, err := r.newScan(s)
	if err != nil {
		return "", err
	}
	return r.page(ctx, sc.walks[0], s, items)
}

// scan is a Scan ready to be sent: one walk for each segment that is not at its end yet.
type scan struct {
	segments int
	walks    []*walk
	one      [1]*walk // where most scans have theirs
	ended    []bool   // by segment of several: it was at its end when the cursor was made
	binding  []byte
}

func (r *Reader) newScan(s *Settings) (*scan, error) {
	if r == nil {
		return nil, cause.NotMade
	}
	if s.Segmented && s.Segments < 1 || s.Segments > size.MaxSegments {
		return nil, fmt.Errorf("Segments must be 1 to %d, it is %d", size.MaxSegments, s.Segments)
	}
	sc := &scan{segments: max(s.Segments, 1)}
	sc.walks = sc.one[:0]
	f, err := r.FilterOf(&r.Table, s.Unexpired, s.Filters)
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
		w.fetch = r.scanFetch(f, r.Form, s, i, sc.segments)
		sc.walks = append(sc.walks, w)
	}
	if err := r.resumeScan(sc, s); err != nil {
		return nil, err
	}
	ended := 0
	for _, end := range sc.ended {
		if end {
			ended++
		}
	}
	s.Progress.begin(sc.segments, ended)
	return sc, nil
}

func (e *Entity) scanFetch(f *request.Built, read *Form, s *Settings, segment, of int) fetch {
	in := dynamodb.ScanInput{
		TableName: &e.Schema.Name, FilterExpression: f.Text,
		ExpressionAttributeNames: f.Names, ExpressionAttributeValues: f.Values, ReturnConsumedCapacity: s.Report(),
	}
	if s.Consistent {
		in.ConsistentRead = &s.Consistent
	}
	if of > 1 {
		n, m := int32(segment), int32(of)
		in.Segment, in.TotalSegments = &n, &m
	}
	if read.Partial != nil {
		text, names := entity.Projection(e.projected(&e.Table, read.Partial))
		in.ProjectionExpression, in.ExpressionAttributeNames = text, merged(f.Names, names)
	}
	return func(ctx context.Context, start attr.Item, limit *int32, spare *response.Page) (fetched, error) {
		request := in
		request.ExclusiveStartKey, request.Limit = start, limit
		call := read.Wire.Paged(s.Limited || s.Resume != nil, spare)
		out, err := e.via(s).Scan(ctx, &request, call.Options(s.SDK)...)
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
func (e *Entity) resumeScan(sc *scan, s *Settings) error {
	if sc.segments == 1 {
		var err error
		sc.walks[0].start, err = e.startOf(&e.Table, sc.binding, s)
		return err
	}
	if s.Limited {
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
