package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

// adminSchema has every kind of index that DynamoDB Local knows.
func adminSchema(t testing.TB) monotable.Schema {
	return monotable.Schema{
		Name: fmt.Sprintf("admin-%d-%d", time.Now().UnixNano(), tableNumber.Add(1)), Partition: monotable.S("PK"), Sort: monotable.N("SK"),
		EntityType: "type", TTL: "expires_at",
		Indexes: []monotable.Index{
			{Name: "GSI1", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK")},
			{Name: "inverted", Partition: monotable.N("SK"), Sort: monotable.S("PK"), KeysOnly: true},
			{Name: "local", Local: true, Sort: monotable.B("digest"), Include: []string{"name", "age"}},
		},
	}
}

func TestCreateVerifyDeleteTable(t *testing.T) {
	client, schema := newService(t), adminSchema(t)
	ctx := t.Context()

	require.NoError(t, monotable.CreateTable(ctx, client, schema, time.Minute, monotable.Provisioned(5, 6),
		monotable.ProvisionedIndex("GSI1", 7, 8), monotable.Stream(types.StreamViewTypeNewImage)))
	require.NoError(t, monotable.VerifyTable(ctx, client, schema))
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &schema.Name})
	require.NoError(t, err)
	assert.Equal(t, int64(5), *out.Table.ProvisionedThroughput.ReadCapacityUnits)
	assert.Equal(t, int64(6), *out.Table.ProvisionedThroughput.WriteCapacityUnits)
	for _, index := range out.Table.GlobalSecondaryIndexes {
		want := map[string]int64{"GSI1": 8, "inverted": 6}[*index.IndexName]
		assert.Equal(t, want, *index.ProvisionedThroughput.WriteCapacityUnits, *index.IndexName)
	}
	require.NotNil(t, out.Table.StreamSpecification)
	assert.Equal(t, types.StreamViewTypeNewImage, out.Table.StreamSpecification.StreamViewType)

	err = monotable.CreateTable(ctx, client, schema, time.Minute)
	require.ErrorIs(t, err, monotable.ErrExists)
	var inUse *types.ResourceInUseException
	require.ErrorAs(t, err, &inUse)
	assert.Contains(t, err.Error(), "monotable: CreateTable "+schema.Name+": exists: ")
	require.NoError(t, monotable.CreateTable(ctx, client, schema, time.Minute, monotable.AllowExisting()))

	require.NoError(t, monotable.DeleteTable(ctx, client, schema, time.Minute))
	err = monotable.VerifyTable(ctx, client, schema)
	require.ErrorIs(t, err, monotable.ErrNotFound)
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	assert.EqualError(t, err, "monotable: table "+schema.Name+" is not as its schema says: table: want ACTIVE, have none")
	err = monotable.DeleteTable(ctx, client, schema, time.Minute)
	require.ErrorIs(t, err, monotable.ErrNotFound)
	require.ErrorAs(t, err, &missing)
}

