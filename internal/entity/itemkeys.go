package entity

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/expr"
)

// PrimaryKey is the key of v's item: every key field must be set, where zero numbers and false are values.
func (e *Type) PrimaryKey(v reflect.Value) (map[string]types.AttributeValue, error) {
	key := make(map[string]types.AttributeValue, 2)
	for _, parts := range [][]Part{e.Table.Partition, e.Table.Sort} {
		for i := range parts {
			value, err := parts[i].Of(v)
			if err != nil {
				return nil, err
			}
			key[parts[i].Name] = value
		}
	}
	return key, nil
}

var itemType = reflect.TypeFor[map[string]types.AttributeValue]()

// ItemOf is a schemaless v.
func ItemOf(v reflect.Value) map[string]types.AttributeValue {
	return v.Convert(itemType).Interface().(map[string]types.AttributeValue)
}

// Item is v as it is stored: its own attributes, the key attributes that templates make, and the entity type. T's own
// attributes must be what indexes take as keys.
func (e *Type) Item(v reflect.Value) (map[string]types.AttributeValue, error) {
	item, err := e.StoredAs(v, (*codec.Plan).Encode)
	if err != nil {
		return nil, err
	}
	for _, space := range e.Spaces()[1:] {
		for i := range space.both {
			part := &space.both[i]
			if !part.Natural() || e.Table.Has(part.Name) {
				continue
			}
			if stored, there := item[part.Name]; there {
				if err := part.CheckOwn(stored, v, space); err != nil {
					return nil, err
				}
			}
		}
	}
	return item, nil
}

// StoredAs is item without a look at T's own attributes in index keys, and with the plan's encoding as it is asked for.
func (e *Type) StoredAs(v reflect.Value, encode func(*codec.Plan,
	reflect.Value) (attr.Item, error)) (attr.Item, error) {
	var item map[string]types.AttributeValue
	var err error
	if e.Plan == nil {
		item, err = maps.Clone(ItemOf(v)), nil
		if err := attr.CheckItem(item); err != nil {
			return nil, err
		}
		if item == nil {
			item = map[string]types.AttributeValue{}
		}
	} else if item, err = encode(e.Plan, v); err != nil {
		return nil, err
	}
	for name := range e.Made {
		if _, there := item[name]; there {
			return nil,
				fmt.Errorf("attribute %s is written by the library: the item's unknown attributes cannot hold it", name)
		}
	}
	for _, part := range e.Table.Parts() {
		if item[part.Name], err = part.in(item, v); err != nil {
			return nil, err
		}
	}
	for _, space := range e.Spaces()[1:] {
		if err := e.addIndexKey(item, space, v); err != nil {
			return nil, err
		}
	}
	if e.Expires != nil && e.Expires.Kind == codec.Time {
		if at, ok := e.Expires.Value(v); ok && Unset(at) {
			delete(item, e.Expires.Name) // a zero time is no time: the item does not expire
		}
	}
	if e.Typed() {
		item[e.Schema.EntityType] = &types.AttributeValueMemberS{Value: e.Name}
	}
	for name := range e.KeyOnly {
		delete(item, name)
	}
	return item, nil
}

// addIndexKey adds an index's key attributes that templates make. An index whose templates lack a value is sparse: they
// are left out.
func (e *Type) addIndexKey(item map[string]types.AttributeValue, space *Space, v reflect.Value) error {
	if space.leaves(v) {
		return nil
	}
	for _, part := range space.Parts() {
		if part.Natural() || e.Table.Has(part.Name) {
			continue
		}
		value, err := part.Of(v)
		if IsUnset(err) {
			continue
		}
		if err != nil {
			return err
		}
		item[part.Name] = value
	}
	return nil
}

// CheckOwn tells whether an index takes v's own attribute, stored so, as a key: DynamoDB refuses empty strings there,
// and NULL.
func (p *Part) CheckOwn(stored types.AttributeValue, v reflect.Value, space *Space) error {
	_, err := p.Of(v)
	if err == nil {
		return nil
	}
	if err := p.Begins(stored); err != nil && p.Check(stored) == nil {
		return err
	}
	if _, null := stored.(*types.AttributeValueMemberNULL); null {
		return KeyError("%s is NULL, which %s does not take as a key; tag it omitempty to leave it out",
			p.Name, space)
	}
	return fmt.Errorf("%w; tag it omitempty to leave the item out of %s", err, space)
}

// Typed tells whether items carry their entity type.
func (e *Type) Typed() bool { return e.Schema.EntityType != "" && e.Plan != nil }

// Mine tells this entity's items by their type attribute, and where that is not there by their keys.
func (e *Type) Mine(item map[string]types.AttributeValue) bool {
	if e.Typed() {
		if _, there := item[e.Schema.EntityType]; there {
			return e.Owns(item)
		}
	}
	for _, parts := range [][]Part{e.Table.Partition, e.Table.Sort} {
		for i := range parts {
			if parts[i].Natural() && parts[i].Prefix == "" {
				continue
			}
			s, ok := item[parts[i].Name].(*types.AttributeValueMemberS)
			if !ok {
				return false
			}
			if !parts[i].Fits(s.Value) {
				return false
			}
		}
	}
	return true
}

// Fits tells whether a text can be the key attribute of this type's items, as far as the model says how it is made.
func (p *Part) Fits(text string) bool {
	if p.Natural() {
		return strings.HasPrefix(text, p.Prefix)
	}
	_, err := p.Text.Parse(text)
	return err == nil
}

// Overlaps tells whether one primary key could be of both types.
func (e *Type) Overlaps(other *Type) bool {
	mine, theirs := e.Table.Parts(), other.Table.Parts()
	for i := range mine {
		if !mine[i].overlaps(&theirs[i]) {
			return false
		}
	}
	return true
}

// Owns tells whether an item read is of this entity type. Items without the attribute count as of whatever type was
// asked for, so that tables can be adopted as they are.
func (e *Type) Owns(item map[string]types.AttributeValue) bool {
	if !e.Typed() {
		return true
	}
	switch t := item[e.Schema.EntityType].(type) {
	case nil:
		return true
	case *types.AttributeValueMemberS:
		return t.Value == e.Name || slices.Contains(e.Aliases, t.Value)
	}
	return false
}

// Projection asks for whole top-level attributes.
func Projection(names []string) (*string, map[string]string) {
	w := expr.NewWriter(nil, nil)
	text := w.Projection(names)
	return &text, w.Names
}

// Decode fills into, a V, from an item of this entity type.
func (e *Type) Decode(plan *codec.Plan, item map[string]types.AttributeValue, into reflect.Value) error {
	if plan == nil {
		into.Set(reflect.ValueOf(item).Convert(into.Type()))
		return nil
	}
	whole := item
	if plan.Unknown() && len(e.Made) > 0 {
		own := make(map[string]types.AttributeValue, len(item))
		for name, v := range item {
			if !e.Made[name] {
				own[name] = v
			}
		}
		item = own
	}
	if err := plan.Decode(item, into); err != nil || len(e.KeyOnly) == 0 {
		return err
	}
	return e.FillKeyOnly(plan, into, func(name string) (string, bool) {
		s, ok := whole[name].(*types.AttributeValueMemberS)
		if !ok {
			return "", false
		}
		return s.Value, true
	}, func(name string) types.AttributeValue { return whole[name] })
}
