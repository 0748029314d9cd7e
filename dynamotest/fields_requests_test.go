package dynamotest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

const (
	tableARN  = "arn:aws:dynamodb:us-east-1:000000000000:table/"
	streamARN = tableARN + "indexed/stream/2026-11-22T12:00:00.000"
	shard     = "shardId-00000000000000000001-00000001"
)

var tablesOfFields = []monotable.Schema{pets, {Name: "indexed", Partition: monotable.S("p"), Sort: monotable.N("s"),
	Indexes: []monotable.Index{{Name: "by_g", Partition: monotable.S("g")},
		{Name: "by_l", Local: true, Sort: monotable.N("l")}}}}

// What rightRequests are made of. Nobody changes it: they are copied first.
var (
	one, local = item{"id": n("1")}, item{"p": s("a"), "s": n("1")}
	onPets     = aws.String("pets")
	onIndexed  = aws.String("indexed")
	named      = map[string]string{"#n": "name"}
	isB        = aws.String("#n = :v")
	valueB     = item{":v": s("b")}
	units      = &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(5), WriteCapacityUnits: aws.Int64(6)}
	onDemand   = &types.OnDemandThroughput{MaxReadRequestUnits: aws.Int64(7), MaxWriteRequestUnits: aws.Int64(8)}
	include    = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"q"}}
	encryption = &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms,
		KMSMasterKeyId: aws.String("mine")}
	tagged      = []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
	isOne       = []types.AttributeValue{n("1")}
	legacyValue = map[string]types.ExpectedAttributeValue{"x": {Value: n("1"), Exists: aws.Bool(true)}}
	legacyList  = map[string]types.ExpectedAttributeValue{"x": {AttributeValueList: isOne, ComparisonOperator: "EQ"},
		"name": {ComparisonOperator: "NOT_NULL"}}
	legacyFilter = map[string]types.Condition{"x": {ComparisonOperator: "EQ", AttributeValueList: isOne},
		"name": {ComparisonOperator: "NULL"}}
)

const (
	sizes  = types.ReturnItemCollectionMetricsSize
	total  = types.ReturnConsumedCapacityTotal
	either = types.ConditionalOperatorOr
	old    = types.ReturnValuesOnConditionCheckFailureAllOld
)

// rightRequests are right ones that have the structures of which chance seldom makes one.
func rightRequests(t testing.TB) map[string][]any {
	all := map[string][]any{
		"TagResource": {&dynamodb.TagResourceInput{ResourceArn: aws.String(tableARN + "pets"), Tags: tagged}},
		"UntagResource": {&dynamodb.UntagResourceInput{ResourceArn: aws.String(tableARN + "pets"),
			TagKeys: []string{"x"}}},
		"ListTagsOfResource": {&dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(tableARN + "pets")}},
		"ListTables":         {&dynamodb.ListTablesInput{Limit: aws.Int32(1), ExclusiveStartTableName: onIndexed}},
		"UpdateTimeToLive": {&dynamodb.UpdateTimeToLiveInput{TableName: onPets,
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("x"),
				Enabled: aws.Bool(true)}}},
		"UpdateContinuousBackups": {&dynamodb.UpdateContinuousBackupsInput{TableName: onPets,
			PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
				PointInTimeRecoveryEnabled: aws.Bool(true), RecoveryPeriodInDays: aws.Int32(3)}}},
		"CreateTable": {creation(types.BillingModePayPerRequest), creation(types.BillingModeProvisioned)},
		"UpdateTable": tableUpdates(),
		"Query":       queries(),
		"Scan":        scans(),
	}
	for _, add := range []func(map[string][]any){addSingleWrites, addBatches, addTransactions} {
		add(all)
	}
	addStatements(t, all)
	addStreams(t, all)
	return all
}

func definition(name string) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
}

func hash(name string) types.KeySchemaElement {
	return types.KeySchemaElement{AttributeName: &name, KeyType: types.KeyTypeHash}
}

func creation(mode types.BillingMode) any {
	keys := []types.KeySchemaElement{hash("a"), {AttributeName: aws.String("b"), KeyType: types.KeyTypeRange}}
	in := &dynamodb.CreateTableInput{TableName: aws.String("made"), BillingMode: mode, KeySchema: keys,
		AttributeDefinitions: []types.AttributeDefinition{definition("a"), definition("b")},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("global"), Projection: include, KeySchema: []types.KeySchemaElement{hash("b")}}},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{{IndexName: aws.String("local"), Projection: include,
			KeySchema: keys}},
		SSESpecification: encryption,
		StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: types.StreamViewTypeKeysOnly},
		DeletionProtectionEnabled: aws.Bool(true), TableClass: types.TableClassStandardInfrequentAccess, Tags: tagged}
	if mode == types.BillingModeProvisioned {
		in.ProvisionedThroughput, in.GlobalSecondaryIndexes[0].ProvisionedThroughput = units, units
	} else {
		in.OnDemandThroughput, in.GlobalSecondaryIndexes[0].OnDemandThroughput = onDemand, onDemand
	}
	return in
}

