package packed

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
)

// CheckValues says as the service does why one of a key's values is none.
func CheckValues(key map[string]types.AttributeValue) error {
	right := true
	for _, v := range key {
		right = right && isRightScalar(v)
	}
	if right {
		return nil
	}
	k := getPacker()
	defer k.free()
	return k.eachName(key, func(name string) error { return k.value(key[name], 0) })
}

// isRightScalar says whether a value is a string, binary or number with nothing wrong, as those of keys mostly are.
func isRightScalar(v types.AttributeValue) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v != nil
	case *types.AttributeValueMemberB:
		return v != nil
	case *types.AttributeValueMemberN:
		if v == nil {
			return false
		}
		_, err := number.Parse(v.Value)
		return err == nil
	}
	return false
}
