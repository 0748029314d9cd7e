package plan_test

import (
	"math"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/plan"
)

func TestHotKeysByHand(t *testing.T) {
	// Two keys of 1,250 writes each: 250 of each refused, a fifth; two shards each have 625.
	got, err := plan.Traffic{Keys: plan.Uniform(2), Writes: 2500}.HotKeys()
	require.NoError(t, err)
	assert.Equal(t, 2, got.Over)
	assert.InDelta(t, 0.2, got.Writing.Sustained, 1e-9)
	assert.InDelta(t, 0.2, got.Writing.Simulated, 0.01)
	assert.Equal(t, 2, got.WriteShards)
	sharded, err := plan.Traffic{Keys: plan.Uniform(4), Writes: 2500}.HotKeys()
	require.NoError(t, err)
	assert.Zero(t, sharded.Over)
	assert.Zero(t, sharded.Writing.Simulated, "the shards ended it")

	// 100 provisioned, 150 asked for: burst holds 30,000, so that 50 a second too many are let through for 600 seconds
	// of 900.
	burst, err := plan.Traffic{Keys: plan.Uniform(1000), Writes: 150, ProvisionedWrites: 100}.HotKeys()
	require.NoError(t, err)
	assert.InDelta(t, 1.0/3, burst.Writing.Sustained, 1e-9)
	assert.InDelta(t, 600, burst.Writing.From, 30)
	assert.InDelta(t, 300.0*50/(900*150), burst.Writing.Simulated, 0.01)

	// Zipf of exponent 1 over 4 keys: 12/25, 6/25, 4/25, 3/25.
	zipf, err := plan.Traffic{Keys: plan.Zipf(4, 1), Reads: 10_000}.HotKeys()
	require.NoError(t, err)
	assert.InDelta(t, 12.0/25, zipf.Busiest[0].Share, 1e-9)
	assert.InDelta(t, 1800.0/10_000, zipf.Reading.Sustained, 1e-9)
	assert.Equal(t, 2, zipf.ReadCopies)
}

func TestHotKeysAreDeterministic(t *testing.T) {
	traffic := plan.Traffic{Keys: plan.Zipf(1e6, 1.1), Reads: 50_000, Writes: 20_000, Seed: 3}
	a, err := traffic.HotKeys()
	require.NoError(t, err)
	b, err := traffic.HotKeys()
	require.NoError(t, err)
	assert.Equal(t, a, b)
}

func TestHotKeysFlagWhatCannotSplit(t *testing.T) {
	got, err := plan.Traffic{Keys: plan.Uniform(1), Writes: 2000, LocalIndexes: true, RisingSort: true,
		CollectionBytes: 9 << 30}.HotKeys()
	require.NoError(t, err)
	assert.Len(t, got.Flags, 3)
}

func TestBadTrafficIsRefusedByName(t *testing.T) {
	good := plan.Traffic{Name: "t", Keys: plan.Uniform(10), Writes: 1}
	for names, change := range map[string]func(*plan.Traffic){
		"Writes -1":        func(t *plan.Traffic) { t.Writes = -1 },
		"Reads NaN":        func(t *plan.Traffic) { t.Reads = math.NaN() },
		"ReadUnits":        func(t *plan.Traffic) { t.ReadUnits = math.Inf(1) },
		"Duration":         func(t *plan.Traffic) { t.Duration = -1 },
		"0 keys":           func(t *plan.Traffic) { t.Keys = plan.Uniform(0) },
		"kind":             func(t *plan.Traffic) { t.Keys = plan.KeyDistribution{Keys: 1} },
		"sample":           func(t *plan.Traffic) { t.Keys = plan.Sample(nil); t.Keys.Keys = 1 },
		"ProvisionedReads": func(t *plan.Traffic) { t.ProvisionedReads = -1 },
	} {
		traffic := good
		change(&traffic)
		_, err := traffic.HotKeys()
		assert.ErrorContains(t, err, names)
	}
}