func TestVerifyTableListsEveryDifference(t *testing.T) {
	client, schema := newService(t), adminSchema(t)
	require.NoError(t, monotable.CreateTable(t.Context(), client, schema, time.Minute))
	t.Cleanup(func() { assert.NoError(t, monotable.DeleteTable(context.Background(), client, schema, time.Minute)) })

	other := monotable.Schema{
		Name: schema.Name, Partition: monotable.N("PK"), Sort: monotable.S("sort"), TTL: "ttl",
		Indexes: []monotable.Index{
			{Name: "local", Partition: monotable.S("digest")},
			{Name: "GSI1", Partition: monotable.S("GSI1PK"), Include: []string{"b", "a"}},
			{Name: "by-name", Partition: monotable.S("name")},
		},
	}
	err := monotable.VerifyTable(t.Context(), client, other)
	var mismatch *monotable.MismatchError
	require.ErrorAs(t, err, &mismatch)
	require.NotErrorIs(t, err, monotable.ErrNotFound)
	want := []monotable.Difference{
		{"partition key", "PK (N)", "PK (S)"},
		{"sort key", "sort (S)", "SK (N)"},
		{"TTL attribute", "ttl", "expires_at"},
		{"index local", "a global index", "a local index"},
		{"index local partition key", "digest (S)", "PK (S)"},
		{"index local sort key", "none", "digest (B)"},
		{"index local projection", "ALL", "INCLUDE age, name"},
		{"index GSI1 sort key", "none", "GSI1SK (S)"},
		{"index GSI1 projection", "INCLUDE a, b", "ALL"},
		{"index by-name", "a global index", "none"},
		{"index inverted", "none", "a global index"},
	}
	assert.Equal(t, want, mismatch.Differences)
	assert.Equal(t, schema.Name, mismatch.Table)
	for _, d := range want {
		assert.Contains(t, err.Error(), d.String())
	}

	err = monotable.CreateTable(t.Context(), client, other, time.Minute, monotable.AllowExisting())
	require.ErrorIs(t, err, monotable.ErrExists)
	require.ErrorAs(t, err, &mismatch)
	assert.Equal(t, want, mismatch.Differences, "another TTL attribute is a difference too")
	require.NoError(t, monotable.VerifyTable(t.Context(), client, schema), "and nothing has changed")

	schema.Indexes[2].Include = []string{"age", "name"}
	require.NoError(t, monotable.VerifyTable(t.Context(), client, schema), "the order of included attributes means nothing")
	schema.TTL = ""
	err = monotable.VerifyTable(t.Context(), client, schema)
	require.ErrorAs(t, err, &mismatch)
	assert.Equal(t, []monotable.Difference{{"TTL attribute", "none", "expires_at"}}, mismatch.Differences)
}

func TestCreateTableInput(t *testing.T) {
	schema := monotable.Schema{
		Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), TTL: "expires_at",
		Indexes: []monotable.Index{
			{Name: "by-region", Partition: monotable.S("region", "status"), Sort: monotable.N("total").S("id")},
			{Name: "inverted", Partition: monotable.S("SK"), Sort: monotable.S("PK"), KeysOnly: true},
			{Name: "local", Local: true, Partition: monotable.S("PK"), Sort: monotable.N("total"), Include: []string{"name"}},
		},
	}
	in, err := schema.CreateTableInput(monotable.Provisioned(5, 6), monotable.ProvisionedIndex("inverted", 7, 8), monotable.KMS("alias/shop"),
		monotable.Tags(map[string]string{"team": "pets"}), monotable.Tags(map[string]string{"app": "shop"}), monotable.DeletionProtection(),
		monotable.InfrequentAccess(), monotable.Stream(types.StreamViewTypeKeysOnly))
	require.NoError(t, err)
	name := aws.String
	attribute := func(n string, s types.ScalarAttributeType) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &n, AttributeType: s}
	}
	hash := func(n string) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: &n, KeyType: types.KeyTypeHash}
	}
	sort := func(n string) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: &n, KeyType: types.KeyTypeRange}
	}
	units := func(read, write int64) *types.ProvisionedThroughput {
		return &types.ProvisionedThroughput{ReadCapacityUnits: &read, WriteCapacityUnits: &write}
	}
	assert.Equal(t, &dynamodb.CreateTableInput{
		TableName: name("shop"),
		AttributeDefinitions: []types.AttributeDefinition{
			attribute("PK", "S"), attribute("SK", "S"), attribute("id", "S"), attribute("region", "S"), attribute("status", "S"), attribute("total", "N"),
		},
		KeySchema:             []types.KeySchemaElement{hash("PK"), sort("SK")},
		BillingMode:           types.BillingModeProvisioned,
		ProvisionedThroughput: units(5, 6),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: name("by-region"), KeySchema: []types.KeySchemaElement{hash("region"), hash("status"), sort("total"), sort("id")},
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}, ProvisionedThroughput: units(5, 6)},
			{IndexName: name("inverted"), KeySchema: []types.KeySchemaElement{hash("SK"), sort("PK")},
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}, ProvisionedThroughput: units(7, 8)},
		},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{IndexName: name("local"), KeySchema: []types.KeySchemaElement{hash("PK"), sort("total")},
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"name"}}},
		},
		SSESpecification:          &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: name("alias/shop")},
		Tags:                      []types.Tag{{Key: name("app"), Value: name("shop")}, {Key: name("team"), Value: name("pets")}},
		DeletionProtectionEnabled: aws.Bool(true),
		TableClass:                types.TableClassStandardInfrequentAccess,
		StreamSpecification:       &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly},
	}, in)

	*in.KeySchema[0].AttributeName = "changed"
	in.LocalSecondaryIndexes[0].Projection.NonKeyAttributes[0] = "changed"
	assert.Equal(t, "PK", *schema.Partition[0].AttributeName, "the request shares nothing with the schema")
	assert.Equal(t, "name", schema.Indexes[2].Include[0])

	in, err = monotable.Schema{Name: "pets", Partition: monotable.N("id")}.CreateTableInput(monotable.KMS(""), monotable.TableOption{})
	require.NoError(t, err)
	assert.Equal(t, types.BillingModePayPerRequest, in.BillingMode)
	assert.Nil(t, in.SSESpecification.KMSMasterKeyId)
	assert.Nil(t, in.ProvisionedThroughput)
	assert.Nil(t, in.DeletionProtectionEnabled)
}

