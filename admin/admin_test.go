package admin_test

import (
	"context"
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
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// testSchema has every kind of index that DynamoDB Local knows.
func testSchema(t testing.TB) monotable.Schema {
	return monotable.Schema{
		Name:      fmt.Sprintf("admin-%d-%d", time.Now().UnixNano(), tableNumber.Add(1)),
		Partition: monotable.S("PK"), Sort: monotable.N("SK"),
		EntityType: "type", TTL: "expires_at",
		Indexes: []monotable.Index{
			{Name: "GSI1", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK")},
			{Name: "inverted", Partition: monotable.N("SK"), Sort: monotable.S("PK"), KeysOnly: true},
			{Name: "local", Local: true, Sort: monotable.B("digest"), Include: []string{"name", "age"}},
		},
	}
}

func TestCreateVerifyDelete(t *testing.T) {
	client, schema := newService(t), testSchema(t)
	schema.Stream = types.StreamViewTypeNewImage
	ctx := t.Context()

	require.NoError(t, admin.Create(ctx, client, schema, time.Minute, admin.Provisioned(5, 6),
		admin.ProvisionedIndex("GSI1", 7, 8)))
	require.NoError(t, admin.Verify(ctx, client, schema))
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

	err = admin.Create(ctx, client, schema, time.Minute)
	require.ErrorIs(t, err, monotable.ErrExists)
	var inUse *types.ResourceInUseException
	require.ErrorAs(t, err, &inUse)
	assert.Contains(t, err.Error(), "monotable: admin.Create "+schema.Name+": exists: ")
	require.NoError(t, admin.Create(ctx, client, schema, time.Minute, admin.AllowExisting()))

	require.NoError(t, admin.Delete(ctx, client, schema, time.Minute))
	err = admin.Verify(ctx, client, schema)
	require.ErrorIs(t, err, monotable.ErrNotFound)
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	assert.EqualError(t, err,
		"monotable: admin.Verify "+schema.Name+": the table is not as its schema says: table: want ACTIVE, have none")
	err = admin.Delete(ctx, client, schema, time.Minute)
	require.ErrorIs(t, err, monotable.ErrNotFound)
	require.ErrorAs(t, err, &missing)
}

func TestVerifyListsEveryDifference(t *testing.T) {
	client, schema := newService(t), testSchema(t)
	require.NoError(t, admin.Create(t.Context(), client, schema, time.Minute))
	t.Cleanup(func() { assert.NoError(t, admin.Delete(context.Background(), client, schema, time.Minute)) })

	other := monotable.Schema{
		Name: schema.Name, Partition: monotable.N("PK"), Sort: monotable.S("sort"), TTL: "ttl",
		Indexes: []monotable.Index{
			{Name: "local", Partition: monotable.S("digest")},
			{Name: "GSI1", Partition: monotable.S("GSI1PK"), Include: []string{"b", "a"}},
			{Name: "by-name", Partition: monotable.S("name")},
		},
	}
	err := admin.Verify(t.Context(), client, other)
	var mismatch *admin.MismatchError
	require.ErrorAs(t, err, &mismatch)
	require.NotErrorIs(t, err, monotable.ErrNotFound)
	want := []admin.Difference{
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

	err = admin.Create(t.Context(), client, other, time.Minute, admin.AllowExisting())
	require.ErrorIs(t, err, monotable.ErrExists)
	require.ErrorAs(t, err, &mismatch)
	assert.Equal(t, want, mismatch.Differences, "another TTL attribute is a difference too")
	require.NoError(t, admin.Verify(t.Context(), client, schema), "and nothing has changed")

	schema.Indexes[2].Include = []string{"age", "name"}
	require.NoError(t, admin.Verify(t.Context(), client, schema), "the order of included attributes means nothing")
	schema.TTL = ""
	err = admin.Verify(t.Context(), client, schema)
	require.ErrorAs(t, err, &mismatch)
	assert.Equal(t, []admin.Difference{{"TTL attribute", "none", "expires_at"}}, mismatch.Differences)
}

// TestVerifyComparesWhatIsAskedFor: the stream always, what options say where they are given.
func TestVerifyComparesWhatIsAskedFor(t *testing.T) {
	client, schema := newService(t), testSchema(t)
	plain := schema
	schema.Stream = types.StreamViewTypeKeysOnly
	require.NoError(t, admin.Create(t.Context(), client, schema, time.Minute))
	t.Cleanup(func() { assert.NoError(t, admin.Delete(context.Background(), client, schema, time.Minute)) })
	other := schema
	other.Stream = types.StreamViewTypeNewImage

	provisioned := []admin.VerifyOption{admin.Provisioned(5, 5), admin.InfrequentAccess(), admin.DeletionProtection()}
	for name, c := range map[string]struct {
		schema  monotable.Schema
		options []admin.VerifyOption
		want    []admin.Difference
	}{
		"nothing asked":    {schema: schema},
		"as it is":         {schema, []admin.VerifyOption{admin.OnDemand(), admin.StandardClass(), nil}, nil},
		"the last counts":  {schema, []admin.VerifyOption{admin.Provisioned(5, 5), admin.OnDemand()}, nil},
		"no stream wanted": {schema: plain, want: []admin.Difference{{"stream", "none", "KEYS_ONLY"}}},
		"another view":     {schema: other, want: []admin.Difference{{"stream", "NEW_IMAGE", "KEYS_ONLY"}}},
		"all of it": {other, provisioned, []admin.Difference{
			{"stream", "NEW_IMAGE", "KEYS_ONLY"},
			{"billing mode", "PROVISIONED", "PAY_PER_REQUEST"},
			{"table class", "STANDARD_INFREQUENT_ACCESS", "STANDARD"},
			{"deletion protection", "enabled", "none"},
		}},
	} {
		err := admin.Verify(t.Context(), client, c.schema, c.options...)
		if c.want == nil {
			require.NoError(t, err, name)
			continue
		}
		var mismatch *admin.MismatchError
		require.ErrorAs(t, err, &mismatch, name)
		assert.Equal(t, c.want, mismatch.Differences, name)
	}
	err := admin.Verify(t.Context(), client, schema, admin.Provisioned(0, 1))
	require.ErrorContains(t, err, "admin.Verify "+schema.Name+": Provisioned: at least 1 read and 1 write capacity unit")
	err = admin.Create(t.Context(), client, other, time.Minute, admin.AllowExisting())
	require.ErrorIs(t, err, monotable.ErrExists)
	assert.ErrorContains(t, err, "stream: want NEW_IMAGE, have KEYS_ONLY")
}

func TestCreateWaits(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl",
		Indexes: []monotable.Index{{Name: "by-name", Partition: monotable.S("name")}}}
	for name, c := range map[string]struct {
		slow     slowClient
		options  []admin.CreateOption
		requests string
		took     time.Duration
	}{
		"ready at once": {slowClient{}, nil, "1 CreateTable, 1 UpdateTimeToLive", 0},
		"ready at the first look": {slowClient{creating: 1}, nil,
			"1 CreateTable, 2 DescribeTable, 1 UpdateTimeToLive", 50 * time.Millisecond},
		"hidden, then the table, then the index": {
			slowClient{hidden: 100 * time.Millisecond, creating: 10 * time.Second, indexing: 20 * time.Second}, nil,
			"1 CreateTable, 11 DescribeTable, 1 UpdateTimeToLive", 21350 * time.Millisecond},
		"backups": {slowClient{backups: 8 * time.Second}, []admin.CreateOption{admin.PointInTimeRecovery()},
			"1 CreateTable, 1 UpdateTimeToLive, 9 UpdateContinuousBackups", 11350 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				require.NoError(t, admin.Create(t.Context(), &c.slow, schema, time.Hour, c.options...))
				assert.Equal(t, c.requests, c.slow.counts())
				assert.Equal(t, c.took, time.Since(start))
				assert.Equal(t, "ttl", c.slow.ttl)
				assert.Equal(t, len(c.options) > 0, c.slow.recovered)
			})
		})
	}
}

