package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const simpleTable = `{"TableName":"simple","BillingMode":"PAY_PER_REQUEST",
	"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
	"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}`

func statusOf(t *testing.T, e *Engine, name string) types.TableStatus {
	t.Helper()
	out, err := e.DescribeTable(background, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		asError[*types.ResourceNotFoundException](t, err)
		return "gone"
	}
	return out.Table.TableStatus
}

// TestTableLife follows a table through its statuses, with transitions that take a minute.
func TestTableLife(t *testing.T) {
	c := newClock()
	e := New(Options{Clock: c.read, Transition: time.Minute})
	put := `{"TableName":"simple","Item":{"p":{"S":"a"}}}`
	assert.Contains(t, send(t, e, "CreateTable", simpleTable), `"TableStatus":"CREATING"`)
	assert.Equal(t, types.TableStatusCreating, statusOf(t, e, "simple"))
	assert.Equal(t, "ResourceInUseException: Table already exists: simple", refused(t, e, "CreateTable", simpleTable))
	assert.Equal(t, "ResourceNotFoundException: Requested resource not found", refused(t, e, "PutItem", put))
	assert.Contains(t, refused(t, e, "DeleteTable", `{"TableName":"simple"}`), "ResourceInUseException")
	c.add(time.Minute)
	assert.Equal(t, types.TableStatusActive, statusOf(t, e, "simple"))
	send(t, e, "PutItem", put)
	assert.Contains(t, send(t, e, "UpdateTable", `{"TableName":"simple","DeletionProtectionEnabled":true}`),
		`"TableStatus":"UPDATING"`)
	send(t, e, "PutItem", put)
	assert.Contains(t, refused(t, e, "UpdateTable", `{"TableName":"simple","DeletionProtectionEnabled":false}`),
		"ResourceInUseException")
	c.add(time.Minute)
	assert.Equal(t,
		"ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable "+
			"deletion protection first.",
		refused(t, e, "DeleteTable", `{"TableName":"simple"}`))
	send(t, e, "UpdateTable", `{"TableName":"simple","DeletionProtectionEnabled":false}`)
	c.add(time.Minute)
	assert.Contains(t, send(t, e, "DeleteTable", `{"TableName":"simple"}`), `"TableStatus":"DELETING"`)
	assert.Equal(t, types.TableStatusDeleting, statusOf(t, e, "simple"))
	assert.Equal(t, "ResourceNotFoundException: Requested resource not found", refused(t, e, "PutItem", put))
	c.add(time.Minute)
	assert.EqualValues(t, "gone", statusOf(t, e, "simple"))
	assert.Equal(t, "ResourceNotFoundException: Requested resource not found: Table: simple not found",
		refused(t, e, "DeleteTable", `{"TableName":"simple"}`))
	send(t, e, "CreateTable", simpleTable)
}

// TestTablesAreThereAtOnce makes and deletes a table without transitions.
func TestTablesAreThereAtOnce(t *testing.T) {
	e := New(Options{})
	for range 3 {
		send(t, e, "CreateTable", simpleTable)
		send(t, e, "PutItem", `{"TableName":"simple","Item":{"p":{"S":"a"}}}`)
		send(t, e, "DeleteTable", `{"TableName":"simple"}`)
	}
	send(t, e, "CreateTable", simpleTable)
	assert.Equal(t, "", itemOf(t, e, "simple", `{"p":{"S":"a"}}`))
}

func TestIndexIsFilledAndRemoved(t *testing.T) {
	c := newClock()
	e := New(Options{Clock: c.read})
	send(t, e, "CreateTable", simpleTable)
	for i := range 20 {
		g := `"g":{"S":"x"},`
		if i%2 == 1 {
			g = `"g":{"N":"1"},` // no fit key, and no index to mind it yet
		}
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"simple","Item":{%s"p":{"S":"%02d"}}}`, g, i))
	}
	e.options.Transition = time.Minute
	create := `{"TableName":"simple","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"}],
	  "GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"byG",
	  "KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`
	answer := send(t, e, "UpdateTable", create)
	assert.Contains(t, answer, `"IndexStatus":"CREATING"`)
	assert.Contains(t, answer, `"Backfilling":true`)
	query := `{"TableName":"simple","IndexName":"byG","KeyConditionExpression":"g = :g",
		"ExpressionAttributeValues":{":g":{"S":"x"}},"Select":"COUNT"}`
	assert.Equal(t, "ValidationException: Cannot read from backfilling global secondary index: byG",
		refused(t, e, "Query", query))
	send(t, e, "PutItem", `{"TableName":"simple","Item":{"g":{"S":"x"},"p":{"S":"new"}}}`)
	c.add(time.Minute)
	assert.Contains(t, send(t, e, "Query", query), `"Count":11`)
	assert.Contains(t, refused(t, e, "PutItem", `{"TableName":"simple","Item":{"g":{"N":"1"},"p":{"S":"a"}}}`),
		"Type mismatch for Index Key g")
	send(t, e, "DeleteItem", `{"TableName":"simple","Key":{"p":{"S":"01"}}}`)

	send(t, e, "UpdateTable", `{"TableName":"simple","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"byG"}}]}`)
	assert.Contains(t, refused(t, e, "Query", query), "does not have the specified index: byG")
	c.add(time.Minute)
	out, err := e.DescribeTable(background, &dynamodb.DescribeTableInput{TableName: aws.String("simple")})
	require.NoError(t, err)
	assert.Empty(t, out.Table.GlobalSecondaryIndexes)
	assert.Len(t, out.Table.AttributeDefinitions, 1)
	send(t, e, "PutItem", `{"TableName":"simple","Item":{"g":{"N":"1"},"p":{"S":"a"}}}`)
}

