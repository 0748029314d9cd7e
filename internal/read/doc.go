// Package read sends the reads of an entity type: by key, by query, by scan, and several together. One loop of requests
// (walk) is under all queries and scans.
package read

import (
	"reflect"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/cursor"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/response"
)

// Entity is one entity type as its items are read.
type Entity struct {
	*request.Maker
	Line    *call.Line
	Cursors *cursor.Sealer
	Types   *Types            // of the same table
	Wire    *response.Reading // of the type's own Go type; nil without the fast path
}

// via is the client that a call's requests on this entity type go to.
func (e *Entity) via(s *Settings) call.Client { return e.Line.Via(&s.Settings, e.Name) }

// Reader reads the items of an entity type as values of a Go type, its own or a view's.
type Reader struct {
	*Entity
	Form *Form
}

// Form is how items become values of a Go type.
type Form struct {
	Type    reflect.Type
	Plan    *codec.Plan // nil for the schemaless item
	Partial []string    // the attributes asked for, keys and entity type among them; nil for whole items
	Wire    *response.Reading
}
