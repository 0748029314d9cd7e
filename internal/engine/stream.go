package engine

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/monotable/monotable/internal/engine/packed"
)

const (
	hour = time.Hour
	// streamRetention is how long a stream's records, and a stream that was disabled, can be read (DynamoDB guide,
	// "Change data capture for DynamoDB Streams").
	streamRetention = 24 * hour
)

// change is one record of a stream.
type change struct {
	sequence uint64
	at       time.Time
	keys     packed.Item
	old, new packed.Item // "" for none; kept whatever the view shows
	expired  bool        // the service deleted the item
}

// stream is the changes of one table since it was enabled, in one shard.
type stream struct {
	arn      string
	label    string
	view     types.StreamViewType
	enabled  time.Time
	disabled time.Time // zero while it is enabled
	first    uint64    // the first sequence number of the shard
	last     uint64    // the last one, once it is closed
	changes  []change
}

// trim forgets the changes that are too old to be read, once that is worth the moving.
func (s *stream) trim(now time.Time) {
	old := s.tooOld(now)
	if old > 0 && old >= len(s.changes)/2 {
		s.changes = append([]change(nil), s.changes[old:]...)
	}
}

// tooOld counts the changes that can be read no more.
func (s *stream) tooOld(now time.Time) int {
	n := 0
	for n < len(s.changes) && now.Sub(s.changes[n].at) > streamRetention {
		n++
	}
	return n
}

// sequenceText writes a sequence number as the service does: many digits, all of one length so that they sort.
func sequenceText(n uint64) string { return fmt.Sprintf("1%020d", n) }

// shown makes the record that the stream's view shows of a change.
func (s *stream) shown(c change, region string) streamtypes.Record {
	record := streamtypes.Record{
		AwsRegion:    aws.String(region),
		EventSource:  aws.String("aws:dynamodb"),
		EventVersion: aws.String("1.1"),
		EventID:      aws.String(s.eventID(c)),
		Dynamodb: &streamtypes.StreamRecord{
			ApproximateCreationDateTime: aws.Time(c.at.Truncate(time.Second)),
			Keys:                        streamItem(c.keys),
			SequenceNumber:              aws.String(sequenceText(c.sequence)),
			StreamViewType:              streamtypes.StreamViewType(s.view),
		},
	}
	bytes := c.keys.Size()
	if s.view == types.StreamViewTypeNewImage || s.view == types.StreamViewTypeNewAndOldImages {
		record.Dynamodb.NewImage = streamItem(c.new)
		bytes += c.new.Size()
	}
	if s.view == types.StreamViewTypeOldImage || s.view == types.StreamViewTypeNewAndOldImages {
		record.Dynamodb.OldImage = streamItem(c.old)
		bytes += c.old.Size()
	}
	record.Dynamodb.SizeBytes = aws.Int64(int64(bytes))
	switch {
	case c.old == "":
		record.EventName = streamtypes.OperationTypeInsert
	case c.new == "":
		record.EventName = streamtypes.OperationTypeRemove
	default:
		record.EventName = streamtypes.OperationTypeModify
	}
	if c.expired {
		record.UserIdentity = &streamtypes.Identity{Type: aws.String("Service"),
			PrincipalId: aws.String("dynamodb.amazonaws.com")}
	}
	return record
}

// eventID makes an id that is the same whenever the record is read.
func (s *stream) eventID(c change) string {
	h := fnv.New128a()
	fmt.Fprintf(h, "%s %d", s.arn, c.sequence)
	return hex.EncodeToString(h.Sum(nil))
}

// streamItem makes an item of the streams client's types; nil for no item.
func streamItem(p packed.Item) map[string]streamtypes.AttributeValue {
	if p == "" {
		return nil
	}
	item := p.Map()
	converted := make(map[string]streamtypes.AttributeValue, len(item))
	for name, v := range item {
		converted[name] = streamValue(v)
	}
	return converted
}

func streamValue(v types.AttributeValue) streamtypes.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return &streamtypes.AttributeValueMemberS{Value: v.Value}
	case *types.AttributeValueMemberN:
		return &streamtypes.AttributeValueMemberN{Value: v.Value}
	case *types.AttributeValueMemberB:
		return &streamtypes.AttributeValueMemberB{Value: v.Value}
	case *types.AttributeValueMemberBOOL:
		return &streamtypes.AttributeValueMemberBOOL{Value: v.Value}
	case *types.AttributeValueMemberNULL:
		return &streamtypes.AttributeValueMemberNULL{Value: v.Value}
	case *types.AttributeValueMemberSS:
		return &streamtypes.AttributeValueMemberSS{Value: v.Value}
	case *types.AttributeValueMemberNS:
		return &streamtypes.AttributeValueMemberNS{Value: v.Value}
	case *types.AttributeValueMemberBS:
		return &streamtypes.AttributeValueMemberBS{Value: v.Value}
	case *types.AttributeValueMemberL:
		list := make([]streamtypes.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			list[i] = streamValue(e)
		}
		return &streamtypes.AttributeValueMemberL{Value: list}
	case *types.AttributeValueMemberM:
		m := make(map[string]streamtypes.AttributeValue, len(v.Value))
		for name, e := range v.Value {
			m[name] = streamValue(e)
		}
		return &streamtypes.AttributeValueMemberM{Value: m}
	}
	return nil
}
