package dynamotest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// filled is a list of parts between open and end, of about so many bytes. A %x in the part is counted up.
func filled(open, part, end string, bytes int) string {
	var b strings.Builder
	b.WriteString(open)
	for i := 0; b.Len() < bytes; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.Contains(part, "%") {
			fmt.Fprintf(&b, part, i)
		} else {
			b.WriteString(part)
		}
	}
	b.WriteString(end)
	return b.String()
}

// hostileBodies are made of as many parts as there is room for, each of which could cost far more than its bytes.
func hostileBodies(bytes int) map[string]string {
	body := func(open, part, end string) string { return filled(open, part, end, bytes) }
	const put = `{"TableName":"pets","Item":{"id":{"N":"1"},"a":`
	return map[string]string{
		"BatchGetItem keys":          body(`{"RequestItems":{"pets":{"Keys":[`, `{}`, `]}}}`),
		"BatchGetItem null keys":     body(`{"RequestItems":{"pets":{"Keys":[`, `null`, `]}}}`),
		"BatchGetItem tables":        body(`{"RequestItems":{`, `"t%x":{}`, `}}`),
		"BatchGetItem names":         body(`{"RequestItems":{"pets":{"Keys":[{}],"AttributesToGet":[`, `""`, `]}}}`),
		"BatchWriteItem writes":      body(`{"RequestItems":{"pets":[`, `{}`, `]}}`),
		"BatchWriteItem tables":      body(`{"RequestItems":{`, `"t%x":[]`, `}}`),
		"TransactWriteItems actions": body(`{"TransactItems":[`, `{}`, `]}`),
		"TransactWriteItems puts":    body(`{"TransactItems":[`, `{"Put":{}}`, `]}`),
		"TransactGetItems gets":      body(`{"TransactItems":[`, `{}`, `]}`),
		"CreateTable definitions":    body(`{"TableName":"new","AttributeDefinitions":[`, `{}`, `]}`),
		"UpdateTable definitions": body(`{"TableName":"pets","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[`,
			`{"AttributeName":"a","AttributeType":"S"}`, `]}`),
		"TagResource tags": body(`{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/pets","Tags":[`,
			`{"Key":"k%x","Value":""}`, `]}`),
		"Scan conditions":             body(`{"TableName":"pets","ScanFilter":{`, `"a%x":{}`, `}}`),
		"PutItem attributes":          body(`{"TableName":"pets","Item":{`, `"a%x":{}`, `}}`),
		"PutItem one attribute":       body(`{"TableName":"pets","Item":{`, `"":{}`, `}}`),
		"PutItem list":                body(put+`{"L":[`, `{}`, `]}}}`),
		"PutItem list of null":        body(put+`{"L":[`, `{"NULL":true}`, `]}}}`),
		"PutItem list of maps":        body(put+`{"L":[`, `{"M":{}}`, `]}}}`),
		"PutItem list of nested maps": body(put+`{"L":[`, `{"M":{"":{}}}`, `]}}}`),
		"PutItem strings":             body(put+`{"SS":[`, `""`, `]}}}`),
		"PutItem numbers":             body(put+`{"NS":[`, `"1"`, `]}}}`),
		"PutItem binaries":            body(put+`{"BS":[`, `""`, `]}}}`),
		"PutItem names of placeholders": body(
			`{"TableName":"pets","Item":{"id":{"N":"1"}},"ExpressionAttributeNames":{`,
			`"#%x":""`, `}}`),
		"PutItem expected": body(`{"TableName":"pets","Item":{"id":{"N":"1"}},"Expected":{`, `"a%x":{}`, `}}`),
		"UpdateItem updates": body(`{"TableName":"pets","Key":{"id":{"N":"1"}},"AttributeUpdates":{`, `"a%x":{}`,
			`}}`),
		"UpdateItem values": body(`{"TableName":"pets","Key":{"id":{"N":"1"}},"AttributeUpdates":{`,
			`"a%x":{"Value":{"S":""}}`, `}}`),
		"CreateTable included": body(`{"TableName":"new","GlobalSecondaryIndexes":[{"Projection":{"NonKeyAttributes":[`,
			`""`, `]}}]}`),
		"CreateTable included again": body(
			`{"TableName":"new","GlobalSecondaryIndexes":[{"Projection":{"NonKeyAttributes":["`+
				strings.Repeat("a", bytes/2)+`",`, `"a"`, `]}}]}`),
		"UntagResource tags": body(`{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/pets","TagKeys":[`,
			`"k"`, `]}`),
		"PutItem one long name": `{"TableName":"pets","Item":{"id":{"N":"1"}},"Expected":{"` +
			strings.Repeat("a", bytes) + `":{"ComparisonOperator":"X"}}}`,
		"PutItem what nobody knows": body(`{"TableName":"pets","Nobody":[`, `{"a":{}}`, `]}`),
	}
}

// A request costs a fixed multiple of its bytes, whatever is in it, and these are all refused.
func TestRequestsCostMemoryInProportion(t *testing.T) {
	server := newServer(t)
	const bytes, most = 2 << 20, 64
	for name, body := range hostileBodies(bytes) {
		operation, _, _ := strings.Cut(name, " ")
		r := request(t, server, tables+operation, body)
		answer := httptest.NewRecorder()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		server.ServeHTTP(answer, r)
		runtime.ReadMemStats(&after)
		assert.Equal(t, http.StatusBadRequest, answer.Code, "%s: %.200s", name, answer.Body)
		assert.Less(t, answer.Body.Len(), 50<<10, name)
		assert.Less(t, (after.TotalAlloc-before.TotalAlloc)/bytes, uint64(most), name)
	}
}
