package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A table is named by its ARN as well as by its name; the ARNs of other things, places and accounts name no table here.
func TestTablesByTheirARN(t *testing.T) {
	e := withTables(t, Options{Region: "eu-central-1", AccountID: "123456789012"})
	const own = "arn:aws:dynamodb:eu-central-1:123456789012:table/"
	requests := func(table string) map[string]string {
		return map[string]string{
			"PutItem": fmt.Sprintf(`{"TableName":"%s","Item":{"p":{"S":"a"}}}`, table),
			"GetItem": fmt.Sprintf(`{"TableName":"%s","Key":{"p":{"S":"a"}}}`, table),
			"Scan":    fmt.Sprintf(`{"TableName":"%s"}`, table),
			"Query": fmt.Sprintf(
				`{"TableName":"%s","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`,
				table),
			"BatchGetItem": fmt.Sprintf(`{"RequestItems":{"%s":{"Keys":[{"p":{"S":"a"}}]}}}`, table),
			"BatchWriteItem": fmt.Sprintf(`{"RequestItems":{"%s":[{"DeleteRequest":{"Key":{"p":{"S":"a"}}}}]}}`,
				table),
			"TransactGetItems": fmt.Sprintf(`{"TransactItems":[{"Get":{"TableName":"%s","Key":{"p":{"S":"a"}}}}]}`,
				table),
			"TransactWriteItems": fmt.Sprintf(`{"TransactItems":[{"Delete":{"TableName":"%s","Key":{"p":{"S":"a"}}}}]}`,
				table),
			"DescribeTable":      fmt.Sprintf(`{"TableName":"%s"}`, table),
			"UpdateTable":        fmt.Sprintf(`{"TableName":"%s","DeletionProtectionEnabled":false}`, table),
			"DescribeTimeToLive": fmt.Sprintf(`{"TableName":"%s"}`, table),
		}
	}
	for operation, request := range requests(own + "tab_h") {
		send(t, e, operation, request)
	}
	for name, want := range map[string]string{
		"arn:aws:s3:eu-central-1:123456789012:table/tab_h": "ValidationException: Valid ARN format is ",
		"arn:x:table/tab_h": "ValidationException: Valid ARN format is ",
		"arn:":              "ValidationException: Valid ARN format is ",
		"arn:aws:dynamodb::123456789012:table/tab_h":              "ValidationException: Valid ARN format is ",
		"arn:aws:dynamodb:eu-central-1::table/tab_h":              "ValidationException: Valid ARN format is ",
		"arn:aws:dynamodb:eu-central-1:123456789012:table":        "ValidationException: Valid ARN format is ",
		"arn:aws:dynamodb:eu-central-1:123456789012:global/tab_h": "ValidationException: Valid ARN format is ",
		own:             "ValidationException: TableName must be at least 3 characters",
		own + "nowhere": "ResourceNotFoundException: Requested resource not found",
		"arn:aws:dynamodb:us-east-1:123456789012:table/tab_h": "ResourceNotFoundException: Requested resource not " +
			"found",
		"arn:aws:dynamodb:eu-central-1:000000000000:table/tab_h": "AccessDeniedException: User is not authorized",
		"arn:aws:dynamodb:us-east-1:000000000000:table/tab_h":    "AccessDeniedException: User is not authorized",
	} {
		for operation, request := range requests(name) {
			if strings.HasPrefix(operation, "Transact") && strings.HasPrefix(want, "Validation") {
				refused(t, e, operation, request) // for another reason: a transaction's declared bounds come first
				continue
			}
			assert.Contains(t, refused(t, e, operation, request), want, operation)
		}
		create := `{"TableName":"%s","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
			"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}`
		if name == own+"nowhere" {
			send(t, e, "CreateTable", fmt.Sprintf(create, own+"new"))
			send(t, e, "DescribeTable", `{"TableName":"new"}`)
		} else {
			assert.Contains(t, refused(t, e, "CreateTable", fmt.Sprintf(create, name)), want)
		}
	}
	tags := `{"ResourceArn":"%s"}`
	send(t, e, "ListTagsOfResource", fmt.Sprintf(tags, own+"tab_h"))
	assert.Contains(t, refused(t, e, "ListTagsOfResource",
		fmt.Sprintf(tags, "arn:aws:dynamodb:eu-central-1:000000000000:table/tab_h")), "AccessDenied")
	assert.Contains(t, refused(t, e, "ListTagsOfResource",
		fmt.Sprintf(tags, "arn:aws:dynamodb:us-east-1:123456789012:table/tab_h")), "ResourceNotFound")
}

// What a batch answers stands under the name that was asked by, be it an ARN (captured from us-east-1, 2026).
func TestBatchesAnswerByTheNameThatWasGiven(t *testing.T) {
	const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/tab_h"
	e := withTables(t, Options{})
	send(t, e, "BatchWriteItem", `{"RequestItems":{"`+arn+`":[{"PutRequest":{"Item":{"p":{"S":"a"}}}}]}}`)
	assert.Contains(t, send(t, e, "BatchGetItem", `{"RequestItems":{"`+arn+`":{"Keys":[{"p":{"S":"a"}}]}}}`),
		`"Responses":{"`+arn+`":[{"p":{"S":"a"}}]}`)
}
