package engine

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
)

const (
	shardID = "shardId-00000000000000000001-00000001"
	// iteratorLife is how long a shard iterator can be used (Streams API reference, "GetShardIterator").
	iteratorLife = 15 * time.Minute
	maxRecords   = 1000
	maxStreams   = 100
)

// ListStreams lists the streams of all tables, or of one.
func (e *Engine) ListStreams(
	ctx context.Context, in *dynamodbstreams.ListStreamsInput,
) (*dynamodbstreams.ListStreamsOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var c constraints
	c.length(in.TableName, "tableName", 3, 255)
	c.pattern(in.TableName, "tableName")
	c.atLeast(in.Limit, "limit", 1)
	c.atMost(in.Limit, "limit", maxStreams)
	if err := c.err(); err != nil {
		return nil, err
	}
	var all []streamtypes.Stream
	for _, t := range e.streamedTables() {
		if in.TableName != nil && *in.TableName != t.name {
			continue
		}
		t.mu.RLock()
		for _, s := range t.streams {
			all = append(all,
				streamtypes.Stream{StreamArn: aws.String(s.arn), StreamLabel: aws.String(s.label),
					TableName: aws.String(t.name)})
		}
		t.mu.RUnlock()
	}
	if in.ExclusiveStartStreamArn != nil {
		start := slices.IndexFunc(all, func(s streamtypes.Stream) bool {
			return *s.StreamArn == *in.ExclusiveStartStreamArn
		})
		if start < 0 {
			return nil, streamNotFound(*in.ExclusiveStartStreamArn)
		}
		all = all[start+1:]
	}
	limit := maxStreams
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	out := &dynamodbstreams.ListStreamsOutput{Streams: all}
	if len(all) > limit {
		out.Streams = all[:limit]
		out.LastEvaluatedStreamArn = aws.String(*all[limit-1].StreamArn)
	}
	if out.Streams == nil {
		out.Streams = []streamtypes.Stream{}
	}
	return out, nil
}

func streamNotFound(arn string) error {
	return &streamtypes.ResourceNotFoundException{Message: aws.String("Requested resource not found: Stream: " + arn +
		" not found")}
}

// streamedTables gives the tables that are there and those whose streams outlive them, in the order of their names.
func (e *Engine) streamedTables() []*table {
	var all []*table
	for _, name := range e.tableNames() {
		if t := e.find(name); t != nil {
			all = append(all, t)
		}
	}
	now := e.options.Clock()
	e.mu.RLock()
	for _, t := range e.deleted {
		if now.Sub(t.until) <= streamRetention {
			all = append(all, t)
		}
	}
	e.mu.RUnlock()
	slices.SortStableFunc(all, func(a, b *table) int { return strings.Compare(a.name, b.name) })
	return all
}

// withStream calls use with a stream, its table locked for reading.
func (e *Engine) withStream(arn string, use func(*table, *stream) error) error {
	name, _, _ := strings.Cut(tableName(arn), "/")
	for _, t := range e.streamedTables() {
		if t.name != name {
			continue
		}
		t.mu.RLock()
		i := slices.IndexFunc(t.streams, func(s *stream) bool { return s.arn == arn })
		if i >= 0 {
			defer t.mu.RUnlock()
			return use(t, t.streams[i])
		}
		t.mu.RUnlock()
	}
	return streamNotFound(arn)
}

