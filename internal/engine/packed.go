package engine

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// PackedItem is an item as the engine stores it: immutable, in one piece, its attributes in the order of their names. The
// zero PackedItem is no item.
type PackedItem string

// Size gives the item's bytes as the service counts them.
func (p PackedItem) Size() int { return 0 }

// Map decodes the item. Its strings are cut from the packed item, so that one of them kept keeps the whole of it.
func (p PackedItem) Map() map[string]types.AttributeValue { return nil }

// AppendJSON appends the item as DynamoDB JSON.
func (p PackedItem) AppendJSON(dst []byte) []byte { return dst }
