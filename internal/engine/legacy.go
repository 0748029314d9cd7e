package engine

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
)

// legacyExpected turns Expected and ConditionalOperator into a condition.
func legacyExpected(expected map[string]types.ExpectedAttributeValue, operator types.ConditionalOperator) (condition, error) {
	if expected != nil || operator != "" {
		return nil, unsupported("Expected")
	}
	return nil, nil
}

// legacyUpdates turns AttributeUpdates into an update.
func legacyUpdates(updates map[string]types.AttributeValueUpdate) (updater, error) {
	if updates != nil {
		return nil, unsupported("AttributeUpdates")
	}
	return nil, nil
}

// legacyFilter turns QueryFilter or ScanFilter into a filter.
func legacyFilter(conditions map[string]types.Condition, operator types.ConditionalOperator, parameter string) (filter, error) {
	if conditions != nil || operator != "" {
		return nil, unsupported(parameter)
	}
	return nil, nil
}

// legacyKeyConditions turns KeyConditions into key terms.
func legacyKeyConditions(conditions map[string]types.Condition) ([]expr.KeyTerm, error) {
	if conditions != nil {
		return nil, unsupported("KeyConditions")
	}
	return nil, nil
}

// unsupported refuses a parameter that the engine does not have.
func unsupported(parameter string) error {
	return invalidf("The parameter %s is not supported", parameter)
}
