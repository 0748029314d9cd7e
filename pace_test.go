package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
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

// costlyBatches is a table of items that cost what their ids say, which takes its time and leaves some unprocessed.
type costlyBatches struct {
	monotable.Client
	random  *rand.Rand
	latency time.Duration

	mu     sync.Mutex
	spent  []spend
	most   int // entries in one request
	flying int
	peak   int // requests at a time
}

// costOf is what an item costs: most little, few a lot.
func costOf(id int) float64 {
	switch {
	case id%50 == 0:
		return 400
	case id%7 == 0:
		return 12
	}
	return 1 + float64(id%3)
}

// answer is what n entries cost of which the first done are.
func (c *costlyBatches) answer(ids []int) (done int, consumed []types.ConsumedCapacity) {
	c.mu.Lock()
	c.flying++
	c.peak = max(c.peak, c.flying)
	at, done := time.Now(), len(ids)
	if c.random.IntN(4) == 0 {
		done = c.random.IntN(len(ids) + 1)
	}
	units, table := 0.0, "pets"
	for _, id := range ids[:done] {
		units += costOf(id)
	}
	c.spent = append(c.spent, spend{at, units})
	c.most = max(c.most, len(ids))
	c.mu.Unlock()
	time.Sleep(c.latency)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flying--
	if units > 0 {
		consumed = []types.ConsumedCapacity{{TableName: &table, CapacityUnits: &units}}
	}
	return done, consumed
}

func idOf(item map[string]types.AttributeValue) int {
	n, err := strconv.Atoi(item["id"].(*types.AttributeValueMemberN).Value)
	if err != nil {
		panic(err)
	}
	return n
}

func (c *costlyBatches) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	var ids []int
	for _, r := range in.RequestItems["pets"] {
		if r.PutRequest != nil {
			ids = append(ids, idOf(r.PutRequest.Item))
		} else {
			ids = append(ids, idOf(r.DeleteRequest.Key))
		}
	}
	done, consumed := c.answer(ids)
	out := &dynamodb.BatchWriteItemOutput{ConsumedCapacity: consumed}
	if left := in.RequestItems["pets"][done:]; len(left) > 0 {
		out.UnprocessedItems = map[string][]types.WriteRequest{"pets": left}
	}
	return out, nil
}

func (c *costlyBatches) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	var ids []int
	for _, key := range in.RequestItems["pets"].Keys {
		ids = append(ids, idOf(key))
	}
	done, consumed := c.answer(ids)
	out := &dynamodb.BatchGetItemOutput{ConsumedCapacity: consumed}
	if left := in.RequestItems["pets"].Keys[done:]; len(left) > 0 {
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{"pets": {Keys: left}}
	}
	return out, nil
}

// keepsPace checks that what requests consumed before another was sent was paid for since, but for ahead of them.
func keepsPace(t *testing.T, spent []spend, pace float64, ahead int) {
	t.Helper()
	for i := range spent {
		sum := 0.0
		for j := i + 1; j < len(spent); j++ {
			if j-ahead >= i {
				sum += spent[j-ahead].units
			}
			require.LessOrEqual(t, sum, pace*spent[j].at.Sub(spent[i].at).Seconds()+1e-6, "requests %d to %d", i, j)
		}
	}
}

// A paced batch consumes its pace and never more than one request ahead of it, whatever its items cost and however long
// an answer takes.
func TestPaceOfBatches(t *testing.T) {
	pets := make([]Pet, 700)
	for i := range pets {
		pets[i].ID = i + 1
	}
	for name, call := range map[string]func(context.Context, *monotable.DB, *monotable.Table[Pet],
		...monotable.BulkOption) error{
		"PutMany": func(ctx context.Context, _ *monotable.DB, table *monotable.Table[Pet], o ...monotable.BulkOption) error {
			return table.PutMany(ctx, pets, as[monotable.BatchOption](o)...)
		},
		"DeleteMany": func(ctx context.Context, _ *monotable.DB, table *monotable.Table[Pet],
			o ...monotable.BulkOption) error {
			return table.DeleteMany(ctx, pets, as[monotable.BatchOption](o)...)
		},
		"BatchWrite": func(ctx context.Context, db *monotable.DB, table *monotable.Table[Pet],
			o ...monotable.BulkOption) error {
			var ops []monotable.Op
			for i := range pets {
				ops = append(ops, table.PutOp(&pets[i]))
			}
			return db.BatchWrite(ctx, ops, as[monotable.BatchOption](o)...)
		},
		"GetMany": func(ctx context.Context, _ *monotable.DB, table *monotable.Table[Pet], o ...monotable.BulkOption) error {
			return second(table.GetMany(ctx, pets, as[monotable.GetOption](o)...))
		},
		"BatchRead": func(ctx context.Context, db *monotable.DB, table *monotable.Table[Pet],
			o ...monotable.BulkOption) error {
			into := new(*Pet)
			var ops []monotable.ReadOp
			for _, pet := range pets {
				ops = append(ops, table.GetOp(pet, into))
			}
			return db.BatchRead(ctx, ops, as[monotable.BatchOption](o)...)
		},
	} {
		for _, pace := range []float64{3, 40, 5000} {
			for _, latency := range []time.Duration{0, 7 * time.Millisecond, 3 * time.Second} {
				t.Run(fmt.Sprint(name, pace, latency), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						c := &costlyBatches{random: rand.New(rand.NewPCG(1, 2)), latency: latency}
						db, err := monotable.Open(c, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
						require.NoError(t, err)
						start := time.Now()
						require.NoError(t, call(t.Context(), db, tableOf[Pet](t, db, monotable.Model{}), monotable.Pace(pace)))
						lasted := time.Since(start).Seconds()
						keepsPace(t, c.spent, pace, 1)
						sum, most := 0.0, 0.0
						for _, s := range c.spent {
							sum, most = sum+s.units, max(most, s.units)
						}
						want := 0.0
						for _, pet := range pets {
							want += costOf(pet.ID)
						}
						assert.InDelta(t, want, sum, 1e-6, "each was done once")
						assert.Equal(t, 1, c.peak, "one at a time")
						if pace < 10 {
							assert.LessOrEqual(t, c.most, 3, "a batch is about a second's units")
						}
						if latency == 0 && pace < 100 {
							assert.InDelta(t, sum/pace, lasted, most/pace+20, "it is not slower than it need be either")
						}
					})
				})
			}
		}
	}
}

