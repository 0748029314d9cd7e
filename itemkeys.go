package monotable

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/keytext"
)

// primaryKey is the key of v's item: every key field must be set, where zero numbers and false are values.
func (e *known) primaryKey(v reflect.Value) (map[string]types.AttributeValue, error) {
	if e == nil {
		return nil, errNotMade
	}
	key := make(map[string]types.AttributeValue, 2)
	for _, parts := range [][]keyPart{e.table.partition, e.table.sort} {
		for i := range parts {
			value, err := parts[i].of(v)
			if err != nil {
				return nil, err
			}
			key[parts[i].name] = value
		}
	}
	return key, nil
}

// item is v as it is stored: its own attributes, the key attributes that templates make, and the entity type. T's own attributes
// must be what indexes take as keys.
func (e *known) item(v reflect.Value) (map[string]types.AttributeValue, error) {
	item, err := e.storedAs(v, (*codec.Plan).Encode)
	if err != nil {
		return nil, err
	}
	for _, space := range e.spaces()[1:] {
		for i := range space.both {
			part := &space.both[i]
			if !part.natural() || e.table.has(part.name) {
				continue
			}
			if stored, there := item[part.name]; there {
				if err := part.checkOwn(stored, v, space); err != nil {
					return nil, err
				}
			}
		}
	}
	return item, nil
}

// storedAs is item without a look at T's own attributes in index keys, and with the plan's encoding as it is asked for.
func (e *known) storedAs(v reflect.Value, encode func(*codec.Plan, reflect.Value) (attributes, error)) (attributes, error) {
	var item map[string]types.AttributeValue
	var err error
	if e.plan == nil {
		item, err = maps.Clone(v.Interface().(Item)), nil
		if err := checkItem(item); err != nil {
			return nil, err
		}
		if item == nil {
			item = map[string]types.AttributeValue{}
		}
	} else if item, err = encode(e.plan, v); err != nil {
		return nil, err
	}
	for name := range e.made {
		if _, there := item[name]; there {
			return nil, fmt.Errorf("attribute %s is written by the library: the item's unknown attributes cannot hold it", name)
		}
	}
	for _, part := range e.table.parts() {
		if item[part.name], err = part.in(item, v); err != nil {
			return nil, err
		}
	}
	for _, space := range e.spaces()[1:] {
		if err := e.addIndexKey(item, space, v); err != nil {
			return nil, err
		}
	}
	if e.expires != nil && e.expires.Kind == codec.Time {
		if at, ok := e.expires.Value(v); ok && unset(at) {
			delete(item, e.expires.Name) // a zero time is no time: the item does not expire
		}
	}
	if e.typed() {
		item[e.schema.EntityType] = &types.AttributeValueMemberS{Value: e.name}
	}
	return item, nil
}

// addIndexKey adds an index's key attributes that templates make. An index whose templates lack a value is sparse: they are left
// out.
func (e *known) addIndexKey(item map[string]types.AttributeValue, space *keySpace, v reflect.Value) error {
	for _, part := range space.parts() {
		if part.natural() || e.table.has(part.name) {
			continue
		}
		value, err := part.of(v)
		if isUnset(err) {
			continue
		}
		if err != nil {
			return err
		}
		item[part.name] = value
	}
	return nil
}

// checkOwn tells whether an index takes v's own attribute, stored so, as a key: DynamoDB refuses empty strings there, and NULL.
func (p *keyPart) checkOwn(stored types.AttributeValue, v reflect.Value, space *keySpace) error {
	_, err := p.of(v)
	if err == nil {
		return nil
	}
	if _, null := stored.(*types.AttributeValueMemberNULL); null {
		return fmt.Errorf("%w: %s is NULL, which %s does not take as a key; tag it omitempty to leave it out", ErrKey, p.name, space)
	}
	return fmt.Errorf("%w; tag it omitempty to leave the item out of %s", err, space)
}

// typed tells whether items carry their entity type.
func (e *known) typed() bool { return e.schema.EntityType != "" && e.plan != nil }

// mine tells this entity's items by their type attribute, and where that is not there by their keys.
func (e *known) mine(item map[string]types.AttributeValue) bool {
	if e.typed() {
		if _, there := item[e.schema.EntityType]; there {
			return e.owns(item)
		}
	}
	for _, parts := range [][]keyPart{e.table.partition, e.table.sort} {
		for i := range parts {
			if parts[i].natural() {
				continue
			}
			s, ok := item[parts[i].name].(*types.AttributeValueMemberS)
			if !ok {
				return false
			}
			if _, err := parts[i].text.Parse(s.Value); err != nil {
				return false
			}
		}
	}
	return true
}

// overlaps tells whether one primary key could be of both types.
func (e *known) overlaps(other *entity) bool {
	mine, theirs := e.table.parts(), other.table.parts()
	for i := range mine {
		a, b := mine[i].text, theirs[i].text
		if a != nil && b != nil && !keytext.Overlaps(a.Template(), b.Template()) {
			return false
		}
	}
	return true
}

// owns tells whether an item read is of this entity type. Items without the attribute count as of whatever type was asked for,
// so that tables can be adopted as they are.
func (e *known) owns(item map[string]types.AttributeValue) bool {
	if !e.typed() {
		return true
	}
	switch t := item[e.schema.EntityType].(type) {
	case nil:
		return true
	case *types.AttributeValueMemberS:
		return t.Value == e.name || slices.Contains(e.aliases, t.Value)
	}
	return false
}

// projection asks for whole top-level attributes.
func projection(names []string) (*string, map[string]string) {
	var text strings.Builder
	placeholders := make(map[string]string, len(names))
	for i, name := range names {
		if i > 0 {
			text.WriteByte(',')
		}
		placeholder := "#p" + strconv.Itoa(i)
		text.WriteString(placeholder)
		placeholders[placeholder] = name
	}
	expression := text.String()
	return &expression, placeholders
}

// decode fills into, a V, from an item of this entity type.
func (e *known) decode(plan *codec.Plan, item map[string]types.AttributeValue, into reflect.Value) error {
	if plan == nil {
		into.Set(reflect.ValueOf(Item(item)))
		return nil
	}
	if plan.Unknown() && len(e.made) > 0 {
		own := make(map[string]types.AttributeValue, len(item))
		for name, v := range item {
			if !e.made[name] {
				own[name] = v
			}
		}
		item = own
	}
	return plan.Decode(item, into)
}