func TestTableOptionsRefused(t *testing.T) {
	schema := adminSchema(t)
	for _, c := range []struct {
		options []monotable.TableOption
		reasons []string
	}{
		{[]monotable.TableOption{monotable.Provisioned(0, 1)}, []string{"at least 1 read and 1 write"}},
		{[]monotable.TableOption{monotable.ProvisionedIndex("GSI1", 1, 1)}, []string{"GSI1 has units of its own only when the table is Provisioned"}},
		{[]monotable.TableOption{monotable.Provisioned(1, 1), monotable.ProvisionedIndex("GSI1", 1, 0)}, []string{"GSI1: at least 1"}},
		{[]monotable.TableOption{monotable.Provisioned(1, 1), monotable.ProvisionedIndex("gone", 1, 1), monotable.ProvisionedIndex("local", 1, 1),
			monotable.Stream("EVERYTHING")}, []string{`no index "gone"`, "local is a local index", `no view type "EVERYTHING"`}},
	} {
		_, err := schema.CreateTableInput(c.options...)
		for _, reason := range c.reasons {
			assert.ErrorContains(t, err, reason)
		}
	}
	client := &slowAdmin{}
	bad := monotable.Schema{Name: "x"}
	for _, err := range []error{
		monotable.CreateTable(t.Context(), client, schema, 0, monotable.Provisioned(-1, 1)),
		monotable.CreateTable(t.Context(), client, bad, 0),
		monotable.VerifyTable(t.Context(), client, bad),
	} {
		assert.Error(t, err)
	}
	assert.Empty(t, client.requests, "nothing was sent")
}

// slowAdmin is a table whose changes take time, in a clock that tests advance.
type slowAdmin struct {
	requests  []string
	creating  time.Duration         // until the table is ACTIVE
	indexing  time.Duration         // and its indexes
	hidden    time.Duration         // until DescribeTable finds it
	deleting  time.Duration         // until it is gone
	backups   time.Duration         // until backups can be enabled
	status    types.TableStatus     // instead of the status by time
	fail      map[string]error      // by operation
	reborn    bool                  // another table of the name, once it is gone
	mutate    func(context.Context) // on every DescribeTable
	created   time.Time
	deleted   time.Time
	input     *dynamodb.CreateTableInput
	ttl       string
	recovered bool
}

func (a *slowAdmin) request(op string) error {
	a.requests = append(a.requests, op)
	return a.fail[op]
}

func (a *slowAdmin) CreateTable(_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	if err := a.request("CreateTable"); err != nil {
		return nil, err
	}
	if a.input != nil {
		return nil, &types.ResourceInUseException{Message: aws.String("Table already exists")}
	}
	a.input, a.created = in, time.Now()
	return &dynamodb.CreateTableOutput{TableDescription: a.description("1")}, nil
}

