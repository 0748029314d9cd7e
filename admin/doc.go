// Package admin looks after the life of a table: it creates the table that a [monotable.Schema] describes, tells
// whether a table is the one that its schema describes, and deletes it.
//
// It is for deployments, integration tests and tools. Reading and writing items takes package monotable alone, and none
// of the permissions that are named here.
//
// # Creating
//
// A schema says all that the table's form is; [Create] sends it, waits until the table and its indexes can be used, and
// turns on expiry where the schema has a TTL attribute:
//
//	schema := monotable.Schema{Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), TTL: "expires_at"}
//	err := admin.Create(ctx, dynamodb.NewFromConfig(cfg), schema, 5*time.Minute)
//
// The fake of package dynamotest is a [Client] too; its tables are ready at once, unless it is told to take its time.
//
// What the schema does not say are options: how the table is billed ([Provisioned], [ProvisionedIndex],
// [InfrequentAccess]), how it is kept ([KMS], [PointInTimeRecovery], [DeletionProtection]), and its [Tags].
//
// A table of that name that is there already is [monotable.ErrExists]. A deployment that runs more than once gives
// [AllowExisting]: the table is then compared with the schema, and is an error only where it differs.
//
// # Verifying
//
// A table that others make, a SAM template or Terraform say, is compared with its schema by [Verify], in a service's
// start or in a test of the deployment. A [*MismatchError] lists each [Difference]:
//
//	index by-name projection: want ALL, have KEYS_ONLY
//
// The stream and the TTL attribute are compared as the schema has them. How the table is billed, its class and whether
// it is protected are compared where asked for, with the options that Create has for them: each [VerifyOption].
//
// # Deleting
//
// [Delete] deletes the table with everything in it, and waits until its name is free.
//
// # Sending the request yourself
//
// [CreateTableInput] is the request that Create would send, for those who need a field of it that has no option here,
// or send it by other means. Everything that can be wrong with the schema is found then, and nothing is sent.
//
// # Requests and permissions
//
// Each function says which requests it sends; there are no others. The IAM actions bear the requests' names: Verify
// needs dynamodb:DescribeTable and dynamodb:DescribeTimeToLive; Create these and dynamodb:CreateTable, with a TTL
// attribute dynamodb:UpdateTimeToLive, with PointInTimeRecovery dynamodb:UpdateContinuousBackups, with Tags
// dynamodb:TagResource; Delete dynamodb:DeleteTable and dynamodb:DescribeTable.
//
// # Errors
//
// Errors name the function and the table, "monotable: admin.Create shop: exists: ...", and wrap both monotable's
// sentinel, where one fits, and the SDK's error: errors.Is(err, monotable.ErrExists) and errors.As(err, &inUse) with a
// *types.ResourceInUseException hold for the same error.
package admin
