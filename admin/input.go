package admin

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// CreateTableInput is the request that creates the schema's table, for those who send it themselves. TTL and
// point-in-time recovery are requests of their own, and not in it. An error says everything that is wrong with the
// schema, as its Validate does, and with the options. Nothing is sent. The request shares nothing with the schema: it
// can be changed.
func CreateTableInput(schema monotable.Schema, options ...TableOption) (*dynamodb.CreateTableInput, error) {
	in, err := said(options).input(schema)
	if err != nil {
		return nil, table{op: "CreateTableInput", name: schema.Name}.fail(err)
	}
	return in, nil
}

// input validates schema and options and translates them. It shares nothing with either.
func (c *creation) input(schema monotable.Schema) (*dynamodb.CreateTableInput, error) {
	if err := errors.Join(schema.Validate(), c.validate(schema)); err != nil {
		return nil, err
	}
	in := &dynamodb.CreateTableInput{
		TableName:            aws.String(schema.Name),
		AttributeDefinitions: definitions(schema),
		KeySchema:            keySchema(schema.Partition, schema.Sort),
		BillingMode:          types.BillingModePayPerRequest,
		TableClass:           c.class,
	}
	if c.billing == types.BillingModeProvisioned {
		in.BillingMode, in.ProvisionedThroughput = c.billing, c.provisioned.input()
	}
	for _, index := range schema.Indexes {
		name, key := aws.String(index.Name), keySchema(partitionOf(schema, index), index.Sort)
		if index.Local {
			in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes,
				types.LocalSecondaryIndex{IndexName: name, KeySchema: key, Projection: projection(index)})
			continue
		}
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{IndexName: name,
			KeySchema: key, Projection: projection(index), ProvisionedThroughput: c.indexThroughput(index.Name)})
	}
	if c.encrypted {
		in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms}
		if c.kmsKey != "" {
			in.SSESpecification.KMSMasterKeyId = aws.String(c.kmsKey)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(c.tags[key])})
	}
	if c.protected {
		in.DeletionProtectionEnabled = aws.Bool(true)
	}
	if schema.Stream != "" {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: schema.Stream}
	}
	return in, nil
}

// definitions are the key attributes of the table and its indexes, each once, by name. In a valid schema an attribute
// has one type wherever it occurs.
func definitions(schema monotable.Schema) []types.AttributeDefinition {
	all := slices.Concat(schema.Partition, schema.Sort)
	for _, index := range schema.Indexes {
		all = slices.Concat(all, index.Partition, index.Sort)
	}
	slices.SortFunc(all, func(a, b types.AttributeDefinition) int {
		return strings.Compare(*a.AttributeName, *b.AttributeName)
	})
	all = slices.CompactFunc(all, func(a, b types.AttributeDefinition) bool {
		return *a.AttributeName == *b.AttributeName
	})
	for i := range all {
		all[i].AttributeName = aws.String(*all[i].AttributeName)
	}
	return all
}

// partitionOf is an index's partition key: a local index has the table's, which it may leave out.
func partitionOf(schema monotable.Schema, index monotable.Index) monotable.Attrs {
	if index.Local {
		return schema.Partition
	}
	return index.Partition
}

// indexThroughput is a global index's own or the table's capacity, nil on demand.
func (c *creation) indexThroughput(name string) *types.ProvisionedThroughput {
	if own, ok := c.perIndex[name]; ok {
		return own.input()
	}
	if c.billing != types.BillingModeProvisioned {
		return nil
	}
	return c.provisioned.input()
}

func (t throughput) input() *types.ProvisionedThroughput {
	return &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(t.read), WriteCapacityUnits: aws.Int64(t.write)}
}

func keySchema(partition, sort monotable.Attrs) []types.KeySchemaElement {
	var key []types.KeySchemaElement
	add := func(attributes monotable.Attrs, part types.KeyType) {
		for _, def := range attributes {
			key = append(key, types.KeySchemaElement{AttributeName: aws.String(*def.AttributeName), KeyType: part})
		}
	}
	add(partition, types.KeyTypeHash)
	add(sort, types.KeyTypeRange)
	return key
}

func projection(index monotable.Index) *types.Projection {
	switch {
	case index.KeysOnly:
		return &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	case len(index.Include) > 0:
		return &types.Projection{ProjectionType: types.ProjectionTypeInclude,
			NonKeyAttributes: slices.Clone(index.Include)}
	}
	return &types.Projection{ProjectionType: types.ProjectionTypeAll}
}