// as makes options of a wider type.
func as[To any, From any](all []From) (to []To) {
	for _, o := range all {
		to = append(to, any(o).(To))
	}
	return to
}

// With Parallel as many requests as it says are ahead of the pace, and no more.
func TestPaceOfParallelBatches(t *testing.T) {
	pets := make([]Pet, 2000)
	for i := range pets {
		pets[i].ID = 50*i + 1
	}
	synctest.Test(t, func(t *testing.T) {
		const pace, parallel = 5000, 3
		c := &costlyBatches{random: rand.New(rand.NewPCG(3, 4)), latency: 100 * time.Millisecond}
		db, err := monotable.Open(c, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
		require.NoError(t, err)
		start := time.Now()
		require.NoError(t, tableOf[Pet](t, db, monotable.Model{}).PutMany(t.Context(), pets, monotable.Pace(pace),
			monotable.Parallel(parallel)))
		keepsPace(t, c.spent, pace, parallel)
		assert.Equal(t, parallel, c.peak)
		assert.Less(t, time.Since(start), 10*time.Second, "alone it would last longer")
	})
}

func TestPaceOfBatchesEndsWithTheContext(t *testing.T) {
	pets := make([]Pet, 100)
	for i := range pets {
		pets[i].ID = i + 1
	}
	synctest.Test(t, func(t *testing.T) {
		c := &costlyBatches{random: rand.New(rand.NewPCG(1, 2))}
		db, err := monotable.Open(c, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
		require.NoError(t, err)
		table := tableOf[Pet](t, db, monotable.Model{})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		err = table.PutMany(ctx, pets, monotable.Pace(1))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 20*time.Second, time.Since(start))
		var left *monotable.BatchError
		require.ErrorAs(t, err, &left)
		done := 0.0
		for _, s := range c.spent {
			done += s.units
		}
		want := 0.0
		for i, pet := range pets {
			if !slices.Contains(left.Left, i) {
				want += costOf(pet.ID)
			}
		}
		assert.InDelta(t, want, done, 1e-6, "what was paid for was done")
		for _, pace := range []float64{0, -1, math.Inf(1), math.NaN()} {
			const bad = "Pace must be positive"
			require.ErrorContains(t, table.PutMany(t.Context(), pets, monotable.Pace(pace)), bad)
			require.ErrorContains(t, second(table.GetMany(t.Context(), pets, monotable.Pace(pace))), bad)
			require.ErrorContains(t, db.BatchRead(t.Context(), nil, monotable.Pace(pace)), bad)
		}
		require.ErrorContains(t, second(table.Get(t.Context(), pets[0], monotable.Pace(1))), "many requests")
	})
}

// On the service itself, where items and index entries cost what they do, and with lost answers.
func TestPaceOfWritesIsMetered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		var mu sync.Mutex
		var spent []spend
		client := dynamotest.NewClient()
		require.NoError(t, admin.Create(ctx, client, store, 0))
		db, err := monotable.Open(client, store, monotable.Observe(func(_ context.Context, c monotable.Usage) {
			mu.Lock()
			defer mu.Unlock()
			if n := len(spent); n > 0 && spent[n-1].at.Equal(time.Now()) {
				spent[n-1].units += c.Write
				return
			}
			spent = append(spent, spend{time.Now(), c.Write})
		}))
		require.NoError(t, err)
		sales := tableOf[sale](t, db, saleModel)
		client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "BatchWriteItem"}, Chance: 0.3,
			Do: dynamotest.Unprocessed(3)})
		var all []sale
		for i := range 120 {
			one := saleOf(fmt.Sprint("c", i), 1+i%9, "open")
			note := strings.Repeat("x", 3000*(i%5))
			one.Note = &note
			all = append(all, one)
		}
		const pace = 30
		start := time.Now()
		require.NoError(t, sales.PutMany(ctx, all, monotable.Pace(pace)))
		keepsPace(t, spent, pace, 1)
		sum := 0.0
		for _, s := range spent {
			sum += s.units
		}
		assert.InDelta(t, sum/pace, time.Since(start).Seconds(), 10)
	})
}
