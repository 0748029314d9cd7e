package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/pets/internal/local/runtimeapi"
	"github.com/monotable/monotable/examples/pets/internal/local/template"
	"github.com/monotable/monotable/stream"
)

const (
	lookEvery  = 100 * time.Millisecond // at a stream that had nothing new; Lambda does four times a second
	firstRetry = 50 * time.Millisecond  // after a failure; twice as long after each further one
	lastRetry  = 2 * time.Second
)

// source is an event source mapping that runs: it reads a stream with the rights of the function's role, and invokes
// the function as Lambda does.
type source struct {
	template.Source
	function *runtimeapi.Function
	arn      string // of the function
	poller   stream.Poller
	queue    *Queue                      // of what is given up; nil for none
	maySend  func(queueARN string) error // asks the role
	log      *slog.Logger
	stop     context.CancelFunc
	stopped  chan struct{}
}

// startSources begins to read the streams that the template's event sources name.
func (s *Stack) startSources(log *slog.Logger) {
	for _, mapping := range s.Template.Sources {
		f, _ := s.Template.Function(mapping.Function)
		ctx, cancel := context.WithCancel(context.Background())
		source := &source{
			Source: mapping, function: s.functions[f.ID], arn: f.ARN, log: log.With("source", mapping.ID), stop: cancel,
			stopped: make(chan struct{}),
			maySend: func(queue string) error {
				return s.roles.Check(AccessKey(f.ID), "sqs:SendMessage",
					[]string{queue})
			},
		}
		for _, q := range s.Template.Queues {
			if q.ARN == mapping.OnFailure {
				source.queue = s.Queues[q.ID]
			}
		}
		source.poller = stream.Poller{
			Client: dynamodbstreams.New(dynamodbstreams.Options{
				Region: s.Region, BaseEndpoint: &s.Database.URL,
				HTTPClient:  &http.Client{Transport: dynamotest.Transport(nil)},
				Credentials: credentials.NewStaticCredentialsProvider(AccessKey(f.ID), Secret, ""),
			}),
			StreamARN: s.Database.streams[mapping.Table], Handle: source.invoke,
			BatchSize: mapping.BatchSize, MaxAttempts: mapping.Attempts, Bisect: mapping.Bisect, Latest: mapping.Latest,
		}
		s.sources = append(s.sources, source)
		go source.run(ctx)
	}
}

// run delivers batches until ctx ends.
func (s *source) run(ctx context.Context) {
	defer close(s.stopped)
	said := "" // of the stream
	for ctx.Err() == nil {
		delivery, err := s.poller.Next(ctx)
		pause := time.Duration(0)
		switch {
		case ctx.Err() != nil: // what was running was cut off
			return
		case err != nil:
			if text := err.Error(); text != said { // not the same each second
				s.log.Error("the stream cannot be read", "error", text)
				said = text
			}
			pause = time.Second
		case len(delivery.Event.Records) == 0:
			said, pause = "", lookEvery
		default:
			said, pause = "", s.report(&delivery)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// invoke gives one batch to the function. Of its answer counts what Lambda reads of it: nothing, unless the event
// source says that it names failures.
func (s *source) invoke(ctx context.Context, event stream.Event) (response stream.Response, err error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return stream.Response{}, err
	}
	answer, err := s.function.Invoke(ctx, payload)
	if err != nil || !s.Partial {
		return stream.Response{}, err
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return stream.Response{}, errors.New("the function's answer is no list of batch item failures")
	}
	return response, nil
}

// report logs a delivery, tells the queue what was given up, and returns how long to wait before the next.
func (s *source) report(d *stream.Delivery) (pause time.Duration) {
	attributes := []any{"shard", d.Shard, "changes", len(d.Event.Records), "handled", d.Handled, "attempt", d.Attempt}
	if d.Err != nil {
		attributes = append(attributes, "error", d.Err.Error())
	}
	if !d.Failed() {
		s.log.Info("delivered", attributes...)
		return 0
	}
	s.log.Warn("delivered in part or not", attributes...)
	if len(d.Discarded) == 0 {
		return min(firstRetry<<min(d.Attempt-1, 10), lastRetry)
	}
	first, last := d.Discarded[0].Sequence, d.Discarded[len(d.Discarded)-1].Sequence
	s.log.Error("given up", "shard", d.Shard, "changes", len(d.Discarded), "first", first, "last", last)
	if s.queue == nil {
		return 0
	}
	if err := s.maySend(s.OnFailure); err != nil {
		s.log.Error("the queue cannot be told", "error", err.Error())
		return 0
	}
	s.queue.send(s.failure(d))
	return 0
}

// failure is what Lambda tells a queue of records that were given up: where they are in the stream, which has them for
// 24 hours, and not what they are (Lambda guide, "Retain discarded records from DynamoDB").
func (s *source) failure(d *stream.Delivery) string {
	first, last := d.Discarded[0], d.Discarded[len(d.Discarded)-1]
	answer := map[string]any{"statusCode": 200, "executedVersion": "$LATEST"}
	if d.Err != nil {
		answer["functionError"] = "Unhandled"
	}
	text, err := json.Marshal(map[string]any{
		"requestContext": map[string]any{
			"functionArn": s.arn + ":$LATEST", "condition": "RetryAttemptsExhausted",
			"approximateInvokeCount": d.Attempt,
		},
		"responseContext": answer,
		"version":         "1.0",
		"timestamp":       time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"DDBStreamBatchInfo": map[string]any{
			"streamArn": first.StreamARN, "shardId": d.Shard, "batchSize": len(d.Discarded),
			"startSequenceNumber": first.Sequence, "endSequenceNumber": last.Sequence,
			"approximateArrivalOfFirstRecord": first.At.UTC().Format(time.RFC3339),
			"approximateArrivalOfLastRecord":  last.At.UTC().Format(time.RFC3339),
		},
	})
	if err != nil { // strings and numbers are never refused
		return fmt.Sprintf("%q", err)
	}
	return string(text)
}
