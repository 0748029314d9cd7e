package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/monotable/monotable/internal/engine/refusal"
)

// What the SDK never sends: names and members that are missing (captured from us-east-1, June to October 2026).
func TestMembersThatAreMissing(t *testing.T) {
	const (
		one     = "ValidationException: 1 validation error detected: "
		two     = "ValidationException: 2 validation errors detected: "
		null    = " failed to satisfy constraint: Member must not be null"
		noTable = "Value null at 'tableName'" + null
		empty   = "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1"
		values  = " failed to satisfy constraint: Member must satisfy enum value set: "
	)
	e := withTables(t, Options{})
	for _, c := range []struct{ operation, request, want string }{
		{"PutItem", `{"Item":{"p":{"S":"a"}}}`, one + noTable},
		{"UpdateItem", `{"TableName":""}`, two + empty + "; Value null at 'key'" + null},
		{"UpdateItem", `{"TableName":"","ReturnConsumedCapacity":"X","ReturnValues":"X","ConditionalOperator":"X"}`,
			"ValidationException: 5 validation errors detected: Value 'X' at 'returnConsumedCapacity'" + values +
				"[INDEXES, TOTAL, NONE]; " + empty + "; Value 'X' at 'returnValues'" + values +
				"[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]; Value 'X' at 'conditionalOperator'" + values +
				"[OR, AND]; Value null at 'key'" + null},
		{"CreateTable", `{}`,
			"ValidationException: The parameter 'TableName' is required but was not present in the request"},
		{"TagResource", `{"Tags":[{"Key":"k","Value":"v"}]}`, "ValidationException: Invalid TableArn"},
		{"TagResource", `{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/tab_h","Tags":[]}`,
			"ValidationException: Atleast one Tag needs to be provided as Input."},
		{"TransactWriteItems", `{"ClientRequestToken":"","ReturnConsumedCapacity":"X","TransactItems":[
			{"Delete":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}}]}`, two + "Value '' at 'clientRequestToken' failed " +
			"to satisfy constraint: Member must have length greater than or equal to 1; Value 'X' at " +
			"'returnConsumedCapacity'" + values + "[INDEXES, TOTAL, NONE]"},
	} {
		assert.Equal(t, c.want, refused(t, e, c.operation, c.request), c.request)
	}
}

// A batch of more than 25 writes to a table is shown (captured from us-east-1, September 2026; the members of a value
// beyond the second are not).
func TestTooManyWrites(t *testing.T) {
	e := withTables(t, Options{})
	writes := `{"RequestItems":{"tab_h":[` + strings.Repeat(`{"PutRequest":{"Item":{"p":{"S":"a"}}}},`, 25) +
		`{"PutRequest":{"Item":{"p":{"S":"a"}}}}]}}`
	got := refused(t, e, "BatchWriteItem", writes)
	assert.True(t, strings.HasPrefix(got, "ValidationException: 1 validation error detected: Value '{tab_h=[WriteRequest("+
		"putRequest=PutRequest(item={p=AttributeValue(s=a, n=null, "), got)
	assert.Contains(t, got, ")}, workloadProfileName=null), deleteRequest=null), WriteRequest(")
	assert.True(t, strings.HasSuffix(got, "' at 'requestItems' failed to satisfy constraint: Map value must satisfy "+
		"constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal "+
		"to 1]"), got)
	assert.Equal(t, "ValidationException: 1 validation error detected: Value at 'RequestItems.tab_h.member' failed to "+
		"satisfy constraint: Member must have length less than or equal to 25",
		refused(t, withTables(t, Options{Region: "eu-west-2"}), "BatchWriteItem", writes))
	assert.Equal(t, "ValidationException: Too many items requested for the BatchWriteItem call", refused(t, e,
		"BatchWriteItem", `{"RequestItems":{"tab_h":[`+strings.Repeat(`{"DeleteRequest":{"Key":{"p":{"S":"a"}}}},`, 24)+
			`{"DeleteRequest":{"Key":{"p":{"S":"a"}}}}],"tab_x":[{"DeleteRequest":{"Key":{"p":{"S":"a"}}}}]}}`))
}

