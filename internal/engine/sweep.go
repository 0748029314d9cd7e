package engine

import (
	"strconv"
	"time"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/number"
)

// oldestExpiry is how far in the past an expiry still counts (DynamoDB guide, "Using time to live": five years).
const oldestExpiry = 5 * 365 * 24 * hour

// Sweep deletes the items whose time to live has passed, as the service does of its own accord, and counts them. Until
// it is called they can be read. It costs a walk over the tables that have a TTL attribute, and no units.
func (e *Engine) Sweep() int {
	now := e.options.Clock()
	swept := 0
	for _, name := range e.tableNames() {
		_ = e.writing(name, func(t *table) error { // a table that is gone has nothing to sweep
			swept += t.sweep(now)
			return nil
		})
	}
	return swept
}

func (t *table) sweep(now time.Time) int {
	if t.settings.ttlAttribute == "" {
		return 0
	}
	latest, oldest := seconds(now), seconds(now.Add(-oldestExpiry))
	var expired []btree.Entry
	t.items.Ascend("", func(e *btree.Entry) bool {
		if tag, text, ok := e.Item.Scalar(t.settings.ttlAttribute); ok && tag == packed.TagNumber {
			if at, err := number.Parse(text); err == nil && at.Compare(latest) <= 0 && at.Compare(oldest) >= 0 {
				expired = append(expired, *e)
			}
		}
		return true
	})
	for _, e := range expired {
		t.store(e.Key, e.Item, "", &capacity{})
		t.record(e.Item, "", true)
	}
	return len(expired)
}

// seconds is a time as TTL attributes have it.
func seconds(t time.Time) number.Decimal {
	d, _ := number.Parse(strconv.FormatInt(t.Unix(), 10)) // any int64 is a number
	return d
}
