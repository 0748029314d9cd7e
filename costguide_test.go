package monotable_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// The developer guide's own worked examples, each with the section that works it out.
func TestGuideExamples(t *testing.T) {
	const kb = 1024
	read := func(cost monotable.Cost, err error) float64 { require.NoError(t, err); return cost.Read }
	consistent := monotable.Consistent()

	// "DynamoDB read and write operations", capacity unit consumption for read operations, GetItem: an item of 3.5 KB
	// is rounded up to 4 KB, one of 10 KB to 12 KB.
	assert.Equal(t, 1.0, read(monotable.ReadCost(3.5*kb, consistent)))
	assert.Equal(t, 3.0, read(monotable.ReadCost(10*kb, consistent)))
	// "DynamoDB read and write operations", BatchGetItem: items of 1.5 KB and 6.5 KB are read as 4 KB + 8 KB, not as 8
	// KB.
	assert.Equal(t, 3.0, read(monotable.BatchReadCost([]int{1.5 * kb, 6.5 * kb}, consistent)))
	// "DynamoDB read and write operations", Query: 10 items whose sizes add up to 40.8 KB are rounded up to 44 KB.
	assert.Equal(t, 11.0, read(monotable.QueryCost(10, 4177, consistent)))
	// "DynamoDB read and write operations", Query: 1,500 items of 64 bytes are 96 KB.
	assert.Equal(t, 24.0, read(monotable.QueryCost(1500, 64, consistent)))
	// "Read and write capacity mode", read request units: an item of 8 KB takes 2 units consistently, 1 eventually, 4
	// in a transaction.
	assert.Equal(t, 2.0, read(monotable.ReadCost(8*kb, consistent)))
	assert.Equal(t, 1.0, read(monotable.ReadCost(8*kb)))
	assert.Equal(t, 4.0, read(monotable.TransactReadCost([]int{8 * kb})))

	entries := offline[entry](t, ledger, monotable.Model{})
	of := func(bytes int) *entry {
		e := entry{P: "p", S: 1, Z: "z"}
		size, err := entries.Size(e)
		require.NoError(t, err)
		e.Z = strings.Repeat("z", bytes-size+1)
		return &e
	}
	write := func(cost monotable.Cost, err error) float64 { require.NoError(t, err); return cost.Write }
	// "DynamoDB read and write operations", PutItem and UpdateItem: an item of 500 bytes is rounded up to 1 KB; the
	// larger of the item before and after counts.
	assert.Equal(t, 1.0, write(entries.WriteCost(nil, of(500))))
	assert.Equal(t, 4.0, write(entries.WriteCost(of(3.5*kb), of(500))))
	// "DynamoDB read and write operations", BatchWriteItem: items of 500 bytes and 3.5 KB are written as 1 KB + 4 KB.
	one, err := entries.WriteCost(nil, of(500))
	require.NoError(t, err)
	two, err := entries.WriteCost(nil, of(3.5*kb))
	require.NoError(t, err)
	assert.Equal(t, 5.0, one.Plus(two).Write)
	// "Read and write capacity mode", write request units: an item of 2 KB takes 2 units, 4 in a transaction.
	assert.Equal(t, 2.0, write(entries.WriteCost(nil, of(2*kb))))
	assert.Equal(t, 4.0, write(entries.WriteCost(nil, of(2*kb), monotable.Transactional())))
	// "Amazon DynamoDB Transactions: How it works", capacity management: three transactional writes of 500 bytes a
	// second take six write units.
	each, err := entries.WriteCost(nil, of(500), monotable.Transactional())
	require.NoError(t, err)
	three, err := each.Times(3)
	require.NoError(t, err)
	assert.Equal(t, 6.0, three.Write)
	// "Using Global Secondary Indexes in DynamoDB", write capacity: a new item with the index key is one write to the
	// index; a changed key is two; a removed key one; an item that was and is not in the index none.
	in := func(a string) *entry { e := *of(500); e.A = a; return &e }
	index := func(cost monotable.Cost, err error) float64 {
		require.NoError(t, err)
		return cost.Indexes["all"].Write
	}
	assert.Equal(t, 1.0, index(entries.WriteCost(nil, in("x"))))
	assert.Equal(t, 2.0, index(entries.WriteCost(in("x"), in("y"))))
	assert.Equal(t, 1.0, index(entries.WriteCost(in("x"), of(500))))
	assert.Equal(t, 0.0, index(entries.WriteCost(of(500), of(600))))
}

func TestAbsurdInputsAreRefused(t *testing.T) {
	entries := offline[entry](t, ledger, monotable.Model{})
	sample := entry{P: "p", S: 1}
	for name, call := range map[string]func() (monotable.Cost, error){
		"bytes":      func() (monotable.Cost, error) { return monotable.ReadCost(-1) },
		"409600":     func() (monotable.Cost, error) { return monotable.ReadCost(409_601) },
		"item 1":     func() (monotable.Cost, error) { return monotable.BatchReadCost([]int{1, -5}) },
		"1 to 100":   func() (monotable.Cost, error) { return monotable.TransactReadCost(nil) },
		"number of":  func() (monotable.Cost, error) { return monotable.QueryCost(-1, 5) },
		"one byte":   func() (monotable.Cost, error) { return monotable.QueryCost(3, 0) },
		"items":      func() (monotable.Cost, error) { return monotable.ScanCost(math.MaxInt, 5, 1) },
		"segments":   func() (monotable.Cost, error) { return monotable.ScanCost(1, 5, 0) },
		"Times":      func() (monotable.Cost, error) { return monotable.Cost{}.Times(-1) },
		"no index":   func() (monotable.Cost, error) { return entries.QueryCost(1, sample, monotable.On("none")) },
		"lacks part": func() (monotable.Cost, error) { return entries.QueryCost(1, sample, monotable.On("all")) },
		"global": func() (monotable.Cost, error) {
			return entries.QueryCost(1, sample, monotable.On("all"), monotable.Consistent())
		},
		"different primary keys": func() (monotable.Cost, error) {
			return entries.WriteCost(&sample,
				&entry{P: "p", S: 2})
		},
		"not set":                func() (monotable.Cost, error) { return entries.WriteCost(nil, &entry{}) },
		"before or after is nil": func() (monotable.Cost, error) { return entries.ModifyCost(nil, &sample) },
		"after is nil":           func() (monotable.Cost, error) { return entries.UpdateCost(&sample, nil) },
		"not made": func() (monotable.Cost, error) {
			return new(monotable.Table[entry]).
				WriteCost(nil, &sample)
		},
	} {
		_, err := call()
		assert.ErrorContains(t, err, name)
	}
}

