// Package size counts bytes and capacity units as DynamoDB does (DynamoDB guide, "DynamoDB item sizes and formats" and
// "DynamoDB read and write operations"). Nothing in it allocates.
package size

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Item returns the bytes of an item: of all its attributes, names and values, without the 100 bytes of storage overhead.
func Item(item map[string]types.AttributeValue) int { panic("size: Item is being built") }

// Attribute returns the bytes of one top-level attribute: its name in UTF-8 and its value.
func Attribute(name string, v types.AttributeValue) int { return len(name) + Value(v) }

// Value returns the bytes of a value. A nil value or a number that does not parse counts 0.
func Value(v types.AttributeValue) int { panic("size: Value is being built") }
