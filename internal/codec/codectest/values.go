package codectest

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

func String(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func Number(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }

func List(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}

func Map(v map[string]types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: v}
}
