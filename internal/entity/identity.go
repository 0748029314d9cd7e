package entity

import (
	"encoding/binary"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/wire"
)

// SameTarget tells whether two write requests are on one item.
func (e *Type) SameTarget(a, b types.WriteRequest) bool {
	key := func(r types.WriteRequest) attr.Item {
		if r.PutRequest != nil {
			return r.PutRequest.Item
		}
		if r.DeleteRequest != nil {
			return r.DeleteRequest.Key
		}
		return nil
	}
	x, errX := e.KeyID(key(a))
	y, errY := e.KeyID(key(b))
	return errX == nil && errY == nil && x == y
}

// KeyID is a primary key as a map key: equal for equal keys, numbers by their value.
func (e *Type) KeyID(item attr.Item) (string, error) {
	var id []byte
	for _, parts := range [][]Part{e.Table.Partition, e.Table.Sort} {
		for i := range parts {
			value, err := canonical(item[parts[i].Name])
			if err != nil {
				return "", KeyError("%s: %w", parts[i].Name, err)
			}
			id = appendText(id, wire.AppendValue(nil, value))
		}
	}
	return string(id), nil
}

// canonical is a key value written in one way: equal numbers as one text.
func canonical(value types.AttributeValue) (types.AttributeValue, error) {
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return value, nil
	}
	d, err := number.Parse(n.Value)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberN{Value: d.String()}, nil
}

// KeyOf is the primary key of an item or entry as it was read.
func (e *Type) KeyOf(item attr.Item) attr.Item {
	key := make(attr.Item, 2)
	for _, parts := range [][]Part{e.Table.Partition, e.Table.Sort} {
		for i := range parts {
			key[parts[i].Name] = item[parts[i].Name]
		}
	}
	return key
}

// appendText appends a text that no other can run into.
func appendText(dst, text []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}
