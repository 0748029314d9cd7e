//go:build oracle

package engine

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/wire"
)

// errorFields gives what stands beside an error's message.
func errorFields(t *testing.T, err error) any {
	fields := object{}
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) && failed.Item != nil {
		fields["Item"] = decodeJSON(t, wire.AppendItem(nil, failed.Item))
	}
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		reasons := []any{}
		for _, r := range cancelled.CancellationReasons {
			reason := object{"Code": *r.Code}
			if r.Message != nil {
				reason["Message"] = *r.Message
			}
			if r.Item != nil {
				reason["Item"] = decodeJSON(t, wire.AppendItem(nil, r.Item))
			}
			reasons = append(reasons, reason)
		}
		fields["CancellationReasons"] = reasons
	}
	return fields
}

// explain gives the reason of a difference, "" if it is not explained.
func explain(operation string, request object, ours, theirs reply) string {
	if message, ok := soleReason(ours); ok && theirs.Body == nil {
		if message == theirs.Message || explain(operation, request, reply{Error: theirs.Error, Message: message},
			theirs) != "" {
			return "the reasons that the API reference lists cancel the transaction in their place; Local refuses " +
				"the request"
		}
	}
	if message, enveloped := strings.CutPrefix(ours.Message, refusal.Envelope); enveloped && theirs.Error == ours.Error {
		bare := reply{Error: ours.Error, Message: message, Body: ours.Body}
		if reflect.DeepEqual(bare, theirs) {
			return "the envelope before a refusal: as the service words it"
		}
		if reason := explain(operation, request, bare, theirs); reason != "" {
			return reason
		}
	}
	if len(cancellations(ours)) > 0 && sameReasons(operation, request, cancellations(ours), cancellations(theirs)) {
		return "the words of a cancellation's reasons differ, each for a reason that stands here"
	}
	for _, d := range differences {
		if d.matches(operation, request, ours, theirs) {
			return d.reason
		}
	}
	return ""
}

// difference is one way in which DynamoDB Local and the engine differ. Its reason says whose side the engine takes: the
// live service's words where they are known, the guide's and the API reference's rules, and where neither says
// anything, its own.
type difference struct {
	reason  string
	matches func(operation string, request object, ours, theirs reply) bool
}

// wording is a difference of messages for the same refusal.
func wording(reason, ours, theirs string) difference {
	return difference{reason, func(_ string, _ object, o, t reply) bool {
		return o.Error == t.Error && strings.HasPrefix(o.Message, ours) && strings.HasPrefix(t.Message, theirs)
	}}
}

