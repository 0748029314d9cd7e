package monotable

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/size"
)

// Item is an item without a schema: what it holds is told by its attributes alone. Wherever the SDK has a
// map[string]types.AttributeValue, an Item is one.
//
// Attributes are read by their path, and by the type they are expected to have:
//
//	name, err := item.String("name")
//	city, err := item.String("address.city")
//	pet, err := item.String("pets[0].name")
//
// A path is names, each but the first behind a dot, and indexes of lists in brackets. A dot, bracket or backslash that
// is part of a name has a backslash before it. Errors are *AttributeError: they name the attribute and never show its
// value.
//
// encoding/json writes and reads an Item as plain JSON, and a DynamoDBJSON as DynamoDB's own.
type Item map[string]types.AttributeValue

// ItemOf returns the item that v is encoded as: a struct with dynamodbav tags, a map with string keys, or a pointer to
// one. The error is an *AttributeError and names the attribute that cannot be encoded. Values of type
// types.AttributeValue are not copied.
func ItemOf(v any) (Item, error) {
	if item, ok := v.(Item); ok {
		return item, nil
	}
	av, err := codec.EncodeValue(v)
	if err != nil {
		return nil, attributeError("", err)
	}
	m, ok := av.(*types.AttributeValueMemberM)
	if !ok {
		return nil, &AttributeError{Have: typeOf(av), Want: "map"}
	}
	return m.Value, nil
}

// Into decodes the item into what out points to: a struct with dynamodbav tags, or a map. The error is an
// *AttributeError and names the attribute that does not fit.
func (i Item) Into(out any) error {
	return attributeError("", codec.DecodeValue(&types.AttributeValueMemberM{Value: i}, out))
}

// MarshalDynamoDBAttributeValue makes an Item a map where the SDK encodes one, as expression.Value does.
func (i Item) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	av, err := codec.EncodeValue(i)
	return av, attributeError("", err)
}

// UnmarshalDynamoDBAttributeValue takes a map where the SDK decodes one into an Item, without copying it.
func (i *Item) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	return attributeError("", codec.DecodeValue(av, i))
}

// Size is the bytes that DynamoDB counts for the item, names and values, as they enter into capacity units and the
// limit of 409,600 bytes (DynamoDB guide, "DynamoDB item sizes and formats"). Storage bills 100 bytes more.
func (i Item) Size() int { return size.Item(i) }

// Clone returns a copy that shares nothing with i. The clone of a nil Item is nil.
func (i Item) Clone() Item {
	return attr.CloneItem(i)
}

// AttributeSize is what one top-level attribute of an item weighs.
type AttributeSize struct {
	Name  string
	Bytes int // of name and value; len(Name) of them are the name's
}

// Sizes are the item's attributes with their bytes, the heaviest first, so that it shows which names and values weigh.
// They add up to Size.
func (i Item) Sizes() []AttributeSize {
	sizes := make([]AttributeSize, 0, len(i))
	for _, named := range size.Attributes(i) {
		sizes = append(sizes, AttributeSize(named))
	}
	return sizes
}
