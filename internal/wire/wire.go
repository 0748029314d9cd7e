// Package wire reads and writes DynamoDB JSON 1.0: attribute values and items, and the requests and responses of every
// operation, straight into and out of the SDK's structs.
//
// It is strict where the service is: a JSON body must be one well-formed object in valid UTF-8 with nothing after it, a
// string is a JSON string and not a number, binaries are padded standard base64. Members that the service does not know
// are skipped, a null member is an absent one, and of a member that is given twice the last counts. Input of any kind
// costs memory in proportion to its length and stack in proportion to MaxDepth. Of a list that is longer than any
// operation takes, the end is read and not kept.
//
// Strings that were read share one copy of the body they came from: a string that is kept keeps that copy.
package wire

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// MaxDepth bounds how deeply values may nest when they are read. DynamoDB itself allows 32 levels; what lies between is
// read, so that whoever validates the item refuses it in its turn, and what lies beyond is not read; something stands
// for it that is refused with the same message.
const MaxDepth = 64

// Codes of errors that the SDK has no type for. An Error has one of the first two.
const (
	CodeSerialization = "SerializationException"
	CodeValidation    = "ValidationException"
	CodeUnavailable   = "ServiceUnavailable"
)

// Messages that the service has for attribute values that are not exactly one value.
const (
	MessageEmpty   = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
	MessageSeveral = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the " +
		"supported datatypes"
	MessageNull    = "The supplied Item contains a null AttributeValue"
	MessageNesting = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels " +
		"beyond supported limit"
)

// Several is the Tag of the *types.UnknownUnionMember that stands for an attribute value with more than one type in it.
const Several = "several"

// Nested is the Tag of the *types.UnknownUnionMember that stands for an attribute value below MaxDepth.
const Nested = "nested"

// NoValue gives the service's message about an attribute value that holds nothing, "" for one that holds something: a
// nil one, a nil pointer in one, a nil binary, which the SDK writes as null, and what a request had in its place that
// was empty or of several types.
func NoValue(v types.AttributeValue) string {
	switch v := v.(type) {
	case nil:
		return MessageNull
	case *types.UnknownUnionMember:
		if v != nil && v.Tag == Several {
			return MessageSeveral
		}
		if v != nil && v.Tag == Nested {
			return MessageNesting
		}
		return MessageEmpty
	case *types.AttributeValueMemberB:
		if v != nil && v.Value == nil {
			return MessageEmpty
		}
	case *types.AttributeValueMemberBS:
		if v != nil && slices.ContainsFunc(v.Value, func(b []byte) bool { return b == nil }) {
			return MessageNull
		}
	}
	switch r := reflect.ValueOf(v); {
	case r.Kind() != reflect.Pointer:
		return MessageEmpty // not one of the SDK's
	case r.IsNil():
		return MessageNull
	}
	return ""
}

// Error is a text that could not be read. Its message is the service's where the service has one, and never holds a
// value.
type Error struct {
	Code    string // CodeSerialization or CodeValidation
	Message string // "" where the text is not JSON at all: the service then says nothing more
	Offset  int    // byte of the text at which reading stopped
}

// Error returns code and message.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Code + ": malformed JSON"
	}
	return e.Code + ": " + e.Message
}

// ParseValue reads one attribute value, such as {"S":"text"}. It refuses what is not exactly one value of one type, at
// any level, with an *Error.
func ParseValue(text []byte) (types.AttributeValue, error) {
	p := parser{text: string(text), strict: true}
	v, err := p.value(1)
	if err != nil {
		return nil, err
	}
	return v, p.end()
}

// ParseItem reads one item: an object of attribute values. Like ParseValue it is strict.
func ParseItem(text []byte) (map[string]types.AttributeValue, error) {
	p := parser{text: string(text), strict: true}
	item, err := p.item(1)
	if err != nil {
		return nil, err
	}
	if item == nil {
		return nil, p.fail("Unexpected field type")
	}
	return item, p.end()
}

// AppendItem appends item as DynamoDB JSON, its attributes in order of name. A nil item is null, a nil value inside is
// null.
func AppendItem(dst []byte, item map[string]types.AttributeValue) []byte {
	if item == nil {
		return append(dst, "null"...)
	}
	return appendValues(dst, item)
}