var differences = []difference{
	wording("a key attribute of another type: as the service words it",
		"One or more parameter values were invalid: Type mismatch for key ",
		"One or more parameter values were invalid: Type mismatch for key"),
	wording("a key attribute that is no scalar: as the service words it",
		"One or more parameter values were invalid: Type mismatch for key ", "Invalid attribute value type"),
	wording("an index key attribute that is no scalar: as the service words it",
		"One or more parameter values were invalid: Type mismatch for Index Key ", "Invalid attribute value type"),
	wording("an index key attribute of another type: as the service words it",
		"One or more parameter values were invalid: Type mismatch for Index Key ",
		"One or more parameter values were invalid: Type mismatch for Index Key"),
	wording("an empty key of several indexes: any of them is named",
		"One or more parameter values are not valid. A value specified for a secondary index key is not supported",
		"One or more parameter values are not valid. A value specified for a secondary index key is not supported"),
	wording("a missing key attribute: as the service words it",
		"One or more parameter values were invalid: Missing the key ",
		"One of the required keys was not given a value"),
	wording("a missing key attribute: as the service words it",
		"One or more parameter values were invalid: Missing the key ", "Item to put in PutItem cannot be null"),
	wording("a key that does not fit: as the service words it", "The provided key element does not match the schema",
		"One or more parameter values were invalid: Type mismatch for key"),
	wording("a key that does not fit: as the service words it", "The provided key element does not match the schema",
		"Invalid attribute value type"),
	wording("a key that does not fit: as the service words it", "The provided key element does not match the schema",
		"One of the required keys was not given a value"),
	wording("a key that does not fit: as the service words it", "The provided key element does not match the schema",
		"The number of conditions on the keys is invalid"),
	wording("a start key that does not fit: as the service words it", "The provided starting key is invalid",
		"Exclusive Start Key must have same size as table's key schema"),
	wording("a start key that does not fit: as the service words it", "The provided starting key is invalid",
		"Type mismatch for attribute to update"),
	wording("a start key of another partition: as the service words it",
		"The provided starting key is outside query boundaries based on provided conditions",
		"The provided starting key does not match the range key predicate"),
	wording("a missing table: as the service words it", "Requested resource not found",
		"Cannot do operations on a non-existent table"),
	wording("too long keys: as the service words it", "One or more parameter values were invalid: Size of hashkey",
		"Hash primary key values must be under 2048 bytes"),
	wording("too long keys: as the service words it",
		"One or more parameter values were invalid: Aggregated size of all range keys",
		"Hash primary key values must be under 2048 bytes"),
	wording("numbers: as the service words it", "The parameter cannot be converted to a numeric value",
		"A value provided cannot be converted into a number"),
	wording("numbers: as the service words it", "Attempting to store more than 38 significant digits in a Number",
		"DynamoDB only supports precision up to 38 digits"),
	wording("duplicates in sets: as the service words it",
		"One or more parameter values were invalid: Input collection ",
		"One or more parameter values were invalid: Input collection "),
	wording("duplicates in sets: as the service words it",
		"One or more parameter values were invalid: Input collection contains duplicates.",
		"Input collection contains duplicates"),
	{"what is removed from an absent item need not be there (captured); Local refuses a path that leads nowhere",
		func(operation string, request object, ours, theirs reply) bool {
			return ours.Error != theirs.Error && removesOnly(operation, request) &&
				theirs.Message == "The document path provided in the update expression is invalid for update"
		}},
	wording("a missing hash key condition: the service names the attribute",
		"Query condition missed key schema element: ", "Query condition missed key schema element"),
	wording("consistent reads of a GSI: as the service words it",
		"Consistent reads are not supported on global secondary indexes", "Consistent read cannot be true when"),
	wording("declared bounds: as the service words them", "1 validation error detected: Value ", "Value "),
	wording("declared bounds: as the service words them", "1 validation error detected: Value ",
		"The batch write request list for a table cannot be null or empty"),
	wording("declared bounds: as the service words them", "1 validation error detected: Value ",
		"The list of keys in RequestItems for BatchGetItem is required"),
	wording("a key that does not fit: as the service words it", "The provided key element does not match the schema",
		"The list of keys in RequestItems for BatchGetItem may not contain null or empty values"),
	wording("values that nothing can use: as the service words it",
		"ExpressionAttributeValues can only be specified when using expressions",
		"ExpressionAttributeValues can only be specified when using expressions: "),
	wording("an index key that an update gives another type: as the service words it",
		"One or more parameter values were invalid: Type mismatch for Index Key ",
		"The update expression attempted to update the secondary index key to unsupported type"),
	wording("a key that does not fit in a batch: as the service words it",
		"The provided key element does not match the schema", "Item to put in PutItem cannot be null"),
	wording("two conditions on a key: as the service words it", "Invalid KeyConditionExpression: KeyConditionExpressions "+
		"must only contain one condition per key", "KeyConditionExpressions must only contain one condition per key"),
	wording("more conditions than key attributes: as the service words it", "The number of query conditions (",
		"Conditions can be of length 1 or 2 only"),
	wording("equalities of a key of several attributes: as the service words them", "HASH key attributes ", "Query "),
	wording("equalities of a key of several attributes: as the service words them", "RANGE key attributes ", "Query "),
	wording("a nested key condition: as the service words it",
		"KeyConditionExpressions cannot have conditions on nested attributes", "Key attributes must be scalars; "),
	wording("a difference of too many digits: as the service words it", "Number overflow.",
		"DynamoDB only supports precision up to 38 digits"),
	{"a part of an item that holds nothing is no Item in a transaction's answer (captured); Local writes an empty one",
		func(operation string, _ object, ours, theirs reply) bool {
			return operation == "TransactGetItems" && ours.Error == "" && theirs.Error == "" &&
				reflect.DeepEqual(ours, withoutEmptyItems(theirs))
		}},
	wording("a token's second use: Local has no words for it",
		"The provided client token is already in use with different parameters", ""),
	{"a partition of one item has no place to start behind: the service refuses every start key; Local reads nothing",
		func(operation string, _ object, ours, _ reply) bool {
			return operation == "Query" && strings.HasPrefix(ours.Message,
				"The provided exclusive start key is invalid: ExclusiveStartKey: ")
		}},
	{"an update that only removes does not create an item; Local creates it (FACTS)",
		func(operation string, request object, ours, theirs reply) bool {
			return ours.Error == "" && theirs.Error == "" && removesOnly(operation, request)
		}},
	{"a ConditionCheck counts as an operation on its item (API reference); Local lets it stand beside another",
		func(operation string, request object, ours, theirs reply) bool {
			return operation == "TransactWriteItems" &&
				ours.Message == "Transaction request cannot include multiple operations on one item"
		}},
	{"of two paths that overlap, the pair is told; Local can name another path as the second",
		func(_ string, _ object, ours, theirs reply) bool {
			const overlap = "Two document paths overlap with each other"
			return strings.Contains(ours.Message, overlap) && strings.Contains(theirs.Message, overlap)
		}},
	{"keys that are equal after normalisation are duplicates (FACTS); Local's BatchGetItem reads both",
		func(operation string, _ object, ours, theirs reply) bool {
			return operation == "BatchGetItem" && ours.Message == "Provided list of item keys contains duplicates" &&
				theirs.Error == ""
		}},
	{"an update that fails twice on its item: Local tells the failure that a hash of the attributes' names brings " +
		"first, the engine the first in the text", func(operation string, request object, ours, theirs reply) bool {
		return evaluationFailure(ours) && evaluationFailure(theirs) && severalActions(operation, request)
	}},
	{"UPDATED_OLD and UPDATED_NEW hold the touched paths alone (FACTS); Local returns the attributes that they lie in",
		func(_ string, request object, ours, theirs reply) bool {
			text, _ := request["UpdateExpression"].(string)
			values, _ := request["ReturnValues"].(string)
			return strings.HasPrefix(values, "UPDATED") && strings.ContainsAny(text, ".[") && ours.Error == "" &&
				theirs.Error == ""
		}},
	{"lists are equal if their elements are, in their order; Local's legacy EQ and NE take lists for sets, its " +
		"expressions do not", func(_ string, request object, _, _ reply) bool {
		legacy, _ := json.Marshal([]any{request["Expected"], request["ScanFilter"], request["QueryFilter"]})
		return strings.Contains(string(legacy), `"L":`)
	}},
	{"a read of nothing costs half a unit, consistently one (guide); Local says 0",
		func(operation string, _ object, ours, theirs reply) bool {
			return (operation == "Query" || operation == "Scan") && unitsOf(theirs) == 0 &&
				(unitsOf(ours) == 0.5 || unitsOf(ours) == 1) && sameBesideUnits(ours, theirs)
		}},
	{"an item that is in an index neither before nor after costs it nothing (guide); Local charges an index of two " +
		"attributes where they change places", func(operation string, request object, ours, theirs reply) bool {
		return (request["TableName"] == "oracle_ix" || request["TableName"] == "oracle_mx") &&
			(operation == "PutItem" || operation == "UpdateItem") && unitsOf(ours) == unitsOf(theirs)-1 &&
			sameBesideUnits(ours, theirs)
	}},
	{"a filter on what the index lacks is refused, as it is in a query; Local refuses it in queries alone",
		func(operation string, _ object, ours, theirs reply) bool {
			return operation == "Scan" && strings.Contains(ours.Message,
				" does not project one or more filter attributes: ")
		}},
	{"a scan of a local index that fetches is charged for it (guide, \"Local secondary indexes: read capacity " +
		"units\"); Local charges a query alone", func(operation string, request object, ours, theirs reply) bool {
		index, _ := request["IndexName"].(string)
		return operation == "Scan" && strings.HasPrefix(index, "l") && unitsOf(ours) > unitsOf(theirs) &&
			sameBesideUnits(ours, theirs)
	}},
	{"a binary in a message: Local shows its own buffer", func(_ string, _ object, ours, theirs reply) bool {
		text, _, found := strings.Cut(theirs.Message, "java.nio.HeapByteBuffer")
		return found && strings.HasPrefix(ours.Message, text)
	}},
	{"a projection that the local index holds costs no fetch (guide); Local fetches for any projection",
		func(_ string, request object, ours, theirs reply) bool {
			return (request["IndexName"] == "lInc" || request["IndexName"] == "lKeys") &&
				unitsOf(ours) < unitsOf(theirs) &&
				sameBesideUnits(ours, theirs)
		}},
}