// A rate of operations that a workload may have is one of units, however many each takes.
func TestHotKeysOfManyUnits(t *testing.T) {
	keys := plan.Zipf(100, 1)
	workload := func(rate float64) plan.Workload {
		return plan.Workload{
			Entities: []plan.Entity{{Name: "E", Count: 1, Sizes: plan.Bytes(300_000), Keys: &keys}},
			Patterns: []plan.AccessPattern{{Name: "read all", Operation: plan.Query, Entity: "E", Items: 5000,
				Average: rate, Peak: rate}},
		}
	}
	p, err := plan.New(workload(1e5), sheet(t))
	require.NoError(t, err)
	require.NotEmpty(t, p.HotKeys)
	assert.Greater(t, p.HotKeys[0].Reads, 1e10)
	assert.InDelta(t, 1, p.HotKeys[0].Reading.Sustained, 1e-3)
	assert.Greater(t, p.HotKeys[0].ReadCopies, 1_000_000)

	many := plan.Traffic{Name: "t", Keys: keys, Writes: 1.1e15}
	_, err = many.HotKeys()
	assert.ErrorContains(t, err, "Writes 1.1e+15: it is 0 to 1e+15")
}

func TestSampleKeepsKeysToItself(t *testing.T) {
	keys := []string{"a", "b", "a", "c", "a", "b"}
	d := plan.Sample(keys)
	assert.Empty(t, d.Names)
	assert.Equal(t, []float64{3, 2, 1}, d.Counts)
	assert.Equal(t, []string{"a", "b", "c"}, plan.SampleNamed(keys).Names)
}

// The engine's token buckets refuse the share of the same traffic that the plan says.
func TestEngineAgrees(t *testing.T) {
	schema := monotable.Schema{Name: "votes", Partition: monotable.S("p")}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	client := dynamotest.NewClient(dynamotest.WithClock(func() time.Time { return now }),
		dynamotest.WithThroughputLimits(dynamotest.ThroughputLimits{}))
	require.NoError(t, admin.Create(t.Context(), client, schema, time.Minute))
	now = now.Add(time.Hour)
	const rate, seconds = 2600, 15
	traffic := plan.Traffic{Keys: plan.KeyDistribution{Kind: "sample", Keys: 3, Counts: []float64{7, 4, 2}},
		Writes: rate, Duration: seconds * time.Second}
	want, err := traffic.HotKeys()
	require.NoError(t, err)
	refused := 0
	for i := range rate * seconds {
		now = now.Add(time.Second / rate)
		key := []string{"a", "a", "b", "a", "c", "a", "b", "a", "b", "a", "c", "a", "b"}[i%13]
		_, err := client.PutItem(t.Context(),
			&dynamodb.PutItemInput{TableName: &schema.Name,
				Item: monotable.Item{"p": &types.AttributeValueMemberS{Value: key}}})
		if err != nil {
			var throttled *types.ThrottlingException
			require.ErrorAs(t, err, &throttled)
			refused++
		}
	}
	assert.InDelta(t, want.Writing.Simulated, float64(refused)/(rate*seconds), 0.01)
	assert.InDelta(t, 400.0/2600, want.Writing.Sustained, 1e-9)
}

func BenchmarkHotKeys(b *testing.B) {
	// 1.2 million requests
	traffic := plan.Traffic{Keys: plan.Zipf(1e6, 1), Writes: 20_000, Seed: 1, Duration: time.Minute}
	for b.Loop() {
		if _, err := traffic.HotKeys(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	w := plan.Workload{Indexes: []plan.Index{{Name: "g"}, {Name: "h"}},
		Entities: []plan.Entity{{Name: "E", Count: 1e6, Sizes: plan.Bytes(700),
			Entries: []plan.Entry{{Index: "g", Sizes: plan.Bytes(100)}, {Index: "h", Sizes: plan.Bytes(100)}}}}}
	for i := range 50 {
		operation := []plan.Operation{plan.GetItem, plan.PutItem, plan.Query, plan.UpdateItem, plan.DeleteItem}[i%5]
		w.Patterns = append(w.Patterns, plan.AccessPattern{Name: string(rune('A' + i)), Operation: operation,
			Entity: "E", Average: 1, Peak: 2})
	}
	s := sheet(b)
	for b.Loop() {
		if _, err := plan.New(w, s); err != nil {
			b.Fatal(err)
		}
	}
}
