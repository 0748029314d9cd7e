package read

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/cursor"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/response"
)

// New makes the reader of an entity type, and adds it to those of its table.
func New(of *request.Maker, line *call.Line, cursors *cursor.Sealer, all *Types) (*Reader, error) {
	e := &Entity{Maker: of, Line: line, Cursors: cursors, Types: all,
		Wire: response.NewReading(&all.Fast, of.Type, of.Plan, of.GoType)}
	if err := all.Add(e); err != nil {
		return nil, err
	}
	return &Reader{e, &Form{Type: of.GoType, Plan: of.Plan, Wire: e.Wire}}, nil
}

// As makes the reader of the same items as the smaller type v.
func (r *Reader) As(v reflect.Type) (*Reader, error) {
	if v.Kind() != reflect.Struct {
		return nil, errors.New("V is a struct")
	}
	plan, err := codec.Of(v)
	if err != nil {
		return nil, err
	}
	if plan.Unknown() {
		return nil, errors.New("a view reads the attributes it names: it has no place for others")
	}
	partial := newNameSet()
	for _, f := range plan.Fields() {
		if err := r.shows(f); err != nil {
			return nil, err
		}
		partial.add(f.Name)
	}
	for _, def := range r.Schema.KeyAttributes() {
		partial.add(*def.AttributeName)
	}
	for _, name := range []string{r.Schema.EntityType, r.Schema.TTL} {
		if name != "" {
			partial.add(name)
		}
	}
	return &Reader{r.Entity, &Form{Type: v, Plan: plan, Partial: partial.names,
		Wire: response.NewReading(&r.Types.Fast, r.Type, plan, v)}}, nil
}

// shows refuses a view's field that the entity type does not store, or stores as something else.
func (r *Reader) shows(f *codec.Field) error {
	if r.Plan == nil {
		return nil
	}
	of, ok := r.Plan.Field(f.Name)
	if !ok && !r.Plan.Unknown() {
		return fmt.Errorf("field %s: %s has no attribute %s", f.GoName, r.GoType, f.Name)
	}
	if ok && (of.Kind != f.Kind || of.UnixTime != f.UnixTime || of.AsString != f.AsString) &&
		f.Kind != codec.Any && f.Kind != codec.Raw {
		return fmt.Errorf("field %s (%s): %s stores %s as %s", f.GoName, f.Type, r.GoType, f.Name, of.Type)
	}
	return nil
}

// Asked is what a query asks for: the table or index that it reads, and whether a local index reads the items behind
// its entries, since more is wanted than they hold.
func (r *Reader) Asked(s *Settings) (space *entity.Space, fetches bool, err error) {
	if space, err = r.spaceOf(s); err != nil {
		return nil, false, err
	}
	if err := r.checkProjected(space, r.Form, s.Hydrate); err != nil {
		return nil, false, err
	}
	if _, err := r.newWalk(space, s); err != nil {
		return nil, false, err
	}
	return space, r.fetches(space, s), nil
}

// fetches tells whether a local index reads the items behind its entries, since the view wants more than they hold.
func (r *Reader) fetches(space *entity.Space, s *Settings) bool {
	if space.Index == nil || !space.Index.Local || space.Index.ProjectsAll() {
		return false
	}
	if r.Form.Partial == nil || s.Hydrate {
		return true
	}
	for _, name := range r.Form.Partial {
		if !r.holds(space.Index, name) {
			return true
		}
	}
	return false
}