// withoutEmptyItems gives a transaction's answer in which an empty item is none.
func withoutEmptyItems(r reply) reply {
	fields, ok := r.Body.(object)
	if !ok {
		return r
	}
	responses, ok := fields["Responses"].([]any)
	if !ok {
		return r
	}
	for _, response := range responses {
		if item, ok := response.(object)["Item"].(object); ok && len(item) == 0 {
			delete(response.(object), "Item")
		}
	}
	return unordered(r, "Responses")
}

// soleReason gives the message of the one action that makes a transaction invalid.
func soleReason(r reply) (message string, ok bool) {
	for _, reason := range cancellations(r) {
		switch reason := reason.(object); {
		case reason["Code"] == "None" || reason["Code"] == "ConditionalCheckFailed":
		case ok || reason["Code"] != "ValidationError":
			return "", false
		default:
			message, ok = reason["Message"].(string), true
		}
	}
	return message, ok
}

// cancellations gives the reasons for which a transaction was cancelled.
func cancellations(r reply) []any {
	fields, _ := r.Body.(object)
	reasons, _ := fields["CancellationReasons"].([]any)
	return reasons
}

// sameReasons says whether two transactions were cancelled for the same reasons, in words whose differences are
// explained.
func sameReasons(operation string, request object, ours, theirs []any) bool {
	if len(ours) != len(theirs) {
		return false
	}
	for i := range ours {
		o, t := ours[i].(object), theirs[i].(object)
		if reflect.DeepEqual(o, t) {
			continue
		}
		oMessage, _ := o["Message"].(string)
		tMessage, _ := t["Message"].(string)
		if o["Code"] != t["Code"] || oMessage != tMessage &&
			explain(operation, request, reply{Error: "x", Message: oMessage},
				reply{Error: "x", Message: tMessage}) == "" {
			return false
		}
	}
	return true
}