func tableUpdates() []any {
	update := func(table *string, u types.GlobalSecondaryIndexUpdate) *dynamodb.UpdateTableInput {
		return &dynamodb.UpdateTableInput{TableName: table,
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{u},
			AttributeDefinitions:        []types.AttributeDefinition{definition("q")}}
	}
	create := types.CreateGlobalSecondaryIndexAction{IndexName: aws.String("by_q"), Projection: include,
		KeySchema: []types.KeySchemaElement{hash("q")}}
	byUnits, byDemand := create, create
	byUnits.ProvisionedThroughput, byDemand.OnDemandThroughput = units, onDemand
	provisioned := update(onPets, types.GlobalSecondaryIndexUpdate{Create: &byUnits})
	provisioned.BillingMode, provisioned.ProvisionedThroughput = types.BillingModeProvisioned, units
	name := aws.String("by_g")
	return []any{provisioned,
		update(onIndexed, types.GlobalSecondaryIndexUpdate{Create: &byDemand}),
		update(onIndexed, types.GlobalSecondaryIndexUpdate{
			Update: &types.UpdateGlobalSecondaryIndexAction{IndexName: name, OnDemandThroughput: onDemand}}),
		update(onIndexed, types.GlobalSecondaryIndexUpdate{
			Update: &types.UpdateGlobalSecondaryIndexAction{IndexName: name, ProvisionedThroughput: units}}),
		update(onIndexed, types.GlobalSecondaryIndexUpdate{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: name}}),
		&dynamodb.UpdateTableInput{TableName: onPets, OnDemandThroughput: onDemand,
			DeletionProtectionEnabled: aws.Bool(true),
			TableClass:                types.TableClassStandardInfrequentAccess, SSESpecification: encryption},
		&dynamodb.UpdateTableInput{TableName: onPets,
			StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(false)}},
	}
}

func queries() []any {
	inA := aws.String("p = :v")
	valueA := item{":v": s("a")}
	return []any{
		&dynamodb.QueryInput{TableName: onPets, QueryFilter: legacyFilter, ConditionalOperator: either,
			KeyConditions: map[string]types.Condition{"id": {ComparisonOperator: "EQ", AttributeValueList: isOne}}},
		&dynamodb.QueryInput{TableName: onIndexed, KeyConditionExpression: inA, ScanIndexForward: aws.Bool(false),
			ExpressionAttributeValues: valueA, ExclusiveStartKey: item{"p": s("a"), "s": n("2")},
			ReturnConsumedCapacity: total},
		&dynamodb.QueryInput{TableName: onIndexed, IndexName: aws.String("by_g"),
			KeyConditionExpression:   aws.String("#n = :v"),
			ExpressionAttributeNames: map[string]string{"#n": "g"}, ExpressionAttributeValues: item{":v": s("x")},
			Limit: aws.Int32(1)},
		&dynamodb.QueryInput{TableName: onIndexed, KeyConditionExpression: inA, FilterExpression: aws.String("g = :v"),
			ProjectionExpression: aws.String("g"), ExpressionAttributeValues: valueA,
			Select: types.SelectSpecificAttributes},
		&dynamodb.QueryInput{TableName: onIndexed, KeyConditionExpression: inA, ExpressionAttributeValues: valueA,
			AttributesToGet: []string{"s"}},
	}
}

func scans() []any {
	return []any{
		&dynamodb.ScanInput{TableName: onPets, ScanFilter: legacyFilter, ConditionalOperator: either},
		&dynamodb.ScanInput{TableName: onPets, AttributesToGet: []string{"x"}, Select: types.SelectSpecificAttributes},
		&dynamodb.ScanInput{TableName: onPets, Segment: aws.Int32(0), TotalSegments: aws.Int32(2)},
		&dynamodb.ScanInput{TableName: onPets, ExclusiveStartKey: one, ReturnConsumedCapacity: total},
		&dynamodb.ScanInput{TableName: onIndexed, IndexName: aws.String("by_g"), ConsistentRead: aws.Bool(true)},
		&dynamodb.ScanInput{TableName: onPets, FilterExpression: isB, ProjectionExpression: aws.String("x"),
			ExpressionAttributeNames: named, ExpressionAttributeValues: item{":v": s("a")}},
	}
}

