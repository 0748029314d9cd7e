package monotable

import (
	"fmt"
	"slices"

	"github.com/monotable/monotable/internal/entity"
)

// resumeMany opens the cursor that the options gave, if any, to n places.
func (e *core) resumeMany(space *entity.Space, binding []byte, n int,
	s *settings) (places []attributes, ended []bool, err error) {
	cursor := s.after
	if s.resume != nil {
		cursor = *s.resume
	}
	if cursor == "" {
		return make([]attributes, n), make([]bool, n), nil
	}
	places, ended, err = e.db.cursors.OpenMany(binding, string(cursor), n, e.Schema.PlaceTypes(space.Index))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrCursor, err)
	}
	return places, ended, nil
}

// checkProjected refuses to read from an index what its entries do not hold.
func (e *core) checkProjected(space *entity.Space, read *reading, hydrate bool) error {
	if space.Index == nil || space.Index.Local || space.Index.ProjectsAll() || hydrate {
		return nil // a local index fetches what it lacks from the table
	}
	if read.plan == nil || read.partial == nil {
		return fmt.Errorf("index %s projects only some attributes: read it with a View of those, or give Hydrate",
			space.Index.Name)
	}
	for _, f := range read.plan.Fields() {
		if !space.Index.Holds(e.Schema, f.Name) {
			return fmt.Errorf("index %s does not project %s: leave it out of the view, or give Hydrate",
				space.Index.Name, f.Name)
		}
	}
	return nil
}

// projected are the names among wanted that a space can be asked for: a global index refuses those it does not hold.
func (e *core) projected(space *entity.Space, wanted []string) []string {
	if space.Index == nil || space.Index.Local {
		return wanted
	}
	return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return !space.Index.Holds(e.Schema, name) })
}

// identifying are the attributes by which an entry is told to be of this type, and by which a read goes on behind it.
func (e *core) identifying(space *entity.Space) []string {
	names := newNameSet()
	for _, parts := range [][]entity.Part{e.Table.Partition, e.Table.Sort, space.Partition, space.Sort} {
		for i := range parts {
			names.add(parts[i].Name)
		}
	}
	if e.Typed() {
		names.add(e.Schema.EntityType)
	}
	return names.names
}
