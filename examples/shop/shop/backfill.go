package shop

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable"
)

// Backfill says how old items are to be completed.
type Backfill struct {
	// DryRun counts what would be written, and writes nothing.
	DryRun bool
	// After is where an earlier run stopped: what its Save was last given. "" begins with the table.
	After monotable.Cursor
	// Save keeps the place up to which all is done, and what was done, after every Every items. nil keeps nothing. An error of it
	// ends the run.
	Save func(monotable.Cursor, Progress) error
	// Every is how many items are written between two calls of Save; 0 is 25.
	Every int
}

// Progress is what a backfill has done so far.
type Progress struct {
	Found   int // items that lack the attribute
	Written int // that have it now
	Changed int // that someone else completed, changed or deleted in between, and that were left alone
}

// BackfillRegion gives a region to the orders that were stored before orders had one. Their index keys come with it: they appear
// in ByRegion, and those that wait to be shipped in Worklists.
//
// It sends Scan requests, and one UpdateItem for each order found. An update takes place only while the order has no region and
// still goes to the country that was read, so that a run beside the living shop overwrites nothing, and running twice, or again
// from an older place, does no harm. It stops when ctx ends or at the first error; After then continues it.
func (s *Shop) BackfillRegion(ctx context.Context, b Backfill) (Progress, error) {
	var done Progress
	every := b.Every
	if every == 0 {
		every = 25
	}
	at := b.After
	save := func() error {
		if b.Save == nil {
			return nil
		}
		return b.Save(at, done)
	}
	noRegion := expression.AttributeNotExists(expression.Name("region"))
	for order, err := range s.Orders.Scan(ctx, monotable.Filter(noRegion), monotable.Resume(&at), s.metered) {
		if err != nil {
			return done, err
		}
		done.Found++
		if b.DryRun {
			continue
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
		if done.Found%every == 0 {
			if err := save(); err != nil {
				return done, err
			}
		}
	}
	return done, save()
}
