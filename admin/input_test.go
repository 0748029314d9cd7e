package admin_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
)

func TestCreateTableInput(t *testing.T) {
	schema := monotable.Schema{
		Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), TTL: "expires_at",
		Indexes: []monotable.Index{
			{Name: "by-region", Partition: monotable.S("region", "status"), Sort: monotable.N("total").S("id")},
			{Name: "inverted", Partition: monotable.S("SK"), Sort: monotable.S("PK"), KeysOnly: true},
			{Name: "local", Local: true, Partition: monotable.S("PK"), Sort: monotable.N("total"),
				Include: []string{"name"}},
		},
		Stream: types.StreamViewTypeKeysOnly,
	}
	in, err := admin.CreateTableInput(schema, admin.Provisioned(5, 6), admin.ProvisionedIndex("inverted", 7, 8),
		admin.KMS("alias/shop"), admin.Tags(map[string]string{"team": "pets"}),
		admin.Tags(map[string]string{"app": "shop"}),
		admin.DeletionProtection(), admin.InfrequentAccess())
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
	key := func(elements ...types.KeySchemaElement) []types.KeySchemaElement { return elements }
	units := func(read, write int64) *types.ProvisionedThroughput {
		return &types.ProvisionedThroughput{ReadCapacityUnits: &read, WriteCapacityUnits: &write}
	}
	assert.Equal(t, &dynamodb.CreateTableInput{
		TableName: name("shop"),
		AttributeDefinitions: []types.AttributeDefinition{
			attribute("PK", "S"), attribute("SK", "S"), attribute("id", "S"), attribute("region", "S"),
			attribute("status", "S"), attribute("total", "N"),
		},
		KeySchema:             key(hash("PK"), sort("SK")),
		BillingMode:           types.BillingModeProvisioned,
		ProvisionedThroughput: units(5, 6),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: name("by-region"), KeySchema: key(hash("region"), hash("status"), sort("total"), sort("id")),
				Projection:            &types.Projection{ProjectionType: types.ProjectionTypeAll},
				ProvisionedThroughput: units(5, 6)},
			{IndexName: name("inverted"), KeySchema: key(hash("SK"), sort("PK")),
				Projection:            &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
				ProvisionedThroughput: units(7, 8)},
		},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{IndexName: name("local"), KeySchema: key(hash("PK"), sort("total")),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude,
					NonKeyAttributes: []string{"name"}}},
		},
		Tags: []types.Tag{{Key: name("app"), Value: name("shop")}, {Key: name("team"), Value: name("pets")}},
		SSESpecification: &types.SSESpecification{
			Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: name("alias/shop")},
		DeletionProtectionEnabled: aws.Bool(true),
		TableClass:                types.TableClassStandardInfrequentAccess,
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly},
	}, in)

	*in.KeySchema[0].AttributeName = "changed"
	in.LocalSecondaryIndexes[0].Projection.NonKeyAttributes[0] = "changed"
	assert.Equal(t, "PK", *schema.Partition[0].AttributeName, "the request shares nothing with the schema")
	assert.Equal(t, "name", schema.Indexes[2].Include[0])
}

func TestCreateTableInputOnDemand(t *testing.T) {
	pets := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	in, err := admin.CreateTableInput(pets, admin.KMS(""), admin.Provisioned(1, 1), admin.OnDemand(), nil)
	require.NoError(t, err)
	assert.Equal(t, types.BillingModePayPerRequest, in.BillingMode)
	assert.Nil(t, in.SSESpecification.KMSMasterKeyId)
	assert.Nil(t, in.ProvisionedThroughput)
	assert.Nil(t, in.DeletionProtectionEnabled)
}

func TestTableOptionsRefused(t *testing.T) {
	schema := testSchema(t)
	for _, c := range []struct {
		options []admin.TableOption
		reasons []string
	}{
		{[]admin.TableOption{admin.Provisioned(0, 1)}, []string{"at least 1 read and 1 write"}},
		{[]admin.TableOption{admin.ProvisionedIndex("GSI1", 1, 1)},
			[]string{"GSI1 has units of its own only when the table is Provisioned"}},
		{[]admin.TableOption{admin.Provisioned(1, 1), admin.ProvisionedIndex("GSI1", 1, 0)},
			[]string{"GSI1: at least 1"}},
		{[]admin.TableOption{admin.Provisioned(1, 1), admin.ProvisionedIndex("gone", 1, 1),
			admin.ProvisionedIndex("local", 1, 1)},
			[]string{`no index "gone"`, "local is a local index"}},
	} {
		_, err := admin.CreateTableInput(schema, c.options...)
		for _, reason := range c.reasons {
			assert.ErrorContains(t, err, reason)
		}
	}
	client := &slowClient{}
	bad := monotable.Schema{Name: "x"}
	for _, err := range []error{
		admin.Create(t.Context(), client, schema, 0, admin.Provisioned(-1, 1)),
		admin.Create(t.Context(), client, bad, 0),
		admin.Verify(t.Context(), client, bad),
	} {
		assert.Error(t, err)
	}
	assert.Empty(t, client.requests, "nothing was sent")
}