func TestCreateGivesUpWaiting(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl",
		Indexes: []monotable.Index{{Name: "by-name", Partition: monotable.S("name")}}}
	synctest.Test(t, func(t *testing.T) {
		slow := &slowClient{creating: time.Minute}
		start := time.Now()
		err := admin.Create(t.Context(), slow, schema, 10*time.Second)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.EqualError(t, err,
			"monotable: admin.Create pets: waited, and the table is CREATING: context deadline exceeded")
		assert.Equal(t, 10*time.Second, time.Since(start))
		assert.Empty(t, slow.ttl)

		require.NoError(t, admin.Create(t.Context(), slow, schema, 2*time.Minute, admin.AllowExisting(),
			admin.PointInTimeRecovery()))
		assert.Equal(t, "ttl", slow.ttl, "the second call resumes")
		assert.True(t, slow.recovered)
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		err := admin.Create(ctx, &slowClient{indexing: time.Minute}, schema, 0)
		require.ErrorIs(t, err, context.Canceled)
		assert.ErrorContains(t, err, "the table is ACTIVE with index by-name CREATING")
		assert.Equal(t, time.Second, time.Since(start))
	})
	synctest.Test(t, func(t *testing.T) { // the context ends while a request is on its way
		ctx, cancel := context.WithCancel(t.Context())
		err := admin.Create(ctx, &slowClient{creating: 1, mutate: func(context.Context) { cancel() }}, schema, 0)
		require.ErrorIs(t, err, context.Canceled)
		assert.EqualError(t, err,
			"monotable: admin.Create pets: waited, and the table is not described yet: context canceled")
	})
	synctest.Test(t, func(t *testing.T) {
		err := admin.Create(t.Context(), &slowClient{backups: time.Hour}, schema, time.Minute,
			admin.PointInTimeRecovery())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "the table is ready, and its backups are not")
	})
	locked := &slowClient{status: types.TableStatusInaccessibleEncryptionCredentials}
	err := admin.Create(t.Context(), locked, schema, time.Minute)
	assert.EqualError(t, err, "monotable: admin.Create pets: the table is INACCESSIBLE_ENCRYPTION_CREDENTIALS")
}

