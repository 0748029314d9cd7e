package engine

import (
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/wire"
)

// readFields names the fields that an operation reads, of its input and of the structures in it. Every other field of
// the SDK's is refused where a request has it, so that nothing is ignored in silence: those of refusedFields by
// decision, and those that a newer SDK has until somebody decides.
var readFields = fieldTable{
	of[dynamodb.BatchExecuteStatementInput]():     "Statements ReturnConsumedCapacity",
	of[dynamodb.BatchGetItemInput]():              "RequestItems ReturnConsumedCapacity",
	of[dynamodb.BatchWriteItemInput]():            "RequestItems ReturnConsumedCapacity ReturnItemCollectionMetrics",
	of[dynamodb.DeleteItemInput]():                writeFields + " Key",
	of[dynamodb.DeleteTableInput]():               "TableName",
	of[dynamodb.DescribeContinuousBackupsInput](): "TableName",
	of[dynamodb.DescribeTableInput]():             "TableName",
	of[dynamodb.DescribeTimeToLiveInput]():        "TableName",
	of[dynamodb.ExecuteStatementInput](): statementFields +
		" ConsistentRead Limit NextToken ReturnConsumedCapacity",
	of[dynamodb.ExecuteTransactionInput](): "TransactStatements ClientRequestToken ReturnConsumedCapacity",
	of[dynamodb.GetItemInput](): "TableName Key ConsistentRead AttributesToGet ExpressionAttributeNames " +
		"ProjectionExpression " +
		"ReturnConsumedCapacity",
	of[dynamodb.ListTablesInput]():         "ExclusiveStartTableName Limit",
	of[dynamodb.ListTagsOfResourceInput](): "ResourceArn",
	of[dynamodb.PutItemInput]():            writeFields + " Item",
	of[dynamodb.QueryInput](): pageFields +
		" KeyConditionExpression KeyConditions QueryFilter ScanIndexForward",
	of[dynamodb.ScanInput]():             pageFields + " ScanFilter Segment TotalSegments",
	of[dynamodb.TagResourceInput]():      "ResourceArn Tags",
	of[dynamodb.TransactGetItemsInput](): "TransactItems ReturnConsumedCapacity",
	of[dynamodb.TransactWriteItemsInput](): "TransactItems ClientRequestToken ReturnConsumedCapacity " +
		"ReturnItemCollectionMetrics",
	of[dynamodb.UntagResourceInput]():    "ResourceArn TagKeys",
	of[dynamodb.UpdateItemInput]():       writeFields + " Key UpdateExpression AttributeUpdates",
	of[dynamodb.UpdateTimeToLiveInput](): "TableName TimeToLiveSpecification",

	of[dynamodb.CreateTableInput](): "TableName AttributeDefinitions BillingMode DeletionProtectionEnabled " +
		"GlobalSecondaryIndexes " +
		"KeySchema LocalSecondaryIndexes OnDemandThroughput ProvisionedThroughput SSESpecification " +
		"StreamSpecification TableClass Tags",
	of[dynamodb.UpdateTableInput](): "TableName AttributeDefinitions BillingMode DeletionProtectionEnabled " +
		"GlobalSecondaryIndexUpdates OnDemandThroughput ProvisionedThroughput SSESpecification StreamSpecification " +
		"TableClass",
	of[dynamodb.UpdateContinuousBackupsInput](): "TableName PointInTimeRecoverySpecification",

	of[types.AttributeDefinition]():              "AttributeName AttributeType",
	of[types.AttributeValueUpdate]():             "Action Value",
	of[types.Condition]():                        "ComparisonOperator AttributeValueList",
	of[types.BatchStatementRequest]():            statementFields + " ConsistentRead",
	of[types.ConditionCheck]():                   actionFields + " Key",
	of[types.CreateGlobalSecondaryIndexAction](): indexFields + " ProvisionedThroughput OnDemandThroughput",
	of[types.Delete]():                           actionFields + " Key",
	of[types.DeleteGlobalSecondaryIndexAction](): "IndexName",
	of[types.DeleteRequest]():                    "Key",
	of[types.ExpectedAttributeValue]():           "AttributeValueList ComparisonOperator Exists Value",
	of[types.Get]():                              "TableName Key ExpressionAttributeNames ProjectionExpression",
	of[types.GlobalSecondaryIndex]():             indexFields + " ProvisionedThroughput OnDemandThroughput",
	of[types.GlobalSecondaryIndexUpdate]():       "Create Delete Update",
	of[types.KeySchemaElement]():                 "AttributeName KeyType",
	of[types.KeysAndAttributes](): "Keys AttributesToGet ConsistentRead ExpressionAttributeNames " +
		"ProjectionExpression",
	of[types.LocalSecondaryIndex]():              indexFields,
	of[types.OnDemandThroughput]():               "MaxReadRequestUnits MaxWriteRequestUnits",
	of[types.ParameterizedStatement]():           statementFields,
	of[types.PointInTimeRecoverySpecification](): "PointInTimeRecoveryEnabled RecoveryPeriodInDays",
	of[types.Projection]():                       "NonKeyAttributes ProjectionType",
	of[types.ProvisionedThroughput]():            "ReadCapacityUnits WriteCapacityUnits",
	of[types.Put]():                              actionFields + " Item",
	of[types.PutRequest]():                       "Item",
	of[types.SSESpecification]():                 "Enabled KMSMasterKeyId SSEType",
	of[types.StreamSpecification]():              "StreamEnabled StreamViewType",
	of[types.Tag]():                              "Key Value",
	of[types.TimeToLiveSpecification]():          "AttributeName Enabled",
	of[types.TransactGetItem]():                  "Get",
	of[types.TransactWriteItem]():                "ConditionCheck Delete Put Update",
	of[types.Update]():                           actionFields + " Key UpdateExpression",
	of[types.UpdateGlobalSecondaryIndexAction](): "IndexName ProvisionedThroughput OnDemandThroughput",
	of[types.WriteRequest]():                     "DeleteRequest PutRequest",

	of[dynamodbstreams.DescribeStreamInput]():   "StreamArn ExclusiveStartShardId Limit ShardFilter",
	of[streamtypes.ShardFilter]():               "ShardId Type",
	of[dynamodbstreams.GetRecordsInput]():       "ShardIterator Limit",
	of[dynamodbstreams.GetShardIteratorInput](): "StreamArn ShardId ShardIteratorType SequenceNumber",
	of[dynamodbstreams.ListStreamsInput]():      "ExclusiveStartStreamArn Limit TableName",
}

