package engine

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/refusal"
)

// CreateTable makes a table and its indexes.
func (e *Engine) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput) (*dynamodb.CreateTableOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkCreateTable(in); err != nil {
		return nil, err
	}
	if err := e.checkAccount(*in.TableName); err != nil {
		return nil, err
	}
	if !e.inRegion(*in.TableName) {
		return nil, refusal.NotFound()
	}
	t, err := e.newTable(in)
	if err != nil {
		return nil, err
	}
	e.find(t.name) // ends a deletion whose time has come
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.tables[t.name] != nil {
		return nil, refusal.InUse("Table already exists: %s", t.name)
	}
	e.tables[t.name] = t
	return &dynamodb.CreateTableOutput{TableDescription: t.describe()}, nil
}

// newTable makes a table of a request that was found right.
func (e *Engine) newTable(in *dynamodb.CreateTableInput) (*table, error) {
	now := e.stamp()
	t := &table{
		shared:      e.shared,
		name:        tableName(*in.TableName),
		id:          newID(),
		created:     now,
		schema:      copySchema(in.KeySchema),
		keys:        keySchemaOf(in.KeySchema, in.AttributeDefinitions),
		definitions: copyDefinitions(in.AttributeDefinitions),
		status:      types.TableStatusCreating,
		until:       now.Add(e.options.Transition),
		throughput:  throughputOf(in.ProvisionedThroughput),
		settings: settings{
			billing:            in.BillingMode,
			class:              in.TableClass,
			deletionProtection: aws.ToBool(in.DeletionProtectionEnabled),
			encryption:         encryptionOf(in.SSESpecification, e.options),
			onDemand:           copyOnDemand(in.OnDemandThroughput),
			tags:               map[string]string{},
			recoveryDays:       35,
		},
	}
	t.passing.Store(true)
	if t.settings.billing == "" {
		t.settings.billing = types.BillingModeProvisioned
	}
	if t.settings.billing == types.BillingModePayPerRequest {
		t.settings.onDemandSince = now
	}
	for _, tag := range in.Tags {
		t.settings.tags[*tag.Key] = *tag.Value
	}
	if len(in.LocalSecondaryIndexes) > 0 {
		t.collections = map[string]int64{}
	}
	for _, l := range in.LocalSecondaryIndexes {
		x := t.newIndex(*l.IndexName, l.KeySchema, *l.Projection)
		x.local = true
		x.status = types.IndexStatusActive
		t.indexes = append(t.indexes, x)
	}
	for _, g := range in.GlobalSecondaryIndexes {
		x := t.newIndex(*g.IndexName, g.KeySchema, *g.Projection)
		x.throughput = throughputOf(g.ProvisionedThroughput)
		x.onDemand = copyOnDemand(g.OnDemandThroughput)
		x.until = t.until
		t.indexes = append(t.indexes, x)
	}
	t.sortIndexes()
	if in.StreamSpecification != nil && aws.ToBool(in.StreamSpecification.StreamEnabled) {
		t.enableStream(in.StreamSpecification.StreamViewType, now)
	}
	return t, nil
}

// newIndex makes an index that is being created.
func (t *table) newIndex(name string, schema []types.KeySchemaElement, projection types.Projection) *index {
	x := &index{
		name:       name,
		schema:     copySchema(schema),
		keys:       keySchemaOf(schema, t.definitions),
		projection: copyProjection(projection),
		status:     types.IndexStatusCreating,
	}
	if projection.ProjectionType == types.ProjectionTypeAll {
		return x
	}
	x.projected = map[string]bool{}
	for _, keys := range []keyspace.Schema{t.keys, x.keys} {
		for _, a := range keys.All {
			x.projected[a.Name] = true
		}
	}
	for _, included := range projection.NonKeyAttributes {
		x.projected[included] = true
	}
	return x
}

// keySchemaOf gives the key attributes of a declaration with their types.
func keySchemaOf(schema []types.KeySchemaElement, definitions []types.AttributeDefinition) keyspace.Schema {
	var keys keyspace.Schema
	for _, k := range schema {
		a := keyspace.Attribute{Name: *k.AttributeName}
		for _, d := range definitions {
			if *d.AttributeName == a.Name {
				a.Tag = d.AttributeType[0]
			}
		}
		if k.KeyType == types.KeyTypeHash {
			keys.Hash = append(keys.Hash, a)
		} else {
			keys.Sort = append(keys.Sort, a)
		}
		keys.All = append(keys.All, a)
	}
	return keys
}

// newID makes a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func throughputOf(p *types.ProvisionedThroughput) throughput {
	if p == nil {
		return throughput{}
	}
	return throughput{read: aws.ToInt64(p.ReadCapacityUnits), write: aws.ToInt64(p.WriteCapacityUnits)}
}

func encryptionOf(s *types.SSESpecification, o Options) *types.SSEDescription {
	if s == nil || !aws.ToBool(s.Enabled) {
		return nil
	}
	key := aws.ToString(s.KMSMasterKeyId)
	if key == "" {
		key = "arn:aws:kms:" + o.Region + ":" + o.AccountID + ":key/alias/aws/dynamodb"
	}
	return &types.SSEDescription{Status: types.SSEStatusEnabled, SSEType: types.SSETypeKms, KMSMasterKeyArn: &key}
}

// Copies, so that nothing is shared with the caller.
