package refusal

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/wire"
)

// Refusals that have changed, or may with the next region: each with where its words are from. What has had one
// wording throughout stands where it is checked.

// EmptyTableName is the refusal of a write to a table without a name (captured from us-east-1, October 2026).
func EmptyTableName() error { return tooShort("TableName") }

// EmptyTransaction is the refusal of a transaction of nothing (captured from ap-northeast-2 and eu-north-1, October
// 2026).
func EmptyTransaction() error { return tooShort("TransactItems") }

// EmptyBatch is the refusal of a batch of nothing, as the newer front end and as the older one words it (captured from
// 33 regions, September and October 2026).
func EmptyBatch(operation string, newer bool) error {
	if newer {
		return tooShort("RequestItems")
	}
	return Invalid("The requestItems parameter is required for " + operation)
}

// tooShort is a violation as the newer front end tells it: the member by its name on the wire, without what it was.
func tooShort(member string) error {
	return Invalid(Envelope + "Value at '" + member + "' failed to satisfy constraint: Member must have length greater " +
		"than or equal to 1")
}

// BadReturnValues is the refusal of a ReturnValues that is none, with a name that the service spells so itself
// (captured from us-east-1, October 2026).
func BadReturnValues() error {
	return Invalid("Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, " +
		"UPDATE_NEW, NONE]")
}

// TooFew and TooMany are violations of a list's bounds as the newer front end tells them (captured from us-east-1,
// October 2026, of BatchGetItem's keys; from eu-central-1 and others of BatchWriteItem's).
func TooFew(member string, low int) error {
	return Invalidf("Value at '%s' failed to satisfy constraint: Member must have length greater than or equal to %d",
		member, low)
}

// TooMany is told beside TooFew.
func TooMany(member string, high int) error {
	return Invalidf("Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", member,
		high)
}

// BadWrites is the older front end's refusal of a table with no write in a batch, or with too many; shown is the batch
// (captured from us-east-1, September 2026).
func BadWrites(shown string, high int) error {
	return Invalidf("Value '%s' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "+
		"[Member must have length less than or equal to %d, Member must have length greater than or equal to 1]", shown,
		high)
}

// BadNames is the refusal of a batch with a table that cannot be one by its name (captured from us-east-1, October
// 2026).
func BadNames(shown string) error {
	return Invalidf("Value '%s' at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: "+
		"[Member must have length less than or equal to 255, Member must have length greater than or equal to 3, "+
		"Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]", wire.Shown(shown))
}

// TooManyConditions is the refusal of a query with more conditions than its key has attributes (captured from
// us-east-1, October 2026).
func TooManyConditions(conditions, attributes int) error {
	return Invalidf("The number of query conditions (%d) exceeds the number of key attributes defined in the schema (%d)",
		conditions, attributes)
}

// HashNotEqual is the refusal of a query of a key with several hash attributes without an equality of each (captured
// from us-east-1, October 2026, as far as "equality conditions").
func HashNotEqual(names []string) error {
	return Invalidf("HASH key attributes %s must have equality conditions specified in the query",
		strings.Join(names, ", "))
}

// RangeNotEqual is the refusal of a query of a key with several range attributes of which one is left open before the
// last condition (captured from us-east-1, October 2026).
func RangeNotEqual(names []string, last string) error {
	return Invalidf("RANGE key attributes %s must have equality conditions specified in the query because a condition is "+
		"present on key attribute %s", strings.Join(names, ", "), last)
}

// BadConditionalOperator is Query's refusal of a ConditionalOperator that is none (captured from us-east-1, October
// 2026; the first name is the service's).
func BadConditionalOperator() error {
	return Invalid("Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]")
}

// TooSmall is a violation as the newer front end tells it (captured from us-east-1, October 2026).
func TooSmall(member string, low int32) error {
	return Invalidf("Value at '%s' failed to satisfy constraint: Member must have value greater than or equal to %d",
		member, low)
}

// BadSegment is the refusal of a segment past the last (captured from 33 regions, October 2026).
func BadSegment(newer bool, segment, total int32) error {
	const rule = "The Segment parameter is zero-based and must be less than parameter TotalSegments"
	if newer {
		return Invalid(rule)
	}
	return Invalidf("%s: Segment: %d is not less than TotalSegments: %d", rule, segment, total)
}

