package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestRefusals sends requests with something wrong and finds the service's exception and message.
func TestRefusals(t *testing.T) {
	const (
		validation = "ValidationException: "
		parameter  = validation + "One or more parameter values were invalid: "
		one        = validation + "1 validation error detected: "
		key        = `"Key":{"p":{"S":"a"}}`
		value      = `"ExpressionAttributeValues":{":v":{"S":"a"}}`
	)
	for _, c := range []struct{ operation, request, want string }{
		// What is declared comes first, all of it together; a table name that is none comes before.
		{"GetItem", `{}`, validation + "The parameter 'TableName' is required but was not present in the request"},
		{"PutItem", `{"TableName":"ab","ReturnValues":"X"}`,
			validation + "TableName must be at least 3 characters long and at most 255 characters long"},
		{"PutItem", `{"TableName":"a!c","ReturnConsumedCapacity":"X"}`, validation + "3 validation errors detected: " +
			"Value 'X' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: " +
			"[INDEXES, TOTAL, NONE]; " +
			"Value 'a!c' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression " +
			"pattern: [a-zA-Z0-9_.-]+; " +
			"Value null at 'item' failed to satisfy constraint: Member must not be null"},
		{"PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"a"}},"ReturnValues":"ALL_NEW"}`,
			one + "ReturnValues can only be ALL_OLD or NONE"},
		{"DeleteItem", `{"TableName":"tab_h",` + key + `,"ReturnValues":"UPDATED_OLD"}`,
			one + "ReturnValues can only be ALL_OLD or NONE"},
		{"GetItem", `{"TableName":"tab_h"}`, one +
			"Value null at 'key' failed to satisfy constraint: Member must not be null"},
		{"GetItem", `{"TableName":"tab_h",` + key + `,"AttributesToGet":[]}`,
			one +
				"Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than " +
				"or equal to 1"},
		{"Query", `{"TableName":"tab_h","Limit":0,"Select":"X","KeyConditionExpression":"p = :v",` + value + `}`,
			validation + "2 validation errors detected: " +
				"Value 'X' at 'select' failed to satisfy constraint: Member must satisfy enum value set: " +
				"[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]; " +
				"Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"Scan", `{"TableName":"tab_h","TotalSegments":1000001,"Segment":0}`,
			one +
				"Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than " +
				"or equal to 1000000"},
		{"BatchGetItem", `{"RequestItems":{}}`,
			one +
				"Value at 'RequestItems' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"BatchWriteItem", `{}`,
			one + "Value null at 'requestItems' failed to satisfy constraint: Member must not be null"},
		{"UpdateItem", `{"TableName":"tab_h",` + key + `,"AttributeUpdates":{"a":{"Action":"X"}}}`,
			one +
				"Value 'X' at 'attributeUpdates.a.member.action' failed to satisfy constraint: Member must satisfy " +
				"enum value set: [ADD, DELETE, PUT]"},

		// Then the languages, values and expressions, before the table is looked for.
		{"BatchGetItem",
			`{"RequestItems":{"tab_h":{"Keys":[{"p":{"S":"a"}},{"p":{"S":"a"}}],"ProjectionExpression":"a b"}}}`,
			validation + "Provided list of item keys contains duplicates"},
		{"BatchGetItem",
			`{"RequestItems":{"tab_hr":{"Keys":[{"p":{"S":"a"},"s":{"N":"1"}},{"p":{"S":"a"},"s":{"N":"1.0"}}]}}}`,
			validation + "Provided list of item keys contains duplicates"},
		{"PutItem", `{"TableName":"missing","Item":{"p":{}}}`,
			one + "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		{"PutItem", `{"TableName":"missing","Item":{"p":{"N":"x"}}}`,
			one + "The parameter cannot be converted to a numeric value: x"},
		{"PutItem", `{"TableName":"missing","Item":{"p":{"S":"a"}},"ConditionExpression":"a = :v"}`,
			one +
				"Invalid ConditionExpression: An expression attribute value used in expression is not defined; " +
				"attribute value: :v"},
		{"PutItem", `{"TableName":"missing","Item":{"p":{"S":"a"}},` + value + `}`,
			one + "ExpressionAttributeValues can only be specified when using expressions"},
		{"UpdateItem", `{"TableName":"missing",` + key + `,` + value + `}`,
			one + "ExpressionAttributeValues can only be specified when using expressions"},
		{"UpdateItem", `{"TableName":"missing",` + key + `,"UpdateExpression":"SET a = :v","AttributeUpdates":{},` +
			value + `}`,
			one +
				"Can not use both expression and non-expression parameters in the same request: Non-expression " +
				"parameters: {AttributeUpdates} Expression parameters: {UpdateExpression}"},
		{"Query", `{"TableName":"missing"}`, validation +
			"Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."},
		{"PutItem", `{"TableName":"missing","Item":{"p":{"S":"a"}}}`,
			"ResourceNotFoundException: Requested resource not found"},

		// Then the table's keys.
		{"PutItem", `{"TableName":"tab_hr","Item":{"p":{"S":"a"}}}`, parameter + "Missing the key s in the item"},
		{"PutItem", `{"TableName":"tab_hr","Item":{"p":{"S":"a"},"s":{"S":"1"}}}`,
			parameter + "Type mismatch for key s expected: N actual: S"},
		{"PutItem", `{"TableName":"tab_h","Item":{"p":{"S":""}}}`,
			validation +
				"One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain " +
				"an empty string value. Key: p"},
		{"PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"` + strings.Repeat("k", 2049) + `"}}}`,
			parameter + "Size of hashkey has exceeded the maximum size limit of2048 bytes"},
		{"PutItem", `{"TableName":"tab_ix","Item":{"p":{"S":"a"},"s":{"N":"1"},"l":{"B":"` +
			strings.Repeat("YWFh", 400) + `"}}}`,
			parameter + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"},
		{"PutItem", `{"TableName":"tab_ix","Item":{"p":{"S":"a"},"s":{"N":"1"},"h":{"S":"x"}}}`,
			parameter + "Type mismatch for Index Key h Expected: N Actual: S IndexName: gAll"},
		{"PutItem", `{"TableName":"tab_ix","Item":{"p":{"S":"a"},"s":{"N":"1"},"l":{"B":""}}}`,
			validation +
				"One or more parameter values are not valid. A value specified for a secondary index key is not " +
				"supported. The AttributeValue for a key attribute cannot contain an empty binary value. IndexName: " +
				"lInc, IndexKey: l"},
		{"BatchWriteItem",
			`{"RequestItems":{"tab_ix":[{"PutRequest":{"Item":{"p":{"S":"a"},"s":{"N":"1"},"h":{"S":"x"}}}}]}}`,
			parameter + "Type mismatch for Index Key h Expected: N Actual: S IndexName: gAll"},
		{"UpdateItem", `{"TableName":"tab_ix","Key":{"p":{"S":"a"},"s":{"N":"1"}},"UpdateExpression":"SET h = :v",` +
			value + `}`,
			parameter + "Type mismatch for Index Key h Expected: N Actual: S IndexName: gAll"},
		{"UpdateItem", `{"TableName":"tab_ix","Key":{"p":{"S":"a"},"s":{"N":"1"}},"UpdateExpression":"SET s = :v",` +
			value + `}`, parameter + "Cannot update attribute s. This attribute is part of the key"},
		{"GetItem", `{"TableName":"tab_hr",` + key + `}`,
			validation + "The provided key element does not match the schema"},
		{"GetItem", `{"TableName":"tab_h","Key":{"p":{"S":"a"},"x":{"S":"b"}}}`,
			validation + "The provided key element does not match the schema"},
		{"BatchGetItem",
			`{"RequestItems":{"tab_hr":{"Keys":[{"p":{"S":"a"},"s":{"N":"1"}},{"p":{"S":"a"},"s":{"N":"1.0"}}]}}}`,
			validation + "Provided list of item keys contains duplicates"},
		{"BatchWriteItem", `{"RequestItems":{"tab_h":[{"PutRequest":{"Item":{"p":{"S":"a"}}}},{"DeleteRequest":{` +
			key + `}}]}}`, validation + "Provided list of item keys contains duplicates"},
		{"Query", `{"TableName":"tab_h","IndexName":"none","KeyConditionExpression":"p = :v",` + value + `}`,
			validation + "The table does not have the specified index: none"},
		{"Query",
			`{"TableName":"tab_hr","KeyConditionExpression":"s = :v","ExpressionAttributeValues":{":v":{"N":"1"}}}`,
			validation + "Query condition missed key schema element: p"},
		{"Query", `{"TableName":"tab_hr","KeyConditionExpression":"p = :v","FilterExpression":"s = :v",` + value + `}`,
			validation + "Filter Expression can only contain non-primary key attributes: Primary key attribute: s"},
		{"Query",
			`{"TableName":"tab_hr","KeyConditionExpression":"p = :v","ExclusiveStartKey":{"p":{"S":"b"},"s":{"N":"1"}},` +
				value + `}`,
			validation + "The provided starting key is outside query boundaries based on provided conditions"},
		{"Query",
			`{"TableName":"tab_hr","KeyConditionExpression":"p = :v AND s > :n",
				"ExclusiveStartKey":{"p":{"S":"a"},"s":{"N":"1"}},
				"ExpressionAttributeValues":{":v":{"S":"a"},":n":{"N":"2"}}}`,
			validation + "The provided starting key does not match the range key predicate"},
		{"Scan", `{"TableName":"tab_hr","ExclusiveStartKey":{"p":{"S":"a"},"s":{"S":"1"}}}`,
			validation + "The provided starting key is invalid: The provided key element does not match the schema"},
	} {
		got := refused(t, withTables(t, Options{}), c.operation, c.request)
		assert.Equal(t, c.want, got, fmt.Sprintf("%s %.200s", c.operation, c.request))
	}
}