// addSingleWrites adds writes whose condition fails and writes of an item collection.
func addSingleWrites(all map[string][]any) {
	all["PutItem"] = []any{
		&dynamodb.PutItemInput{TableName: onPets, Item: one, ConditionExpression: isB, ExpressionAttributeNames: named,
			ExpressionAttributeValues: valueB, ReturnValuesOnConditionCheckFailure: old},
		&dynamodb.PutItemInput{TableName: onIndexed, Item: local, ReturnItemCollectionMetrics: sizes}}
	all["UpdateItem"] = []any{
		&dynamodb.UpdateItemInput{TableName: onPets, Key: one, UpdateExpression: aws.String("SET y = :v"),
			ConditionExpression:      isB,
			ExpressionAttributeNames: named, ExpressionAttributeValues: valueB,
			ReturnValuesOnConditionCheckFailure: old},
		&dynamodb.UpdateItemInput{TableName: onIndexed, Key: local, ReturnItemCollectionMetrics: sizes}}
	all["DeleteItem"] = []any{
		&dynamodb.DeleteItemInput{TableName: onPets, Key: one, ConditionExpression: isB,
			ExpressionAttributeNames:  named,
			ExpressionAttributeValues: valueB, ReturnValuesOnConditionCheckFailure: old},
		&dynamodb.DeleteItemInput{TableName: onIndexed, Key: local, ReturnItemCollectionMetrics: sizes}}
	added := map[string]types.AttributeValueUpdate{"x": {Action: types.AttributeActionAdd, Value: n("1")}}
	add := func(expected map[string]types.ExpectedAttributeValue, operator types.ConditionalOperator) {
		all["PutItem"] = append(all["PutItem"], &dynamodb.PutItemInput{TableName: onPets, Item: one,
			Expected: expected, ConditionalOperator: operator})
		all["UpdateItem"] = append(all["UpdateItem"], &dynamodb.UpdateItemInput{TableName: onPets, Key: one,
			AttributeUpdates: added, Expected: expected, ConditionalOperator: operator})
		all["DeleteItem"] = append(all["DeleteItem"], &dynamodb.DeleteItemInput{TableName: onPets, Key: one,
			Expected: expected, ConditionalOperator: operator})
	}
	add(legacyValue, "")
	add(legacyList, either)
}

func addBatches(all map[string][]any) {
	write := func(w types.WriteRequest) *dynamodb.BatchWriteItemInput {
		return &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"indexed": {w}},
			ReturnItemCollectionMetrics: sizes, ReturnConsumedCapacity: total}
	}
	read := func(k types.KeysAndAttributes) *dynamodb.BatchGetItemInput {
		k.Keys = []map[string]types.AttributeValue{one}
		return &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"pets": k},
			ReturnConsumedCapacity: total}
	}
	all["BatchWriteItem"] = []any{write(types.WriteRequest{PutRequest: &types.PutRequest{Item: local}}),
		write(types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: local}})}
	all["BatchGetItem"] = []any{
		read(types.KeysAndAttributes{ProjectionExpression: aws.String("#n"), ExpressionAttributeNames: named}),
		read(types.KeysAndAttributes{AttributesToGet: []string{"x"}})}
}

func addTransactions(all map[string][]any) {
	for _, w := range []types.TransactWriteItem{
		{Put: &types.Put{TableName: onPets, Item: one, ConditionExpression: isB, ExpressionAttributeNames: named,
			ExpressionAttributeValues: valueB, ReturnValuesOnConditionCheckFailure: old}},
		{Delete: &types.Delete{TableName: onPets, Key: one, ConditionExpression: isB, ExpressionAttributeNames: named,
			ExpressionAttributeValues: valueB, ReturnValuesOnConditionCheckFailure: old}},
		{ConditionCheck: &types.ConditionCheck{TableName: onPets, Key: one, ConditionExpression: isB,
			ExpressionAttributeNames:  named,
			ExpressionAttributeValues: valueB, ReturnValuesOnConditionCheckFailure: old}},
		{Update: &types.Update{TableName: onPets, Key: one, UpdateExpression: aws.String("SET y = :v"),
			ConditionExpression:      isB,
			ExpressionAttributeNames: named, ExpressionAttributeValues: valueB,
			ReturnValuesOnConditionCheckFailure: old}},
		{Put: &types.Put{TableName: onIndexed, Item: local}},
	} {
		all["TransactWriteItems"] = append(all["TransactWriteItems"], &dynamodb.TransactWriteItemsInput{
			TransactItems: []types.TransactWriteItem{w}, ClientRequestToken: aws.String("token"),
			ReturnItemCollectionMetrics: sizes, ReturnConsumedCapacity: total})
	}
	get := &types.Get{TableName: onPets, Key: one, ProjectionExpression: aws.String("#n"),
		ExpressionAttributeNames: named}
	all["TransactGetItems"] = []any{
		&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: get}}}}
}

