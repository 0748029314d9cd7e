package packed

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TypeName gives the type descriptor of a packed value.
func TypeName(tag byte) string {
	switch tag {
	case TagTrue, TagFalse:
		return "BOOL"
	case TagNull:
		return "NULL"
	case TagStringSet:
		return "SS"
	case TagNumberSet:
		return "NS"
	case TagBinarySet:
		return "BS"
	}
	return string(tag)
}

// LongTypeName gives the word for a key's type.
func LongTypeName(tag byte) string {
	if tag == TagBinary {
		return "binary"
	}
	return "string"
}

// ScalarOf gives the tag and text of a string, number or binary.
func ScalarOf(v types.AttributeValue) (tag byte, text string, ok bool) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return TagString, v.Value, true
	case *types.AttributeValueMemberN:
		return TagNumber, v.Value, true
	case *types.AttributeValueMemberB:
		return TagBinary, string(v.Value), true
	}
	return 0, "", false
}

// TypeOf gives the type descriptor of a value.
func TypeOf(v types.AttributeValue) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", v), "*types.AttributeValueMember")
	return name
}
