package monotable

import (
	"context"

	"github.com/monotable/monotable/internal/call"
)

// metered is the DB's client, watched if somebody counts.
func (db *DB) metered(s *settings, entity string) Client {
	if len(s.meters) == 0 && db.observe == nil {
		return db.client
	}
	return call.NewMetering(db.client, func(ctx context.Context, c call.Consumption) {
		u := Usage{
			Table: c.Table, Index: c.Index, Operation: c.Operation, Modelled: c.Modelled, Units: Units{c.Read, c.Write},
			Entity: entity, Pattern: s.pattern,
		}
		for _, meter := range s.meters {
			meter.add(u)
		}
		if db.observe != nil {
			db.observe(ctx, u)
		}
	})
}

// via is the client that a call's requests on this entity type go to.
func (e *core) via(s *settings) Client {
	if s.preview != nil {
		return s.preview
	}
	return e.db.metered(s, e.Name)
}

// entityOfAll is the entity type that all of n operations are of; "" if they are of several.
func entityOfAll(n int, of func(i int) *core) string {
	for i := range n {
		if of(i) != of(0) {
			return ""
		}
	}
	if n == 0 {
		return ""
	}
	return entityName(of(0))
}