// regional is a request that regions answer in two ways. An answer of "" is none.
type regional struct {
	change       refusal.Change
	operation    string
	request      string
	newer, older string
	regions      string // some that answer the newer way and then, behind a bar, some that do not
}

// captures are what 33 regions answered in September and October 2026.
func captures() []regional {
	const (
		invalid = "ValidationException: "
		one     = invalid + "1 validation error detected: "
		atLeast = " failed to satisfy constraint: Member must have "
		length  = atLeast + "length greater than or equal to 1"
		key     = `"TableName":"tab_h","Key":{"p":{"S":"a"}}`
		put     = `{"TableName":"tab_h","Item":{"p":{"S":"a"}`
		most    = "us-east-1 eu-west-1 us-west-2 nowhere-1 | eu-south-2 me-central-1"
		scans   = "eu-central-1 us-west-1 ap-northeast-2 eu-west-2 ap-east-2 | us-east-1 eu-west-1"
		noPart  = "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
		start   = "The provided starting key is invalid"
		bigKey  = "The Segment parameter is zero-based and must be less than parameter TotalSegments"
		tooDeep = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond " +
			"supported limit"
		tooLarge = "Item size to update has exceeded the maximum allowed size"
		failed   = "ConditionalCheckFailedException: The conditional request failed"
		writes   = "eu-west-2 eu-north-1 ap-northeast-2 | us-east-1 eu-west-1 eu-central-1"
	)
	deep := strings.Repeat(`{"L":[`, 32) + `{"S":"x"}` + strings.Repeat(`]}`, 32)
	large := `"UpdateExpression":"SET d = :d","ExpressionAttributeValues":{":d":{"S":"` + strings.Repeat("a", 409590) +
		`"}}`
	cancelled := "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific " +
		"reasons "
	return []regional{
		{refusal.Writes, "PutItem", put + `,"x":{"NULL":false}}}`,
			one + "One or more parameter values were invalid: Null attribute value types must have the value of true",
			invalid + "One or more parameter values were invalid: Null attribute value types must have the value of true",
			most},
		{refusal.Writes, "PutItem", put + `},"ExpressionAttributeValues":{":v":{"S":"a"}}}`,
			one + "ExpressionAttributeValues can only be specified when using expressions",
			invalid + "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null",
			most},
		{refusal.Writes, "UpdateItem", `{` + key + `,"ReturnValues":"INVALID","ReturnConsumedCapacity":"INVALID"}`,
			one + "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, " +
				"UPDATE_NEW, NONE]",
			invalid + "2 validation errors detected: Value 'INVALID' at 'returnConsumedCapacity' failed to satisfy " +
				"constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value 'INVALID' at " +
				"'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, " +
				"UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]", most},
		{refusal.Depth, "UpdateItem", `{` + key + `,"UpdateExpression":"SET a = p","ConditionExpression":"x = :v",` +
			`"ExpressionAttributeValues":{":v":` + deep + `}}`, one + tooDeep, failed, most},
		{refusal.Charge, "UpdateItem", `{` + key + `,` + large + `}`, invalid + tooLarge, "", most},
		{refusal.Reads, "Query", `{"TableName":"tab_h","KeyConditionExpression":"p = :v","ExpressionAttributeValues":{` +
			`":v":{"S":"a"}},"Limit":0}`, one + "Value at 'Limit'" + atLeast + "value greater than or equal to 1",
			one + "Value '0' at 'limit'" + atLeast + "value greater than or equal to 1", most},
		{refusal.Scans, "Scan", `{"TableName":"tab_h","Segment":5,"TotalSegments":5}`, invalid + bigKey,
			invalid + bigKey + ": Segment: 5 is not less than TotalSegments: 5", scans},
		{refusal.Scans, "Scan", `{"TableName":"tab_h","Select":"SPECIFIC_ATTRIBUTES"}`, one + noPart, invalid + noPart,
			scans},
		{refusal.Scans, "Scan", `{"TableName":"tab_h","Limit":0}`,
			one + "Value at 'Limit'" + atLeast + "value greater than or equal to 1",
			one + "Value '0' at 'limit'" + atLeast + "value greater than or equal to 1", scans},
		{refusal.Scans, "Scan", `{"TableName":"tab_h","Segment":-1,"TotalSegments":5}`,
			one + "Value at 'Segment'" + atLeast + "value greater than or equal to 0",
			one + "Value '-1' at 'segment'" + atLeast + "value greater than or equal to 0", scans},
		{refusal.Scans, "Scan", `{"TableName":"tab_h","ExclusiveStartKey":{"p":{"N":"1"}}}`, invalid + start,
			invalid + start + ": The provided key element does not match the schema", scans},
		{refusal.BatchGets, "BatchGetItem", `{"RequestItems":{}}`, one + "Value at 'RequestItems'" + length,
			invalid + "The requestItems parameter is required for BatchGetItem", "us-east-1 eu-south-2 | me-central-1"},
		{refusal.BatchWrites, "BatchWriteItem", `{"RequestItems":{}}`, one + "Value at 'RequestItems'" + length,
			invalid + "The requestItems parameter is required for BatchWriteItem",
			"ap-east-2 ap-southeast-1 eu-central-1 eu-north-1 eu-west-2 | us-east-1 me-central-1"},
		{refusal.TransactWrites, "TransactWriteItems", `{"TransactItems":[]}`, one + "Value at 'TransactItems'" + length,
			one + "Value '[]' at 'transactItems'" + length, writes},
		{refusal.TransactWrites, "TransactWriteItems", `{"TransactItems":[{"Update":{` + key + `,"UpdateExpression":` +
			`"SET a = p","ConditionExpression":"x = :v","ExpressionAttributeValues":{":v":` + deep + `}}}]}`,
			invalid + tooDeep, cancelled + "[ConditionalCheckFailed]", writes},
		{refusal.TransactWrites, "TransactWriteItems", `{"TransactItems":[{"Update":{` + key + `,"UpdateExpression":` +
			`"SET a = :v","ExpressionAttributeValues":{":v":` + deep + `}}}]}`,
			invalid + tooDeep, cancelled + "[ValidationError]", writes},
		{refusal.TransactWrites, "TransactWriteItems", `{"TransactItems":[{"Update":{` + key + `,` + large + `}}]}`,
			invalid + tooLarge, "", writes},
		{refusal.TransactGets, "TransactGetItems", `{"TransactItems":[]}`, one + "Value at 'TransactItems'" + length,
			one + "Value '[]' at 'transactItems'" + length, "ap-northeast-2 eu-north-1 | us-east-1 eu-west-1"},
	}
}

// TestRegions finds that a region's engine answers as the region does, and that no change goes untested.
func TestRegions(t *testing.T) {
	untested := map[refusal.Change]bool{}
	for change := range refusal.FrontOf("") {
		untested[refusal.Change(change)] = true
	}
	for _, c := range captures() {
		delete(untested, c.change)
		newer, older, _ := strings.Cut(c.regions, "|")
		for want, regions := range map[string]string{c.newer: newer, c.older: older} {
			for _, region := range strings.Fields(regions) {
				got := ""
				if _, err := call(withTables(t, Options{Region: region}), c.operation, []byte(c.request)); err != nil {
					got = errorCode(err) + ": " + errorMessage(err)
				}
				assert.Equal(t, want, got, fmt.Sprintf("%s: %s %.200s", region, c.operation, c.request))
			}
		}
	}
	assert.Empty(t, untested)
}