// ValuesWithoutExpression is the refusal of values that nothing can use; parameters are the expressions that could
// have. The envelope comes without naming them (captured from us-east-1, October 2026).
func ValuesWithoutExpression(enveloped bool, parameters ...string) error {
	const rule = "ExpressionAttributeValues can only be specified when using expressions"
	verb := "is"
	if len(parameters) > 1 {
		verb = "are"
	}
	if enveloped {
		return Invalid(rule)
	}
	return Invalidf("%s: %s %s null", rule, strings.Join(parameters, " and "), verb)
}

// InOperand is a value's refusal as the older front end tells it of a value of expressions.
func InOperand(err error, placeholder string) error {
	return Invalidf("ExpressionAttributeValues contains invalid value: %s for key %s", Message(err), placeholder)
}

// Message gives the message of a refusal.
func Message(err error) string {
	var refused interface{ ErrorMessage() string }
	if errors.As(err, &refused) {
		return refused.ErrorMessage()
	}
	return err.Error()
}

// What is wrong with a table's definition (captured from us-east-1, June to October 2026).

// DefinedTwice is the refusal of an attribute with two definitions.
func DefinedTwice(name string) error { return Invalid("Attribute Name is duplicated: " + name) }

// NoDefinition is the refusal of a table without indexes that defines fewer attributes than its key has places, be it
// that one attribute stands in both.
func NoDefinition() error {
	return Invalid("Invalid KeySchema: Some index key attribute have no definition")
}

// HashAfterRange is the refusal of a key with a hash attribute behind a range attribute.
func HashAfterRange() error {
	return InvalidParameter("All HASH key attributes must precede RANGE key attributes in the KeySchema")
}

// TooManyKeys is the refusal of a key with too many attributes of one kind.
func TooManyKeys(kind types.KeyType) error {
	return InvalidParameter("The KeySchema exceeds the maximum allowed number of %s key attributes", kind)
}

// UnusedDefinitions is the refusal of definitions of attributes that are in no key.
func UnusedDefinitions(indexed bool, defined, used []string) error {
	if !indexed {
		return InvalidParameter("Number of attributes in KeySchema does not exactly match number of attributes defined " +
			"in AttributeDefinitions")
	}
	return InvalidParameter("Some AttributeDefinitions are not used. AttributeDefinitions: [%s], keys used: [%s]",
		strings.Join(defined, ", "), strings.Join(used, ", "))
}

// StreamOfNewTable is the refusal of a stream without a view, or of a view without a stream, for a new table.
func StreamOfNewTable(enabled bool) error {
	if enabled {
		return InvalidParameter("Table is being created with a stream enabled, UpdateViewType is required")
	}
	return InvalidParameter("Table is being created with a stream disabled, UpdateViewType should not be specified")
}

// StreamOfTable is StreamOfNewTable for a table that is there (captured from us-west-2 and us-east-1, October 2026).
func StreamOfTable(enabled bool) error {
	if enabled {
		return InvalidParameter("If stream is being enabled then UpdateViewType is required")
	}
	return InvalidParameter("If stream is being disabled, then UpdateViewType must not be specified")
}

// SeveralIndexActions and the next two are refusals of UpdateTable's changes of indexes.
func SeveralIndexActions() error {
	return InvalidParameter("Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object")
}

// NoIndexAction is the refusal of an empty change.
func NoIndexAction() error {
	return InvalidParameter("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, " +
		"GlobalSecondaryIndexUpdate.Delete must not be null")
}

// IndexTwice is the refusal of two changes of one index.
func IndexTwice(name string) error {
	return InvalidParameter("Only one global secondary index update per index is allowed simultaneously. Index: %s", name)
}

// NoThroughput is the refusal of a change to provisioned throughput without any.
func NoThroughput() error {
	return InvalidParameter("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
}

// What is wrong with the ARN of what is to be tagged (captured from us-east-1 and us-west-2, October 2026).

// NoARN is the refusal of a request without one.
func NoARN() error { return Invalid("Invalid TableArn") }

// NotAnARN is the refusal of a text that is none.
func NotAnARN(text string) error { return InvalidParameter("ARNs must start with 'arn:': %s", text) }

// ARNOfIndex is the refusal of an index's.
func ARNOfIndex(arn string) error {
	return InvalidParameter("Invalid resource arn provided, only table or stream is accepted. Provided resource arn: %s",
		arn)
}

// BadStreamARN is the refusal of a text of an ARN's length that is no stream's (captured from us-east-1, October 2026,
// but for its words).
func BadStreamARN(text string) error { return InvalidParameter("Invalid StreamArn: %s", text) }