// evaluationFailure says whether an update was refused for what its item holds.
func evaluationFailure(r reply) bool {
	for _, message := range []string{
		"The document path provided in the update expression is invalid for update",
		"The provided expression refers to an attribute that does not exist in the item",
		"An operand in the update expression has an incorrect data type",
		"DynamoDB only supports precision up to 38 digits",
		"Attempting to store more than 38 significant digits in a Number",
		"Number overflow", "Number underflow",
		"Type mismatch for attribute to update",
	} {
		if strings.Contains(show(r), message) {
			return true
		}
	}
	return false
}

// severalActions says whether an update does several things.
func severalActions(operation string, request object) bool {
	if operation != "UpdateItem" {
		return true
	}
	updates, _ := request["AttributeUpdates"].(object)
	text, _ := request["UpdateExpression"].(string)
	clauses := strings.Count(text, "SET") + strings.Count(text, "REMOVE") + strings.Count(text, "ADD") +
		strings.Count(text, "DELETE")
	return len(updates) > 1 || clauses > 1 || strings.Contains(text, ",")
}

// unitsOf gives the units that an answer reports, -1 for none.
func unitsOf(r reply) float64 {
	fields, _ := r.Body.(object)
	consumed, _ := fields["ConsumedCapacity"].(object)
	number, ok := consumed["CapacityUnits"].(json.Number)
	if !ok {
		return -1
	}
	units, _ := number.Float64()
	return units
}

// sameBesideUnits compares answers without their units.
func sameBesideUnits(ours, theirs reply) bool {
	without := func(r reply) object {
		fields := object{}
		for name, v := range r.Body.(object) {
			if name != "ConsumedCapacity" {
				fields[name] = v
			}
		}
		return fields
	}
	return ours.Error == theirs.Error && reflect.DeepEqual(without(ours), without(theirs))
}

// removesOnly says whether a request has an update that does not create its item.
func removesOnly(operation string, request object) bool {
	switch operation {
	case "UpdateItem":
		if updates, ok := request["AttributeUpdates"].(object); ok {
			for _, u := range updates {
				if u.(object)["Action"] != "DELETE" {
					return false
				}
			}
			return len(updates) > 0
		}
		text, ok := request["UpdateExpression"].(string)
		return ok && !strings.Contains(text, "SET") && !strings.Contains(text, "ADD")
	case "TransactWriteItems":
		for _, action := range request["TransactItems"].([]any) {
			if update, ok := action.(object)["Update"].(object); ok && removesOnly("UpdateItem", update) {
				return true
			}
		}
	}
	return false
}
