package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// Streams is what a Poller needs of a client: methods that *dynamodbstreams.Client and dynamotest.Client share.
type Streams interface {
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput,
		...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput,
		...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput,
		...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

// Poller feeds a stream to a handler as Lambda's event source mapping does, for tests and local stacks: batches of one
// shard in order, a child shard after its parent, and after a failure again from the first failed sequence number. It
// keeps its place in memory only, and is not safe for concurrent use. Fill in its fields before the first Next and
// leave them then.
type Poller struct {
	Client    Streams
	StreamARN string
	// Handle is a Router's Handle, or something that sends the event's JSON to a function.
	Handle func(context.Context, Event) (Response, error)

	BatchSize int // records a batch has at most: 1 to 1000, or 0 for 100, Lambda's default
	// after that many of its first record what is left of a batch is discarded; 0 is never, Lambda's default
	MaxAttempts int
	Latest      bool // start with the changes to come; otherwise with the oldest that are there (TRIM_HORIZON)
	// Bisect halves a batch of several records that failed as a whole and delivers the halves in order, so that what
	// cannot be handled is found and the rest is. Halving is no attempt. A response that names a record splits the
	// batch there already (Lambda guide, "Process DynamoDB records with Lambda": BisectBatchOnFunctionError).
	Bisect bool

	shards []*shard
	turn   int // the shard whose turn it is
}

// shard is a shard and the poller's place in it.
type shard struct {
	id, parent string
	latest     bool    // starts with what is to come
	iterator   *string // where to read on; nil before the first read and when it expired
	last       string  // the sequence number of the last record read
	read       bool    // all of it: it is closed
	pending    []batch // what was read and is not handled yet
	attempts   int     // how often the first record of the first batch was tried
}

// batch is the records of one delivery.
type batch = []Record

func (s *shard) done() bool { return s.read && len(s.pending) == 0 }

// Delivery is one invocation of a Poller's handler and what came of it.
type Delivery struct {
	Shard     string   // the shard's id
	Event     Event    // what the handler was given; no records: there was nothing to deliver
	Handled   int      // how many of the records, from the first, are done with
	Attempt   int      // how often the first of the records has been tried, this time included
	Err       error    // what the handler returned, or what is wrong with its response: the batch failed as a whole
	Discarded []Record // what was given up after MaxAttempts
}

// Failed tells whether the handler did not handle all of the event. What it left is delivered again when the shard's
// turn comes, unless it was discarded; wait a little before the next Next, as Lambda does.
func (d *Delivery) Failed() bool { return d.Handled < len(d.Event.Records) }

// Next delivers the next batch to the handler, once, and tells how that went. Shards take turns. A delivery without
// records says that there is nothing to deliver for now: wait, or end. The error is ctx's, the client's, or one of the
// Poller's fields; Next can be called again after it. After a TrimmedDataAccessException, where changes may have been
// lost, it goes on with the oldest that are there.
//
// For the first time, and while a shard that has come to its end has no successor, it sends DescribeStream, one for
// every 100 shards. For each shard it sends one GetShardIterator, and one GetRecords for every batch and for every look
// that finds nothing.
func (p *Poller) Next(ctx context.Context) (Delivery, error) {
	if err := p.check(); err != nil {
		return Delivery{}, err
	}
	for {
		if p.unknown() {
			if err := p.describe(ctx); err != nil {
				return Delivery{}, fmt.Errorf("stream: Poller: %w", err)
			}
		}
		ended := false
		for range p.shards {
			s := p.shards[p.turn%len(p.shards)]
			p.turn = (p.turn + 1) % len(p.shards)
			end, err := p.fill(ctx, s)
			if err != nil {
				return Delivery{}, fmt.Errorf("stream: Poller: shard %s: %w", s.id, err)
			}
			if len(s.pending) > 0 {
				return p.deliver(ctx, s)
			}
			ended = ended || end
		}
		if !ended { // else the turn may have come to a child
			return Delivery{}, nil
		}
	}
}

func (p *Poller) check() error {
	switch {
	case p.Client == nil, p.StreamARN == "", p.Handle == nil:
		return errors.New("stream: Poller: Client, StreamARN and Handle must be set")
	case p.BatchSize < 0 || p.BatchSize > 1000:
		return fmt.Errorf("stream: Poller: BatchSize is %d, not 0 to 1000", p.BatchSize)
	case p.MaxAttempts < 0:
		return fmt.Errorf("stream: Poller: MaxAttempts is %d, not 0 or more", p.MaxAttempts)
	}
	return nil
}

// describe learns which shards there are, and keeps the places in those that are known.
func (p *Poller) describe(ctx context.Context) error {
	first := p.shards == nil
	var shards []*shard
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &p.StreamARN}
	for {
		out, err := p.Client.DescribeStream(ctx, in)
		if err != nil {
			return err
		}
		for _, found := range out.StreamDescription.Shards {
			id := aws.ToString(found.ShardId)
			if i := slices.IndexFunc(p.shards, func(s *shard) bool { return s.id == id }); i >= 0 {
				shards = append(shards, p.shards[i])
				continue
			}
			shards = append(shards, &shard{id: id, parent: aws.ToString(found.ParentShardId), latest: first &&
				p.Latest})
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			break
		}
	}
	for _, known := range p.shards { // the service lists a shard for a day; what is read of it is still to be handled
		if !known.done() && !slices.Contains(shards, known) {
			shards = append(shards, known)
		}
	}
	p.shards = shards
	return nil
}

