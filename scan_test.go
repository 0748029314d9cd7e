package monotable_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// manyPets is a table of n pets of about 100 bytes.
func manyPets(t testing.TB, n int) (*monotable.Table[Pet], *recorder) {
	t.Helper()
	db, requests := newDB(t, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
	pets := tableOf[Pet](t, db, monotable.Model{})
	for i := range n {
		require.NoError(t, pets.Put(t.Context(), &Pet{ID: i, Name: "pet " + strconv.Itoa(i%7)}))
	}
	requests.seen()
	return pets, requests
}

func petIDs(pets []Pet) []int {
	all := make([]int, len(pets))
	for i, p := range pets {
		all[i] = p.ID
	}
	slices.Sort(all)
	return all
}

func counting(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestScanPages(t *testing.T) {
	ctx := t.Context()
	pets, requests := manyPets(t, 50)
	var all []Pet
	var at monotable.Cursor
	for {
		page, err := pets.ScanPage(ctx, monotable.Limit(7), monotable.StartAfter(at))
		require.NoError(t, err)
		all = append(all, page.Items...)
		if at = page.Next; at == "" {
			break
		}
		require.Len(t, page.Items, 7)
	}
	assert.Equal(t, counting(50), petIDs(all))
	assert.Len(t, requests.seen(), 8, "one request a page")
}

func TestLimitMeansItemsReturned(t *testing.T) {
	ctx := t.Context()
	pets, _ := manyPets(t, 200)
	sixes := monotable.Filter(expression.Name("name").Equal(expression.Value("pet 6")))
	var all []Pet
	var at monotable.Cursor
	for {
		page, err := pets.ScanPage(ctx, sixes, monotable.Limit(5), monotable.StartAfter(at))
		require.NoError(t, err)
		all = append(all, page.Items...)
		if at = page.Next; at == "" {
			break
		}
		require.Len(t, page.Items, 5)
	}
	assert.Len(t, all, 28)
	assert.Len(t, slices.Compact(petIDs(all)), 28)
}

func TestScanSegments(t *testing.T) {
	ctx := t.Context()
	pets, _ := manyPets(t, 100)
	assert.Equal(t, counting(100), petIDs(collect(t, pets.Scan(ctx, monotable.Segments(4)))))

	n := 0
	for _, err := range pets.Scan(ctx, monotable.Segments(4)) {
		require.NoError(t, err)
		if n++; n == 3 {
			break
		}
	}
	assert.Equal(t, 3, n)
	require.Error(t, firstError(pets.Scan(ctx, monotable.Segments(-1))))
	require.Error(t, firstError(pets.Scan(ctx, monotable.Segments(2), monotable.Limit(1))))
	_, err := pets.ScanPage(ctx, monotable.Segments(2))
	require.Error(t, err)
}

func TestResume(t *testing.T) {
	ctx := t.Context()
	pets, _ := manyPets(t, 60)
	for _, segments := range []int{1, 3} {
		var stored monotable.Cursor
		var all []Pet
		for range 100 {
			at, taken := stored, 0
			for pet, err := range pets.Scan(ctx, monotable.Segments(segments), monotable.Resume(&at)) {
				require.NoError(t, err)
				all = append(all, pet)
				stored = at
				if taken++; taken == 7 {
					break
				}
			}
			if taken < 7 {
				assert.Empty(t, at, "the end")
				break
			}
		}
		assert.Equal(t, counting(60), petIDs(all), "%d segments", segments)
	}
}

func TestBudget(t *testing.T) {
	ctx := t.Context()
	pets, _ := manyPets(t, 60)
	page, err := pets.ScanPage(ctx, monotable.Limit(1), monotable.Budget(100))
	require.NoError(t, err)
	require.Len(t, page.Items, 1)

	nothing := monotable.Filter(expression.Name("name").Equal(expression.Value("nobody")))
	page, err = pets.ScanPage(ctx, nothing, monotable.Limit(5), monotable.Budget(0.5))
	require.ErrorIs(t, err, monotable.ErrBudget)
	assert.Empty(t, page.Items)
	require.NotEmpty(t, page.Next)
	page, err = pets.ScanPage(ctx, nothing, monotable.Limit(5), monotable.StartAfter(page.Next))
	require.NoError(t, err)
	assert.Empty(t, page.Next)
}

func TestMetered(t *testing.T) {
	ctx := t.Context()
	pets, _ := manyPets(t, 30)
	var meter monotable.Meter
	collect(t, pets.Scan(ctx, monotable.Metered(&meter), monotable.Limit(10)))
	_, err := pets.Get(ctx, Pet{ID: 1}, monotable.Metered(&meter), monotable.Consistent())
	require.NoError(t, err)
	require.NoError(t, pets.Put(ctx, &Pet{ID: 1, Name: "x"}, monotable.Metered(&meter)))
	used := meter.Used()
	assert.Equal(t, monotable.Units{Read: 1.5, Write: 1}, used.Units)
	assert.Equal(t, used.Units, used.Table)
	assert.False(t, used.Modelled)
	require.ErrorIs(t, pets.Create(ctx, &Pet{ID: 1, Name: "y"}, monotable.Metered(&meter)), monotable.ErrExists)
	used = meter.Reset()
	assert.Equal(t, 2.0, used.Write, "a failed condition is charged as a write")
	assert.True(t, used.Modelled)
	assert.Zero(t, meter.Used().Units)
}

func TestReadsEndWithTheirContext(t *testing.T) {
	pets, _ := manyPets(t, 20)
	for _, segments := range []int{1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		var last error
		for _, err := range pets.Scan(ctx, monotable.Segments(segments),
			monotable.Filter(expression.AttributeExists(expression.Name("id")))) {
			if err != nil {
				last = err
				continue
			}
			if seen++; seen == 1 {
				cancel()
			}
		}
		cancel()
		if last != nil {
			require.True(t, errors.Is(last, context.Canceled), "%v", last)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, firstError(pets.Scan(ctx)), context.Canceled)
}

func TestErrorsOfTheServiceKeepTheirPlace(t *testing.T) {
	ctx := t.Context()
	pets, requests := manyPets(t, 20)
	boom := errors.New("boom")
	requests.before = func(op string, _ any) error {
		if op == "Scan" {
			return boom
		}
		return nil
	}
	err := firstError(pets.Scan(ctx))
	require.ErrorIs(t, err, boom)
	var failed *monotable.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "Scan", failed.Op)
	assert.Equal(t, "Pet", failed.Entity)
	require.ErrorIs(t, firstError(pets.Scan(ctx, monotable.Segments(3))), boom)
}

func TestSDKOptionsReachEachRequest(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
	db, err := monotable.Open(lossyClient(t), db.Schema())
	require.NoError(t, err)
	pets := tableOf[Pet](t, db, monotable.Model{})
	once := monotable.SDK(func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	require.ErrorContains(t, pets.Put(ctx, &Pet{ID: 1, Name: "x"}, once), "connection reset")
	require.NoError(t, pets.Put(ctx, &Pet{ID: 1, Name: "x"}))
}
