package stream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/monotable/monotable"
)

// Kind is what happened to an item.
type Kind string

// The kinds of change that DynamoDB records. A write that changes nothing is not recorded.
const (
	Insert Kind = "INSERT"
	Modify Kind = "MODIFY"
	Remove Kind = "REMOVE"
)

func (k Kind) known() bool { return k == Insert || k == Modify || k == Remove }

// Record is one change of one item.
type Record struct {
	ID        string               // the event's id, the same however often it is delivered
	Kind      Kind                 // what happened
	Sequence  string               // the sequence number: digits, ascending within a shard
	At        time.Time            // when, approximately: DynamoDB rounds it to the second; zero if it was not said
	View      types.StreamViewType // which images the stream carries; "" if it was not said
	StreamARN string               // the stream; "" if it was not said
	Region    string               // such as "eu-central-1"
	Bytes     int64                // size of keys and images as DynamoDB counts it
	By        Identity             // who changed it, where that was a service
	Keys      monotable.Item       // the table's key attributes
	Old, New  monotable.Item       // the item before and after; nil if it was not there or the view leaves it out

	// Retyped marks one half of a Modify that turned an item of one entity type into another: the Remove of the first
	// type, or the Insert of the second. All else is the Modify's.
	Retyped bool

	err error // why it is none
}

// Identity is who changed an item. It is zero unless a service did so of its own accord.
type Identity struct {
	Type        string
	PrincipalID string
}

// Expired tells whether DynamoDB removed the item because its time to live had passed, and not a caller (DynamoDB
// guide, "DynamoDB Streams and Time to Live"). In the other regions of a global table that removal is replicated like
// any other, and cannot be told apart.
func (r *Record) Expired() bool {
	return r.Kind == Remove && r.By == Identity{Type: "Service", PrincipalID: "dynamodb.amazonaws.com"}
}

type recordKey struct{}

// RecordOf is the record that a function of a Router is being called for: its kind, keys, time, sequence number and
// images. It is false for a context that is not of such a call. The items are shared with the call and must not be
// changed.
func RecordOf(ctx context.Context) (Record, bool) {
	r, ok := ctx.Value(recordKey{}).(*Record)
	if !ok {
		return Record{}, false
	}
	return *r, true
}

// FromRecords makes an event of records of the DynamoDB Streams client, as GetRecords gives them for one shard. They do
// not say of which stream they are: streamARN does, or may be "". A record that is no change fails when it is handled,
// so that those before it are not lost.
func FromRecords(streamARN string, records ...streamtypes.Record) Event {
	event := Event{Records: make([]Record, 0, len(records))}
	for i := range records {
		event.Records = append(event.Records, fromRecord(streamARN, &records[i]))
	}
	return event
}

func fromRecord(streamARN string, in *streamtypes.Record) Record {
	r := Record{
		ID: aws.ToString(in.EventID), Kind: Kind(in.EventName), StreamARN: streamARN,
		Region: aws.ToString(in.AwsRegion),
	}
	if in.UserIdentity != nil {
		r.By = Identity{Type: aws.ToString(in.UserIdentity.Type),
			PrincipalID: aws.ToString(in.UserIdentity.PrincipalId)}
	}
	if source := aws.ToString(in.EventSource); source != eventSource && source != "" {
		r.err = errSource
	}
	if in.Dynamodb == nil {
		r.err = errors.Join(r.err, errors.New("it has no change"))
		return r
	}
	r.Sequence = aws.ToString(in.Dynamodb.SequenceNumber)
	r.At = said(aws.ToTime(in.Dynamodb.ApproximateCreationDateTime))
	r.View = types.StreamViewType(in.Dynamodb.StreamViewType)
	r.Bytes = aws.ToInt64(in.Dynamodb.SizeBytes)
	item := func(what string, from map[string]streamtypes.AttributeValue) monotable.Item {
		if len(from) == 0 {
			return nil
		}
		converted, err := attributevalue.FromDynamoDBStreamsMap(from)
		if err != nil { // its text could show the value
			r.err = errors.Join(r.err, fmt.Errorf("%s: an attribute has a type that this version does not know", what))
		}
		return converted
	}
	r.Keys = item("keys", in.Dynamodb.Keys)
	r.Old = item("old image", in.Dynamodb.OldImage)
	r.New = item("new image", in.Dynamodb.NewImage)
	return r
}

// check tells whether r is a whole and possible change of the schema's table.
func (r *Record) check(schema monotable.Schema) error {
	err := r.err
	switch {
	case err != nil:
	case !r.Kind.known():
		err = errors.New("it is neither INSERT nor MODIFY nor REMOVE")
	case r.Kind == Insert && r.Old != nil:
		err = errors.New("an INSERT has an old image")
	case r.Kind == Remove && r.New != nil:
		err = errors.New("a REMOVE has a new image")
	case r.Sequence == "":
		err = errors.New("it has no sequence number")
	case r.StreamARN != "" && tableOf(r.StreamARN) != tableOf(schema.Name):
		err = fmt.Errorf("its stream is not one of table %s", schema.Name)
	default:
		for _, key := range [2]monotable.Attrs{schema.Partition, schema.Sort} {
			for _, def := range key {
				if r.Keys[*def.AttributeName] == nil {
					err = fmt.Errorf("its keys lack %s", *def.AttributeName)
				}
			}
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRecord, err)
	}
	return nil
}

// tableOf is the table's name in a table's or a stream's ARN, or the name that was given.
func tableOf(arn string) string {
	if !strings.HasPrefix(arn, "arn:") {
		return arn
	}
	_, name, _ := strings.Cut(arn, ":table/")
	name, _, _ = strings.Cut(name, "/")
	return name
}