const (
	writeFields = "TableName ConditionExpression ConditionalOperator Expected ExpressionAttributeNames " +
		"ExpressionAttributeValues " +
		"ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure"
	actionFields = "TableName ConditionExpression ExpressionAttributeNames ExpressionAttributeValues " +
		"ReturnValuesOnConditionCheckFailure"
	pageFields = "TableName IndexName AttributesToGet ConditionalOperator ConsistentRead ExclusiveStartKey " +
		"ExpressionAttributeNames ExpressionAttributeValues FilterExpression Limit ProjectionExpression " +
		"ReturnConsumedCapacity Select"
	statementFields = "Statement Parameters ReturnValuesOnConditionCheckFailure"
	indexFields     = "IndexName KeySchema Projection"
)

// refusedFields names the fields that are refused by decision: global tables, vector indexes, resource policies, warm
// throughput, and places in a stream by time.
var refusedFields = fieldTable{
	of[dynamodb.CreateTableInput](): "GlobalTableSettingsReplicationMode GlobalTableSourceArn ResourcePolicy " +
		"VectorIndexes " +
		"WarmThroughput",
	of[dynamodb.UpdateTableInput](): "DisassociationProtectionEnabled GlobalTableSettingsReplicationMode " +
		"GlobalTableWitnessUpdates " +
		"MultiRegionConsistency ReplicaUpdates VectorIndexUpdates WarmThroughput",
	of[types.GlobalSecondaryIndex]():             "WarmThroughput",
	of[types.CreateGlobalSecondaryIndexAction](): "WarmThroughput",
	of[types.UpdateGlobalSecondaryIndexAction](): "WarmThroughput",
	of[dynamodb.ListTagsOfResourceInput]():       "NextToken",
	of[dynamodbstreams.GetShardIteratorInput]():  "Timestamp",
}

// fieldTable names fields of structures.
type fieldTable map[reflect.Type]string

func of[T any]() reflect.Type { return reflect.TypeFor[T]() }

func (f fieldTable) has(owner reflect.Type, field string) bool {
	return strings.Contains(" "+f[owner]+" ", " "+field+" ")
}

var findField = wire.FindFields(readFields.has)

// CheckFields refuses a request that has a field which its operation does not read. It is asked about every request
// first.
func CheckFields(in any) error {
	if place, found := findField(in); found {
		return refusal.Invalid("dynamotest does not implement " + place)
	}
	return nil
}