func TestCreateFailures(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl"}
	cause := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	for op, text := range map[string]string{
		"CreateTable":             "admin.Create pets: api error AccessDeniedException: no",
		"DescribeTable":           "admin.Create pets: api error AccessDeniedException: no",
		"UpdateTimeToLive":        "the table is there, and TTL is not enabled: api error",
		"UpdateContinuousBackups": "the table is there, and point-in-time recovery is not enabled: api error",
	} {
		slow := &slowClient{fail: map[string]error{op: cause}}
		if op == "DescribeTable" {
			slow.creating = time.Hour
		}
		err := admin.Create(t.Context(), slow, schema, 0, admin.PointInTimeRecovery())
		require.ErrorIs(t, err, cause, op)
		assert.ErrorContains(t, err, text)
		assert.NotErrorIs(t, err, monotable.ErrExists)
	}
	for _, op := range []string{"DescribeTable", "DescribeTimeToLive"} {
		slow := &slowClient{fail: map[string]error{op: cause}}
		_ = admin.Create(t.Context(), slow, schema, 0)
		require.ErrorIs(t, admin.Verify(t.Context(), slow, schema), cause)
		require.ErrorIs(t, admin.Create(t.Context(), slow, schema, 0, admin.AllowExisting()), cause)
	}
}

func TestAllowExisting(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl"}
	exists := func() *slowClient {
		slow := &slowClient{}
		require.NoError(t, admin.Create(t.Context(), slow, monotable.Schema{Name: "pets", Partition: monotable.N("id")},
			0))
		slow.requests = nil
		return slow
	}
	slow := exists()
	require.NoError(t, admin.Create(t.Context(), slow, schema, 0, admin.AllowExisting()))
	assert.Equal(t, "1 CreateTable, 1 DescribeTable, 1 DescribeTimeToLive, 1 UpdateTimeToLive", slow.counts())
	assert.Equal(t, "ttl", slow.ttl)

	slow.requests = nil
	require.NoError(t, admin.Create(t.Context(), slow, schema, 0, admin.AllowExisting()))
	assert.Equal(t, "1 CreateTable, 1 DescribeTable, 1 DescribeTimeToLive", slow.counts(), "TTL is as wanted")

	schema.TTL = "other"
	err := admin.Create(t.Context(), slow, schema, 0, admin.AllowExisting())
	require.ErrorIs(t, err, monotable.ErrExists)
	assert.EqualError(t, err,
		"monotable: admin.Create pets: exists: the table is not as its schema says: TTL attribute: want other, have "+
			"ttl")

	slow = exists()
	slow.status = types.TableStatusDeleting
	err = admin.Create(t.Context(), slow, schema, 0, admin.AllowExisting())
	assert.EqualError(t, err, "monotable: admin.Create pets: the table is DELETING")

	slow = exists()
	slow.status = types.TableStatusUpdating
	require.NoError(t, admin.Create(t.Context(), slow, schema, 0, admin.AllowExisting()),
		"an updating table can be used")
	slow.status = types.TableStatusArchived
	err = admin.Verify(t.Context(), slow, schema)
	assert.ErrorContains(t, err, "table: want ACTIVE, have ARCHIVED")
}

