package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/stretchr/testify/assert"
)

// TestEverythingAtOnce runs operations of all kinds side by side, for the race detector to watch, and checks the table
// after.
func TestEverythingAtOnce(t *testing.T) {
	var units sync.Map
	e := withTables(t, Options{Charged: func(_ context.Context, c Charge) { units.Store(c.Operation, true) }})
	send(t, e, "UpdateTable",
		`{"TableName":"tab_ix","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}}`)
	arn := e.tables["tab_ix"].streams[0].arn
	_, err := e.UpdateTimeToLive(background, ttlInput("tab_ix", "h", true))
	assert.NoError(t, err)

	row := func(random *rand.Rand) string {
		return fmt.Sprintf(`"p":{"S":"p%d"},"s":{"N":"%d"},"g":{"S":"g%d"},"h":{"N":"%d"}`, random.IntN(3),
			random.IntN(5), random.IntN(3), random.IntN(9))
	}
	key := func(random *rand.Rand) string {
		return fmt.Sprintf(`"p":{"S":"p%d"},"s":{"N":"%d"}`, random.IntN(3), random.IntN(5))
	}
	// What each does may be refused: tables and indexes come and go. It must not race, hang or leave things out of
	// step.
	work := []func(random *rand.Rand){
		func(r *rand.Rand) { _, _ = call(e, "PutItem", []byte(`{"TableName":"tab_ix","Item":{`+row(r)+`}}`)) },
		func(r *rand.Rand) { _, _ = call(e, "DeleteItem", []byte(`{"TableName":"tab_ix","Key":{`+key(r)+`}}`)) },
		func(r *rand.Rand) {
			_, _ = call(e, "UpdateItem",
				[]byte(`{"TableName":"tab_ix","Key":{`+key(
					r)+`},"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"1"}}}`))
		},
		func(r *rand.Rand) {
			_, _ = call(e, "TransactWriteItems",
				[]byte(`{"TransactItems":[{"Put":{"TableName":"tab_ix","Item":{`+row(
					r)+`}}},{"Put":{"TableName":"coming","Item":{"p":{"S":"a"}}}},
					{"Delete":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}}]}`))
		},
		func(r *rand.Rand) {
			_, _ = call(e, "TransactGetItems",
				[]byte(`{"TransactItems":[{"Get":{"TableName":"tab_ix","Key":{`+key(
					r)+`}}},{"Get":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}}]}`))
		},
		func(r *rand.Rand) { _, _ = call(e, "Scan", []byte(`{"TableName":"tab_ix","IndexName":"gAll"}`)) },
		func(r *rand.Rand) {
			_, _ = call(e, "Query",
				[]byte(`{"TableName":"tab_ix","IndexName":"extra","KeyConditionExpression":"h = :h",
					"ExpressionAttributeValues":{":h":{"N":"1"}}}`))
		},
		func(r *rand.Rand) {
			_, _ = call(e, "BatchWriteItem",
				[]byte(`{"RequestItems":{"tab_ix":[{"PutRequest":{"Item":{`+row(
					r)+`}}}],"tab_h":[{"PutRequest":{"Item":{"p":{"S":"a"}}}}]}}`))
		},
		func(r *rand.Rand) {
			_, _ = call(e, "BatchGetItem",
				[]byte(`{"RequestItems":{"tab_ix":{"Keys":[{`+key(r)+`}]},"tab_h":{"Keys":[{"p":{"S":"a"}}]}}}`))
		},
		func(r *rand.Rand) {
			_, _ = call(e, "CreateTable",
				[]byte(`{"TableName":"coming","BillingMode":"PAY_PER_REQUEST",
					"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
					"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}`))
			_, _ = call(e, "DeleteTable", []byte(`{"TableName":"coming"}`))
		},
		func(r *rand.Rand) {
			_, _ = call(e, "UpdateTable",
				[]byte(`{"TableName":"tab_ix","GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"extra",
					"KeySchema":[{"AttributeName":"h","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`))
			_, _ = call(e, "UpdateTable",
				[]byte(`{"TableName":"tab_ix","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"extra"}}]}`))
		},
		func(r *rand.Rand) {
			_, _ = e.DescribeTable(background, &dynamodb.DescribeTableInput{TableName: aws.String("tab_ix")})
			_, _ = e.ListTables(background, &dynamodb.ListTablesInput{})
			e.Sweep()
		},
		func(r *rand.Rand) {
			out, err := e.GetShardIterator(background,
				&dynamodbstreams.GetShardIteratorInput{StreamArn: &arn, ShardId: aws.String(shardID),
					ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon})
			if err == nil {
				_, _ = e.GetRecords(background,
					&dynamodbstreams.GetRecordsInput{ShardIterator: out.ShardIterator, Limit: aws.Int32(10)})
			}
		},
	}
	var workers sync.WaitGroup
	for i, step := range work {
		workers.Go(func() {
			random := rand.New(rand.NewPCG(9, uint64(i)))
			for range 150 {
				step(random)
			}
		})
	}
	workers.Wait()
	checkInStep(t, e.find("tab_ix"))
	for _, operation := range []string{"PutItem", "UpdateItem", "Scan", "BatchWriteItem", "TransactGetItems"} {
		_, charged := units.Load(operation)
		assert.True(t, charged, operation)
	}
}