// What an estimate cannot know, it says.
func TestPartialEstimateSaysWhatIsMissing(t *testing.T) {
	entries := offline[entry](t, ledger, monotable.Model{})
	filter := monotable.Filter(expression.Name("z").Equal(expression.Value("x")))
	cost, err := entries.QueryCost(10, entry{P: "p", S: 1}, filter, monotable.Limit(5), monotable.Budget(3))
	require.NoError(t, err)
	assert.Len(t, cost.Missing, 2)
	assert.Contains(t, cost.String(), "missing: ")
}

// An item that is too large is refused before anything is sent, by an error that names what is heavy and no value.
func TestTooLargeIsNotSent(t *testing.T) {
	schema := ledger
	// older DynamoDB Locals have no such index
	schema.Indexes = slices.DeleteFunc(slices.Clone(ledger.Indexes),
		func(x monotable.Index) bool { return x.Name == "several" })
	db, requests := newDB(t, schema)
	entries := tableOf[entry](t, db, monotable.Model{})
	requests.seen()
	refused := func(err error) *monotable.SizeError {
		t.Helper()
		require.ErrorIs(t, err, monotable.ErrTooLarge)
		var size *monotable.SizeError
		require.True(t, errors.As(err, &size))
		assert.Equal(t, 409_600, size.Limit)
		assert.Greater(t, size.Bytes, size.Limit)
		assert.Contains(t, err.Error(), "largest attributes: z ")
		assert.NotContains(t, err.Error(), "qqq")
		return size
	}
	large := entry{P: "p", S: 1, Z: strings.Repeat("q", 409_600)}
	refused(entries.Put(t.Context(), &large))
	refused(entries.PutMany(t.Context(), []entry{large}))
	refused(db.Write(t.Context(), []monotable.Op{entries.CreateOp(&large)}))
	u := expression.Set(expression.Name("z"), expression.Value(large.Z))
	_, err := entries.Update(t.Context(), large, u)
	assert.True(t, refused(err).Partial)
	half := entry{P: "p", S: 1, L1: "l", Z: strings.Repeat("q", 204_800)} // once in the table, once in the local index
	assert.Greater(t, refused(entries.Put(t.Context(), &half)).Local, 204_800)
	assert.Empty(t, requests.seen())

	// What is just small enough is sent and taken: the service measures the same.
	fits := entry{P: "p", S: 1, L1: "l", Z: "z"}
	bytes, err := entries.Size(fits)
	require.NoError(t, err)
	fits.Z = strings.Repeat("q", 204_800-bytes+1)
	require.NoError(t, entries.Put(t.Context(), &fits))
	requests.seen()
	_, err = entries.Modify(t.Context(), fits, func(e *entry) error { e.Z += "q"; return nil })
	refused(err)
	assert.Equal(t, []string{"GetItem"}, requests.seen())
}

// What an update is charged besides the finished item differs by region, so that the client refuses a finished item
// alone. In an item that is full an update changes what it leaves no larger.
func TestUpdatesOfFullItems(t *testing.T) {
	type note struct {
		ID   string `dynamodbav:"id"`
		Read string `dynamodbav:"read"`
		Text string `dynamodbav:"text"`
	}
	db, requests := newDB(t, monotable.Schema{Name: "notes", Partition: monotable.S("id")})
	notes := tableOf[note](t, db, monotable.Model{})
	full := note{"n", "no", strings.Repeat("q", 409_600-len("id"+"n"+"read"+"no"+"text"))}
	require.NoError(t, notes.Put(t.Context(), &full))
	got, err := notes.Modify(t.Context(), note{ID: "n"}, func(n *note) error { n.Read = "so"; return nil })
	require.NoError(t, err)
	assert.Equal(t, "so", got.Read)
	got, err = notes.Update(t.Context(), note{ID: "n"}, expression.Set(expression.Name("read"), expression.Value("no")))
	require.NoError(t, err)
	assert.Equal(t, full, got)
	require.NoError(t, db.Write(t.Context(), []monotable.Op{
		notes.UpdateOp(note{ID: "n"}, expression.Set(expression.Name("text"), expression.Value(full.Text))),
	}), "in a transaction")
	requests.seen()
	_, err = notes.Modify(t.Context(), note{ID: "n"}, func(n *note) error { n.Read += "q"; return nil })
	var size *monotable.SizeError
	require.ErrorAs(t, err, &size)
	assert.Equal(t, 409_601, size.Bytes)
	assert.Equal(t, []string{"GetItem"}, requests.seen(), "nothing was written")
}
