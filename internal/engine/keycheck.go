package engine

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
)

var errKeyMismatch = refusal.Invalid("The provided key element does not match the schema")

// keyOf encodes the key of an exact-key request, or says why it is none of the table's.
func (t *table) keyOf(key map[string]types.AttributeValue) (string, error) {
	attributes := t.keys.All
	if len(key) != len(attributes) {
		return "", errKeyMismatch
	}
	for _, a := range attributes {
		v, ok := key[a.Name]
		if !ok {
			return "", errKeyMismatch
		}
		if tag, _, ok := packed.ScalarOf(v); !ok || tag != a.Tag {
			return "", errKeyMismatch
		}
	}
	return t.encodeKey(keyspace.Map(key))
}

// itemKey encodes the key of an item that is put. A batch does not say what is wrong with it.
func (t *table) itemKey(item map[string]types.AttributeValue, batched bool) (string, error) {
	for _, a := range t.keys.All {
		v, ok := item[a.Name]
		tag, _, scalar := packed.ScalarOf(v)
		switch {
		case batched && (!scalar || tag != a.Tag):
			return "", errKeyMismatch
		case !ok:
			return "", refusal.InvalidParameter("Missing the key %s in the item", a.Name)
		case !scalar || tag != a.Tag:
			return "", refusal.InvalidParameter("Type mismatch for key %s expected: %c actual: %s", a.Name, a.Tag,
				packed.TypeOf(v))
		}
	}
	return t.encodeKey(keyspace.Map(item))
}

// encodeKey checks the sizes of a key whose attributes have the right types, and encodes it.
func (t *table) encodeKey(from keyspace.Source) (string, error) {
	for _, a := range t.keys.All {
		tag, text, _ := from.Scalar(a.Name)
		if text == "" {
			return "", refusal.WholeRequest(refusal.Invalid(emptyTableKey(a)))
		}
		if err := t.keys.CheckSize(a.Name, tag, text); err != nil {
			return "", err
		}
	}
	var scratch [256]byte
	key, _ := t.keys.Encode(scratch[:0], from)
	return string(key), nil
}

// emptyTableKey words the refusal of an empty key attribute of a table.
func emptyTableKey(a keyspace.Attribute) string {
	return fmt.Sprintf("One or more parameter values are not valid. "+
		"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", packed.LongTypeName(a.Tag),
		a.Name)
}

// emptyIndexKey words the refusal of an empty key attribute of an index.
func emptyIndexKey(x *index, a keyspace.Attribute) string {
	return fmt.Sprintf("One or more parameter values are not valid. A value specified for a secondary index key is "+
		"not supported. "+
		"The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s",
		packed.LongTypeName(a.Tag), x.name, a.Name)
}

// checkIndexKeys refuses an item whose index key attributes have wrong types, are empty or too long. An item without
// them is fine: it is not in that index.
func (t *table) checkIndexKeys(item packed.Item, refuse indexKeyRefusal) error {
	for _, x := range t.indexes {
		for _, a := range x.keys.All {
			if err := x.checkKey(a, item, refuse); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *index) checkKey(a keyspace.Attribute, item packed.Item, refuse indexKeyRefusal) error {
	v, ok := item.Value(a.Name)
	if !ok {
		return nil
	}
	if v.Tag() != a.Tag {
		return refuse.wrongType(x, a, v.Tag())
	}
	_, text, _ := v.Scalar()
	if text == "" {
		return refuse.empty(x, a)
	}
	if err := x.keys.CheckSize(a.Name, a.Tag, text); err != nil {
		return refuse.tooLong(err)
	}
	return nil
}

// checkUpdatedKeys refuses an update that gives an index key attribute a value of another type, where the request shows
// that (captured from us-east-1, October 2026).
func (t *table) checkUpdatedKeys(u updater) error {
	for _, x := range t.indexes {
		for _, a := range x.keys.All {
			if actual := u.gives(a.Name); actual != "" && actual != string(a.Tag) {
				return wrongIndexKey(x, a, actual)
			}
		}
	}
	return nil
}

func wrongIndexKey(x *index, a keyspace.Attribute, actual string) error {
	return refusal.InvalidParameter("Type mismatch for Index Key %s Expected: %c Actual: %s IndexName: %s", a.Name,
		a.Tag, actual, x.name)
}

// indexKeyRefusal words the refusal of an index key, which depends on whether the item was put or updated.
type indexKeyRefusal interface {
	wrongType(x *index, a keyspace.Attribute, actual byte) error
	empty(x *index, a keyspace.Attribute) error
	tooLong(putRefusal error) error
}

type putRefusal struct{}

func (putRefusal) wrongType(x *index, a keyspace.Attribute, actual byte) error {
	return wrongIndexKey(x, a, packed.TypeName(actual))
}

func (putRefusal) empty(x *index, a keyspace.Attribute) error {
	return refusal.WholeRequest(refusal.Invalid(emptyIndexKey(x, a)))
}

func (putRefusal) tooLong(err error) error { return err }

// updateRefusal has the messages of the API reference for UpdateItem in a transaction ("TransactWriteItems:
// Cancellation reasons").
type updateRefusal struct{}

func (updateRefusal) wrongType(*index, keyspace.Attribute, byte) error {
	return refusal.Invalid("The update expression attempted to update the secondary index key to unsupported type")
}

func (updateRefusal) empty(_ *index, a keyspace.Attribute) error {
	return refusal.WholeRequest(refusal.Invalidf("One or more parameter values are not valid. "+
		"The update expression attempted to update a secondary index key to a value that is not supported. "+
		"The AttributeValue for a key attribute cannot contain an empty %s value.",
		packed.LongTypeName(a.Tag)))
}

func (updateRefusal) tooLong(error) error {
	return refusal.Invalid("The update expression attempted to update the secondary index key beyond allowed size " +
		"limits")
}
