package read

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/response"
)

// defaultShardParallel is how many shards are asked at a time unless Parallel says otherwise.
const defaultShardParallel = 16

// shards is a read of all shards of a partition, as one: the items of their walks merged in sort order.
type shards struct {
	*Entity
	space      *entity.Space
	walks      []*walk
	starts     []attr.Item      // where each shard was resumed
	rows       [][]response.Row // read and not given yet, by shard
	given      []attr.Item      // the entry given last, by shard; nil for none
	read       []int            // requests sent, by shard
	ended      []bool           // by shard: there is no more to read
	binding    []byte
	descending bool
	parallel   int
	resume     *string
}

// shardWalks makes the read of a query's shards.
func (e *Entity) shardWalks(q *query, s *Settings, walkOf func(*query) (*walk, error)) (source, error) {
	if s.Paralleled && s.Parallel < 1 {
		return nil, fmt.Errorf("Parallel must be positive, it is %d", s.Parallel)
	}
	m := &shards{Entity: e, space: q.space, binding: q.binding, descending: q.descending, parallel: defaultShardParallel,
		resume: s.Resume}
	if s.Paralleled {
		m.parallel = s.Parallel
	}
	var err error
	m.starts, m.ended, err = e.resumeMany(q.space, q.binding, len(q.shards), s)
	if err != nil {
		return nil, err
	}
	for i, value := range q.shards {
		of := *q
		of.values = maps.Clone(q.values)
		of.values[q.shardAt] = value
		w, err := walkOf(&of)
		if err != nil {
			return nil, err
		}
		w.start = m.starts[i]
		m.walks = append(m.walks, w)
	}
	m.rows, m.given, m.read = make([][]response.Row, len(m.walks)), make([]attr.Item, len(m.walks)),
		make([]int, len(m.walks))
	return m, nil
}

// give gives the merged items. It reads a page of each shard at first, and of one again when it has been given all that
// was read of it, since only then can the next item be told.
//
// A limit asks each shard for twice its even part of it: more is rarely needed of any, and asked for then.
func (m *shards) give(ctx context.Context, each func(response.Rows) error) (next string, err error) {
	first := m.walks[0]
	for given := 0; ; {
		if first.limit > 0 && given == first.limit && (first.ahead == 0 || m.least() >= 0) {
			return m.keep(nil)
		}
		if lacking := m.lacking(); len(lacking) > 0 {
			if m.read[lacking[0]] > 0 {
				switch {
				case first.budget > 0 && first.spending.Sum() >= first.budget:
					return m.keep(cause.Budget)
				case first.onePage && first.limit == 0 && given > 0:
					return m.keep(nil)
				}
			}
			if err := m.fill(ctx, lacking, first.limit+first.ahead-given); err != nil {
				return "", err
			}
			continue
		}
		i := m.least()
		if i < 0 {
			return m.keep(nil)
		}
		one := m.rows[i][:1]
		m.rows[i], m.given[i] = m.rows[i][1:], one[0].Entry
		if err := each(response.Rows{List: one}); err != nil {
			return "", err
		}
		given++
	}
}

// lacking are the shards of which the next item is not known.
func (m *shards) lacking() (all []int) {
	for i := range m.walks {
		if len(m.rows[i]) == 0 && !m.ended[i] {
			all = append(all, i)
		}
	}
	return all
}

// fill reads a page of each of the given shards, some at a time. All goroutines have ended when it returns.
func (m *shards) fill(ctx context.Context, lacking []int, left int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	running := call.Crew{Stop: cancel}
	free := make(chan struct{}, m.parallel)
	failed := make([]error, len(lacking))
	for n, i := range lacking {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			w, ask := m.walks[i], 0
			if w.limit > 0 {
				ask = min(left, 2*((left+len(m.walks)-1)/len(m.walks)))
				if w.filtered {
					ask <<= min(m.read[i], 16)
				}
			}
			some, err := w.respond(ctx, ask)
			if err != nil {
				failed[n] = err
				cancel()
				return
			}
			m.rows[i], m.ended[i] = some.All(), len(w.start) == 0
			m.read[i]++
		})
	}
	running.Wait()
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	for _, err := range failed { // the cause, rather than what it cancelled
		if !errors.Is(err, context.Canceled) {
			return err
		}
	}
	if len(failed) > 0 {
		return cause.All(failed)
	}
	return nil
}

// least is the shard whose next item is the first in sort order, -1 at the end. Of equals the lower shard is first;
// descending, last.
func (m *shards) least() int {
	least := -1
	for i := range m.rows {
		if len(m.rows[i]) == 0 {
			continue
		}
		if least < 0 {
			least = i
			continue
		}
		order := compareEntries(m.space, m.rows[least][0].Entry, m.rows[i][0].Entry)
		if order > 0 && !m.descending || order <= 0 && m.descending {
			least = i
		}
	}
	return least
}

// compareEntries orders two entries by the space's sort key.
func compareEntries(k *entity.Space, a, b attr.Item) int {
	for i := range k.Sort {
		if order := request.CompareKeys(a[k.Sort[i].Name], b[k.Sort[i].Name]); order != 0 {
			return order
		}
	}
	return 0
}

// behind is the cursor behind the item given last. It holds the place in every shard: behind the item given last while
// more were read, else behind the page.
func (m *shards) behind(response.Row) (c string, err error) {
	places, ended := make([]attr.Item, len(m.walks)), make([]bool, len(m.walks))
	for i, w := range m.walks {
		switch {
		case len(m.rows[i]) == 0 && m.read[i] > 0:
			places[i] = w.start
		case m.given[i] == nil:
			places[i] = m.starts[i]
		default:
			if places[i], err = m.place(m.space, m.given[i]); err != nil {
				return "", err
			}
		}
		ended[i] = len(m.rows[i]) == 0 && m.ended[i]
	}
	return m.Cursors.Many(m.binding, places, ended), nil
}

// keep is the cursor that a read ends with, "" at the end of all shards, which becomes that of Resume, and why it ends.
func (m *shards) keep(why error) (string, error) {
	next := ""
	if m.least() >= 0 || len(m.lacking()) > 0 {
		var err error
		if next, err = m.behind(response.Row{}); err != nil {
			return "", err
		}
	}
	if m.resume != nil {
		*m.resume = next
	}
	return next, why
}
