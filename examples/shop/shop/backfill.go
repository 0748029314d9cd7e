package shop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable"
)

// Backfill says how old items are to be completed. The zero Backfill does all of it at once, as fast as it can.
type Backfill struct {
	DryRun           bool    // count what would be written, and write nothing
	UnitsPerSecond   float64 // read units that the scan may use; 0 for no bound
	UpdatesPerSecond float64 // 0 for no bound

	// After is where an earlier run had come to: the Next of what its Save was last given. "" begins with the table.
	After monotable.Cursor
	// Save, if there is one, is given what was done so far after each page of the scan: to be stored, so that another
	// run can go on there, and to be shown. Its error ends the run.
	Save func(Progress) error
	// Items is how many items the table has, of all types, so that Progress.Scan.Share is an estimate; 0 if nobody
	// knows.
	Items int64
}

// Progress is what one run of a backfill has done so far.
type Progress struct {
	Found   int // items that lack the attribute
	Written int // that have it now
	// that someone else completed, changed or deleted in between, and that were left alone
	Changed int
	Scan    monotable.ScanProgress // pages, units, share of the whole
	// behind the last page that is done, where another run goes on; "" at the end, when Scan.Share is 1
	Next monotable.Cursor
}

// BackfillRegion gives a region to the orders that were stored before orders had one. Their index keys come with it:
// they appear in ByRegion, and those that wait to be shipped in Worklists.
//
// It sends Scan requests, and one UpdateItem for each order found. An update takes place only while the order has no
// region and still goes to the country that was read: a run beside the living shop overwrites nothing, and running
// twice, or again from an older place, does no harm. It stops at the first error, ctx's among them, and can be
// continued from the place last saved.
func (s *Shop) BackfillRegion(ctx context.Context, b Backfill) (Progress, error) {
	if b.UpdatesPerSecond < 0 {
		return Progress{}, fmt.Errorf("shop: UpdatesPerSecond is %v: it is positive, or 0 for no bound",
			b.UpdatesPerSecond)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done, at := Progress{Next: b.After}, b.After
	var unsaved error
	page := func(p monotable.ScanProgress) {
		done.Scan, done.Next = p, at
		if b.Save == nil {
			return
		}
		if unsaved = b.Save(done); unsaved != nil {
			stop() // before the next page
		}
	}
	noRegion := expression.AttributeNotExists(expression.Name("region"))
	options := []monotable.ScanOption{
		monotable.Filter(noRegion), monotable.Resume(&at), monotable.Progress(b.Items, page), s.metered,
	}
	if b.UnitsPerSecond != 0 {
		options = append(options, monotable.Pace(b.UnitsPerSecond))
	}
	turn := turns(b.UpdatesPerSecond)
	for order, err := range s.Orders.Scan(ctx, options...) {
		if unsaved != nil {
			return done, unsaved
		}
		if err != nil {
			return done, err
		}
		done.Found++
		if b.DryRun {
			continue
		}
		if err := turn(ctx); err != nil {
			return done, err
		}
		region := expression.Set(expression.Name("region"), expression.Value(RegionOf(order.Country)))
		sameCountry := expression.Name("country").Equal(expression.Value(order.Country))
		_, err := s.Orders.Update(ctx, order, region, monotable.If(noRegion), monotable.If(sameCountry), s.metered)
		switch {
		case err == nil:
			done.Written++
		case errors.Is(err, monotable.ErrCondition), errors.Is(err, monotable.ErrNotFound):
			done.Changed++
		default:
			return done, err
		}
	}
	return done, unsaved
}

// turns makes a function that returns so many times a second, however often it is called; with 0, at once.
func turns(perSecond float64) func(context.Context) error {
	if perSecond == 0 {
		return func(ctx context.Context) error { return ctx.Err() }
	}
	var next time.Time
	return func(ctx context.Context) error {
		now := time.Now()
		if next.Before(now) {
			next = now
		}
		timer := time.NewTimer(next.Sub(now))
		defer timer.Stop()
		next = next.Add(time.Duration(float64(time.Second) / perSecond))
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
