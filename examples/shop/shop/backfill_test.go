package shop_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/shop/shop"
)

// smallPages is a client whose scans read few items a page, as those of a large table read few of all.
type smallPages struct {
	monotable.Client
	items        int32
	beforeUpdate func() // once
}

func (c *smallPages) Scan(ctx context.Context, in *dynamodb.ScanInput,
	o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	page := *in
	page.Limit = &c.items
	return c.Client.Scan(ctx, &page, o...)
}

func (c *smallPages) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if before := c.beforeUpdate; before != nil {
		c.beforeUpdate = nil
		before()
	}
	return c.Client.UpdateItem(ctx, in, o...)
}

const (
	someOrders = 12
	oldOrders  = 4
)

// withOldOrders is a shop with twelve orders that wait to be shipped, every third without a region, and small pages.
func withOldOrders(t testing.TB) (*fixture, *smallPages) {
	t.Helper()
	f := newShop(t)
	pages := &smallPages{Client: f.client, items: 5}
	f.journal.Client = pages
	var orders []shop.Order
	for i := range someOrders {
		country := []string{"DE", "CA", "JP"}[i%3]
		o := shop.Order{
			ID: fmt.Sprintf("o%02d", i), CustomerID: fmt.Sprint("c", i), PlacedAt: now, Status: shop.Paid, Total: 100,
			DueAt:   new(day(2)),
			Country: country, Region: shop.RegionOf(country),
		}
		if i%3 == 1 {
			o.Region = ""
		}
		orders = append(orders, o)
	}
	require.NoError(t, f.Orders.PutMany(t.Context(), orders))
	f.forget()
	return f, pages
}

// assertComplete checks that every order has its region, and is in the indexes by it.
func assertComplete(t testing.TB, f *fixture) {
	t.Helper()
	require.NoError(t, f.EachOrder(t.Context(), func(o shop.Order) error {
		assert.Equal(t, shop.RegionOf(o.Country), o.Region, o.ID)
		return nil
	}))
	for _, region := range []string{"eu", "na", "other"} {
		n, err := f.Backlog(t.Context(), region)
		require.NoError(t, err)
		assert.Equal(t, someOrders/3, n, region)
		list, err := f.Largest(t.Context(), region, shop.Paid, 0, 99)
		require.NoError(t, err)
		assert.Len(t, list, someOrders/3, region)
	}
	f.forget()
}

func TestBackfill(t *testing.T) {
	f, _ := withOldOrders(t)
	var saved []shop.Progress
	done, err := f.BackfillRegion(t.Context(), shop.Backfill{Items: someOrders, Save: func(p shop.Progress) error {
		saved = append(saved, p)
		return nil
	}})
	require.NoError(t, err)
	assert.Equal(t, []int{oldOrders, oldOrders, 0}, []int{done.Found, done.Written, done.Changed})
	assert.Equal(t, 1.0, done.Scan.Share)
	assert.Equal(t, int64(someOrders), done.Scan.Evaluated)
	require.Len(t, saved, 3, "once a page")
	assert.InDelta(t, 5.0/12, saved[0].Scan.Share, 0.001)
	assert.NotEmpty(t, saved[0].Next)
	assert.Equal(t, done, saved[2])
	assert.Empty(t, done.Next)

	// Three pages. Each update writes the item, its entry in the first index, and new entries in the other two.
	used := f.meter.Reset()
	assert.Equal(t, read(1.5).Read, used.Read)
	assert.Equal(t, map[string]monotable.Units{
		shop.ByOwner: write(oldOrders), shop.Worklists: write(oldOrders), shop.ByRegion: write(oldOrders),
	}, used.Indexes)
	assert.Equal(t, monotable.Units{Read: 1.5, Write: oldOrders}, used.Table)
	requests := f.journal.Take()
	assert.Len(t, requests, 3+oldOrders)
	assertComplete(t, f)

	done, err = f.BackfillRegion(t.Context(), shop.Backfill{})
	require.NoError(t, err)
	assert.Zero(t, done.Found, "nothing is left")
	f.cost(t, units{"table": read(1.5)}, "Scan", "Scan", "Scan")
}

func TestDryRunWritesNothing(t *testing.T) {
	f, _ := withOldOrders(t)
	before := everything(t, f)
	done, err := f.BackfillRegion(t.Context(), shop.Backfill{DryRun: true})
	require.NoError(t, err)
	assert.Equal(t, []int{oldOrders, 0, 0}, []int{done.Found, done.Written, done.Changed})
	f.cost(t, units{"table": read(1.5)}, "Scan", "Scan", "Scan")
	assert.Equal(t, before, everything(t, f))
}

func everything(t testing.TB, f *fixture) []map[string]any {
	t.Helper()
	out, err := f.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &shop.Schema.Name})
	require.NoError(t, err)
	var items []map[string]any
	for _, item := range out.Items {
		plain := map[string]any{}
		require.NoError(t, monotable.Item(item).Into(&plain))
		items = append(items, plain)
	}
	return items
}

