package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/stream"
)

// shopOf makes the shop's table with a stream, and gives the stream's ARN.
func shopOf(t testing.TB, client *dynamotest.Client, view types.StreamViewType) (arn string) {
	t.Helper()
	schema := shop
	schema.Stream = view
	require.NoError(t, admin.Create(context.Background(), client, schema, 0))
	out, err := client.DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: &shop.Name})
	require.NoError(t, err)
	return *out.Table.LatestStreamArn
}

// drain delivers until there is nothing more.
func drain(t testing.TB, p *stream.Poller) (deliveries []stream.Delivery) {
	t.Helper()
	for range 100 {
		d, err := p.Next(context.Background())
		require.NoError(t, err)
		if len(d.Event.Records) == 0 {
			return deliveries
		}
		deliveries = append(deliveries, d)
	}
	t.Fatal("no end")
	return nil
}

// What tables write arrives as its own types, with guards left out, from each view as far as it goes.
func TestTableToRouter(t *testing.T) {
	ctx := context.Background()
	for view, want := range map[types.StreamViewType][]string{
		types.StreamViewTypeNewAndOldImages: {
			"customer - > ann@example.com", "order - > 1 open", "order 1 open > 1 paid",
			"customer ann@example.com > ann@example.org", "order 1 paid > -",
		},
		types.StreamViewTypeKeysOnly: {"customer INSERT", "order INSERT", "order MODIFY", "customer MODIFY",
			"order REMOVE"},
	} {
		client := dynamotest.NewClient()
		arn := shopOf(t, client, view)
		db, orders, customers := tables(client)
		var j journal
		kind := func(ctx context.Context) stream.Kind {
			r, _ := stream.RecordOf(ctx)
			return r.Kind
		}
		options := []stream.Option{
			stream.On(orders, func(_ context.Context, old, new *Order) error {
				return j.note("order %s > %s", status(old), status(new))
			}),
			stream.On(customers, func(_ context.Context, old, new *Customer) error {
				return j.note("customer %s > %s", email(old), email(new))
			}),
		}
		if view == types.StreamViewTypeKeysOnly {
			options = []stream.Option{
				stream.OnKeys(orders, func(ctx context.Context,
					_ monotable.Item) error {
					return j.note("order %s", kind(ctx))
				}),
				stream.OnKeys(customers, func(ctx context.Context,
					_ monotable.Item) error {
					return j.note("customer %s", kind(ctx))
				}),
			}
		}
		router := quiet(t, db, options...)

		ann := Customer{ID: "ann", Email: "ann@example.com"}
		require.NoError(t, customers.Create(ctx, &ann))
		first := Order{CustomerID: "ann", ID: "1", Status: "open"}
		require.NoError(t, orders.Create(ctx, &first))
		_, err := orders.Update(ctx, first, expression.Set(expression.Name("status"), expression.Value("paid")))
		require.NoError(t, err)
		_, err = customers.Modify(ctx, ann, func(c *Customer) error { c.Email = "ann@example.org"; return nil })
		require.NoError(t, err)
		require.NoError(t, orders.Delete(ctx, first))

		p := &stream.Poller{Client: client, StreamARN: arn, BatchSize: 3, Handle: router.Handle}
		records, guards := 0, 0
		for _, d := range drain(t, p) {
			assert.False(t, d.Failed(), "%v", d.Err)
			assert.LessOrEqual(t, len(d.Event.Records), 3)
			for _, r := range d.Event.Records {
				records++
				if pk, _ := r.Keys.String("PK"); strings.HasPrefix(pk, "UNIQUE#") {
					guards++
				}
				assert.Equal(t, view, r.View)
				assert.WithinDuration(t, time.Now(), r.At, time.Minute)
			}
			_, err := json.Marshal(d.Event)
			assert.NoError(t, err)
		}
		assert.Equal(t, want, j.lines)
		assert.Equal(t, len(want)+3, records, "three guards were written or removed")
		assert.Equal(t, 3, guards)

		require.NoError(t, orders.Create(ctx, &first))
		assert.Len(t, drain(t, p), 1, "and so it goes on")
	}
}