// TestEnableTTLTwice: UpdateTimeToLive is refused where it took effect and its answer was lost.
func TestEnableTTLTwice(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), TTL: "ttl"}
	slow := &slowClient{ttl: "ttl"}
	require.NoError(t, admin.Create(t.Context(), slow, schema, 0))
	assert.Equal(t, "1 CreateTable, 1 UpdateTimeToLive, 1 DescribeTimeToLive", slow.counts())

	err := admin.Create(t.Context(), &slowClient{ttl: "other"}, schema, 0)
	assert.ErrorContains(t, err, "TTL is not enabled")
	assert.ErrorContains(t, err, "TimeToLive is already enabled")
}

func TestDeleteWaits(t *testing.T) {
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	run := func(name string, slow *slowClient, check func(t *testing.T)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				require.NoError(t, admin.Create(t.Context(), slow, schema, 0))
				slow.requests = nil
				check(t)
			})
		})
	}
	slow := &slowClient{deleting: 3 * time.Second}
	run("until it is gone", slow, func(t *testing.T) {
		require.NoError(t, admin.Delete(t.Context(), slow, schema, time.Minute))
		assert.Equal(t, "1 DeleteTable, 7 DescribeTable", slow.counts())
	})
	slow = &slowClient{deleting: 3 * time.Second, reborn: true}
	run("until it is another", slow, func(t *testing.T) {
		require.NoError(t, admin.Delete(t.Context(), slow, schema, time.Minute))
	})
	slow = &slowClient{deleting: time.Hour}
	run("too long", slow, func(t *testing.T) {
		err := admin.Delete(t.Context(), slow, schema, time.Minute)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "admin.Delete pets: waited, and the table is DELETING")
	})
	refusal := &smithy.GenericAPIError{Code: "ValidationException", Message: "protected"}
	slow = &slowClient{fail: map[string]error{"DeleteTable": refusal}}
	run("protected", slow, func(t *testing.T) {
		err := admin.Delete(t.Context(), slow, schema, time.Minute)
		assert.EqualError(t, err, "monotable: admin.Delete pets: api error ValidationException: protected")
		assert.Equal(t, "1 DeleteTable", slow.counts())
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
	schema := testSchema(t)
	require.NoError(t, admin.Create(t.Context(), client, schema, time.Minute))
	require.NoError(t, admin.Verify(t.Context(), client, schema))
	require.NoError(t, admin.Delete(t.Context(), client, schema, time.Minute))
	require.ErrorIs(t, admin.Verify(t.Context(), client, schema), monotable.ErrNotFound)
	require.Equal(t, 3, transport.lost)
}

// TestCreateWithEveryOption runs on the fake alone: DynamoDB Local has neither multi-attribute keys nor point-in-time
// recovery, and keeps no tags.
func TestCreateWithEveryOption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		client := dynamotest.NewClient(dynamotest.WithClock(time.Now), dynamotest.WithTransition(7*time.Second))
		schema := monotable.Schema{
			Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), TTL: "expires_at",
			Stream: types.StreamViewTypeKeysOnly,
			Indexes: []monotable.Index{
				{Name: "by-region", Partition: monotable.S("region", "status"), Sort: monotable.N("total").S("id")},
				{Name: "local", Local: true, Sort: monotable.N("total"), Include: []string{"name"}},
			},
		}
		start := time.Now()
		require.NoError(t, admin.Create(ctx, client, schema, time.Minute, admin.Provisioned(5, 6),
			admin.ProvisionedIndex("by-region", 7, 8), admin.KMS(""), admin.Tags(map[string]string{"team": "pets"}),
			admin.DeletionProtection(), admin.InfrequentAccess(), admin.PointInTimeRecovery()))
		assert.GreaterOrEqual(t, time.Since(start), 7*time.Second)
		require.NoError(t, admin.Verify(ctx, client, schema, admin.Provisioned(1, 1), admin.DeletionProtection(),
			admin.InfrequentAccess()))

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
		backups, err := client.DescribeContinuousBackups(ctx,
			&dynamodb.DescribeContinuousBackupsInput{TableName: &schema.Name})
		require.NoError(t, err)
		assert.Equal(t, types.PointInTimeRecoveryStatusEnabled,
			backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus)

		require.ErrorContains(t, admin.Delete(ctx, client, schema, time.Minute), "protected")
		_, err = client.UpdateTable(ctx,
			&dynamodb.UpdateTableInput{TableName: &schema.Name, DeletionProtectionEnabled: aws.Bool(false)})
		require.NoError(t, err)
		time.Sleep(10 * time.Second)
		start = time.Now()
		require.NoError(t, admin.Delete(ctx, client, schema, time.Minute))
		assert.GreaterOrEqual(t, time.Since(start), 7*time.Second)
	})
}