func (a *slowAdmin) description(id string) *types.TableDescription {
	d := &types.TableDescription{TableName: a.input.TableName, TableId: &id, TableStatus: types.TableStatusActive,
		AttributeDefinitions: a.input.AttributeDefinitions, KeySchema: a.input.KeySchema}
	age := time.Since(a.created)
	for _, x := range a.input.GlobalSecondaryIndexes {
		status := types.IndexStatusActive
		if age < a.indexing {
			status = types.IndexStatusCreating
		}
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes,
			types.GlobalSecondaryIndexDescription{IndexName: x.IndexName, IndexStatus: status, KeySchema: x.KeySchema, Projection: x.Projection})
	}
	switch {
	case a.status != "":
		d.TableStatus = a.status
	case !a.deleted.IsZero():
		d.TableStatus = types.TableStatusDeleting
	case age < a.creating:
		d.TableStatus = types.TableStatusCreating
	}
	return d
}

func (a *slowAdmin) DescribeTable(ctx context.Context, _ *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	if a.mutate != nil {
		a.mutate(ctx)
	}
	if err := errors.Join(a.request("DescribeTable"), ctx.Err()); err != nil {
		return nil, err
	}
	gone := a.input == nil || time.Since(a.created) < a.hidden || !a.deleted.IsZero() && time.Since(a.deleted) >= a.deleting
	switch {
	case gone && a.reborn:
		return &dynamodb.DescribeTableOutput{Table: a.description("2")}, nil
	case gone:
		return nil, &types.ResourceNotFoundException{Message: aws.String("Requested resource not found")}
	}
	return &dynamodb.DescribeTableOutput{Table: a.description("1")}, nil
}

func (a *slowAdmin) DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error) {
	if err := a.request("DeleteTable"); err != nil {
		return nil, err
	}
	a.deleted = time.Now()
	return &dynamodb.DeleteTableOutput{TableDescription: a.description("1")}, nil
}

func (a *slowAdmin) DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	d := &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}
	if a.ttl != "" {
		d.AttributeName, d.TimeToLiveStatus = &a.ttl, types.TimeToLiveStatusEnabling
	}
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: d}, a.request("DescribeTimeToLive")
}

func (a *slowAdmin) UpdateTimeToLive(_ context.Context, in *dynamodb.UpdateTimeToLiveInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error) {
	if err := a.request("UpdateTimeToLive"); err != nil {
		return nil, err
	}
	if a.ttl != "" {
		return nil, &smithy.GenericAPIError{Code: "ValidationException", Message: "TimeToLive is already enabled"}
	}
	a.ttl = *in.TimeToLiveSpecification.AttributeName
	return &dynamodb.UpdateTimeToLiveOutput{}, nil
}

func (a *slowAdmin) UpdateContinuousBackups(_ context.Context, in *dynamodb.UpdateContinuousBackupsInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	if err := a.request("UpdateContinuousBackups"); err != nil {
		return nil, err
	}
	if time.Since(a.created) < a.backups {
		return nil, &types.ContinuousBackupsUnavailableException{Message: aws.String("Backups are being enabled for the table")}
	}
	a.recovered = *in.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled
	return &dynamodb.UpdateContinuousBackupsOutput{}, nil
}

// counts are the requests in order, repetitions as a number.
func (a *slowAdmin) counts() string {
	var all []string
	for i := 0; i < len(a.requests); {
		n := i
		for n < len(a.requests) && a.requests[n] == a.requests[i] {
			n++
		}
		all = append(all, fmt.Sprintf("%d %s", n-i, a.requests[i]))
		i = n
	}
	return strings.Join(all, ", ")
}

func TestCreateTableWaits(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl",
		Indexes: []monotable.Index{{Name: "by-name", Partition: monotable.S("name")}}}
	for name, c := range map[string]struct {
		admin    slowAdmin
		options  []monotable.CreateOption
		requests string
		took     time.Duration
	}{
		"ready at once": {slowAdmin{}, nil, "1 CreateTable, 1 UpdateTimeToLive", 0},
		"ready at the first look": {slowAdmin{creating: 1}, nil,
			"1 CreateTable, 2 DescribeTable, 1 UpdateTimeToLive", 50 * time.Millisecond},
		"hidden, then the table, then the index": {slowAdmin{hidden: 100 * time.Millisecond, creating: 10 * time.Second, indexing: 20 * time.Second}, nil,
			"1 CreateTable, 11 DescribeTable, 1 UpdateTimeToLive", 21350 * time.Millisecond},
		"backups": {slowAdmin{backups: 8 * time.Second}, []monotable.CreateOption{monotable.PointInTimeRecovery()},
			"1 CreateTable, 1 UpdateTimeToLive, 9 UpdateContinuousBackups", 11350 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				require.NoError(t, monotable.CreateTable(t.Context(), &c.admin, schema, time.Hour, c.options...))
				assert.Equal(t, c.requests, c.admin.counts())
				assert.Equal(t, c.took, time.Since(start))
				assert.Equal(t, "ttl", c.admin.ttl)
				assert.Equal(t, len(c.options) > 0, c.admin.recovered)
			})
		})
	}
}