func TestOneIndexAtATime(t *testing.T) {
	e := New(Options{})
	send(t, e, "CreateTable", simpleTable)
	create := func(name string) string {
		return `{"Create":{"IndexName":"` + name +
			`","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}`
	}
	request := `{"TableName":"simple","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"}],
		"GlobalSecondaryIndexUpdates":[%s]}`
	assert.Equal(t,
		"LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted "+
			"simultaneously per table",
		refused(t, e, "UpdateTable", fmt.Sprintf(request, create("one")+","+create("two"))))
	out, err := e.DescribeTable(background, &dynamodb.DescribeTableInput{TableName: aws.String("simple")})
	require.NoError(t, err)
	assert.Empty(t, out.Table.GlobalSecondaryIndexes, "a refused update does nothing")
	send(t, e, "UpdateTable", fmt.Sprintf(request, create("one")))
	assert.Equal(t, "ValidationException: Attempting to create an index which already exists",
		refused(t, e, "UpdateTable", fmt.Sprintf(request, create("one"))))
}

// TestKeysAreRedeclaredInVain adds an index with a definition of the table's key that is another; an index's key is not
// redeclared.
func TestKeysAreRedeclaredInVain(t *testing.T) {
	e := New(Options{})
	send(t, e, "CreateTable", simpleTable)
	const request = `{"TableName":"simple",
		"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"N"},{"AttributeName":"g","AttributeType":"%s"}],
		"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"%s",
		"KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"p","KeyType":"RANGE"}],
		"Projection":{"ProjectionType":"ALL"}}}]}`
	send(t, e, "UpdateTable", fmt.Sprintf(request, "S", "one"))
	out, err := e.DescribeTable(background, &dynamodb.DescribeTableInput{TableName: aws.String("simple")})
	require.NoError(t, err)
	assert.ElementsMatch(t, []types.AttributeDefinition{{AttributeName: aws.String("p"), AttributeType: "S"},
		{AttributeName: aws.String("g"), AttributeType: "S"}},
		out.Table.AttributeDefinitions)
	send(t, e, "PutItem", `{"TableName":"simple","Item":{"p":{"S":"a"},"g":{"S":"g"}}}`)
	assert.Contains(t, refused(t, e, "UpdateTable", fmt.Sprintf(request, "N", "two")),
		"redefine the type of attribute: g")
}

func TestThroughputAndBilling(t *testing.T) {
	c := newClock()
	e := New(Options{Clock: c.read})
	send(t, e, "CreateTable",
		`{"TableName":"paid","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6},
			"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
			"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}`)
	assert.Contains(t, refused(t, e, "UpdateTable",
		`{"TableName":"paid","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6}}`),
		"The requested value equals the current value")
	send(t, e, "UpdateTable",
		`{"TableName":"paid","ProvisionedThroughput":{"ReadCapacityUnits":4,"WriteCapacityUnits":7}}`)
	out, err := e.DescribeTable(background, &dynamodb.DescribeTableInput{TableName: aws.String("paid")})
	require.NoError(t, err)
	p := out.Table.ProvisionedThroughput
	assert.EqualValues(t, 4, *p.ReadCapacityUnits)
	assert.EqualValues(t, 1, *p.NumberOfDecreasesToday)
	assert.Equal(t, c.read(), *p.LastIncreaseDateTime)
	assert.Equal(t, c.read(), *p.LastDecreaseDateTime)
	assert.Nil(t, out.Table.BillingModeSummary)
	send(t, e, "UpdateTable", `{"TableName":"paid","BillingMode":"PAY_PER_REQUEST"}`)
	assert.Contains(t, refused(t, e, "UpdateTable", `{"TableName":"paid","BillingMode":"PROVISIONED"}`),
		"ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	send(t, e, "UpdateTable",
		`{"TableName":"paid","BillingMode":"PROVISIONED",
			"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}`)
}

