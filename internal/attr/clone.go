package attr

import (
	"bytes"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Clone returns a copy that shares nothing with av.
func Clone(av types.AttributeValue) types.AttributeValue {
	if Absent(av) {
		return av
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: av.Value}
	case *types.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: av.Value}
	case *types.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: bytes.Clone(av.Value)}
	case *types.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: av.Value}
	case *types.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: av.Value}
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.Clone(av.Value)}
	case *types.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: slices.Clone(av.Value)}
	case *types.AttributeValueMemberBS:
		set := slices.Clone(av.Value)
		for i, b := range set {
			set[i] = bytes.Clone(b)
		}
		return &types.AttributeValueMemberBS{Value: set}
	case *types.AttributeValueMemberL:
		list := slices.Clone(av.Value)
		for i, elem := range list {
			list[i] = Clone(elem)
		}
		return &types.AttributeValueMemberL{Value: list}
	case *types.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: CloneItem(av.Value)}
	case *types.UnknownUnionMember:
		return &types.UnknownUnionMember{Tag: av.Tag, Value: bytes.Clone(av.Value)}
	}
	return av
}

// CloneItem returns a copy that shares nothing with item; the copy of nil is nil.
func CloneItem(item map[string]types.AttributeValue) map[string]types.AttributeValue {
	if item == nil {
		return nil
	}
	clone := make(map[string]types.AttributeValue, len(item))
	for name, av := range item {
		clone[name] = Clone(av)
	}
	return clone
}
