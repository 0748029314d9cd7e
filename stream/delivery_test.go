package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/stream"
)

// lambdaShard delivers a shard as Lambda does with ReportBatchItemFailures: what it has not read goes into batches, and
// from the lowest reported sequence number a batch is sent again. Everything goes through JSON.
type lambdaShard struct {
	unread []stream.Record
	batch  []stream.Record
}

// next delivers one batch of at most size records, unless one is to be sent again, and gives the JSON answered.
func (l *lambdaShard) next(t require.TestingT, size int,
	fn func(context.Context, stream.Event) (stream.Response, error)) (report string) {
	if len(l.batch) == 0 {
		n := min(size, len(l.unread))
		l.batch, l.unread = l.unread[:n], l.unread[n:]
	}
	sent, err := json.Marshal(stream.Event{Records: l.batch})
	require.NoError(t, err)
	var event stream.Event
	require.NoError(t, json.Unmarshal(sent, &event))
	response, err := fn(context.Background(), event)
	if err != nil {
		return "error"
	}
	answer, err := json.Marshal(response)
	require.NoError(t, err)
	var read struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	require.NoError(t, json.Unmarshal(answer, &read))
	for len(l.batch) > 0 {
		for _, f := range read.BatchItemFailures {
			if l.batch[0].Sequence == f.ItemIdentifier {
				return string(answer)
			}
		}
		l.batch = l.batch[1:]
	}
	require.Empty(t, read.BatchItemFailures, "a failure that the batch does not have")
	return string(answer)
}

// witness is a function that fails as planned, and checks what it sees of each key's changes.
type witness struct {
	mu       sync.Mutex
	fails    map[string]int // times still to fail, by sequence
	handled  map[string]int // times handled, by sequence
	keyOf    map[string]string
	order    map[string][]string // each key's sequences
	previous map[string]string   // the last sequence of each key in this invocation
	busy     map[string]bool
	calls    []string // sequences, in order of this invocation
	wrong    []string
}

func (w *witness) see(ctx context.Context) error {
	r, _ := stream.RecordOf(ctx)
	key := w.keyOf[r.Sequence]
	w.mu.Lock()
	if w.busy[key] {
		w.wrong = append(w.wrong, "two at once of "+key)
	}
	if w.previous[key] >= r.Sequence {
		w.wrong = append(w.wrong, r.Sequence+" after "+w.previous[key])
	}
	for _, earlier := range w.order[key] {
		if earlier < r.Sequence && w.handled[earlier] == 0 {
			w.wrong = append(w.wrong, r.Sequence+" before "+earlier)
		}
	}
	w.busy[key], w.previous[key] = true, r.Sequence
	w.calls = append(w.calls, r.Sequence)
	w.mu.Unlock()
	if pause := r.Sequence[len(r.Sequence)-1] - '0'; pause%3 == 0 {
		time.Sleep(time.Duration(pause) * time.Microsecond)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy[key] = false
	if w.fails[r.Sequence] > 0 {
		w.fails[r.Sequence]--
		if w.fails[r.Sequence]%2 == 1 {
			panic("planned")
		}
		return errors.New("planned")
	}
	w.handled[r.Sequence]++
	return nil
}

// Whatever the batches and whichever records fail how often: every record is handled, each key's in order, and nothing
// before a reported failure is unhandled.
func TestDeliveryLosesNothing(t *testing.T) {
	for _, parallel := range []int{1, 2, 5} {
		t.Run(strconv.Itoa(parallel), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { checkDelivery(t, parallel) })
		})
	}
}

func checkDelivery(t *rapid.T, parallel int) {
	db, orders, customers := tables(&dynamodb.Client{})
	made := &changes{t: t, orders: orders, customers: customers}
	w := &witness{fails: map[string]int{}, handled: map[string]int{}, keyOf: map[string]string{},
		order: map[string][]string{}, busy: map[string]bool{}}
	shard := &lambdaShard{}
	planned := 0
	for range rapid.IntRange(0, 25).Draw(t, "records") {
		id := strconv.Itoa(rapid.IntRange(1, 4).Draw(t, "key"))
		r := made.order(stream.Modify, id)
		if rapid.IntRange(0, 3).Draw(t, "type") == 0 {
			id = "c" + id
			r = made.customer(stream.Modify, id)
		}
		if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
			w.fails[r.Sequence] = rapid.IntRange(1, 3).Draw(t, "times")
			planned += w.fails[r.Sequence]
		}
		w.keyOf[r.Sequence] = id
		w.order[id] = append(w.order[id], r.Sequence)
		shard.unread = append(shard.unread, r)
	}
	total := len(shard.unread)
	var failures atomic.Int64
	router, err := stream.New(db, stream.Parallel(parallel),
		stream.On(orders, func(ctx context.Context, _, _ *Order) error { return w.see(ctx) }),
		stream.OnNew(customers, func(ctx context.Context, _ *Customer) error { return w.see(ctx) }),
		stream.Failed(func(context.Context, *stream.Error) { failures.Add(1) }))
	require.NoError(t, err)

	for invocation := 0; len(shard.unread)+len(shard.batch) > 0; invocation++ {
		require.LessOrEqual(t, invocation, planned+total, "no progress")
		w.previous, w.calls = map[string]string{}, nil
		answer := shard.next(t, rapid.IntRange(1, 10).Draw(t, "batch"), router.Handle)
		require.NotEqual(t, "error", answer)
		require.Empty(t, w.wrong)
		waiting := map[string]bool{}
		for _, r := range slices.Concat(shard.batch, shard.unread) {
			waiting[r.Sequence] = true
		}
		for sequence := range w.keyOf {
			require.True(t, waiting[sequence] || w.handled[sequence] > 0, "%s is lost", sequence)
		}
		if parallel == 1 && len(shard.batch) > 0 {
			require.Equal(t, shard.batch[0].Sequence, w.calls[len(w.calls)-1], "nothing behind a failure is begun")
		}
	}
	assert.EqualValues(t, planned, failures.Load(), "every failure is told")
	for sequence := range w.keyOf {
		if parallel == 1 {
			assert.Equal(t, 1, w.handled[sequence], "in order, a record is handled once")
		}
		assert.Positive(t, w.handled[sequence])
	}
}

// Where only whole batches can fail, a batch is repeated until it is handled.
func TestHandleWholeRepeatsTheBatch(t *testing.T) {
	db, made := setUp(t)
	var seen []string
	down := 2
	router := quiet(t, db, stream.On(made.orders, func(_ context.Context, _, new *Order) error {
		seen = append(seen, new.ID)
		if new.ID == "2" && down > 0 {
			down--
			return errors.New("down")
		}
		return nil
	}))
	event := stream.Event{Records: []stream.Record{made.order(stream.Insert, "1"), made.order(stream.Insert, "2"),
		made.order(stream.Insert, "3")}}
	for router.HandleWhole(context.Background(), event) != nil {
	}
	assert.Equal(t, []string{"1", "2", "1", "2", "1", "2", "3"}, seen)
}

// Keys are handled side by side, no more of them than was said.
func TestParallelIsBounded(t *testing.T) {
	db, made := setUp(t)
	var now, most atomic.Int64
	router := quiet(t, db, stream.Parallel(3), stream.On(made.orders, func(context.Context, *Order, *Order) error {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(time.Millisecond)
		return nil
	}))
	var event stream.Event
	for i := range 20 {
		event.Records = append(event.Records, made.order(stream.Insert, strconv.Itoa(i)))
	}
	require.NoError(t, router.HandleWhole(context.Background(), event))
	assert.EqualValues(t, 3, most.Load())
	assert.Zero(t, now.Load())
}
