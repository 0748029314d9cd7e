package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
)

// DescribeTable tells what a table is and in what status.
func (e *Engine) DescribeTable(
	ctx context.Context, in *dynamodb.DescribeTableInput,
) (*dynamodb.DescribeTableOutput, error) {
	t, err := e.control(ctx, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return &dynamodb.DescribeTableOutput{Table: t.describe()}, nil
}

// control finds the table of a request about tables themselves.
func (e *Engine) control(ctx context.Context, name *string) (*table, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkTableName(name); err != nil {
		return nil, err
	}
	var c constraints
	c.table(name)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := e.checkAccount(*name); err != nil {
		return nil, err
	}
	t := e.find(*name)
	if t == nil {
		return nil, refusal.TableNotFound(tableName(*name))
	}
	return t, nil
}

// entryOverhead is what the service adds to each item and index entry in the sizes that it shows and bills.
const entryOverhead = 100

// describe makes the table's description. It is called under the table's lock.
func (t *table) describe() *types.TableDescription {
	s := t.settings
	d := &types.TableDescription{
		TableName:                 new(t.name),
		TableId:                   new(t.id),
		TableArn:                  new(t.arn()),
		TableStatus:               t.status,
		CreationDateTime:          new(t.created),
		AttributeDefinitions:      copyDefinitions(t.definitions),
		KeySchema:                 copySchema(t.schema),
		ProvisionedThroughput:     t.throughput.describe(),
		ItemCount:                 new(int64(t.items.Size)),
		TableSizeBytes:            new(t.bytes + entryOverhead*int64(t.items.Size)),
		DeletionProtectionEnabled: new(s.deletionProtection),
		OnDemandThroughput:        copyOnDemand(s.onDemand),
	}
	if s.encryption != nil {
		d.SSEDescription = &types.SSEDescription{
			Status:          s.encryption.Status,
			SSEType:         s.encryption.SSEType,
			KMSMasterKeyArn: copyOf(s.encryption.KMSMasterKeyArn),
		}
	}
	if !s.onDemandSince.IsZero() {
		d.BillingModeSummary = &types.BillingModeSummary{BillingMode: s.billing,
			LastUpdateToPayPerRequestDateTime: new(s.onDemandSince)}
	}
	if s.class != "" {
		d.TableClassSummary = &types.TableClassSummary{TableClass: s.class,
			LastUpdateDateTime: timeOrNil(s.classChanged)}
	}
	t.describeStream(d)
	t.describeIndexes(d)
	return d
}

// describeIndexes adds the table's indexes to its description.
func (t *table) describeIndexes(d *types.TableDescription) {
	for _, x := range t.indexes {
		if x.local {
			d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, x.describeLocal(t.arn()))
		} else {
			d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, x.describeGlobal(t.arn()))
		}
	}
	slices.SortFunc(d.LocalSecondaryIndexes, func(a, b types.LocalSecondaryIndexDescription) int {
		return strings.Compare(*a.IndexName, *b.IndexName)
	})
	slices.SortFunc(d.GlobalSecondaryIndexes, func(a, b types.GlobalSecondaryIndexDescription) int {
		return strings.Compare(*a.IndexName, *b.IndexName)
	})
}

func (x *index) describeLocal(tableARN string) types.LocalSecondaryIndexDescription {
	return types.LocalSecondaryIndexDescription{
		IndexName:      new(x.name),
		IndexArn:       new(tableARN + "/index/" + x.name),
		KeySchema:      copySchema(x.schema),
		Projection:     new(copyProjection(x.projection)),
		ItemCount:      new(int64(x.entries.Size)),
		IndexSizeBytes: new(x.bytes + entryOverhead*int64(x.entries.Size)),
	}
}

func (x *index) describeGlobal(tableARN string) types.GlobalSecondaryIndexDescription {
	d := types.GlobalSecondaryIndexDescription{
		IndexName:             new(x.name),
		IndexArn:              new(tableARN + "/index/" + x.name),
		KeySchema:             copySchema(x.schema),
		Projection:            new(copyProjection(x.projection)),
		IndexStatus:           x.status,
		ItemCount:             new(int64(x.entries.Size)),
		IndexSizeBytes:        new(x.bytes + entryOverhead*int64(x.entries.Size)),
		ProvisionedThroughput: x.throughput.describe(),
		OnDemandThroughput:    copyOnDemand(x.onDemand),
	}
	if x.backfilling {
		d.Backfilling = aws.Bool(true)
	}
	return d
}

func (p throughput) describe() *types.ProvisionedThroughputDescription {
	return &types.ProvisionedThroughputDescription{
		ReadCapacityUnits:      new(p.read),
		WriteCapacityUnits:     new(p.write),
		NumberOfDecreasesToday: new(p.decreasesToday),
		LastIncreaseDateTime:   timeOrNil(p.increased),
		LastDecreaseDateTime:   timeOrNil(p.decreased),
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
