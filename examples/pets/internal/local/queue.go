package local

import (
	"context"
	"sync"
	"time"
)

// Queue is an SQS queue as far as an event source needs one: it keeps what it is told until that is received.
type Queue struct {
	mu       sync.Mutex
	messages []string
}

func (q *Queue) send(message string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = append(q.messages, message)
}

// Receive takes the oldest message out, or waits for one until ctx ends, and then returns its error.
func (q *Queue) Receive(ctx context.Context) (string, error) {
	for {
		if message, ok := q.take(); ok {
			return message, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (q *Queue) take() (message string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.messages) == 0 {
		return "", false
	}
	message, q.messages = q.messages[0], q.messages[1:]
	return message, true
}