func TestCreateTableGivesUpWaiting(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl",
		Indexes: []monotable.Index{{Name: "by-name", Partition: monotable.S("name")}}}
	synctest.Test(t, func(t *testing.T) {
		admin := &slowAdmin{creating: time.Minute}
		start := time.Now()
		err := monotable.CreateTable(t.Context(), admin, schema, 10*time.Second)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.EqualError(t, err, "monotable: CreateTable pets: waited, and the table is CREATING: context deadline exceeded")
		assert.Equal(t, 10*time.Second, time.Since(start))
		assert.Empty(t, admin.ttl)

		require.NoError(t, monotable.CreateTable(t.Context(), admin, schema, 2*time.Minute, monotable.AllowExisting(), monotable.PointInTimeRecovery()))
		assert.Equal(t, "ttl", admin.ttl, "the second call resumes")
		assert.True(t, admin.recovered)
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		err := monotable.CreateTable(ctx, &slowAdmin{indexing: time.Minute}, schema, 0)
		require.ErrorIs(t, err, context.Canceled)
		assert.ErrorContains(t, err, "the table is ACTIVE with index by-name CREATING")
		assert.Equal(t, time.Second, time.Since(start))
	})
	synctest.Test(t, func(t *testing.T) { // the context ends while a request is on its way
		ctx, cancel := context.WithCancel(t.Context())
		err := monotable.CreateTable(ctx, &slowAdmin{creating: 1, mutate: func(context.Context) { cancel() }}, schema, 0)
		require.ErrorIs(t, err, context.Canceled)
		assert.EqualError(t, err, "monotable: CreateTable pets: waited, and the table is not described yet: context canceled")
	})
	synctest.Test(t, func(t *testing.T) {
		err := monotable.CreateTable(t.Context(), &slowAdmin{backups: time.Hour}, schema, time.Minute, monotable.PointInTimeRecovery())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "the table is ready, and its backups are not")
	})
	err := monotable.CreateTable(t.Context(), &slowAdmin{status: types.TableStatusInaccessibleEncryptionCredentials}, schema, time.Minute)
	assert.EqualError(t, err, "monotable: CreateTable pets: the table is INACCESSIBLE_ENCRYPTION_CREDENTIALS")
}

func TestCreateTableFailures(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl"}
	cause := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	for op, text := range map[string]string{
		"CreateTable":             "CreateTable pets: api error AccessDeniedException: no",
		"DescribeTable":           "CreateTable pets: api error AccessDeniedException: no",
		"UpdateTimeToLive":        "the table is there, and TTL is not enabled: api error",
		"UpdateContinuousBackups": "the table is there, and point-in-time recovery is not enabled: api error",
	} {
		admin := &slowAdmin{fail: map[string]error{op: cause}}
		if op == "DescribeTable" {
			admin.creating = time.Hour
		}
		err := monotable.CreateTable(t.Context(), admin, schema, 0, monotable.PointInTimeRecovery())
		require.ErrorIs(t, err, cause, op)
		assert.ErrorContains(t, err, text)
		assert.NotErrorIs(t, err, monotable.ErrExists)
	}
	for _, op := range []string{"DescribeTable", "DescribeTimeToLive"} {
		admin := &slowAdmin{fail: map[string]error{op: cause}}
		_ = monotable.CreateTable(t.Context(), admin, schema, 0)
		require.ErrorIs(t, monotable.VerifyTable(t.Context(), admin, schema), cause)
		require.ErrorIs(t, monotable.CreateTable(t.Context(), admin, schema, 0, monotable.AllowExisting()), cause)
	}
}

