package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
)

// UpdateTable changes a table's settings, its throughput, its stream, or one of its global secondary indexes. A new
// index is filled from the items that are there.
func (e *Engine) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput) (*dynamodb.UpdateTableOutput, error) {
	if err := checkUpdateTable(in); err != nil {
		return nil, err
	}
	t, err := e.control(ctx, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.settled(); err != nil {
		return nil, err
	}
	steps := []func(*dynamodb.UpdateTableInput) (func(), error){t.changeBilling, t.changeThroughput, t.changeStream,
		t.changeIndexes, t.changeSettings}
	var changes []func()
	for _, step := range steps {
		change, err := step(in)
		if err != nil {
			return nil, err
		}
		if change != nil {
			changes = append(changes, change)
		}
	}
	for _, change := range changes {
		change()
	}
	t.pass(types.TableStatusUpdating)
	return &dynamodb.UpdateTableOutput{TableDescription: t.describe()}, nil
}

// checkUpdateTable finds what is wrong with a request without its table.
func checkUpdateTable(in *dynamodb.UpdateTableInput) error {
	if err := checkTableName(in.TableName); err != nil {
		return err
	}
	var c constraints
	c.table(in.TableName)
	enum(&c, in.BillingMode, "billingMode", "PROVISIONED", "PAY_PER_REQUEST")
	enum(&c, in.TableClass, "tableClass", "STANDARD", "STANDARD_INFREQUENT_ACCESS")
	c.definitions(in.AttributeDefinitions)
	c.provisioned(in.ProvisionedThroughput, "provisionedThroughput")
	for i, u := range in.GlobalSecondaryIndexUpdates {
		field := fmt.Sprintf("globalSecondaryIndexUpdates.%d.member.", i+1)
		if u.Create != nil {
			c.index(u.Create.IndexName, u.Create.KeySchema, u.Create.Projection, u.Create.ProvisionedThroughput,
				field+"create.", 2*size.MaxIndexAttributes)
		}
		if u.Update != nil {
			c.required(u.Update.IndexName != nil, field+"update.indexName")
			c.provisioned(u.Update.ProvisionedThroughput, field+"update.provisionedThroughput")
		}
		if u.Delete != nil {
			c.required(u.Delete.IndexName != nil, field+"delete.indexName")
		}
	}
	if in.StreamSpecification != nil {
		c.required(in.StreamSpecification.StreamEnabled != nil, "streamSpecification.streamEnabled")
		enum(&c, in.StreamSpecification.StreamViewType, "streamSpecification.streamViewType", streamViewTypes...)
	}
	c.encryption(in.SSESpecification)
	if err := c.err(); err != nil {
		return err
	}
	if err := checkEncryption(in.SSESpecification); err != nil {
		return err
	}
	if in.BillingMode == "" && in.ProvisionedThroughput == nil && in.StreamSpecification == nil &&
		len(in.GlobalSecondaryIndexUpdates) == 0 &&
		in.SSESpecification == nil && in.TableClass == "" && in.DeletionProtectionEnabled == nil &&
		in.OnDemandThroughput == nil {
		return refusal.Invalid(
			"At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or " +
				"SSESpecification or ReplicaUpdates is required")
	}
	if err := checkIndexUpdates(in.GlobalSecondaryIndexUpdates); err != nil {
		return err
	}
	if err := checkNewThroughput(in); err != nil {
		return err
	}
	return checkStreamSpecification(in.StreamSpecification, refusal.StreamOfTable)
}

// checkIndexUpdates refuses changes that are none or several, and two of one index.
func checkIndexUpdates(updates []types.GlobalSecondaryIndexUpdate) error {
	seen := map[string]bool{}
	for _, u := range updates {
		var names []*string
		if u.Update != nil {
			names = append(names, u.Update.IndexName)
		}
		if u.Create != nil {
			names = append(names, u.Create.IndexName)
		}
		if u.Delete != nil {
			names = append(names, u.Delete.IndexName)
		}
		switch {
		case len(names) == 0:
			return refusal.NoIndexAction()
		case len(names) > 1:
			return refusal.SeveralIndexActions()
		case seen[*names[0]]:
			return refusal.IndexTwice(*names[0])
		}
		seen[*names[0]] = true
	}
	return nil
}

// checkNewThroughput checks the units that a table and its indexes are to have.
func checkNewThroughput(in *dynamodb.UpdateTableInput) error {
	units := []*types.ProvisionedThroughput{in.ProvisionedThroughput}
	err := checkOnDemand(in.OnDemandThroughput, "table")
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if u.Create != nil {
			units = append(units, u.Create.ProvisionedThroughput)
			err = cmp.Or(err, checkOnDemand(u.Create.OnDemandThroughput, "index : "+*u.Create.IndexName))
		}
		if u.Update != nil {
			units = append(units, u.Update.ProvisionedThroughput)
			err = cmp.Or(err, checkOnDemand(u.Update.OnDemandThroughput, "index : "+*u.Update.IndexName))
		}
	}
	return cmp.Or(checkThroughput(units...), err)
}

