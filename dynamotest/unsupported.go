package dynamotest

// unsupported names the service's operations that are not here, so that they fail by name and are not taken for
// misspelt ones.
var unsupported = map[string]bool{
	"CancelBulkOperation": true, "CreateBackup": true, "CreateGlobalTable": true,
	"DeleteBackup": true, "DeleteResourcePolicy": true, "DescribeBackup": true, "DescribeBulkOperation": true,
	"DescribeContributorInsights": true, "DescribeExport": true, "DescribeGlobalTable": true,
	"DescribeGlobalTableSettings": true, "DescribeImport": true, "DescribeKinesisStreamingDestination": true,
	"DescribeTableReplicaAutoScaling": true, "DisableKinesisStreamingDestination": true,
	"EnableKinesisStreamingDestination": true,
	"ExportTableToPointInTime":          true, "GetResourcePolicy": true, "ImportTable": true, "ListBackups": true,
	"ListBulkOperations": true, "ListContributorInsights": true, "ListExports": true, "ListGlobalTables": true,
	"ListImports": true, "PutResourcePolicy": true, "RestoreTableFromBackup": true, "RestoreTableToPointInTime": true,
	"SearchVectors": true, "StartBulkPutItems": true, "UpdateContributorInsights": true, "UpdateGlobalTable": true,
	"UpdateGlobalTableSettings": true, "UpdateKinesisStreamingDestination": true, "UpdateTableReplicaAutoScaling": true,
}
