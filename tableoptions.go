package monotable

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// CreateOption fits CreateTable. The last of two options of one kind counts; Tags add up.
type CreateOption interface{ create(*creation) }

// TableOption fits CreateTable and Schema.CreateTableInput: it is part of that one request.
type TableOption struct{ set func(*creation) }

type createOption func(*creation)

func (o TableOption) create(c *creation) {
	if o.set != nil {
		o.set(c)
	}
}

func (o createOption) create(c *creation) { o(c) }

// creation is what the options of one CreateTable said.
type creation struct {
	provisioned *throughput
	perIndex    map[string]throughput
	encrypted   bool
	kmsKey      string
	tags        map[string]string
	protected   bool
	class       types.TableClass
	view        types.StreamViewType
	recovery    bool
	existing    bool
}

// throughput is provisioned capacity in units per second.
type throughput struct{ read, write int64 }

// Provisioned bills the table by the hour for read and write capacity units, at least 1 each, that it can use per second; every
// global index gets as many unless ProvisionedIndex says otherwise. The default is billing by request, on demand. Auto scaling
// is another service's and is not set. (Developer Guide, "Provisioned capacity mode".)
func Provisioned(read, write int64) TableOption {
	return TableOption{func(c *creation) { c.provisioned = &throughput{read, write} }}
}

// ProvisionedIndex gives a global index of a Provisioned table capacity units of its own. A local index uses the table's.
func ProvisionedIndex(name string, read, write int64) TableOption {
	return TableOption{func(c *creation) {
		if c.perIndex == nil {
			c.perIndex = map[string]throughput{}
		}
		c.perIndex[name] = throughput{read, write}
	}}
}

// KMS encrypts the table at rest with a key of AWS KMS: the one with that id, ARN or alias, or with "" the account's AWS managed
// key. Either is billed by KMS. The default is the key that DynamoDB owns, at no charge. (Developer Guide, "Encryption at
// rest".)
func KMS(keyID string) TableOption {
	return TableOption{func(c *creation) { c.encrypted, c.kmsKey = true, keyID }}
}

// Tags are the table's tags, at most 50.
func Tags(tags map[string]string) TableOption {
	return TableOption{func(c *creation) {
		if c.tags == nil {
			c.tags = map[string]string{}
		}
		maps.Copy(c.tags, tags)
	}}
}

// DeletionProtection makes the service refuse to delete the table until it is taken off with UpdateTable.
func DeletionProtection() TableOption { return TableOption{func(c *creation) { c.protected = true }} }

// InfrequentAccess is the table class with cheaper storage and dearer requests. (Developer Guide, "Table classes".)
func InfrequentAccess() TableOption {
	return TableOption{func(c *creation) { c.class = types.TableClassStandardInfrequentAccess }}
}

// Stream turns on the table's stream of changes; view says what a record holds.
func Stream(view types.StreamViewType) TableOption {
	return TableOption{func(c *creation) { c.view = view }}
}

// PointInTimeRecovery keeps continuous backups, from which the table can be restored to any second of the last 35 days. It is billed
// by the table's size. A service that has none, as DynamoDB Local, refuses the request, and the error says that the table
// is there all the same.
func PointInTimeRecovery() CreateOption {
	return createOption(func(c *creation) { c.recovery = true })
}

// AllowExisting takes a table that is there already: CreateTable then waits until it is ready, compares it with the schema as
// VerifyTable does, for one DescribeTimeToLive more, and enables what TTL and point-in-time recovery it lacks. Anything else that
// differs is an error, ErrExists and a *MismatchError in one, and nothing is changed. What the other options ask for is not looked at
// in a table that exists.
func AllowExisting() CreateOption {
	return createOption(func(c *creation) { c.existing = true })
}

// CreateTableInput is the request that creates the schema's table, for those who send it themselves. TTL and point-in-time recovery
// are requests of their own, and not in it. An error says everything that is wrong with the schema, as Validate does, or
// with the options.
func (s Schema) CreateTableInput(opts ...TableOption) (*dynamodb.CreateTableInput, error) {
	var c creation
	for _, o := range opts {
		o.create(&c)
	}
	return c.input(s)
}