// unknown tells whether there may be shards that were not described yet: one that ended goes on in its children.
func (p *Poller) unknown() bool {
	return len(p.shards) == 0 || slices.ContainsFunc(p.shards, func(s *shard) bool {
		return s.done() && !slices.ContainsFunc(p.shards, func(child *shard) bool { return child.parent == s.id })
	})
}

// fill reads a batch of a shard, unless one is pending or the shard's turn is not yet, and tells whether the shard has
// ended.
func (p *Poller) fill(ctx context.Context, s *shard) (ended bool, err error) {
	waits := slices.ContainsFunc(p.shards, func(other *shard) bool { return other.id == s.parent && !other.done() })
	if waits || s.read || len(s.pending) > 0 {
		return false, nil
	}
	if s.iterator == nil {
		if err := p.place(ctx, s); err != nil {
			return false, err
		}
	}
	size := int32(p.BatchSize)
	if size == 0 {
		size = 100
	}
	out, err := p.Client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: s.iterator, Limit: &size})
	if err != nil {
		var expired *streamtypes.ExpiredIteratorException
		var trimmed *streamtypes.TrimmedDataAccessException
		switch {
		case errors.As(err, &expired) && (s.last != "" || !s.latest):
			// the next call asks for another; where nothing was read of what is to come it would skip changes
			s.iterator = nil
		case errors.As(err, &trimmed):
			// after a day, or on DynamoDB Local where other tables were written before this one's first change
			s.iterator, s.last, s.latest = nil, "", false // the next call goes on with the oldest that are there
		}
		return false, err
	}
	if n := len(out.Records); n > 0 {
		records := FromRecords(p.StreamARN, out.Records...).Records
		s.pending, s.attempts, s.last = []batch{records}, 0, records[n-1].Sequence
	}
	s.iterator = out.NextShardIterator
	s.read = s.iterator == nil
	return s.read, nil
}

// place asks for an iterator behind what was read of the shard.
func (p *Poller) place(ctx context.Context, s *shard) error {
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &p.StreamARN, ShardId: &s.id}
	switch {
	case s.last != "":
		in.ShardIteratorType, in.SequenceNumber = streamtypes.ShardIteratorTypeAfterSequenceNumber, &s.last
	case s.latest:
		in.ShardIteratorType = streamtypes.ShardIteratorTypeLatest
	default:
		in.ShardIteratorType = streamtypes.ShardIteratorTypeTrimHorizon
	}
	out, err := p.Client.GetShardIterator(ctx, in)
	if err != nil {
		return err
	}
	s.iterator = out.ShardIterator
	return nil
}

// deliver calls the handler with the first of the shard's pending batches.
func (p *Poller) deliver(ctx context.Context, s *shard) (Delivery, error) {
	if err := ctx.Err(); err != nil {
		return Delivery{}, err
	}
	records, rest := s.pending[0], s.pending[1:]
	s.attempts++
	d := Delivery{Shard: s.id, Event: Event{Records: slices.Clone(records)}, Attempt: s.attempts}
	response, err := p.Handle(ctx, d.Event)
	if d.Err = err; err == nil {
		d.Handled, d.Err = checkpoint(d.Event.Records, response)
	}
	left := records[d.Handled:]
	if d.Handled > 0 {
		s.attempts = 1 // what is first now was tried once
	}
	switch half := len(left) / 2; {
	case len(left) == 0:
		s.pending, s.attempts = rest, 0
	case d.Err != nil && p.Bisect && half > 0:
		s.pending = append([]batch{left[:half], left[half:]}, rest...)
		s.attempts--
	case p.MaxAttempts > 0 && s.attempts >= p.MaxAttempts:
		d.Discarded = left
		s.pending, s.attempts = rest, 0
	default:
		s.pending = append([]batch{left}, rest...)
	}
	return d, nil
}

// checkpoint counts the records, from the first, that Lambda would not send again after a response: those before the
// lowest failure. A failure that names none of the records makes it send all of them again (Lambda guide, "Configuring
// partial batch response with DynamoDB and Lambda").
func checkpoint(records []Record, response Response) (handled int, err error) {
	handled = len(records)
	for _, failure := range response.BatchItemFailures {
		i := slices.IndexFunc(records, func(r Record) bool {
			return r.Sequence != "" &&
				r.Sequence == failure.ItemIdentifier
		})
		if i < 0 {
			return 0, errors.New("stream: Poller: the response names a record that is not of the batch")
		}
		handled = min(handled, i)
	}
	return handled, nil
}
