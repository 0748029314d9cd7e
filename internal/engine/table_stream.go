package engine

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
)

// stream gives the table's enabled stream, nil if there is none.
func (t *table) stream() *stream {
	if n := len(t.streams); n > 0 && t.streams[n-1].disabled.IsZero() {
		return t.streams[n-1]
	}
	return nil
}

// enableStream starts a stream. It is called under the table's lock, or before the table is known.
func (t *table) enableStream(view types.StreamViewType, now time.Time) {
	label := now.UTC().Format("2006-01-02T15:04:05.000")
	t.streams = append(t.streams, &stream{
		arn:     t.arn() + "/stream/" + label,
		label:   label,
		view:    view,
		enabled: now,
		first:   t.shared.sequence.Add(1),
	})
}

func (t *table) disableStream() {
	s := t.stream()
	s.disabled = t.shared.options.Clock()
	s.last = t.shared.sequence.Add(1)
}

// record adds a change to the table's stream, if it has one. It is called under the table's lock.
func (t *table) record(old, new packed.Item, expired bool) {
	s := t.stream()
	if s == nil {
		return
	}
	item := new
	if item == "" {
		item = old
	}
	now := t.shared.stamp()
	s.trim(now)
	s.changes = append(s.changes, change{
		sequence: t.shared.sequence.Add(1),
		at:       now,
		keys:     item.Project(t.keys.Has),
		old:      old,
		new:      new,
		expired:  expired,
	})
}

func (t *table) describeStream(d *types.TableDescription) {
	if len(t.streams) == 0 {
		return
	}
	s := t.streams[len(t.streams)-1]
	d.LatestStreamArn = aws.String(s.arn)
	d.LatestStreamLabel = aws.String(s.label)
	if s.disabled.IsZero() {
		d.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: s.view}
	}
}