// Items that look a little like guards are nobody's, and surface.
func TestGuardsAreTheLibrarysOwn(t *testing.T) {
	db, c := setUp(t)
	router := quiet(t, db, stream.Ignore(c.orders), stream.Ignore(c.customers))
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	owner := &types.AttributeValueMemberM{Value: monotable.Item{}}
	for name, item := range map[string]monotable.Item{
		"no owner":       {"PK": s("UNIQUE#A#b#c"), "SK": s("UNIQUE")},
		"owner a string": {"PK": s("UNIQUE#A#b#c"), "SK": s("UNIQUE"), "owner": s("x")},
		"other sort key": {"PK": s("UNIQUE#A#b#c"), "SK": s("UNIQUE2"), "owner": owner},
		"other prefix":   {"PK": s("UNIQUELY"), "SK": s("UNIQUE"), "owner": owner},
	} {
		r := c.record(stream.Insert, keysOf(item), nil, item)
		assert.ErrorIs(t, router.HandleWhole(context.Background(), stream.Event{Records: []stream.Record{r}}),
			stream.ErrUnrouted, name)
	}
	guard := monotable.Item{"PK": s("UNIQUE#A#b#c"), "SK": s("UNIQUE"), "owner": owner}
	r := c.record(stream.Insert, keysOf(guard), nil, guard)
	assert.NoError(t, router.HandleWhole(context.Background(), stream.Event{Records: []stream.Record{r}}))
}

// failing handles all records but one.
func failing(sequence *string) func(context.Context, stream.Event) (stream.Response, error) {
	return func(_ context.Context, e stream.Event) (stream.Response, error) {
		if *sequence == "" {
			return stream.Response{}, nil
		}
		return stream.Response{BatchItemFailures: []stream.Failure{{ItemIdentifier: *sequence}}}, nil
	}
}

// A failure is delivered again, the batch's rest with it, until attempts are spent.
func TestPollerRepeats(t *testing.T) {
	ctx := context.Background()
	client := dynamotest.NewClient()
	arn := shopOf(t, client, types.StreamViewTypeKeysOnly)
	_, orders, _ := tables(client)
	for i := range 5 {
		require.NoError(t, orders.Create(ctx, &Order{CustomerID: "ann", ID: strconv.Itoa(i)}))
	}
	var fail string
	p := &stream.Poller{Client: client, StreamARN: arn, BatchSize: 4, MaxAttempts: 3, Handle: failing(&fail)}
	sequences := func(records []stream.Record) (all []string) {
		for _, r := range records {
			all = append(all, r.Sequence)
		}
		return all
	}
	peek := &stream.Poller{Client: client, StreamARN: arn, Handle: failing(new(string))}
	all := sequences(drain(t, peek)[0].Event.Records)
	require.Len(t, all, 5)

	fail = all[2]
	for i, want := range []stream.Delivery{{Handled: 2, Attempt: 1}, {Attempt: 2},
		{Attempt: 3, Discarded: make([]stream.Record, 2)}} {
		d, err := p.Next(ctx)
		require.NoError(t, err)
		assert.True(t, d.Failed())
		assert.NoError(t, d.Err)
		assert.Equal(t, []int{want.Handled, want.Attempt, len(want.Discarded)},
			[]int{d.Handled, d.Attempt, len(d.Discarded)}, i)
		assert.Equal(t, all[min(2*i, 2):4], sequences(d.Event.Records))
	}
	fail = ""
	rest := drain(t, p)
	require.Len(t, rest, 1)
	assert.Equal(t, all[4:], sequences(rest[0].Event.Records))
	assert.False(t, rest[0].Failed())
}

