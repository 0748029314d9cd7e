//go:build oracle

package engine

import (
	"flag"
	"regexp"
	"slices"
	"strings"
)

var oracleStatements = flag.Int("statements", 20000, "statements of the differential test")

// statementDifference is one way in which DynamoDB Local answers a statement otherwise than the service does, or than
// the service's grammar has it.
type statementDifference struct {
	reason, ours, theirs string // what the messages begin with; "" is any
}

const emptyIndex = "One or more parameter values are not valid. A value specified for a secondary index key is not " +
	"supported"

const emptyKey = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain " +
	"an empty"

const lacksAttributes = "One or more parameter values were invalid: Global secondary index gkeys does not project"

const mismatchedKey = "One or more parameter values were invalid: Type mismatch for key"

const mismatched = "One or more parameter values were invalid: Type mismatch for Index Key"

var statementDifferences = []statementDifference{
	{"overlapping reads: refused by the service, answered by Local", "Overlapping conditions with range keys", ""},
	{"a key of another type in a scan: Local words it otherwise", "Key attribute's data type should match",
		"One or more parameter values were invalid: Condition parameter type does not match"},
	{"a set function of another path: Local does not say where", "The first argument to SET_",
		"The first argument to SET_"},
	{"an index key of another type: as the service words it", "The update expression attempted to update the secondary " +
		"index key to unsupported type", "Invalid attribute value type"},
	{"an index key of another type: Local may store it",
		"The update expression attempted to update the secondary index key " +
			"to unsupported type", ""},
	{"an index key of another type: refused whatever the item is, as by UpdateItem", mismatched, ""},
	{"an index key of another type: as the service words it", mismatched, "Invalid attribute value type"},
	{"a function that there is not: Local does not say where", "Unrecognized function: ", "Unrecognized function: "},
	{"an order of no key in what is a scan: Local looks at the order first, where the partition key is named",
		"Must have at least one non-optional hash key condition", "Variable reference"},
	{"several refusals: Local looks at the form of operators first", "", "The argument to NOT must be"},
	{"several refusals: Local looks at the form of operators first", "", "IN operator must have a left hand argument"},
	{"several refusals: Local looks at the form of operators first", "", "The left hand side argument to IS must be"},
	{"several refusals: Local looks at the form of operators first", "", "Unsupported operator in "},
	{"what an index lacks, and a key of another type: either is told first", lacksAttributes, "Key attribute's data type"},
	{"what an index lacks, and an empty key: either is told first", lacksAttributes, emptyKey},
	{"an order of no key in a scan, and an empty key: either is told first", "Must have at least one non-optional",
		emptyKey},
	{"an order of no key, and an empty key: either is told first", "Attribute ", emptyKey},
	{"an order in a scan, and a path into a key: either is told first", "Must have at least one non-optional",
		"Key attributes must be scalars"},
	{"an order of no key, and a key of another type: either is told first", "Key attribute's data type",
		"Variable reference"},
	{"a table that is not there: as the service words it", "Requested resource not found",
		"Cannot do operations on a non-exist"},
	{"IS is no statement: as the service words it", "Unsupported operation: IsType", "Unsupported operation: Typed"},
	{"a path into a key, and a key of another type: either is told first", "Key attributes must be scalars",
		"Key attribute's"},
	{"a path into a key, and an empty key: either is told first", "Key attributes must be scalars", emptyKey},
	{"a statement within another: Local's grammar is an older one", "Statement wasn't well formed",
		"EXISTS can only be used"},
	{"a missing key in a transaction: as the service words it",
		"One or more parameter values were invalid: Missing the key",
		"Key attribute should be present in the item"},
	{"a write of a transaction that names no item: cancelled, as by the service", "",
		"ValidationError Where clause does not contain a mandatory equality"},
	{"a write of a transaction that names no item: cancelled, as by the service", "",
		"ValidationError Multiple conditions on same key"},
	{"a key of another type in a transaction: as TransactWriteItems words it", mismatchedKey, "Key attribute's data type"},
	{"a list within a value: as the service writes its index", "Unsupported data type: ", "Unsupported data type: "},
	{"an order of what is a scan: Local takes any comparison with the partition key for one of it",
		"Must have at least one non-optional hash key condition", ""},
	{"a key that is no scalar: Local has words of its own for it", "Key attribute's data type",
		"Key value must be of type"},
	{"a duplicate: the service's exception", "Duplicate primary key exists in table",
		"Duplicate primary key exists in table"},
	{"several partitions in the order of the sort key: refused by the service", "Must have hash key in ORDER BY clause",
		""},
	{"an order that is of no key: as the service words it", "Attribute ", "Variable reference "},
	{"two paths that overlap: Local names another pair", "Two document paths overlap", "Two document paths overlap"},
	{"a filter that an index cannot answer: refused by the service",
		"One or more parameter values were invalid: Secondary " +
			"index gkeys does not project one or more filter", ""},
	{"a filter that an index cannot answer: refused by the service",
		"One or more parameter values were invalid: Secondary " +
			"index lkeys does not project one or more filter", ""},
	{"attributes that an index lacks: the service names them in their order", lacksAttributes, lacksAttributes},
	{"an update into an index key: refused whatever the item is, as UpdateItem does", "Key attributes must be scalars",
		"The conditional request failed"},
	{"a set function with what is no set: Local does not say where", "The second argument to SET_",
		"The second argument to SET_"},
	{"an empty key of several indexes: any of them is named", emptyIndex, emptyIndex},
	{"an update of the key: refused whatever the item is, as UpdateItem does",
		"One or more parameter values were invalid: " +
			"Cannot update attribute", ""},
}

