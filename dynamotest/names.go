package dynamotest

// The targets of the two services, which stand before the operation's name in X-Amz-Target.
const (
	tablesTarget  = "DynamoDB_20120810."
	streamsTarget = "DynamoDBStreams_20120810."
)

func singleWrite(operation string) bool {
	return operation == "PutItem" || operation == "UpdateItem" || operation == "DeleteItem"
}

// onItems says whether an operation reads or writes items, or may.
func onItems(operation string) bool { return readsItems(operation) || writesItems(operation) }

func readsItems(operation string) bool {
	switch operation {
	case "GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan":
		return true
	}
	return executesStatements(operation)
}

func writesItems(operation string) bool {
	return singleWrite(operation) || operation == "BatchWriteItem" || operation == "TransactWriteItems" ||
		executesStatements(operation)
}

// executesStatements says whether an operation is one of PartiQL, whose statements read or write.
func executesStatements(operation string) bool {
	return operation == "ExecuteStatement" || operation == "BatchExecuteStatement" || operation == "ExecuteTransaction"
}

// isTransaction says whether an operation is done as a whole or not at all.
func isTransaction(operation string) bool {
	return operation == "TransactGetItems" || operation == "TransactWriteItems" || operation == "ExecuteTransaction"
}

// onTables says whether an operation is one of DynamoDB and not of its streams.
func onTables(operation string) bool { return tableOperations[operation] }

// tableOperations and streamOperations name the operations that are served.
var (
	tableOperations = map[string]bool{
		"BatchExecuteStatement": true, "BatchGetItem": true, "BatchWriteItem": true, "CreateTable": true,
		"DeleteItem": true, "DeleteTable": true,
		"DescribeContinuousBackups": true, "DescribeEndpoints": true, "DescribeLimits": true, "DescribeTable": true,
		"DescribeTimeToLive": true, "ExecuteStatement": true, "ExecuteTransaction": true, "GetItem": true,
		"ListTables": true, "ListTagsOfResource": true, "PutItem": true,
		"Query": true, "Scan": true, "TagResource": true, "TransactGetItems": true, "TransactWriteItems": true,
		"UntagResource": true, "UpdateContinuousBackups": true, "UpdateItem": true, "UpdateTable": true,
		"UpdateTimeToLive": true,
	}
	streamOperations = map[string]bool{
		"DescribeStream": true, "GetRecords": true, "GetShardIterator": true, "ListStreams": true,
	}
)
