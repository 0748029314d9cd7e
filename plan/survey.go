package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/size"
)

// SurveyOptions say how much of a table is read, and how fast. The zero options read a tenth of it at 25 read units a
// second.
type SurveyOptions struct {
	// Segments is into how many the table is cut, 0 is 100, and Share how many of them are scanned, more than 0 and at
	// most 1, 0 is a tenth. Which ones is drawn by Seed. A segment holds whole item collections, as a scan goes by
	// partition keys.
	Segments int
	Share    float64
	Seed     uint64
	// Pace is the read units a second that the scan keeps to; 0 is 25. A page costs half a unit for each 4 KB.
	Pace float64
	// Budget ends the scan once it has consumed so many read units; 0 is no end.
	Budget float64
	// Largest is how many of the largest items and item collections are kept; 0 is 10.
	Largest int
	// ShowKeys puts the partition and sort keys of the largest items and collections into the survey. Without it no
	// value of the table is in it; attribute names, entity types and index names are.
	ShowKeys bool
}

// bounds of a survey.
const (
	maxLargest    = 1000
	maxNames      = 1000 // attribute names that are told apart in one entity type
	firstPage     = 100  // items of the first page, whose size nobody knows yet
	untyped       = "(no entity type)"
	guards        = "(unique guards)"
	normalTwoSide = 1.96 // of a 95% interval
)

func (o SurveyOptions) defaulted() (SurveyOptions, error) {
	o.Segments = cmp.Or(o.Segments, 100)
	o.Share = cmp.Or(o.Share, 0.1)
	o.Pace = cmp.Or(o.Pace, 25)
	o.Largest = cmp.Or(o.Largest, 10)
	var c checks
	c.within("Segments", float64(o.Segments), 1, size.MaxSegments)
	c.within("Share", o.Share, 1e-6, 1)
	c.within("Pace", o.Pace, 0.1, maxRate)
	c.within("Budget", o.Budget, 0, maxItems)
	c.within("Largest", float64(o.Largest), 1, maxLargest)
	return o, errors.Join(c.errs...)
}

// SurveyTable scans some segments of a live table, one after the other, and says what is in them and, from that, in the
// table. It sends one Scan a page, eventually consistent, and waits between them to keep its pace. The client's own
// retryer answers throttling.
//
// When a request fails, or ctx ends, it returns what it has so far together with the error. A survey that its budget
// ended is no error: Survey.Ended says so.
func SurveyTable(ctx context.Context, client monotable.Client, schema monotable.Schema,
	options SurveyOptions) (*Survey, error) {
	fail := func(err error) error { return fmt.Errorf("plan: SurveyTable: %w", err) }
	if client == nil {
		return nil, fail(errors.New("the client is nil"))
	}
	if err := schema.Validate(); err != nil {
		return nil, fail(err)
	}
	o, err := options.defaulted()
	if err != nil {
		return nil, fail(err)
	}
	t := newTally(schema, o, time.Now())
	random := rand.New(rand.NewPCG(o.Seed, 0x737572766579))
	chosen := random.Perm(o.Segments)[:max(1, int(math.Round(o.Share*float64(o.Segments))))]
	s := &surveyor{client: client, schema: schema, options: o, tally: t}
	for _, segment := range chosen {
		whole, scanErr := s.segment(ctx, int32(segment))
		t.endSegment(whole)
		if scanErr != nil || !whole {
			err = scanErr
			break
		}
	}
	survey := t.survey(len(chosen))
	if err != nil {
		survey.Ended = "a request failed"
		return survey, fail(err)
	}
	return survey, nil
}

// surveyor is a survey under way.
type surveyor struct {
	client  monotable.Client
	schema  monotable.Schema
	options SurveyOptions
	tally   *tally
	due     time.Time // when what was consumed so far is paid for at the pace
}

// segment scans one segment; whole is false where the budget ended it.
func (s *surveyor) segment(ctx context.Context, segment int32) (whole bool, err error) {
	total := int32(s.options.Segments)
	in := &dynamodb.ScanInput{TableName: &s.schema.Name, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	if total > 1 {
		in.Segment, in.TotalSegments = &segment, &total
	}
	for {
		if s.options.Budget > 0 && s.tally.units >= s.options.Budget {
			return false, nil
		}
		if err := s.wait(ctx); err != nil {
			return false, err
		}
		limit := s.limit()
		in.Limit = &limit
		out, err := s.client.Scan(ctx, in)
		if err != nil {
			return false, err
		}
		units, bytes := 0.0, 0
		for _, item := range out.Items {
			bytes += s.tally.add(item)
		}
		if c := out.ConsumedCapacity; c != nil && c.CapacityUnits != nil {
			units = *c.CapacityUnits
		} else { // a stand-in that does not report it
			units = math.Max(0.5, math.Ceil(float64(bytes)/readBlock)/2)
		}
		s.tally.units += units
		s.due = later(s.due, time.Now()).Add(time.Duration(units / s.options.Pace * float64(time.Second)))
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(out.LastEvaluatedKey) == 0 {
			return true, nil
		}
	}
}

// limit is how many items about one second's units hold, so that no page is a burst.
func (s *surveyor) limit() int32 {
	if s.tally.items == 0 {
		return firstPage
	}
	mean := float64(s.tally.bytes) / float64(s.tally.items)
	return int32(min(max(1, s.options.Pace*2*readBlock/mean), 1e6))
}

// wait waits until what was consumed is paid for.
func (s *surveyor) wait(ctx context.Context) error {
	left := time.Until(s.due)
	if s.due.IsZero() || left <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