// literalFirst finds a value that is compared with the sort key on its right.
var literalFirst = regexp.MustCompile(`[<>]=? "?sk"?\b`)

// seenOfItem are the refusals of an update that only its item shows.
var seenOfItem = []string{"The provided expression refers to an attribute that does not exist in the item",
	"An operand in the update expression has an incorrect data type",
	"The document path provided in the update expression is invalid for update"}

// explainStatement gives the reason of a difference, "" if it is not explained.
func explainStatement(text string, ours, theirs reply) string {
	if theirs.Error == "InternalFailure" {
		return "a fault of Local's"
	}
	if strings.HasPrefix(theirs.Message,
		"One or more parameter values were invalid: Condition parameter type does not match") {
		return "a key compared with another type: a filter as the service has it, refused by Local"
	}
	if ours.Error == "" && strings.HasPrefix(theirs.Message, emptyKey) {
		return "an empty text compared with a key: a filter, refused by Local"
	}
	plain := ours.Error+theirs.Error == ""
	switch {
	case ours.Message == theirs.Message && ours.Error == "ValidationError" && theirs.Error == "ValidationException":
		return "a reason of a transaction: Local refuses the request"
	case theirs.Error == "" && strings.HasPrefix(ours.Message, emptyKey):
		return "an empty key beside other conditions of it: refused"
	case theirs.Error == "" && strings.HasPrefix(ours.Message, "Key attribute's data type should match"):
		return "a key of another type beside other conditions of it: refused, as by the service"
	case strings.Contains(text, " IS ") && (strings.HasPrefix(theirs.Message, "Multiple conditions on same key") ||
		strings.HasPrefix(theirs.Message, "Key attribute's data type")):
		return "IS of a key attribute: Local takes it for another condition of the key"
	case plain && (strings.Contains(text, "gkeys") || strings.Contains(text, "lkeys")):
		return "a scan of an index with a filter of what it lacks: Local looks at the item"
	case plain && strings.Contains(text, "gall"):
		return "a scan of an index: where the filter denies something, Local forgets the rest of it"
	case plain && literalFirst.MatchString(text):
		return "a range of the sort key with the value on its left: Local reads it as if it stood on the right"
	case plain && strings.Contains(text, "MODIFIED"):
		return "what was modified: the paths alone, as the service has it"
	case slices.Contains(seenOfItem, ours.Message) && slices.Contains(seenOfItem, theirs.Message):
		return "several changes that an item does not allow: any of them is told"
	}
	for _, d := range statementDifferences {
		if strings.HasPrefix(ours.Message, d.ours) && strings.HasPrefix(theirs.Message, d.theirs) {
			return d.reason
		}
	}
	return ""
}
