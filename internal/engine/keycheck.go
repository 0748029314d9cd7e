package engine

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
)

// Bytes that a key may have (DynamoDB guide, "Quotas: partition key and sort key length").
const (
	maxHashKey = 2048
	maxSortKey = 1024
)

var errKeyMismatch = refusal.Invalid("The provided key element does not match the schema")

// keyOf encodes the key of an exact-key request, or says why it is none of the table's.
func (t *table) keyOf(key map[string]types.AttributeValue) (string, error) {
	attributes := t.keys.all
	if len(key) != len(attributes) {
		return "", errKeyMismatch
	}
	for _, a := range attributes {
		v, ok := key[a.name]
		if !ok {
			return "", errKeyMismatch
		}
		if tag, _, ok := packed.ScalarOf(v); !ok || tag != a.tag {
			return "", errKeyMismatch
		}
	}
	return t.encodeKey(keyMap(key))
}

// itemKey encodes the key of an item that is put.
func (t *table) itemKey(item map[string]types.AttributeValue) (string, error) {
	for _, a := range t.keys.all {
		v, ok := item[a.name]
		if !ok {
			return "", refusal.InvalidParameter("Missing the key %s in the item", a.name)
		}
		if tag, _, ok := packed.ScalarOf(v); !ok || tag != a.tag {
			return "", refusal.InvalidParameter("Type mismatch for key %s expected: %c actual: %s", a.name, a.tag, packed.TypeOf(v))
		}
	}
	return t.encodeKey(keyMap(item))
}

// encodeKey checks the sizes of a key whose attributes have the right types, and encodes it.
func (t *table) encodeKey(from keySource) (string, error) {
	for _, a := range t.keys.all {
		tag, text, _ := from.Scalar(a.name)
		if text == "" {
			return "", refusal.WholeRequest(refusal.Invalid(emptyTableKey(a)))
		}
		if err := checkKeySize(t.keys, a.name, tag, text); err != nil {
			return "", err
		}
	}
	var scratch [256]byte
	key, _ := t.keys.encode(scratch[:0], from)
	return string(key), nil
}

// emptyTableKey words the refusal of an empty key attribute of a table.
func emptyTableKey(a keyAttribute) string {
	return fmt.Sprintf("One or more parameter values are not valid. "+
		"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", packed.LongTypeName(a.tag), a.name)
}

// emptyIndexKey words the refusal of an empty key attribute of an index.
func emptyIndexKey(x *index, a keyAttribute) string {
	return fmt.Sprintf("One or more parameter values are not valid. A value specified for a secondary index key is not supported. "+
		"The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s", packed.LongTypeName(a.tag), x.name, a.name)
}

// checkKeySize refuses a key attribute that is too long.
func checkKeySize(keys keySchema, name string, tag byte, text string) error {
	if tag == packed.TagNumber || len(text) <= maxSortKey {
		return nil
	}
	for _, a := range keys.hash {
		if a.name == name {
			if len(text) > maxHashKey {
				return refusal.InvalidParameter("Size of hashkey has exceeded the maximum size limit of2048 bytes")
			}
			return nil
		}
	}
	return refusal.InvalidParameter("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
}

// checkIndexKeys refuses an item whose index key attributes have wrong types, are empty or too long. An item without them is
// fine: it is not in that index.
func (t *table) checkIndexKeys(item packed.Item, refuse indexKeyRefusal) error {
	for _, x := range t.indexes {
		for _, a := range x.keys.all {
			if err := x.checkKey(a, item, refuse); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *index) checkKey(a keyAttribute, item packed.Item, refuse indexKeyRefusal) error {
	v, ok := item.Value(a.name)
	if !ok {
		return nil
	}
	if v.Tag() != a.tag {
		return refuse.wrongType(x, a, v.Tag())
	}
	_, text, _ := v.Scalar()
	if text == "" {
		return refuse.empty(x, a)
	}
	if err := checkKeySize(x.keys, a.name, a.tag, text); err != nil {
		return refuse.tooLong(err)
	}
	return nil
}

// indexKeyRefusal words the refusal of an index key, which depends on whether the item was put or updated.
type indexKeyRefusal interface {
	wrongType(x *index, a keyAttribute, actual byte) error
	empty(x *index, a keyAttribute) error
	tooLong(putRefusal error) error
}

type putRefusal struct{}

func (putRefusal) wrongType(x *index, a keyAttribute, actual byte) error {
	return refusal.InvalidParameter("Type mismatch for Index Key %s Expected: %c Actual: %s IndexName: %s", a.name, a.tag, packed.TypeName(actual), x.name)
}

func (putRefusal) empty(x *index, a keyAttribute) error {
	return refusal.WholeRequest(refusal.Invalid(emptyIndexKey(x, a)))
}

func (putRefusal) tooLong(err error) error { return err }

// updateRefusal has the messages of the API reference for UpdateItem in a transaction ("TransactWriteItems: Cancellation
// reasons").
type updateRefusal struct{}

func (updateRefusal) wrongType(*index, keyAttribute, byte) error {
	return refusal.Invalid("The update expression attempted to update the secondary index key to unsupported type")
}

func (updateRefusal) empty(_ *index, a keyAttribute) error {
	return refusal.WholeRequest(refusal.Invalidf("One or more parameter values are not valid. "+
		"The update expression attempted to update a secondary index key to a value that is not supported. "+
		"The AttributeValue for a key attribute cannot contain an empty %s value.",
		packed.LongTypeName(a.tag)))
}

func (updateRefusal) tooLong(error) error {
	return refusal.Invalid("The update expression attempted to update the secondary index key beyond allowed size limits")
}