// addStatements adds statements with parameters: reads in pages and consistent ones, and writes whose condition fails.
func addStatements(t testing.TB, all map[string][]any) {
	selection := aws.String("SELECT * FROM indexed WHERE p = ?")
	failing := aws.String("UPDATE pets SET y = 1 WHERE id = ? AND name = 'b'")
	valueA, valueOne := []types.AttributeValue{s("a")}, []types.AttributeValue{n("1")}
	first, err := withTables(t).ExecuteStatement(context.Background(), &dynamodb.ExecuteStatementInput{
		Statement: selection, Parameters: valueA, Limit: aws.Int32(1)})
	require.NoError(t, err)
	all["ExecuteStatement"] = []any{
		&dynamodb.ExecuteStatementInput{Statement: selection, Parameters: valueA, Limit: aws.Int32(1),
			ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: total},
		&dynamodb.ExecuteStatementInput{Statement: selection, Parameters: valueA, NextToken: first.NextToken},
		&dynamodb.ExecuteStatementInput{Statement: failing, Parameters: valueOne, ReturnValuesOnConditionCheckFailure: old}}
	all["BatchExecuteStatement"] = []any{&dynamodb.BatchExecuteStatementInput{ReturnConsumedCapacity: total,
		Statements: []types.BatchStatementRequest{{Statement: aws.String("SELECT * FROM pets WHERE id = ?"),
			Parameters: valueOne, ConsistentRead: aws.Bool(true)}}}}
	all["ExecuteTransaction"] = []any{
		&dynamodb.ExecuteTransactionInput{ClientRequestToken: aws.String("token"), ReturnConsumedCapacity: total,
			TransactStatements: []types.ParameterizedStatement{{Statement: aws.String("UPDATE pets SET y = 1 WHERE id = ?"),
				Parameters: valueOne}}},
		&dynamodb.ExecuteTransactionInput{ClientRequestToken: aws.String(strings.Repeat("t", 37)),
			TransactStatements: []types.ParameterizedStatement{{Statement: aws.String("SELECT * FROM pets WHERE id = 1")}}},
		&dynamodb.ExecuteTransactionInput{TransactStatements: []types.ParameterizedStatement{{Statement: failing,
			Parameters: valueOne, ReturnValuesOnConditionCheckFailure: old}}}}
}

func addStreams(t testing.TB, all map[string][]any) {
	arn := aws.String(streamARN)
	c := withTables(t)
	first, err := c.GetShardIterator(context.Background(), &dynamodbstreams.GetShardIteratorInput{StreamArn: arn,
		ShardId: aws.String(shard), ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon})
	require.NoError(t, err)
	found, err := c.GetRecords(context.Background(),
		&dynamodbstreams.GetRecordsInput{ShardIterator: first.ShardIterator})
	require.NoError(t, err)
	all["GetRecords"] = []any{&dynamodbstreams.GetRecordsInput{Limit: aws.Int32(1), ShardIterator: first.ShardIterator}}
	all["GetShardIterator"] = []any{&dynamodbstreams.GetShardIteratorInput{StreamArn: arn, ShardId: aws.String(shard),
		ShardIteratorType: streamtypes.ShardIteratorTypeAtSequenceNumber,
		SequenceNumber:    found.Records[1].Dynamodb.SequenceNumber}}
	all["DescribeStream"] = []any{&dynamodbstreams.DescribeStreamInput{StreamArn: arn,
		ExclusiveStartShardId: aws.String(shard),
		Limit:                 aws.Int32(1)},
		&dynamodbstreams.DescribeStreamInput{StreamArn: arn,
			ShardFilter: &streamtypes.ShardFilter{Type: streamtypes.ShardFilterTypeChildShards,
				ShardId: aws.String(shard)}}}
	all["ListStreams"] = []any{&dynamodbstreams.ListStreamsInput{TableName: onIndexed, Limit: aws.Int32(1)},
		&dynamodbstreams.ListStreamsInput{ExclusiveStartStreamArn: arn}}
}