// checkDeclared refuses a new index on attributes that the request does not define, even where the table does.
func checkDeclared(in *types.CreateGlobalSecondaryIndexAction, definitions []types.AttributeDefinition) error {
	if definitions == nil {
		return refusal.InvalidParameter("AttributeDefinitions is not specified for index: %s", *in.IndexName)
	}
	return checkDefined(in.KeySchema, definitions)
}

// Each change step checks its part of the request and gives what is to be done, nil for nothing; nothing is done before
// all parts were found right.

func (t *table) changeBilling(in *dynamodb.UpdateTableInput) (func(), error) {
	switch in.BillingMode {
	case types.BillingModePayPerRequest:
		if in.ProvisionedThroughput != nil {
			return nil, refusal.InvalidParameter(
				"Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		return func() {
			t.settings.billing = types.BillingModePayPerRequest
			t.settings.onDemandSince = t.shared.stamp()
			t.throughput = throughput{}
			for _, x := range t.indexes {
				x.throughput = throughput{}
			}
		}, nil
	case types.BillingModeProvisioned:
		if in.ProvisionedThroughput == nil && t.settings.billing == types.BillingModePayPerRequest {
			return nil, refusal.NoThroughput()
		}
		if t.settings.billing == types.BillingModePayPerRequest {
			for _, x := range t.indexes {
				if !x.local && !slices.ContainsFunc(in.GlobalSecondaryIndexUpdates,
					func(u types.GlobalSecondaryIndexUpdate) bool {
						return u.Update != nil && *u.Update.IndexName == x.name && u.Update.ProvisionedThroughput != nil
					}) {
					return nil, refusal.InvalidParameter("ProvisionedThroughput is not specified for index: %s", x.name)
				}
			}
		}
		return func() { t.settings.billing = types.BillingModeProvisioned }, nil
	}
	return nil, nil
}

func (t *table) changeThroughput(in *dynamodb.UpdateTableInput) (func(), error) {
	p := in.ProvisionedThroughput
	if p == nil {
		return nil, nil
	}
	if t.settings.billing == types.BillingModePayPerRequest && in.BillingMode == "" {
		return nil, checkBilling(types.BillingModePayPerRequest, p)
	}
	if err := t.throughput.changes(p, "table"); err != nil {
		return nil, err
	}
	return func() { t.throughput.set(p, t) }, nil
}

// changes refuses units that are there already.
func (p throughput) changes(to *types.ProvisionedThroughput, of string) error {
	if p.read != *to.ReadCapacityUnits || p.write != *to.WriteCapacityUnits {
		return nil
	}
	return refusal.Invalidf("The provisioned throughput for the %s will not change. The requested value equals the "+
		"current value. Current ReadCapacityUnits provisioned for the table: %d. Requested ReadCapacityUnits: %d. "+
		"Current WriteCapacityUnits provisioned for the table: %d. Requested WriteCapacityUnits: %d. Refer to the "+
		"Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
		of, p.read, *to.ReadCapacityUnits, p.write, *to.WriteCapacityUnits)
}

func (p *throughput) set(to *types.ProvisionedThroughput, t *table) {
	now := t.shared.stamp()
	if *to.ReadCapacityUnits > p.read || *to.WriteCapacityUnits > p.write {
		p.increased = now
	}
	if *to.ReadCapacityUnits < p.read || *to.WriteCapacityUnits < p.write {
		if p.decreased.UTC().Truncate(24*hour) != now.UTC().Truncate(24*hour) {
			p.decreasesToday = 0
		}
		p.decreased = now
		p.decreasesToday++
	}
	p.read, p.write = *to.ReadCapacityUnits, *to.WriteCapacityUnits
}

func (t *table) changeStream(in *dynamodb.UpdateTableInput) (func(), error) {
	s := in.StreamSpecification
	switch {
	case s == nil:
		return nil, nil
	case *s.StreamEnabled && t.stream() != nil:
		return nil, refusal.Invalid("Table already has an enabled stream: TableName: " + t.name)
	case !*s.StreamEnabled && t.stream() == nil:
		return nil, refusal.Invalid("Table has no stream to disable: TableName: " + t.name)
	case *s.StreamEnabled:
		return func() { t.enableStream(s.StreamViewType, t.shared.stamp()) }, nil
	}
	return t.disableStream, nil
}

func (t *table) changeSettings(in *dynamodb.UpdateTableInput) (func(), error) {
	return func() {
		if in.SSESpecification != nil {
			t.settings.encryption = encryptionOf(in.SSESpecification, t.shared.options)
		}
		if in.TableClass != "" && in.TableClass != t.settings.class {
			t.settings.class = in.TableClass
			t.settings.classChanged = t.shared.stamp()
		}
		if in.DeletionProtectionEnabled != nil {
			t.settings.deletionProtection = *in.DeletionProtectionEnabled
		}
		if in.OnDemandThroughput != nil {
			t.settings.onDemand = copyOnDemand(in.OnDemandThroughput)
		}
	}, nil
}

func (t *table) changeIndexes(in *dynamodb.UpdateTableInput) (func(), error) {
	var changes []func()
	online := 0
	for _, x := range t.indexes {
		if x.status == types.IndexStatusCreating || x.status == types.IndexStatusDeleting {
			online++
		}
	}
	definitions, err := t.mergeDefinitions(in.AttributeDefinitions)
	if err != nil {
		return nil, err
	}
	for _, u := range in.GlobalSecondaryIndexUpdates {
		var change func()
		var err error
		switch {
		case u.Create != nil:
			online++
			if err = checkDeclared(u.Create, in.AttributeDefinitions); err == nil {
				change, err = t.createIndex(u.Create, in.BillingMode, definitions)
			}
		case u.Update != nil:
			change, err = t.updateIndex(u.Update, cmp.Or(in.BillingMode, t.settings.billing))
		case u.Delete != nil:
			online++
			change, err = t.deleteIndex(*u.Delete.IndexName)
		}
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	if len(changes) > 0 && online > 1 {
		return nil, &types.LimitExceededException{
			Message: aws.String("Subscriber limit exceeded: Only 1 online index can be created or deleted " +
				"simultaneously per table"),
		}
	}
	return func() {
		for _, change := range changes {
			change()
		}
	}, nil
}

// mergeDefinitions adds the request's attribute definitions to the table's. Those of the table's own key are ignored,
// whatever their types: nothing changes that key.
func (t *table) mergeDefinitions(more []types.AttributeDefinition) ([]types.AttributeDefinition, error) {
	if len(more) > maxDefinitions {
		return nil, refusal.InvalidParameter("Number of attributes in KeySchema does not exactly match " +
			"number of attributes defined in AttributeDefinitions")
	}
	merged := copyDefinitions(t.definitions)
	for _, d := range copyDefinitions(more) {
		i := slices.IndexFunc(merged, func(o types.AttributeDefinition) bool {
			return *o.AttributeName == *d.AttributeName
		})
		switch {
		case i < 0:
			merged = append(merged, d)
		case t.keys.Has(*d.AttributeName):
		case merged[i].AttributeType != d.AttributeType:
			return nil, refusal.InvalidParameter("Attempting to redefine the type of attribute: %s", *d.AttributeName)
		}
	}
	return merged, nil
}

func (t *table) createIndex(
	in *types.CreateGlobalSecondaryIndexAction, mode types.BillingMode, definitions []types.AttributeDefinition,
) (func(), error) {
	if t.index(*in.IndexName) != nil {
		return nil, refusal.Invalid("Attempting to create an index which already exists")
	}
	global, projected := 0, len(in.Projection.NonKeyAttributes)
	for _, x := range t.indexes {
		if !x.local {
			global++
		}
		projected += len(x.projection.NonKeyAttributes)
	}
	if global >= size.MaxGlobalIndexes {
		return nil, refusal.InvalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d",
			size.MaxGlobalIndexes)
	}
	if mode == "" {
		mode = t.settings.billing
	}
	declared := types.GlobalSecondaryIndex{IndexName: in.IndexName, KeySchema: in.KeySchema, Projection: in.Projection,
		ProvisionedThroughput: in.ProvisionedThroughput}
	if err := checkGlobalIndex(declared, mode, definitions); err != nil {
		return nil, err
	}
	if err := checkProjected(projected); err != nil {
		return nil, err
	}
	return func() {
		t.definitions = definitions
		x := t.newIndex(*in.IndexName, in.KeySchema, *in.Projection)
		x.throughput = throughputOf(in.ProvisionedThroughput)
		x.onDemand = copyOnDemand(in.OnDemandThroughput)
		x.backfilling = true
		x.until = t.shared.options.Clock().Add(t.shared.options.Transition)
		t.backfill(x)
		t.indexes = append(t.indexes, x)
		t.sortIndexes()
		t.forgetDefinitions()
	}, nil
}

// backfill enters the items that are there into a new index. Those whose attributes do not fit its key are left out.
func (t *table) backfill(x *index) {
	t.items.Ascend("", func(e *btree.Entry) bool {
		if !x.fits(e.Item) {
			return true
		}
		if made, ok := x.entry(e.Key, e.Item); ok {
			x.bytes += int64(made.Item.Size())
			x.entries.Set(made)
		}
		return true
	})
}

// fits says whether an item's attributes could stand in the index's key.
func (x *index) fits(item packed.Item) bool {
	for _, a := range x.keys.All {
		if x.checkKey(a, item, putRefusal{}) != nil {
			return false
		}
	}
	return true
}

func (t *table) updateIndex(in *types.UpdateGlobalSecondaryIndexAction, mode types.BillingMode) (func(), error) {
	x, err := t.globalIndex(*in.IndexName)
	if err != nil {
		return nil, err
	}
	if in.ProvisionedThroughput != nil {
		if mode == types.BillingModePayPerRequest {
			return nil, checkBilling(mode, in.ProvisionedThroughput)
		}
		if err := x.throughput.changes(in.ProvisionedThroughput, "index "+x.name); err != nil {
			return nil, err
		}
	}
	return func() {
		if in.ProvisionedThroughput != nil {
			x.throughput.set(in.ProvisionedThroughput, t)
		}
		if in.OnDemandThroughput != nil {
			x.onDemand = copyOnDemand(in.OnDemandThroughput)
		}
		x.pass(types.IndexStatusUpdating, t)
	}, nil
}

func (t *table) deleteIndex(name string) (func(), error) {
	x, err := t.globalIndex(name)
	if err != nil {
		return nil, err
	}
	return func() { x.pass(types.IndexStatusDeleting, t) }, nil
}

// globalIndex finds an index that can be changed.
func (t *table) globalIndex(name string) (*index, error) {
	x := t.index(name)
	switch {
	case x == nil:
		return nil, &types.ResourceNotFoundException{Message: aws.String("Requested resource not found")}
	case x.local:
		return nil, refusal.Invalid("Cannot delete an index that is not a GlobalSecondaryIndex")
	case x.status != types.IndexStatusActive:
		return nil, refusal.InUse("Attempt to change a resource which is still in use: Index is being %s.",
			map[types.IndexStatus]string{
				types.IndexStatusCreating: "created",
				types.IndexStatusUpdating: "updated",
				types.IndexStatusDeleting: "deleted",
			}[x.status])
	}
	return x, nil
}

// pass puts the index into a status that ends by itself.
func (x *index) pass(status types.IndexStatus, t *table) {
	x.status = status
	x.until = t.shared.options.Clock().Add(t.shared.options.Transition)
	t.passing.Store(true)
}