// DescribeStream tells what a stream is, and its one shard.
func (e *Engine) DescribeStream(
	ctx context.Context, in *dynamodbstreams.DescribeStreamInput,
) (*dynamodbstreams.DescribeStreamOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var c constraints
	c.required(in.StreamArn != nil, "streamArn")
	c.length(in.StreamArn, "streamArn", 37, 1024)
	c.length(in.ExclusiveStartShardId, "exclusiveStartShardId", 28, 65)
	c.atLeast(in.Limit, "limit", 1)
	c.atMost(in.Limit, "limit", 100)
	c.shardFilter(in.ShardFilter)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := checkStreamARN(*in.StreamArn); err != nil {
		return nil, err
	}
	out := &dynamodbstreams.DescribeStreamOutput{}
	err := e.withStream(*in.StreamArn, func(t *table, s *stream) error {
		d := &streamtypes.StreamDescription{
			StreamArn:               aws.String(s.arn),
			StreamLabel:             aws.String(s.label),
			StreamStatus:            streamtypes.StreamStatusEnabled,
			StreamViewType:          streamtypes.StreamViewType(s.view),
			CreationRequestDateTime: aws.Time(s.enabled),
			TableName:               aws.String(t.name),
			Shards:                  []streamtypes.Shard{},
		}
		shard := streamtypes.Shard{
			ShardId:             aws.String(shardID),
			SequenceNumberRange: &streamtypes.SequenceNumberRange{StartingSequenceNumber: aws.String(sequenceText(s.first))},
		}
		if !s.disabled.IsZero() {
			d.StreamStatus = streamtypes.StreamStatusDisabled
			shard.SequenceNumberRange.EndingSequenceNumber = aws.String(sequenceText(s.last))
		}
		for _, k := range t.schema {
			d.KeySchema = append(d.KeySchema, streamtypes.KeySchemaElement{
				AttributeName: aws.String(*k.AttributeName),
				KeyType:       streamtypes.KeyType(k.KeyType),
			})
		}
		first := in.ExclusiveStartShardId == nil || *in.ExclusiveStartShardId < shardID
		if first && in.ShardFilter == nil { // the one shard is nobody's child
			d.Shards = append(d.Shards, shard)
		}
		out.StreamDescription = d
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// shardFilter checks the declared bounds of a filter of shards.
func (c *constraints) shardFilter(f *streamtypes.ShardFilter) {
	if f == nil {
		return
	}
	c.required(f.Type != "", "shardFilter.type")
	enum(c, f.Type, "shardFilter.type", f.Type.Values()...)
	c.required(f.ShardId != nil, "shardFilter.shardId")
	c.length(f.ShardId, "shardFilter.shardId", 28, 65)
}

// checkStreamARN refuses what is no ARN of a stream.
func checkStreamARN(text string) error {
	a, ok := parseARN(text)
	_, label, isStream := strings.Cut(a.name, "/stream/")
	if !ok || !isStream || label == "" {
		return refusal.BadStreamARN(text)
	}
	return nil
}

// iterator is a place in a stream: before the first change with at least this sequence number.
type iterator struct {
	arn    string
	next   uint64
	issued time.Time
}

// String writes an iterator as the service does: the stream, a version and something opaque.
func (i iterator) String() string {
	b := binary.BigEndian.AppendUint64(nil, i.next)
	b = binary.BigEndian.AppendUint64(b, uint64(i.issued.UnixMilli()))
	return i.arn + "|1|" + base64.StdEncoding.EncodeToString(b)
}

// parseIterator reads what String wrote.
func parseIterator(text string) (iterator, error) {
	arn, opaque, ok := strings.Cut(text, "|1|")
	b, err := base64.StdEncoding.DecodeString(opaque)
	if !ok || err != nil || len(b) != 16 {
		return iterator{}, refusal.Invalid("Invalid ShardIterator")
	}
	return iterator{arn, binary.BigEndian.Uint64(b), time.UnixMilli(int64(binary.BigEndian.Uint64(b[8:])))}, nil
}

// GetShardIterator gives a place in a stream to read from.
func (e *Engine) GetShardIterator(
	ctx context.Context, in *dynamodbstreams.GetShardIteratorInput,
) (*dynamodbstreams.GetShardIteratorOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var c constraints
	c.required(in.StreamArn != nil, "streamArn")
	c.length(in.StreamArn, "streamArn", 37, 1024)
	c.required(in.ShardId != nil, "shardId")
	c.length(in.ShardId, "shardId", 28, 65)
	c.required(in.ShardIteratorType != "", "shardIteratorType")
	enum(&c, in.ShardIteratorType, "shardIteratorType", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON",
		"LATEST")
	c.length(in.SequenceNumber, "sequenceNumber", 21, 40)
	if err := c.err(); err != nil {
		return nil, err
	}
	place := iterator{arn: *in.StreamArn, issued: e.options.Clock()}
	err := e.withStream(*in.StreamArn, func(t *table, s *stream) error {
		if *in.ShardId != shardID {
			return &streamtypes.ResourceNotFoundException{Message: aws.String("Requested resource not found: Shard " +
				"does not exist")}
		}
		var err error
		place.next, err = s.placeOf(in, e.options.Clock())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: aws.String(place.String())}, nil
}

// placeOf gives the sequence number that a request's iterator begins at.
func (s *stream) placeOf(in *dynamodbstreams.GetShardIteratorInput, now time.Time) (uint64, error) {
	bySequence := in.ShardIteratorType == streamtypes.ShardIteratorTypeAtSequenceNumber ||
		in.ShardIteratorType == streamtypes.ShardIteratorTypeAfterSequenceNumber
	switch {
	case bySequence && in.SequenceNumber == nil:
		return 0, refusal.InvalidParameter("Invalid SequenceNumber")
	case !bySequence && in.SequenceNumber != nil:
		return 0, refusal.InvalidParameter("SequenceNumber should not be passed for this iterator type")
	case in.ShardIteratorType == streamtypes.ShardIteratorTypeTrimHorizon:
		return s.first, nil
	case in.ShardIteratorType == streamtypes.ShardIteratorTypeLatest:
		if n := len(s.changes); n > 0 {
			return s.changes[n-1].sequence + 1, nil
		}
		return s.first, nil
	}
	at, err := strconv.ParseUint(strings.TrimPrefix(*in.SequenceNumber, "1"), 10, 64)
	if err != nil || at < s.first || s.last > 0 && at > s.last {
		return 0, refusal.InvalidParameter("Invalid SequenceNumber")
	}
	if old := s.tooOld(now); old > 0 && at <= s.changes[old-1].sequence {
		return 0, trimmed()
	}
	if in.ShardIteratorType == streamtypes.ShardIteratorTypeAfterSequenceNumber {
		at++
	}
	return at, nil
}

func trimmed() error {
	return &streamtypes.TrimmedDataAccessException{
		Message: aws.String("The operation attempted to read past the oldest stream record in a shard"),
	}
}

// GetRecords reads up to 1,000 records or 1 MB from a place in a stream, and gives the place to go on from, none at the
// end of a stream that was disabled.
func (e *Engine) GetRecords(
	ctx context.Context, in *dynamodbstreams.GetRecordsInput,
) (*dynamodbstreams.GetRecordsOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var c constraints
	c.required(in.ShardIterator != nil, "shardIterator")
	c.length(in.ShardIterator, "shardIterator", 1, 2048)
	c.atLeast(in.Limit, "limit", 1)
	c.atMost(in.Limit, "limit", maxRecords)
	if err := c.err(); err != nil {
		return nil, err
	}
	place, err := parseIterator(*in.ShardIterator)
	if err != nil {
		return nil, err
	}
	now := e.options.Clock()
	if now.Sub(place.issued) > iteratorLife {
		return nil, &streamtypes.ExpiredIteratorException{Message: aws.String("Iterator expired. The iterator was " +
			"created more than 15 minutes ago")}
	}
	limit := maxRecords
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	out := &dynamodbstreams.GetRecordsOutput{Records: []streamtypes.Record{}}
	err = e.withStream(place.arn, func(t *table, s *stream) error {
		i, _ := slices.BinarySearchFunc(s.changes, place.next, func(c change, next uint64) int {
			if c.sequence < next {
				return -1
			}
			return 1
		})
		bytes := int64(0)
		for i = max(i, s.tooOld(now)); i < len(s.changes) && len(out.Records) < limit && bytes < size.MaxPage; i++ {
			record := s.shown(s.changes[i], e.options.Region)
			bytes += *record.Dynamodb.SizeBytes
			out.Records = append(out.Records, record)
			place.next = s.changes[i].sequence + 1
		}
		if s.disabled.IsZero() || i < len(s.changes) {
			out.NextShardIterator = aws.String(iterator{place.arn, place.next, now}.String())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