// Answers that Lambda takes for the failure of the whole batch.
func TestPollerRepeatsWholeBatches(t *testing.T) {
	ctx := context.Background()
	client := dynamotest.NewClient()
	arn := shopOf(t, client, types.StreamViewTypeKeysOnly)
	_, orders, _ := tables(client)
	for i := range 2 {
		require.NoError(t, orders.Create(ctx, &Order{CustomerID: "ann", ID: strconv.Itoa(i)}))
	}
	down := errors.New("down")
	var answer stream.Response
	var err error
	p := &stream.Poller{Client: client, StreamARN: arn,
		Handle: func(context.Context, stream.Event) (stream.Response, error) { return answer, err }}
	for name, c := range map[string]struct {
		answer stream.Response
		err    error
	}{
		"error":          {err: down},
		"empty sequence": {answer: stream.Response{BatchItemFailures: []stream.Failure{{}}}},
		"other sequence": {answer: stream.Response{BatchItemFailures: []stream.Failure{{ItemIdentifier: "7"}}}},
		"one of them bad": {answer: stream.Response{BatchItemFailures: []stream.Failure{
			{ItemIdentifier: "100000000000000000003"}, {}}}},
	} {
		answer, err = c.answer, c.err
		d, nextErr := p.Next(ctx)
		require.NoError(t, nextErr)
		assert.True(t, d.Failed(), name)
		assert.Zero(t, d.Handled, name)
		assert.Len(t, d.Event.Records, 2, name)
		assert.Error(t, d.Err, name)
	}
	answer, err = stream.Response{}, nil
	assert.Len(t, drain(t, p), 1)
}

// A batch that fails as a whole is halved until what cannot be handled stands alone; all else is handled, in order.
func TestPollerBisects(t *testing.T) {
	ctx := context.Background()
	client := dynamotest.NewClient()
	arn := shopOf(t, client, types.StreamViewTypeKeysOnly)
	_, orders, _ := tables(client)
	for i := range 8 {
		require.NoError(t, orders.Create(ctx, &Order{CustomerID: "ann", ID: strconv.Itoa(i)}))
	}
	for max, want := range map[int]string{
		1: "012345 012 345 3 45 67",
		3: "012345 012 345 3 3 3 45 67",
	} {
		var delivered []string
		handled := ""
		p := &stream.Poller{Client: client, StreamARN: arn, BatchSize: 6, MaxAttempts: max, Bisect: true,
			Handle: func(_ context.Context, event stream.Event) (stream.Response, error) {
				text := ""
				for _, r := range event.Records {
					key, err := r.Keys.String("SK")
					require.NoError(t, err)
					text += strings.TrimPrefix(key, "ORDER#")
				}
				delivered = append(delivered, text)
				if strings.Contains(text, "3") {
					return stream.Response{}, errors.New("all of it")
				}
				handled += text
				return stream.Response{}, nil
			}}
		var discarded []stream.Record
		for _, d := range drain(t, p) {
			discarded = append(discarded, d.Discarded...)
		}
		assert.Equal(t, want, strings.Join(delivered, " "))
		assert.Equal(t, "0124567", handled)
		require.Len(t, discarded, 1)
		assert.Equal(t, &types.AttributeValueMemberS{Value: "ORDER#3"}, discarded[0].Keys["SK"])
	}
}

func TestPollerStartsWithLatest(t *testing.T) {
	ctx := context.Background()
	client := dynamotest.NewClient()
	arn := shopOf(t, client, types.StreamViewTypeKeysOnly)
	_, orders, _ := tables(client)
	require.NoError(t, orders.Create(ctx, &Order{CustomerID: "ann", ID: "before"}))
	p := &stream.Poller{Client: client, StreamARN: arn, Latest: true, Handle: failing(new(string))}
	assert.Empty(t, drain(t, p))
	require.NoError(t, orders.Create(ctx, &Order{CustomerID: "ann", ID: "after"}))
	deliveries := drain(t, p)
	require.Len(t, deliveries, 1)
	sk, err := deliveries[0].Event.Records[0].Keys.String("SK")
	require.NoError(t, err)
	assert.Equal(t, "ORDER#after", sk)
}