func TestCreateTableAllowExisting(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl"}
	exists := func() *slowAdmin {
		admin := &slowAdmin{}
		require.NoError(t, monotable.CreateTable(t.Context(), admin, monotable.Schema{Name: "pets", Partition: monotable.N("id")}, 0))
		admin.requests = nil
		return admin
	}
	admin := exists()
	require.NoError(t, monotable.CreateTable(t.Context(), admin, schema, 0, monotable.AllowExisting()))
	assert.Equal(t, "1 CreateTable, 1 DescribeTable, 1 DescribeTimeToLive, 1 UpdateTimeToLive", admin.counts())
	assert.Equal(t, "ttl", admin.ttl)

	admin.requests = nil
	require.NoError(t, monotable.CreateTable(t.Context(), admin, schema, 0, monotable.AllowExisting()))
	assert.Equal(t, "1 CreateTable, 1 DescribeTable, 1 DescribeTimeToLive", admin.counts(), "TTL is as wanted")

	schema.TTL = "other"
	err := monotable.CreateTable(t.Context(), admin, schema, 0, monotable.AllowExisting())
	require.ErrorIs(t, err, monotable.ErrExists)
	assert.EqualError(t, err, "monotable: CreateTable pets: exists: table pets is not as its schema says: TTL attribute: want other, have ttl")

	admin = exists()
	admin.status = types.TableStatusDeleting
	err = monotable.CreateTable(t.Context(), admin, schema, 0, monotable.AllowExisting())
	assert.EqualError(t, err, "monotable: CreateTable pets: the table is DELETING")

	admin = exists()
	admin.status = types.TableStatusUpdating
	require.NoError(t, monotable.CreateTable(t.Context(), admin, schema, 0, monotable.AllowExisting()), "an updating table can be used")
	admin.status = types.TableStatusArchived
	err = monotable.VerifyTable(t.Context(), admin, schema)
	assert.ErrorContains(t, err, "table: want ACTIVE, have ARCHIVED")
}

// TestEnableTTLTwice: UpdateTimeToLive is refused where it took effect and its answer was lost.
func TestEnableTTLTwice(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl"}
	admin := &slowAdmin{ttl: "ttl"}
	require.NoError(t, monotable.CreateTable(t.Context(), admin, schema, 0))
	assert.Equal(t, "1 CreateTable, 1 UpdateTimeToLive, 1 DescribeTimeToLive", admin.counts())

	err := monotable.CreateTable(t.Context(), &slowAdmin{ttl: "other"}, schema, 0)
	assert.ErrorContains(t, err, "TTL is not enabled")
	assert.ErrorContains(t, err, "TimeToLive is already enabled")
}

func TestDeleteTableWaits(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	run := func(name string, admin *slowAdmin, check func(t *testing.T)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				require.NoError(t, monotable.CreateTable(t.Context(), admin, schema, 0))
				admin.requests = nil
				check(t)
			})
		})
	}
	admin := &slowAdmin{deleting: 3 * time.Second}
	run("until it is gone", admin, func(t *testing.T) {
		require.NoError(t, monotable.DeleteTable(t.Context(), admin, schema, time.Minute))
		assert.Equal(t, "1 DeleteTable, 7 DescribeTable", admin.counts())
	})
	admin = &slowAdmin{deleting: 3 * time.Second, reborn: true}
	run("until it is another", admin, func(t *testing.T) {
		require.NoError(t, monotable.DeleteTable(t.Context(), admin, schema, time.Minute))
	})
	admin = &slowAdmin{deleting: time.Hour}
	run("too long", admin, func(t *testing.T) {
		err := monotable.DeleteTable(t.Context(), admin, schema, time.Minute)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "DeleteTable pets: waited, and the table is DELETING")
	})
	admin = &slowAdmin{fail: map[string]error{"DeleteTable": &smithy.GenericAPIError{Code: "ValidationException", Message: "protected"}}}
	run("protected", admin, func(t *testing.T) {
		err := monotable.DeleteTable(t.Context(), admin, schema, time.Minute)
		assert.EqualError(t, err, "monotable: DeleteTable pets: api error ValidationException: protected")
		assert.Equal(t, "1 DeleteTable", admin.counts())
	})
}

