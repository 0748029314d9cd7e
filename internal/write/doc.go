// Package write sends the writes of an entity type: single ones, a read-modify-write, transactions and batches, with
// the guards of unique constraints.
package write

import (
	"reflect"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/request"
)

// Entity is one entity type as its items are written.
type Entity struct {
	*request.Maker
	Line     *call.Line
	ItemType reflect.Type // the Go type of items without a type
}

// via is the client that a call's requests on this entity type go to.
func (e *Entity) via(s *Settings) call.Client { return e.Line.Via(&s.Settings, e.Name) }
