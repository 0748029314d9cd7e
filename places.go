package monotable

import (
	"fmt"
	"slices"
)

// resumeMany opens the cursor that the options gave, if any, to n places.
func (e *entity) resumeMany(space *keySpace, binding []byte, n int, s *settings) (places []attributes, ended []bool, err error) {
	cursor := s.after
	if s.resume != nil {
		cursor = *s.resume
	}
	if cursor == "" {
		return make([]attributes, n), make([]bool, n), nil
	}
	places, ended, err = e.db.cursors.OpenMany(binding, string(cursor), n, e.schema.PlaceTypes(space.index))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrCursor, err)
	}
	return places, ended, nil
}

// checkProjected refuses to read from an index what its entries do not hold.
func (e *entity) checkProjected(space *keySpace, read *reading, hydrate bool) error {
	if space.index == nil || space.index.Local || space.index.ProjectsAll() || hydrate {
		return nil // a local index fetches what it lacks from the table
	}
	if read.plan == nil || read.partial == nil {
		return fmt.Errorf("index %s projects only some attributes: read it with a View of those, or give Hydrate", space.index.Name)
	}
	for _, f := range read.plan.Fields() {
		if !space.index.Holds(e.schema, f.Name) {
			return fmt.Errorf("index %s does not project %s: leave it out of the view, or give Hydrate", space.index.Name, f.Name)
		}
	}
	return nil
}

// projected are the names among wanted that a space can be asked for: a global index refuses those it does not hold.
func (e *entity) projected(space *keySpace, wanted []string) []string {
	if space.index == nil || space.index.Local {
		return wanted
	}
	return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return !space.index.Holds(e.schema, name) })
}

// identifying are the attributes by which an entry is told to be of this type, and by which a read goes on behind it.
func (e *entity) identifying(space *keySpace) []string {
	names := newNameSet()
	for _, parts := range [][]keyPart{e.table.partition, e.table.sort, space.partition, space.sort} {
		for i := range parts {
			names.add(parts[i].name)
		}
	}
	if e.typed() {
		names.add(e.schema.EntityType)
	}
	return names.names
}