// An iterator that expired is replaced where nothing can be skipped.
func TestPollerIteratorExpires(t *testing.T) {
	ctx := context.Background()
	now := time.Now()
	client := dynamotest.NewClient(dynamotest.WithClock(func() time.Time { return now }))
	arn := shopOf(t, client, types.StreamViewTypeKeysOnly)
	_, orders, _ := tables(client)
	p := &stream.Poller{Client: client, StreamARN: arn, Handle: failing(new(string))}
	latest := &stream.Poller{Client: client, StreamARN: arn, Latest: true, Handle: failing(new(string))}
	assert.Empty(t, drain(t, p))
	assert.Empty(t, drain(t, latest))
	for i := range 2 {
		require.NoError(t, orders.Create(ctx, &Order{CustomerID: "ann", ID: strconv.Itoa(i)}))
		now = now.Add(16 * time.Minute)
		var expired *streamtypes.ExpiredIteratorException
		_, err := p.Next(ctx)
		require.ErrorAs(t, err, &expired)
		assert.Len(t, drain(t, p), 1)
		_, err = latest.Next(ctx)
		require.ErrorAs(t, err, &expired)
		_, err = latest.Next(ctx)
		require.ErrorAs(t, err, &expired, "what it did not see must not be skipped")
	}
}

// trimming is a client whose next read is behind what the service still has.
type trimming struct {
	*dynamotest.Client
	next bool
}

func (c *trimming) GetRecords(ctx context.Context, in *dynamodbstreams.GetRecordsInput,
	o ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	if c.next {
		c.next = false
		return nil, &streamtypes.TrimmedDataAccessException{}
	}
	return c.Client.GetRecords(ctx, in, o...)
}

// Where the stream no longer has what comes next, the caller is told once, and reading goes on with the oldest that is
// there.
func TestPollerGoesOnBehindTrimmedChanges(t *testing.T) {
	ctx := context.Background()
	client := &trimming{Client: dynamotest.NewClient()}
	arn := shopOf(t, client.Client, types.StreamViewTypeKeysOnly)
	_, orders, _ := tables(client)
	for _, latest := range []bool{false, true} {
		p := &stream.Poller{Client: client, StreamARN: arn, Latest: latest, Handle: failing(new(string))}
		drain(t, p)
		client.next = true
		var trimmed *streamtypes.TrimmedDataAccessException
		_, err := p.Next(ctx)
		require.ErrorAs(t, err, &trimmed)
		require.NoError(t, orders.Put(ctx, &Order{CustomerID: "ann", ID: fmt.Sprint(latest)}))
		deliveries := drain(t, p)
		require.Len(t, deliveries, 1)
		assert.Len(t, deliveries[0].Event.Records, map[bool]int{false: 1, true: 2}[latest], "all that is there")
	}
}

func TestPollerRefuses(t *testing.T) {
	ctx := context.Background()
	client := dynamotest.NewClient()
	handle := failing(new(string))
	for want, p := range map[string]stream.Poller{
		"must be set":       {},
		"BatchSize is 1001": {Client: client, StreamARN: "arn", Handle: handle, BatchSize: 1001},
		"BatchSize is -1":   {Client: client, StreamARN: "arn", Handle: handle, BatchSize: -1},
		"MaxAttempts is -1": {Client: client, StreamARN: "arn", Handle: handle, MaxAttempts: -1},
		"Requested resource not found": {Client: client, Handle: handle,
			StreamARN: "arn:aws:dynamodb:us-east-1:000000000000:table/none/stream/2026-11-22T17:00:00.000"},
	} {
		_, err := p.Next(ctx)
		assert.ErrorContains(t, err, "stream: Poller: ")
		assert.ErrorContains(t, err, want)
	}
	arn := shopOf(t, client, types.StreamViewTypeKeysOnly)
	_, orders, _ := tables(client)
	require.NoError(t, orders.Create(ctx, &Order{CustomerID: "ann", ID: "1"}))
	ended, cancel := context.WithCancel(ctx)
	p := stream.Poller{Client: client, StreamARN: arn,
		Handle: func(context.Context, stream.Event) (stream.Response, error) {
			t.Error("called")
			return stream.Response{}, nil
		}}
	cancel()
	_, err := p.Next(ended)
	assert.ErrorIs(t, err, context.Canceled)
}

