package read

import (
	"fmt"
	"slices"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/schema"
)

// spaceOf is the table, or the index that the options name.
func (e *Entity) spaceOf(s *Settings) (*entity.Space, error) {
	if e == nil {
		return nil, cause.NotMade
	}
	if s.Index == "" {
		return &e.Table, nil
	}
	index, ok := e.Schema.Index(s.Index)
	if !ok {
		return nil, fmt.Errorf("table %s has no index %s", e.Schema.Name, s.Index)
	}
	space, ok := e.Indexes[s.Index]
	if !ok {
		return nil, fmt.Errorf("index %s holds no items of this type: the model makes none of its key", s.Index)
	}
	if s.Consistent && !index.Local {
		return nil, fmt.Errorf("index %s is global: it cannot be read consistently", s.Index)
	}
	if !s.Hydrate && e.Typed() && e.Rivals.Load() && !index.Local && !index.Holds(e.Schema, e.Schema.EntityType) {
		return nil, fmt.Errorf("index %s does not project %s, by which types that may have the same keys are told "+
			"apart: give Hydrate, or project it", s.Index, e.Schema.EntityType)
	}
	return space, nil
}

// place is the key by which the service starts behind an entry: the table's key and the index's.
func (e *Entity) place(space *entity.Space, entry attr.Item) (attr.Item, error) {
	place := make(attr.Item, 4)
	for _, parts := range [][]entity.Part{e.Table.Partition, e.Table.Sort, space.Partition, space.Sort} {
		for i := range parts {
			v, ok := entry[parts[i].Name]
			if !ok {
				return nil, fmt.Errorf("an item came without its key attribute %s", parts[i].Name)
			}
			place[parts[i].Name] = v
		}
	}
	return place, nil
}

// cursor seals a place; the end is "".
func (e *Entity) cursor(binding []byte, place attr.Item) string {
	if len(place) == 0 {
		return ""
	}
	return e.Cursors.One(binding, place)
}

// startOf opens the cursor that the options gave, if any.
func (e *Entity) startOf(space *entity.Space, binding []byte, s *Settings) (attr.Item, error) {
	from := s.After
	if s.Resume != nil {
		from = *s.Resume
	}
	if from == "" {
		return nil, nil
	}
	place, err := e.Cursors.OpenOne(binding, from, e.Schema.PlaceTypes(space.Index))
	if err != nil {
		return nil, cause.Because(cause.Cursor, err)
	}
	return place, nil
}

// resumeMany opens the cursor that the options gave, if any, to n places.
func (e *Entity) resumeMany(space *entity.Space, binding []byte, n int,
	s *Settings) (places []attr.Item, ended []bool, err error) {
	cursor := s.After
	if s.Resume != nil {
		cursor = *s.Resume
	}
	if cursor == "" {
		return make([]attr.Item, n), make([]bool, n), nil
	}
	places, ended, err = e.Cursors.OpenMany(binding, cursor, n, e.Schema.PlaceTypes(space.Index))
	if err != nil {
		return nil, nil, cause.Because(cause.Cursor, err)
	}
	return places, ended, nil
}

// checkProjected refuses to read from an index what its entries do not hold.
func (e *Entity) checkProjected(space *entity.Space, read *Form, hydrate bool) error {
	if space.Index == nil || space.Index.Local || space.Index.ProjectsAll() || hydrate {
		return nil // a local index fetches what it lacks from the table
	}
	if read.Plan == nil || read.Partial == nil {
		return fmt.Errorf("index %s projects only some attributes: read it with a View of those, or give Hydrate",
			space.Index.Name)
	}
	for _, f := range read.Plan.Fields() {
		if !e.holds(space.Index, f.Name) {
			return fmt.Errorf("index %s does not project %s: leave it out of the view, or give Hydrate",
				space.Index.Name, f.Name)
		}
	}
	return nil
}

// holds tells whether an attribute is known of an index's entries.
func (e *Entity) holds(index *schema.Index, name string) bool {
	return e.KeyOnly[name] || index.Holds(e.Schema, name)
}

// projected are the names among wanted that a space can be asked for: a global index refuses those it does not hold.
func (e *Entity) projected(space *entity.Space, wanted []string) []string {
	if space.Index == nil || space.Index.Local {
		return wanted
	}
	return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return !space.Index.Holds(e.Schema, name) })
}

// identifying are the attributes by which an entry is told to be of this type, and by which a read goes on behind it.
func (e *Entity) identifying(space *entity.Space) []string {
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

// nameSet keeps names in order, each once.
type nameSet struct {
	names []string
	seen  map[string]bool
}

func newNameSet() *nameSet { return &nameSet{seen: map[string]bool{}} }

func (s *nameSet) add(name string) {
	if !s.seen[name] {
		s.seen[name] = true
		s.names = append(s.names, name)
	}
}
