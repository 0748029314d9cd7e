package monotable

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
)

// A place is the key behind which the service goes on: the table's key attributes and, on an index, the index's. In a cursor it
// is their values in the order of their names. Names and types follow from the schema, and are part of what a cursor is bound to.

// appendPlace adds a place to dst.
func appendPlace(dst []byte, place attributes) []byte {
	for _, name := range sortedNames(place) {
		switch v := place[name].(type) {
		case *types.AttributeValueMemberS:
			dst = appendBound(dst, v.Value)
		case *types.AttributeValueMemberN:
			dst = appendBound(dst, v.Value)
		case *types.AttributeValueMemberB:
			dst = appendBound(dst, string(v.Value))
		}
	}
	return dst
}

// readPlace reads a place of the table or an index from a cursor's contents, which it trusts in nothing. It gives back what
// stands behind it.
func (s Schema) readPlace(raw []byte, index *Index) (attributes, []byte, error) {
	want := s.placeTypes(index)
	place := make(attributes, len(want))
	for _, name := range sortedNames(want) {
		size, n := binary.Uvarint(raw)
		if n <= 0 || size > uint64(len(raw)-n) || size > maxPartitionKeyBytes || size == 0 {
			return nil, nil, errCursorText
		}
		text := raw[n : n+int(size)]
		raw = raw[n+int(size):]
		value, err := placeValue(want[name], text)
		if err != nil {
			return nil, nil, err
		}
		place[name] = value
	}
	return place, raw, nil
}

// placeTypes are the attributes of a place in the table or an index, with their types.
func (s Schema) placeTypes(index *Index) map[string]types.ScalarAttributeType {
	of := map[string]types.ScalarAttributeType{}
	keys := []Attrs{s.Partition, s.Sort}
	if index != nil {
		keys = append(keys, index.partition(s), index.Sort)
	}
	for _, attrs := range keys {
		for _, def := range attrs {
			of[*def.AttributeName] = def.AttributeType
		}
	}
	return of
}

func placeValue(t types.ScalarAttributeType, text []byte) (types.AttributeValue, error) {
	switch t {
	case types.ScalarAttributeTypeS:
		return &types.AttributeValueMemberS{Value: string(text)}, nil
	case types.ScalarAttributeTypeB:
		return &types.AttributeValueMemberB{Value: slices.Clone(text)}, nil
	}
	if _, err := number.Parse(string(text)); err != nil {
		return nil, errCursorText
	}
	return &types.AttributeValueMemberN{Value: string(text)}, nil
}

// The state of a segment or shard in the cursor of a read of several.
const (
	atStart byte = iota
	atPlace
	atEnd
)

// manyCursor seals the places of several segments or shards, of which some have ended.
func (db *DB) manyCursor(binding []byte, places []attributes, ended []bool) Cursor {
	var state []byte
	for i, place := range places {
		switch {
		case ended[i]:
			state = append(state, atEnd)
		case len(place) == 0:
			state = append(state, atStart)
		default:
			state = appendPlace(append(state, atPlace), place)
		}
	}
	return db.cursors.seal(binding, state)
}

// resumeMany opens the cursor that the options gave, if any, to n places.
func (e *entity) resumeMany(space *keySpace, binding []byte, n int, s *settings) (places []attributes, ended []bool, err error) {
	places, ended = make([]attributes, n), make([]bool, n)
	cursor := s.after
	if s.resume != nil {
		cursor = *s.resume
	}
	if cursor == "" {
		return places, ended, nil
	}
	raw, err := e.db.cursors.open(binding, cursor, n)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrCursor, err)
	}
	for i := range n {
		if len(raw) == 0 {
			return nil, nil, fmt.Errorf("%w: %w", ErrCursor, errCursorText)
		}
		state := raw[0]
		raw = raw[1:]
		switch state {
		case atStart:
		case atEnd:
			ended[i] = true
		case atPlace:
			if places[i], raw, err = e.db.schema.readPlace(raw, space.index); err != nil {
				return nil, nil, fmt.Errorf("%w: %w", ErrCursor, err)
			}
		default:
			return nil, nil, fmt.Errorf("%w: %w", ErrCursor, errCursorText)
		}
	}
	if len(raw) > 0 {
		return nil, nil, fmt.Errorf("%w: %w", ErrCursor, errCursorText)
	}
	return places, ended, nil
}

// checkProjected refuses to read from an index what its entries do not hold.
func (e *entity) checkProjected(space *keySpace, read *reading, hydrate bool) error {
	if space.index == nil || space.index.Local || space.index.projectsAll() || hydrate {
		return nil // a local index fetches what it lacks from the table
	}
	if read.plan == nil || read.partial == nil {
		return fmt.Errorf("index %s projects only some attributes: read it with a View of those, or give Hydrate", space.index.Name)
	}
	for _, f := range read.plan.Fields() {
		if !space.hasAttribute(e.db.schema, f.Name) {
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
	return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return !space.hasAttribute(e.db.schema, name) })
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
		names.add(e.db.schema.EntityType)
	}
	return names.names
}