// input validates schema and options and translates them. It shares nothing with either.
func (c *creation) input(s Schema) (*dynamodb.CreateTableInput, error) {
	if err := errors.Join(s.Validate(), c.validate(s)); err != nil {
		return nil, err
	}
	in := &dynamodb.CreateTableInput{
		TableName:   aws.String(s.Name),
		KeySchema:   keySchema(s.Partition, s.Sort),
		BillingMode: types.BillingModePayPerRequest,
		TableClass:  c.class,
	}
	for _, def := range s.keyAttributes() {
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String(*def.AttributeName), AttributeType: def.AttributeType})
	}
	slices.SortFunc(in.AttributeDefinitions, func(a, b types.AttributeDefinition) int {
		return strings.Compare(*a.AttributeName, *b.AttributeName)
	})
	if c.provisioned != nil {
		in.BillingMode, in.ProvisionedThroughput = types.BillingModeProvisioned, c.provisioned.input()
	}
	for i := range s.Indexes {
		index := &s.Indexes[i]
		name, key, projection := aws.String(index.Name), keySchema(index.partition(s), index.Sort), index.projection()
		if index.Local {
			in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes,
				types.LocalSecondaryIndex{IndexName: name, KeySchema: key, Projection: projection})
			continue
		}
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{IndexName: name, KeySchema: key,
			Projection: projection, ProvisionedThroughput: c.indexThroughput(index.Name)})
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
	if c.view != "" {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: c.view}
	}
	return in, nil
}

// validate says everything that is wrong with the options for this schema.
func (c *creation) validate(s Schema) error {
	var errs []error
	refuse := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("monotable: table options: "+format, args...))
	}
	if p := c.provisioned; p != nil && (p.read < 1 || p.write < 1) {
		refuse("Provisioned: at least 1 read and 1 write capacity unit")
	}
	for _, name := range slices.Sorted(maps.Keys(c.perIndex)) {
		p := c.perIndex[name]
		index, there := s.index(name)
		switch {
		case !there:
			refuse("ProvisionedIndex: the schema has no index %q", name)
		case index.Local:
			refuse("ProvisionedIndex: %s is a local index, which uses the table's capacity", name)
		case c.provisioned == nil:
			refuse("ProvisionedIndex: %s has units of its own only when the table is Provisioned", name)
		case p.read < 1 || p.write < 1:
			refuse("ProvisionedIndex: %s: at least 1 read and 1 write capacity unit", name)
		}
	}
	if c.view != "" && !slices.Contains(c.view.Values(), c.view) {
		refuse("Stream: there is no view type %q", c.view)
	}
	return errors.Join(errs...)
}

// indexThroughput is a global index's own or the table's capacity, nil on demand.
func (c *creation) indexThroughput(name string) *types.ProvisionedThroughput {
	if own, ok := c.perIndex[name]; ok {
		return own.input()
	}
	if c.provisioned == nil {
		return nil
	}
	return c.provisioned.input()
}

func (t throughput) input() *types.ProvisionedThroughput {
	return &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(t.read), WriteCapacityUnits: aws.Int64(t.write)}
}

func keySchema(partition, sort Attrs) []types.KeySchemaElement {
	var key []types.KeySchemaElement
	for _, def := range partition {
		key = append(key, types.KeySchemaElement{AttributeName: aws.String(*def.AttributeName), KeyType: types.KeyTypeHash})
	}
	for _, def := range sort {
		key = append(key, types.KeySchemaElement{AttributeName: aws.String(*def.AttributeName), KeyType: types.KeyTypeRange})
	}
	return key
}

func (i *Index) projection() *types.Projection {
	switch {
	case i.projectsAll():
		return &types.Projection{ProjectionType: types.ProjectionTypeAll}
	case i.KeysOnly:
		return &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	}
	return &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: slices.Clone(i.Include)}
}
