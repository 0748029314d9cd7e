package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/wire"
)

const eventSource = "aws:dynamodb"

var errSource = errors.New("its event source is not " + eventSource)

// Event is what Lambda invokes a function with: the records of one batch of one shard, in order. It reads and writes
// Lambda's JSON, so that a Lambda runtime decodes it by itself.
type Event struct {
	Records []Record
}

// Response is what a function answers: the records from which Lambda is to send again. None means that all were
// handled.
type Response struct {
	BatchItemFailures []Failure `json:"batchItemFailures"`
}

// Failure is one entry of a Response.
type Failure struct {
	ItemIdentifier string `json:"itemIdentifier"` // the record's sequence number
}

// MarshalJSON writes {"batchItemFailures":[...]}, the array always there.
func (r Response) MarshalJSON() ([]byte, error) {
	type plain Response
	if r.BatchItemFailures == nil {
		r.BatchItemFailures = []Failure{}
	}
	return json.Marshal(plain(r))
}

// envelope is a record in Lambda's JSON.
type envelope struct {
	EventID      string           `json:"eventID"`
	EventName    string           `json:"eventName"`
	EventVersion string           `json:"eventVersion"`
	EventSource  string           `json:"eventSource"`
	AWSRegion    string           `json:"awsRegion"`
	Dynamodb     *envelopeChange  `json:"dynamodb"`
	UserIdentity *envelopeService `json:"userIdentity,omitempty"`
	StreamARN    string           `json:"eventSourceARN,omitempty"`
}

type envelopeChange struct {
	At       *float64        `json:"ApproximateCreationDateTime,omitempty"` // seconds since 1970
	Keys     json.RawMessage `json:"Keys,omitempty"`
	New      json.RawMessage `json:"NewImage,omitempty"`
	Old      json.RawMessage `json:"OldImage,omitempty"`
	Sequence string          `json:"SequenceNumber"`
	Bytes    int64           `json:"SizeBytes"`
	View     string          `json:"StreamViewType,omitempty"`
}

type envelopeService struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
}

// UnmarshalJSON reads a Lambda event of DynamoDB Streams. JSON that is no such event is an error. A record in it that
// cannot be read is kept with its sequence number, and fails when it is handled, so that those before it are not lost.
func (e *Event) UnmarshalJSON(text []byte) error {
	var outer struct{ Records *[]json.RawMessage }
	if err := json.Unmarshal(text, &outer); err != nil {
		return fmt.Errorf("stream: not an event of DynamoDB Streams: %w", err)
	}
	if outer.Records == nil {
		return errors.New("stream: not an event of DynamoDB Streams: it has no Records")
	}
	e.Records = make([]Record, 0, len(*outer.Records))
	for _, raw := range *outer.Records {
		e.Records = append(e.Records, readRecord(raw))
	}
	return nil
}

// readRecord reads one record; what is wrong with it is kept in it.
func readRecord(raw json.RawMessage) Record {
	var in envelope
	err := json.Unmarshal(raw, &in) // goes on behind a member of the wrong type, and reports the first
	r := Record{ID: in.EventID, Kind: Kind(in.EventName), StreamARN: in.StreamARN, Region: in.AWSRegion}
	if err != nil {
		err = wrongMember(err)
	}
	if in.EventSource != eventSource && in.EventSource != "" {
		err = errors.Join(err, errSource)
	}
	if s := in.UserIdentity; s != nil {
		r.By = Identity{Type: s.Type, PrincipalID: s.PrincipalID}
	}
	if in.Dynamodb == nil {
		r.err = errors.Join(err, errors.New("it has no change"))
		return r
	}
	r.Sequence, r.Bytes, r.View = in.Dynamodb.Sequence, in.Dynamodb.Bytes, types.StreamViewType(in.Dynamodb.View)
	if at := in.Dynamodb.At; at != nil {
		if *at >= 1<<36 { // the year 4147; beyond it, it is milliseconds
			err = errors.Join(err, errors.New("ApproximateCreationDateTime is not in seconds"))
		} else {
			r.At = said(time.UnixMilli(int64(max(math.Round(*at*1000), 0))).UTC())
		}
	}
	item := func(what string, raw json.RawMessage) monotable.Item {
		if len(raw) == 0 || string(raw) == "null" {
			return nil
		}
		item, e := wire.ParseItem(raw)
		if e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", what, e))
			return nil
		}
		if len(item) == 0 { // as some encoders write what is absent: no item is empty, it has keys
			return nil
		}
		return item
	}
	r.Keys, r.Old, r.New = item("Keys", in.Dynamodb.Keys), item("OldImage", in.Dynamodb.Old),
		item("NewImage", in.Dynamodb.New)
	r.err = err
	return r
}

// said is the time at which a change was made, or no time: before DynamoDB there was 1970, and what stands there is a
// zero value that someone wrote, such as that of aws-lambda-go's own event.
func said(at time.Time) time.Time {
	if at.Unix() <= 0 {
		return time.Time{}
	}
	return at
}

// wrongMember says which member of a record has the wrong type, without its value.
func wrongMember(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Errorf("%s has the wrong type", wrong.Field)
	}
	return errors.New("it is not an object")
}

// MarshalJSON writes the event as Lambda sends it: what a local stand-in for Lambda invokes a function with. The error
// is that of a record that could not be read.
func (e Event) MarshalJSON() ([]byte, error) {
	out := struct{ Records []envelope }{make([]envelope, 0, len(e.Records))}
	for i := range e.Records {
		written, err := writeRecord(&e.Records[i])
		if err != nil {
			return nil, e.Records[i].fail("", err)
		}
		out.Records = append(out.Records, written)
	}
	return json.Marshal(out)
}

func writeRecord(r *Record) (envelope, error) {
	if r.err != nil {
		return envelope{}, fmt.Errorf("%w: %w", ErrRecord, r.err)
	}
	change := &envelopeChange{Sequence: r.Sequence, Bytes: r.Bytes, View: string(r.View)}
	out := envelope{
		EventID: r.ID, EventName: string(r.Kind), EventVersion: "1.1", EventSource: eventSource, AWSRegion: r.Region,
		Dynamodb: change, StreamARN: r.StreamARN,
	}
	if !r.At.IsZero() {
		seconds := float64(r.At.UnixMilli()) / 1000
		change.At = &seconds
	}
	if r.By != (Identity{}) {
		out.UserIdentity = &envelopeService{Type: r.By.Type, PrincipalID: r.By.PrincipalID}
	}
	for _, image := range []struct {
		from monotable.Item
		to   *json.RawMessage
	}{{r.Keys, &change.Keys}, {r.New, &change.New}, {r.Old, &change.Old}} {
		if len(image.from) == 0 {
			continue
		}
		*image.to = wire.AppendItem(nil, image.from)
	}
	return out, nil
}