// tree is a stream of several shards: parents end, and go on in children that are listed late.
type tree struct {
	shards  []streamtypes.Shard
	records map[string][]streamtypes.Record
	open    map[string]bool
	counts  map[string]int // requests
}

func (s *tree) DescribeStream(_ context.Context, in *dynamodbstreams.DescribeStreamInput,
	_ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error) {
	s.counts["DescribeStream"]++
	start := 0
	if in.ExclusiveStartShardId != nil {
		start = 1 + slices.IndexFunc(s.shards,
			func(sh streamtypes.Shard) bool { return *sh.ShardId == *in.ExclusiveStartShardId })
	}
	d := &streamtypes.StreamDescription{Shards: s.shards[start:min(start+2, len(s.shards))]} // pages of two
	if start+2 < len(s.shards) {
		d.LastEvaluatedShardId = s.shards[start+1].ShardId
	}
	return &dynamodbstreams.DescribeStreamOutput{StreamDescription: d}, nil
}

func (s *tree) GetShardIterator(_ context.Context, in *dynamodbstreams.GetShardIteratorInput,
	_ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error) {
	s.counts["GetShardIterator"]++
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: aws.String(*in.ShardId + " 0")}, nil
}

func (s *tree) GetRecords(_ context.Context, in *dynamodbstreams.GetRecordsInput,
	_ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	s.counts["GetRecords"]++
	var id string
	var at int
	if _, err := fmt.Sscan(*in.ShardIterator, &id, &at); err != nil {
		return nil, err
	}
	end := min(at+int(*in.Limit), len(s.records[id]))
	out := &dynamodbstreams.GetRecordsOutput{Records: s.records[id][at:end]}
	if end < len(s.records[id]) || s.open[id] {
		out.NextShardIterator = aws.String(id + " " + strconv.Itoa(end))
	}
	return out, nil
}

func (s *tree) add(id, parent string, sequences ...string) {
	shard := streamtypes.Shard{ShardId: &id}
	if parent != "" {
		shard.ParentShardId = &parent
	}
	s.shards = append(s.shards, shard)
	for _, sequence := range sequences {
		s.records[id] = append(s.records[id],
			streamtypes.Record{EventName: "INSERT",
				Dynamodb: &streamtypes.StreamRecord{SequenceNumber: aws.String(sequence)}})
	}
}

// A child's changes come after its parent's, whatever order shards are listed in, and a shard that fails holds up
// itself alone.
func TestPollerFollowsShards(t *testing.T) {
	s := &tree{records: map[string][]streamtypes.Record{}, open: map[string]bool{"c": true, "d": true, "f": true},
		counts: map[string]int{}}
	s.add("c", "a", "31", "32")
	s.add("a", "gone", "11", "12", "13")
	s.add("d", "b", "41")
	s.add("b", "", "21", "22")
	s.add("e", "")
	var fail string
	var seen []string
	p := &stream.Poller{Client: s, StreamARN: "arn", BatchSize: 2,
		Handle: func(ctx context.Context, e stream.Event) (stream.Response, error) {
			for _, r := range e.Records {
				if r.Sequence == fail {
					return stream.Response{BatchItemFailures: []stream.Failure{{ItemIdentifier: fail}}}, nil
				}
				seen = append(seen, r.Sequence)
			}
			return stream.Response{}, nil
		}}
	fail = "12"
	for range 6 {
		_, err := p.Next(context.Background())
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"11", "21", "22", "41"}, seen)
	fail = ""
	drain(t, p)
	assert.Equal(t, []string{"11", "21", "22", "41", "12", "13", "31", "32"}, seen)

	s.add("f", "e", "51")
	drain(t, p)
	assert.Equal(t, "51", seen[len(seen)-1], "a child that is listed later")
	before := s.counts["DescribeStream"]
	drain(t, p)
	assert.Equal(t, before, s.counts["DescribeStream"], "all that ended has successors")
	assert.Equal(t, 6, s.counts["GetShardIterator"])
}