// losingTransport loses the answers to the first request of some operations, after the server has done them.
type losingTransport struct {
	lose []string
	lost int
}

func (l *losingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	answer, err := http.DefaultTransport.RoundTrip(r)
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if i := slices.Index(l.lose, op); err == nil && i >= 0 {
		l.lose = slices.Delete(l.lose, i, i+1)
		l.lost++
		answer.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return answer, err
}

// TestLostAnswers: what the SDK sends again, because the answer was lost, is not a false ErrExists or ErrNotFound.
func TestLostAnswers(t *testing.T) {
	server, err := dynamotest.NewServer(dynamotest.NewClient())
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	transport := &losingTransport{lose: []string{"CreateTable", "UpdateTimeToLive", "DeleteTable"}}
	client := dynamodb.NewFromConfig(server.Config(), func(o *dynamodb.Options) {
		o.HTTPClient = &http.Client{Transport: transport}
		o.Retryer = retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond)
	})
	schema := adminSchema(t)
	require.NoError(t, monotable.CreateTable(t.Context(), client, schema, time.Minute))
	require.NoError(t, monotable.VerifyTable(t.Context(), client, schema))
	require.NoError(t, monotable.DeleteTable(t.Context(), client, schema, time.Minute))
	require.ErrorIs(t, monotable.VerifyTable(t.Context(), client, schema), monotable.ErrNotFound)
	require.Equal(t, 3, transport.lost)
}

// TestCreateTableWithEveryOption runs on the fake alone: DynamoDB Local has neither multi-attribute keys nor point-in-time recovery, and
// keeps no tags.
func TestCreateTableWithEveryOption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		client := dynamotest.NewClient(dynamotest.WithClock(time.Now), dynamotest.WithTransition(7*time.Second))
		schema := monotable.Schema{
			Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), TTL: "expires_at",
			Indexes: []monotable.Index{
				{Name: "by-region", Partition: monotable.S("region", "status"), Sort: monotable.N("total").S("id")},
				{Name: "local", Local: true, Sort: monotable.N("total"), Include: []string{"name"}},
			},
		}
		start := time.Now()
		require.NoError(t, monotable.CreateTable(ctx, client, schema, time.Minute, monotable.Provisioned(5, 6),
			monotable.ProvisionedIndex("by-region", 7, 8), monotable.KMS(""), monotable.Tags(map[string]string{"team": "pets"}),
			monotable.DeletionProtection(), monotable.InfrequentAccess(), monotable.Stream(types.StreamViewTypeKeysOnly),
			monotable.PointInTimeRecovery()))
		assert.GreaterOrEqual(t, time.Since(start), 7*time.Second)
		require.NoError(t, monotable.VerifyTable(ctx, client, schema))

		out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &schema.Name})
		require.NoError(t, err)
		table := out.Table
		assert.True(t, *table.DeletionProtectionEnabled)
		assert.Equal(t, types.SSETypeKms, table.SSEDescription.SSEType)
		assert.Equal(t, types.TableClassStandardInfrequentAccess, table.TableClassSummary.TableClass)
		assert.Equal(t, int64(8), *table.GlobalSecondaryIndexes[0].ProvisionedThroughput.WriteCapacityUnits)
		tags, err := client.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: table.TableArn})
		require.NoError(t, err)
		require.Len(t, tags.Tags, 1)
		assert.Equal(t, "pets", *tags.Tags[0].Value)
		backups, err := client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &schema.Name})
		require.NoError(t, err)
		assert.Equal(t, types.PointInTimeRecoveryStatusEnabled,
			backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus)

		require.ErrorContains(t, monotable.DeleteTable(ctx, client, schema, time.Minute), "protected")
		_, err = client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &schema.Name, DeletionProtectionEnabled: aws.Bool(false)})
		require.NoError(t, err)
		time.Sleep(10 * time.Second)
		start = time.Now()
		require.NoError(t, monotable.DeleteTable(ctx, client, schema, time.Minute))
		assert.GreaterOrEqual(t, time.Since(start), 7*time.Second)
	})
}
