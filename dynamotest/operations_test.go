package dynamotest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/stretchr/testify/assert"

	"github.com/monotable/monotable/dynamotest"
)

// Every operation of the SDK's clients is served on both faces, with the SDK's signature, or answered with
// UnknownOperation by name.
func TestEveryOperationIsServedOrRefused(t *testing.T) {
	served := methodsWithInputs(&dynamotest.Client{})
	server := newServer(t)
	all := map[string]bool{}
	for prefix, client := range map[string]any{tables: &dynamodb.Client{},
		"DynamoDBStreams_20120810.": &dynamodbstreams.Client{}} {
		for name, method := range methodsWithInputs(client) {
			all[name] = true
			got := do(t, request(t, server, prefix+name, "{}"))
			ours, ok := served[name]
			if !ok {
				assert.Equal(t, http.StatusBadRequest, got.status, name)
				assert.Contains(t, got.body, "#UnknownOperationException", name)
				assert.Contains(t, got.body, name+" is not supported by dynamotest")
				continue
			}
			assert.NotContains(t, got.body, "UnknownOperation", name)
			assert.Equal(t, method.Type(), ours.Type(), name)
		}
	}
	for name := range served {
		assert.True(t, all[name], "the service has no %s", name)
	}
	assert.Greater(t, len(all), len(served))
}

// A fault can be injected for every operation that is served, and for no other name.
func TestEveryOperationCanGoWrong(t *testing.T) {
	ctx := context.Background()
	client := dynamotest.NewClient()
	for name := range methodsWithInputs(client) {
		client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: name}, Do: dynamotest.Delay(0)})
		_, err := client.ListTables(ctx, &dynamodb.ListTablesInput{})
		assert.NoError(t, err, name)
	}
	client.Inject(dynamotest.Fault{On: dynamotest.Match{Operation: "ExportTableToPointInTime"}, Do: dynamotest.Delay(0)})
	_, err := client.ListTables(ctx, &dynamodb.ListTablesInput{})
	assert.ErrorContains(t, err, `there is no operation "ExportTableToPointInTime"`)
}
