package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// costly is a table of items that each cost the same, scanned in pages of up to full items. It keeps when what was
// consumed.
type costly struct {
	monotable.Client
	items, full int
	units       float64 // of one item

	mu    sync.Mutex
	spent []spend
	fail  error
}

type spend struct {
	at    time.Time
	units float64
}

func (c *costly) Scan(ctx context.Context, in *dynamodb.ScanInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if in.ReturnConsumedCapacity == "" {
		return nil, errors.New("nobody asked for the capacity")
	}
	segment, segments := 0, 1
	if in.Segment != nil {
		segment, segments = int(*in.Segment), int(*in.TotalSegments)
	}
	n, end := c.items/segments*segment, c.items/segments*(segment+1)
	if in.ExclusiveStartKey != nil {
		last, err := strconv.Atoi(in.ExclusiveStartKey["id"].(*types.AttributeValueMemberN).Value)
		if err != nil {
			return nil, err
		}
		n = last + 1
	}
	size := c.full
	if in.Limit != nil {
		size = min(size, int(*in.Limit))
	}
	out := &dynamodb.ScanOutput{}
	for ; n < end && len(out.Items) < size; n++ {
		id := &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
		out.Items = append(out.Items, map[string]types.AttributeValue{"id": id,
			"name": &types.AttributeValueMemberS{Value: "x"}})
	}
	if n < end {
		out.LastEvaluatedKey = map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: strconv.Itoa(n - 1)}}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	units := max(0.5, float64(len(out.Items))*c.units)
	c.spent = append(c.spent, spend{time.Now(), units})
	out.ScannedCount, out.Count = int32(len(out.Items)), int32(len(out.Items))
	out.ConsumedCapacity = &types.ConsumedCapacity{CapacityUnits: &units}
	return out, c.fail
}

func costlyPets(t testing.TB, c *costly) *monotable.Table[Pet] {
	db, err := monotable.Open(c, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
	require.NoError(t, err)
	return tableOf[Pet](t, db, monotable.Model{})
}

// A paced scan consumes its pace, over all segments, whatever items cost, and never more than a page ahead of it.
func TestPace(t *testing.T) {
	for _, units := range []float64{0.01, 0.5, 3, 100} {
		for _, segments := range []int{1, 4} {
			t.Run(fmt.Sprintf("%v units an item, %d segments", units, segments), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const pace = 20
					c := &costly{items: 2000, full: 500, units: units}
					pets := costlyPets(t, c)
					start := time.Now()
					require.Len(t, collect(t,
						pets.Scan(t.Context(), monotable.Segments(segments), monotable.Pace(pace))), 2000)
					sum, most := 0.0, 0.0
					for _, s := range c.spent {
						allowed := pace * s.at.Sub(start).Seconds()
						assert.LessOrEqual(t, sum, allowed+1e-6, "before a request, what was spent is paid for")
						sum += s.units
						most = max(most, s.units)
					}
					assert.GreaterOrEqual(t, sum, 2000*units)
					assert.LessOrEqual(t, most, max(2.5*pace, 20*units), "a page is about a second's units")
					lasted := time.Since(start).Seconds()
					assert.InDelta(t, sum/pace, lasted, 3+most/pace, "it is not slower than it need be either")
				})
			})
		}
	}
}

func TestPaceEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, segments := range []int{1, 3} {
			pets := costlyPets(t, &costly{items: 3000, full: 1000, units: 10})
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			start := time.Now()
			err := firstError(pets.Scan(ctx, monotable.Segments(segments), monotable.Pace(1)))
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 90*time.Second, time.Since(start), "a wait ends at once")
		}
		for _, pace := range []float64{0, -1} {
			pets := costlyPets(t, &costly{items: 10, full: 10, units: 1})
			require.ErrorContains(t, firstError(pets.Scan(t.Context(), monotable.Pace(pace))), "Pace must be positive")
		}
	})
}

// A request that fails pays nothing, and those behind it need not wait for it.
func TestPaceOfFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		pets := costlyPets(t, &costly{items: 100, full: 10, units: 1, fail: boom})
		start := time.Now()
		require.ErrorIs(t, firstError(pets.Scan(t.Context(), monotable.Segments(4), monotable.Pace(0.001))), boom)
		assert.Zero(t, time.Since(start))
	})
}

func TestProgress(t *testing.T) {
	for _, segments := range []int{1, 4} {
		c := &costly{items: 100, full: 10, units: 1}
		pets := costlyPets(t, c)
		given, last := int64(0), monotable.ScanProgress{}
		progress := monotable.Progress(100, func(p monotable.ScanProgress) {
			assert.Equal(t, given, p.Items)
			assert.GreaterOrEqual(t, p.Items, p.Evaluated, "pages are told of when their items were given")
			assert.Equal(t, last.Pages+1, p.Pages)
			assert.GreaterOrEqual(t, p.Share, last.Share)
			if p.Ended < segments {
				assert.InDelta(t, float64(p.Evaluated)/100, p.Share, 0.011)
			}
			last = p
		})
		for _, err := range pets.Scan(t.Context(), monotable.Segments(segments), progress) {
			require.NoError(t, err)
			given++
		}
		pages := int64(len(c.spent))
		assert.Equal(t, monotable.ScanProgress{Items: 100, Evaluated: 100, Pages: pages, Units: 100, Segments: segments,
			Ended: segments, Share: 1}, last)
	}
	// Without a number of items, segments tell.
	pets := costlyPets(t, &costly{items: 100, full: 10, units: 1})
	var shares []float64
	collect(t, pets.Scan(t.Context(), monotable.Segments(2),
		monotable.Progress(0, func(p monotable.ScanProgress) { shares = append(shares, p.Share) })))
	assert.Equal(t, 1.0, shares[len(shares)-1])
	for _, share := range shares[:len(shares)-1] {
		assert.Contains(t, []float64{0, 0.5}, share)
	}
}

// However slow the pace, a wait is a wait.
func TestPaceSoSlowThatTimeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, pace := range []float64{1e-9, 1e-12, 1e-300} {
			c := &costly{items: 300, full: 100, units: 1}
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			err := firstError(costlyPets(t, c).Scan(ctx, monotable.Pace(pace)))
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded, "%v", pace)
			assert.Len(t, c.spent, 1)
		}
	})
}