func TestTablesThatCannotBe(t *testing.T) {
	e := New(Options{})
	const invalid = "One or more parameter values were invalid: "
	base := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(simpleTable), &base))
	for change, message := range map[string]string{
		`{"TableName":"ab"}`: "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: " +
			"Member must have length greater than or equal to 3",
		`{"TableName":"a b c"}`: "1 validation error detected: Value 'a b c' at 'tableName' failed to " +
			"satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
		`{"BillingMode":"X"}`: "1 validation error detected: Value 'X' at 'billingMode' failed to satisfy " +
			"constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]",
		`{"BillingMode":"PROVISIONED"}`: invalid +
			"ReadCapacityUnits and WriteCapacityUnits must both be specified " +
			"when BillingMode is PROVISIONED",
		`{"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}`: invalid +
			"Neither ReadCapacityUnits nor WriteCapacityUnits can be specified " +
			"when BillingMode is PAY_PER_REQUEST",
		`{"KeySchema":[{"AttributeName":"p","KeyType":"RANGE"}]}`: "Invalid KeySchema: The first KeySchemaElement is not " +
			"a HASH key type",
		`{"KeySchema":[{"AttributeName":"q","KeyType":"HASH"}]}`: invalid +
			"Some index key attributes are not defined in AttributeDefinitions. " +
			"Keys: [q], AttributeDefinitions: [p]",
		`{"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},
			{"AttributeName":"q","AttributeType":"S"}]}`: invalid +
			"Number of attributes in KeySchema does not exactly match number of attributes defined in " +
			"AttributeDefinitions",
		`{"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"p","KeyType":"RANGE"}]}`: "Invalid " +
			"KeySchema: Some index key attribute have no definition",
		`{"GlobalSecondaryIndexes":[]}`: invalid + "List of GlobalSecondaryIndexes is empty",
		`{"LocalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
			"Projection":{"ProjectionType":"ALL"}}]}`: invalid +
			"Table KeySchema does not have a range key, which is required " +
			"when specifying a LocalSecondaryIndex",
		`{"GlobalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
			"Projection":{"ProjectionType":"INCLUDE"}}]}`: invalid +
			"ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
		`{"GlobalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
			"Projection":{}}]}`: invalid + "Unknown ProjectionType: null",
		`{"StreamSpecification":{"StreamEnabled":true}}`: invalid +
			"Table is being created with a stream enabled, UpdateViewType is required",
	} {
		request := maps.Clone(base)
		require.NoError(t, json.Unmarshal([]byte(change), &request))
		body, err := json.Marshal(request)
		require.NoError(t, err)
		assert.Equal(t, "ValidationException: "+message, refused(t, e, "CreateTable", string(body)), change)
	}
	two := `{"TableName":"tab","BillingMode":"X","KeySchema":[{"AttributeName":"p","KeyType":"Y"}],
		"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}`
	assert.Contains(t, refused(t, e, "CreateTable", two), "2 validation errors detected: Value 'X' at 'billingMode'")
}

func TestListTables(t *testing.T) {
	e := New(Options{})
	for _, name := range strs(120, "table-%03d") {
		_, err := e.CreateTable(background, &dynamodb.CreateTableInput{TableName: &name,
			BillingMode: types.BillingModePayPerRequest, KeySchema: keys("p"), AttributeDefinitions: strings_("p")})
		require.NoError(t, err)
	}
	var all []string
	in := &dynamodb.ListTablesInput{}
	for {
		out, err := e.ListTables(background, in)
		require.NoError(t, err)
		all = append(all, out.TableNames...)
		if out.LastEvaluatedTableName == nil {
			break
		}
		in.ExclusiveStartTableName = out.LastEvaluatedTableName
		in.Limit = aws.Int32(7)
	}
	assert.Equal(t, strs(120, "table-%03d"), all)
}

func TestTags(t *testing.T) {
	e := withTables(t, Options{Region: "eu-central-1", AccountID: "123456789012"})
	arn := "arn:aws:dynamodb:eu-central-1:123456789012:table/tab_h"
	_, err := e.TagResource(background, &dynamodb.TagResourceInput{ResourceArn: &arn,
		Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")},
			{Key: aws.String("a"), Value: aws.String("1")}}})
	require.NoError(t, err)
	_, err = e.UntagResource(background, &dynamodb.UntagResourceInput{ResourceArn: &arn,
		TagKeys: []string{"b", "none"}})
	require.NoError(t, err)
	out, err := e.ListTagsOfResource(background, &dynamodb.ListTagsOfResourceInput{ResourceArn: &arn})
	require.NoError(t, err)
	require.Len(t, out.Tags, 1)
	assert.Equal(t, "a", *out.Tags[0].Key)
	_, err = e.ListTagsOfResource(background, &dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(arn + "x")})
	asError[*types.ResourceNotFoundException](t, err)
}

func TestContinuousBackups(t *testing.T) {
	c := newClock()
	e := withTables(t, Options{Clock: c.read})
	in := &dynamodb.UpdateContinuousBackupsInput{TableName: aws.String("tab_h"),
		PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}}
	out, err := e.UpdateContinuousBackups(background, in)
	require.NoError(t, err)
	recovery := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	assert.Equal(t, types.PointInTimeRecoveryStatusEnabled, recovery.PointInTimeRecoveryStatus)
	assert.Equal(t, c.read(), *recovery.EarliestRestorableDateTime)
	in.TableName = aws.String("missing")
	_, err = e.UpdateContinuousBackups(background, in)
	asError[*types.TableNotFoundException](t, err)
}
