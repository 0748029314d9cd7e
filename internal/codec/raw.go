package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/failure"
)

// A types.AttributeValue stands for itself: it is neither copied nor translated, only checked: for nils, which the SDK
// would send as nothing, when it is decoded, and by package attr when it is encoded.

var errNilValue = &failure.Error{Reason: "is a nil AttributeValue"}

// checkRaw refuses nil values and unknown members, at any depth, and nesting deeper than 32 levels.
func checkRaw(av types.AttributeValue, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	if isNil(av) {
		return errNilValue
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberM:
		if depth == maxDepth {
			return errTooDeep
		}
		for name, elem := range av.Value {
			if err := checkRaw(elem, depth+1); err != nil {
				return failure.AtKey(name, err)
			}
		}
		return nil
	case *types.AttributeValueMemberL:
		if depth == maxDepth {
			return errTooDeep
		}
		for i, elem := range av.Value {
			if err := checkRaw(elem, depth+1); err != nil {
				return failure.AtIndex(i, err)
			}
		}
		return nil
	}
	if TypeName(av) == "" {
		return &failure.Error{Reason: "is no member of types.AttributeValue that is known"}
	}
	return nil
}

// isNil tells a nil interface and a nil member apart from values.
func isNil(av types.AttributeValue) bool {
	return av == nil || reflect.ValueOf(av).IsNil()
}

// TypeName names the type of an attribute value in attributevalue's words; "" if it is none of DynamoDB's.
func TypeName(av types.AttributeValue) string {
	switch av.(type) {
	case *types.AttributeValueMemberS:
		return "string"
	case *types.AttributeValueMemberN:
		return "number"
	case *types.AttributeValueMemberB:
		return "binary"
	case *types.AttributeValueMemberBOOL:
		return "bool"
	case *types.AttributeValueMemberNULL:
		return "null"
	case *types.AttributeValueMemberSS:
		return "string set"
	case *types.AttributeValueMemberNS:
		return "number set"
	case *types.AttributeValueMemberBS:
		return "binary set"
	case *types.AttributeValueMemberL:
		return "list"
	case *types.AttributeValueMemberM:
		return "map"
	}
	return ""
}

func null() types.AttributeValue { return &types.AttributeValueMemberNULL{Value: true} }
