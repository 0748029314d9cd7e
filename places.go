package monotable

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
)

// A place is the key behind which the service goes on: the table's key attributes and, on an index, the index's. In a cursor it
// is the number of attributes, then for each the number of its name among the schema's key attributes, and its value. The type
// follows from the schema.

// appendPlace adds a place to dst.
func (s Schema) appendPlace(dst []byte, place attributes) []byte {
	dst = append(dst, byte(len(place)))
	for i, def := range s.keyAttributes() {
		value, ok := place[*def.AttributeName]
		if !ok {
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(i))
		switch v := value.(type) {
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
	all := s.keyAttributes()
	want := map[string]bool{}
	keys := []Attrs{s.Partition, s.Sort}
	if index != nil {
		keys = append(keys, index.partition(s), index.Sort)
	}
	for _, attrs := range keys {
		for _, def := range attrs {
			want[*def.AttributeName] = true
		}
	}
	if len(raw) == 0 || int(raw[0]) != len(want) {
		return nil, nil, errCursorText
	}
	raw = raw[1:]
	place := make(attributes, len(want))
	for range len(want) {
		i, n := binary.Uvarint(raw)
		if n <= 0 || i >= uint64(len(all)) || !want[*all[i].AttributeName] {
			return nil, nil, errCursorText
		}
		raw = raw[n:]
		size, n := binary.Uvarint(raw)
		if n <= 0 || size > uint64(len(raw)-n) || size > maxPartitionKeyBytes || size == 0 {
			return nil, nil, errCursorText
		}
		text := raw[n : n+int(size)]
		raw = raw[n+int(size):]
		value, err := placeValue(all[i].AttributeType, text)
		if err != nil {
			return nil, nil, err
		}
		if _, twice := place[*all[i].AttributeName]; twice {
			return nil, nil, errCursorText
		}
		place[*all[i].AttributeName] = value
	}
	return place, raw, nil
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