// Killed at any of its requests, before it or once it has taken place, and continued from the place last saved, a
// backfill completes every order once.
func TestBackfillKilledAnywhere(t *testing.T) {
	effects := map[string]dynamotest.Effect{"before": dynamotest.InternalError(), "after": dynamotest.LoseAnswer()}
	for when, effect := range effects {
		kills := 0
		for ; ; kills++ {
			f, _ := withOldOrders(t)
			var place monotable.Cursor // what would be in a file
			save := func(p shop.Progress) error {
				place = p.Next
				return nil
			}
			kill := f.client.Inject(dynamotest.Fault{Skip: kills, Times: 1, Do: effect})
			first, err := f.BackfillRegion(t.Context(), shop.Backfill{Save: save})
			if kill.Fired() == 0 {
				require.NoError(t, err)
				break
			}
			require.Error(t, err)
			assert.Equal(t, place, first.Next)
			second, err := f.BackfillRegion(t.Context(), shop.Backfill{Save: save, After: place})
			require.NoError(t, err, "%s request %d", when, kills)
			total := first.Written + second.Written
			if lost := kill.Calls()[0].Operation == "UpdateItem" && when == "after"; lost {
				total++ // the run that was killed did not know
			}
			assert.Equal(t, oldOrders, total, "%s request %d", when, kills)
			assertComplete(t, f)
		}
		assert.Equal(t, 3+oldOrders, kills, "every request was the one")
	}
}

func TestBackfillEndsWhenItsPlaceCannotBeSaved(t *testing.T) {
	for page := range 3 {
		f, _ := withOldOrders(t)
		full := errors.New("the disk is full")
		saves := 0
		_, err := f.BackfillRegion(t.Context(), shop.Backfill{Save: func(shop.Progress) error {
			if saves++; saves > page {
				return full
			}
			return nil
		}})
		require.ErrorIs(t, err, full)
		assert.Equal(t, page+1, saves, "no page is read after that")
	}
}

// What someone else did between the scan and the update stays.
func TestBackfillLeavesChangedItemsAlone(t *testing.T) {
	key := shop.Order{ID: "o01", CustomerID: "c1", PlacedAt: now} // goes to Canada
	changes := map[string]struct {
		change func(*fixture) error
		region string // afterwards
	}{
		"completed":      {func(f *fixture) error { return update(f, key, "region", "moon") }, "moon"},
		"sent elsewhere": {func(f *fixture) error { return update(f, key, "country", "DE") }, ""},
		"deleted":        {func(f *fixture) error { return f.Orders.Delete(context.Background(), key) }, ""},
	}
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			f, pages := withOldOrders(t)
			// The first update to be sent is not o01's; what matters is that the scan has read o01 by then.
			pages.items = 100
			pages.beforeUpdate = func() { require.NoError(t, c.change(f)) }
			done, err := f.BackfillRegion(t.Context(), shop.Backfill{})
			require.NoError(t, err)
			assert.Equal(t, []int{oldOrders, oldOrders - 1, 1}, []int{done.Found, done.Written, done.Changed})
			o, err := f.Orders.Get(t.Context(), key)
			if name == "deleted" {
				require.ErrorIs(t, err, monotable.ErrNotFound, "it is not made again")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.region, o.Region)
		})
	}
}

func update(f *fixture, key shop.Order, name, value string) error {
	_, err := f.Orders.Update(context.Background(), key, expression.Set(expression.Name(name), expression.Value(value)))
	return err
}

// Orders are shipped and cancelled while the backfill runs beside; both take effect.
func TestBackfillBesideTheLivingShop(t *testing.T) {
	f, pages := withOldOrders(t)
	key := shop.Order{ID: "o01", CustomerID: "c1", PlacedAt: now}
	pages.items = 100
	pages.beforeUpdate = func() {
		_, err := f.Ship(t.Context(), key, day(1))
		require.NoError(t, err)
	}
	done, err := f.BackfillRegion(t.Context(), shop.Backfill{})
	require.NoError(t, err)
	assert.Equal(t, oldOrders, done.Written, "a change of something else is no obstacle")
	o, err := f.Orders.Get(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, shop.Shipped, o.Status)
	assert.Equal(t, "na", o.Region)
	n, err := f.Backlog(t.Context(), "na")
	require.NoError(t, err)
	assert.Equal(t, oldOrders-1, n)
}

func TestBackfillIsPaced(t *testing.T) {
	run := func(b shop.Backfill) (took time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			f, _ := withOldOrders(t)
			begun := time.Now()
			_, err := f.BackfillRegion(t.Context(), b)
			require.NoError(t, err)
			took = time.Since(begun)
		})
		return took
	}
	assert.Zero(t, run(shop.Backfill{}))
	// Three pages of half a unit, and an empty pause behind each but the last.
	assert.Equal(t, 10*time.Second, run(shop.Backfill{UnitsPerSecond: 0.1, DryRun: true}))
	// Four updates, the first at once.
	assert.Equal(t, 6*time.Second, run(shop.Backfill{UpdatesPerSecond: 0.5}))
	assert.Zero(t, run(shop.Backfill{UpdatesPerSecond: 0.5, DryRun: true}))
}

func TestBackfillRefusesNonsense(t *testing.T) {
	f, _ := withOldOrders(t)
	for _, b := range []shop.Backfill{{UnitsPerSecond: -1}, {UpdatesPerSecond: -1}, {After: "forged"}} {
		_, err := f.BackfillRegion(t.Context(), b)
		require.Error(t, err)
		f.cost(t, units{})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.BackfillRegion(ctx, shop.Backfill{UpdatesPerSecond: 1})
	require.ErrorIs(t, err, context.Canceled)
}
